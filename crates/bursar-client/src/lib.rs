//! The client of the JSON door, which the command line uses: a method for each route. Never
//! decides: it sends a request, again where that is safe, and reads the answer.

mod access;
mod evidence;
mod institutions;
mod mails;
mod market;
mod panels;
mod participants;
mod prices;
mod proposals;
mod rounds;
mod statements;
mod stops;

use std::time::Duration;

use bursar_kernel::limits::REQUEST_TIME_MAX;
use bursar_kernel::{ApplicationId, GrantId, KeyId, ProgramId, RequestId, RoundId, StudyId, Usd};
use bursar_service::entropy;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::uri::Scheme;
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Serialize;
use serde::de::DeserializeOwned;

use bursar_api_types::{IDEMPOTENCY_KEY, STILL_RUNNING};
pub use statements::Statement;
pub use stops::Stoppable;

use bursar_api_types::{
    Advance, Advanced, ApplicationDetail, Applications, ApplicationsQuery, Appoint, ApproveAward,
    CallLine, Calls, CallsQuery, ClockNow, CorrectCall, DecideOn, DeliveryDay, EligibilityLine,
    EstimateLine, EstimateStudy, ForecastLine, Fund, GivenAnswers, GrantLine, Grants, GrantsQuery,
    IssueGrant, KeyCap, MadeKey, Money, MoveBudget, NewKey, PersonLine, PlanLine, PlanQuery,
    PreviewProgram, Problem, ProblemBody, ProgramPreview, Programs, Released, RoundLine,
    SettleSuspense, SettledSuspense, Studies, StudyLine, StudyTerms, Suspense, SuspenseQuery,
};

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may take, all its tries together.
const REQUEST_TIMEOUT: Duration = REQUEST_TIME_MAX.unsigned_abs();
/// How long it waits before each further try, after a connection that broke. A server that starts
/// anew answers within the sum.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(400), Duration::from_secs(1)];
/// How long it waits before it asks again for the answer to a request that a server is still at.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// Bytes of an answer at the most: a few thousand grants with their keys.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

type Over<Connector> = hyper_util::client::legacy::Client<Connector, Full<Bytes>>;

/// Reading the system's certificates takes a moment, so only who needs them does.
enum Transport {
    Plain(Over<HttpConnector>),
    Secure(Over<HttpsConnector<HttpConnector>>),
}

/// A client of one server, with its administrator's token.
pub struct Client {
    url: String,
    authorization: HeaderValue,
    transport: Transport,
}

/// Why a server did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address or the token cannot be used.
    #[error("{0}")]
    Unusable(String),
    /// Nobody answers there.
    #[error(
        "nobody answers at `{url}`\n\
         hint: `bursar serve --data DIR` starts a server, or `bursar demo --data DIR`"
    )]
    Unreachable {
        /// Where.
        url: String,
        /// What went wrong on the way.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It took too long.
    #[error(
        "`{url}` did not answer within ten minutes\n\
         hint: look whether it was done before you ask for it again"
    )]
    TooLong {
        /// Where.
        url: String,
    },
    /// The server says no.
    #[error("{}", sentence(problem))]
    Refused {
        /// With which status.
        status: StatusCode,
        /// Why.
        problem: Box<Problem>,
    },
    /// An answer ended before it was whole.
    #[error("the answer of `{url}` broke off\nhint: what was written of it is not whole")]
    BrokenOff {
        /// Where.
        url: String,
        /// What went wrong on the way.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An answer could not be written where it should be.
    #[error("the answer cannot be written")]
    NotWritten(#[source] std::io::Error),
    /// The server does not answer as this door does.
    #[error(
        "`{url}` answers {status}, and not as Bursar does\n\
         hint: check the address, and that server and command line are of one release"
    )]
    Strange {
        /// Where.
        url: String,
        /// With which status.
        status: StatusCode,
    },
}

