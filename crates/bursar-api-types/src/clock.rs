//! The clock.

use bursar_kernel::Timestamp;
use bursar_service::{Due, JobReport};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the time is here, and what it will bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClockNow {
    /// The present instant.
    #[schema(value_type = String, format = DateTime)]
    pub now: Timestamp,
    /// Whether it can be turned: on the demonstration only.
    pub turns: bool,
    /// What comes next, soonest first.
    pub coming: Vec<Coming>,
}

/// Something that time will bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Coming {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What, in a sentence without a full stop.
    pub what: String,
}

/// How far to turn the clock: exactly one of the three.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// By so much: `12h`, `3d`, `1w`, or an ISO 8601 duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "1w")]
    pub by: Option<String>,
    /// To this instant, or to the first instant of this day in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2027-01-01T00:00:00Z")]
    pub to: Option<String>,
    /// To the next instant at which something is due.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub next: bool,
}

/// What turning the clock came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Advanced {
    /// What the time was.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// What the time is now.
    #[schema(value_type = String, format = DateTime)]
    pub now: Timestamp,
    /// What the jobs did on the way.
    pub report: Jobs,
}

/// What the jobs that time drives did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Jobs {
    /// Applications whose review began.
    pub reviews_begun: usize,
    /// Grants whose credit was delivered.
    pub delivered: usize,
    /// Lots whose rest expired.
    pub expired: usize,
    /// Holds that went to suspense.
    pub suspended: usize,
}

impl From<Due> for Coming {
    fn from(due: Due) -> Self {
        Self { at: due.at, what: due.what }
    }
}

impl From<JobReport> for Jobs {
    fn from(report: JobReport) -> Self {
        Self {
            reviews_begun: report.reviews_begun,
            delivered: report.delivered,
            expired: report.expired,
            suspended: report.suspended,
        }
    }
}
