//! The outbox, for whoever runs the installation: how far each mail is, another try, and what came
//! back from where.

use bursar_kernel::{MailId, Role};
use bursar_letters::{Kind, Letter};
use bursar_outbox::{Address, Delivery, NotNow, REASON_CHARACTERS_MAX, State};
use bursar_policy::{Action, Viewer};
use bursar_post::{Post as _, came_back, way};
use bursar_service::{Service, ServiceError, allow, audit_line, batch_of};
use bursar_store::DeliveryFilter;
use bursar_store::rows::Mail;

/// Characters of an address, or of the name of a message.
const NAMED_CHARACTERS_MAX: usize = 320;

/// A mail, and how far it is; nobody has looked at one that is nowhere.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The mail.
    pub mail: Mail,
    /// How far it is.
    pub way: Option<Delivery>,
}

/// What was reported to have come back.
#[derive(Clone, Debug)]
pub struct CameBack {
    /// The address.
    pub email: String,
    /// Which mail, if it is known.
    pub mail: Option<MailId>,
}

/// The latest mails, newest first, `limit` at the most; those that stand so, if it is said how.
pub async fn outbox(
    service: &Service,
    viewer: &Viewer,
    state: Option<State>,
    limit: usize,
) -> Result<Vec<Posted>, ServiceError> {
    allow(viewer, Action::Operate)?;
    let store = service.store();
    if let Some(state) = state {
        let mut found = Vec::new();
        for way in store.deliveries(DeliveryFilter::In(state), limit).await? {
            if let Some(mail) = store.mail(way.mail).await? {
                found.push(Posted { mail, way: Some(way) });
            }
        }
        return Ok(found);
    }
    let mails = store.mails(limit).await?;
    let of = DeliveryFilter::Of(mails.iter().map(|mail| mail.id).collect());
    let ways = store.deliveries(of, limit).await?;
    let with_way = |mail: Mail| {
        let way = ways.iter().find(|way| way.mail == mail.id).cloned();
        Posted { mail, way }
    };
    Ok(mails.into_iter().map(with_way).collect())
}

/// One mail, with how far it is.
pub async fn posted(
    service: &Service,
    viewer: &Viewer,
    id: MailId,
) -> Result<Posted, ServiceError> {
    allow(viewer, Action::Operate)?;
    let mail = service.store().mail(id).await?;
    let mail = mail.ok_or_else(|| ServiceError::NotFound(format!("mail `{id}`")))?;
    let way = service.store().deliveries(DeliveryFilter::Of(vec![id]), 1).await?.pop();
    Ok(Posted { mail, way })
}

/// Has a mail tried again, from the beginning.
pub async fn retry_mail(
    service: &Service,
    viewer: &Viewer,
    id: MailId,
) -> Result<Posted, ServiceError> {
    let Posted { mail, way: before } = posted(service, viewer, id).await?;
    let now = service.now();
    let delivery = before.unwrap_or_else(|| Delivery::new(id, now));
    let version = delivery.version;
    let refused = |text: &str| ServiceError::Refused(format!("try mail `{id}` again: {text}"));
    if mail.sent_at.is_some() && delivery.state != State::CameBack {
        return Err(refused("the relay has taken it\nhint: a mail goes out once"));
    }
    if mail.useless_after.is_some_and(|after| after <= now) {
        return Err(refused("what it says is of no use any more\nhint: have a new one written"));
    }
    let next = delivery.again(now).map_err(|why| match why {
        NotNow::Sent => refused("the relay has taken it\nhint: a mail goes out once"),
        NotNow::Sending => refused("a server is at it now\nhint: look again in ten minutes"),
        NotNow::Held => refused(
            "mail to its address comes back\nhint: it goes out once its recipient has signed in \
             by a link that was mailed there",
        ),
    })?;
    let batch = batch_of(viewer, now)?;
    let line = audit_line(&batch, "mail.retried", id, "");
    service.store().commit(batch.with(way(version, next.clone())).with(line)).await?;
    Ok(Posted { mail, way: Some(next) })
}

/// Writes a letter that says that mail goes out.
pub async fn send_trial(
    service: &Service,
    viewer: &Viewer,
    email: &str,
) -> Result<Posted, ServiceError> {
    allow(viewer, Action::Operate)?;
    let email = bursar_service::read_email(email)?;
    let now = service.now();
    let mail = bursar_letters::trial(service.base_url()).to(&email, now);
    let batch = batch_of(viewer, now)?;
    let line = audit_line(&batch, "mail.trial", mail.id, "");
    service.store().commit(batch.with(mail.clone()).with(line)).await?;
    Ok(Posted { mail, way: None })
}

