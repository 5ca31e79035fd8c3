//! What has to be shown, by what, and for how long it is believed.

use crate::domain::DomainList;

/// Something that can show what somebody says of themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvidenceKind {
    /// A mail address at an institution's domain, which they have shown to be theirs.
    MailDomain,
    /// An ORCID iD that they have signed in with.
    Orcid,
    /// The sign-in of an institution.
    InstitutionSignIn,
    /// Somebody at the institution who confirms it.
    Sponsor,
    /// A document that an officer has read.
    Document,
    /// An officer's own word.
    Officer,
}

impl EvidenceKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::MailDomain,
        Self::Orcid,
        Self::InstitutionSignIn,
        Self::Sponsor,
        Self::Document,
        Self::Officer,
    ];

    /// The name that files, columns and JSON use: `mail_domain`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MailDomain => "mail_domain",
            Self::Orcid => "orcid",
            Self::InstitutionSignIn => "institution_sign_in",
            Self::Sponsor => "sponsor",
            Self::Document => "document",
            Self::Officer => "officer",
        }
    }

    /// What it is, in the middle of a sentence: `a mail address of an institution`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::MailDomain => "a mail address of an institution",
            Self::Orcid => "an ORCID iD that you have signed in with",
            Self::InstitutionSignIn => "a sign-in at your institution",
            Self::Sponsor => "the word of somebody at the institution",
            Self::Document => "a document that an officer reads",
            Self::Officer => "an officer's own word",
        }
    }
}

/// What a program wants to see shown. Levels are counted from the weakest, which is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceTerms {
    /// What has to be shown, in the middle of a sentence: `an affiliation with a university`.
    pub shows: String,
    /// How well something can be shown, by short name and label, the weakest first; at least one.
    pub levels: Vec<(String, String)>,
    /// What is accepted.
    pub accepts: Vec<AcceptedEvidence>,
    /// The level that is needed to hand an application in; none where nothing is said.
    pub to_submit: Option<usize>,
    /// The level that is needed to award anything; none where nothing is said.
    pub to_award: Option<usize>,
    /// Domains that the program calls academic, or not, whatever lists say.
    pub domains: DomainList,
}

impl EvidenceTerms {
    /// What the program says of a kind; `None` where it does not accept it.
    pub fn of(&self, kind: EvidenceKind) -> Option<&AcceptedEvidence> {
        self.accepts.iter().find(|accepted| accepted.kind == kind)
    }

    /// The label of a level.
    pub fn label(&self, level: usize) -> &str {
        self.levels.get(level).map_or("", |(_, label)| label)
    }
}

/// A kind of evidence that a program accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedEvidence {
    /// Which.
    pub kind: EvidenceKind,
    /// How well it shows it.
    pub level: usize,
    /// For how many calendar months it is believed.
    pub months: u32,
}
