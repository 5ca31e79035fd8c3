//! The invitations of a round: all that is planned goes out at once, a letter to each reviewer.

use std::collections::BTreeMap;

use bursar_award::assignment::{Assignment, AssignmentState};
use bursar_kernel::{PersonId, ProgramId, RoundId};
use bursar_letters::panel as letters;
use bursar_policy::Viewer;
use bursar_post::Post as _;
use bursar_program::calendar;
use bursar_service::{Service, ServiceError, audit_line, batch_of};

use crate::facts;
use crate::lines::day;
use crate::planning::{changed, refused};
use crate::round::{Reviewed, name};

/// What was sent out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invited {
    /// Reviewers who were asked.
    pub reviewers: usize,
    /// Reviews that they were asked for.
    pub reviews: usize,
}

/// Asks all reviewers whom the plan proposes. Nobody is asked about something that they have a
/// conflict of interest with: facts may have changed since the plan.
pub async fn invite(
    service: &Service,
    viewer: &Viewer,
    program: &ProgramId,
    round: &RoundId,
) -> Result<Invited, ServiceError> {
    let reviewed = Reviewed::load(service, viewer, program, round).await?;
    let proposed: Vec<&Assignment> =
        reviewed.open().filter(|one| one.state == AssignmentState::Proposed).collect();
    if proposed.is_empty() {
        let text = "invite reviewers where nobody is proposed\nhint: plan the round first";
        return Err(ServiceError::Refused(text.to_owned()));
    }
    let found = facts::findings(service, &reviewed).await?;
    for conflict in &found.conflicts {
        let pair = (conflict.application, conflict.reviewer);
        if proposed.iter().any(|one| (one.application, one.reviewer) == pair) {
            let who = reviewed.person(conflict.reviewer).map(|known| name(&known.person));
            let text = format!(
                "invite {} to review what they have a conflict of interest with: {}\n\
                 hint: plan again, which leaves the conflict out",
                who.unwrap_or_default(),
                conflict.reason
            );
            return Err(ServiceError::Refused(text));
        }
    }
    let mut batch = batch_of(viewer, service.now())?;
    // Who is late in asking gives reviewers all the time that is left.
    let due = reviewed.due();
    let due = if due <= batch.now { reviewed.round.review_ends } else { due };
    let mut letters_to = BTreeMap::<PersonId, usize>::new();
    for one in &proposed {
        let asked = one.invited(due, batch.now).map_err(refused)?;
        batch = batch.with(changed(one, asked));
        let count = letters_to.entry(one.reviewer).or_default();
        *count = count.saturating_add(1);
    }
    let url = format!("{}/reviews", service.base_url());
    let label = calendar::name(&reviewed.program, &reviewed.round);
    let reviewers = letters_to.len();
    for (person, count) in letters_to {
        let Some(known) = reviewed.person(person) else { continue };
        let name = &reviewed.program.name;
        let letter = letters::review_asked(name, &label, count, &day(&reviewed, due), &url);
        let now = batch.now;
        batch = batch.with(letter.to(&known.person.email, now));
    }
    let reviews = proposed.len();
    let detail = format!("{reviews} reviews of {reviewers} reviewers");
    let line = audit_line(&batch, "panel.invited", format!("{program} {round}"), detail);
    service.commit(batch.with(line)).await?;
    Ok(Invited { reviewers, reviews })
}
