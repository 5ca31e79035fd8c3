//! What the guide page says beyond the rules.

use bursar_kernel::program::{Advice, Guide, Tool};
use bursar_toml::Table;

use super::{text, texts};

const TOOLS: [(&str, Tool); 7] = [
    ("eligibility", Tool::Eligibility),
    ("proposal_check", Tool::ProposalCheck),
    ("form", Tool::Form),
    ("planner", Tool::Planner),
    ("card", Tool::Card),
    ("resubmission", Tool::Resubmission),
    ("forecast", Tool::Forecast),
];

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
        advice: advice(table),
        questions: named("question", "ask", "answer"),
    })
}

fn advice(guide: Table<'_>) -> Vec<Advice> {
    let pieces = guide.need("advice").tables().into_iter().filter_map(|piece| {
        let text = text(piece, "text");
        let tool = piece.get("tool").word(&TOOLS);
        Some(Advice { text: text?, tool })
    });
    pieces.collect()
}
