//! What lies in suspense, put together from the book's rows: a call with all its holds, and of each
//! lease what no call that is known explains.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use bursar_kernel::{
    Endpoint, GrantId, HoldId, KeyId, LeaseId, ModelId, PriceVersion, RequestId, ServiceTier,
    Timestamp, TransferId, Usage, Usd,
};
use bursar_ledger::{Account, Command, Hold, LeaseCommand, Leased, SuspenseEnd};
use serde::{Deserialize, Serialize};

use crate::batch::{Expect, Row, Write};
use crate::reads::{LeaseState, SuspenseOf};
use crate::rows::{Basis, Call, CallOutcome};

/// The name of something in suspense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SuspenseId {
    /// One call, by its hold.
    Call(HoldId),
    /// What a process had set aside of its lease for calls that it did not live to write down.
    Lease(LeaseId),
}

impl fmt::Display for SuspenseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(hold) => hold.fmt(f),
            Self::Lease(lease) => lease.fmt(f),
        }
    }
}

impl From<SuspenseId> for SuspenseOf {
    fn from(id: SuspenseId) -> Self {
        match id {
            SuspenseId::Call(hold) => Self::Call(hold),
            SuspenseId::Lease(lease) => Self::Lease(lease),
        }
    }
}

impl FromStr for SuspenseId {
    type Err = <LeaseId as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let call = text.parse().map(Self::Call);
        call.or_else(|_| text.parse().map(Self::Lease))
    }
}

/// Why something lies in suspense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspenseReason {
    /// The process that carried the call ended, or lost it, without writing what it cost.
    ProcessEnded,
    /// The call was not settled by the time that its hold allowed.
    HoldOverdue,
    /// A batch was sent, and the provider did not say what became of it, or what it used.
    BatchUnknown,
    /// A response went out to be made in the background, and the provider did not say what became
    /// of it, or what it used.
    ResponseUnknown,
}

impl SuspenseReason {
    /// Its name in JSON: `process_ended`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProcessEnded => "process_ended",
            Self::HoldOverdue => "hold_overdue",
            Self::BatchUnknown => "batch_unknown",
            Self::ResponseUnknown => "response_unknown",
        }
    }
}

/// What became of something in suspense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspenseVerdict {
    /// All of it was spent.
    Used,
    /// None of it was.
    NotUsed,
    /// So much of it was, exactly.
    Cost(Usd),
}

impl SuspenseVerdict {
    /// What was spent of an amount, or what to say of a cost that cannot be.
    pub fn cost(self, amount: Usd) -> Result<Usd, String> {
        match self {
            Self::Used => Ok(amount),
            Self::NotUsed => Ok(Usd::ZERO),
            Self::Cost(cost) if !cost.is_positive() => {
                Err("Enter an amount above zero, or say that it was not used".to_owned())
            }
            Self::Cost(cost) if amount < cost => {
                Err(format!("Enter at most the ${amount} that is in suspense"))
            }
            Self::Cost(cost) => Ok(cost),
        }
    }
}

/// Something in suspense: what it is, and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspended {
    /// Its name.
    pub id: SuspenseId,
    /// How much.
    pub amount: Usd,
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub why: SuspenseReason,
    /// Which grant's, where the holds say so.
    pub grant: Option<GrantId>,
    /// What it was lent of, where the holds do not say whose it is.
    pub of: Option<Leased>,
    /// The call, where it is known.
    pub call: Option<CallNote>,
    /// Where a call lies: the credit first.
    pub holds: Vec<Hold>,
}

/// What a hold's note tells whoever finds it open, or in suspense.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallNote {
    /// The call's name, as its caller sees it.
    pub request: RequestId,
    /// The key it was made with.
    pub key: KeyId,
    /// Where it went.
    pub endpoint: Endpoint,
    /// The catalog's model that prices it.
    pub model: ModelId,
    /// The dearest tier that it may have been served at.
    pub tier: ServiceTier,
    /// Whether its answer was streamed.
    pub streamed: bool,
    /// Whether it went on in the background after its request was answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub background: bool,
    /// The price table that prices it.
    pub price_version: PriceVersion,
    /// When it was received.
    pub started_at: Timestamp,
}

/// All that lies in suspense, the longest first: the calls of some holds, and of each lease what
/// they do not explain.
pub fn suspended(holds: Vec<Hold>, leases: &[LeaseState]) -> Vec<Suspended> {
    let mut all: Vec<Suspended> =
        leases.iter().filter_map(|state| rest_of(state, &holds)).collect();
    all.extend(calls_of(holds, leases));
    all.sort_by_key(|one| (one.since, one.id));
    all
}

/// Calls in suspense, each with its holds: a call can lie on several leases.
fn calls_of(holds: Vec<Hold>, leases: &[LeaseState]) -> Vec<Suspended> {
    let mut calls = BTreeMap::<(Option<RequestId>, Option<HoldId>), Vec<Hold>>::new();
    for hold in holds {
        let request = note_of(&hold).map(|note| note.request);
        let alone = request.is_none().then_some(hold.id);
        calls.entry((request, alone)).or_default().push(hold);
    }
    calls.into_values().filter_map(|holds| call_of(holds, leases)).collect()
}

