//! How a command finds its server: two files in the data directory, which the server keeps.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use bursar_service::Secret;
use serde::{Deserialize, Serialize};
use tracing::warn;

/// The file that holds the administrator's token, in clear, for its owner only.
pub const TOKEN_FILE: &str = "operator.token";
/// The file that says where the server is, while it runs.
pub const SERVER_FILE: &str = "server.json";
/// What an administrator's token begins with.
const TOKEN_PREFIX: &str = "bursar-op-";
/// Read and write for the owner, nothing for anybody else.
const OWNER_ONLY: u32 = 0o600;

/// Where a running server is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerInfo {
    /// Its address, without a trailing slash: `http://127.0.0.1:8080`.
    pub url: String,
    /// Its process.
    pub pid: u32,
}

/// A file of the data directory that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LocateError {
    /// It cannot be read or written.
    #[error("failed to use `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It is not what a server writes.
    #[error(
        "`{}` is not what a server writes there\n\
         hint: remove it, and start the server again",
        .0.display()
    )]
    Broken(PathBuf),
}

/// Says where the server is, once it is ready. Whole or not at all.
pub fn write_server(directory: &Path, server: &ServerInfo) -> Result<(), LocateError> {
    let text = serde_json::to_string(server).expect("an address is text");
    write_whole(directory, SERVER_FILE, &text)
}

/// Says that the server is gone. One that cannot be told so is found out by whoever asks there.
pub fn remove_server(directory: &Path) {
    let path = directory.join(SERVER_FILE);
    if let Err(error) = fs::remove_file(&path)
        && error.kind() != io::ErrorKind::NotFound
    {
        warn!(error = %error, "failed to remove `{}`", path.display());
    }
}

/// Where the server is, or was when it last said so; `None` if it runs nowhere.
pub fn read_server(directory: &Path) -> Result<Option<ServerInfo>, LocateError> {
    let path = directory.join(SERVER_FILE);
    let Some(text) = read_if_there(&path)? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|_| LocateError::Broken(path))
}

/// The administrator's token, if there is one.
pub fn read_token(directory: &Path) -> Result<Option<String>, LocateError> {
    let path = directory.join(TOKEN_FILE);
    let Some(text) = read_if_there(&path)? else { return Ok(None) };
    let token = text.trim();
    let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if is_token { Ok(Some(token.to_owned())) } else { Err(LocateError::Broken(path)) }
}

/// The administrator's token, made on the first run. For the server, which owns the directory.
/// Whoever else could read the file no longer can.
pub fn read_or_make_token(directory: &Path) -> Result<String, LocateError> {
    if let Some(token) = read_token(directory)? {
        let path = directory.join(TOKEN_FILE);
        let closed = fs::set_permissions(&path, Permissions::from_mode(OWNER_ONLY));
        return closed.map(|()| token).map_err(|source| LocateError::File { path, source });
    }
    let secret = Secret::draw(TOKEN_PREFIX);
    write_whole(directory, TOKEN_FILE, secret.reveal())?;
    Ok(secret.reveal().to_owned())
}

fn read_if_there(path: &Path) -> Result<Option<String>, LocateError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(LocateError::File { path: path.to_owned(), source }),
    }
}

/// Writes a file that only its owner reads, beside its place first, so that a reader sees the old
/// one or the new one.
fn write_whole(directory: &Path, name: &str, text: &str) -> Result<(), LocateError> {
    let path = directory.join(name);
    let beside = directory.join(format!("{name}.new"));
    let write = || -> io::Result<()> {
        if let Err(error) = fs::remove_file(&beside)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        let options = OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).to_owned();
        let mut file: File = options.open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&beside, &path)
    };
    write().map_err(|source| LocateError::File { path: path.clone(), source })
}

#[cfg(test)]
mod tests;
