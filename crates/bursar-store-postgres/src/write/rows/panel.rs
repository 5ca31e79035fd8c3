//! Who reviews what, who must not, and what reviewers say of themselves.

use bursar_award::assignment::Assignment;
use bursar_award::panel::{Conflict, Profile};
use bursar_award::review_draft::ReviewDraft;
use bursar_store::Expect;

use super::versioned;
use crate::codec::{Id, text, to_json, whole};
use crate::error::DbError;
use crate::statement::{Statement, values};

const INSERT_ASSIGNMENT: &str = "INSERT INTO assignment
     (id, application, reviewer, program, round, is_open, body, version)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const UPDATE_ASSIGNMENT: &str = "UPDATE assignment SET application = $2, reviewer = $3,
     program = $4, round = $5, is_open = $6, body = $7, version = $8
     WHERE id = $1 AND version = $9";

pub(super) fn put_assignment(row: &Assignment, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.id.to_bytes()),
        Id(row.application.to_bytes()),
        Id(row.reviewer.to_bytes()),
        text(row.program.as_str()),
        text(row.round.as_str()),
        row.state.is_open(),
        to_json(row)?,
        whole(row.version)?,
    ];
    versioned(INSERT_ASSIGNMENT, UPDATE_ASSIGNMENT, values, expect)
}

const INSERT_CONFLICT: &str = "INSERT INTO conflict (id, application, person, body, version)
     VALUES ($1, $2, $3, $4, $5)";
const UPDATE_CONFLICT: &str = "UPDATE conflict SET application = $2, person = $3, body = $4,
     version = $5 WHERE id = $1 AND version = $6";

pub(super) fn put_conflict(row: &Conflict, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.id.to_bytes()),
        Id(row.application.to_bytes()),
        Id(row.person.to_bytes()),
        to_json(row)?,
        whole(row.version)?,
    ];
    versioned(INSERT_CONFLICT, UPDATE_CONFLICT, values, expect)
}

const INSERT_PROFILE: &str = "INSERT INTO profile (person, body, version) VALUES ($1, $2, $3)";
const UPDATE_PROFILE: &str =
    "UPDATE profile SET body = $2, version = $3 WHERE person = $1 AND version = $4";

pub(super) fn put_profile(row: &Profile, expect: Expect) -> Result<Statement, DbError> {
    let values = values![Id(row.person.to_bytes()), to_json(row)?, whole(row.version)?];
    versioned(INSERT_PROFILE, UPDATE_PROFILE, values, expect)
}

const INSERT_REVIEW_DRAFT: &str = "INSERT INTO review_draft (application, reviewer, body, version)
     VALUES ($1, $2, $3, $4)";
const UPDATE_REVIEW_DRAFT: &str = "UPDATE review_draft SET body = $3, version = $4
     WHERE application = $1 AND reviewer = $2 AND version = $5";

pub(super) fn put_review_draft(row: &ReviewDraft, expect: Expect) -> Result<Statement, DbError> {
    let (application, reviewer) = (row.application.to_bytes(), row.reviewer.to_bytes());
    let values = values![Id(application), Id(reviewer), to_json(row)?, whole(row.version)?];
    versioned(INSERT_REVIEW_DRAFT, UPDATE_REVIEW_DRAFT, values, expect)
}
