//! Writing rows whole: a new one must not be there, a changed one must be in the version that the
//! batch was decided on.

use bursar_award::{Application, Event, Review};
use bursar_kernel::{Scope, StudyId};
use bursar_store::rows::{
    AuditLine, Call, Grant, Key, Mail, Notice, Person, Session, SignInLink, Study,
};
use bursar_store::{Expect, Row};
use rusqlite::{Connection, ErrorCode, Params, params};

use crate::codec::{millis, to_json};
use crate::error::WriteError;

mod access;
mod accounts;
mod applying;
mod belongings;
mod cards;
mod claims;
mod editions;
mod idempotency;
mod mails;
mod market;
mod panel;
mod participants;
mod prices;
mod sealed;
mod spend;
mod stops;

pub(super) use idempotency::forget_keys;
pub(super) use spend::Spend;

pub(super) fn put<'b>(
    connection: &Connection,
    row: &'b Row,
    expect: Expect,
    spend: &mut Spend<'b>,
) -> Result<(), WriteError> {
    let changed = match row {
        Row::Person(person) => put_person(connection, person, expect),
        Row::SignInLink(link) => put_sign_in_link(connection, link),
        Row::Session(session) => put_session(connection, session),
        Row::Application(application, events) => {
            put_application(connection, application, events, expect)
        }
        Row::Review(review) => put_review(connection, review, expect),
        Row::Grant(grant) => put_grant(connection, grant, expect),
        Row::Key(key) => put_key(connection, key, expect),
        Row::Study(study) => put_study(connection, study, expect),
        Row::Call(call) => put_call(connection, call, spend),
        Row::Mail(mail) => put_mail(connection, mail),
        Row::Notice(notice) => put_notice(connection, *notice),
        Row::Audit(line) => put_audit(connection, line),
        Row::Listing(listing) => market::put_listing(connection, listing, expect),
        Row::Trade(trade) => market::put_trade(connection, trade),
        Row::AccessRequest(request) => access::put_request(connection, request, expect),
        Row::Card(card) => cards::put_card(connection, card, expect),
        Row::CardCheck(check) => cards::put_card_check(connection, check, expect),
        Row::IdempotencyKey(key) => idempotency::put_key(connection, key, expect),
        Row::Belonging(row) => belongings::put_belonging(connection, row, expect),
        Row::Delivery(row) => mails::put_delivery(connection, row, expect),
        Row::Identity(row) => accounts::put_identity(connection, row, expect),
        Row::Erasure(row) => accounts::put_erasure(connection, row, expect),
        Row::Passkey(row) => accounts::put_passkey(connection, row, expect),
        Row::Address(row) => mails::put_address(connection, row, expect),
        Row::Stop(stop) => stops::put_stop(connection, stop, expect),
        Row::SealedSecret(row) => sealed::put_sealed(connection, row, expect),
        Row::Edition(row) => editions::put_edition(connection, row),
        Row::Member(row) => applying::put_member(connection, row, expect),
        Row::Participant(row) => participants::put(connection, row, expect),
        Row::Question(row) => applying::put_question(connection, row, expect),
        Row::Claim(row) => claims::put_claim(connection, row, expect),
        Row::Appeal(row) => claims::put_appeal(connection, row, expect),
        Row::Assignment(row) => panel::put_assignment(connection, row, expect),
        Row::Conflict(row) => panel::put_conflict(connection, row, expect),
        Row::Profile(row) => panel::put_profile(connection, row, expect),
        Row::ReviewDraft(row) => panel::put_review_draft(connection, row, expect),
        Row::PriceTable(table) => prices::put_price_table(connection, table, expect),
    };
    let conflict = || {
        let (table, name, _) = row.key();
        WriteError::conflict(format!("{table} `{name}`"))
    };
    match changed {
        Ok(1) => Ok(()),
        Ok(_) => Err(conflict()),
        Err(rusqlite::Error::SqliteFailure(failure, _))
            if failure.code == ErrorCode::ConstraintViolation =>
        {
            Err(conflict())
        }
        Err(error) => Err(error.into()),
    }
}

type Changed = Result<usize, rusqlite::Error>;

fn execute(connection: &Connection, sql: &str, params: impl Params) -> Changed {
    connection.prepare_cached(sql)?.execute(params)
}

/// The version a row must be in to be changed; `None` for a new row.
fn version_before(expect: Expect) -> Option<u64> {
    match expect {
        Expect::New => None,
        Expect::Version(version) => Some(version),
    }
}

const INSERT_PERSON: &str = "INSERT INTO person (id, email, name, roles, created_at, version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const UPDATE_PERSON: &str = "UPDATE person SET email = ?2, name = ?3, roles = ?4, created_at = ?5,
     version = ?6 WHERE id = ?1 AND version = ?7";

