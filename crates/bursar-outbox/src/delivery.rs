//! How far a mail is on its way to a relay.

use bursar_kernel::{MailId, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{ANSWER_CHARACTERS_MAX, Address, Attempt, NOBODYS, scrubbed};

/// How long a mail is tried: what mail servers give each other.
pub const TRIED_FOR: SignedDuration = SignedDuration::from_hours(4 * 24);
/// How long a process may be at one mail before another takes it for dead: twice what an attempt
/// may take, so that who lives is never overtaken.
pub const CLAIM_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// How long a mail waits that found no relay: the relay's pause is kept for all mails together.
const UNREACHED_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// Minutes before each further try; the last goes on to the end. Relays that put off whom they do
/// not know take a second try after five minutes.
const WAITS_MINUTES: [i64; 7] = [1, 5, 15, 30, 60, 120, 240];

/// Where a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It will be tried.
    Waiting,
    /// A process is at it.
    Sending,
    /// The relay has taken it.
    Sent,
    /// The relay has refused it for good.
    Refused,
    /// It was tried for days.
    GaveUp,
    /// What it says was of no use any more.
    Lapsed,
    /// Mail to its address came back; it waits until somebody confirms the address.
    Held,
    /// Its recipient does not want to be reminded.
    Unwanted,
    /// It was sent, and came back.
    CameBack,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Waiting,
        Self::Sending,
        Self::Sent,
        Self::Refused,
        Self::GaveUp,
        Self::Lapsed,
        Self::Held,
        Self::Unwanted,
        Self::CameBack,
    ];

    /// Its name in columns, answers and commands.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::GaveUp => "gave_up",
            Self::Lapsed => "lapsed",
            Self::Held => "held",
            Self::Unwanted => "unwanted",
            Self::CameBack => "came_back",
        }
    }

    /// The state of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether it goes on by itself.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Waiting | Self::Sending => true,
            Self::Sent
            | Self::Refused
            | Self::GaveUp
            | Self::Lapsed
            | Self::Held
            | Self::Unwanted
            | Self::CameBack => false,
        }
    }
}

/// What kind of letter a mail is, as far as its way out goes by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It tells somebody what happened to what is theirs.
    Ordinary,
    /// It reminds somebody of what comes; they can do without.
    Reminder,
    /// Whoever reads it shows that mail to the address arrives: it goes out to any address.
    Proof,
}

/// How far a mail is. What was never looked at has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The mail; also its name.
    pub mail: MailId,
    /// Where it stands.
    pub state: State,
    /// How often a relay was asked.
    pub attempts: u32,
    /// Before then nobody touches it: while it waits, and while a process is at it.
    pub next_at: Timestamp,
    /// After that it is not tried again.
    pub give_up_at: Timestamp,
    /// What the relay said last; empty if it never said anything.
    pub answer: String,
    /// When that changed last.
    pub at: Timestamp,
    /// Grows by one with each change.
    pub version: u64,
}

/// Whether a mail goes out now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// It does.
    Out,
    /// It does not; it stands so from now on.
    Not(State),
}

/// Why a mail cannot be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotNow {
    /// It was sent.
    Sent,
    /// A process is at it.
    Sending,
    /// Mail to its address comes back.
    Held,
}

impl Delivery {
    /// A mail that nobody has looked at: the row that is written first has version 1.
    pub fn new(mail: MailId, now: Timestamp) -> Self {
        Self {
            mail,
            state: State::Waiting,
            attempts: 0,
            next_at: now,
            give_up_at: now + TRIED_FOR,
            answer: String::new(),
            at: now,
            version: 0,
        }
    }

