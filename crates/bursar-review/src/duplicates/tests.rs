//! Texts that are alike, where, and how much: against sets that are compared one by one.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

fn application(number: u8) -> ApplicationId {
    ApplicationId::from_bytes([number; 16])
}

fn text(number: u8, answer: &str) -> Text<'_> {
    let application = application(number);
    Text { application, people: BTreeSet::new(), parts: vec![("plan", answer)] }
}

/// Texts by number, from one on.
fn texts<T: AsRef<str>>(list: &[T], from: u8) -> Vec<Text<'_>> {
    list.iter().zip(from..).map(|(answer, number)| text(number, answer.as_ref())).collect()
}

/// What is found among new texts and earlier ones, each with its places in words.
fn check(new: &[&str], earlier: &[&str], expected: &Expect) {
    let (new, earlier) = (texts(new, 1), texts(earlier, 101));
    let limits = Limits { alike: BasisPoints::percent(10), ..Limits::default() };
    let found = find(&new, &earlier, limits).unwrap();
    let answer = |id: ApplicationId| {
        new.iter().chain(&earlier).find(|text| text.application == id).unwrap().parts[0].1
    };
    let rows = found.iter().map(|pair| {
        let number = |id: ApplicationId| id.to_bytes()[0];
        let head = format!(
            "{} {}: {} % alike, {} % contained\n",
            number(pair.one),
            number(pair.other),
            pair.alike,
            pair.contained
        );
        let places = pair.places.iter().map(|place| {
            let one = &answer(pair.one)[place.one.from..place.one.to];
            let other = &answer(pair.other)[place.other.from..place.other.to];
            format!("  {} words: {one} / {other}\n", place.words)
        });
        head + &places.collect::<String>()
    });
    expected.assert_eq(&rows.collect::<String>());
}

const PLAN: &str = "We will measure how often a model follows a harmful instruction when the \
                    instruction is split over several turns of a conversation.";

