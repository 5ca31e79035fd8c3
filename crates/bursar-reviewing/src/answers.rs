//! What reviewers answer: yes, no, not by then, not any more.

use std::collections::BTreeSet;
use std::sync::Arc;

use bursar_award::assignment::{AskedDue, Assignment, AssignmentState, WhyNot};
use bursar_award::panel::{Conflict, ConflictSource};
use bursar_award::review_draft::ReviewDraft;
use bursar_award::{Application, State};
use bursar_kernel::{ApplicationId, ConflictId, PersonId, Program, Role, Timestamp};
use bursar_policy::Viewer;
use bursar_program::calendar::{Round, parse_round};
use bursar_service::{Service, ServiceError, audit_line, batch_of, entropy};
use bursar_store::{AssignmentFilter, Batch, Expect, Row, Write};

use crate::lines::{need_reason, reason};
use crate::planning::{changed, refused};

/// What a reviewer says to an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Accept,
    /// No.
    Decline {
        /// Why.
        why: WhyNot,
        /// What they add; needed where the reason alone says too little.
        note: String,
    },
}

/// Something that a reviewer was asked to review.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The assignment.
    pub assignment: Assignment,
    /// The application, with what its reviewers may read.
    pub application: Application,
    /// The edition of its program.
    pub program: Arc<Program>,
    /// Its round.
    pub round: Option<Round>,
}

/// What lies on a reviewer's desk, beside what they have agreed to.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// What they were asked and have not answered, what is due first at the top.
    pub invitations: Vec<Asked>,
    /// Their assignments to what is in review, by application.
    pub agreed: Vec<Assignment>,
    /// Applications about which they have written what is not sent in.
    pub drafts: BTreeSet<ApplicationId>,
}

/// What waits for a reviewer's answer, and the dates of what they have agreed to.
pub async fn desk(service: &Service, viewer: &Viewer) -> Result<Desk, ServiceError> {
    let reviewer = reviewer_of(viewer)?;
    let kept = service.kept_from(viewer).await?;
    let theirs =
        AssignmentFilter { reviewer: Some(reviewer), open: true, ..AssignmentFilter::default() };
    let mut desk = Desk::default();
    for assignment in service.store().assignments(theirs).await? {
        if kept.contains(&assignment.application) {
            continue;
        }
        match assignment.state {
            AssignmentState::Accepted => desk.agreed.push(assignment),
            AssignmentState::Invited => desk.invitations.extend(asked(service, assignment).await?),
            AssignmentState::Proposed
            | AssignmentState::Declined { .. }
            | AssignmentState::Recused { .. }
            | AssignmentState::Released { .. } => {}
        }
    }
    desk.invitations.sort_by_key(|one| one.assignment.due_at);
    let drafts = service.store().review_drafts(Some(reviewer), None).await?.into_iter();
    desk.drafts = drafts.filter(ReviewDraft::is_there).map(|draft| draft.application).collect();
    Ok(desk)
}

