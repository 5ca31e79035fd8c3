//! The believable world of the demonstration: two past rounds, some forty applications, grants
//! with months of calls.
//! Never writes to the store by itself: everything happens through the use cases that people use,
//! at the instants at which they would have used them.

mod applications;
mod calls;
mod chance;
mod habits;
mod keys;
mod market;
mod people;
mod record;
mod rounds;
mod staff;
mod stage;
mod story;

use std::sync::Arc;

use anyhow::Context;
use bursar_kernel::{GrantId, PersonId, Timestamp};
use bursar_service::clock::TurnableClock;
use bursar_service::{Secret, Service};
use bursar_stripe_double::Double;

use rounds::Rounds;
use stage::Stage;

/// The program that the world lives on.
const PROGRAM: &str = "openai-researcher-access";

/// Who is who in the world, and what somebody who looks at it begins with.
pub struct World {
    /// Holds the main grant.
    pub researcher: PersonId,
    /// Reviews in every round.
    pub reviewer: PersonId,
    /// Runs the program.
    pub officer: PersonId,
    /// Runs the installation, and may turn the clock.
    pub operator: PersonId,
    /// The researcher's grant: delivered months ago, with a good part of its credit left.
    pub grant: GrantId,
    /// A fresh key of that grant.
    pub api_key: Secret,
}

/// Builds the world through the same use cases that people use, at the instants they would have
/// used them. The store must be empty, the service's clock must be `clock`, and cards are given at
/// `double`; when the world stands, the clock shows `now` and runs on.
pub async fn build(
    service: &Arc<Service>,
    clock: &TurnableClock,
    double: &Double,
    now: Timestamp,
) -> anyhow::Result<World> {
    let mut programs = service.programs().iter();
    let program = programs
        .find(|program| program.id.as_str() == PROGRAM)
        .with_context(|| format!("the demonstration needs the program `{PROGRAM}`"))?;
    let rounds = Rounds::around(program, now);
    let steps = story::tell(program, &service.catalog(), &rounds, now);
    let mut stage = Stage::set((service, clock, double), program, &rounds, now).await?;
    for (at, step) in steps {
        clock.turn_to(at);
        let name = step.name();
        stage.play(step).await.with_context(|| format!("failed to {name} at {at}"))?;
    }
    clock.turn_to(now);
    service.run_due().await?;
    stage.finish().await
}

#[cfg(test)]
mod tests;
