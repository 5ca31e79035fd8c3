//! What is known, in sentences.

use bursar_award::claims::{Claim, ClaimState, Proof};
use bursar_evidence::{AddressSaid, Known};
use bursar_kernel::{ApplicationId, Program, Timestamp};
use bursar_pages::evidence::{ClaimShown, ShownRow};
use bursar_pages::screening::FindingShown;
use bursar_program::evidence::{Weighed, in_words};
use bursar_ui::{Status, Tone, routes};

/// The beginning of a sentence.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// What an address says; where that is nothing, at once what else would do.
pub(crate) fn address(said: &AddressSaid, whose: &str, else_would_do: &str) -> String {
    let Some(domain) = &said.domain else {
        return format!("{whose} has no domain that could be looked up.{else_would_do}");
    };
    match &said.known {
        Known::Academic { institution: Some(name), .. } => {
            format!("{whose}, at {domain}, is one of {name}.")
        }
        Known::Academic { institution: None, .. } => {
            format!("{whose}, at {domain}, is one of an academic institution.")
        }
        Known::FreeMail => {
            format!("Anybody can have an address at {domain}: it shows nothing.{else_would_do}")
        }
        Known::Refused(listed) => {
            format!("Addresses at {listed} show no affiliation.{else_would_do}")
        }
        Known::Nothing => {
            format!(
                "No list has {domain} as an institution's, and that is held against nobody.\
                 {else_would_do}"
            )
        }
    }
}

/// What else would do: what the program accepts, without the address itself.
pub(crate) fn else_would_do(program: &Program) -> String {
    use bursar_kernel::program::EvidenceKind;
    let Some(terms) = &program.eligibility.evidence else { return String::new() };
    let ways: Vec<_> = bursar_program::evidence::ways(terms, 0)
        .into_iter()
        .filter(|way| way.kind != EvidenceKind::MailDomain)
        .collect();
    if ways.is_empty() {
        return String::new();
    }
    format!(" What would do: {}.", in_words(&ways))
}

pub(crate) fn row(program: &Program, weighed: &Weighed) -> ShownRow {
    let terms = program.eligibility.evidence.as_ref();
    let label = weighed.level.and_then(|level| Some(terms?.label(level).to_owned()));
    let status = match (&label, weighed.holds) {
        (Some(label), true) => Status::new(Tone::Good, label.clone()),
        (Some(_), false) => Status::new(Tone::Neutral, "Not believed any more"),
        (None, _) => Status::new(Tone::Neutral, "Not accepted"),
    };
    ShownRow {
        kind: capital(weighed.shown.kind.words()),
        says: weighed.shown.says.clone(),
        status,
        since: weighed.shown.since,
        until: label.map(|_| weighed.until),
    }
}

pub(crate) fn claim(id: ApplicationId, claim: &Claim, now: Timestamp, is_own: bool) -> ClaimShown {
    let (what, says) = match &claim.what {
        Proof::Sponsor { name, email, institution, relation } => {
            (format!("The word of {name} ({email}), {institution}"), relation.clone())
        }
        Proof::Document { says, .. } => ("A document".to_owned(), says.clone()),
        Proof::Officer => ("An officer's word".to_owned(), String::new()),
    };
    let (status, reason) = match &claim.state {
        ClaimState::Waiting if !claim.is_open(now) => {
            (Status::new(Tone::Neutral, "Not answered in time"), None)
        }
        ClaimState::Waiting => {
            let whom = match claim.what {
                Proof::Sponsor { .. } => "Waits for them",
                Proof::Document { .. } | Proof::Officer => "Waits for an officer",
            };
            (Status::new(Tone::Info, whom), None)
        }
        ClaimState::Accepted { reason, .. } => {
            (Status::new(Tone::Good, "Counts"), Some(reason.clone()))
        }
        ClaimState::Refused { reason, .. } => {
            (Status::new(Tone::Warning, "Does not count"), Some(reason.clone()))
        }
        ClaimState::Withdrawn { .. } => (Status::new(Tone::Neutral, "Taken back"), None),
    };
    let is_document = matches!(claim.what, Proof::Document { .. });
    let is_open = claim.is_open(now);
    ClaimShown {
        what,
        says,
        status,
        reason: reason.filter(|reason| !reason.is_empty()),
        at: claim.made_at,
        document: is_document.then(|| routes::claim_document(id, claim.id)),
        take_back: (is_own && is_open).then(|| routes::claim_take_back(id, claim.id)),
    }
}

/// An officer's exception, among what the rules find.
pub(crate) fn exception_finding(until: Timestamp, program: &Program) -> FindingShown {
    let day = until.to_zoned(program.review.zone.clone()).strftime("%-d %B %Y, %H:%M").to_string();
    FindingShown {
        question: "Exception".to_owned(),
        answer: "Made by an officer".to_owned(),
        verdict: Status::new(Tone::Info, "Exception"),
        reason: format!("Until {day} the rules do not stop this application."),
        advice: None,
    }
}
