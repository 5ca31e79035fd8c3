//! What can be asked about mails on their way.

use async_trait::async_trait;
use bursar_kernel::Timestamp;
use bursar_outbox::{Address, Delivery};
use bursar_store::rows::Mail;
use bursar_store::{DeliveryFilter, MailReads, ReadError};

use super::rows::{body, one};
use super::tables::{MAIL, mail};
use crate::PostgresStore;
use crate::codec::{Id, millis};
use crate::statement::values;

const OF: &str = "SELECT body FROM delivery WHERE mail = ANY ($1) LIMIT $2";
const DUE: &str = "SELECT body FROM delivery
     WHERE state IN ('waiting', 'sending') AND next_at <= $1 ORDER BY next_at LIMIT $2";
const IN_STATE: &str = "SELECT body FROM delivery WHERE state = $1 ORDER BY mail DESC LIMIT $2";
const HELD_FOR: &str = "SELECT delivery.body FROM delivery JOIN mail ON mail.id = delivery.mail
     WHERE state = 'held' AND recipient = $1 ORDER BY delivery.mail LIMIT $2";
const UNTOUCHED: &str = "WHERE sent_at IS NULL AND $1 <= created_at
     AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.mail = mail.id)
     ORDER BY created_at, id LIMIT $2";
const ADDRESS: &str = "SELECT body FROM address";
const BOUNCED: &str =
    "SELECT body FROM address WHERE bounced_at IS NOT NULL ORDER BY email LIMIT $1";

#[async_trait]
impl MailReads for PostgresStore {
    async fn deliveries(
        &self,
        which: DeliveryFilter,
        limit: usize,
    ) -> Result<Vec<Delivery>, ReadError> {
        let rows = rows_of(limit);
        match which {
            DeliveryFilter::Of(mails) => {
                let ids: Vec<Id> = mails.into_iter().map(|mail| Id(mail.to_bytes())).collect();
                self.ask(OF, &values![ids, rows], body).await
            }
            DeliveryFilter::Due(now) => self.ask(DUE, &values![millis(now), rows], body).await,
            DeliveryFilter::In(state) => {
                self.ask(IN_STATE, &values![state.name(), rows], body).await
            }
            DeliveryFilter::HeldFor(email) => self.ask(HELD_FOR, &values![email, rows], body).await,
        }
    }

    async fn untouched_mails(
        &self,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<Mail>, ReadError> {
        let sql = format!("{MAIL} {UNTOUCHED}");
        self.ask(&sql, &values![millis(since), rows_of(limit)], mail).await
    }

    async fn address(&self, email: String) -> Result<Option<Address>, ReadError> {
        one(self, ADDRESS, "email = $1", email, body).await
    }

    async fn bounced_addresses(&self, limit: usize) -> Result<Vec<Address>, ReadError> {
        self.ask(BOUNCED, &values![rows_of(limit)], body).await
    }
}

fn rows_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
