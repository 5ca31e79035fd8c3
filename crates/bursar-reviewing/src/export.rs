//! A round for whoever studies it: a row for each application, and nobody's name.

use std::collections::BTreeMap;

use bursar_award::{Application, Outcome, Review, State};
use bursar_kernel::program::{FieldKind, FormField};
use bursar_kernel::{ApplicationId, Program, ProgramId, RoundId, csv_cell};
use bursar_policy::Viewer;
use bursar_review::anonymous::{Entry, Reviewed, Row, anonymous};
use bursar_review::report::SMALL_BELOW;
use bursar_service::{Service, ServiceError, entropy};
use serde::Serialize;

use crate::ranking::counting;
use crate::report::{before, group, grouping};

/// A round without its people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoundExport {
    /// The program.
    pub program: ProgramId,
    /// The round.
    pub round: RoundId,
    /// The criteria, in the rubric's order.
    pub criteria: Vec<String>,
    /// The questions whose answers are told, in the form's order.
    pub questions: Vec<String>,
    /// An answer that fewer applications share is left out.
    pub shared_by: u32,
    /// A row for each application.
    pub rows: Vec<Row>,
}

/// The question of what came before an application, which no form asks.
const BEFORE: &str = "resubmission";

/// Exports a round, without what the officer is not free to judge and what was withdrawn. Each
/// export has pseudonyms of its own. What became of an application is told once it is released.
pub async fn export(
    service: &Service,
    viewer: &Viewer,
    program: &ProgramId,
    round: &RoundId,
) -> Result<RoundExport, ServiceError> {
    let mut applications = service.round(viewer, program, round).await?.applications;
    applications.retain(|one| one.state != State::Withdrawn);
    let program = service.program(program)?;
    let mut reviews: BTreeMap<ApplicationId, Vec<Review>> = BTreeMap::new();
    for review in counting(service, program, round, &applications).await? {
        reviews.entry(review.application).or_default().push(review);
    }
    let mut criteria: Vec<String> = program.rubric.iter().map(|one| one.id.clone()).collect();
    let mut entries = Vec::with_capacity(applications.len());
    for one in &applications {
        // What an earlier edition scored and this one does not comes last.
        for criterion in &service.program_of(one)?.rubric {
            if !criteria.contains(&criterion.id) {
                criteria.push(criterion.id.clone());
            }
        }
        entries.push(entry(program, one, reviews.remove(&one.id).unwrap_or_default()));
    }
    let key: [u8; 32] = entropy::bytes();
    let told = program.form.iter().filter(|field| is_told(field));
    Ok(RoundExport {
        program: program.id.clone(),
        round: round.clone(),
        criteria,
        questions: told.map(|field| field.id.clone()).chain([BEFORE.to_owned()]).collect(),
        shared_by: SMALL_BELOW,
        rows: anonymous(&entries, &key, SMALL_BELOW),
    })
}

/// Whether an answer is told where enough applications share it: an institution, or a choice that
/// says nothing about a person.
fn is_told(field: &FormField) -> bool {
    grouping(field) && (!field.pii || matches!(field.kind, FieldKind::Institution))
}

fn entry(program: &Program, one: &Application, reviews: Vec<Review>) -> Entry {
    let outcome = one.decision.as_ref().filter(|_| one.released_at.is_some());
    let outcome = outcome.map(|decision| decision.outcome);
    let told = program.form.iter().filter(|field| is_told(field));
    let mut answers: BTreeMap<String, String> =
        told.map(|field| (field.id.clone(), group(field, &one.answers))).collect();
    answers.insert(BEFORE.to_owned(), before(one).to_owned());
    Entry {
        application: one.id,
        asked: one.requested,
        outcome: outcome.map(Outcome::name),
        awarded: outcome.and_then(Outcome::amount),
        answers,
        reviews: reviews
            .into_iter()
            .map(|review| Reviewed {
                reviewer: review.reviewer,
                scores: review.scores,
                recommendation: review.recommendation.name(),
            })
            .collect(),
    }
}

impl RoundExport {
    /// The rows as CSV (RFC 4180) with a line of headings. Reviews are columns, as many as the
    /// application with most has; what is not there or not told is empty.
    pub fn csv(&self) -> String {
        let most = self.rows.iter().map(|row| row.reviews.len()).max().unwrap_or(0);
        let mut head: Vec<String> =
            ["application", "outcome", "asked_usd", "awarded_usd"].map(str::to_owned).into();
        head.extend(self.questions.iter().map(|question| format!("answer_{question}")));
        head.push("reviews".to_owned());
        for number in 1..=most {
            head.push(format!("review_{number}_reviewer"));
            let scores = self.criteria.iter();
            head.extend(scores.map(|criterion| format!("review_{number}_{criterion}")));
            head.push(format!("review_{number}_recommendation"));
        }
        let mut text = line(&head);
        for row in &self.rows {
            text.push_str(&line(&self.cells(row, head.len())));
        }
        text
    }

    fn cells(&self, row: &Row, columns: usize) -> Vec<String> {
        let amount = |amount: Option<bursar_kernel::Usd>| {
            amount.map(|amount| amount.to_string()).unwrap_or_default()
        };
        let outcome = row.outcome.unwrap_or_default().to_owned();
        let mut cells =
            vec![row.application.to_string(), outcome, amount(row.asked), amount(row.awarded)];
        let told = |question| row.answers.get(question).cloned().flatten().unwrap_or_default();
        cells.extend(self.questions.iter().map(told));
        cells.push(row.reviews.len().to_string());
        for review in &row.reviews {
            cells.push(review.reviewer.to_string());
            let score = |criterion| review.scores.get(criterion).map(u32::to_string);
            cells.extend(self.criteria.iter().map(|one| score(one).unwrap_or_default()));
            cells.push(review.recommendation.to_owned());
        }
        cells.resize(columns, String::new());
        cells
    }
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
    format!("{}\r\n", cells.join(","))
}
