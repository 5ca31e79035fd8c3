//! Files of an application: added to a draft, read by those who may, and gone with it.
//!
//! They lie in the store, in parts. So every server of an installation has them, a backup and a
//! move take them along, and a file is where its application is, or nowhere.

use std::collections::BTreeMap;

use bursar_award::{Application, State};
use bursar_files::look;
use bursar_kernel::program::{Audience, FieldKind, FileType, FormField};
use bursar_kernel::{ApplicationId, Program};
use bursar_policy::Viewer;
use bursar_program::answers::asked;
use bursar_program::files::{Listed, listed, size, tidy_name, written};
use bursar_service::{Need, Service, ServiceError, batch_of, occasion};
use bursar_store::{ApplyingWrite, FILE_PART_BYTES};

/// Parts that are written together: a quarter of a megabyte holds nobody up.
const PARTS_TOGETHER: usize = 4;
/// How often a list of files is changed anew when somebody else saved at that very moment.
const TRIES_MAX: usize = 5;

/// A file that somebody adds.
#[derive(Clone, Debug)]
pub struct NewFile<'f> {
    /// The question that it answers.
    pub field: &'f str,
    /// What it is called there.
    pub name: &'f str,
    /// What is in it.
    pub bytes: &'f [u8],
}

/// A file that somebody may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRead {
    /// What it is.
    pub listed: Listed,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Adds a file to a draft. What is wrong with it is told as the question's error.
pub async fn add_file(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    new: NewFile<'_>,
) -> Result<(), ServiceError> {
    let (application, _) = service.application_as(viewer, id, Need::Edit).await?;
    is_draft(&application)?;
    let program = service.program_of(&application)?;
    let (_, types, bytes_max, _) = question(program, &application, new.field)?;
    let wrong = |message: String| ServiceError::field(new.field, message);
    if bytes_max < u64::try_from(new.bytes.len()).unwrap_or(u64::MAX) {
        return Err(wrong(format!("The file is larger than {}", size(bytes_max))));
    }
    let name = tidy_name(new.name);
    let kept = look(&name, new.bytes, types).map_err(|refusal| wrong(refusal.to_string()))?;
    let hash = blake3::hash(&kept.bytes);
    let bytes = u64::try_from(kept.bytes.len()).unwrap_or(u64::MAX);
    let file = Listed { hash: hash.to_hex().to_string(), kind: kept.kind, bytes, name };
    let is_new = !is_listed(&application, &file.hash);
    if is_new {
        put(service, viewer, id, *hash.as_bytes(), &kept.bytes).await?;
    }
    let added = change(service, viewer, id, new.field, |files, files_max| {
        if files.iter().any(|there| there.hash == file.hash) {
            return Ok(());
        }
        if files_max <= files.len() {
            let text = format!("No more than {files_max} files are taken: remove one first");
            return Err(wrong(text));
        }
        files.push(file.clone());
        Ok(())
    });
    match added.await {
        Ok(()) => Ok(()),
        Err(error) => {
            // What nothing lists is not kept.
            if is_new {
                forget(service, viewer, id, *hash.as_bytes()).await?;
            }
            Err(error)
        }
    }
}

