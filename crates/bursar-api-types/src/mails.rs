//! Mails on their way.

use bursar_kernel::{MailId, Timestamp};
use bursar_operator::{CameBack, Posted};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which mails to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MailsQuery {
    /// Those that stand so: `waiting`, `sending`, `sent`, `refused`, `gave_up`, `lapsed`, `held`,
    /// `unwanted`, `came_back`.
    pub state: Option<String>,
    /// How many at the most, up to 200.
    pub limit: Option<usize>,
}

/// Mails, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Mails {
    /// They.
    pub mails: Vec<MailLine>,
}

/// A mail, and how far it is. What it says is not told here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailLine {
    /// Its name.
    #[schema(value_type = String, example = "mail_01kag3v5f0e7s9m4q2x8w6t1zc")]
    pub id: MailId,
    /// To whom.
    #[schema(example = "ada@example.edu")]
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Which letter it is.
    #[schema(example = "delivered")]
    pub letter: String,
    /// Where it stands; `written` where nobody has looked at it yet.
    #[schema(example = "sent")]
    pub state: String,
    /// How often a relay was asked.
    pub attempts: u32,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub written_at: Timestamp,
    /// When a relay took it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sent_at: Option<Timestamp>,
    /// When it is tried next, while it waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    /// What the relay said last.
    pub answer: Option<String>,
}

/// A letter that says that mail goes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialMail {
    /// To whom.
    #[schema(example = "postmaster@example.edu")]
    pub to: String,
}

/// Mail that came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportBounce {
    /// From where: an address; or which mail, by its name, its `Message-ID`, or the tagged address
    /// that it was sent from.
    #[schema(example = "bounces+mail_01kag3v5f0e7s9m4q2x8w6t1zc@example.edu")]
    pub of: String,
    /// Why, as the report says.
    #[schema(example = "550 5.1.1 no such mailbox")]
    pub why: String,
}

/// What is known to have come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BounceLine {
    /// The address: mail to it is held from now on.
    #[schema(example = "ada@example.edu")]
    pub email: String,
    /// Which mail, if it is known.
    #[schema(value_type = Option<String>)]
    pub mail: Option<MailId>,
}

impl From<Posted> for MailLine {
    fn from(posted: Posted) -> Self {
        let Posted { mail, way } = posted;
        let way = way.as_ref();
        let state = match way {
            Some(way) => way.state.name(),
            None if mail.sent_at.is_some() => "sent",
            None => "written",
        };
        Self {
            id: mail.id,
            to: mail.to,
            subject: mail.subject,
            letter: mail.letter,
            state: state.to_owned(),
            attempts: way.map_or(0, |way| way.attempts),
            written_at: mail.created_at,
            sent_at: mail.sent_at,
            next_at: way.filter(|way| way.state.is_open()).map(|way| way.next_at),
            answer: way.map(|way| way.answer.clone()).filter(|answer| !answer.is_empty()),
        }
    }
}

impl From<CameBack> for BounceLine {
    fn from(back: CameBack) -> Self {
        Self { email: back.email, mail: back.mail }
    }
}
