//! Rounds: what is decided, what is not, and the release.

use std::collections::BTreeMap;

use bursar_award::{Application, Decision, Outcome};
use bursar_kernel::program::Intake;
use bursar_kernel::{Program, ProgramId, RoundId, Timestamp, Usd};
use bursar_program::calendar::{self, Round, parse_round};
use bursar_program::ics::has_days;
use bursar_service::{ServiceError, State, Waitlisted};
use bursar_store::ApplicationFilter;
use bursar_ui::{Status, Tone, available, routes};

use crate::pages::decide::{LetterPreview, RoundPage, RoundRow, Rounds, WaitingRow};
use bursar_web::{Answer, At, Done, OrPage, Posted, Visit};

/// Every round that has applications, and those that the calendar is in.
pub(super) async fn list(visit: Visit) -> Answer {
    let now = visit.frame().now;
    let mut rows = Vec::new();
    let programs = visit.service().programs().iter();
    for program in programs.filter(|program| program.intake == Intake::Open) {
        let filter =
            ApplicationFilter { program: Some(program.id.clone()), ..ApplicationFilter::default() };
        let all = visit.service().applications_for_officer(&visit.viewer, filter).await;
        let mut rounds = BTreeMap::<RoundId, Vec<Application>>::new();
        // Of a rolling review only those that somebody applied in.
        if has_days(program) {
            let near = calendar::in_review(program, now).into_iter();
            for round in near.chain(calendar::round_for(program, now)) {
                rounds.entry(round.id).or_default();
            }
        }
        for (application, _) in all.or_page(&visit)? {
            if let Some(round) = application.round.clone() {
                rounds.entry(round).or_default().push(application);
            }
        }
        let found = rounds.iter().rev().filter_map(|(id, applications)| {
            Some(row(program, &parse_round(program, id)?, applications, now))
        });
        rows.extend(found);
    }
    visit.page(&Rounds { rows })
}

pub(super) async fn show(visit: Visit, At(at): At<(ProgramId, RoundId)>) -> Answer {
    show_page(&visit, &at.0, &at.1).await
}

pub(super) async fn release(At(at): At<(ProgramId, RoundId)>, mut form: Posted) -> Answer {
    let (program, round) = at;
    match form.visit.service().release_round(&form.visit.viewer, &program, &round).await {
        Ok(_) => form.visit.done(&routes::round(&program, &round), Done::Released),
        Err(error) => {
            form.visit.again(error)?;
            show_page(&form.visit, &program, &round).await
        }
    }
}

fn row(program: &Program, round: &Round, applications: &[Application], now: Timestamp) -> RoundRow {
    let decided = applications.iter().filter(|application| application.decision.is_some());
    RoundRow {
        program: program.id.clone(),
        program_name: program.name.clone(),
        round: round.id.clone(),
        label: calendar::name(program, round),
        status: status(round, applications, now),
        begins: round.review_begins,
        ends: round.review_ends,
        applications: count(applications.len()),
        decided: count(decided.count()),
    }
}

fn status(round: &Round, applications: &[Application], now: Timestamp) -> Status {
    let waits = applications.iter().any(|application| application.state == State::Decided);
    if now < round.review_begins {
        Status::new(Tone::Info, "Collecting")
    } else if now < round.review_ends {
        Status::new(Tone::Warning, "In review")
    } else if waits {
        Status::new(Tone::Warning, "To release")
    } else {
        Status::new(Tone::Neutral, "Over")
    }
}

