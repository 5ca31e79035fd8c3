//! Who runs the world: one operator, two officers, three reviewers.

use bursar_kernel::Role;

/// Somebody with a role.
#[derive(Debug)]
pub(super) struct Member {
    /// Their address.
    pub(super) email: &'static str,
    /// Their name.
    pub(super) name: &'static str,
    /// What they may be.
    pub(super) role: Role,
}

/// Runs the installation.
pub(super) const OPERATOR: Member = Member {
    email: "ilmari.kettunen@credits.example",
    name: "Ilmari Kettunen",
    role: Role::Operator,
};

/// Runs the program.
pub(super) const OFFICER: Member = Member {
    email: "rosalind.achterberg@credits.example",
    name: "Rosalind Achterberg",
    role: Role::Officer,
};

/// Approves what the first officer proposes above the typical maximum.
pub(super) const SECOND_OFFICER: Member = Member {
    email: "leopold.ferncliffe@credits.example",
    name: "Leopold Ferncliffe",
    role: Role::Officer,
};

/// A reviewer, with what they say of themselves.
#[derive(Debug)]
pub(super) struct Reviewer {
    /// Who.
    pub(super) member: Member,
    /// What they know, of the areas that the program names.
    pub(super) knows: &'static [&'static str],
    /// Where they are and were, as they type it.
    pub(super) institutions: &'static str,
    /// Whom they have published with, as they type it.
    pub(super) coauthors: &'static str,
}

/// The panel. The first one is who a visitor may look over the shoulder of.
pub(super) const REVIEWERS: [Reviewer; 3] = [
    Reviewer {
        member: Member {
            email: "teodora.vasilescu@reviewers.example",
            name: "Teodora Vasilescu",
            role: Role::Reviewer,
        },
        knows: &["robustness", "misuse", "interpretability"],
        institutions: "Brâncuși Institute of Technology",
        coauthors: "marek.dvorak@orlik-tech.example",
    },
    Reviewer {
        member: Member {
            email: "kwabena.asante-mills@reviewers.example",
            name: "Kwabena Asante-Mills",
            role: Role::Reviewer,
        },
        knows: &["fairness", "societal_impact", "interdisciplinary"],
        institutions: "Voltaside Institute for technology policy",
        coauthors: "",
    },
    Reviewer {
        member: Member {
            email: "noriko.hayashida@reviewers.example",
            name: "Noriko Hayashida",
            role: Role::Reviewer,
        },
        knows: &["alignment", "robustness", "interdisciplinary"],
        institutions: "Hokuto Women's University\nSeto institute of Science; until 2024-03-31",
        coauthors: "",
    },
];
