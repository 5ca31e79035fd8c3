//! How rows of tables become values.

use std::collections::BTreeSet;

use bursar_kernel::{
    ApplicationId, AuditId, GrantId, KeyId, LotId, MailId, PersonId, ProgramId, Role, SessionId,
    StudyId, TierId,
};
use bursar_ledger::Milestone;
use bursar_store::rows::{AuditLine, Grant, Key, Mail, Notice, Person, Session, SignInLink};
use tokio_postgres::Row;

use crate::codec::{
    amount, broken, count, hash, id, id_or_null, instant, instant_or_null, json, json_or_null,
};
use crate::error::DbError;

pub(super) const PERSON: &str = "SELECT id, email, name, roles, created_at, version FROM person";

pub(super) fn person(row: &Row) -> Result<Person, DbError> {
    Ok(Person {
        id: id(row, 0, PersonId::from_bytes)?,
        email: row.try_get(1)?,
        name: row.try_get(2)?,
        roles: json::<BTreeSet<Role>>(row, 3)?,
        created_at: instant(row, 4)?,
        version: count(row, 5)?,
    })
}

pub(super) const SIGN_IN_LINK: &str =
    "SELECT secret_hash, email, expires_at, used_at FROM sign_in_link";

pub(super) fn sign_in_link(row: &Row) -> Result<SignInLink, DbError> {
    Ok(SignInLink {
        secret_hash: hash(row, 0)?,
        email: row.try_get(1)?,
        expires_at: instant(row, 2)?,
        used_at: instant_or_null(row, 3)?,
    })
}

pub(super) const SESSION: &str =
    "SELECT id, secret_hash, person, created_at, expires_at, ended_at FROM session";

pub(super) fn session(row: &Row) -> Result<Session, DbError> {
    Ok(Session {
        id: id(row, 0, SessionId::from_bytes)?,
        secret_hash: hash(row, 1)?,
        person: id(row, 2, PersonId::from_bytes)?,
        created_at: instant(row, 3)?,
        expires_at: instant(row, 4)?,
        ended_at: instant_or_null(row, 5)?,
    })
}

pub(super) const GRANT: &str = "SELECT id, program, program_version, holder, application, title,
     amount, created_at, deliver_from, deliver_until, delivered_at, expires_at,
     expires_no_later_than, lot, version, tier, voided_at FROM award_grant";

pub(super) fn grant(row: &Row) -> Result<Grant, DbError> {
    Ok(Grant {
        id: id(row, 0, GrantId::from_bytes)?,
        program: ProgramId::new(row.try_get::<_, String>(1)?),
        program_version: count(row, 2)?,
        holder: id(row, 3, PersonId::from_bytes)?,
        application: id_or_null(row, 4, ApplicationId::from_bytes)?,
        title: row.try_get(5)?,
        amount: amount(row, 6)?,
        created_at: instant(row, 7)?,
        deliver_from: instant(row, 8)?,
        deliver_until: instant(row, 9)?,
        delivered_at: instant_or_null(row, 10)?,
        expires_at: instant_or_null(row, 11)?,
        expires_no_later_than: instant_or_null(row, 12)?,
        lot: id_or_null(row, 13, LotId::from_bytes)?,
        tier: row.try_get::<_, Option<String>>(15)?.map(TierId::new),
        voided_at: instant_or_null(row, 16)?,
        version: count(row, 14)?,
    })
}

pub(super) const STUDY: &str = "SELECT body FROM study";

pub(super) const KEY: &str = "SELECT id, grant_id, holder, name, secret_hash, hint, cap,
     created_at, expires_at, revoked_at, version, study, scope, person FROM api_key";

pub(super) fn key(row: &Row) -> Result<Key, DbError> {
    let cap: Option<i64> = row.try_get(6)?;
    Ok(Key {
        id: id(row, 0, KeyId::from_bytes)?,
        grant: id(row, 1, GrantId::from_bytes)?,
        holder: id(row, 2, PersonId::from_bytes)?,
        person: id(row, 13, PersonId::from_bytes)?,
        name: row.try_get(3)?,
        secret_hash: hash(row, 4)?,
        hint: row.try_get(5)?,
        cap: cap.map(bursar_kernel::Usd::from_nanos),
        created_at: instant(row, 7)?,
        expires_at: instant_or_null(row, 8)?,
        revoked_at: instant_or_null(row, 9)?,
        version: count(row, 10)?,
        study: id_or_null(row, 11, StudyId::from_bytes)?,
        scope: json_or_null(row, 12)?.unwrap_or_default(),
    })
}

pub(super) const MAIL: &str = "SELECT id, recipient, subject, body, created_at, sent_at, html,
     letter, useless_after FROM mail";

pub(super) fn mail(row: &Row) -> Result<Mail, DbError> {
    Ok(Mail {
        id: id(row, 0, MailId::from_bytes)?,
        to: row.try_get(1)?,
        subject: row.try_get(2)?,
        body: row.try_get(3)?,
        html: row.try_get(6)?,
        letter: row.try_get(7)?,
        useless_after: instant_or_null(row, 8)?,
        created_at: instant(row, 4)?,
        sent_at: instant_or_null(row, 5)?,
    })
}

pub(super) const NOTICE: &str = "SELECT grant_id, milestone, at FROM notice";

pub(super) fn notice(row: &Row) -> Result<Notice, DbError> {
    let unknown = || broken(row, 1, "it does not name a milestone");
    Ok(Notice {
        grant: id(row, 0, GrantId::from_bytes)?,
        milestone: Milestone::from_name(row.try_get(1)?).ok_or_else(unknown)?,
        at: instant(row, 2)?,
    })
}

pub(super) const AUDIT: &str = "SELECT id, at, actor, action, subject, detail FROM audit_line";

pub(super) fn audit_line(row: &Row) -> Result<AuditLine, DbError> {
    Ok(AuditLine {
        id: id(row, 0, AuditId::from_bytes)?,
        at: instant(row, 1)?,
        actor: json(row, 2)?,
        action: row.try_get(3)?,
        subject: row.try_get(4)?,
        detail: row.try_get(5)?,
    })
}
