//! Price tables, and deciding on one.

use bursar_kernel::{Actor, PriceVersion};
use bursar_operator::{Approval, PriceDecision, PriceTableChanges};
use bursar_service::ServiceError;
use bursar_store::rows::{PriceStanding, PriceTable};
use bursar_ui::{Input, Status, Tone, routes};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::pages::operate::{PriceChange, PriceTablePage, PriceTableRow, PriceTables};
use crate::shown;
use bursar_web::{Answer, At, Done, OrPage, Posted, Trouble, Visit, invalid};

pub(super) async fn list(visit: Visit) -> Answer {
    let found = bursar_operator::price_tables(visit.service(), &visit.viewer).await;
    let (tables, in_force) = found.or_page(&visit)?;
    let mut rows = Vec::with_capacity(tables.len());
    for table in &tables {
        rows.push(row(&visit, table, table.version == in_force).await?);
    }
    visit.page(&PriceTables { rows })
}

pub(super) async fn show(visit: Visit, At(version): At<PriceVersion>) -> Answer {
    show_with(&visit, &version, Input::default()).await
}

pub(super) async fn decide(At(version): At<PriceVersion>, mut form: Posted) -> Answer {
    let decided = match read(&form) {
        Ok(decision) => {
            let (service, viewer) = (form.visit.service(), &form.visit.viewer);
            bursar_operator::decide_on_prices(service, viewer, &version, &decision).await
        }
        Err(error) => Err(error),
    };
    match decided {
        Ok(found) => {
            let done = match found.table.standing {
                PriceStanding::Rejected { .. } => Done::PricesRejected,
                PriceStanding::Proposed | PriceStanding::Approved { .. } => Done::PricesApproved,
            };
            form.visit.done(routes::PRICES, done)
        }
        Err(error) => {
            let errors = form.visit.again(error)?;
            show_with(&form.visit, &version, form.input(errors)).await
        }
    }
}

fn read(form: &Posted) -> Result<PriceDecision, ServiceError> {
    match form.field("decision") {
        "approve" => {
            let day = form.field("effective_from").trim();
            if day.is_empty() {
                return Ok(PriceDecision::Approve(Approval::Now));
            }
            let wrong = || invalid("effective_from", "Enter a day, like 2027-01-31".to_owned());
            let day: Date = day.parse().map_err(|_| wrong())?;
            let from = day.to_zoned(TimeZone::UTC).map_err(|_| wrong())?.timestamp();
            Ok(PriceDecision::Approve(Approval::From(from)))
        }
        "reject" => Ok(PriceDecision::Reject { reason: form.field("reason").to_owned() }),
        _ => Err(invalid("decision", "Say whether it is to hold")),
    }
}

async fn show_with(visit: &Visit, version: &PriceVersion, input: Input) -> Answer {
    let found = bursar_operator::price_table(visit.service(), &visit.viewer, version).await;
    let PriceTableChanges { table, before, changes, is_in_force } = found.or_page(visit)?;
    let row = row(visit, &table, is_in_force).await?;
    let may_be_rejected = match table.standing {
        PriceStanding::Proposed => true,
        PriceStanding::Approved { from, .. } => visit.frame().now < from,
        PriceStanding::Rejected { .. } => false,
    };
    let changes = changes
        .iter()
        .map(|change| PriceChange { model: change.model().clone(), what: change.what() });
    visit.page(&PriceTablePage {
        may_be_approved: table.standing == PriceStanding::Proposed,
        may_be_rejected,
        compared_with: before.to_string(),
        changes: changes.collect(),
        document: table.document,
        row,
        input,
    })
}

async fn row(
    visit: &Visit,
    table: &PriceTable,
    is_in_force: bool,
) -> Result<PriceTableRow, Trouble> {
    let now = visit.frame().now;
    let status = match &table.standing {
        _ if is_in_force => Status::new(Tone::Good, "In force"),
        PriceStanding::Proposed => Status::new(Tone::Warning, "Waits for a decision"),
        PriceStanding::Approved { from, .. } if now < *from => Status::new(Tone::Info, "To come"),
        PriceStanding::Approved { .. } => Status::new(Tone::Neutral, "Held before"),
        PriceStanding::Rejected { .. } => Status::new(Tone::Neutral, "Not used"),
    };
    let (decided_by, reason) = match &table.standing {
        PriceStanding::Proposed => (None, None),
        PriceStanding::Approved { by, .. } => (Some(name_of(visit, by).await?), None),
        PriceStanding::Rejected { by, reason, .. } => {
            (Some(name_of(visit, by).await?), Some(reason.clone()))
        }
    };
    Ok(PriceTableRow {
        version: table.version.clone(),
        status,
        proposed_at: table.proposed_at,
        proposed_by: name_of(visit, &table.proposed_by).await?,
        holds_from: table.standing.holds_from().map(|(from, _)| from),
        decided_by,
        reason,
    })
}

async fn name_of(visit: &Visit, by: &Actor) -> Result<String, Trouble> {
    let Actor::Person(id) = by else { return Ok(shown::actor(by, None)) };
    let person = visit.service().store().person(*id).await.map_err(ServiceError::from);
    Ok(shown::actor(by, person.or_page(visit)?.as_ref()))
}
