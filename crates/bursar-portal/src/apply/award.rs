//! The decision as its applicant reads it, and the answer to an award.

use std::collections::BTreeMap;

use bursar_kernel::{ApplicationId, Program, Usd};
use bursar_program::calendar::expiry;
use bursar_service::{ApplicantPage, Stage};
use bursar_ui::{Input, routes};

use super::{own, status};
use crate::pages::apply::{AcceptAward, DeclineAward, Letter, Outcome};
use crate::shown;
use bursar_web::{Answer, At, Done, Posted, Visit};

pub(super) async fn letter(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    let (page, program) = own(&visit, id).await?;
    let Some(released_at) = page.status.released_at else {
        return visit.go(&routes::application(id));
    };
    visit.page(&Letter {
        id,
        title: shown::title(program, &page.answers),
        program: program.name.clone(),
        released_at,
        outcome: outcome(&page, program),
        text: page.status.reasons.clone().unwrap_or_default(),
        counted: page.priority.clone().unwrap_or_default().reasons,
        feedback: page.status.feedback.iter().map(ToString::to_string).collect(),
        apply_again: routes::apply(&program.id),
    })
}

fn outcome(page: &ApplicantPage, program: &Program) -> Outcome {
    let answer_by = status::answer_by(page, program);
    let Some(amount) = page.status.award else {
        return match page.status.stage {
            Stage::Waitlisted => Outcome::Waitlisted { until: answer_by },
            Stage::Draft
            | Stage::Submitted
            | Stage::AwardOffered
            | Stage::Declined
            | Stage::Accepted
            | Stage::Granted
            | Stage::Withdrawn
            | Stage::AwardDeclined
            | Stage::AwardLapsed => Outcome::Declined,
        };
    };
    let answer = match page.status.stage {
        Stage::AwardOffered => return Outcome::Awarded { amount, answer_by },
        Stage::Accepted | Stage::Granted => match page.status.accepted_at {
            Some(at) => format!("You accepted it on {}.", shown::day(program, at)),
            None => "You accepted it.".to_owned(),
        },
        Stage::AwardDeclined => "You declined it.".to_owned(),
        Stage::AwardLapsed => "It was not answered in time, and went to somebody else.".to_owned(),
        Stage::Draft
        | Stage::Submitted
        | Stage::Declined
        | Stage::Withdrawn
        | Stage::Waitlisted => String::new(),
    };
    Outcome::Answered { amount, answer }
}

pub(super) async fn ask_accept(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    let (page, program) = own(&visit, id).await?;
    show_accept(&visit, &page, program, Input::default())
}

pub(super) async fn accept(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    if form.field("accept") != "yes" {
        form.visit.wrong();
        let (page, program) = own(&form.visit, id).await?;
        let message = "Accept the terms to receive the award".to_owned();
        let input = form.input(BTreeMap::from([("accept".to_owned(), message)]));
        return show_accept(&form.visit, &page, program, input);
    }
    match bursar_applying::accept_award(form.visit.service(), &form.visit.viewer, id).await {
        Ok(grant) => form.visit.done(&routes::grant(grant), Done::Accepted),
        Err(error) => {
            form.visit.again(error)?;
            let (page, program) = own(&form.visit, id).await?;
            status::show_page(&form.visit, &page, program).await
        }
    }
}

pub(super) async fn ask_decline(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    let (page, program) = own(&visit, id).await?;
    let answer_by = status::answer_by(&page, program);
    match offered(&page) {
        Some(amount) => visit.page(&DeclineAward { id, amount, answer_by }),
        None => visit.go(&routes::application(id)),
    }
}

pub(super) async fn decline(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    match bursar_applying::decline_award(form.visit.service(), &form.visit.viewer, id).await {
        Ok(()) => form.visit.done(&routes::application(id), Done::Declined),
        Err(error) => {
            form.visit.again(error)?;
            let (page, program) = own(&form.visit, id).await?;
            status::show_page(&form.visit, &page, program).await
        }
    }
}

/// The award that waits for an answer.
fn offered(page: &ApplicantPage) -> Option<Usd> {
    page.status.award.filter(|_| page.status.stage == Stage::AwardOffered)
}

fn show_accept(visit: &Visit, page: &ApplicantPage, program: &Program, input: Input) -> Answer {
    let id = page.status.id;
    let (Some(amount), Some((delivery_from, delivery_to))) = (offered(page), page.delivery) else {
        return visit.go(&routes::application(id));
    };
    let decided_at = page.status.offered_at.unwrap_or(delivery_from);
    visit.page(&AcceptAward {
        id,
        program: program.name.clone(),
        amount,
        answer_by: status::answer_by(page, program),
        delivery_from,
        delivery_to,
        expiry_from: expiry(program, decided_at, delivery_from),
        expiry_to: expiry(program, decided_at, delivery_to),
        terms: program.guide.limits.clone(),
        input,
    })
}
