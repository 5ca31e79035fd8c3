//! Who somebody is at a provider, and whose account that is.

use bursar_identity::{Identity, Provider};
use bursar_kernel::{Actor, PersonId, Role};
use bursar_policy::{Action, Viewer};
use bursar_service::{Service, ServiceError, SignedIn, allow, audit_line, batch_of};
use bursar_store::rows::{LinkedIdentity, Person};
use bursar_store::{Batch, Expect, Row, Write};

/// Identities of one account at the most: a few institutions in a life.
const IDENTITIES_MAX: usize = 10;
/// Characters of a name that a provider gives.
const NAME_CHARACTERS_MAX: usize = 120;

/// What came of somebody's coming back from a provider.
#[derive(Debug)]
pub enum Arrived {
    /// They are signed in.
    SignedIn(SignedIn),
    /// The identity is a way into the account of who is signed in.
    Linked,
    /// Nobody has an account by this identity: they sign in by mail first, and link it.
    Unknown,
}

/// Somebody has come back from a provider.
pub async fn arrive(
    service: &Service,
    provider: &Provider,
    identity: Identity,
    viewer: &Viewer,
) -> Result<Arrived, ServiceError> {
    let store = service.store();
    let known = store.identity(identity.issuer.clone(), identity.subject.clone()).await?;
    let before = known.as_ref().map(|known| known.version);
    match (known.and_then(|known| known.person), viewer.person()) {
        (Some(known), None) => Ok(Arrived::SignedIn(service.sign_in_as(known).await?)),
        (Some(known), Some(person)) if known == person => Ok(Arrived::Linked),
        (Some(_), Some(_)) => {
            let text = "link it: it is a way into another account\n\
                        hint: sign out, sign in by it, and remove it there first";
            Err(ServiceError::Refused(text.to_owned()))
        }
        (None, Some(person)) => {
            link(service, viewer, person, identity, before).await?;
            Ok(Arrived::Linked)
        }
        (None, None) => join(service, provider, identity, before).await,
    }
}

/// Makes an identity a way into the account of who is signed in.
async fn link(
    service: &Service,
    viewer: &Viewer,
    person: PersonId,
    identity: Identity,
    before: Option<u64>,
) -> Result<(), ServiceError> {
    let has = service.store().identities(person).await?;
    if IDENTITIES_MAX <= has.len() {
        let text = "link one more: an account has ten at the most\nhint: remove one first";
        return Err(ServiceError::Refused(text.to_owned()));
    }
    let batch = batch_of(viewer, service.now())?;
    let batch = with_identity(batch, person, identity, before);
    service.store().commit(batch).await?;
    Ok(())
}

/// Signs somebody in whose provider is trusted with their mail address; makes the account on the
/// way if it is new.
async fn join(
    service: &Service,
    provider: &Provider,
    identity: Identity,
    before: Option<u64>,
) -> Result<Arrived, ServiceError> {
    let email = identity.email.clone().filter(|email| provider.is_trusted_with(email));
    let Some(email) = email else { return Ok(Arrived::Unknown) };
    let now = service.now();
    let (person, write) = service.person_for(&email, now).await?;
    let mut batch = Batch::new(Actor::Person(person.id), now);
    if let Some(write) = write {
        batch = batch.with(named(write, identity.name.as_deref()));
    }
    service.store().commit(with_identity(batch, person.id, identity, before)).await?;
    Ok(Arrived::SignedIn(service.sign_in_as(person.id).await?))
}

/// A new account, called as the provider calls its holder.
fn named(write: Write, name: Option<&str>) -> Write {
    let name = name.unwrap_or_default().trim();
    let fits = name.chars().count() <= NAME_CHARACTERS_MAX && !name.chars().any(char::is_control);
    if fits && let Write::Row(Row::Person(person), expect) = write {
        let name = name.to_owned();
        return Write::Row(Row::Person(Person { name, ..person }), expect);
    }
    write
}

/// An identity that is a way in from now on; it was removed before in this version, if it was
/// known.
fn with_identity(batch: Batch, person: PersonId, identity: Identity, before: Option<u64>) -> Batch {
    let Identity { provider, issuer, subject, email, orcid, .. } = identity;
    let line = audit_line(&batch, "identity.linked", person, &*provider);
    let row = LinkedIdentity {
        issuer,
        subject,
        person: Some(person),
        provider,
        email,
        orcid: orcid.map(|orcid| orcid.to_string()),
        at: batch.now,
        version: before.unwrap_or(0).saturating_add(1),
    };
    let expect = before.map_or(Expect::New, Expect::Version);
    batch.with(Write::Row(Row::Identity(Box::new(row)), expect)).with(line)
}

/// The identities that are ways into the account of who is signed in.
pub async fn identities(
    service: &Service,
    viewer: &Viewer,
) -> Result<Vec<LinkedIdentity>, ServiceError> {
    let person = viewer.person().ok_or(ServiceError::SignInFirst)?;
    Ok(service.store().identities(person).await?)
}

/// Takes a way into one's own account away. The mailed link always stays.
pub async fn unlink(
    service: &Service,
    viewer: &Viewer,
    issuer: &str,
    subject: &str,
) -> Result<(), ServiceError> {
    let person = viewer.person().ok_or(ServiceError::SignInFirst)?;
    let known = service.store().identity(issuer.to_owned(), subject.to_owned()).await?;
    let known = known.filter(|known| known.person == Some(person));
    let known = known.ok_or_else(|| ServiceError::NotFound("such a way to sign in".to_owned()))?;
    let batch = batch_of(viewer, service.now())?;
    let line = audit_line(&batch, "identity.removed", person, &*known.provider);
    let (before, at) = (known.version, batch.now);
    let version = before.saturating_add(1);
    let row = LinkedIdentity { person: None, email: None, orcid: None, at, version, ..known };
    let write = Write::Row(Row::Identity(Box::new(row)), Expect::Version(before));
    service.store().commit(batch.with(write).with(line)).await?;
    Ok(())
}

/// The ORCID iDs that ORCID itself has said are somebody's: to officers, beside what they write.
pub async fn officer_sees(
    service: &Service,
    viewer: &Viewer,
    person: PersonId,
) -> Result<Vec<String>, ServiceError> {
    if !viewer.is(Role::Officer) {
        allow(viewer, Action::RunPrograms)?;
    }
    let identities = service.store().identities(person).await?;
    Ok(identities.into_iter().filter_map(|identity| identity.orcid).collect())
}
