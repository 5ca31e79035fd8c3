//! Bytes as they come, cut into lines.

use bytes::{Bytes, BytesMut};

/// Bytes as they come, cut into lines that are not empty. A line ends at a line feed; the last one
/// need not.
#[derive(Debug)]
pub struct Lines {
    waiting: BytesMut,
    searched: usize,
    most: usize,
    number: u64,
}

/// A line is longer than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is longer than {most} bytes")]
pub struct LineTooLong {
    /// Which line, counted from one.
    pub line: u64,
    /// The most bytes of a line.
    pub most: usize,
}

impl Lines {
    /// No bytes yet, of lines of at most so many.
    pub fn of_at_most(most: usize) -> Self {
        Self { waiting: BytesMut::new(), searched: 0, most, number: 0 }
    }

    /// Takes more bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// The next whole line with its number in the file, if there is one.
    pub fn next_line(&mut self) -> Result<Option<(u64, Bytes)>, LineTooLong> {
        loop {
            let unseen = self.waiting.get(self.searched..).unwrap_or_default();
            let Some(place) = memchr::memchr(b'\n', unseen) else {
                self.searched = self.waiting.len();
                return if self.most < self.searched { Err(self.too_long()) } else { Ok(None) };
            };
            let end = self.searched.saturating_add(place);
            if self.most < end {
                return Err(self.too_long());
            }
            let line = self.waiting.split_to(end.saturating_add(1)).freeze();
            self.searched = 0;
            self.number = self.number.saturating_add(1);
            let line = trimmed(&line);
            if !line.is_empty() {
                return Ok(Some((self.number, line)));
            }
        }
    }

    /// The last line, once all bytes were taken and all whole lines read.
    pub fn last_line(&mut self) -> Option<(u64, Bytes)> {
        let line = std::mem::take(&mut self.waiting).freeze();
        self.searched = 0;
        self.number = self.number.saturating_add(1);
        let line = trimmed(&line);
        (!line.is_empty()).then_some((self.number, line))
    }

    const fn too_long(&self) -> LineTooLong {
        LineTooLong { line: self.number.saturating_add(1), most: self.most }
    }
}

fn trimmed(line: &Bytes) -> Bytes {
    line.slice_ref(line.trim_ascii())
}
