//! One reviewer and one application: proposed, invited, accepted, and every way out.

use bursar_kernel::{ApplicationId, AssignmentId, PersonId, ProgramId, RoundId, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// Who reviews an application, by when, and why they.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Its name.
    pub id: AssignmentId,
    /// The application.
    pub application: ApplicationId,
    /// Who is to review it.
    pub reviewer: PersonId,
    /// The application's program.
    pub program: ProgramId,
    /// The round that it is reviewed in.
    pub round: RoundId,
    /// Where it stands.
    pub state: AssignmentState,
    /// Why this reviewer, in words.
    pub because: String,
    /// When the review is due.
    pub due_at: Timestamp,
    /// Another date that the reviewer has asked for, until an officer has answered.
    pub asked: Option<AskedDue>,
    /// When it was proposed.
    pub made_at: Timestamp,
    /// When the reviewer was asked.
    pub invited_at: Option<Timestamp>,
    /// When they answered.
    pub answered_at: Option<Timestamp>,
    /// The last letter that reminded them.
    pub reminded: Option<Reminder>,
    /// Grows by one with each change.
    pub version: u64,
}

/// Another date for a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedDue {
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub because: String,
}

/// Where an assignment stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum AssignmentState {
    /// Officers plan it; the reviewer knows nothing of it.
    Proposed,
    /// The reviewer has been asked.
    Invited,
    /// The reviewer has agreed.
    Accepted,
    /// The reviewer will not.
    Declined {
        /// Why.
        why: WhyNot,
        /// What they add.
        note: String,
    },
    /// The reviewer agreed, and found later that they are not free to judge: what they wrote does
    /// not count.
    Recused {
        /// Why.
        note: String,
    },
    /// An officer took it back.
    Released {
        /// Why.
        note: String,
    },
}

impl AssignmentState {
    /// The name that columns and JSON use: `accepted`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Invited => "invited",
            Self::Accepted => "accepted",
            Self::Declined { .. } => "declined",
            Self::Recused { .. } => "recused",
            Self::Released { .. } => "released",
        }
    }

    /// Whether somebody may still review under it: one reviewer has one such assignment to an
    /// application at the most.
    pub const fn is_open(&self) -> bool {
        match self {
            Self::Proposed | Self::Invited | Self::Accepted => true,
            Self::Declined { .. } | Self::Recused { .. } | Self::Released { .. } => false,
        }
    }
}

/// Why a reviewer will not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// They are not free to judge: they are never asked about it again.
    Conflict,
    /// They have no time.
    Time,
    /// It is not what they know.
    Field,
    /// Something else, which they say.
    Other,
}

impl WhyNot {
    /// All of them, in the order of a form.
    pub const ALL: [Self; 4] = [Self::Conflict, Self::Time, Self::Field, Self::Other];

    /// The name that columns, JSON and forms use: `time`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Time => "time",
            Self::Field => "field",
            Self::Other => "other",
        }
    }

    /// The reason with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.name() == name)
    }
}

/// A letter that reminds a reviewer. Later ones take the place of earlier ones that were missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reminder {
    /// Three days after the invitation, without an answer.
    Unanswered,
    /// Seven days before the review is due.
    Week,
    /// Two days before.
    TwoDays,
    /// A day after it was due.
    Late,
    /// Three days after.
    Later,
    /// Seven days after: the last one.
    Last,
}

/// When each is due, in days from the review's due date; what is asked of a reviewer who has not
/// answered is counted from the invitation.
const AROUND_DUE: [(Reminder, i64); 5] = [
    (Reminder::Week, -7),
    (Reminder::TwoDays, -2),
    (Reminder::Late, 1),
    (Reminder::Later, 3),
    (Reminder::Last, 7),
];
const ANSWER_AFTER_DAYS: i64 = 3;
const DAY_HOURS: i64 = 24;

