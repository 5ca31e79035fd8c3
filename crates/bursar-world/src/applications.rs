//! Every application of the world, by round. The people, places and studies are made up.

mod estimates;
mod late;
mod middle;
mod older_first;
mod older_second;
mod open;
mod recent_first;
mod recent_second;

use bursar_kernel::{ModelId, Serving, StudyLine};

use super::record::Record;
use super::rounds::Cohort;

/// The holder who spends a grant to its end.
pub(super) const HEAVY: &str = "tomas.reyes@altiplano-tech.example";

/// Every application with the round it belongs to, earlier rounds first, and then the two that came
/// about later. Its place here is its name in the story.
pub(super) fn all() -> impl Iterator<Item = (Cohort, &'static Record)> + Clone {
    let of = |cohort, table: &'static [Record]| table.iter().map(move |record| (cohort, record));
    of(Cohort::Older, &older_first::TABLE)
        .chain(of(Cohort::Older, &older_second::TABLE))
        .chain(of(Cohort::Recent, &recent_first::TABLE))
        .chain(of(Cohort::Recent, &recent_second::TABLE))
        .chain(of(Cohort::Middle, &middle::TABLE))
        .chain(of(Cohort::Open, &open::TABLE))
        .chain(of(Cohort::Recent, &late::PROPOSED))
        .chain(of(Cohort::Open, &late::REAPPLIED))
}

/// What somebody answers to questions that only few are asked.
pub(super) fn more_answers(by: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    late::MORE_ANSWERS
        .into_iter()
        .filter(move |(who, _, _)| *who == by)
        .map(|(_, question, answer)| (question, answer))
}

/// The study of an application as its applicant counted it, if they did.
pub(super) fn study_of(record: &Record) -> Option<Vec<StudyLine>> {
    let mut table = estimates::TABLE.into_iter();
    let (_, _, lines) = table.find(|(by, asks, _)| (*by, *asks) == (record.by, record.asks))?;
    let line = |(model, [items, variants, repeats], [input, output]): &estimates::Line| StudyLine {
        model: ModelId::new(*model),
        items: *items,
        variants: *variants,
        repeats: *repeats,
        input_tokens: *input,
        output_tokens: *output,
        serving: Serving::Default,
    };
    Some(lines.iter().map(line).collect())
}
