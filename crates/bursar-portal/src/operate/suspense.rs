//! What lies in suspense, and settling it.

use bursar_kernel::limits::ROWS_PER_PAGE;
use bursar_kernel::{ProgramId, Usd};
use bursar_operator::SuspenseLine;
use bursar_service::{ServiceError, SuspenseId, SuspenseReason, SuspenseVerdict};
use bursar_ui::{Input, routes};

use super::Which;
use crate::pages::operate::{LostCall, SuspenseList, SuspensePage, SuspenseRow};
use crate::shown::{self, Slice};
use bursar_web::{Answer, Asked, At, Done, OrPage, Posted, Trouble, Visit, invalid, read_amount};

pub(super) async fn list(visit: Visit, Asked(which): Asked<Which>) -> Answer {
    let page = which.page.unwrap_or(1).max(1);
    let skip = page.saturating_sub(1).saturating_mul(ROWS_PER_PAGE);
    let found =
        bursar_operator::suspense(visit.service(), &visit.viewer, skip, ROWS_PER_PAGE).await;
    let (lines, count) = found.or_page(&visit)?;
    let slice = shown::slice(&format!("{}?", routes::SUSPENSE), page, count);
    // The longest come first, so that a page on is newer.
    let Slice { newer: older, older: newer, position, .. } = slice;
    let rows = lines.into_iter().map(|line| row(&visit, line)).collect();
    visit.page(&SuspenseList { rows, newer, older, position })
}

pub(super) async fn show(visit: Visit, At(id): At<String>) -> Answer {
    let id = named(&visit, &id)?;
    show_with(&visit, id, Input::default()).await
}

pub(super) async fn settle(At(id): At<String>, mut form: Posted) -> Answer {
    let id = named(&form.visit, &id)?;
    let (service, viewer) = (form.visit.service(), &form.visit.viewer);
    let settled = match read(&form) {
        Ok(verdict) => {
            bursar_operator::settle_suspense(service, viewer, id, verdict, form.field("reason"))
                .await
        }
        Err(error) => Err(error),
    };
    match settled {
        Ok(_) => form.visit.done(routes::SUSPENSE, Done::Settled),
        // There is nothing left to show the form for.
        Err(error @ ServiceError::Refused(_)) => Err(form.visit.trouble(error)),
        Err(error) => {
            let errors = form.visit.again(error)?;
            show_with(&form.visit, id, form.input(errors)).await
        }
    }
}

fn named(visit: &Visit, id: &str) -> Result<SuspenseId, Trouble> {
    id.parse().map_err(|_| visit.not_found())
}

fn read(form: &Posted) -> Result<SuspenseVerdict, ServiceError> {
    match form.field("end") {
        "used" => Ok(SuspenseVerdict::Used),
        "not_used" => Ok(SuspenseVerdict::NotUsed),
        "cost" => {
            let cost: Result<Usd, String> = read_amount(form.field("cost"));
            cost.map(SuspenseVerdict::Cost).map_err(|message| invalid("cost", message))
        }
        _ => Err(invalid("end", "Select what became of it")),
    }
}

async fn show_with(visit: &Visit, id: SuspenseId, input: Input) -> Answer {
    let line =
        bursar_operator::suspense_line(visit.service(), &visit.viewer, id).await.or_page(visit)?;
    visit.page(&SuspensePage { row: row(visit, line), input })
}

fn row(visit: &Visit, line: SuspenseLine) -> SuspenseRow {
    let program = |id: &ProgramId| match visit.service().program(id) {
        Ok(program) => program.name.clone(),
        Err(_) => id.to_string(),
    };
    let why = match line.what.why {
        SuspenseReason::ProcessEnded => "The gateway stopped before it wrote the cost",
        SuspenseReason::HoldOverdue => "Its call was not settled in time",
        SuspenseReason::BatchUnknown => "The provider did not say what a batch used",
        SuspenseReason::ResponseUnknown => "The provider did not say what a response used",
    };
    SuspenseRow {
        id: line.what.id.to_string(),
        amount: line.what.amount,
        since: line.what.since,
        why: why.to_owned(),
        grant: line.grant.map(|grant| {
            let untitled = grant.title.is_empty();
            let title = if untitled { grant.id.to_string() } else { grant.title };
            (grant.id, title, program(&grant.program))
        }),
        holder: line.holder.as_ref().map_or_else(|| "Nobody".to_owned(), bursar_web::name_of),
        limit_of: line.limit_of.map(|(cap, name)| format!("{} {name}", cap.kind())),
        call: line.what.call.map(|call| LostCall {
            request: call.request,
            model: call.model,
            endpoint: call.endpoint,
            started_at: call.started_at,
        }),
    }
}
