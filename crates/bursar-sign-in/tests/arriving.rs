//! Whose account an identity is a way into: nobody's but theirs who showed that it is.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

use std::collections::BTreeSet;
use std::sync::Arc;

use bursar_identity::{Identity, Provider, SecretSource, Settings};
use bursar_policy::Viewer;
use bursar_service::clock::SystemClock;
use bursar_service::{MarketSettings, MasterKeys, Parts, Service, ServiceError};
use bursar_sign_in::{Arrived, arrive, end_session, identities, officer_sees, sessions, unlink};
use bursar_store_sqlite::SqliteStore;

const ISSUER: &str = "https://id.example.edu";

struct Desk {
    service: Arc<Service>,
    provider: Provider,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let catalog = bursar_catalog::shipped();
        let service = Service::new(Parts {
            master_keys: MasterKeys::named("none/master.key".into()),
            institutions: bursar_kernel::Institutions::default(),
            store: Arc::new(SqliteStore::open(folder.path()).unwrap()),
            clock: Arc::new(SystemClock),
            programs: bursar_program::shipped(&catalog),
            earlier: Vec::new(),
            listed: Vec::new(),
            catalog: Arc::new(catalog),
            base_url: "http://portal.test".to_owned(),
            market: MarketSettings::default(),
            payments: None,
        });
        let settings = Settings {
            name: "home".to_owned(),
            label: "Home".to_owned(),
            issuer: ISSUER.replace("https", "http").replace("id.example.edu", "localhost"),
            client_id: "us".to_owned(),
            secret: SecretSource::Environment("NONE".to_owned()),
            scopes: "openid".to_owned(),
            trusted_mail_domains: vec!["example.edu".to_owned()],
            orcid: false,
        };
        let provider = Provider::new(settings, "none".to_owned().into()).unwrap();
        Self { service, provider, _folder: folder }
    }

    async fn arrive(&self, identity: Identity, viewer: &Viewer) -> Result<Arrived, ServiceError> {
        arrive(&self.service, &self.provider, identity, viewer).await
    }

    async fn viewer(&self, email: &str) -> Viewer {
        let person = self.service.appoint(&Viewer::Operator, email, "A", BTreeSet::new()).await;
        let person = person.unwrap();
        Viewer::Person { id: person.id, roles: person.roles }
    }
}

fn identity(subject: &str, email: Option<&str>) -> Identity {
    Identity {
        provider: "home".to_owned(),
        issuer: ISSUER.to_owned(),
        subject: subject.to_owned(),
        email: email.map(str::to_owned),
        name: Some("Ada Lovelace".to_owned()),
        orcid: Some("0000-0002-1825-0097".parse().unwrap()),
    }
}

#[tokio::test]
async fn a_trusted_domain_joins_its_account_and_no_other_does() {
    let desk = Desk::new();
    let ada = desk.viewer("ada@example.edu").await;
    for email in [None, Some("ada@elsewhere.test"), Some("ada@example.edu.test"), Some("ada")] {
        let told = desk.arrive(identity("x", email), &Viewer::Nobody).await.unwrap();
        assert!(matches!(told, Arrived::Unknown), "{email:?}: {told:?}");
    }
    let told = desk.arrive(identity("x", Some("ada@example.edu")), &Viewer::Nobody).await;
    let Ok(Arrived::SignedIn(signed_in)) = told else { panic!("{told:?}") };
    assert_eq!(Some(signed_in.person.id), ada.person());
    let told = desk.arrive(identity("y", Some("new@example.edu")), &Viewer::Nobody).await;
    let Ok(Arrived::SignedIn(signed_in)) = told else { panic!("{told:?}") };
    assert_eq!(signed_in.person.name, "Ada Lovelace");
    // What it says about the address later on changes nothing.
    let told = desk.arrive(identity("y", Some("ada@example.edu")), &Viewer::Nobody).await;
    let Ok(Arrived::SignedIn(again)) = told else { panic!("{told:?}") };
    assert_eq!(again.person.id, signed_in.person.id);
}

#[tokio::test]
async fn an_identity_is_linked_to_one_account_until_it_is_removed() {
    let desk = Desk::new();
    let (ada, eve) = (desk.viewer("ada@a.test").await, desk.viewer("eve@b.test").await);
    let service = &desk.service;
    assert!(matches!(desk.arrive(identity("x", None), &ada).await, Ok(Arrived::Linked)));
    assert!(matches!(desk.arrive(identity("x", None), &ada).await, Ok(Arrived::Linked)));
    let told = desk.arrive(identity("x", None), &eve).await;
    assert!(matches!(told, Err(ServiceError::Refused(_))), "{told:?}");
    assert_eq!(identities(service, &ada).await.unwrap().len(), 1);
    let person = ada.person().unwrap();
    let seen = officer_sees(service, &Viewer::Operator, person).await.unwrap();
    assert_eq!(seen, ["0000-0002-1825-0097"]);
    assert!(officer_sees(service, &eve, person).await.is_err());
    let told = unlink(service, &eve, ISSUER, "x").await;
    assert!(matches!(told, Err(ServiceError::NotFound(_))), "{told:?}");
    unlink(service, &ada, ISSUER, "x").await.unwrap();
    assert!(identities(service, &ada).await.unwrap().is_empty());
    let told = desk.arrive(identity("x", None), &Viewer::Nobody).await.unwrap();
    assert!(matches!(told, Arrived::Unknown), "{told:?}");
    assert!(matches!(desk.arrive(identity("x", None), &eve).await, Ok(Arrived::Linked)));
    for number in 1..10 {
        let one = desk.arrive(identity(&number.to_string(), None), &eve).await;
        assert!(matches!(one, Ok(Arrived::Linked)));
    }
    let told = desk.arrive(identity("eleven", None), &eve).await;
    assert!(matches!(told, Err(ServiceError::Refused(_))), "{told:?}");
}

#[tokio::test]
async fn browsers_are_their_own_persons_to_sign_out() {
    let desk = Desk::new();
    let (ada, eve) = (desk.viewer("ada@a.test").await, desk.viewer("eve@b.test").await);
    let service = &desk.service;
    let first = service.sign_in_as(ada.person().unwrap()).await.unwrap();
    service.sign_in_as(ada.person().unwrap()).await.unwrap();
    let listed = sessions(service, &ada).await.unwrap();
    assert_eq!(listed.len(), 2);
    let [.., oldest] = &listed[..] else { panic!("{listed:?}") };
    let told = end_session(service, &eve, oldest.id).await;
    assert!(matches!(told, Err(ServiceError::NotFound(_))), "{told:?}");
    for session in &listed {
        end_session(service, &ada, session.id).await.unwrap();
    }
    assert!(sessions(service, &ada).await.unwrap().is_empty());
    assert!(service.session(first.cookie.reveal()).await.unwrap().is_none());
    assert!(matches!(sessions(service, &Viewer::Nobody).await, Err(ServiceError::SignInFirst)));
}
