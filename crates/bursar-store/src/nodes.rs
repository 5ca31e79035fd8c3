//! The processes that share a store, and what each has to hear of the others.

use async_trait::async_trait;
use bursar_kernel::{GrantId, KeyId, LeaseId, NodeId, PersonId, StudyId};

use crate::rows::Stoppable;
use crate::{Batch, ReadError, Row, Write};

/// How many changes a store remembers. A process that falls further behind than this is told so
/// by a gap in their numbers, and forgets all that it keeps in memory.
pub const CHANGES_KEPT: u64 = 10_000;
/// How many changes are read at a time.
pub const CHANGES_AT_A_TIME: usize = 1_000;

/// A process that shares the store and has not left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its name.
    pub node: NodeId,
    /// How often it has said that it lives. Whoever sees this stand still for long enough takes it
    /// for dead; nobody's clock is compared with anybody else's.
    pub beats: u64,
}

/// Something changed that processes keep in memory, or that they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// A key was made, changed or revoked.
    Key(KeyId),
    /// A study was made, changed or closed.
    Study(StudyId),
    /// A grant or what it may call.
    Grant(GrantId),
    /// What a holder's calls depend on beside the grant: a card.
    Holder(PersonId),
    /// A program or an upstream was stopped, or started again. It is rare: whoever hears of it
    /// looks at all of them.
    Stops,
    /// A price table was proposed, approved or rejected. It is rare: whoever hears of it looks at
    /// all of them.
    Prices,
    /// A sealed secret was put there or taken out. It is rare: whoever hears of it looks at all of
    /// them.
    Sealed,
    /// Somebody needs what is lent on a lease and not set aside.
    Recall(LeaseId),
    /// Somebody needs what is lent of this holder's rate limits and not used.
    Rates(PersonId),
}

impl Change {
    /// What kind it is, and of what, as a store writes it.
    pub const fn parts(self) -> (&'static str, [u8; 16]) {
        match self {
            Self::Key(id) => ("key", id.to_bytes()),
            Self::Study(id) => ("study", id.to_bytes()),
            Self::Grant(id) => ("grant", id.to_bytes()),
            Self::Holder(id) => ("holder", id.to_bytes()),
            Self::Stops => ("stops", [0; 16]),
            Self::Prices => ("prices", [0; 16]),
            Self::Sealed => ("sealed", [0; 16]),
            Self::Recall(id) => ("recall", id.to_bytes()),
            Self::Rates(id) => ("rates", id.to_bytes()),
        }
    }

    /// The change that [`Change::parts`] tells of; `None` for a kind that only a later release
    /// knows.
    pub fn of_parts(kind: &str, of: [u8; 16]) -> Option<Self> {
        Some(match kind {
            "key" => Self::Key(KeyId::from_bytes(of)),
            "study" => Self::Study(StudyId::from_bytes(of)),
            "grant" => Self::Grant(GrantId::from_bytes(of)),
            "holder" => Self::Holder(PersonId::from_bytes(of)),
            "stops" => Self::Stops,
            "prices" => Self::Prices,
            "sealed" => Self::Sealed,
            "rates" => Self::Rates(PersonId::from_bytes(of)),
            "recall" => Self::Recall(LeaseId::from_bytes(of)),
            _ => return None,
        })
    }
}

impl Batch {
    /// What processes that share the store have to hear of the batch: derived from what it writes,
    /// so that no use case can forget to say it.
    pub fn changes(&self) -> impl Iterator<Item = Change> + '_ {
        self.writes.iter().filter_map(change)
    }
}

fn change(write: &Write) -> Option<Change> {
    match write {
        Write::Rate(write) => write.asks().map(Change::Rates),
        Write::Recall(lease) => Some(Change::Recall(*lease)),
        Write::Row(Row::Key(key), _) => Some(Change::Key(key.id)),
        Write::Row(Row::Study(study), _) => Some(Change::Study(study.id)),
        Write::Row(Row::Grant(grant), _) => Some(Change::Grant(grant.id)),
        Write::Row(Row::AccessRequest(request), _) => Some(Change::Grant(request.grant)),
        Write::Row(Row::Card(card), _) => Some(Change::Holder(card.person)),
        Write::Row(Row::PriceTable(_), _) => Some(Change::Prices),
        Write::Row(Row::SealedSecret(_), _) => Some(Change::Sealed),
        Write::Row(Row::Stop(stop), _) => Some(match stop.of {
            Stoppable::Grant(grant) => Change::Grant(grant),
            Stoppable::Program(_) | Stoppable::Upstream(_) => Change::Stops,
        }),
        Write::Row(..)
        | Write::Ledger(_)
        | Write::UseSignInLink(_)
        | Write::EndSession(_)
        | Write::MailSent(_)
        | Write::ForgetIdempotencyKeys(_)
        | Write::Setting { .. }
        | Write::Beat(_)
        | Write::Leave(_)
        | Write::Applying(_)
        | Write::Account(_)
        | Write::Institution(_) => None,
    }
}

/// What processes that share a store can ask of each other through it.
#[async_trait]
pub trait NodeReads: Send + Sync {
    /// Whether other processes may write to the store at the same time.
    fn is_shared(&self) -> bool;
    /// Those that have not left, in the order of their names: the oldest first.
    async fn peers(&self) -> Result<Vec<Peer>, ReadError>;
    /// The number of the latest change; zero if there was none.
    async fn last_change(&self) -> Result<u64, ReadError>;
    /// What changed after a change, in order, at the most [`CHANGES_AT_A_TIME`]. Numbers have no
    /// gaps but where changes are no longer remembered. A kind that only a later release knows is
    /// `None`.
    async fn changes(&self, after: u64) -> Result<Vec<(u64, Option<Change>)>, ReadError>;
}
