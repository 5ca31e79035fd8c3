//! The routes of what can be stopped.

use bursar_kernel::{GrantId, ProgramId};

use super::{Client, ClientError, segment};
use crate::types::{StopReason, StopState, Upstreams};

/// What can be stopped, and started again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stoppable {
    /// The calls of all grants of a program.
    Program(ProgramId),
    /// The calls of a grant.
    Grant(GrantId),
    /// What goes to an upstream.
    Upstream(String),
}

impl Client {
    /// Stops something.
    pub async fn stop(&self, of: &Stoppable, why: &StopReason) -> Result<StopState, ClientError> {
        self.post(&format!("{}/stop", of.path()), why).await
    }

    /// Starts something again.
    pub async fn start(&self, of: &Stoppable, why: &StopReason) -> Result<StopState, ClientError> {
        self.post(&format!("{}/start", of.path()), why).await
    }

    /// The upstreams, and whether they are stopped.
    pub async fn upstreams(&self) -> Result<Upstreams, ClientError> {
        self.get("/api/upstreams").await
    }
}

impl Stoppable {
    fn path(&self) -> String {
        match self {
            Self::Program(program) => format!("/api/programs/{}", segment(program.as_str())),
            Self::Grant(grant) => format!("/api/grants/{grant}"),
            Self::Upstream(name) => format!("/api/upstreams/{}", segment(name)),
        }
    }
}
