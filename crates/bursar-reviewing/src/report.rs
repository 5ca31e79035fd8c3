//! What a round came to, for whoever runs it and for whoever is told of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bursar_award::assignment::{Assignment, AssignmentState};
use bursar_award::{Application, Outcome, Review, State};
use bursar_kernel::program::{Audience, FieldKind, FormField};
use bursar_kernel::{
    ApplicationId, PersonId, Program, ProgramId, RoundId, Timestamp, Usd, institution_of,
};
use bursar_policy::Viewer;
use bursar_program::calendar::Round;
use bursar_review::report::{
    Acceptance, Answer, Asked, Count, ReviewerLoad, SMALL_BELOW, Spans, acceptance, loads, spans,
};
use bursar_service::{Service, ServiceError};
use bursar_store::AssignmentFilter;

use crate::ranking::counting;
use crate::round::name;

/// What is said of an application that left the question open, or was not asked.
const UNANSWERED: &str = "Not answered";

/// What a round came to. Figures by group and times leave out what is small, so that they can be
/// told; reviewers and money are for the office.
#[derive(Clone, Debug)]
pub struct RoundReport {
    /// The program.
    pub program: Arc<Program>,
    /// The round.
    pub round: Round,
    /// How many applications it has, without those that were withdrawn.
    pub applications: usize,
    /// What was decided.
    pub decided: Count,
    /// How many were withdrawn.
    pub withdrawn: usize,
    /// Acceptance by one attribute each.
    pub groups: Vec<ByGroup>,
    /// From handing in to the decision; `None` where too few were decided to say.
    pub to_decision: Option<Spans>,
    /// From handing in to the release; `None` where too few were released to say.
    pub to_release: Option<Spans>,
    /// What reviewers were asked for and did, by name.
    pub reviewers: Vec<(String, ReviewerLoad)>,
    /// What the applications ask for in all.
    pub asked: Usd,
    /// What was awarded in all, released or not.
    pub awarded: Usd,
    /// What the program has left to award.
    pub pool: Usd,
    /// Figures from one to one below this are left out.
    pub small_below: u32,
}

/// Acceptance by one attribute.
#[derive(Clone, Debug)]
pub struct ByGroup {
    /// The form's field, or `resubmission`.
    pub attribute: String,
    /// Its name.
    pub label: String,
    /// The table. Where applicants write the group themselves, those that are left out are not
    /// named either: the name alone would tell who applied.
    pub acceptance: Acceptance,
    /// Why rows are without figures, where some are.
    pub note: Option<String>,
}

/// Reports a round, without what the officer is not free to judge: that is in no figure.
pub async fn report(
    service: &Service,
    viewer: &Viewer,
    program: &ProgramId,
    round: &RoundId,
) -> Result<RoundReport, ServiceError> {
    let page = service.round(viewer, program, round).await?;
    let program = Arc::clone(service.program(program)?);
    let (gone, applications): (Vec<_>, Vec<_>) =
        page.applications.into_iter().partition(|one| one.state == State::Withdrawn);
    let asked = asked(service, &program, &page.round, &applications).await?;
    let decided = applications.iter().filter_map(|one| Some((one, accepted(one)?)));
    let decided = decided.fold(Count::default(), |count, (_, accepted)| Count {
        accepted: count.accepted + u32::from(accepted),
        declined: count.declined + u32::from(!accepted),
    });
    let awards = applications.iter().filter_map(|one| one.decision.as_ref()?.outcome.amount());
    let sum = |amounts: Vec<Usd>| Usd::sum(amounts).unwrap_or(Usd::MAX);
    let took = |end: fn(&Application) -> Option<Timestamp>| {
        let took = applications.iter().filter_map(|one| Some((one.submitted_at?, end(one)?)));
        let is_told = |spans: &Spans| u32::try_from(spans.count).is_ok_and(|n| SMALL_BELOW <= n);
        spans(took).filter(is_told)
    };
    Ok(RoundReport {
        applications: applications.len(),
        decided,
        withdrawn: gone.len(),
        groups: groups(&program, &applications),
        to_decision: took(|one| Some(one.decision.as_ref()?.at)),
        to_release: took(|one| one.released_at),
        reviewers: named(service, loads(&asked, service.now())).await?,
        asked: sum(applications.iter().filter_map(|one| one.requested).collect()),
        awarded: sum(awards.collect()),
        pool: service.program_money(viewer, &program.id).await?.pool,
        small_below: SMALL_BELOW,
        program,
        round: page.round,
    })
}

/// Whether it was accepted, once that is decided: on a waiting list nothing is yet.
fn accepted(one: &Application) -> Option<bool> {
    match one.decision.as_ref()?.outcome {
        Outcome::Award { .. } => Some(true),
        Outcome::Decline => Some(false),
        Outcome::Waitlist { .. } => None,
    }
}

