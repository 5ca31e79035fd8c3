//! A gateway over a store in a temporary directory, with the sandbox behind it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use bursar_gateway::{Config, InFlight, Poller, Served, UpstreamStates, router};
use bursar_kernel::{
    Catalog, GrantId, Program, ProgramId, RateLimit, TierId, Timestamp, UpstreamGroup, Usd,
};
use bursar_policy::Viewer;
use bursar_sandbox::{Profile, Sandbox, SandboxConfig};
use bursar_service::clock::TurnableClock;
use bursar_service::{IssueGrant, Parts, Service};
use bursar_store::rows::Call;
use bursar_store::{CallFilter, LotFilter};
use bursar_store_sqlite::SqliteStore;
use bursar_studies::{MadeKey, NewKey};
use bursar_telemetry::Spans;
use bursar_upstream::{Kind, Upstream};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Mutex;

/// The credential that the gateway has for its upstream: nobody else may ever see it.
pub(crate) const UPSTREAM_KEY: &str = "sk-upstream-canary-5b0e7c1d";
/// The tier of grants that are not about limits: no test comes near it.
const FAST: Option<&str> = Some("tier-5");
const PROGRAM: &str = "openai-researcher-access";

pub(crate) struct World {
    pub(crate) service: Arc<Service>,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Arc<TurnableClock>,
    pub(crate) in_flight: InFlight,
    poller: Mutex<Poller>,
    pub(crate) address: SocketAddr,
    pub(crate) upstream: SocketAddr,
    pub(crate) upstreams: UpstreamStates,
    directory: TempDir,
}

/// A key and the grant that it spends.
pub(crate) struct Funded {
    pub(crate) grant: GrantId,
    pub(crate) made: MadeKey,
}

impl Funded {
    pub(crate) fn secret(&self) -> &str {
        self.made.secret.reveal()
    }
}

impl World {
    /// A gateway in front of a sandbox.
    pub(crate) async fn new() -> Self {
        Self::before(None).await
    }

    /// A gateway in front of something else.
    pub(crate) async fn before(upstream: Option<SocketAddr>) -> Self {
        let upstreams = upstream.map(|upstream| vec![named("sandbox", upstream)]);
        Self::with(upstreams.unwrap_or_default()).await
    }

    /// A gateway in front of a sandbox, whose lowest tier has other limits for all models.
    pub(crate) async fn limited(limit: RateLimit) -> Self {
        let mut programs = bursar_program::shipped(&bursar_catalog::shipped());
        for program in &mut programs {
            let classes: Vec<_> = program.tiers.classes.iter().map(|it| it.id.clone()).collect();
            let lowest = program.tiers.tiers.iter_mut().take(1);
            lowest.for_each(|tier| {
                tier.limits = classes.iter().map(|class| (class.clone(), limit)).collect();
            });
        }
        Self::running(Vec::new(), programs, None).await
    }

    /// A gateway in front of these; with none, in front of its sandbox.
    pub(crate) async fn with(upstreams: Vec<Upstream>) -> Self {
        Self::telling(upstreams, None).await
    }

    /// A gateway in front of these that tells of its calls.
    pub(crate) async fn telling(upstreams: Vec<Upstream>, spans: Option<Spans>) -> Self {
        Self::running(upstreams, bursar_program::shipped(&bursar_catalog::shipped()), spans).await
    }

    async fn running(
        mut upstreams: Vec<Upstream>,
        programs: Vec<Program>,
        spans: Option<Spans>,
    ) -> Self {
        let directory = TempDir::new().unwrap();
        let store = Arc::new(SqliteStore::open(directory.path()).unwrap());
        let clock = Arc::new(TurnableClock::default());
        let catalog = Arc::new(bursar_catalog::shipped());
        let sandbox = sandbox_at(clock.clone());
        let upstream = listen(sandbox.router()).await;
        if upstreams.is_empty() {
            upstreams.push(named("sandbox", upstream));
        }
        let service = running(store.clone(), clock.clone(), catalog, directory.path(), programs);
        let money = Usd::from_dollars(1_000_000).unwrap();
        service.fund(&Viewer::Operator, &ProgramId::new(PROGRAM), money).await.unwrap();
        let (address, served) = serve(&service, upstreams, spans).await;
        let (in_flight, upstreams) = (served.in_flight, served.upstreams);
        let poller = Mutex::new(served.poller);
        Self {
            service,
            store,
            sandbox,
            clock,
            in_flight,
            poller,
            address,
            upstream,
            upstreams,
            directory,
        }
    }

