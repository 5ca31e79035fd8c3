//! What is left of rows without what a person wrote, and without who they are. Pure.

use bursar_award::asking::Question;
use bursar_award::invitation::InvitationState;
use bursar_award::members::Member;
use bursar_award::participants::Participant;
use bursar_award::{Application, Earlier, Event, Progress, Review};
use bursar_kernel::{PersonId, Timestamp};
use bursar_outbox::NOBODYS;
use bursar_store::Reworded;
use bursar_store::rows::{CardCheck, Grant, Key, Person, Study, StudyTerms};

/// What stands where somebody had written something.
pub(super) const ERASED: &str = "(erased)";

/// The address of nobody that an erased person is known by: no mail can be sent there.
pub(super) fn nobodys_address(person: PersonId) -> String {
    format!("{person}{NOBODYS}")
}

pub(super) fn person(person: Person) -> Person {
    Person {
        email: nobodys_address(person.id),
        name: String::new(),
        version: person.version.saturating_add(1),
        ..person
    }
}

/// States, amounts, dates and identifiers stay: they are what the books are explained with.
pub(super) fn application(mut application: Application) -> Application {
    application.answers.clear();
    application.estimate = None;
    application.progress = application.progress.map(progress);
    if let Some(screening) = &mut application.screening {
        ERASED.clone_into(&mut screening.reason);
    }
    if let Some(decision) = &mut application.decision {
        ERASED.clone_into(&mut decision.reasons);
        decision.justification = decision.justification.take().map(|_| ERASED.to_owned());
    }
    application
}

fn progress(progress: Progress) -> Progress {
    Progress { title: ERASED.to_owned(), ..progress }
}

pub(super) fn event(event: Event) -> Event {
    match event {
        Event::Started(mut started) => {
            started.answers.clear();
            started.estimate = None;
            Event::Started(started)
        }
        Event::DraftSaved { answers: _, at } => Event::DraftSaved { answers: [].into(), at },
        Event::EstimateSet { estimate: _, at } => Event::EstimateSet { estimate: None, at },
        Event::Submitted { requested, policies, round, progress: told, at, .. } => {
            Event::Submitted {
                answers: [].into(),
                requested,
                estimate: None,
                policies,
                round,
                progress: told.map(progress),
                at,
            }
        }
        Event::Decided { mut decision } => {
            ERASED.clone_into(&mut decision.reasons);
            decision.justification = decision.justification.map(|_| ERASED.to_owned());
            Event::Decided { decision }
        }
        Event::Screened { mut screening } => {
            ERASED.clone_into(&mut screening.reason);
            Event::Screened { screening }
        }
        Event::DraftEdited { .. }
        | Event::DecisionTakenBack { .. }
        | Event::Offered { .. }
        | Event::AnswerReminded { .. }
        | Event::WaitEnded { .. }
        | Event::AwardLapsed { .. }
        | Event::PoliciesAccepted { .. }
        | Event::Withdrawn { .. }
        | Event::ReviewBegun { .. }
        | Event::Approved { .. }
        | Event::Released { .. }
        | Event::AwardAccepted { .. }
        | Event::AwardDeclined { .. }
        | Event::Delivered { .. } => event,
    }
}

/// Scores and advice stay: they tell how the round was decided.
pub(super) fn review(review: Review) -> Review {
    let version = review.version.saturating_add(1);
    let noted = |note: String| if note.is_empty() { note } else { ERASED.to_owned() };
    let before = review.earlier.into_iter().map(|one| Earlier {
        comment: ERASED.to_owned(),
        for_officer: noted(one.for_officer),
        ..one
    });
    Review {
        comment: ERASED.to_owned(),
        for_officer: noted(review.for_officer),
        earlier: before.collect(),
        version,
        ..review
    }
}

pub(super) fn question(question: Question) -> Question {
    Question {
        text: ERASED.to_owned(),
        answer: question.answer.map(|_| ERASED.to_owned()),
        version: question.version.saturating_add(1),
        ..question
    }
}

/// Who took part stays as an identifier, so that conflicts of interest can be told.
pub(super) fn member(member: Member, of: PersonId, now: Timestamp) -> Member {
    let state = match member.state {
        InvitationState::Invited | InvitationState::Accepted | InvitationState::Removed => {
            InvitationState::Removed
        }
        InvitationState::Declined => InvitationState::Declined,
    };
    Member {
        state,
        email: nobodys_address(member.person.unwrap_or(of)),
        removed_at: member.removed_at.or(Some(now)),
        version: member.version.saturating_add(1),
        ..member
    }
}

