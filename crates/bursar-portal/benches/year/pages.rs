//! The measurements: pages through the portal's router, and what only the use cases show.

use std::future::Future;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use bursar_kernel::limits::ROWS_PER_PAGE;
use bursar_kernel::{Clock as _, GrantId, PersonId, RequestId, Role};
use bursar_policy::Viewer;
use bursar_portal::{Config, router, routes};
use bursar_service::StatementPeriod;
use bursar_store::{BookReads as _, CallFilter, Reads as _};
use http_body_util::BodyExt as _;
use jiff::SignedDuration;
use tower::ServiceExt as _;

use crate::Installation;
use crate::fill::Year;

/// How often each is asked for; the median counts.
const TIMES: usize = 15;
/// What is not measured any more once it took so long in all.
const LONG_ENOUGH: Duration = Duration::from_secs(6);

/// A figure for each page and read, as `cargo xtask bench` reads it.
pub(crate) async fn measured(quiet: &Installation, busy: &Installation, year: Year) -> Vec<String> {
    let mut lines = Vec::new();
    let (ours, theirs) = (Browser::of(busy, year.busy).await, Browser::of(busy, year.quiet).await);
    for (name, of) in pages() {
        let value = timed(|| ours.get(of(year.busy, ours.middle))).await;
        let baseline = timed(|| theirs.get(of(year.quiet, theirs.middle))).await;
        lines.push(figure(name, value, "a grant with 100 calls", baseline));
    }
    for (name, wanted) in statements(busy) {
        let value = timed(|| first_lines(busy, year.busy, wanted)).await;
        let baseline = timed(|| first_lines(busy, year.quiet, wanted)).await;
        lines.push(figure(name, value, "a grant with 100 calls", baseline));
    }
    let value = timed(|| reads(busy, year.busy)).await;
    let baseline = timed(|| reads(busy, year.quiet)).await;
    lines.push(figure("spend by key, model and day", value, "a grant with 100 calls", baseline));
    let (officer, small) = (Browser::of_officer(busy).await, Browser::of_officer(quiet).await);
    for path in [routes::MONEY, routes::ALL_GRANTS, routes::SUSPENSE] {
        let value = timed(|| officer.get(path.to_owned())).await;
        let baseline = timed(|| small.get(path.to_owned())).await;
        lines.push(figure(path, value, "an installation with 1,000 calls", baseline));
    }
    let value = timed(|| jobs(busy)).await;
    let baseline = timed(|| jobs(quiet)).await;
    lines.push(figure("jobs", value, "an installation with 1,000 calls", baseline));
    lines
}

type Path = fn(GrantId, RequestId) -> String;

fn pages() -> [(&'static str, Path); 9] {
    [
        ("grant", |grant, _| routes::grant(grant)),
        ("my grants", |_, _| routes::GRANTS.to_owned()),
        ("where a grant is heading", |grant, _| routes::grant_next(grant)),
        ("models of a grant", |grant, _| routes::grant_models(grant)),
        ("how to use a grant", |grant, _| routes::grant_use(grant)),
        ("calls of a grant", |grant, _| routes::grant_calls(grant)),
        ("older calls", |grant, call| format!("{}?before={call}", routes::grant_calls(grant))),
        ("a call", routes::grant_call),
        ("statement of a year", |grant, _| routes::grant_statement(grant)),
    ]
}

/// Statements whose first lines are measured.
fn statements(busy: &Installation) -> [(&'static str, StatementPeriod); 3] {
    let whole = StatementPeriod::default();
    let month = busy.clock.now() - SignedDuration::from_hours(30 * 24 + 12);
    [
        ("statement of a year, first lines", whole),
        ("statement of a month, first lines", StatementPeriod { from: Some(month), ..whole }),
        ("statement with each call, first lines", StatementPeriod { calls: true, ..whole }),
    ]
}

async fn first_lines(installation: &Installation, grant: GrantId, wanted: StatementPeriod) {
    let statement = installation.service.grant_statement(&Viewer::Operator, grant, wanted).await;
    statement.expect("it begins").next().await.expect("it goes on");
}

async fn reads(installation: &Installation, grant: GrantId) {
    let store = &installation.store;
    store.spend_by_key(grant).await.expect("it reads");
    store.spend_by_model(grant).await.expect("it reads");
    store.spend_by_day(grant).await.expect("it reads");
    store.suspense_of(grant).await.expect("it reads");
}

async fn jobs(installation: &Installation) {
    installation.service.run_due().await.expect("jobs are done");
}

/// The median time of what is done again and again.
async fn timed<F: Future<Output = ()>>(done: impl Fn() -> F) -> Duration {
    done().await;
    let (began, mut times) = (Instant::now(), Vec::new());
    while times.len() < TIMES && (times.is_empty() || began.elapsed() < LONG_ENOUGH) {
        let once = Instant::now();
        done().await;
        times.push(once.elapsed());
    }
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Somebody who is signed in.
struct Browser {
    router: Router,
    cookie: String,
    /// A call in the middle of their grant's.
    middle: RequestId,
}

impl Browser {
    /// The holder of a grant.
    async fn of(installation: &Installation, grant: GrantId) -> Self {
        let row = installation.store.grant(grant).await.expect("it reads").expect("it is there");
        let limit = ROWS_PER_PAGE;
        let newest = CallFilter { grant, person: None, before: None, limit };
        let calls = installation.store.calls(newest).await.expect("it reads");
        let middle = calls.last().expect("it has calls").request;
        Self::signed_in(installation, row.holder, middle).await
    }

    async fn of_officer(installation: &Installation) -> Self {
        let (email, roles) = ("officer@example.org", [Role::Officer, Role::Operator].into());
        let officer = installation.service.appoint(&Viewer::Operator, email, "Officer", roles);
        let officer = officer.await.expect("it is appointed").id;
        Self::signed_in(installation, officer, RequestId::from_bytes([0; 16])).await
    }

    async fn signed_in(installation: &Installation, who: PersonId, middle: RequestId) -> Self {
        let config = Config {
            service: installation.service.clone(),
            sandbox: false,
            upstreams: Box::new(Vec::new),
            providers: Vec::new(),
            sends_mail: false,
            secure_cookies: false,
            demonstration: None,
        };
        let signed_in = installation.service.sign_in_as(who).await.expect("they sign in");
        let cookie = format!("bursar-session={}", signed_in.cookie.reveal());
        Self { router: router(config), cookie, middle }
    }

    /// Reads a page to its last byte.
    async fn get(&self, path: String) {
        let request = Request::builder().uri(&path).header(header::HOST, "portal.test");
        let request = request.header(header::COOKIE, &self.cookie).body(Body::empty());
        let asked = self.router.clone().oneshot(request.expect("it is a request"));
        let answer = asked.await.expect("a router answers");
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.into_body().collect().await.expect("the page ends well");
    }
}

/// A figure beside its baseline, in microseconds: the ratio is higher where it is better.
fn figure(name: &str, value: Duration, beside: &str, baseline: Duration) -> String {
    let (value, baseline) = (value.as_micros().max(1), baseline.as_micros().max(1));
    let thousandths = baseline * 1_000 / value;
    let (whole, part) = (thousandths / 1_000, thousandths % 1_000);
    format!(
        "{{\"name\":\"{name}\",\"value\":{value},\"unit\":\"us\",\"baseline\":\"{beside}\",\
         \"baseline_value\":{baseline},\"ratio\":{whole}.{part:03},\"goal_ratio\":0.5}}"
    )
}