/// Somebody reports that mail came back: from an address, or a mail by its name, its message's
/// name, or the tagged address that it was sent from. Mail to the address is held until its holder
/// shows that it arrives.
pub async fn report_bounce(
    service: &Service,
    viewer: &Viewer,
    of: &str,
    why: &str,
) -> Result<CameBack, ServiceError> {
    allow(viewer, Action::Operate)?;
    let of = of.trim();
    if of.is_empty() || NAMED_CHARACTERS_MAX < of.chars().count() {
        let message = "Name a mail, a message or an address";
        return Err(ServiceError::field("of", message));
    }
    if why.trim().is_empty() || REASON_CHARACTERS_MAX < why.chars().count() {
        let message =
            format!("Say why it came back, in at most {REASON_CHARACTERS_MAX} characters");
        return Err(ServiceError::field("why", message));
    }
    let store = service.store();
    let (email, mail) = match mail_named(of) {
        Some(id) => {
            let mail = store.mail(id).await?;
            let mail = mail.ok_or_else(|| ServiceError::NotFound(format!("mail `{id}`")))?;
            (mail.to, Some(id))
        }
        None => (bursar_service::read_email(of)?, None),
    };
    let now = service.now();
    let batch = batch_of(viewer, now)?;
    let subject = mail.map_or_else(|| "an address".to_owned(), |id| id.to_string());
    let line = audit_line(&batch, "mail.bounced", subject, why.trim());
    let mut batch = batch.with(line);
    for write in came_back(&**store, &email, mail, why, now).await? {
        batch = batch.with(write);
    }
    service.store().commit(batch).await?;
    Ok(CameBack { email, mail })
}

/// The mail that a text names: `mail_…`, `<mail_…@example.edu>`, `bounces+mail_…@example.edu`.
fn mail_named(text: &str) -> Option<MailId> {
    let text = text.trim_matches(['<', '>']);
    let local = text.split_once('@').map_or(text, |(local, _)| local);
    let tag = local.rsplit_once('+').map_or(local, |(_, tag)| tag);
    tag.parse().ok()
}

/// The addresses that mail came back from, `limit` at the most.
pub async fn bounced_addresses(
    service: &Service,
    viewer: &Viewer,
    limit: usize,
) -> Result<Vec<Address>, ServiceError> {
    allow(viewer, Action::Operate)?;
    Ok(service.store().bounced_addresses(limit).await?)
}

/// What is known of an address, to who sees to its holder, and to its holder.
pub async fn address_of(
    service: &Service,
    viewer: &Viewer,
    email: &str,
) -> Result<Option<Address>, ServiceError> {
    let is_theirs = match viewer.person() {
        Some(person) => {
            let person = service.store().person(person).await?;
            person.is_some_and(|person| person.email == email)
        }
        None => false,
    };
    if !is_theirs && !viewer.is(Role::Officer) {
        allow(viewer, Action::Operate)?;
    }
    Ok(service.store().address(email.to_owned()).await?)
}

/// Somebody says whether they want to be reminded of what comes.
pub async fn choose_reminders(
    service: &Service,
    viewer: &Viewer,
    wanted: bool,
) -> Result<(), ServiceError> {
    let id = viewer.person().ok_or(ServiceError::SignInFirst)?;
    let person = service.store().person(id).await?.ok_or(ServiceError::SignInFirst)?;
    let known = service.store().address(person.email.clone()).await?;
    let before = known.as_ref().map(|known| known.version);
    let address = known.unwrap_or_else(|| Address::new(&person.email));
    if address.reminders == wanted {
        return Ok(());
    }
    let batch = batch_of(viewer, service.now())?;
    let write = bursar_post::address(before, address.with_reminders(wanted));
    service.store().commit(batch.with(write)).await?;
    Ok(())
}

/// A letter by its sample.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Which letter.
    pub kind: &'static Kind,
    /// It.
    pub letter: Letter,
    /// The program that wrote it.
    pub program: String,
}

/// Every letter that there is, each as the first program would write it.
pub fn letters(service: &Service, viewer: &Viewer) -> Result<Vec<Sample>, ServiceError> {
    allow(viewer, Action::RunPrograms)?;
    let Some(program) = service.programs().first() else { return Ok(Vec::new()) };
    let sample = |kind: &'static Kind| {
        let (letter, program) = (kind.sample(program), program.name.clone());
        Sample { kind, letter, program }
    };
    Ok(bursar_letters::register().iter().map(sample).collect())
}
