//! `bursar mail`: the outbox.

use anyhow::Context as _;
use bursar_api_types::{BounceLine, MailLine, Mails, MailsQuery, ReportBounce, TrialMail};
use bursar_client::Client;
use bursar_kernel::MailId;
use clap::Subcommand;

use super::output::{Column, Output, facts, moment, table};

/// Mails on their way.
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// List the latest mails, with how far each is
    List {
        /// Only those that stand so: waiting, sending, sent, refused, `gave_up`, lapsed, held,
        /// unwanted, `came_back`
        #[arg(long, value_name = "STATE")]
        state: Option<String>,
        /// How many at the most
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Have a mail tried again, from the beginning
    Retry {
        /// The mail
        #[arg(value_name = "MAIL")]
        mail: MailId,
    },
    /// Write a letter to an address that says that mail goes out
    Test {
        /// The address
        #[arg(value_name = "EMAIL")]
        to: String,
    },
    /// Report that mail came back: mail to the address is held until its holder has signed in by
    /// a link that was mailed there
    Bounce {
        /// The address; or the mail, by its name, its Message-ID, or the tagged address that it
        /// was sent from
        #[arg(value_name = "ADDRESS|MAIL")]
        of: String,
        /// Why, as the report says
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
}

pub(crate) async fn run(
    command: MailCommand,
    client: &Client,
    output: Output,
) -> anyhow::Result<()> {
    match command {
        MailCommand::List { state, limit } => {
            let found = client.mails(&MailsQuery { state, limit }).await;
            output.show(&found.context("failed to list the mails")?, list)
        }
        MailCommand::Retry { mail } => {
            let mail = client.retry_mail(mail).await.context("failed to try the mail again")?;
            output.show(&mail, show)
        }
        MailCommand::Test { to } => {
            let mail = client.send_trial_mail(&TrialMail { to }).await;
            output.show(&mail.context("failed to write the letter")?, show)
        }
        MailCommand::Bounce { of, why } => {
            let back = client.report_bounce(&ReportBounce { of, why }).await;
            output.show(&back.context("failed to report the bounce")?, bounce)
        }
    }
}

fn list(found: &Mails) -> String {
    let columns = [
        Column::Left("MAIL"),
        Column::Left("STATE"),
        Column::Right("TRIES"),
        Column::Left("WRITTEN"),
        Column::Left("NEXT"),
        Column::Left("TO"),
        Column::Left("SUBJECT"),
        Column::Left("SAID"),
    ];
    let row = |mail: &MailLine| {
        vec![
            mail.id.to_string(),
            mail.state.clone(),
            mail.attempts.to_string(),
            moment(mail.written_at),
            mail.next_at.map(moment).unwrap_or_default(),
            mail.to.clone(),
            mail.subject.clone(),
            mail.answer.clone().unwrap_or_default(),
        ]
    };
    table(&columns, found.mails.iter().map(row).collect(), "no mail")
}

fn show(mail: &MailLine) -> String {
    facts([
        ("mail", Some(mail.id.to_string())),
        ("to", Some(mail.to.clone())),
        ("subject", Some(mail.subject.clone())),
        ("state", Some(mail.state.clone())),
        ("tries", Some(mail.attempts.to_string())),
        ("said", mail.answer.clone()),
    ])
}

fn bounce(back: &BounceLine) -> String {
    facts([
        ("email", Some(back.email.clone())),
        ("mail", back.mail.map(|mail| mail.to_string())),
        ("held", Some("until its holder has signed in by a mailed link".to_owned())),
    ])
}
