//! Reaching a database: its address, its limits, its pools.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime,
};
use tokio_postgres::NoTls;
use tokio_postgres::config::{Config, Host, TargetSessionAttrs};

use crate::OpenError;

/// Connections that read at the same time: more than the cores of a database bring no speed.
const READERS_MAX: usize = 16;
/// How long a reader waits for a connection.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// How long a connection may take to be made.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// When the system begins to ask whether a silent other end is still there.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(10);
/// What each session is held to: how long a statement takes, waits for a lock, or leaves a
/// transaction waiting, in milliseconds; and how the database notices that we are gone, in seconds.
const SESSION: &str = "-c statement_timeout=30000 -c lock_timeout=15000 \
     -c idle_in_transaction_session_timeout=15000 -c tcp_keepalives_idle=10 \
     -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c client_min_messages=warning \
     -c search_path=public";

/// Where a database is.
#[derive(Clone)]
pub(crate) struct Target {
    config: Config,
    /// Its address without who asks and with what secret.
    pub(crate) shown: String,
}

impl Target {
    /// Reads `postgres://…`. What is wrong is told without the text, which may hold a password.
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(OpenError::Address("it does not begin with `postgres://`".to_owned()));
        }
        let mut config = Config::from_str(url)
            .map_err(|error| OpenError::Address(crate::error::told(&error)))?;
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(OpenError::Address("it names no database".to_owned()));
        }
        let options = format!("{} {SESSION}", config.get_options().unwrap_or_default());
        config
            .options(options.trim())
            .application_name("bursar")
            .connect_timeout(CONNECT_WITHIN)
            .keepalives_idle(KEEPALIVE_AFTER);
        if 1 < config.get_hosts().len() {
            // Of a primary and its standbys, the one that takes writes: a standby's reads are late.
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let shown = shown(&config);
        let addresses = config.get_hostaddrs().iter();
        if config.get_hosts().iter().all(stays_here) && addresses.copied().all(is_loopback) {
            Ok(Self { config, shown })
        } else {
            Err(OpenError::Open(shown))
        }
    }

    /// The pool that the writer takes its one connection from.
    pub(crate) fn writer(&self) -> Result<Pool, OpenError> {
        pool(&self.config, 1, None)
    }

    /// The pool of connections that only read.
    pub(crate) fn readers(&self) -> Result<Pool, OpenError> {
        self.to_read(READERS_MAX)
    }

    /// The pool of the one connection that hears what others change.
    pub(crate) fn listener(&self) -> Result<Pool, OpenError> {
        self.to_read(1)
    }

    fn to_read(&self, connections_max: usize) -> Result<Pool, OpenError> {
        // Said once it is connected: a session that only reads is no primary's, on first sight.
        let only_reads = Hook::async_fn(|client: &mut ClientWrapper, _| {
            let said = client.batch_execute("SET default_transaction_read_only = on");
            Box::pin(async { said.await.map_err(HookError::Backend) })
        });
        pool(&self.config, connections_max, Some(only_reads))
    }
}

fn pool(
    config: &Config,
    connections_max: usize,
    at_first: Option<Hook>,
) -> Result<Pool, OpenError> {
    let kept = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(config.clone(), NoTls, kept);
    let builder = Pool::builder(manager);
    let builder = match at_first {
        Some(hook) => builder.post_create(hook),
        None => builder,
    };
    builder
        .max_size(connections_max)
        .wait_timeout(Some(WAIT_MAX))
        .create_timeout(Some(CONNECT_WITHIN))
        .recycle_timeout(Some(CONNECT_WITHIN))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|error| OpenError::Address(error.to_string()))
}

/// Whether nothing that is said to the host leaves this machine: it is said in the clear.
fn stays_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) if name == "localhost" => true,
        Host::Tcp(name) => name.parse().is_ok_and(is_loopback),
    }
}

fn is_loopback(address: IpAddr) -> bool {
    address.is_loopback()
}

fn shown(config: &Config) -> String {
    let mut shown = "postgres://".to_owned();
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    });
    shown.push_str(&hosts.collect::<Vec<_>>().join(","));
    let is_remote = config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(_)));
    if let ([port], true) = (config.get_ports(), is_remote) {
        // Writing to a text never fails.
        let _ = write!(shown, ":{port}");
    }
    format!("{shown}/{}", config.get_dbname().unwrap_or_default())
}
