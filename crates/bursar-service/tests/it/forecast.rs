//! Where a grant's balance is heading, and both roads to more.

use std::sync::Arc;

use bursar_kernel::{Endpoint, GrantId, Origin, ProgramId, ServiceTier, Usage};
use bursar_policy::Viewer;
use bursar_service::{Begun, Caller, CreditState, GrantForecast, ServiceError, Settled, Way};
use bursar_store::rows::{Basis, CallOutcome};
use bursar_studies::NewKey;
use bursar_trading::{NewListing, Right};

use crate::desk::{Desk, instant, usd};

impl Desk {
    /// Somebody who spends a grant.
    pub(crate) async fn caller(&self, grant: GrantId) -> Arc<Caller> {
        let key = NewKey::of(grant, "test");
        let made = bursar_studies::make_key(&self.service, &Viewer::Operator, key).await.unwrap();
        self.service.calls().identify(made.secret.reveal()).await.unwrap().unwrap()
    }

    /// One call of so much, now.
    pub(crate) async fn spend(&self, caller: &Arc<Caller>, cost: &str) {
        let service = &self.service;
        let catalog = service.catalog();
        let model = catalog.model("gpt-4.1-mini").unwrap();
        let permit = caller.admit(Endpoint::ChatCompletions, model, service.now()).unwrap();
        let (request, started_at) = service.calls().new_request();
        let begun = Begun { request, tier: ServiceTier::Default, streamed: false, started_at };
        let hold = service.calls().hold(caller, permit, begun, usd(cost)).await.unwrap();
        let settled = Settled {
            usage: Usage::default(),
            cost: usd(cost),
            basis: Basis::Reported,
            tier: ServiceTier::Default,
            outcome: CallOutcome::Answered,
            status: 200,
        };
        service.calls().settle(hold, settled).await.unwrap();
    }

    pub(crate) async fn brought_in(&self, holder: &str, amount: &str, expires: &str) -> GrantId {
        let program = ProgramId::new("brought-in-credit");
        self.service.fund(&Viewer::Operator, &program, usd(amount)).await.unwrap();
        let wanted = bursar_service::IssueGrant {
            program,
            holder_email: holder.to_owned(),
            amount: usd(amount),
            expires_at: Some(instant(expires)),
            title: "Left of a commitment".to_owned(),
            origin: Origin::Enterprise,
            tier: None,
        };
        self.service.issue_grant(&Viewer::Operator, wanted).await.unwrap()
    }

    /// Lists so much of a grant at so many percent of its face.
    pub(crate) async fn list(&self, grant: GrantId, face: &str, price: &str) {
        let right = Right {
            source: None,
            issuer: "OpenAI".to_owned(),
            reference: "Order form 12, section 4".to_owned(),
            accepted: true,
        };
        let (face, price) = (usd(face), price.parse().unwrap());
        let wanted = NewListing { grant, face, price, minimum: None, right };
        bursar_trading::list_credit(&self.service, &Viewer::Operator, wanted).await.unwrap();
    }

    async fn heading(&self, grant: GrantId) -> GrantForecast {
        self.service.forecast(&Viewer::Operator, grant).await.unwrap()
    }
}

#[tokio::test]
async fn the_pace_is_that_of_the_last_whole_days_and_today_is_none_of_them() {
    let desk = Desk::new("2026-11-22T09:00:00Z").await;
    let grant = desk.grant("ada@lab.example", "1000").await;
    let caller = desk.caller(grant).await;
    desk.spend(&caller, "10").await;
    let first = desk.heading(grant).await.forecast.unwrap();
    assert_eq!((first.days, first.course), (0, None), "no whole day yet, so no pace");
    assert_eq!((first.at_stake, first.available), (usd("990"), usd("990")));

    desk.clock.put("2026-11-24T12:00:00Z");
    desk.spend(&caller, "5").await;
    desk.clock.put("2026-11-26T06:00:00Z");
    desk.spend(&caller, "500").await;
    // 22 to 25 November: $10, nothing, $5, nothing.
    let found = desk.heading(grant).await;
    let forecast = found.forecast.unwrap();
    let course = forecast.course.unwrap();
    assert_eq!((forecast.days, course.per_day), (4, usd("3.75")));
    assert_eq!(course.runs_out_at.unwrap().to_string(), "2027-04-04T14:00:00Z");
    assert_eq!((found.state, found.way), (Some(CreditState::Healthy), Way::Pool));
    assert_eq!(forecast.at_stake, usd("0"));

    // After four weeks without a call the old ones count no longer.
    desk.clock.put("2026-12-25T00:00:00Z");
    let found = desk.heading(grant).await.forecast.unwrap();
    assert_eq!((found.days, found.course, found.at_stake), (28, None, usd("485")));
    desk.clock.put("2027-11-22T09:00:00Z");
    let ended = desk.heading(grant).await;
    assert_eq!((ended.state, ended.forecast), (Some(CreditState::Expired), None));
}

