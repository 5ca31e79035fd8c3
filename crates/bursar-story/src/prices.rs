//! Price tables: proposed, approved or rejected, and read back whole.

use bursar_kernel::{Actor, PriceVersion};
use bursar_store::rows::{PriceStanding, PriceTable};
use bursar_store::{Change, Commit, CommitError, Expect, NodeReads, PriceReads, Row, Write};

use super::world::Desk;

/// Proposes tables in an engine that is still empty, approves one and rejects one.
pub async fn prices(store: &(impl Commit + PriceReads + NodeReads)) {
    let mut desk = Desk::new(20);
    assert_eq!(store.price_tables().await, Ok(Vec::new()));
    let version = |name: &str| PriceVersion::new(name);
    let first = desk.table("openai-2026-11-22 ''; --");
    desk.now = desk.in_hours(1);
    let (second, third) = (desk.table("b"), desk.table("a"));
    for table in [&first, &second, &third] {
        assert_eq!(store.price_table(table.version.clone()).await, Ok(None));
        assert_eq!(put(store, &desk, table, Expect::New).await, Ok(()));
        assert_eq!(put(store, &desk, table, Expect::New).await, conflict(table));
        assert_eq!(store.price_table(table.version.clone()).await, Ok(Some(table.clone())));
    }
    let all = vec![second.clone(), third.clone(), first.clone()];
    assert_eq!(store.price_tables().await, Ok(all));

    let told = store.last_change().await.expect("the store answers");
    let (by, at) = (Actor::Operator, desk.now);
    let approved = PriceTable {
        standing: PriceStanding::Approved { by: by.clone(), at, from: desk.in_hours(2) },
        row_version: 2,
        ..second
    };
    let rejected = PriceTable {
        standing: PriceStanding::Rejected { by, at, reason: "It is O'Brien's; 知".to_owned() },
        row_version: 2,
        ..third
    };
    for table in [&approved, &rejected] {
        assert_eq!(put(store, &desk, table, Expect::Version(1)).await, Ok(()));
        assert_eq!(put(store, &desk, table, Expect::Version(1)).await, conflict(table));
    }
    assert_eq!(store.price_table(version("b")).await, Ok(Some(approved.clone())));
    assert_eq!(store.price_tables().await, Ok(vec![approved, rejected, first]));
    let heard = store.changes(told).await.expect("the store answers");
    let heard: Vec<Option<Change>> = heard.into_iter().map(|(_, change)| change).collect();
    assert_eq!(heard, [Some(Change::Prices); 2]);
}

async fn put(
    store: &impl Commit,
    desk: &Desk,
    table: &PriceTable,
    expect: Expect,
) -> Result<(), CommitError> {
    let row = Row::PriceTable(Box::new(table.clone()));
    store.commit(desk.batch().with(Write::Row(row, expect))).await.map(|_| ())
}

fn conflict(table: &PriceTable) -> Result<(), CommitError> {
    Err(CommitError::Conflict(format!("price table `{}`", table.version)))
}

impl Desk {
    fn table(&self, version: &str) -> PriceTable {
        PriceTable {
            version: PriceVersion::new(version),
            document: "version = \"x\"\n# it's \u{1F4B6}".to_owned(),
            proposed_by: Actor::Operator,
            proposed_at: self.now,
            standing: PriceStanding::Proposed,
            row_version: 1,
        }
    }
}
