//! What happens in a seed's life: what people ask for, and what breaks.

use bursar_kernel::{Cap, Caps};

use crate::chance::Chance;
use crate::store::{key_id, study_id};

/// Nano-dollars of a cent.
const CENT: u64 = 10_000_000;

/// A life, from a seed. Steps can be left out; what is left is still a life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// Where it comes from; the network draws on it too.
    pub seed: u64,
    /// Gateway nodes.
    pub nodes: usize,
    /// Messages of a thousand that are lost.
    pub lost: u64,
    /// Messages of a thousand that come twice.
    pub twice: u64,
    /// The longest that a message takes.
    pub delay_ms_max: u64,
    /// How much faster than the true time each node's clock runs, in thousandths.
    pub drift: Vec<i64>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When, in milliseconds of true time.
    pub at: u64,
    /// What.
    pub what: What,
}

/// What can happen. Amounts are nano-dollars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Somebody calls a model.
    Call {
        /// At which node.
        node: usize,
        /// With which key.
        key: usize,
        /// The most that it may cost.
        amount: u64,
        /// What it costs, in thousandths of what is held for it.
        cost: u64,
        /// How long the answer takes.
        millis: u64,
        /// Whether the client set its limit.
        is_limited: bool,
    },
    /// A lot is issued to a person.
    TopUp {
        /// To whom.
        person: usize,
        /// How much.
        amount: u64,
        /// How long it lives.
        millis: u64,
    },
    /// A key or a study may spend more.
    Allow {
        /// Whose cap.
        cap: Cap,
        /// How much more.
        amount: u64,
    },
    /// A key is revoked.
    Revoke {
        /// Which.
        key: usize,
    },
    /// A part of a lot goes back to the pool.
    HandBack {
        /// Which of the lots so far.
        lot: usize,
        /// How much.
        amount: u64,
    },
    /// A part of a lot is sold to the other person.
    Sell {
        /// Which of the lots so far.
        lot: usize,
        /// How much.
        amount: u64,
    },
    /// A node dies and starts again.
    Crash {
        /// Which.
        node: usize,
        /// How long it is down.
        millis: u64,
    },
    /// A node is stopped, and goes on as if nothing had been.
    Stall {
        /// Which.
        node: usize,
        /// How long.
        millis: u64,
    },
    /// A node is cut off from the store.
    CutOff {
        /// Which.
        node: usize,
        /// How long.
        millis: u64,
    },
    /// The store dies; a standby that has what was synced takes over.
    FailOver {
        /// How long there is none.
        millis: u64,
        /// Whether what was being synced is.
        is_synced: bool,
    },
}

/// Keys in a life: of the first person, of the first person with a cap, of the second, and one more
/// of the first person's.
pub(crate) const KEYS: usize = 4;
/// The key that has a cap.
pub(crate) const CAPPED: usize = 1;
/// Keys of the study, which has a cap that they share.
const IN_STUDY: [usize; 2] = [CAPPED, 3];

/// The caps that a key's calls go on.
pub(crate) fn caps_of(key: usize) -> Caps {
    Caps {
        key: (key == CAPPED).then(|| key_id(key)),
        study: IN_STUDY.contains(&key).then(study_id),
    }
}

/// Whose key it is.
pub(crate) const fn person_of(key: usize) -> usize {
    if key == 2 { 1 } else { 0 }
}

impl Story {
    /// The life of a seed.
    pub fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let nodes = chance.place(4).saturating_add(1);
        let is_rough = chance.per_mille(700);
        let drift = (0..nodes).map(|_| drift(&mut chance)).collect();
        let mut story = Self {
            seed,
            nodes,
            lost: if is_rough { chance.below(120) } else { 0 },
            twice: if is_rough { chance.below(120) } else { 0 },
            delay_ms_max: if is_rough { chance.between(2, 400) } else { 3 },
            drift,
            steps: Vec::new(),
        };
        story.begin(&mut chance);
        let steps = chance.between(10, 120);
        let gap_ms_max = chance.between(5, 300);
        // Every life has its own mixture, so that rare things meet.
        let faults = if chance.per_mille(800) { chance.below(120) } else { 0 };
        let (mut at, limited) = (50, chance.below(1_000));
        for _ in 0..steps {
            at = chance.between(at, at.saturating_add(gap_ms_max));
            let what = if chance.per_mille(faults) {
                story.fault(&mut chance)
            } else {
                story.wish(&mut chance, limited)
            };
            story.steps.push(Step { at, what });
        }
        story
    }

    fn begin(&mut self, chance: &mut Chance) {
        let mut push = |what| self.steps.push(Step { at: 0, what });
        for person in 0..2 {
            let millis = if chance.per_mille(400) { chance.between(2_500, 9_000) } else { 900_000 };
            push(What::TopUp { person, amount: chance.between(20, 400) * CENT, millis });
        }
        push(What::Allow { cap: Cap::Key(key_id(CAPPED)), amount: chance.between(10, 200) * CENT });
        push(What::Allow { cap: Cap::Study(study_id()), amount: chance.between(10, 200) * CENT });
    }

    fn wish(&self, chance: &mut Chance, limited: u64) -> What {
        let amount = chance.between(1, CENT * 40);
        match chance.below(100) {
            0..=2 => {
                let long = chance.per_mille(500);
                let millis = if long { 900_000 } else { chance.between(2_100, 8_000) };
                What::TopUp { person: chance.place(2), amount: amount.saturating_mul(3), millis }
            }
            3 => What::Allow {
                cap: if chance.per_mille(500) {
                    Cap::Key(key_id(CAPPED))
                } else {
                    Cap::Study(study_id())
                },
                amount,
            },
            4 => What::Revoke { key: chance.place(KEYS) },
            5..=6 => What::HandBack { lot: chance.place(4), amount },
            7..=8 => What::Sell { lot: chance.place(4), amount },
            _ => What::Call {
                node: chance.place(self.nodes),
                key: chance.place(KEYS),
                amount: if chance.per_mille(100) { amount.saturating_mul(4) } else { amount },
                cost: if chance.per_mille(50) { 0 } else { chance.between(1, 1_000) },
                millis: if chance.per_mille(300) {
                    chance.between(300, 3_000)
                } else {
                    chance.between(1, 60)
                },
                is_limited: chance.per_mille(limited),
            },
        }
    }

    fn fault(&self, chance: &mut Chance) -> What {
        let node = chance.place(self.nodes);
        match chance.below(5) {
            0 | 1 => What::Crash { node, millis: chance.between(10, 4_000) },
            2 => What::Stall { node, millis: chance.between(100, 14_000) },
            3 => What::CutOff { node, millis: chance.between(100, 12_000) },
            _ => {
                let is_synced = chance.per_mille(500);
                What::FailOver { millis: chance.between(10, 1_500), is_synced }
            }
        }
    }
}

/// Clocks run within eight thousandths of the true time.
fn drift(chance: &mut Chance) -> i64 {
    i64::try_from(chance.below(17)).unwrap_or(0).saturating_sub(8)
}
