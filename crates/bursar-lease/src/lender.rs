//! What a store lends when a node asks: how much, from what, and whether others must give back
//! first. Pure: it looks at what it is shown.

use bursar_kernel::{Cap, LeaseId, Lot, Usd};
use bursar_ledger::{Balance, Leased};

use crate::line::{Ask, Short, Want};
use crate::settings::Settings;

/// What there is to lend from.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The lots that may pay for it, in spending order; of a [`Want::More`], the one that it names.
    pub lots: Vec<LotView>,
    /// The caps that are asked for, with what each still allows.
    pub caps: Vec<(Cap, Balance)>,
    /// Leases of all those, of other nodes than the one that asks, which go on.
    pub others: Vec<LeaseView>,
    /// Nodes that live, the one that asks included.
    pub nodes: u32,
}

/// A lot to lend from.
#[derive(Clone, Debug)]
pub struct LotView {
    /// The lot.
    pub lot: Lot,
    /// What stands on it.
    pub balance: Balance,
}

/// What another node has borrowed.
#[derive(Clone, Debug)]
pub struct LeaseView {
    /// Which lease.
    pub lease: LeaseId,
    /// What stands on it.
    pub balance: Balance,
}

/// What to do about a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Lend this much of each; zero is a longer term alone. The last one says whether what a loan
    /// leaves behind is little.
    Lend {
        /// What, how much, and whether it is the last.
        loans: Vec<(Leased, Usd, bool)>,
        /// If that is less than was missing.
        short: Option<Short>,
    },
    /// Ask these back first, for some hundred milliseconds; then decide again.
    Recall(Vec<LeaseId>),
}

/// Decides on a question. Nobody is told that too little is left before what other nodes have and
/// do not need was asked back: `is_recalled` says that it was.
pub fn lend(settings: &Settings, ask: &Ask, view: &View, is_recalled: bool) -> Decision {
    match &ask.want {
        Want::More { of, left } => {
            let lots = view.lots.iter().map(|lot| lot.balance.available());
            let free = lots.chain(view.caps.iter().map(|(_, cap)| cap.available())).next();
            let free = free.unwrap_or(Usd::ZERO);
            let is_last = is_nearly_spent(settings, free, view.nodes);
            let wanted = slice_size(settings, ask.rate, free, view.nodes);
            let more = wanted.checked_sub(*left).unwrap_or(Usd::ZERO).max(Usd::ZERO);
            let amount = if is_last { Usd::ZERO } else { more.min(free) };
            Decision::Lend { loans: vec![(*of, amount, false)], short: None }
        }
        Want::Call { missing, caps, .. } => {
            let free: Vec<Usd> = view.lots.iter().map(|lot| lot.balance.available()).collect();
            let there = free.iter().copied().fold(Usd::ZERO, sum);
            let rights = |wanted: &Cap| {
                let known = view.caps.iter().find(|(cap, _)| cap == wanted);
                known.map_or(Usd::ZERO, |(_, balance)| balance.available())
            };
            let is_short =
                there < *missing || caps.iter().any(|(cap, missing)| rights(cap) < *missing);
            let others = view.others.iter().filter(|other| other.balance.available().is_positive());
            let others: Vec<LeaseId> = others.map(|other| other.lease).collect();
            if is_short && !is_recalled && !others.is_empty() {
                return Decision::Recall(others);
            }
            let mut loans = from_lots(settings, ask.rate, *missing, view);
            for (cap, missing) in caps {
                let (amount, is_last) = loan(settings, ask.rate, *missing, rights(cap), view.nodes);
                loans.push((Leased::Cap(*cap), amount, is_last));
            }
            let lent_out = view.others.iter().any(|other| other.balance.posted.is_positive());
            let held = view.lots.iter().any(|lot| lot.balance.held.is_positive())
                || view.caps.iter().any(|(_, cap)| cap.held.is_positive());
            let short = is_short.then_some(Short { is_busy: lent_out || held });
            Decision::Lend { loans, short }
        }
    }
}

/// What is missing, from lots in spending order; the last of them lends a slice ahead of need.
fn from_lots(
    settings: &Settings,
    rate: Usd,
    missing: Usd,
    view: &View,
) -> Vec<(Leased, Usd, bool)> {
    let mut loans = Vec::new();
    let mut missing = missing;
    for lot in &view.lots {
        let free = lot.balance.available();
        let (amount, is_last) = loan(settings, rate, missing, free, view.nodes);
        let is_enough = missing <= amount;
        missing = missing.checked_sub(amount).unwrap_or(Usd::ZERO).max(Usd::ZERO);
        // A lot that has nothing lends nothing; the one that the node spends from lasts longer.
        if amount.is_positive() {
            loans.push((Leased::Lot(lot.lot.id), amount, is_last));
        }
        if is_enough {
            break;
        }
    }
    loans
}

/// What one account lends, and whether little is left of it: then what is missing and no more.
fn loan(settings: &Settings, rate: Usd, missing: Usd, free: Usd, nodes: u32) -> (Usd, bool) {
    let is_last = is_nearly_spent(settings, free, nodes);
    let ahead = if is_last { Usd::ZERO } else { slice_size(settings, rate, free, nodes) };
    (missing.max(ahead).min(free), is_last)
}

/// How large a slice is: what is spent until the next one, and never more than each node's half
/// share of what is left, so that it halves as the lot drains; but at least a floor, while the lot
/// affords it.
pub fn slice_size(settings: &Settings, rate: Usd, left: Usd, nodes: u32) -> Usd {
    let millis = i64::try_from(settings.refresh_ms).unwrap_or(i64::MAX);
    let burnt = Usd::from_nanos(rate.nanos().saturating_mul(millis) / 1_000);
    let shares = i64::from(nodes.max(1)).saturating_mul(2);
    let share = Usd::from_nanos(left.nanos().checked_div(shares).unwrap_or(0));
    burnt.max(settings.slice_min).min(share.max(settings.slice_min)).min(left).max(Usd::ZERO)
}

/// Whether an account has less than a floor's slice for each node, twice: spending is synchronous
/// from here on, so that nothing is stranded in slices.
fn is_nearly_spent(settings: &Settings, left: Usd, nodes: u32) -> bool {
    let floor = settings.slice_min.checked_mul(i64::from(nodes.max(1)).saturating_mul(2));
    floor.is_some_and(|floor| left < floor)
}

fn sum(one: Usd, other: Usd) -> Usd {
    one.checked_add(other).unwrap_or(Usd::MAX)
}
