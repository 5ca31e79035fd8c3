//! Ways to sign in, beside their rows.

use bursar_kernel::Timestamp;
use bursar_store::{AccountWrite, Erase};
use deadpool_postgres::ClientWrapper;

use crate::codec::{Id, millis, text, to_json};
use crate::error::WriteError;
use crate::statement::{execute, statement};

const FORGET: &str = "DELETE FROM used_challenge WHERE expires_at <= $1";
const USE: &str = "INSERT INTO used_challenge (hash, expires_at) VALUES ($1, $2)
     ON CONFLICT DO NOTHING";

/// What goes with a person.
const BY_PERSON: [&str; 5] = [
    "DELETE FROM session WHERE person = $1",
    "DELETE FROM passkey WHERE person = $1",
    "DELETE FROM identity WHERE person = $1",
    "DELETE FROM card WHERE person = $1",
    "DELETE FROM claim WHERE person = $1",
];
/// What goes with a mail address.
const BY_EMAIL: [&str; 6] = [
    "DELETE FROM sign_in_link WHERE email = $1",
    "DELETE FROM delivery WHERE mail IN (SELECT id FROM mail WHERE recipient = $1)",
    "DELETE FROM mail WHERE recipient = $1",
    "DELETE FROM address WHERE email = $1",
    "DELETE FROM appeal WHERE email = $1",
    "DELETE FROM identity WHERE person IS NULL AND body::jsonb ->> 'email' = $1",
];
const WORDLESS: &str = "UPDATE audit_line SET detail = '' WHERE subject = $1
     AND (action LIKE 'identity.%' OR action LIKE 'access.%')";
/// Texts in which others may have written somebody's name or address.
const REWORDED: [&str; 11] = [
    "UPDATE delivery SET body = replace(body, $1, $2) WHERE strpos(body, $3) > 0",
    "UPDATE stop SET body = replace(body, $1, $2) WHERE strpos(body, $3) > 0",
    "UPDATE review SET body = replace(body, $1, $2) WHERE strpos(body, $3) > 0",
    "UPDATE question SET body = replace(body, $1, $2) WHERE strpos(body, $3) > 0",
    "UPDATE access_request SET body = replace(body, $1, $2) WHERE strpos(body, $3) > 0",
    "UPDATE claim SET body = replace(body, $1, $2) WHERE strpos(body, $3) > 0",
    "UPDATE appeal SET body = replace(body, $1, $2) WHERE strpos(body, $3) > 0",
    "UPDATE member SET body = replace(body, $1, $2) WHERE strpos(body, $3) > 0",
    "UPDATE participant SET body = replace(body, $1, $2) WHERE strpos(body, $3) > 0",
    "UPDATE mail SET subject = replace(subject, $1, $2), body = replace(body, $1, $2),
         html = replace(html, $1, $2) WHERE strpos(subject || body || html, $3) > 0",
    "UPDATE audit_line SET subject = replace(subject, $1, $2),
         detail = replace(detail, $1, $2) WHERE strpos(subject || detail, $3) > 0",
];
/// The same in what a grant made, of which there may be much.
const REWORDED_OF: &str = "UPDATE belonging SET body = replace(body, $1, $2)
     WHERE strpos(body, $3) > 0 AND grant_id = $4";
const REWRITE: &str =
    "UPDATE application_event SET body = $3 WHERE application = $1 AND version = $2";
const FORGET_WAY: &str = "DELETE FROM delivery WHERE mail = $1";
const FORGET_MAIL: &str = "DELETE FROM mail WHERE id = $1";
const FORGET_ADDRESS: &str = "DELETE FROM address WHERE email = $1";

pub(super) async fn write(
    client: &ClientWrapper,
    write: &AccountWrite,
    now: Timestamp,
) -> Result<(), WriteError> {
    match write {
        AccountWrite::UseChallenge { hash, expires_at } => {
            execute(client, &statement!(FORGET, millis(now))).await?;
            let this = statement!(USE, hash.to_vec(), millis(*expires_at));
            let used = execute(client, &this).await?;
            if used == 1 { Ok(()) } else { Err(WriteError::conflict("the question")) }
        }
        AccountWrite::Erase(erased) => erase(client, erased).await,
        AccountWrite::RewriteHistory { application, history } => {
            for (event, version) in history.iter().zip(1_i64..) {
                let application = Id(application.to_bytes());
                execute(client, &statement!(REWRITE, application, version, to_json(event)?))
                    .await?;
            }
            Ok(())
        }
        AccountWrite::ForgetMail { mail, email } => {
            for sql in [FORGET_WAY, FORGET_MAIL] {
                execute(client, &statement!(sql, Id(mail.to_bytes()))).await?;
            }
            execute(client, &statement!(FORGET_ADDRESS, text(email))).await?;
            Ok(())
        }
    }
}

async fn erase(client: &ClientWrapper, erased: &Erase) -> Result<(), WriteError> {
    for sql in BY_PERSON {
        execute(client, &statement!(sql, Id(erased.person.to_bytes()))).await?;
    }
    for sql in BY_EMAIL {
        execute(client, &statement!(sql, text(&erased.email))).await?;
    }
    for subject in &erased.subjects {
        execute(client, &statement!(WORDLESS, text(subject))).await?;
    }
    for words in &erased.words {
        for sql in REWORDED {
            let (what, with, only) = (&words.what, &words.with, &words.only_where);
            execute(client, &statement!(sql, text(what), text(with), text(only))).await?;
        }
        for grant in &erased.grants {
            let (what, with, only) = (&words.what, &words.with, &words.only_where);
            let grant = Id(grant.to_bytes());
            let of = statement!(REWORDED_OF, text(what), text(with), text(only), grant);
            execute(client, &of).await?;
        }
    }
    Ok(())
}
