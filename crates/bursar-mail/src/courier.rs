//! The job that takes mail to the relay. Any number of servers may run it on one store: who writes
//! a mail's row first has it, and what has died at one is followed after a while.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bursar_kernel::{Actor, Clock, MailId, Timestamp};
use bursar_outbox::{Address, Attempt, Bounce, CLAIM_LIFE, Delivery, Go, Manner, State, TRIED_FOR};
use bursar_outbox::{REASON_CHARACTERS_MAX, scrubbed};
use bursar_store::rows::Mail;
use bursar_store::{Batch, CommitError, DeliveryFilter, Expect, ReadError, Row, Store, Write};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tracing::{error, info, warn};

use crate::mailbox::Mailbox;
use crate::message::{Sender, compose, return_path};
use crate::relay::{Relay, Session};

/// How often the store is asked for what is due, while nothing is.
const ASKED_EVERY: Duration = Duration::from_secs(1);
/// Mails that are taken from the store's list at a time.
const LISTED_MAX: usize = 64;
/// How long a session is kept for the next mail: below what relays allow.
const IDLE_MAX: Duration = Duration::from_secs(20);
/// Mails of one session: relays begin to wonder at more.
const MAILS_PER_SESSION_MAX: u32 = 100;
/// How long an attempt may take, all of it: half of what a claim lasts, so that its end is written
/// down before anybody else may begin.
const ATTEMPT_MAX: Duration = Duration::from_mins(5);
/// How long to wait for a relay that cannot be reached: at first, and at the most.
const PAUSE_FIRST: Duration = Duration::from_secs(5);
const PAUSE_MAX: Duration = Duration::from_mins(5);
/// How long between tries to write down what became of a mail.
const WRITE_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// How long a server that stops waits for mails on their way.
const LAST_MAILS: Duration = Duration::from_secs(15);

/// What takes mail to the relay.
pub struct Courier {
    shared: Arc<Shared>,
    connections: usize,
    stop: watch::Sender<bool>,
}

/// Tells a courier to end.
pub struct Stop(watch::Sender<bool>);

struct Shared {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    relay: Relay,
    sender: Sender,
    list: Mutex<List>,
    pause: Mutex<Pause>,
}

/// Mails that seemed due when the store was asked last.
#[derive(Default)]
struct List {
    mails: VecDeque<MailId>,
    asked_at: Option<Instant>,
}

/// While the relay cannot be reached.
#[derive(Default)]
struct Pause {
    until: Option<Instant>,
    failures: u32,
}

/// A session, and how much it has done.
struct Held {
    session: Session,
    mails: u32,
    used_at: Instant,
}

impl Courier {
    /// A courier; does nothing until it runs.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        relay: Relay,
        sender: Sender,
        connections: usize,
    ) -> Self {
        let (list, pause) = (Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { store, clock, relay, sender, list, pause });
        Self { shared, connections, stop: watch::channel(false).0 }
    }

    /// What tells it to end.
    pub fn stop(&self) -> Stop {
        Stop(self.stop.clone())
    }

    /// Takes mail to the relay until it is told to stop; then what is on its way ends first.
    pub async fn run(self) {
        let mut workers = JoinSet::new();
        for _ in 0..self.connections.max(1) {
            let (shared, stops) = (Arc::clone(&self.shared), self.stop.subscribe());
            workers.spawn(async move { shared.work(stops).await });
        }
        let _ = self.stop.subscribe().wait_for(|stopped| *stopped).await;
        let ends = async { while workers.join_next().await.is_some() {} };
        if timeout(LAST_MAILS, ends).await.is_err() {
            warn!("a mail was on its way at the stop; it is tried again after ten minutes");
        }
    }
}

impl Stop {
    /// Has the courier end.
    pub fn stop(&self) {
        let _ = self.0.send(true);
    }
}

impl Shared {
    async fn work(&self, mut stops: watch::Receiver<bool>) {
        let mut held: Option<Held> = None;
        while !*stops.borrow() {
            self.wait_for_the_relay(&mut stops).await;
            let next = match self.next().await {
                Ok(next) => next,
                Err(error) => {
                    warn!(%error, "failed to look for mails that are due");
                    None
                }
            };
            match next {
                Some(mail) if !*stops.borrow() => {
                    if let Err(error) = self.handle(mail, &mut held).await {
                        warn!(mail.id = %mail, %error, "failed to look after mail `{mail}`");
                    }
                }
                Some(_) => {}
                None => {
                    let is_idle = held.as_ref().is_some_and(|it| IDLE_MAX < it.used_at.elapsed());
                    if let Some(it) = held.take_if(|_| is_idle) {
                        it.session.close().await;
                    }
                    let _ = timeout(ASKED_EVERY, stops.changed()).await;
                }
            }
        }
        if let Some(it) = held {
            it.session.close().await;
        }
    }

