//! Asking a person to look at what the rules said, and what they answer.

use std::collections::BTreeMap;

use bursar_award::appeals::{
    Appeal, AppealAnswer, AppealRefusal, AppealState, PROVEN_WITHIN, Said, TEXT_CHARACTERS_MAX,
    may_appeal,
};
use bursar_kernel::{Actor, AppealId, Program, ProgramId, Timestamp};
use bursar_letters::evidence as letters;
use bursar_policy::{Action, Viewer};
use bursar_post::Post as _;
use bursar_program::eligibility;
use bursar_service::{
    Secret, Service, ServiceError, allow, audit_line, batch_of, entropy, hash_of, read_email,
};
use bursar_store::{Batch, Expect, Row, Write};

/// Appeals of a list.
const LISTED_MAX: usize = 200;
/// Characters of an answer that is kept with an appeal: the questions are choices.
const ANSWER_CHARACTERS_MAX: usize = 200;

/// What became of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appealed {
    /// It waits for an officer.
    Sent(AppealId),
    /// A letter went out: its link sends it.
    LetterSent,
}

/// Asks a person to look at what the rules of a program say of answers. Whoever is signed in asks
/// at once; anybody else names an address, and the letter's link sends it: so nobody asks in the
/// name of another, and officers get nothing that nobody stands behind.
pub async fn ask(
    service: &Service,
    viewer: &Viewer,
    program: &ProgramId,
    answers: &BTreeMap<String, String>,
    email: &str,
    text: &str,
) -> Result<Appealed, ServiceError> {
    let program = service.program(program)?;
    let text = read(text)?;
    let person = match viewer.person() {
        Some(person) => Some(service.person_of(person).await?),
        None => None,
    };
    let email = match &person {
        Some(person) => person.email.clone(),
        None => read_email(email).map_err(|_| {
            ServiceError::field("email", "Enter your mail address, like name@uni.example")
        })?,
    };
    let now = service.now();
    let made = service.store().appeals_of(email.clone()).await?;
    if let Err(refusal) = may_appeal(&made, &program.id, now) {
        if person.is_none() {
            // Who else has asked is nobody's affair: the letter that is there has its link.
            return Ok(Appealed::LetterSent);
        }
        return Err(refused(refusal));
    }
    let asked = eligibility::questions(program).into_iter().filter_map(|question| {
        let answer = answers.get(&question.id)?.trim();
        let answer: String = answer.chars().take(ANSWER_CHARACTERS_MAX).collect();
        (!answer.is_empty()).then(|| (question.id.clone(), answer))
    });
    let answers: BTreeMap<String, String> = asked.collect();
    let secret = Secret::draw("");
    let appeal = Appeal {
        id: AppealId::new(now, entropy::draw()),
        program: program.id.clone(),
        program_version: program.version,
        verdict: eligibility::check(program, &answers).standing.name().to_owned(),
        answers,
        said: vec![Said { officer: None, at: now, text }],
        state: if person.is_some() { AppealState::Open } else { AppealState::Unproven },
        person: person.as_ref().map(|person| person.id),
        made_at: now,
        secret_hash: secret.hash(),
        version: 1,
        email: email.clone(),
    };
    let id = appeal.id;
    let batch = by(viewer, now);
    let line = audit_line(&batch, "appeal.begun", id, program.id.as_str());
    let row = Write::Row(Row::Appeal(Box::new(appeal)), Expect::New);
    let mut batch = batch.with(row).with(line);
    if person.is_none() {
        let url = link(service, &secret);
        let letter = letters::appeal_begun(&program.name, &url, now + PROVEN_WITHIN);
        batch = batch.with(letter.to(&email, now));
    }
    service.commit(batch).await?;
    Ok(if person.is_some() { Appealed::Sent(id) } else { Appealed::LetterSent })
}

/// An appeal, for whoever holds the link of a letter about it.
pub async fn appeal_by_link(
    service: &Service,
    secret: &str,
) -> Result<(Appeal, String), ServiceError> {
    let missing = || ServiceError::NotFound("this question".to_owned());
    let found = service.store().appeal_by_secret(hash_of(secret)).await?.ok_or_else(missing)?;
    if found.state == AppealState::Unproven && !found.is_open(service.now()) {
        return Err(missing());
    }
    let name = service.edition(&found.program, found.program_version)?.name.clone();
    Ok((found, name))
}

/// Sends an appeal whose letter has arrived.
pub async fn send_appeal(service: &Service, secret: &str) -> Result<(), ServiceError> {
    let (appeal, _) = appeal_by_link(service, secret).await?;
    let now = service.now();
    let sent = appeal.sent(now).map_err(refused)?;
    write(service, by(&Viewer::Nobody, now), "appeal.sent", &appeal, sent, None).await
}

/// Writes to an officer who asked more.
pub async fn reply_to_officer(
    service: &Service,
    secret: &str,
    text: &str,
) -> Result<(), ServiceError> {
    let (appeal, _) = appeal_by_link(service, secret).await?;
    let (text, now) = (read(text)?, service.now());
    let replied = appeal.replied(text, now).map_err(refused)?;
    write(service, by(&Viewer::Nobody, now), "appeal.replied", &appeal, replied, None).await
}

