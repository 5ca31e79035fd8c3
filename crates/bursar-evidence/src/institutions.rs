//! Institutions: brought by a file of ROR's, looked for by name, and told by a mail address.

use bursar_institutions::ror::{Standing, sought};
use bursar_institutions::{Answer, Institution, look_up};
use bursar_kernel::{DomainList, MailDomain};
use bursar_policy::{Action, Viewer};
use bursar_service::{Service, ServiceError, allow, audit_line, batch_of};

/// Institutions that are brought in one go: one commit, which holds nobody up.
pub const TAKEN_AT_ONCE: usize = 500;
/// Institutions that a search answers with.
const FOUND_MAX: usize = 10;
/// Letters that a search needs: one alone finds anything.
const SOUGHT_MIN: usize = 2;
/// How often it is followed who came in whose place.
const STEPS_MAX: usize = 5;

/// What came of bringing institutions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Those that were not there.
    pub new: usize,
    /// Those that are different now.
    pub changed: usize,
    /// Those that were there as they are.
    pub same: usize,
}

/// An institution that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// It, or what came in its place.
    pub institution: Institution,
    /// What was found and is no more, where this came in its place.
    pub was: Option<String>,
}

/// Takes institutions over what is known of them. The same ones again change nothing.
pub async fn take_institutions(
    service: &Service,
    viewer: &Viewer,
    brought: Vec<Institution>,
) -> Result<Taken, ServiceError> {
    allow(viewer, Action::Operate)?;
    if TAKEN_AT_ONCE < brought.len() {
        let text = format!(
            "take {} institutions at once\nhint: bring up to {TAKEN_AT_ONCE} at a time",
            brought.len()
        );
        return Err(ServiceError::Refused(text));
    }
    let mut taken = Taken::default();
    let mut batch = batch_of(viewer, service.now())?;
    for institution in brought {
        match service.store().institution(institution.ror.clone()).await? {
            Some(known) if known == institution => {
                taken.same += 1;
                continue;
            }
            Some(_) => taken.changed += 1,
            None => taken.new += 1,
        }
        batch = batch.with(institution);
    }
    if taken.new != 0 || taken.changed != 0 {
        let said = format!("{} new, {} changed", taken.new, taken.changed);
        let line = audit_line(&batch, "institutions.taken", "institutions", said);
        service.commit(batch.with(line)).await?;
    }
    Ok(taken)
}

/// Institutions with a name in which each word that was typed begins a word. Those that are no more
/// are found as what came in their place, or not at all.
pub async fn institutions(service: &Service, text: &str) -> Result<Vec<Found>, ServiceError> {
    let words = sought(text);
    if words.iter().map(|word| word.chars().count()).sum::<usize>() < SOUGHT_MIN {
        return Ok(Vec::new());
    }
    let mut found: Vec<Found> = Vec::new();
    for named in service.store().institutions_named(words).await? {
        let name = named.name.clone();
        for institution in present(service, named).await? {
            let is_there = |one: &Found| one.institution.ror == institution.ror;
            if !found.iter().any(is_there) {
                let was = (institution.name != name && institution.all_names().all(|n| n != name))
                    .then(|| name.clone());
                found.push(Found { institution, was });
            }
        }
        if FOUND_MAX <= found.len() {
            break;
        }
    }
    found.truncate(FOUND_MAX);
    Ok(found)
}

/// An institution by its id, with what came in its place where it is no more.
pub async fn institution(
    service: &Service,
    ror: &str,
) -> Result<Option<(Institution, Vec<Institution>)>, ServiceError> {
    let Some(known) = service.store().institution(ror.to_owned()).await? else { return Ok(None) };
    if known.standing == Standing::Active {
        return Ok(Some((known, Vec::new())));
    }
    let followed = present(service, known.clone()).await?;
    Ok(Some((known, followed)))
}

/// What is there now of an institution: itself, or what came in its place, however often.
async fn present(service: &Service, known: Institution) -> Result<Vec<Institution>, ServiceError> {
    let mut present = Vec::new();
    let (mut next, mut seen) = (vec![known], Vec::new());
    for _ in 0..STEPS_MAX {
        let mut followed = Vec::new();
        for institution in next {
            if institution.standing == Standing::Active {
                present.push(institution);
                continue;
            }
            for ror in institution.successors {
                if !seen.contains(&ror) {
                    seen.push(ror.clone());
                    followed.extend(service.store().institution(ror).await?);
                }
            }
        }
        next = followed;
    }
    Ok(present)
}

/// The domain of a mail address.
pub fn domain_of(address: &str) -> Option<MailDomain> {
    MailDomain::of(address)
}

/// What is known of a domain: what the lists say and, where they say nothing, what ROR does; the
/// institution's name, where somebody knows it.
pub async fn known_of(
    service: &Service,
    program: &DomainList,
    domain: &MailDomain,
) -> Result<Known, ServiceError> {
    let answer = look_up(domain, program, &service.institutions().domains);
    let said = match answer {
        Answer::FreeMail(_) => return Ok(Known::FreeMail),
        Answer::Refused { domain, .. } => return Ok(Known::Refused(domain.to_owned())),
        Answer::Academic { domain, name, .. } => Some((domain, name.map(|name| name.to_string()))),
        Answer::Unknown => None,
    };
    if let Some((domain, Some(name))) = said {
        return Ok(Known::Academic { domain: domain.to_owned(), institution: Some(name) });
    }
    let mut above = Some(domain.as_str());
    while let Some(text) = above.filter(|text| text.contains('.')) {
        for known in service.store().institutions_at(text.to_owned()).await? {
            if let Some(present) =
                present(service, known).await?.into_iter().find(Institution::is_academic)
            {
                let institution = Some(present.name);
                return Ok(Known::Academic { domain: text.to_owned(), institution });
            }
        }
        above = text.split_once('.').map(|(_, rest)| rest);
    }
    Ok(match said {
        Some((domain, institution)) => Known::Academic { domain: domain.to_owned(), institution },
        None => Known::Nothing,
    })
}

/// What is known of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// An institution gives such addresses.
    Academic {
        /// The domain, or one above it.
        domain: String,
        /// The institution, where somebody knows its name.
        institution: Option<String>,
    },
    /// Anybody may have such an address.
    FreeMail,
    /// A list says that it shows nothing: the domain, or one above it.
    Refused(String),
    /// Nothing: it may be an institution's all the same.
    Nothing,
}