    async fn wait_for_the_relay(&self, stops: &mut watch::Receiver<bool>) {
        let until = self.pause.lock().await.until;
        if let Some(until) = until.filter(|until| Instant::now() < *until) {
            let _ = timeout_at(until, stops.changed()).await;
        }
    }

    /// A mail that seems to be due.
    async fn next(&self) -> Result<Option<MailId>, ReadError> {
        let mut list = self.list.lock().await;
        let is_old = list.asked_at.is_none_or(|at| ASKED_EVERY <= at.elapsed());
        if list.mails.is_empty() && is_old {
            let now = self.clock.now();
            let due = self.store.deliveries(DeliveryFilter::Due(now), LISTED_MAX).await?;
            let new = self.store.untouched_mails(now - TRIED_FOR, LISTED_MAX).await?;
            // What is new goes first: somebody may wait for a link before a screen.
            let mails = new.iter().map(|mail| mail.id);
            list.mails = mails.chain(due.iter().map(|delivery| delivery.mail)).collect();
            // A full list is followed by another at once.
            let is_full = LISTED_MAX <= new.len().max(due.len());
            list.asked_at = (!is_full).then(Instant::now);
        }
        Ok(list.mails.pop_front())
    }

    /// Takes one mail as far as it goes.
    async fn handle(&self, id: MailId, held: &mut Option<Held>) -> Result<(), CommitError> {
        let unreadable = |error: ReadError| CommitError::Unavailable(error.to_string());
        let of = DeliveryFilter::Of(vec![id]);
        let found = self.store.deliveries(of, 1).await.map_err(unreadable)?.pop();
        let mail = self.store.mail(id).await.map_err(unreadable)?;
        let Some(mail) = mail.filter(|mail| mail.sent_at.is_none()) else { return Ok(()) };
        let address = self.store.address(mail.to.clone()).await.map_err(unreadable)?;
        let now = self.clock.now();
        let delivery = found.clone().unwrap_or_else(|| Delivery::new(id, now));
        if !delivery.is_due(now) {
            return Ok(());
        }
        let manner = manner_of(&mail);
        let before = delivery.version;
        let next = match delivery.goes(manner, mail.useless_after, address.as_ref(), now) {
            Go::Out => delivery.claimed(now),
            Go::Not(state) => delivery.stands(state, now),
        };
        match self.write(&next, before, None, None).await {
            Ok(()) => {}
            // Another server has it.
            Err(CommitError::Conflict(_)) => return Ok(()),
            Err(error) => return Err(error),
        }
        if next.state != State::Sending {
            info!(mail.id = %id, "mail `{id}` does not go out: {}", next.state.name());
            return Ok(());
        }
        let attempt = match timeout(ATTEMPT_MAX, self.attempt(&mail, manner, held)).await {
            Ok(attempt) => attempt,
            Err(_) => Attempt::Deferred("the relay took too long".to_owned()),
        };
        self.write_down(&mail, next, &attempt, address).await;
        Ok(())
    }

    async fn attempt(&self, mail: &Mail, manner: Manner, held: &mut Option<Held>) -> Attempt {
        let Ok(to) = mail.to.parse::<Mailbox>() else {
            let answer = "it is no address that mail can go to".to_owned();
            return Attempt::Refused { answer, no_mailbox: false };
        };
        let message = compose(mail, &to, manner, &self.sender);
        let mut session = match self.session(held.take()).await {
            Ok(session) => session,
            Err(why) => return Attempt::Unreached(why),
        };
        session.mails = session.mails.saturating_add(1);
        let from = return_path(mail.id, &self.sender);
        let (attempt, left) = session.session.send(&from, &to, &message).await;
        let (mails, used_at) = (session.mails, Instant::now());
        *held = left.map(|session| Held { session, mails, used_at });
        attempt
    }

