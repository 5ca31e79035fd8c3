//! How a session begins: an upstream that honours the grant's credit, and that has said that it
//! answers nothing by itself.

use std::sync::Arc;
use std::time::Duration;

use bursar_calls::{Caller, Calls};
use bursar_failures::{Failure, Pages, UpstreamError, chain};
use bursar_kernel::{Endpoint, Model, RequestId};
use bursar_realtime::{Output, Session};
use bursar_socket::{Message, Reader, Socket, Writer};
use bursar_upstream::{
    Chosen, Nobody, NotOpened, Opened, Places as Tried, Provider, Trial, Trouble, Upstreams,
    Verdict, Want,
};
use tracing::warn;

use crate::places::{Place, Places};

/// How long an upstream may take to begin a session.
const BEGINS_WITHIN: Duration = Duration::from_secs(15);
/// Upstreams that one session is asked for at the most.
const TRIES_MAX: u32 = 3;

/// A session that somebody asks for.
pub struct Opening {
    /// Who is known to call, and what calls spend.
    pub calls: Arc<Calls>,
    /// The upstreams that there are.
    pub upstreams: Arc<Upstreams>,
    /// The portal's address, without a trailing slash.
    pub portal_url: String,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// With which model.
    pub model: Arc<Model>,
    /// The model as the client names it.
    pub asked_as: String,
    /// What the session is called.
    pub request: RequestId,
}

impl Opening {
    pub(crate) fn pages(&self) -> Pages<'_> {
        Pages { portal_url: &self.portal_url, caller: &self.caller }
    }

    pub(crate) fn denied(&self, denial: &bursar_policy::Denial) -> Failure {
        Failure::denied(denial, &self.model, self.pages())
    }

    fn nobody(&self, nobody: Nobody) -> Failure {
        let group = &self.caller.program().entitlements.upstream_group;
        let not_served = || Failure::model_not_served(&self.model);
        Failure::nobody(nobody, group, self.calls.now(), not_served)
    }
}

/// A session that waits for its client.
pub struct Ready {
    pub(crate) opening: Opening,
    pub(crate) provider: Arc<Provider>,
    pub(crate) session: Session,
    pub(crate) reader: Reader,
    pub(crate) writer: Writer,
    /// What the client hears first.
    pub(crate) greetings: Vec<String>,
    pub(crate) place: Place,
}

impl Ready {
    /// Whether its upstream only pretends.
    pub fn is_sandbox(&self) -> bool {
        self.provider.is_sandbox
    }
}

/// Opens a session upstream, before anything is promised to the client. Nothing is due for it: an
/// open session costs nothing.
pub async fn open(opening: Opening, places: &Places) -> Result<Ready, Failure> {
    let now = opening.calls.now();
    let permit = opening.caller.admit(Endpoint::Realtime, &opening.model, now);
    permit.map_err(|denial| opening.denied(&denial))?;
    let may = opening.calls.may_go(&opening.caller, &opening.model);
    may.map_err(|why| Failure::rate_refused(&why, &opening.model, opening.pages()))?;
    let place = places.take(opening.caller.grant())?;
    let (mut tried, mut heard) = (Tried::default(), None::<Failure>);
    loop {
        let group = &opening.caller.program().entitlements.upstream_group;
        let want = Want::Call(Endpoint::Realtime, &opening.model.id);
        let chosen = match opening.upstreams.choose(group, want, tried, opening.calls.now()) {
            Ok(chosen) => chosen,
            Err(nobody) => return Err(heard.unwrap_or_else(|| opening.nobody(nobody))),
        };
        tried.add(chosen.place);
        match attempt(&opening, chosen).await {
            Ok(Begun { provider, session, reader, writer, greetings }) => {
                return Ok(Ready { opening, provider, session, reader, writer, greetings, place });
            }
            Err(Refused { failure, is_worth_another }) => {
                let failure = match heard.take() {
                    Some(before) => before.or_sooner(failure),
                    None => failure,
                };
                if !is_worth_another || TRIES_MAX <= tried.count() {
                    return Err(failure);
                }
                heard = Some(failure);
            }
        }
    }
}

