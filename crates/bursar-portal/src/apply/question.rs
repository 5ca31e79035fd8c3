//! What officers ask about an application, and its answer.

use bursar_award::asking::Question;
use bursar_kernel::{ApplicationId, MemberRole, Program, QuestionId};
use bursar_service::{ApplicantPage, Stage};
use bursar_ui::{Input, Status, Tone, routes};
use bursar_web::{Answer, At, Done, OrPage as _, Posted, Trouble, Visit};

use super::own;
use crate::pages::apply::{QuestionPage, QuestionShown};
use crate::shown;

pub(super) async fn show(
    visit: Visit,
    At((id, question)): At<(ApplicationId, QuestionId)>,
) -> Answer {
    let input = match visit.kept_form().await? {
        Some(values) => Input { values, ..Input::default() },
        None => Input::default(),
    };
    show_with(&visit, id, question, input).await
}

pub(super) async fn answer(
    At((id, question)): At<(ApplicationId, QuestionId)>,
    mut form: Posted,
) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let text = form.field("answer");
    match bursar_applying::answer(service, viewer, id, question, text).await {
        Ok(()) => {
            form.visit.forget_kept_form().await?;
            form.visit.done(&routes::application(id), Done::Answered)
        }
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            show_with(&form.visit, id, question, input).await
        }
    }
}

async fn show_with(visit: &Visit, id: ApplicationId, question: QuestionId, input: Input) -> Answer {
    let (page, program) = own(visit, id).await?;
    let asked = bursar_applying::questions(visit.service(), &visit.viewer, id).await;
    let asked = asked.or_page(visit)?.into_iter().find(|one| one.id == question);
    let Some(asked) = asked else { return Err(visit.not_found()) };
    let may = asked.is_open() && may_answer(&page);
    let mut shown = in_list(visit, program, &asked);
    shown.href = None;
    visit.page(&QuestionPage {
        id,
        action: may.then(|| routes::application_asked(id, question)),
        program: program.name.clone(),
        question: shown,
        input,
    })
}

fn may_answer(page: &ApplicantPage) -> bool {
    page.status.stage == Stage::Submitted && page.role != Some(MemberRole::View)
}

/// The questions about an application, each with where it is answered.
pub(super) async fn list(
    visit: &Visit,
    page: &ApplicantPage,
    program: &Program,
) -> Result<Vec<QuestionShown>, Trouble> {
    let id = page.status.id;
    if page.status.stage == Stage::Draft {
        return Ok(Vec::new());
    }
    let asked = bursar_applying::questions(visit.service(), &visit.viewer, id).await;
    let asked = asked.or_page(visit)?;
    let shown = asked.iter().map(|question| {
        let mut shown = in_list(visit, program, question);
        let open = question.is_open() && may_answer(page);
        shown.href = open.then(|| routes::application_asked(id, question.id));
        shown
    });
    Ok(shown.collect())
}

/// A question in a list, with nothing to press.
pub(crate) fn in_list(visit: &Visit, program: &Program, question: &Question) -> QuestionShown {
    let asked = shown::day(program, question.asked_at);
    let due = bursar_ui::day(question.due);
    let today = visit.frame().now.to_zoned(program.review.zone.clone()).date();
    let zone = program.review.zone.iana_name().unwrap_or("local time");
    let (detail, status) = match (question.answered_at, question.withdrawn_at) {
        (Some(at), _) => {
            let detail = format!("Asked on {asked}, answered on {}", shown::day(program, at));
            (detail, Status::new(Tone::Good, "Answered"))
        }
        (None, Some(_)) => (format!("Asked on {asked}"), Status::new(Tone::Neutral, "Taken back")),
        (None, None) if question.due < today => {
            let detail = format!("Asked on {asked}, due on {due}: an answer may come too late");
            (detail, Status::new(Tone::Bad, "Overdue"))
        }
        (None, None) => {
            let detail = format!("Asked on {asked}, to be answered by the end of {due} ({zone})");
            (detail, Status::new(Tone::Warning, "Waits for an answer"))
        }
    };
    QuestionShown {
        text: question.text.clone(),
        detail,
        status,
        answer: question.answer.clone(),
        href: None,
        take_back: None,
    }
}
