//! `cargo xtask guards`: takes out what keeps money, streams, prices, keys and limits safe, one
//! guard at a time, and sees that a test fails without it.
//!
//! The simulation has guards of its own, behind switches. All others are listed in
//! `xtask/guards.toml`: a place in the code, what stands there without the guard, and the test of
//! `docs/FAILURES.md` that has to fail then. The tree itself is never touched: see [`scratch`].

mod list;
mod scratch;
mod trial;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::{simulate, workspace};
use list::Guard;
use scratch::Scratch;
use trial::{Outcome, Target};

/// What `--only` calls the guards of the simulation.
const SIMULATION: &str = "simulation";

/// Takes out every guard, or those that are asked for; whether each was missed.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<bool> {
    let guards = list::read(root)?;
    match arguments {
        ["--list"] => {
            println!("{}", listing(&guards));
            for (section, failure) in list::uncovered(root, &guards)? {
                println!("no guard is listed for: {section}: {failure}");
            }
            Ok(true)
        }
        ["--only", name] if *name == SIMULATION => simulate::run(root, &["guards"]),
        ["--only", names @ ..] if !names.is_empty() => take_out(root, &chosen(guards, names)?),
        [] => Ok(simulate::run(root, &["guards"])? & take_out(root, &guards)?),
        _ => bail!("give `--list`, `--only` with names, or nothing for all"),
    }
}

/// The guards of these names, and those whose file or test begins so.
fn chosen(mut guards: Vec<Guard>, names: &[&str]) -> Result<Vec<Guard>> {
    let is_meant = |guard: &Guard, name: &str| {
        guard.name == name || guard.file.starts_with(name) || guard.test.starts_with(name)
    };
    if let Some(unknown) = names.iter().find(|name| !guards.iter().any(|it| is_meant(it, name))) {
        bail!(
            "no guard `{unknown}`, and none whose file or test begins so\n\
             hint: `cargo xtask guards --list` names them; the others are `{SIMULATION}`"
        );
    }
    guards.retain(|guard| names.iter().any(|name| is_meant(guard, name)));
    Ok(guards)
}

/// Takes each guard out of a copy of the tree; whether the test of each failed for it.
fn take_out(root: &Path, guards: &[Guard]) -> Result<bool> {
    let faults = list::faults(root, guards)?;
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    let workspace = workspace::load(root)?;
    let scratch = Scratch::make(root, &workspace)?;
    let in_turn = in_turn(root, guards)?;
    let targets = with_all_in_place(&scratch, &in_turn)?;
    let mut wrong = Vec::new();
    for (target, guard) in &in_turn {
        let begun = Instant::now();
        let changed = guard.taken_out(&scratch.original(&guard.file)?)?;
        scratch.write(&guard.file, &changed)?;
        let outcome = trial::without(&scratch, guard, target);
        // A later guard's trial, or the next run, must not meet this one's absence.
        scratch.restore(&guard.file)?;
        let said = match outcome {
            Ok(Outcome::Missed) => "missed",
            Ok(Outcome::Unnoticed) => {
                wrong.push(format!("`{}` passes without `{}`", guard.test, guard.name));
                "NOT NOTICED"
            }
            Err(error) => {
                wrong.push(format!("{error:#}"));
                "NOT TRIED"
            }
        };
        println!("{said:<11} {:<52} {:>6.1} s", guard.name, begun.elapsed().as_secs_f32());
    }
    println!("\n{} guards, {targets} test binaries", in_turn.len());
    if !wrong.is_empty() {
        println!("{}", wrong.join("\n"));
        println!("hint: give each guard a test, and name it in docs/FAILURES.md and in the list");
    }
    Ok(wrong.is_empty())
}

/// The guards with the binaries of their tests, so that as little as can be is built again:
/// those of one file beside each other.
fn in_turn<'a>(root: &Path, guards: &'a [Guard]) -> Result<Vec<(Target, &'a Guard)>> {
    let mut all = Vec::new();
    for guard in guards {
        all.push((Target::of(root, &guard.test)?, guard));
    }
    all.sort_by(|(target, guard), (other_target, other)| {
        (target, &guard.file).cmp(&(other_target, &other.file))
    });
    Ok(all)
}

/// Runs every test with every guard in place: one that fails anyhow shows nothing. How many
/// binaries there are.
fn with_all_in_place(scratch: &Scratch, guards: &[(Target, &Guard)]) -> Result<usize> {
    let mut tests: BTreeMap<&Target, Vec<&str>> = BTreeMap::new();
    for (target, guard) in guards {
        tests.entry(target).or_default().push(target.filter(&guard.test));
    }
    for (target, filters) in &mut tests {
        filters.sort_unstable();
        filters.dedup();
        println!("{target}: {} tests with every guard in place", filters.len());
        trial::in_place(scratch, target, filters)
            .with_context(|| format!("see the tests of {target} pass as the tree is"))?;
    }
    Ok(tests.len())
}

fn listing(guards: &[Guard]) -> String {
    let lines = guards.iter().map(|guard| format!("{:<52} {}", guard.name, guard.file));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
