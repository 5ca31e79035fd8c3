//! One application as an officer reads it, and the decision.

use std::collections::BTreeMap;

use bursar_award::{Decision, Earlier, Outcome, Review, mean, score};
use bursar_kernel::program::Audience;
use bursar_kernel::{ApplicationId, PersonId, Program};
use bursar_program::{calendar, eligibility};
use bursar_service::{LAST, OfficerPage, Recommendation, ServiceError, State, Verdict};
use bursar_ui::{Input, Status, Tone, available, routes};

use super::{delivery, questions, screening};
use crate::estimate;
use crate::judged;
use crate::pages::decide::{
    Applicant, ApplicationDecision, Approval, DecisionPanel, ReviewChange, ReviewShown, Step,
};
use crate::shown;
use bursar_web::{Answer, At, Done, OrPage, Posted, Trouble, Visit, invalid, read_amount};

/// What was typed into the forms of the page.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) decision: Option<Input>,
    pub(super) day: Input,
    pub(super) ask: Input,
    pub(super) screening: Input,
}

pub(super) async fn show(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    show_page(&visit, id, Typed::default()).await
}

pub(super) async fn decide(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    let decided = match verdict(&form) {
        Ok(verdict) => {
            let (service, viewer) = (form.visit.service(), &form.visit.viewer);
            bursar_evidence::decide(service, viewer, None, id, verdict).await
        }
        Err(error) => Err(error),
    };
    match decided {
        Ok(()) => form.visit.done(&routes::decide(id), Done::Decided),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let typed = Typed { decision: Some(form.input(errors)), ..Typed::default() };
            show_page(&form.visit, id, typed).await
        }
    }
}

pub(super) async fn approve(At(id): At<ApplicationId>, form: Posted) -> Answer {
    let done = form.visit.service().approve(&form.visit.viewer, None, id).await;
    after(form, id, done, Done::Approved).await
}

pub(super) async fn take_back(At(id): At<ApplicationId>, form: Posted) -> Answer {
    let done = form.visit.service().take_back_decision(&form.visit.viewer, None, id).await;
    after(form, id, done, Done::DecisionTakenBack).await
}

pub(super) async fn offer(At(id): At<ApplicationId>, form: Posted) -> Answer {
    let done = form.visit.service().offer_waiting(&form.visit.viewer, id).await;
    after(form, id, done, Done::AwardOffered).await
}

/// The page again after a button of it, with what came of that.
async fn after(
    mut form: Posted,
    id: ApplicationId,
    done: Result<(), ServiceError>,
    said: Done,
) -> Answer {
    match done {
        Ok(()) => form.visit.done(&routes::decide(id), said),
        Err(error) => {
            form.visit.again(error)?;
            show_page(&form.visit, id, Typed::default()).await
        }
    }
}

fn verdict(form: &Posted) -> Result<Verdict, ServiceError> {
    let outcome = match form.field("decision") {
        "award" => {
            let amount = read_amount(form.field("amount"));
            Outcome::Award { amount: amount.map_err(|text| invalid("amount", text))? }
        }
        "waitlist" => {
            let amount = read_amount(form.field("amount"));
            let amount = amount.map_err(|text| invalid("amount", text))?;
            Outcome::Waitlist { amount, place: LAST }
        }
        "decline" => Outcome::Decline,
        _ => return Err(invalid("decision", "Select what you decide")),
    };
    let reasons = form.field("reasons").trim().to_owned();
    if reasons.is_empty() {
        return Err(invalid("reasons", "Enter the reasons that the applicant will read"));
    }
    let justification = Some(form.field("justification").trim().to_owned());
    Ok(Verdict { outcome, reasons, justification: justification.filter(|text| !text.is_empty()) })
}

