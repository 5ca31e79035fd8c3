//! What charges of calls come to on each account and day: a group makes thousands on a few.

use std::collections::BTreeMap;

use bursar_ledger::Transfer;
use bursar_store::sums::DAY_MS;

use crate::codec::millis;
use crate::error::DbError;
use crate::statement::{Statement, statement};

const ADD: &str = "INSERT INTO charged (account, day, charges, amount, first_at, last_at)
     SELECT account.id, made.day, made.charges, made.amount, made.first_at, made.last_at
     FROM UNNEST($1::TEXT[], $2::BIGINT[], $3::BIGINT[], $4::BIGINT[], $5::BIGINT[], $6::BIGINT[])
         AS made (account, day, charges, amount, first_at, last_at)
     JOIN account ON account.name = made.account COLLATE \"C\"
     ON CONFLICT (account, day) DO UPDATE SET charges = charged.charges + excluded.charges,
     amount = charged.amount + excluded.amount,
     first_at = LEAST(charged.first_at, excluded.first_at),
     last_at = GREATEST(charged.last_at, excluded.last_at)";

struct Sum {
    charges: i64,
    amount: i128,
    first_at: i64,
    last_at: i64,
}

/// Adds the charges among some transfers, whose accounts are there; `None` if there are none.
pub(super) fn add(transfers: &[&Transfer]) -> Result<Option<Statement>, DbError> {
    let mut sums = BTreeMap::<(String, i64), Sum>::new();
    for transfer in transfers.iter().filter(|transfer| transfer.kind.is_charge()) {
        let at = millis(transfer.at);
        let nothing = Sum { charges: 0, amount: 0, first_at: at, last_at: at };
        let sum = sums.entry((transfer.debit.to_string(), at / DAY_MS)).or_insert(nothing);
        sum.charges = sum.charges.saturating_add(1);
        sum.amount = sum.amount.saturating_add(i128::from(transfer.amount.nanos()));
        (sum.first_at, sum.last_at) = (sum.first_at.min(at), sum.last_at.max(at));
    }
    if sums.is_empty() {
        return Ok(None);
    }
    let amount = |sum: &Sum| {
        let too_much = |_| DbError::Broken(format!("charges of a day come to {}", sum.amount));
        i64::try_from(sum.amount).map_err(too_much)
    };
    let amounts = sums.values().map(amount).collect::<Result<Vec<_>, _>>()?;
    let add = statement!(
        ADD,
        sums.keys().map(|(account, _)| account.clone()).collect::<Vec<_>>(),
        sums.keys().map(|(_, day)| *day).collect::<Vec<_>>(),
        sums.values().map(|sum| sum.charges).collect::<Vec<_>>(),
        amounts,
        sums.values().map(|sum| sum.first_at).collect::<Vec<_>>(),
        sums.values().map(|sum| sum.last_at).collect::<Vec<_>>(),
    );
    Ok(Some(add.of_rows(sums.len())))
}
