//! `bursar checkpoint`: signs what the book has come to. Kept where the server cannot write, it
//! tells later whether anything that came before was changed, or cut off.

mod note;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use bursar_kernel::Clock as _;
use bursar_service::clock::SystemClock;
use bursar_store::Store;
use clap::Args;
use serde::Serialize;

pub(super) use self::note::VerifierKey;
use self::note::{Checkpoint, SigningKey};
use crate::config::Config;
use crate::engine::{DatabaseArgs, Engine};
use crate::secrets::write_private;
use bursar_commands::output::Output;

/// The file in the data directory that keeps the key that signs.
const KEY_FILE: &str = "checkpoint.key";

/// What `bursar checkpoint` takes.
#[derive(Debug, Args)]
pub(crate) struct CheckpointArgs {
    /// Print the key that checkpoints are verified with, and no checkpoint
    #[arg(long)]
    key: bool,
    /// The configuration file, if it names a database
    #[arg(long, env = "BURSAR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// A checkpoint for programs.
#[derive(Debug, Serialize)]
struct Signed {
    link: u64,
    digest: String,
    at: String,
    note: String,
    key: String,
}

pub(super) async fn run(
    args: CheckpointArgs,
    directory: &Path,
    output: Output,
) -> anyhow::Result<()> {
    let config = args.config.as_deref().map(Config::read).transpose()?.unwrap_or_default();
    let database = args.database.or(&config);
    let engine = Engine::open_to_read(directory, database.as_ref()).await?;
    let key = read_or_make_key(directory)?;
    let verifier = key.verifier().to_string();
    if args.key {
        return output.show(&serde_json::json!({ "key": verifier }), |_| verifier.clone());
    }
    let head = engine.store().link(None).await.context("failed to read the chain")?;
    let link = head.context("nothing has moved in this book yet: there is nothing to sign")?;
    let checkpoint = Checkpoint { link: link.number, digest: link.digest, at: SystemClock.now() };
    let signed = Signed {
        link: link.number,
        digest: link.digest.to_string(),
        at: checkpoint.at.to_string(),
        note: key.sign(&checkpoint),
        key: verifier,
    };
    output.show(&signed, |signed| signed.note.clone())
}

fn read_or_make_key(directory: &Path) -> anyhow::Result<SigningKey> {
    let path = directory.join(KEY_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => SigningKey::read(&text).with_context(|| {
            let path = path.display();
            format!(
                "`{path}` does not hold a key that signs checkpoints\n\
                 hint: put it back from a backup; without the file, a new key is made"
            )
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = SigningKey::draw();
            write_private(&path, &key.text())?;
            Ok(key)
        }
        Err(error) => Err(error).with_context(|| format!("failed to read `{}`", path.display())),
    }
}

/// Checkpoints that were kept in a file, one after the other.
pub(super) struct Kept(Vec<note::Note>);

impl Kept {
    /// Reads a file of checkpoints.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let text =
            std::fs::read_to_string(path).with_context(|| format!("failed to read `{shown}`"))?;
        let notes = note::read(&text).map_err(|error| {
            anyhow::anyhow!(
                "`{shown}` line {}: {}\nhint: it holds what `bursar checkpoint` printed, whole",
                error.line,
                error.told
            )
        })?;
        if notes.is_empty() {
            bail!("there is no checkpoint in `{shown}`\nhint: `bursar checkpoint` prints one");
        }
        Ok(Self(notes))
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// What the book, and the key that should have signed, have to say against them.
    pub(super) async fn disagreements(
        &self,
        store: &dyn Store,
        signed_by: Option<&VerifierKey>,
    ) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        for note in &self.0 {
            let Checkpoint { link: number, digest, at } = note.checkpoint;
            if signed_by.is_some_and(|key| !note.is_signed_by(key)) {
                found.push(format!(
                    "the checkpoint on line {} was not signed by the key that was named",
                    note.line
                ));
            }
            let link = store.link(Some(number)).await.context("failed to read the chain")?;
            match link {
                Some(link) if link.digest == digest => {}
                Some(link) => found.push(format!(
                    "link {number} of the chain is {} and was {digest} at {at}: what came before \
                     it was rewritten since",
                    link.digest
                )),
                None => found.push(format!(
                    "the chain has no link {number}, and had it at {at}: its end was cut off since"
                )),
            }
        }
        Ok(found)
    }
}
