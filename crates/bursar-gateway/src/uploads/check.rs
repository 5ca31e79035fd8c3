//! What is asked of an upload, read and held against what it is. No part of it asks an upstream.

use bursar_kernel::Timestamp;
use bursar_kernel::limits::{UPLOAD_IN_PARTS_BYTES_MAX, UPLOAD_PARTS_MAX};
use bursar_store::rows::{UploadFacts, UploadPart, UploadStatus};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use crate::files::{FILENAME_CHARACTERS_MAX, PURPOSE};
use bursar_failures::Failure;

/// Characters of a type of media.
const MIME_TYPE_CHARACTERS_MAX: usize = 127;

/// What a client asks for that begins an upload. What else the provider takes is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    pub(super) filename: String,
    pub(super) purpose: String,
    pub(super) bytes: u64,
    mime_type: String,
}

/// Reads what begins an upload.
pub(super) fn wanted(body: &Bytes) -> Result<Wanted, Failure> {
    let mut wanted: Wanted = serde_json::from_slice(body).map_err(|error| {
        let message = format!(
            "The upload cannot be read: {error}. It takes `filename`, `purpose`, `bytes` and \
             `mime_type`; files are kept until they are deleted."
        );
        Failure::invalid("body", message)
    })?;
    if wanted.purpose != PURPOSE {
        return Err(Failure::other_purpose());
    }
    if wanted.bytes == 0 {
        return Err(Failure::invalid("bytes", "`bytes` is 0: the file would be empty."));
    }
    if UPLOAD_IN_PARTS_BYTES_MAX < wanted.bytes {
        return Err(Failure::large_upload());
    }
    if wanted.filename.is_empty() {
        return Err(Failure::invalid("filename", "`filename` is empty. Give the file a name."));
    }
    let is_type = |byte: u8| byte.is_ascii_alphanumeric() || b"/+-._; =".contains(&byte);
    if !(1..=MIME_TYPE_CHARACTERS_MAX).contains(&wanted.mime_type.len())
        || !wanted.mime_type.bytes().all(is_type)
    {
        let message = "`mime_type` must be a type of media, such as `application/jsonl`.";
        return Err(Failure::invalid("mime_type", message));
    }
    wanted.filename = wanted.filename.chars().take(FILENAME_CHARACTERS_MAX).collect();
    Ok(wanted)
}

impl Wanted {
    /// What goes upstream.
    pub(super) fn body(&self) -> Bytes {
        let Self { filename, purpose, bytes, mime_type } = self;
        let body = json!({
            "filename": filename, "purpose": purpose, "bytes": bytes, "mime_type": mime_type,
        });
        body.to_string().into()
    }
}

/// Whether an upload takes another part of so many bytes.
pub(super) fn may_add(facts: &UploadFacts, bytes: usize, now: Timestamp) -> Result<(), Failure> {
    is_pending(facts, now)?;
    if UPLOAD_PARTS_MAX <= facts.parts.len() {
        return Err(Failure::many_parts());
    }
    let there = sum(&facts.parts);
    let with_it = there.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    if facts.bytes < with_it {
        return Err(Failure::more_than_declared(facts.bytes, there));
    }
    Ok(())
}

fn is_pending(facts: &UploadFacts, now: Timestamp) -> Result<(), Failure> {
    match facts.status {
        UploadStatus::Pending if now < facts.expires_at => Ok(()),
        UploadStatus::Pending => Err(Failure::upload_ended(UploadStatus::Expired)),
        ended @ (UploadStatus::Completing
        | UploadStatus::Completed
        | UploadStatus::Cancelled
        | UploadStatus::Expired) => Err(Failure::upload_ended(ended)),
    }
}

fn sum(parts: &[UploadPart]) -> u64 {
    parts.iter().map(|part| part.bytes).fold(0, u64::saturating_add)
}

/// The parts of a file in their order.
pub(super) struct Ordered {
    parts: Vec<UploadPart>,
    md5: Option<String>,
}

/// What a client asks for that completes an upload.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    part_ids: Vec<String>,
    md5: Option<String>,
}

