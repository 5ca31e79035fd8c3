//! Files of applications, and forms whose session had ended.

use bursar_kernel::Timestamp;
use bursar_store::ApplyingWrite;
use rusqlite::{Connection, params};

use crate::codec::millis;
use crate::error::WriteError;

const FILE_PART: &str = "INSERT INTO application_file (application, hash, number, bytes)
     VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
const COPY_FILES: &str = "INSERT INTO application_file (application, hash, number, bytes)
     SELECT ?2, hash, number, bytes FROM application_file WHERE application = ?1
     ON CONFLICT DO NOTHING";
const FORGET_FILE: &str = "DELETE FROM application_file WHERE application = ?1 AND hash = ?2";
const FORGET_FILES: &str = "DELETE FROM application_file WHERE application = ?1";
const EXPIRED: &str = "DELETE FROM kept_form WHERE expires_at <= ?1";
const KEEP: &str = "INSERT INTO kept_form (secret_hash, sealed, expires_at) VALUES (?1, ?2, ?3)
     ON CONFLICT (secret_hash) DO UPDATE SET sealed = excluded.sealed,
         expires_at = excluded.expires_at";
const FORGET_FORM: &str = "DELETE FROM kept_form WHERE secret_hash = ?1";

pub(super) fn write(
    connection: &Connection,
    write: &ApplyingWrite,
    now: Timestamp,
) -> Result<(), WriteError> {
    match write {
        ApplyingWrite::FilePart { application, hash, number, bytes } => {
            let params = params![application.to_bytes(), hash, number, bytes];
            connection.prepare_cached(FILE_PART)?.execute(params)?;
        }
        ApplyingWrite::CopyFiles { from, to } => {
            let params = params![from.to_bytes(), to.to_bytes()];
            connection.prepare_cached(COPY_FILES)?.execute(params)?;
        }
        ApplyingWrite::ForgetFiles { application, hash: Some(hash) } => {
            connection
                .prepare_cached(FORGET_FILE)?
                .execute(params![application.to_bytes(), hash])?;
        }
        ApplyingWrite::ForgetFiles { application, hash: None } => {
            connection.prepare_cached(FORGET_FILES)?.execute(params![application.to_bytes()])?;
        }
        ApplyingWrite::KeepForm(form) => {
            connection.prepare_cached(EXPIRED)?.execute(params![millis(now)])?;
            let params = params![form.secret_hash, form.sealed, millis(form.expires_at)];
            connection.prepare_cached(KEEP)?.execute(params)?;
        }
        ApplyingWrite::ForgetForm(hash) => {
            connection.prepare_cached(FORGET_FORM)?.execute(params![hash])?;
        }
    }
    Ok(())
}