#[test]
fn a_copied_passage_is_found_with_its_place() {
    check(
        &[PLAN, "Something else entirely, about the price of tea in the year 1900."],
        &[PLAN],
        &expect![[r#"
            1 101: 100 % alike, 100 % contained
              22 words: We will measure how often a model follows a harmful instruction when the instruction is split over several turns of a conversation / We will measure how often a model follows a harmful instruction when the instruction is split over several turns of a conversation
        "#]],
    );
    check(
        &["We will MEASURE how often, a model follows a harmful instruction -- when it is split."],
        &[PLAN],
        &expect![[r#"
            1 101: 38.09 % alike, 72.72 % contained
              12 words: We will MEASURE how often, a model follows a harmful instruction -- when / We will measure how often a model follows a harmful instruction when
        "#]],
    );
    check(
        &["Our group wants credit. How often a model follows a harmful instruction is not known; \
           the instruction is split over several turns, we think."],
        &[PLAN, "too short"],
        &expect![[r#"
            1 101: 22.58 % alike, 38.88 % contained
              8 words: How often a model follows a harmful instruction / how often a model follows a harmful instruction
              7 words: the instruction is split over several turns / the instruction is split over several turns
        "#]],
    );
    check(
        &["私たちはモデルの安全性を測定します。", PLAN],
        &["私たちはモデルの安全性を評価します。"],
        &expect![[r#"
            1 101: 44.44 % alike, 61.53 % contained
              12 words: 私たちはモデルの安全性を / 私たちはモデルの安全性を
        "#]],
    );
    check(&["", "a b c d"], &["", "a b c d"], &expect![[r#""#]]);
}

#[test]
fn a_short_text_within_a_long_one_is_contained() {
    let words = |from: u32, to: u32| {
        (from..to).map(|number| format!("word{number}")).collect::<Vec<_>>().join(" ")
    };
    let (short, long) = (words(100, 140), words(0, 400));
    let (new, earlier) = ([text(1, &short)], [text(2, &long)]);
    let found = find(&new, &earlier, Limits::default()).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].alike.to_string(), found[0].contained.to_string()),
        ("9.09".into(), "100".into())
    );
    // A phrase is no text.
    let phrase = words(100, 110);
    assert_eq!(find(&[text(1, &phrase)], &earlier, Limits::default()), Ok(Vec::new()));
}

#[test]
fn no_passage_goes_over_the_end_of_an_answer() {
    let whole = text(1, "one two three four five six seven eight");
    let parts = vec![("plan", "one two three four five six"), ("use", "seven eight")];
    let split = Text { parts, ..text(2, "") };
    let found = find(&[whole, split], &[], Limits::default()).unwrap();
    assert_eq!((found[0].alike.to_string(), found[0].places[0].words), ("50".into(), 6));
}

#[test]
fn what_somebody_hands_in_again_is_told_from_a_copy() {
    let by = |number: u8, person: u8| Text {
        people: BTreeSet::from([PersonId::from_bytes([person; 16])]),
        ..text(number, PLAN)
    };
    let earlier = [by(2, 7), by(3, 8)];
    let found = find(&[by(1, 7)], &earlier, Limits::default()).unwrap();
    let same: Vec<bool> = found.iter().map(|pair| pair.same_people).collect();
    assert_eq!(same, [true, false]);
}

#[test]
fn texts_that_cannot_be_told_apart_are_refused() {
    let twice = find(&[text(1, "a"), text(1, "b")], &[], Limits::default());
    assert_eq!(twice, Err(TextError::Twice(application(1))));
    let earlier = [text(1, "b")];
    let twice = find(&[text(1, "a")], &earlier, Limits::default());
    assert_eq!(twice, Err(TextError::Twice(application(1))));
}

/// The shingles of a text as words.
fn runs(text: &str) -> BTreeSet<Vec<&str>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(SHINGLE_WORDS).map(<[&str]>::to_vec).collect()
}

fn any_texts() -> impl Strategy<Value = Vec<String>> {
    let text = prop::collection::vec("[abc]", 0..40).prop_map(|words| words.join(" "));
    prop::collection::vec(text, 0..7)
}

proptest! {
    #[test]
    fn each_pair_is_found_that_comparing_sets_one_by_one_finds(
        new in any_texts(), earlier in any_texts(), percent in 1_u32..100,
    ) {
        let limits = Limits { alike: BasisPoints::percent(percent), contained: BasisPoints::WHOLE };
        let (news, earliers) = (texts(&new, 1), texts(&earlier, 101));
        let found = find(&news, &earliers, limits).unwrap();
        let mut expected = BTreeSet::new();
        let numbered = || new.iter().zip(1_u8..).chain(earlier.iter().zip(101_u8..));
        for (one, a) in new.iter().zip(1_u8..) {
            for (other, b) in numbered().filter(|(_, b)| a < *b) {
                let (ones, others) = (runs(one), runs(other));
                let both = ones.intersection(&others).count();
                let all = ones.union(&others).count();
                let shorter = ones.len().min(others.len());
                let is_within = CONTAINED_SHINGLES_MIN <= shorter && both == shorter;
                if 0 < both && (all * percent as usize <= both * 100 || is_within) {
                    let share = (both * 10_000 / all).to_string();
                    expected.insert((application(a), application(b), share));
                }
            }
        }
        let got: BTreeSet<_> = found
            .iter()
            .map(|pair| (pair.one, pair.other, pair.alike.get().to_string()))
            .collect();
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn each_place_says_the_same_in_both_and_the_order_does_not_matter(
        answers in any_texts(),
    ) {
        let mut list = texts(&answers, 1);
        let limits = Limits { alike: BasisPoints::percent(1), ..Limits::default() };
        let found = find(&list, &[], limits).unwrap();
        let answer = |id: ApplicationId| &answers[usize::from(id.to_bytes()[0]) - 1];
        for pair in &found {
            prop_assert!(!pair.places.is_empty());
            let mut last: Vec<(usize, usize)> = Vec::new();
            for place in &pair.places {
                let one = &answer(pair.one)[place.one.from..place.one.to];
                let other = &answer(pair.other)[place.other.from..place.other.to];
                prop_assert_eq!(one, other);
                prop_assert_eq!(one.split(' ').count(), place.words);
                last.push((place.one.from, place.one.to));
            }
            prop_assert!(pair.places.windows(2).all(|two| two[1].words <= two[0].words));
            let begins: BTreeSet<usize> = last.iter().map(|(from, _)| *from).collect();
            prop_assert_eq!(begins.len(), last.len());
        }
        list.reverse();
        prop_assert_eq!(find(&list, &[], limits).unwrap(), found);
    }
}
