//! What moved, asked of the reference.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use bursar_kernel::{GrantId, Timestamp, TransferId, Usd};
use bursar_ledger::{
    Account, Book, DayCharges, Leased, Movement, MovementFilter, StatementOf, Transfer,
};

use super::MemoryStore;
use crate::reads::ReadError;
use crate::statements::StatementReads;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

#[async_trait]
impl StatementReads for MemoryStore {
    async fn transfer(&self, id: TransferId) -> Result<Option<Transfer>, ReadError> {
        Ok(self.state().book.transfers.get(&id).cloned())
    }

    async fn balance_at(&self, of: StatementOf, at: Timestamp) -> Result<Usd, ReadError> {
        let book = &self.state().book;
        let moved = moved(book, &of);
        let changes = moved.iter().filter(|one| one.transfer.at <= at).map(Movement::change);
        Ok(Usd::sum(changes).unwrap_or(Usd::MAX))
    }

    async fn movements(&self, which: MovementFilter) -> Result<Vec<Movement>, ReadError> {
        let mut found = moved(&self.state().book, &which.of);
        found.retain(|one| {
            let at = one.transfer.at;
            let is_told = which.calls || one.is_in || !one.transfer.kind.is_charge();
            let is_behind = which.after.is_none_or(|after| after < one.place());
            which.from <= at && at < which.to && is_told && is_behind
        });
        found.sort_by_key(Movement::place);
        found.truncate(which.limit);
        Ok(found)
    }

    async fn charges_by_day(
        &self,
        of: StatementOf,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<DayCharges>, ReadError> {
        let mut days = BTreeMap::<i64, DayCharges>::new();
        for Movement { transfer, is_in, .. } in moved(&self.state().book, &of) {
            let at = transfer.at;
            if is_in || !transfer.kind.is_charge() || at < from || to <= at {
                continue;
            }
            let nothing = DayCharges { last_at: at, amount: Usd::ZERO, charges: 0 };
            let day = days.entry(at.as_millisecond().div_euclid(DAY_MS)).or_insert(nothing);
            day.last_at = day.last_at.max(at);
            day.amount = day.amount.checked_add(transfer.amount).unwrap_or(Usd::MAX);
            day.charges = day.charges.saturating_add(1);
        }
        Ok(days.into_values().collect())
    }
}

/// All that moved, in no order.
fn moved(book: &Book, of: &StatementOf) -> Vec<Movement> {
    let accounts = accounts(book, of);
    let mut found = Vec::new();
    for transfer in book.transfers.values() {
        let comes = accounts.contains(&transfer.credit);
        if comes != accounts.contains(&transfer.debit) {
            found.push(movement(book, transfer, comes));
        }
    }
    found
}

fn movement(book: &Book, transfer: &Transfer, is_in: bool) -> Movement {
    let mut movement = Movement { transfer: transfer.clone(), is_in, grant: None };
    movement.grant = grant_of(book, movement.counterpart());
    movement
}

fn grant_of(book: &Book, account: &Account) -> Option<GrantId> {
    book.lots.values().find(|lot| Account::Lot(lot.id) == *account)?.grant
}

fn accounts(book: &Book, of: &StatementOf) -> BTreeSet<Account> {
    match of {
        StatementOf::Account(account) => BTreeSet::from([account.clone()]),
        StatementOf::Grant(grant) => {
            let of_grant = |leased: Leased| grant_of(book, &leased.account()) == Some(*grant);
            let lots = book.lots.values().filter(|lot| lot.grant == Some(*grant));
            let leases = book.leases.values().filter(|lease| of_grant(lease.of));
            let lent = leases.map(bursar_ledger::Lease::account);
            lots.map(|lot| Account::Lot(lot.id)).chain(lent).collect()
        }
    }
}