/// A session that an upstream has begun.
struct Begun {
    provider: Arc<Provider>,
    session: Session,
    reader: Reader,
    writer: Writer,
    greetings: Vec<String>,
}

/// Why an upstream did not begin one.
struct Refused {
    failure: Failure,
    is_worth_another: bool,
}

async fn attempt(opening: &Opening, chosen: Chosen) -> Result<Begun, Refused> {
    let Chosen { provider, place: _, leave, is_only } = chosen;
    let mut trial = Trial::begin(Arc::clone(&provider), leave, opening.calls.clock());
    let elsewhere = |failure| Refused { failure, is_worth_another: true };
    let asked =
        provider.open_session(&opening.model.id, &opening.asked_as, opening.request, is_only);
    let socket = match tokio::time::timeout(BEGINS_WITHIN, asked).await {
        Err(_) => {
            trial.tell(Verdict::Ill(Trouble::BrokeOff), &"it did not answer a handshake");
            return Err(elsewhere(Failure::upstream_unavailable()));
        }
        Ok(Ok(Opened::Session(socket))) => socket,
        Ok(Ok(Opened::Refused(response))) => {
            let (head, body) = provider.read_refusal(*response).await;
            let error = UpstreamError::new(head.status, &head.headers, body);
            trial.tell(error.verdict(), &error.said());
            let failure = error.failure(&opening.model);
            return Err(Refused { failure, is_worth_another: error.is_definite() });
        }
        Ok(Err(NotOpened::NotServed)) => {
            return Err(elsewhere(Failure::model_not_served(&opening.model)));
        }
        Ok(Err(
            error @ (NotOpened::NoChance
            | NotOpened::NotReached(_)
            | NotOpened::BrokeOff(_)
            | NotOpened::Handshake(_)),
        )) => {
            trial.tell(Verdict::Ill(Trouble::Unreachable), &chain(&error));
            return Err(elsewhere(Failure::upstream_unavailable()));
        }
    };
    trial.answers();
    match tokio::time::timeout(BEGINS_WITHIN, greet(opening, &provider, *socket)).await {
        Ok(Ok(begun)) => {
            trial.tell(Verdict::Well, &"");
            Ok(begun)
        }
        Ok(Err(why)) => {
            warn!(upstream.name = provider.name, why, "upstream `{}`: {why}", provider.name);
            trial.tell(Verdict::Ill(Trouble::Failing), &why);
            Err(elsewhere(Failure::no_session()))
        }
        Err(_) => {
            trial.tell(Verdict::Ill(Trouble::BrokeOff), &"it did not begin a session");
            Err(elsewhere(Failure::upstream_unavailable()))
        }
    }
}

/// Hears an upstream out until the client may speak.
async fn greet(
    opening: &Opening,
    provider: &Arc<Provider>,
    socket: Socket,
) -> Result<Begun, &'static str> {
    let catalog = opening.calls.catalog();
    let mut session = Session::new(Arc::clone(&opening.model), &opening.asked_as, catalog);
    let (mut reader, mut writer) = socket.split();
    let mut greetings = Vec::new();
    while !session.is_open() {
        match reader.next().await {
            Ok(Message::Text(text)) => session.upstream(text),
            Ok(Message::Alive) => {}
            Ok(Message::Binary) => return Err("it sent what is no event"),
            Ok(Message::Close(_)) | Err(_) => return Err("it closed the session at once"),
        }
        while let Some(output) = session.poll() {
            match output {
                Output::Forward(text) => {
                    writer.send(text).await.map_err(|_| "it closed the session at once")?;
                }
                Output::Tell(text) => greetings.push(provider.redact(&text)),
                Output::Breach(why) => return Err(why),
                Output::TellRates
                | Output::Hold(_)
                | Output::Settle { .. }
                | Output::GiveBack { .. } => {}
            }
        }
    }
    let provider = Arc::clone(provider);
    Ok(Begun { provider, session, reader, writer, greetings })
}
