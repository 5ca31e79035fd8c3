//! Letters on their way to the outbox.

use bursar_kernel::{MailId, Timestamp};
use bursar_store::rows::Mail;

pub(crate) use bursar_letters::*;

use crate::entropy;

/// What puts a letter into the outbox.
pub(crate) trait Post {
    /// The letter, to somebody.
    fn to(self, email: &str, now: Timestamp) -> Mail;
}

impl Post for Letter {
    fn to(self, email: &str, now: Timestamp) -> Mail {
        Mail {
            id: MailId::new(now, entropy::draw()),
            to: email.to_owned(),
            subject: self.subject,
            body: self.body,
            created_at: now,
            sent_at: None,
        }
    }
}
