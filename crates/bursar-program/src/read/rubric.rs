//! What reviewers score, and where the parts of a proposal stand.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use bursar_kernel::program::{Criterion, ProposalFields};
use bursar_toml::Table;

use super::form::Form;
use super::{id, text};

/// How much a criterion can count.
const WEIGHT_MAX: u32 = 100;
/// The shortest and the longest scale: all of them divide 2,520, so that scores add up exactly.
const SCALES: RangeInclusive<u32> = 2..=10;

/// A program without criteria is reviewed by recommendation alone.
pub(super) fn rubric(root: Table<'_>) -> Vec<Criterion> {
    let mut ids = BTreeSet::new();
    let mut rubric = Vec::new();
    for table in root.get("rubric").tables() {
        let id = id(&table.need("id"));
        if let Some(id) = id.filter(|id| !ids.insert(*id)) {
            table.get("id").error(format!("criterion `{id}` stands twice"), "rename one of them");
        }
        let label = text(table, "label");
        let asks = text(table, "asks");
        let weight = table.need("weight").integer(1..=WEIGHT_MAX);
        let scale = table.need("scale").integer(SCALES);
        let criterion = || {
            Some(Criterion {
                id: id?.to_owned(),
                label: label?,
                asks: asks?,
                weight: weight?,
                scale: scale?,
            })
        };
        rubric.extend(criterion());
    }
    rubric
}

/// A part that is not named is not advised on.
pub(super) fn proposal(root: Table<'_>, form: &Form) -> ProposalFields {
    let Some(table) = root.get("proposal").table() else {
        return ProposalFields::default();
    };
    let funding = table.get("funding");
    let funding_field = funding.text();
    if let Some(id) = funding_field
        && form.kind_of(id).is_none()
        && !form.is_broken(id)
    {
        funding.error(format!("the form has no question `{id}`"), "name a question of the form");
    }
    ProposalFields {
        question: form.text_question(&table.get("question")),
        method: form.text_question(&table.get("method")),
        need: form.text_question(&table.get("need")),
        funding: funding_field.map(str::to_owned),
    }
}
