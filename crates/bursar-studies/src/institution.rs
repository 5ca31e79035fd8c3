//! Whom a program lets in: whether an address is of the institution of whoever holds a grant.

use bursar_award::claims::Proof;
use bursar_evidence::{AddressSaid, Known, address_says, shown_by};
use bursar_kernel::Program;
use bursar_kernel::program::EvidenceKind;
use bursar_kernel::program::WalletPeople;
use bursar_service::{Service, ServiceError};
use bursar_store::rows::Person;

/// Refuses an address that the program does not let spend a grant of this holder.
pub(crate) async fn check(
    service: &Service,
    program: &Program,
    holder: &Person,
    email: &str,
) -> Result<(), ServiceError> {
    match program.people {
        WalletPeople::Anyone => Ok(()),
        WalletPeople::None => {
            let text = "invite somebody to this grant: its program lets the holder spend it alone\n\
                        hint: whoever needs credit can apply to the program";
            Err(ServiceError::Refused(text.to_owned()))
        }
        WalletPeople::SameInstitution => {
            if is_of_the_same(service, program, holder, email).await? {
                return Ok(());
            }
            let message = "Enter an address of the holder's institution: the program lets nobody \
                           else spend a grant";
            Err(ServiceError::field("email", message))
        }
    }
}

/// An address at a domain that shows something is of the same institution where the domain is one
/// of the holder's own, or its institution one that the holder has shown. A domain at which anybody
/// may have an address shows nothing.
async fn is_of_the_same(
    service: &Service,
    program: &Program,
    holder: &Person,
    email: &str,
) -> Result<bool, ServiceError> {
    let theirs = address_says(service, program, email).await?;
    let Some(at) = place(&theirs) else { return Ok(false) };
    let mut addresses = vec![holder.email.clone()];
    let identities = service.store().identities(holder.id).await?;
    addresses.extend(identities.into_iter().filter_map(|identity| identity.email));
    for address in addresses {
        let own = address_says(service, program, &address).await?;
        if place(&own) == Some(at) || (named(&own).is_some() && named(&own) == named(&theirs)) {
            return Ok(true);
        }
    }
    let Some(institution) = named(&theirs) else { return Ok(false) };
    let shown = shown_by(service, program, holder).await?;
    let signed_in = shown.iter().filter(|it| it.kind == EvidenceKind::InstitutionSignIn);
    if signed_in.into_iter().any(|it| it.says == institution) {
        return Ok(true);
    }
    let claims = service.store().claims_of(holder.id).await?;
    let believed = claims.iter().filter(|claim| claim.shown_since().is_some());
    Ok(believed.into_iter().any(|claim| match &claim.what {
        Proof::Sponsor { institution: shown, .. } => shown == institution,
        Proof::Document { .. } | Proof::Officer => false,
    }))
}

/// The domain that an address counts by: the institution's, where a list knows it, and its own
/// where none does.
fn place(said: &AddressSaid) -> Option<&str> {
    match &said.known {
        Known::Academic { domain, .. } => Some(domain),
        Known::Nothing => said.domain.as_deref(),
        Known::FreeMail | Known::Refused(_) => None,
    }
}

fn named(said: &AddressSaid) -> Option<&str> {
    match &said.known {
        Known::Academic { institution, .. } => institution.as_deref(),
        Known::Nothing | Known::FreeMail | Known::Refused(_) => None,
    }
}
