//! Where a grant's balance is heading, and the roads on.

use bursar_kernel::{GrantId, ListingId, ProgramId, Timestamp, Usd};
use bursar_service::{NextSteps, Way};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::judging::PlanLine;

/// Where a grant's balance is heading. What will be spent is rounded down and what will be lost up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ForecastLine {
    /// The grant.
    #[schema(value_type = String)]
    pub grant: GrantId,
    /// `waiting`, `healthy`, `low`, `near_expiry`, `used_up`, `passed_on` or `expired`.
    #[schema(example = "near_expiry")]
    pub state: String,
    /// What can be spent now.
    #[schema(value_type = String, example = "412.80")]
    pub available: Usd,
    /// Spendable before this instant, and never at it or after; absent while it waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Over how many whole days (UTC) the pace is reckoned.
    pub days: usize,
    /// What comes of that pace; absent where nothing was spent on those days, for then nobody
    /// guesses one.
    pub pace: Option<PaceLine>,
    /// What comes of the slowest week of those days, of two weeks or more.
    pub slowest_week: Option<PaceLine>,
    /// What comes of the fastest week of those days, of two weeks or more.
    pub fastest_week: Option<PaceLine>,
    /// What has to be spent a day to use it all.
    #[schema(value_type = Option<String>, example = "2.63")]
    pub pace_to_use_all: Option<Usd>,
    /// How what will not be used may be passed on: `market`, `pool` or `nobody`.
    #[schema(example = "pool")]
    pub way: String,
    /// What that could bring now.
    #[schema(value_type = Option<String>, example = "218.99")]
    pub brings: Option<Usd>,
    /// What a day of waiting takes from it.
    #[schema(value_type = Option<String>, example = "1.40")]
    pub waiting_per_day: Option<Usd>,
    /// More by a new application, where a program takes any.
    pub apply: Option<ApplyLine>,
    /// More from the market, where something is on offer to the holder.
    pub buy: Option<BuyLine>,
}

/// What comes of a pace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaceLine {
    /// What is spent a day.
    #[schema(value_type = String, example = "1.23")]
    pub per_day: Usd,
    /// When all of it is spent, if before the expiry.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub runs_out_at: Option<Timestamp>,
    /// What is spent by the expiry. With `lost` it makes `available`.
    #[schema(value_type = String, example = "193.81")]
    pub spent: Usd,
    /// What expires unspent.
    #[schema(value_type = String, example = "218.99")]
    pub lost: Usd,
}

/// More credit by a new application, which includes research progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplyLine {
    /// The program.
    #[schema(value_type = String, example = "openai-researcher-access")]
    pub program: ProgramId,
    /// What an application sent now can expect.
    pub plan: PlanLine,
}

/// More credit from the market, usable at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BuyLine {
    /// The best listing.
    #[schema(value_type = String)]
    pub listing: ListingId,
    /// Its price, as a percentage of face value.
    #[schema(example = "55")]
    pub price_percent: String,
    /// How much is on offer.
    #[schema(value_type = String, example = "400.00")]
    pub offered: Usd,
    /// Until when it can be used.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// How many whole days sooner it can be used than credit that is applied for now.
    pub days_sooner: Option<i64>,
}

impl From<bursar_service::Course> for PaceLine {
    fn from(course: bursar_service::Course) -> Self {
        Self {
            per_day: course.per_day,
            runs_out_at: course.runs_out_at,
            spent: course.spent,
            lost: course.lost,
        }
    }
}

impl From<NextSteps> for ForecastLine {
    fn from(steps: NextSteps) -> Self {
        let found = steps.forecast;
        let forecast = found.forecast;
        let band = forecast.and_then(|forecast| forecast.band);
        Self {
            grant: found.page.grant.id,
            state: found.state.map_or("waiting", bursar_service::CreditState::name).to_owned(),
            available: found.page.available,
            expires_at: found.page.grant.expires_at,
            days: forecast.map_or(0, |forecast| forecast.days),
            pace: forecast.and_then(|forecast| forecast.course).map(PaceLine::from),
            slowest_week: band.map(|band| band.slow.into()),
            fastest_week: band.map(|band| band.fast.into()),
            pace_to_use_all: forecast.map(|forecast| forecast.pace_to_use_all),
            way: match found.way {
                Way::Market(_) => "market",
                Way::Pool => "pool",
                Way::Nobody => "nobody",
            }
            .to_owned(),
            brings: forecast.map(|forecast| forecast.waiting.brings),
            waiting_per_day: forecast.map(|forecast| forecast.waiting.per_day),
            apply: steps
                .apply
                .map(|road| ApplyLine { program: road.program.id.clone(), plan: road.plan.into() }),
            buy: steps.buy.map(|road| BuyLine {
                listing: road.offer.listing,
                price_percent: road.offer.price.to_string(),
                offered: road.offer.offered,
                expires_at: road.offer.expires_at,
                days_sooner: road.days_sooner,
            }),
        }
    }
}
