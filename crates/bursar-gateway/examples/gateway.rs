//! Serves a gateway with the sandbox behind it and a store in a temporary directory, and prints one
//! line of JSON: its address and keys of every kind that the tests with the official SDK need.
//!
//!     cargo run -p bursar-gateway --example gateway

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use bursar_gateway::{Config, Served, router};
use bursar_kernel::{Clock, ProgramId, TierId, UpstreamGroup, Usd};
use bursar_policy::Viewer;
use bursar_sandbox::{Profile, Sandbox, SandboxConfig};
use bursar_service::clock::SystemClock;
use bursar_service::{IssueGrant, Parts, Service};
use bursar_store_sqlite::SqliteStore;
use bursar_studies::NewKey;
use bursar_upstream::{Kind, Upstream};
use jiff::SignedDuration;
use serde_json::json;
use tokio::net::TcpListener;

const PROGRAM: &str = "openai-researcher-access";
/// What the gateway shows its sandbox.
const UPSTREAM_KEY: &str = "sk-sandbox";

#[tokio::main]
#[expect(clippy::print_stdout, reason = "whoever started it reads the line")]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let catalog = Arc::new(bursar_catalog::shipped());
    let sandbox = Sandbox::new(SandboxConfig {
        catalog: Arc::clone(&catalog),
        api_key: Some(UPSTREAM_KEY.to_owned()),
        clock: Arc::new(SystemClock),
        profile: Profile::default(),
    });
    let (upstream, serving) = serve(sandbox.router()).await?;
    let service = Service::new(Parts {
        master_keys: bursar_service::MasterKeys::named("none/master.key".into()),
        institutions: bursar_kernel::Institutions::default(),
        store: Arc::new(SqliteStore::open(directory.path())?),
        clock: Arc::new(SystemClock),
        programs: bursar_program::shipped(&catalog),
        earlier: Vec::new(),
        listed: Vec::new(),
        catalog,
        base_url: "http://127.0.0.1".to_owned(),
        market: bursar_service::MarketSettings::default(),
        payments: None,
    });
    let Served { router: gateway, poller, .. } = router(Config {
        calls: Arc::clone(service.calls()),
        upstreams: vec![Upstream {
            name: "sandbox".to_owned(),
            group: UpstreamGroup::new("openai"),
            base_url: format!("{upstream}/v1"),
            api_key: Some(UPSTREAM_KEY.into()),
            weight: 1,
            kind: Kind::OpenAi { models: None },
            pins_service_tier: true,
            is_sandbox: true,
        }],
        portal_url: "http://127.0.0.1".to_owned(),
        spans: None,
    })?;
    tokio::spawn(poller.run());
    let (gateway, _) = serve(gateway).await?;
    let million = Usd::from_dollars(1_000_000).ok_or("too much")?;
    service.fund(&Viewer::Operator, &ProgramId::new(PROGRAM), million).await?;
    let line = json!({
        "openai_base_url": format!("{gateway}/v1"),
        "api_key": key(&service, "1000", None, false, "tier-5").await?,
        "empty": key(&service, "0.000000001", None, false, "tier-5").await?,
        "capped": key(&service, "1000", Some("0.000000001"), false, "tier-5").await?,
        "expired": key(&service, "1000", None, true, "tier-5").await?,
        "slow": key(&service, "1000", None, false, "free").await?,
        "sandbox": upstream,
    });
    println!("{line}");
    Ok(serving.await??)
}

type Serving = tokio::task::JoinHandle<std::io::Result<()>>;

async fn serve(router: Router) -> std::io::Result<(String, Serving)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((url, tokio::spawn(async move { axum::serve(listener, router).await })))
}

/// A key for a new grant.
async fn key(
    service: &Service,
    amount: &str,
    cap: Option<&str>,
    expired: bool,
    tier: &str,
) -> Result<String, Box<dyn Error>> {
    let soon = SystemClock.now() + SignedDuration::from_millis(100);
    let issue = IssueGrant {
        program: ProgramId::new(PROGRAM),
        // Limits count for each person: one of each tier, so that nobody slows another.
        holder_email: format!("{tier}@example.org"),
        amount: amount.parse()?,
        expires_at: expired.then_some(soon),
        title: "a try".to_owned(),
        origin: bursar_kernel::Origin::ResearchGrant,
        tier: Some(TierId::new(tier)),
    };
    let grant = service.issue_grant(&Viewer::Operator, issue).await?;
    let cap = cap.map(str::parse).transpose()?;
    let wanted = NewKey { cap, ..NewKey::of(grant, "try") };
    let made = bursar_studies::make_key(service, &Viewer::Operator, wanted).await?;
    while expired && SystemClock.now() < soon {
        tokio::task::yield_now().await;
    }
    Ok(made.secret.reveal().to_owned())
}
