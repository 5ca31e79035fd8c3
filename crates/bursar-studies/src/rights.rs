//! Rights to spend, for whatever has a cap.

use bursar_kernel::{Cap, Timestamp, TransferId, Usd};
use bursar_ledger::{Account, Command, Leased};
use bursar_service::{Service, ServiceError, entropy};
use bursar_store::LeaseFilter;

/// What has a cap, and what it has spent so far.
pub(crate) struct Capped {
    pub(crate) cap: Cap,
    pub(crate) spent: Usd,
}

/// How many more rights something needs for a cap; below zero if it has too many. What has a cap
/// has rights as the cap says; of what has none, what it has spent is counted. `None` if the books
/// cannot hold so much.
pub(crate) async fn more_rights(
    service: &Service,
    of: &Capped,
    (before, after): (Option<Usd>, Option<Usd>),
) -> Result<Option<Usd>, ServiceError> {
    match (before, after) {
        (_, None) => Ok(Some(Usd::ZERO)),
        (Some(before), Some(after)) => Ok(after.checked_sub(before)),
        (None, Some(after)) => {
            // What is left of an earlier cap.
            let mut accounts = Vec::from(Account::of_cap(of.cap));
            let leases = service.store().leases(LeaseFilter::Of(Leased::Cap(of.cap))).await?;
            accounts.extend(leases.iter().map(|state| state.lease.account()));
            let mut more = after.checked_sub(of.spent);
            for account in accounts {
                let posted = service.store().balance(account).await?.posted;
                more = more.and_then(|more| more.checked_sub(posted));
            }
            Ok(more)
        }
    }
}

/// What gives more rights, or fewer: what lowered caps have taken is given back first.
pub(crate) async fn give_rights(
    service: &Service,
    cap: Cap,
    more: Usd,
    now: Timestamp,
) -> Result<Vec<Command>, ServiceError> {
    let id = || TransferId::new(now, entropy::draw());
    let less = Usd::ZERO.checked_sub(more).unwrap_or(Usd::MAX);
    if less.is_positive() {
        return Ok(vec![Command::Cut { id: id(), cap, amount: less }]);
    }
    let taken = service.store().balance(Account::Cut(cap)).await?.posted;
    let taken = Usd::ZERO.checked_sub(taken).unwrap_or(Usd::ZERO);
    let restored = more.min(taken);
    let allowed = more.checked_sub(restored).unwrap_or(Usd::ZERO);
    let mut commands = Vec::with_capacity(2);
    if restored.is_positive() {
        commands.push(Command::Restore { id: id(), cap, amount: restored });
    }
    if allowed.is_positive() {
        commands.push(Command::Allow { id: id(), cap, amount: allowed });
    }
    Ok(commands)
}
