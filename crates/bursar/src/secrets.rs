//! Secrets from the environment, and files that only their owner may read.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use secrecy::SecretString;

/// A secret from a variable of the environment. The error names the variable, never its value.
#[expect(clippy::disallowed_methods, reason = "this is where the configuration reads it")]
pub(crate) fn from_environment(name: &str) -> anyhow::Result<SecretString> {
    let hint = || format!("the variable `{name}` is not set\nhint: set it, or name a file instead");
    let value = std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    Ok(SecretString::from(value.with_context(hint)?.trim().to_owned()))
}

/// Writes a file that only its owner may read, whole or not at all.
pub(crate) fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;

    let beside = path.with_extension("new");
    let failed = || format!("failed to write `{}`", path.display());
    let _ = std::fs::remove_file(&beside);
    let mut file = std::fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&beside)
        .with_context(failed)?;
    file.write_all(text.as_bytes()).with_context(failed)?;
    file.sync_all().with_context(failed)?;
    std::fs::rename(&beside, path).with_context(failed)
}