async fn show_page(visit: &Visit, program: &ProgramId, round: &RoundId) -> Answer {
    let page = visit.service().round(&visit.viewer, program, round).await.or_page(visit)?;
    let program = visit.service().program(program).or_page(visit)?;
    let money = visit.service().program_money(&visit.viewer, &program.id).await.or_page(visit)?;
    let list = visit.service().waiting_list(&visit.viewer, &program.id, round).await;
    let (waiting, came_back) = list.or_page(visit)?;
    let now = visit.frame().now;
    let decided = page.applications.iter().filter(|one| one.decision.is_some());
    let awards: Vec<Usd> = decided.clone().filter_map(award_of).collect();
    let is_decline = |one: &&Application| {
        one.decision.as_ref().is_some_and(|decision| decision.outcome == Outcome::Decline)
    };
    let declines = decided.filter(is_decline).count();
    let mut letters = Vec::new();
    for application in page.applications.iter().filter(|one| one.decision.is_some()) {
        letters.push(preview(visit, application).await.or_page(visit)?);
    }
    let released = page.applications.iter().filter_map(|one| one.released_at).max();
    visit.page(&RoundPage {
        program: program.id.clone(),
        program_name: program.name.clone(),
        round: round.clone(),
        label: calendar::name(program, &page.round),
        status: status(&page.round, &page.applications, now),
        begins: page.round.review_begins,
        ends: page.round.review_ends,
        awards: (count(awards.len()), Usd::sum(awards).unwrap_or(Usd::MAX)),
        declines: count(declines),
        waiting: count(page.decided),
        undecided: count(page.undecided),
        pool_after: money.pool.checked_sub(page.to_award).unwrap_or(Usd::ZERO),
        letters,
        released_at: released.filter(|_| page.decided == 0),
        blocked: blocked(program, &page, now),
        has_panel: program.panel.is_some(),
        unapproved: count(page.unapproved),
        waiting_list: waiting.into_iter().map(|one| waiting_row(visit, one)).collect(),
        came_back,
    })
}

fn waiting_row(visit: &Visit, one: Waitlisted) -> WaitingRow {
    let application = one.application;
    let program = visit.service().program_of(&application);
    let title = program.map_or_else(
        |_| application.id.to_string(),
        |program| crate::shown::title(program, &application.answers),
    );
    let until = application.open_until;
    WaitingRow { id: application.id, title, amount: one.amount, until }
}

fn award_of(application: &Application) -> Option<Usd> {
    application.decision.as_ref()?.outcome.amount()
}

/// Why a round cannot be released, if it cannot.
fn blocked(program: &Program, page: &bursar_service::RoundPage, now: Timestamp) -> Option<String> {
    if now < page.round.decided_from {
        let ends = page.round.decided_from.to_zoned(program.review.zone.clone());
        let ends = ends.strftime("%-d %B %Y, %H:%M %Z");
        return Some(format!("the review runs until {ends}. Decisions can be changed until then."));
    }
    match (page.decided, page.unapproved) {
        (0, _) => Some("no decision waits to be released.".to_owned()),
        (_, 0) => None,
        (_, 1) => {
            let text = "an award waits for a second officer's approval.";
            Some(text.to_owned())
        }
        (_, waiting) => Some(format!("{waiting} awards wait for a second officer's approval.")),
    }
}

async fn preview(visit: &Visit, application: &Application) -> Result<LetterPreview, ServiceError> {
    let applicant = visit.service().store().person(application.applicant).await?;
    let decision = application.decision.as_ref();
    let reasons = decision.map_or("", |decision| decision.reasons.as_str());
    let waits = decision.is_some_and(Decision::waits_for_approval);
    let (subject, outcome) = match decision.map_or(Outcome::Decline, |decision| decision.outcome) {
        Outcome::Award { amount } if waits => {
            let status = Status::new(Tone::Warning, "Needs approval");
            (format!("an award of {}, to be approved", available(amount)), status)
        }
        Outcome::Award { amount } => {
            (format!("an award of {}", available(amount)), Status::new(Tone::Good, "Award"))
        }
        Outcome::Waitlist { amount, .. } => {
            let text = format!("a place on the waiting list for {}", available(amount));
            (text, Status::new(Tone::Info, "Waiting list"))
        }
        Outcome::Decline => ("no award".to_owned(), Status::new(Tone::Neutral, "No award")),
    };
    Ok(LetterPreview {
        id: application.id,
        to: applicant.map_or(String::new(), |applicant| bursar_web::name_of(&applicant)),
        subject,
        outcome,
        text: reasons.to_owned(),
    })
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
