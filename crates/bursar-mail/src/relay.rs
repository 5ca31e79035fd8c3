//! The relay that takes our mail, and sessions with it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bursar_outbox::Attempt;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use crate::connection::{Broken, Connection, Wire};
use crate::mailbox::Mailbox;
use crate::reply::Reply;

/// How long a connection, and how long agreeing on its encryption may take.
const CONNECTED_WITHIN: Duration = Duration::from_secs(20);

/// How a connection to the relay is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secured {
    /// Encrypted from the first byte.
    Implicit,
    /// Encrypted after STARTTLS, and not used without it.
    StartTls,
    /// Not at all: to this machine only.
    Plain,
}

/// Who we are to the relay.
#[derive(Clone, Debug)]
pub struct Login {
    /// The user's name.
    pub user: String,
    /// Their password.
    pub password: SecretString,
}

/// A relay.
pub struct Relay {
    host: String,
    port: u16,
    secured: Secured,
    login: Option<Login>,
    /// What we call ourselves.
    hello: String,
    tls: Option<TlsConnector>,
}

/// Why there is no relay to be had.
#[derive(Debug, thiserror::Error)]
pub enum NoRelay {
    /// Its certificate could never be checked.
    #[error("no certificate is trusted: {0}\nhint: install the system's, or name `ca_file`")]
    NoRoots(String),
    /// What it is called is no name.
    #[error("`{0}` is not the name of a host")]
    BadName(String),
}

impl Relay {
    /// A relay; connects with the first mail. `authorities` are certificates in PEM that may sign
    /// its own, in place of the system's.
    pub fn new(
        host: &str,
        port: u16,
        secured: Secured,
        login: Option<Login>,
        hello: &str,
        authorities: Option<&[u8]>,
    ) -> Result<Self, NoRelay> {
        let tls = match secured {
            Secured::Plain => None,
            Secured::Implicit | Secured::StartTls => {
                let _ = name_of(host)?;
                Some(connector(authorities)?)
            }
        };
        let (host, hello) = (host.to_owned(), hello.to_owned());
        Ok(Self { host, port, secured, login, hello, tls })
    }

    /// A session, ready for mail. What goes wrong on the way is told in words.
    pub async fn open(&self) -> Result<Session, String> {
        let session = async {
            let wire = self.connect().await?;
            let mut connection = Connection::new(wire);
            expect(connection.greeting().await?, "its greeting")?;
            let mut said = self.greet(&mut connection).await?;
            if self.secured == Secured::StartTls {
                if !said.offers("STARTTLS") {
                    return Err(Broken("the relay does not offer STARTTLS".to_owned()));
                }
                expect(connection.command("STARTTLS").await?, "STARTTLS")?;
                let wire = self.encrypt(connection.into_wire()?).await?;
                connection = Connection::new(wire);
                // What was said before counts for nothing.
                said = self.greet(&mut connection).await?;
            }
            if let Some(login) = &self.login {
                log_in(&mut connection, &said, login).await?;
            }
            Ok(Session { connection, takes_utf8: said.offers("SMTPUTF8") })
        };
        let opened: Result<Session, Broken> = session.await;
        opened.map_err(|Broken(why)| why)
    }

    async fn connect(&self) -> Result<Box<dyn Wire>, Broken> {
        let to = (self.host.as_str(), self.port);
        let stream = match timeout(CONNECTED_WITHIN, TcpStream::connect(to)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                return Err(Broken(format!("the relay cannot be reached: {error}")));
            }
            Err(_) => return Err(Broken("the relay cannot be reached in time".to_owned())),
        };
        let is_here = stream.peer_addr().is_ok_and(|peer| match peer.ip() {
            IpAddr::V4(ip) => ip.is_loopback(),
            IpAddr::V6(ip) => ip.is_loopback(),
        });
        match self.secured {
            Secured::Implicit => self.encrypt(Box::new(stream)).await,
            Secured::StartTls => Ok(Box::new(stream)),
            Secured::Plain if is_here => Ok(Box::new(stream)),
            Secured::Plain => {
                Err(Broken("the relay is not on this machine, and not encrypted".to_owned()))
            }
        }
    }

    async fn encrypt(&self, wire: Box<dyn Wire>) -> Result<Box<dyn Wire>, Broken> {
        let broken = |error: String| Broken(format!("no encryption with the relay: {error}"));
        let tls = self.tls.as_ref().ok_or_else(|| broken("none is set up".to_owned()))?;
        let name = name_of(&self.host).map_err(|error| broken(error.to_string()))?;
        match timeout(CONNECTED_WITHIN, tls.connect(name, wire)).await {
            Ok(Ok(stream)) => Ok(Box::new(stream)),
            Ok(Err(error)) => Err(broken(error.to_string())),
            Err(_) => Err(broken("it took too long".to_owned())),
        }
    }

    async fn greet(&self, connection: &mut Connection) -> Result<Offers, Broken> {
        let reply = connection.command(&format!("EHLO {}", self.hello)).await?;
        Ok(Offers(expect(reply, "EHLO")?.lines))
    }
}

