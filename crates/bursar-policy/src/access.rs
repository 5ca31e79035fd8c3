//! Who may see and do what. One function, so that pages, the JSON door and mail agree.

use std::collections::{BTreeMap, BTreeSet};

use bursar_kernel::program::{Audience, FormField};
use bursar_kernel::{Actor, GrantRole, MemberRole, PersonId, Role};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Nobody signed in.
    Nobody,
    /// Somebody signed in.
    Person {
        /// Who.
        id: PersonId,
        /// What they may be.
        roles: BTreeSet<Role>,
    },
    /// Whoever holds the administrator's token.
    Operator,
}

impl Viewer {
    /// The person, if it is one.
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person { id, .. } => Some(*id),
            Self::Nobody | Self::Operator => None,
        }
    }

    /// Whether the viewer has a role. The administrator's token has the operator's and the
    /// officer's; an operator in person is an officer too.
    pub fn is(&self, role: Role) -> bool {
        match self {
            Self::Nobody => false,
            Self::Operator => matches!(role, Role::Operator | Role::Officer),
            Self::Person { roles, .. } => {
                roles.contains(&role) || (role == Role::Officer && roles.contains(&Role::Operator))
            }
        }
    }

    /// The viewer as the audit trail names them; `None` for nobody.
    pub fn actor(&self) -> Option<Actor> {
        match self {
            Self::Nobody => None,
            Self::Person { id, .. } => Some(Actor::Person(*id)),
            Self::Operator => Some(Actor::Operator),
        }
    }
}