/// Takes a file out of a draft, for good.
pub async fn remove_file(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    field: &str,
    hash: &str,
) -> Result<(), ServiceError> {
    change(service, viewer, id, field, |files, _| {
        files.retain(|file| file.hash != hash);
        Ok(())
    })
    .await?;
    let (application, _) = service.application_as(viewer, id, Need::Edit).await?;
    match blake3::Hash::from_hex(hash) {
        Ok(hash) if !is_listed(&application, hash.to_hex().as_str()) => {
            forget(service, viewer, id, *hash.as_bytes()).await
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// A file, for those who apply, those who review and those who decide, each as far as they read the
/// question that it answers. For anybody else it does not exist.
pub async fn file(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    hash: &str,
) -> Result<FileRead, ServiceError> {
    let missing = || ServiceError::NotFound(format!("file `{hash}`"));
    let (answers, audience) = readable_answers(service, viewer, id).await?;
    let application = service.load_application(id).await?;
    let program = service.program_of(&application)?;
    let found = program
        .form
        .iter()
        .filter(|field| matches!(field.kind, FieldKind::Attachment { .. }))
        .filter_map(|field| answers.get(&field.id))
        .flat_map(|answer| listed(answer))
        .find(|file| file.hash == hash);
    let file = found.ok_or_else(missing)?;
    if audience == Audience::Reviewer && file.kind == FileType::Pdf && is_blind(program) {
        let text = "show a PDF to a reviewer of a program that is reviewed blind\n\
                    hint: a PDF can name its author where nobody sees it; ask an officer what it \
                    says";
        return Err(ServiceError::Refused(text.to_owned()));
    }
    let name = *blake3::Hash::from_hex(hash).map_err(|_| missing())?.as_bytes();
    let mut bytes = Vec::with_capacity(usize::try_from(file.bytes).unwrap_or(0));
    let mut number = 0_u32;
    while let Some(part) = service.store().file_part(id, name, number).await? {
        bytes.extend_from_slice(&part);
        number = number.saturating_add(1);
    }
    if blake3::hash(&bytes).to_hex().as_str() != hash {
        return Err(missing());
    }
    Ok(FileRead { listed: file, bytes })
}

/// Whether reviewers are not to know who applies: something about a person is kept from them.
fn is_blind(program: &Program) -> bool {
    program.form.iter().any(|field| field.pii && !field.visible_to.has(Audience::Reviewer))
}

/// The answers that a viewer reads, and as whom.
async fn readable_answers(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<(BTreeMap<String, String>, Audience), ServiceError> {
    match service.application_for_applicant(viewer, id).await {
        Ok(page) => return Ok((page.answers, Audience::Applicant)),
        Err(ServiceError::NotFound(_)) => {}
        Err(error) => return Err(error),
    }
    if let Ok((application, ..)) = service.application_for_reviewer(viewer, id).await {
        return Ok((application.answers, Audience::Reviewer));
    }
    match service.application_for_officer(viewer, id).await {
        Ok(page) => Ok((page.application.answers, Audience::Officer)),
        Err(ServiceError::NotAllowed) => Err(ServiceError::NotFound(format!("application `{id}`"))),
        Err(error) => Err(error),
    }
}

fn is_listed(application: &Application, hash: &str) -> bool {
    application.answers.values().flat_map(|answer| listed(answer)).any(|file| file.hash == hash)
}

fn is_draft(application: &Application) -> Result<(), ServiceError> {
    if application.state == State::Draft {
        return Ok(());
    }
    let text = "change the files of an application that is handed in\n\
                hint: only a draft can be changed";
    Err(ServiceError::Refused(text.to_owned()))
}

/// A question that takes files, with what it takes.
fn question<'p>(
    program: &'p Program,
    application: &Application,
    id: &str,
) -> Result<(&'p FormField, &'p [FileType], u64, usize), ServiceError> {
    let asked = asked(program, occasion(application), &application.answers);
    let found = asked.into_iter().find(|field| field.id == id);
    let takes = found.and_then(|field| match &field.kind {
        FieldKind::Attachment { types, bytes_max, files_max } => {
            Some((field, types.as_slice(), *bytes_max, *files_max))
        }
        FieldKind::Line { .. }
        | FieldKind::Text { .. }
        | FieldKind::Choice { .. }
        | FieldKind::Choices { .. }
        | FieldKind::Amount
        | FieldKind::Date { .. }
        | FieldKind::Number { .. }
        | FieldKind::Email
        | FieldKind::Web
        | FieldKind::Orcid
        | FieldKind::Institution => None,
    });
    takes.ok_or_else(|| ServiceError::NotFound(format!("question `{id}` that takes files")))
}

/// Changes the files that an answer lists.
async fn change(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    field: &str,
    how: impl Fn(&mut Vec<Listed>, usize) -> Result<(), ServiceError>,
) -> Result<(), ServiceError> {
    let mut tries = 0;
    loop {
        let (application, _) = service.application_as(viewer, id, Need::Edit).await?;
        is_draft(&application)?;
        let program = service.program_of(&application)?;
        let (_, _, _, files_max) = question(program, &application, field)?;
        let before = application.answers.get(field).map_or("", String::as_str);
        let mut files = listed(before);
        how(&mut files, files_max)?;
        let after = written(&files);
        if after == before {
            return Ok(());
        }
        let after = (!after.is_empty()).then_some(after);
        let changes = BTreeMap::from([(field.to_owned(), after)]);
        tries += 1;
        match service.edit_draft(viewer, application, changes).await {
            Ok(_) => return Ok(()),
            Err(ServiceError::Conflict(_)) if tries < TRIES_MAX => {}
            Err(error) => return Err(error),
        }
    }
}

async fn put(
    service: &Service,
    viewer: &Viewer,
    application: ApplicationId,
    hash: [u8; 32],
    bytes: &[u8],
) -> Result<(), ServiceError> {
    let parts: Vec<(u32, &[u8])> = (0_u32..).zip(bytes.chunks(FILE_PART_BYTES)).collect();
    for together in parts.chunks(PARTS_TOGETHER) {
        let mut batch = batch_of(viewer, service.now())?;
        for (number, part) in together {
            let (number, bytes) = (*number, part.to_vec());
            batch = batch.with(ApplyingWrite::FilePart { application, hash, number, bytes });
        }
        service.commit(batch).await?;
    }
    Ok(())
}

async fn forget(
    service: &Service,
    viewer: &Viewer,
    application: ApplicationId,
    hash: [u8; 32],
) -> Result<(), ServiceError> {
    let batch = batch_of(viewer, service.now())?;
    let write = ApplyingWrite::ForgetFiles { application, hash: Some(hash) };
    service.commit(batch.with(write)).await?;
    Ok(())
}
