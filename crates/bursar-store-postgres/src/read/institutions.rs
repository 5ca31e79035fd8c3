//! What can be asked about institutions.

use async_trait::async_trait;
use bursar_institutions::Institution;
use bursar_store::{InstitutionReads, NAMES_FOUND_MAX, ReadError};

use super::rows::{Conditions, body, many, one};
use crate::PostgresStore;
use crate::codec::{count, json};
use crate::statement::Value;

const INSTITUTION: &str = "SELECT body FROM institution";
const AT: &str = "SELECT institution.body FROM institution_domain JOIN institution USING (ror)";
const NAMED: &str = "SELECT institution.body FROM institution_name JOIN institution USING (ror)";

#[async_trait]
impl InstitutionReads for PostgresStore {
    async fn institution(&self, ror: String) -> Result<Option<Institution>, ReadError> {
        one(self, INSTITUTION, "ror = $1", ror, body).await
    }

    async fn institutions_named(&self, words: Vec<String>) -> Result<Vec<Institution>, ReadError> {
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let each = (1..=words.len()).map(|number| format!("folded LIKE ${number}"));
        let conditions = each.collect::<Vec<_>>().join(" AND ");
        let sql = format!(
            "{NAMED} WHERE {conditions} ORDER BY length(folded), ror LIMIT {NAMES_FOUND_MAX}"
        );
        let pattern = |word: String| -> Value { Box::new(format!("% {word}%")) };
        let patterns: Vec<Value> = words.into_iter().map(pattern).collect();
        self.ask(&sql, &patterns, |row| json(row, 0)).await
    }

    async fn institutions_at(&self, domain: String) -> Result<Vec<Institution>, ReadError> {
        let at = Conditions::default().and("domain =", Some(domain));
        many(self, AT, at, "ORDER BY ror", body).await
    }

    async fn institution_count(&self) -> Result<u64, ReadError> {
        let counted =
            self.ask("SELECT COUNT(*) FROM institution", &[], |row| count(row, 0)).await?;
        Ok(counted.into_iter().next().unwrap_or_default())
    }
}
