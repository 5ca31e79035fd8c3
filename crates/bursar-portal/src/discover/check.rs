//! What can be found out before there is an account: whether one qualifies, when money could
//! arrive, how a proposal reads.

use std::collections::BTreeMap;

use bursar_kernel::program::FormField;
use bursar_kernel::{Program, ProgramId, Timestamp};
use bursar_program::calendar::plan_for_credit_by;
use bursar_program::eligibility::{self, Standing};
use bursar_ui::Input;
use jiff::civil::Date;

use crate::judged;
use crate::pages::discover::{AddressCheck, EligibilityCheck, Needed, Planner, ProposalCheck};
use crate::shown;
use bursar_web::{Answer, Asked, At, OrPage, Posted, Visit};

/// How far from now a planner looks: as far as its calendar goes.
const YEARS_MAX: i16 = 10;

pub(super) async fn eligibility(
    visit: Visit,
    At(id): At<ProgramId>,
    Asked(given): Asked<BTreeMap<String, String>>,
) -> Answer {
    eligibility_with(&visit, &id, given, Input::default()).await
}

/// What an address says. It is answered on the page and forgotten: it stands in no address.
pub(super) async fn address(At(id): At<ProgramId>, form: Posted) -> Answer {
    let given: BTreeMap<String, String> = form
        .fields
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("a-")?.to_owned(), value.clone())))
        .collect();
    let input = form.input(BTreeMap::new());
    eligibility_with(&form.visit, &id, given, input).await
}

async fn eligibility_with(
    visit: &Visit,
    id: &ProgramId,
    given: BTreeMap<String, String>,
    typed: Input,
) -> Answer {
    let program = visit.service().described(id).or_page(visit)?;
    let checked = match typed.values.get("email").filter(|email| !email.trim().is_empty()) {
        Some(email) => Some(bursar_evidence_portal::check_address(visit, program, email).await?),
        None => None,
    };
    let shown = checked.as_ref().map(|checked| checked.evidence.clone()).unwrap_or_default();
    let questions = eligibility::questions(program);
    let is_asked = questions.iter().any(|question| given.contains_key(&question.id));
    let standing = eligibility::check_with(program, &given, &shown).standing;
    let runs = visit.service().runs(id);
    let answers = given.iter().filter(|(name, answer)| {
        !answer.is_empty() && questions.iter().any(|question| question.id == **name)
    });
    let answers: Vec<(String, String)> =
        answers.map(|(name, answer)| (name.clone(), answer.clone())).collect();
    visit.page(&EligibilityCheck {
        program: id.clone(),
        name: program.name.clone(),
        questions: questions.into_iter().cloned().collect(),
        outcome: is_asked.then(|| judged::screening(program, &given, &shown)),
        ask: (is_asked && runs).then(|| bursar_evidence_portal::ask_at(id, &answers)),
        address: program.eligibility.evidence.as_ref().map(|terms| AddressCheck {
            shows: terms.shows.clone(),
            answers,
            input: typed,
            says: checked.map(|checked| checked.says),
        }),
        may_apply: runs
            && program.takes_applications()
            && matches!(standing, Standing::Eligible | Standing::Flagged),
        input: Input { values: given, errors: BTreeMap::new() },
    })
}

pub(super) async fn proposal(visit: Visit, At(id): At<ProgramId>) -> Answer {
    let program = visit.service().described(&id).or_page(&visit)?;
    visit.page(&proposal_page(program, Input::default(), false))
}

/// Answers and forgets: there is nothing to come back to, so there is no other page to go to.
pub(super) async fn advise(At(id): At<ProgramId>, form: Posted) -> Answer {
    let program = form.visit.service().described(&id).or_page(&form.visit)?;
    form.visit.page(&proposal_page(program, form.input(BTreeMap::new()), true))
}

fn proposal_page(program: &Program, input: Input, is_asked: bool) -> ProposalCheck {
    let points = judged::points(program, &input.values, None);
    ProposalCheck {
        program: program.id.clone(),
        name: program.name.clone(),
        questions: proposal_questions(program),
        points: if is_asked { points } else { Vec::new() },
        input,
    }
}

/// The questions that the advice is about, in the order of the form.
fn proposal_questions(program: &Program) -> Vec<FormField> {
    let points = bursar_program::proposal::check(program, &BTreeMap::new());
    let is_advised = |field: &&FormField| {
        points.iter().any(|point| point.field == field.id)
            || program.justification_field.as_ref() == Some(&field.id)
    };
    program.form.iter().filter(is_advised).cloned().collect()
}

/// What the planner says of the days that were asked about.
pub(super) fn planner(
    program: &Program,
    now: Timestamp,
    asked: &BTreeMap<String, String>,
) -> Planner {
    let mut planner = Planner::default();
    for name in ["submit_on", "need_by"] {
        let Some(text) = asked.get(name).filter(|text| !text.trim().is_empty()) else { continue };
        planner.input.values.insert(name.to_owned(), text.clone());
        match read_day(program, now, text) {
            Ok(at) if name == "submit_on" => {
                planner.submitted = shown::next_round(program, at.max(now));
                if planner.submitted.is_none() {
                    let message = "No round of this program is to come then".to_owned();
                    planner.input.errors.insert(name.to_owned(), message);
                }
                planner.day = Some(text.trim().to_owned());
            }
            Ok(at) => planner.needed = Some(needed(program, now, at)),
            Err(message) => {
                planner.input.errors.insert(name.to_owned(), message);
            }
        }
    }
    planner
}

fn needed(program: &Program, now: Timestamp, by: Timestamp) -> Needed {
    match plan_for_credit_by(program, now, by) {
        Some(plan) => Needed::By(shown::round_dates(program, &plan.round, now)),
        None => Needed::TooSoon(shown::next_round(program, now)),
    }
}

/// The first instant of a day on the program's clocks, from today on.
pub(super) fn read_day(program: &Program, now: Timestamp, text: &str) -> Result<Timestamp, String> {
    let zone = &program.review.zone;
    let day: Date = text.trim().parse().map_err(|_| "Enter a day, like 2027-02-03".to_owned())?;
    let today = now.to_zoned(zone.clone()).date();
    if day < today {
        return Err("The day must not be in the past".to_owned());
    }
    if today.year().saturating_add(YEARS_MAX) < day.year() {
        return Err(format!("The day must be within {YEARS_MAX} years"));
    }
    let begins = day.to_zoned(zone.clone()).and_then(|midnight| midnight.start_of_day());
    begins.map(|begins| begins.timestamp()).map_err(|_| "There is no such day".to_owned())
}
