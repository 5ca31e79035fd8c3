//! What everything but the book can be asked.

use async_trait::async_trait;
use bursar_award::{Application, Event, Review, State};
use bursar_kernel::{
    ApplicationId, GrantId, HoldId, KeyId, MailId, ModelId, PersonId, ProgramId, RequestId,
    RoundId, StudyId, Usd,
};
use bursar_store::rows::{
    AuditLine, Call, Grant, Key, Mail, Notice, Person, SecretHash, Session, SignInLink, Study,
};
use bursar_store::{
    ApplicationFilter, CallFilter, DaySpend, GrantFilter, Head, KeySpend, ReadError, Reads, Spend,
};
use jiff::tz::TimeZone;
use rusqlite::{Connection, Error, OptionalExtension, Row, ToSql, params, params_from_iter};

use super::tables::{
    AUDIT, GRANT, KEY, MAIL, NOTICE, PERSON, SESSION, SIGN_IN_LINK, STUDY, audit_line, grant, key,
    mail, notice, person, session, sign_in_link,
};
use crate::SqliteStore;
use crate::codec::{amount, count, id, instant, instant_or_null, json, millis};

pub(super) type Parse<T> = fn(&Row<'_>) -> Result<T, Error>;

/// The one row that a condition picks.
pub(super) async fn one<T, V>(
    store: &SqliteStore,
    select: &'static str,
    condition: &'static str,
    value: V,
    parse: Parse<T>,
) -> Result<Option<T>, ReadError>
where
    T: Send + 'static,
    V: ToSql + Send + 'static,
{
    let query = move |connection: &Connection| {
        let sql = format!("{select} WHERE {condition}");
        connection.prepare_cached(&sql)?.query_row(params![value], parse).optional()
    };
    store.read(query).await
}

/// All rows that conditions pick, in an order.
pub(super) async fn many<T: Send + 'static>(
    store: &SqliteStore,
    select: &'static str,
    conditions: Conditions,
    order: &'static str,
    parse: Parse<T>,
) -> Result<Vec<T>, ReadError> {
    let query = move |connection: &Connection| {
        let sql = format!("{select}{} {order}", conditions.sql());
        let mut statement = connection.prepare_cached(&sql)?;
        statement.query_map(params_from_iter(conditions.values), parse)?.collect()
    };
    store.read(query).await
}

/// Conditions that must all hold, with the values they compare to.
#[derive(Default)]
pub(super) struct Conditions {
    parts: Vec<String>,
    values: Vec<Box<dyn ToSql + Send>>,
}

impl Conditions {
    /// Adds `column operator value` where a value is given.
    pub(super) fn and<V: ToSql + Send + 'static>(
        mut self,
        comparison: &str,
        value: Option<V>,
    ) -> Self {
        if let Some(value) = value {
            self.values.push(Box::new(value));
            self.parts.push(format!("{comparison} ?{}", self.values.len()));
        }
        self
    }

    /// Adds `column IN (values)` where there are any.
    fn and_in<V: ToSql + Send + 'static>(mut self, column: &str, values: Vec<V>) -> Self {
        if !values.is_empty() {
            let mut places = Vec::with_capacity(values.len());
            for value in values {
                self.values.push(Box::new(value));
                places.push(format!("?{}", self.values.len()));
            }
            self.parts.push(format!("{column} IN ({})", places.join(", ")));
        }
        self
    }

    pub(super) fn and_that(mut self, condition: Option<&str>) -> Self {
        self.parts.extend(condition.map(str::to_owned));
        self
    }

    fn sql(&self) -> String {
        if self.parts.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", self.parts.join(" AND "))
        }
    }
}

pub(super) fn body<T: serde::de::DeserializeOwned>(row: &Row<'_>) -> Result<T, Error> {
    json(row, 0)
}

const APPLICATION: &str = "SELECT body FROM application";
// The index by state answers this alone, without a look at any application.
const ROUNDS_WITH: &str = "SELECT DISTINCT program, round FROM application
     WHERE state = ?1 AND round IS NOT NULL ORDER BY program, round";
