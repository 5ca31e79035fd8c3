//! A round decided as its line says: shown first, line by line, and written whole or not at all.

use std::fmt::Write as _;

use bursar_award::draft::fingerprint;
use bursar_award::{Application, Command, Decide, Decision, Event, Outcome, State, decide};
use bursar_kernel::{ApplicationId, PersonId, ProgramId, RoundId, Usd};
use bursar_policy::Viewer;
use bursar_service::{Service, ServiceError, audit_line, batch_of};
use bursar_store::{Batch, Expect, Row, Write};

use crate::ranking::{Ranked, Ranking, WhatIf, ranking};

/// How a round is to be decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByLine {
    /// The line: another pool, a draw.
    pub what_if: WhatIf,
    /// Whether those whom the evidence cannot tell apart are decided by their place all the same;
    /// else they are left, unless a draw has put them in order.
    pub with_band: bool,
    /// How many of those behind the line go on the waiting list, where the program keeps one.
    pub waiting: u32,
}

/// What applicants read, by outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    /// Those with an award.
    pub award: String,
    /// Those on the waiting list.
    pub waitlist: String,
    /// Those without either.
    pub decline: String,
}

/// What would be decided.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The round, ranked.
    pub ranking: Ranking,
    /// Each application that nobody has decided, in the order of the line.
    pub lines: Vec<Proposed>,
    /// Names just this proposal: it is written as it was shown, or not at all.
    pub stamp: String,
}

/// What becomes of one application.
#[derive(Clone, Debug)]
pub struct Proposed {
    /// The application.
    pub application: ApplicationId,
    /// What it is called.
    pub title: String,
    /// Its place, from 1.
    pub place: usize,
    /// What is decided, or why it is left to a person.
    pub outcome: Result<Outcome, String>,
}

/// How many decisions were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Awards.
    pub awards: usize,
    /// Places on the waiting list.
    pub waiting: usize,
    /// Declines.
    pub declines: usize,
}

impl Proposal {
    /// How many of each outcome, what the awards come to, and how many are left to a person.
    pub fn counts(&self) -> (Written, Usd, usize) {
        let mut written = Written::default();
        let mut left = 0;
        for line in &self.lines {
            let count = match line.outcome {
                Ok(Outcome::Award { .. }) => &mut written.awards,
                Ok(Outcome::Waitlist { .. }) => &mut written.waiting,
                Ok(Outcome::Decline) => &mut written.declines,
                Err(_) => &mut left,
            };
            *count += 1;
        }
        let awards = self.lines.iter().filter_map(|line| line.outcome.as_ref().ok()?.amount());
        (written, Usd::sum(awards).unwrap_or(Usd::MAX), left)
    }
}

/// What would be decided if the line were followed. Nothing is written.
pub async fn proposal(
    service: &Service,
    viewer: &Viewer,
    program: &ProgramId,
    round: &RoundId,
    how: &ByLine,
) -> Result<Proposal, ServiceError> {
    let ranking = ranking(service, viewer, program, round, how.what_if.clone()).await?;
    let keeps_list = ranking.program.award.waiting_days.is_some();
    let mut may_wait = if keeps_list { how.waiting } else { 0 };
    let mut lines = Vec::new();
    let mut stamp = format!("{how:?}");
    for row in ranking.rows.iter().filter(|row| row.application.state == State::InReview) {
        let outcome = match proposed(&ranking, row, how, &mut may_wait) {
            Ok(Outcome::Award { amount }) => {
                let shown = bursar_evidence::may_be_awarded(service, row.application.clone());
                match shown.await {
                    Ok(()) => Ok(Outcome::Award { amount }),
                    Err(ServiceError::Refused(why)) => Err(format!("cannot {}", first_line(&why))),
                    Err(error) => return Err(error),
                }
            }
            other => other,
        };
        let application = &row.application;
        let _ = write!(stamp, "\n{} {} {outcome:?}", application.id, application.version);
        lines.push(Proposed {
            application: application.id,
            title: row.title.clone(),
            place: row.verdict.place,
            outcome,
        });
    }
    Ok(Proposal { stamp: fingerprint(&stamp), ranking, lines })
}

/// What the line makes of one application, or why that is a person's to say.
fn proposed(
    ranking: &Ranking,
    row: &Ranked,
    how: &ByLine,
    may_wait: &mut u32,
) -> Result<Outcome, String> {
    let verdict = &row.verdict;
    if row.standing.scores == 0
        && row.application.screening.as_ref().is_none_or(|one| one.is_eligible)
    {
        return Err("nobody has scored it".to_owned());
    }
    if row.in_band && !how.with_band && ranking.draw.is_empty() {
        return Err("the evidence does not say on which side of the line it belongs".to_owned());
    }
    let terms = ranking.program.award.of(&row.application.answers);
    if verdict.is_funded() || verdict.waits() {
        let amount = if verdict.is_funded() { verdict.amount } else { row.asked };
        if terms.typical_max < amount {
            let typical = terms.typical_max;
            return Err(format!("${amount} is above the typical ${typical}, which takes a reason"));
        }
        if verdict.is_funded() {
            return Ok(Outcome::Award { amount });
        }
        if 0 < *may_wait {
            *may_wait -= 1;
            let place = u32::try_from(verdict.place).unwrap_or(u32::MAX);
            return Ok(Outcome::Waitlist { amount, place });
        }
    }
    Ok(Outcome::Decline)
}

