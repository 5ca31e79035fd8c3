//! A section of the form: shown with what is there, saved with anything missing.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use bursar_award::draft::{read_shown_with, shown_with};
use bursar_kernel::program::{FieldKind, FormField, Section};
use bursar_kernel::{ApplicationId, MemberRole, Program};
use bursar_program::answers::{FieldError, advice, asked, questions, section};
use bursar_program::eligibility::in_words;
use bursar_program::files::{in_words as file_in_words, listed};
use bursar_service::{ApplicantPage, ServiceError, Stage};
use bursar_ui::field::FileShown;
use bursar_ui::{Choice, Input, routes, taken};
use bursar_web::{Answer, At, Done, Sent, Visit};
use serde_json::json;

use super::{own, own_apart, status};
use crate::pages::apply::{Conflict, SectionPage};

/// Where a page of the form is: a section, or one of its questions.
struct Place<'p> {
    section: &'p Section,
    /// The question, where each has a page.
    only: Option<&'p FormField>,
    /// The questions of the page.
    fields: Vec<&'p FormField>,
    /// The questions of the section, where each has a page.
    all: Vec<&'p FormField>,
}

/// What is shown beside what is saved.
#[derive(Default)]
struct Again {
    input: Option<Input>,
    was: Option<String>,
    conflicts: Vec<Conflict>,
    is_unsaved: bool,
    found: BTreeMap<String, Vec<Choice>>,
}

pub(super) async fn show(visit: Visit, At((id, section)): At<(ApplicationId, String)>) -> Answer {
    show_at(visit, id, &section, None).await
}

pub(super) async fn show_one(
    visit: Visit,
    At((id, section, field)): At<(ApplicationId, String, String)>,
) -> Answer {
    show_at(visit, id, &section, Some(&field)).await
}

pub(super) async fn save(At((id, section)): At<(ApplicationId, String)>, sent: Sent) -> Answer {
    save_at(sent, id, &section, None).await
}

pub(super) async fn save_one(
    At((id, section, field)): At<(ApplicationId, String, String)>,
    sent: Sent,
) -> Answer {
    save_at(sent, id, &section, Some(&field)).await
}

async fn show_at(visit: Visit, id: ApplicationId, part: &str, field: Option<&str>) -> Answer {
    let (page, program) = own(&visit, id).await?;
    if page.status.stage != Stage::Draft {
        return visit.go(&routes::application(id));
    }
    if page.role == Some(MemberRole::View) {
        return visit.go(&routes::application_check(id));
    }
    let Some(place) = place(program, &page, part, field) else { return Err(visit.not_found()) };
    if place.section.one_by_one && field.is_none() {
        // The first question that is open, or the first.
        let (_, errors) = section(program, page.occasion, part, &page.answers)
            .unwrap_or((bursar_program::answers::Done::Nothing, Vec::new()));
        let open = place.all.iter().find(|one| errors.iter().any(|wrong| wrong.field == one.id));
        let Some(first) = open.or(place.all.first()) else { return Err(visit.not_found()) };
        return visit.go(&routes::application_question(id, part, &first.id));
    }
    let again = match visit.kept_form().await? {
        Some(mut fields) => {
            let was = fields.remove("was");
            fields.remove("action");
            let mut values = page.answers.clone();
            values.extend(fields);
            let input = Some(Input { values, errors: BTreeMap::new() });
            Again { input, was, is_unsaved: true, ..Again::default() }
        }
        None => Again::default(),
    };
    shown(&visit, &page, program, &place, again)
}

