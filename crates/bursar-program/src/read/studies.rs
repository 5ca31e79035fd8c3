//! Kinds of studies that a program is for, to begin an estimate from.

use bursar_kernel::{Catalog, Serving, StudyKind, StudyLine};
use bursar_toml::Table;

use super::text;
use super::tiers::{models, near};

/// Figures of a line at the most: a misplaced zero is found.
const FIGURE_MAX: u64 = 10_000_000;
/// How calls are served, by the file's words.
const SERVINGS: [(&str, Serving); 4] = [
    ("default", Serving::Default),
    ("flex", Serving::Flex),
    ("priority", Serving::Priority),
    ("batch", Serving::Batch),
];

/// A program may name none.
pub(super) fn studies(root: Table<'_>, catalog: &Catalog) -> Vec<StudyKind> {
    let kinds = root.get("study").tables().into_iter().filter_map(|table| {
        let (title, about) = (text(table, "title"), text(table, "about"));
        let lines = table.need("line").tables();
        let lines = lines.into_iter().filter_map(|entry| line(entry, catalog)).collect();
        Some(StudyKind { title: title?, about: about?, lines })
    });
    kinds.collect()
}

fn line(table: Table<'_>, catalog: &Catalog) -> Option<StudyLine> {
    let field = table.need("model");
    let name = field.text();
    let model = name.and_then(|name| catalog.model(name));
    if let (Some(name), None) = (name, model) {
        field.error(format!("the catalog has no model `{name}`"), near(name, models(catalog)));
    }
    let figure = |key: &str, least: u64| table.need(key).integer(least..=FIGURE_MAX);
    let once = |key: &str| if table.has(key) { figure(key, 1) } else { Some(1) };
    let (items, variants, repeats) = (figure("items", 1), once("variants"), once("repeats"));
    let (input, output) = (figure("input_tokens", 1), figure("output_tokens", 0));
    // A word that is wrong was reported.
    let serving = table.get("serving").word(&SERVINGS);
    let serving = if table.has("serving") { serving } else { Some(Serving::Default) };
    Some(StudyLine {
        model: model?.id.clone(),
        items: items?,
        variants: variants?,
        repeats: repeats?,
        input_tokens: input?,
        output_tokens: output?,
        serving: serving?,
    })
}
