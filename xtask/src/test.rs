//! `cargo xtask test`: everything there is to test, in an order that fails early and cheaply.

mod node;
mod python;
mod steps;
mod tools;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::workspace;
use steps::{Context, FACTS, Outcome, STEPS, Step};

/// What a step came to, with the time it took.
struct Line {
    name: &'static str,
    outcome: &'static str,
    took: Option<Duration>,
}

/// What the walk through the story needs to have run.
const BEFORE_THE_STORY: [&str; 3] = ["tools", "release", "python"];

/// Runs one step or all of them up to the first failure. Says whether all went well.
pub(crate) fn run(root: &Path, only: Option<&str>) -> Result<bool> {
    let chosen: Vec<&Step> =
        STEPS.iter().filter(|step| only.is_none_or(|only| only == step.name)).collect();
    if chosen.is_empty() {
        bail!("there is no such step; there are:\n{}", list());
    }
    run_chosen(root, &chosen)
}

/// Builds the binary and walks every fact of the story. Says whether all were seen.
pub(crate) fn story(root: &Path) -> Result<bool> {
    let before = STEPS.iter().filter(|step| BEFORE_THE_STORY.contains(&step.name));
    let chosen: Vec<&Step> = before.chain([&FACTS]).collect();
    run_chosen(root, &chosen)
}

fn run_chosen(root: &Path, chosen: &[&Step]) -> Result<bool> {
    let target = workspace::load(root)?.target_directory;
    let context = Context { root: root.to_owned(), target };
    let (lines, failure) = run_steps(chosen, |step| (step.run)(&context));
    println!("\n{}", table(&lines));
    if let Some((name, error)) = &failure {
        println!("failed at `{name}`: {error:#}");
        println!("hint: `cargo xtask test --only {name}` runs that step alone");
    }
    Ok(failure.is_none())
}

/// The steps with what each is for.
pub(crate) fn list() -> String {
    let lines = STEPS.iter().map(|step| format!("  {:<9} {}", step.name, step.about));
    lines.collect::<Vec<_>>().join("\n")
}

type Failure = (&'static str, anyhow::Error);

/// Runs steps until one fails; those behind it are not run.
fn run_steps(
    steps: &[&Step],
    run: impl Fn(&Step) -> Result<Outcome>,
) -> (Vec<Line>, Option<Failure>) {
    let mut lines = Vec::new();
    let mut failure = None;
    for step in steps {
        let name = step.name;
        if failure.is_some() {
            lines.push(Line { name, outcome: "not run", took: None });
            continue;
        }
        println!("\n== {name}: {}", step.about);
        let begun = Instant::now();
        let outcome = match run(step) {
            Ok(Outcome::Passed) => "passed",
            Ok(Outcome::Nothing) => "nothing there",
            Err(error) => {
                failure = Some((name, error));
                "FAILED"
            }
        };
        lines.push(Line { name, outcome, took: Some(begun.elapsed()) });
    }
    (lines, failure)
}

fn table(lines: &[Line]) -> String {
    let mut rows = vec![format!("{:<9} {:<14} {:>8}", "step", "outcome", "time")];
    for line in lines {
        let took = line.took.map_or(String::new(), |took| format!("{:.1} s", took.as_secs_f32()));
        rows.push(format!("{:<9} {:<14} {took:>8}", line.name, line.outcome));
    }
    rows.join("\n")
}

#[cfg(test)]
mod tests;