/// The page, with what was typed into its forms.
pub(super) async fn show_page(visit: &Visit, id: ApplicationId, typed: Typed) -> Answer {
    let found = visit.service().application_for_officer(&visit.viewer, id).await;
    let page = found.or_page(visit)?;
    let program = visit.service().program_of(&page.application).or_page(visit)?;
    let money = visit.service().program_money(&visit.viewer, &program.id).await.or_page(visit)?;
    let application = &page.application;
    let answers = &application.answers;
    let round = page.round.as_ref();
    let priority = eligibility::priority(program, answers);
    let earlier = page
        .earlier
        .as_ref()
        .map(|earlier| (earlier.id, judged::changed(program, &earlier.answers, answers)));
    let (shown, more) = bursar_evidence_portal::finding(visit, id).await?;
    let mut screening = judged::screening_for_officer(program, answers, &shown);
    screening.findings.extend(more);
    let scored = page.reviews.iter().map(|(review, _)| &review.scores);
    visit.page(&ApplicationDecision {
        id,
        title: shown::title(program, answers),
        program: program.name.clone(),
        round: round.map_or(String::new(), |round| calendar::name(program, round)),
        status: shown::state(application.state),
        applicant: applicant(visit, &page).await?,
        requested: application.requested,
        typical_max: program.award.of(answers).typical_max,
        pool_left: money.pool,
        screening,
        word: screening::word(visit, application, program, typed.screening).await?,
        has_panel: program.panel.is_some(),
        keeps_list: program.award.waiting_days.is_some(),
        priority: (priority.reasons, priority.of),
        accepted: judged::accepted(program, &application.accepted_policies),
        answers: shown::answers(
            program,
            shown::occasion(application),
            answers,
            id,
            Audience::Officer,
        ),
        earlier,
        progress: page.progress.as_ref().map(ToString::to_string),
        estimate: estimate::of_submitted(program, application),
        criteria: program.rubric.clone(),
        reviews: reviews(&page, program),
        mean: mean(&program.rubric, scored).map(|mean| mean.to_string()),
        delivery: delivery::panel(visit, &page, typed.day).await?,
        panel: panel(visit, &page, program, typed.decision).await?,
        questions: questions::list(visit, id, program).await?,
        ask: questions::may_ask(application.state).then_some(typed.ask),
        members: questions::members(visit, id).await?,
    })
}

async fn applicant(visit: &Visit, page: &OfficerPage) -> Result<Applicant, Trouble> {
    let email = &page.applicant.email;
    let known = bursar_operator::address_of(visit.service(), &visit.viewer, email).await;
    let known = known.or_page(visit)?;
    let person = page.applicant.id;
    let orcids = bursar_sign_in::officer_sees(visit.service(), &visit.viewer, person).await;
    let orcids = orcids.or_page(visit)?;
    let affiliation = page.application.answers.get("affiliation");
    Ok(Applicant {
        name: bursar_web::name_of(&page.applicant),
        email: email.clone(),
        orcids,
        bounced: known.and_then(|known| known.bounced).map(|bounce| bounce.why),
        affiliation: affiliation.cloned().unwrap_or_default(),
    })
}

fn reviews(page: &OfficerPage, program: &Program) -> Vec<ReviewShown> {
    let shown = page.reviews.iter().map(|(review, reviewer)| ReviewShown {
        reviewer: bursar_web::name_of(reviewer),
        recommendation: recommended(review.recommendation),
        comment: review.comment.clone(),
        scores: review.scores.clone(),
        score: score(&program.rubric, &review.scores).map(|score| score.to_string()),
        for_officer: review.for_officer.clone(),
        at: review.submitted_at,
        changes: changes(review, program),
    });
    shown.collect()
}

fn recommended(recommendation: Recommendation) -> Status {
    match recommendation {
        Recommendation::Award => Status::new(Tone::Good, "Award"),
        Recommendation::Decline => Status::new(Tone::Bad, "Decline"),
        Recommendation::Unsure => Status::new(Tone::Warning, "Unsure"),
    }
}

/// What was changed each time that a review was sent in anew, the latest first.
fn changes(review: &Review, program: &Program) -> Vec<ReviewChange> {
    let mut versions = review.versions();
    let mut changes = Vec::with_capacity(review.earlier.len());
    while let Some((later, earlier)) =
        versions.pop().and_then(|later| Some((later, versions.last()?.clone())))
    {
        let parts = said(&earlier, program).into_iter().zip(said(&later, program));
        let parts = parts.filter(|(before, after)| before != after);
        let parts = parts.map(|((what, before), (_, after))| (what, before, after));
        changes.push(ReviewChange { at: later.submitted_at, parts: parts.collect() });
    }
    changes
}

