//! Documents: added by the one who applies, read by officers, gone with the application's files.

use bursar_award::claims::Proof;
use bursar_files::look;
use bursar_kernel::program::{EvidenceKind, FileType};
use bursar_kernel::{ApplicationId, ClaimId};
use bursar_policy::Viewer;
use bursar_program::files::{Listed, listed, tidy_name, written};
use bursar_service::{Service, ServiceError, audit_line, batch_of};
use bursar_store::{ApplyingWrite, Expect, FILE_PART_BYTES, Row, Write};

use crate::claims::{line, may_show, new_claim, of};

/// Bytes of a document at the most.
pub const DOCUMENT_BYTES_MAX: usize = 5 * 1024 * 1024;
/// What a document can be.
const TYPES: [FileType; 3] = [FileType::Pdf, FileType::Png, FileType::Jpeg];
/// Characters of what a document is said to show.
const SAYS_CHARACTERS_MAX: usize = 200;
/// Parts that are written together: a quarter of a megabyte holds nobody up.
const PARTS_TOGETHER: usize = 4;
/// Documents lie beside the files of the form, under names that none of those has.
const NAMED_AFTER: &str = "bursar 2026 document of a claim";

/// A document that somebody adds.
#[derive(Clone, Debug)]
pub struct NewDocument<'n> {
    /// What it is called there.
    pub name: &'n str,
    /// What is in it.
    pub bytes: &'n [u8],
    /// What it shows.
    pub says: &'n str,
}

/// Adds a document, which waits for an officer.
pub async fn add_document(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    new: NewDocument<'_>,
) -> Result<ClaimId, ServiceError> {
    let standing = may_show(service, viewer, id, EvidenceKind::Document).await?;
    let says = line("says", new.says, "Enter what it shows", SAYS_CHARACTERS_MAX)?;
    let wrong = |message: String| ServiceError::field("document", message);
    if DOCUMENT_BYTES_MAX < new.bytes.len() {
        return Err(wrong("The document is larger than 5 MB".to_owned()));
    }
    let name = tidy_name(new.name);
    let kept = look(&name, new.bytes, &TYPES).map_err(|refusal| wrong(refusal.to_string()))?;
    let hash = hash(&kept.bytes);
    let bytes = u64::try_from(kept.bytes.len()).unwrap_or(u64::MAX);
    let hex = blake3::Hash::from_bytes(hash).to_hex().to_string();
    let file = Listed { hash: hex, kind: kept.kind, bytes, name };
    let parts: Vec<(u32, &[u8])> = (0_u32..).zip(kept.bytes.chunks(FILE_PART_BYTES)).collect();
    for together in parts.chunks(PARTS_TOGETHER) {
        let mut batch = batch_of(viewer, service.now())?;
        for (number, part) in together {
            let (number, bytes) = (*number, part.to_vec());
            batch = batch.with(ApplyingWrite::FilePart { application: id, hash, number, bytes });
        }
        service.commit(batch).await?;
    }
    let claim = new_claim(service, &standing, Proof::Document { file: written(&[file]), says });
    let batch = batch_of(viewer, service.now())?;
    let (name, line) = (claim.id, audit_line(&batch, "document.added", id, claim.id.to_string()));
    let row = Write::Row(Row::Claim(Box::new(claim)), Expect::New);
    service.commit(batch.with(row).with(line)).await?;
    Ok(name)
}

/// A document, for the one who added it and for officers. For anybody else it does not exist.
pub async fn document(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    claim: ClaimId,
) -> Result<(Listed, Vec<u8>), ServiceError> {
    let missing = || ServiceError::NotFound(format!("document `{claim}`"));
    if service.own_application(viewer, id).await.is_err() {
        match service.application_for_officer(viewer, id).await {
            Ok(_) => {}
            Err(ServiceError::NotAllowed) => return Err(missing()),
            Err(error) => return Err(error),
        }
    }
    let Proof::Document { file, .. } = of(service, id, claim).await?.what else {
        return Err(missing());
    };
    let file = listed(&file).into_iter().next().ok_or_else(missing)?;
    let name = *blake3::Hash::from_hex(&file.hash).map_err(|_| missing())?.as_bytes();
    let mut bytes = Vec::new();
    let mut number = 0_u32;
    while let Some(part) = service.store().file_part(id, name, number).await? {
        bytes.extend_from_slice(&part);
        number = number.saturating_add(1);
    }
    if hash(&bytes) != name {
        return Err(missing());
    }
    Ok((file, bytes))
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    blake3::derive_key(NAMED_AFTER, bytes)
}
