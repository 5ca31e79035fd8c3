//! The `OpenAPI` document, made from the annotations of the routes.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, ObjectBuilder, OpenApi, RefOr, Required};

const DESCRIPTION: &str = "What the pages can do, for programs. Money is a decimal string of \
    dollars, an instant is RFC 3339 in UTC, an identifier begins with what it names. Requests \
    refuse fields that they do not know; answers may grow fields. Applying and reviewing carry a \
    person's name and are for the pages; a decision names its officer. The gateway's own routes, \
    at `/v1`, are the provider's and are described there.";

const IDEMPOTENCY: &str = "A random key of the sender's choice, of 1 to 255 characters. Sent again \
    under the same key, the same request is not carried out again: it is given the answer of the \
    first time, with `Idempotent-Replayed: true`, for 24 hours. Another request under the same \
    key is refused (422), and so is one whose first is still being carried out (409 with \
    `Retry-After`). A PUT or a DELETE needs none: done again, it leaves things as they are.";

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
    for item in document.paths.paths.values_mut() {
        if let Some(post) = &mut item.post {
            post.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
        }
    }
    let nothing: [&str; 0] = [];
    document.security = Some(vec![SecurityRequirement::new("administrator", nothing)]);
    document
}

/// The header that every POST takes.
fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(IDEMPOTENCY))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(255))))
        .build()
}
