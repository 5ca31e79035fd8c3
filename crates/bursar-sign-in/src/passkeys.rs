//! Passkeys: ways into an account that never leave their holder's devices.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bursar_kernel::limits::NAME_CHARACTERS_MAX;
use bursar_kernel::{Actor, PersonId};
use bursar_letters::Letter;
use bursar_passkey::{
    Answer, Challenge, Credential, Party, Purpose, Refused, question, register,
    registration_options, sign_in, sign_in_options,
};
use bursar_policy::Viewer;
use bursar_post::Post as _;
use bursar_service::{Service, ServiceError, SignedIn, audit_line, batch_of};
use bursar_sources::entropy;
use bursar_store::rows::{Passkey, Person};
use bursar_store::{AccountWrite, Batch, Expect, Row, Write};

/// Passkeys of one account at the most: more than anybody has devices.
const PASSKEYS_MAX: usize = 20;
/// What a passkey is called whose holder does not say.
const UNNAMED: &str = "Passkey";
/// Characters of a passkey's name in the protocol that the audit trail shows.
const SHOWN: usize = 12;

/// The site that passkeys of this installation are for, or why there are none.
pub fn party(service: &Service) -> Result<Party, ServiceError> {
    Party::of(service.base_url()).ok_or_else(|| {
        let text = "browsers keep passkeys only for sites reached by HTTPS under a name\n\
                    hint: sign in by a mailed link";
        ServiceError::Refused(text.to_owned())
    })
}

/// What a browser needs to know to make a passkey for who is signed in; `secret` is that browser's.
pub async fn passkey_options(
    service: &Service,
    viewer: &Viewer,
    secret: &str,
) -> Result<serde_json::Value, ServiceError> {
    let party = party(service)?;
    let person = person(service, viewer).await?;
    let known = service.store().passkeys(person.id).await?;
    let known: Vec<_> =
        known.iter().filter_map(|known| URL_SAFE_NO_PAD.decode(&known.id).ok()).collect();
    let challenge = Challenge::new(secret, Purpose::Register, service.now(), entropy::bytes());
    let (email, name) = (&person.email, &person.name);
    Ok(registration_options(&party, &challenge, person.id, email, name, &known))
}

/// What a browser needs to know to sign somebody in, whoever they are.
pub fn sign_in_with_passkey_options(
    service: &Service,
    secret: &str,
) -> Result<serde_json::Value, ServiceError> {
    let challenge = Challenge::new(secret, Purpose::SignIn, service.now(), entropy::bytes());
    Ok(sign_in_options(&party(service)?, &challenge))
}

/// The passkeys that are ways into the account of who is signed in, the first made first.
pub async fn passkeys(service: &Service, viewer: &Viewer) -> Result<Vec<Passkey>, ServiceError> {
    let person = viewer.person().ok_or(ServiceError::SignInFirst)?;
    let mut found = service.store().passkeys(person).await?;
    found.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(found)
}

/// Makes what an authenticator has made a way into the account of who is signed in.
pub async fn add_passkey(
    service: &Service,
    viewer: &Viewer,
    secret: &str,
    name: &str,
    answer: &Answer,
) -> Result<(), ServiceError> {
    let party = party(service)?;
    let person = person(service, viewer).await?;
    let name = read_name(name)?;
    let now = service.now();
    let made = register(&party, secret, answer, now).map_err(refused)?;
    let has = service.store().passkeys(person.id).await?;
    if PASSKEYS_MAX <= has.len() {
        let text = "add one more: an account has twenty passkeys at the most\nhint: remove one";
        return Err(ServiceError::Refused(text.to_owned()));
    }
    let row = Passkey {
        id: URL_SAFE_NO_PAD.encode(&made.id),
        person: Some(person.id),
        name,
        public_key: URL_SAFE_NO_PAD.encode(&made.public_key),
        count: made.count,
        can_be_copied: made.can_be_copied,
        created_at: now,
        last_used_at: None,
        version: 1,
    };
    let letter = bursar_letters::passkey_added(&row.name, &account_url(service));
    let batch = told(batch_of(viewer, now)?, "passkey.added", &person, &row, letter);
    let batch = batch
        .with(used(&made.challenge))
        .with(Write::Row(Row::Passkey(Box::new(row)), Expect::New));
    service.store().commit(batch).await?;
    Ok(())
}

