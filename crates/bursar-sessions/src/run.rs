//! A session under way: what either side says goes to the machine, and what it wants is done.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bursar_failures::Failure;
use bursar_kernel::Endpoint;
use bursar_kernel::limits::{
    CALL_SECONDS_MAX, REALTIME_IDLE_MAX, REALTIME_LEAVING_SECONDS_MAX, REALTIME_SEND_SECONDS_MAX,
    REALTIME_SESSION_MAX,
};
use bursar_meter::Settlement;
use bursar_realtime::{HoldAsked, Output, Session};
use bursar_socket::{Close, Closed, Message, Reader, Socket, Writer};
use bursar_upstream::{Leave, Provider, Trouble, Verdict};
use jiff::SignedDuration;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tracing::{error, info};

use crate::call::{HeldCall, take};
use crate::open::{Opening, Ready};
use crate::places::Place;
use crate::receipt;
use crate::stop::Ending;

/// How often it is asked whether a session may go on: a key that is revoked is revoked everywhere
/// within two seconds, and this is a part of them.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often a client is asked for a sign of life, and after how long without one it has left.
const PING_EVERY: Duration = Duration::from_secs(30);
const ALIVE_WITHIN: Duration = Duration::from_secs(90);
/// After how long what covers audio is set aside anew: half of what a call may last.
const RENEWED_AFTER: Duration = Duration::from_mins(5);
/// How long a client may take to hear why its session ends.
const GOODBYE_WITHIN: Duration = Duration::from_secs(5);
/// How long the upstream may take to hear the same.
const UPSTREAM_GOODBYE_WITHIN: Duration = Duration::from_secs(1);

/// Says at any time whether the server stops.
pub type Stopping = Arc<dyn Fn() -> bool + Send + Sync>;

type Taking = Pin<Box<dyn Future<Output = Result<HeldCall, Failure>> + Send>>;

/// A session under way.
struct Running {
    opening: Arc<Opening>,
    provider: Arc<Provider>,
    session: Session,
    upstream: Writer,
    /// Gone once the client is.
    client: Option<Writer>,
    stopping: Stopping,
    /// Calls that went out.
    held: Vec<HeldCall>,
    /// The call whose money is being set aside. Never dropped: what it holds would be charged.
    taking: Option<(u64, Taking)>,
    /// Calls that wait for their turn at that: a response, and what writes down, at the most.
    wanted: VecDeque<HoldAsked>,
    began: Instant,
    heard_at: Instant,
    alive_at: Instant,
    pinged_at: Instant,
    rates_told: u64,
    /// Kept until it has ended.
    #[expect(dead_code, reason = "what is dropped with it gives the place back")]
    place: Place,
}

/// Whether something went on, or why not.
type Step = Result<(), Ending>;

impl Ready {
    /// Nobody came for it.
    pub async fn give_up(mut self) {
        close(&mut self.writer).await;
    }

    /// Serves it to its end: to be awaited by a task that nobody stops.
    pub async fn run(self, socket: Socket, stopping: Stopping) {
        let Self { opening, provider, session, mut reader, writer, greetings, place } = self;
        let (mut from_client, to_client) = socket.split();
        let now = Instant::now();
        let mut running = Running {
            opening: Arc::new(opening),
            provider,
            session,
            upstream: writer,
            client: Some(to_client),
            stopping,
            held: Vec::new(),
            taking: None,
            wanted: VecDeque::new(),
            began: now,
            heard_at: now,
            alive_at: now,
            pinged_at: now,
            rates_told: 0,
            place,
        };
        let ending = match running.greet(greetings).await {
            Ok(()) => running.go_on(&mut reader, &mut from_client).await,
            Err(ending) => ending,
        };
        let session = running.opening.request;
        info!(session.id = %session, ?ending, "session `{session}` ended");
        running.finish(ending, &mut reader).await;
    }
}

impl Running {
    async fn greet(&mut self, greetings: Vec<String>) -> Step {
        for greeting in greetings {
            self.tell(greeting).await?;
        }
        Ok(())
    }

