//! A round decided as its line says, and a second officer's word on it.

use std::collections::BTreeMap;

use bursar_award::Outcome;
use bursar_kernel::{ProgramId, RoundId};
use bursar_program::answers::title;
use bursar_program::calendar;
use bursar_review_pages::proposal::{ApprovalPage, ProposalPage, ProposedRow, ToApproveRow};
use bursar_reviewing::{ByLine, Proposal, Proposed, Reasons, WhatIf};
use bursar_service::ServiceError;
use bursar_ui::{Input, Status, Tone, routes};
use bursar_web::{Answer, Asked, At, Done, OrPage as _, Posted, Visit, name_of};
use serde::Deserialize;

use crate::ranking::{read_what_if, sentence};

/// How many go on the waiting list where nobody says.
const WAITING: u32 = 3;

#[derive(Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    pool: String,
    #[serde(default)]
    seed: String,
    #[serde(default)]
    band: String,
    waiting: Option<String>,
}

impl Wanted {
    /// How the round is to be decided, and what cannot be taken as it was typed.
    fn read(&self) -> (ByLine, BTreeMap<String, String>) {
        let mut errors = BTreeMap::new();
        let what_if = read_what_if(&self.pool, &self.seed, &mut errors);
        let waiting = match self.waiting.as_deref().map(str::trim) {
            None => WAITING,
            Some("") => 0,
            Some(text) => text.parse().unwrap_or_else(|_| {
                let message = "Enter a whole number, like 3".to_owned();
                errors.insert("waiting".to_owned(), message);
                0
            }),
        };
        (ByLine { what_if, with_band: self.band == "yes", waiting }, errors)
    }

    fn values(&self) -> BTreeMap<String, String> {
        let waiting = self.waiting.clone().unwrap_or_else(|| WAITING.to_string());
        let values = [
            ("pool", self.pool.clone()),
            ("seed", self.seed.clone()),
            ("band", self.band.clone()),
            ("waiting", waiting),
        ];
        values.map(|(name, value)| (name.to_owned(), value)).into()
    }
}

pub(crate) async fn show(
    visit: Visit,
    At(at): At<(ProgramId, RoundId)>,
    Asked(wanted): Asked<Wanted>,
) -> Answer {
    let (how, errors) = wanted.read();
    let input = Input { values: wanted.values(), errors };
    show_page(&visit, &at, how, input, false).await
}

pub(crate) async fn record(At(at): At<(ProgramId, RoundId)>, mut form: Posted) -> Answer {
    let own = |name: &str| form.field(name).to_owned();
    let wanted = Wanted {
        pool: own("pool"),
        seed: own("seed"),
        band: own("band"),
        waiting: Some(own("waiting")),
    };
    let reasons = Reasons {
        award: own("reasons-award"),
        waitlist: own("reasons-waitlist"),
        decline: own("reasons-decline"),
    };
    let (how, _) = wanted.read();
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let said = (&reasons, form.field("stamp"));
    let done =
        bursar_reviewing::decide_by_line(service, viewer, None, (&at.0, &at.1), &how, said).await;
    match done {
        Ok(_) => form.visit.done(&routes::round(&at.0, &at.1), Done::RoundDecided),
        Err(ServiceError::Conflict(_)) => {
            form.visit.wrong();
            let input = form.input(BTreeMap::new());
            show_page(&form.visit, &at, how, input, true).await
        }
        Err(error) => {
            let errors = form.visit.again(error)?;
            let input = form.input(errors);
            show_page(&form.visit, &at, how, input, false).await
        }
    }
}

async fn show_page(
    visit: &Visit,
    at: &(ProgramId, RoundId),
    how: ByLine,
    mut input: Input,
    has_changed: bool,
) -> Answer {
    let (service, viewer) = (visit.service(), &visit.viewer);
    let found = bursar_reviewing::proposal(service, viewer, &at.0, &at.1, &how).await;
    let found = match found {
        // A seed that is none: the round without a draw, and what is wrong.
        Err(ServiceError::Invalid(wrong)) => {
            let wrong = wrong.into_iter().map(|error| (error.field, sentence(&error.message)));
            input.errors.extend(wrong);
            let what_if = WhatIf { seed: None, ..how.what_if };
            let without = ByLine { what_if, ..how };
            bursar_reviewing::proposal(service, viewer, &at.0, &at.1, &without).await
        }
        found => found,
    };
    visit.page(&page(&found.or_page(visit)?, input, has_changed))
}

fn page(found: &Proposal, input: Input, has_changed: bool) -> ProposalPage {
    let (written, sum, left) = found.counts();
    let ranking = &found.ranking;
    ProposalPage {
        label: calendar::name(&ranking.program, &ranking.round),
        program: ranking.program.id.clone(),
        round: ranking.round.id.clone(),
        rows: found.lines.iter().map(row).collect(),
        counts: (written.awards, sum, written.waiting, written.declines, left),
        keeps_list: ranking.program.award.waiting_days.is_some(),
        stamp: found.stamp.clone(),
        has_changed,
        input,
    }
}

fn row(line: &Proposed) -> ProposedRow {
    let outcome = line.outcome.as_ref().map_err(Clone::clone);
    ProposedRow {
        id: line.application,
        title: line.title.clone(),
        place: line.place,
        outcome: outcome.map(|outcome| (status(*outcome), outcome.at_most())),
    }
}

fn status(outcome: Outcome) -> Status {
    match outcome {
        Outcome::Award { .. } => Status::new(Tone::Good, "Awarded"),
        Outcome::Waitlist { .. } => Status::new(Tone::Info, "On the waiting list"),
        Outcome::Decline => Status::new(Tone::Neutral, "Declined"),
    }
}

pub(crate) async fn approval(visit: Visit, At(at): At<(ProgramId, RoundId)>) -> Answer {
    show_approval(&visit, &at, false).await
}

pub(crate) async fn approve(At(at): At<(ProgramId, RoundId)>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let stamp = form.field("stamp");
    match bursar_reviewing::approve_round(service, viewer, None, (&at.0, &at.1), stamp).await {
        Ok(_) => form.visit.done(&routes::round(&at.0, &at.1), Done::RoundApproved),
        Err(ServiceError::Conflict(_)) => {
            form.visit.wrong();
            show_approval(&form.visit, &at, true).await
        }
        Err(error) => {
            form.visit.again(error)?;
            show_approval(&form.visit, &at, false).await
        }
    }
}

async fn show_approval(
    visit: &Visit,
    (program, round): &(ProgramId, RoundId),
    has_changed: bool,
) -> Answer {
    let service = visit.service();
    let found = bursar_reviewing::to_approve(service, &visit.viewer, None, (program, round)).await;
    let found = found.or_page(visit)?;
    let page = service.round(&visit.viewer, program, round).await.or_page(visit)?;
    let here = service.program(program).or_page(visit)?;
    let mut rows = Vec::with_capacity(found.applications.len());
    for one in &found.applications {
        let Some(decision) = &one.decision else { continue };
        let own = service.program_of(one).or_page(visit)?;
        let by = service.person_of(decision.by).await.or_page(visit)?;
        rows.push(ToApproveRow {
            id: one.id,
            title: title(own, &one.answers),
            outcome: status(decision.outcome),
            amount: decision.outcome.at_most(),
            by: name_of(&by),
        });
    }
    visit.page(&ApprovalPage {
        label: calendar::name(here, &page.round),
        program: program.clone(),
        round: round.clone(),
        rows,
        own: found.own,
        stamp: found.stamp,
        has_changed,
    })
}
