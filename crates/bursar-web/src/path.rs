//! Typed parts of a path; a part that is no such thing is a page that does not exist.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::{Site, Trouble, Visit};

/// The parts of the path.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Site> for At<T> {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Trouble> {
        if let Ok(Path(value)) = Path::from_request_parts(parts, site).await {
            return Ok(Self(value));
        }
        Err(Visit::open(parts, site).await?.not_found())
    }
}

/// What the query asks for; what cannot be read is as if it were left out.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned + Default + Send> FromRequestParts<Site> for Asked<T> {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        _site: &Site,
    ) -> Result<Self, std::convert::Infallible> {
        Ok(Self(Query::try_from_uri(&parts.uri).map(|Query(asked)| asked).unwrap_or_default()))
    }
}
