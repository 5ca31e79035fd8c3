//! What can be asked about mails on their way.

use async_trait::async_trait;
use bursar_kernel::Timestamp;
use bursar_outbox::{Address, Delivery};
use bursar_store::rows::Mail;
use bursar_store::{DeliveryFilter, MailReads, ReadError};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::rows::{Parse, body, one};
use super::tables::{MAIL, mail};
use crate::SqliteStore;
use crate::codec::millis;

const OF: &str = "SELECT body FROM delivery WHERE mail = ?1 LIMIT ?2";
const DUE: &str = "SELECT body FROM delivery
     WHERE state IN ('waiting', 'sending') AND next_at <= ?1 ORDER BY next_at LIMIT ?2";
const IN_STATE: &str = "SELECT body FROM delivery WHERE state = ?1 ORDER BY mail DESC LIMIT ?2";
const HELD_FOR: &str = "SELECT delivery.body FROM delivery JOIN mail ON mail.id = delivery.mail
     WHERE state = 'held' AND recipient = ?1 ORDER BY delivery.mail LIMIT ?2";
const UNTOUCHED: &str = "WHERE sent_at IS NULL AND ?1 <= created_at
     AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.mail = mail.id)
     ORDER BY created_at, id LIMIT ?2";
const ADDRESS: &str = "SELECT body FROM address";
const BOUNCED: &str = "SELECT body FROM address
     WHERE bounced_at IS NOT NULL AND ?1 ORDER BY email LIMIT ?2";

#[async_trait]
impl MailReads for SqliteStore {
    async fn deliveries(
        &self,
        which: DeliveryFilter,
        limit: usize,
    ) -> Result<Vec<Delivery>, ReadError> {
        let (sql, value) = match which {
            DeliveryFilter::Of(mails) => {
                let mut found = Vec::with_capacity(mails.len());
                for mail in mails.into_iter().take(limit) {
                    let value = Value::Blob(mail.to_bytes().to_vec());
                    found.extend(some(self, OF.to_owned(), value, 1, body).await?);
                }
                return Ok(found);
            }
            DeliveryFilter::Due(now) => (DUE, Value::Integer(millis(now))),
            DeliveryFilter::In(state) => (IN_STATE, Value::Text(state.name().to_owned())),
            DeliveryFilter::HeldFor(email) => (HELD_FOR, Value::Text(email)),
        };
        some(self, sql.to_owned(), value, limit, body).await
    }

    async fn untouched_mails(
        &self,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<Mail>, ReadError> {
        let sql = format!("{MAIL} {UNTOUCHED}");
        some(self, sql, Value::Integer(millis(since)), limit, mail).await
    }

    async fn address(&self, email: String) -> Result<Option<Address>, ReadError> {
        one(self, ADDRESS, "email = ?1", email, body).await
    }

    async fn bounced_addresses(&self, limit: usize) -> Result<Vec<Address>, ReadError> {
        some(self, BOUNCED.to_owned(), Value::Integer(1), limit, body).await
    }
}

/// At the most so many rows that go by one value.
async fn some<T: Send + 'static>(
    store: &SqliteStore,
    sql: String,
    value: Value,
    limit: usize,
    parse: Parse<T>,
) -> Result<Vec<T>, ReadError> {
    let rows = Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX));
    let query = move |connection: &Connection| {
        let mut statement = connection.prepare_cached(&sql)?;
        statement.query_map(params_from_iter([value, rows]), parse)?.collect()
    };
    store.read(query).await
}
