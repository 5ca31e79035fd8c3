//! What next, for a grant in each of its states: the forecast, what waiting costs, both roads on.

use std::sync::Arc;

use bursar_kernel::{Endpoint, GrantId, Origin, ProgramId, ServiceTier, StudyId, Usage, Usd};
use bursar_policy::Viewer;
use bursar_service::{Begun, Caller, IssueGrant, Settled};
use bursar_store::rows::{Basis, CallOutcome};
use bursar_studies::NewKey;
use bursar_trading::{NewListing, Right};

use crate::world::{PROGRAM, World, at};

const MARKET: &str = "brought-in-credit";

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

impl World {
    async fn issue(&self, program: &str, amount: &str, expires: Option<&str>) -> GrantId {
        let program = ProgramId::new(program);
        self.service.fund(&Viewer::Operator, &program, usd(amount)).await.unwrap();
        let wanted = IssueGrant {
            program,
            holder_email: "amara@uni.test".to_owned(),
            amount: usd(amount),
            expires_at: expires.map(at),
            title: "Planted defects".to_owned(),
            origin: Origin::Enterprise,
            tier: None,
        };
        self.service.issue_grant(&Viewer::Operator, wanted).await.unwrap()
    }

    async fn caller(&self, grant: GrantId) -> Arc<Caller> {
        self.caller_of(grant, None).await
    }

    pub(crate) async fn caller_of(&self, grant: GrantId, study: Option<StudyId>) -> Arc<Caller> {
        let key = NewKey { study, ..NewKey::of(grant, "test") };
        let made = bursar_studies::make_key(&self.service, &Viewer::Operator, key).await.unwrap();
        self.service.calls().identify(made.secret.reveal()).await.unwrap().unwrap()
    }

    pub(crate) async fn spend(&self, caller: &Arc<Caller>, cost: &str) {
        let catalog = self.service.catalog();
        let model = catalog.model("gpt-4.1-mini").unwrap();
        let now = self.service.now();
        let permit = caller.admit(Endpoint::ChatCompletions, model, now).unwrap();
        let (request, started_at) = self.service.calls().new_request();
        let begun = Begun { request, tier: ServiceTier::Default, streamed: false, started_at };
        let hold = self.service.calls().hold(caller, permit, begun, usd(cost)).await.unwrap();
        let settled = Settled {
            usage: Usage::default(),
            cost: usd(cost),
            basis: Basis::Reported,
            tier: ServiceTier::Default,
            outcome: CallOutcome::Answered,
            status: 200,
        };
        self.service.calls().settle(hold, settled).await.unwrap();
    }

    /// Somebody else lists credit at 55 % of its face.
    async fn on_offer(&self) {
        let program = ProgramId::new(MARKET);
        self.service.fund(&Viewer::Operator, &program, usd("500")).await.unwrap();
        let wanted = IssueGrant {
            program,
            holder_email: "firm@corp.test".to_owned(),
            amount: usd("500"),
            expires_at: Some(at("2027-11-01T00:00:00Z")),
            title: "Left of a commitment".to_owned(),
            origin: Origin::Enterprise,
            tier: None,
        };
        let grant = self.service.issue_grant(&Viewer::Operator, wanted).await.unwrap();
        let right = Right {
            source: None,
            issuer: "OpenAI".to_owned(),
            reference: "Order form 12, section 4".to_owned(),
            accepted: true,
        };
        let (face, price) = (usd("400"), "55".parse().unwrap());
        let wanted = NewListing { grant, face, price, minimum: None, right };
        bursar_trading::list_credit(&self.service, &Viewer::Operator, wanted).await.unwrap();
    }
}