/// A table for each question that puts an application into one group, and one for those that
/// came before.
fn groups(program: &Program, applications: &[Application]) -> Vec<ByGroup> {
    let decided: Vec<(&Application, bool)> =
        applications.iter().filter_map(|one| Some((one, accepted(one)?))).collect();
    let table = |attribute: &str, label: &str, group: &dyn Fn(&Application) -> String| {
        let rows: Vec<(String, bool)> = decided.iter().map(|(one, is)| (group(one), *is)).collect();
        let rows = rows.iter().map(|(name, is)| (name.as_str(), *is));
        let acceptance = acceptance(rows, SMALL_BELOW);
        ByGroup {
            attribute: attribute.to_owned(),
            label: label.to_owned(),
            note: acceptance.note(),
            acceptance,
        }
    };
    let asked = program.form.iter().filter(|field| grouping(field));
    let mut tables: Vec<ByGroup> = asked
        .map(|field| {
            let mut table = table(&field.id, &field.name, &|one| group(field, &one.answers));
            if field.kind.options().is_none() {
                table.acceptance.groups.retain(|group| group.count.is_some());
            }
            table
        })
        .collect();
    tables.push(table("resubmission", "first or again", &|one| before(one).to_owned()));
    tables
}

/// Whether a question puts an application into one group. A question with several answers puts it
/// into several, and what officers do not read is nobody's group.
pub(crate) fn grouping(field: &FormField) -> bool {
    let kind = matches!(field.kind, FieldKind::Choice { .. } | FieldKind::Institution);
    kind && field.visible_to.has(Audience::Officer)
}

/// The group that an answer puts its application into.
pub(crate) fn group(field: &FormField, answers: &BTreeMap<String, String>) -> String {
    let answer = answers.get(&field.id).map(|answer| answer.trim());
    let Some(answer) = answer.filter(|answer| !answer.is_empty()) else {
        return UNANSWERED.to_owned();
    };
    match field.kind.options() {
        Some(options) => {
            let known = options.iter().find(|(value, _)| value == answer);
            known.map_or("An earlier option", |(_, label)| label.as_str()).to_owned()
        }
        None => institution_of(answer).0.to_owned(),
    }
}

/// What came before an application.
pub(crate) fn before(one: &Application) -> &'static str {
    match (one.resubmission_of, one.after_grant) {
        (_, Some(_)) => "After an earlier grant",
        (Some(_), None) => "Again after a decline",
        (None, None) => "First application",
    }
}

/// The reviews that somebody was asked for, and those that somebody gave where nobody is asked.
async fn asked(
    service: &Service,
    program: &Program,
    round: &Round,
    applications: &[Application],
) -> Result<Vec<Asked>, ServiceError> {
    let here: BTreeSet<ApplicationId> = applications.iter().map(|one| one.id).collect();
    let reviews = counting(service, program, &round.id, applications).await?;
    let reviews: BTreeMap<(ApplicationId, PersonId), Review> =
        reviews.into_iter().map(|one| ((one.application, one.reviewer), one)).collect();
    let of_round = AssignmentFilter {
        round: Some((program.id.clone(), round.id.clone())),
        ..AssignmentFilter::default()
    };
    let mut assigned = service.store().assignments(of_round).await?;
    assigned.retain(|one| here.contains(&one.application));
    let mut told: Vec<Asked> = assigned.iter().filter_map(|one| told(one, &reviews)).collect();
    let pairs: BTreeSet<(ApplicationId, PersonId)> =
        assigned.iter().map(|one| (one.application, one.reviewer)).collect();
    let unasked = reviews.iter().filter(|(pair, _)| !pairs.contains(pair));
    told.extend(unasked.map(|(_, review)| Asked {
        reviewer: review.reviewer,
        at: round.review_begins,
        due: None,
        answer: Answer::Done(review.submitted_at),
    }));
    Ok(told)
}

/// What a reviewer knows of having been asked; nothing of a plan, and nothing of what an officer
/// took back before it was answered.
fn told(one: &Assignment, reviews: &BTreeMap<(ApplicationId, PersonId), Review>) -> Option<Asked> {
    let review = reviews.get(&(one.application, one.reviewer));
    let answer = match &one.state {
        AssignmentState::Proposed | AssignmentState::Released { .. } => return None,
        AssignmentState::Declined { .. } | AssignmentState::Recused { .. } => Answer::Declined,
        AssignmentState::Invited | AssignmentState::Accepted => {
            review.map_or(Answer::Open, |review| Answer::Done(review.submitted_at))
        }
    };
    let at = one.invited_at.unwrap_or(one.made_at);
    Some(Asked { reviewer: one.reviewer, at, due: Some(one.due_at), answer })
}

async fn named(
    service: &Service,
    loads: Vec<ReviewerLoad>,
) -> Result<Vec<(String, ReviewerLoad)>, ServiceError> {
    let people = service.people_by_ids(loads.iter().map(|load| load.reviewer)).await?;
    let mut named: Vec<(String, ReviewerLoad)> = loads
        .into_iter()
        .map(|load| {
            let person = people.get(&load.reviewer);
            (person.map_or_else(|| load.reviewer.to_string(), name), load)
        })
        .collect();
    named.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(named)
}