impl Client {
    /// A client of the server at an address such as `http://127.0.0.1:8080`. Connects with the
    /// first request.
    pub fn connect(url: &str, token: &str) -> Result<Self, ClientError> {
        let url = url.trim_end_matches('/');
        let parsed: Option<Uri> = url.parse().ok();
        let scheme = parsed.as_ref().and_then(Uri::scheme);
        let is_secure = match scheme {
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(_) | None => {
                let text = format!(
                    "`{url}` is not the address of a server\n\
                     hint: it looks like `http://127.0.0.1:8080`"
                );
                return Err(ClientError::Unusable(text));
            }
        };
        let bearer = HeaderValue::try_from(format!("Bearer {token}"));
        let mut authorization = bearer.map_err(|_| {
            let text = "the administrator's token has characters that no token has";
            ClientError::Unusable(text.to_owned())
        })?;
        authorization.set_sensitive(true);
        let transport = transport(is_secure)?;
        Ok(Self { url: url.to_owned(), authorization, transport })
    }

    /// The programs that run there, each with where its money is.
    pub async fn programs(&self) -> Result<Programs, ClientError> {
        self.get("/api/programs").await
    }

    /// Where a program's money is.
    pub async fn program_money(&self, program: &ProgramId) -> Result<Money, ClientError> {
        self.get(&format!("/api/programs/{}/money", segment(program.as_str()))).await
    }

    /// Gives a program money to award.
    pub async fn fund(&self, program: &ProgramId, amount: Usd) -> Result<Money, ClientError> {
        let path = format!("/api/programs/{}/fund", segment(program.as_str()));
        self.post(&path, &Fund { amount }).await
    }

    /// What stands where in a round.
    pub async fn round(
        &self,
        program: &ProgramId,
        round: &RoundId,
    ) -> Result<RoundLine, ClientError> {
        let (program, round) = (segment(program.as_str()), segment(round.as_str()));
        self.get(&format!("/api/programs/{program}/rounds/{round}")).await
    }

    /// Makes a round's decisions known.
    pub async fn release_round(
        &self,
        program: &ProgramId,
        round: &RoundId,
    ) -> Result<Released, ClientError> {
        let (program, round) = (segment(program.as_str()), segment(round.as_str()));
        let path = format!("/api/programs/{program}/rounds/{round}/release");
        self.read(self.send(Method::POST, &path, Bytes::new()).await?)
    }

    /// Whether somebody qualifies.
    pub async fn eligibility(
        &self,
        program: &ProgramId,
        given: &GivenAnswers,
    ) -> Result<EligibilityLine, ClientError> {
        let path = format!("/api/programs/{}/eligibility", segment(program.as_str()));
        self.post(&path, given).await
    }

    /// What a later file of a program would change, and for whom.
    pub async fn preview_program(
        &self,
        program: &ProgramId,
        wanted: &PreviewProgram,
    ) -> Result<ProgramPreview, ClientError> {
        let path = format!("/api/programs/{}/preview", segment(program.as_str()));
        self.post(&path, wanted).await
    }

    /// When to submit, and when credit arrives.
    pub async fn plan(
        &self,
        program: &ProgramId,
        asked: &PlanQuery,
    ) -> Result<PlanLine, ClientError> {
        let path = format!("/api/programs/{}/plan", segment(program.as_str()));
        let submit_on = asked.submit_on.clone().map(|day| ("submit_on", day));
        let need_by = asked.need_by.clone().map(|day| ("need_by", day));
        self.get(&with_query(&path, [submit_on, need_by])).await
    }

    /// What a study costs.
    pub async fn estimate(&self, wanted: &EstimateStudy) -> Result<EstimateLine, ClientError> {
        self.post("/api/estimates", wanted).await
    }

    /// An application with its screening, its reviews and its decision.
    pub async fn application(&self, id: ApplicationId) -> Result<ApplicationDetail, ClientError> {
        self.get(&format!("/api/applications/{id}")).await
    }

    /// Decides an application in an officer's name.
    pub async fn decide(
        &self,
        id: ApplicationId,
        wanted: &DecideOn,
    ) -> Result<ApplicationDetail, ClientError> {
        self.post(&format!("/api/applications/{id}/decide"), wanted).await
    }

