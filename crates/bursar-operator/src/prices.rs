//! Price tables: brought by a file, looked at by a person, and in force from an instant on. What
//! was charged stays charged: no table holds from before it was approved.

use bursar_catalog::{Change, compare};
use bursar_kernel::{Actor, Catalog, PriceVersion, Timestamp};
use bursar_policy::{Action, Viewer};
use bursar_service::{Service, ServiceError, allow, audit_line, batch_of};
use bursar_store::rows::{PriceStanding, PriceTable};
use bursar_store::{Batch, Expect, Row, Write};
use jiff::SignedDuration;
use tracing::{info, warn};

/// Bytes of a catalog file: the one that ships has some 30 KiB.
const DOCUMENT_BYTES_MAX: usize = 512 * 1024;
/// Characters of the name of a price table.
const VERSION_CHARACTERS_MAX: usize = 64;
/// Tables that can wait for a decision at a time: somebody has to look at each.
const PROPOSALS_MAX: usize = 20;
/// How far ahead a table can be approved for.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24 * 366);
/// How often it is decided anew, should somebody else have had the last word meanwhile.
const TRIES: u32 = 3;
/// Who brings the catalog file of the configuration.
const CONFIGURATION: &str = "configuration";

/// What is decided on a price table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriceDecision {
    /// It holds.
    Approve(Approval),
    /// It is not used.
    Reject {
        /// Why.
        reason: String,
    },
}

/// From when on a price table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// At once.
    Now,
    /// From an instant on.
    From(Timestamp),
}

/// A price table, and what is different in it.
#[derive(Clone, Debug)]
pub struct PriceTableChanges {
    /// It.
    pub table: PriceTable,
    /// The table that it is compared with: the one that held before it, or holds now.
    pub before: PriceVersion,
    /// What is different, model by model.
    pub changes: Vec<Change>,
    /// Whether it holds now.
    pub is_in_force: bool,
}

/// Enters the catalog of the configuration among the price tables, and learns which holds. A table
/// of a name that is not there holds at once; under a name that is, prices cannot change.
pub async fn install_prices(service: &Service) -> Result<(), ServiceError> {
    let catalog = service.catalog();
    let mut tries = 0_u32;
    loop {
        match enter(service, &catalog).await {
            Err(ServiceError::Conflict(_)) if tries < TRIES => tries = tries.saturating_add(1),
            entered => break entered?,
        }
    }
    service.calls().learn_prices().await?;
    let in_force = service.catalog();
    if in_force.version != catalog.version {
        info!(
            prices.in_force = %in_force.version, prices.configured = %catalog.version,
            "calls are priced by `{}`, which was approved after the catalog file `{}`",
            in_force.version, catalog.version
        );
    }
    Ok(())
}

async fn enter(service: &Service, catalog: &Catalog) -> Result<(), ServiceError> {
    let store = service.store();
    let now = service.now();
    let by = Actor::Job(CONFIGURATION.to_owned());
    let document = bursar_catalog::write(catalog);
    let (table, expect) = match store.price_table(catalog.version.clone()).await? {
        Some(known) if known.document == document && known.standing.holds_from().is_some() => {
            return Ok(());
        }
        Some(known) if known.standing.holds_from().is_some() => {
            same_prices(&known, catalog)?;
            let row_version = known.row_version.saturating_add(1);
            let expect = Expect::Version(known.row_version);
            (PriceTable { document, row_version, ..known }, expect)
        }
        Some(known) => {
            return Err(ServiceError::Refused(format!(
                "the catalog file has the version `{}`, and a price table of that name was {}\n\
                 hint: give the file another version, or approve the table",
                catalog.version,
                known.standing.state()
            )));
        }
        None => {
            let table = PriceTable {
                version: catalog.version.clone(),
                document,
                proposed_by: by.clone(),
                proposed_at: now,
                standing: PriceStanding::Approved { by: by.clone(), at: now, from: now },
                row_version: 1,
            };
            (table, Expect::New)
        }
    };
    let batch = Batch::new(by, now);
    let line = audit_line(&batch, "prices.installed", &table.version, &*catalog.source);
    let row = Write::Row(Row::PriceTable(Box::new(table)), expect);
    store.commit(batch.with(row).with(line)).await?;
    Ok(())
}