/// What somebody wants to see or do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Begin an application.
    Apply,
    /// Read or change an application as the one who applies: drafts, submission, withdrawal, the
    /// answer to an offer.
    ActAsApplicant {
        /// Who applies.
        applicant: PersonId,
    },
    /// Read an application with what its applicant may know of it.
    ReadApplication {
        /// Who applies.
        applicant: PersonId,
        /// What the viewer may do as somebody who takes part, if they do.
        role: Option<MemberRole>,
    },
    /// Edit a draft, and answer what officers ask.
    EditApplication {
        /// Who applies.
        applicant: PersonId,
        /// What the viewer may do as somebody who takes part, if they do.
        role: Option<MemberRole>,
    },
    /// Read an application as a reviewer, and review it.
    Review {
        /// Who applies: nobody reviews their own.
        applicant: PersonId,
        /// Whether it is in review.
        in_review: bool,
        /// Whether the viewer has agreed to review it, or nobody has to be asked.
        assigned: bool,
        /// Whether the viewer takes part in it, or has a conflict of interest.
        conflicted: bool,
    },
    /// Read an application with its reviews and its decision, and decide.
    Decide {
        /// Who applies: nobody decides on their own.
        applicant: PersonId,
        /// Whether the viewer takes part in it, or has a conflict of interest.
        conflicted: bool,
    },
    /// List a program's applications, rounds, money and grants; fund, release, issue.
    RunPrograms,
    /// See that a grant is there: what it is, what is left of it, until when, and who spends it.
    ReadGrant {
        /// Who holds it.
        holder: PersonId,
        /// What the viewer may do in it as somebody who takes part, if they do.
        role: Option<GrantRole>,
    },
    /// Read every figure of a grant: all keys, calls, studies, its statement and its forecast.
    ReadFigures {
        /// Who holds it.
        holder: PersonId,
        /// What the viewer may do in it.
        role: Option<GrantRole>,
    },
    /// Read a study of a grant, with what it has spent.
    ReadStudy {
        /// Who holds the grant.
        holder: PersonId,
        /// What the viewer may do in it.
        role: Option<GrantRole>,
        /// Whether the viewer belongs to the study, or to the whole grant.
        belongs: bool,
    },
    /// Read a key of a grant, and its calls.
    ReadKey {
        /// Who holds the grant.
        holder: PersonId,
        /// What the viewer may do in it.
        role: Option<GrantRole>,
        /// Whether the key is the viewer's own.
        own: bool,
    },
    /// Make a key of a grant, cap it anew, revoke it.
    ManageKey {
        /// Who holds the grant.
        holder: PersonId,
        /// What the viewer may do in it.
        role: Option<GrantRole>,
        /// Whether the key is, or is to be, the viewer's own.
        own: bool,
        /// Whether the viewer belongs to the key's study, or to the whole grant.
        belongs: bool,
    },
    /// Make a grant's studies, change and close them, and move budget between them.
    ManageStudies {
        /// Who holds the grant.
        holder: PersonId,
        /// What the viewer may do in it.
        role: Option<GrantRole>,
    },
    /// Invite somebody to a grant, change what they may do, take them out.
    ManagePerson {
        /// Who holds the grant.
        holder: PersonId,
        /// What the viewer may do in it.
        role: Option<GrantRole>,
        /// What that person may do, or is to.
        whose: GrantRole,
    },
    /// Pass a grant's credit on: hand it back to its pool, list it, take a listing back.
    PassOn {
        /// Who holds the grant.
        holder: PersonId,
    },
    /// Take a grant's credit back for its program: a part of it, or all that is left.
    TakeBack {
        /// Who holds the grant: nobody takes from their own.
        holder: PersonId,
        /// Whether the viewer takes part in it.
        takes_part: bool,
    },
    /// Stop a grant's calls, and start them again.
    StopGrant {
        /// Who holds the grant: nobody starts their own again.
        holder: PersonId,
        /// Whether the viewer takes part in it.
        takes_part: bool,
    },
    /// Buy credit with somebody's cash, and see what cash and proceeds they have.
    TradeAs {
        /// Whose cash.
        person: PersonId,
    },
    /// Read a trade: the seller's price and the buyer's credit.
    ReadTrade {
        /// Who sold.
        seller: PersonId,
        /// Who bought.
        buyer: PersonId,
    },
    /// Add a payment card, and see what became of it.
    UseCard {
        /// Whose card.
        person: PersonId,
    },
    /// See whether somebody has a card, as much of it as may be shown, and its checks.
    ReadCard {
        /// Whose card.
        person: PersonId,
    },
    /// Read all listings and trades with their people.
    OverseeMarket,
    /// Record cash that came in or went out by bank: a transfer, a refund, a payout.
    MoveCash,
    /// Ask for a model that credit alone does not open, and take that back.
    AskForModel {
        /// Who holds the grant.
        holder: PersonId,
        /// What the viewer may do in it.
        role: Option<GrantRole>,
    },
    /// Answer such a request.
    AnswerForModel {
        /// Who holds the grant: nobody answers their own.
        holder: PersonId,
        /// Whether the viewer takes part in it.
        takes_part: bool,
    },
    /// Read the outbox and the audit trail, turn the demonstration's clock, manage people.
    Operate,
}

/// Whether a viewer may do that. Whatever is not said here is refused.
pub fn may(viewer: &Viewer, action: Action) -> bool {
    let is_self = |person: PersonId| viewer.person() == Some(person);
    match action {
        Action::Apply => viewer.person().is_some(),
        Action::ActAsApplicant { applicant } => is_self(applicant),
        Action::ReadApplication { applicant, role } => {
            is_self(applicant) || (role.is_some() && viewer.person().is_some())
        }
        Action::EditApplication { applicant, role } => {
            let edits = role == Some(MemberRole::Edit) && viewer.person().is_some();
            is_self(applicant) || edits
        }
        Action::Review { applicant, in_review, assigned, conflicted } => {
            let is_free = !is_self(applicant) && !conflicted;
            in_review && assigned && viewer.is(Role::Reviewer) && is_free
        }
        Action::Decide { applicant, conflicted } => {
            viewer.is(Role::Officer) && !is_self(applicant) && !conflicted
        }
        Action::RunPrograms | Action::OverseeMarket => viewer.is(Role::Officer),
        Action::ReadGrant { .. }
        | Action::ReadFigures { .. }
        | Action::ReadStudy { .. }
        | Action::ReadKey { .. }
        | Action::ManageKey { .. }
        | Action::ManageStudies { .. }
        | Action::ManagePerson { .. }
        | Action::AskForModel { .. } => may_in_grant(viewer, action),
        // Credit and cash are the holder's alone, whoever spends with them. The administrator's
        // token passes on and trades for scripts; an officer in person does not.
        Action::PassOn { holder } | Action::TradeAs { person: holder } => {
            is_self(holder) || *viewer == Viewer::Operator
        }
        // A card is its owner's own affair: nobody adds one in another's name.
        Action::UseCard { person } => is_self(person),
        Action::ReadCard { person } => is_self(person) || viewer.is(Role::Operator),
        Action::ReadTrade { seller, buyer } => {
            is_self(seller) || is_self(buyer) || viewer.is(Role::Officer)
        }
        Action::AnswerForModel { holder, takes_part }
        | Action::TakeBack { holder, takes_part }
        | Action::StopGrant { holder, takes_part } => {
            viewer.is(Role::Officer) && !is_self(holder) && !takes_part
        }
        Action::MoveCash | Action::Operate => viewer.is(Role::Operator),
    }
}

