//! What was uploaded, what batches wrote, and responses that were stored: kept in memory, the
//! oldest forgotten first.

use std::collections::VecDeque;

use bursar_kernel::Timestamp;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::batches::Batch;
use crate::stored::Stored;
use crate::uploads::Upload;
use bursar_invention::Draw;

/// Files that are kept.
const FILES_MAX: usize = 2_000;
/// Bytes of all of them.
const BYTES_MAX: usize = 512 * 1024 * 1024;
/// Batches that are kept.
const BATCHES_MAX: usize = 2_000;
/// Responses that are kept.
const RESPONSES_MAX: usize = 2_000;
/// Uploads that are kept: their parts are, until they are a file.
const UPLOADS_MAX: usize = 100;

/// Files, uploads, batches and responses.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    files: VecDeque<File>,
    batches: VecDeque<Batch>,
    responses: VecDeque<Stored>,
    uploads: VecDeque<Upload>,
    made: u64,
}

/// A file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) id: String,
    pub(crate) content: Bytes,
    pub(crate) filename: String,
    pub(crate) purpose: String,
    pub(crate) created_at: Timestamp,
}

impl File {
    /// The file as the provider shows it.
    pub(crate) fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "object": "file",
            "bytes": self.content.len(),
            "created_at": self.created_at.as_second(),
            "filename": self.filename,
            "purpose": self.purpose,
            "status": "processed",
        })
    }
}

impl Shelf {
    /// A name that no other sandbox gave before.
    pub(crate) fn name(&mut self, kind: &str, now: Timestamp) -> String {
        self.made += 1;
        let instant = now.as_nanosecond().to_le_bytes();
        let digits = Draw::from(&[kind.as_bytes(), &self.made.to_le_bytes(), &instant]).hex(24);
        format!("{kind}{digits}")
    }

    pub(crate) fn put_file(&mut self, file: File) {
        self.files.push_back(file);
        let mut bytes: usize = self.files.iter().map(|file| file.content.len()).sum();
        while FILES_MAX < self.files.len() || BYTES_MAX < bytes {
            let Some(oldest) = self.files.pop_front() else { return };
            bytes -= oldest.content.len();
        }
    }

    pub(crate) fn file(&self, id: &str) -> Option<&File> {
        self.files.iter().find(|file| file.id == id)
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }

    /// Whether the file was there.
    pub(crate) fn delete_file(&mut self, id: &str) -> bool {
        let before = self.files.len();
        self.files.retain(|file| file.id != id);
        self.files.len() < before
    }

    pub(crate) fn put_upload(&mut self, upload: Upload) {
        self.uploads.push_back(upload);
        while UPLOADS_MAX < self.uploads.len() {
            self.uploads.pop_front();
        }
    }

    pub(crate) fn upload(&mut self, id: &str) -> Option<&mut Upload> {
        self.uploads.iter_mut().find(|upload| upload.id == id)
    }

    pub(crate) fn put_batch(&mut self, batch: Batch) {
        self.batches.push_back(batch);
        while BATCHES_MAX < self.batches.len() {
            self.batches.pop_front();
        }
    }

    pub(crate) fn batch(&mut self, id: &str) -> Option<&mut Batch> {
        self.batches.iter_mut().find(|batch| batch.id == id)
    }

    pub(crate) fn put_response(&mut self, response: Stored) {
        self.responses.push_back(response);
        while RESPONSES_MAX < self.responses.len() {
            self.responses.pop_front();
        }
    }

    pub(crate) fn response(&mut self, id: &str) -> Option<&mut Stored> {
        self.responses.iter_mut().find(|response| response.id == id)
    }

    /// Whether the response was there.
    pub(crate) fn delete_response(&mut self, id: &str) -> bool {
        let before = self.responses.len();
        self.responses.retain(|response| response.id != id);
        self.responses.len() < before
    }

    pub(crate) fn batch_names(&self) -> Vec<String> {
        self.batches.iter().map(|batch| batch.id.clone()).collect()
    }
}
