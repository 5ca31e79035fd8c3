//! The reviewer's work: a queue, and one application at a time.

use std::collections::BTreeMap;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use bursar_award::draft::read_shown_with;
use bursar_award::{Application, Review, score};
use bursar_kernel::program::Audience;
use bursar_kernel::{ApplicationId, Program};
use bursar_program::calendar::{self, in_review, parse_round};
use bursar_reviewing::{desk, save_review, send_review, writing};
use bursar_service::ServiceError;
use bursar_ui::{Input, Status, Tone, routes};
use serde_json::json;

use crate::estimate;
use crate::judged;
use crate::pages::review::{Queue, QueueRow, ReviewPage};
use crate::shown;
use bursar_web::{Answer, At, Done, OrPage, Sent, Site, Visit};

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route(routes::REVIEWS, get(queue))
        .route("/reviews/{id}", get(application).post(save))
}

async fn queue(visit: Visit) -> Answer {
    let waiting = visit.service().review_queue(&visit.viewer).await.or_page(&visit)?;
    let desk = desk(visit.service(), &visit.viewer).await.or_page(&visit)?;
    let mut rows = Vec::with_capacity(waiting.len());
    for (application, review) in &waiting {
        let program = visit.service().program_of(application).or_page(&visit)?;
        let has_draft = desk.drafts.contains(&application.id);
        let status = progress(review.as_ref(), has_draft);
        rows.push((review.is_some() && !has_draft, row(application, status, program)));
    }
    rows.sort_by_key(|(done, _)| *done);
    let now = visit.frame().now;
    let mut invitations = Vec::with_capacity(desk.invitations.len());
    for asked in &desk.invitations {
        let status = Status::new(Tone::Warning, "Awaits your answer");
        invitations.push(row(&asked.application, status, &asked.program));
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
    let again = match visit.kept_form().await? {
        Some(mut fields) => {
            let was = fields.remove("was");
            let input = Some(Input { values: fields, errors: BTreeMap::new() });
            Again { input, was, is_unsaved: true, ..Again::default() }
        }
        None => Again::default(),
    };
    show(&visit, id, again).await
}

/// Saves a review as a draft, or sends it in. What the script sends is a draft, always.
async fn save(At(id): At<ApplicationId>, mut sent: Sent) -> Answer {
    let action = sent.form.fields.remove("action").unwrap_or_default();
    let was = sent.form.fields.remove("was").unwrap_or_default();
    let (service, viewer) = (sent.form.visit.service(), &sent.form.visit.viewer);
    let fields = &sent.form.fields;
    let is_draft = sent.is_script || action == "save";
    let kept = if is_draft {
        save_review(service, viewer, id, fields, &was).await
    } else {
        send_review(service, viewer, id, fields, &was).await
    };
    let kept = match kept {
        Ok(kept) => kept,
        Err(error) => return failed(sent, id, error).await,
    };
    sent.form.visit.forget_kept_form().await?;
    if sent.is_script {
        return told(&sent, id, &was, &kept.conflicts).await;
    }
    if !kept.conflicts.is_empty() {
        sent.form.visit.clashed();
        let input = Some(sent.form.input(BTreeMap::new()));
        let again = Again { input, conflicts: kept.conflicts, ..Again::default() };
        return show(&sent.form.visit, id, again).await;
    }
    if is_draft {
        sent.form.visit.done(routes::REVIEWS, Done::DraftSaved)
    } else {
        sent.form.visit.done(&routes::review(id), Done::Reviewed)
    }
}

/// The page again, with what is wrong.
async fn failed(mut sent: Sent, id: ApplicationId, error: ServiceError) -> Answer {
    let is_reached = !matches!(error, ServiceError::Unavailable(_));
    if sent.is_script && is_reached {
        let stop = json!({ "stop": "Not saved: press a button below to see why." });
        return Ok(sent.form.visit.to_script(StatusCode::CONFLICT, &stop));
    }
    let errors = sent.form.visit.again(error)?;
    let input = Some(sent.form.input(errors));
    show(&sent.form.visit, id, Again { input, ..Again::default() }).await
}

/// What the script is told: when it was saved and what the form is shown with now, or why not.
async fn told(sent: &Sent, id: ApplicationId, was: &str, conflicts: &[String]) -> Answer {
    let visit = &sent.form.visit;
    let writing = writing(visit.service(), &visit.viewer, id).await.or_page(visit)?;
    let program = visit.service().program_of(&writing.application).or_page(visit)?;
    // What clashes stays as it was shown, so that it clashes until a person has looked.
    let (mut now, before) = (read_shown_with(&writing.shown_with(program)), read_shown_with(was));
    for clash in conflicts {
        now.extend(before.get(clash).map(|print| (clash.clone(), print.clone())));
    }
    let now: Vec<String> = now.iter().map(|(field, print)| format!("{field}:{print}")).collect();
    let now = now.join(" ");
    if !conflicts.is_empty() {
        let stop = "Not saved: this review was changed in another place. Press a button below to \
                    see both.";
        let answer = json!({ "stop": stop, "was": now });
        return Ok(visit.to_script(StatusCode::CONFLICT, &answer));
    }
    let saved = visit.saved_now(&program.review.zone);
    Ok(visit.to_script(StatusCode::OK, &json!({ "saved": saved, "was": now })))
}

/// What is shown beside what is saved.
#[derive(Default)]
struct Again {
    input: Option<Input>,
    was: Option<String>,
    conflicts: Vec<String>,
    is_unsaved: bool,
}

async fn show(visit: &Visit, id: ApplicationId, again: Again) -> Answer {
    let writing = writing(visit.service(), &visit.viewer, id).await.or_page(visit)?;
    let application = &writing.application;
    let program = visit.service().program_of(application).or_page(visit)?;
    let agreed = desk(visit.service(), &visit.viewer).await.or_page(visit)?.agreed;
    let assigned = agreed.into_iter().find(|one| one.application == id);
    let (answers, values) = (&application.answers, writing.fields());
    let changed = |earlier: &Application| judged::changed(program, &earlier.answers, answers);
    let sent = writing.sent.as_ref();
    let score = sent.and_then(|review| score(&program.rubric, &review.scores));
    let mut page = ReviewPage {
        id,
        title: shown::title(program, answers),
        status: progress(sent, writing.draft.is_some()),
        answers: shown::answers(
            program,
            shown::occasion(application),
            answers,
            id,
            Audience::Reviewer,
        ),
        rubric: program.rubric.clone(),
        score: score.map(|score| score.to_string()),
        changes: writing.follows.as_ref().map(changed),
        progress: application.progress.as_ref().map(ToString::to_string),
        estimate: estimate::of_submitted(program, application),
        was: again.was.unwrap_or_else(|| writing.shown_with(program)),
        conflicts: Vec::new(),
        is_unsaved: again.is_unsaved,
        input: Input::default(),
        submitted_at: sent.map(|review| review.submitted_at),
        saved_at: writing.draft.as_ref().map(|draft| draft.saved_at),
        assigned: assigned.map(|one| (one.due_at, one.asked.is_some())),
    };
    page.conflicts = page.conflicts_of(&again.conflicts, &values);
    page.input = again.input.unwrap_or(Input { values, errors: BTreeMap::new() });
    visit.page(&page)
}

fn row(application: &Application, status: Status, program: &Program) -> QueueRow {
    let round = application.round.as_ref().and_then(|round| parse_round(program, round));
    let round =
        round.map_or(String::new(), |round| format!(", {} round", calendar::name(program, &round)));
    let words: usize =
        application.answers.values().map(|answer| bursar_program::answers::words(answer)).sum();
    QueueRow {
        id: application.id,
        title: shown::title(program, &application.answers),
        detail: format!("{}{round}, {words} words", program.name),
        status,
    }
}

fn progress(review: Option<&Review>, has_draft: bool) -> Status {
    match (review, has_draft) {
        (Some(_), false) => Status::new(Tone::Good, "Reviewed"),
        (Some(_), true) => Status::new(Tone::Warning, "Reviewed, changes not submitted"),
        (None, true) => Status::new(Tone::Warning, "Draft saved"),
        (None, false) => Status::new(Tone::Info, "Not yet reviewed"),
    }
}
