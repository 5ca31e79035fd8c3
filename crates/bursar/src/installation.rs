//! One installation, wired together: store, rules, doors, jobs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::http::HeaderMap;
use axum::routing::get;
use bursar_calls::InTouch;
use bursar_gateway::{InFlight, Poller, Served};
use bursar_identity::Provider;
use bursar_kernel::{Catalog, Clock, Institutions, Program, UpstreamGroup};
use bursar_mail::{Courier, Settings};
use bursar_operator::{ProgramFile, install_programs};
use bursar_payments::Payments;
use bursar_portal::{Demonstration, UpstreamShown};
use bursar_sandbox::{Profile, Sandbox, SandboxConfig};
use bursar_service::clock::{SystemClock, TurnableClock};
use bursar_service::{MarketSettings, MasterKeys, Parts, Recovered, Service};
use bursar_store::Store;
use bursar_stripe_double::Double;
use bursar_telemetry::{Exporter, Spans};
use bursar_upstream::{Kind, Upstream};
use tokio::net::TcpListener;
use tracing::{error, info, warn};

use crate::engine::Engine;
use crate::server::{self, Site};
use crate::{config, payments, watching};
use bursar_commands::locate::{self, ServerInfo};

/// How often the jobs look for what is due.
const JOBS_EVERY: Duration = Duration::from_secs(1);
/// How long calls in flight may take to finish at a stop.
const CALLS_FINISH_WITHIN: Duration = Duration::from_mins(1);

/// What an installation is opened with.
pub(crate) struct Plan {
    pub(crate) directory: PathBuf,
    pub(crate) base_url: String,
    /// What takes cards, if anything.
    pub(crate) payments: Option<Arc<dyn Payments>>,
    pub(crate) catalog: Catalog,
    pub(crate) master_keys: MasterKeys,
    pub(crate) institutions: Institutions,
    pub(crate) programs: Vec<ProgramFile>,
    pub(crate) listed: Vec<Program>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Whether the clock can be turned: on the demonstration.
    pub(crate) clock_turns: bool,
    pub(crate) engine: Engine,
    pub(crate) market: MarketSettings,
}

/// Rules over a store, before any door is open.
pub(crate) struct Installation {
    pub(crate) service: Arc<Service>,
    directory: PathBuf,
    engine: Engine,
    /// Where other servers share the store.
    in_touch: Option<InTouch>,
}

/// The doors, open.
struct Open {
    site: Site,
    in_flight: InFlight,
    batches: Poller,
}

/// Which doors to open.
pub(crate) struct Doors {
    pub(crate) upstreams: Vec<Upstream>,
    /// What calls are told to, and what takes it to a collector.
    pub(crate) telemetry: Option<(Spans, Exporter)>,
    /// Calls go to the offline sandbox.
    /// What takes mail to a relay, where there is one.
    pub(crate) courier: Option<Courier>,
    /// Who people can sign in with, beside the mailed link.
    pub(crate) providers: Vec<Provider>,
    pub(crate) sandbox: bool,
    pub(crate) demonstration: Option<Demonstration>,
    /// The clock that scripts may turn, on the demonstration.
    pub(crate) turnable: Option<Arc<TurnableClock>>,
    /// What pretends to be the payment provider, on the demonstration: its hosted pages are
    /// served beside the portal's, so that a browser stays on one origin.
    pub(crate) double: Option<Arc<Double>>,
}

impl Installation {
    /// Joins rules and memory. What an unclean stop left open goes to suspense first.
    pub(crate) async fn open(plan: Plan) -> anyhow::Result<Self> {
        let store: Arc<dyn Store> = plan.engine.store();
        let (files, now) = (&plan.programs, plan.clock.now());
        let earlier = install_programs(&*store, files, &plan.catalog, now).await?;
        let parts = Parts {
            store,
            clock: plan.clock,
            catalog: Arc::new(plan.catalog),
            master_keys: plan.master_keys,
            institutions: plan.institutions,
            programs: plan.programs.into_iter().map(|file| file.program).collect(),
            earlier,
            listed: plan.listed,
            base_url: plan.base_url,
            market: plan.market,
            payments: plan.payments,
        };
        let service = if plan.clock_turns {
            Service::with_a_turnable_clock(parts)
        } else {
            Service::new(parts)
        };
        let Recovered { suspended, in_suspense } = service.recover().await?;
        if 0 < suspended || in_suspense.is_positive() {
            info!(
                suspended,
                suspense_usd = %in_suspense,
                "${in_suspense} lies in suspense: unclean stops left open what calls had cost"
            );
        }
        let in_touch =
            if service.store().is_shared() { Some(service.calls().join().await?) } else { None };
        // After that nothing is missed: a later change is heard.
        bursar_operator::install_prices(&service).await?;
        service.calls().learn_upstream_keys().await?;
        service.calls().learn_what_is_stopped().await?;
        service.run_jobs().await?;
        Ok(Self { in_touch, service, directory: plan.directory, engine: plan.engine })
    }

    /// What takes the outbox to a relay.
    pub(crate) fn courier(&self, settings: &Settings) -> anyhow::Result<Courier> {
        let (service, relay) = (&self.service, config::relay(settings)?);
        let sender = settings.sender(service.base_url());
        let (store, clock) = (Arc::clone(service.store()), Arc::new(SystemClock));
        Ok(Courier::new(store, clock, relay, sender, settings.connections))
    }

