//! What is claimed, and who says whether it is so: a sponsor by a mailed link, or an officer.

use bursar_award::claims::{
    Claim, ClaimRefusal, ClaimState, Proof, REASON_CHARACTERS_MAX, SPONSOR_ANSWERS_WITHIN,
    may_claim,
};
use bursar_award::{Stage, State};
use bursar_kernel::program::EvidenceKind;
use bursar_kernel::{Actor, ApplicationId, ClaimId};
use bursar_letters::evidence as letters;
use bursar_policy::Viewer;
use bursar_post::Post as _;
use bursar_service::{
    Secret, Service, ServiceError, audit_line, batch_of, entropy, hash_of, read_email,
};
use bursar_store::{Batch, Expect, Row, Write};

use crate::institutions::Known;
use crate::standing::{Standing, address_says, for_officer, of_own};

/// Characters of a sponsor's name.
const NAME_CHARACTERS_MAX: usize = 120;

/// Somebody who can confirm it.
#[derive(Clone, Debug)]
pub struct NewSponsor<'n> {
    /// Their name.
    pub name: &'n str,
    /// Their mail address, at an institution.
    pub email: &'n str,
    /// What the applicant is to them.
    pub relation: &'n str,
}

/// What a sponsor is asked.
#[derive(Clone, Debug)]
pub struct Sponsored {
    /// The claim.
    pub claim: Claim,
    /// Who applies: name and address.
    pub applicant: (String, String),
    /// The program's name.
    pub program: String,
    /// What has to be shown.
    pub shows: String,
    /// Whether it can be answered now.
    pub is_open: bool,
}

/// Names somebody who can confirm it, who gets a letter. Their address has to be an institution's:
/// what a stranger's word is worth nobody could tell.
pub async fn name_sponsor(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    sponsor: NewSponsor<'_>,
) -> Result<ClaimId, ServiceError> {
    let standing = may_show(service, viewer, id, EvidenceKind::Sponsor).await?;
    let program = &standing.program;
    let name = line("name", sponsor.name, "Enter their name", NAME_CHARACTERS_MAX)?;
    let relation = text("relation", sponsor.relation, "Enter what you are to them")?;
    let email = read_email(sponsor.email)
        .map_err(|_| ServiceError::field("email", "Enter a mail address, like name@uni.example"))?;
    if email == standing.applicant.email {
        return Err(ServiceError::field("email", "Name somebody other than yourself"));
    }
    let said = address_says(service, program, &email).await?;
    let domain = said.domain.unwrap_or_default();
    let institution = match said.known {
        Known::Academic { institution, domain } => institution.unwrap_or(domain),
        Known::FreeMail => {
            let message = format!(
                "Anybody can have an address at {domain}: enter the one that \
                                   their institution gave them"
            );
            return Err(ServiceError::field("email", message));
        }
        Known::Refused(_) | Known::Nothing => {
            let message = format!(
                "No list has {domain} as an institution's: enter another \
                                   address of theirs, or show it in another way"
            );
            return Err(ServiceError::field("email", message));
        }
    };
    let now = service.now();
    let (secret, expires_at) = (Secret::draw(""), now + SPONSOR_ANSWERS_WITHIN);
    let what = Proof::Sponsor { name, email: email.clone(), institution, relation };
    let claim = Claim {
        secret_hash: Some(secret.hash()),
        expires_at: Some(expires_at),
        ..new_claim(service, &standing, what)
    };
    let Proof::Sponsor { relation, .. } = &claim.what else { return Ok(claim.id) };
    let url = format!("{}/sponsor/{}", service.base_url(), secret.reveal());
    let applicant = &standing.applicant;
    let who = if applicant.name.is_empty() { &applicant.email } else { &applicant.name };
    let who = (who.as_str(), applicant.email.as_str());
    let letter =
        letters::sponsor_asked(who, &program.name, &shows(&standing), relation, &url, expires_at);
    let batch = batch_of(viewer, now)?;
    let (name, line) = (claim.id, audit_line(&batch, "sponsor.named", id, claim.id.to_string()));
    let row = Write::Row(Row::Claim(Box::new(claim)), Expect::New);
    service.commit(batch.with(row).with(line).with(letter.to(&email, now))).await?;
    Ok(name)
}

