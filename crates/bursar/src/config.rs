//! The configuration file and the environment, read once.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use bursar_identity::Provider;
use bursar_institutions::overrides;
use bursar_kernel::{
    BasisPoints, Catalog, Diagnostics, Institutions, Program, ProgramId, UpstreamGroup,
};
use bursar_mail::{Relay, SecretSource, Settings};
use bursar_operator::ProgramFile;
use bursar_payments::{Payments, STRIPE, Stripe};
use bursar_service::{MarketSettings, MasterKeys};
use bursar_telemetry::{Exporter, Spans};
use bursar_toml::{Document, Table};
use bursar_upstream::{Azure, Kind, Upstream};
use secrecy::SecretString;

use crate::secrets;

/// The most that an upstream weighs, as the gateway has it.
const WEIGHT_MAX: u32 = bursar_upstream::WEIGHT_MAX;

/// What a configuration file says.
#[derive(Debug)]
pub(crate) struct Config {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// The address that people reach the portal at, without a trailing slash.
    pub(crate) public_url: Option<String>,
    /// Who runs the installation: gets the first sign-in link.
    pub(crate) administrator: String,
    /// The catalog file, if not the one that ships.
    pub(crate) catalog: Option<PathBuf>,
    /// The file of master keys, if not the one in the data directory.
    pub(crate) master_key_file: Option<PathBuf>,
    /// Program files, if not those that ship.
    pub(crate) programs: Vec<PathBuf>,
    /// Files of programs of others, to be listed in the directory.
    pub(crate) listed: Vec<PathBuf>,
    /// Whether the files of real programs that ship are listed as well.
    pub(crate) list_shipped: bool,
    /// Whether calls go to the offline sandbox, for lack of an upstream.
    pub(crate) sandbox: bool,
    /// Where calls go.
    pub(crate) upstreams: Vec<UpstreamConfig>,
    /// The database, if not the embedded one; without a password.
    pub(crate) database: Option<String>,
    /// The market's settings.
    pub(crate) market: MarketSettings,
    /// What takes cards; without it the installation takes none.
    pub(crate) payments: Option<PaymentsConfig>,
    /// Whom calls are told to; without it nobody.
    pub(crate) telemetry: Option<TelemetryConfig>,
    /// Who people can sign in with, beside the mailed link.
    pub(crate) identities: Vec<bursar_identity::Settings>,
    /// The relay that takes mail; without it mail is kept.
    pub(crate) mail: Option<Settings>,
    /// What the operator knows of institutions.
    pub(crate) institutions: Institutions,
}

/// Whom calls are told to.
#[derive(Debug)]
pub(crate) struct TelemetryConfig {
    endpoint: String,
    headers_file: Option<PathBuf>,
    sample: BasisPoints,
}

/// What takes cards.
#[derive(Debug)]
pub(crate) struct PaymentsConfig {
    key: KeySource,
    api_base: String,
    hosted_origin: Option<String>,
}

/// One upstream of the file.
#[derive(Debug)]
pub(crate) struct UpstreamConfig {
    name: String,
    group: String,
    base_url: String,
    key: Option<KeySource>,
    weight: u32,
    kind: Kind,
    pins_service_tier: bool,
}

#[derive(Debug)]
enum KeySource {
    Environment(String),
    File(PathBuf),
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            administrator: "administrator@bursar.invalid".to_owned(),
            catalog: None,
            master_key_file: None,
            programs: Vec::new(),
            listed: Vec::new(),
            list_shipped: false,
            sandbox: true,
            upstreams: Vec::new(),
            database: None,
            market: MarketSettings::default(),
            payments: None,
            telemetry: None,
            identities: Vec::new(),
            mail: None,
            institutions: Institutions::default(),
        }
    }
}

