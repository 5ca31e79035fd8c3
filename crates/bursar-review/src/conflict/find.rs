//! The comparison itself.

use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::{PersonId, Timestamp};
use jiff::{ToSpan as _, tz::TimeZone};

use super::index::{By, Entry, Index, Of, domain, ror};
use super::{
    ApplicationFacts, Conflict, FactError, Findings, Kind, ReviewerFacts, SetAside, Somebody,
    Source, Terms,
};

/// Finds who may not review what, at an instant.
///
/// Each reviewer and each application is listed once. What comes out does not depend on the order
/// of what goes in.
pub fn find(
    reviewers: &[ReviewerFacts],
    applications: &[ApplicationFacts],
    terms: Terms,
    now: Timestamp,
) -> Result<Findings, FactError> {
    let mut seen = BTreeSet::new();
    if let Some(twice) = reviewers.iter().find(|reviewer| !seen.insert(reviewer.person)) {
        return Err(FactError::ReviewerTwice(twice.person));
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = applications.iter().find(|one| !seen.insert(one.application)) {
        return Err(FactError::ApplicationTwice(twice.application));
    }
    let index = Index::of(reviewers)?;
    let mut findings = Findings::default();
    for application in applications {
        let mut search = Search { reviewers, application, terms, now, found: BTreeSet::new() };
        search.people(&index);
        search.institutions(&index)?;
        search.domains(&index)?;
        search.declared_applications(&index);
        search.also_applies();
        let found = search.found;
        judge(application, found, reviewers, &mut findings);
    }
    findings.conflicts.sort();
    findings.set_aside.sort_by(|a, b| a.conflict.cmp(&b.conflict));
    Ok(findings)
}

/// One application's conflicts while they are looked for.
struct Search<'f> {
    reviewers: &'f [ReviewerFacts],
    application: &'f ApplicationFacts,
    terms: Terms,
    now: Timestamp,
    found: BTreeSet<Conflict>,
}

impl Search<'_> {
    fn add(&mut self, place: usize, kind: Kind, source: Source, by: By, reason: String) {
        self.found.insert(Conflict {
            application: self.application.application,
            reviewer: self.reviewers[place].person,
            kind,
            source,
            by_name: by == By::Name,
            reason,
        });
    }

    fn people(&mut self, index: &Index) {
        for who in &self.application.people {
            for (entry, by) in index.recognised(who) {
                self.takes_part(who, entry, by);
            }
        }
        for who in &self.application.coauthors {
            for ((place, of), by) in index.recognised(who) {
                if of == Of::Reviewer {
                    let reason = match by {
                        By::Account => "is named as a co-author in the application".to_owned(),
                        By::Name => {
                            format!(
                                "has the name of a co-author in the application, {}",
                                shown(who)
                            )
                        }
                    };
                    self.add(place, Kind::Coauthor, Source::Found, by, reason);
                }
            }
        }
    }

    /// Somebody who takes part is a reviewer, or somebody whom a reviewer named.
    fn takes_part(&mut self, who: &Somebody, (place, of): Entry, by: By) {
        let reviewer = &self.reviewers[place];
        match of {
            Of::Reviewer => {
                let reason = match by {
                    By::Account => "is one of those who apply".to_owned(),
                    By::Name => format!("has the name of somebody who applies, {}", shown(who)),
                };
                self.add(place, Kind::OwnApplication, Source::Found, by, reason);
            }
            Of::Coauthor(number) => {
                let until = reviewer.coauthors[number].until;
                let years = self.terms.coauthor_years;
                if counts(until, years, self.now) {
                    let name = shown(who);
                    let since = ago(until, years);
                    let reason = format!("has written with {name}, who applies{since}");
                    self.add(place, Kind::Coauthor, Source::Declared, by, reason);
                }
            }
            Of::Declared(number) => {
                let words = &reviewer.declared[number].words;
                let reason = format!("declared a conflict with {}: {words}", shown(who));
                self.add(place, Kind::Declared, Source::Declared, by, reason);
            }
        }
    }

    fn institutions(&mut self, index: &Index) -> Result<(), FactError> {
        let years = self.terms.institution_years;
        for affiliation in &self.application.affiliations {
            let known = affiliation.ror.as_ref();
            let ror = known.map(|text| ror(text, self.application.application)).transpose()?;
            let name = match &ror {
                Some(ror) if affiliation.name.is_empty() => ror,
                Some(_) | None => &affiliation.name,
            };
            let declared = ror.as_ref().map(|ror| index.declared_institution(ror));
            for (place, number) in declared.into_iter().flatten() {
                let words = &self.reviewers[*place].declared[*number].words;
                let reason = format!("declared a conflict with {name}: {words}");
                self.add(*place, Kind::Declared, Source::Declared, By::Account, reason);
            }
            if !counts(affiliation.until, years, self.now) {
                continue;
            }
            for (place, number) in index.at(ror.as_deref(), &affiliation.name) {
                let until = self.reviewers[place].affiliations[number].until;
                if counts(until, years, self.now) {
                    let verb = if is_past(until, self.now) { "was" } else { "is" };
                    let since =
                        if is_past(until, self.now) { ago(until, years) } else { String::new() };
                    let reason = format!("{verb} at {name}, as somebody who applies{since}");
                    self.add(place, Kind::Institution, Source::Found, By::Account, reason);
                }
            }
        }
        Ok(())
    }

    fn domains(&mut self, index: &Index) -> Result<(), FactError> {
        for text in &self.application.domains {
            let domain = domain(text, self.application.application)?;
            for (place, common) in index.within(&domain) {
                let reason = format!("has an address at `{common}`, as somebody who applies has");
                self.add(place, Kind::MailDomain, Source::Found, By::Account, reason);
            }
        }
        Ok(())
    }

    fn declared_applications(&mut self, index: &Index) {
        for (place, number) in index.declared_application(self.application.application) {
            let words = &self.reviewers[*place].declared[*number].words;
            let reason = format!("declared a conflict: {words}");
            self.add(*place, Kind::Declared, Source::Declared, By::Account, reason);
        }
    }

    fn also_applies(&mut self) {
        if self.terms.applicants_review {
            return;
        }
        for place in 0..self.reviewers.len() {
            if self.reviewers[place].applies {
                let reason = "applies in the same round".to_owned();
                self.add(place, Kind::AlsoApplies, Source::Found, By::Account, reason);
            }
        }
    }
}

