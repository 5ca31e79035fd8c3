//! Lists of all applications and all grants.

use bursar_award::{Application, Decision};
use bursar_kernel::limits::ROWS_PER_PAGE;
use bursar_kernel::{Program, RoundId};
use bursar_program::calendar::{self, parse_round};
use bursar_program::eligibility::{self, Standing};
use bursar_service::State;
use bursar_store::ApplicationFilter;
use bursar_store::rows::Person;
use bursar_ui::{Choice, Status, Tone, routes};
use serde::Deserialize;

use crate::judged;
use crate::pages::decide::{AllGrants, ApplicationsList, DecideRow};
use crate::shown::{self, Slice};
use crate::wallet::grant_rows;
use bursar_web::{Answer, Asked, OrPage, Visit};

#[derive(Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    state: String,
    #[serde(default)]
    round: String,
    page: Option<usize>,
}

pub(super) async fn applications(visit: Visit, Asked(filter): Asked<Filter>) -> Answer {
    let all = ApplicationFilter::default();
    let all = visit.service().applications_for_officer(&visit.viewer, all).await.or_page(&visit)?;
    let state = State::from_name(&filter.state);
    let matching: Vec<&(Application, Person)> = all
        .iter()
        .filter(|(application, _)| state.is_none_or(|state| application.state == state))
        .filter(|(application, _)| {
            let round = application.round.as_ref().map(RoundId::as_str);
            filter.round.is_empty() || round == Some(filter.round.as_str())
        })
        .collect();
    let path = format!(
        "{}?state={}&round={}&",
        routes::DECIDE,
        plain(&filter.state),
        plain(&filter.round)
    );
    let slice = shown::slice(&path, filter.page.unwrap_or(1), matching.len());
    let mut rows = Vec::with_capacity(ROWS_PER_PAGE);
    for (application, applicant) in matching.iter().skip(slice.from).take(ROWS_PER_PAGE) {
        let program = visit.service().program_of(application).or_page(&visit)?;
        rows.push(row(application, applicant, program));
    }
    let Slice { newer, older, position, .. } = slice;
    visit.page(&ApplicationsList {
        counts: counts(&all),
        questions: bursar_evidence_portal::waiting(&visit).await?,
        states: states(),
        rounds: rounds(&visit, &all),
        state: filter.state,
        round: filter.round,
        rows,
        newer,
        older,
        position: format!("{position} of {}", matching.len()),
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

fn counts(all: &[(Application, Person)]) -> Vec<(String, u64)> {
    let groups: [(&str, &[State]); 5] = [
        ("Submitted", &[State::Submitted]),
        ("In review", &[State::InReview]),
        ("Decided, not released", &[State::Decided]),
        ("Awarded", &[State::AwardOffered, State::Accepted, State::Granted]),
        ("Declined", &[State::Declined]),
    ];
    let count = |states: &[State]| {
        all.iter().map(|(application, _)| u64::from(states.contains(&application.state))).sum()
    };
    groups.map(|(label, states)| (label.to_owned(), count(states))).into()
}

fn states() -> Vec<Choice> {
    let shown = State::ALL.into_iter().filter(|state| *state != State::Draft);
    let choices = shown.map(|state| Choice::new(state.name(), shown::state(state).label));
    std::iter::once(Choice::new("", "All states")).chain(choices).collect()
}

/// The rounds that there are applications in, the latest first.
fn rounds(visit: &Visit, all: &[(Application, Person)]) -> Vec<Choice> {
    let mut rounds: Vec<(&RoundId, String)> = Vec::new();
    for (application, _) in all {
        let Some(id) = &application.round else { continue };
        let Ok(program) = visit.service().program_of(application) else { continue };
        if !rounds.iter().any(|(known, _)| *known == id) {
            let round = parse_round(program, id);
            let label = round.map_or(id.to_string(), |round| calendar::name(program, &round));
            rounds.push((id, label));
        }
    }
    rounds.sort_by(|(a, _), (b, _)| b.cmp(a));
    let choices = rounds.into_iter().map(|(id, label)| Choice::new(id.as_str(), label));
    std::iter::once(Choice::new("", "All rounds")).chain(choices).collect()
}
