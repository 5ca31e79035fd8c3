//! Writing rows whole: a new one must not be there, a changed one must be in the version that the
//! batch was decided on.

use bursar_award::{Application, Event, Review};
use bursar_kernel::{ApplicationId, LotId, RoundId, Scope, StudyId, Usd};
use bursar_store::rows::{
    AuditLine, Call, Grant, Key, Mail, Notice, Person, Session, SignInLink, Study,
};
use bursar_store::{Expect, Row};
use deadpool_postgres::ClientWrapper;

use crate::codec::{Id, millis, text, to_json, whole};
use crate::error::{DbError, WriteError};
use crate::statement::{Statement, Value, execute, execute_each, statement, values};

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
mod usage;

pub(super) use idempotency::forget_keys;

pub(super) async fn put(
    client: &ClientWrapper,
    row: &Row,
    expect: Expect,
) -> Result<(), WriteError> {
    let changed = match statements(row, expect)?.as_slice() {
        [one] => execute(client, one).await,
        several => {
            execute_each(client, several).await.map(|rows| rows.into_iter().min().unwrap_or(0))
        }
    };
    let conflict = || {
        let (table, name, _) = row.key();
        WriteError::conflict(format!("{table} `{name}`"))
    };
    match changed {
        Ok(1) => Ok(()),
        Ok(_) => Err(conflict()),
        Err(error) if error.is_constraint() => Err(conflict()),
        Err(error) => Err(error.into()),
    }
}

/// What writes a row; each changes one.
fn statements(row: &Row, expect: Expect) -> Result<Vec<Statement>, DbError> {
    Ok(vec![match row {
        Row::Person(person) => put_person(person, expect)?,
        Row::SignInLink(link) => put_sign_in_link(link),
        Row::Session(session) => put_session(session),
        Row::Application(application, events) => {
            return put_application(application, events, expect);
        }
        Row::Review(review) => put_review(review, expect)?,
        Row::Grant(grant) => put_grant(grant, expect)?,
        Row::Key(key) => put_key(key, expect)?,
        Row::Study(study) => put_study(study, expect)?,
        Row::Call(call) => {
            return Ok(vec![insert_calls(&[call])?, spend::add(&[call])?, usage::add(&[call])?]);
        }
        Row::Mail(mail) => put_mail(mail),
        Row::Notice(notice) => put_notice(*notice),
        Row::Audit(line) => put_audit(line)?,
        Row::Listing(listing) => market::put_listing(listing, expect)?,
        Row::Trade(trade) => market::put_trade(trade)?,
        Row::AccessRequest(request) => access::put_request(request, expect)?,
        Row::Card(card) => cards::put_card(card, expect)?,
        Row::CardCheck(check) => cards::put_card_check(check, expect)?,
        Row::IdempotencyKey(key) => idempotency::put_key(key, expect)?,
        Row::Belonging(row) => belongings::put_belonging(row, expect)?,
        Row::Delivery(row) => mails::put_delivery(row, expect)?,
        Row::Identity(row) => accounts::put_identity(row, expect)?,
        Row::Erasure(row) => accounts::put_erasure(row, expect)?,
        Row::Passkey(row) => accounts::put_passkey(row, expect)?,
        Row::Address(row) => mails::put_address(row, expect)?,
        Row::Stop(stop) => stops::put_stop(stop, expect)?,
        Row::SealedSecret(row) => sealed::put_sealed(row, expect)?,
        Row::Edition(row) => editions::put_edition(row)?,
        Row::Member(row) => applying::put_member(row, expect)?,
        Row::Participant(row) => participants::put(row, expect)?,
        Row::Question(row) => applying::put_question(row, expect)?,
        Row::Claim(row) => claims::put_claim(row, expect)?,
        Row::Appeal(row) => claims::put_appeal(row, expect)?,
        Row::Assignment(row) => panel::put_assignment(row, expect)?,
        Row::Conflict(row) => panel::put_conflict(row, expect)?,
        Row::Profile(row) => panel::put_profile(row, expect)?,
        Row::ReviewDraft(row) => panel::put_review_draft(row, expect)?,
        Row::PriceTable(table) => prices::put_price_table(table, expect)?,
    }])
}

/// A statement for a new row, or for one in the version that is expected, which then comes last
/// among the values.
fn versioned(
    insert: &'static str,
    update: &'static str,
    mut values: Vec<Value>,
    expect: Expect,
) -> Result<Statement, DbError> {
    match expect {
        Expect::New => Ok(Statement { sql: insert, values, changes: 1 }),
        Expect::Version(before) => {
            values.push(Box::new(whole(before)?));
            Ok(Statement { sql: update, values, changes: 1 })
        }
    }
}

const INSERT_PERSON: &str = "INSERT INTO person (id, email, name, roles, created_at, version)
     VALUES ($1, $2, $3, $4, $5, $6)";
const UPDATE_PERSON: &str = "UPDATE person SET email = $2, name = $3, roles = $4, created_at = $5,
     version = $6 WHERE id = $1 AND version = $7";

