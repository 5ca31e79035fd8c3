//! A gateway node's process around its machine: it crashes, stalls, and has a clock of its own.

use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::{Epoch, HoldId, LeaseId, Usd};
use bursar_lease::{Group, Hold, Moment, Node, Question, Settings, Ticket};

use crate::guards::Taken;
use crate::store::node_id;

/// A call as its actor means it.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) question: Question,
    pub(crate) key: usize,
    /// What it costs, in thousandths.
    pub(crate) cost: u64,
    pub(crate) millis: u64,
    /// Whether it belongs to the run of calls that ends a life.
    pub(crate) is_last_run: bool,
}

/// A call that was forwarded.
#[derive(Debug)]
pub(crate) struct Call {
    /// Its hold, while its node lives and it has not ended.
    pub(crate) hold: Option<Hold>,
    pub(crate) parts: Vec<(LeaseId, Usd)>,
    pub(crate) cost: i64,
    pub(crate) is_last_run: bool,
}

/// A node's process.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) node: usize,
    pub(crate) epoch: Epoch,
    /// Absent while it is down.
    pub(crate) machine: Option<Node>,
    /// Whether the store has ended its earlier lives.
    pub(crate) is_welcome: bool,
    pub(crate) stalled_until: u64,
    pub(crate) cut_until: u64,
    pub(crate) revoked: BTreeSet<usize>,
    pub(crate) calls: BTreeMap<HoldId, Call>,
    pub(crate) waiting: BTreeMap<Ticket, Wish>,
    pub(crate) group: Option<(Group, u64)>,
    /// Calls that have ended, whose callers wait for the charge to be durable.
    pub(crate) ended: BTreeMap<HoldId, i64>,
    pub(crate) pinged_at: u64,
    drift: i64,
    born: u64,
}

impl Process {
    pub(crate) fn new(node: usize, drift: i64) -> Self {
        Self {
            node,
            epoch: Epoch::new(0),
            machine: None,
            is_welcome: false,
            stalled_until: 0,
            cut_until: 0,
            revoked: BTreeSet::new(),
            calls: BTreeMap::new(),
            waiting: BTreeMap::new(),
            group: None,
            ended: BTreeMap::new(),
            pinged_at: 0,
            drift,
            born: 0,
        }
    }

    /// A new life, which knows nothing of the ones before.
    pub(crate) fn start(&mut self, settings: Settings, taken: Taken, t: u64) {
        *self = Self {
            epoch: Epoch::new(self.epoch.number().saturating_add(1)),
            cut_until: self.cut_until,
            born: t,
            ..Self::new(self.node, self.drift)
        };
        let moment = self.moment(t);
        let guards = taken.guards();
        let machine = Node::new(node_id(self.node), self.epoch, settings, guards, moment);
        self.machine = Some(machine);
    }

    /// The process dies, and with it all that it did not write.
    pub(crate) fn die(&mut self) {
        self.machine = None;
        self.calls.clear();
        self.waiting.clear();
        self.ended.clear();
        self.group = None;
    }

    /// Keys are revoked: whoever waits with one is sent away.
    pub(crate) fn revoke(&mut self, keys: Vec<usize>) {
        self.revoked.extend(keys);
        let Some(machine) = &mut self.machine else { return };
        self.waiting.retain(|ticket, wish| {
            let is_revoked = self.revoked.contains(&wish.key);
            if is_revoked {
                machine.withdraw(*ticket);
            }
            !is_revoked
        });
    }

    /// The time on the node's own clock.
    pub(crate) fn moment(&self, t: u64) -> Moment {
        let lived = i64::try_from(t.saturating_sub(self.born)).unwrap_or(i64::MAX);
        let millis = lived.saturating_mul(self.drift.saturating_add(1_000)) / 1_000;
        Moment::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}
