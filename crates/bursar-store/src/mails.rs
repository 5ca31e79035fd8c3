//! What can be asked about mails on their way.

use async_trait::async_trait;
use bursar_kernel::{MailId, Timestamp};
use bursar_outbox::{Address, Delivery, State};

use crate::reads::ReadError;
use crate::rows::Mail;

/// Which mails on their way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryFilter {
    /// Of these mails.
    Of(Vec<MailId>),
    /// Those that somebody may take now, the longest due first.
    Due(Timestamp),
    /// Those that stand so, the latest mail first.
    In(State),
    /// Those that are held for an address, the earliest mail first.
    HeldFor(String),
}

/// What can be asked about mails on their way. Not found is `None`.
#[async_trait]
pub trait MailReads: Send + Sync {
    /// Mails on their way, so many at the most.
    async fn deliveries(
        &self,
        which: DeliveryFilter,
        limit: usize,
    ) -> Result<Vec<Delivery>, ReadError>;
    /// Mails written since an instant that nobody has looked at, the earliest first.
    async fn untouched_mails(&self, since: Timestamp, limit: usize)
    -> Result<Vec<Mail>, ReadError>;
    /// What is known of an address, in lower case.
    async fn address(&self, email: String) -> Result<Option<Address>, ReadError>;
    /// The addresses that mail came back from, so many at the most, in their order.
    async fn bounced_addresses(&self, limit: usize) -> Result<Vec<Address>, ReadError>;
}
