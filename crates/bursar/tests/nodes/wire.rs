//! A wire to a database's socket that can be cut and mended.

use std::path::{Path, PathBuf};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

/// What PostgreSQL calls its socket.
const SOCKET: &str = ".s.PGSQL.5432";

/// A wire that lets through what is said on it, until it is cut: then nothing passes, and neither
/// end hears why.
pub(crate) struct Wire {
    folder: tempfile::TempDir,
    is_cut: watch::Sender<bool>,
}

impl Wire {
    pub(crate) fn new(server: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("bursar-wire-").tempdir_in("/tmp").unwrap();
        let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
        let (is_cut, cut) = watch::channel(false);
        tokio::spawn(run(listener, server.to_owned(), cut));
        Self { folder, is_cut }
    }

    /// The address of a database at the other end.
    pub(crate) fn address(&self, database: &str) -> String {
        let (_, name) = database.rsplit_once('/').unwrap();
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://bursar@{folder}/{name}")
    }

    pub(crate) fn cut(&self) {
        self.is_cut.send_replace(true);
    }

    pub(crate) fn mend(&self) {
        self.is_cut.send_replace(false);
    }
}

async fn run(listener: UnixListener, server: PathBuf, cut: watch::Receiver<bool>) {
    while let Ok((client, _)) = listener.accept().await {
        let Ok(server) = UnixStream::connect(server.join(SOCKET)).await else { continue };
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::spawn(pass(from_client, to_server, cut.clone()));
        tokio::spawn(pass(from_server, to_client, cut.clone()));
    }
}

async fn pass(
    mut from: tokio::net::unix::OwnedReadHalf,
    mut to: tokio::net::unix::OwnedWriteHalf,
    mut cut: watch::Receiver<bool>,
) {
    let mut bytes = vec![0; 65_536];
    loop {
        let read = from.read(&mut bytes).await.unwrap_or(0);
        let is_whole = cut.wait_for(|is_cut| !is_cut).await.is_ok();
        if read == 0 || !is_whole || to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
