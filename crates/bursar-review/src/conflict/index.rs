//! Reviewers by whatever a conflict can be found by, so that a round's applications are each
//! compared with those few reviewers that they have something in common with.

use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::{ApplicationId, MailDomain, PersonId, ror_id};

use super::names::{Name, folded};
use super::{About, FactError, ReviewerFacts, Somebody};

/// What something in common is common to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Of {
    /// The reviewer.
    Reviewer,
    /// One of their co-authors, by place.
    Coauthor(usize),
    /// One of the conflicts they declared, by place.
    Declared(usize),
}

/// A reviewer, by place, and what of theirs an entry is.
pub(super) type Entry = (usize, Of);

/// Reviewers by what they can be found by.
#[derive(Default)]
pub(super) struct Index {
    people: BTreeMap<PersonId, Vec<Entry>>,
    addresses: BTreeMap<String, Vec<Entry>>,
    words: BTreeMap<String, Vec<(Entry, Name)>>,
    /// Places of affiliations.
    institutions: BTreeMap<String, Vec<(usize, usize)>>,
    /// Places of affiliations by name, with whether their id is known.
    named_institutions: BTreeMap<String, Vec<(usize, usize, bool)>>,
    /// Places of declared conflicts.
    declared_institutions: BTreeMap<String, Vec<(usize, usize)>>,
    declared_applications: BTreeMap<ApplicationId, Vec<(usize, usize)>>,
    /// A reviewer's domain, and each above it, with the domain itself.
    domains: BTreeMap<String, Vec<(usize, String)>>,
}

/// How somebody was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    /// By their account or their address.
    Account,
    /// By their name.
    Name,
}

impl Index {
    /// All reviewers.
    pub(super) fn of(reviewers: &[ReviewerFacts]) -> Result<Self, FactError> {
        let mut index = Self::default();
        for (place, reviewer) in reviewers.iter().enumerate() {
            let own = Somebody {
                person: Some(reviewer.person),
                name: reviewer.name.clone(),
                addresses: reviewer.addresses.clone(),
            };
            index.somebody((place, Of::Reviewer), &own);
            for (number, coauthor) in reviewer.coauthors.iter().enumerate() {
                index.somebody((place, Of::Coauthor(number)), &coauthor.who);
            }
            for (number, affiliation) in reviewer.affiliations.iter().enumerate() {
                if let Some(text) = &affiliation.ror {
                    let ror = ror(text, reviewer.person)?;
                    index.institutions.entry(ror).or_default().push((place, number));
                }
                let list = index.named_institutions.entry(folded(&affiliation.name)).or_default();
                list.push((place, number, affiliation.ror.is_some()));
            }
            for text in &reviewer.domains {
                let domain = domain(text, reviewer.person)?;
                for above in upwards(domain.as_str()) {
                    let entry = (place, domain.as_str().to_owned());
                    index.domains.entry(above.to_owned()).or_default().push(entry);
                }
            }
            for (number, declared) in reviewer.declared.iter().enumerate() {
                match &declared.about {
                    About::Person(who) => index.somebody((place, Of::Declared(number)), who),
                    About::Application(application) => {
                        let list = index.declared_applications.entry(*application).or_default();
                        list.push((place, number));
                    }
                    About::Institution(text) => {
                        let ror = ror(text, reviewer.person)?;
                        index.declared_institutions.entry(ror).or_default().push((place, number));
                    }
                }
            }
        }
        Ok(index)
    }

    fn somebody(&mut self, entry: Entry, who: &Somebody) {
        if let Some(person) = who.person {
            self.people.entry(person).or_default().push(entry);
        }
        for address in &who.addresses {
            self.addresses.entry(plain(address)).or_default().push(entry);
        }
        if let Some(name) = Name::of(&who.name) {
            for word in name.words() {
                let list = self.words.entry(word.clone()).or_default();
                list.push((entry, name.clone()));
            }
        }
    }

    /// Reviewers and those around them who may be somebody, each as they are known best.
    pub(super) fn recognised(&self, who: &Somebody) -> BTreeMap<Entry, By> {
        let mut found = BTreeMap::new();
        if let Some(name) = Name::of(&who.name) {
            let alike = name.words().iter().filter_map(|word| self.words.get(word)).flatten();
            let alike = alike.filter(|(_, other)| name.may_be(other));
            found.extend(alike.map(|(entry, _)| (*entry, By::Name)));
        }
        let addresses = who.addresses.iter().map(|address| plain(address));
        let by_address = addresses.filter_map(|address| self.addresses.get(&address)).flatten();
        let by_person = who.person.and_then(|person| self.people.get(&person)).into_iter();
        found.extend(by_address.chain(by_person.flatten()).map(|entry| (*entry, By::Account)));
        found
    }

    /// Reviewers who are or were at an institution: their places, and their affiliations'. Where
    /// one of two ids is unknown their names are compared; two ids that differ are two places,
    /// whatever these are called.
    pub(super) fn at(&self, ror: Option<&str>, name: &str) -> BTreeSet<(usize, usize)> {
        let by_id = ror.and_then(|ror| self.institutions.get(ror)).into_iter().flatten().copied();
        let name = folded(name);
        let named = self.named_institutions.get(&name).filter(|_| !name.is_empty());
        let unsaid = |(_, _, has_id): &&(usize, usize, bool)| ror.is_none() || !has_id;
        let by_name = named.into_iter().flatten().filter(unsaid);
        by_id.chain(by_name.map(|(place, number, _)| (*place, *number))).collect()
    }

    /// Reviewers who declared an institution: their places, and their declarations'.
    pub(super) fn declared_institution(&self, ror: &str) -> &[(usize, usize)] {
        self.declared_institutions.get(ror).map_or(&[], Vec::as_slice)
    }

    /// Reviewers who declared an application: their places, and their declarations'.
    pub(super) fn declared_application(&self, application: ApplicationId) -> &[(usize, usize)] {
        self.declared_applications.get(&application).map_or(&[], Vec::as_slice)
    }

    /// Reviewers with a domain that is this one, lies below it or above it, with the higher of
    /// the two.
    pub(super) fn within(&self, domain: &MailDomain) -> BTreeSet<(usize, String)> {
        let mut found = BTreeSet::new();
        let own = domain.as_str();
        // Theirs is this one or below it.
        for (reviewer, _) in self.domains.get(own).into_iter().flatten() {
            found.insert((*reviewer, own.to_owned()));
        }
        // Theirs is above it.
        for above in upwards(own).skip(1) {
            for (reviewer, theirs) in self.domains.get(above).into_iter().flatten() {
                if theirs == above {
                    found.insert((*reviewer, above.to_owned()));
                }
            }
        }
        found
    }
}

/// An id as ROR writes it, without the address before it.
pub(super) fn ror(text: &str, whose: impl ToString) -> Result<String, FactError> {
    let id = ror_id(text).map(str::to_owned);
    id.ok_or_else(|| FactError::Ror { text: text.to_owned(), whose: whose.to_string() })
}

/// A domain as name servers compare it.
pub(super) fn domain(text: &str, whose: impl ToString) -> Result<MailDomain, FactError> {
    let domain = MailDomain::of(text);
    domain.ok_or_else(|| FactError::Domain { text: text.to_owned(), whose: whose.to_string() })
}

/// An address as it is compared.
fn plain(address: &str) -> String {
    address.trim().to_lowercase()
}

/// A domain and those above it, down to two labels.
fn upwards(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |domain| Some(domain.split_once('.')?.1))
        .take_while(|domain| domain.contains('.'))
}
