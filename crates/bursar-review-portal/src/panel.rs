//! A round's panel: shown, planned, invited.

use bursar_award::assignment::AssignmentState;
use bursar_kernel::{ProgramId, RoundId};
use bursar_program::calendar;
use bursar_review_pages::panel::{
    ApplicationRow, INVITED, PROPOSED, PanelPage, READING, REVIEWED, ReviewerRow,
};
use bursar_reviewing::{Line, PanelRow};
use bursar_ui::{Status, Tone, routes};
use bursar_web::{Answer, At, Done, OrPage as _, Posted, Visit, invalid};

pub(crate) async fn show(visit: Visit, At(at): At<(ProgramId, RoundId)>) -> Answer {
    show_page(&visit, &at.0, &at.1).await
}

pub(crate) async fn plan(At(at): At<(ProgramId, RoundId)>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let planned = match form.field("seed").parse::<u64>() {
        Ok(seed) => bursar_reviewing::plan(service, viewer, &at.0, &at.1, seed).await,
        Err(_) => Err(invalid("seed", "Press the button on the page")),
    };
    match planned {
        Ok(_) => form.visit.done(&routes::round_panel(&at.0, &at.1), Done::PanelPlanned),
        Err(error) => {
            form.visit.again(error)?;
            show_page(&form.visit, &at.0, &at.1).await
        }
    }
}

pub(crate) async fn invite(At(at): At<(ProgramId, RoundId)>, mut form: Posted) -> Answer {
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    match bursar_reviewing::invite(service, viewer, &at.0, &at.1).await {
        Ok(_) => form.visit.done(&routes::round_panel(&at.0, &at.1), Done::ReviewersInvited),
        Err(error) => {
            form.visit.again(error)?;
            show_page(&form.visit, &at.0, &at.1).await
        }
    }
}

async fn show_page(visit: &Visit, program: &ProgramId, round: &RoundId) -> Answer {
    let page = bursar_reviewing::panel(visit.service(), &visit.viewer, program, round).await;
    let page = page.or_page(visit)?;
    let reviewers = page.reviewers.into_iter().map(|one| ReviewerRow {
        name: one.name,
        topics: one.topics,
        load: (one.load, one.max),
        reviewed: one.reviewed,
        away: one.away,
    });
    visit.page(&PanelPage {
        label: calendar::name(&page.program, &page.round),
        program: page.program.id.clone(),
        program_name: page.program.name.clone(),
        round: page.round.id.clone(),
        review: (page.round.review_begins, page.round.review_ends),
        due: page.due,
        reviews: page.panel.reviews,
        rows: page.rows.iter().map(row).collect(),
        reviewers: reviewers.collect(),
        seed: seed(&page.round.id),
    })
}

fn row(row: &PanelRow) -> ApplicationRow {
    ApplicationRow {
        id: row.application,
        title: row.title.clone(),
        topics: row.topics.clone(),
        reviewers: row.lines.iter().map(|line| (line.reviewer.clone(), status(line))).collect(),
        missing: row.missing,
    }
}

/// Where an assignment stands.
pub(crate) fn status(line: &Line) -> Status {
    if line.conflict.is_some() {
        return Status::new(Tone::Bad, "Conflict of interest");
    }
    match line.assignment.state {
        AssignmentState::Proposed => Status::new(PROPOSED, "Planned"),
        AssignmentState::Invited => Status::new(INVITED, "Asked"),
        AssignmentState::Accepted if line.is_reviewed => Status::new(REVIEWED, "Sent in"),
        AssignmentState::Accepted => Status::new(READING, "Reading"),
        AssignmentState::Declined { .. } => Status::new(Tone::Neutral, "Declined"),
        AssignmentState::Recused { .. } => Status::new(Tone::Neutral, "Stepped back"),
        AssignmentState::Released { .. } => Status::new(Tone::Neutral, "Released"),
    }
}

/// A number that the round's name gives: a plan can be made again, whoever makes it.
fn seed(round: &RoundId) -> u64 {
    let digits = round.as_str().bytes().filter(u8::is_ascii_digit);
    digits.fold(0_u64, |sum, digit| sum.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')))
}
