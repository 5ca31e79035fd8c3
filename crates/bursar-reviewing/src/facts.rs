//! What is known of reviewers and applications, as the rules compare it.

use std::collections::{BTreeMap, BTreeSet};

use bursar_award::Application;
use bursar_award::panel::{Conflict, ConflictSource};
use bursar_evidence::{Known as KnownDomain, known_of};
use bursar_kernel::program::FieldKind;
use bursar_kernel::{DomainList, MailDomain, PersonId, Program, Timestamp, institution_of};
use bursar_review::conflict::{
    About, Affiliation, ApplicationFacts, Coauthor, Declared, Findings, Pin, ReviewerFacts,
    Somebody, Terms, find,
};
use bursar_service::{Service, ServiceError};
use bursar_store::rows::Person;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::round::{Known, Reviewed};

/// Which conflicts there are in a round, as far as anybody can tell.
pub(crate) async fn findings(
    service: &Service,
    reviewed: &Reviewed,
) -> Result<Findings, ServiceError> {
    let mut domains = Domains { service, program: &reviewed.program, known: BTreeMap::new() };
    let mut reviewers = Vec::with_capacity(reviewed.reviewers.len());
    for known in &reviewed.reviewers {
        reviewers.push(reviewer(reviewed, known, &mut domains).await?);
    }
    let people: BTreeMap<PersonId, Person> =
        service.store().people().await?.into_iter().map(|person| (person.id, person)).collect();
    let mut applications = Vec::with_capacity(reviewed.applications.len());
    for one in &reviewed.applications {
        applications.push(application(reviewed, one, &people, &mut domains).await?);
    }
    let years = reviewed.panel.institution_years;
    // Whoever competes for the same money is no judge of it.
    let terms = Terms { institution_years: years, coauthor_years: years, applicants_review: false };
    find(&reviewers, &applications, terms, service.now())
        .map_err(|why| ServiceError::Refused(why.to_string()))
}

async fn reviewer(
    reviewed: &Reviewed,
    known: &Known,
    domains: &mut Domains<'_>,
) -> Result<ReviewerFacts, ServiceError> {
    let Known { person, profile } = known;
    let mut at = domains.of(&person.email).await?;
    let zone = &reviewed.program.review.zone;
    at.affiliations.extend(profile.institutions.iter().map(|one| Affiliation {
        ror: one.ror.clone(),
        name: one.name.clone(),
        until: one.until.and_then(|day| end_of(day, zone)),
    }));
    let coauthors = profile.coauthors.iter().map(|address| Coauthor {
        who: Somebody { addresses: vec![address.clone()], ..Somebody::default() },
        until: None,
    });
    let declared = reviewed.conflicts.iter().filter(|one| {
        one.person == person.id && one.stands() && one.source == ConflictSource::Declared
    });
    let declared = declared.map(|one| Declared {
        about: About::Application(one.application),
        words: one.because.clone(),
    });
    Ok(ReviewerFacts {
        person: person.id,
        name: person.name.clone(),
        addresses: vec![person.email.clone()],
        domains: at.domains,
        affiliations: at.affiliations,
        coauthors: coauthors.collect(),
        declared: declared.collect(),
        applies: reviewed.applications.iter().any(|one| one.applicant == person.id),
    })
}

async fn application(
    reviewed: &Reviewed,
    one: &Application,
    people: &BTreeMap<PersonId, Person>,
    domains: &mut Domains<'_>,
) -> Result<ApplicationFacts, ServiceError> {
    let mut somebody = Vec::new();
    if let Some(applicant) = people.get(&one.applicant) {
        somebody.push(of_person(applicant));
    }
    let now = domains.service.now();
    for member in domains.service.store().members(one.id).await? {
        if member.is_open(now) {
            let known = member.person.and_then(|id| people.get(&id)).map(of_person);
            let addressed =
                || Somebody { addresses: vec![member.email.clone()], ..Somebody::default() };
            somebody.push(known.unwrap_or_else(addressed));
        }
    }
    let mut at = At::default();
    for address in somebody.iter().flat_map(|one| &one.addresses) {
        let more = domains.of(address).await?;
        at.domains.extend(more.domains);
        at.affiliations.extend(more.affiliations);
    }
    let program = domains.service.program_of(one)?;
    let is_institution = |kind: &FieldKind| matches!(kind, FieldKind::Institution);
    let named = program.form.iter().filter(|field| is_institution(&field.kind));
    for answer in named.filter_map(|field| one.answers.get(&field.id)) {
        let (name, ror) = institution_of(answer);
        at.affiliations.push(Affiliation {
            ror: ror.map(str::to_owned),
            name: name.to_owned(),
            until: None,
        });
    }
    let pins = reviewed.conflicts.iter().filter(|pin| pin.application == one.id && pin.stands());
    Ok(ApplicationFacts {
        application: one.id,
        people: somebody,
        domains: at.domains,
        affiliations: at.affiliations,
        coauthors: Vec::new(),
        pins: pins.filter_map(pin).collect(),
    })
}

