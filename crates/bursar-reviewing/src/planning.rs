//! The plan of a round: worked out at the least cost, and written down for an officer to change.

use std::collections::BTreeSet;

use bursar_award::State;
use bursar_award::assignment::{Assignment, AssignmentState};
use bursar_kernel::{ApplicationId, AssignmentId, PersonId, ProgramId, RoundId};
use bursar_policy::Viewer;
use bursar_review::assign::{self, Costs, Kept, Mode, Problem, Reviewer, Wanted};
use bursar_review::conflict::Findings;
use bursar_service::{Service, ServiceError, audit_line, batch_of, entropy};
use bursar_store::{Expect, Row, Write};

use crate::facts;
use crate::round::{Known, Reviewed, is_known};

/// What a plan came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Lines that are new.
    pub added: usize,
    /// Proposed lines that are gone.
    pub dropped: usize,
    /// Applications that lack reviewers, each with why, in words.
    pub short: Vec<(ApplicationId, String)>,
    /// Groups of applications that no common reviewer connects: scores of different groups cannot
    /// be compared, so one is best.
    pub groups: usize,
}

/// Plans who reviews what in a round. Whoever was asked stays; what was only proposed is worked out
/// anew. The same seed and the same facts make the same plan.
pub async fn plan(
    service: &Service,
    viewer: &Viewer,
    program: &ProgramId,
    round: &RoundId,
    seed: u64,
) -> Result<Planned, ServiceError> {
    let reviewed = Reviewed::load(service, viewer, program, round).await?;
    let found = facts::findings(service, &reviewed).await?;
    let problem = problem(&reviewed, &found, None, 0, seed);
    if problem.applications.is_empty() {
        let text = "plan a round without an application in review\n\
                    hint: its review begins when the round stops collecting";
        return Err(ServiceError::Refused(text.to_owned()));
    }
    let planned = assign::plan(&problem).map_err(|why| ServiceError::Refused(why.to_string()))?;
    let mut batch = batch_of(viewer, service.now())?;
    let wanted: BTreeSet<(ApplicationId, PersonId)> =
        planned.lines.iter().map(|line| (line.application, line.reviewer)).collect();
    let (mut added, mut dropped) = (0, 0);
    let mut there = BTreeSet::new();
    for one in reviewed.open() {
        let pair = (one.application, one.reviewer);
        if is_known(one) || wanted.contains(&pair) {
            there.insert(pair);
            continue;
        }
        let gone = one.released(String::new()).map_err(refused)?;
        batch = batch.with(changed(one, gone));
        dropped += 1;
    }
    for line in &planned.lines {
        if there.contains(&(line.application, line.reviewer)) {
            continue;
        }
        let one = Assignment {
            id: AssignmentId::new(batch.now, entropy::draw()),
            because: line.reason.clone(),
            ..proposed(&reviewed, line.application, line.reviewer, batch.now)
        };
        batch = batch.with(Write::Row(Row::Assignment(Box::new(one)), Expect::New));
        added += 1;
    }
    let subject = format!("{program} {round}");
    let detail = format!("{added} added, {dropped} dropped, seed {seed}");
    let line = audit_line(&batch, "panel.planned", subject, detail);
    service.commit(batch.with(line)).await?;
    let short = planned.shortfalls.iter().map(|one| (one.application, one.in_words())).collect();
    Ok(Planned { added, dropped, short, groups: planned.groups.len() })
}

/// What the rules are asked: the whole round, or one application of it.
pub(crate) fn problem(
    reviewed: &Reviewed,
    found: &Findings,
    only: Option<ApplicationId>,
    alternates: usize,
    seed: u64,
) -> Problem {
    let here = |id: ApplicationId| only.is_none_or(|only| only == id);
    let reviewers = reviewed.reviewers.iter().filter(|known| !is_away(reviewed, known));
    let reviewers = reviewers.map(|known| {
        let id = known.person.id;
        let elsewhere = reviewed.open().filter(|one| one.reviewer == id && !here(one.application));
        let elsewhere = u32::try_from(elsewhere.count()).unwrap_or(u32::MAX);
        let hidden = reviewed.hidden.get(&id).copied().unwrap_or_default();
        Reviewer {
            person: id,
            topics: facts::known_topics(reviewed, known),
            max: max_of(reviewed, known).saturating_sub(hidden).saturating_sub(elsewhere),
        }
    });
    let in_review = reviewed.applications.iter().filter(|one| one.state == State::InReview);
    let applications = in_review.filter(|one| here(one.id)).map(|one| Wanted {
        application: one.id,
        topics: facts::topics(reviewed, one),
        reviews: reviewed.panel.reviews,
    });
    // Whoever declined, stepped back or was released is not asked again for the same application.
    let past = reviewed.assignments.iter().filter(|one| match one.state {
        AssignmentState::Declined { .. } | AssignmentState::Recused { .. } => true,
        AssignmentState::Released { .. } => one.invited_at.is_some(),
        AssignmentState::Proposed | AssignmentState::Invited | AssignmentState::Accepted => false,
    });
    let past = past.map(|one| (one.application, one.reviewer));
    let conflicts = found.conflicts.iter().map(|one| (one.application, one.reviewer));
    // Of one application's page, its own proposed lines are there already.
    let kept = reviewed.open().filter(|one| here(one.application));
    let kept = kept.filter(|one| only.is_some() || is_known(one));
    Problem {
        reviewers: reviewers.collect(),
        applications: applications.collect(),
        conflicts: conflicts.chain(past).collect(),
        kept: kept
            .map(|one| Kept {
                application: one.application,
                reviewer: one.reviewer,
                has_begun: is_known(one),
            })
            .collect(),
        mode: Mode::Ensure,
        costs: Costs::default(),
        alternates,
        seed,
    }
}

/// Applications of the round that a reviewer takes at the most.
pub(crate) fn max_of(reviewed: &Reviewed, known: &Known) -> u32 {
    let most = reviewed.panel.load_max;
    known.profile.load_max.map_or(most, |own| own.min(most))
}

/// Whether a reviewer is away until the reviews are due.
pub(crate) fn is_away(reviewed: &Reviewed, known: &Known) -> bool {
    let due = reviewed.due().to_zoned(reviewed.program.review.zone.clone()).date();
    known.profile.away_until.is_some_and(|day| due <= day)
}

/// A line that nobody knows of yet.
pub(crate) fn proposed(
    reviewed: &Reviewed,
    application: ApplicationId,
    reviewer: PersonId,
    now: bursar_kernel::Timestamp,
) -> Assignment {
    Assignment {
        id: AssignmentId::new(now, entropy::draw()),
        application,
        reviewer,
        program: reviewed.program.id.clone(),
        round: reviewed.round.id.clone(),
        state: AssignmentState::Proposed,
        because: String::new(),
        due_at: reviewed.due(),
        asked: None,
        made_at: now,
        invited_at: None,
        answered_at: None,
        reminded: None,
        version: 1,
    }
}

/// An assignment in place of what it was.
pub(crate) fn changed(before: &Assignment, after: Assignment) -> Write {
    Write::Row(Row::Assignment(Box::new(after)), Expect::Version(before.version))
}

pub(crate) fn refused(why: bursar_award::assignment::AssignmentRefusal) -> ServiceError {
    ServiceError::Refused(why.to_string())
}
