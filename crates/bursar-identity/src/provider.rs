//! A provider: where to send somebody, and what came of it.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bursar_kernel::Timestamp;
use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::warn;

use crate::attempt::Attempt;
use crate::orcid::Orcid;
use crate::settings::Settings;
use crate::token::{BadToken, Claims, Expected, Keys};
use crate::transport::Transport;

/// How long what a provider says about itself, and its keys, are believed.
const KEPT_FOR: Duration = Duration::from_hours(1);
/// How often its keys are read at the most, for tokens that name one that is not known: a provider
/// that changes its keys is followed, and nobody makes us ask it without end.
const KEYS_ASKED_EVERY: Duration = Duration::from_mins(1);
/// Characters of a code, and of what a provider says went wrong.
const CODE_CHARACTERS_MAX: usize = 4_096;

/// Who somebody is at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider, as the configuration names it.
    pub provider: String,
    /// Its issuer.
    pub issuer: String,
    /// Who, by the issuer's own name.
    pub subject: String,
    /// Their mail address, where the provider has seen that it is theirs; in lower case.
    pub email: Option<String>,
    /// How they are called.
    pub name: Option<String>,
    /// Their ORCID iD, from ORCID itself.
    pub orcid: Option<Orcid>,
}

/// Why nobody was signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInFailed {
    /// The answer does not belong to what this browser asked.
    #[error("the answer does not belong to this browser\nhint: begin again")]
    NotAsked,
    /// The provider said no, or somebody turned back.
    #[error("the provider did not sign you in\nhint: begin again, or use a mailed link")]
    Declined,
    /// The provider cannot be reached, or does not answer as it should.
    #[error("the provider does not answer as it should: {0}\nhint: try again later")]
    Unavailable(String),
    /// What it says is not believed.
    #[error("what the provider says is not believed: {0}")]
    Unbelievable(#[from] BadToken),
}

/// A provider.
pub struct Provider {
    settings: Settings,
    secret: SecretString,
    transport: Transport,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    place: Option<(Instant, Arc<Place>)>,
    keys: Option<(Instant, Arc<Keys>)>,
    /// When its keys were read because a token named one that was not known.
    asked_again_at: Option<Instant>,
}

/// Where a provider's doors are, as it says itself.
#[derive(Debug, Deserialize)]
struct Place {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: Option<String>,
}

impl Provider {
    /// A provider; nothing is asked of it before somebody wants to sign in.
    pub fn new(settings: Settings, secret: SecretString) -> Result<Self, std::io::Error> {
        let transport = Transport::to(&settings.issuer)?;
        Ok(Self { settings, secret, transport, known: Mutex::default() })
    }

    /// Its name in addresses.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// What people know it as.
    pub fn label(&self) -> &str {
        &self.settings.label
    }

    /// Whether an answer that says who it is from is from it: RFC 9207. Not all say so.
    pub fn is_issuer(&self, told: Option<&str>) -> bool {
        told.is_none_or(|told| told == self.settings.issuer)
    }

    /// Whether its word on a mail address is taken for proof: only of domains that it was
    /// configured for.
    pub fn is_trusted_with(&self, email: &str) -> bool {
        let domain = email.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
        domain.is_some_and(|domain| self.settings.trusted_mail_domains.contains(&domain))
    }

    /// Where to send somebody who wants to sign in, to come back to an address of ours.
    pub async fn ask(&self, attempt: &Attempt, back: &str) -> Result<String, SignInFailed> {
        let place = self.place().await?;
        let name = self.name();
        let mut url = place.authorization_endpoint.clone();
        let mut separator = if url.contains('?') { '&' } else { '?' };
        let challenge = attempt.challenge(name);
        let (state, nonce) = (attempt.state(name), attempt.nonce(name));
        for (key, value) in [
            ("response_type", "code"),
            ("client_id", &self.settings.client_id),
            ("redirect_uri", back),
            ("scope", &self.settings.scopes),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ] {
            let _ = write!(url, "{separator}{key}={}", escaped(value));
            separator = '&';
        }
        Ok(url)
    }

    /// Who came back: takes the code to the provider, and believes what it says where all of it
    /// fits. `back` is the address that was given when it was asked, to the letter.
    pub async fn finish(
        &self,
        attempt: &Attempt,
        code: &str,
        back: &str,
        now: Timestamp,
    ) -> Result<Identity, SignInFailed> {
        if code.is_empty() || CODE_CHARACTERS_MAX < code.len() {
            return Err(SignInFailed::Declined);
        }
        let place = self.place().await?;
        let token = self.exchange(&place, attempt, code, back).await?;
        let nonce = attempt.nonce(self.name());
        let (issuer, client_id) = (self.settings.issuer.as_str(), self.settings.client_id.as_str());
        let expected = Expected { issuer, client_id, nonce: &nonce, now };
        let keys = self.keys(&place, false).await?;
        let claims = match keys.check(&token, &expected) {
            // It may have a new key since.
            Err(BadToken::UnknownKey) => self.keys(&place, true).await?.check(&token, &expected)?,
            checked => checked?,
        };
        Ok(self.identity(claims))
    }

