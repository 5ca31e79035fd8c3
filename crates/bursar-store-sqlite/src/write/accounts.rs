//! Ways to sign in, beside their rows.

use bursar_kernel::Timestamp;
use bursar_store::{AccountWrite, Erase};
use rusqlite::{Connection, params};

use crate::codec::{millis, to_json};
use crate::error::WriteError;

const FORGET: &str = "DELETE FROM used_challenge WHERE expires_at <= ?1";
const USE: &str = "INSERT INTO used_challenge (hash, expires_at) VALUES (?1, ?2)
     ON CONFLICT DO NOTHING";

/// What goes with a person.
const BY_PERSON: [&str; 5] = [
    "DELETE FROM session WHERE person = ?1",
    "DELETE FROM passkey WHERE person = ?1",
    "DELETE FROM identity WHERE person = ?1",
    "DELETE FROM card WHERE person = ?1",
    "DELETE FROM claim WHERE person = ?1",
];
/// What goes with a mail address.
const BY_EMAIL: [&str; 6] = [
    "DELETE FROM sign_in_link WHERE email = ?1",
    "DELETE FROM delivery WHERE mail IN (SELECT id FROM mail WHERE recipient = ?1)",
    "DELETE FROM mail WHERE recipient = ?1",
    "DELETE FROM address WHERE email = ?1",
    "DELETE FROM appeal WHERE email = ?1",
    "DELETE FROM identity WHERE person IS NULL AND json_extract(body, '$.email') = ?1",
];
const WORDLESS: &str = "UPDATE audit_line SET detail = '' WHERE subject = ?1
     AND (action LIKE 'identity.%' OR action LIKE 'access.%')";
/// Texts in which others may have written somebody's name or address.
const REWORDED: [&str; 11] = [
    "UPDATE delivery SET body = replace(body, ?1, ?2) WHERE instr(body, ?3) > 0",
    "UPDATE stop SET body = replace(body, ?1, ?2) WHERE instr(body, ?3) > 0",
    "UPDATE review SET body = replace(body, ?1, ?2) WHERE instr(body, ?3) > 0",
    "UPDATE question SET body = replace(body, ?1, ?2) WHERE instr(body, ?3) > 0",
    "UPDATE access_request SET body = replace(body, ?1, ?2) WHERE instr(body, ?3) > 0",
    "UPDATE claim SET body = replace(body, ?1, ?2) WHERE instr(body, ?3) > 0",
    "UPDATE appeal SET body = replace(body, ?1, ?2) WHERE instr(body, ?3) > 0",
    "UPDATE member SET body = replace(body, ?1, ?2) WHERE instr(body, ?3) > 0",
    "UPDATE participant SET body = replace(body, ?1, ?2) WHERE instr(body, ?3) > 0",
    "UPDATE mail SET subject = replace(subject, ?1, ?2), body = replace(body, ?1, ?2),
         html = replace(html, ?1, ?2) WHERE instr(subject || body || html, ?3) > 0",
    "UPDATE audit_line SET subject = replace(subject, ?1, ?2),
         detail = replace(detail, ?1, ?2) WHERE instr(subject || detail, ?3) > 0",
];
/// The same in what a grant made, of which there may be much.
const REWORDED_OF: &str = "UPDATE belonging SET body = replace(body, ?1, ?2)
     WHERE instr(body, ?3) > 0 AND grant_id = ?4";
const REWRITE: &str =
    "UPDATE application_event SET body = ?3 WHERE application = ?1 AND version = ?2";
const FORGET_WAY: &str = "DELETE FROM delivery WHERE mail = ?1";
const FORGET_MAIL: &str = "DELETE FROM mail WHERE id = ?1";
const FORGET_ADDRESS: &str = "DELETE FROM address WHERE email = ?1";

pub(super) fn write(
    connection: &Connection,
    write: &AccountWrite,
    now: Timestamp,
) -> Result<(), WriteError> {
    match write {
        AccountWrite::UseChallenge { hash, expires_at } => {
            connection.prepare_cached(FORGET)?.execute(params![millis(now)])?;
            let params = params![hash, millis(*expires_at)];
            let used = connection.prepare_cached(USE)?.execute(params)?;
            if used == 1 { Ok(()) } else { Err(WriteError::conflict("the question")) }
        }
        AccountWrite::Erase(erased) => erase(connection, erased),
        AccountWrite::RewriteHistory { application, history } => {
            for (event, version) in history.iter().zip(1_i64..) {
                let values = params![application.to_bytes(), version, to_json(event)?];
                connection.prepare_cached(REWRITE)?.execute(values)?;
            }
            Ok(())
        }
        AccountWrite::ForgetMail { mail, email } => {
            for sql in [FORGET_WAY, FORGET_MAIL] {
                connection.execute(sql, params![mail.to_bytes()])?;
            }
            connection.execute(FORGET_ADDRESS, params![email])?;
            Ok(())
        }
    }
}

/// What is taken out is overwritten in the file too, and not only let go.
fn erase(connection: &Connection, erased: &Erase) -> Result<(), WriteError> {
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    for sql in BY_PERSON {
        connection.execute(sql, params![erased.person.to_bytes()])?;
    }
    for sql in BY_EMAIL {
        connection.execute(sql, params![erased.email])?;
    }
    for subject in &erased.subjects {
        connection.execute(WORDLESS, params![subject])?;
    }
    for words in &erased.words {
        for sql in REWORDED {
            connection.execute(sql, params![words.what, words.with, words.only_where])?;
        }
        for grant in &erased.grants {
            let (what, with, only) = (&words.what, &words.with, &words.only_where);
            connection.execute(REWORDED_OF, params![what, with, only, grant.to_bytes()])?;
        }
    }
    connection.pragma_update_and_check(None, "secure_delete", false, |_| Ok(()))?;
    Ok(())
}
