//! Two editions of a program file, and what the later one says differently, in words.

use std::collections::BTreeSet;

use bursar_kernel::Diagnostics;
use bursar_toml::{Document, Leaf};

use crate::format::{about, sentence};

/// Characters of a value that a line quotes; the rest is in the file.
const QUOTED_MAX: usize = 120;

/// What the later file says differently, a line for each, in the order of the files.
///
/// Both have to be TOML; neither has to be a sound program.
pub fn difference(before: (&str, &str), after: (&str, &str)) -> Result<Vec<String>, Diagnostics> {
    let read = |(name, text): (&str, &str)| Ok(Document::parse(name, text)?.leaves());
    let (before, after) = (read(before)?, read(after)?);
    let (there, here) = (elements(&before), elements(&after));
    let gone = |leaf: &Leaf| outermost(leaf, &here);
    let new = |leaf: &Leaf| outermost(leaf, &there);
    let mut lines = Vec::new();
    let mut push = |line: String| {
        if !lines.contains(&line) {
            lines.push(line);
        }
    };
    for leaf in &before {
        if let Some((key, name)) = gone(leaf) {
            push(format!("Gone: {} \"{name}\".", thing(&key)));
            continue;
        }
        let said = after.iter().find(|other| is_same(other, leaf));
        match said {
            None => push(format!("{}: {}; it is not said any more.", head(leaf), was(leaf))),
            Some(other) if other.values == leaf.values => {}
            Some(other) if leaf.is_list && other.is_list => push(changed_list(leaf, other)),
            Some(other) => {
                push(format!("{}: {}, and is {}.", head(leaf), was(leaf), quoted(other)));
            }
        }
    }
    for leaf in &after {
        if let Some((key, name)) = new(leaf) {
            push(format!("New: {} \"{name}\".", thing(&key)));
        } else if !before.iter().any(|other| is_same(other, leaf)) {
            push(format!("{}: {}; it was not said before.", head(leaf), quoted(leaf)));
        }
    }
    Ok(lines)
}

fn is_same(one: &Leaf, other: &Leaf) -> bool {
    one.key == other.key && one.of == other.of
}

/// Every table of a list that a file has, by its key and what names it and those around it.
fn elements(leaves: &[Leaf]) -> BTreeSet<(String, Vec<String>)> {
    leaves.iter().flat_map(around).collect()
}

/// The tables of lists that a leaf stands in, from the outermost.
fn around(leaf: &Leaf) -> Vec<(String, Vec<String>)> {
    let parts: Vec<&str> = leaf.key.split("[]").collect();
    let depth = 1..=leaf.of.len();
    depth.map(|depth| (parts[..depth].join("[]") + "[]", leaf.of[..depth].to_vec())).collect()
}

/// The outermost table around a leaf that the other file has not.
fn outermost(leaf: &Leaf, other: &BTreeSet<(String, Vec<String>)>) -> Option<(String, String)> {
    let lacking = around(leaf).into_iter().find(|element| !other.contains(element))?;
    Some((lacking.0, lacking.1.join(" / ")))
}

/// What a table in a list is, in words.
fn thing(key: &str) -> String {
    about(key).map_or_else(|| format!("`{key}`"), str::to_owned)
}

/// What a line is about.
fn head(leaf: &Leaf) -> String {
    let phrase = about(&leaf.key).map_or_else(|| format!("`{}`", leaf.key), sentence);
    let phrase = phrase.trim_end_matches('.');
    let by_name = leaf.key.rsplit('.').next().filter(|_| about_is_of_a_name(&leaf.key));
    let of: Vec<&str> = leaf.of.iter().map(String::as_str).chain(by_name).collect();
    if of.is_empty() { phrase.to_owned() } else { format!("{phrase} ({})", of.join(" / ")) }
}

/// Whether a key is a name that the file gives, and not one of the format.
fn about_is_of_a_name(key: &str) -> bool {
    ["areas.", "countries.supported.", "form[].options."].iter().any(|path| key.starts_with(path))
}

fn was(leaf: &Leaf) -> String {
    format!("was {}", quoted(leaf))
}

fn quoted(leaf: &Leaf) -> String {
    let values: Vec<String> = leaf.values.iter().map(|value| cut(value)).collect();
    if values.is_empty() { "nothing".to_owned() } else { values.join(", ") }
}

fn cut(value: &str) -> String {
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(QUOTED_MAX) {
        Some((end, _)) => format!("\"{}…\"", line[..end].trim_end()),
        None => format!("\"{line}\""),
    }
}

fn changed_list(before: &Leaf, after: &Leaf) -> String {
    let without = |one: &Leaf, other: &Leaf| -> Vec<String> {
        one.values.iter().filter(|value| !other.values.contains(value)).map(|v| cut(v)).collect()
    };
    let (gone, new) = (without(before, after), without(after, before));
    let mut said = Vec::new();
    if !gone.is_empty() {
        said.push(format!("gone: {}", gone.join(", ")));
    }
    if !new.is_empty() {
        said.push(format!("new: {}", new.join(", ")));
    }
    if said.is_empty() {
        said.push("in another order".to_owned());
    }
    format!("{}: {}.", head(after), said.join("; "))
}
