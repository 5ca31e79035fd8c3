//! What can be asked about payment cards.

use async_trait::async_trait;
use bursar_kernel::{CardCheckId, PersonId};
use bursar_store::rows::{Card, CardCheck};
use bursar_store::{CardCheckFilter, CardReads, ReadError};

use super::rows::{Conditions, body, many, one};
use crate::PostgresStore;
use crate::codec::{Id, millis};

const CARD: &str = "SELECT body FROM card";
const CHECK: &str = "SELECT body FROM card_check";

#[async_trait]
impl CardReads for PostgresStore {
    async fn card(&self, person: PersonId) -> Result<Option<Card>, ReadError> {
        one(self, CARD, "person = $1", Id(person.to_bytes()), body).await
    }

    async fn card_check(&self, id: CardCheckId) -> Result<Option<CardCheck>, ReadError> {
        one(self, CHECK, "id = $1", Id(id.to_bytes()), body).await
    }

    async fn card_checks(&self, which: CardCheckFilter) -> Result<Vec<CardCheck>, ReadError> {
        let all = Conditions::default();
        let (conditions, order) = match which {
            CardCheckFilter::Person(person) => {
                (all.and("person =", Some(Id(person.to_bytes()))), "ORDER BY id DESC")
            }
            CardCheckFilter::Due(now) => {
                let open = all.and_that(Some("state IN ('started', 'held')"));
                (open.and("due_at <=", Some(millis(now))), "ORDER BY due_at, id")
            }
        };
        many(self, CHECK, conditions, order, body).await
    }
}
