//! From texts to shingles.

use crate::scramble::scrambled;

/// Words of a shingle: fewer are common to whoever writes about one subject, and more are broken
/// by each word that is changed.
pub const SHINGLE_WORDS: usize = 5;

/// A run of words, and where it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shingle {
    pub(super) hash: u64,
    /// Which part of the text.
    pub(super) part: usize,
    /// The byte at which it begins.
    pub(super) from: usize,
    /// The byte before which it ends.
    pub(super) to: usize,
}

/// A word: its hash, and where it is.
type Word = (u64, usize, usize);

/// All shingles of a text, in their order. None goes over the end of a part.
pub(super) fn shingles(parts: &[(&str, &str)]) -> Vec<Shingle> {
    let mut shingles = Vec::new();
    for (part, (_, text)) in parts.iter().enumerate() {
        let words = words(text);
        shingles.extend(words.windows(SHINGLE_WORDS).map(|run| Shingle {
            hash: run.iter().fold(0, |sum, (word, _, _)| scrambled(sum ^ word)),
            part,
            from: run[0].1,
            to: run[SHINGLE_WORDS - 1].2,
        }));
    }
    shingles
}

/// The words of a text in small letters. Scripts without spaces have a word for each letter.
fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut open: Option<Word> = None;
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        if !letter.is_alphanumeric() {
            words.extend(open.take());
        } else if stands_alone(letter) {
            words.extend(open.take());
            words.push((mixed(0, letter), at, end));
        } else {
            let (hash, from, _) = open.unwrap_or((0, at, end));
            let hash = letter.to_lowercase().fold(hash, mixed);
            open = Some((hash, from, end));
        }
    }
    words.extend(open);
    words
}

fn mixed(hash: u64, letter: char) -> u64 {
    scrambled(hash ^ u64::from(u32::from(letter)))
}

/// Thai, kana, Han: what is written without spaces.
fn stands_alone(letter: char) -> bool {
    let number = u32::from(letter);
    matches!(number, 0x0e00..=0x0e7f | 0x3040..=0x30ff | 0x3400..=0x9fff | 0x2_0000..=0x3_ffff)
}