fn put_person(row: &Person, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.id.to_bytes()),
        text(&row.email),
        text(&row.name),
        to_json(&row.roles)?,
        millis(row.created_at),
        whole(row.version)?,
    ];
    versioned(INSERT_PERSON, UPDATE_PERSON, values, expect)
}

const INSERT_SIGN_IN_LINK: &str =
    "INSERT INTO sign_in_link (secret_hash, email, expires_at, used_at) VALUES ($1, $2, $3, $4)";

fn put_sign_in_link(row: &SignInLink) -> Statement {
    let (expires_at, used_at) = (millis(row.expires_at), row.used_at.map(millis));
    let hash = row.secret_hash.to_vec();
    statement!(INSERT_SIGN_IN_LINK, hash, text(&row.email), expires_at, used_at)
}

const INSERT_SESSION: &str = "INSERT INTO session
     (secret_hash, id, person, created_at, expires_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6)";

fn put_session(row: &Session) -> Statement {
    statement!(
        INSERT_SESSION,
        row.secret_hash.to_vec(),
        Id(row.id.to_bytes()),
        Id(row.person.to_bytes()),
        millis(row.created_at),
        millis(row.expires_at),
        row.ended_at.map(millis),
    )
}

const INSERT_APPLICATION: &str = "INSERT INTO application
     (id, program, applicant, state, round, body, version) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const UPDATE_APPLICATION: &str = "UPDATE application SET program = $2, applicant = $3, state = $4,
     round = $5, body = $6, version = $7 WHERE id = $1 AND version = $8";
const INSERT_EVENT: &str =
    "INSERT INTO application_event (application, version, body) VALUES ($1, $2, $3)";

fn put_application(
    row: &Application,
    events: &[Event],
    expect: Expect,
) -> Result<Vec<Statement>, DbError> {
    let id = Id(row.id.to_bytes());
    let values = values![
        id,
        row.program.as_str().to_owned(),
        Id(row.applicant.to_bytes()),
        row.state.name(),
        row.round.as_ref().map(RoundId::as_str).map(str::to_owned),
        to_json(row)?,
        whole(row.version)?,
    ];
    let mut statements = vec![versioned(INSERT_APPLICATION, UPDATE_APPLICATION, values, expect)?];
    // The last event made the row's version; those before it made the versions before.
    for (event, age) in events.iter().rev().zip(0..) {
        let version = whole(row.version.saturating_sub(age))?;
        statements.push(statement!(INSERT_EVENT, id, version, to_json(event)?));
    }
    Ok(statements)
}

const INSERT_REVIEW: &str = "INSERT INTO review (id, application, reviewer, body, version)
     VALUES ($1, $2, $3, $4, $5)";
const UPDATE_REVIEW: &str = "UPDATE review SET application = $2, reviewer = $3, body = $4,
     version = $5 WHERE id = $1 AND version = $6";

fn put_review(row: &Review, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.id.to_bytes()),
        Id(row.application.to_bytes()),
        Id(row.reviewer.to_bytes()),
        to_json(row)?,
        whole(row.version)?,
    ];
    versioned(INSERT_REVIEW, UPDATE_REVIEW, values, expect)
}

const INSERT_GRANT: &str = "INSERT INTO award_grant
     (program, program_version, holder, application, title, amount, created_at, deliver_from,
      deliver_until, delivered_at, expires_at, expires_no_later_than, lot, tier, voided_at, version,
      id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
      $17)";
const UPDATE_GRANT: &str = "UPDATE award_grant SET program = $1, program_version = $2, holder = $3,
     application = $4, title = $5, amount = $6, created_at = $7, deliver_from = $8,
     deliver_until = $9, delivered_at = $10, expires_at = $11, expires_no_later_than = $12,
     lot = $13, tier = $14, voided_at = $15, version = $16
     WHERE id = $17 AND version = $18";

fn put_grant(row: &Grant, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        row.program.as_str().to_owned(),
        i64::from(row.program_version),
        Id(row.holder.to_bytes()),
        row.application.map(ApplicationId::to_bytes).map(Id),
        text(&row.title),
        row.amount.nanos(),
        millis(row.created_at),
        millis(row.deliver_from),
        millis(row.deliver_until),
        row.delivered_at.map(millis),
        row.expires_at.map(millis),
        row.expires_no_later_than.map(millis),
        row.lot.map(LotId::to_bytes).map(Id),
        row.tier.as_ref().map(|tier| tier.as_str().to_owned()),
        row.voided_at.map(millis),
        whole(row.version)?,
        Id(row.id.to_bytes()),
    ];
    versioned(INSERT_GRANT, UPDATE_GRANT, values, expect)
}

/// What leaves everything open is not written.
fn scope_of(scope: &Scope) -> Result<Option<String>, DbError> {
    if *scope == Scope::default() { Ok(None) } else { to_json(scope).map(Some) }
}