/// Takes back what waits: the one who applies does.
pub async fn take_back(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    claim: ClaimId,
) -> Result<(), ServiceError> {
    service.own_application(viewer, id).await?;
    let row = of(service, id, claim).await?;
    let now = service.now();
    let withdrawn = row.withdrawn(now).map_err(refused)?;
    let batch = batch_of(viewer, now)?;
    let line = audit_line(&batch, "claim.withdrawn", id, claim.to_string());
    let write = Write::Row(Row::Claim(Box::new(withdrawn)), Expect::Version(row.version));
    service.commit(batch.with(write).with(line)).await?;
    Ok(())
}

/// What a sponsor is asked, for whoever holds the letter's link.
pub async fn sponsored(service: &Service, secret: &str) -> Result<Sponsored, ServiceError> {
    let missing = || ServiceError::NotFound("this question".to_owned());
    let claim = service.store().claim_by_secret(hash_of(secret)).await?.ok_or_else(missing)?;
    if matches!(claim.state, ClaimState::Withdrawn { .. }) {
        return Err(missing());
    }
    let application = service.load_application(claim.application).await?;
    let program = service.program_of(&application)?;
    let applicant = service.person_of(claim.person).await?;
    let terms = program.eligibility.evidence.as_ref();
    Ok(Sponsored {
        is_open: claim.is_open(service.now()),
        applicant: (applicant.name, applicant.email),
        program: program.name.clone(),
        shows: terms.map(|terms| terms.shows.clone()).unwrap_or_default(),
        claim,
    })
}

/// A sponsor's answer. Whoever holds the letter's link answers, once.
pub async fn answer_as_sponsor(
    service: &Service,
    secret: &str,
    confirms: bool,
    said: &str,
) -> Result<(), ServiceError> {
    let Sponsored { claim, .. } = sponsored(service, secret).await?;
    let said = optional("said", said)?;
    let now = service.now();
    let answered = claim.answered(None, confirms, said, now).map_err(refused)?;
    let batch = Batch::new(Actor::Job("sponsor".to_owned()), now);
    let action = if confirms { "sponsor.confirmed" } else { "sponsor.denied" };
    commit_answer(service, batch, action, &claim, answered).await
}

/// An officer's verdict on what was claimed, with a reason.
pub async fn answer_claim(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    claim: ClaimId,
    accepts: bool,
    reason: &str,
) -> Result<(), ServiceError> {
    service.application_for_officer(viewer, id).await?;
    let row = of(service, id, claim).await?;
    if matches!(row.what, Proof::Sponsor { .. }) && accepts {
        let text = "confirm in a sponsor's place\nhint: give your own word instead";
        return Err(ServiceError::Refused(text.to_owned()));
    }
    let reason = text("reason", reason, "Enter why")?;
    let now = service.now();
    let answered = row.answered(viewer.person(), accepts, reason, now).map_err(refused)?;
    let action = if accepts { "claim.accepted" } else { "claim.refused" };
    commit_answer(service, batch_of(viewer, now)?, action, &row, answered).await
}

async fn commit_answer(
    service: &Service,
    batch: Batch,
    action: &str,
    before: &Claim,
    answered: Claim,
) -> Result<(), ServiceError> {
    let application = service.load_application(before.application).await?;
    let program = &service.program_of(&application)?.name;
    let applicant = service.person_of(before.person).await?;
    let (accepted, why) = match &answered.state {
        ClaimState::Accepted { reason, .. } => (true, reason.as_str()),
        ClaimState::Refused { reason, .. } => (false, reason.as_str()),
        ClaimState::Waiting | ClaimState::Withdrawn { .. } => (false, ""),
    };
    let what = match &before.what {
        Proof::Sponsor { name, .. } => format!("The word of {name}"),
        Proof::Document { .. } => "Your document".to_owned(),
        Proof::Officer => "An officer's word".to_owned(),
    };
    let url = format!("{}/applications/{}/evidence", service.base_url(), before.application);
    let letter = letters::claim_answered(program, &what, accepted, why, &url);
    let line = audit_line(&batch, action, before.application, before.id.to_string());
    let mail = letter.to(&applicant.email, batch.now);
    let write = Write::Row(Row::Claim(Box::new(answered)), Expect::Version(before.version));
    service.commit(batch.with(write).with(line).with(mail)).await?;
    Ok(())
}

