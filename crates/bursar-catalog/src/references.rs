//! What the parts of a catalog say about each other.

use std::collections::{BTreeMap, BTreeSet};

use bursar_toml::nearest;

use crate::FamilyRow;
use crate::model::Entry;

/// Reports families, successors and aliases that do not fit together.
pub(crate) fn check(families: &[FamilyRow<'_>], entries: &[Entry<'_>]) {
    check_families(families, entries);
    let names: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    for entry in entries {
        if let Some(successor) = entry.successor {
            let field = entry.table.get("successor");
            if successor == entry.id.as_str() {
                field.error("a model cannot succeed itself", "name another model, or remove this");
            } else if !names.contains(successor) {
                field.error(
                    format!("successor `{successor}` is not a model of this catalog"),
                    suggestion(successor, names.iter().copied(), "add it, or remove this key"),
                );
            }
        }
    }
    check_aliases(entries, &names);
}

fn check_families(families: &[FamilyRow<'_>], entries: &[Entry<'_>]) {
    let used: BTreeSet<&str> = entries.iter().filter_map(|entry| entry.family).collect();
    let mut known = BTreeSet::new();
    for row in families {
        let Some(id) = row.id else { continue };
        if !known.insert(id) {
            row.table
                .get("id")
                .error(format!("family `{id}` stands twice"), "remove one of the two");
        } else if !used.contains(id) {
            row.table.get("id").error(
                format!("family `{id}` has no model"),
                "give a model this family, or remove the row",
            );
        }
    }
    for entry in entries {
        if let Some(family) = entry.family.filter(|family| !known.contains(family)) {
            entry.table.get("family").error(
                format!("family `{family}` has no row in this catalog"),
                suggestion(family, known.iter().copied(), "add a [[family]] for it"),
            );
        }
    }
}

fn check_aliases(entries: &[Entry<'_>], names: &BTreeSet<&str>) {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in entries {
        for alias in &entry.aliases {
            if names.contains(alias.text) {
                entry.table.error_at(
                    alias.place,
                    format!("alias `{}` is a model of its own", alias.text),
                    "remove the alias or the model",
                );
            } else if let Some(owner) = owners.insert(alias.text, entry.id.as_str()) {
                entry.table.error_at(
                    alias.place,
                    format!("alias `{}` already stands for `{owner}`", alias.text),
                    "keep one of the two",
                );
            }
        }
    }
}

fn suggestion<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match nearest(written, known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => otherwise.to_owned(),
    }
}
