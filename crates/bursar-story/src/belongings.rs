//! What grants made in an upstream's account: seen by their own grant alone, in the order in which
//! it was made, until it is deleted.

use bursar_kernel::{
    BelongingId, Context, Endpoint, GrantId, HoldId, KeyId, ModelId, PriceVersion, RequestId,
    ServiceTier,
};

use super::world::{Desk, usd};
use bursar_store::rows::{
    BatchFacts, Belonging, BelongingKind, FileFacts, Owed, ResponseFacts, UploadFacts, UploadPart,
    UploadStatus, What,
};
use bursar_store::{BelongingFilter, BelongingReads, Commit, CommitError, Expect, Row, Write};

/// Writes belongings to an engine that is still empty, and reads them back.
pub async fn belongings(store: &(impl Commit + BelongingReads)) {
    let mut desk = Desk::new(9);
    let [ours, theirs] = [(); 2].map(|()| GrantId::new(desk.now, desk.chance.entropy()));
    let mut kept = Vec::new();
    for (number, grant, purpose) in
        [(0, ours, "batch"), (1, ours, "batch_output"), (2, theirs, "batch"), (3, ours, "batch")]
    {
        let file = desk.belonging(grant, Some(format!("file-{number}")), file(purpose));
        assert_eq!(put(store, &desk, &file, Expect::New).await, Ok(()));
        kept.push(file);
    }
    let what = desk.batch_of_calls();
    let mut batch = desk.belonging(ours, None, what);
    assert_eq!(put(store, &desk, &batch, Expect::New).await, Ok(()));
    let again = desk.belonging(theirs, Some("file-0".to_owned()), file("batch"));
    assert_eq!(put(store, &desk, &again, Expect::New).await, conflict(&again), "it has an owner");
    assert_eq!(put(store, &desk, &kept[0], Expect::New).await, conflict(&kept[0]));

    // Of two that know its name only one is right.
    batch.upstream_id = Some("batch_1".to_owned());
    batch.version = 2;
    assert_eq!(put(store, &desk, &batch, Expect::Version(1)).await, Ok(()));
    assert_eq!(put(store, &desk, &batch, Expect::Version(1)).await, conflict(&batch));
    names(store, (ours, theirs), &kept, &batch).await;

    assert_eq!(store.belongings(BelongingFilter::Open(9)).await, Ok(vec![batch.clone()]));
    assert_eq!(store.belongings(BelongingFilter::Open(0)).await, Ok(Vec::new()));
    batch.close();
    batch.version = 3;
    assert_eq!(put(store, &desk, &batch, Expect::Version(2)).await, Ok(()));
    assert_eq!(store.belongings(BelongingFilter::Open(9)).await, Ok(Vec::new()), "it is charged");
    pages(store, ours, &kept, &batch).await;
    responses(store, &mut desk, (ours, theirs)).await;
    uploads(store, &mut desk, (ours, theirs)).await;

    kept[0].deleted_at = Some(desk.in_hours(1));
    kept[0].version = 2;
    assert_eq!(put(store, &desk, &kept[0], Expect::Version(1)).await, Ok(()));
    let gone = store.belonging(ours, BelongingKind::File, "file-0".to_owned()).await;
    assert_eq!(gone, Ok(None), "what is deleted is gone");
    assert_eq!(store.belonging_named(kept[0].id).await, Ok(Some(kept[0].clone())));
    let left = page(ours, BelongingKind::File, (None, None), false, 9);
    assert_eq!(store.belongings(left).await, Ok(vec![kept[1].clone(), kept[3].clone()]));
}

