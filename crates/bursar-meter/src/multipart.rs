//! Form bodies (`multipart/form-data`, RFC 7578): read once into their parts without a copy, and
//! written anew, so that nothing is forwarded that was not understood.

use std::fmt;

use bursar_kernel::limits::{FORM_PART_HEAD_BYTES_MAX, FORM_PARTS_MAX};
use bytes::{BufMut as _, Bytes, BytesMut};
use memchr::memmem;

/// A part of a form: a field or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// What the file is called, if it is one.
    pub filename: Option<String>,
    /// What the part says it is.
    pub content_type: Option<String>,
    /// What is in it.
    pub body: Bytes,
}

/// Why a body is not a form that is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// It does not say that it is one.
    #[error("send the form as `multipart/form-data` with a boundary")]
    NotAForm,
    /// It does not begin or end as a form does, or breaks off.
    #[error("the form is broken off, or its boundary is not the one that its header names")]
    Broken,
    /// A part's head is too long, or is not text.
    #[error("the head of a part of the form cannot be read")]
    Head,
    /// A part has no name.
    #[error("a part of the form has no name")]
    Unnamed,
    /// It has too many parts.
    #[error("a form has at most {FORM_PARTS_MAX} parts")]
    TooMany,
}

/// The boundary that a `Content-Type` names: one to seventy characters that need no care.
pub fn boundary(content_type: &str) -> Result<&str, FormError> {
    let (kind, parameters) = content_type.split_once(';').ok_or(FormError::NotAForm)?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Err(FormError::NotAForm);
    }
    let named = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim())
    });
    let value = named.ok_or(FormError::NotAForm)?;
    let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    let fits = (1..=70).contains(&value.len())
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte));
    if fits { Ok(value) } else { Err(FormError::NotAForm) }
}

/// Reads a form. The parts' bodies are slices of it.
pub fn read_form(boundary: &str, form: &Bytes) -> Result<Vec<Part>, FormError> {
    let opening = format!("--{boundary}");
    let closing = format!("\r\n{opening}");
    let between = memmem::Finder::new(closing.as_bytes());
    let mut rest = slice_after(form, opening.as_bytes()).ok_or(FormError::Broken)?;
    let mut parts = Vec::new();
    loop {
        // What follows a boundary: the end, or a line break and a part.
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        if FORM_PARTS_MAX <= parts.len() {
            return Err(FormError::TooMany);
        }
        rest = slice_after(&rest, b"\r\n").ok_or(FormError::Broken)?;
        let window = rest.get(..FORM_PART_HEAD_BYTES_MAX).unwrap_or(&rest);
        let head = memmem::find(window, b"\r\n\r\n").ok_or(FormError::Head)?;
        let mut part = read_head(&rest[..head])?;
        let content = rest.slice(head.saturating_add(4)..);
        let end = between.find(&content).ok_or(FormError::Broken)?;
        part.body = content.slice(..end);
        parts.push(part);
        rest = content.slice(end.saturating_add(closing.len())..);
    }
}

fn slice_after(bytes: &Bytes, prefix: &[u8]) -> Option<Bytes> {
    bytes.starts_with(prefix).then(|| bytes.slice(prefix.len()..))
}

fn read_head(head: &[u8]) -> Result<Part, FormError> {
    let head = std::str::from_utf8(head).map_err(|_| FormError::Head)?;
    let (mut name, mut filename, mut content_type) = (None, None, None);
    for line in head.split("\r\n") {
        let (header, value) = line.split_once(':').ok_or(FormError::Head)?;
        let value = value.trim();
        if value.contains(|c: char| c.is_control()) {
            return Err(FormError::Head);
        }
        if header.eq_ignore_ascii_case("content-disposition") {
            let rest = value.strip_prefix("form-data").ok_or(FormError::Head)?;
            (name, filename) = disposition(rest)?;
        } else if header.eq_ignore_ascii_case("content-type") {
            content_type = Some(value.to_owned());
        }
    }
    let name = name.filter(|name| !name.is_empty()).ok_or(FormError::Unnamed)?;
    Ok(Part { name, filename, content_type, body: Bytes::new() })
}

/// `; name="file"; filename="talk.mp3"`, with whatever is in quotes.
fn disposition(mut rest: &str) -> Result<(Option<String>, Option<String>), FormError> {
    let (mut name, mut filename) = (None, None);
    loop {
        rest = rest.trim_start();
        let Some(next) = rest.strip_prefix(';') else {
            return if rest.is_empty() { Ok((name, filename)) } else { Err(FormError::Head) };
        };
        let (key, value) = next.split_once('=').ok_or(FormError::Head)?;
        let (text, after) = if let Some(quoted) = value.strip_prefix('"') {
            quoted_text(quoted)?
        } else {
            let end = value.find(';').unwrap_or(value.len());
            (value[..end].trim().to_owned(), &value[end..])
        };
        rest = after;
        let place = match key.trim().to_ascii_lowercase().as_str() {
            "name" => &mut name,
            "filename" => &mut filename,
            // A second name for the same file, in another alphabet.
            "filename*" => continue,
            _ => return Err(FormError::Head),
        };
        // Two of one kind: which is meant is anybody's guess.
        if place.replace(text).is_some() {
            return Err(FormError::Head);
        }
    }
}

/// A text up to its closing quote, and what comes after it.
fn quoted_text(quoted: &str) -> Result<(String, &str), FormError> {
    let mut text = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((text, quoted.get(at.saturating_add(1)..).unwrap_or_default())),
            '\\' => {
                // A backslash stands for itself unless it guards a quote or another.
                let guarded = quoted.get(at.saturating_add(1)..).and_then(|it| it.chars().next());
                match guarded {
                    Some(next @ ('"' | '\\')) => {
                        text.push(next);
                        characters.next();
                    }
                    Some(_) | None => text.push('\\'),
                }
            }
            other => text.push(other),
        }
    }
    Err(FormError::Head)
}

/// Writes a form. The boundary must not be in any part.
pub fn write_form(boundary: &str, parts: &[Part]) -> Bytes {
    let length = parts.iter().map(|part| part.body.len().saturating_add(512)).sum();
    let mut form = BytesMut::with_capacity(length);
    for part in parts {
        form.put_slice(format!("--{boundary}\r\n{}\r\n\r\n", Head(part)).as_bytes());
        form.put_slice(&part.body);
        form.put_slice(b"\r\n");
    }
    form.put_slice(format!("--{boundary}--\r\n").as_bytes());
    form.freeze()
}

/// A boundary that is in none of the parts, made of a seed that the parts cannot know.
pub fn boundary_beside(seed: &str, parts: &[Part]) -> String {
    let mut boundary = format!("bursar-{seed}");
    while parts.iter().any(|part| memmem::find(&part.body, boundary.as_bytes()).is_some()) {
        boundary.push('x');
    }
    boundary
}

struct Head<'a>(&'a Part);

impl fmt::Display for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Part { name, filename, content_type, body: _ } = self.0;
        write!(f, "Content-Disposition: form-data; name=\"{}\"", quoted(name))?;
        if let Some(filename) = filename {
            write!(f, "; filename=\"{}\"", quoted(filename))?;
        }
        match content_type {
            Some(kind) => write!(f, "\r\nContent-Type: {kind}"),
            None => Ok(()),
        }
    }
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests;
