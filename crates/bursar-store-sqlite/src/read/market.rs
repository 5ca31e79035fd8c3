//! What can be asked about the market.

use async_trait::async_trait;
use bursar_kernel::{GrantId, ListingId, PersonId, TradeId};
use bursar_ledger::TransferKind;
use bursar_market::{Listing, Trade};
use bursar_store::{ListingFilter, MarketReads, PassedOn, ReadError, TradeFilter};
use rusqlite::{Connection, Error, Row, params};

use super::rows::{Conditions, body, many, one};
use crate::SqliteStore;
use crate::codec::{amount, broken, instant, millis};

const LISTING: &str = "SELECT body FROM listing";
const TRADE: &str = "SELECT body FROM trade";
// Two halves, each by its own index; nobody trades with themselves.
const TRADES_OF: &str = "SELECT body, id FROM trade WHERE seller = ?1
     UNION ALL SELECT body, id FROM trade WHERE buyer = ?1 ORDER BY id DESC LIMIT ?2";
const TRADES: &str = "SELECT body FROM trade ORDER BY id DESC LIMIT ?1";
const PASSED_ON: &str = "SELECT transfer.kind, SUM(transfer.amount), MAX(transfer.at) FROM lot
     JOIN account ON account.name = lot.account
     JOIN transfer INDEXED BY transfer_left ON transfer.debit = account.id
     WHERE lot.grant_id = ?1 AND transfer.kind IN
         ('sell', 'return', 'expire', 'suspend', 'claw_back', 'void')
     GROUP BY transfer.kind ORDER BY transfer.kind";

#[async_trait]
impl MarketReads for SqliteStore {
    async fn listing(&self, id: ListingId) -> Result<Option<Listing>, ReadError> {
        one(self, LISTING, "id = ?1", id.to_bytes(), body).await
    }

    async fn listings(&self, which: ListingFilter) -> Result<Vec<Listing>, ReadError> {
        let open = Conditions::default().and_that(Some("state = 'open'"));
        let (conditions, order) = match which {
            ListingFilter::Open { now, upstream_group } => {
                let group = upstream_group.map(|group| group.as_str().to_owned());
                let alive = open.and("expires_at >", Some(millis(now)));
                (alive.and("upstream_group =", group), "ORDER BY price, id")
            }
            ListingFilter::Expired(now) => {
                (open.and("expires_at <=", Some(millis(now))), "ORDER BY price, id")
            }
            ListingFilter::Seller(seller) => {
                let by = Conditions::default().and("seller =", Some(seller.to_bytes()));
                (by, "ORDER BY id DESC")
            }
        };
        many(self, LISTING, conditions, order, body).await
    }

    async fn trade(&self, id: TradeId) -> Result<Option<Trade>, ReadError> {
        one(self, TRADE, "id = ?1", id.to_bytes(), body).await
    }

    async fn trades(&self, which: TradeFilter) -> Result<Vec<Trade>, ReadError> {
        self.read(move |connection| trades(connection, which)).await
    }

    async fn passed_on(&self, grant: GrantId) -> Result<Vec<PassedOn>, ReadError> {
        let query = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(PASSED_ON)?;
            statement.query_map(params![grant.to_bytes()], passed_on)?.collect()
        };
        self.read(query).await
    }
}

fn trades(connection: &Connection, which: TradeFilter) -> Result<Vec<Trade>, Error> {
    let limit = i64::try_from(which.limit).unwrap_or(i64::MAX);
    match which.person.map(PersonId::to_bytes) {
        Some(person) => {
            let mut statement = connection.prepare_cached(TRADES_OF)?;
            statement.query_map(params![person, limit], body)?.collect()
        }
        None => connection.prepare_cached(TRADES)?.query_map(params![limit], body)?.collect(),
    }
}

fn passed_on(row: &Row<'_>) -> Result<PassedOn, Error> {
    let kind: String = row.get(0)?;
    let unknown = || broken(0, std::io::Error::other("the column names no kind of transfer"));
    let kind = TransferKind::from_name(&kind).ok_or_else(unknown)?;
    Ok(PassedOn { kind, amount: amount(row, 1)?, last_at: instant(row, 2)? })
}