impl Config {
    /// Reads a configuration file; everything that is wrong with it is told at once.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = read_text(path)?;
        let base = path.parent().unwrap_or(Path::new("."));
        Ok(parse(&path.display().to_string(), &text, base)?)
    }

    /// The master keys that the file names, or those in the data directory.
    pub(crate) fn master_keys(&self, data: &Path) -> MasterKeys {
        match &self.master_key_file {
            Some(path) => MasterKeys::named(path.clone()),
            None => MasterKeys::own(data.join("master.key")),
        }
    }

    /// The catalog that the file names, or the one that ships.
    pub(crate) fn load_catalog(&self) -> anyhow::Result<Catalog> {
        match &self.catalog {
            None => Ok(bursar_catalog::shipped()),
            Some(path) => Ok(bursar_catalog::read(&path.display().to_string(), &read_text(path)?)?),
        }
    }

    /// The programs of others that are listed: those that the file names and, where it says so,
    /// those that ship. What runs here is not listed twice.
    pub(crate) fn load_listed(
        &self,
        catalog: &Catalog,
        run: &[ProgramFile],
    ) -> anyhow::Result<Vec<Program>> {
        let (mut listed, mut mistakes) = (Vec::<Program>::new(), Vec::new());
        for path in &self.listed {
            match bursar_program::read(&path.display().to_string(), &read_text(path)?, catalog) {
                Ok(program) => listed.push(program),
                Err(Diagnostics(more)) => mistakes.extend(more),
            }
        }
        if !mistakes.is_empty() {
            return Err(Diagnostics(mistakes).into());
        }
        if self.list_shipped {
            listed.extend(bursar_program::examples(catalog));
        }
        let mut known: BTreeSet<ProgramId> = run.iter().map(|one| one.program.id.clone()).collect();
        listed.retain(|program| known.insert(program.id.clone()));
        Ok(listed)
    }

    /// The programs that the file names, or those that ship. All mistakes in all files at once.
    pub(crate) fn load_programs(&self, catalog: &Catalog) -> anyhow::Result<Vec<ProgramFile>> {
        let shipped = bursar_program::SHIPPED.iter();
        let shipped = shipped.map(|(name, text)| Ok(((*name).to_owned(), (*text).to_owned())));
        let named = self.programs.iter();
        let named = named.map(|path| Ok((path.display().to_string(), read_text(path)?)));
        let files: anyhow::Result<Vec<(String, String)>> =
            if self.programs.is_empty() { shipped.collect() } else { named.collect() };
        let (mut programs, mut mistakes) = (Vec::<ProgramFile>::new(), Vec::new());
        for (name, document) in files? {
            match bursar_program::read_to_run(&name, &document, catalog) {
                Ok(program) if programs.iter().any(|other| other.program.id == program.id) => {
                    bail!("two program files define `{}`\nhint: give one another id", program.id)
                }
                Ok(program) => programs.push(ProgramFile { program, document }),
                Err(Diagnostics(more)) => mistakes.extend(more),
            }
        }
        if mistakes.is_empty() { Ok(programs) } else { Err(Diagnostics(mistakes).into()) }
    }
}

impl KeySource {
    fn open(&self) -> anyhow::Result<SecretString> {
        match self {
            Self::Environment(name) => secrets::from_environment(name),
            Self::File(path) => Ok(SecretString::from(read_text(path)?.trim().to_owned())),
        }
    }
}

impl PaymentsConfig {
    /// The client with its key; connects with the first request.
    pub(crate) fn open(&self) -> anyhow::Result<Arc<dyn Payments>> {
        let client = Stripe::new(bursar_payments::Config {
            key: self.key.open()?,
            api_base: self.api_base.clone(),
            hosted_origin: self.hosted_origin.clone(),
        })?;
        Ok(Arc::new(client))
    }
}

impl TelemetryConfig {
    /// What calls are told to, and what takes it to the collector.
    pub(crate) fn open(&self) -> anyhow::Result<(Spans, Exporter)> {
        let headers = match &self.headers_file {
            None => Vec::new(),
            Some(path) => {
                let text = SecretString::from(read_text(path)?);
                let read = bursar_telemetry::read_headers(&text);
                read.with_context(|| format!("failed to read `{}`", path.display()))?
            }
        };
        let (endpoint, share) = (self.endpoint.clone(), self.sample);
        Ok(bursar_telemetry::start(bursar_telemetry::Settings { endpoint, headers, share })?)
    }
}