/// An officer's own word that it is so, with a reason.
pub async fn vouch(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    reason: &str,
) -> Result<ClaimId, ServiceError> {
    let standing = for_officer(service, viewer, id).await?;
    accepts(&standing, EvidenceKind::Officer)?;
    let reason = text("reason", reason, "Enter what you know, and from where")?;
    let now = service.now();
    let state = ClaimState::Accepted { by: viewer.person(), at: now, reason };
    let claim = Claim { state, ..new_claim(service, &standing, Proof::Officer) };
    let batch = batch_of(viewer, now)?;
    let (name, line) = (claim.id, audit_line(&batch, "claim.vouched", id, claim.id.to_string()));
    let row = Write::Row(Row::Claim(Box::new(claim)), Expect::New);
    service.commit(batch.with(row).with(line)).await?;
    Ok(name)
}

/// What the one who applies may show now, by this kind of evidence.
pub(crate) async fn may_show(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
    kind: EvidenceKind,
) -> Result<Standing, ServiceError> {
    let standing = of_own(service, viewer, id).await?;
    let state = standing.application.state;
    if state != State::Draft && state.stage() != Stage::Submitted {
        let text = "show anything once an application is decided\nhint: show it with the next one";
        return Err(ServiceError::Refused(text.to_owned()));
    }
    accepts(&standing, kind)?;
    let made = service.store().claims_of(standing.applicant.id).await?;
    may_claim(&made, service.now()).map_err(refused)?;
    Ok(standing)
}

fn accepts(standing: &Standing, kind: EvidenceKind) -> Result<(), ServiceError> {
    let terms = standing.program.eligibility.evidence.as_ref();
    if terms.is_some_and(|terms| terms.of(kind).is_some()) {
        return Ok(());
    }
    let text = format!(
        "show it by {}: this program does not accept that\nhint: its guide says what it accepts",
        kind.words()
    );
    Err(ServiceError::Refused(text))
}

pub(crate) fn new_claim(service: &Service, standing: &Standing, what: Proof) -> Claim {
    let now = service.now();
    Claim {
        id: ClaimId::new(now, entropy::draw()),
        person: standing.applicant.id,
        application: standing.application.id,
        program: standing.program.id.clone(),
        what,
        state: ClaimState::Waiting,
        made_at: now,
        secret_hash: None,
        expires_at: None,
        version: 1,
    }
}

fn shows(standing: &Standing) -> String {
    let terms = standing.program.eligibility.evidence.as_ref();
    terms.map(|terms| terms.shows.clone()).unwrap_or_default()
}

pub(crate) async fn of(
    service: &Service,
    id: ApplicationId,
    claim: ClaimId,
) -> Result<Claim, ServiceError> {
    let found = service.store().claim(claim).await?;
    let found = found.filter(|claim| claim.application == id);
    found.ok_or_else(|| ServiceError::NotFound(format!("claim `{claim}`")))
}

pub(crate) fn refused(refusal: ClaimRefusal) -> ServiceError {
    ServiceError::Refused(refusal.to_string())
}

/// Paragraphs that have to be there.
pub(crate) fn text(field: &str, text: &str, missing: &str) -> Result<String, ServiceError> {
    let text = optional(field, text)?;
    if text.is_empty() { Err(ServiceError::field(field, missing)) } else { Ok(text) }
}

fn optional(field: &str, text: &str) -> Result<String, ServiceError> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if REASON_CHARACTERS_MAX < text.chars().count() {
        return Err(ServiceError::field(field, "This must be 2,000 characters or fewer"));
    }
    if text.contains(|letter: char| letter.is_control() && letter != '\n' && letter != '\t') {
        return Err(ServiceError::field(field, "This must not contain control characters"));
    }
    Ok(text)
}

pub(crate) fn line(
    field: &str,
    given: &str,
    missing: &str,
    most: usize,
) -> Result<String, ServiceError> {
    let line = text(field, given, missing)?;
    if line.contains(['\n', '\t']) || most < line.chars().count() {
        let message = format!("This must be one line of {most} characters or fewer");
        return Err(ServiceError::field(field, message));
    }
    Ok(line)
}
