//! What the tables of the world are made of.

use std::collections::BTreeMap;

use bursar_service::Recommendation;

/// Somebody who applies.
#[derive(Debug)]
pub(super) struct Applicant {
    /// Their address, by which a record names them.
    pub(super) email: &'static str,
    /// Their name.
    pub(super) name: &'static str,
    /// Where they belong.
    pub(super) affiliation: &'static str,
    /// Their department, group or lab.
    pub(super) department: &'static str,
    /// Their role, as the form calls it.
    pub(super) role: &'static str,
    /// Where they are based, by its code.
    pub(super) country: &'static str,
    /// Whether their funding is limited.
    pub(super) limited_funding: bool,
}

/// One application.
#[derive(Debug)]
pub(super) struct Record {
    /// The applicant's address.
    pub(super) by: &'static str,
    /// The area, as the form calls it.
    pub(super) area: &'static str,
    /// Dollars asked for.
    pub(super) asks: &'static str,
    /// The research question.
    pub(super) question: &'static str,
    /// The research planned.
    pub(super) plan: &'static str,
    /// The planned use of the API.
    pub(super) api_use: &'static str,
    /// What the reviewers advise, in the order in which they come to it.
    pub(super) advice: &'static [(Recommendation, &'static str)],
    /// What becomes of it, as far as time has come.
    pub(super) fate: Fate,
}

/// What becomes of an application.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    /// An award, accepted.
    Awarded(i64, &'static str),
    /// An award, turned down.
    TurnedDown(i64, &'static str),
    /// An award above the typical maximum that no second officer has approved yet: why, for the
    /// applicant, and why so much.
    Proposed(i64, &'static str, &'static str),
    /// No award.
    Declined(&'static str),
    /// Taken back before its review.
    Withdrawn,
    /// Handed in; nobody knows yet.
    Waiting,
    /// Still being written.
    Draft,
}

impl Record {
    /// The form, filled in.
    pub(super) fn answers(&self, applicant: &Applicant) -> BTreeMap<String, String> {
        let yes_no = |yes| if yes { "yes" } else { "no" };
        [
            ("research_question", self.question),
            ("research_description", self.plan),
            ("api_use", self.api_use),
            ("area", self.area),
            ("purpose", "research"),
            ("affiliation", applicant.affiliation),
            ("department", applicant.department),
            ("role", applicant.role),
            ("country", applicant.country),
            ("limited_funding", yes_no(applicant.limited_funding)),
            ("corporate_sponsor", "no"),
            ("amount", self.asks),
        ]
        .into_iter()
        .chain(super::applications::more_answers(self.by))
        .filter(|(_, answer)| !answer.is_empty())
        .map(|(field, answer)| (field.to_owned(), answer.to_owned()))
        .collect()
    }
}
