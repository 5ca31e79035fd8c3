//! What a key may ask about its grant's account: a call's cost, usage, costs and credit, in the
//! provider's shapes. Never moves money, and never tells of another grant.

mod billing;
mod calls;
mod costs;
mod credit;
mod page;
mod projects;
mod query;
mod usage;

use bursar_calls::{Caller, Calls};
use bursar_kernel::{RequestId, Timestamp};
use bursar_store::ReadError;
use http::Uri;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::billing::Days;
use crate::query::{Asked, BadQuery};
use crate::usage::Kind;

/// Where an account is asked for, and what limits an answer. Of an address that names something,
/// this is the pattern.
pub const PATHS: [(&str, &str); 14] = [
    (CALL, "no"),
    ("/v1/organization/costs", "180 days a page"),
    ("/v1/organization/usage/completions", BUCKETS),
    ("/v1/organization/usage/embeddings", BUCKETS),
    ("/v1/organization/usage/moderations", BUCKETS),
    ("/v1/organization/usage/images", BUCKETS),
    ("/v1/organization/usage/audio_speeches", BUCKETS),
    ("/v1/organization/usage/audio_transcriptions", BUCKETS),
    ("/v1/dashboard/billing/credit_grants", "no"),
    ("/dashboard/billing/credit_grants", "no"),
    ("/v1/dashboard/billing/subscription", "no"),
    ("/dashboard/billing/subscription", "no"),
    ("/v1/dashboard/billing/usage", DAYS),
    ("/dashboard/billing/usage", DAYS),
];

const BUCKETS: &str = "1440 minutes, 168 hours or 31 days a page; of minutes, 20000 calls";

const DAYS: &str = "400 days at a time";

/// What any call cost, by its name.
const CALL: &str = "/v1/bursar/calls/{request}";
const CALLS: &str = "/v1/bursar/calls/";
const COSTS: &str = "/v1/organization/costs";
const USAGE: &str = "/v1/organization/usage/";
/// What old tools ask for, behind `/v1` or not.
const SUBSCRIPTION: &str = "/dashboard/billing/subscription";
const BILLED: &str = "/dashboard/billing/usage";

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It is not in the caller's books.
    #[error("there is no such call on this key's grant")]
    UnknownCall,
    /// It was not asked for as it can be.
    #[error("{message}")]
    Query {
        /// Which parameter.
        param: String,
        /// The provider's code for the mistake.
        code: &'static str,
        /// What is wrong and what to do, in sentences.
        message: String,
    },
    /// The store is out of reach.
    #[error(transparent)]
    Store(#[from] ReadError),
}

impl From<BadQuery> for Refused {
    fn from(bad: BadQuery) -> Self {
        Self::Query { param: bad.param, code: bad.code, message: bad.message }
    }
}

/// A question at one of [`PATHS`], understood whole.
#[derive(Debug)]
pub struct Question(Of);

#[derive(Debug)]
enum Of {
    Call(RequestId),
    Costs(Asked),
    Usage(Kind, Asked),
    Subscription,
    Billed(Days),
    Credit,
}

impl Question {
    /// Reads an address. What is not known of it is refused, before any account is looked at.
    pub fn read(uri: &Uri) -> Result<Self, Refused> {
        let path = uri.path();
        Ok(Self(if let Some(name) = path.strip_prefix(CALLS) {
            Of::Call(name.parse().map_err(|_| Refused::UnknownCall)?)
        } else if path == COSTS {
            Of::Costs(costs::asked(uri)?)
        } else if let Some(kind) = path.strip_prefix(USAGE).and_then(Kind::named) {
            Of::Usage(kind, usage::asked(uri, kind)?)
        } else if path.ends_with(BILLED) {
            Of::Billed(billing::asked(uri)?)
        } else {
            credit::check(uri)?;
            if path.ends_with(SUBSCRIPTION) { Of::Subscription } else { Of::Credit }
        }))
    }

    /// The half-open period that its page tells of at an instant, where it is of a period.
    pub fn period(&self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        match &self.0 {
            Of::Costs(asked) | Of::Usage(_, asked) => {
                let span = page::span(asked, now.as_second());
                Some((query::instant(span.from), query::instant(span.to)))
            }
            Of::Billed(days) => days.period(now).ok(),
            Of::Call(_) | Of::Subscription | Of::Credit => None,
        }
    }
}

/// Answers at one of [`PATHS`], as JSON. It is an account of the caller's own grant, and free: also
/// once the grant has expired, for an account of what was spent is not a call.
pub async fn answer(calls: &Calls, caller: &Caller, uri: &Uri) -> Result<Box<RawValue>, Refused> {
    match Question::read(uri)?.0 {
        Of::Call(request) => calls::show(calls, caller, request).await,
        Of::Costs(asked) => costs::list(calls, caller, &asked).await,
        Of::Usage(kind, asked) => usage::list(calls, caller, &asked, kind).await,
        Of::Subscription => billing::subscription(calls, caller).await,
        Of::Billed(days) => billing::usage(calls, caller, days).await,
        Of::Credit => credit::summary(calls, caller).await,
    }
}

fn json(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).expect("what is answered always serializes")
}
