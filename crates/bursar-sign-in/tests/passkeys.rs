//! Passkeys: who may sign in with which, once for each question.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail like tests")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bursar_authenticator::{Algorithm, Authenticator, encoded};
use bursar_kernel::limits::PASSKEY_ANSWER_TIME;
use bursar_kernel::{Clock, Timestamp};
use bursar_policy::Viewer;
use bursar_service::{MarketSettings, MasterKeys, Parts, Service, ServiceError, SignedIn};
use bursar_sign_in::{
    add_passkey, passkey_options, passkeys, remove_passkey, sessions, sign_in_with_passkey,
    sign_in_with_passkey_options,
};
use bursar_store_sqlite::SqliteStore;

const ORIGIN: &str = "https://portal.test";
const BROWSER: &str = "a browser";
const SESSION: &str = "a session";

struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::Acquire)).unwrap()
    }
}

struct Desk {
    service: Arc<Service>,
    clock: Arc<TestClock>,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn at(base_url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let catalog = bursar_catalog::shipped();
        let clock = Arc::new(TestClock(AtomicI64::new(1_800_000_000_000)));
        let service = Service::new(Parts {
            master_keys: MasterKeys::named("none/master.key".into()),
            store: Arc::new(SqliteStore::open(folder.path()).unwrap()),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            programs: bursar_program::shipped(&catalog),
            earlier: Vec::new(),
            listed: Vec::new(),
            catalog: Arc::new(catalog),
            base_url: base_url.to_owned(),
            market: MarketSettings::default(),
            payments: None,
            institutions: bursar_kernel::Institutions::default(),
        });
        Self { service, clock, _folder: folder }
    }

    async fn viewer(&self, email: &str) -> Viewer {
        let person = self.service.appoint(&Viewer::Operator, email, "A", BTreeSet::new()).await;
        let person = person.unwrap();
        Viewer::Person { id: person.id, roles: person.roles }
    }

    async fn add(&self, viewer: &Viewer, name: &str, device: &mut Authenticator) {
        let options = passkey_options(&self.service, viewer, SESSION).await.unwrap();
        let answer = device.register(&options);
        add_passkey(&self.service, viewer, SESSION, name, &answer).await.unwrap();
    }

    async fn sign_in(&self, device: &mut Authenticator) -> Result<SignedIn, ServiceError> {
        let options = sign_in_with_passkey_options(&self.service, BROWSER).unwrap();
        sign_in_with_passkey(&self.service, BROWSER, &device.sign_in(&options)).await
    }