    /// A second officer's approval.
    pub async fn approve(
        &self,
        id: ApplicationId,
        wanted: &ApproveAward,
    ) -> Result<ApplicationDetail, ClientError> {
        self.post(&format!("/api/applications/{id}/approve"), wanted).await
    }

    /// Sets the day on which an accepted award arrives.
    pub async fn set_delivery_day(
        &self,
        grant: GrantId,
        wanted: &DeliveryDay,
    ) -> Result<GrantLine, ClientError> {
        self.post(&format!("/api/grants/{grant}/delivery"), wanted).await
    }

    /// Grants, latest first.
    pub async fn grants(&self, which: &GrantsQuery) -> Result<Grants, ClientError> {
        let program = which.program.as_ref().map(|program| ("program", program.to_string()));
        self.get(&with_query("/api/grants", [program])).await
    }

    /// Issues credit at once.
    pub async fn issue_grant(&self, wanted: &IssueGrant) -> Result<GrantLine, ClientError> {
        self.post("/api/grants", wanted).await
    }

    /// A grant with its money, its lots and its keys.
    pub async fn grant(&self, id: GrantId) -> Result<GrantLine, ClientError> {
        self.get(&format!("/api/grants/{id}")).await
    }

    /// Where a grant's balance is heading, and both roads to more.
    pub async fn forecast(&self, id: GrantId) -> Result<ForecastLine, ClientError> {
        self.get(&format!("/api/grants/{id}/forecast")).await
    }

    /// A page of a grant's calls, newest first.
    pub async fn calls(&self, grant: GrantId, page: &CallsQuery) -> Result<Calls, ClientError> {
        let before = page.before.map(|before| ("before", before.to_string()));
        let limit = page.limit.map(|limit| ("limit", limit.to_string()));
        self.get(&with_query(&format!("/api/grants/{grant}/calls"), [before, limit])).await
    }

    /// One settled call.
    pub async fn call(&self, id: RequestId) -> Result<CallLine, ClientError> {
        self.get(&format!("/api/calls/{id}")).await
    }

    /// Corrects what a call was charged.
    pub async fn correct_call(
        &self,
        id: RequestId,
        wanted: &CorrectCall,
    ) -> Result<CallLine, ClientError> {
        self.post(&format!("/api/calls/{id}/correct"), wanted).await
    }

    /// The studies of a grant.
    pub async fn studies(&self, grant: GrantId) -> Result<Studies, ClientError> {
        self.get(&format!("/api/grants/{grant}/studies")).await
    }

    /// Makes a study of a grant.
    pub async fn make_study(
        &self,
        grant: GrantId,
        wanted: &StudyTerms,
    ) -> Result<StudyLine, ClientError> {
        self.post(&format!("/api/grants/{grant}/studies"), wanted).await
    }

    /// A study.
    pub async fn study(&self, id: StudyId) -> Result<StudyLine, ClientError> {
        self.get(&format!("/api/studies/{id}")).await
    }

    /// Says anew what a study is.
    pub async fn change_study(
        &self,
        id: StudyId,
        wanted: &StudyTerms,
    ) -> Result<StudyLine, ClientError> {
        self.put(&format!("/api/studies/{id}"), wanted).await
    }

    /// Closes a study.
    pub async fn close_study(&self, id: StudyId) -> Result<StudyLine, ClientError> {
        self.read(self.send(Method::DELETE, &format!("/api/studies/{id}"), Bytes::new()).await?)
    }

    /// Moves budget from a study to another of its grant.
    pub async fn move_budget(
        &self,
        from: StudyId,
        wanted: &MoveBudget,
    ) -> Result<StudyLine, ClientError> {
        self.post(&format!("/api/studies/{from}/move"), wanted).await
    }

    /// Makes a key for a grant.
    pub async fn make_key(&self, grant: GrantId, wanted: &NewKey) -> Result<MadeKey, ClientError> {
        self.post(&format!("/api/grants/{grant}/keys"), wanted).await
    }