/// An invitation, with what its reviewers may read of the application.
pub async fn invitation(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<Asked, ServiceError> {
    let assignment = own(service, viewer, id).await?;
    if assignment.state != AssignmentState::Invited {
        return Err(missing(id));
    }
    asked(service, assignment).await?.ok_or_else(|| missing(id))
}

async fn asked(service: &Service, assignment: Assignment) -> Result<Option<Asked>, ServiceError> {
    let application = service.store().application(assignment.application).await?;
    let Some(application) = application.filter(|one| one.state == State::InReview) else {
        return Ok(None);
    };
    let program = Arc::clone(service.program_of(&application)?);
    Ok(Some(Asked {
        round: parse_round(&program, &assignment.round),
        application: service.shown_to_reviewers(&application)?,
        assignment,
        program,
    }))
}

/// Says yes or no to an invitation. Whoever declares a conflict of interest is not asked about the
/// application again, and sees nothing more of it.
pub async fn answer(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    answer: Answer,
) -> Result<(), ServiceError> {
    let one = own(service, viewer, id).await?;
    let mut batch = batch_of(viewer, service.now())?;
    let (after, said) = match answer {
        Answer::Accept => (one.accepted(batch.now), "accepted"),
        Answer::Decline { why, note } => {
            let note = match why {
                WhyNot::Conflict | WhyNot::Other => need_reason("note", &note)?,
                WhyNot::Time | WhyNot::Field => reason("note", &note)?,
            };
            if why == WhyNot::Conflict {
                batch = declared(batch, &one, note.clone());
            }
            (one.declined(why, note, batch.now), why.name())
        }
    };
    let line = audit_line(&batch, "review.answered", id, said);
    let batch = batch.with(changed(&one, after.map_err(refused)?)).with(line);
    service.commit(batch).await?;
    Ok(())
}

/// Hands a review back, for a conflict of interest that was found late: what was written does not
/// count, and the reviewer sees nothing more of the application.
pub async fn step_back(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    note: &str,
) -> Result<(), ServiceError> {
    let one = own(service, viewer, id).await?;
    let note = need_reason("note", note)?;
    let batch = batch_of(viewer, service.now())?;
    let after = one.recused(note.clone()).map_err(refused)?;
    let line = audit_line(&batch, "review.recused", id, "");
    let batch = declared(batch, &one, note).with(changed(&one, after)).with(line);
    service.commit(batch).await?;
    Ok(())
}

/// Asks for another date, which an officer gives or not.
pub async fn ask_for_date(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    until: Timestamp,
    because: &str,
) -> Result<(), ServiceError> {
    let one = own(service, viewer, id).await?;
    let because = need_reason("because", because)?;
    let missing_round = || ServiceError::NotFound(format!("round `{}`", one.round));
    let program = service.program(&one.program)?;
    let round = parse_round(program, &one.round).ok_or_else(missing_round)?;
    let batch = batch_of(viewer, service.now())?;
    let asked = AskedDue { until, because };
    let after = one.asking(asked, round.review_ends, batch.now).map_err(refused)?;
    let line = audit_line(&batch, "review.asked_for_date", id, "");
    service.commit(batch.with(changed(&one, after)).with(line)).await?;
    Ok(())
}

fn declared(batch: Batch, one: &Assignment, because: String) -> Batch {
    let row = Conflict {
        id: ConflictId::new(batch.now, entropy::draw()),
        application: one.application,
        person: one.reviewer,
        source: ConflictSource::Declared,
        because,
        made_by: one.reviewer,
        made_at: batch.now,
        lifted_at: None,
        version: 1,
    };
    batch.with(Write::Row(Row::Conflict(Box::new(row)), Expect::New))
}

/// A reviewer's own open assignment to an application that is in review. Any other does not exist
/// for them, and nor does one that is only planned.
async fn own(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<Assignment, ServiceError> {
    let reviewer = reviewer_of(viewer)?;
    // All is read before anything is said: how long it takes tells nothing either.
    let conflicted = service.is_conflicted(viewer, id).await?;
    let theirs = AssignmentFilter {
        application: Some(id),
        reviewer: Some(reviewer),
        open: true,
        ..AssignmentFilter::default()
    };
    let found = service.store().assignments(theirs).await?.into_iter().next();
    let found = found.filter(|one| one.state != AssignmentState::Proposed);
    let application = service.store().application(id).await?;
    let in_review = application.is_some_and(|one| one.state == State::InReview);
    found.filter(|_| in_review && !conflicted).ok_or_else(|| missing(id))
}

pub(crate) fn reviewer_of(viewer: &Viewer) -> Result<PersonId, ServiceError> {
    match (viewer.person(), viewer.is(Role::Reviewer)) {
        (Some(person), true) => Ok(person),
        (None, _) if *viewer == Viewer::Nobody => Err(ServiceError::SignInFirst),
        (None | Some(_), _) => Err(ServiceError::NotAllowed),
    }
}

fn missing(id: ApplicationId) -> ServiceError {
    ServiceError::NotFound(format!("application `{id}` for you to review"))
}
