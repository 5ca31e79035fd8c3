//! `bursar serve`: the server.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bursar_gateway::CALL_LOG;
use bursar_policy::Viewer;
use bursar_service::clock::SystemClock;
use clap::Args;
use tracing::info;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{self, Config, PaymentsConfig, TelemetryConfig, UpstreamConfig};
use crate::engine::{DatabaseArgs, Engine};
use crate::installation::{Doors, Installation, Plan, reachable};
use crate::server;
use bursar_commands::Global;

/// What `bursar serve` takes.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The configuration file
    #[arg(long, env = "BURSAR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
    /// Where to listen; port 0 picks a free one [default: 127.0.0.1:8080]
    #[arg(long, env = "BURSAR_LISTEN", value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Write the log as JSON
    #[arg(long)]
    log_json: bool,
    /// Log each settled call too; the books have them all
    #[arg(long)]
    log_calls: bool,
}

/// Runs the server until it is asked to stop.
pub(crate) async fn run(args: ServeArgs, global: &Global) -> anyhow::Result<()> {
    begin_log(args.log_json, args.log_calls);
    let config = args.config.as_deref().map_or_else(|| Ok(Config::default()), Config::read)?;
    let catalog = config.load_catalog()?;
    let programs = config.load_programs(&catalog)?;
    let listed = config.load_listed(&catalog, &programs)?;
    let upstreams = config.upstreams.iter().map(UpstreamConfig::open);
    let upstreams = upstreams.collect::<anyhow::Result<Vec<_>>>()?;
    let database = args.database.or(&config);
    let engine = Engine::open(global.data(), database.as_ref()).await?;
    let listener = server::bind(args.listen.unwrap_or(config.listen)).await?;
    let address = reachable(listener.local_addr()?);
    let base_url = config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let installation = Installation::open(Plan {
        directory: global.data().to_owned(),
        base_url,
        payments: config.payments.as_ref().map(PaymentsConfig::open).transpose()?,
        catalog,
        master_keys: config.master_keys(global.data()),
        institutions: config.institutions.clone(),
        programs,
        listed,
        clock: Arc::new(SystemClock),
        clock_turns: false,
        engine,
        market: config.market,
    })
    .await?;
    let link = first_link(&installation, &config.administrator).await?;
    let courier = config.mail.as_ref().map(|mail| installation.courier(mail)).transpose()?;
    let doors = Doors {
        upstreams,
        telemetry: config.telemetry.as_ref().map(TelemetryConfig::open).transpose()?,
        courier,
        providers: config.identities.iter().map(config::provider).collect::<anyhow::Result<_>>()?,
        sandbox: config.sandbox,
        demonstration: None,
        turnable: None,
        double: None,
    };
    installation
        .serve(listener, doors, |portal| {
            info!("bursar is ready at {portal}");
            if let Some(link) = link {
                info!("nobody runs this installation yet; sign in as the administrator: {link}");
            }
            Ok(())
        })
        .await
}

/// A sign-in link for the administrator, while nobody has the role.
async fn first_link(
    installation: &Installation,
    administrator: &str,
) -> anyhow::Result<Option<String>> {
    let service = &installation.service;
    if service.operator_has_arrived().await? {
        return Ok(None);
    }
    Ok(Some(service.invite_operator(&Viewer::Operator, administrator).await?))
}

/// Logs to standard error, so that standard output stays for data.
pub(crate) fn begin_log(json: bool, calls: bool) {
    let of_calls = if calls { LevelFilter::INFO } else { LevelFilter::OFF };
    let wanted = Targets::new().with_default(LevelFilter::INFO).with_target(CALL_LOG, of_calls);
    let to_terminal = std::io::stderr().is_terminal();
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(to_terminal);
    let lines = if json { lines.json().boxed() } else { lines.compact().boxed() };
    // A second start in one process, as tests make, keeps the first log.
    drop(tracing_subscriber::registry().with(lines).with(wanted).try_init());
}