/// Responses: some are owed for until they end, and what they count stays with them.
async fn responses(
    store: &(impl Commit + BelongingReads),
    desk: &mut Desk,
    (ours, theirs): (GrantId, GrantId),
) {
    use BelongingKind::{Batch, Response};
    let mut rows = Vec::new();
    for (number, grant, open) in [(0, ours, true), (1, theirs, true), (2, ours, false)] {
        let what = desk.response(open);
        let row = desk.belonging(grant, Some(format!("resp_{number}")), what);
        assert_eq!(put(store, desk, &row, Expect::New).await, Ok(()));
        rows.push(row);
    }
    let open_of = |grant, kind, limit| BelongingFilter::OpenOf { grant, kind, limit };
    let cases = [
        (BelongingFilter::Open(9), vec![&rows[0], &rows[1]]),
        (BelongingFilter::Open(1), vec![&rows[0]]),
        (open_of(ours, Response, 9), vec![&rows[0]]),
        (open_of(theirs, Response, 9), vec![&rows[1]]),
        (open_of(theirs, Response, 0), Vec::new()),
        (open_of(ours, Batch, 9), Vec::new()),
        (page(ours, Response, (None, None), true, 9), vec![&rows[2], &rows[0]]),
    ];
    for (which, expected) in cases {
        let expected = expected.into_iter().cloned().collect();
        assert_eq!(store.belongings(which.clone()).await, Ok(expected), "{which:?}");
    }
    let found = store.belonging(theirs, Response, "resp_0".to_owned()).await;
    assert_eq!(found, Ok(None), "it is somebody else's");
    for row in &mut rows[..2] {
        row.close();
        if let What::Response(facts) = &mut row.what {
            facts.context = Context { tokens: 901, visible: 700, images: 0 };
        }
        row.version = 2;
        assert_eq!(put(store, desk, row, Expect::Version(1)).await, Ok(()));
    }
    assert_eq!(store.belongings(BelongingFilter::Open(9)).await, Ok(Vec::new()));
    let found = store.belonging(ours, Response, "resp_0".to_owned()).await;
    assert_eq!(found, Ok(Some(rows[0].clone())));
}

/// Uploads: open until they have ended, and a file in the same commit or not at all.
async fn uploads(
    store: &(impl Commit + BelongingReads),
    desk: &mut Desk,
    (ours, theirs): (GrantId, GrantId),
) {
    use BelongingKind::{File, Upload};
    let what = desk.upload();
    let mut upload = desk.belonging(ours, Some("upload_0".to_owned()), what);
    assert_eq!(put(store, desk, &upload, Expect::New).await, Ok(()));
    let open_of = |grant| BelongingFilter::OpenOf { grant, kind: Upload, limit: 9 };
    for (which, expected) in [
        (BelongingFilter::Open(9), vec![upload.clone()]),
        (open_of(ours), vec![upload.clone()]),
        (open_of(theirs), Vec::new()),
    ] {
        assert_eq!(store.belongings(which.clone()).await, Ok(expected), "{which:?}");
    }
    let found = store.belonging(theirs, Upload, "upload_0".to_owned()).await;
    assert_eq!(found, Ok(None), "it is somebody else's");
    let made = desk.belonging(ours, Some("file-of-parts".to_owned()), file("batch"));
    if let What::Upload(facts) = &mut upload.what {
        facts.status = UploadStatus::Completed;
        facts.file.clone_from(&made.upstream_id);
    }
    upload.version = 2;
    let both = |expect| {
        let row = |one: &Belonging| Row::Belonging(Box::new(one.clone()));
        let made = Write::Row(row(&made), Expect::New);
        desk.batch().with(made).with(Write::Row(row(&upload), expect))
    };
    assert!(store.commit(both(Expect::Version(7))).await.is_err(), "somebody else was faster");
    let found = store.belonging(ours, File, "file-of-parts".to_owned()).await;
    assert_eq!(found, Ok(None), "neither or both");
    assert!(store.commit(both(Expect::Version(1))).await.is_ok());
    let found = store.belonging(ours, File, "file-of-parts".to_owned()).await;
    assert_eq!(found, Ok(Some(made.clone())));
    assert_eq!(store.belongings(BelongingFilter::Open(9)).await, Ok(Vec::new()));
    let found = store.belonging(ours, Upload, "upload_0".to_owned()).await;
    assert_eq!(found, Ok(Some(upload)), "what has ended is there still");
    let mut gone = made;
    gone.deleted_at = Some(desk.in_hours(1));
    gone.version = 2;
    assert_eq!(put(store, desk, &gone, Expect::Version(1)).await, Ok(()));
}

/// Each is there for its own grant, by its kind and name.
async fn names(
    store: &impl BelongingReads,
    (ours, theirs): (GrantId, GrantId),
    kept: &[Belonging],
    batch: &Belonging,
) {
    use BelongingKind::{Batch, File};
    let cases = [
        (ours, File, "file-0", Some(&kept[0])),
        (theirs, File, "file-0", None),
        (theirs, File, "file-2", Some(&kept[2])),
        (ours, Batch, "file-0", None),
        (ours, Batch, "batch_1", Some(batch)),
        (theirs, Batch, "batch_1", None),
        (ours, File, "file-none", None),
    ];
    for (grant, kind, name, expected) in cases {
        let found = store.belonging(grant, kind, name.to_owned()).await;
        assert_eq!(found, Ok(expected.cloned()), "{name}");
    }
    assert_eq!(store.belonging_named(batch.id).await, Ok(Some(batch.clone())));
}

