//! One application as an officer reads it, and the decision.

use std::collections::BTreeMap;

use bursar_award::{Decision, Outcome};
use bursar_kernel::{ApplicationId, Program};
use bursar_service::{OfficerPage, Recommendation, ServiceError, State, Verdict};
use bursar_ui::{Input, Status, Tone, available, routes};

use crate::pages::decide::{Applicant, ApplicationDecision, DecisionPanel, ReviewShown};
use crate::shown;
use crate::web::{Answer, At, Done, OrPage, Posted, Visit, invalid, read_amount};

pub(super) async fn show(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    show_with(&visit, id, None).await
}

pub(super) async fn decide(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    let decided = match verdict(&form) {
        Ok(verdict) => form.visit.service().decide(&form.visit.viewer, id, verdict).await,
        Err(error) => Err(error),
    };
    match decided {
        Ok(()) => form.visit.done(&routes::decide(id), Done::Decided),
        Err(error) => {
            let errors = form.visit.again(error)?;
            show_with(&form.visit, id, Some(form.input(errors))).await
        }
    }
}

fn verdict(form: &Posted) -> Result<Verdict, ServiceError> {
    let outcome = match form.field("decision") {
        "award" => {
            let amount = read_amount(form.field("amount"));
            Outcome::Award { amount: amount.map_err(|text| invalid("amount", text))? }
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

async fn show_with(visit: &Visit, id: ApplicationId, input: Option<Input>) -> Answer {
    let found = visit.service().application_for_officer(&visit.viewer, id).await;
    let page = found.or_page(visit)?;
    let program = visit.service().program(&page.application.program).or_page(visit)?;
    let money = visit.service().program_money(&visit.viewer, &program.id).await.or_page(visit)?;
    let application = &page.application;
    let round = page.round.as_ref();
    visit.page(&ApplicationDecision {
        id,
        title: shown::title(program, &application.answers),
        program: program.name.clone(),
        round: round.map_or(String::new(), |round| shown::round_label(program, round)),
        status: shown::state(application.state),
        applicant: applicant(&page),
        requested: application.requested,
        typical_max: program.award.typical_max,
        pool_left: money.pool,
        answers: shown::answers(program, &application.answers, None),
        reviews: reviews(&page),
        panel: panel(visit, &page, program, input).await?,
    })
}

fn applicant(page: &OfficerPage) -> Applicant {
    let affiliation = page.application.answers.get("affiliation");
    Applicant {
        name: shown::name_of(&page.applicant),
        email: page.applicant.email.clone(),
        affiliation: affiliation.cloned().unwrap_or_default(),
    }
}

fn reviews(page: &OfficerPage) -> Vec<ReviewShown> {
    let shown = page.reviews.iter().map(|(review, reviewer)| ReviewShown {
        reviewer: shown::name_of(reviewer),
        recommendation: match review.recommendation {
            Recommendation::Award => Status::new(Tone::Good, "Award"),
            Recommendation::Decline => Status::new(Tone::Bad, "Decline"),
            Recommendation::Unsure => Status::new(Tone::Warning, "Unsure"),
        },
        comment: review.comment.clone(),
        at: review.submitted_at,
    });
    shown.collect()
}

/// The form where a decision can be made, and what was decided where one was.
async fn panel(
    visit: &Visit,
    page: &OfficerPage,
    program: &Program,
    input: Option<Input>,
) -> Result<DecisionPanel, crate::web::Trouble> {
    let application = &page.application;
    let may_decide = matches!(application.state, State::InReview | State::Decided);
    if let (true, Some(input)) = (may_decide, input) {
        return Ok(DecisionPanel::Open { input });
    }
    if let Some(decision) = &application.decision {
        let officer = visit.service().store().person(decision.by).await;
        let officer = officer.map_err(ServiceError::from).or_page(visit)?;
        let officer = officer.map_or("somebody".to_owned(), |officer| shown::name_of(&officer));
        let day = shown::day(program, decision.at);
        let what = in_words(decision);
        return Ok(DecisionPanel::Decided {
            summary: format!("{what}, decided by {officer} on {day}"),
            reasons: decision.reasons.clone(),
            input: may_decide.then(|| decided_input(decision)),
        });
    }
    if may_decide {
        return Ok(DecisionPanel::Open { input: Input::default() });
    }
    let reason = match (application.state, &page.round) {
        (State::Submitted, Some(round)) => {
            let begins = shown::day(program, round.review_begins);
            format!("The review begins on {begins}; a decision can be made from then on.")
        }
        _ => "There is nothing to decide.".to_owned(),
    };
    Ok(DecisionPanel::Closed { reason })
}

fn in_words(decision: &Decision) -> String {
    match decision.outcome {
        Outcome::Award { amount } => format!("Award of {}", available(amount)),
        Outcome::Decline => "No award".to_owned(),
    }
}

fn decided_input(decision: &Decision) -> Input {
    let (word, amount) = match decision.outcome {
        Outcome::Award { amount } => ("award", amount.to_string()),
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
