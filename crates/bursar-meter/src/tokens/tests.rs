//! Counts agree with the provider's published ones, and no text stops the count.

use super::*;

#[test]
fn known_texts_have_their_known_counts() {
    let cases = [
        (Encoding::O200kBase, "", 0),
        (Encoding::O200kBase, "Hello, world!", 4),
        (Encoding::Cl100kBase, "tiktoken is great!", 6),
        (Encoding::Cl100kBase, "antidisestablishmentarianism", 6),
    ];
    for (encoding, text, tokens) in cases {
        assert_eq!(count(encoding, text), tokens, "{text}");
    }
}

#[test]
fn what_looks_like_a_special_token_is_plain_text() {
    assert!(1 < count(Encoding::O200kBase, "<|endoftext|>"));
}

#[test]
fn white_space_without_end_is_counted_by_its_bytes() {
    let run = " ".repeat(2_000_000);
    assert_eq!(count(Encoding::O200kBase, &run), 2_000_000);
    let between = format!("Hello{run}Hello");
    assert_eq!(count(Encoding::O200kBase, &between), 2_000_002);
    let lines = "\n\u{2003}".repeat(40_000);
    assert_eq!(count(Encoding::Cl100kBase, &lines), 160_000);
}