const EVENT: &str = "SELECT body FROM application_event";
const REVIEW: &str = "SELECT body FROM review";
const CALL: &str = "SELECT body FROM call";
const CALL_OF_HOLD: &str = "SELECT request FROM call WHERE hold = ?1";
const OF_PERSON: &str =
    " AND key_id IN (SELECT id FROM api_key WHERE grant_id = ?1 AND person = ?4)";
const SPEND_BY_KEY: &str = "SELECT key_id, SUM(cost), SUM(calls), MAX(last_at) FROM spend";
const SPEND_BY_MODEL: &str = "SELECT model, SUM(cost), SUM(calls), MAX(last_at) FROM spend";
const SPEND_BY_ALL: &str = "SELECT day * 86400000, cost, calls, key_id, model FROM spend";
const SPEND_BY_DAY: &str = "SELECT day * 86400000, SUM(cost), SUM(calls) FROM spend";

#[async_trait]
impl Reads for SqliteStore {
    async fn person(&self, id: PersonId) -> Result<Option<Person>, ReadError> {
        one(self, PERSON, "id = ?1", id.to_bytes(), person).await
    }

    async fn person_by_email(&self, email: String) -> Result<Option<Person>, ReadError> {
        one(self, PERSON, "email = ?1", email, person).await
    }

    async fn people(&self) -> Result<Vec<Person>, ReadError> {
        many(self, PERSON, Conditions::default(), "ORDER BY email", person).await
    }