/// What was charged by a table stays charged by it, so only what is no price may change.
fn same_prices(known: &PriceTable, catalog: &Catalog) -> Result<(), ServiceError> {
    let changes = compare(&read(known)?, catalog);
    let is_price = |change: &&Change| !matches!(change, Change::Fact { .. });
    let Some(change) = changes.iter().find(is_price) else { return Ok(()) };
    Err(ServiceError::Refused(format!(
        "the catalog file has the version `{}`, and calls were priced by other prices of that \
         name: {change}\n\
         hint: give the file a new version",
        catalog.version
    )))
}

/// All price tables, the latest proposal first, and which of them holds.
pub async fn price_tables(
    service: &Service,
    viewer: &Viewer,
) -> Result<(Vec<PriceTable>, PriceVersion), ServiceError> {
    allow(viewer, Action::Operate)?;
    let tables = service.store().price_tables().await?;
    Ok((tables, service.catalog().version.clone()))
}

/// The table that holds now, as a catalog file.
pub fn table_in_force(service: &Service, viewer: &Viewer) -> Result<String, ServiceError> {
    allow(viewer, Action::Operate)?;
    Ok(bursar_catalog::write(&service.catalog()))
}

/// A price table, and what it changes: of what held before it, or of what holds now.
pub async fn price_table(
    service: &Service,
    viewer: &Viewer,
    version: &PriceVersion,
) -> Result<PriceTableChanges, ServiceError> {
    allow(viewer, Action::Operate)?;
    let tables = service.store().price_tables().await?;
    let found = tables.iter().find(|table| table.version == *version).cloned();
    let table = found.ok_or_else(|| missing(version))?;
    let catalog = read(&table)?;
    let in_force = service.catalog();
    let earlier = table.standing.holds_from().and_then(|since| {
        let before = tables
            .iter()
            .filter(|other| other.standing.holds_from().is_some_and(|other| other < since));
        before.max_by_key(|other| other.standing.holds_from())
    });
    let before = match earlier {
        Some(earlier) => read(earlier)?,
        // The first of all is compared with itself: nothing was different before.
        None if table.standing.holds_from().is_some() => catalog.clone(),
        None => Catalog::clone(&in_force),
    };
    Ok(PriceTableChanges {
        changes: compare(&before, &catalog),
        before: before.version,
        is_in_force: in_force.version == table.version,
        table,
    })
}

/// Brings a price table: the text of a catalog file. It prices nothing before it is approved.
pub async fn propose_prices(
    service: &Service,
    viewer: &Viewer,
    document: &str,
) -> Result<PriceTableChanges, ServiceError> {
    allow(viewer, Action::Operate)?;
    if DOCUMENT_BYTES_MAX < document.len() {
        return Err(wrong(format!("Bring a catalog file of at most {DOCUMENT_BYTES_MAX} bytes")));
    }
    let catalog = bursar_catalog::read("the price table", document)
        .map_err(|mistakes| wrong(mistakes.to_string()))?;
    let version = &catalog.version;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if VERSION_CHARACTERS_MAX < version.as_str().len() || !version.as_str().chars().all(is_plain) {
        return Err(wrong(format!(
            "Use at most {VERSION_CHARACTERS_MAX} letters, digits, `-`, `_` and `.` for the \
             version, such as `openai-2026-11-29`"
        )));
    }
    let tables = service.store().price_tables().await?;
    if tables.iter().any(|table| table.version == *version) {
        let message = format!("There is a price table `{version}`: give this one another version");
        return Err(wrong(message));
    }
    let waiting = tables.iter().filter(|table| table.standing == PriceStanding::Proposed).count();
    if PROPOSALS_MAX <= waiting {
        return Err(ServiceError::Refused(format!(
            "{waiting} price tables wait for a decision\nhint: approve or reject some of them first"
        )));
    }
    let batch = batch_of(viewer, service.now())?;
    let table = PriceTable {
        version: version.clone(),
        // As it is written here, so that two tables that say the same are the same text.
        document: bursar_catalog::write(&catalog),
        proposed_by: batch.by.clone(),
        proposed_at: batch.now,
        standing: PriceStanding::Proposed,
        row_version: 1,
    };
    let line = audit_line(&batch, "prices.proposed", version, &*catalog.source);
    let row = Write::Row(Row::PriceTable(Box::new(table)), Expect::New);
    service.store().commit(batch.with(row).with(line)).await?;
    price_table(service, viewer, version).await
}

