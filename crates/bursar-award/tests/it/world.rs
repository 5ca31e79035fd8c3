//! A small world to try commands in: people, dates, terms, and a script that names commands.

use std::collections::BTreeMap;

use bursar_award::{AcceptedPolicy, Application, Command, Decide, Event, Outcome, Refusal, Screen};
use bursar_award::{Start, Submit, decide, start};
use bursar_kernel::program::{AboveTypical, AwardTerms};
use bursar_kernel::{
    ApplicationId, Estimate, GrantId, LineCost, ModelId, PersonId, PriceVersion, ProgramId,
    RoundId, Serving, StudyLine, StudySize, Timestamp, Usd,
};

/// Everybody who takes part.
pub(crate) const APPLICANT: u8 = 1;
pub(crate) const OFFICER: u8 = 2;
pub(crate) const SECOND: u8 = 3;

pub(crate) fn person(number: u8) -> PersonId {
    PersonId::new(day(0), [number; 10])
}

/// The `n`th day after the first of January 2026, at midnight in UTC.
pub(crate) fn day(n: i64) -> Timestamp {
    let first: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    Timestamp::from_second(first.as_second() + n * 86_400).unwrap()
}

pub(crate) const REVIEW_BEGINS: i64 = 60;
pub(crate) const REVIEW_ENDS: i64 = 90;
pub(crate) const DELIVER_FROM: i64 = 120;
/// When awards and places on the waiting list come to their end.
pub(crate) const OPEN_UNTIL: i64 = 130;

/// Up to $1,000, and up to $5,000 with a justification and a second officer.
pub(crate) fn terms() -> AwardTerms {
    AwardTerms {
        typical_max: dollars(1_000),
        above_typical: Some(AboveTypical { max: dollars(5_000), second_approver: true }),
        answer_days: Some(40),
        waiting_days: Some(40),
        ..AwardTerms::default()
    }
}

pub(crate) fn dollars(dollars: i64) -> Usd {
    Usd::from_dollars(dollars).unwrap()
}

pub(crate) fn answers(text: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("research_question".to_owned(), text.to_owned())])
}

/// Saves a draft with a text.
pub(crate) fn save(text: &str) -> Command {
    let changes = answers(text).into_iter().map(|(field, text)| (field, Some(text))).collect();
    Command::SaveDraft { changes, by: person(APPLICANT) }
}

/// The event that begins the application of every story.
pub(crate) fn started() -> Event {
    let first = Start {
        id: ApplicationId::new(day(0), [9; 10]),
        program: ProgramId::new("openai-researcher-access"),
        program_version: 1,
        applicant: person(APPLICANT),
        after_grant: None,
    };
    Event::Started(start(first, day(0)))
}

/// An estimate of a study that costs so many dollars.
pub(crate) fn estimate(total: i64) -> Estimate {
    let line = StudyLine {
        model: ModelId::new("gpt-4.1-mini"),
        items: 1_200,
        variants: 1,
        repeats: 5,
        input_tokens: 900,
        output_tokens: 300,
        serving: Serving::Default,
    };
    let size = StudySize { calls: 6_000, tokens: 7_200_000 };
    Estimate {
        lines: vec![LineCost { line, size, cost: dollars(total) }],
        total: dollars(total),
        prices: PriceVersion::new("test"),
        at: day(1),
    }
}

pub(crate) fn draft() -> Application {
    Application::replay(&[started()]).unwrap()
}

pub(crate) fn submission() -> Command {
    let policy = AcceptedPolicy { id: "usage".into(), version: "2025-10-29".into(), at: day(1) };
    Command::Submit(Submit {
        answers: answers("does it hold?"),
        requested: Some(dollars(800)),
        estimate: Some(estimate(780)),
        policies: vec![policy],
        round: RoundId::new("2026-03"),
        progress: None,
    })
}

/// An officer's award of so many dollars, with nothing but reasons.
pub(crate) fn award(amount: i64) -> Decide {
    Decide {
        by: person(OFFICER),
        outcome: Outcome::Award { amount: dollars(amount) },
        reasons: "a sound plan".to_owned(),
        justification: None,
        terms: terms(),
    }
}

/// A second officer's approval.
pub(crate) fn approve(by: u8) -> Command {
    Command::Approve { by: person(by) }
}

pub(crate) fn decline() -> Decide {
    Decide { outcome: Outcome::Decline, ..award(1) }
}

/// A place on the waiting list for so many dollars.
pub(crate) fn wait(amount: i64) -> Decide {
    Decide { outcome: Outcome::Waitlist { amount: dollars(amount), place: 1 }, ..award(1) }
}

pub(crate) fn offer() -> Command {
    Command::Offer { open_until: Some(day(OPEN_UNTIL + 40)) }
}

/// An officer's word on whether it is eligible.
pub(crate) fn screen(is_eligible: bool, overrules: bool, reason: &str) -> Command {
    let (by, reason) = (person(OFFICER), reason.to_owned());
    Command::Screen(Screen { by, is_eligible, overrules, reason })
}

pub(crate) fn release() -> Command {
    Command::Release {
        decided_from: day(REVIEW_ENDS),
        open_until: Some(day(OPEN_UNTIL)),
        feedback: vec![],
    }
}

pub(crate) fn begin_review() -> Command {
    Command::BeginReview { review_begins: day(REVIEW_BEGINS) }
}

pub(crate) fn accept() -> Command {
    Command::AcceptAward { deliver_from: day(DELIVER_FROM) }
}

pub(crate) fn deliver() -> Command {
    Command::Deliver { grant: GrantId::new(day(0), [8; 10]) }
}

/// Decides and applies: what the service does around a commit.
pub(crate) fn carry_out(
    application: &mut Application,
    command: Command,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let events = decide(application, command, now)?;
    for event in &events {
        application.apply(event);
    }
    Ok(events)
}

/// The application after commands that all have to succeed, each on its day.
pub(crate) fn after(commands: Vec<(i64, Command)>) -> Application {
    let mut application = draft();
    for (at, command) in commands {
        carry_out(&mut application, command, day(at)).unwrap();
    }
    application
}
