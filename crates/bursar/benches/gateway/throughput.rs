//! Short calls as fast as they go, and what each costs in processor time.

use std::time::Duration;

use crate::figures::Figure;
use crate::load::{Target, closed_loop};
use crate::process::processor_time;
use crate::servers::{Bursar, Nginx};

/// Connections that ask again as soon as they are answered: so many that waiting for a durable
/// commit does not bound the loop.
const CONNECTIONS: usize = 256;
/// How long each turn lasts, and how many turns each server has.
const TURN: Duration = Duration::from_secs(5);
const TURNS: usize = 3;

/// Answers a second, and nanoseconds of processor time for each.
#[derive(Clone, Copy, Debug)]
struct Turn {
    a_second: u64,
    nanos_each: u64,
}

/// Prints the figures, and says how many calls a second the product served.
pub(crate) async fn measure(nginx: &Nginx, bursar: &Bursar) -> u64 {
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    // Connections are made and caches filled before anything counts.
    for (target, process) in [(&nginx.target, nginx.process()), (&bursar.target, bursar.process())]
    {
        turn(target, process, TURN / 5).await;
    }
    for _ in 0..TURNS {
        theirs.push(turn(&nginx.target, nginx.process(), TURN).await);
        ours.push(turn(&bursar.target, bursar.process(), TURN).await);
    }
    let middle = |turns: &[Turn], of: fn(&Turn) -> u64| {
        let mut values: Vec<u64> = turns.iter().map(of).collect();
        values.sort_unstable();
        values[values.len() / 2]
    };
    let a_second = middle(&ours, |turn| turn.a_second);
    Figure {
        name: "short chat calls, 256 connections",
        value: a_second,
        unit: "1/s",
        baseline: "nginx as a bare proxy",
        baseline_value: middle(&theirs, |turn| turn.a_second),
        goal: 650,
    }
    .more_is_better();
    Figure {
        name: "processor time of a call",
        value: middle(&ours, |turn| turn.nanos_each) / 1_000,
        unit: "us",
        baseline: "nginx as a bare proxy",
        baseline_value: middle(&theirs, |turn| turn.nanos_each) / 1_000,
        goal: 400,
    }
    .less_is_better();
    a_second
}

async fn turn(target: &Target, process: u32, lasts: Duration) -> Turn {
    let before = processor_time(process);
    let answers = closed_loop(target, CONNECTIONS, lasts).await;
    let took = processor_time(process) - before;
    let millis = u64::try_from(lasts.as_millis()).expect("some seconds");
    Turn { a_second: answers * 1_000 / millis, nanos_each: took / answers.max(1) }
}
