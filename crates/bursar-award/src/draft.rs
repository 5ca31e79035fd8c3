//! A draft that is saved from several places: what each changed is told from what each was shown.

use std::collections::BTreeMap;

/// What a place that saves wants changed, and what it cannot change without losing a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// What to change: the new answer, or `None` to take it out.
    pub changes: BTreeMap<String, Option<String>>,
    /// Questions that were answered differently here and elsewhere meanwhile.
    pub conflicts: Vec<String>,
}

/// What tells one text from another, short enough to stand in a form: FNV-1a of 64 bits. It guards
/// somebody's own texts against themselves, and nothing else.
pub fn fingerprint(text: &str) -> String {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let hash = text.bytes().fold(BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    format!("{hash:016x}")
}

/// What a form says it was shown with: a fingerprint for each of its questions, in a line.
pub fn shown_with<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = fields.map(|(field, text)| format!("{field}:{}", fingerprint(text)));
    pairs.collect::<Vec<_>>().join(" ")
}

/// Reads what a form was shown with; what cannot be read is left out.
pub fn read_shown_with(line: &str) -> BTreeMap<String, String> {
    let pairs = line.split(' ').filter_map(|pair| pair.split_once(':'));
    pairs.map(|(field, print)| (field.to_owned(), print.to_owned())).collect()
}

/// Holds what is sent against what is kept, question by question.
///
/// `was` has a fingerprint of what the sender was shown for each question of its form; a question
/// that it names and nothing is sent for was emptied. What is not named is the sender's to change.
pub fn merge(
    kept: &BTreeMap<String, String>,
    was: &BTreeMap<String, String>,
    sent: &BTreeMap<String, String>,
) -> Merge {
    let mut merge = Merge::default();
    for field in sent.keys().chain(was.keys().filter(|field| !sent.contains_key(*field))) {
        let new = sent.get(field).map_or("", String::as_str);
        let old = kept.get(field).map_or("", String::as_str);
        if new == old {
            continue;
        }
        let shown = was.get(field);
        if shown.is_none_or(|shown| *shown == fingerprint(old)) {
            let new = (!new.is_empty()).then(|| new.to_owned());
            merge.changes.insert(field.clone(), new);
        } else if shown.is_some_and(|shown| *shown != fingerprint(new)) {
            merge.conflicts.push(field.clone());
        }
        // Else nothing was typed here, and what was typed elsewhere stays.
    }
    merge
}

#[cfg(test)]
mod tests {
    //! Two places that save lose nothing between them.

    use proptest::prelude::*;

    use super::*;

    fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(field, text)| ((*field).to_owned(), (*text).to_owned())).collect()
    }

    fn prints(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        read_shown_with(&shown_with(pairs.iter().copied()))
    }

    #[test]
    fn each_place_changes_what_it_changed() {
        let was = prints(&[("a", "one"), ("b", "two"), ("c", "three")]);
        let kept = texts(&[("a", "one"), ("b", "two, elsewhere"), ("c", "three")]);
        let sent = texts(&[("a", "one, here"), ("b", "two")]);
        let merged = merge(&kept, &was, &sent);
        let changes = BTreeMap::from([("a".into(), Some("one, here".into())), ("c".into(), None)]);
        assert_eq!(merged, Merge { changes, conflicts: vec![] });
    }

    #[test]
    fn one_question_changed_in_two_places_is_told() {
        let was = prints(&[("a", "one")]);
        let kept = texts(&[("a", "one, elsewhere")]);
        let merged = merge(&kept, &was, &texts(&[("a", "one, here")]));
        assert_eq!(merged, Merge { changes: BTreeMap::new(), conflicts: vec!["a".into()] });
        let same = merge(&kept, &was, &texts(&[("a", "one, elsewhere")]));
        assert_eq!(same, Merge::default(), "both wrote the same");
        let emptied = merge(&kept, &was, &texts(&[]));
        assert_eq!(emptied.conflicts, ["a"], "taking a text out is a change as well");
    }

    #[test]
    fn who_was_shown_nothing_changes_what_they_send() {
        let kept = texts(&[("a", "one"), ("b", "two")]);
        let merged = merge(&kept, &BTreeMap::new(), &texts(&[("a", "other")]));
        assert_eq!(merged.changes, BTreeMap::from([("a".into(), Some("other".into()))]));
    }

    proptest! {
        /// Whatever two places do with what they were shown: a text of either is in the draft, or
        /// the second is told, and nothing that neither touched changes.
        #[test]
        fn no_text_is_lost(
            shown in "[ab]{0,2}", here in "[ab]{0,2}", there in "[ab]{0,2}", other in "[ab]{0,2}"
        ) {
            let was = prints(&[("x", &shown), ("y", &other)]);
            let mut kept = texts(&[("x", &shown), ("y", &other)]);
            let apply = |kept: &mut BTreeMap<String, String>, merged: &Merge| {
                for (field, text) in &merged.changes {
                    match text {
                        Some(text) => { kept.insert(field.clone(), text.clone()); }
                        None => { kept.remove(field); }
                    }
                }
            };
            let first = merge(&kept, &was, &texts(&[("x", &there), ("y", &other)]));
            prop_assert!(first.conflicts.is_empty());
            apply(&mut kept, &first);
            let second = merge(&kept, &was, &texts(&[("x", &here), ("y", &other)]));
            apply(&mut kept, &second);
            let x = kept.get("x").cloned().unwrap_or_default();
            let both = here != shown && there != shown && here != there;
            prop_assert_eq!(!second.conflicts.is_empty(), both);
            let expected = if here == shown || both { there } else { here };
            prop_assert_eq!(x, expected);
            prop_assert_eq!(kept.get("y").cloned().unwrap_or_default(), other);
        }
    }
}
