//! What the configuration file says about a provider.

use std::path::{Path, PathBuf};

use bursar_toml::Table;

/// What `[[identity]]` says.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its name in addresses.
    pub name: String,
    /// What people know it as.
    pub label: String,
    /// Its issuer, to the letter.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// Where the secret is.
    pub secret: SecretSource,
    /// What is asked of it.
    pub scopes: String,
    /// Domains whose mail addresses it is taken at its word for.
    pub trusted_mail_domains: Vec<String>,
    /// Whether its names are ORCID iDs.
    pub orcid: bool,
}

/// Where a secret is; it never stands in the file itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// In a variable of the environment.
    Environment(String),
    /// In a file.
    File(PathBuf),
}

/// Reads an `[[identity]]`; what is wrong is reported at its place. Paths are relative to `base`.
pub fn read(table: Table<'_>, base: &Path) -> Option<Settings> {
    let name = table.need("name").text();
    let is_word = |name: &str| {
        name.len() <= 32 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    if name.is_some_and(|name| !is_word(name)) {
        let hint = "small letters and digits, at most 32: it stands in the redirect address";
        table.get("name").error("`name` is no name of a provider", hint);
    }
    let label = table.need("label").text();
    let issuer = table.need("issuer").text();
    if issuer.is_some_and(|issuer| !is_issuer(issuer)) {
        let hint = "as the provider writes it, such as \"https://orcid.org\"; `http` on this \
                    machine only";
        table.get("issuer").error("`issuer` is not the address of a provider", hint);
    }
    let client_id = table.need("client_id").text();
    let scopes = table.get("scopes").text().unwrap_or("openid");
    if !scopes.split(' ').any(|scope| scope == "openid") {
        table.get("scopes").error("`scopes` has no `openid`", "add it: \"openid email\"");
    }
    let domains = table.get("trusted_mail_domains").texts();
    let domains = domains.into_iter().map(|domain| domain.text.to_lowercase()).collect();
    let orcid = table.get("orcid").boolean().unwrap_or(false);
    let secret = secret(table, base);
    Some(Settings {
        name: name?.to_owned(),
        label: label?.to_owned(),
        issuer: issuer?.to_owned(),
        client_id: client_id?.to_owned(),
        secret: secret?,
        scopes: scopes.to_owned(),
        trusted_mail_domains: domains,
        orcid,
    })
}

fn is_issuer(issuer: &str) -> bool {
    let plain = |rest: &str| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic() && !b"?#@".contains(&b))
    };
    if let Some(rest) = issuer.strip_prefix("https://") {
        return plain(rest);
    }
    let Some(rest) = issuer.strip_prefix("http://") else { return false };
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    plain(rest) && (host == "localhost" || host == "127.0.0.1")
}

fn secret(table: Table<'_>, base: &Path) -> Option<SecretSource> {
    let from_environment = table.get("client_secret_env").text();
    let from_file = table.get("client_secret_file").text();
    if table.has("client_secret") {
        // Read it, so that it is not reported as unknown as well.
        let _ = table.get("client_secret").string();
        let hint = "name a variable with `client_secret_env` or a file with `client_secret_file`";
        table.error("a secret does not stand in a configuration file", hint);
    } else if from_environment.is_some() == from_file.is_some() {
        let hint = "name it by one of `client_secret_env` and `client_secret_file`";
        table.error("a provider needs one secret", hint);
    }
    from_environment
        .map(|name| SecretSource::Environment(name.to_owned()))
        .or_else(|| from_file.map(|path| SecretSource::File(base.join(path))))
}
