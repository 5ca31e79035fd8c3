//! A mail of the outbox as the message that goes over the wire.

use std::fmt::Write as _;

use bursar_kernel::{MailId, Timestamp};
use bursar_outbox::Manner;
use bursar_store::rows::Mail;
use jiff::tz::TimeZone;

use crate::encode::{folded, header, phrase, quoted_printable};
use crate::mailbox::Mailbox;

/// Whom mail comes from.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The address that people see.
    pub from: Mailbox,
    /// The name before it; may be empty.
    pub name: String,
    /// Where answers go, if not there.
    pub reply_to: Option<Mailbox>,
    /// Where what cannot be delivered comes back to.
    pub return_path: Mailbox,
    /// Whether that address takes tags, so that what comes back says which mail it was.
    pub tags: bool,
    /// The address that people reach the portal at.
    pub base_url: String,
}

/// The name of a message: it stays the same however often the mail is tried.
pub fn message_id(mail: MailId, sender: &Sender) -> String {
    format!("<{mail}@{}>", sender.from.domain())
}

/// Where a mail comes back to.
pub fn return_path(mail: MailId, sender: &Sender) -> Mailbox {
    if sender.tags {
        sender.return_path.tagged(&mail.to_string())
    } else {
        sender.return_path.clone()
    }
}

/// A mail as the bytes of a message, to somebody.
pub fn compose(mail: &Mail, to: &Mailbox, manner: Manner, sender: &Sender) -> Vec<u8> {
    let mut out = String::with_capacity(2 * (mail.body.len() + mail.html.len()) + 1024);
    let mut from = phrase(&sender.name);
    from.push(format!("<{}>", sender.from));
    out.push_str(&folded("Date", &[date(mail.created_at)]));
    out.push_str(&folded("From", &from));
    out.push_str(&folded("To", &[format!("<{to}>")]));
    if let Some(reply_to) = &sender.reply_to {
        out.push_str(&folded("Reply-To", &[format!("<{reply_to}>")]));
    }
    out.push_str(&header("Subject", &mail.subject));
    out.push_str(&folded("Message-ID", &[message_id(mail.id, sender)]));
    // Vacation notes and the like do not answer to it: RFC 3834.
    out.push_str("Auto-Submitted: auto-generated\r\n");
    if manner == Manner::Reminder {
        let page = format!("<{}/account>", sender.base_url);
        out.push_str(&folded("List-Unsubscribe", &[page]));
    }
    out.push_str("MIME-Version: 1.0\r\n");
    if mail.html.is_empty() {
        part(&mut out, "plain", &mail.body);
        return out.into_bytes();
    }
    // Quoted-printable never writes `=_`, so nothing in a part ends it.
    let boundary = format!("=_{}", mail.id);
    let html = bursar_letters::page(&mail.subject, &mail.html);
    let mixed = "Content-Type: multipart/alternative;\r\n boundary=\"";
    let _ = write!(out, "{mixed}{boundary}\"\r\n\r\n--{boundary}\r\n");
    part(&mut out, "plain", &mail.body);
    let _ = write!(out, "--{boundary}\r\n");
    part(&mut out, "html", &html);
    let _ = write!(out, "--{boundary}--\r\n");
    out.into_bytes()
}

fn part(out: &mut String, kind: &str, text: &str) {
    let _ = write!(out, "Content-Type: text/{kind}; charset=utf-8\r\n");
    out.push_str("Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    out.push_str(&quoted_printable(text));
}

fn date(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