/// Whether a viewer may do something inside a grant: by holding it, by what they may do in it as
/// somebody who takes part, or as an officer, who reads. The administrator's token makes keys and
/// studies for scripts; an officer in person does not.
fn may_in_grant(viewer: &Viewer, action: Action) -> bool {
    use GrantRole::{Manager, Member, ReadOnly};
    let owns = |holder: PersonId| viewer.person() == Some(holder) || *viewer == Viewer::Operator;
    let reads = |holder: PersonId| owns(holder) || viewer.is(Role::Officer);
    // A role counts for somebody who is signed in, and for nobody else.
    let as_one = |role: Option<GrantRole>| role.filter(|_| viewer.person().is_some());
    match action {
        Action::ReadGrant { holder, role } => reads(holder) || as_one(role).is_some(),
        Action::ReadFigures { holder, role } => {
            reads(holder) || matches!(as_one(role), Some(Manager | ReadOnly))
        }
        Action::ReadStudy { holder, role, belongs } => {
            let by_role = match as_one(role) {
                Some(Manager | ReadOnly) => true,
                Some(Member) => belongs,
                None => false,
            };
            reads(holder) || by_role
        }
        Action::ReadKey { holder, role, own } => {
            let by_role = match as_one(role) {
                Some(Manager | ReadOnly) => true,
                Some(Member) => own,
                None => false,
            };
            reads(holder) || by_role
        }
        Action::ManageKey { holder, role, own, belongs } => {
            let by_role = match as_one(role) {
                Some(Manager) => true,
                Some(Member) => own && belongs,
                Some(ReadOnly) | None => false,
            };
            owns(holder) || by_role
        }
        Action::ManageStudies { holder, role } | Action::AskForModel { holder, role } => {
            owns(holder) || as_one(role) == Some(Manager)
        }
        // Nobody but the owner makes, or unmakes, somebody's equal.
        Action::ManagePerson { holder, role, whose } => {
            owns(holder) || (as_one(role) == Some(Manager) && whose != Manager)
        }
        Action::Apply
        | Action::ActAsApplicant { .. }
        | Action::ReadApplication { .. }
        | Action::EditApplication { .. }
        | Action::Review { .. }
        | Action::Decide { .. }
        | Action::RunPrograms
        | Action::PassOn { .. }
        | Action::TakeBack { .. }
        | Action::StopGrant { .. }
        | Action::TradeAs { .. }
        | Action::ReadTrade { .. }
        | Action::UseCard { .. }
        | Action::ReadCard { .. }
        | Action::OverseeMarket
        | Action::MoveCash
        | Action::AnswerForModel { .. }
        | Action::Operate => false,
    }
}

/// The answers that somebody may read, of all that were given: what a question is not visible to is
/// as if it had not been answered. What the form does not ask is nobody's.
pub fn readable(
    form: &[FormField],
    audience: Audience,
    answers: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let may =
        |id: &String| form.iter().any(|field| field.id == *id && field.visible_to.has(audience));
    let kept = answers.iter().filter(|(id, _)| may(id));
    kept.map(|(id, answer)| (id.clone(), answer.clone())).collect()
}
