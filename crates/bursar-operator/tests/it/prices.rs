//! Price tables: installed, brought, approved from an instant on, rejected; and never changed where
//! they have priced anything.

use std::path::Path;
use std::sync::{Arc, Mutex};

use bursar_kernel::{Actor, Catalog, Clock, PersonId, PriceVersion, Role, Timestamp};
use bursar_operator::{
    Approval, PriceDecision, decide_on_prices, install_prices, price_table, price_tables,
    propose_prices, table_in_force,
};
use bursar_policy::Viewer;
use bursar_service::{MarketSettings, Parts, Service, ServiceError};
use bursar_store_sqlite::SqliteStore;
use jiff::SignedDuration;

const OPERATOR: &Viewer = &Viewer::Operator;

struct StandingClock(Mutex<Timestamp>);

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct House {
    store: Arc<SqliteStore>,
    clock: Arc<StandingClock>,
    _directory: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let at = "2026-11-29T10:00:00Z".parse().unwrap();
        Self {
            store: open(directory.path()),
            clock: Arc::new(StandingClock(Mutex::new(at))),
            _directory: directory,
        }
    }

    /// A server whose configuration has this catalog, before it has looked at the price tables.
    fn server(&self, catalog: Catalog) -> Arc<Service> {
        let programs = bursar_program::shipped(&catalog);
        Service::new(Parts {
            master_keys: bursar_service::MasterKeys::named("none/master.key".into()),
            institutions: bursar_kernel::Institutions::default(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            catalog: Arc::new(catalog),
            programs,
            earlier: Vec::new(),
            listed: Vec::new(),
            base_url: "http://portal.example".to_owned(),
            market: MarketSettings::default(),
            payments: None,
        })
    }

    async fn started(&self, catalog: Catalog) -> Arc<Service> {
        let service = self.server(catalog);
        install_prices(&service).await.unwrap();
        service
    }

    fn hours_later(&self, hours: i64) -> Timestamp {
        let mut now = self.clock.0.lock().unwrap();
        *now += SignedDuration::from_hours(hours);
        *now
    }
}

fn open(directory: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(directory).unwrap())
}

/// The catalog that ships, under a name, with the price of an output token of gpt-4o-mini's.
fn document(version: &str, output: &str) -> String {
    let text = bursar_catalog::write(&bursar_catalog::shipped());
    let at = text.find("[model.\"gpt-4o-mini\"]").unwrap();
    let (before, model) = text.split_at(at);
    let model = model.replacen("output = \"0.60\"", &format!("output = \"{output}\""), 1);
    let shipped = bursar_catalog::shipped().version;
    format!("{before}{model}").replacen(shipped.as_str(), version, 1)
}

fn catalog(version: &str, output: &str) -> Catalog {
    bursar_catalog::read("test", &document(version, output)).unwrap()
}

fn output(service: &Service) -> String {
    let catalog = service.catalog();
    let prices = catalog.model("gpt-4o-mini").unwrap().prices.as_ref().unwrap();
    format!("{} {}", catalog.version, prices.standard.output.unwrap())
}

fn version(name: &str) -> PriceVersion {
    PriceVersion::new(name)
}

fn said<T: std::fmt::Debug>(refused: Result<T, ServiceError>) -> String {
    let error = refused.unwrap_err();
    let ServiceError::Invalid(fields) = &error else { return error.to_string() };
    let said = fields.iter().map(|field| format!("{}: {}", field.field, field.message));
    said.collect::<Vec<_>>().join("\n")
}

async fn approve(service: &Service, name: &str, from: Approval) -> Result<(), ServiceError> {
    let decision = PriceDecision::Approve(from);
    decide_on_prices(service, OPERATOR, &version(name), &decision).await.map(|_| ())
}

async fn reject(service: &Service, name: &str, reason: &str) -> Result<(), ServiceError> {
    let decision = PriceDecision::Reject { reason: reason.to_owned() };
    decide_on_prices(service, OPERATOR, &version(name), &decision).await.map(|_| ())
}