async fn save_at(mut sent: Sent, id: ApplicationId, part: &str, field: Option<&str>) -> Answer {
    let picked = bursar_evidence_portal::pick(&mut sent.form.fields);
    let (action, remove, was) = (
        sent.form.fields.remove("action").unwrap_or_default(),
        sent.form.fields.remove("remove"),
        sent.form.fields.remove("was").unwrap_or_default(),
    );
    let (service, viewer) = (sent.form.visit.service(), &sent.form.visit.viewer);
    let saved = bursar_applying::save(service, viewer, id, &sent.form.fields, &was).await;
    let conflicts = match saved {
        Ok(saved) => saved.conflicts,
        Err(error) => return failed(sent, id, part, field, error, &was).await,
    };
    sent.form.visit.forget_kept_form().await?;
    if sent.is_script {
        return told(&sent, id, part, field, &was, &conflicts).await;
    }
    if let Err(error) = move_files(&sent, id, remove.as_deref()).await {
        return failed(sent, id, part, field, error, &was).await;
    }
    let (page, program) = own_apart(&sent.form.visit, id).await?;
    let Some(place) = place(&program, &page, part, field) else {
        // What it depends on was changed in the same moment: there is nothing to ask any more.
        return sent.form.visit.go(&routes::application_form(id));
    };
    if !conflicts.is_empty() {
        sent.form.visit.clashed();
        let clashes = conflicts.iter().filter_map(|id| conflict(&program, &page, id));
        let again = Again {
            input: Some(sent.form.input(BTreeMap::new())),
            conflicts: clashes.collect(),
            ..Again::default()
        };
        return shown(&sent.form.visit, &page, &program, &place, again);
    }
    if !sent.files.is_empty() && action != "continue" {
        return sent.form.visit.done(&here(id, &place), Done::FileAdded);
    }
    if remove.is_some() {
        return sent.form.visit.done(&here(id, &place), Done::FileRemoved);
    }
    if picked {
        return sent.form.visit.done(&here(id, &place), Done::DraftSaved);
    }
    if let Some(field) = action.strip_prefix("find:") {
        let found = bursar_evidence_portal::find(&sent.form.visit, &page.answers, field).await?;
        return shown(
            &sent.form.visit,
            &page,
            &program,
            &place,
            Again { found, ..Again::default() },
        );
    }
    match action.as_str() {
        "continue" => go_on(sent, &page, &program, &place),
        "upload" => {
            let message = "Choose a file first".to_owned();
            let fields = place.fields.iter();
            let asks = |field: &&&FormField| matches!(field.kind, FieldKind::Attachment { .. });
            let errors = fields.filter(asks).map(|field| (field.id.clone(), message.clone()));
            sent.form.visit.wrong();
            let again =
                Again { input: Some(saved_input(&page, errors.collect())), ..Again::default() };
            shown(&sent.form.visit, &page, &program, &place, again)
        }
        _ => sent.form.visit.done(&routes::application_form(id), Done::DraftSaved),
    }
}

/// On to what is next, if everything here is there and fits.
fn go_on(mut sent: Sent, page: &ApplicantPage, program: &Program, place: &Place<'_>) -> Answer {
    let id = page.status.id;
    let errors = errors(program, page, place);
    if !errors.is_empty() {
        sent.form.visit.wrong();
        let again = Again { input: Some(saved_input(page, errors)), ..Again::default() };
        return shown(&sent.form.visit, page, program, place, again);
    }
    let next = place.only.and_then(|only| {
        let at = place.all.iter().position(|field| field.id == only.id)?;
        place.all.get(at.saturating_add(1))
    });
    match next {
        Some(next) => {
            let to = routes::application_question(id, &place.section.id, &next.id);
            sent.form.visit.go(&to)
        }
        None => sent.form.visit.go(&routes::application_form(id)),
    }
}

/// What is wrong on a page, by the question.
fn errors(program: &Program, page: &ApplicantPage, place: &Place<'_>) -> BTreeMap<String, String> {
    let all = section(program, page.occasion, &place.section.id, &page.answers);
    let all = all.map(|(_, errors)| errors).unwrap_or_default();
    let here = |error: &FieldError| place.fields.iter().any(|field| field.id == error.field);
    all.into_iter().filter(here).map(|error| (error.field, error.message)).collect()
}

fn saved_input(page: &ApplicantPage, errors: BTreeMap<String, String>) -> Input {
    Input { values: page.answers.clone(), errors }
}

/// Removes and adds the files that the form says; what is wrong with any is its question's error.
async fn move_files(
    sent: &Sent,
    id: ApplicationId,
    remove: Option<&str>,
) -> Result<(), ServiceError> {
    let (service, viewer) = (sent.form.visit.service(), &sent.form.visit.viewer);
    if let Some((field, hash)) = remove.and_then(|remove| remove.split_once(':')) {
        bursar_applying::remove_file(service, viewer, id, field, hash).await?;
    }
    let mut wrong = Vec::new();
    for file in &sent.files {
        let new =
            bursar_applying::NewFile { field: &file.field, name: &file.name, bytes: &file.bytes };
        match bursar_applying::add_file(service, viewer, id, new).await {
            Ok(()) => {}
            Err(ServiceError::Invalid(errors)) => wrong.extend(errors),
            Err(error) => return Err(error),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(wrong)) }
}