    /// Until it ends.
    async fn go_on(&mut self, upstream: &mut Reader, client: &mut Reader) -> Ending {
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if let Err(ending) = self.obey().await {
                return ending;
            }
            let listens = self.session.listens() && self.taking.is_none();
            let step = tokio::select! {
                heard = upstream.next() => self.heard(heard),
                said = client.next(), if listens => self.said(said),
                taken = taking(&mut self.taking) => {
                    self.taken(taken);
                    Ok(())
                }
                _ = look.tick() => self.look().await,
            };
            if let Err(ending) = step {
                return ending;
            }
        }
    }

    /// The upstream broke off. Where that leaves something to be charged, others go elsewhere.
    fn broken(&self, why: &dyn std::fmt::Display) -> Ending {
        if self.held.iter().any(HeldCall::is_made) {
            let verdict = Verdict::Ill(Trouble::BrokeOff);
            self.provider.learn(verdict, Leave::Call, why, self.opening.calls.now());
        }
        Ending::upstream()
    }

    fn heard(&mut self, heard: Result<Message, Closed>) -> Step {
        match heard {
            Ok(Message::Text(text)) => {
                self.session.upstream(text);
                Ok(())
            }
            Ok(Message::Alive) => Ok(()),
            Ok(Message::Binary) => Err(self.broken(&"it sent what is no event")),
            Ok(Message::Close(_)) => Err(self.broken(&"it closed a session")),
            Err(closed) => Err(self.broken(&closed)),
        }
    }

    fn said(&mut self, said: Result<Message, Closed>) -> Step {
        self.alive_at = Instant::now();
        match said {
            Ok(Message::Text(text)) => {
                self.heard_at = self.alive_at;
                self.session.client(&text);
                Ok(())
            }
            Ok(Message::Alive) => Ok(()),
            Ok(Message::Binary) => Err(Ending::binary()),
            Ok(Message::Close(_)) => Err(Ending::goodbye()),
            Err(closed) => Err(Ending::of_client(closed)),
        }
    }

    fn taken(&mut self, (number, taken): (u64, Result<HeldCall, Failure>)) {
        self.taking = None;
        self.take_next();
        match taken {
            Ok(held) => {
                self.session.held(held.number);
                self.held.push(held);
            }
            Err(failure) => self.session.not_held(number, &failure.envelope.error),
        }
    }

    /// Does what the machine wants.
    async fn obey(&mut self) -> Step {
        while let Some(output) = self.session.poll() {
            match output {
                Output::Forward(text) => self.forward(text).await?,
                Output::Tell(text) => {
                    let text = self.provider.redact(&text);
                    self.tell(text).await?;
                }
                Output::TellRates => self.tell_rates().await?,
                Output::Hold(asked) => {
                    self.wanted.push_back(*asked);
                    self.take_next();
                }
                Output::Settle { number, settlement, tell } => {
                    self.settle(number, settlement, tell).await?;
                }
                Output::GiveBack { number } => {
                    if let Some(held) = self.called(number) {
                        held.give_back(&self.opening).await;
                    }
                }
                Output::Breach(why) => {
                    let name = &self.provider.name;
                    error!(upstream.name = name, why, "upstream `{name}` broke a session: {why}");
                    return Err(self.broken(&why));
                }
            }
        }
        Ok(())
    }

    /// A call that went out, by its number.
    fn called(&mut self, number: u64) -> Option<HeldCall> {
        let place = self.held.iter().position(|held| held.number == number)?;
        Some(self.held.swap_remove(place))
    }

    /// Sets money aside for what has waited longest, unless it is being done for another.
    fn take_next(&mut self) {
        if self.taking.is_some() {
            return;
        }
        let Some(asked) = self.wanted.pop_front() else { return };
        let number = asked.number;
        let (opening, provider) = (Arc::clone(&self.opening), Arc::clone(&self.provider));
        let taking = async move { take(&opening, &provider, asked).await };
        self.taking = Some((number, Box::pin(taking)));
    }

    async fn forward(&mut self, text: String) -> Step {
        let sent = timeout(seconds(REALTIME_SEND_SECONDS_MAX), self.upstream.send(text)).await;
        if matches!(sent, Ok(Ok(()))) { Ok(()) } else { Err(Ending::upstream()) }
    }

    /// Tells the client something. One that takes nothing for too long counts as gone, and while it
    /// is waited for the session may end for other reasons.
    async fn tell(&mut self, text: String) -> Step {
        let Some(client) = self.client.as_mut() else { return Ok(()) };
        let mut telling =
            std::pin::pin!(timeout(seconds(REALTIME_SEND_SECONDS_MAX), client.send(text)));
        loop {
            tokio::select! {
                biased;
                told = &mut telling => {
                    return if matches!(told, Ok(Ok(()))) { Ok(()) } else { Err(Ending::left()) };
                }
                () = sleep(LOOK_EVERY) => {
                    if may_go_on(&self.opening, &self.provider, &self.stopping).await.is_err() {
                        // It cannot be told why: it takes nothing.
                        return Err(Ending::left());
                    }
                }
            }
        }
    }

    async fn tell_rates(&mut self) -> Step {
        let Opening { calls, caller, model, .. } = &*self.opening;
        let Some(room) = calls.rate_room(caller, model) else { return Ok(()) };
        self.rates_told = self.rates_told.saturating_add(1);
        self.tell(receipt::rates(&room, self.rates_told)).await
    }

    /// Settles a call, and then tells the client what it hears of it.
    async fn settle(&mut self, number: u64, settlement: Settlement, tell: Option<String>) -> Step {
        let Some(held) = self.called(number) else { return Ok(()) };
        let request = held.request;
        let estimated = match &settlement {
            Settlement::Release => false,
            Settlement::Charge(charge) => charge.estimated,
        };
        let has_left = self.client.is_none();
        let settled = held.settle(&self.opening, &self.provider, settlement, has_left).await;
        let settled = settled.map_err(Ending::unsettled)?;
        match tell {
            Some(text) => {
                let text = self.provider.redact(&text);
                let text = match settlement {
                    Settlement::Release => text,
                    Settlement::Charge(_) => receipt::with(&text, request, &settled, estimated),
                };
                self.tell(text).await
            }
            None => Ok(()),
        }
    }

    /// Whether the session may go on.
    async fn look(&mut self) -> Step {
        may_go_on(&self.opening, &self.provider, &self.stopping).await?;
        let now = Instant::now();
        let since = |then: Instant| now.saturating_duration_since(then);
        // While its events are not read, neither are its signs of life.
        if self.taking.is_some() {
            self.alive_at = now;
        }
        let oldest = self.held.iter().filter(|held| held.is_made()).map(|held| since(held.began));
        let times = Times {
            lasted: since(self.began),
            silent: since(self.heard_at),
            without_a_sign: since(self.alive_at),
            oldest: oldest.max(),
        };
        times.over()?;
        let old = |held: &HeldCall| {
            let most = if self.session.waits_for(held.number) { call_max() } else { RENEWED_AFTER };
            !held.is_made() && most <= since(held.began)
        };
        let old: Vec<u64> =
            self.held.iter().filter(|held| old(held)).map(|held| held.number).collect();
        for number in old {
            self.session.is_old(number);
        }
        if PING_EVERY <= since(self.pinged_at)
            && let Some(client) = self.client.as_mut()
        {
            self.pinged_at = now;
            let pinged = timeout(GOODBYE_WITHIN, client.ping()).await;
            if !matches!(pinged, Ok(Ok(()))) {
                return Err(Ending::left());
            }
        }
        Ok(())
    }

    /// Lets the client go, and stays until each call is settled.
    async fn finish(mut self, ending: Ending, upstream: &mut Reader) {
        let is_lost = ending.upstream_is_lost;
        if let Some(mut client) = self.client.take() {
            let Ending { close, error, .. } = ending;
            let goodbye = async {
                if let Some(error) = error {
                    let _ = client.send(receipt::error(&error)).await;
                }
                if let Some(close) = close {
                    let _ = client.close(close).await;
                }
            };
            let _ = timeout(GOODBYE_WITHIN, goodbye).await;
        }
        self.session.leave();
        self.wanted.clear();
        if let Some((_, taking)) = self.taking.take() {
            // Nothing went out for it.
            if let Ok(held) = taking.await {
                held.give_back(&self.opening).await;
            }
        }
        if !is_lost {
            let within = seconds(REALTIME_LEAVING_SECONDS_MAX);
            let _ = timeout(within, self.hear_out(upstream)).await;
        }
        self.session.end();
        // What is left is settled in full. Each step is independent of the others.
        while self.obey().await.is_err() {}
        close(&mut self.upstream).await;
    }

    /// Listens until every call has told its cost.
    async fn hear_out(&mut self, upstream: &mut Reader) {
        loop {
            if self.obey().await.is_err() || self.session.calls_open() == 0 {
                return;
            }
            let heard = upstream.next().await;
            if self.heard(heard).is_err() {
                return;
            }
        }
    }
}

