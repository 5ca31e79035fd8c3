//! Accounts: signing in by mail link, sessions, roles.

use std::collections::BTreeSet;

use bursar_kernel::limits::{
    EMAIL_CHARACTERS_MAX, NAME_CHARACTERS_MAX, SESSION_LIFE, SIGN_IN_LINK_LIFE,
};
use bursar_kernel::{Actor, PersonId, Role, SessionId, Timestamp};
use bursar_policy::{Action, Viewer};
use bursar_store::rows::{Person, Session, SignInLink};
use bursar_store::{Batch, Expect, Row, Write};
use jiff::SignedDuration;

use crate::letters::Post as _;
use crate::{Service, ServiceError, entropy, letters};
use bursar_sources::{Secret, hash};

/// When somebody with the operator's role first signed in, as a setting.
const OPERATOR_ARRIVED: &str = "operator_arrived";

/// How long a browser stays signed in where the clock can be turned on by years.
const SESSION_LIFE_ON_A_TURNED_CLOCK: SignedDuration = SignedDuration::from_hours(24 * 366 * 20);

/// What a sign-in link stands for, before it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It signs this address in.
    Ready {
        /// The address.
        email: String,
    },
    /// It was used before, has expired, or never was.
    Dead,
}

/// A browser that has just signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// What the browser keeps.
    pub cookie: Secret,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Service {
    /// Whether somebody with the operator's role has ever signed in.
    pub async fn operator_has_arrived(&self) -> Result<bool, ServiceError> {
        Ok(self.store.setting(OPERATOR_ARRIVED).await?.is_some())
    }

    /// A sign-in link for whoever runs the installation, with their account and roles. It is
    /// handed to the caller, not mailed.
    pub async fn invite_operator(
        &self,
        viewer: &Viewer,
        email: &str,
    ) -> Result<String, ServiceError> {
        let roles = BTreeSet::from([Role::Operator, Role::Officer]);
        let person = self.appoint(viewer, email, "Administrator", roles).await?;
        let now = self.now();
        let (link, url) = self.sign_in_link(person.email, now);
        let batch = crate::batch_of(viewer, now)?;
        self.commit(batch.with(Write::Row(Row::SignInLink(link), Expect::New))).await?;
        Ok(url)
    }

    /// A new sign-in link, as a row and as an address.
    fn sign_in_link(&self, email: String, now: Timestamp) -> (SignInLink, String) {
        let secret = Secret::draw("");
        let url = format!("{}/sign-in/{}", self.base_url, secret.reveal());
        let link = SignInLink {
            secret_hash: secret.hash(),
            email,
            expires_at: now + SIGN_IN_LINK_LIFE,
            used_at: None,
        };
        (link, url)
    }

    /// Writes somebody a link that signs them in. Says the same whether or not they are known.
    pub async fn request_sign_in(&self, email: &str) -> Result<(), ServiceError> {
        let email = read_email(email)?;
        let now = self.now();
        let (link, url) = self.sign_in_link(email.clone(), now);
        let letter = letters::sign_in(&url, link.expires_at);
        let batch = Batch::new(Actor::Job("sign_in".to_owned()), now)
            .with(Write::Row(Row::SignInLink(link), Expect::New))
            .with(letter.to(&email, now));
        self.commit(batch).await?;
        Ok(())
    }

    /// What a sign-in link stands for. Looking at it does not use it.
    pub async fn look_at_sign_in(&self, secret: &str) -> Result<Arrival, ServiceError> {
        let link = self.store.sign_in_link(hash(secret)).await?;
        Ok(match link {
            Some(link) if is_ready(&link, self.now()) => Arrival::Ready { email: link.email },
            Some(_) | None => Arrival::Dead,
        })
    }

    /// Uses a sign-in link: makes the account on the way if it is new.
    pub async fn sign_in(&self, secret: &str) -> Result<SignedIn, ServiceError> {
        let now = self.now();
        let dead = || {
            let text = "this link has been used or has expired\nhint: ask for a new one";
            ServiceError::Refused(text.to_owned())
        };
        let link = self.store.sign_in_link(hash(secret)).await?;
        let link = link.filter(|link| is_ready(link, now)).ok_or_else(dead)?;
        let known = self.store.person_by_email(link.email.clone()).await?;
        let is_new = known.is_none();
        let person = known.unwrap_or_else(|| new_person(link.email, now));
        let mut batch =
            Batch::new(Actor::Person(person.id), now).with(Write::UseSignInLink(link.secret_hash));
        if person.roles.contains(&Role::Operator) {
            let value = now.to_string();
            batch = batch.with(Write::Setting { key: OPERATOR_ARRIVED, value });
        }
        if is_new {
            batch = batch.with(Write::Row(Row::Person(person.clone()), Expect::New));
        }
        // They have read a mail: whatever came back from the address before is over.
        for write in bursar_post::confirmed(&*self.store, &person.email, now).await? {
            batch = batch.with(write);
        }
        self.begin_session(batch, person).await
    }

    /// Signs somebody in without a link: for the demonstration's own doors.
    pub async fn sign_in_as(&self, person: PersonId) -> Result<SignedIn, ServiceError> {
        let person = self.store.person(person).await?;
        let person = person.ok_or_else(|| ServiceError::NotFound("such person".to_owned()))?;
        let batch = Batch::new(Actor::Person(person.id), self.now());
        self.begin_session(batch, person).await
    }

    async fn begin_session(&self, batch: Batch, person: Person) -> Result<SignedIn, ServiceError> {
        let cookie = Secret::draw("");
        let life = if self.calls.turning().is_some() {
            SESSION_LIFE_ON_A_TURNED_CLOCK
        } else {
            SESSION_LIFE
        };
        let expires_at = batch.now + life;
        let session = Session {
            id: SessionId::new(batch.now, entropy::draw()),
            secret_hash: cookie.hash(),
            person: person.id,
            created_at: batch.now,
            expires_at,
            ended_at: None,
        };
        self.commit(batch.with(Write::Row(Row::Session(session), Expect::New))).await?;
        Ok(SignedIn { person, cookie, expires_at })
    }

    /// Who a browser is signed in as.
    pub async fn session(&self, cookie: &str) -> Result<Option<Person>, ServiceError> {
        let now = self.now();
        let session = self.store.session(hash(cookie)).await?;
        let live = session.filter(|session| session.ended_at.is_none() && now < session.expires_at);
        match live {
            Some(session) => Ok(self.store.person(session.person).await?),
            None => Ok(None),
        }
    }

    /// Signs a browser out.
    pub async fn sign_out(&self, cookie: &str) -> Result<(), ServiceError> {
        let batch = Batch::new(Actor::Job("sign_out".to_owned()), self.now())
            .with(Write::EndSession(hash(cookie)));
        self.commit(batch).await?;
        Ok(())
    }

    /// Changes how somebody is called.
    pub async fn rename(&self, viewer: &Viewer, name: &str) -> Result<(), ServiceError> {
        let id = viewer.person().ok_or(ServiceError::SignInFirst)?;
        let person = self.store.person(id).await?.ok_or(ServiceError::SignInFirst)?;
        let name = read_name(name)?;
        let changed = Person { name, version: person.version.saturating_add(1), ..person.clone() };
        let batch = crate::batch_of(viewer, self.now())?;
        let write = Write::Row(Row::Person(changed), Expect::Version(person.version));
        self.commit(batch.with(write)).await?;
        Ok(())
    }

    /// Gives somebody an account with these roles, or an account that exists these roles.
    pub async fn appoint(
        &self,
        viewer: &Viewer,
        email: &str,
        name: &str,
        roles: BTreeSet<Role>,
    ) -> Result<Person, ServiceError> {
        crate::allow(viewer, Action::Operate)?;
        let (email, name) = (read_email(email)?, read_name(name)?);
        let batch = crate::batch_of(viewer, self.now())?;
        let known = self.store.person_by_email(email.clone()).await?;
        let (person, expect) = match known {
            Some(known) => {
                let version = known.version.saturating_add(1);
                (Person { name, roles, version, ..known.clone() }, Expect::Version(known.version))
            }
            None => (Person { name, roles, ..new_person(email, batch.now) }, Expect::New),
        };
        let detail = format!("roles: {:?}", person.roles);
        let line = crate::audit_line(&batch, "person.appointed", person.id, detail);
        let write = Write::Row(Row::Person(person.clone()), expect);
        self.commit(batch.with(write).with(line)).await?;
        Ok(person)
    }

    /// The person of an address, with an account made for them if they have none.
    pub async fn person_for(
        &self,
        email: &str,
        now: Timestamp,
    ) -> Result<(Person, Option<Write>), ServiceError> {
        let email = read_email(email)?;
        if let Some(known) = self.store.person_by_email(email.clone()).await? {
            return Ok((known, None));
        }
        let person = new_person(email, now);
        let write = Write::Row(Row::Person(person.clone()), Expect::New);
        Ok((person, Some(write)))
    }
}

