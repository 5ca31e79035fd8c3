//! What an officer asks of those who apply, by letter; the round goes on meanwhile.

use bursar_award::asking::{QUESTION_CHARACTERS_MAX, Question, QuestionRefusal, may_ask};
use bursar_kernel::{ApplicationId, QuestionId};
use bursar_policy::Viewer;
use bursar_post::Post as _;
use bursar_service::{Need, Service, ServiceError, audit_line, batch_of, entropy};
use bursar_store::{Expect, Row, Write};
use jiff::civil::Date;

use bursar_letters as letters;

/// The questions about an application, for those who apply; what was taken back is left out.
pub async fn questions(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<Vec<Question>, ServiceError> {
    service.application_as(viewer, id, Need::Read).await?;
    let mut questions = service.store().questions(id).await?;
    questions.retain(|question| question.withdrawn_at.is_none());
    Ok(questions)
}

/// All questions about an application, for officers.
pub async fn questions_for_officer(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<Vec<Question>, ServiceError> {
    service.application_for_officer(viewer, id).await?;
    Ok(service.store().questions(id).await?)
}

/// Asks those who apply, who get a letter. The day is one in the program's zone.
pub async fn ask(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    text: &str,
    due: Option<Date>,
) -> Result<QuestionId, ServiceError> {
    let page = service.application_for_officer(viewer, id).await?;
    let program = service.program_of(&page.application)?;
    let text = read("question", text, "Enter what you want to know")?;
    let now = service.now();
    let today = now.to_zoned(program.review.zone.clone()).date();
    let due = due.filter(|due| today <= *due);
    let due = due.ok_or_else(|| ServiceError::field("due", "Enter a day from today on"))?;
    let asked = service.store().questions(id).await?;
    may_ask(page.application.state, &asked).map_err(refused)?;
    let question = Question {
        id: QuestionId::new(now, entropy::draw()),
        application: id,
        text,
        asked_by: viewer.person(),
        asked_at: now,
        due,
        answer: None,
        answered_by: None,
        answered_at: None,
        withdrawn_at: None,
        version: 1,
    };
    let name = question.id;
    let url = format!("{}/applications/{id}/questions/{name}", service.base_url());
    let day = due.strftime("%-d %B %Y").to_string();
    let letter = letters::asked(&program.name, &question.text, &day, &url);
    let batch = batch_of(viewer, now)?;
    let line = audit_line(&batch, "question.asked", id, name.to_string());
    let mut batch = batch.with(line);
    // Those who edit can answer as well as the one who applies.
    let mut emails = vec![page.applicant.email];
    for member in service.store().members(id).await? {
        let Some(person) = member.person else { continue };
        if member.role_of(person) == Some(bursar_kernel::MemberRole::Edit) {
            emails.push(service.person_of(person).await?.email);
        }
    }
    for email in emails {
        batch = batch.with(letter.clone().to(&email, now));
    }
    let row = Write::Row(Row::Question(Box::new(question)), Expect::New);
    service.commit(batch.with(row)).await?;
    Ok(name)
}

/// Answers a question. The officer who asked gets a letter.
pub async fn answer(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    question: QuestionId,
    text: &str,
) -> Result<(), ServiceError> {
    let (application, _) = service.application_as(viewer, id, Need::Edit).await?;
    let by = viewer.person().ok_or(ServiceError::SignInFirst)?;
    let row = of(service, id, question).await?;
    if row.withdrawn_at.is_some() {
        return Err(ServiceError::NotFound(format!("question `{question}`")));
    }
    let text = read("answer", text, "Enter your answer")?;
    let now = service.now();
    let answered = row.answered(by, text, application.state, now).map_err(refused)?;
    let batch = batch_of(viewer, now)?;
    let line = audit_line(&batch, "question.answered", id, question.to_string());
    let mut batch = batch.with(line);
    if let Some(officer) = row.asked_by {
        let officer = service.person_of(officer).await?;
        let program = &service.program_of(&application)?.name;
        let url = format!("{}/decide/applications/{id}", service.base_url());
        batch = batch.with(letters::answered(program, &url).to(&officer.email, now));
    }
    let write = Write::Row(Row::Question(Box::new(answered)), Expect::Version(row.version));
    service.commit(batch.with(write)).await?;
    Ok(())
}

/// Takes a question back that nobody has answered.
pub async fn withdraw(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    question: QuestionId,
) -> Result<(), ServiceError> {
    service.application_for_officer(viewer, id).await?;
    let row = of(service, id, question).await?;
    let now = service.now();
    let withdrawn = row.withdrawn(now).map_err(refused)?;
    let batch = batch_of(viewer, now)?;
    let line = audit_line(&batch, "question.withdrawn", id, question.to_string());
    let write = Write::Row(Row::Question(Box::new(withdrawn)), Expect::Version(row.version));
    service.commit(batch.with(write).with(line)).await?;
    Ok(())
}

async fn of(
    service: &Service,
    id: ApplicationId,
    question: QuestionId,
) -> Result<Question, ServiceError> {
    let found = service.store().question(question).await?;
    let found = found.filter(|question| question.application == id);
    found.ok_or_else(|| ServiceError::NotFound(format!("question `{question}`")))
}

fn refused(refusal: QuestionRefusal) -> ServiceError {
    ServiceError::Refused(refusal.to_string())
}

fn read(field: &str, text: &str, missing: &str) -> Result<String, ServiceError> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.is_empty() {
        return Err(ServiceError::field(field, missing));
    }
    if QUESTION_CHARACTERS_MAX < text.chars().count() {
        let message = "This must be 5,000 characters or fewer";
        return Err(ServiceError::field(field, message));
    }
    Ok(text)
}