async fn pages(store: &impl BelongingReads, ours: GrantId, kept: &[Belonging], batch: &Belonging) {
    use BelongingKind::{Batch, File};
    let (first, last) = (Some(kept[0].id), Some(kept[3].id));
    let cases: [(BelongingFilter, Vec<&Belonging>); 7] = [
        (page(ours, File, (None, None), false, 9), vec![&kept[0], &kept[1], &kept[3]]),
        (page(ours, File, (None, None), true, 2), vec![&kept[3], &kept[1]]),
        (page(ours, File, (first, None), false, 1), vec![&kept[1]]),
        (page(ours, File, (last, None), true, 9), vec![&kept[1], &kept[0]]),
        (page(ours, File, (last, None), false, 9), Vec::new()),
        (page(ours, File, (None, Some("batch")), true, 9), vec![&kept[3], &kept[0]]),
        (page(ours, Batch, (None, None), false, 9), vec![batch]),
    ];
    for (which, expected) in cases {
        let expected = expected.into_iter().cloned().collect();
        assert_eq!(store.belongings(which.clone()).await, Ok(expected), "{which:?}");
    }
}

fn page(
    grant: GrantId,
    kind: BelongingKind,
    (after, purpose): (Option<BelongingId>, Option<&str>),
    latest_first: bool,
    limit: usize,
) -> BelongingFilter {
    let purpose = purpose.map(str::to_owned);
    BelongingFilter::Page { grant, kind, purpose, after, latest_first, limit }
}

async fn put(
    store: &impl Commit,
    desk: &Desk,
    belonging: &Belonging,
    expect: Expect,
) -> Result<(), CommitError> {
    let row = Row::Belonging(Box::new(belonging.clone()));
    store.commit(desk.batch().with(Write::Row(row, expect))).await.map(|_| ())
}

fn conflict(belonging: &Belonging) -> Result<(), CommitError> {
    Err(CommitError::Conflict(format!("belonging `{}`", belonging.id)))
}

impl Desk {
    fn belonging(&mut self, grant: GrantId, upstream_id: Option<String>, what: What) -> Belonging {
        self.now = self.in_hours(1);
        Belonging {
            id: BelongingId::new(self.now, self.chance.entropy()),
            upstream: "openai".to_owned(),
            upstream_id,
            grant,
            key: KeyId::new(self.now, self.chance.entropy()),
            person: self.holder,
            created_at: self.now,
            deleted_at: None,
            what,
            version: 1,
        }
    }

    fn batch_of_calls(&mut self) -> What {
        let owed = self.owed(ServiceTier::Batch);
        let shown = Some(r#"{"status":"in_progress"}"#.to_owned());
        What::Batch(Box::new(BatchFacts { owed, lines: 50_000, shown }))
    }

    fn response(&mut self, open: bool) -> What {
        let owed = self.owed(ServiceTier::Flex);
        What::Response(Box::new(ResponseFacts {
            request: owed.request,
            model: owed.model.clone(),
            context: Context { tokens: u64::from(u32::MAX), visible: 0, images: 3 },
            owed: open.then_some(owed),
        }))
    }

    fn upload(&mut self) -> What {
        let content = "cd".repeat(32);
        What::Upload(Box::new(UploadFacts {
            bytes: 7,
            filename: "lines.jsonl".to_owned(),
            purpose: "batch".to_owned(),
            expires_at: self.in_hours(1),
            parts: vec![UploadPart { id: "part_0".to_owned(), bytes: 7, content }],
            status: UploadStatus::Pending,
            file: None,
        }))
    }

    fn owed(&mut self, tier: ServiceTier) -> Owed {
        Owed {
            request: RequestId::new(self.now, self.chance.entropy()),
            hold: HoldId::new(self.now, self.chance.entropy()),
            held: usd("1.5"),
            endpoint: Endpoint::ChatCompletions,
            model: ModelId::new("gpt-4.1-mini"),
            tier,
            price_version: PriceVersion::new("2026-11"),
            settle_by: self.in_hours(24),
            open: true,
        }
    }
}

fn file(purpose: &str) -> What {
    What::File(FileFacts {
        bytes: 1 << 40,
        filename: "Ida's \"lines\" ; -- 知.jsonl".to_owned(),
        purpose: purpose.to_owned(),
        content: Some("ab".repeat(32)),
        written_by: None,
    })
}