fn call_of(mut holds: Vec<Hold>, leases: &[LeaseState]) -> Option<Suspended> {
    let first = holds.iter().min_by_key(|hold| hold.id)?;
    let (id, since) = (SuspenseId::Call(first.id), first.resolved_at.unwrap_or(first.settle_by));
    let call = note_of(first);
    let is_batch = call.as_ref().is_some_and(|call| call.tier == ServiceTier::Batch);
    let is_background = call.as_ref().is_some_and(|call| call.background);
    let why = if !first.is_on_lease() && first.settle_by <= since {
        SuspenseReason::HoldOverdue
    } else if is_batch {
        SuspenseReason::BatchUnknown
    } else if is_background {
        SuspenseReason::ResponseUnknown
    } else {
        SuspenseReason::ProcessEnded
    };
    holds.sort_by_key(|hold| (is_of_rights(hold), hold.id));
    let grant = holds.iter().find_map(|hold| hold.grant);
    let credit = holds.iter().filter(|hold| !is_of_rights(hold)).map(|hold| hold.amount);
    let mut amount = Usd::sum(credit)?;
    let mut of = None;
    if amount.is_zero() {
        // Its money is settled, and the rights under its caps are not.
        let first = holds.first()?;
        let lease = leases.iter().find(|state| lease_of(first) == Some(state.lease.id));
        amount = first.amount;
        of = lease.map(|state| state.lease.of);
    }
    Some(Suspended { id, amount, since, why, grant, of, call, holds })
}

/// What is in a lease's suspense beside the calls that are known.
fn rest_of(state: &LeaseState, holds: &[Hold]) -> Option<Suspended> {
    let lease = &state.lease;
    let known = holds.iter().filter(|hold| lease_of(hold) == Some(lease.id));
    let amount = state.suspense.checked_sub(Usd::sum(known.map(|hold| hold.amount))?)?;
    amount.is_positive().then(|| Suspended {
        id: SuspenseId::Lease(lease.id),
        amount,
        since: lease.fenced_at.unwrap_or(lease.until),
        why: SuspenseReason::ProcessEnded,
        grant: None,
        of: Some(lease.of),
        call: None,
        holds: Vec::new(),
    })
}

fn note_of(hold: &Hold) -> Option<CallNote> {
    serde_json::from_str(&hold.note).ok()
}

/// Whether a hold lies on what a key may spend, and not on credit.
fn is_of_rights(hold: &Hold) -> bool {
    hold.parts.iter().any(|part| matches!(part.account, Account::CapLease(_)))
}

/// The lease that a hold lies on, if it lies on one.
fn lease_of(hold: &Hold) -> Option<LeaseId> {
    hold.parts.iter().find_map(|part| {
        if let Account::Lease(lease) | Account::CapLease(lease) = part.account {
            Some(lease)
        } else {
            None
        }
    })
}

/// The movements that settle what is left of a lease's suspense beside its calls. Whatever is said
/// of it makes the first, so that it is said once.
const SETTLED: [u8; 2] = [3, 4];
/// The status of a call whose owner died: its caller saw it break off.
pub const LOST: u16 = 500;

impl Suspended {
    /// What is written once somebody knows what was spent of it: the commands to the book, and the
    /// call's row where the call is known. `None` if the cost is above what is in suspense.
    pub fn settled(self, cost: Usd, now: Timestamp) -> Option<Vec<Write>> {
        let rest = self.amount.checked_sub(cost).filter(|rest| !rest.is_negative())?;
        let SuspenseId::Lease(lease) = self.id else { return self.call_settled(cost, now) };
        let ends = [(cost, SuspenseEnd::Used), (rest, SuspenseEnd::NotUsed)];
        let moved = ends.into_iter().filter(|(amount, _)| amount.is_positive());
        let settle = |((amount, end), place)| {
            let id = TransferId::ending(lease, place);
            Write::from(Command::Lease(LeaseCommand::Settle { id, lease, amount, end }))
        };
        Some(moved.zip(SETTLED).map(settle).collect())
    }

    /// The credit pays the cost, part by part; a key's rights are used up by as much.
    fn call_settled(self, cost: Usd, now: Timestamp) -> Option<Vec<Write>> {
        let (mut writes, mut missing) = (Vec::new(), cost);
        for hold in &self.holds {
            let spent = if is_of_rights(hold) { cost } else { missing }.min(hold.amount);
            if !is_of_rights(hold) {
                missing = missing.checked_sub(spent)?;
            }
            let (hold, lease, cost) = (hold.id, lease_of(hold), spent);
            writes.push(Write::from(match lease {
                Some(lease) => Command::Lease(LeaseCommand::SettleCall { lease, hold, cost }),
                None => Command::Settle { hold, cost },
            }));
        }
        let has_credit = self.holds.iter().any(|hold| !is_of_rights(hold));
        let (id, held) = (self.holds.iter().map(|hold| hold.id).min()?, self.amount);
        if let Some((call, grant)) = self.call.zip(self.grant).filter(|_| has_credit) {
            let row = Box::new(call.row(id, grant, (held, cost), now));
            writes.push(Write::Row(Row::Call(row), Expect::New));
        }
        Some(writes)
    }
}

impl CallNote {
    /// Whether it goes on after whoever sent it has ended: a batch, or a response in the
    /// background.
    pub fn goes_on(&self) -> bool {
        self.background || self.tier == ServiceTier::Batch
    }

    fn row(self, hold: HoldId, grant: GrantId, (held, cost): (Usd, Usd), now: Timestamp) -> Call {
        Call {
            request: self.request,
            hold,
            key: self.key,
            grant,
            endpoint: self.endpoint,
            model: self.model,
            tier: self.tier,
            streamed: self.streamed,
            usage: Usage::default(),
            held,
            cost,
            basis: Basis::Settled,
            outcome: CallOutcome::Lost,
            status: LOST,
            price_version: self.price_version,
            started_at: self.started_at,
            ended_at: now,
        }
    }
}
