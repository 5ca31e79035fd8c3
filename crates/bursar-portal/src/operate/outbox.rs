//! The outbox, and every letter that there is.

use bursar_kernel::MailId;
use bursar_kernel::limits::ROWS_PER_PAGE;
use bursar_operator::Posted as PostedMail;
use bursar_outbox::{Delivery, Manner, State};
use bursar_policy::Viewer;
use bursar_ui::{Status, Tone, routes};

use super::{Which, rows_for};
use crate::pages::operate::{LetterPage, Letters, MailPage, MailRow, Outbox};
use crate::shown::{self, Slice};
use bursar_web::{Answer, Asked, At, Done, OrPage, Posted, Visit};

/// Addresses that mail came back from, as many as the page shows.
const BOUNCED_MAX: usize = 50;

/// Who reads the outbox: on the demonstration everybody, since no mail leaves it.
fn mail_reader(visit: &Visit) -> Viewer {
    match visit.site().demonstration {
        Some(_) => Viewer::Operator,
        None => visit.viewer.clone(),
    }
}

pub(super) async fn list(visit: Visit, Asked(which): Asked<Which>) -> Answer {
    let page = which.page.unwrap_or(1);
    let (service, reader) = (visit.service(), mail_reader(&visit));
    let mails = bursar_operator::outbox(service, &reader, None, rows_for(page)).await;
    let mails = mails.or_page(&visit)?;
    let bounced = bursar_operator::bounced_addresses(service, &reader, BOUNCED_MAX).await;
    let bounced = bounced.or_page(&visit)?.into_iter().filter_map(|address| {
        let bounce = address.bounced?;
        Some((address.email, bounce.at, bounce.why))
    });
    let slice = shown::slice(&format!("{}?", routes::OUTBOX), page, mails.len());
    let here = mails.iter().skip(slice.from).take(ROWS_PER_PAGE);
    let rows = here.map(|posted| mail_row(&visit, posted)).collect();
    let (bounced, goes_out) = (bounced.collect(), visit.site().sends_mail);
    let Slice { newer, older, position, .. } = slice;
    visit.page(&Outbox { goes_out, rows, bounced, newer, older, position })
}

pub(super) async fn show(visit: Visit, At(id): At<MailId>) -> Answer {
    show_with(&visit, id).await
}

async fn show_with(visit: &Visit, id: MailId) -> Answer {
    let posted = bursar_operator::posted(visit.service(), &mail_reader(visit), id).await;
    let posted = posted.or_page(visit)?;
    let row = mail_row(visit, &posted);
    let way = posted.way.as_ref();
    let waits = |way: &&Delivery| way.state == State::Waiting;
    let said = way.map(|way| way.answer.clone()).filter(|answer| !answer.is_empty());
    visit.page(&MailPage {
        mail: row,
        next_at: way.filter(waits).map(|way| way.next_at),
        answer: said,
        can_retry: visit.site().sends_mail
            && way.is_some_and(|way| !matches!(way.state, State::Sent | State::Sending)),
        letter: posted.mail.letter,
        text: posted.mail.body,
    })
}

pub(super) async fn retry(At(id): At<MailId>, mut form: Posted) -> Answer {
    match bursar_operator::retry_mail(form.visit.service(), &form.visit.viewer, id).await {
        Ok(_) => form.visit.done(&routes::mail(id), Done::MailRetried),
        Err(error) => {
            form.visit.again(error)?;
            show_with(&form.visit, id).await
        }
    }
}

fn mail_row(visit: &Visit, posted: &PostedMail) -> MailRow {
    let mail = &posted.mail;
    let state = posted.way.as_ref().map(|way| way.state);
    let status = match state {
        _ if mail.sent_at.is_some() && state != Some(State::CameBack) => {
            Status::new(Tone::Good, "Sent")
        }
        None if visit.site().sends_mail => Status::new(Tone::Info, "Waiting"),
        None => Status::new(Tone::Neutral, "Kept here"),
        Some(state) => status_of(state),
    };
    let attempts = posted.way.as_ref().map_or(0, |way| way.attempts);
    let (to, subject) = (mail.to.clone(), mail.subject.clone());
    MailRow { id: mail.id, to, subject, at: mail.created_at, status, attempts }
}

fn status_of(state: State) -> Status {
    let (tone, label) = match state {
        State::Waiting => (Tone::Info, "Waiting"),
        State::Sending => (Tone::Info, "On its way"),
        State::Sent => (Tone::Good, "Sent"),
        State::Refused => (Tone::Bad, "Refused"),
        State::GaveUp => (Tone::Bad, "Given up"),
        State::Lapsed => (Tone::Neutral, "Of no use any more"),
        State::Held => (Tone::Warning, "Held: its address comes back"),
        State::Unwanted => (Tone::Neutral, "Not wanted"),
        State::CameBack => (Tone::Bad, "Came back"),
    };
    Status::new(tone, label)
}

pub(super) async fn letters(visit: Visit) -> Answer {
    let samples = bursar_operator::letters(visit.service(), &visit.viewer).or_page(&visit)?;
    let row = |sample: &bursar_operator::Sample| {
        (sample.kind.name.to_owned(), sample.kind.when.to_owned(), sample.letter.subject.clone())
    };
    visit.page(&Letters { rows: samples.iter().map(row).collect() })
}

pub(super) async fn letter(visit: Visit, At(name): At<String>) -> Answer {
    let samples = bursar_operator::letters(visit.service(), &visit.viewer).or_page(&visit)?;
    let Some(sample) = samples.into_iter().find(|sample| sample.kind.name == name) else {
        return Err(visit.not_found());
    };
    let manner = match sample.kind.manner {
        Manner::Ordinary => "It tells somebody what happened to what is theirs.",
        Manner::Reminder => "It is a reminder: who does not want them gets none.",
        Manner::Proof => "It goes to any address: whoever reads it shows that mail arrives.",
    };
    let (when, program) = (sample.kind.when.to_owned(), sample.program);
    let (text, html) = (sample.letter.text(), sample.letter.html());
    visit.page(&LetterPage { when, manner, program, subject: sample.letter.subject, text, html })
}
