//! What a file says of its reviewers that cannot be meant.

use bursar_kernel::{Program, Timestamp};

use super::{Contradiction, LOOKS_AHEAD_MONTHS};
use crate::calendar;

pub(super) fn contradictions(program: &Program, now: Timestamp) -> Vec<Contradiction> {
    let Some(days) = program.panel.as_ref().and_then(|panel| panel.due_days) else {
        return Vec::new();
    };
    let ahead = calendar::months_ahead(program, now, LOOKS_AHEAD_MONTHS);
    let late = ahead.into_iter().find(|plan| {
        let due = calendar::days_into_review(program, &plan.round, days);
        plan.round.review_ends < due
    });
    let found = late.map(|plan| Contradiction {
        about: "panel.due_days",
        message: format!(
            "reviews of the round {} would be due after {days} days, when its review is over",
            plan.round.id
        ),
        hint: "let them be due sooner, or leave `due_days` out: then it is the review's end"
            .to_owned(),
    });
    found.into_iter().collect()
}

pub(super) fn remarks(program: &Program) -> Vec<Contradiction> {
    let Some(panel) = &program.panel else { return Vec::new() };
    let mut found = Vec::new();
    if program.rubric.is_empty() {
        found.push(Contradiction {
            about: "panel",
            message: "reviewers are assigned, and have no criterion to score".to_owned(),
            hint: "add a [[rubric]] for each thing that they look at".to_owned(),
        });
    }
    if panel.topics.is_none() {
        found.push(Contradiction {
            about: "panel",
            message: "reviewers are assigned without regard to what they know".to_owned(),
            hint: "name the choice that tells what an application is about as `topics`".to_owned(),
        });
    }
    found
}
