//! Files that reviewers hand in.

use std::collections::BTreeMap;

use bursar_award::review_file::{FormPart, MISTAKES_MAX, check, read, write};
use bursar_kernel::program::Criterion;

/// A file that was filled in: understood, it says the same once it is written again; else one is
/// told where it is wrong.
pub(crate) fn files(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let lines = text.lines().count().saturating_add(2).saturating_add(text.matches('\r').count());
    let parts = match read(text) {
        Ok(parts) => parts,
        Err(mistakes) => {
            assert!((1..=MISTAKES_MAX).contains(&mistakes.len()), "{mistakes:?}");
            assert!(mistakes.iter().all(|one| (1..=lines).contains(&one.line)), "{mistakes:?}");
            return;
        }
    };
    let criterion = |(id, scale): (&str, u32)| Criterion {
        id: id.to_owned(),
        label: id.to_owned(),
        asks: String::new(),
        weight: 1,
        scale,
    };
    let rubric: Vec<Criterion> = [("method", 5), ("need", 3)].map(criterion).to_vec();
    let fits = |part| check(part, &rubric).is_empty();
    let form = |part: &bursar_award::review_file::FilledPart| FormPart {
        application: part.application,
        heading: vec![text.to_owned()],
        answers: vec![(text.to_owned(), text.to_owned())],
        rubric: rubric.clone(),
        fields: part.fields.iter().map(|(name, (_, text))| (name.clone(), text.clone())).collect(),
        shown_with: part.shown_with.clone(),
    };
    let whole: Vec<_> = parts.iter().filter(|part| fits(part)).collect();
    let forms: Vec<FormPart> = whole.iter().map(|part| form(part)).collect();
    let again = read(&write(&forms)).expect("what is written is understood");
    assert_eq!(again.len(), whole.len());
    for (before, after) in whole.into_iter().zip(again) {
        assert_eq!(before.application, after.application);
        assert_eq!(before.shown_with, after.shown_with);
        let texts = |part: &bursar_award::review_file::FilledPart| {
            let there = part.fields.iter().filter(|(_, (_, text))| !text.is_empty());
            there.map(|(name, (_, text))| (name.clone(), text.clone())).collect()
        };
        let (was, is): (BTreeMap<_, _>, BTreeMap<_, _>) = (texts(before), texts(&after));
        assert_eq!(was, is);
    }
}
