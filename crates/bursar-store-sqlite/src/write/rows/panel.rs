//! Who reviews what, who must not, and what reviewers say of themselves.

use bursar_award::assignment::Assignment;
use bursar_award::panel::{Conflict, Profile};
use bursar_award::review_draft::ReviewDraft;
use bursar_store::Expect;
use rusqlite::{Connection, params};

use super::{Changed, execute, version_before};
use crate::codec::to_json;

const INSERT_ASSIGNMENT: &str = "INSERT INTO assignment
     (id, application, reviewer, program, round, is_open, body, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const UPDATE_ASSIGNMENT: &str = "UPDATE assignment SET application = ?2, reviewer = ?3,
     program = ?4, round = ?5, is_open = ?6, body = ?7, version = ?8
     WHERE id = ?1 AND version = ?9";

pub(super) fn put_assignment(connection: &Connection, row: &Assignment, expect: Expect) -> Changed {
    let (id, application) = (row.id.to_bytes(), row.application.to_bytes());
    let (reviewer, body) = (row.reviewer.to_bytes(), to_json(row)?);
    let (program, round) = (row.program.as_str(), row.round.as_str());
    let is_open = row.state.is_open();
    let values = params![id, application, reviewer, program, round, is_open, body, row.version];
    match version_before(expect) {
        None => execute(connection, INSERT_ASSIGNMENT, values),
        Some(before) => {
            let mut values = values.to_vec();
            values.push(&before);
            execute(connection, UPDATE_ASSIGNMENT, values.as_slice())
        }
    }
}

const INSERT_CONFLICT: &str = "INSERT INTO conflict (id, application, person, body, version)
     VALUES (?1, ?2, ?3, ?4, ?5)";
const UPDATE_CONFLICT: &str = "UPDATE conflict SET application = ?2, person = ?3, body = ?4,
     version = ?5 WHERE id = ?1 AND version = ?6";

pub(super) fn put_conflict(connection: &Connection, row: &Conflict, expect: Expect) -> Changed {
    let (id, application) = (row.id.to_bytes(), row.application.to_bytes());
    let (person, body) = (row.person.to_bytes(), to_json(row)?);
    let values = params![id, application, person, body, row.version];
    match version_before(expect) {
        None => execute(connection, INSERT_CONFLICT, values),
        Some(before) => {
            let mut values = values.to_vec();
            values.push(&before);
            execute(connection, UPDATE_CONFLICT, values.as_slice())
        }
    }
}

const INSERT_PROFILE: &str = "INSERT INTO profile (person, body, version) VALUES (?1, ?2, ?3)";
const UPDATE_PROFILE: &str =
    "UPDATE profile SET body = ?2, version = ?3 WHERE person = ?1 AND version = ?4";

pub(super) fn put_profile(connection: &Connection, row: &Profile, expect: Expect) -> Changed {
    let (person, body) = (row.person.to_bytes(), to_json(row)?);
    match version_before(expect) {
        None => execute(connection, INSERT_PROFILE, params![person, body, row.version]),
        Some(before) => {
            execute(connection, UPDATE_PROFILE, params![person, body, row.version, before])
        }
    }
}

const INSERT_REVIEW_DRAFT: &str = "INSERT INTO review_draft (application, reviewer, body, version)
     VALUES (?1, ?2, ?3, ?4)";
const UPDATE_REVIEW_DRAFT: &str = "UPDATE review_draft SET body = ?3, version = ?4
     WHERE application = ?1 AND reviewer = ?2 AND version = ?5";

pub(super) fn put_review_draft(
    connection: &Connection,
    row: &ReviewDraft,
    expect: Expect,
) -> Changed {
    let (application, reviewer) = (row.application.to_bytes(), row.reviewer.to_bytes());
    let values = params![application, reviewer, to_json(row)?, row.version];
    match version_before(expect) {
        None => execute(connection, INSERT_REVIEW_DRAFT, values),
        Some(before) => {
            let mut values = values.to_vec();
            values.push(&before);
            execute(connection, UPDATE_REVIEW_DRAFT, values.as_slice())
        }
    }
}
