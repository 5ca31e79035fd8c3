//! Text of any script in lines of plain ASCII: RFC 2047 in headers, quoted-printable in bodies.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Columns of a line, and of a header's line.
const COLUMNS_MAX: usize = 76;
/// Bytes of text in one encoded word: base64 makes 48 characters of them, 12 stand around it, and
/// the name of the header before the first.
const WORD_BYTES_MAX: usize = 36;

/// A header: its name, and a text of any script, folded. What would end a line becomes a space.
pub(crate) fn header(name: &str, text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let is_plain = text.is_ascii() && !text.contains("=?");
    let words: Vec<String> = if is_plain {
        text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    } else {
        encoded_words(&text)
    };
    if words.iter().any(|word| COLUMNS_MAX < word.len() + 1) {
        return folded(name, &encoded_words(&text));
    }
    folded(name, &words)
}

/// A header whose parts are as they are to be: names of messages, addresses, tokens.
pub(crate) fn folded(name: &str, words: &[String]) -> String {
    let mut out = format!("{name}:");
    let mut column = out.len();
    for (word, number) in words.iter().zip(0_usize..) {
        if 0 < number && COLUMNS_MAX < column + 1 + word.len() {
            out.push_str("\r\n");
            column = 0;
        }
        let _ = write!(out, " {word}");
        column += 1 + word.len();
    }
    out.push_str("\r\n");
    out
}

/// The words of a name before an address.
pub(crate) fn phrase(name: &str) -> Vec<String> {
    let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if name.trim().is_empty() {
        return Vec::new();
    }
    if !name.is_ascii() || name.contains("=?") || COLUMNS_MAX < name.len() + 8 {
        return encoded_words(&name);
    }
    vec![format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))]
}

fn encoded_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut piece = String::new();
    for c in text.chars() {
        if WORD_BYTES_MAX < piece.len() + c.len_utf8() {
            words.push(encoded(&piece));
            piece.clear();
        }
        piece.push(c);
    }
    words.push(encoded(&piece));
    words
}

fn encoded(piece: &str) -> String {
    format!("=?utf-8?B?{}?=", STANDARD.encode(piece))
}

/// A text in quoted-printable, every line ended as SMTP ends it.
pub(crate) fn quoted_printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for line in text.lines() {
        let mut column = 0;
        let bytes = line.as_bytes();
        for (byte, place) in bytes.iter().zip(1_usize..) {
            let is_last = place == bytes.len();
            let is_plain = match *byte {
                b'=' => false,
                b' ' | b'\t' => !is_last,
                // A line of mail that begins with a point, or with `From`, is changed on its way.
                b'.' | b'F' => column != 0,
                byte => byte.is_ascii_graphic(),
            };
            let width = if is_plain { 1 } else { 3 };
            if COLUMNS_MAX <= column + width {
                out.push_str("=\r\n");
                column = 0;
            }
            if is_plain && !(column == 0 && matches!(*byte, b'.' | b'F')) {
                out.push(char::from(*byte));
                column += 1;
            } else {
                let _ = write!(out, "={byte:02X}");
                column += 3;
            }
        }
        out.push_str("\r\n");
    }
    out
}