#[tokio::test]
async fn a_healthy_grant_shows_its_forecast_and_a_low_one_warns() {
    let world = World::new().await;
    world.on_offer().await;
    let grant = world.issue(PROGRAM, "1000", None).await;
    let caller = world.caller(grant).await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let (page, next) = (format!("/grants/{grant}"), format!("/grants/{grant}/next"));
    amara.see(&next).await.says("It has not been there for a whole day yet.").says("$1,000.00");
    world.spend(&caller, "28").await;
    world.turn_to("2026-12-20T10:00:00Z").await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let shown = amara.see(&next).await;
    shown.says("At the pace of the last 28 days, $1.00 a day").says("$635.00 will expire unspent");
    shown.says("waiting costs").says("$1.89 a day").says("Estimate a larger batch");
    shown.says("This credit cannot be sold").says("Give it back").hides(">Sell it<");
    shown.says("Apply again").says("research progress").says("Submit by");
    shown.says("45\u{a0}% off retail").says("$55.00 for each $100").says("days sooner");
    shown.says("polyline").says("<caption>What is left</caption>");
    amara.see(&page).await.says("What next: forecast and choices").says("$635.00 will expire");
    amara.get("/grants/next").await.is(303);

    world.spend(&caller, "780").await;
    world.turn_to("2026-12-22T10:00:00Z").await;
    amara.see(&page).await.says("Running low: $192.00 is left");
    let low = amara.see(&next).await;
    low.says("it lasts until").says("Lasts until").says("waiting takes $0.00 a day");
}

#[tokio::test]
async fn used_up_closed_and_expired_grants_show_both_roads() {
    let world = World::new().await;
    world.on_offer().await;
    let spent = world.issue(PROGRAM, "10", None).await;
    let caller = world.caller(spent).await;
    world.spend(&caller, "10").await;
    let closed = world.issue(PROGRAM, "20", None).await;
    world.service.return_credit(&Viewer::Operator, closed, usd("20")).await.unwrap();
    let mut amara = world.sign_in("amara@uni.test").await;
    for (grant, said) in [(spent, "Used up."), (closed, "Closed.")] {
        let page = amara.see(&format!("/grants/{grant}")).await;
        page.says(said).says("Apply again").says("Buy on the market").says("research progress");
        let next = amara.see(&format!("/grants/{grant}/next")).await;
        next.says(said).says("Submit by").says("45\u{a0}% off retail").hides("polyline");
        next.hides("What waiting costs").hides("Give it back");
    }
    world.turn_to("2027-11-22T10:00:00Z").await;
    let mut amara = world.sign_in("amara@uni.test").await;
    for below in ["", "/next"] {
        let page = amara.see(&format!("/grants/{spent}{below}")).await;
        page.says("Expired on").says("Apply again").says("Buy").says("progress");
    }
    // Nothing is left anywhere: the way to the forecast ends at the list.
    amara.get("/grants/next").await.is(303);
}

#[tokio::test]
async fn near_its_expiry_market_credit_says_what_it_could_bring() {
    let world = World::new().await;
    let grant = world.issue(MARKET, "300", Some("2026-12-02T10:00:00Z")).await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let next = amara.see(&format!("/grants/{grant}/next")).await;
    next.says("10 days left").says("at 70\u{a0}% of face value").says("$210.00").says("Sell it");
    next.says("$21.00 a day").says("Nothing is on offer just now");
    amara.see(&format!("/grants/{grant}")).await.says("10 days left");
}

#[tokio::test]
async fn a_forecast_is_for_those_who_may_see_the_grant() {
    let world = World::new().await;
    let grant = world.issue(PROGRAM, "10", None).await;
    let mut eve = world.sign_in("eve@uni.test").await;
    eve.get(&format!("/grants/{grant}/next")).await.is(404);
    let mut nobody = world.browser();
    nobody.get(&format!("/grants/{grant}/next")).await.is(303);
    world.appoint("ibrahim@lab.test", "Ibrahim", &[bursar_kernel::Role::Officer]).await;
    let mut officer = world.sign_in("ibrahim@lab.test").await;
    let shown = officer.see(&format!("/grants/{grant}/next")).await;
    shown.says("Forecast").hides("Give it back<").hides("Estimate a larger batch");
}

#[tokio::test]
async fn a_grant_names_the_models_that_end_before_it() {
    let world = World::new().await;
    let grant = world.issue(PROGRAM, "10", None).await;
    let caller = world.caller(grant).await;
    let mut amara = world.sign_in("amara@uni.test").await;
    let warning = "Models you use will end before this grant does.";
    amara.see(&format!("/grants/{grant}")).await.hides(warning);
    world.spend(&caller, "1").await;
    amara.see(&format!("/grants/{grant}")).await.says(warning).says("gpt-4.1-mini");
}
