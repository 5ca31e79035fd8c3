//! What the configuration file says about mail.

use std::path::{Path, PathBuf};

use bursar_toml::Table;
use secrecy::SecretString;

use crate::mailbox::Mailbox;
use crate::message::Sender;
use crate::relay::{Login, NoRelay, Relay, Secured};

/// Connections to a relay at a time, and the most that may be asked for: a relay that serves many
/// gives each a few.
const CONNECTIONS: usize = 4;
const CONNECTIONS_MAX: usize = 32;
/// Bytes before the `@` of an address that takes tags: a tag has 32.
const TAGGED_BYTES_MAX: usize = 32;

/// What `[mail]` says.
#[derive(Clone, Debug)]
pub struct Settings {
    host: String,
    port: u16,
    secured: Secured,
    user: Option<String>,
    /// Where the password is.
    pub password: Option<SecretSource>,
    /// The file of certificates that may sign the relay's, in place of the system's.
    pub ca_file: Option<PathBuf>,
    hello: String,
    /// Connections at a time.
    pub connections: usize,
    from: Mailbox,
    name: String,
    reply_to: Option<Mailbox>,
    return_path: Mailbox,
    tags: bool,
}

/// Where a secret is; it never stands in the file itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// In a variable of the environment.
    Environment(String),
    /// In a file.
    File(PathBuf),
}

impl Settings {
    /// The relay, with the secret and the certificates that the files hold.
    pub fn relay(
        &self,
        password: Option<SecretString>,
        authorities: Option<&[u8]>,
    ) -> Result<Relay, NoRelay> {
        let login = self.user.clone().zip(password);
        let login = login.map(|(user, password)| Login { user, password });
        Relay::new(&self.host, self.port, self.secured, login, &self.hello, authorities)
    }

    /// Whom mail comes from, of a portal at an address.
    pub fn sender(&self, base_url: &str) -> Sender {
        Sender {
            from: self.from.clone(),
            name: self.name.clone(),
            reply_to: self.reply_to.clone(),
            return_path: self.return_path.clone(),
            tags: self.tags,
            base_url: base_url.to_owned(),
        }
    }
}

/// Reads `[mail]`; what is wrong is reported at its place. Paths are relative to `base`.
pub fn read(table: Table<'_>, base: &Path) -> Option<Settings> {
    let to = table.need("relay").text().and_then(|text| relay(table, text));
    let words =
        [("starttls", Secured::StartTls), ("tls", Secured::Implicit), ("none", Secured::Plain)];
    let secured = table.need("security").word(&words);
    if let (Some((host, _)), Some(Secured::Plain)) = (&to, secured)
        && !is_this_machine(host)
    {
        let hint = "write \"starttls\" or \"tls\"; without, only a relay on this machine is used";
        table.get("security").error("mail would leave this machine in the open", hint);
    }
    let user = table.get("user").text().map(str::to_owned);
    let password = password(table, base);
    if user.is_some() != password.is_some() && !table.has("password") {
        let hint = "name both, or neither: `user`, and `password_env` or `password_file`";
        table.error("a user and a password go together", hint);
    }
    let from = table.need("from").text().and_then(|text| named(table, "from", text));
    let mailbox = |key: &str| {
        let (name, mailbox) = table.get(key).text().and_then(|text| named(table, key, text))?;
        if !name.is_empty() {
            table.get(key).error("a name before an address", "write the address alone");
        }
        Some(mailbox)
    };
    let (reply_to, return_path) = (mailbox("reply_to"), mailbox("return_path"));
    let tags = table.get("return_path_tags").boolean().unwrap_or(false);
    let ca_file = table.get("ca_file").text().map(|path| base.join(path));
    let hello = table.get("hello").text().map(str::to_owned);
    if hello.as_deref().is_some_and(|hello| format!("x@{hello}").parse::<Mailbox>().is_err()) {
        let hint = "the name of this machine, such as \"bursar.example.edu\"";
        table.get("hello").error("`hello` is not the name of a machine", hint);
    }
    let connections = table.get("connections").integer(1..=CONNECTIONS_MAX);
    let connections = connections.unwrap_or(CONNECTIONS);
    let (name, from) = from?;
    let return_path = return_path.unwrap_or_else(|| from.clone());
    if tags && TAGGED_BYTES_MAX < return_path.local().len() {
        let hint = "a tag takes 32 of 64 bytes before the `@`; choose a shorter address";
        table.get("return_path_tags").error("the address has no room for tags", hint);
    }
    let (host, port) = to?;
    let hello = hello.unwrap_or_else(|| from.domain().to_owned());
    Some(Settings {
        host,
        port,
        secured: secured?,
        user,
        password,
        ca_file,
        hello,
        connections,
        from,
        name,
        reply_to,
        return_path,
        tags,
    })
}

fn relay(table: Table<'_>, text: &str) -> Option<(String, u16)> {
    let parts = text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    let parts = parts.filter(|(host, port): &(&str, u16)| !host.is_empty() && 0 < *port);
    let Some((host, port)) = parts else {
        let hint = "a host and a port, such as \"smtp.example.edu:587\"";
        table.get("relay").error("`relay` is not the address of a mail relay", hint);
        return None;
    };
    let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    Some((host.to_owned(), port))
}

fn is_this_machine(host: &str) -> bool {
    let address: Option<std::net::IpAddr> = host.parse().ok();
    host == "localhost" || address.is_some_and(|address| address.is_loopback())
}

/// `Name <name@example.edu>`, or the address alone.
fn named(table: Table<'_>, key: &str, text: &str) -> Option<(String, Mailbox)> {
    let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"'), address),
        None => ("", text.trim()),
    };
    let mailbox: Option<Mailbox> = address.parse().ok();
    let fits = mailbox.filter(|mailbox| mailbox.is_ascii() && !name.chars().any(char::is_control));
    if fits.is_none() {
        let hint = "such as \"credits@example.edu\" or \"Credits <credits@example.edu>\"";
        table.get(key).error(format!("`{key}` is not a mail address"), hint);
    }
    fits.map(|mailbox| (name.to_owned(), mailbox))
}

fn password(table: Table<'_>, base: &Path) -> Option<SecretSource> {
    let from_environment = table.get("password_env").text();
    let from_file = table.get("password_file").text();
    if from_environment.is_some() && from_file.is_some() {
        let hint = "keep one of `password_env` and `password_file`";
        table.error("one password is named twice", hint);
    }
    if table.has("password") {
        // Read it, so that it is not reported as unknown as well.
        let _ = table.get("password").string();
        let hint = "name a variable with `password_env` or a file with `password_file`";
        table.error("a password does not stand in a configuration file", hint);
    }
    from_environment
        .map(|name| SecretSource::Environment(name.to_owned()))
        .or_else(|| from_file.map(|path| SecretSource::File(base.join(path))))
}
