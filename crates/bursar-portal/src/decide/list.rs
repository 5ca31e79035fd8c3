//! Lists of all applications and all grants.

use std::collections::BTreeMap;
use std::sync::Arc;

use bursar_award::{Application, Decision};
use bursar_kernel::limits::ROWS_PER_PAGE;
use bursar_kernel::{Program, RoundId};
use bursar_program::calendar::{self, parse_round};
use bursar_program::eligibility::{self, Standing};
use bursar_service::{SheetOrder, SheetQuery, State};
use bursar_store::rows::Person;
use bursar_ui::{Choice, Status, Tone, routes};
use serde::Deserialize;

use crate::judged;
use crate::pages::decide::{AllGrants, ApplicationsList, DecideRow};
use crate::shown::{self, Slice};
use crate::wallet::grant_rows;
use bursar_web::{Answer, Asked, OrPage, Visit};

/// Longer searches are cut; a title is no longer either.
const WORDS_CHARACTERS_MAX: usize = 200;

#[derive(Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    words: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    round: String,
    #[serde(default)]
    order: String,
    page: Option<usize>,
}

pub(super) async fn applications(visit: Visit, Asked(filter): Asked<Filter>) -> Answer {
    let page = filter.page.unwrap_or(1);
    let query = SheetQuery {
        program: None,
        state: State::from_name(&filter.state),
        round: (!filter.round.is_empty()).then(|| RoundId::new(plain(&filter.round))),
        words: filter.words.trim().chars().take(WORDS_CHARACTERS_MAX).collect(),
        order: SheetOrder::from_name(&filter.order).unwrap_or_default(),
        page: Some(page),
    };
    let sheet = visit.service().sheet(&visit.viewer, &query).await.or_page(&visit)?;
    let path = format!(
        "{}?words={}&state={}&round={}&order={}&",
        routes::DECIDE,
        routes::escaped(&query.words),
        plain(&filter.state),
        plain(&filter.round),
        query.order.name(),
    );
    let Slice { newer, older, position, .. } = shown::slice(&path, page, sheet.matching);
    let mut rows = Vec::with_capacity(ROWS_PER_PAGE);
    for (application, applicant) in &sheet.rows {
        let program = visit.service().program_of(application).or_page(&visit)?;
        rows.push(row(application, applicant, program));
    }
    visit.page(&ApplicationsList {
        counts: counts(&sheet.counts),
        questions: bursar_evidence_portal::waiting(&visit).await?,
        states: states(),
        rounds: rounds(&sheet.rounds),
        orders: orders(),
        words: query.words,
        state: filter.state,
        round: filter.round,
        order: query.order.name().to_owned(),
        rows,
        newer,
        older,
        position: format!("{position} of {}", sheet.matching),
    })
}

pub(super) async fn grants(visit: Visit) -> Answer {
    let mut rows = Vec::new();
    for program in visit.service().programs() {
        let grants = visit.service().program_grants(&visit.viewer, &program.id).await;
        rows.extend(grant_rows(&grants.or_page(&visit)?, true));
    }
    visit.page(&AllGrants { grants: rows })
}

/// A filter's value as it may stand in an address.
fn plain(value: &str) -> String {
    value.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
}

fn row(application: &Application, applicant: &Person, program: &Program) -> DecideRow {
    DecideRow {
        id: application.id,
        title: shown::title(program, &application.answers),
        applicant: bursar_web::name_of(applicant),
        round: shown::round_of(program, application).unwrap_or_default(),
        status: shown::state(application.state),
        notes: notes(application, program),
        requested: application.requested,
        submitted_at: application.submitted_at,
    }
}

/// What to look at before anything else.
fn notes(application: &Application, program: &Program) -> Vec<Status> {
    let mut notes = Vec::new();
    let is_open = matches!(application.state, State::Submitted | State::InReview | State::Decided);
    let standing = eligibility::check(program, &application.answers).standing;
    if is_open && standing != Standing::Eligible {
        notes.push(judged::verdict(standing));
    }
    let waits = application.decision.as_ref().is_some_and(Decision::waits_for_approval);
    if application.state == State::Decided && waits {
        notes.push(Status::new(Tone::Warning, "Needs approval"));
    }
    notes
}

fn counts(all: &BTreeMap<State, u64>) -> Vec<(String, u64)> {
    let groups: [(&str, &[State]); 5] = [
        ("Submitted", &[State::Submitted]),
        ("In review", &[State::InReview]),
        ("Decided, not released", &[State::Decided]),
        ("Awarded", &[State::AwardOffered, State::Accepted, State::Granted]),
        ("Declined", &[State::Declined]),
    ];
    let count = |states: &[State]| states.iter().filter_map(|state| all.get(state)).sum();
    groups.map(|(label, states)| (label.to_owned(), count(states))).into()
}

fn orders() -> Vec<Choice> {
    let label = |order| match order {
        SheetOrder::Latest => "Latest first",
        SheetOrder::Oldest => "Oldest first",
        SheetOrder::Title => "By title",
        SheetOrder::Applicant => "By applicant",
        SheetOrder::Asked => "Largest request first",
    };
    SheetOrder::ALL.into_iter().map(|order| Choice::new(order.name(), label(order))).collect()
}

fn states() -> Vec<Choice> {
    let shown = State::ALL.into_iter().filter(|state| *state != State::Draft);
    let choices = shown.map(|state| Choice::new(state.name(), shown::state(state).label));
    std::iter::once(Choice::new("", "All states")).chain(choices).collect()
}

fn rounds(all: &[(RoundId, Arc<Program>)]) -> Vec<Choice> {
    let choices = all.iter().map(|(id, program)| {
        let round = parse_round(program, id);
        let label = round.map_or(id.to_string(), |round| calendar::name(program, &round));
        Choice::new(id.as_str(), label)
    });
    std::iter::once(Choice::new("", "All rounds")).chain(choices).collect()
}
