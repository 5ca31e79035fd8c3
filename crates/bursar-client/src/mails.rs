//! The routes of mails on their way.

use bursar_api_types::{BounceLine, MailLine, Mails, MailsQuery, ReportBounce, TrialMail};
use bursar_kernel::MailId;
use bytes::Bytes;
use http::Method;

use crate::{Client, ClientError, with_query};

impl Client {
    /// The latest mails.
    pub async fn mails(&self, which: &MailsQuery) -> Result<Mails, ClientError> {
        let state = which.state.clone().map(|state| ("state", state));
        let limit = which.limit.map(|limit| ("limit", limit.to_string()));
        self.get(&with_query("/api/mails", [state, limit])).await
    }

    /// Has a mail tried again.
    pub async fn retry_mail(&self, mail: MailId) -> Result<MailLine, ClientError> {
        let path = format!("/api/mails/{mail}/retry");
        self.read(self.send(Method::POST, &path, Bytes::new()).await?)
    }

    /// Writes a letter that says that mail goes out.
    pub async fn send_trial_mail(&self, wanted: &TrialMail) -> Result<MailLine, ClientError> {
        self.post("/api/mails", wanted).await
    }

    /// Reports that mail came back.
    pub async fn report_bounce(&self, told: &ReportBounce) -> Result<BounceLine, ClientError> {
        self.post("/api/mails/bounces", told).await
    }
}
