//! What next: where a grant is heading, what waiting costs, and every road on.

use bursar_kernel::{GrantId, Timestamp, Usd};
use bursar_service::{CreditState, Forecast, GrantForecast, GrantPage, GrantState, NextSteps};
use bursar_ui::{Ahead, BalanceChart, routes};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use crate::pages::wallet::{Apply, Buy, Heading, NextPage, Stage, Way};
use crate::shown;
use bursar_web::{Answer, At, OrPage, Visit};

/// Steps that the table and the line take from now to the expiry, at the most.
const STEPS: i64 = 6;
/// Days that the line looks back on.
const DAYS_BEHIND: i64 = 28;

pub(super) async fn show(visit: Visit, At(id): At<GrantId>) -> Answer {
    let steps = visit.service().next_steps(&visit.viewer, id).await.or_page(&visit)?;
    let NextSteps { forecast: found, apply, buy } = steps;
    let heading = heading(&found);
    let forecast = found.forecast.as_ref();
    let GrantForecast { page, program, way, .. } = &found;
    let clause = &program.transfer_clause;
    visit.page(&NextPage {
        grant: id,
        title: page.grant.title.clone(),
        status: shown::grant_state(page),
        is_own: visit.viewer.person() == Some(page.grant.holder),
        heading,
        pace_to_use_all: forecast.map_or(Usd::ZERO, |forecast| forecast.pace_to_use_all),
        chart: forecast.map(|forecast| chart(page, forecast)),
        way: match *way {
            bursar_service::Way::Nobody => Way::Nobody,
            bursar_service::Way::Pool => Way::Pool,
            bursar_service::Way::Market(price) => Way::Market(price),
        },
        brings: forecast.map_or(Usd::ZERO, |forecast| forecast.waiting.brings),
        waiting_per_day: forecast.map_or(Usd::ZERO, |forecast| forecast.waiting.per_day),
        clause: (clause.says.clone(), clause.source.clone()),
        apply: apply.map(|road| Apply {
            round: shown::round_dates(&road.program, &road.plan.round, visit.frame().now),
            program: (*road.program).clone(),
        }),
        buy: buy.map(|road| Buy {
            listing: road.offer.listing,
            price: road.offer.price,
            offered: road.offer.offered,
            expires_at: road.offer.expires_at,
            days_sooner: road.days_sooner,
        }),
    })
}

/// Leads to the grant whose credit expires first, and to the list where nothing can be spent.
pub(super) async fn lead(visit: Visit) -> Answer {
    let grants = visit.service().my_grants(&visit.viewer).await.or_page(&visit)?;
    let live = grants.iter().filter(|page| page.state == GrantState::Active);
    let first = live.min_by_key(|page| page.grant.expires_at);
    match first {
        Some(page) => visit.go(&routes::grant_next(page.grant.id)),
        None => visit.go(routes::GRANTS),
    }
}

/// Where a grant's balance is heading, as its pages say it.
pub(super) fn heading(found: &GrantForecast) -> Heading {
    let GrantForecast { page, state, forecast, .. } = found;
    let course = forecast.as_ref().and_then(|forecast| forecast.course);
    let band = forecast.as_ref().and_then(|forecast| forecast.band);
    let waiting = Stage::Waiting { from: page.grant.deliver_from, to: page.grant.deliver_until };
    Heading {
        stage: match state {
            _ if page.state == GrantState::Voided => Stage::Voided,
            None => waiting,
            Some(CreditState::Healthy) => Stage::Healthy,
            Some(CreditState::Low) => Stage::Low,
            Some(CreditState::NearExpiry) => Stage::NearExpiry,
            Some(CreditState::UsedUp) => Stage::UsedUp,
            Some(CreditState::PassedOn) => Stage::PassedOn,
            Some(CreditState::Expired) => Stage::Expired,
        },
        available: page.available,
        expires_at: page.grant.expires_at,
        days: forecast.as_ref().map_or(0, |forecast| forecast.days),
        per_day: course.map(|course| course.per_day),
        runs_out_at: course.and_then(|course| course.runs_out_at),
        lost: forecast.as_ref().map_or(Usd::ZERO, |forecast| forecast.at_stake),
        band: band.map(|band| (band.fast.lost, band.slow.lost)),
        // Whoever may not know it gets no forecast from the service.
        tells_pace: forecast.is_some(),
    }
}

/// What was left in the last four weeks, and what will be, step by step.
fn chart(page: &GrantPage, forecast: &Forecast) -> BalanceChart {
    let left =
        |at: Timestamp| forecast.course.map_or(forecast.available, |course| course.left_at(at));
    let ahead = |at: Timestamp| Ahead {
        at,
        left: left(at),
        band: forecast.band.map(|band| (band.fast.left_at(at), band.slow.left_at(at))),
    };
    let (now, end) = (forecast.now, forecast.expires_at);
    let days = end.duration_since(now).as_hours() / 24;
    let count = days.clamp(1, STEPS);
    let part = end.duration_since(now).as_millis() / i128::from(count);
    let mut instants: Vec<Timestamp> = (0..count)
        .map(|step| {
            let ms = i64::try_from(part * i128::from(step)).unwrap_or(0);
            now + SignedDuration::from_millis(ms)
        })
        .collect();
    let band = forecast.band.iter().flat_map(|band| [band.fast.runs_out_at, band.slow.runs_out_at]);
    // Where a line bends.
    instants.extend(band.chain([forecast.course.and_then(|course| course.runs_out_at)]).flatten());
    instants.push(end);
    instants.sort_unstable();
    instants.dedup();
    BalanceChart {
        behind: behind(page, now),
        ahead: instants.into_iter().map(ahead).collect(),
        has_pace: forecast.course.is_some(),
    }
}

/// What was left at the end of each of the last days: what is left now, and what was spent since.
/// What was passed on meanwhile is left out of it.
fn behind(page: &GrantPage, now: Timestamp) -> Vec<(Timestamp, Usd)> {
    let Some(delivered_at) = page.grant.delivered_at else { return Vec::new() };
    let today = now.to_zoned(TimeZone::UTC).date();
    let first = today.saturating_sub(DAYS_BEHIND.days());
    let first = first.max(delivered_at.to_zoned(TimeZone::UTC).date());
    let begin = |day: Date| {
        let begin = day.to_zoned(TimeZone::UTC).map_or(now, |begin| begin.timestamp());
        begin.max(delivered_at)
    };
    let since = |day: Date| {
        let spent = page.days.iter().filter(|spend| day <= spend.day).map(|spend| spend.cost);
        Usd::sum(spent.chain([page.available, page.held])).unwrap_or(Usd::MAX)
    };
    let days = first.series(1.day()).take_while(|day| *day <= today);
    days.map(|day| (begin(day), since(day))).collect()
}
