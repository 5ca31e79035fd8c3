//! What can be asked about limited models.

use async_trait::async_trait;
use bursar_kernel::{AccessRequestId, GrantId};
use bursar_policy::AccessRequest;

use crate::reads::ReadError;

/// Which requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessFilter {
    /// All of a grant, latest first.
    Grant(GrantId),
    /// Those that wait for an officer, the longest first.
    Waiting,
    /// The latest, newest first: so many at the most.
    Latest(usize),
}

/// What can be asked about limited models. Not found is `None`.
#[async_trait]
pub trait AccessReads: Send + Sync {
    /// A request.
    async fn access_request(&self, id: AccessRequestId)
    -> Result<Option<AccessRequest>, ReadError>;
    /// Requests, in the order that the filter says.
    async fn access_requests(&self, which: AccessFilter) -> Result<Vec<AccessRequest>, ReadError>;
}
