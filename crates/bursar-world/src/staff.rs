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

/// Review in turn. The first one is who a visitor may look over the shoulder of.
pub(super) const REVIEWERS: [Member; 3] = [
    Member {
        email: "teodora.vasilescu@reviewers.example",
        name: "Teodora Vasilescu",
        role: Role::Reviewer,
    },
    Member {
        email: "kwabena.asante-mills@reviewers.example",
        name: "Kwabena Asante-Mills",
        role: Role::Reviewer,
    },
    Member {
        email: "noriko.hayashida@reviewers.example",
        name: "Noriko Hayashida",
        role: Role::Reviewer,
    },
];