    /// Opens the doors and serves until asked to stop. `ready` is told the portal's
    /// address once everything answers.
    pub(crate) async fn serve(
        self,
        listener: TcpListener,
        mut doors: Doors,
        ready: impl FnOnce(&str) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let (spans, exporter) = doors.telemetry.take().unzip();
        let courier = doors.courier.take();
        let Open { site, in_flight, batches } =
            self.router(doors, spans, courier.is_some()).await?;
        let url = format!("http://{}", reachable(listener.local_addr()?));
        let info = ServerInfo { url, pid: std::process::id() };
        locate::write_server(&self.directory, &info)?;
        let jobs = tokio::spawn(run_jobs(Arc::clone(&self.service)));
        let batches = tokio::spawn(batches.run());
        let courier = courier.map(|courier| (courier.stop(), tokio::spawn(courier.run())));
        let listening = self.in_touch.map(|in_touch| tokio::spawn(in_touch.listen()));
        let telling = exporter.map(|exporter| (exporter.stop(), tokio::spawn(exporter.run())));
        let serving = server::serve(listener, site, server::asked_to_stop());
        ready(self.service.base_url())?;
        serving.await;
        if !in_flight.finished(CALLS_FINISH_WITHIN).await {
            error!("some calls did not finish; their holds go to suspense at the next start");
        }
        jobs.abort();
        if let Some((stop, running)) = courier {
            stop.stop();
            // It ends by itself in seconds, whatever becomes of the relay.
            drop(running.await);
        }
        batches.abort();
        self.service.return_leases().await;
        if let Some(listening) = listening {
            listening.abort();
            if let Err(error) = self.service.calls().leave().await {
                warn!(%error, "failed to take leave of the other servers; they notice in time");
            }
        }
        if let Some((stop, telling)) = telling {
            stop.stop();
            // It ends by itself in seconds, whatever becomes of the collector.
            drop(telling.await);
        }
        locate::remove_server(&self.directory);
        self.engine.close().await;
        Ok(())
    }

    async fn router(
        &self,
        doors: Doors,
        spans: Option<Spans>,
        sends_mail: bool,
    ) -> anyhow::Result<Open> {
        let mut upstreams = doors.upstreams;
        if doors.sandbox {
            upstreams.push(self.open_sandbox().await?);
        }
        let shown: Vec<UpstreamShown> = upstreams.iter().map(watching::shown).collect();
        let served = bursar_gateway::router(bursar_gateway::Config {
            calls: Arc::clone(self.service.calls()),
            portal_url: self.service.base_url().to_owned(),
            upstreams,
            spans: spans.clone(),
        })?;
        let Served { router: gateway, calls, in_flight, poller: batches, upstreams } = served;
        let token = locate::read_or_make_token(&self.directory)?;
        let token_hash = bursar_service::Secret::from(token).hash();
        let states = upstreams.clone();
        let api = bursar_api::router(bursar_api::Config {
            service: Arc::clone(&self.service),
            operator_token_hash: token_hash,
            clock: doors.turnable,
        });
        let portal = bursar_portal::router(bursar_portal::Config {
            service: Arc::clone(&self.service),
            sandbox: doors.sandbox,
            upstreams: Box::new(move || watching::with_states(&shown, &upstreams)),
            providers: doors.providers,
            sends_mail,
            secure_cookies: self.service.base_url().starts_with("https://"),
            demonstration: doors.demonstration,
        });
        let service = Arc::clone(&self.service);
        let health = get(move || watching::health(Arc::clone(&service)));
        let look = move |headers: HeaderMap| async move {
            watching::upstreams(&states, token_hash, &headers)
        };
        let told = move |headers: HeaderMap| async move {
            watching::telemetry(spans.as_ref(), token_hash, &headers)
        };
        let all = portal.merge(gateway).merge(api).route("/healthz/telemetry", get(told));
        let all = all.route("/healthz", health).route("/healthz/upstreams", get(look));
        let all = match doors.double {
            Some(double) => all.nest(payments::PAGES, double.pages()),
            None => all,
        };
        Ok(Open { site: Site { calls: Some(calls), router: all }, in_flight, batches })
    }

    /// Starts the offline provider on a port of its own, so that calls to it go the same way as
    /// calls to any other.
    async fn open_sandbox(&self) -> anyhow::Result<Upstream> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("failed to listen")?;
        let address = listener.local_addr()?;
        let sandbox = Sandbox::new(SandboxConfig {
            catalog: self.service.catalog(),
            api_key: None,
            clock: Arc::new(SystemClock),
            profile: Profile::default(),
        });
        let site = Site { calls: None, router: sandbox.router() };
        tokio::spawn(server::serve(listener, site, std::future::pending()));
        info!("the offline sandbox answers at http://{address}");
        Ok(Upstream {
            name: "sandbox".to_owned(),
            group: UpstreamGroup::new("openai"),
            base_url: format!("http://{address}/v1"),
            api_key: None,
            weight: 1,
            kind: Kind::OpenAi { models: None },
            pins_service_tier: true,
            is_sandbox: true,
        })
    }
}

/// The address at which a server on this machine is reached from this machine.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => (Ipv4Addr::LOCALHOST, address.port()).into(),
        IpAddr::V6(ip) if ip.is_unspecified() => (Ipv6Addr::LOCALHOST, address.port()).into(),
        IpAddr::V4(_) | IpAddr::V6(_) => address,
    }
}

async fn run_jobs(service: Arc<Service>) {
    loop {
        tokio::time::sleep(JOBS_EVERY).await;
        let done = match service.run_jobs().await {
            Ok(_) if service.calls().leads() => match bursar_personal::erase_due(&service).await {
                Ok(_) => bursar_reviewing::remind_due(&service).await.map(|_| ()),
                Err(error) => Err(error),
            },
            done => done.map(|_| ()),
        };
        if let Err(error) = done {
            error!(error = %error, "a job failed and will be tried again");
        }
    }
}