/// The same of somebody who took part in a grant: keys and the audit trail name them.
pub(super) fn participant(row: Participant, of: PersonId, now: Timestamp) -> Participant {
    let state = match row.state {
        InvitationState::Invited | InvitationState::Accepted | InvitationState::Removed => {
            InvitationState::Removed
        }
        InvitationState::Declined => InvitationState::Declined,
    };
    Participant {
        state,
        email: nobodys_address(row.person.unwrap_or(of)),
        removed_at: row.removed_at.or(Some(now)),
        version: row.version.saturating_add(1),
        ..row
    }
}

pub(super) fn grant(grant: Grant) -> Grant {
    let version = grant.version.saturating_add(1);
    Grant { title: ERASED.to_owned(), version, ..grant }
}

pub(super) fn key(key: Key, now: Timestamp) -> Key {
    Key {
        name: ERASED.to_owned(),
        hint: String::new(),
        revoked_at: key.revoked_at.or(Some(now)),
        version: key.version.saturating_add(1),
        ..key
    }
}

/// Its budget and its days stay: calls were refused by them.
pub(super) fn study(study: Study) -> Study {
    let (name, notes, tags) = (ERASED.to_owned(), String::new(), Vec::new());
    let terms = StudyTerms { name, notes, tags, ..study.terms };
    Study { terms, version: study.version.saturating_add(1), ..study }
}

pub(super) fn card_check(check: CardCheck) -> CardCheck {
    let version = check.version.saturating_add(1);
    CardCheck { face: None, said: None, version, ..check }
}

/// What others, and the installation, have written of somebody: their address wherever it stands,
/// and their name beside it. A name of several words goes wherever it stands; a single one could
/// be a month.
pub(super) fn words(person: &Person) -> Vec<Reworded> {
    let Person { name, email, .. } = person;
    let mut words = Vec::new();
    if !name.trim().is_empty() {
        let is_whole = name.split_whitespace().nth(1).is_some();
        for what in spellings(name.trim()) {
            let only_where = if is_whole { what.clone() } else { email.clone() };
            words.push(Reworded { what, with: ERASED.to_owned(), only_where });
        }
    }
    for what in spellings(email) {
        let with = nobodys_address(person.id);
        words.push(Reworded { only_where: what.clone(), what, with });
    }
    words
}

/// As it stands in text, in HTML and in JSON.
fn spellings(text: &str) -> Vec<String> {
    let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let html = html.replace('"', "&quot;");
    let json = serde_json::to_string(text).unwrap_or_default();
    let json = json.strip_prefix('"').and_then(|json| json.strip_suffix('"'));
    let json = json.unwrap_or(text).to_owned();
    let mut all = vec![text.to_owned()];
    all.extend([html, json].into_iter().filter(|other| other != text));
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    //! Whose words are taken out, and where.

    use super::*;

    fn check(name: &str, expected: &[(&str, &str)]) {
        let id = PersonId::from_bytes([7; 16]);
        let email = "ada@a.test".to_owned();
        let created_at = Timestamp::UNIX_EPOCH;
        let name = name.to_owned();
        let person = Person { id, email, name, roles: [].into(), created_at, version: 1 };
        let words = words(&person);
        let names = words.iter().filter(|one| one.with == ERASED);
        let found: Vec<_> = names.map(|one| (&*one.what, &*one.only_where)).collect();
        assert_eq!(found, expected);
        let last = words.last().unwrap();
        assert_eq!((&*last.what, &last.with), ("ada@a.test", &nobodys_address(id)));
    }

    #[test]
    fn a_name_goes_where_it_is_surely_theirs() {
        check("", &[]);
        check("May", &[("May", "ada@a.test")]);
        check("Ada King", &[("Ada King", "Ada King")]);
        check(
            "Ada \"<King>\"",
            &[
                ("Ada \"<King>\"", "Ada \"<King>\""),
                ("Ada &quot;&lt;King&gt;&quot;", "Ada &quot;&lt;King&gt;&quot;"),
                ("Ada \\\"<King>\\\"", "Ada \\\"<King>\\\""),
            ],
        );
    }
}
