//! Parts of rate limits: lent, asked for, and ended. Writers take turns, so that nothing else is
//! lent between looking and writing.

use bursar_kernel::Timestamp;
use bursar_policy::{Borrower, Lent, RateAsk, RateOf, Share, lend};
use bursar_store::{CommitError, RateWrite};
use deadpool_postgres::ClientWrapper;
use jiff::SignedDuration;

use crate::codec::{Id, millis, text, whole};
use crate::error::{DbError, WriteError};
use crate::read::rates::{SHARES, share};
use crate::statement::{Statement, execute, execute_each, rows, statement, values};

/// Parts that have not counted for so long are forgotten, whoever's they were.
const OVER_FOR: SignedDuration = SignedDuration::from_hours(1);

pub(super) async fn write(
    client: &ClientWrapper,
    write: &RateWrite,
    now: Timestamp,
) -> Result<Option<Vec<Lent>>, WriteError> {
    match write {
        RateWrite::Lend(ask) => return carry_out(client, ask, now).await.map(Some),
        RateWrite::AskBack { of, by } => ask_back(client, of, *by).await?,
        RateWrite::End(by) => end(client, *by, now).await?,
    }
    Ok(None)
}

const PUT: &str = "INSERT INTO rate_share
     (holder, program, class, measure, borrower, stretch, amount, counts_for, ends_at, free_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (holder, program, class, measure, borrower, stretch) DO UPDATE
     SET amount = excluded.amount, free_at = excluded.free_at";
const DROP: &str = "DELETE FROM rate_share WHERE holder = $1 AND program = $2 AND class = $3
     AND measure = $4 AND borrower = $5 AND stretch = $6";
const FORGET: &str = "DELETE FROM rate_share WHERE ends_at <= $1";

async fn carry_out(
    client: &ClientWrapper,
    ask: &RateAsk,
    now: Timestamp,
) -> Result<Vec<Lent>, WriteError> {
    let RateOf { holder, program, class } = &ask.of;
    let (holder, program, class) =
        (Id(holder.to_bytes()), text(program.as_str()), text(class.as_str()));
    let of = values![holder, program.clone(), class.clone()];
    let shares = rows(client, SHARES, &of).await?;
    let shares: Vec<Share> = shares.iter().map(share).collect::<Result<_, _>>()?;
    let full = |full| WriteError::Refused(CommitError::Full(full));
    let (written, lent) = lend(&shares, ask, now).map_err(full)?;
    let put = |share: Share| -> Result<Statement, DbError> {
        let Share { by, measure, stretch, amount, ends_at, free_at } = share;
        let (by, name) = (Id(by.to_bytes()), measure.name());
        let (program, class) = (program.clone(), class.clone());
        if amount == 0 {
            return Ok(statement!(DROP, holder, program, class, name, by, stretch));
        }
        let counts_for = i64::try_from(measure.counts_for().as_millis()).unwrap_or(i64::MAX);
        Ok(statement!(
            PUT,
            holder,
            program,
            class,
            name,
            by,
            stretch,
            whole(amount)?,
            counts_for,
            ends_at.map(millis),
            free_at.map(millis),
        ))
    };
    let mut statements = written.into_iter().map(put).collect::<Result<Vec<_>, _>>()?;
    statements.push(statement!(FORGET, millis(now - OVER_FOR)));
    execute_each(client, &statements).await?;
    Ok(lent)
}

const ASK_BACK: &str = "UPDATE rate_share SET free_at = NULL
     WHERE holder = $1 AND program = $2 AND class = $3 AND borrower <> $4";

async fn ask_back(client: &ClientWrapper, of: &RateOf, by: Borrower) -> Result<(), DbError> {
    let (program, class) = (text(of.program.as_str()), text(of.class.as_str()));
    let (holder, by) = (Id(of.holder.to_bytes()), Id(by.to_bytes()));
    execute(client, &statement!(ASK_BACK, holder, program, class, by)).await?;
    Ok(())
}

const END: &str = "UPDATE rate_share SET ends_at = $2 + counts_for, stretch = $2
     WHERE borrower = $1 AND ends_at IS NULL";

pub(super) async fn end(
    client: &ClientWrapper,
    by: Borrower,
    now: Timestamp,
) -> Result<(), DbError> {
    execute(client, &statement!(END, Id(by.to_bytes()), millis(now))).await?;
    Ok(())
}
