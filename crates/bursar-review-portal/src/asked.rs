//! What a reviewer is asked, and how they get out of it.

use bursar_award::assignment::WhyNot;
use bursar_kernel::program::{Audience, FieldKind};
use bursar_kernel::{ApplicationId, Timestamp};
use bursar_program::calendar;
use bursar_review_pages::asked::{AnotherDatePage, InvitationPage, StepBackPage};
use bursar_reviewing::Answer as Said;
use bursar_service::ServiceError;
use bursar_shown::shown;
use bursar_ui::{Input, routes};
use bursar_web::{Answer, At, Done, OrPage as _, Posted, Visit, invalid};
use jiff::civil::Date;

pub(crate) async fn invitation(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    show_invitation(&visit, id, Input::default()).await
}

pub(crate) async fn answer(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let note = form.field("note").to_owned();
    let said = match form.field("answer") {
        "accept" => Ok(Said::Accept),
        other => WhyNot::named(other)
            .map(|why| Said::Decline { why, note })
            .ok_or_else(|| invalid("answer", "Select your answer")),
    };
    let (to, done) = match &said {
        Ok(Said::Accept) => (routes::review(id), Done::AgreedToReview),
        Ok(Said::Decline { .. }) | Err(_) => (routes::REVIEWS.to_owned(), Done::ReviewDeclined),
    };
    let answered = match said {
        Ok(said) => bursar_reviewing::answer(service, viewer, id, said).await,
        Err(error) => Err(error),
    };
    match answered {
        Ok(()) => form.visit.done(&to, done),
        Err(error) => {
            let errors = form.visit.again(error)?;
            show_invitation(&form.visit, id, form.input(errors)).await
        }
    }
}

async fn show_invitation(visit: &Visit, id: ApplicationId, input: Input) -> Answer {
    let asked = bursar_reviewing::invitation(visit.service(), &visit.viewer, id).await;
    let asked = asked.or_page(visit)?;
    let program = &asked.program;
    // What tells who asks, and for what: institutions and choices, not the proposal.
    let mut answers = asked.application.answers.clone();
    let shows = |id: &String| {
        let field = program.form.iter().find(|field| field.id == *id);
        field.is_some_and(|field| {
            matches!(
                field.kind,
                FieldKind::Institution | FieldKind::Choice { .. } | FieldKind::Choices { .. }
            )
        })
    };
    answers.retain(|id, _| shows(id));
    let occasion = shown::occasion(&asked.application);
    let mut shown = shown::answers(program, occasion, &answers, id, Audience::Reviewer);
    shown.retain(|answer| !answer.answer.is_empty());
    let round = asked.round.as_ref();
    visit.page(&InvitationPage {
        id,
        title: shown::title(program, &asked.application.answers),
        of: (
            program.name.clone(),
            round.map_or_else(String::new, |round| calendar::name(program, round)),
        ),
        because: asked.assignment.because.clone(),
        due: asked.assignment.due_at,
        answers: shown,
        input,
    })
}

pub(crate) async fn ask_step_back(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    show_step_back(&visit, id, Input::default()).await
}

pub(crate) async fn step_back(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    match bursar_reviewing::step_back(service, viewer, id, form.field("note")).await {
        Ok(()) => form.visit.done(routes::REVIEWS, Done::SteppedBack),
        Err(error) => {
            let errors = form.visit.again(error)?;
            show_step_back(&form.visit, id, form.input(errors)).await
        }
    }
}

async fn show_step_back(visit: &Visit, id: ApplicationId, input: Input) -> Answer {
    let title = title_of(visit, id).await.or_page(visit)?;
    visit.page(&StepBackPage { id, title, input })
}

pub(crate) async fn ask_date(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    show_date(&visit, id, Input::default()).await
}

pub(crate) async fn date(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let because = form.field("because");
    let asked = match end_of_day(&form.visit, id, form.field("until")).await {
        Ok(until) => bursar_reviewing::ask_for_date(service, viewer, id, until, because).await,
        Err(error) => Err(error),
    };
    match asked {
        Ok(()) => form.visit.done(&routes::review(id), Done::DateAsked),
        Err(error) => {
            let errors = form.visit.again(error)?;
            show_date(&form.visit, id, form.input(errors)).await
        }
    }
}

/// The end of a day, in the program's zone.
async fn end_of_day(
    visit: &Visit,
    id: ApplicationId,
    text: &str,
) -> Result<Timestamp, ServiceError> {
    let wrong = || invalid("until", "Enter a day, like 2026-12-28");
    let day = text.trim().parse::<Date>().map_err(|_| wrong())?;
    let (application, ..) = visit.service().application_for_reviewer(&visit.viewer, id).await?;
    let zone = visit.service().program_of(&application)?.review.zone.clone();
    let next = day.tomorrow().map_err(|_| wrong())?;
    Ok(next.to_zoned(zone).map_err(|_| wrong())?.timestamp())
}

async fn show_date(visit: &Visit, id: ApplicationId, input: Input) -> Answer {
    let title = title_of(visit, id).await.or_page(visit)?;
    let desk = bursar_reviewing::desk(visit.service(), &visit.viewer).await.or_page(visit)?;
    let Some(one) = desk.agreed.into_iter().find(|one| one.application == id) else {
        return Err(visit.not_found());
    };
    let program = visit.service().program(&one.program).or_page(visit)?;
    let round = calendar::parse_round(program, &one.round);
    let ends = round.map_or(one.due_at, |round| round.review_ends);
    visit.page(&AnotherDatePage { id, title, due: (one.due_at, ends), input })
}

async fn title_of(visit: &Visit, id: ApplicationId) -> Result<String, ServiceError> {
    let found = visit.service().application_for_reviewer(&visit.viewer, id).await?;
    let (application, ..) = found;
    let program = visit.service().program_of(&application)?;
    Ok(shown::title(program, &application.answers))
}