/// The page again with what is wrong, or where the application stands if it is no draft any more.
async fn failed(
    mut sent: Sent,
    id: ApplicationId,
    part: &str,
    field: Option<&str>,
    error: ServiceError,
    was: &str,
) -> Answer {
    let errors = sent.form.visit.again(error)?;
    let (page, program) = own(&sent.form.visit, id).await?;
    if sent.is_script {
        let stop = "Not saved: press a button below to see why.";
        let answer = json!({ "stop": stop });
        return Ok(sent.form.visit.to_script(StatusCode::CONFLICT, &answer));
    }
    if page.status.stage != Stage::Draft {
        return status::show_page(&sent.form.visit, &page, program).await;
    }
    let Some(place) = place(program, &page, part, field) else {
        return Err(sent.form.visit.not_found());
    };
    let was = errors.is_empty().then(|| was.to_owned());
    let again = Again { input: Some(sent.form.input(errors)), was, ..Again::default() };
    shown(&sent.form.visit, &page, program, &place, again)
}

/// What the script is told: when it was saved and what the form is shown with now, or why not.
async fn told(
    sent: &Sent,
    id: ApplicationId,
    part: &str,
    field: Option<&str>,
    was: &str,
    conflicts: &[String],
) -> Answer {
    let (page, program) = own(&sent.form.visit, id).await?;
    let Some(place) = place(program, &page, part, field) else {
        return Err(sent.form.visit.not_found());
    };
    let mut now = read_shown_with(&shown_now(&page, &place));
    // What clashes stays as it was shown, so that it clashes until a person has looked.
    let before = read_shown_with(was);
    for clash in conflicts {
        now.extend(before.get(clash).map(|print| (clash.clone(), print.clone())));
    }
    let now: Vec<String> = now.iter().map(|(field, print)| format!("{field}:{print}")).collect();
    let now = now.join(" ");
    if let Some(first) = conflicts.first().and_then(|id| conflict(program, &page, id)) {
        let stop = format!(
            "Not saved: \"{}\" was changed in another place. Press a button below to see both.",
            first.question
        );
        let answer = json!({ "stop": stop, "was": now });
        return Ok(sent.form.visit.to_script(StatusCode::CONFLICT, &answer));
    }
    let saved = sent.form.visit.saved_now(&program.review.zone);
    Ok(sent.form.visit.to_script(StatusCode::OK, &json!({ "saved": saved, "was": now })))
}

fn conflict(program: &Program, page: &ApplicantPage, id: &str) -> Option<Conflict> {
    let field = program.form.iter().find(|field| field.id == id)?;
    let saved = page.answers.get(id).map_or(String::new(), |answer| in_words(field, answer));
    Some(Conflict { question: field.label.clone(), saved })
}

/// The page of the form at a place, if there is one.
fn place<'p>(
    program: &'p Program,
    page: &ApplicantPage,
    part: &str,
    field: Option<&str>,
) -> Option<Place<'p>> {
    let section = program.sections.iter().find(|section| section.id == part)?;
    let asked = asked(program, page.occasion, &page.answers);
    let all: Vec<&FormField> = asked.into_iter().filter(|field| field.section == part).collect();
    if section.one_by_one {
        let Some(field) = field else {
            return Some(Place { section, only: None, fields: Vec::new(), all });
        };
        let only = *all.iter().find(|one| one.id == field)?;
        return Some(Place { section, only: Some(only), fields: vec![only], all });
    }
    if field.is_some() {
        return None;
    }
    let mut fields: Vec<&FormField> = Vec::new();
    for one in questions(program, page.occasion).filter(|field| field.section == part) {
        // What it depends on may be answered on this very page.
        let decided_here =
            one.show_if.as_ref().is_some_and(|on| fields.iter().any(|field| field.id == on.field));
        if decided_here || all.iter().any(|asked| asked.id == one.id) {
            fields.push(one);
        }
    }
    (!fields.is_empty()).then_some(Place { section, only: None, fields, all })
}