impl UpstreamConfig {
    /// The upstream with its key.
    pub(crate) fn open(&self) -> anyhow::Result<Upstream> {
        let api_key = self.key.as_ref().map(KeySource::open).transpose()?;
        Ok(Upstream {
            name: self.name.clone(),
            group: UpstreamGroup::new(self.group.as_str()),
            base_url: self.base_url.clone(),
            api_key,
            weight: self.weight,
            kind: self.kind.clone(),
            pins_service_tier: self.pins_service_tier,
            is_sandbox: false,
        })
    }
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))
}

fn parse(file: &str, text: &str, base: &Path) -> Result<Config, Diagnostics> {
    let document = Document::parse(file, text)?;
    let root = document.root();
    let default = Config::default();
    let upstreams = root.get("upstream").tables().into_iter().map(|table| upstream(table, base));
    let upstreams: Vec<Option<UpstreamConfig>> = upstreams.collect();
    let paths = |key: &str| {
        root.get(key).texts().into_iter().map(|element| base.join(element.text)).collect()
    };
    let config = Config {
        listen: root
            .get("listen")
            .parsed("an address and a port, such as \"127.0.0.1:8080\"")
            .unwrap_or(default.listen),
        public_url: root.get("public_url").text().and_then(|url| http_url(root, "public_url", url)),
        administrator: root
            .get("administrator")
            .text()
            .map_or(default.administrator, str::to_owned),
        catalog: root.get("catalog").text().map(|path| base.join(path)),
        master_key_file: root.get("master_key_file").text().map(|path| base.join(path)),
        programs: paths("programs"),
        listed: paths("listed"),
        list_shipped: root.get("list_shipped").boolean().unwrap_or(default.list_shipped),
        sandbox: root.get("sandbox").boolean().unwrap_or(upstreams.is_empty()),
        upstreams: upstreams.into_iter().flatten().collect(),
        database: root.get("database").text().and_then(|url| database(root, url)),
        market: market(root),
        payments: root.get("payments").table().and_then(|table| payments(table, base)),
        telemetry: root.get("telemetry").table().and_then(|table| telemetry(table, base)),
        identities: identities(root, base),
        mail: root.get("mail").table().and_then(|table| mail(root, table, base)),
        institutions: institutions(root),
    };
    document.finish(Some(config))
}

/// A database's address that may stand in a file: a password may not.
fn database(table: Table<'_>, url: &str) -> Option<String> {
    let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
    let Some(rest) = rest else {
        let hint = "write it as `postgres://USER@HOST:PORT/DATABASE`";
        table.get("database").error("`database` is not a database's address", hint);
        return None;
    };
    let has_password = rest.split_once('@').is_some_and(|(who, _)| who.contains(':'));
    if has_password || rest.contains("password=") {
        let hint = "put the whole address into the environment as BURSAR_DATABASE";
        table.get("database").error("a password does not stand in a configuration file", hint);
        return None;
    }
    Some(url.to_owned())
}

/// The market's settings: what the file leaves out is as it ships.
fn market(root: Table<'_>) -> MarketSettings {
    let default = MarketSettings::default();
    let Some(table) = root.get("market").table() else { return default };
    let share = |key: &str, otherwise: BasisPoints| {
        let hint = "a percentage of face value as text, such as \"70\" or \"62.5\"";
        table.get(key).parsed::<BasisPoints>(hint).unwrap_or(otherwise)
    };
    let settings = MarketSettings {
        ceiling: share("ceiling_percent", default.ceiling),
        band_from: share("band_from_percent", default.band_from),
        band_to: share("band_to_percent", default.band_to),
        fee: share("fee_percent", default.fee),
        smallest: table.get("smallest").usd().unwrap_or(default.smallest),
    };
    if settings.band_to < settings.band_from || settings.ceiling < settings.band_to {
        let hint = "let `band_from_percent`, `band_to_percent` and `ceiling_percent` ascend";
        table.error("the suggested band is not below the ceiling", hint);
    }
    if !settings.smallest.is_positive() {
        table.get("smallest").error("`smallest` is not above zero", "write an amount: \"1\"");
    }
    settings
}