/// Whether a session may go on, as its caller and its upstream stand now.
async fn may_go_on(opening: &Opening, provider: &Provider, stopping: &Stopping) -> Step {
    if stopping() {
        return Err(Ending::going_away());
    }
    if provider.is_stopped() {
        return Err(Ending::stopped());
    }
    // Where the store is out of reach nothing new is paid, and what is open goes on.
    let Ok(caller) = opening.calls.identify_again(&opening.caller).await else { return Ok(()) };
    let permit = caller.admit(Endpoint::Realtime, &opening.model, opening.calls.now());
    permit.map(drop).map_err(|denial| Ending::denied(opening.denied(&denial)))
}

/// The call whose money is being set aside, once it is; never, where there is none.
async fn taking(taking: &mut Option<(u64, Taking)>) -> (u64, Result<HeldCall, Failure>) {
    match taking {
        Some((number, taking)) => (*number, taking.await),
        None => std::future::pending().await,
    }
}

async fn close(upstream: &mut Writer) {
    let goodbye = Close { code: 1000, reason: String::new() };
    let _ = timeout(UPSTREAM_GOODBYE_WITHIN, upstream.close(goodbye)).await;
}

/// For how long a session has been what it is.
#[derive(Clone, Copy, Debug)]
struct Times {
    /// Open.
    lasted: Duration,
    /// Without a word of its client's.
    silent: Duration,
    /// Without any sign of life of it.
    without_a_sign: Duration,
    /// Making the response that takes longest.
    oldest: Option<Duration>,
}

