//! What grants made in an upstream's account.

use async_trait::async_trait;
use bursar_kernel::{BelongingId, GrantId};

use super::MemoryStore;
use crate::belongings::{BelongingFilter, BelongingReads};
use crate::reads::ReadError;
use crate::rows::{Belonging, BelongingKind};

#[async_trait]
impl BelongingReads for MemoryStore {
    async fn belonging(
        &self,
        grant: GrantId,
        kind: BelongingKind,
        upstream_id: String,
    ) -> Result<Option<Belonging>, ReadError> {
        let state = self.state();
        let mut kept = state.belongings.values().filter(|one| one.deleted_at.is_none());
        let found = kept.find(|one| {
            one.grant == grant
                && one.what.kind() == kind
                && one.upstream_id.as_ref() == Some(&upstream_id)
        });
        Ok(found.cloned())
    }

    async fn belonging_named(&self, id: BelongingId) -> Result<Option<Belonging>, ReadError> {
        Ok(self.state().belongings.get(&id).cloned())
    }

    async fn belongings(&self, which: BelongingFilter) -> Result<Vec<Belonging>, ReadError> {
        let state = self.state();
        let kept = state.belongings.values().filter(|one| one.deleted_at.is_none());
        Ok(match which {
            BelongingFilter::Open(limit) => {
                kept.filter(|one| one.is_open()).take(limit).cloned().collect()
            }
            BelongingFilter::OpenOf { grant, kind, limit } => kept
                .filter(|one| one.is_open() && one.grant == grant && one.what.kind() == kind)
                .take(limit)
                .cloned()
                .collect(),
            BelongingFilter::Page { grant, kind, purpose, after, latest_first, limit } => {
                let is_after = |one: &&Belonging| {
                    after.is_none_or(
                        |after| {
                            if latest_first { one.id < after } else { after < one.id }
                        },
                    )
                };
                let mut page: Vec<Belonging> = kept
                    .filter(|one| one.grant == grant && one.what.kind() == kind)
                    .filter(|one| purpose.is_none() || one.purpose() == purpose.as_deref())
                    .filter(is_after)
                    .cloned()
                    .collect();
                if latest_first {
                    page.reverse();
                }
                page.truncate(limit);
                page
            }
        })
    }
}
