//! Files and batches that are not taken, not found or not to be had.

use bursar_kernel::limits::{
    BATCH_LINES_MAX, FILES_PER_GRANT_MAX, OPEN_BATCHES_PER_GRANT_MAX, UPLOAD_BYTES_MAX,
    UPLOAD_SECONDS_MAX, UPLOADS_AT_A_TIME_MAX,
};
use bursar_kernel::{Model, ModelId, Usd};
use bursar_ledger::Refusal;
use bursar_meter::batch::{LineRefused, LineTooLong};
use bursar_meter::multipart::FormError;
use http::StatusCode;

use super::{BUSY_RETRY_SECONDS, Failure, INVALID, Pages, Retry, SERVER};
use crate::refused::{raise, whose};

/// Characters of a name that is not found that are said again.
pub(crate) const NAME_CHARACTERS_MAX: usize = 128;

impl Failure {
    pub(crate) fn without_code(mut self) -> Self {
        self.envelope.error.code = None;
        self
    }

    /// A mistake in what was asked of a file or a batch.
    pub fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, INVALID, "invalid_value", message).about(param)
    }

    /// A file that this grant does not have, whoever else may: in the provider's words.
    pub fn no_file(name: &str, param: &str) -> Self {
        let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
        let message = format!("No such File object: {name}");
        Self::new(StatusCode::NOT_FOUND, INVALID, "", message).about(param).without_code()
    }

    /// A batch that this grant does not have, whoever else may: in the provider's words.
    pub fn no_batch(name: &str) -> Self {
        let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
        let message = format!("No batch found with id '{name}'.");
        Self::new(StatusCode::NOT_FOUND, INVALID, "", message).without_code()
    }

    /// No upstream of the program's group has files, or serves the model that this one is for.
    pub fn no_files_here(model: Option<&ModelId>) -> Self {
        let what = model.map(|model| format!(" of the model `{model}`")).unwrap_or_default();
        let message = format!(
            "Files and batches{what} are not offered by the provider of this grant's program. Send \
             the calls one by one."
        );
        Self::new(StatusCode::NOT_FOUND, INVALID, "files_not_offered", message)
    }

    /// A batch's file lies at an upstream that does not serve its model.
    pub fn file_lies_elsewhere(model: &Model) -> Self {
        let message = format!(
            "The file does not lie where the model `{}` is served. Upload it again, and make the \
             batch of the new file.",
            model.id
        );
        Self::new(StatusCode::BAD_REQUEST, INVALID, "invalid_file", message).about("input_file_id")
    }

    /// A form that cannot be read.
    pub fn bad_form(error: FormError) -> Self {
        let message = format!(
            "The upload cannot be read: {error}. Send a form with the fields `purpose` and `file`."
        );
        Self::new(StatusCode::BAD_REQUEST, INVALID, "invalid_form", message)
    }

    /// A file above the limit.
    pub fn large_file() -> Self {
        let message = format!(
            "The file is larger than {UPLOAD_BYTES_MAX} bytes, the most that this gateway takes \
             (the provider itself takes 200 MB, and {BATCH_LINES_MAX} lines, of a batch). Split it \
             into several batches."
        );
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, INVALID, "request_too_large", message)
    }

    /// A file that took too long to come.
    pub fn slow_file() -> Self {
        let message = format!(
            "The file did not arrive within {UPLOAD_SECONDS_MAX} seconds. Split it into several."
        );
        Self::new(StatusCode::REQUEST_TIMEOUT, INVALID, "request_timeout", message)
    }

    /// More files at a time than one node takes.
    pub fn many_uploads() -> Self {
        let message = format!(
            "This gateway takes {UPLOADS_AT_A_TIME_MAX} files at a time and that many are on their \
             way. Try again in a moment."
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, SERVER, "server_is_overloaded", message)
            .retry(Retry::After(BUSY_RETRY_SECONDS))
    }

    /// More files than a grant keeps.
    pub fn many_files() -> Self {
        let message = format!(
            "The grant has {FILES_PER_GRANT_MAX} files, the most that it can have. Delete some \
             with `DELETE /v1/files/{{id}}`."
        );
        Self::new(StatusCode::BAD_REQUEST, INVALID, "too_many_files", message)
    }

    /// More open batches than a grant can have.
    pub fn many_batches() -> Self {
        let message = format!(
            "The grant has {OPEN_BATCHES_PER_GRANT_MAX} batches that have not ended, the most that \
             it can have. Wait until one has ended, or cancel one."
        );
        Self::new(StatusCode::TOO_MANY_REQUESTS, "requests", "rate_limit_exceeded", message)
            .retry(Retry::Never)
    }

    /// A file that is not what was uploaded.
    pub fn other_file() -> Self {
        let message = "The provider has something else under this file's name than what was \
                       uploaded. Upload it again.";
        Self::new(StatusCode::BAD_REQUEST, INVALID, "invalid_file", message).about("input_file_id")
    }

    /// A batch whose file has a line that is too long.
    pub fn long_line(error: LineTooLong) -> Self {
        Self::invalid("input_file_id", format!("In the batch's file, {error}."))
    }

    /// A batch that a line keeps back.
    pub fn line_refused(refused: &LineRefused) -> Self {
        let mut failure = Self::bad_request(&refused.why);
        let message = &failure.envelope.error.message;
        let message = format!("Line {} of the batch's file is refused: {message}", refused.line);
        failure.envelope.error.message = message;
        failure.about("input_file_id")
    }

    /// A batch that does not fit. `None` where it is refused for another reason.
    pub fn batch_too_dear(refusal: &Refusal, lines: u64, pages: Pages<'_>) -> Option<Self> {
        let advice = "All of it is set aside until the batch has ended, and what its lines do not \
                      use comes back. A smaller batch, or lower limits on the output, would fit.";
        let needs = |needed: Usd| {
            format!("This batch of {lines} lines may cost up to ${needed} at batch prices and")
        };
        if let Refusal::InsufficientCredit { available, needed, held } = refusal {
            let detail = format!(
                "{} ${available} of the grant is available{}. {advice} {} shows the balance.",
                needs(*needed),
                in_flight(*held),
                pages.grant(),
            );
            return Some(Self::quota("credit_balance_exhausted", &detail));
        }
        if let Refusal::CapReached { available, needed, cap } = refusal {
            let detail = format!(
                "{} ${available} of {} is left. {advice} {} {}.",
                needs(*needed),
                whose(*cap),
                pages.grant(),
                raise(*cap),
            );
            return Some(Self::quota("project_spend_limit_exceeded", &detail));
        }
        None
    }

    /// A batch that was sent, and nobody knows whether it was taken.
    pub fn batch_lost() -> Self {
        let message = "The provider broke off before it said whether it took the batch. What was \
                       set aside for it stays set aside until an operator settles it.";
        Self::new(StatusCode::BAD_GATEWAY, SERVER, "upstream_failed", message).retry(Retry::Never)
    }

    /// What a batch wrote cannot be deleted before it was charged by it.
    pub fn not_charged_yet() -> Self {
        let message = "The batch that wrote this file is being charged by it. Try again in a \
                       minute.";
        Self::new(StatusCode::CONFLICT, INVALID, "file_in_use", message).retry(Retry::After(60))
    }

    /// An upstream's answer that cannot be read.
    pub fn strange_answer() -> Self {
        let message = "The provider answered something that this gateway does not understand. Try \
                       again later.";
        Self::new(StatusCode::BAD_GATEWAY, SERVER, "upstream_failed", message)
    }
}

fn in_flight(held: Usd) -> String {
    if held.is_positive() {
        format!(" (calls and batches under way hold ${held})")
    } else {
        String::new()
    }
}
