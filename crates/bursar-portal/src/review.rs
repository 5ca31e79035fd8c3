//! The reviewer's work: a queue, and one application at a time.

use std::collections::BTreeMap;

use axum::Router;
use axum::routing::get;
use bursar_award::{Application, Review, score};
use bursar_kernel::program::Audience;
use bursar_kernel::{ApplicationId, Program};
use bursar_program::answers::FieldError;
use bursar_program::calendar::{self, in_review, parse_round};
use bursar_reviewing::desk;
use bursar_service::{Recommendation, ServiceError};
use bursar_ui::{Input, Status, Tone, routes};

use crate::estimate;
use crate::judged;
use crate::pages::review::{Queue, QueueRow, ReviewPage};
use crate::shown;
use bursar_web::{Answer, At, Done, OrPage, Posted, Site, Visit, invalid};

/// What the names of the scores' fields begin with.
const SCORE: &str = "score-";

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route(routes::REVIEWS, get(queue))
        .route("/reviews/{id}", get(application).post(submit))
}

async fn queue(visit: Visit) -> Answer {
    let waiting = visit.service().review_queue(&visit.viewer).await.or_page(&visit)?;
    let mut rows = Vec::with_capacity(waiting.len());
    for (application, review) in &waiting {
        let program = visit.service().program_of(application).or_page(&visit)?;
        rows.push((review.is_some(), row(application, review.as_ref(), program)));
    }
    rows.sort_by_key(|(done, _)| *done);
    let desk = desk(visit.service(), &visit.viewer).await.or_page(&visit)?;
    let now = visit.frame().now;
    let mut invitations = Vec::with_capacity(desk.invitations.len());
    for asked in &desk.invitations {
        let status = Status::new(Tone::Warning, "Awaits your answer");
        invitations.push(QueueRow { status, ..row(&asked.application, None, &asked.program) });
    }
    let mut programs = visit.service().programs().iter();
    let open =
        programs.find_map(|program| Some((program, in_review(program, now).into_iter().next()?)));
    visit.page(&Queue {
        round: open.as_ref().map(|(program, round)| calendar::name(program, round)),
        due: open.map(|(program, round)| calendar::reviews_due(program, &round)),
        invitations,
        asks_who_you_are: visit.service().programs().iter().any(|program| program.panel.is_some()),
        rows: rows.into_iter().map(|(_, row)| row).collect(),
    })
}

async fn application(visit: Visit, At(id): At<ApplicationId>) -> Answer {
    show(&visit, id, None).await
}

async fn submit(At(id): At<ApplicationId>, mut form: Posted) -> Answer {
    let sent = match read(form.field("recommendation")) {
        Some(recommendation) => {
            let comment = form.field("comment").to_owned();
            let (service, viewer) = (form.visit.service(), &form.visit.viewer);
            match scores(&form) {
                Ok(scores) => {
                    service.submit_review(viewer, id, recommendation, comment, scores).await
                }
                Err(error) => Err(error),
            }
        }
        None => Err(invalid("recommendation", "Select what you recommend")),
    };
    match sent {
        Ok(()) => form.visit.done(&routes::review(id), Done::Reviewed),
        Err(error) => {
            let errors = form.visit.again(error)?;
            show(&form.visit, id, Some(form.input(errors))).await
        }
    }
}

/// The scores that were selected. Which there have to be is the service's to say.
fn scores(form: &Posted) -> Result<BTreeMap<String, u32>, ServiceError> {
    let mut scores = BTreeMap::new();
    let mut errors = Vec::new();
    for (name, value) in &form.fields {
        let Some(criterion) = name.strip_prefix(SCORE) else { continue };
        if let Ok(score) = value.parse() {
            scores.insert(criterion.to_owned(), score);
        } else {
            let (field, message) = (name.clone(), "Select a score".to_owned());
            errors.push(FieldError { field, message });
        }
    }
    if errors.is_empty() { Ok(scores) } else { Err(ServiceError::Invalid(errors)) }
}

fn read(recommendation: &str) -> Option<Recommendation> {
    let all = [Recommendation::Award, Recommendation::Decline, Recommendation::Unsure];
    all.into_iter().find(|one| one.name() == recommendation)
}

async fn show(visit: &Visit, id: ApplicationId, input: Option<Input>) -> Answer {
    let found = visit.service().application_for_reviewer(&visit.viewer, id).await;
    let (application, mine, earlier) = found.or_page(visit)?;
    let program = visit.service().program_of(&application).or_page(visit)?;
    let agreed = desk(visit.service(), &visit.viewer).await.or_page(visit)?.agreed;
    let assigned = agreed.into_iter().find(|one| one.application == id);
    let values = mine.as_ref().map_or_else(BTreeMap::new, |review| {
        let recommendation = review.recommendation.name().to_owned();
        let scores = review.scores.iter();
        let scores = scores.map(|(id, score)| (format!("{SCORE}{id}"), score.to_string()));
        let rest = [
            ("recommendation".to_owned(), recommendation),
            ("comment".to_owned(), review.comment.clone()),
        ];
        rest.into_iter().chain(scores).collect()
    });
    let answers = &application.answers;
    let changed = |earlier: &Application| judged::changed(program, &earlier.answers, answers);
    let score = mine.as_ref().and_then(|review| score(&program.rubric, &review.scores));
    visit.page(&ReviewPage {
        id,
        title: shown::title(program, answers),
        status: progress(mine.as_ref()),
        answers: shown::answers(
            program,
            shown::occasion(&application),
            answers,
            id,
            Audience::Reviewer,
        ),
        rubric: program.rubric.clone(),
        score: score.map(|score| score.to_string()),
        changes: earlier.as_ref().map(changed),
        progress: application.progress.as_ref().map(ToString::to_string),
        estimate: estimate::of_submitted(program, &application),
        input: input.unwrap_or(Input { values, errors: BTreeMap::new() }),
        submitted_at: mine.map(|review| review.submitted_at),
        open: true,
        assigned: assigned.map(|one| (one.due_at, one.asked.is_some())),
    })
}

fn row(application: &Application, review: Option<&Review>, program: &Program) -> QueueRow {
    let round = application.round.as_ref().and_then(|round| parse_round(program, round));
    let round =
        round.map_or(String::new(), |round| format!(", {} round", calendar::name(program, &round)));
    let words: usize =
        application.answers.values().map(|answer| bursar_program::answers::words(answer)).sum();
    QueueRow {
        id: application.id,
        title: shown::title(program, &application.answers),
        detail: format!("{}{round}, {words} words", program.name),
        status: progress(review),
    }
}

fn progress(review: Option<&Review>) -> Status {
    match review {
        Some(_) => Status::new(Tone::Good, "Reviewed"),
        None => Status::new(Tone::Info, "Not yet reviewed"),
    }
}
