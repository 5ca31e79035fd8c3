//! Questions about an account: an address that is understood tells of a period that is none of
//! the future's, and of a page's length.

use bursar_accounts::Question;
use bursar_kernel::Timestamp;
use http::Uri;

/// Seconds of a page at the most, 180 days, and a day that a bucket may begin before.
const PAGE_SECONDS_MAX: i64 = 181 * 86_400;

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