/// Why an assignment does not change so. Displayed, it fits after "failed to" and ends with a hint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentRefusal {
    /// It is over, or not yet that far.
    #[error("{what} while the assignment is {state}\nhint: look at the list again")]
    WrongState {
        /// What somebody wanted.
        what: &'static str,
        /// Where it stands.
        state: &'static str,
    },
    /// A date that is over.
    #[error("have a review due at an instant that is over\nhint: name a later day")]
    DuePast,
    /// A date after the review's end.
    #[error("have a review due after the round's review is over\nhint: name an earlier day")]
    DueLate,
    /// An answer without a reason.
    #[error("do that without a reason\nhint: say why, in a sentence")]
    NoReason,
}

impl Assignment {
    fn changed(&self, state: AssignmentState) -> Self {
        Self { state, version: self.version.saturating_add(1), ..self.clone() }
    }

    fn wrong(&self, what: &'static str) -> AssignmentRefusal {
        AssignmentRefusal::WrongState { what, state: self.state.name() }
    }

    /// Whether the reviewer may read the application in full and review it.
    pub fn reviews(&self) -> bool {
        self.state == AssignmentState::Accepted
    }

    /// The assignment once its reviewer is asked.
    pub fn invited(&self, due_at: Timestamp, now: Timestamp) -> Result<Self, AssignmentRefusal> {
        if self.state != AssignmentState::Proposed {
            return Err(self.wrong("invite somebody"));
        }
        if due_at <= now {
            return Err(AssignmentRefusal::DuePast);
        }
        let invited = self.changed(AssignmentState::Invited);
        Ok(Self { due_at, invited_at: Some(now), ..invited })
    }

    /// The assignment once its reviewer has agreed.
    pub fn accepted(&self, now: Timestamp) -> Result<Self, AssignmentRefusal> {
        if self.state != AssignmentState::Invited {
            return Err(self.wrong("accept"));
        }
        let accepted = self.changed(AssignmentState::Accepted);
        Ok(Self { answered_at: Some(now), ..accepted })
    }

    /// The assignment once its reviewer will not.
    pub fn declined(
        &self,
        why: WhyNot,
        note: String,
        now: Timestamp,
    ) -> Result<Self, AssignmentRefusal> {
        if self.state != AssignmentState::Invited {
            return Err(self.wrong("decline"));
        }
        if note.is_empty() && matches!(why, WhyNot::Conflict | WhyNot::Other) {
            return Err(AssignmentRefusal::NoReason);
        }
        let declined = self.changed(AssignmentState::Declined { why, note });
        Ok(Self { answered_at: Some(now), asked: None, ..declined })
    }

    /// The assignment once its reviewer has found that they are not free to judge.
    pub fn recused(&self, note: String) -> Result<Self, AssignmentRefusal> {
        if self.state != AssignmentState::Accepted {
            return Err(self.wrong("step back"));
        }
        if note.is_empty() {
            return Err(AssignmentRefusal::NoReason);
        }
        Ok(Self { asked: None, ..self.changed(AssignmentState::Recused { note }) })
    }

    /// The assignment once an officer has taken it back. Whoever knows of it is owed a reason.
    pub fn released(&self, note: String) -> Result<Self, AssignmentRefusal> {
        if !self.state.is_open() {
            return Err(self.wrong("take it back"));
        }
        if note.is_empty() && self.state != AssignmentState::Proposed {
            return Err(AssignmentRefusal::NoReason);
        }
        Ok(Self { asked: None, ..self.changed(AssignmentState::Released { note }) })
    }

    /// The assignment once its reviewer has asked for another date.
    pub fn asking(
        &self,
        asked: AskedDue,
        review_ends: Timestamp,
        now: Timestamp,
    ) -> Result<Self, AssignmentRefusal> {
        if !matches!(self.state, AssignmentState::Invited | AssignmentState::Accepted) {
            return Err(self.wrong("ask for another date"));
        }
        in_time(asked.until, review_ends, now)?;
        if asked.because.is_empty() {
            return Err(AssignmentRefusal::NoReason);
        }
        Ok(Self { asked: Some(asked), ..self.changed(self.state.clone()) })
    }

