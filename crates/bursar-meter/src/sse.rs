//! Server-sent events, cut out of a stream that may break anywhere (WHATWG HTML, section 9.2).

use std::borrow::Cow;

/// An event of more bytes than the limit: the stream is not read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the upstream sent an event of more than {bytes_max} bytes")]
pub struct EventTooLong {
    /// Bytes that one may have.
    pub bytes_max: usize,
}

/// Cuts a stream into events. How the stream is chunked changes nothing about them.
#[derive(Debug)]
pub struct Decoder {
    bytes_max: usize,
    /// What has come of the event that is not complete.
    pending: Vec<u8>,
    /// Where the line begins that is being read, in `pending`.
    line_start: usize,
    /// How far `pending` has been searched for a line's end.
    searched: usize,
}

/// One event with its closing blank line, as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Every byte of it.
    pub raw: &'a [u8],
}

impl Decoder {
    /// Takes events of so many bytes at the most.
    pub fn of_at_most(bytes_max: usize) -> Self {
        Self { bytes_max, pending: Vec::new(), line_start: 0, searched: 0 }
    }

    /// Takes the next bytes and gives `each` the events that they complete, in order.
    ///
    /// An event that is too long is forgotten with all that came with it. A carriage return at
    /// the very end waits for the byte after it, which may be its line feed.
    pub fn push(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(Event<'_>),
    ) -> Result<(), EventTooLong> {
        self.pending.extend_from_slice(bytes);
        let mut start = 0;
        while let Some(end) = self.next_end(start) {
            if self.bytes_max < end.saturating_sub(start) {
                return Err(self.too_long());
            }
            each(Event { raw: &self.pending[start..end] });
            start = end;
        }
        self.pending.drain(..start);
        self.line_start = self.line_start.saturating_sub(start);
        self.searched = self.searched.saturating_sub(start);
        if self.bytes_max < self.pending.len() {
            return Err(self.too_long());
        }
        Ok(())
    }

    /// The stream has ended: what is left, complete or not, as an event.
    pub fn finish(&mut self) -> Vec<u8> {
        self.line_start = 0;
        self.searched = 0;
        std::mem::take(&mut self.pending)
    }

    fn too_long(&mut self) -> EventTooLong {
        self.finish();
        EventTooLong { bytes_max: self.bytes_max }
    }

    /// The end of the event that begins at `start`, once its blank line is there.
    fn next_end(&mut self, start: usize) -> Option<usize> {
        loop {
            let rest = &self.pending[self.searched..];
            let Some(offset) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                self.searched = self.pending.len();
                return None;
            };
            let at = self.searched.saturating_add(offset);
            let next = match (self.pending[at], self.pending.get(at.saturating_add(1))) {
                (b'\r', Some(b'\n')) => at.saturating_add(2),
                (b'\r', None) => {
                    self.searched = at;
                    return None;
                }
                _ => at.saturating_add(1),
            };
            let blank = at == self.line_start;
            self.line_start = next;
            self.searched = next;
            if blank && start <= at {
                return Some(next);
            }
        }
    }
}

impl<'a> Event<'a> {
    /// The event's data: its `data:` lines joined by line feeds. `None` for a comment.
    pub fn data(&self) -> Option<Cow<'a, [u8]>> {
        let mut data: Option<Cow<'a, [u8]>> = None;
        for value in self.lines().filter_map(|line| field(line.text, b"data")) {
            data = Some(match data {
                None => Cow::Borrowed(value),
                Some(before) => {
                    let mut joined = before.into_owned();
                    joined.push(b'\n');
                    joined.extend_from_slice(value);
                    Cow::Owned(joined)
                }
            });
        }
        data
    }

    /// Whether the event says that it is of a kind: `event: error`.
    pub fn is_named(&self, name: &[u8]) -> bool {
        self.lines().any(|line| field(line.text, b"event") == Some(name))
    }

    /// Writes the event with other data, its other lines as they came.
    pub(crate) fn write_with_data(&self, data: &[u8], out: &mut Vec<u8>) {
        let mut written = false;
        for line in self.lines() {
            if field(line.text, b"data").is_none() {
                out.extend_from_slice(line.text);
                out.extend_from_slice(line.end);
            } else if !written {
                out.extend_from_slice(b"data: ");
                out.extend_from_slice(data);
                out.extend_from_slice(line.end);
                written = true;
            }
        }
    }

    fn lines(&self) -> Lines<'a> {
        Lines(self.raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(self.raw))
    }
}

/// A line and what ended it.
struct Line<'a> {
    text: &'a [u8],
    end: &'a [u8],
}

struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.0.is_empty() {
            return None;
        }
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let length = self.0.iter().position(is_end).unwrap_or(self.0.len());
        let (text, rest) = self.0.split_at(length);
        let ending = if rest.starts_with(b"\r\n") { 2 } else { rest.len().min(1) };
        let (end, rest) = rest.split_at(ending);
        self.0 = rest;
        Some(Line { text, end })
    }
}

/// The value of a line that sets a field, without the one space that may stand before it.
fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let rest = line.strip_prefix(name)?;
    if rest.is_empty() {
        return Some(rest);
    }
    let value = rest.strip_prefix(b":")?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

#[cfg(test)]
mod tests;
