//! What a file that somebody adds is, by its content and its name, and what is taken out of it
//! before it is kept. Never opens a file, never decides who may read one.

mod jpeg;
mod png;

use bursar_kernel::program::FileType;

/// A file as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What it is.
    pub kind: FileType,
    /// Its content, without what pictures say about who took them, where, and with what.
    pub bytes: Vec<u8>,
}

/// Why a file is not taken. Displayed, it is a sentence to the applicant without a full stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileRefusal {
    /// There is nothing in it.
    #[error("The file is empty")]
    Empty,
    /// It is none of the types that there are.
    #[error("The file is not a PDF, a PNG, a JPEG or plain text")]
    Unknown,
    /// Its name says one thing and its content another.
    #[error("The file's name does not end as that of a {0} does, and that is what is in it")]
    Misnamed(&'static str),
    /// The question does not take such files.
    #[error("The file is a {found}: this question takes {taken}")]
    NotTaken {
        /// What it is.
        found: &'static str,
        /// What is taken.
        taken: String,
    },
    /// It breaks off, or is put together in a way that no program writes.
    #[error("The {0} cannot be read: save it again and add that")]
    Broken(&'static str),
}

/// Looks at a file: what it is by its content, which its name has to agree with, and its content
/// without what pictures say beside the picture.
pub fn look(name: &str, bytes: &[u8], taken: &[FileType]) -> Result<Kept, FileRefusal> {
    if bytes.is_empty() {
        return Err(FileRefusal::Empty);
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let ends_as = |kind: FileType| {
        ending.as_deref().is_some_and(|ending| kind.extensions().contains(&ending))
    };
    let found = sniff(bytes).ok_or(FileRefusal::Unknown)?;
    let is_table = found == FileType::Text && ends_as(FileType::Csv);
    let kind = if is_table { FileType::Csv } else { found };
    if !ends_as(kind) {
        return Err(FileRefusal::Misnamed(kind.words()));
    }
    if !taken.contains(&kind) {
        let words: Vec<&str> = taken.iter().map(|kind| kind.words()).collect();
        return Err(FileRefusal::NotTaken { found: kind.words(), taken: words.join(", ") });
    }
    let kept = match kind {
        FileType::Png => png::without_metadata(bytes),
        FileType::Jpeg => jpeg::without_metadata(bytes),
        FileType::Pdf | FileType::Text | FileType::Csv => Some(bytes.to_vec()),
    };
    Ok(Kept { kind, bytes: kept.ok_or(FileRefusal::Broken(kind.words()))? })
}

/// What a content is. Text is what has no control characters and is UTF-8.
fn sniff(bytes: &[u8]) -> Option<FileType> {
    if bytes.starts_with(b"%PDF-") {
        return Some(FileType::Pdf);
    }
    if bytes.starts_with(&png::SIGNATURE) {
        return Some(FileType::Png);
    }
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return Some(FileType::Jpeg);
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let stray = |letter: char| letter.is_control() && !"\t\n\r\u{c}".contains(letter);
    (!text.contains(stray)).then_some(FileType::Text)
}

#[cfg(test)]
mod tests;