    /// The assignment with another date, which an officer has given; `None` leaves it as it is and
    /// answers whoever asked with a no.
    pub fn due(
        &self,
        until: Option<Timestamp>,
        review_ends: Timestamp,
        now: Timestamp,
    ) -> Result<Self, AssignmentRefusal> {
        if !self.state.is_open() || (until.is_none() && self.asked.is_none()) {
            return Err(self.wrong("change its date"));
        }
        let due_at = until.unwrap_or(self.due_at);
        if until.is_some() {
            in_time(due_at, review_ends, now)?;
        }
        // Reminders begin anew around the new date.
        let reminded = self.reminded.filter(|_| until.is_none());
        Ok(Self { due_at, asked: None, reminded, ..self.changed(self.state.clone()) })
    }

    /// The letter that is due now and was not sent; the latest of those that were missed.
    pub fn reminder_due(&self, is_reviewed: bool, now: Timestamp) -> Option<Reminder> {
        let days = |days: i64| SignedDuration::from_hours(days.saturating_mul(DAY_HOURS));
        let due = match self.state {
            AssignmentState::Invited => {
                let asked = self.invited_at?;
                let answer = asked.checked_add(days(ANSWER_AFTER_DAYS)).ok()?;
                (answer <= now).then_some(Reminder::Unanswered)
            }
            AssignmentState::Accepted if !is_reviewed => {
                let begun = |(reminder, around): &(Reminder, i64)| {
                    let at = self.due_at.checked_add(days(*around)).ok()?;
                    // Nobody is reminded of what they took on within the last day.
                    let fresh = self.answered_at.is_some_and(|answered| at <= answered);
                    (at <= now && !fresh).then_some(*reminder)
                };
                AROUND_DUE.iter().filter_map(begun).max()
            }
            AssignmentState::Accepted
            | AssignmentState::Proposed
            | AssignmentState::Declined { .. }
            | AssignmentState::Recused { .. }
            | AssignmentState::Released { .. } => None,
        };
        due.filter(|reminder| self.reminded < Some(*reminder))
    }

    /// The assignment once that letter is written.
    #[must_use]
    pub fn reminded(&self, reminder: Reminder) -> Self {
        Self { reminded: Some(reminder), ..self.changed(self.state.clone()) }
    }
}

