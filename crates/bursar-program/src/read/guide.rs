//! What the guide page says beyond the rules.

use bursar_kernel::program::Guide;
use bursar_toml::Table;

use super::{text, texts};

pub(super) fn guide(root: Table<'_>) -> Option<Guide> {
    let table = root.need("guide").table()?;
    let named = |key: &str, name: &str, says: &str| {
        let entries = table.get(key).tables().into_iter();
        let read = entries.map(|entry| text(entry, name).zip(text(entry, says)));
        read.flatten().collect::<Vec<_>>()
    };
    Some(Guide {
        at_a_glance: named("at_a_glance", "name", "text"),
        covers: texts(table, "covers"),
        timeline: named("timeline", "when", "what"),
        eligible: texts(table, "eligible"),
        not_eligible: texts(table, "not_eligible"),
        steps: texts(table, "steps"),
        limits: texts(table, "limits"),
        advice: texts(table, "advice"),
        questions: named("question", "ask", "answer"),
    })
}
