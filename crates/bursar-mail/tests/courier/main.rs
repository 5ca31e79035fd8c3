//! The courier against a relay that does as it is told, over real sockets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail like tests")]

mod relay;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bursar_kernel::{Actor, Clock, MailId, Timestamp};
use bursar_mail::{Courier, Login, Relay, Secured, Sender, Stop};
use bursar_outbox::{Delivery, State};
use bursar_postgres_fixture::Server;
use bursar_store::rows::Mail;
use bursar_store::{Batch, DeliveryFilter, Store};
use bursar_store_postgres::PostgresStore;
use bursar_store_sqlite::SqliteStore;
use relay::{Behaviour, Double};
use tokio::task::JoinHandle;

struct Standing(AtomicI64);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::Acquire)).unwrap()
    }
}

struct Office {
    store: Arc<dyn Store>,
    clock: Arc<Standing>,
    relay: Double,
    couriers: Vec<(Stop, JoinHandle<()>)>,
    _folder: Option<tempfile::TempDir>,
}

impl Office {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path()).unwrap());
        Self::over(store, Some(folder)).await
    }

    async fn over(store: Arc<dyn Store>, folder: Option<tempfile::TempDir>) -> Self {
        let now: Timestamp = "2027-01-04T09:00:00Z".parse().unwrap();
        let clock = Arc::new(Standing(AtomicI64::new(now.as_millisecond())));
        let relay = Double::start().await;
        Self { store, clock, relay, couriers: Vec::new(), _folder: folder }
    }

    fn open(&mut self, connections: usize, login: Option<Login>) {
        let relay = Relay::new("127.0.0.1", self.relay.port, Secured::Plain, login, "here", None);
        let sender = Sender {
            from: "credits@example.edu".parse().unwrap(),
            name: "Credits".to_owned(),
            reply_to: None,
            return_path: "bounces@example.edu".parse().unwrap(),
            tags: true,
            base_url: "https://credits.example.edu".to_owned(),
        };
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock) as Arc<dyn Clock>);
        let courier = Courier::new(store, clock, relay.unwrap(), sender, connections);
        self.couriers.push((courier.stop(), tokio::spawn(courier.run())));
    }

    async fn write(&self, number: u8, to: &str, letter: &str) -> MailId {
        let now = self.clock.now();
        let mail = Mail {
            id: MailId::new(now, [number; 10]),
            to: to.to_owned(),
            subject: format!("Letter {number}"),
            body: format!("The text of letter {number}.\n.\nAnd its end.\n"),
            html: format!("<p>The text of letter {number}.</p>"),
            letter: letter.to_owned(),
            useless_after: None,
            created_at: now,
            sent_at: None,
        };
        let id = mail.id;
        self.store.commit(Batch::new(Actor::Operator, now).with(mail)).await.unwrap();
        id
    }

    fn later(&self, minutes: i64) {
        self.clock.0.fetch_add(minutes * 60_000, Ordering::AcqRel);
    }

    async fn way(&self, id: MailId) -> Option<Delivery> {
        self.store.deliveries(DeliveryFilter::Of(vec![id]), 1).await.unwrap().pop()
    }

    /// Waits until a mail stands so.
    async fn until(&self, id: MailId, state: State) -> Delivery {
        for _ in 0..600 {
            if let Some(way) = self.way(id).await.filter(|way| way.state == state) {
                return way;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("mail {id} is {:?}, not {state:?}", self.way(id).await);
    }

    async fn close(self) -> Vec<relay::Taken> {
        for (stop, running) in self.couriers {
            stop.stop();
            running.await.unwrap();
        }
        self.relay.taken()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_goes_out_once_with_its_way_back() {
    let mut office = Office::new().await;
    office.open(2, None);
    let id = office.write(1, "ada@example.edu", "delivered").await;
    let way = office.until(id, State::Sent).await;
    assert_eq!((way.attempts, way.answer.as_str()), (1, "250 2.0.0 taken"));
    assert_eq!(office.store.mail(id).await.unwrap().unwrap().sent_at, Some(office.clock.now()));
    let taken = office.close().await;
    let [mail] = &taken[..] else { panic!("{taken:?}") };
    assert_eq!(mail.from, format!("bounces+{id}@example.edu"));
    assert_eq!(mail.to, "ada@example.edu");
    assert!(mail.data.contains(&format!("Message-ID: <{id}@example.edu>")), "{}", mail.data);
    assert!(mail.data.contains("=2E\r\nAnd its end."), "{}", mail.data);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_off_is_tried_again_after_a_while() {
    let mut office = Office::new().await;
    office.relay.next(Behaviour::Answer("RCPT", "451 4.7.1 greylisted; come back"));
    office.open(1, None);
    let id = office.write(1, "ada@example.edu", "delivered").await;
    let way = office.until(id, State::Waiting).await;
    assert_eq!((way.attempts, way.answer.as_str()), (1, "451 4.7.1 greylisted; come back"));
    office.later(2);
    assert_eq!(office.until(id, State::Sent).await.attempts, 2);
    assert_eq!(office.close().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_dies_in_the_middle_of_a_mail_gets_it_again() {
    let mut office = Office::new().await;
    office.relay.next(Behaviour::DieInData);
    office.open(1, None);
    let id = office.write(1, "ada@example.edu", "delivered").await;
    let way = office.until(id, State::Waiting).await;
    assert!(way.answer.starts_with("the relay hung up") || way.answer.contains("broke"), "{way:?}");
    office.later(2);
    office.until(id, State::Sent).await;
    let taken = office.close().await;
    assert_eq!(taken.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_does_not_exist_holds_what_is_written_to_it() {
    let mut office = Office::new().await;
    office.relay.next(Behaviour::Answer("RCPT", "550 5.1.1 no such\u{1b}[31m user"));
    office.open(1, None);
    let id = office.write(1, "gone@example.edu", "delivered").await;
    let way = office.until(id, State::Refused).await;
    assert_eq!(way.answer, "550 5.1.1 no such [31m user");
    let address = office.store.address("gone@example.edu".to_owned()).await.unwrap().unwrap();
    assert_eq!(address.bounced.unwrap().mail, Some(id));
    let next = office.write(2, "gone@example.edu", "expired").await;
    office.until(next, State::Held).await;
    let proof = office.write(3, "gone@example.edu", "sign_in").await;
    office.until(proof, State::Sent).await;
    // Whoever used the link has shown that it arrived.
    let now = office.clock.now();
    let gone = "gone@example.edu";
    let writes = bursar_post::confirmed(&*office.store, gone, now).await.unwrap();
    let batch = Batch { by: Actor::Operator, now, writes };
    office.store.commit(batch).await.unwrap();
    office.until(next, State::Sent).await;
    assert_eq!(office.close().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_that_says_nothing_of_the_mailbox_holds_nothing() {
    let mut office = Office::new().await;
    office.relay.next(Behaviour::Answer("DATA", "554 5.7.1 looks like spam"));
    office.open(1, None);
    let id = office.write(1, "ada@example.edu", "delivered").await;
    office.until(id, State::Refused).await;
    assert_eq!(office.store.address("ada@example.edu".to_owned()).await.unwrap(), None);
    let next = office.write(2, "ada@example.edu", "delivered").await;
    office.until(next, State::Sent).await;
    // Our own sender is not at fault for good: nothing is lost by it.
    office.relay.next(Behaviour::Answer("MAIL", "550 5.7.1 sender unknown"));
    let third = office.write(3, "ada@example.edu", "delivered").await;
    office.until(third, State::Waiting).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_is_wrong_costs_no_mail_and_is_never_told() {
    let mut office = Office::new().await;
    let password = "s3cret-of-ours".to_owned();
    office.relay.wants(Some(("bursar", "another")));
    let login = Login { user: "bursar".to_owned(), password: password.clone().into() };
    office.open(1, Some(login.clone()));
    let id = office.write(1, "ada@example.edu", "delivered").await;
    let way = office.until(id, State::Waiting).await;
    assert_eq!(way.answer, "the relay does not let us in (535)");
    assert_eq!(way.attempts, 0, "the mail is not at fault");
    assert!(!format!("{login:?}").contains(&password));
    office.relay.wants(Some(("bursar", "s3cret-of-ours")));
    office.later(2);
    office.until(id, State::Sent).await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_couriers_never_send_a_mail_twice() {
    let mut office = Office::new().await;
    let mut ids = Vec::new();
    for number in 0..60 {
        ids.push(office.write(number, "ada@example.edu", "delivered").await);
    }
    office.open(4, None);
    office.open(4, None);
    for id in &ids {
        assert_eq!(office.until(*id, State::Sent).await.attempts, 1);
    }
    let taken = office.close().await;
    assert_eq!(taken.len(), ids.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_database_never_send_a_mail_twice() {
    let server = Server::shared();
    let database = server.database();
    let [one, other] = [
        PostgresStore::open(&database).await.unwrap(),
        PostgresStore::open(&database).await.unwrap(),
    ];
    let mut office = Office::over(Arc::new(one), None).await;
    let mut ids = Vec::new();
    for number in 0..60 {
        ids.push(office.write(number, "ada@example.edu", "delivered").await);
    }
    office.open(3, None);
    let own = std::mem::replace(&mut office.store, Arc::new(other));
    office.open(3, None);
    for id in &ids {
        assert_eq!(office.until(*id, State::Sent).await.attempts, 1);
    }
    drop(own);
    let taken = office.close().await;
    assert_eq!(taken.len(), ids.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_address_never_reaches_a_relay() {
    let mut office = Office::new().await;
    office.open(1, None);
    let evil = office.write(1, "a@b.example>\r\nRCPT TO:<eve@example.com", "delivered").await;
    let way = office.until(evil, State::Refused).await;
    assert_eq!((way.attempts, way.answer.as_str()), (1, "it is no address that mail can go to"));
    let letters = office.write(2, "ünal@exämple.edu", "delivered").await;
    let way = office.until(letters, State::Refused).await;
    assert!(way.answer.contains("SMTPUTF8"), "{way:?}");
    assert_eq!(office.close().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_without_starttls_gets_nothing() {
    let double = Double::start().await;
    let pem = include_bytes!("ca.pem");
    let relay = Relay::new("127.0.0.1", double.port, Secured::StartTls, None, "here", Some(pem));
    let relay = relay.unwrap();
    assert_eq!(relay.open().await.err().unwrap(), "the relay does not offer STARTTLS");
    // One that speaks before the encryption begins would have it taken for encrypted.
    double.offers_starttls_and_speaks_early();
    let said = relay.open().await.err().unwrap();
    assert_eq!(said, "the relay spoke before its turn at STARTTLS");
    assert_eq!(double.taken(), []);
}