fn name_of(host: &str) -> Result<ServerName<'static>, NoRelay> {
    ServerName::try_from(host.to_owned()).map_err(|_| NoRelay::BadName(host.to_owned()))
}

fn connector(authorities: Option<&[u8]>) -> Result<TlsConnector, NoRelay> {
    let mut roots = RootCertStore::empty();
    match authorities {
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|e| NoRelay::NoRoots(e.to_string()))?;
                roots.add(certificate).map_err(|e| NoRelay::NoRoots(e.to_string()))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(NoRelay::NoRoots("there is none".to_owned()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| NoRelay::NoRoots(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// What a relay says that it can do.
struct Offers(Vec<String>);

impl Offers {
    fn offers(&self, word: &str) -> bool {
        self.line(word).is_some()
    }

    /// The words behind one, in upper case.
    fn line(&self, word: &str) -> Option<Vec<String>> {
        let offered = self.0.iter().skip(1).map(|line| line.to_ascii_uppercase());
        let mut lines =
            offered.map(|line| line.split([' ', '=']).map(str::to_owned).collect::<Vec<String>>());
        lines.find(|words| words.first().is_some_and(|first| first == word))
    }
}

/// Nothing of this is ever told: neither what goes out nor, word for word, what comes back.
async fn log_in(connection: &mut Connection, said: &Offers, login: &Login) -> Result<(), Broken> {
    let ways = said.line("AUTH").unwrap_or_default();
    let password = login.password.expose_secret();
    let last = if ways.iter().any(|way| way == "PLAIN") {
        let token = STANDARD.encode(format!("\0{}\0{password}", login.user));
        connection.command(&format!("AUTH PLAIN {token}")).await?
    } else if ways.iter().any(|way| way == "LOGIN") {
        let mut reply = connection.command("AUTH LOGIN").await?;
        for part in [login.user.as_str(), password] {
            if reply.code == 334 {
                reply = connection.command(&STANDARD.encode(part)).await?;
            }
        }
        reply
    } else {
        return Err(Broken("the relay offers no way to sign in that is spoken here".to_owned()));
    };
    if last.is_yes() {
        return Ok(());
    }
    Err(Broken(format!("the relay does not let us in ({})", last.code)))
}

fn expect(reply: Reply, of: &str) -> Result<Reply, Broken> {
    if reply.is_yes() {
        Ok(reply)
    } else {
        Err(Broken(format!("the relay answered {of} with {}", reply.words())))
    }
}

/// A session with a relay.
pub struct Session {
    connection: Connection,
    takes_utf8: bool,
}

impl Session {
    /// Hands a message over. A session that does not come back with the answer is over.
    pub async fn send(
        mut self,
        from: &Mailbox,
        to: &Mailbox,
        message: &[u8],
    ) -> (Attempt, Option<Self>) {
        match self.talk(from, to, message).await {
            Ok(Said::Taken(reply)) => (Attempt::Taken(reply.words()), Some(self)),
            Ok(Said::Not(attempt)) => {
                // What is left of this mail is forgotten before the next one begins.
                let reset = self.connection.command("RSET").await;
                let goes_on = reset.is_ok_and(|reply| reply.is_yes());
                (attempt, goes_on.then_some(self))
            }
            Err(Broken(why)) => (Attempt::Deferred(why), None),
        }
    }

    async fn talk(&mut self, from: &Mailbox, to: &Mailbox, message: &[u8]) -> Result<Said, Broken> {
        let needs_utf8 = !to.is_ascii() || !from.is_ascii();
        if needs_utf8 && !self.takes_utf8 {
            let answer = "the relay takes no address beyond ASCII (no SMTPUTF8)".to_owned();
            return Ok(Said::Not(Attempt::Refused { answer, no_mailbox: false }));
        }
        let more = if needs_utf8 { " SMTPUTF8" } else { "" };
        let reply = self.connection.command(&format!("MAIL FROM:<{from}>{more}")).await?;
        if !reply.is_yes() {
            // Whom it comes from is ours to set right: no mail is lost by it.
            return Ok(Said::Not(Attempt::Deferred(reply.words())));
        }
        let reply = self.connection.command(&format!("RCPT TO:<{to}>")).await?;
        if !reply.is_yes() {
            return Ok(Said::Not(of(&reply)));
        }
        let reply = self.connection.command("DATA").await?;
        if reply.code != 354 {
            return Ok(Said::Not(of(&reply)));
        }
        let reply = self.connection.message(message).await?;
        if reply.is_yes() { Ok(Said::Taken(reply)) } else { Ok(Said::Not(of(&reply))) }
    }

    /// Whether it still lives.
    pub async fn is_alive(&mut self) -> bool {
        self.connection.command("NOOP").await.is_ok_and(|reply| reply.is_yes())
    }

    /// Takes leave.
    pub async fn close(mut self) {
        let _ = self.connection.command("QUIT").await;
    }
}

enum Said {
    Taken(Reply),
    Not(Attempt),
}

fn of(reply: &Reply) -> Attempt {
    if reply.is_never() {
        Attempt::Refused { answer: reply.words(), no_mailbox: reply.says_no_mailbox() }
    } else {
        Attempt::Deferred(reply.words())
    }
}
