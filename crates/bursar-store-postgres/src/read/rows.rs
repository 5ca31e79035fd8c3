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
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::tables::{
    AUDIT, GRANT, KEY, MAIL, NOTICE, PERSON, SESSION, SIGN_IN_LINK, STUDY, audit_line, grant, key,
    mail, notice, person, session, sign_in_link,
};
use crate::PostgresStore;
use crate::codec::{Id, amount, count, id, instant, instant_or_null, json, millis};
use crate::error::DbError;
use crate::statement::{Value, values};

pub(super) type Parse<T> = fn(&Row) -> Result<T, DbError>;

/// The one row that a condition picks.
pub(super) async fn one<T, V>(
    store: &PostgresStore,
    select: &'static str,
    condition: &'static str,
    value: V,
    parse: Parse<T>,
) -> Result<Option<T>, ReadError>
where
    V: ToSql + Send + Sync + 'static,
{
    let sql = format!("{select} WHERE {condition}");
    let found = store.ask(&sql, &values![value], parse).await?;
    Ok(found.into_iter().next())
}

/// All rows that conditions pick, in an order.
pub(super) async fn many<T>(
    store: &PostgresStore,
    select: &'static str,
    conditions: Conditions,
    order: &'static str,
    parse: Parse<T>,
) -> Result<Vec<T>, ReadError> {
    let sql = format!("{select}{} {order}", conditions.sql());
    store.ask(&sql, &conditions.values, parse).await
}