fn put_person(connection: &Connection, row: &Person, expect: Expect) -> Changed {
    let (id, roles) = (row.id.to_bytes(), to_json(&row.roles)?);
    let created_at = millis(row.created_at);
    match version_before(expect) {
        None => execute(
            connection,
            INSERT_PERSON,
            params![id, row.email, row.name, roles, created_at, row.version],
        ),
        Some(before) => execute(
            connection,
            UPDATE_PERSON,
            params![id, row.email, row.name, roles, created_at, row.version, before],
        ),
    }
}

const INSERT_SIGN_IN_LINK: &str =
    "INSERT INTO sign_in_link (secret_hash, email, expires_at, used_at) VALUES (?1, ?2, ?3, ?4)";

fn put_sign_in_link(connection: &Connection, row: &SignInLink) -> Changed {
    let used_at = row.used_at.map(millis);
    let params = params![row.secret_hash, row.email, millis(row.expires_at), used_at];
    execute(connection, INSERT_SIGN_IN_LINK, params)
}

const INSERT_SESSION: &str = "INSERT INTO session
     (secret_hash, id, person, created_at, expires_at, ended_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

fn put_session(connection: &Connection, row: &Session) -> Changed {
    execute(
        connection,
        INSERT_SESSION,
        params![
            row.secret_hash,
            row.id.to_bytes(),
            row.person.to_bytes(),
            millis(row.created_at),
            millis(row.expires_at),
            row.ended_at.map(millis)
        ],
    )
}

const INSERT_APPLICATION: &str = "INSERT INTO application
     (id, program, applicant, state, round, body, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const UPDATE_APPLICATION: &str = "UPDATE application SET program = ?2, applicant = ?3, state = ?4,
     round = ?5, body = ?6, version = ?7 WHERE id = ?1 AND version = ?8";
const INSERT_EVENT: &str =
    "INSERT INTO application_event (application, version, body) VALUES (?1, ?2, ?3)";

fn put_application(
    connection: &Connection,
    row: &Application,
    events: &[Event],
    expect: Expect,
) -> Changed {
    let (id, applicant) = (row.id.to_bytes(), row.applicant.to_bytes());
    let round = row.round.as_ref().map(bursar_kernel::RoundId::as_str);
    let (program, state, body) = (row.program.as_str(), row.state.name(), to_json(row)?);
    let changed = match version_before(expect) {
        None => execute(
            connection,
            INSERT_APPLICATION,
            params![id, program, applicant, state, round, body, row.version],
        ),
        Some(before) => execute(
            connection,
            UPDATE_APPLICATION,
            params![id, program, applicant, state, round, body, row.version, before],
        ),
    }?;
    // The last event made the row's version; those before it made the versions before.
    for (event, age) in events.iter().rev().zip(0..) {
        let version = row.version.saturating_sub(age);
        execute(connection, INSERT_EVENT, params![id, version, to_json(event)?])?;
    }
    Ok(changed)
}

const INSERT_REVIEW: &str = "INSERT INTO review (id, application, reviewer, body, version)
     VALUES (?1, ?2, ?3, ?4, ?5)";
const UPDATE_REVIEW: &str = "UPDATE review SET application = ?2, reviewer = ?3, body = ?4,
     version = ?5 WHERE id = ?1 AND version = ?6";

fn put_review(connection: &Connection, row: &Review, expect: Expect) -> Changed {
    let (id, application) = (row.id.to_bytes(), row.application.to_bytes());
    let (reviewer, body) = (row.reviewer.to_bytes(), to_json(row)?);
    match version_before(expect) {
        None => execute(
            connection,
            INSERT_REVIEW,
            params![id, application, reviewer, body, row.version],
        ),
        Some(before) => execute(
            connection,
            UPDATE_REVIEW,
            params![id, application, reviewer, body, row.version, before],
        ),
    }
}

const INSERT_GRANT: &str = "INSERT INTO award_grant
     (program, program_version, holder, application, title, amount, created_at, deliver_from,
      deliver_until, delivered_at, expires_at, expires_no_later_than, lot, tier, voided_at, version,
      id)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
      ?17)";
const UPDATE_GRANT: &str = "UPDATE award_grant SET program = ?1, program_version = ?2, holder = ?3,
     application = ?4, title = ?5, amount = ?6, created_at = ?7, deliver_from = ?8,
     deliver_until = ?9, delivered_at = ?10, expires_at = ?11, expires_no_later_than = ?12,
     lot = ?13, tier = ?14, voided_at = ?15, version = ?16
     WHERE id = ?17 AND version = ?18";

fn put_grant(connection: &Connection, row: &Grant, expect: Expect) -> Changed {
    let values = params![
        row.program.as_str(),
        row.program_version,
        row.holder.to_bytes(),
        row.application.map(bursar_kernel::ApplicationId::to_bytes),
        row.title,
        row.amount.nanos(),
        millis(row.created_at),
        millis(row.deliver_from),
        millis(row.deliver_until),
        row.delivered_at.map(millis),
        row.expires_at.map(millis),
        row.expires_no_later_than.map(millis),
        row.lot.map(bursar_kernel::LotId::to_bytes),
        row.tier.as_ref().map(bursar_kernel::TierId::as_str),
        row.voided_at.map(millis),
        row.version,
        row.id.to_bytes(),
    ];
    match version_before(expect) {
        None => execute(connection, INSERT_GRANT, values),
        Some(before) => {
            let mut values = values.to_vec();
            values.push(&before);
            execute(connection, UPDATE_GRANT, values.as_slice())
        }
    }
}

/// What leaves everything open is not written.
fn scope_of(scope: &Scope) -> Result<Option<String>, rusqlite::Error> {
    if *scope == Scope::default() { Ok(None) } else { to_json(scope).map(Some) }
}

const INSERT_STUDY: &str =
    "INSERT INTO study (id, grant_id, body, version) VALUES (?1, ?2, ?3, ?4)";
const UPDATE_STUDY: &str = "UPDATE study SET grant_id = ?2, body = ?3, version = ?4
     WHERE id = ?1 AND version = ?5";

fn put_study(connection: &Connection, row: &Study, expect: Expect) -> Changed {
    let (id, grant, body) = (row.id.to_bytes(), row.grant.to_bytes(), to_json(row)?);
    match version_before(expect) {
        None => execute(connection, INSERT_STUDY, params![id, grant, body, row.version]),
        Some(before) => {
            execute(connection, UPDATE_STUDY, params![id, grant, body, row.version, before])
        }
    }
}

const INSERT_KEY: &str = "INSERT INTO api_key
     (grant_id, holder, name, secret_hash, hint, cap, created_at, expires_at, revoked_at,
      version, study, scope, id, person)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
const UPDATE_KEY: &str = "UPDATE api_key SET grant_id = ?1, holder = ?2, name = ?3,
     secret_hash = ?4, hint = ?5, cap = ?6, created_at = ?7, expires_at = ?8, revoked_at = ?9,
     version = ?10, study = ?11, scope = ?12, person = ?14 WHERE id = ?13 AND version = ?15";

fn put_key(connection: &Connection, row: &Key, expect: Expect) -> Changed {
    let values = params![
        row.grant.to_bytes(),
        row.holder.to_bytes(),
        row.name,
        row.secret_hash,
        row.hint,
        row.cap.map(bursar_kernel::Usd::nanos),
        millis(row.created_at),
        row.expires_at.map(millis),
        row.revoked_at.map(millis),
        row.version,
        row.study.map(StudyId::to_bytes),
        scope_of(&row.scope)?,
        row.id.to_bytes(),
        row.person.to_bytes(),
    ];
    match version_before(expect) {
        None => execute(connection, INSERT_KEY, values),
        Some(before) => {
            let mut values = values.to_vec();
            values.push(&before);
            execute(connection, UPDATE_KEY, values.as_slice())
        }
    }
}

const INSERT_CALL: &str = "INSERT INTO call
     (request, hold, grant_id, key_id, cost, ended_at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

fn put_call<'b>(connection: &Connection, row: &'b Call, spend: &mut Spend<'b>) -> Changed {
    let changed = execute(
        connection,
        INSERT_CALL,
        params![
            row.request.to_bytes(),
            row.hold.to_bytes(),
            row.grant.to_bytes(),
            row.key.to_bytes(),
            row.cost.nanos(),
            millis(row.ended_at),
            to_json(row)?
        ],
    )?;
    spend.add(row);
    Ok(changed)
}

const INSERT_MAIL: &str = "INSERT INTO mail (id, recipient, subject, body, created_at, sent_at,
     html, letter, useless_after) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

fn put_mail(connection: &Connection, row: &Mail) -> Changed {
    let (id, sent_at) = (row.id.to_bytes(), row.sent_at.map(millis));
    let params = params![
        id,
        row.to,
        row.subject,
        row.body,
        millis(row.created_at),
        sent_at,
        row.html,
        row.letter,
        row.useless_after.map(millis)
    ];
    execute(connection, INSERT_MAIL, params)
}

const INSERT_NOTICE: &str = "INSERT INTO notice (grant_id, milestone, at) VALUES (?1, ?2, ?3)";

fn put_notice(connection: &Connection, row: Notice) -> Changed {
    let params = params![row.grant.to_bytes(), row.milestone.name(), millis(row.at)];
    execute(connection, INSERT_NOTICE, params)
}

const INSERT_AUDIT: &str = "INSERT INTO audit_line (id, at, actor, action, subject, detail)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

fn put_audit(connection: &Connection, row: &AuditLine) -> Changed {
    let (id, actor) = (row.id.to_bytes(), to_json(&row.actor)?);
    let params = params![id, millis(row.at), actor, row.action, row.subject, row.detail];
    execute(connection, INSERT_AUDIT, params)
}
