//! What charges of calls come to on each account and day: a command makes thousands on a few.

use std::collections::BTreeMap;

use bursar_kernel::Usd;
use bursar_ledger::Transfer;
use bursar_store::sums::DAY_MS;
use rusqlite::{Connection, Error, params};

use crate::codec::millis;

#[derive(Default)]
pub(super) struct Charged(BTreeMap<(i64, i64), Sum>);

struct Sum {
    charges: i64,
    amount: Usd,
    first_at: i64,
    last_at: i64,
}

impl Charged {
    /// Takes a transfer in that was written, with the row of the account that it took from.
    pub(super) fn add(&mut self, debit: i64, transfer: &Transfer) {
        if !transfer.kind.is_charge() {
            return;
        }
        let (at, none) = (millis(transfer.at), Usd::ZERO);
        let nothing = Sum { charges: 0, amount: none, first_at: at, last_at: at };
        let sum = self.0.entry((debit, at / DAY_MS)).or_insert(nothing);
        sum.charges = sum.charges.saturating_add(1);
        // The account has had all of it.
        sum.amount = sum.amount.checked_add(transfer.amount).unwrap_or(Usd::MAX);
        (sum.first_at, sum.last_at) = (sum.first_at.min(at), sum.last_at.max(at));
    }

    pub(super) fn save(self, connection: &Connection) -> Result<(), Error> {
        for ((account, day), sum) in self.0 {
            let amount = sum.amount.nanos();
            let params = params![account, day, sum.charges, amount, sum.first_at, sum.last_at];
            connection.prepare_cached(ADD)?.execute(params)?;
        }
        Ok(())
    }
}

const ADD: &str = "INSERT INTO charged (account, day, charges, amount, first_at, last_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT (account, day) DO UPDATE SET charges = charges + excluded.charges,
     amount = amount + excluded.amount, first_at = MIN(first_at, excluded.first_at),
     last_at = MAX(last_at, excluded.last_at)";
