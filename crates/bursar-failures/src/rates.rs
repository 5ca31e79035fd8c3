//! Calls that are too fast for their holder's tier, or that it does not open.

use bursar_calls::RateRefused;
use bursar_kernel::{Model, TierNeeds};
use bursar_policy::{Measure, TooFast};
use http::StatusCode;

use super::{Failure, Pages, Retry};

const CODE: &str = "rate_limit_exceeded";

impl Failure {
    /// A call that may not go now, in words after the provider's own.
    pub fn rate_refused(refused: &RateRefused, model: &Model, pages: Pages<'_>) -> Self {
        match refused {
            RateRefused::Closed => closed(model, pages),
            RateRefused::Unavailable => Self::no_store(refused),
            RateRefused::TooFast(too_fast) => self::too_fast(too_fast, model, pages),
        }
    }
}

/// The tier has no room for this model at all: to wait is of no use.
fn closed(model: &Model, pages: Pages<'_>) -> Failure {
    let message = format!(
        "Rate limit reached for {} in {} on requests per min (RPM): Limit 0, Used 0, Requested 1. \
         {}",
        model.id,
        tier(pages),
        next(pages),
    );
    Failure::new(StatusCode::TOO_MANY_REQUESTS, "requests", CODE, message).retry(Retry::Never)
}

fn too_fast(too_fast: &TooFast, model: &Model, pages: Pages<'_>) -> Failure {
    let TooFast { measure, limit, used, asked, wait } = *too_fast;
    let (kind, name) = match measure {
        Measure::RequestsPerMinute => ("requests", "requests per min (RPM)"),
        Measure::RequestsPerDay => ("requests", "requests per day (RPD)"),
        Measure::TokensPerMinute => ("tokens", "tokens per min (TPM)"),
        Measure::TokensPerDay => ("tokens", "tokens per day (TPD)"),
        Measure::ImagesPerMinute => ("images", "images per min (IPM)"),
        Measure::ConcurrentCalls => ("requests", "requests in flight at a time"),
        Measure::BatchQueue => ("tokens", "enqueued input tokens of batches"),
    };
    let seconds = wait.map(|wait| u64::try_from((wait.as_millis() + 999) / 1_000).unwrap_or(1));
    let retry = match (seconds, measure) {
        // Batches take hours: no client should wait for one while it holds its line.
        (Some(_), Measure::BatchQueue) => Retry::Never,
        (seconds, _) => seconds.map_or(Retry::Never, Retry::After),
    };
    let advice = match (seconds, measure) {
        (Some(_), Measure::BatchQueue) => {
            "Please try again once some in_progress batches have been completed.".to_owned()
        }
        (Some(seconds), _) => format!("Please try again in {seconds}s."),
        (None, Measure::ImagesPerMinute) => "Ask for fewer images at a time.".to_owned(),
        (None, Measure::BatchQueue) => "Split the file into smaller batches.".to_owned(),
        (None, _) => "The input or output tokens must be reduced in order to run successfully: \
                      shorten the input, or set a lower `max_completion_tokens`."
            .to_owned(),
    };
    let what = if seconds.is_some() { "Rate limit reached" } else { "Request too large" };
    let message = format!(
        "{what} for {} in {} on {name}: Limit {limit}, Used {used}, Requested {asked}. {advice} {}",
        model.id,
        tier(pages),
        next(pages),
    );
    Failure::new(StatusCode::TOO_MANY_REQUESTS, kind, CODE, message).retry(retry)
}

fn tier(pages: Pages<'_>) -> String {
    let name = pages.caller.tier().map_or("no tier", |tier| &tier.name);
    format!("tier `{name}`")
}

/// What would lift the limit, and where.
fn next(pages: Pages<'_>) -> String {
    let next = pages.caller.tier().and_then(|tier| pages.caller.program().tiers.next(&tier.id));
    match next.map(|next| (&next.name, next.needs)) {
        Some((name, TierNeeds::Card)) => {
            format!("A payment method lifts the grant to `{name}`: add one at {}.", pages.grant())
        }
        Some((name, TierNeeds::Nothing | TierNeeds::Officer)) => {
            format!("{} says how to reach `{name}`.", pages.grant())
        }
        None => format!("{} shows the limits; an officer can name a higher tier.", pages.grant()),
    }
}