#[tokio::test]
async fn a_table_holds_from_its_instant_on_and_what_is_older_stays_to_be_looked_up() {
    let house = House::new();
    let service = house.started(catalog("first", "0.60")).await;
    let found = propose_prices(&service, OPERATOR, &document("second", "0.55")).await.unwrap();
    let changes: Vec<String> = found.changes.iter().map(ToString::to_string).collect();
    assert_eq!(changes, ["gpt-4o-mini: standard output 0.60 -> 0.55 (-8 %)"]);
    assert_eq!((found.is_in_force, found.before), (false, version("first")));
    house.hours_later(1);
    assert_eq!(output(&service), "first 0.60", "what nobody approved prices nothing");

    let from = house.clock.now() + SignedDuration::from_hours(2);
    approve(&service, "second", Approval::From(from)).await.unwrap();
    house.hours_later(1);
    assert_eq!(output(&service), "first 0.60");
    let another = house.started(catalog("first", "0.60")).await;
    house.hours_later(1);
    for server in [&service, &another] {
        assert_eq!(output(server), "second 0.55");
        let old = server.calls().catalog_of(&version("first"));
        assert_eq!(old.version, version("first"));
        // One that nobody knows is priced as things are now.
        assert_eq!(server.calls().catalog_of(&version("none")).version, version("second"));
    }
    let (tables, in_force) = price_tables(&service, OPERATOR).await.unwrap();
    assert_eq!((tables.len(), in_force), (2, version("second")));
    let text = table_in_force(&service, OPERATOR).unwrap();
    assert_eq!(text, document("second", "0.55"));
    let trail = house.store_trail().await;
    assert_eq!(trail[0], format!("prices.approved second: from {from} on"));
    assert!(trail[1].starts_with("prices.proposed second: "));
    assert!(trail[2].starts_with("prices.installed first: "));
}

impl House {
    async fn store_trail(&self) -> Vec<String> {
        use bursar_store::Reads as _;
        let trail = self.store.audit_trail(50).await.unwrap();
        let mut lines: Vec<(Timestamp, String)> = trail
            .into_iter()
            .map(|line| (line.at, format!("{} {}: {}", line.action, line.subject, line.detail)))
            .collect();
        lines.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let rank = |line: &str| !line.starts_with("prices.proposed");
        lines.sort_by_key(|(at, line)| (std::cmp::Reverse(*at), rank(line)));
        lines.into_iter().map(|(_, line)| line).collect()
    }
}

#[tokio::test]
async fn a_catalog_file_with_a_new_name_holds_at_once_and_an_old_one_takes_nothing_back() {
    let house = House::new();
    let old = house.started(catalog("first", "0.60")).await;
    house.hours_later(1);
    let new = house.started(catalog("second", "0.66")).await;
    assert_eq!(output(&new), "second 0.66");
    house.hours_later(1);
    // A server of the old release starts once more.
    let old_again = house.started(catalog("first", "0.60")).await;
    assert_eq!(output(&old_again), "second 0.66");
    // The one that ran meanwhile hears of it.
    assert_eq!(output(&old), "first 0.60");
    old.calls().learn_prices().await.unwrap();
    assert_eq!(output(&old), "second 0.66");
    assert_eq!(price_tables(&old, OPERATOR).await.unwrap().0.len(), 2);
}

