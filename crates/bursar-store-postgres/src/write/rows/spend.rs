//! What calls cost in all, kept with the calls that are written.

use std::collections::BTreeMap;

use bursar_store::rows::Call;
use bursar_store::sums::DAY_MS;

use crate::codec::{Id, millis};
use crate::error::DbError;
use crate::statement::{Statement, statement};

const ADD: &str = "INSERT INTO spend (grant_id, key_id, model, day, calls, cost, last_at)
     SELECT * FROM UNNEST($1::UUID[], $2::UUID[], $3::TEXT[], $4::BIGINT[], $5::BIGINT[],
         $6::BIGINT[], $7::BIGINT[])
     ON CONFLICT (grant_id, key_id, model, day) DO UPDATE SET calls = spend.calls + excluded.calls,
     cost = spend.cost + excluded.cost, last_at = GREATEST(spend.last_at, excluded.last_at)";

/// What some calls come to by grant, key, model and day.
#[derive(Default)]
struct Sum {
    calls: i64,
    cost: i128,
    last_at: i64,
}

/// Adds calls that were not there: a group has thousands, of a few keys and models.
pub(super) fn add(rows: &[&Call]) -> Result<Statement, DbError> {
    let mut sums = BTreeMap::<_, Sum>::new();
    for row in rows {
        let at = millis(row.ended_at);
        let place = (row.grant.to_bytes(), row.key.to_bytes(), row.model.as_str(), at / DAY_MS);
        let sum = sums.entry(place).or_insert_with(|| Sum { last_at: at, ..Sum::default() });
        sum.calls = sum.calls.saturating_add(1);
        sum.cost = sum.cost.saturating_add(i128::from(row.cost.nanos()));
        sum.last_at = sum.last_at.max(at);
    }
    let cost = |sum: &Sum| {
        let too_much = |_| DbError::Broken(format!("calls of a day cost {}", sum.cost));
        i64::try_from(sum.cost).map_err(too_much)
    };
    let costs = sums.values().map(cost).collect::<Result<Vec<_>, _>>()?;
    let add = statement!(
        ADD,
        sums.keys().map(|(grant, ..)| Id(*grant)).collect::<Vec<_>>(),
        sums.keys().map(|(_, key, ..)| Id(*key)).collect::<Vec<_>>(),
        sums.keys().map(|(_, _, model, _)| (*model).to_owned()).collect::<Vec<_>>(),
        sums.keys().map(|(.., day)| *day).collect::<Vec<_>>(),
        sums.values().map(|sum| sum.calls).collect::<Vec<_>>(),
        costs,
        sums.values().map(|sum| sum.last_at).collect::<Vec<_>>(),
    );
    Ok(add.of_rows(sums.len()))
}