fn here(id: ApplicationId, place: &Place<'_>) -> String {
    match place.only {
        Some(only) => routes::application_question(id, &place.section.id, &only.id),
        None => routes::application_section(id, &place.section.id),
    }
}

fn shown_now(page: &ApplicantPage, place: &Place<'_>) -> String {
    let typed = place
        .fields
        .iter()
        .filter(|field| !matches!(field.kind, FieldKind::Attachment { .. }))
        .map(|field| (field.id.as_str(), page.answers.get(&field.id).map_or("", String::as_str)));
    shown_with(typed)
}

fn shown(
    visit: &Visit,
    page: &ApplicantPage,
    program: &Program,
    place: &Place<'_>,
    again: Again,
) -> Answer {
    let id = page.status.id;
    let input = again.input.unwrap_or_else(|| {
        // What is there and does not fit is told; what is missing is not, until somebody goes on.
        let mut errors = errors(program, page, place);
        errors.retain(|field, _| page.answers.get(field).is_some_and(|it| !it.trim().is_empty()));
        saved_input(page, errors)
    });
    let files =
        place.fields.iter().filter_map(|field| Some((field.id.clone(), files(page, field)?)));
    let advised = place.fields.iter().filter_map(|field| {
        let said = advice(field, input.values.get(&field.id)?)?;
        Some((field.id.clone(), said))
    });
    let step = place.only.and_then(|only| {
        let at = place.all.iter().position(|field| field.id == only.id)?;
        Some((at, at.saturating_add(1), place.all.len()))
    });
    let back = match step.and_then(|(at, ..)| place.all.get(at.checked_sub(1)?)) {
        Some(before) => (
            routes::application_question(id, &place.section.id, &before.id),
            "Back to the question before".to_owned(),
        ),
        None => (routes::application_form(id), "Back to the tasks".to_owned()),
    };
    visit.page(&SectionPage {
        action: here(id, place),
        back,
        program: program.name.clone(),
        title: place.section.title.clone(),
        step: step.map(|(_, at, of)| (at, of)),
        intro: place.section.intro.clone(),
        questions: place.fields.iter().map(|field| with_the_books(program, page, field)).collect(),
        depends: place.fields.iter().filter_map(|field| depends(program, field)).collect(),
        advice: advised.collect(),
        files: files.collect(),
        was: again.was.unwrap_or_else(|| shown_now(page, place)),
        input,
        conflicts: again.conflicts,
        is_unsaved: again.is_unsaved,
        found: again.found,
    })
}

fn files(page: &ApplicantPage, field: &FormField) -> Option<(Vec<FileShown>, bool)> {
    let FieldKind::Attachment { files_max, .. } = &field.kind else { return None };
    let there = page.answers.get(&field.id).map(|answer| listed(answer)).unwrap_or_default();
    let room = there.len() < *files_max;
    let shown = there.iter().map(|file| FileShown {
        text: file_in_words(file),
        href: routes::application_file(page.status.id, &file.hash),
        remove: format!("{}:{}", field.id, file.hash),
    });
    Some((shown.collect(), room))
}

/// What a question depends on, for whoever sees both at once.
fn depends(program: &Program, field: &FormField) -> Option<(String, String)> {
    let on = field.show_if.as_ref()?;
    let other = program.form.iter().find(|other| other.id == on.field)?;
    let answers: Vec<String> = on.answers.iter().map(|answer| in_words(other, answer)).collect();
    let text =
        format!("Answer this only if you chose {} for \"{}\".", answers.join(" or "), other.label);
    Some((field.id.clone(), text))
}

/// The question about an earlier grant's progress, with what the books say of it; the one about an
/// amount, with what the study was counted at.
fn with_the_books(program: &Program, page: &ApplicantPage, field: &FormField) -> FormField {
    let mut field = field.clone();
    let books =
        page.progress.as_ref().filter(|_| program.progress_field.as_ref() == Some(&field.id));
    if let Some(books) = books {
        let hint = field.hint.unwrap_or_default();
        field.hint = Some(format!("{hint} By the books: {books}"));
    }
    if let (FieldKind::Amount, Some(estimate)) = (&field.kind, &page.estimate) {
        let hint = field.hint.unwrap_or_default();
        field.hint = Some(format!("{hint} Your study comes to {}.", taken(estimate.total)));
    }
    field
}
