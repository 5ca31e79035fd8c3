//! What somebody has shown, as a program takes it, and what is missing.

use std::sync::Arc;

use bursar_award::Application;
use bursar_award::claims::{Claim, Proof};
use bursar_kernel::program::EvidenceKind;
use bursar_kernel::{ApplicationId, DomainList, MailDomain, Program, Timestamp};
use bursar_policy::Viewer;
use bursar_program::evidence::{Evidence, Shown, WayToShow, ways, weigh};
use bursar_service::{Service, ServiceError};
use bursar_store::rows::Person;

use crate::institutions::{Known, known_of};

/// What somebody has shown with an application.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The application.
    pub application: Application,
    /// The edition of its program.
    pub program: Arc<Program>,
    /// Who applies.
    pub applicant: Person,
    /// What is shown, and how well.
    pub evidence: Evidence,
    /// What was claimed with this application, the latest first.
    pub claims: Vec<Claim>,
    /// What their own address says.
    pub address: AddressSaid,
    /// Until when they may apply whatever the rules say, where an officer said so.
    pub exception: Option<Timestamp>,
}

impl Standing {
    /// The level that is missing for something, with what would reach it.
    pub fn missing(&self, needed: Option<usize>) -> Option<(usize, Vec<WayToShow>)> {
        let terms = self.program.eligibility.evidence.as_ref()?;
        let level = needed.filter(|level| !self.evidence.reaches(*level))?;
        Some((level, ways(terms, level)))
    }
}

/// What an address says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressSaid {
    /// Its domain; `None` where it is no address.
    pub domain: Option<String>,
    /// What is known of that.
    pub known: Known,
}

/// What a program's lists, the operator's and those that ship say of an address. Nothing is kept.
pub async fn address_says(
    service: &Service,
    program: &Program,
    address: &str,
) -> Result<AddressSaid, ServiceError> {
    let Some(domain) = MailDomain::of(address) else {
        return Ok(AddressSaid { domain: None, known: Known::Nothing });
    };
    let known = known_of(service, &own_list(program), &domain).await?;
    Ok(AddressSaid { domain: Some(domain.as_str().to_owned()), known })
}

fn own_list(program: &Program) -> DomainList {
    let terms = program.eligibility.evidence.as_ref();
    terms.map(|terms| terms.domains.clone()).unwrap_or_default()
}

/// What somebody has shown, by their account and by what was claimed for them. It is asked anew
/// each time: lists change, and what is removed from an account shows nothing any more.
pub async fn shown_by(
    service: &Service,
    program: &Program,
    person: &Person,
) -> Result<Vec<Shown>, ServiceError> {
    let store = service.store();
    let mut shown = Vec::new();
    // Whoever is signed in has shown that the address is theirs, by its link or by a provider.
    let latest = store.sessions(person.id, service.now(), 1).await?;
    let since = latest.first().map_or(person.created_at, |session| session.created_at);
    let mut addresses = vec![(person.email.clone(), since)];
    for identity in store.identities(person.id).await? {
        addresses.extend(identity.email.map(|email| (email, identity.at)));
        if let Some(orcid) = identity.orcid {
            let kind = EvidenceKind::Orcid;
            shown.push(Shown { kind, says: orcid, since: identity.at });
        }
        let providers = &service.institutions().providers;
        if let Some((_, name)) = providers.iter().find(|(name, _)| *name == identity.provider) {
            let kind = EvidenceKind::InstitutionSignIn;
            shown.push(Shown { kind, says: name.clone(), since: identity.at });
        }
    }
    let mut domains: Vec<String> = Vec::new();
    for (address, since) in addresses {
        let said = address_says(service, program, &address).await?;
        let Known::Academic { domain, institution } = said.known else { continue };
        if domains.contains(&domain) {
            continue;
        }
        let says = institution.map_or_else(|| domain.clone(), |name| format!("{name} ({domain})"));
        domains.push(domain);
        shown.push(Shown { kind: EvidenceKind::MailDomain, says, since });
    }
    for claim in store.claims_of(person.id).await? {
        let Some(since) = claim.shown_since() else { continue };
        let says = match &claim.what {
            Proof::Sponsor { name, institution, .. } => format!("{name}, {institution}"),
            Proof::Document { says, .. } => says.clone(),
            Proof::Officer => "An officer's word".to_owned(),
        };
        shown.push(Shown { kind: claim.kind(), says, since });
    }
    Ok(shown)
}

/// What the one who applies has shown.
pub async fn of_own(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<Standing, ServiceError> {
    let application = service.own_application(viewer, id).await?;
    of(service, application).await
}

/// The same, for officers.
pub async fn for_officer(
    service: &Service,
    viewer: &Viewer,
    id: ApplicationId,
) -> Result<Standing, ServiceError> {
    let page = service.application_for_officer(viewer, id).await?;
    of(service, page.application).await
}

pub(crate) async fn of(
    service: &Service,
    application: Application,
) -> Result<Standing, ServiceError> {
    let program = Arc::clone(service.program_of(&application)?);
    let applicant = service.person_of(application.applicant).await?;
    let now = service.now();
    let shown = shown_by(service, &program, &applicant).await?;
    let mut claims = service.store().claims_with(application.id).await?;
    claims.reverse();
    Ok(Standing {
        evidence: weigh(&program, shown, now),
        address: address_says(service, &program, &applicant.email).await?,
        exception: crate::appeals::exception(service, &program, &applicant.email).await?,
        claims,
        application,
        program,
        applicant,
    })
}