#[tokio::test]
async fn prices_never_change_under_a_name_that_has_priced_calls() {
    let house = House::new();
    house.started(catalog("first", "0.60")).await;
    let cheaper = house.server(catalog("first", "0.30"));
    let refused = said(install_prices(&cheaper).await);
    assert_eq!(
        refused,
        "the catalog file has the version `first`, and calls were priced by other prices of that \
         name: gpt-4o-mini: standard output 0.60 -> 0.30 (-50 %)\n\
         hint: give the file a new version"
    );
    // What is no price may be put right.
    let mut mended = catalog("first", "0.60");
    mended.source = "somewhere else".to_owned();
    let service = house.started(mended).await;
    let found = price_table(&service, OPERATOR, &version("first")).await.unwrap();
    assert!(found.table.document.contains("somewhere else"));
    assert_eq!((found.changes.len(), found.is_in_force), (0, true));
    assert_eq!(found.table.proposed_by, Actor::Job("configuration".to_owned()));

    propose_prices(&service, OPERATOR, &document("second", "0.55")).await.unwrap();
    let refused = said(install_prices(&house.server(catalog("second", "0.55"))).await);
    assert!(refused.contains("a price table of that name was proposed"), "{refused}");
}

#[tokio::test]
async fn what_cannot_be_decided_is_said() {
    let house = House::new();
    let service = house.started(catalog("first", "0.60")).await;
    propose_prices(&service, OPERATOR, &document("second", "0.55")).await.unwrap();
    propose_prices(&service, OPERATOR, &document("third", "0.50")).await.unwrap();
    let now = house.hours_later(1);
    let past = Approval::From(now - SignedDuration::from_secs(1));
    assert_eq!(
        said(approve(&service, "second", past).await),
        "effective_from: Use an instant that is still to come: what was charged stays charged"
    );
    let far = Approval::From(now + SignedDuration::from_hours(24 * 400));
    assert_eq!(
        said(approve(&service, "second", far).await),
        "effective_from: Use an instant within a year"
    );
    assert_eq!(said(reject(&service, "second", " ").await), "reason: Say why it is not used");
    assert!(said(reject(&service, "none", "x").await).contains("there is no price table `none`"));
    assert!(said(reject(&service, "first", "x").await).contains("holds already"));

    // What does not hold yet can be taken back.
    approve(&service, "second", Approval::From(now + SignedDuration::from_hours(1))).await.unwrap();
    assert!(said(approve(&service, "second", Approval::Now).await).contains("approved already"));
    reject(&service, "second", "A slip.").await.unwrap();
    assert!(said(approve(&service, "second", Approval::Now).await).contains("was rejected"));
    house.hours_later(2);
    assert_eq!(output(&service), "first 0.60");
    approve(&service, "third", Approval::Now).await.unwrap();
    assert_eq!(output(&service), "third 0.50");
    assert!(said(reject(&service, "third", "x").await).contains("holds already"));
}

#[tokio::test]
async fn what_is_no_price_table_is_said_and_only_an_operator_brings_one() {
    let house = House::new();
    let service = house.started(catalog("first", "0.60")).await;
    let bring = async |document: &str| said(propose_prices(&service, OPERATOR, document).await);
    assert!(bring("version = 1").await.contains("the price table:1:11"));
    let twice = bring(&document("first", "0.55")).await;
    assert_eq!(twice, "document: There is a price table `first`: give this one another version");
    assert!(bring(&document("a/b", "0.55")).await.contains("letters, digits"));
    let long = "#".repeat(600 * 1024);
    assert!(bring(&long).await.contains("at most 524288 bytes"));
    for number in 0..20 {
        let text = document(&format!("table-{number}"), "0.55");
        propose_prices(&service, OPERATOR, &text).await.unwrap();
    }
    assert!(bring(&document("one-more", "0.55")).await.contains("20 price tables wait"));
    let officer = Viewer::Person {
        id: PersonId::new(house.clock.now(), [7; 10]),
        roles: [Role::Officer].into(),
    };
    for viewer in [&officer, &Viewer::Nobody] {
        assert!(propose_prices(&service, viewer, "x").await.is_err());
        assert!(price_tables(&service, viewer).await.is_err());
        assert!(table_in_force(&service, viewer).is_err());
        assert!(price_table(&service, viewer, &version("first")).await.is_err());
        let now = PriceDecision::Approve(Approval::Now);
        assert!(decide_on_prices(&service, viewer, &version("table-1"), &now).await.is_err());
    }
    assert_eq!(output(&service), "first 0.60");
}
