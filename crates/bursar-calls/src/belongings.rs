//! What grants make in an upstream's account: each row says whose it is.

use bursar_kernel::{Actor, BelongingId, GrantId};
use bursar_sources::entropy;
use bursar_store::rows::{Belonging, BelongingKind, FileFacts, What};
use bursar_store::{Batch, BelongingFilter, CommitError, Expect, ReadError, Row, Write};

use crate::{Caller, Calls};

impl Calls {
    /// Something new of a caller's in an upstream's account.
    pub fn new_belonging(&self, caller: &Caller, upstream: &str, what: What) -> Belonging {
        let now = self.now();
        Belonging {
            id: BelongingId::new(now, entropy::draw()),
            upstream: upstream.to_owned(),
            upstream_id: None,
            grant: caller.grant(),
            key: caller.key(),
            person: caller.holder(),
            created_at: now,
            deleted_at: None,
            what,
            version: 1,
        }
    }

    /// A file that a batch wrote: it is of the same grant.
    pub fn written_by(&self, batch: &Belonging, name: String, file: FileFacts) -> Belonging {
        let now = self.now();
        Belonging {
            id: BelongingId::new(now, entropy::draw()),
            upstream_id: Some(name),
            created_at: now,
            deleted_at: None,
            what: What::File(FileFacts { written_by: Some(batch.id), ..file }),
            version: 1,
            ..batch.clone()
        }
    }

    /// What a caller's own grant calls by a name. Somebody else's is as good as none.
    pub async fn belonging(
        &self,
        caller: &Caller,
        kind: BelongingKind,
        name: &str,
    ) -> Result<Option<Belonging>, ReadError> {
        self.belonging_of(caller.grant(), kind, name).await
    }

    /// What a grant calls by a name.
    pub async fn belonging_of(
        &self,
        grant: GrantId,
        kind: BelongingKind,
        name: &str,
    ) -> Result<Option<Belonging>, ReadError> {
        self.store.belonging(grant, kind, name.to_owned()).await
    }

    /// One by its name here.
    pub async fn belonging_named(&self, id: BelongingId) -> Result<Option<Belonging>, ReadError> {
        self.store.belonging_named(id).await
    }

    /// Belongings, in the order that the filter says.
    pub async fn belongings(&self, which: BelongingFilter) -> Result<Vec<Belonging>, ReadError> {
        self.store.belongings(which).await
    }

    /// Remembers something new.
    pub async fn keep(&self, belonging: Belonging) -> Result<(), CommitError> {
        let batch = Batch::new(Actor::Key(belonging.key), self.now());
        let row = Row::Belonging(Box::new(belonging));
        self.store.commit(batch.with(Write::Row(row, Expect::New))).await.map(drop)
    }

    /// Remembers a change, and says how it stands now. Conflicts if somebody else was faster.
    pub async fn keep_changed(&self, belonging: Belonging) -> Result<Belonging, CommitError> {
        let batch = Batch::new(Actor::Key(belonging.key), self.now());
        let (changed, write) = changed(belonging);
        self.store.commit(batch.with(write)).await?;
        Ok(changed)
    }

    /// Remembers a file that an upload became, and that the upload has ended.
    pub async fn keep_completed(
        &self,
        upload: Belonging,
        file: Belonging,
    ) -> Result<(), CommitError> {
        let batch = Batch::new(Actor::Key(upload.key), self.now());
        let (_, ended) = changed(upload);
        let made = Write::Row(Row::Belonging(Box::new(file)), Expect::New);
        self.store.commit(batch.with(made).with(ended)).await.map(drop)
    }
}

/// The next version of a row, and what writes it.
pub(crate) fn changed(mut belonging: Belonging) -> (Belonging, Write) {
    let before = belonging.version;
    belonging.version = before.saturating_add(1);
    let row = Row::Belonging(Box::new(belonging.clone()));
    (belonging, Write::Row(row, Expect::Version(before)))
}
