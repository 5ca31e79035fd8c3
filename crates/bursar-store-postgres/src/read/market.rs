//! What can be asked about the market.

use async_trait::async_trait;
use bursar_kernel::{GrantId, ListingId, PersonId, TradeId};
use bursar_ledger::TransferKind;
use bursar_market::{Listing, Trade};
use bursar_store::{ListingFilter, MarketReads, PassedOn, ReadError, TradeFilter};
use tokio_postgres::Row;

use super::rows::{Conditions, body, many, one};
use crate::PostgresStore;
use crate::codec::{Id, amount, broken, instant, millis};
use crate::error::DbError;
use crate::statement::values;

const LISTING: &str = "SELECT body FROM listing";
const TRADE: &str = "SELECT body FROM trade";
// Two halves, each by its own index; nobody trades with themselves.
const TRADES_OF: &str = "SELECT body, id FROM trade WHERE seller = $1
     UNION ALL SELECT body, id FROM trade WHERE buyer = $1 ORDER BY id DESC LIMIT $2";
const TRADES: &str = "SELECT body FROM trade ORDER BY id DESC LIMIT $1";
const PASSED_ON: &str = "SELECT transfer.kind, SUM(transfer.amount)::BIGINT, MAX(transfer.at)
     FROM lot JOIN account ON account.name = lot.account
     JOIN transfer ON transfer.debit = account.id
     WHERE lot.grant_id = $1 AND transfer.kind IN
         ('sell', 'return', 'expire', 'suspend', 'claw_back', 'void')
     GROUP BY transfer.kind ORDER BY transfer.kind COLLATE \"C\"";

#[async_trait]
impl MarketReads for PostgresStore {
    async fn listing(&self, id: ListingId) -> Result<Option<Listing>, ReadError> {
        one(self, LISTING, "id = $1", Id(id.to_bytes()), body).await
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
                let by = Conditions::default().and("seller =", Some(Id(seller.to_bytes())));
                (by, "ORDER BY id DESC")
            }
        };
        many(self, LISTING, conditions, order, body).await
    }

    async fn trade(&self, id: TradeId) -> Result<Option<Trade>, ReadError> {
        one(self, TRADE, "id = $1", Id(id.to_bytes()), body).await
    }

    async fn trades(&self, which: TradeFilter) -> Result<Vec<Trade>, ReadError> {
        let limit = i64::try_from(which.limit).unwrap_or(i64::MAX);
        match which.person.map(PersonId::to_bytes) {
            Some(person) => self.ask(TRADES_OF, &values![Id(person), limit], body).await,
            None => self.ask(TRADES, &values![limit], body).await,
        }
    }

    async fn passed_on(&self, grant: GrantId) -> Result<Vec<PassedOn>, ReadError> {
        self.ask(PASSED_ON, &values![Id(grant.to_bytes())], passed_on).await
    }
}

fn passed_on(row: &Row) -> Result<PassedOn, DbError> {
    let unknown = || broken(row, 0, "it does not name a kind of transfer");
    let kind = TransferKind::from_name(row.try_get(0)?).ok_or_else(unknown)?;
    Ok(PassedOn { kind, amount: amount(row, 1)?, last_at: instant(row, 2)? })
}
