//! What a key may ask about its grant's account: a call's cost, usage, costs and credit, in the
//! provider's shapes. Never moves money, and never tells of another grant.

mod calls;
mod costs;
mod credit;
mod page;
mod query;
mod usage;

use bursar_calls::{Caller, Calls};
use bursar_store::ReadError;
use http::Uri;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::query::BadQuery;
use crate::usage::Kind;

/// Where an account is asked for, and what limits an answer. Of an address that names something,
/// this is the pattern.
pub const PATHS: [(&str, &str); 10] = [
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
];

const BUCKETS: &str = "1440 minutes, 168 hours or 31 days a page; of minutes, 20000 calls";

/// What any call cost, by its name.
const CALL: &str = "/v1/bursar/calls/{request}";
const CALLS: &str = "/v1/bursar/calls/";
const COSTS: &str = "/v1/organization/costs";
const USAGE: &str = "/v1/organization/usage/";

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

/// Answers at one of [`PATHS`], as JSON. It is an account of the caller's own grant, and free: also
/// once the grant has expired, for an account of what was spent is not a call.
pub async fn answer(calls: &Calls, caller: &Caller, uri: &Uri) -> Result<Box<RawValue>, Refused> {
    let path = uri.path();
    if let Some(name) = path.strip_prefix(CALLS) {
        return calls::show(calls, caller, name).await;
    }
    if path == COSTS {
        return costs::list(calls, caller, uri).await;
    }
    match path.strip_prefix(USAGE).and_then(Kind::named) {
        Some(kind) => usage::list(calls, caller, uri, kind).await,
        None => credit::summary(calls, caller, uri).await,
    }
}

fn json(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).expect("what is answered always serializes")
}
