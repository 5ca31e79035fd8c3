//! Institutions.

use bursar_api_types::{Institutions, TakeInstitutions, TakenInstitutions};

use crate::{Client, ClientError, with_query};

impl Client {
    /// Finds institutions by words of a name.
    pub async fn institutions(&self, search: &str) -> Result<Institutions, ClientError> {
        let wanted = [Some(("search", search.to_owned()))];
        self.get(&with_query("/api/institutions", wanted)).await
    }

    /// Takes institutions over what is known of them.
    pub async fn take_institutions(
        &self,
        wanted: &TakeInstitutions,
    ) -> Result<TakenInstitutions, ClientError> {
        self.post("/api/institutions", wanted).await
    }
}
