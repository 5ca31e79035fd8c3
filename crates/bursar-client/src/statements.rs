//! The routes of statements.

use std::time::Duration;

use bursar_kernel::{GrantId, ProgramId};
use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt as _;

use crate::{Client, ClientError, segment, with_query};
use bursar_api_types::{StatementFormat, StatementLines, StatementQuery};

/// How long a server may take over each piece of a file.
const PIECE_TIMEOUT: Duration = Duration::from_mins(2);

/// What a statement is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// A grant.
    Grant(GrantId),
    /// A program's pool.
    Pool(ProgramId),
}

impl Client {
    /// A statement as one document. One with each call of a busy year is better written to a file.
    pub async fn statement(
        &self,
        of: &Statement,
        which: &StatementQuery,
    ) -> Result<StatementLines, ClientError> {
        let which = StatementQuery { format: StatementFormat::Json, ..which.clone() };
        self.get(&path(of, &which)).await
    }

    /// A statement as CSV, piece by piece, however long it is.
    pub async fn statement_csv(
        &self,
        of: &Statement,
        which: &StatementQuery,
        mut write: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), ClientError> {
        let which = StatementQuery { format: StatementFormat::Csv, ..which.clone() };
        let mut body = self.open(&Method::GET, &path(of, &which), &Bytes::new(), None).await?;
        let broken = |source| ClientError::BrokenOff { url: self.url.clone(), source };
        loop {
            let frame = tokio::time::timeout(PIECE_TIMEOUT, body.frame()).await;
            let frame = frame.map_err(|late| broken(late.into()))?;
            let Some(frame) = frame else { return Ok(()) };
            let frame = frame.map_err(|error| broken(error.into()))?;
            if let Some(piece) = frame.data_ref() {
                write(piece).map_err(ClientError::NotWritten)?;
            }
        }
    }
}

fn path(of: &Statement, which: &StatementQuery) -> String {
    let path = match of {
        Statement::Grant(grant) => format!("/api/grants/{grant}/statement"),
        Statement::Pool(program) => {
            format!("/api/programs/{}/statement", segment(program.as_str()))
        }
    };
    let format = match which.format {
        StatementFormat::Json => "json",
        StatementFormat::Csv => "csv",
    };
    let calls = which.calls.then(|| ("calls", true.to_string()));
    let from = which.from.clone().map(|from| ("from", from));
    let to = which.to.clone().map(|to| ("to", to));
    with_query(&path, [from, to, Some(("format", format.to_owned())), calls])
}