    fn identity(&self, claims: Claims) -> Identity {
        let verified = claims.email_verified.is_yes();
        let email = claims.email.filter(|_| verified).map(|email| email.trim().to_lowercase());
        let orcid = if self.settings.orcid { claims.sub.parse().ok() } else { None };
        Identity {
            provider: self.settings.name.clone(),
            issuer: self.settings.issuer.clone(),
            subject: claims.sub,
            email,
            name: claims.name,
            orcid,
        }
    }

    async fn exchange(
        &self,
        place: &Place,
        attempt: &Attempt,
        code: &str,
        back: &str,
    ) -> Result<String, SignInFailed> {
        let (us, secret) = (&self.settings.client_id, self.secret.expose_secret());
        let methods = &place.token_endpoint_auth_methods_supported;
        let takes = |method: &str| methods.iter().any(|it| it == method);
        let verifier = attempt.verifier(self.name());
        let mut form = format!(
            "grant_type=authorization_code&code={}&redirect_uri={}&code_verifier={verifier}",
            escaped(code),
            escaped(back),
        );
        // In the header unless the provider says that it takes the form only: RFC 6749, 2.3.1.
        let authorization = if takes("client_secret_post") && !takes("client_secret_basic") {
            let _ = write!(form, "&client_id={}&client_secret={}", escaped(us), escaped(secret));
            None
        } else {
            let both = STANDARD.encode(format!("{}:{}", escaped(us), escaped(secret)));
            let header = HeaderValue::try_from(format!("Basic {both}"));
            let mut header = header.map_err(|_| unavailable("the secret cannot be sent"))?;
            header.set_sensitive(true);
            Some(header)
        };
        let answer = self.transport.post(&place.token_endpoint, form, authorization).await;
        let answer = answer.map_err(|why| self.trouble(&why))?;
        let tokens: Option<Tokens> = serde_json::from_slice(&answer).ok();
        let token = tokens.and_then(|tokens| tokens.id_token);
        token.ok_or_else(|| self.trouble("it gave no ID token"))
    }

    async fn place(&self) -> Result<Arc<Place>, SignInFailed> {
        let mut known = self.known.lock().await;
        if let Some((at, place)) = &known.place
            && at.elapsed() < KEPT_FOR
        {
            return Ok(Arc::clone(place));
        }
        let url = format!(
            "{}/.well-known/openid-configuration",
            self.settings.issuer.trim_end_matches('/')
        );
        let answer = self.transport.get(&url).await.map_err(|why| self.trouble(&why))?;
        let place: Option<Place> = serde_json::from_slice(&answer).ok();
        let place = place.ok_or_else(|| self.trouble("it does not say where its doors are"))?;
        if place.issuer != self.settings.issuer {
            return Err(self.trouble("it calls itself by another name than the configuration"));
        }
        let doors = [&place.authorization_endpoint, &place.token_endpoint, &place.jwks_uri];
        let scheme =
            if self.settings.issuer.starts_with("http://") { "http://" } else { "https://" };
        if !doors.iter().all(|door| door.starts_with(scheme)) {
            return Err(self.trouble("its doors are not encrypted"));
        }
        let place = Arc::new(place);
        known.place = Some((Instant::now(), Arc::clone(&place)));
        Ok(place)
    }

    /// Its keys; read `again` where a token names one that is not known.
    async fn keys(&self, place: &Place, again: bool) -> Result<Arc<Keys>, SignInFailed> {
        let mut known = self.known.lock().await;
        let may_ask = known.asked_again_at.is_none_or(|at| KEYS_ASKED_EVERY <= at.elapsed());
        if let Some((at, keys)) = &known.keys
            && at.elapsed() < KEPT_FOR
            && !(again && may_ask)
        {
            return Ok(Arc::clone(keys));
        }
        if again {
            known.asked_again_at = Some(Instant::now());
        }
        let answer = self.transport.get(&place.jwks_uri).await.map_err(|why| self.trouble(&why))?;
        let keys: Option<Keys> = serde_json::from_slice(&answer).ok();
        let keys = Arc::new(keys.ok_or_else(|| self.trouble("its keys cannot be read"))?);
        known.keys = Some((Instant::now(), Arc::clone(&keys)));
        Ok(keys)
    }

    fn trouble(&self, why: &str) -> SignInFailed {
        warn!(provider = self.name(), "failed to sign somebody in: {why}");
        unavailable(why)
    }
}

fn unavailable(why: &str) -> SignInFailed {
    SignInFailed::Unavailable(why.to_owned())
}

/// A text as the value of a query or of a form.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