    /// Another server over the same store and the same upstream, as after a crash: nobody settles
    /// anything for the first.
    pub(crate) async fn after_a_crash(self) -> Self {
        let catalog = self.service.catalog();
        let programs = self.service.programs().iter().map(|program| (**program).clone()).collect();
        let directory = self.directory.path();
        let service = running(self.store.clone(), self.clock.clone(), catalog, directory, programs);
        service.recover().await.unwrap();
        service.calls().learn_prices().await.unwrap();
        service.calls().learn_upstream_keys().await.unwrap();
        service.calls().learn_what_is_stopped().await.unwrap();
        let (address, served) = serve(&service, vec![named("sandbox", self.upstream)], None).await;
        let Served { in_flight, poller, upstreams, .. } = served;
        Self { service, in_flight, poller: Mutex::new(poller), address, upstreams, ..self }
    }

    /// A minute goes by.
    pub(crate) fn a_minute_later(&self) {
        use bursar_kernel::Clock as _;
        self.clock.turn_to(self.clock.now() + jiff::SignedDuration::from_mins(1));
    }

    /// Some seconds go by.
    pub(crate) fn seconds_later(&self, seconds: i64) {
        use bursar_kernel::Clock as _;
        self.clock.turn_to(self.clock.now() + jiff::SignedDuration::from_secs(seconds));
    }

    /// Asks after all that is under way.
    pub(crate) async fn poll(&self) {
        self.poller.lock().await.ask_after_all().await;
    }

    /// What another server over the same store would ask with.
    pub(crate) async fn another_poller(&self) -> Poller {
        let catalog = self.service.catalog();
        let service =
            service(self.store.clone(), self.clock.clone(), catalog, self.directory.path());
        serve(&service, vec![named("sandbox", self.upstream)], None).await.1.poller
    }

    /// A key for a new grant.
    pub(crate) async fn funded(&self, amount: &str) -> Funded {
        self.grant(amount, None, None, FAST).await
    }

    /// A key with a cap for a new grant.
    pub(crate) async fn capped(&self, amount: &str, cap: &str) -> Funded {
        self.grant(amount, Some(cap), None, FAST).await
    }

    /// A key for a new grant that ends sooner than its program's term.
    pub(crate) async fn expiring(&self, amount: &str, at: Timestamp) -> Funded {
        self.grant(amount, None, Some(at), FAST).await
    }

    /// A key for a new grant of nobody's in particular, at its holder's own tier.
    pub(crate) async fn slow(&self, holder: &str) -> Funded {
        self.grant_to(holder, "10", None, None, None).await
    }

    async fn grant(
        &self,
        amount: &str,
        cap: Option<&str>,
        expires_at: Option<Timestamp>,
        tier: Option<&str>,
    ) -> Funded {
        self.grant_to("researcher@example.org", amount, cap, expires_at, tier).await
    }

    async fn grant_to(
        &self,
        holder: &str,
        amount: &str,
        cap: Option<&str>,
        expires_at: Option<Timestamp>,
        tier: Option<&str>,
    ) -> Funded {
        let issue = IssueGrant {
            program: ProgramId::new(PROGRAM),
            holder_email: holder.to_owned(),
            amount: amount.parse().unwrap(),
            expires_at,
            title: "a test".to_owned(),
            origin: bursar_kernel::Origin::ResearchGrant,
            tier: tier.map(TierId::new),
        };
        let grant = self.service.issue_grant(&Viewer::Operator, issue).await.unwrap();
        let wanted =
            NewKey { cap: cap.map(|cap| cap.parse().unwrap()), ..NewKey::of(grant, "test") };
        let made =
            bursar_studies::make_key(&self.service, &Viewer::Operator, wanted).await.unwrap();
        Funded { grant, made }
    }

    /// Another key for a grant.
    pub(crate) async fn another_key(&self, grant: GrantId) -> String {
        let wanted = NewKey::of(grant, "another");
        let made =
            bursar_studies::make_key(&self.service, &Viewer::Operator, wanted).await.unwrap();
        made.secret.reveal().to_owned()
    }