/// Conditions that must all hold, with the values they compare to.
#[derive(Default)]
pub(super) struct Conditions {
    parts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds `column operator value` where a value is given.
    pub(super) fn and<V: ToSql + Send + Sync + 'static>(
        mut self,
        comparison: &str,
        value: Option<V>,
    ) -> Self {
        if let Some(value) = value {
            self.values.push(Box::new(value));
            self.parts.push(format!("{comparison} ${}", self.values.len()));
        }
        self
    }

    /// Adds `column IN (values)` where there are any.
    fn and_in<V: ToSql + Send + Sync + 'static>(mut self, column: &str, values: Vec<V>) -> Self {
        if !values.is_empty() {
            self.values.push(Box::new(values));
            self.parts.push(format!("{column} = ANY (${})", self.values.len()));
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

pub(super) fn body<T: serde::de::DeserializeOwned>(row: &Row) -> Result<T, DbError> {
    json(row, 0)
}

const APPLICATION: &str = "SELECT body FROM application";
// The index by state answers this alone, without a look at any application.
const ROUNDS_WITH: &str = "SELECT DISTINCT program, round FROM application";
const EVENT: &str = "SELECT body FROM application_event";
const REVIEW: &str = "SELECT body FROM review";
const CALL: &str = "SELECT body FROM call";
const CALLS_OF_HOLDS: &str = "SELECT hold, request FROM call WHERE hold = ANY ($1)";
const OF_PERSON: &str =
    " AND key_id IN (SELECT id FROM api_key WHERE grant_id = $1 AND person = $4)";
const SPEND_BY_KEY: &str =
    "SELECT key_id, SUM(cost)::BIGINT, SUM(calls)::BIGINT, MAX(last_at) FROM spend";
const SPEND_BY_MODEL: &str =
    "SELECT model, SUM(cost)::BIGINT, SUM(calls)::BIGINT, MAX(last_at) FROM spend";
const SPEND_BY_ALL: &str = "SELECT day * 86400000, cost, calls, key_id, model FROM spend";
const SPEND_BY_DAY: &str =
    "SELECT day * 86400000, SUM(cost)::BIGINT, SUM(calls)::BIGINT FROM spend";

#[async_trait]
impl Reads for PostgresStore {
    async fn person(&self, id: PersonId) -> Result<Option<Person>, ReadError> {
        one(self, PERSON, "id = $1", Id(id.to_bytes()), person).await
    }

    async fn person_by_email(&self, email: String) -> Result<Option<Person>, ReadError> {
        one(self, PERSON, "email = $1", email, person).await
    }

    async fn people(&self) -> Result<Vec<Person>, ReadError> {
        many(self, PERSON, Conditions::default(), "ORDER BY email", person).await
    }

    async fn people_by_ids(&self, ids: Vec<PersonId>) -> Result<Vec<Person>, ReadError> {
        let ids: Vec<Id> = ids.into_iter().map(|id| Id(id.to_bytes())).collect();
        let sql = format!("{PERSON} WHERE id = ANY ($1)");
        self.ask(&sql, &values![ids], person).await
    }

    async fn sign_in_link(&self, hash: SecretHash) -> Result<Option<SignInLink>, ReadError> {
        one(self, SIGN_IN_LINK, "secret_hash = $1", hash.to_vec(), sign_in_link).await
    }

    async fn session(&self, hash: SecretHash) -> Result<Option<Session>, ReadError> {
        one(self, SESSION, "secret_hash = $1", hash.to_vec(), session).await
    }

    async fn application(&self, id: ApplicationId) -> Result<Option<Application>, ReadError> {
        one(self, APPLICATION, "id = $1", Id(id.to_bytes()), body).await
    }

    async fn applications(&self, which: ApplicationFilter) -> Result<Vec<Application>, ReadError> {
        many(self, APPLICATION, picked(&which), "ORDER BY id DESC", body).await
    }

    async fn heads(&self, which: ApplicationFilter) -> Result<Vec<Head>, ReadError> {
        many(self, APPLICATION, picked(&which), "ORDER BY id DESC", body).await
    }

    async fn rounds_with(&self, state: State) -> Result<Vec<(ProgramId, RoundId)>, ReadError> {
        let conditions = Conditions::default().and("state =", Some(state.name()));
        many(self, ROUNDS_WITH, conditions, "AND round IS NOT NULL ORDER BY program, round", round)
            .await
    }

    async fn history(&self, id: ApplicationId) -> Result<Vec<Event>, ReadError> {
        let conditions = Conditions::default().and("application =", Some(Id(id.to_bytes())));
        many(self, EVENT, conditions, "ORDER BY version", body).await
    }

    async fn reviews(&self, application: ApplicationId) -> Result<Vec<Review>, ReadError> {
        let conditions =
            Conditions::default().and("application =", Some(Id(application.to_bytes())));
        many(self, REVIEW, conditions, "ORDER BY id", body).await
    }

    async fn grant(&self, id: GrantId) -> Result<Option<Grant>, ReadError> {
        one(self, GRANT, "id = $1", Id(id.to_bytes()), grant).await
    }

    async fn grants(&self, which: GrantFilter) -> Result<Vec<Grant>, ReadError> {
        let conditions = Conditions::default()
            .and("program =", which.program.as_ref().map(program_text))
            .and("holder =", which.holder.map(PersonId::to_bytes).map(Id))
            .and("deliver_from <=", which.due_by.map(millis))
            .and_that(which.due_by.map(|_| "delivered_at IS NULL AND voided_at IS NULL"))
            .and("expires_at >", which.voided_alive_at.map(millis))
            .and_that(which.voided_alive_at.map(|_| "voided_at IS NOT NULL"));
        many(self, GRANT, conditions, "ORDER BY id DESC", grant).await
    }

    async fn key(&self, id: KeyId) -> Result<Option<Key>, ReadError> {
        one(self, KEY, "id = $1", Id(id.to_bytes()), key).await
    }

    async fn key_by_hash(&self, hash: SecretHash) -> Result<Option<Key>, ReadError> {
        one(self, KEY, "secret_hash = $1", hash.to_vec(), key).await
    }

    async fn keys(&self, grant: GrantId) -> Result<Vec<Key>, ReadError> {
        let conditions = Conditions::default().and("grant_id =", Some(Id(grant.to_bytes())));
        many(self, KEY, conditions, "ORDER BY id", key).await
    }

    async fn study(&self, id: StudyId) -> Result<Option<Study>, ReadError> {
        one(self, STUDY, "id = $1", Id(id.to_bytes()), body).await
    }

    async fn studies(&self, grant: GrantId) -> Result<Vec<Study>, ReadError> {
        let conditions = Conditions::default().and("grant_id =", Some(Id(grant.to_bytes())));
        many(self, STUDY, conditions, "ORDER BY id", body).await
    }

    async fn call(&self, request: RequestId) -> Result<Option<Call>, ReadError> {
        one(self, CALL, "request = $1", Id(request.to_bytes()), body).await
    }

    async fn calls_of_holds(
        &self,
        holds: Vec<HoldId>,
    ) -> Result<Vec<(HoldId, RequestId)>, ReadError> {
        let holds: Vec<Id> = holds.into_iter().map(|hold| Id(hold.to_bytes())).collect();
        let pair =
            |row: &Row| Ok((id(row, 0, HoldId::from_bytes)?, id(row, 1, RequestId::from_bytes)?));
        self.ask(CALLS_OF_HOLDS, &values![holds], pair).await
    }

    async fn calls(&self, which: CallFilter) -> Result<Vec<Call>, ReadError> {
        let limit = i64::try_from(which.limit).unwrap_or(i64::MAX);
        let before = Id(which.before.map_or([0xff; 16], RequestId::to_bytes));
        let whose = if which.person.is_some() { OF_PERSON } else { "" };
        let sql = format!(
            "{CALL} WHERE grant_id = $1 AND request < $2{whose} ORDER BY request DESC LIMIT $3"
        );
        let grant = Id(which.grant.to_bytes());
        match which.person.map(PersonId::to_bytes).map(Id) {
            None => self.ask(&sql, &values![grant, before, limit], body).await,
            Some(person) => self.ask(&sql, &values![grant, before, limit, person], body).await,
        }
    }

    async fn spend_by_key(&self, grant: GrantId) -> Result<Vec<(KeyId, Spend)>, ReadError> {
        let conditions = Conditions::default().and("grant_id =", Some(Id(grant.to_bytes())));
        many(self, SPEND_BY_KEY, conditions, "GROUP BY key_id ORDER BY key_id", key_spend).await
    }

    async fn spend_by_model(&self, grant: GrantId) -> Result<Vec<(ModelId, Spend)>, ReadError> {
        let conditions = Conditions::default().and("grant_id =", Some(Id(grant.to_bytes())));
        many(self, SPEND_BY_MODEL, conditions, "GROUP BY model ORDER BY 2 DESC, 1", model_spend)
            .await
    }

    async fn spend_by_all(&self, grant: GrantId) -> Result<Vec<KeySpend>, ReadError> {
        let conditions = Conditions::default().and("grant_id =", Some(Id(grant.to_bytes())));
        many(self, SPEND_BY_ALL, conditions, "ORDER BY day, key_id, model", whole_spend).await
    }

    async fn spend_by_day(&self, grant: GrantId) -> Result<Vec<DaySpend>, ReadError> {
        let conditions = Conditions::default().and("grant_id =", Some(Id(grant.to_bytes())));
        many(self, SPEND_BY_DAY, conditions, "GROUP BY day ORDER BY day", day_spend).await
    }

    async fn notices(&self, grant: GrantId) -> Result<Vec<Notice>, ReadError> {
        let conditions = Conditions::default().and("grant_id =", Some(Id(grant.to_bytes())));
        many(self, NOTICE, conditions, "ORDER BY at, milestone", notice).await
    }

    async fn mails(&self, limit: usize) -> Result<Vec<Mail>, ReadError> {
        latest(self, MAIL, limit, mail).await
    }

    async fn mail(&self, id: MailId) -> Result<Option<Mail>, ReadError> {
        one(self, MAIL, "id = $1", Id(id.to_bytes()), mail).await
    }

    async fn audit_trail(&self, limit: usize) -> Result<Vec<AuditLine>, ReadError> {
        latest(self, AUDIT, limit, audit_line).await
    }

    async fn setting(&self, key: &'static str) -> Result<Option<String>, ReadError> {
        one(self, "SELECT value FROM setting", "key = $1", key, |row| Ok(row.try_get(0)?)).await
    }
}

pub(super) async fn latest<T>(
    store: &PostgresStore,
    select: &'static str,
    limit: usize,
    parse: Parse<T>,
) -> Result<Vec<T>, ReadError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    store.ask(&format!("{select} ORDER BY id DESC LIMIT $1"), &values![limit], parse).await
}

