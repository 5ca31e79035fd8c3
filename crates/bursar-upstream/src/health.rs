//! Whether an upstream is worth a call: a rule over what became of the calls before.
//!
//! Pure: instants are arguments. In, until it fails several times in a row or asks to be left
//! alone; out for a while, which doubles; then one call is the probe that decides.

use bursar_kernel::Timestamp;
use jiff::SignedDuration;

/// Failures in a row that take an upstream out: one or two happen to everybody.
pub(crate) const FAILURES_MAX: u32 = 3;
/// How long it is out at first: about as long as a restart takes.
pub(crate) const OUT_AT_FIRST: SignedDuration = SignedDuration::from_secs(5);
/// How long it is out at the most, whatever it asks for: whoever repairs it waits no longer.
pub(crate) const OUT_AT_MOST: SignedDuration = SignedDuration::from_mins(2);
/// How long one that asks to be left alone is out at the least.
const COOLING_AT_LEAST: SignedDuration = SignedDuration::from_secs(1);
/// After which a probe that has not answered keeps no other back.
pub(crate) const PROBE_WITHIN: SignedDuration = SignedDuration::from_mins(1);

/// What was wrong with an upstream when it was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No connection was made.
    Unreachable,
    /// It broke off.
    BrokeOff,
    /// It never answered.
    Silent,
    /// It answered that it failed.
    Failing,
    /// It refuses the gateway itself: the credential, its rights or its money.
    RefusesUs,
    /// It has too much to do.
    Busy,
}

impl Trouble {
    /// What a log and a page say: fits after "it".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Unreachable => "cannot be reached",
            Self::BrokeOff => "broke off",
            Self::Silent => "does not answer",
            Self::Failing => "answers that it failed",
            Self::RefusesUs => {
                "refuses the gateway itself: check its key, its rights and its credit"
            }
            Self::Busy => "asks for fewer calls",
        }
    }

    /// Whether it is called all the same where nobody better is left. One that answers is, if only
    /// to refuse, which costs a moment and no money: so what one caller's odd or slow request does
    /// to an upstream shuts nobody else out, and limits are the provider's own to tell. What cannot
    /// be reached makes everybody wait for nothing, and what breaks off is charged.
    pub const fn is_bearable(self) -> bool {
        match self {
            Self::Silent | Self::Failing | Self::RefusesUs | Self::Busy => true,
            Self::Unreachable | Self::BrokeOff => false,
        }
    }
}

/// What became of a call, as far as its upstream's health goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was answered, if only with a refusal that is the caller's own affair.
    Well,
    /// It was not.
    Ill(Trouble),
    /// The upstream asked to be left alone for a while.
    Cooling(SignedDuration),
}

/// How an upstream stands at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It takes calls.
    In,
    /// It was out, and one call is wanted to see whether it still is.
    Due(Trouble),
    /// It is left alone until then.
    Out(Trouble, Timestamp),
}

/// What is remembered of an upstream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Health {
    /// Failures in a row.
    failures: u32,
    /// How often in a row it was taken out.
    times_out: u32,
    out: Option<Out>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Out {
    trouble: Trouble,
    since: Timestamp,
    until: Timestamp,
    /// The probe under way, by when it began.
    probe: Option<Timestamp>,
}

/// Whether something lies in `[from, from + long)`. A clock that was set back has left it.
fn is_within(from: Timestamp, until: Timestamp, now: Timestamp) -> bool {
    from <= now && now < until
}

impl Health {
    /// Whether there is nothing to remember.
    pub(crate) fn is_well(&self) -> bool {
        *self == Self::default()
    }

    /// How it stands.
    pub(crate) fn standing(&self, now: Timestamp) -> Standing {
        let Some(out) = self.out else { return Standing::In };
        if is_within(out.since, out.until, now) {
            return Standing::Out(out.trouble, out.until);
        }
        match out.probe {
            Some(began) if is_within(began, began + PROBE_WITHIN, now) => {
                // It may tell at any moment.
                Standing::Out(out.trouble, now + COOLING_AT_LEAST)
            }
            Some(_) | None => Standing::Due(out.trouble),
        }
    }

    /// Makes a call that begins now the probe, if one is due: of calls at once, one.
    pub(crate) fn take_probe(&mut self, now: Timestamp) -> bool {
        let is_due = matches!(self.standing(now), Standing::Due(_));
        if let Some(out) = self.out.as_mut().filter(|_| is_due) {
            out.probe = Some(now);
        }
        is_due
    }

    /// A probe ended without telling anything: the next call may be one.
    pub(crate) fn forget_probe(&mut self) {
        if let Some(out) = &mut self.out {
            out.probe = None;
        }
    }

    /// Learns what became of a call.
    ///
    /// While it is out, only its probe makes it stay out longer: calls that began before, or were
    /// made for want of a better one, say nothing new. Whoever answers well is in.
    pub(crate) fn learn(&mut self, verdict: Verdict, is_probe: bool, now: Timestamp) {
        let (trouble, asked) = match verdict {
            Verdict::Well => {
                *self = Self::default();
                return;
            }
            Verdict::Ill(trouble) => (trouble, None),
            Verdict::Cooling(asked) => (Trouble::Busy, Some(asked)),
        };
        if self.out.is_some() && !is_probe {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures < FAILURES_MAX && asked.is_none() && !is_probe {
            return;
        }
        let long = asked.map_or_else(
            || backoff(self.times_out),
            |asked| asked.clamp(COOLING_AT_LEAST, OUT_AT_MOST),
        );
        if asked.is_none() {
            self.times_out = self.times_out.saturating_add(1);
        }
        self.out = Some(Out { trouble, since: now, until: now + long, probe: None });
    }
}

/// How long it is out after so many times: doubled each time, up to a bound.
fn backoff(times: u32) -> SignedDuration {
    let doubled = 2_i32.checked_pow(times).and_then(|factor| OUT_AT_FIRST.checked_mul(factor));
    doubled.unwrap_or(OUT_AT_MOST).min(OUT_AT_MOST)
}

#[cfg(test)]
mod tests;