#[tokio::test]
async fn waiting_costs_what_the_policy_still_allows() {
    let desk = Desk::new("2026-11-22").await;
    let research = desk.grant("ada@lab.example", "365").await;
    let found = desk.heading(research).await;
    let waiting = found.forecast.unwrap().waiting;
    assert_eq!((waiting.brings, waiting.per_day), (usd("365"), usd("1")), "awarded to another");

    let own = desk.brought_in("firm@corp.example", "1000", "2027-03-02").await;
    let alone = desk.heading(own).await;
    assert_eq!(alone.way, Way::Market("70".parse().unwrap()), "nobody asks less: the ceiling");
    let other = desk.brought_in("other@corp.example", "1000", "2027-06-01").await;
    desk.list(own, "100", "35").await;
    desk.list(other, "500", "60").await;
    let found = desk.heading(own).await;
    // A hundred days; one's own listing is no competition.
    let waiting = found.forecast.unwrap().waiting;
    assert_eq!((waiting.brings, waiting.per_day), (usd("600"), usd("6")));

    let steps = desk.service.next_steps(&Viewer::Operator, own).await.unwrap();
    let buy = steps.buy.unwrap();
    assert_eq!((buy.offer.offered, buy.offer.price.to_string()), (usd("500"), "60".to_owned()));
    let steps = desk.service.next_steps(&Viewer::Operator, research).await.unwrap();
    let (apply, buy) = (steps.apply.unwrap(), steps.buy.unwrap());
    assert_eq!(buy.offer.price.to_string(), "35", "the best is the cheapest");
    assert_eq!(apply.plan.round.id.as_str(), "2026-12");
    assert_eq!(apply.plan.credit.unwrap().0, instant("2027-01-29"));
    assert_eq!(buy.days_sooner, Some(68));
}

#[tokio::test]
async fn credit_that_went_back_is_not_used_up() {
    let desk = Desk::new("2026-11-22").await;
    let grant = desk.grant("ada@lab.example", "100").await;
    let caller = desk.caller(grant).await;
    desk.clock.put("2026-11-23");
    desk.spend(&caller, "70").await;
    assert_eq!(desk.heading(grant).await.state, Some(CreditState::Healthy));
    desk.spend(&caller, "10").await;
    assert_eq!(desk.heading(grant).await.state, Some(CreditState::Low));
    desk.clock.put("2026-11-24");
    desk.service.return_credit(&Viewer::Operator, grant, usd("15")).await.unwrap();
    assert_eq!(desk.heading(grant).await.state, Some(CreditState::Low));
    desk.clock.put("2026-11-25");
    desk.spend(&caller, "5").await;
    assert_eq!(desk.heading(grant).await.state, Some(CreditState::UsedUp));
    let other = desk.grant("ada@lab.example", "100").await;
    desk.service.return_credit(&Viewer::Operator, other, usd("100")).await.unwrap();
    let found = desk.heading(other).await;
    assert_eq!((found.state, found.forecast), (Some(CreditState::PassedOn), None));
}

#[tokio::test]
async fn a_forecast_is_its_holders_and_the_officers() {
    let desk = Desk::new("2026-11-22").await;
    let grant = desk.grant("ada@lab.example", "100").await;
    let ada = desk.person("ada@lab.example", &[]).await;
    assert!(desk.service.forecast(&ada, grant).await.is_ok());
    let eve = desk.person("eve@lab.example", &[]).await;
    for steps in [
        desk.service.forecast(&eve, grant).await.map(|_| ()),
        desk.service.next_steps(&eve, grant).await.map(|_| ()),
        desk.service.ending_models(&eve, grant).await.map(|_| ()),
    ] {
        assert!(matches!(steps, Err(ServiceError::NotFound(_))), "{steps:?}");
    }
}

#[tokio::test]
async fn a_model_in_use_that_ends_before_the_grant_is_named() {
    let desk = Desk::new("2026-11-22").await;
    let grant = desk.grant("ada@lab.example", "100").await;
    let ending = async || {
        let found = desk.service.ending_models(&Viewer::Operator, grant).await.unwrap();
        found.iter().map(|model| model.id.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(ending().await, "");
    let caller = desk.caller(grant).await;
    desk.spend(&caller, "1").await;
    assert_eq!(ending().await, "gpt-4.1-mini");
    desk.clock.put("2026-12-22");
    assert_eq!(ending().await, "", "not used lately");
}
