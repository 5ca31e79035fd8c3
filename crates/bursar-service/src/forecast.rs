//! Where a grant's balance is heading, and the roads on from it.

use std::sync::Arc;

use bursar_kernel::{BasisPoints, GrantId, Program, Timestamp, TransferPolicy, Usd};
use bursar_ledger::{CreditState, FORECAST_DAYS_MAX, Forecast, Outlook, Way, forecast};
use bursar_policy::Viewer;
use bursar_program::calendar::{self, Plan};
use bursar_store::{DaySpend, LotState};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::market::{BestOffer, Offer};
use crate::{GrantPage, Service, ServiceError};

/// A grant with where its balance is heading.
#[derive(Clone, Debug)]
pub struct GrantForecast {
    /// The grant.
    pub page: GrantPage,
    /// Its program.
    pub program: Arc<Program>,
    /// Where its credit stands; `None` before it is delivered.
    pub state: Option<CreditState>,
    /// How what is left may be passed on, and at which price.
    pub way: Way,
    /// Where the balance is heading; `None` where nothing can be spent, or not yet.
    pub forecast: Option<Forecast>,
}

/// A grant's forecast with both roads to more credit.
#[derive(Clone, Debug)]
pub struct NextSteps {
    /// The forecast.
    pub forecast: GrantForecast,
    /// By a new application, where a program takes any.
    pub apply: Option<ApplyRoad>,
    /// By the market, where something is on offer that the holder can use.
    pub buy: Option<BuyRoad>,
}

/// More credit by a new application.
#[derive(Clone, Debug)]
pub struct ApplyRoad {
    /// The program: the grant's own, or one for the same upstreams.
    pub program: Arc<Program>,
    /// What an application sent now can expect.
    pub plan: Plan,
}

/// More credit from the market, at once.
#[derive(Clone, Copy, Debug)]
pub struct BuyRoad {
    /// The best that is on offer to the holder.
    pub offer: BestOffer,
    /// How many whole days sooner it can be used than credit that is applied for now.
    pub days_sooner: Option<i64>,
}

impl Service {
    /// Where a grant's balance is heading; without a forecast for who does not see every figure.
    pub async fn forecast(
        &self,
        viewer: &Viewer,
        id: GrantId,
    ) -> Result<GrantForecast, ServiceError> {
        let within = self.within(viewer, id).await?;
        let mut found = self.forecast_of(self.grant_page(within.grant.clone()).await?).await?;
        if !within.sees_figures() {
            // A pace is everybody's spending together.
            found.forecast = None;
            found.page = self.as_seen(found.page, &within).await?;
        }
        Ok(found)
    }

    /// Where a grant's balance is heading, and both roads to more.
    pub async fn next_steps(
        &self,
        viewer: &Viewer,
        id: GrantId,
    ) -> Result<NextSteps, ServiceError> {
        let grant = self.readable_grant(viewer, id).await?;
        self.next_steps_of(self.grant_page(grant).await?).await
    }

    pub(crate) async fn next_steps_of(&self, page: GrantPage) -> Result<NextSteps, ServiceError> {
        let forecast = self.forecast_of(page).await?;
        let apply = self.road_by_application(&forecast.program, self.now());
        let offer = self.best_for(&forecast.page, &forecast.program).await?;
        let buy = offer.map(|offer| BuyRoad {
            offer: BestOffer::from(&offer),
            days_sooner: apply
                .as_ref()
                .and_then(|road| Some(days_until(self.now(), road.plan.credit?.0))),
        });
        Ok(NextSteps { forecast, apply, buy })
    }

    async fn forecast_of(&self, page: GrantPage) -> Result<GrantForecast, ServiceError> {
        let program = Arc::clone(self.program(&page.grant.program)?);
        let now = self.now();
        let way = self.way_of(&page, &program, now).await?;
        let days = whole_days(&page, now);
        let outlook = page.grant.expires_at.map(|expires_at| Outlook {
            available: page.available,
            now,
            expires_at,
            days: &days,
            way,
        });
        Ok(GrantForecast {
            state: page.life().map(|life| life.credit_state(now)),
            forecast: outlook.as_ref().and_then(forecast),
            way,
            program,
            page,
        })
    }

    /// How what is left of a grant may be passed on. On the market a seller gets no more than the
    /// best price that is on offer already, and no more than the ceiling.
    async fn way_of(
        &self,
        page: &GrantPage,
        program: &Program,
        now: Timestamp,
    ) -> Result<Way, ServiceError> {
        let is_free = |state: &&LotState| {
            now < state.lot.expires_at && state.balance.available().is_positive()
        };
        let Some(LotState { lot, .. }) = page.lots.iter().find(is_free) else {
            return Ok(Way::Nobody);
        };
        if bursar_market::may_be_sold(program, lot).is_ok() {
            let best = self.best_for(page, program).await?;
            let best = best.map_or(BasisPoints::WHOLE, |offer| offer.listing.price);
            return Ok(Way::Market(best.min(self.market().ceiling)));
        }
        Ok(match lot.transfer_policy {
            TransferPolicy::None => Way::Nobody,
            TransferPolicy::Pool | TransferPolicy::Program | TransferPolicy::Market => Way::Pool,
        })
    }

    /// The best offer that a grant's holder could buy: not one of their own.
    async fn best_for(
        &self,
        page: &GrantPage,
        program: &Program,
    ) -> Result<Option<Offer>, ServiceError> {
        let offers = self.offers(Some(program.entitlements.upstream_group.clone())).await?;
        Ok(offers.into_iter().find(|offer| offer.listing.seller != page.grant.holder))
    }

    /// A new application: to the grant's own program, or to one whose credit the same upstreams
    /// honour.
    fn road_by_application(&self, program: &Arc<Program>, now: Timestamp) -> Option<ApplyRoad> {
        let group = &program.entitlements.upstream_group;
        let others = self.programs().iter();
        let others = others.filter(|other| other.entitlements.upstream_group == *group);
        let mut open = std::iter::once(program).chain(others);
        let program = Arc::clone(open.find(|program| program.takes_applications())?);
        Some(ApplyRoad { plan: calendar::plan(&program, now)?, program })
    }
}

/// What was spent on each whole day (UTC) of a grant's life before the present one, oldest first,
/// of the last four weeks.
fn whole_days(page: &GrantPage, now: Timestamp) -> Vec<Usd> {
    let Some(delivered_at) = page.grant.delivered_at else { return Vec::new() };
    let day_of = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let today = day_of(now);
    let back = i64::try_from(FORECAST_DAYS_MAX).unwrap_or(i64::MAX);
    let first = day_of(delivered_at).max(today.saturating_sub(back.days()));
    let spent = |day: Date| {
        let found = page.days.binary_search_by_key(&day, |spend: &DaySpend| spend.day);
        found.ok().and_then(|index| page.days.get(index)).map_or(Usd::ZERO, |spend| spend.cost)
    };
    first.series(1.day()).take_while(|day| *day < today).map(spent).collect()
}

fn days_until(from: Timestamp, to: Timestamp) -> i64 {
    (to.duration_since(from).as_hours() / 24).max(0)
}