    async fn letters(&self) -> Vec<String> {
        let mails = self.service.store().mails(50).await.unwrap();
        mails.into_iter().map(|mail| mail.letter).collect()
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(told: Result<T, ServiceError>, why: &str) {
    match told {
        Err(ServiceError::Refused(text)) => assert!(text.contains(why), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_passkey_signs_its_holder_in_until_it_is_removed() {
    let desk = Desk::at(ORIGIN);
    let (ada, eve) = (desk.viewer("ada@a.test").await, desk.viewer("eve@b.test").await);
    let mut laptop = Authenticator::new(Algorithm::Edwards, ORIGIN);
    let mut phone = Authenticator::new(Algorithm::P256, ORIGIN);
    desk.add(&ada, " Laptop ", &mut laptop).await;
    desk.add(&ada, "", &mut phone).await;
    let listed = passkeys(&desk.service, &ada).await.unwrap();
    let names: Vec<&str> = listed.iter().map(|passkey| &*passkey.name).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&"Laptop") && names.contains(&"Passkey"), "{names:?}");
    assert!(passkeys(&desk.service, &eve).await.unwrap().is_empty());
    let signed_in = desk.sign_in(&mut laptop).await.unwrap();
    assert_eq!(Some(signed_in.person.id), ada.person());
    assert_eq!(sessions(&desk.service, &ada).await.unwrap().len(), 1);
    let listed = passkeys(&desk.service, &ada).await.unwrap();
    assert_eq!(listed.iter().filter(|passkey| passkey.last_used_at.is_some()).count(), 1);
    let id = encoded(&laptop.id);
    let told = remove_passkey(&desk.service, &eve, &id).await;
    assert!(matches!(told, Err(ServiceError::NotFound(_))), "{told:?}");
    remove_passkey(&desk.service, &ada, &id).await.unwrap();
    refused(desk.sign_in(&mut laptop).await, "not any more");
    assert!(desk.sign_in(&mut phone).await.is_ok());
    let mut letters = desk.letters().await;
    letters.sort();
    assert_eq!(letters, ["passkey_added", "passkey_added", "passkey_removed"]);
    let lines = desk.service.store().audit_trail(50).await.unwrap();
    let signed_in = lines.iter().filter(|line| line.action == "passkey.signed_in").count();
    assert_eq!(signed_in, 2);
}

#[tokio::test]
async fn a_question_is_answered_once_in_its_browser_and_in_time() {
    let desk = Desk::at(ORIGIN);
    let ada = desk.viewer("ada@a.test").await;
    let mut device = Authenticator::new(Algorithm::P256, ORIGIN);
    let options = passkey_options(&desk.service, &ada, SESSION).await.unwrap();
    let answer = device.register(&options);
    let told = add_passkey(&desk.service, &ada, "another session", "x", &answer).await;
    refused(told, "had not asked");
    add_passkey(&desk.service, &ada, SESSION, "x", &answer).await.unwrap();
    let told = add_passkey(&desk.service, &ada, SESSION, "x", &answer).await;
    assert!(matches!(told, Err(ServiceError::Conflict(_))), "{told:?}");
    let options = sign_in_with_passkey_options(&desk.service, BROWSER).unwrap();
    let answer = device.sign_in(&options);
    refused(sign_in_with_passkey(&desk.service, "another", &answer).await, "had not asked");
    assert!(sign_in_with_passkey(&desk.service, BROWSER, &answer).await.is_ok());
    let again = sign_in_with_passkey(&desk.service, BROWSER, &answer).await;
    assert!(matches!(again, Err(ServiceError::Conflict(_))), "{again:?}");
    let late = device.sign_in(&options);
    let life = i64::try_from(PASSKEY_ANSWER_TIME.as_millis()).unwrap();
    desk.clock.0.fetch_add(life, Ordering::AcqRel);
    refused(sign_in_with_passkey(&desk.service, BROWSER, &late).await, "too long");
    assert!(desk.sign_in(&mut device).await.is_ok());
}

#[tokio::test]
async fn what_is_foreign_or_copied_signs_nobody_in() {
    let desk = Desk::at(ORIGIN);
    let (ada, eve) = (desk.viewer("ada@a.test").await, desk.viewer("eve@b.test").await);
    let mut device = Authenticator::new(Algorithm::P256, ORIGIN);
    device.count = 7;
    desk.add(&ada, "x", &mut device).await;
    let mut unknown = Authenticator::new(Algorithm::P256, ORIGIN);
    unknown.user.clone_from(&device.user);
    refused(desk.sign_in(&mut unknown).await, "no way into an account here");
    // Under the name of somebody else's passkey, with a key of one's own.
    unknown.id.clone_from(&device.id);
    refused(desk.sign_in(&mut unknown).await, "signature");
    let users = encoded(&eve.person().unwrap().to_bytes());
    let own = std::mem::replace(&mut device.user, users);
    refused(desk.sign_in(&mut device).await, "another account");
    device.user = own;
    device.origin = "https://portal.test.evil.test".to_owned();
    refused(desk.sign_in(&mut device).await, "another site");
    ORIGIN.clone_into(&mut device.origin);
    desk.sign_in(&mut device).await.unwrap();
    device.count = 3;
    let options = sign_in_with_passkey_options(&desk.service, BROWSER).unwrap();
    let copy = device.sign_in(&options);
    refused(sign_in_with_passkey(&desk.service, BROWSER, &copy).await, "copied");
    // Its holder hears of it, and not as often as somebody repeats it.
    let again = sign_in_with_passkey(&desk.service, BROWSER, &copy).await;
    assert!(matches!(again, Err(ServiceError::Conflict(_))), "{again:?}");
    let letters = desk.letters().await;
    assert_eq!(letters.iter().filter(|name| *name == "passkey_copied").count(), 1);
    let told = passkey_options(&desk.service, &Viewer::Nobody, SESSION).await;
    assert!(matches!(told, Err(ServiceError::SignInFirst)), "{told:?}");
}

#[tokio::test]
async fn a_site_that_browsers_keep_no_passkeys_for_says_so() {
    let desk = Desk::at("http://192.168.1.1:8080");
    refused(sign_in_with_passkey_options(&desk.service, BROWSER), "HTTPS");
}