const INSERT_STUDY: &str =
    "INSERT INTO study (id, grant_id, body, version) VALUES ($1, $2, $3, $4)";
const UPDATE_STUDY: &str = "UPDATE study SET grant_id = $2, body = $3, version = $4
     WHERE id = $1 AND version = $5";

fn put_study(row: &Study, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.id.to_bytes()),
        Id(row.grant.to_bytes()),
        to_json(row)?,
        whole(row.version)?,
    ];
    versioned(INSERT_STUDY, UPDATE_STUDY, values, expect)
}

const INSERT_KEY: &str = "INSERT INTO api_key
     (grant_id, holder, name, secret_hash, hint, cap, created_at, expires_at, revoked_at,
      version, study, scope, id, person)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
const UPDATE_KEY: &str = "UPDATE api_key SET grant_id = $1, holder = $2, name = $3,
     secret_hash = $4, hint = $5, cap = $6, created_at = $7, expires_at = $8, revoked_at = $9,
     version = $10, study = $11, scope = $12, person = $14 WHERE id = $13 AND version = $15";

fn put_key(row: &Key, expect: Expect) -> Result<Statement, DbError> {
    let values = values![
        Id(row.grant.to_bytes()),
        Id(row.holder.to_bytes()),
        text(&row.name),
        row.secret_hash.to_vec(),
        text(&row.hint),
        row.cap.map(Usd::nanos),
        millis(row.created_at),
        row.expires_at.map(millis),
        row.revoked_at.map(millis),
        whole(row.version)?,
        row.study.map(StudyId::to_bytes).map(Id),
        scope_of(&row.scope)?,
        Id(row.id.to_bytes()),
        Id(row.person.to_bytes()),
    ];
    versioned(INSERT_KEY, UPDATE_KEY, values, expect)
}

const INSERT_CALLS: &str = "INSERT INTO call
     (request, hold, grant_id, key_id, cost, ended_at, body)
     SELECT * FROM UNNEST($1::UUID[], $2::UUID[], $3::UUID[], $4::UUID[], $5::BIGINT[],
         $6::BIGINT[], $7::TEXT[])";

fn insert_calls(rows: &[&Call]) -> Result<Statement, DbError> {
    let bodies = rows.iter().map(to_json).collect::<Result<Vec<_>, _>>()?;
    let ids =
        |of: fn(&Call) -> [u8; 16]| -> Vec<Id> { rows.iter().map(|row| Id(of(row))).collect() };
    let insert = statement!(
        INSERT_CALLS,
        ids(|row| row.request.to_bytes()),
        ids(|row| row.hold.to_bytes()),
        ids(|row| row.grant.to_bytes()),
        ids(|row| row.key.to_bytes()),
        rows.iter().map(|row| row.cost.nanos()).collect::<Vec<_>>(),
        rows.iter().map(|row| millis(row.ended_at)).collect::<Vec<_>>(),
        bodies,
    );
    Ok(insert.of_rows(rows.len()))
}

/// Writes settled calls, none of which may be there: all of them in one statement, and what they
/// come to in another.
pub(super) async fn put_calls(client: &ClientWrapper, rows: &[&Call]) -> Result<(), WriteError> {
    let Some(first) = rows.first() else { return Ok(()) };
    let conflict = || {
        let others = match rows.len() {
            1 => String::new(),
            count => format!(" or one of {} written with it", count.saturating_sub(1)),
        };
        WriteError::conflict(format!("call `{}`{others}", first.request))
    };
    match execute_each(client, &[insert_calls(rows)?, spend::add(rows)?, usage::add(rows)?]).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_constraint() => Err(conflict()),
        Err(error) => Err(error.into()),
    }
}

const INSERT_MAIL: &str = "INSERT INTO mail (id, recipient, subject, body, created_at, sent_at,
     html, letter, useless_after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

fn put_mail(row: &Mail) -> Statement {
    statement!(
        INSERT_MAIL,
        Id(row.id.to_bytes()),
        text(&row.to),
        text(&row.subject),
        text(&row.body),
        millis(row.created_at),
        row.sent_at.map(millis),
        text(&row.html),
        text(&row.letter),
        row.useless_after.map(millis),
    )
}

const INSERT_NOTICE: &str = "INSERT INTO notice (grant_id, milestone, at) VALUES ($1, $2, $3)";

fn put_notice(row: Notice) -> Statement {
    statement!(INSERT_NOTICE, Id(row.grant.to_bytes()), row.milestone.name(), millis(row.at))
}

const INSERT_AUDIT: &str = "INSERT INTO audit_line (id, at, actor, action, subject, detail)
     VALUES ($1, $2, $3, $4, $5, $6)";

fn put_audit(row: &AuditLine) -> Result<Statement, DbError> {
    Ok(statement!(
        INSERT_AUDIT,
        Id(row.id.to_bytes()),
        millis(row.at),
        to_json(&row.actor)?,
        text(&row.action),
        text(&row.subject),
        text(&row.detail),
    ))
}
