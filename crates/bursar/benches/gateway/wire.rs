//! HTTP/1.1 by hand, as little of it as the load and the upstream need: whoever measures must cost
//! less than what is measured.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection that is kept, and what was read of it ahead.
pub(crate) struct Connection {
    socket: TcpStream,
    read: Vec<u8>,
}

/// The head of a message: how long it is, and the body that it announces.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    bytes: usize,
    body: Body,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    Sized(usize),
    Chunked,
}

impl Connection {
    pub(crate) fn new(socket: TcpStream) -> Self {
        socket.set_nodelay(true).expect("a socket of ours");
        Self { socket, read: Vec::with_capacity(16 * 1024) }
    }

    pub(crate) async fn open(address: &str) -> Self {
        Self::new(TcpStream::connect(address).await.expect("somebody listens"))
    }

    /// Waits for a whole message; `None` where the other side has closed.
    pub(crate) async fn message(&mut self) -> Option<Head> {
        let head = self.head().await?;
        let end = match head.body {
            Body::Sized(bytes) => head.bytes + bytes,
            Body::Chunked => return self.last_chunk(head).await,
        };
        while self.read.len() < end {
            self.fill().await?;
        }
        Some(head)
    }

    /// Waits for a head.
    pub(crate) async fn head(&mut self) -> Option<Head> {
        loop {
            if let Some(bytes) = find(&self.read, b"\r\n\r\n") {
                return Some(Head::read(&self.read[..bytes + 4]));
            }
            self.fill().await?;
        }
    }

    /// Waits until something of the body has come.
    pub(crate) async fn first_byte(&mut self, head: Head) -> Option<()> {
        while self.read.len() <= head.bytes {
            self.fill().await?;
        }
        Some(())
    }

    async fn last_chunk(&mut self, head: Head) -> Option<Head> {
        while !self.read.ends_with(b"\r\n0\r\n\r\n") {
            self.fill().await?;
        }
        Some(head)
    }

    /// Reads on to a mark, and keeps nothing.
    pub(crate) async fn drain_to(&mut self, mark: &[u8]) -> Option<()> {
        while find(&self.read, mark).is_none() {
            let kept = self.read.len().saturating_sub(mark.len());
            self.read.drain(..kept);
            self.fill().await?;
        }
        Some(())
    }

    /// What was read so far.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.read
    }

    /// Forgets the message that was read.
    pub(crate) fn forget(&mut self) {
        self.read.clear();
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Option<()> {
        self.socket.write_all(bytes).await.ok()
    }

    async fn fill(&mut self) -> Option<()> {
        match self.socket.read_buf(&mut self.read).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }
}

impl Head {
    fn read(head: &[u8]) -> Self {
        let text = std::str::from_utf8(head).expect("a head is plain text");
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.trim().parse().expect("a length is a number"))
        });
        let body = length.map_or(Body::Chunked, Body::Sized);
        Self { bytes: head.len(), body }
    }
}

pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