    /// Whether somebody may take it now: it waits and its time has come, or whoever was at it is
    /// gone.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.state.is_open() && self.next_at <= now
    }

    /// Whether it goes out, to an address of which this is known.
    pub fn goes(
        &self,
        manner: Manner,
        useless_after: Option<Timestamp>,
        address: Option<&Address>,
        now: Timestamp,
    ) -> Go {
        if useless_after.is_some_and(|after| after <= now) {
            return Go::Not(State::Lapsed);
        }
        if self.give_up_at <= now {
            return Go::Not(State::GaveUp);
        }
        if address.is_some_and(|address| address.email.ends_with(NOBODYS)) {
            return Go::Not(State::Unwanted);
        }
        let comes_back = address.is_some_and(|address| address.bounced.is_some());
        let unwanted = address.is_some_and(|address| !address.reminders);
        match manner {
            Manner::Ordinary | Manner::Reminder if comes_back => Go::Not(State::Held),
            Manner::Reminder if unwanted => Go::Not(State::Unwanted),
            Manner::Ordinary | Manner::Reminder | Manner::Proof => Go::Out,
        }
    }

    /// A process takes it, for so long that nobody else does.
    #[must_use]
    pub fn claimed(self, now: Timestamp) -> Self {
        let attempts = self.attempts.saturating_add(1);
        let next_at = now + CLAIM_LIFE;
        Self { state: State::Sending, attempts, next_at, ..self.changed(now) }
    }

    /// It does not go out.
    #[must_use]
    pub fn stands(self, state: State, now: Timestamp) -> Self {
        Self { state, ..self.changed(now) }
    }

    /// What came of an attempt.
    #[must_use]
    pub fn after(self, attempt: &Attempt, now: Timestamp) -> Self {
        let answer = scrubbed(attempt.answer(), ANSWER_CHARACTERS_MAX);
        let next = Self { answer, ..self.changed(now) };
        match attempt {
            Attempt::Taken(_) => Self { state: State::Sent, ..next },
            Attempt::Refused { .. } => Self { state: State::Refused, ..next },
            Attempt::Deferred(_) => {
                let next_at = now + wait_after(next.attempts, next.mail);
                next.until(next_at)
            }
            Attempt::Unreached(_) => {
                let attempts = next.attempts.saturating_sub(1);
                Self { attempts, ..next }.until(now + UNREACHED_WAIT)
            }
        }
    }

    fn until(self, next_at: Timestamp) -> Self {
        if next_at < self.give_up_at {
            Self { state: State::Waiting, next_at, ..self }
        } else {
            Self { state: State::GaveUp, ..self }
        }
    }

    /// Somebody wants it tried again, from the beginning.
    pub fn again(self, now: Timestamp) -> Result<Self, NotNow> {
        match self.state {
            State::Sent => return Err(NotNow::Sent),
            State::Sending if now < self.next_at => return Err(NotNow::Sending),
            State::Held => return Err(NotNow::Held),
            State::Waiting
            | State::Sending
            | State::Refused
            | State::GaveUp
            | State::Lapsed
            | State::Unwanted
            | State::CameBack => {}
        }
        Ok(self.anew(now))
    }

    /// Its address was confirmed: what was held goes out.
    #[must_use]
    pub fn freed(self, now: Timestamp) -> Self {
        self.anew(now)
    }

    /// It was sent, or so the relay said, and came back.
    #[must_use]
    pub fn came_back(self, why: &str, now: Timestamp) -> Self {
        let answer = scrubbed(why, ANSWER_CHARACTERS_MAX);
        Self { state: State::CameBack, answer, ..self.changed(now) }
    }

    fn anew(self, now: Timestamp) -> Self {
        let give_up_at = now + TRIED_FOR;
        Self { state: State::Waiting, attempts: 0, next_at: now, give_up_at, ..self.changed(now) }
    }

    fn changed(self, now: Timestamp) -> Self {
        Self { at: now, version: self.version.saturating_add(1), ..self }
    }
}

/// How long to wait after so many attempts; a little different for each mail, so that what failed
/// together does not come back together.
pub fn wait_after(attempts: u32, mail: MailId) -> SignedDuration {
    let place = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let last = WAITS_MINUTES.len() - 1;
    let minutes = WAITS_MINUTES.get(place.min(last)).copied().unwrap_or(240);
    let [.., byte] = mail.to_bytes();
    // Up to an eighth more.
    let spread_ms = minutes * 60_000 / 8 * i64::from(byte) / 255;
    SignedDuration::from_mins(minutes) + SignedDuration::from_millis(spread_ms)
}