    /// Sets the sandbox's profile from JSON.
    pub(crate) fn profile(&self, json: &str) {
        self.sandbox.set_profile(serde_json::from_str(json).unwrap()).unwrap();
    }

    /// Waits until every call has ended.
    pub(crate) async fn settled(&self) {
        assert!(self.in_flight.finished(Duration::from_mins(1)).await, "calls are still in flight");
    }

    /// Waits until what calls have left behind is written.
    pub(crate) async fn settled_for_a_while(&self) {
        let mut before = u64::MAX;
        while before != self.store.commits() {
            before = self.store.commits();
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// The settled calls of a grant, newest first, once all have ended.
    pub(crate) async fn calls_of(&self, grant: GrantId) -> Vec<Call> {
        use bursar_store::Reads as _;
        self.settled().await;
        self.store
            .calls(CallFilter { grant, person: None, before: None, limit: 1_000 })
            .await
            .unwrap()
    }

    /// The one settled call of a grant.
    pub(crate) async fn call_of(&self, grant: GrantId) -> Call {
        let mut calls = self.calls_of(grant).await;
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls.remove(0)
    }

    /// What is free and what is held on a grant's lot.
    pub(crate) async fn money(&self, grant: GrantId) -> (Usd, Usd) {
        use bursar_store::BookReads as _;
        let lots = self.store.lots(LotFilter::Grant(grant)).await.unwrap();
        (lots[0].available(), lots[0].held())
    }

    /// Every rule of the book holds.
    pub(crate) async fn verify(&self) {
        use bursar_store::BookReads as _;
        self.settled().await;
        let auditor = self.store.audit().await.unwrap();
        let (_, findings) = auditor.finish();
        assert!(findings.is_empty(), "{findings:?}");
    }
}

fn service(
    store: Arc<SqliteStore>,
    clock: Arc<TurnableClock>,
    catalog: Arc<Catalog>,
    directory: &Path,
) -> Arc<Service> {
    let programs = bursar_program::shipped(&catalog);
    running(store, clock, catalog, directory, programs)
}

fn running(
    store: Arc<SqliteStore>,
    clock: Arc<TurnableClock>,
    catalog: Arc<Catalog>,
    directory: &Path,
    programs: Vec<Program>,
) -> Arc<Service> {
    Service::new(Parts {
        master_keys: bursar_service::MasterKeys::own(directory.join("master.key")),
        institutions: bursar_kernel::Institutions::default(),
        store,
        clock,
        programs,
        earlier: Vec::new(),
        listed: Vec::new(),
        catalog,
        base_url: "https://portal.test".to_owned(),
        market: bursar_service::MarketSettings::default(),
        payments: None,
    })
}

async fn serve(
    service: &Service,
    upstreams: Vec<Upstream>,
    spans: Option<Spans>,
) -> (SocketAddr, Served) {
    let served = router(Config {
        calls: Arc::clone(service.calls()),
        upstreams,
        portal_url: "https://portal.test".to_owned(),
        spans,
    })
    .unwrap();
    (listen(served.router.clone()).await, served)
}

/// A sandbox that demands the gateway's credential.
pub(crate) fn sandbox() -> Sandbox {
    sandbox_at(Arc::new(TurnableClock::default()))
}

fn sandbox_at(clock: Arc<TurnableClock>) -> Sandbox {
    Sandbox::new(SandboxConfig {
        catalog: Arc::new(bursar_catalog::shipped()),
        api_key: Some(UPSTREAM_KEY.to_owned()),
        clock,
        profile: Profile::default(),
    })
}

/// An upstream at an address, which is shown the gateway's credential.
pub(crate) fn named(name: &str, address: SocketAddr) -> Upstream {
    Upstream {
        name: name.to_owned(),
        group: UpstreamGroup::new("openai"),
        base_url: format!("http://{address}/v1"),
        api_key: Some(UPSTREAM_KEY.into()),
        weight: 1,
        kind: Kind::OpenAi { models: None },
        pins_service_tier: true,
        is_sandbox: true,
    }
}

/// Serves a router on a free port of this machine.
pub(crate) async fn listen(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Dollars.
pub(crate) fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}