    async fn people_by_ids(&self, ids: Vec<PersonId>) -> Result<Vec<Person>, ReadError> {
        // One at a time, since there may be more than one statement takes.
        let query = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(&format!("{PERSON} WHERE id = ?1"))?;
            let mut found = Vec::with_capacity(ids.len());
            for id in ids {
                found.extend(statement.query_row(params![id.to_bytes()], person).optional()?);
            }
            Ok(found)
        };
        self.read(query).await
    }

    async fn sign_in_link(&self, hash: SecretHash) -> Result<Option<SignInLink>, ReadError> {
        one(self, SIGN_IN_LINK, "secret_hash = ?1", hash, sign_in_link).await
    }

    async fn session(&self, hash: SecretHash) -> Result<Option<Session>, ReadError> {
        one(self, SESSION, "secret_hash = ?1", hash, session).await
    }

    async fn application(&self, id: ApplicationId) -> Result<Option<Application>, ReadError> {
        one(self, APPLICATION, "id = ?1", id.to_bytes(), body).await
    }

    async fn applications(&self, which: ApplicationFilter) -> Result<Vec<Application>, ReadError> {
        many(self, APPLICATION, picked(&which), "ORDER BY id DESC", body).await
    }

    async fn heads(&self, which: ApplicationFilter) -> Result<Vec<Head>, ReadError> {
        many(self, APPLICATION, picked(&which), "ORDER BY id DESC", body).await
    }

    async fn rounds_with(&self, state: State) -> Result<Vec<(ProgramId, RoundId)>, ReadError> {
        let query = move |connection: &Connection| {
            let round = |row: &Row<'_>| {
                let (program, round): (String, String) = (row.get(0)?, row.get(1)?);
                Ok((ProgramId::new(program), RoundId::new(round)))
            };
            let mut statement = connection.prepare_cached(ROUNDS_WITH)?;
            statement.query_map(params![state.name()], round)?.collect()
        };
        self.read(query).await
    }

    async fn history(&self, id: ApplicationId) -> Result<Vec<Event>, ReadError> {
        let conditions = Conditions::default().and("application =", Some(id.to_bytes()));
        many(self, EVENT, conditions, "ORDER BY version", body).await
    }

    async fn reviews(&self, application: ApplicationId) -> Result<Vec<Review>, ReadError> {
        let conditions = Conditions::default().and("application =", Some(application.to_bytes()));
        many(self, REVIEW, conditions, "ORDER BY id", body).await
    }

    async fn grant(&self, id: GrantId) -> Result<Option<Grant>, ReadError> {
        one(self, GRANT, "id = ?1", id.to_bytes(), grant).await
    }

    async fn grants(&self, which: GrantFilter) -> Result<Vec<Grant>, ReadError> {
        let conditions = Conditions::default()
            .and("program =", which.program.as_ref().map(program_text))
            .and("holder =", which.holder.map(PersonId::to_bytes))
            .and("deliver_from <=", which.due_by.map(millis))
            .and_that(which.due_by.map(|_| "delivered_at IS NULL AND voided_at IS NULL"))
            .and("expires_at >", which.voided_alive_at.map(millis))
            .and_that(which.voided_alive_at.map(|_| "voided_at IS NOT NULL"));
        many(self, GRANT, conditions, "ORDER BY id DESC", grant).await
    }

    async fn key(&self, id: KeyId) -> Result<Option<Key>, ReadError> {
        one(self, KEY, "id = ?1", id.to_bytes(), key).await
    }

    async fn key_by_hash(&self, hash: SecretHash) -> Result<Option<Key>, ReadError> {
        one(self, KEY, "secret_hash = ?1", hash, key).await
    }

    async fn keys(&self, grant: GrantId) -> Result<Vec<Key>, ReadError> {
        let conditions = Conditions::default().and("grant_id =", Some(grant.to_bytes()));
        many(self, KEY, conditions, "ORDER BY id", key).await
    }

    async fn study(&self, id: StudyId) -> Result<Option<Study>, ReadError> {
        one(self, STUDY, "id = ?1", id.to_bytes(), body).await
    }

    async fn studies(&self, grant: GrantId) -> Result<Vec<Study>, ReadError> {
        let conditions = Conditions::default().and("grant_id =", Some(grant.to_bytes()));
        many(self, STUDY, conditions, "ORDER BY id", body).await
    }

    async fn call(&self, request: RequestId) -> Result<Option<Call>, ReadError> {
        one(self, CALL, "request = ?1", request.to_bytes(), body).await
    }

    async fn calls_of_holds(
        &self,
        holds: Vec<HoldId>,
    ) -> Result<Vec<(HoldId, RequestId)>, ReadError> {
        let query = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(CALL_OF_HOLD)?;
            let mut found = Vec::with_capacity(holds.len());
            for hold in holds {
                let call = statement
                    .query_row(params![hold.to_bytes()], |row| id(row, 0, RequestId::from_bytes));
                found.extend(call.optional()?.map(|call| (hold, call)));
            }
            Ok(found)
        };
        self.read(query).await
    }

    async fn calls(&self, which: CallFilter) -> Result<Vec<Call>, ReadError> {
        let limit = i64::try_from(which.limit).unwrap_or(i64::MAX);
        let query = move |connection: &Connection| {
            let before = which.before.map_or([0xff; 16], RequestId::to_bytes);
            let whose = if which.person.is_some() { OF_PERSON } else { "" };
            let sql = format!(
                "{CALL} WHERE grant_id = ?1 AND request < ?2{whose}
                 ORDER BY request DESC LIMIT ?3"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let grant = which.grant.to_bytes();
            let calls = match which.person.map(PersonId::to_bytes) {
                None => statement.query_map(params![grant, before, limit], body)?,
                Some(person) => statement.query_map(params![grant, before, limit, person], body)?,
            };
            calls.collect()
        };
        self.read(query).await
    }

    async fn spend_by_key(&self, grant: GrantId) -> Result<Vec<(KeyId, Spend)>, ReadError> {
        let conditions = Conditions::default().and("grant_id =", Some(grant.to_bytes()));
        many(self, SPEND_BY_KEY, conditions, "GROUP BY key_id ORDER BY key_id", key_spend).await
    }

    async fn spend_by_model(&self, grant: GrantId) -> Result<Vec<(ModelId, Spend)>, ReadError> {
        let conditions = Conditions::default().and("grant_id =", Some(grant.to_bytes()));
        many(self, SPEND_BY_MODEL, conditions, "GROUP BY model ORDER BY 2 DESC, 1", model_spend)
            .await
    }

    async fn spend_by_all(&self, grant: GrantId) -> Result<Vec<KeySpend>, ReadError> {
        let conditions = Conditions::default().and("grant_id =", Some(grant.to_bytes()));
        many(self, SPEND_BY_ALL, conditions, "ORDER BY day, key_id, model", whole_spend).await
    }

    async fn spend_by_day(&self, grant: GrantId) -> Result<Vec<DaySpend>, ReadError> {
        let conditions = Conditions::default().and("grant_id =", Some(grant.to_bytes()));
        many(self, SPEND_BY_DAY, conditions, "GROUP BY day ORDER BY day", day_spend).await
    }

    async fn notices(&self, grant: GrantId) -> Result<Vec<Notice>, ReadError> {
        let conditions = Conditions::default().and("grant_id =", Some(grant.to_bytes()));
        many(self, NOTICE, conditions, "ORDER BY at, milestone", notice).await
    }

    async fn mails(&self, limit: usize) -> Result<Vec<Mail>, ReadError> {
        latest(self, MAIL, limit, mail).await
    }

    async fn mail(&self, id: MailId) -> Result<Option<Mail>, ReadError> {
        one(self, MAIL, "id = ?1", id.to_bytes(), mail).await
    }

    async fn audit_trail(&self, limit: usize) -> Result<Vec<AuditLine>, ReadError> {
        latest(self, AUDIT, limit, audit_line).await
    }

    async fn setting(&self, key: &'static str) -> Result<Option<String>, ReadError> {
        one(self, "SELECT value FROM setting", "key = ?1", key, |row| row.get(0)).await
    }
}

