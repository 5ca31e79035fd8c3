//! The shortest story in which the same law does not hold.

use crate::guards::Taken;
use crate::run::{Failure, run};
use crate::story::Story;

/// Leaves steps out while the same law fails, larger parts first.
pub fn shortest(failure: &Failure, taken: Taken) -> Failure {
    let mut best = failure.clone();
    let mut size = best.story.steps.len().div_ceil(2).max(1);
    loop {
        let mut from = 0;
        let mut is_shorter = false;
        while from < best.story.steps.len() {
            let to = from.saturating_add(size).min(best.story.steps.len());
            let mut story: Story = best.story.clone();
            story.steps.drain(from..to);
            match run(&story, taken, false).0 {
                Err(failure) if failure.law == best.law => {
                    best = *failure;
                    is_shorter = true;
                }
                Ok(_) | Err(_) => from = to,
            }
        }
        if size == 1 && !is_shorter {
            return best;
        }
        size = size.div_ceil(2).max(1);
    }
}