impl Times {
    /// Whether its time is over.
    fn over(self) -> Step {
        let minutes = |limit: SignedDuration| limit.as_mins();
        if long(REALTIME_SESSION_MAX) <= self.lasted {
            return Err(Ending::expired(minutes(REALTIME_SESSION_MAX)));
        }
        if self.oldest.is_some_and(|oldest| call_max() <= oldest) {
            return Err(Ending::overdue());
        }
        if long(REALTIME_IDLE_MAX) <= self.silent && self.oldest.is_none() {
            return Err(Ending::idle(minutes(REALTIME_IDLE_MAX)));
        }
        if ALIVE_WITHIN <= self.without_a_sign {
            return Err(Ending::left());
        }
        Ok(())
    }
}

/// How long a call may last.
fn call_max() -> Duration {
    seconds(u64::try_from(CALL_SECONDS_MAX).unwrap_or(0))
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn long(limit: SignedDuration) -> Duration {
    Duration::try_from(limit).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    //! How long a session lasts.

    use super::*;

    #[test]
    fn a_session_lasts_an_hour_and_a_quarter_of_one_without_a_word() {
        let fine = Times {
            lasted: Duration::ZERO,
            silent: Duration::ZERO,
            without_a_sign: Duration::ZERO,
            oldest: None,
        };
        let (minutes, seconds) = (Duration::from_mins, Duration::from_secs);
        let late = Some(seconds(600));
        for (times, code) in [
            (fine, None),
            (Times { lasted: minutes(59), silent: minutes(14), ..fine }, None),
            (Times { lasted: minutes(60), ..fine }, Some("session_expired")),
            (Times { silent: minutes(15), ..fine }, Some("session_idle")),
            // It is being answered.
            (Times { silent: minutes(15), oldest: Some(seconds(599)), ..fine }, None),
            (Times { oldest: late, ..fine }, Some("upstream_timeout")),
        ] {
            let told = times.over().err().and_then(|ending| ending.error);
            let told = told.and_then(|error| error.code);
            assert_eq!(told.as_deref(), code, "{times:?}");
        }
        // Whoever is gone hears nothing.
        let ending = Times { without_a_sign: seconds(90), ..fine }.over().err();
        assert!(ending.is_some_and(|ending| ending.close.is_none()));
    }
}
