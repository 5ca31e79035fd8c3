//! The programs' money.

use std::collections::BTreeMap;

use bursar_kernel::{Program, ProgramId, Timestamp, Usd};
use bursar_service::{GrantPage, ProgramMoney};
use bursar_ui::{Input, days_between, routes};

use crate::pages::decide::{Money, Pool};
use crate::stops;
use bursar_web::{Answer, At, Done, OrPage, Posted, Visit, invalid, read_amount};

/// Credit that expires within so many days is about to.
const DAYS_TO_WARN: i64 = 60;

pub(super) async fn show(visit: Visit) -> Answer {
    show_with(&visit, None).await
}

pub(super) async fn fund(At(program): At<ProgramId>, mut form: Posted) -> Answer {
    // One page has many pools, so a field's name ends with its program's.
    let name = format!("amount-{program}");
    let given = match read_amount(form.field(&name)) {
        Ok(amount) => form.visit.service().fund(&form.visit.viewer, &program, amount).await,
        Err(text) => Err(invalid("amount", text)),
    };
    match given {
        Ok(_) => form.visit.done(routes::MONEY, Done::Funded),
        Err(error) => {
            let errors = form.visit.again(error)?;
            let values = BTreeMap::from([("amount".to_owned(), form.field(&name).to_owned())]);
            show_with(&form.visit, Some((program, Input { values, errors }))).await
        }
    }
}

async fn show_with(visit: &Visit, typed: Option<(ProgramId, Input)>) -> Answer {
    let mut pools = Vec::new();
    for program in visit.service().programs() {
        let money = visit.service().program_money(&visit.viewer, &program.id).await;
        let money = money.or_page(visit)?;
        let grants = visit.service().program_grants(&visit.viewer, &program.id).await;
        let input = typed.as_ref().filter(|(id, _)| *id == program.id);
        let input = input.map_or_else(Input::default, |(_, input)| input.clone());
        let expiring = expiring(&grants.or_page(visit)?, visit.frame().now);
        let stop = visit.service().program_stop(&visit.viewer, &program.id).await.or_page(visit)?;
        let stopped = stop.as_ref().map(stops::shown);
        pools.push(Pool { stopped, ..pool(program, money, expiring, input) });
    }
    visit.page(&Money { pools })
}

fn pool(
    program: &Program,
    money: ProgramMoney,
    expiring: Vec<(Timestamp, String, Usd)>,
    input: Input,
) -> Pool {
    let undelivered = money.pool.checked_add(money.committed);
    let delivered = undelivered.and_then(|undelivered| money.funded.checked_sub(undelivered));
    Pool {
        program: program.id.clone(),
        name: program.name.clone(),
        funded: money.funded,
        free: money.pool,
        committed: money.committed,
        delivered: delivered.unwrap_or(Usd::ZERO),
        spent: money.used,
        expired: money.expired,
        suspense: money.suspense,
        stopped: None,
        expiring,
        input,
    }
}

/// What expires soon, the soonest first.
fn expiring(grants: &[GrantPage], now: Timestamp) -> Vec<(Timestamp, String, Usd)> {
    let soon = grants.iter().filter_map(|page| {
        let at = page.grant.expires_at.filter(|at| now < *at)?;
        let is_soon = days_between(now, at) < DAYS_TO_WARN && page.available.is_positive();
        is_soon.then(|| (at, page.grant.title.clone(), page.available))
    });
    let mut soon: Vec<(Timestamp, String, Usd)> = soon.collect();
    soon.sort_by_key(|(at, _, _)| *at);
    soon
}
