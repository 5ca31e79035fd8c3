//! A grant's statement as a file: what moved, and what stood there after each movement.

use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse as _;
use bursar_kernel::GrantId;
use bursar_service::StatementPeriod;
use futures_util::stream;
use tracing::error;

use bursar_web::{Answer, At, OrPage, Visit};

/// Written while it is read: as much of it is in memory as one page of movements takes.
pub(super) async fn csv(visit: Visit, At(id): At<GrantId>) -> Answer {
    let whole = StatementPeriod::default();
    let statement = visit.service().grant_statement(&visit.viewer, id, whole).await;
    let statement = statement.or_page(&visit)?;
    let pieces = stream::try_unfold(statement, |mut statement| async move {
        let piece = statement.next_csv().await;
        let piece = piece.inspect_err(|error| error!(error = %error, "a statement broke off"))?;
        Ok::<_, bursar_service::ServiceError>(piece.map(|piece| (piece, statement)))
    });
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"statement-{id}.csv\"")),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}