/// Decides all that a proposal says, in one commit, if it is still what was shown.
///
/// The administrator's token has no name of its own: it names the officer who decides.
pub async fn decide_by_line(
    service: &Service,
    viewer: &Viewer,
    officer: Option<&str>,
    (program, round): (&ProgramId, &RoundId),
    how: &ByLine,
    (reasons, stamp): (&Reasons, &str),
) -> Result<Written, ServiceError> {
    let (by, in_whose_name) = service.officer(viewer, officer).await?;
    let proposal = proposal(service, viewer, program, round, how).await?;
    if proposal.stamp != stamp {
        return Err(ServiceError::Conflict(format!("round `{round}`")));
    }
    let (written, _, _) = proposal.counts();
    if written == Written::default() {
        let text = "decide a round by its line where nothing is left that the line can say\n\
                    hint: decide the rest on their own pages";
        return Err(ServiceError::Refused(text.to_owned()));
    }
    have_reasons(written, reasons)?;
    let mut batch = batch_of(viewer, service.now())?;
    let terms = &proposal.ranking.program;
    for (line, row) in proposal.lines.iter().filter_map(|line| {
        let rows = &proposal.ranking.rows;
        Some((line, rows.iter().find(|row| row.application.id == line.application)?))
    }) {
        let Ok(outcome) = line.outcome else { continue };
        let reasons = match outcome {
            Outcome::Award { .. } => &reasons.award,
            Outcome::Waitlist { .. } => &reasons.waitlist,
            Outcome::Decline => &reasons.decline,
        };
        let decided = Decide {
            by,
            outcome,
            reasons: reasons.clone(),
            justification: None,
            terms: terms.award.of(&row.application.answers),
        };
        let before = service.load_application(row.application.id).await?;
        if before.version != row.application.version {
            return Err(ServiceError::Conflict(format!("application `{}`", before.id)));
        }
        batch = stepped(batch, before, Command::Decide(decided))?;
        let line = audit_line(&batch, "application.decided", line.application, &*in_whose_name);
        batch = batch.with(line);
    }
    let detail = format!("pool ${}, seed {:?}", proposal.ranking.pool, how.what_if.seed);
    let line = audit_line(&batch, "round.decided_by_line", format!("{program} {round}"), detail);
    service.commit(batch.with(line)).await?;
    Ok(written)
}

fn have_reasons(written: Written, reasons: &Reasons) -> Result<(), ServiceError> {
    let parts = [
        (written.awards, &reasons.award, "award", "an award"),
        (written.waiting, &reasons.waitlist, "waitlist", "a place on the waiting list"),
        (written.declines, &reasons.decline, "decline", "no award"),
    ];
    let missing =
        parts.into_iter().filter(|(count, text, ..)| 0 < *count && text.trim().is_empty());
    let missing: Vec<_> = missing
        .map(|(_, _, field, what)| bursar_service::FieldError {
            field: format!("reasons-{field}"),
            message: format!("Enter the reasons that applicants with {what} will read"),
        })
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(missing)) }
}

/// A batch with what a command comes to.
fn stepped(
    batch: Batch,
    application: Application,
    command: Command,
) -> Result<Batch, ServiceError> {
    let events: Vec<Event> = decide(&application, command, batch.now)?;
    let before = application.version;
    let mut after = application;
    for event in &events {
        after.apply(event);
    }
    let row = Row::Application(Box::new(after), events);
    Ok(batch.with(Write::Row(row, Expect::Version(before))))
}

/// What of a round waits for a second officer's word, and may have this one's.
#[derive(Clone, Debug, Default)]
pub struct ToApprove {
    /// The applications.
    pub applications: Vec<Application>,
    /// How many more wait that the officer decided themselves.
    pub own: usize,
    /// Names just these decisions.
    pub stamp: String,
}

/// What of a round waits for a second officer's word, and may have this one's.
///
/// The administrator's token has no name of its own: it names the officer whose word it is.
pub async fn to_approve(
    service: &Service,
    viewer: &Viewer,
    officer: Option<&str>,
    (program, round): (&ProgramId, &RoundId),
) -> Result<ToApprove, ServiceError> {
    let (by, _) = service.officer(viewer, officer).await?;
    let page = service.round(viewer, program, round).await?;
    let waits = |one: &Application| {
        let decision = one.decision.as_ref();
        one.state == State::Decided && decision.is_some_and(Decision::waits_for_approval)
    };
    let (own, applications): (Vec<Application>, Vec<Application>) = page
        .applications
        .into_iter()
        .filter(waits)
        .partition(|one| one.decision.as_ref().is_some_and(|decision| decision.by == by));
    let mut applications = applications;
    applications.sort_by_key(|one| one.id);
    let lines = applications.iter().map(|one| format!("{} {}\n", one.id, one.version));
    let stamp = fingerprint(&lines.collect::<String>());
    Ok(ToApprove { own: own.len(), stamp, applications })
}

/// Approves all decisions of a round that wait for a second officer and are not this one's own, in
/// one commit, if they are still what was shown. Gives how many.
pub async fn approve_round(
    service: &Service,
    viewer: &Viewer,
    officer: Option<&str>,
    (program, round): (&ProgramId, &RoundId),
    stamp: &str,
) -> Result<usize, ServiceError> {
    let (by, in_whose_name): (PersonId, String) = service.officer(viewer, officer).await?;
    let waiting = to_approve(service, viewer, officer, (program, round)).await?;
    if waiting.stamp != stamp {
        return Err(ServiceError::Conflict(format!("round `{round}`")));
    }
    if waiting.applications.is_empty() {
        let text = "approve decisions where none waits for another officer than who made it\n\
                    hint: ask another officer";
        return Err(ServiceError::Refused(text.to_owned()));
    }
    let mut batch = batch_of(viewer, service.now())?;
    let count = waiting.applications.len();
    for application in waiting.applications {
        let line = audit_line(&batch, "application.approved", application.id, &*in_whose_name);
        batch = stepped(batch.with(line), application, Command::Approve { by })?;
    }
    service.commit(batch).await?;
    Ok(count)
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
