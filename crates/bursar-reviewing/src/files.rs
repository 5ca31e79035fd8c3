//! Reviews written without a connection: a file to fill in, and what comes back as drafts.

use bursar_award::review_draft::{COMMENT, FOR_OFFICER, RECOMMENDATION, SCORE};
use bursar_award::review_file::{
    FilledPart, FormPart, Mistake, REVIEW_FILE_BYTES_MAX, check, read, write,
};
use bursar_kernel::program::Audience;
use bursar_kernel::{ApplicationId, Program};
use bursar_policy::Viewer;
use bursar_program::answers::{asked, title};
use bursar_program::calendar::{name, parse_round};
use bursar_program::eligibility::in_words;
use bursar_service::{Service, ServiceError, occasion};

use crate::answers::desk;
use crate::drafts::{Fields, Writing, save_review, writing};

/// What came back in a file, application by application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The application.
    pub application: ApplicationId,
    /// What it is called.
    pub title: String,
    /// Whether the draft says something else now.
    pub is_changed: bool,
    /// What was changed elsewhere since the file was made: the draft has that, and the file this.
    pub clashes: Vec<Clash>,
    /// What the fields that clash are now, for whoever then takes the file's text all the same.
    pub shown_with: String,
}

/// A field that the file and the draft fill in differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// Its name in the form.
    pub field: String,
    /// What it asks.
    pub asks: String,
    /// What is in the draft.
    pub in_draft: String,
    /// What is in the file, and was not saved.
    pub in_file: String,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileTaken {
    /// It is in the drafts; nothing of it is sent in.
    Saved(Vec<Taken>),
    /// Nothing of it is anywhere, for all of this is wrong with it.
    Wrong(Vec<Mistake>),
}

/// A file to review an application with; without a name, all that the viewer has not sent in yet.
pub async fn review_file(
    service: &Service,
    viewer: &Viewer,
    only: Option<ApplicationId>,
) -> Result<String, ServiceError> {
    let mut parts = Vec::new();
    let due = desk(service, viewer).await?.agreed;
    let due = |id| due.iter().find(|one| one.application == id).map(|one| one.due_at);
    let wanted = if let Some(id) = only { vec![id] } else { open(service, viewer).await? };
    for id in wanted {
        let writing = writing(service, viewer, id).await?;
        let program = service.program_of(&writing.application)?;
        let mut part = form_part(program, writing);
        if let Some(due) = due(id) {
            let day = due.to_zoned(program.review.zone.clone());
            part.heading.push(format!("Due before {}", day.strftime("%-d %B %Y, %H:%M %Z")));
        }
        parts.push(part);
    }
    if parts.is_empty() {
        let nothing = "make a file without an application in it\n\
                       hint: come back when you have agreed to review one";
        return Err(ServiceError::Refused(nothing.to_owned()));
    }
    let file = write(&parts);
    if REVIEW_FILE_BYTES_MAX < file.len() {
        let much = format!(
            "put {} applications in a file that can come back\n\
             hint: download one at a time, each from its page",
            parts.len()
        );
        return Err(ServiceError::Refused(much));
    }
    Ok(file)
}

/// What the viewer has not sent in yet, or has changed since.
async fn open(service: &Service, viewer: &Viewer) -> Result<Vec<ApplicationId>, ServiceError> {
    let queue = service.review_queue(viewer).await?.into_iter();
    let drafts = desk(service, viewer).await?.drafts;
    let waits = queue.filter(|(one, sent)| sent.is_none() || drafts.contains(&one.id));
    Ok(waits.map(|(one, _)| one.id).collect())
}

/// An application as its reviewers read it, in words.
fn form_part(program: &Program, writing: Writing) -> FormPart {
    let shown_with = writing.shown_with(program);
    let fields = writing.fields();
    let one = writing.application;
    let round = one.round.as_ref().and_then(|round| parse_round(program, round));
    let round = round.map_or(String::new(), |round| format!(", {} round", name(program, &round)));
    let heading = [title(program, &one.answers), format!("{}{round}", program.name)];
    let questions = asked(program, occasion(&one), &one.answers).into_iter();
    let answers = questions.filter(|field| field.visible_to.has(Audience::Reviewer)).map(|field| {
        let answer = one.answers.get(&field.id).map_or("", String::as_str);
        (
            field.label.clone(),
            if answer.is_empty() { String::new() } else { in_words(field, answer) },
        )
    });
    let books = one
        .progress
        .as_ref()
        .map(|progress| ("The earlier grant, by the books".to_owned(), progress.to_string()));
    FormPart {
        application: one.id,
        heading: heading.to_vec(),
        answers: answers.chain(books).collect(),
        rubric: program.rubric.clone(),
        fields,
        shown_with,
    }
}

