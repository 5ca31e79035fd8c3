//! What is reported to have come back, and another try.

use std::sync::Arc;

use bursar_kernel::{Actor, MailId};
use bursar_outbox::{Attempt, Delivery, State};
use bursar_policy::Viewer;
use bursar_post::{Post as _, way};
use bursar_service::clock::SystemClock;
use bursar_service::{MarketSettings, MasterKeys, Parts, Service, ServiceError};
use bursar_store::{Batch, Store, Write};
use bursar_store_sqlite::SqliteStore;

struct Desk {
    service: Arc<Service>,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(folder.path()).unwrap());
        let catalog = bursar_catalog::shipped();
        let service = Service::new(Parts {
            master_keys: MasterKeys::named("none/master.key".into()),
            institutions: bursar_kernel::Institutions::default(),
            store,
            clock: Arc::new(SystemClock),
            programs: bursar_program::shipped(&catalog),
            catalog: Arc::new(catalog),
            earlier: Vec::new(),
            listed: Vec::new(),
            base_url: "http://portal.test".to_owned(),
            market: MarketSettings::default(),
            payments: None,
        });
        Self { service, _folder: folder }
    }

    /// A mail that a relay has taken.
    async fn sent(&self, to: &str) -> MailId {
        let now = self.service.now();
        let mail = bursar_letters::trial("http://portal.test").to(to, now);
        let taken = Attempt::Taken("250 ok".to_owned());
        let row = Delivery::new(mail.id, now).claimed(now).after(&taken, now);
        let (id, batch) = (mail.id, Batch::new(Actor::Operator, now).with(mail));
        let batch = batch.with(way(0, row)).with(Write::MailSent(id));
        self.service.store().commit(batch).await.unwrap();
        id
    }

    async fn state(&self, id: MailId) -> State {
        let posted = bursar_operator::posted(&self.service, &Viewer::Operator, id).await.unwrap();
        posted.way.unwrap().state
    }
}

#[tokio::test]
async fn a_mail_that_came_back_is_found_by_whatever_names_it() {
    let desk = Desk::new();
    for shape in ["{}", "<{}@example.edu>", "{}@example.edu", "bounces+{}@example.edu"] {
        let id = desk.sent("ada@example.edu").await;
        let of = shape.replace("{}", &id.to_string());
        let viewer = Viewer::Operator;
        let back = bursar_operator::report_bounce(&desk.service, &viewer, &of, "5.1.1 gone").await;
        let back = back.unwrap();
        assert_eq!((back.email.as_str(), back.mail), ("ada@example.edu", Some(id)), "{shape}");
        assert_eq!(desk.state(id).await, State::CameBack);
        // What came back can be tried again, once its holder has shown that mail arrives.
        bursar_operator::retry_mail(&desk.service, &viewer, id).await.unwrap();
        assert_eq!(desk.state(id).await, State::Waiting);
    }
    let bounced = bursar_operator::bounced_addresses(&desk.service, &Viewer::Operator, 9).await;
    assert_eq!(bounced.unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_sent_is_not_sent_again_and_nonsense_names_nothing() {
    let desk = Desk::new();
    let id = desk.sent("ada@example.edu").await;
    let viewer = Viewer::Operator;
    let again = bursar_operator::retry_mail(&desk.service, &viewer, id).await;
    assert!(matches!(again, Err(ServiceError::Refused(why)) if why.contains("goes out once")));
    let unknown = format!("<{}@example.edu>", MailId::from_bytes([9; 16]));
    for (of, why) in [("", "x"), ("nobody", "x"), ("a@b.example", " "), (&*unknown, "x")] {
        let told = bursar_operator::report_bounce(&desk.service, &viewer, of, why).await;
        let expected = matches!(told, Err(ServiceError::Invalid(_) | ServiceError::NotFound(_)));
        assert!(expected, "{of:?} {why:?}: {told:?}");
    }
    let nobody = bursar_operator::outbox(&desk.service, &Viewer::Nobody, None, 9).await;
    assert!(matches!(nobody, Err(ServiceError::SignInFirst)), "{nobody:?}");
}
