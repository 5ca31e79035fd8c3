//! What an application says differently from the one that it follows.

use std::collections::BTreeMap;

use bursar_kernel::Program;

use crate::answers::tidy;
use crate::eligibility::in_words;

/// Comparisons for one answer: two of 2,000 words. Longer ones are shown one after the other.
const COMPARISONS_MAX: usize = 4_000_000;

/// A question that is answered differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The question.
    pub field: String,
    /// The question as it is read.
    pub question: String,
    /// The answer, with what went and what came in its place.
    pub pieces: Vec<Piece>,
}

/// A piece of an answer, with the blanks after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// It stands in both.
    Same(String),
    /// It stood in the earlier answer only.
    Gone(String),
    /// It stands in the later answer only.
    New(String),
}

/// The questions that are answered differently, in the order of the form.
pub fn changes(
    program: &Program,
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Vec<Change> {
    let changed = program.form.iter().filter_map(|field| {
        let said = |answers: &BTreeMap<String, String>| {
            // A draft is kept as a browser sends it; what was handed in is tidy.
            let answer = answers.get(&field.id).map(|answer| tidy(answer)).unwrap_or_default();
            if answer.is_empty() { answer } else { in_words(field, &answer) }
        };
        let (before, after) = (said(before), said(after));
        (before != after).then(|| Change {
            field: field.id.clone(),
            question: field.label.clone(),
            pieces: difference(&before, &after),
        })
    });
    changed.collect()
}

/// Two texts word by word: the longest that both have in common stays.
fn difference(before: &str, after: &str) -> Vec<Piece> {
    let old: Vec<&str> = before.split_inclusive(char::is_whitespace).collect();
    let new: Vec<&str> = after.split_inclusive(char::is_whitespace).collect();
    let mut pieces = Vec::new();
    if COMPARISONS_MAX < old.len().saturating_mul(new.len()) {
        push(&mut pieces, Piece::Gone(before.to_owned()));
        push(&mut pieces, Piece::New(after.to_owned()));
        return pieces;
    }
    let common = common_lengths(&old, &new);
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        match (old.get(i), new.get(j)) {
            (Some(gone), Some(come)) if gone.trim_end() == come.trim_end() => {
                push(&mut pieces, Piece::Same((*come).to_owned()));
                (i, j) = (i + 1, j + 1);
            }
            (Some(gone), come) if come.is_none() || common[i][j + 1] <= common[i + 1][j] => {
                push(&mut pieces, Piece::Gone((*gone).to_owned()));
                i += 1;
            }
            (_, come) => {
                push(&mut pieces, Piece::New(come.copied().unwrap_or_default().to_owned()));
                j += 1;
            }
        }
    }
    pieces
}

/// How many words the rests from each place on have in common.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<Vec<u32>> {
    let mut common = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i].trim_end() == new[j].trim_end() {
                common[i + 1][j + 1].saturating_add(1)
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    common
}

/// Adds a piece, to the last one if that is of its kind.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Same(text)), Piece::Same(more))
        | (Some(Piece::Gone(text)), Piece::Gone(more))
        | (Some(Piece::New(text)), Piece::New(more)) => text.push_str(&more),
        (_, piece) => pieces.push(piece),
    }
}
