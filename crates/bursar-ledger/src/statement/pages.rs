//! Reading movements page by page, so that neither a busy minute nor an empty decade costs much.

use bursar_kernel::Timestamp;

use super::{Movement, MovementFilter, Place, StatementOf};

/// How much time the first question asks for: an hour, in milliseconds.
const WINDOW_MS_FIRST: i64 = 60 * 60 * 1_000;

/// Which page is next. A question asks for a window of time with a limit, since a store sorts what
/// lies in the window to answer it; the window follows how much there is.
#[derive(Clone, Debug)]
pub struct Pages {
    next: MovementFilter,
    /// Where the whole ends.
    to: Timestamp,
    window_ms: i64,
}

impl Pages {
    /// The pages of a period, with so many movements on each at the most.
    pub fn new(of: StatementOf, from: Timestamp, to: Timestamp, calls: bool, limit: usize) -> Self {
        let next = MovementFilter { of, from, to, after: None, calls, limit };
        let mut pages = Self { next, to, window_ms: WINDOW_MS_FIRST };
        pages.look_ahead();
        pages
    }

    /// The question for the next page; `None` behind the last.
    pub fn next(&self) -> Option<&MovementFilter> {
        (self.next.from < self.to).then_some(&self.next)
    }

    /// Takes the answer to it in.
    pub fn read(&mut self, page: &[Movement]) {
        let is_full = self.next.limit <= page.len();
        if let Some(last) = page.last().filter(|_| is_full) {
            self.go_on_behind(last.place());
        } else {
            self.next.from = self.next.to;
            self.next.after = None;
            if page.len().saturating_mul(2) <= self.next.limit {
                self.window_ms = self.window_ms.saturating_mul(2);
            }
        }
        self.look_ahead();
    }

    /// There was more than a page: the next window is as long as two pages took here.
    fn go_on_behind(&mut self, last: Place) {
        let from = self.next.from.as_millisecond();
        let spanned = last.at.as_millisecond().saturating_sub(from);
        self.window_ms = spanned.saturating_mul(2).clamp(1, self.window_ms);
        self.next.from = last.at;
        self.next.after = Some(last);
    }

    fn look_ahead(&mut self) {
        let end = self.next.from.as_millisecond().saturating_add(self.window_ms);
        let end = Timestamp::from_millisecond(end).unwrap_or(self.to);
        self.next.to = end.min(self.to);
    }
}