/// Takes the officer's word on what was found. Where two pins disagree, a conflict is one.
fn judge(
    application: &ApplicationFacts,
    mut found: BTreeSet<Conflict>,
    reviewers: &[ReviewerFacts],
    findings: &mut Findings,
) {
    let mut asides: BTreeMap<PersonId, &str> = BTreeMap::new();
    for pin in &application.pins {
        if !pin.conflict {
            let words = asides.entry(pin.reviewer).or_insert(&pin.words);
            *words = (*words).min(&pin.words);
        }
    }
    for pin in application.pins.iter().filter(|pin| pin.conflict) {
        asides.remove(&pin.reviewer);
        if reviewers.iter().any(|reviewer| reviewer.person == pin.reviewer) {
            found.insert(Conflict {
                application: application.application,
                reviewer: pin.reviewer,
                kind: Kind::Pinned,
                source: Source::Pinned,
                by_name: false,
                reason: format!("has a conflict, an officer says: {}", pin.words),
            });
        }
    }
    for conflict in found {
        match asides.get(&conflict.reviewer).filter(|_| can_be_set_aside(&conflict)) {
            Some(words) => {
                let words = (*words).to_owned();
                findings.set_aside.push(SetAside { conflict, words });
            }
            None => findings.conflicts.push(conflict),
        }
    }
}

/// Whether an officer can set a conflict aside: what was found, and what rests on a name alone.
pub fn can_be_set_aside(conflict: &Conflict) -> bool {
    let is_own = conflict.kind == Kind::OwnApplication;
    conflict.by_name || (conflict.source == Source::Found && !is_own)
}

/// Whether something that held until an instant still counts so many years later. The years are
/// the calendar's, in UTC, and half-open: after exactly so many years it counts no longer.
fn counts(until: Option<Timestamp>, years: u32, now: Timestamp) -> bool {
    until.is_none_or(|until| {
        let years = i64::from(years).min(YEARS_MAX).years();
        let end = until.to_zoned(TimeZone::UTC).checked_add(years);
        end.map_or(true, |end| now < end.timestamp())
    })
}

/// More years than anybody lives.
const YEARS_MAX: i64 = 1_000;

fn is_past(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_some_and(|until| until <= now)
}

/// ` until 2025-06-30; the program counts 3 years`.
fn ago(until: Option<Timestamp>, years: u32) -> String {
    until.map_or_else(String::new, |until| {
        let day = until.to_zoned(TimeZone::UTC).date();
        let unit = if years == 1 { "year" } else { "years" };
        format!(", until {day}; the program counts {years} {unit}")
    })
}

fn shown(who: &Somebody) -> String {
    match (who.name.trim(), who.addresses.first()) {
        ("", Some(address)) => format!("`{address}`"),
        ("", None) => "somebody".to_owned(),
        (name, _) => name.to_owned(),
    }
}