    /// The session that there is, or a new one. While there can be none, everybody waits.
    async fn session(&self, held: Option<Held>) -> Result<Held, String> {
        if let Some(mut it) = held {
            let is_young = it.mails < MAILS_PER_SESSION_MAX && it.used_at.elapsed() < IDLE_MAX;
            if !is_young {
                it.session.close().await;
            } else if it.session.is_alive().await {
                return Ok(it);
            }
        }
        match self.relay.open().await {
            Ok(session) => {
                let mut pause = self.pause.lock().await;
                if 0 < pause.failures {
                    info!("the mail relay answers again");
                }
                *pause = Pause::default();
                Ok(Held { session, mails: 0, used_at: Instant::now() })
            }
            Err(why) => {
                let mut pause = self.pause.lock().await;
                let is_on = pause.until.is_some_and(|until| Instant::now() < until);
                if !is_on {
                    let doubled = 2_u32.saturating_pow(pause.failures.min(8));
                    let length = PAUSE_FIRST.saturating_mul(doubled).min(PAUSE_MAX);
                    pause.failures = pause.failures.saturating_add(1);
                    pause.until = Some(Instant::now() + length);
                    warn!("no mail goes out for {} s: {why}", length.as_secs());
                }
                Err(why)
            }
        }
    }

    /// Writes down what became of a mail; tries until another server may take it over, for what
    /// the relay has must not go out twice.
    async fn write_down(
        &self,
        mail: &Mail,
        claimed: Delivery,
        attempt: &Attempt,
        address: Option<Address>,
    ) {
        let (id, before) = (mail.id, claimed.version);
        let now = self.clock.now();
        let next = claimed.after(attempt, now);
        let mut bounced = match attempt {
            Attempt::Refused { no_mailbox: true, .. } => Some(bounced(mail, &next, address, now)),
            Attempt::Refused { .. }
            | Attempt::Taken(_)
            | Attempt::Deferred(_)
            | Attempt::Unreached(_) => None,
        };
        let until = Instant::now() + CLAIM_LIFE.unsigned_abs() - ATTEMPT_MAX;
        loop {
            match self.write(&next, before, bounced.as_ref(), Some(attempt)).await {
                Ok(()) => break,
                // Somebody spoke about the address meanwhile: their word stands.
                Err(CommitError::Conflict(_)) if bounced.is_some() => bounced = None,
                Err(error) if Instant::now() < until => {
                    warn!(mail.id = %id, %error, "failed to write down what became of `{id}`");
                    sleep_until(Instant::now() + WRITE_AGAIN_AFTER).await;
                }
                Err(error) => {
                    error!(mail.id = %id, %error, "nobody knows what became of mail `{id}`");
                    return;
                }
            }
        }
        let (state, attempts) = (next.state.name(), next.attempts);
        match attempt {
            Attempt::Taken(_) => info!(mail.id = %id, attempts, "the relay took mail `{id}`"),
            Attempt::Deferred(_) | Attempt::Refused { .. } => {
                warn!(mail.id = %id, attempts, "mail `{id}` was not taken: {state}");
            }
            // Said once for all mails, where the pause began.
            Attempt::Unreached(_) => {}
        }
    }

    async fn write(
        &self,
        row: &Delivery,
        before: u64,
        address: Option<&(Address, Expect)>,
        attempt: Option<&Attempt>,
    ) -> Result<(), CommitError> {
        let expect = if before == 0 { Expect::New } else { Expect::Version(before) };
        let batch = Batch::new(Actor::Job("mail".to_owned()), row.at);
        let mut batch = batch.with(Write::Row(Row::Delivery(Box::new(row.clone())), expect));
        if let Some((address, expect)) = address {
            let row = Row::Address(Box::new(address.clone()));
            batch = batch.with(Write::Row(row, *expect));
        }
        if matches!(attempt, Some(Attempt::Taken(_))) {
            batch = batch.with(Write::MailSent(row.mail));
        }
        self.store.commit(batch).await.map(|_| ())
    }
}

/// What kind of letter a mail is; of one that no register knows any more, an ordinary one.
fn manner_of(mail: &Mail) -> Manner {
    bursar_letters::kind(&mail.letter).map_or(Manner::Ordinary, |kind| kind.manner)
}

fn bounced(
    mail: &Mail,
    row: &Delivery,
    known: Option<Address>,
    now: Timestamp,
) -> (Address, Expect) {
    let expect = known.as_ref().map_or(Expect::New, |known| Expect::Version(known.version));
    let address = known.unwrap_or_else(|| Address::new(&mail.to));
    let why = scrubbed(&row.answer, REASON_CHARACTERS_MAX);
    (address.bounced(Bounce { at: now, why, mail: Some(mail.id) }), expect)
}