fn pin(written: &Conflict) -> Option<Pin> {
    let conflict = match written.source {
        ConflictSource::Pinned => true,
        ConflictSource::Cleared => false,
        ConflictSource::Declared => return None,
    };
    Some(Pin { reviewer: written.person, conflict, words: written.because.clone() })
}

fn of_person(person: &Person) -> Somebody {
    Somebody {
        person: Some(person.id),
        name: person.name.clone(),
        addresses: vec![person.email.clone()],
    }
}

fn end_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let next = day.tomorrow().ok()?;
    next.to_zoned(zone.clone()).ok().map(|end| end.timestamp())
}

/// What an address says of where somebody is.
#[derive(Clone, Default)]
struct At {
    domains: Vec<String>,
    affiliations: Vec<Affiliation>,
}

/// What domains say, each asked about once.
struct Domains<'s> {
    service: &'s Service,
    program: &'s Program,
    known: BTreeMap<String, At>,
}

impl Domains<'_> {
    async fn of(&mut self, address: &str) -> Result<At, ServiceError> {
        let Some(domain) = MailDomain::of(address) else { return Ok(At::default()) };
        if let Some(known) = self.known.get(domain.as_str()) {
            return Ok(known.clone());
        }
        let terms = self.program.eligibility.evidence.as_ref();
        let own = terms.map_or_else(DomainList::default, |terms| terms.domains.clone());
        let found = match known_of(self.service, &own, &domain).await? {
            KnownDomain::Academic { domain, institution } => {
                At { affiliations: self.at(&domain, institution).await?, domains: vec![domain] }
            }
            KnownDomain::FreeMail => At::default(),
            // Nobody knows the domain, or it shows no affiliation: it is one house's all the same.
            KnownDomain::Refused(_) | KnownDomain::Nothing => {
                At { domains: vec![domain.as_str().to_owned()], affiliations: Vec::new() }
            }
        };
        self.known.insert(domain.as_str().to_owned(), found.clone());
        Ok(found)
    }

    async fn at(
        &self,
        domain: &str,
        name: Option<String>,
    ) -> Result<Vec<Affiliation>, ServiceError> {
        let records = self.service.store().institutions_at(domain.to_owned()).await?;
        let recorded = records.into_iter().map(|record| Affiliation {
            ror: Some(record.ror),
            name: record.name,
            until: None,
        });
        let named = name.map(|name| Affiliation { ror: None, name, until: None });
        Ok(recorded.chain(named).collect())
    }
}

/// What an application is about, in the labels of the program's topics.
pub(crate) fn topics(reviewed: &Reviewed, one: &Application) -> BTreeSet<String> {
    let field = reviewed.panel.topics.as_ref();
    let answer = field.and_then(|field| one.answers.get(field));
    let chosen = answer.into_iter().flat_map(|answer| answer.lines().map(str::to_owned));
    labels(&reviewed.program, chosen)
}

/// What a reviewer knows, in the same labels.
pub(crate) fn known_topics(reviewed: &Reviewed, known: &Known) -> BTreeSet<String> {
    labels(&reviewed.program, known.profile.topics_of(&reviewed.program.id).into_iter())
}

fn labels(program: &Program, values: impl Iterator<Item = String>) -> BTreeSet<String> {
    let options = options(program);
    let label = |value: String| {
        let known = options.iter().find(|(option, _)| *option == value);
        known.map(|(_, label)| label.clone())
    };
    values.filter_map(label).collect()
}

/// What an application of a program can be about: values and labels.
pub(crate) fn options(program: &Program) -> Vec<(String, String)> {
    let id = program.panel.as_ref().and_then(|panel| panel.topics.as_ref());
    let field = program.form.iter().find(|field| Some(&field.id) == id);
    match field.map(|field| &field.kind) {
        Some(FieldKind::Choice { options } | FieldKind::Choices { options, .. }) => options.clone(),
        Some(_) | None => Vec::new(),
    }
}
