//! Bringing a database up to date.

use deadpool_postgres::ClientWrapper;

use crate::chain;
use crate::error::DbError;

/// Migrations in order; the database remembers how many it has seen.
pub(crate) const MIGRATIONS: [&str; 34] = [
    include_str!("schema.sql"),
    include_str!("schema_2_market.sql"),
    include_str!("schema_3_access.sql"),
    include_str!("schema_4_cards.sql"),
    include_str!("schema_5_tiers.sql"),
    include_str!("schema_6_leases.sql"),
    include_str!("schema_7_lent.sql"),
    include_str!("schema_8_notices.sql"),
    include_str!("schema_9_nodes.sql"),
    include_str!("schema_10_idempotency.sql"),
    include_str!("schema_11_suspense.sql"),
    include_str!("schema_12_statements.sql"),
    include_str!("schema_13_voids.sql"),
    include_str!("schema_14_corrections.sql"),
    include_str!("schema_15_chain.sql"),
    include_str!("schema_16_spend.sql"),
    include_str!("schema_17_belongings.sql"),
    include_str!("schema_18_usage.sql"),
    include_str!("schema_19_stops.sql"),
    include_str!("schema_20_prices.sql"),
    include_str!("schema_21_sealed.sql"),
    include_str!("schema_22_rates.sql"),
    include_str!("schema_23_mail.sql"),
    include_str!("schema_24_editions.sql"),
    include_str!("schema_25_identities.sql"),
    include_str!("schema_26_applying.sql"),
    include_str!("schema_27_studies.sql"),
    include_str!("schema_28_passkeys.sql"),
    include_str!("schema_29_personal.sql"),
    include_str!("schema_30_institutions.sql"),
    include_str!("schema_31_claims.sql"),
    include_str!("schema_32_panel.sql"),
    include_str!("schema_33_participants.sql"),
    include_str!("schema_34_review_drafts.sql"),
];

/// Nodes that start at the same time bring the database up to date one after the other. The
/// number only has to be nobody else's: the letters of `bursar`, and which lock it is.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(x'627572736172'::BIGINT * 256 + 1)";

const MAKE_MIGRATIONS: &str = "CREATE TABLE IF NOT EXISTS migration (
     seen BIGINT PRIMARY KEY, at TIMESTAMPTZ NOT NULL DEFAULT now())";
const IS_MADE: &str = "SELECT to_regclass('migration') IS NOT NULL";
const SEEN: &str = "SELECT COALESCE(MAX(seen), 0) FROM migration";
const SAW: &str = "INSERT INTO migration (seen) VALUES ($1)";

/// How many migrations the database has seen.
pub(crate) async fn seen(client: &ClientWrapper) -> Result<usize, DbError> {
    let is_made: bool = client.query_one(IS_MADE, &[]).await?.try_get(0)?;
    if !is_made {
        return Ok(0);
    }
    let seen: i64 = client.query_one(SEEN, &[]).await?.try_get(0)?;
    Ok(usize::try_from(seen).unwrap_or(usize::MAX))
}

/// Brings the database up to date, whole or not at all. `false` if it is ahead of this release.
pub(crate) async fn migrate(client: &ClientWrapper) -> Result<bool, DbError> {
    // One that needs nothing is not waited for, nor one whose tables this release does not know.
    let before = seen(client).await?;
    if MIGRATIONS.len() <= before {
        return Ok(before == MIGRATIONS.len());
    }
    client.batch_execute("BEGIN").await?;
    match run(client).await {
        Ok(is_known) => {
            client.batch_execute("COMMIT").await?;
            Ok(is_known)
        }
        Err(error) => {
            // What is left of the connection is of no use if even this fails.
            let _ = client.batch_execute("ROLLBACK").await;
            Err(error)
        }
    }
}

async fn run(client: &ClientWrapper) -> Result<bool, DbError> {
    client.batch_execute(MIGRATION_LOCK).await?;
    client.batch_execute(MAKE_MIGRATIONS).await?;
    let seen = seen(client).await?;
    for (migration, number) in MIGRATIONS.iter().zip(1_i64..).skip(seen) {
        client.batch_execute(migration).await?;
        if number == chain::MIGRATION {
            chain::begin(client).await?;
        }
        client.execute(SAW, &[&number]).await?;
    }
    Ok(seen <= MIGRATIONS.len())
}
