//! What is known of a mail address, beside whose it is.

use bursar_kernel::{MailId, Timestamp};
use serde::{Deserialize, Serialize};

/// What the address of somebody who was forgotten ends with: `invalid` is nobody's (RFC 2606).
pub const NOBODYS: &str = "@erased.invalid";

/// What is known of an address. Of most nothing is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The address in lower case; also its name.
    pub email: String,
    /// Mail to it came back, and nobody has shown since that it arrives.
    pub bounced: Option<Bounce>,
    /// Whether its holder wants to be reminded of what comes.
    pub reminders: bool,
    /// Grows by one with each change.
    pub version: u64,
}

/// A mail that came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounce {
    /// When that became known.
    pub at: Timestamp,
    /// What the mail server said.
    pub why: String,
    /// Which mail, if it is known.
    pub mail: Option<MailId>,
}

impl Address {
    /// An address of which nothing is known: the row that is written first has version 1.
    pub fn new(email: &str) -> Self {
        Self { email: email.to_owned(), bounced: None, reminders: true, version: 0 }
    }

    /// Mail to it came back.
    #[must_use]
    pub fn bounced(self, bounce: Bounce) -> Self {
        Self { bounced: Some(bounce), ..self.next() }
    }

    /// Somebody has read a mail to it: whatever came back is over.
    #[must_use]
    pub fn confirmed(self) -> Self {
        Self { bounced: None, ..self.next() }
    }

    /// Its holder says whether they want to be reminded.
    #[must_use]
    pub fn with_reminders(self, reminders: bool) -> Self {
        Self { reminders, ..self.next() }
    }

    fn next(self) -> Self {
        Self { version: self.version.saturating_add(1), ..self }
    }
}