fn is_ready(link: &SignInLink, now: Timestamp) -> bool {
    link.used_at.is_none() && now < link.expires_at
}

fn new_person(email: String, now: Timestamp) -> Person {
    Person {
        id: PersonId::new(now, entropy::draw()),
        email,
        name: String::new(),
        roles: BTreeSet::new(),
        created_at: now,
        version: 1,
    }
}

/// An address in lower case, or what to do about it. The link that is mailed to it proves it.
pub fn read_email(text: &str) -> Result<String, ServiceError> {
    let text = text.trim().to_lowercase();
    let is_address = text.split_once('@').is_some_and(|(local, domain)| {
        let plain = |part: &str| {
            !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control())
        };
        plain(local)
            && plain(domain)
            && domain.contains('.')
            && !domain.contains('@')
            && !text.contains(['<', '>', '"', ',', ';'])
    });
    if is_address && text.chars().count() <= EMAIL_CHARACTERS_MAX {
        Ok(text)
    } else {
        let message = "Enter an email address, like name@example.edu";
        Err(ServiceError::field("email", message))
    }
}

fn read_name(text: &str) -> Result<String, ServiceError> {
    let text = text.trim();
    if text.chars().count() <= NAME_CHARACTERS_MAX && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        let message = format!("A name must be {NAME_CHARACTERS_MAX} characters or fewer");
        Err(ServiceError::field("name", message))
    }
}