/// What a version of a review says, part by part; each version has the same parts.
fn said(version: &Earlier, program: &Program) -> Vec<(String, String)> {
    let scores = program.rubric.iter().map(|criterion| {
        let score = version.scores.get(&criterion.id).map(ToString::to_string);
        (criterion.label.clone(), score.unwrap_or_default())
    });
    let rest = [
        ("Recommendation", recommended(version.recommendation).label),
        ("Why", version.comment.clone()),
        ("For the officer only", version.for_officer.clone()),
    ];
    let rest = rest.map(|(what, text)| (what.to_owned(), text));
    scores.chain(rest).collect()
}

/// The form where a decision can be made, and what was decided where one was.
async fn panel(
    visit: &Visit,
    page: &OfficerPage,
    program: &Program,
    input: Option<Input>,
) -> Result<DecisionPanel, Trouble> {
    let application = &page.application;
    let at_desk = application.decision.as_ref().is_some_and(|decision| decision.at_desk);
    // What was declined before the review is taken back, and not decided anew.
    let may_decide = matches!(application.state, State::InReview | State::Decided) && !at_desk;
    if let (true, Some(input)) = (may_decide, input.clone()) {
        return Ok(DecisionPanel::Open { input });
    }
    if let Some(decision) = &application.decision {
        let officer = name(visit, decision.by).await?;
        let day = shown::day(program, decision.at);
        let what = in_words(decision);
        return Ok(DecisionPanel::Decided {
            summary: format!("{what}, decided by {officer} on {day}"),
            reasons: decision.reasons.clone(),
            above: decision.justification.clone(),
            approval: approval(visit, decision).await?,
            input: may_decide.then(|| decided_input(decision)),
            step: match application.state {
                State::Decided => Some(Step::TakeBack),
                State::Waitlisted => Some(Step::Offer),
                State::Draft
                | State::Submitted
                | State::InReview
                | State::AwardOffered
                | State::Declined
                | State::Accepted
                | State::Granted
                | State::Withdrawn
                | State::AwardDeclined
                | State::AwardLapsed => None,
            },
        });
    }
    if may_decide {
        return Ok(DecisionPanel::Open { input: Input::default() });
    }
    Ok(match (application.state, &page.round) {
        (State::Submitted, Some(round)) => {
            let begins = shown::day(program, round.review_begins);
            DecisionPanel::Desk { begins, input: input.unwrap_or_default() }
        }
        _ => DecisionPanel::Closed { reason: "There is nothing to decide.".to_owned() },
    })
}

/// Whether a second officer's word is asked for, and given.
async fn approval(visit: &Visit, decision: &Decision) -> Result<Option<Approval>, Trouble> {
    Ok(match decision.approved_by {
        Some(second) => Some(Approval::Given { by: name(visit, second).await? }),
        None if !decision.needs_approval => None,
        None if visit.viewer.person() == Some(decision.by) => Some(Approval::WaitsForAnother),
        None => Some(Approval::Waits),
    })
}

pub(super) async fn name(visit: &Visit, id: PersonId) -> Result<String, Trouble> {
    let found = visit.service().store().person(id).await;
    let found = found.map_err(ServiceError::from).or_page(visit)?;
    Ok(found.map_or("somebody".to_owned(), |person| bursar_web::name_of(&person)))
}

fn in_words(decision: &Decision) -> String {
    match decision.outcome {
        Outcome::Award { amount } => format!("Award of {}", available(amount)),
        Outcome::Waitlist { amount, place } => {
            format!("Place {place} on the waiting list, for {}", available(amount))
        }
        Outcome::Decline => "No award".to_owned(),
    }
}

fn decided_input(decision: &Decision) -> Input {
    let (word, amount) = match decision.outcome {
        Outcome::Award { amount } => ("award", amount.to_string()),
        Outcome::Waitlist { amount, .. } => ("waitlist", amount.to_string()),
        Outcome::Decline => ("decline", String::new()),
    };
    let values = [
        ("decision", word.to_owned()),
        ("amount", amount),
        ("reasons", decision.reasons.clone()),
        ("justification", decision.justification.clone().unwrap_or_default()),
    ];
    let values = values.map(|(name, value)| (name.to_owned(), value));
    Input { values: BTreeMap::from(values), errors: BTreeMap::new() }
}
