//! Files of applications, and forms whose session had ended.

use bursar_kernel::Timestamp;
use bursar_store::ApplyingWrite;
use deadpool_postgres::ClientWrapper;

use crate::codec::{Id, millis};
use crate::error::WriteError;
use crate::statement::{execute, statement};

const FILE_PART: &str = "INSERT INTO application_file (application, hash, number, bytes)
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const COPY_FILES: &str = "INSERT INTO application_file (application, hash, number, bytes)
     SELECT $2, hash, number, bytes FROM application_file WHERE application = $1
     ON CONFLICT DO NOTHING";
const FORGET_FILE: &str = "DELETE FROM application_file WHERE application = $1 AND hash = $2";
const FORGET_FILES: &str = "DELETE FROM application_file WHERE application = $1";
const EXPIRED: &str = "DELETE FROM kept_form WHERE expires_at <= $1";
const KEEP: &str = "INSERT INTO kept_form (secret_hash, sealed, expires_at) VALUES ($1, $2, $3)
     ON CONFLICT (secret_hash) DO UPDATE SET sealed = excluded.sealed,
         expires_at = excluded.expires_at";
const FORGET_FORM: &str = "DELETE FROM kept_form WHERE secret_hash = $1";

pub(super) async fn write(
    client: &ClientWrapper,
    write: &ApplyingWrite,
    now: Timestamp,
) -> Result<(), WriteError> {
    let statement = match write {
        ApplyingWrite::FilePart { application, hash, number, bytes } => statement!(
            FILE_PART,
            Id(application.to_bytes()),
            hash.to_vec(),
            i64::from(*number),
            bytes.clone(),
        ),
        ApplyingWrite::CopyFiles { from, to } => {
            statement!(COPY_FILES, Id(from.to_bytes()), Id(to.to_bytes()))
        }
        ApplyingWrite::ForgetFiles { application, hash: Some(hash) } => {
            statement!(FORGET_FILE, Id(application.to_bytes()), hash.to_vec())
        }
        ApplyingWrite::ForgetFiles { application, hash: None } => {
            statement!(FORGET_FILES, Id(application.to_bytes()))
        }
        ApplyingWrite::KeepForm(form) => {
            execute(client, &statement!(EXPIRED, millis(now))).await?;
            let (hash, sealed) = (form.secret_hash.to_vec(), form.sealed.clone());
            statement!(KEEP, hash, sealed, millis(form.expires_at))
        }
        ApplyingWrite::ForgetForm(hash) => statement!(FORGET_FORM, hash.to_vec()),
    };
    execute(client, &statement).await?;
    Ok(())
}
