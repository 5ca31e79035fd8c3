//! Names of people, as far as two writings of one can be told from two people: hardly at all. So
//! a name alone is a reason to ask, and says that it is one.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Words before and after a name that are none of it.
const TITLES: [&str; 8] = ["dr", "prof", "professor", "phd", "mr", "ms", "mrs", "msc"];

/// A name that can be compared with another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Its words in plain small letters, in their order.
    words: Vec<String>,
    /// The same, sorted: `Lovelace, Ada` is `Ada Lovelace`.
    sorted: Vec<String>,
    /// Which of the words is the family name.
    family: usize,
}

impl Name {
    /// A name, unless it has no letter.
    pub(super) fn of(text: &str) -> Option<Self> {
        let (first, rest) = text.split_once(',').unwrap_or((text, ""));
        let before_comma = words(first);
        // What stands before a comma is the family name, unless nothing but a title follows.
        let after_comma = words(rest);
        let family = match (before_comma.len(), after_comma.len()) {
            (0, 0) => return None,
            (0, _) => after_comma.len() - 1,
            (count, _) => count - 1,
        };
        let words = [before_comma, after_comma].concat();
        let mut sorted = words.clone();
        sorted.sort();
        Some(Self { words, sorted, family })
    }

    /// Its words: two writings of one name share at least one.
    pub(super) fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether the two can be one person's: the same words, or the same family name with a first
    /// name that is the other's or its initial.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        if self.sorted == other.sorted {
            return true;
        }
        if self.words[self.family] != other.words[other.family] {
            return false;
        }
        match (self.given(), other.given()) {
            (Some(one), Some(another)) => {
                one == another || is_initial(one, another) || is_initial(another, one)
            }
            (Some(_) | None, None) | (None, Some(_)) => false,
        }
    }

    fn given(&self) -> Option<&str> {
        let others = self.words.iter().enumerate().filter(|(place, _)| *place != self.family);
        others.map(|(_, word)| word.as_str()).next()
    }
}

fn is_initial(one: &str, another: &str) -> bool {
    one.chars().count() == 1 && another.starts_with(one)
}

/// A name of something that is nobody, in plain small letters: two writings of one are equal.
pub(super) fn folded(text: &str) -> String {
    words(text).join(" ")
}

/// The words of a name in plain small letters, without accents and titles.
fn words(text: &str) -> Vec<String> {
    let mut plain = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)) {
        for letter in letter.to_lowercase() {
            match letter {
                'ß' => plain.push_str("ss"),
                'æ' => plain.push_str("ae"),
                'œ' => plain.push_str("oe"),
                'ø' => plain.push('o'),
                'ł' => plain.push('l'),
                'đ' | 'ð' => plain.push('d'),
                'þ' => plain.push_str("th"),
                'ı' => plain.push('i'),
                // `O'Brien` is one word.
                '\'' | '\u{2019}' => {}
                letter => plain.push(letter),
            }
        }
    }
    let words = plain.split(|letter: char| !letter.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty() && !TITLES.contains(word));
    words.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    //! When two writings can be one person's.

    use super::Name;

    #[test]
    fn two_writings_of_a_name_are_told_from_two_people_as_far_as_can_be() {
        let may_be = |one: &str, another: &str| {
            let (one, another) = (Name::of(one).unwrap(), Name::of(another).unwrap());
            assert_eq!(one.may_be(&another), another.may_be(&one), "symmetric");
            one.may_be(&another)
        };
        for (one, another, same) in [
            ("Ada Lovelace", "ada  LOVELACE", true),
            ("Ada Lovelace", "Lovelace, Ada", true),
            ("Ada Lovelace", "Lovelace Ada", true),
            ("Prof. Dr. Ada Lovelace", "Ada Lovelace, PhD", true),
            ("A. Lovelace", "Ada Lovelace", true),
            ("Ada King Lovelace", "Ada Lovelace", true),
            ("B. Lovelace", "Ada Lovelace", false),
            ("Ada Lovelace", "Ada Byron", false),
            ("José Núñez", "Jose Nunez", true),
            ("Søren Łukasz", "Soren Lukasz", true),
            ("Conan O’Brien", "Conan O'Brien", true),
            ("王小明", "王小明", true),
            ("Ada", "Ada", true),
            ("Ada", "Ada Lovelace", false),
            ("Jean-Luc Picard", "J. L. Picard", true),
        ] {
            assert_eq!(may_be(one, another), same, "{one} / {another}");
        }
        assert_eq!(Name::of(" , . "), None);
        assert_eq!(Name::of("Dr."), None);
    }
}
