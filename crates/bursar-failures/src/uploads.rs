//! Uploads in parts that are not taken, not found or not to be had.

use bursar_kernel::limits::{
    BATCH_LINES_MAX, OPEN_UPLOADS_PER_GRANT_MAX, UPLOAD_BYTES_MAX, UPLOAD_IN_PARTS_BYTES_MAX,
    UPLOAD_PARTS_MAX,
};
use bursar_meter::multipart::FormError;
use bursar_store::rows::UploadStatus;
use http::StatusCode;

use super::belongings::NAME_CHARACTERS_MAX;
use super::{BUSY_RETRY_SECONDS, Failure, INVALID, Retry};

impl Failure {
    /// An upload that this grant does not have, whoever else may.
    pub fn no_upload(name: &str) -> Self {
        let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
        let message = format!("No such Upload object: {name}");
        Self::new(StatusCode::NOT_FOUND, INVALID, "", message).about("upload_id").without_code()
    }

    /// A file for something whose cost is not known.
    pub fn other_purpose() -> Self {
        let message = "Files are taken for the purpose `batch` alone: what a file for another \
                       purpose can cost is not known here.";
        Self::invalid("purpose", message)
    }

    /// A form with a part that cannot be read.
    pub fn bad_part(error: FormError) -> Self {
        let message = format!("The part cannot be read: {error}. Send a form with one `data`.");
        Self::new(StatusCode::BAD_REQUEST, INVALID, "invalid_form", message)
    }

    /// A part above the limit.
    pub fn large_part() -> Self {
        let message = format!(
            "The part is larger than {UPLOAD_BYTES_MAX} bytes, the most that this gateway takes at \
             a time. Send smaller ones."
        );
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, INVALID, "request_too_large", message)
    }

    /// An upload that would be too large a file.
    pub fn large_upload() -> Self {
        let message = format!(
            "A file has at most {UPLOAD_IN_PARTS_BYTES_MAX} bytes, and {BATCH_LINES_MAX} lines, \
             here and at the provider, if it is to be a batch. Split it into several batches."
        );
        Self::invalid("bytes", message)
    }

    /// More uploads that wait for parts than a grant can have.
    pub fn many_open_uploads() -> Self {
        let message = format!(
            "The grant has {OPEN_UPLOADS_PER_GRANT_MAX} uploads that wait for their parts, the \
             most that it can have. Complete or cancel one, or wait until they expire."
        );
        Self::new(StatusCode::TOO_MANY_REQUESTS, "requests", "rate_limit_exceeded", message)
            .retry(Retry::Never)
    }

    /// More parts than an upload has.
    pub fn many_parts() -> Self {
        let message = format!("An upload has at most {UPLOAD_PARTS_MAX} parts. Send larger ones.");
        Self::invalid("data", message)
    }

    /// A part with which the file would be larger than it was said to be.
    pub fn more_than_declared(declared: u64, there: u64) -> Self {
        let message = format!(
            "With this part the upload would have more than its {declared} bytes: {there} are \
             there. Send the rest, or begin another upload with more `bytes`."
        );
        Self::invalid("data", message)
    }

    /// Parts that are not as much as the file was said to be.
    pub fn not_as_declared(declared: u64, there: u64) -> Self {
        let message = format!(
            "The parts have {there} bytes together, and the upload was begun with {declared}. \
             Name all of them, or add what is missing."
        );
        Self::invalid("part_ids", message)
    }

    /// A part that is not of this upload, whoever else's it may be.
    pub fn no_part(param: &str, name: &str) -> Self {
        let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
        let message = format!("No such part of this upload: {name}");
        Self::invalid(param, message)
    }

    /// An upload that has ended, or is about to.
    pub fn upload_ended(status: UploadStatus) -> Self {
        let why = match status {
            UploadStatus::Pending => "waits for its parts, and somebody else was at it. Try again",
            UploadStatus::Completing => "is being completed. Wait for the answer to that",
            UploadStatus::Completed => "is complete: it is a file",
            UploadStatus::Cancelled => "was cancelled. Begin another",
            UploadStatus::Expired => "was not completed within its hour. Begin another",
        };
        let message = format!("The upload {why}.");
        Self::new(StatusCode::BAD_REQUEST, INVALID, "invalid_upload", message).about("upload_id")
    }

    /// Others change an upload all the time.
    pub fn upload_busy() -> Self {
        let message = "Too many parts come at once for one upload. Send the part again.";
        Self::new(StatusCode::CONFLICT, INVALID, "upload_busy", message)
            .retry(Retry::After(BUSY_RETRY_SECONDS))
    }

    /// A file that is not what its parts were.
    pub fn other_parts() -> Self {
        let message = "What the provider made of the parts is not what they were. It was deleted: \
                       begin another upload.";
        Self::new(StatusCode::BAD_GATEWAY, super::SERVER, "upstream_failed", message)
            .retry(Retry::Never)
    }
}