/// Takes a file that was filled in: it becomes the viewer's drafts, and is never sent in by that.
/// What is wrong with it is told at once, and then nothing of it is saved.
pub async fn take_review_file(
    service: &Service,
    viewer: &Viewer,
    bytes: &[u8],
) -> Result<FileTaken, ServiceError> {
    desk(service, viewer).await?;
    if REVIEW_FILE_BYTES_MAX < bytes.len() {
        let most = REVIEW_FILE_BYTES_MAX / (1024 * 1024);
        let message = format!("Choose a file of at most {most} MB");
        return Err(ServiceError::field("file", message));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        let message = "Choose the form as plain text: save it as “UTF-8” where you are asked";
        return Err(ServiceError::field("file", message));
    };
    let parts = match read(text) {
        Ok(parts) => parts,
        Err(mistakes) => return Ok(FileTaken::Wrong(mistakes)),
    };
    let (mut found, mut mistakes) = (Vec::with_capacity(parts.len()), Vec::new());
    for part in parts {
        match writing(service, viewer, part.application).await {
            Ok(writing) => {
                let program = service.program_of(&writing.application)?;
                mistakes.extend(check(&part, &program.rubric));
                found.push((part, program));
            }
            Err(ServiceError::NotFound(_)) => mistakes.push(Mistake {
                line: part.line,
                what: format!("`{}` is not yours to review now", part.application),
                hint: "keep your text elsewhere, and take this application out of the file".into(),
            }),
            Err(error) => return Err(error),
        }
    }
    if !mistakes.is_empty() {
        mistakes.sort();
        return Ok(FileTaken::Wrong(mistakes));
    }
    let mut taken = Vec::with_capacity(found.len());
    for (part, program) in found {
        taken.push(take(service, viewer, part, program).await?);
    }
    Ok(FileTaken::Saved(taken))
}

async fn take(
    service: &Service,
    viewer: &Viewer,
    part: FilledPart,
    program: &Program,
) -> Result<Taken, ServiceError> {
    let short = |name: &str| name != COMMENT && name != FOR_OFFICER;
    let text = |(name, (_, text)): (String, (usize, String))| {
        let text = if short(&name) { text.trim().to_owned() } else { text };
        (name, text)
    };
    // A field that somebody took out of the file was not emptied.
    let was = only(&part.shown_with, |name| part.fields.contains_key(name));
    let fields: Fields = part.fields.into_iter().map(text).collect();
    let kept = save_review(service, viewer, part.application, &fields, &was).await?;
    let after = writing(service, viewer, part.application).await?;
    let saved = after.fields();
    let clashes = kept.conflicts.iter().map(|name| Clash {
        field: name.clone(),
        asks: asks(program, name),
        in_draft: saved.get(name).cloned().unwrap_or_default(),
        in_file: fields.get(name).cloned().unwrap_or_default(),
    });
    Ok(Taken {
        application: part.application,
        title: title(program, &after.application.answers),
        is_changed: kept.is_changed,
        clashes: clashes.collect(),
        shown_with: only(&after.shown_with(program), |name| {
            kept.conflicts.iter().any(|it| it == name)
        }),
    })
}

/// The part of what a form is shown with that is about some fields.
fn only(shown_with: &str, is_meant: impl Fn(&str) -> bool) -> String {
    let pairs = shown_with.split(' ');
    let meant = pairs.filter(|pair| pair.split_once(':').is_some_and(|(name, _)| is_meant(name)));
    meant.collect::<Vec<_>>().join(" ")
}

/// What a field asks, in a word or two.
fn asks(program: &Program, name: &str) -> String {
    let criterion = name.strip_prefix(SCORE).and_then(|id| {
        let found = program.rubric.iter().find(|criterion| criterion.id == id)?;
        Some(found.label.clone())
    });
    let word = match name {
        COMMENT => "Why?",
        FOR_OFFICER => "For the officer only",
        RECOMMENDATION => "What do you recommend?",
        other => other,
    };
    criterion.unwrap_or_else(|| word.to_owned())
}
