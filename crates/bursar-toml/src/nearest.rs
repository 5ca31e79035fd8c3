//! The word that somebody probably meant.

/// The candidate that differs least from what was written, if any is near enough to be meant:
/// within one edit in three letters, a swap of neighbours counting as one edit.
pub fn nearest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let edits_max = written.chars().count().div_ceil(3);
    candidates
        .into_iter()
        .map(|candidate| (edits(written, candidate), candidate))
        .filter(|(edits, _)| *edits <= edits_max)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// How many letters to insert, remove, replace or swap to get from one word to the other.
fn edits(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut two_ago: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let replaced = above[column] + usize::from(letter != other);
            let mut best = replaced.min(above[column + 1] + 1).min(line[column] + 1);
            let crossed = 0 < row && 0 < column;
            if crossed && from[row - 1] == *other && *letter == to[column - 1] {
                best = best.min(two_ago[column - 1] + 1);
            }
            line.push(best);
        }
        two_ago = std::mem::replace(&mut above, line);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    //! Near words are found, far ones are not.

    use super::*;

    #[test]
    fn edits_are_counted() {
        for (from, to, count) in [
            ("", "", 0),
            ("", "abc", 3),
            ("amout", "amount", 1),
            ("mnoths", "months", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!((edits(from, to), edits(to, from)), (count, count), "{from} {to}");
        }
    }

    #[test]
    fn a_far_word_is_no_suggestion() {
        assert_eq!(nearest("amout", ["about", "amount"]), Some("about"));
        assert_eq!(nearest("colour", ["amount", "months"]), None);
        assert_eq!(nearest("x", []), None);
    }
}