/// Reads the order of the parts: all of them the upload's own, none twice, and together as large as
/// the file was said to be.
pub(super) fn in_order(
    facts: &UploadFacts,
    body: &Bytes,
    now: Timestamp,
) -> Result<Ordered, Failure> {
    is_pending(facts, now)?;
    let asked: Asked = serde_json::from_slice(body).map_err(|error| {
        let message = format!("It cannot be read: {error}. It takes `part_ids` and `md5`.");
        Failure::invalid("body", message)
    })?;
    let is_md5 = |text: &String| text.len() == 32 && text.bytes().all(|it| it.is_ascii_hexdigit());
    if asked.md5.as_ref().is_some_and(|md5| !is_md5(md5)) {
        let message = "`md5` must be 32 hexadecimal digits.";
        return Err(Failure::invalid("md5", message));
    }
    let mut parts: Vec<UploadPart> = Vec::with_capacity(facts.parts.len());
    for (place, id) in asked.part_ids.iter().enumerate() {
        let param = format!("part_ids[{place}]");
        if parts.iter().any(|part| part.id == *id) {
            return Err(Failure::invalid(&param, "The part is there twice. Name each once."));
        }
        let Some(part) = facts.parts.iter().find(|part| part.id == *id) else {
            return Err(Failure::no_part(&param, id));
        };
        parts.push(part.clone());
    }
    let there = sum(&parts);
    if there != facts.bytes {
        return Err(Failure::not_as_declared(facts.bytes, there));
    }
    Ok(Ordered { parts, md5: asked.md5 })
}

impl Ordered {
    /// Whether the parts are still those of the upload.
    pub(super) fn fits(&self, facts: &UploadFacts) -> Result<(), Failure> {
        if self.parts.iter().all(|part| facts.parts.contains(part)) {
            Ok(())
        } else {
            Err(Failure::bug())
        }
    }

    /// What goes upstream.
    pub(super) fn body(&self) -> Bytes {
        let ids: Vec<&str> = self.parts.iter().map(|part| part.id.as_str()).collect();
        let mut body = json!({ "part_ids": ids });
        if let Some(md5) = &self.md5 {
            body["md5"] = json!(md5);
        }
        body.to_string().into()
    }

    /// A reader that holds a file against the parts.
    pub(super) fn reading(&self) -> Reading<'_> {
        Reading {
            parts: self.parts.iter(),
            part: None,
            left: 0,
            hasher: blake3::Hasher::new(),
            whole: blake3::Hasher::new(),
        }
    }
}

/// A file that is read, part by part.
pub(super) struct Reading<'a> {
    parts: std::slice::Iter<'a, UploadPart>,
    /// The part that is read, and how much of it is to come.
    part: Option<&'a UploadPart>,
    left: u64,
    hasher: blake3::Hasher,
    whole: blake3::Hasher,
}

impl Reading<'_> {
    /// Takes the next bytes. False where they are not what the parts were.
    pub(super) fn push(&mut self, mut data: &[u8]) -> bool {
        self.whole.update(data);
        while !data.is_empty() {
            if self.left == 0 {
                if !self.is_as_it_was() {
                    return false;
                }
                let Some(part) = self.parts.next() else { return false };
                (self.part, self.left) = (Some(part), part.bytes);
            }
            let take = usize::try_from(self.left).unwrap_or(usize::MAX).min(data.len());
            let (now, later) = data.split_at(take);
            self.hasher.update(now);
            self.left = self.left.saturating_sub(u64::try_from(take).unwrap_or(u64::MAX));
            data = later;
        }
        true
    }

    /// The hash of the whole, if it was all of the parts.
    pub(super) fn finish(mut self) -> Option<String> {
        let is_whole = self.left == 0 && self.is_as_it_was() && self.parts.next().is_none();
        is_whole.then(|| self.whole.finalize().to_hex().to_string())
    }

    /// Whether the part that was read is what it was when it came.
    fn is_as_it_was(&mut self) -> bool {
        let hash = std::mem::take(&mut self.hasher).finalize().to_hex();
        self.part.is_none_or(|part| part.content == *hash)
    }
}

#[cfg(test)]
mod tests;
