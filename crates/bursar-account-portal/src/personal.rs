//! What is somebody's own: given to them.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse as _;
use axum::routing::get;
use bursar_personal::export;
use bursar_service::ServiceError;
use bursar_ui::routes;
use futures_util::stream;
use tracing::error;

use bursar_web::{Answer, OrPage, Site, Visit};

pub(crate) fn routes() -> Router<Site> {
    Router::new().route(routes::EXPORT, get(download))
}

/// Written while it is read: as much of it is in memory as one page of calls takes.
async fn download(visit: Visit) -> Answer {
    let Some(person) = &visit.person else {
        return Err(visit.trouble(ServiceError::SignInFirst));
    };
    let service = Arc::clone(&visit.site().service);
    let everything = export(&service, &visit.viewer, person.id).await.or_page(&visit)?;
    let pieces = stream::try_unfold(everything, |mut everything| async move {
        let piece = everything.next().await;
        let piece = piece.inspect_err(|error| error!(error = %error, "an export broke off"))?;
        Ok::<_, ServiceError>(piece.map(|piece| (piece, everything)))
    });
    let name = format!("attachment; filename=\"bursar-{}.zip\"", person.id);
    let headers = [(CONTENT_TYPE, "application/zip".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(pieces)).into_response())
}