    /// Changes what a key may spend in all.
    pub async fn change_key_cap(&self, id: KeyId, cap: &KeyCap) -> Result<KeyCap, ClientError> {
        self.put(&format!("/api/keys/{id}/cap"), cap).await
    }

    /// Stops a key.
    pub async fn revoke_key(&self, id: KeyId) -> Result<(), ClientError> {
        self.send(Method::DELETE, &format!("/api/keys/{id}"), Bytes::new()).await.map(drop)
    }

    /// Applications, latest first unless another order is asked for.
    pub async fn applications(
        &self,
        which: &ApplicationsQuery,
    ) -> Result<Applications, ClientError> {
        let state = which.state.clone().map(|state| ("state", state));
        let program = which.program.as_ref().map(|program| ("program", program.to_string()));
        let round = which.round.as_ref().map(|round| ("round", round.to_string()));
        let words = which.words.clone().map(|words| ("words", words));
        let order = which.order.clone().map(|order| ("order", order));
        let page = which.page.map(|page| ("page", page.to_string()));
        let asked = [state, program, round, words, order, page];
        self.get(&with_query("/api/applications", asked)).await
    }

    /// Gives somebody an account with roles.
    pub async fn appoint(&self, wanted: &Appoint) -> Result<PersonLine, ClientError> {
        self.post("/api/people", wanted).await
    }

    /// What lies in suspense.
    pub async fn suspense(&self, which: &SuspenseQuery) -> Result<Suspense, ClientError> {
        let skip = which.skip.map(|skip| ("skip", skip.to_string()));
        self.get(&with_query("/api/suspense", [skip])).await
    }

    /// Settles something in suspense.
    pub async fn settle_suspense(
        &self,
        id: &str,
        said: &SettleSuspense,
    ) -> Result<SettledSuspense, ClientError> {
        self.post(&format!("/api/suspense/{}/settle", segment(id)), said).await
    }

    /// What the time is there, and what it will bring.
    pub async fn clock(&self) -> Result<ClockNow, ClientError> {
        self.get("/api/clock").await
    }

    /// Turns the demonstration's clock on.
    pub async fn advance_clock(&self, wanted: &Advance) -> Result<Advanced, ClientError> {
        self.post("/api/clock/advance", wanted).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.read(self.send(Method::GET, path, Bytes::new()).await?)
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        let body = serde_json::to_vec(body).expect("a request is made of text, numbers and lists");
        self.read(self.send(Method::POST, path, body.into()).await?)
    }

