//! Links between our own documents lead somewhere.

use std::collections::BTreeSet;

use super::{File, Violation};

/// Links of Markdown files to files of the tree that are not there.
pub(super) fn check(files: &[File]) -> Vec<Violation> {
    let mut known = BTreeSet::new();
    for file in files {
        known.insert(file.path.as_str());
        // A link may name a folder.
        let slashes = file.path.match_indices('/');
        known.extend(slashes.filter_map(|(slash, _)| file.path.get(..slash)));
    }
    let mut found = Vec::new();
    for file in files.iter().filter(|file| is_markdown(&file.path)) {
        for (number, target) in targets(file.text.as_deref().unwrap_or_default()) {
            let place = resolve(&file.path, &target);
            if place.as_deref().is_none_or(|place| !place.is_empty() && !known.contains(place)) {
                let message = format!("a link to `{target}`, which is not there");
                found.push(Violation::new(&file.path, number, message));
            }
        }
    }
    found
}

fn is_markdown(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| ending == "md")
}

/// The local targets of a document's links with their lines; code is not searched for any.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_fence = false;
    for (line, number) in text.lines().zip(1..) {
        if line.trim_start().starts_with("```") {
            in_fence = !in_fence;
            continue;
        }
        if in_fence {
            continue;
        }
        // Every second piece between backticks is code; what is left keeps its brackets.
        let prose: Vec<&str> = line.split('`').step_by(2).collect();
        for piece in prose.join("").split("](").skip(1) {
            let target = piece.split(')').next().unwrap_or_default();
            let target = target.split_whitespace().next().unwrap_or_default();
            let target = target.split('#').next().unwrap_or_default();
            let is_elsewhere = target.contains("://") || target.starts_with("mailto:");
            if !target.is_empty() && !is_elsewhere {
                found.push((number, target.to_owned()));
            }
        }
    }
    found
}

/// Where a link leads from the root, or `None` if it leads out of the tree.
fn resolve(document: &str, target: &str) -> Option<String> {
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let start = if target.starts_with('/') { "" } else { folder };
    let mut place: Vec<&str> = Vec::new();
    for part in start.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                place.pop()?;
            }
            name => place.push(name),
        }
    }
    Some(place.join("/"))
}
