//! One connection to a relay: commands and replies in lines, each within its limits.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::time::timeout;

use crate::reply::{REPLY_LINE_BYTES_MAX, REPLY_LINES_MAX, Reply};

/// How long a reply may take. RFC 5321 would wait for minutes; a mail that is put off comes back.
const REPLIED_WITHIN: Duration = Duration::from_mins(1);
/// How long the reply to a whole message may take: filters look at it meanwhile.
pub(crate) const TAKEN_WITHIN: Duration = Duration::from_mins(3);

/// Both directions, encrypted or not.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<W: AsyncRead + AsyncWrite + Send + Unpin> Wire for W {}

/// A connection.
pub(crate) struct Connection {
    wire: BufReader<Box<dyn Wire>>,
}

/// Why a connection is of no use any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Broken(pub(crate) String);

impl Connection {
    pub(crate) fn new(wire: Box<dyn Wire>) -> Self {
        Self { wire: BufReader::new(wire) }
    }

    /// The wire again. What the other side said too early is an attack, or a fault: nothing of it
    /// may be read as if it had come encrypted.
    pub(crate) fn into_wire(self) -> Result<Box<dyn Wire>, Broken> {
        if self.wire.buffer().is_empty() {
            Ok(self.wire.into_inner())
        } else {
            Err(Broken("the relay spoke before its turn at STARTTLS".to_owned()))
        }
    }

    /// Sends a command and hears the reply.
    pub(crate) async fn command(&mut self, line: &str) -> Result<Reply, Broken> {
        assert!(!line.contains(['\r', '\n']), "a command is one line");
        let mut line = line.to_owned();
        line.push_str("\r\n");
        self.write(line.as_bytes()).await?;
        self.reply(REPLIED_WITHIN).await
    }

    /// Sends a message, which ends with a line of its own; hears whether it was taken.
    pub(crate) async fn message(&mut self, message: &[u8]) -> Result<Reply, Broken> {
        let mut out = Vec::with_capacity(message.len() + message.len() / 64 + 8);
        let mut begins = true;
        for byte in message {
            if begins && *byte == b'.' {
                out.push(b'.');
            }
            out.push(*byte);
            begins = *byte == b'\n';
        }
        if !out.ends_with(b"\r\n") {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b".\r\n");
        self.write(&out).await?;
        self.reply(TAKEN_WITHIN).await
    }

    /// Hears the greeting.
    pub(crate) async fn greeting(&mut self) -> Result<Reply, Broken> {
        self.reply(REPLIED_WITHIN).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        let wire = self.wire.get_mut();
        let written = async {
            wire.write_all(bytes).await?;
            wire.flush().await
        };
        match timeout(TAKEN_WITHIN, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Broken(format!("the connection to the relay broke: {error}"))),
            Err(_) => Err(Broken("the relay stopped reading".to_owned())),
        }
    }

    async fn reply(&mut self, within: Duration) -> Result<Reply, Broken> {
        let late = |_| Broken("the relay did not answer in time".to_owned());
        timeout(within, self.read_reply()).await.map_err(late)?
    }

    async fn read_reply(&mut self) -> Result<Reply, Broken> {
        let mut reply = Reply { code: 0, lines: Vec::new() };
        while reply.lines.len() < REPLY_LINES_MAX {
            let mut line = Vec::new();
            let most = u64::try_from(REPLY_LINE_BYTES_MAX).unwrap_or(u64::MAX);
            let read = (&mut self.wire).take(most).read_until(b'\n', &mut line).await;
            match read {
                Ok(0) => return Err(Broken("the relay hung up".to_owned())),
                Ok(_) if line.ends_with(b"\n") => {}
                Ok(_) => return Err(Broken("the relay's reply broke off".to_owned())),
                Err(error) => {
                    return Err(Broken(format!("the connection to the relay broke: {error}")));
                }
            }
            let strange = |_| Broken("the relay does not speak SMTP".to_owned());
            let (code, is_last, words) = Reply::line(&line).map_err(strange)?;
            if reply.code != 0 && reply.code != code {
                return Err(Broken("the relay's reply has two codes".to_owned()));
            }
            reply.code = code;
            reply.lines.push(words);
            if is_last {
                return Ok(reply);
            }
        }
        Err(Broken("the relay's reply has no end".to_owned()))
    }
}
