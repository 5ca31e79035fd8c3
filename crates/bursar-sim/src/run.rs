//! Lives by the thousand.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::auditor::Violation;
use crate::guards::Taken;
use crate::story::Story;
use crate::world::World;

/// What lives came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Lives.
    pub seeds: u64,
    /// Things that happened.
    pub events: u64,
    /// Durable commits.
    pub commits: u64,
    /// Calls that were forwarded.
    pub calls: u64,
    /// Calls whose limit was lowered.
    pub lowered: u64,
    /// Calls that waited.
    pub waited: u64,
    /// Calls that were refused.
    pub refused: u64,
    /// Nodes and stores that died.
    pub crashes: u64,
    /// Parts of calls that an operator settled.
    pub settled: u64,
    /// Charges that came after that.
    pub overtaken: u64,
}

impl Totals {
    fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.seeds, other.seeds),
            (&mut self.events, other.events),
            (&mut self.commits, other.commits),
            (&mut self.calls, other.calls),
            (&mut self.lowered, other.lowered),
            (&mut self.waited, other.waited),
            (&mut self.refused, other.refused),
            (&mut self.crashes, other.crashes),
            (&mut self.settled, other.settled),
            (&mut self.overtaken, other.overtaken),
        ];
        for (sum, more) in pairs {
            *sum = sum.saturating_add(more);
        }
    }
}

/// A life in which a law did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The life.
    pub story: Story,
    /// Which law.
    pub law: &'static str,
    /// How.
    pub text: String,
}

/// Lives one life. With what happened, if that is asked for.
pub fn run(
    story: &Story,
    taken: Taken,
    is_logged: bool,
) -> (Result<Totals, Box<Failure>>, Vec<String>) {
    let mut world = World::new(story, taken, is_logged);
    let ended = world.live();
    let totals = Totals { seeds: 1, ..world.totals };
    let log = world.take_log();
    let failed = |violation: Violation| -> Box<Failure> {
        let (law, text) = (violation.law, violation.text);
        Box::new(Failure { story: story.clone(), law, text })
    };
    (ended.map(|()| totals).map_err(failed), log)
}

/// Lives so many lives from a seed on, on as many threads, up to the first that fails.
pub fn simulate(
    first: u64,
    seeds: u64,
    taken: Taken,
    threads: usize,
) -> Result<Totals, Box<Failure>> {
    let next = AtomicU64::new(0);
    let live = || -> Result<Totals, Box<Failure>> {
        let mut totals = Totals::default();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            if seeds <= place {
                return Ok(totals);
            }
            let story = Story::new(first.wrapping_add(place));
            match run(&story, taken, false).0 {
                Ok(life) => totals.add(&life),
                Err(failure) => {
                    next.store(seeds, Ordering::Relaxed);
                    return Err(failure);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(live)).collect();
        let mut totals = Totals::default();
        let mut failure: Option<Box<Failure>> = None;
        for thread in threads {
            match thread.join().expect("a life does not panic, or the panic says why") {
                Ok(lives) => totals.add(&lives),
                Err(failed) => {
                    let is_first =
                        failure.as_ref().is_none_or(|other| failed.story.seed < other.story.seed);
                    if is_first {
                        failure = Some(failed);
                    }
                }
            }
        }
        failure.map_or(Ok(totals), Err)
    })
}
