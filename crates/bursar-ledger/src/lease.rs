//! A part of a lot, or of a cap's rights, that a node has borrowed and spends by itself.
//!
//! A node begins no call past its watermark, which is in the book before the call begins. So
//! whatever becomes of the node, the book knows the most that it can have spent: what lies beyond
//! the watermark and the calls that it has reported as begun was never touched.

use bursar_kernel::{Cap, Epoch, HoldId, LeaseId, LotId, NodeId, PersonId, Timestamp};
use bursar_kernel::{TransferId, Usd};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::command::Needs;

/// What one life of a node has borrowed of one lot or one key's rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Its name, and the name of its accounts in the book.
    pub id: LeaseId,
    /// Whose.
    pub node: NodeId,
    /// Which of the node's lives.
    pub epoch: Epoch,
    /// What it is a part of.
    pub of: Leased,
    /// The node begins no call on it at this instant or later.
    pub until: Timestamp,
    /// All that was ever lent on it. A node takes what is new of it, so that no loan is lost with
    /// an answer, and none counts twice.
    pub lent: Usd,
    /// How many reports were taken in.
    pub reports: u64,
    /// What calls that the book has not heard of may have spent, at the most.
    pub watermark: Usd,
    /// When it ended, if it has.
    pub fenced_at: Option<Timestamp>,
}

/// What can be lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leased {
    /// Credit.
    Lot(LotId),
    /// What a key or a study may still spend.
    Cap(Cap),
}

impl Leased {
    /// The account that lends.
    pub const fn account(self) -> Account {
        match self {
            Self::Lot(lot) => Account::Lot(lot),
            Self::Cap(cap) => Account::Cap(cap),
        }
    }
}

impl Lease {
    /// The account that its node spends from.
    pub const fn account(&self) -> Account {
        match self.of {
            Leased::Lot(_) => Account::Lease(self.id),
            Leased::Cap(_) => Account::CapLease(self.id),
        }
    }

    /// Where that goes of which nobody knows whether the node has spent it.
    pub const fn suspense(&self) -> Account {
        match self.of {
            Leased::Lot(_) => Account::LeaseSuspense(self.id),
            Leased::Cap(_) => Account::CapSuspense(self.id),
        }
    }
}

/// What can be asked about leases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseCommand {
    /// Lend a node a part of a lot, or of a cap's rights.
    Lend(Lend),
    /// What became of a lease since the last report: each is taken in once, in their order.
    Report(Box<Report>),
    /// A node's life is over, or nobody has heard of it for too long: end its lease. What it may
    /// have spent goes to the lease's suspense, the rest back.
    Fence {
        /// Which lease.
        lease: LeaseId,
    },
    /// Somebody knows what a call cost that had been reported as begun and lies in the suspense of
    /// its lease: take that, and give the rest of its hold back, once.
    SettleCall {
        /// Which lease.
        lease: LeaseId,
        /// The hold, or the part of it that lay on the lease.
        hold: HoldId,
        /// What it cost of that; at most what was held.
        cost: Usd,
    },
    /// Somebody knows what became of a part of a lease's suspense, whichever calls it was.
    Settle {
        /// The movement's name.
        id: TransferId,
        /// Which lease.
        lease: LeaseId,
        /// How much of it.
        amount: Usd,
        /// What became of it.
        end: SuspenseEnd,
    },
}

impl LeaseCommand {
    pub(crate) fn add_needs(&self, needs: &mut Needs) {
        match self {
            Self::Lend(loan) => {
                needs.transfers = vec![loan.id];
                needs.leases = vec![loan.lease];
                match loan.of {
                    Leased::Lot(lot) => needs.lots = vec![lot],
                    Leased::Cap(cap) => needs.accounts = Account::of_cap(cap).to_vec(),
                }
            }
            Self::Report(report) => report.add_needs(needs),
            Self::Fence { lease } => {
                needs.leases = vec![*lease];
                needs.begun_on = Some(*lease);
            }
            Self::SettleCall { lease, hold, .. } => {
                needs.leases = vec![*lease];
                needs.begun = vec![*hold];
            }
            Self::Settle { id, lease, .. } => {
                needs.transfers = vec![*id];
                needs.leases = vec![*lease];
            }
        }
    }
}

/// A loan: a new lease, or more on one that the same life of the node has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lend {
    /// The movement's name.
    pub id: TransferId,
    /// The lease's name.
    pub lease: LeaseId,
    /// Who borrows.
    pub node: NodeId,
    /// In which life.
    pub epoch: Epoch,
    /// What.
    pub of: Leased,
    /// How much. Zero to have a lease for longer, and no more on it.
    pub amount: Usd,
    /// When the node stops spending it; a lease that lasts longer already stays so.
    pub until: Timestamp,
}

/// What a node says of one lease since its last report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which lease.
    pub lease: LeaseId,
    /// The life of the node that borrowed it.
    pub epoch: Epoch,
    /// Which report of the lease, counted from one.
    pub number: u64,
    /// Calls that go on for longer than a group commit: each is a hold in the book from now on,
    /// and the watermark need not cover it any more.
    pub begun: Vec<BegunCall>,
    /// What calls cost that have ended, whether they were reported as begun or not.
    pub charged: Vec<LeaseCharge>,
    /// The watermark from now on.
    pub watermark: Usd,
    /// What goes back.
    pub returned: Usd,
    /// Whether the node knows that the lease has ended, and nothing is in flight on it any more:
    /// then what is left in suspense was not spent. Never said of a lease that may still be spent:
    /// the word could reach the book after the lease has ended, with calls begun in between.
    pub is_last_word: bool,
}

impl Report {
    fn add_needs(&self, needs: &mut Needs) {
        needs.leases = vec![self.lease];
        let begun = self.begun.iter().map(|begun| begun.hold);
        let charged = self.charged.iter().map(|charge| charge.hold);
        needs.begun = begun.chain(charged.clone()).collect();
        needs.transfers = charged.flat_map(LeaseCharge::movements).collect();
    }
}

/// A call that a node has begun and that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BegunCall {
    /// The hold, or the part of it that lies on the lease.
    pub hold: HoldId,
    /// Whose call.
    pub holder: PersonId,
    /// The most that it can cost, or that this part of its hold pays.
    pub amount: Usd,
    /// When the call began.
    pub placed_at: Timestamp,
    /// By when it will have ended.
    pub settle_by: Timestamp,
    /// What it is for, to whoever finds it in suspense.
    pub note: String,
}

/// What a call cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseCharge {
    /// The hold, or the part of it that lies on the lease.
    pub hold: HoldId,
    /// How much was set aside.
    pub held: Usd,
    /// What it cost; zero for a call that cost nothing.
    pub cost: Usd,
}

impl LeaseCharge {
    /// The names of what charging a call can move: from the lease, from the lot or the cap beyond
    /// it, from nobody, and late from suspense.
    pub(crate) fn movements(hold: HoldId) -> [TransferId; 4] {
        [0, 1, 2, 3].map(|ordinal| TransferId::resolving(hold, ordinal))
    }
}

/// What became of something in suspense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspenseEnd {
    /// It was spent.
    Used,
    /// It was not: it goes back, or on to breakage if what it is a part of has expired.
    NotUsed,
}