fn round(row: &Row) -> Result<(ProgramId, RoundId), DbError> {
    let (program, round): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    Ok((ProgramId::new(program), RoundId::new(round)))
}

fn picked(which: &ApplicationFilter) -> Conditions {
    Conditions::default()
        .and("program =", which.program.as_ref().map(program_text))
        .and("applicant =", which.applicant.map(PersonId::to_bytes).map(Id))
        .and("round =", which.round.as_ref().map(round_text))
        .and_in("state", which.states.iter().map(|state| state.name()).collect())
        .and_in("id", which.ids.iter().map(|id| Id(id.to_bytes())).collect())
}

fn program_text(program: &ProgramId) -> String {
    program.as_str().to_owned()
}

fn round_text(round: &RoundId) -> String {
    round.as_str().to_owned()
}

fn key_spend(row: &Row) -> Result<(KeyId, Spend), DbError> {
    let spend =
        Spend { cost: amount(row, 1)?, calls: count(row, 2)?, last_at: instant_or_null(row, 3)? };
    Ok((id(row, 0, KeyId::from_bytes)?, spend))
}

fn model_spend(row: &Row) -> Result<(ModelId, Spend), DbError> {
    let spend =
        Spend { cost: amount(row, 1)?, calls: count(row, 2)?, last_at: instant_or_null(row, 3)? };
    Ok((ModelId::new(row.try_get::<_, String>(0)?), spend))
}

fn day_spend(row: &Row) -> Result<DaySpend, DbError> {
    let cost: Usd = amount(row, 1)?;
    let day = instant(row, 0)?.to_zoned(TimeZone::UTC).date();
    Ok(DaySpend { day, cost, calls: count(row, 2)? })
}

fn whole_spend(row: &Row) -> Result<KeySpend, DbError> {
    let DaySpend { day, cost, calls } = day_spend(row)?;
    let model: String = row.try_get(4)?;
    let (key, model) = (id(row, 3, KeyId::from_bytes)?, ModelId::new(model));
    Ok(KeySpend { day, key, model, cost, calls })
}
