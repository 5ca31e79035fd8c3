//! `bursar-sim seeds N [S]` lives so many lives; `bursar-sim life S` tells one;
//! `bursar-sim guards` takes out each guard and sees that it is missed.

#![expect(clippy::print_stdout, reason = "a tool of the build speaks to the terminal")]

use std::hash::{BuildHasher, Hasher, RandomState};
use std::process::ExitCode;

use bursar_sim::{Failure, Story, Taken, run, shortest, simulate};

/// Lives in which a guard that is taken out must be missed.
const LIVES_TO_MISS_A_GUARD: u64 = 20_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize| arguments.get(place).and_then(|text| text.parse::<u64>().ok());
    let is_well = match (arguments.first().map(String::as_str), number(1)) {
        (Some("seeds"), Some(seeds)) => live(seeds, number(2).unwrap_or_else(fresh)),
        (Some("life"), Some(seed)) => tell(seed),
        (Some("guards"), _) => guards(number(1).unwrap_or(1)),
        _ => {
            println!("usage: bursar-sim seeds N [FIRST] | life SEED | guards [FIRST]");
            false
        }
    };
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A seed that nobody has chosen. Kept below what a person can type.
fn fresh() -> u64 {
    RandomState::new().build_hasher().finish() % 1_000_000_000_000
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn live(seeds: u64, first: u64) -> bool {
    println!("seeds {first} to {}", first.saturating_add(seeds).saturating_sub(1));
    match simulate(first, seeds, Taken::Nothing, threads()) {
        Ok(totals) => {
            println!("{totals:#?}");
            true
        }
        Err(failure) => {
            report(&failure);
            false
        }
    }
}

fn report(failure: &Failure) {
    let steps = failure.story.steps.len();
    println!("seed {} fails: {}\n  {}", failure.story.seed, failure.law, failure.text);
    let short = shortest(failure, Taken::Nothing);
    println!("of its {steps} steps these are enough:\n  {}\n{:#?}", short.text, short.story);
    for line in run(&short.story, Taken::Nothing, true).1 {
        println!("{line}");
    }
    println!("hint: `cargo xtask simulate --seeds 1 --seed {}` lives it again", failure.story.seed);
}

fn tell(seed: u64) -> bool {
    let (ended, log) = run(&Story::new(seed), Taken::Nothing, true);
    for line in log {
        println!("{line}");
    }
    println!("{ended:#?}");
    ended.is_ok()
}

fn guards(first: u64) -> bool {
    let mut is_well = true;
    for taken in Taken::each() {
        match simulate(first, LIVES_TO_MISS_A_GUARD, taken, threads()) {
            Err(failure) => {
                let lives = failure.story.seed.wrapping_sub(first).saturating_add(1);
                let short = shortest(&failure, taken);
                let steps = short.story.steps.len();
                println!("{taken:?} is missed at life {lives}, in {steps} steps: {}", short.law);
            }
            Ok(totals) => {
                is_well = false;
                println!("{taken:?} is NOT missed in {} lives", totals.seeds);
            }
        }
    }
    is_well
}
