//! Files among the answers: a line for each says what it is, and where its content is kept.

use std::fmt::Write as _;

use bursar_kernel::program::FileType;

/// Characters of a file's name that are kept.
const NAME_CHARACTERS_MAX: usize = 120;

/// A file that an applicant added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The hash of what is kept of it, as 64 hexadecimal digits: its name in the store.
    pub hash: String,
    /// What it is.
    pub kind: FileType,
    /// How long it is.
    pub bytes: u64,
    /// What it was called, without its folder.
    pub name: String,
}

/// The files that an answer lists; what is no such line is left out.
pub fn listed(answer: &str) -> Vec<Listed> {
    answer.lines().filter_map(one).collect()
}

/// The answer that lists files.
pub fn written(files: &[Listed]) -> String {
    let mut text = String::new();
    for Listed { hash, kind, bytes, name } in files {
        let kind = kind.name();
        writeln!(text, "{hash} {kind} {bytes} {name}").expect("a text takes all");
    }
    text.trim_end().to_owned()
}

fn one(line: &str) -> Option<Listed> {
    let mut parts = line.splitn(4, ' ');
    let hash = parts.next().filter(|hash| is_hash(hash))?;
    let kind = FileType::from_name(parts.next()?)?;
    let bytes = parts.next()?.parse().ok()?;
    let name = parts.next().filter(|name| !name.is_empty())?;
    Some(Listed { hash: hash.to_owned(), kind, bytes, name: name.to_owned() })
}

/// Whether a text is the hash of a content.
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A file's name as it is kept: without its folder, on one line, and no longer than is read.
pub fn tidy_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .map(|letter| if letter.is_whitespace() { ' ' } else { letter })
        .filter(|letter| !letter.is_control() && !is_direction(*letter))
        .collect();
    let kept = kept.trim().trim_start_matches('.').trim();
    if kept.chars().count() <= NAME_CHARACTERS_MAX {
        return if kept.is_empty() { "file".to_owned() } else { kept.to_owned() };
    }
    // The end says what it is, so the middle goes.
    let end: String = kept.chars().rev().take(20).collect::<Vec<_>>().into_iter().rev().collect();
    let begin: String = kept.chars().take(NAME_CHARACTERS_MAX - 21).collect();
    format!("{begin}…{end}")
}

/// Marks that turn the direction of a text: with one, `fdp.exe` reads as `exe.pdf`.
const fn is_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A length as a person reads it: `120 kB`.
pub fn size(bytes: u64) -> String {
    const KB: u64 = 1024;
    const MB: u64 = 1024 * KB;
    match bytes {
        0..KB => format!("{bytes} bytes"),
        KB..MB => format!("{} kB", bytes.div_ceil(KB)),
        _ => {
            let tenths = bytes.saturating_mul(10).div_ceil(MB);
            match tenths % 10 {
                0 => format!("{} MB", tenths / 10),
                tenth => format!("{}.{tenth} MB", tenths / 10),
            }
        }
    }
}

/// A file as a person reads it: `plan.pdf (PDF, 120 kB)`.
pub fn in_words(file: &Listed) -> String {
    format!("{} ({}, {})", file.name, file.kind.words(), size(file.bytes))
}

#[cfg(test)]
mod tests {
    //! Lines are read as they are written, and names are harmless.

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_lose_what_could_mislead() {
        let check = |given: &str, kept: &str| assert_eq!(tidy_name(given), kept, "{given:?}");
        check("plan.pdf", "plan.pdf");
        check("C:\\Users\\ada\\plan.pdf", "plan.pdf");
        check("../../etc/passwd", "passwd");
        check("a\r\nb\0.pdf", "a  b.pdf");
        check("\u{202e}fdp.exe", "fdp.exe");
        check("...", "file");
        check("", "file");
        check("计划 🙂.pdf", "计划 🙂.pdf");
        let long = format!("{}.pdf", "x".repeat(500));
        assert_eq!(tidy_name(&long).chars().count(), NAME_CHARACTERS_MAX);
        assert!(tidy_name(&long).ends_with("xxx.pdf"));
    }

    #[test]
    fn sizes_are_read() {
        let sizes = [0, 1023, 1024, 120_001, 1_048_575, 1_048_576, 5_242_880, 5_300_000].map(size);
        let expected =
            ["0 bytes", "1023 bytes", "1 kB", "118 kB", "1024 kB", "1 MB", "5 MB", "5.1 MB"];
        assert_eq!(sizes, expected);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            name in "\\PC{0,200}", bytes in any::<u64>(), kind in 0..5_usize
        ) {
            let file = Listed {
                hash: "0f".repeat(32),
                kind: FileType::ALL[kind],
                bytes,
                name: tidy_name(&name),
            };
            let files = vec![file.clone(), file];
            prop_assert_eq!(listed(&written(&files)), files);
        }

        #[test]
        fn no_answer_lists_what_it_does_not_say(answer in "\\PC{0,300}") {
            prop_assert!(listed(&answer).len() <= answer.lines().count());
        }
    }
}