pub(super) async fn latest<T: Send + 'static>(
    store: &SqliteStore,
    select: &'static str,
    limit: usize,
    parse: Parse<T>,
) -> Result<Vec<T>, ReadError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let query = move |connection: &Connection| {
        let sql = format!("{select} ORDER BY id DESC LIMIT ?1");
        connection.prepare_cached(&sql)?.query_map(params![limit], parse)?.collect()
    };
    store.read(query).await
}

fn picked(which: &ApplicationFilter) -> Conditions {
    Conditions::default()
        .and("program =", which.program.as_ref().map(program_text))
        .and("applicant =", which.applicant.map(PersonId::to_bytes))
        .and("round =", which.round.as_ref().map(round_text))
        .and_in("state", which.states.iter().map(|state| state.name()).collect())
        .and_in("id", which.ids.iter().map(|id| id.to_bytes()).collect())
}

fn program_text(program: &ProgramId) -> String {
    program.as_str().to_owned()
}

fn round_text(round: &RoundId) -> String {
    round.as_str().to_owned()
}

fn key_spend(row: &Row<'_>) -> Result<(KeyId, Spend), Error> {
    let spend =
        Spend { cost: amount(row, 1)?, calls: count(row, 2)?, last_at: instant_or_null(row, 3)? };
    Ok((id(row, 0, KeyId::from_bytes)?, spend))
}

fn model_spend(row: &Row<'_>) -> Result<(ModelId, Spend), Error> {
    let spend =
        Spend { cost: amount(row, 1)?, calls: count(row, 2)?, last_at: instant_or_null(row, 3)? };
    Ok((ModelId::new(row.get::<_, String>(0)?), spend))
}

fn day_spend(row: &Row<'_>) -> Result<DaySpend, Error> {
    let cost: Usd = amount(row, 1)?;
    let day = instant(row, 0)?.to_zoned(TimeZone::UTC).date();
    Ok(DaySpend { day, cost, calls: count(row, 2)? })
}

fn whole_spend(row: &Row<'_>) -> Result<KeySpend, Error> {
    let DaySpend { day, cost, calls } = day_spend(row)?;
    let model: String = row.get(4)?;
    let (key, model) = (id(row, 3, KeyId::from_bytes)?, ModelId::new(model));
    Ok(KeySpend { day, key, model, cost, calls })
}
