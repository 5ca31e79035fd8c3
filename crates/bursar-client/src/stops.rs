//! The routes of what can be stopped.

pub use bursar_store::rows::Stoppable;

use crate::{Client, ClientError, segment};
use bursar_api_types::{
    Resealed, SetUpstreamKey, StopState, TurnStop, UpstreamKeyLine, UpstreamKeys, Upstreams,
};
use bytes::Bytes;
use http::Method;

impl Client {
    /// Stops something, or starts it again.
    pub async fn turn(&self, of: &Stoppable, to: &TurnStop) -> Result<StopState, ClientError> {
        self.put(&format!("/api/{}s/{}/stop", of.kind(), segment(&of.name())), to).await
    }

    /// The upstreams, and whether they are stopped.
    pub async fn upstreams(&self) -> Result<Upstreams, ClientError> {
        self.get("/api/upstreams").await
    }

    /// The sealed keys of upstreams.
    pub async fn upstream_keys(&self) -> Result<UpstreamKeys, ClientError> {
        self.get("/api/upstream-keys").await
    }

    /// Seals a key for an upstream.
    pub async fn set_upstream_key(
        &self,
        upstream: &str,
        key: &SetUpstreamKey,
    ) -> Result<UpstreamKeyLine, ClientError> {
        self.put(&format!("/api/upstreams/{}/key", segment(upstream)), key).await
    }

    /// Takes the sealed key of an upstream out.
    pub async fn remove_upstream_key(&self, upstream: &str) -> Result<UpstreamKeys, ClientError> {
        let path = format!("/api/upstreams/{}/key", segment(upstream));
        self.read(self.send(Method::DELETE, &path, Bytes::new()).await?)
    }

    /// Seals all keys anew that are not under the newest master key.
    pub async fn reseal(&self) -> Result<Resealed, ClientError> {
        self.read(self.send(Method::POST, "/api/upstream-keys/reseal", Bytes::new()).await?)
    }
}
