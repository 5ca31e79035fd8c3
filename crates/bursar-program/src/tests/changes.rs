//! What an application says differently from the one before it.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::openai;
use crate::changes::{Piece, changes};

fn answers(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(field, answer)| ((*field).to_owned(), (*answer).to_owned())).collect()
}

fn check(before: &[(&str, &str)], after: &[(&str, &str)], expected: Expect) {
    let mut lines = Vec::new();
    for change in changes(&openai(), &answers(before), &answers(after)) {
        let pieces = change.pieces.iter().map(|piece| match piece {
            Piece::Same(text) => text.clone(),
            Piece::Gone(text) => format!("[-{text}-]"),
            Piece::New(text) => format!("[+{text}+]"),
        });
        lines.push(format!("{}: {}", change.field, pieces.collect::<String>()));
    }
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn only_what_changed_is_told_word_by_word_and_in_words() {
    check(
        &[
            ("research_question", "Do refusals differ by language?"),
            ("area", "fairness"),
            ("affiliation", "University of Tartu"),
            ("amount", "750.00"),
        ],
        &[
            ("research_question", "Do refusals and warnings differ by the language?"),
            ("area", "misuse"),
            ("affiliation", "University of Tartu"),
            ("department", "Chair of NLP"),
            ("amount", "900.00"),
        ],
        expect![[r#"
            research_question: Do refusals [+and warnings +]differ by [+the +]language?
            area: [-Fairness -][+Misuse potential +]and [-representation-][+red-teaming+]
            department: [+Chair of NLP+]
            amount: [-$750-][+$900+]"#]],
    );
    check(&[("area", "fairness")], &[("area", "fairness")], expect![""]);
    check(
        &[("research_description", "First.\n\nSecond."), ("amount", "750.00")],
        &[("research_description", "First.\r\n\r\nSecond. "), ("amount", "750")],
        expect![""],
    );
}

#[test]
fn two_long_texts_are_told_one_after_the_other() {
    let words = |word: &str| vec![word; 3_000].join(" ");
    let (before, after) = (words("a"), words("b"));
    let told = changes(
        &openai(),
        &answers(&[("research_description", &before)]),
        &answers(&[("research_description", &after)]),
    );
    assert_eq!(told[0].pieces, [Piece::Gone(before), Piece::New(after)]);
}

proptest! {
    #[test]
    fn what_stays_and_what_went_is_the_earlier_answer(
        before in "[ab ]{0,40}", after in "[ab ]{0,40}",
    ) {
        let (before, after) = (before.trim().to_owned(), after.trim().to_owned());
        let field = "research_description";
        let told = changes(&openai(), &answers(&[(field, &before)]), &answers(&[(field, &after)]));
        prop_assert_eq!(told.is_empty(), before == after);
        let words = |wanted: fn(&Piece) -> Option<&String>| {
            let pieces = told.iter().flat_map(|change| &change.pieces);
            let words = pieces.filter_map(wanted).flat_map(|text| text.split_whitespace());
            words.collect::<Vec<_>>().join(" ")
        };
        let old = words(|piece| match piece {
            Piece::Same(text) | Piece::Gone(text) => Some(text),
            Piece::New(_) => None,
        });
        let new = words(|piece| match piece {
            Piece::Same(text) | Piece::New(text) => Some(text),
            Piece::Gone(_) => None,
        });
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !told.is_empty() {
            prop_assert_eq!(old, plain(&before));
            prop_assert_eq!(new, plain(&after));
        }
    }
}
