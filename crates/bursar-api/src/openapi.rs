//! The `OpenAPI` document, made from the annotations of the routes.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, OpenApi};

const DESCRIPTION: &str = "What the pages can do, for programs. Money is a decimal string of \
    dollars, an instant is RFC 3339 in UTC, an identifier begins with what it names. Requests \
    refuse fields that they do not know; answers may grow fields. Applying and reviewing carry a \
    person's name and are for the pages; a decision names its officer. The gateway's own routes, \
    at `/v1`, are the provider's and are described there.";

/// The document as the door serves it at `/api/openapi.json`.
pub fn openapi() -> serde_json::Value {
    let document = finish(crate::routes::document());
    serde_json::to_value(document).expect("a document is made of text, numbers and lists")
}

/// Adds what holds for every route: what the door is, and that it takes the token.
pub(crate) fn finish(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Bursar")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .build();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The administrator's token of the installation"))
        .build();
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme("administrator", SecurityScheme::Http(bearer));
    let nothing: [&str; 0] = [];
    document.security = Some(vec![SecurityRequirement::new("administrator", nothing)]);
    document
}