/// Appeals of every program, those that wait for an officer first; for officers.
pub async fn appeals(service: &Service, viewer: &Viewer) -> Result<Vec<Appeal>, ServiceError> {
    allow(viewer, Action::RunPrograms)?;
    let mut all = Vec::new();
    for state in ["open", "asked", "overruled", "upheld"] {
        for program in service.programs() {
            let found =
                service.store().appeals(program.id.clone(), Some(state), LISTED_MAX).await?;
            all.extend(found);
        }
    }
    all.truncate(LISTED_MAX);
    Ok(all)
}

/// One of them.
pub async fn appeal(
    service: &Service,
    viewer: &Viewer,
    id: AppealId,
) -> Result<(Appeal, std::sync::Arc<Program>), ServiceError> {
    allow(viewer, Action::RunPrograms)?;
    let missing = || ServiceError::NotFound(format!("appeal `{id}`"));
    let found = service.store().appeal(id).await?;
    let found = found.filter(|appeal| appeal.state != AppealState::Unproven);
    let found = found.ok_or_else(missing)?;
    let edition = service.edition(&found.program, found.program_version)?;
    Ok((found, std::sync::Arc::clone(edition)))
}

/// An officer's answer, which goes out by letter with its text.
pub async fn answer_appeal(
    service: &Service,
    viewer: &Viewer,
    id: AppealId,
    answer: AppealAnswer,
    text: &str,
) -> Result<(), ServiceError> {
    let (appeal, program) = appeal(service, viewer, id).await?;
    let is_own = match viewer.person() {
        // Also what they have asked by their address alone, without signing in.
        Some(person) => service.person_of(person).await?.email == appeal.email,
        None => false,
    };
    if is_own {
        let text = "answer what you have asked yourself\nhint: another officer answers it";
        return Err(ServiceError::Refused(text.to_owned()));
    }
    let (text, now) = (read(text)?, service.now());
    let answered = appeal.answered(viewer.person(), answer, text.clone(), now).map_err(refused)?;
    let (action, verdict) = match answer {
        AppealAnswer::Overrule { until } => {
            let day = until.to_zoned(program.review.zone.clone());
            let day = day.strftime("%-d %B %Y, %H:%M (%Z)");
            let verdict = format!("You may apply until {day}, whatever they say.");
            ("appeal.overruled", verdict)
        }
        AppealAnswer::Uphold => ("appeal.upheld", "The rules hold.".to_owned()),
        AppealAnswer::AskMore => {
            ("appeal.asked", "They would like to know more before they decide.".to_owned())
        }
    };
    // A letter has a link of its own, since no secret is kept: earlier ones end with it.
    let secret = Secret::draw("");
    let answered = Appeal { secret_hash: secret.hash(), ..answered };
    let url = link(service, &secret);
    let letter = letters::appeal_answered(&program.name, &verdict, &text, &url);
    let mail = Write::from(letter.to(&appeal.email, now));
    write(service, batch_of(viewer, now)?, action, &appeal, answered, Some(mail)).await
}

/// Until when somebody may apply to a program whatever its rules say.
pub async fn exception(
    service: &Service,
    program: &Program,
    email: &str,
) -> Result<Option<Timestamp>, ServiceError> {
    let now = service.now();
    let made = service.store().appeals_of(email.to_owned()).await?;
    let of_program = made.iter().filter(|appeal| appeal.program == program.id);
    Ok(of_program.filter_map(|appeal| appeal.exception(now)).max())
}

async fn write(
    service: &Service,
    batch: Batch,
    action: &str,
    before: &Appeal,
    after: Appeal,
    mail: Option<Write>,
) -> Result<(), ServiceError> {
    let line = audit_line(&batch, action, before.id, before.program.as_str());
    let row = Write::Row(Row::Appeal(Box::new(after)), Expect::Version(before.version));
    let mut batch = batch.with(row).with(line);
    if let Some(mail) = mail {
        batch = batch.with(mail);
    }
    service.commit(batch).await?;
    Ok(())
}

/// In the name of whoever asks: somebody without an account has none.
fn by(viewer: &Viewer, now: Timestamp) -> Batch {
    Batch::new(viewer.actor().unwrap_or_else(|| Actor::Job("appeal".to_owned())), now)
}

fn link(service: &Service, secret: &Secret) -> String {
    format!("{}/asked/{}", service.base_url(), secret.reveal())
}

fn refused(refusal: AppealRefusal) -> ServiceError {
    ServiceError::Refused(refusal.to_string())
}

fn read(text: &str) -> Result<String, ServiceError> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.is_empty() {
        return Err(ServiceError::field("text", "Enter what you want to say"));
    }
    if TEXT_CHARACTERS_MAX < text.chars().count() {
        return Err(ServiceError::field("text", "This must be 4,000 characters or fewer"));
    }
    if text.contains(|letter: char| letter.is_control() && letter != '\n' && letter != '\t') {
        return Err(ServiceError::field("text", "This must not contain control characters"));
    }
    Ok(text)
}
