//! Questions about an account: an address that is understood tells of a period that is none of
//! the future's, and of a page's length.

use bursar_accounts::Question;
use bursar_kernel::Timestamp;
use bursar_kernel::limits::BILLING_DAYS_MAX;
use http::Uri;

/// Seconds that are told of at a time, at the most: those of what was billed.
const PAGE_SECONDS_MAX: i64 = BILLING_DAYS_MAX * 86_400;

/// `/v1/organization/costs?start_time=0`: a path with its query.
pub(crate) fn questions(bytes: &[u8]) {
    let Ok(uri) = Uri::try_from(bytes) else { return };
    let Ok(question) = Question::read(&uri) else { return };
    let now = Timestamp::from_second(1_793_000_000).expect("it is an instant");
    let Some((from, to)) = question.period(now) else { return };
    assert!(from <= to, "{from} {to}");
    let long = to.as_second().saturating_sub(from.as_second());
    assert!(long <= PAGE_SECONDS_MAX, "a page of {long} seconds");
}