fn payments(table: Table<'_>, base: &Path) -> Option<PaymentsConfig> {
    let key = key_source(table, "stripe_key", base);
    if key.is_none() && !table.has("stripe_key") {
        let hint = "name a variable with `stripe_key_env` or a file with `stripe_key_file`";
        table.error("`[payments]` needs a key", hint);
    }
    let url = |key: &str| table.get(key).text().and_then(|url| http_url(table, key, url));
    let (api_base, hosted_origin) = (url("api_base"), url("hosted_origin"));
    let api_base = api_base.unwrap_or_else(|| STRIPE.to_owned());
    Some(PaymentsConfig { key: key?, api_base, hosted_origin })
}

/// What the operator knows of institutions: domains, and providers that are an institution's.
fn institutions(root: Table<'_>) -> Institutions {
    let Some(table) = root.get("institutions").table() else { return Institutions::default() };
    let known: Vec<&str> =
        root.get("identity").tables().iter().filter_map(|one| one.get("name").text()).collect();
    let named = table.get("providers").table().map_or_else(Vec::new, Table::strings_by_name);
    for (name, _) in &named {
        if !known.contains(name) {
            table.get("providers").error(
                format!("there is no provider `{name}`"),
                "use the `name` of an `[[identity]]`",
            );
        }
    }
    let owned = |(name, institution): (&str, &str)| (name.to_owned(), institution.to_owned());
    let providers = named.into_iter().map(owned).collect();
    Institutions { domains: overrides(table), providers }
}

/// Who people can sign in with. A provider leads back to an address that it knows beforehand.
fn identities(root: Table<'_>, base: &Path) -> Vec<bursar_identity::Settings> {
    let tables = root.get("identity").tables();
    let mut found: Vec<bursar_identity::Settings> = Vec::new();
    for table in tables {
        if !root.has("public_url") {
            let hint = "add `public_url = \"https://…\"` above: providers lead back to it";
            table.error("providers would lead back to nowhere", hint);
        }
        let Some(settings) = bursar_identity::read(table, base) else { continue };
        if found.iter().any(|other| other.name == settings.name) {
            table.get("name").error("two providers have one name", "give one another name");
        }
        found.push(settings);
    }
    found
}

/// A provider, with its secret.
pub(crate) fn provider(settings: &bursar_identity::Settings) -> anyhow::Result<Provider> {
    let secret = match &settings.secret {
        bursar_identity::SecretSource::Environment(name) => secrets::from_environment(name)?,
        bursar_identity::SecretSource::File(path) => {
            SecretString::from(read_text(path)?.trim().to_owned())
        }
    };
    let name = settings.name.clone();
    let made = Provider::new(settings.clone(), secret);
    made.with_context(|| format!("failed to set up the provider `{name}`"))
}

/// The relay that takes mail. Links in mail have to lead to the portal, wherever it is read.
fn mail(root: Table<'_>, table: Table<'_>, base: &Path) -> Option<Settings> {
    if !root.has("public_url") {
        let hint = "add `public_url = \"https://…\"` above: the address that people open";
        table.error("links in mail would lead nowhere", hint);
    }
    bursar_mail::read(table, base)
}

/// The relay, with its password and its certificates.
pub(crate) fn relay(settings: &Settings) -> anyhow::Result<Relay> {
    let password = match &settings.password {
        None => None,
        Some(SecretSource::Environment(name)) => Some(secrets::from_environment(name)?),
        Some(SecretSource::File(path)) => {
            Some(SecretString::from(read_text(path)?.trim_end_matches(['\r', '\n']).to_owned()))
        }
    };
    let authorities = settings.ca_file.as_deref().map(read_text).transpose()?;
    let authorities = authorities.as_deref().map(str::as_bytes);
    settings.relay(password, authorities).context("failed to set up mail")
}

fn telemetry(table: Table<'_>, base: &Path) -> Option<TelemetryConfig> {
    let endpoint = table.need("endpoint").text();
    let endpoint = endpoint.and_then(|url| http_url(table, "endpoint", url));
    if endpoint.as_ref().is_some_and(|url| url.contains('@')) {
        let hint = "put what the collector asks for into the file that `headers_file` names";
        table.get("endpoint").error("a password does not stand in a configuration file", hint);
    }
    let headers_file = table.get("headers_file").text().map(|path| base.join(path));
    let hint = "a percentage of all traces as text, such as \"100\" or \"2.5\"";
    let sample = table.get("sample_percent").parsed::<BasisPoints>(hint);
    let sample = sample.unwrap_or(BasisPoints::WHOLE);
    Some(TelemetryConfig { endpoint: endpoint?, headers_file, sample })
}