    async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        let body = serde_json::to_vec(body).expect("a request is made of text, numbers and lists");
        self.read(self.send(Method::PUT, path, body.into()).await?)
    }

    fn read<T: DeserializeOwned>(&self, body: Bytes) -> Result<T, ClientError> {
        let strange = |_| ClientError::Strange { url: self.url.clone(), status: StatusCode::OK };
        serde_json::from_slice(&body).map_err(strange)
    }

    /// Sends a request, and gives what came back if the server did it. A POST is sent under a key
    /// of its own, so that it is not done twice where its answer is lost and it is sent again.
    async fn send(&self, method: Method, path: &str, body: Bytes) -> Result<Bytes, ClientError> {
        let key = (method == Method::POST).then(|| drawn_key(&entropy::bytes()));
        let answer = self.send_until_answered(&method, path, &body, key.as_deref());
        let answer = tokio::time::timeout(REQUEST_TIMEOUT, answer).await;
        answer.unwrap_or_else(|_| Err(ClientError::TooLong { url: self.url.clone() }))
    }

    async fn send_until_answered(
        &self,
        method: &Method,
        path: &str,
        body: &Bytes,
        key: Option<&str>,
    ) -> Result<Bytes, ClientError> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let answer = self.send_once(method, path, body, key).await;
            let pause = match &answer {
                // Nobody knows whether it arrived.
                Err(ClientError::Unreachable { .. }) => pauses.next(),
                // It did: a try before this one is still being carried out.
                Err(ClientError::Refused { problem, .. }) if problem.code == STILL_RUNNING => {
                    Some(ASK_AGAIN_AFTER)
                }
                _ => None,
            };
            let Some(pause) = pause else { return answer };
            tokio::time::sleep(pause).await;
        }
    }

    async fn send_once(
        &self,
        method: &Method,
        path: &str,
        body: &Bytes,
        key: Option<&str>,
    ) -> Result<Bytes, ClientError> {
        let answer = self.open(method, path, body, key).await?;
        let read = async { Ok(Limited::new(answer, ANSWER_BYTES_MAX).collect().await?.to_bytes()) };
        self.arrived(read).await
    }

    /// What came of a journey to the server and back.
    async fn arrived<T>(
        &self,
        journey: impl Future<Output = Result<T, Box<dyn std::error::Error + Send + Sync>>>,
    ) -> Result<T, ClientError> {
        let unreachable = |source| ClientError::Unreachable { url: self.url.clone(), source };
        journey.await.map_err(unreachable)
    }

    /// Sends a request, and gives the answer to be read if the server did it.
    async fn open(
        &self,
        method: &Method,
        path: &str,
        body: &Bytes,
        key: Option<&str>,
    ) -> Result<Incoming, ClientError> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(AUTHORIZATION, self.authorization.clone())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json");
        if let Some(key) = key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        let request = request.body(Full::new(body.clone()));
        let request = request.map_err(|error| ClientError::Unusable(error.to_string()))?;
        let exchange = async {
            let answer = match &self.transport {
                Transport::Plain(over) => over.request(request).await?,
                Transport::Secure(over) => over.request(request).await?,
            };
            let status = answer.status();
            if status.is_success() {
                return Ok((status, Some(answer.into_body()), Bytes::new()));
            }
            let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await?;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>((status, None, body.to_bytes()))
        };
        let (status, opened, body) = self.arrived(exchange).await?;
        if let Some(opened) = opened {
            return Ok(opened);
        }
        match serde_json::from_slice::<ProblemBody>(&body) {
            Ok(ProblemBody { error }) => {
                Err(ClientError::Refused { status, problem: Box::new(error) })
            }
            Err(_) => Err(ClientError::Strange { url: self.url.clone(), status }),
        }
    }
}

/// A key for one request: 128 bits in hexadecimal.
fn drawn_key(bytes: &[u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(*bytes))
}

fn transport(is_secure: bool) -> Result<Transport, ClientError> {
    let mut connector = HttpConnector::new();
    connector.enforce_http(!is_secure);
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    let builder = hyper_util::client::legacy::Client::builder(TokioExecutor::new());
    if !is_secure {
        return Ok(Transport::Plain(builder.build(connector)));
    }
    let secured = HttpsConnectorBuilder::new().with_native_roots().map_err(|error| {
        ClientError::Unusable(format!("failed to read the system's certificates: {error}"))
    })?;
    let connector = secured.https_only().enable_http1().wrap_connector(connector);
    Ok(Transport::Secure(builder.build(connector)))
}

/// The server's sentence, its fields and its hint.
fn sentence(problem: &Problem) -> String {
    let mut text = problem.message.clone();
    if !problem.fields.is_empty() {
        let fields = problem.fields.iter().map(|bad| format!("`{}`: {}", bad.field, bad.message));
        text = fields.collect::<Vec<_>>().join("; ");
    }
    if let Some(hint) = &problem.hint {
        text.push_str("\nhint: ");
        text.push_str(hint);
    }
    text
}

fn with_query<const N: usize>(path: &str, parts: [Option<(&str, String)>; N]) -> String {
    let mut text = path.to_owned();
    for (index, (name, value)) in parts.into_iter().flatten().enumerate() {
        text.push(if index == 0 { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        text.push_str(&segment(&value));
    }
    text
}

/// Text as one segment of a path or one value of a query: all but the unreserved is escaped.
fn segment(text: &str) -> String {
    use std::fmt::Write;
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}