/// Takes a passkey from one's own account. The mailed link always stays.
pub async fn remove_passkey(
    service: &Service,
    viewer: &Viewer,
    id: &str,
) -> Result<(), ServiceError> {
    let person = person(service, viewer).await?;
    let known = service.store().passkey(id.to_owned()).await?;
    let known = known.filter(|known| known.person == Some(person.id));
    let known = known.ok_or_else(|| ServiceError::NotFound("such a passkey".to_owned()))?;
    let letter = bursar_letters::passkey_removed(&known.name, &account_url(service));
    let batch = batch_of(viewer, service.now())?;
    let batch = told(batch, "passkey.removed", &person, &known, letter);
    let before = known.version;
    let row = Passkey {
        person: None,
        name: String::new(),
        public_key: String::new(),
        version: before.saturating_add(1),
        ..known
    };
    let write = Write::Row(Row::Passkey(Box::new(row)), Expect::Version(before));
    service.store().commit(batch.with(write)).await?;
    Ok(())
}

/// Signs in whoever has shown that they have a passkey; `secret` is their browser's.
pub async fn sign_in_with_passkey(
    service: &Service,
    secret: &str,
    answer: &Answer,
) -> Result<SignedIn, ServiceError> {
    let party = party(service)?;
    let id = URL_SAFE_NO_PAD.encode(answer.credential().map_err(refused)?);
    let known = service.store().passkey(id).await?;
    let holder = known.as_ref().and_then(|known| known.person);
    let (Some(known), Some(holder)) = (known, holder) else {
        let text = "this passkey is no way into an account here, or not any more\n\
                    hint: sign in by a mailed link, and add it on the page of your account";
        return Err(ServiceError::Refused(text.to_owned()));
    };
    let now = service.now();
    let public_key = URL_SAFE_NO_PAD.decode(&known.public_key).unwrap_or_default();
    let credential = Credential { public_key: &public_key, count: known.count, person: holder };
    let shown = match sign_in(&party, secret, answer, &credential, now) {
        Ok(shown) => shown,
        Err(why) => {
            if why == Refused::CountWentBack {
                tell_of_copy(service, &party, secret, answer, &known, holder).await?;
            }
            return Err(refused(why));
        }
    };
    let batch = Batch::new(Actor::Person(holder), now);
    let line = audit_line(&batch, "passkey.signed_in", holder, short(&known));
    let before = known.version;
    let row = Passkey {
        count: shown.count,
        last_used_at: Some(now),
        version: before.saturating_add(1),
        ..known
    };
    let write = Write::Row(Row::Passkey(Box::new(row)), Expect::Version(before));
    service.store().commit(batch.with(used(&shown.challenge)).with(write).with(line)).await?;
    service.sign_in_as(holder).await
}

/// Somebody has a copy of a passkey: its holder hears of it, once for each question.
async fn tell_of_copy(
    service: &Service,
    party: &Party,
    secret: &str,
    answer: &Answer,
    known: &Passkey,
    holder: PersonId,
) -> Result<(), ServiceError> {
    let now = service.now();
    let challenge = question(party, secret, answer, Purpose::SignIn, now).map_err(refused)?;
    let Some(person) = service.store().person(holder).await? else { return Ok(()) };
    let letter = bursar_letters::passkey_copied(&known.name, &account_url(service));
    let batch = Batch::new(Actor::Job("sign_in".to_owned()), now).with(used(&challenge));
    let batch = told(batch, "passkey.count_went_back", &person, known, letter);
    service.store().commit(batch).await?;
    Ok(())
}

fn told(batch: Batch, action: &str, person: &Person, passkey: &Passkey, letter: Letter) -> Batch {
    let line = audit_line(&batch, action, person.id, short(passkey));
    let mail = letter.to(&person.email, batch.now);
    batch.with(line).with(mail)
}

fn used(challenge: &Challenge) -> AccountWrite {
    AccountWrite::UseChallenge { hash: challenge.hash(), expires_at: challenge.expires_at() }
}

fn short(passkey: &Passkey) -> String {
    passkey.id.chars().take(SHOWN).collect()
}

fn account_url(service: &Service) -> String {
    format!("{}/account", service.base_url())
}

async fn person(service: &Service, viewer: &Viewer) -> Result<Person, ServiceError> {
    let id = viewer.person().ok_or(ServiceError::SignInFirst)?;
    service.store().person(id).await?.ok_or(ServiceError::SignInFirst)
}

fn read_name(text: &str) -> Result<String, ServiceError> {
    let text = text.trim();
    if text.chars().count() <= NAME_CHARACTERS_MAX && !text.chars().any(char::is_control) {
        Ok(if text.is_empty() { UNNAMED } else { text }.to_owned())
    } else {
        let message = format!("A name must be {NAME_CHARACTERS_MAX} characters or fewer");
        Err(ServiceError::field("passkey", message))
    }
}

fn refused(why: Refused) -> ServiceError {
    ServiceError::Refused(why.to_string())
}