/// Where a key is: `NAME_env` names a variable, `NAME_file` a file. It never stands in the file
/// itself.
fn key_source(table: Table<'_>, name: &str, base: &Path) -> Option<KeySource> {
    let (in_environment, in_file) = (format!("{name}_env"), format!("{name}_file"));
    let from_environment = table.get(&in_environment).text();
    let from_file = table.get(&in_file).text();
    if from_environment.is_some() && from_file.is_some() {
        let hint = format!("keep one of `{in_environment}` and `{in_file}`");
        table.error("one key is named twice", hint);
    }
    if table.has(name) {
        // Read it, so that it is not reported as unknown as well.
        let _ = table.get(name).string();
        let hint = format!("name a variable with `{in_environment}` or a file with `{in_file}`");
        table.error("a key does not stand in a configuration file", hint);
    }
    from_environment
        .map(|name| KeySource::Environment(name.to_owned()))
        .or_else(|| from_file.map(|path| KeySource::File(base.join(path))))
}

fn upstream(table: Table<'_>, base: &Path) -> Option<UpstreamConfig> {
    let name = table.need("name").text();
    let group = table.get("group").text().unwrap_or("openai");
    let base_url = table.need("base_url").text();
    let base_url = base_url.and_then(|url| http_url(table, "base_url", url));
    let key = key_source(table, "api_key", base);
    let weight = table.get("weight").integer(0..=WEIGHT_MAX).unwrap_or(1);
    let kind = kind(table);
    // What Azure serves for how much is a matter of the deployment.
    let pins_by_default = matches!(kind, Some(Kind::OpenAi { .. }));
    let pins_service_tier = table.get("pins_service_tier").boolean().unwrap_or(pins_by_default);
    Some(UpstreamConfig {
        name: name?.to_owned(),
        group: group.to_owned(),
        base_url: base_url?,
        key,
        weight,
        kind: kind?,
        pins_service_tier,
    })
}

/// How an upstream is spoken to. What only one kind knows is an error at the other.
fn kind(table: Table<'_>) -> Option<Kind> {
    let is_azure = table.get("kind").word(&[("openai", false), ("azure", true)]);
    let is_azure = is_azure.unwrap_or(false);
    let models = table.get("models").texts();
    let models: Vec<String> = models.into_iter().map(|model| model.text.to_owned()).collect();
    let api_version = table.get("api_version").text();
    let deployments = table.get("deployments").table().map(Table::strings_by_name);
    if is_azure {
        if table.has("models") {
            let hint = "`deployments` says which models there are";
            table.get("models").error("an upstream of Azure's has no list of models", hint);
        }
        let (Some(api_version), Some(deployments)) = (api_version, deployments) else {
            let hint = "give `api_version = \"2024-10-21\"` and \
                        `deployments = { \"MODEL\" = \"DEPLOYMENT\" }`";
            table.error("an upstream of Azure's needs its API version and its deployments", hint);
            return None;
        };
        let owned = |(model, name): (&str, &str)| (model.to_owned(), name.to_owned());
        let deployments = deployments.into_iter().map(owned).collect();
        return Some(Kind::Azure(Azure { api_version: api_version.to_owned(), deployments }));
    }
    for key in ["api_version", "deployments"].into_iter().filter(|key| table.has(key)) {
        let hint = "add `kind = \"azure\"`, or take it out";
        table.get(key).error(format!("`{key}` is for an upstream of Azure's"), hint);
    }
    Some(Kind::OpenAi { models: table.has("models").then_some(models) })
}

/// An address that begins with `http://` or `https://`, without a trailing slash.
fn http_url(table: Table<'_>, key: &str, url: &str) -> Option<String> {
    let url = url.trim_end_matches('/');
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    if rest.is_some_and(|rest| !rest.is_empty() && !rest.contains([' ', '?', '#'])) {
        return Some(url.to_owned());
    }
    let hint = "write it as `https://host` or `https://host/v1`";
    table.get(key).error(format!("`{key}` is not an address"), hint);
    None
}

#[cfg(test)]
mod tests;
