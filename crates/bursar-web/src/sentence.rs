//! From a refusal's words to sentences on a page.

/// A refusal, which fits after "failed to" and ends with a hint, as sentences for a person.
pub(crate) fn sentence(refusal: &str) -> String {
    let (what, hint) = refusal.split_once("\nhint: ").unwrap_or((refusal, ""));
    let mut text = format!("This cannot be done: {}.", what.trim_end_matches('.'));
    if !hint.is_empty() {
        text.push(' ');
        text.push_str(&capitalised(hint));
        text.push('.');
    }
    text
}

/// The text with a capital first letter.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    //! A refusal reads as sentences.

    use super::*;

    #[test]
    fn a_refusal_becomes_two_sentences() {
        let text = sentence("take one officer's approval twice\nhint: name a second officer");
        let expected = "This cannot be done: take one officer's approval twice. Name a second \
                        officer.";
        assert_eq!(text, expected);
    }
}