fn in_time(
    until: Timestamp,
    review_ends: Timestamp,
    now: Timestamp,
) -> Result<(), AssignmentRefusal> {
    if until <= now {
        return Err(AssignmentRefusal::DuePast);
    }
    if review_ends < until { Err(AssignmentRefusal::DueLate) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    //! Every way in and out of an assignment, and the letters on the way.

    use proptest::prelude::*;

    use super::Reminder::{Last, Late, Later, TwoDays, Week};
    use super::*;

    fn day(days: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * days)
    }

    fn proposed() -> Assignment {
        Assignment {
            id: AssignmentId::from_bytes([1; 16]),
            application: ApplicationId::from_bytes([2; 16]),
            reviewer: PersonId::from_bytes([3; 16]),
            program: ProgramId::new("access"),
            round: RoundId::new("2026-12"),
            state: AssignmentState::Proposed,
            because: "knows evaluation".to_owned(),
            due_at: day(21),
            asked: None,
            made_at: day(0),
            invited_at: None,
            answered_at: None,
            reminded: None,
            version: 1,
        }
    }

    fn accepted() -> Assignment {
        proposed().invited(day(21), day(1)).unwrap().accepted(day(2)).unwrap()
    }

    #[test]
    fn an_assignment_is_invited_answered_and_left_once() {
        let invited = proposed().invited(day(21), day(1)).unwrap();
        assert!(proposed().accepted(day(1)).is_err(), "nobody accepts what they do not know of");
        assert!(invited.invited(day(21), day(1)).is_err());
        assert_eq!(proposed().invited(day(1), day(1)), Err(AssignmentRefusal::DuePast));
        let accepted = invited.accepted(day(2)).unwrap();
        assert!(accepted.reviews() && !invited.reviews());
        assert!(accepted.declined(WhyNot::Time, String::new(), day(3)).is_err());
        let conflict = invited.declined(WhyNot::Conflict, String::new(), day(3));
        assert_eq!(conflict, Err(AssignmentRefusal::NoReason));
        let declined = invited.declined(WhyNot::Time, String::new(), day(3)).unwrap();
        assert!(!declined.state.is_open() && declined.accepted(day(3)).is_err());
        let recused = accepted.recused("A student of mine joined them".to_owned()).unwrap();
        assert!(!recused.reviews() && recused.released("late".to_owned()).is_err());
        assert_eq!(accepted.released(String::new()), Err(AssignmentRefusal::NoReason));
        assert!(proposed().released(String::new()).is_ok(), "nobody knew of it");
        assert_eq!(recused.version, 4);
    }

    #[test]
    fn another_date_is_asked_for_and_given_or_not() {
        let asked = AskedDue { until: day(25), because: "A conference".to_owned() };
        let (ends, now) = (day(31), day(5));
        let asking = accepted().asking(asked.clone(), ends, now).unwrap();
        let no = asking.due(None, ends, now).unwrap();
        assert_eq!((no.due_at, no.asked), (day(21), None));
        let yes = asking.due(Some(day(25)), ends, now).unwrap();
        assert_eq!((yes.due_at, yes.asked.clone()), (day(25), None));
        assert!(yes.due(None, ends, now).is_err(), "nothing is asked");
        let later = AskedDue { until: day(32), ..asked.clone() };
        assert_eq!(accepted().asking(later, ends, now), Err(AssignmentRefusal::DueLate));
        let past = AskedDue { until: day(5), ..asked };
        assert_eq!(accepted().asking(past, ends, now), Err(AssignmentRefusal::DuePast));
    }

    #[test]
    fn letters_remind_around_the_date_and_stop_once_it_is_done() {
        let invited = proposed().invited(day(21), day(1)).unwrap();
        assert_eq!(invited.reminder_due(false, day(3)), None);
        assert_eq!(invited.reminder_due(false, day(4)), Some(Reminder::Unanswered));
        let accepted = accepted();
        let due = |at| accepted.reminder_due(false, day(at));
        let said: Vec<_> = [13, 14, 18, 19, 21, 22, 24, 28, 90].map(due).to_vec();
        let expected = [None, Some(Week), Some(Week), Some(TwoDays), Some(TwoDays), Some(Late)]
            .into_iter()
            .chain([Some(Later), Some(Last), Some(Last)]);
        assert_eq!(said, expected.collect::<Vec<_>>());
        assert_eq!(accepted.reminder_due(true, day(90)), None);
        let told = accepted.reminded(TwoDays);
        assert_eq!(told.reminder_due(false, day(20)), None);
        assert_eq!(told.reminder_due(false, day(22)), Some(Late));
        // Whoever agrees a day before it is due is not told that it is due in a week.
        let late = invited.accepted(day(20)).unwrap();
        assert_eq!(late.reminder_due(false, day(21)), None);
        // A new date begins them anew.
        let moved = told.due(Some(day(28)), day(31), day(20)).unwrap();
        assert_eq!(moved.reminder_due(false, day(21)), Some(Week));
    }

    proptest! {
        /// Each letter is sent once, in order, however seldom somebody looks.
        #[test]
        fn no_letter_is_sent_twice(mut days in prop::collection::vec(0_i64..60, 1..40)) {
            days.sort_unstable();
            let mut assignment = accepted();
            let mut sent = Vec::new();
            for at in days {
                if let Some(reminder) = assignment.reminder_due(false, day(at)) {
                    assignment = assignment.reminded(reminder);
                    sent.push(reminder);
                }
                prop_assert_eq!(assignment.reminder_due(false, day(at)), None);
            }
            prop_assert!(sent.is_sorted_by(|a, b| a < b), "{:?}", sent);
        }
    }
}