/// Approves a price table, or rejects it. One that was approved and does not hold yet can still be
/// rejected.
pub async fn decide_on_prices(
    service: &Service,
    viewer: &Viewer,
    version: &PriceVersion,
    decision: &PriceDecision,
) -> Result<PriceTableChanges, ServiceError> {
    allow(viewer, Action::Operate)?;
    let found = service.store().price_table(version.clone()).await?;
    let table = found.ok_or_else(|| missing(version))?;
    let batch = batch_of(viewer, service.now())?;
    let standing = decided(&table, decision, &batch)?;
    let detail = match &standing {
        PriceStanding::Approved { from, .. } => format!("from {from} on"),
        PriceStanding::Rejected { reason, .. } => reason.clone(),
        PriceStanding::Proposed => String::new(),
    };
    let action = format!("prices.{}", standing.state());
    let line = audit_line(&batch, &action, version, &*detail);
    let expect = Expect::Version(table.row_version);
    let row_version = table.row_version.saturating_add(1);
    let row = PriceTable { standing, row_version, ..table };
    let row = Write::Row(Row::PriceTable(Box::new(row)), expect);
    service.store().commit(batch.with(row).with(line)).await?;
    warn!(prices.version = %version, detail, "price table `{version}`: {action}");
    service.calls().learn_prices().await?;
    price_table(service, viewer, version).await
}

fn decided(
    table: &PriceTable,
    decision: &PriceDecision,
    batch: &Batch,
) -> Result<PriceStanding, ServiceError> {
    let (by, at, version) = (batch.by.clone(), batch.now, &table.version);
    let holds_already = table.standing.holds_from().is_some_and(|(from, _)| from <= at);
    match (decision, &table.standing) {
        (_, PriceStanding::Rejected { .. }) => Err(ServiceError::Refused(format!(
            "the price table `{version}` was rejected\nhint: bring it again under another version"
        ))),
        (PriceDecision::Approve(_), PriceStanding::Approved { from, .. }) => {
            Err(ServiceError::Refused(format!(
                "the price table `{version}` was approved already, from {from} on"
            )))
        }
        (PriceDecision::Approve(approval), PriceStanding::Proposed) => {
            let from = match approval {
                Approval::Now => at,
                Approval::From(from) if *from < at => {
                    return Err(ServiceError::field(
                        "effective_from",
                        "Use an instant that is still to come: what was charged stays charged",
                    ));
                }
                Approval::From(from) if at + AHEAD_MAX < *from => {
                    return Err(ServiceError::field(
                        "effective_from",
                        "Use an instant within a year",
                    ));
                }
                Approval::From(from) => *from,
            };
            Ok(PriceStanding::Approved { by, at, from })
        }
        (PriceDecision::Reject { .. }, _) if holds_already => Err(ServiceError::Refused(format!(
            "the price table `{version}` holds already, and what it priced stays priced by it\n\
             hint: approve another one"
        ))),
        (PriceDecision::Reject { reason }, _) => {
            let reason = bursar_service::read_text("reason", reason, "Say why it is not used")?;
            Ok(PriceStanding::Rejected { by, at, reason })
        }
    }
}

fn read(table: &PriceTable) -> Result<Catalog, ServiceError> {
    let name = format!("price table {}", table.version);
    bursar_catalog::read(&name, &table.document)
        .map_err(|mistakes| ServiceError::Unavailable(Box::new(mistakes)))
}

fn missing(version: &PriceVersion) -> ServiceError {
    let what = format!("price table `{version}`\nhint: `bursar prices list` names them");
    ServiceError::NotFound(what)
}

fn wrong(message: String) -> ServiceError {
    ServiceError::field("document", message)
}
