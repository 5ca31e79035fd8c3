//! What can be asked about institutions.

use async_trait::async_trait;
use bursar_institutions::Institution;
use bursar_store::{InstitutionReads, NAMES_FOUND_MAX, ReadError};
use rusqlite::params_from_iter;

use super::rows::{Conditions, body, many, one};
use crate::SqliteStore;
use crate::codec::{count, json};

const INSTITUTION: &str = "SELECT body FROM institution";
const AT: &str = "SELECT institution.body FROM institution_domain JOIN institution USING (ror)";
const NAMED: &str = "SELECT institution.body FROM institution_name JOIN institution USING (ror)";

#[async_trait]
impl InstitutionReads for SqliteStore {
    async fn institution(&self, ror: String) -> Result<Option<Institution>, ReadError> {
        one(self, INSTITUTION, "ror = ?1", ror, body).await
    }

    async fn institutions_named(&self, words: Vec<String>) -> Result<Vec<Institution>, ReadError> {
        if words.is_empty() {
            return Ok(Vec::new());
        }
        self.read(move |connection| {
            let each = (1..=words.len()).map(|number| format!("folded LIKE ?{number}"));
            let conditions = each.collect::<Vec<_>>().join(" AND ");
            let sql = format!(
                "{NAMED} WHERE {conditions} ORDER BY length(folded), ror LIMIT {NAMES_FOUND_MAX}"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let patterns = words.iter().map(|word| format!("% {word}%"));
            let found = statement.query_map(params_from_iter(patterns), |row| json(row, 0))?;
            found.collect()
        })
        .await
    }

    async fn institutions_at(&self, domain: String) -> Result<Vec<Institution>, ReadError> {
        let at = Conditions::default().and("domain =", Some(domain));
        many(self, AT, at, "ORDER BY ror", body).await
    }

    async fn institution_count(&self) -> Result<u64, ReadError> {
        self.read(|connection| {
            connection.query_row("SELECT COUNT(*) FROM institution", [], |row| count(row, 0))
        })
        .await
    }
}
