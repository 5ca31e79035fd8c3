//! What a round came to.

use bursar_api_types::{RoundExportDetail, RoundReportDetail, SimulateRound, SimulatedRound};
use bursar_kernel::{ProgramId, RoundId};
use bytes::Bytes;
use http::Method;

use crate::{Client, ClientError, segment};

fn path(program: &ProgramId, round: &RoundId, what: &str) -> String {
    let (program, round) = (segment(program.as_str()), segment(round.as_str()));
    format!("/api/programs/{program}/rounds/{round}/{what}")
}

impl Client {
    /// What a round came to.
    pub async fn round_report(
        &self,
        program: &ProgramId,
        round: &RoundId,
    ) -> Result<RoundReportDetail, ClientError> {
        self.get(&path(program, round, "report")).await
    }

    /// A round without its people.
    pub async fn round_export(
        &self,
        program: &ProgramId,
        round: &RoundId,
    ) -> Result<RoundExportDetail, ClientError> {
        self.get(&path(program, round, "export")).await
    }

    /// The same as CSV.
    pub async fn round_export_csv(
        &self,
        program: &ProgramId,
        round: &RoundId,
    ) -> Result<Bytes, ClientError> {
        let path = path(program, round, "export?format=csv");
        self.send(Method::GET, &path, Bytes::new()).await
    }

    /// Tries a round once more.
    pub async fn simulate_round(
        &self,
        program: &ProgramId,
        round: &RoundId,
        wanted: &SimulateRound,
    ) -> Result<SimulatedRound, ClientError> {
        self.post(&path(program, round, "simulate"), wanted).await
    }
}
