//! Every route, with what it does to money and to what grants own: the router is made of this
//! table, and so is the reference in `docs/GATEWAY.md`.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, delete, get, post};
use bursar_kernel::Endpoint;
use bursar_kernel::limits::{
    BATCH_LINES_MAX, FILES_PER_GRANT_MAX, INPUT_ITEMS_LISTED_MAX, LISTED_MAX,
    OPEN_BATCHES_PER_GRANT_MAX, OPEN_RESPONSES_PER_GRANT_MAX, OPEN_UPLOADS_PER_GRANT_MAX,
    REALTIME_IDLE_MAX, REALTIME_MESSAGE_BYTES_MAX, REALTIME_SESSION_MAX, REALTIME_SESSIONS_MAX,
    REALTIME_SESSIONS_PER_GRANT_MAX, UPLOAD_BYTES_MAX, UPLOAD_IN_PARTS_BYTES_MAX, UPLOAD_PARTS_MAX,
    UPLOAD_WINDOW, UPLOADS_AT_A_TIME_MAX,
};
use bursar_meter::reference::money;
use http::{HeaderMap, Method};

use crate::gateway::Gateway;
use crate::serve::serve;
use crate::{accounts, batches, files, models, realtime, responses, uploads};
use bursar_failures::Failure;

const NOTHING: &str = "nothing";
const FREE: &str = "nothing: it is free";
const OWN: &str = "shows what the key's grant has, and nobody else's";
const OWN_ALONE: &str = "of the key's grant alone: anybody else's does not exist";
const TIER: &str = "requests, tokens and calls in flight by the holder's tier";
const UNLIMITED: &str = "no";
const UPLOAD_HOURS: i64 = UPLOAD_WINDOW.as_hours();

/// A route.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: String,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the reference is written from it by a test")
    )]
    pub(crate) effects: Effects,
    pub(crate) handler: MethodRouter<Arc<Gateway>>,
}

/// What a route does.
#[cfg_attr(not(test), expect(dead_code, reason = "the reference is written from it by a test"))]
pub(crate) struct Effects {
    /// Where what it used is read.
    pub(crate) metered: String,
    /// What is set aside before anything is sent.
    pub(crate) held: String,
    /// What is charged.
    pub(crate) priced: String,
    /// Whose it is, what it makes or shows.
    pub(crate) owned: String,
    /// What limits it.
    pub(crate) limited: String,
}

impl Effects {
    fn free(owned: &str, limited: &str) -> Self {
        let text = str::to_owned;
        let (held, priced) = (text(NOTHING), text(FREE));
        Self { metered: text("no"), held, priced, owned: text(owned), limited: text(limited) }
    }
}

/// Every route, in the order of the reference.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes: Vec<Route> = Endpoint::posted().map(metered).collect();
    routes.push(realtime());
    routes.extend(of_responses());
    routes.extend(of_files());
    routes.extend(of_uploads());
    routes.extend(of_batches());
    routes.extend([
        free("/v1/models", get(list_models), "shows what the key's grant may call", UNLIMITED),
        free("/v1/models/{model}", get(show_model), "the same, of one model", UNLIMITED),
    ]);
    routes.extend(
        bursar_accounts::PATHS
            .map(|(path, limited)| free(path, get(accounts::show), OWN_ALONE, limited)),
    );
    routes
}

fn metered(endpoint: Endpoint) -> Route {
    let [held, priced] = money(endpoint).map(str::to_owned);
    let text = str::to_owned;
    let (metered, owned) = match endpoint {
        Endpoint::Responses => (
            "its answer; of one in the background, what its provider says once it has ended",
            "the answer is its grant's where it is stored: with `store: true`, in the background, \
             and with `previous_response_id`, which has to be the grant's too",
        ),
        Endpoint::Moderations | Endpoint::Realtime => ("no", "nothing is kept"),
        Endpoint::ChatCompletions
        | Endpoint::Completions
        | Endpoint::Embeddings
        | Endpoint::ImageGenerations
        | Endpoint::ImageEdits
        | Endpoint::AudioSpeech
        | Endpoint::AudioTranscriptions
        | Endpoint::AudioTranslations => ("its answer", "nothing is kept"),
    };
    let limited = match endpoint {
        Endpoint::Responses => {
            format!("{TIER}; {OPEN_RESPONSES_PER_GRANT_MAX} of a grant in the background at a time")
        }
        Endpoint::ImageGenerations | Endpoint::ImageEdits => format!("{TIER}, and images"),
        Endpoint::ChatCompletions
        | Endpoint::Completions
        | Endpoint::Embeddings
        | Endpoint::Moderations
        | Endpoint::AudioSpeech
        | Endpoint::AudioTranscriptions
        | Endpoint::AudioTranslations
        | Endpoint::Realtime => text(TIER),
    };
    let handler = move |State(gateway): Shared, request: Request| serve(gateway, endpoint, request);
    Route {
        method: Method::POST,
        path: format!("/v1{}", endpoint.path()),
        effects: Effects { metered: text(metered), held, priced, owned: text(owned), limited },
        handler: post(handler),
    }
}

fn realtime() -> Route {
    let [held, priced] = money(Endpoint::Realtime).map(str::to_owned);
    let limited = format!(
        "each response: {TIER}; {REALTIME_SESSIONS_PER_GRANT_MAX} sessions of a grant and \
         {REALTIME_SESSIONS_MAX} of a server, {REALTIME_MESSAGE_BYTES_MAX} bytes a message, {} \
         minutes each, {} without a word",
        REALTIME_SESSION_MAX.as_mins(),
        REALTIME_IDLE_MAX.as_mins(),
    );
    let text = str::to_owned;
    let metered = text("each response by its last event, and what was written down by its own");
    let owned = text("nothing is kept: a session lies at its upstream, and ends with its socket");
    Route {
        method: Method::GET,
        path: format!("/v1{}", Endpoint::Realtime.path()),
        effects: Effects { metered, held, priced, owned, limited },
        handler: get(realtime::serve),
    }
}

fn of_responses() -> [Route; 4] {
    let items = format!("{INPUT_ITEMS_LISTED_MAX} items a page");
    let kept = format!("{OWN_ALONE}; not before it is charged");
    [
        free("/v1/responses/{id}", get(responses::show), OWN_ALONE, UNLIMITED),
        Route {
            method: Method::DELETE,
            ..free("/v1/responses/{id}", delete(responses::remove), &kept, UNLIMITED)
        },
        Route {
            method: Method::POST,
            ..free("/v1/responses/{id}/cancel", post(responses::cancel), OWN_ALONE, UNLIMITED)
        },
        free("/v1/responses/{id}/input_items", get(responses::input_items), OWN_ALONE, &items),
    ]
}

fn of_files() -> [Route; 5] {
    let pages = format!("{LISTED_MAX} a page");
    let uploads = format!(
        "{UPLOAD_BYTES_MAX} bytes each, {FILES_PER_GRANT_MAX} of a grant, {UPLOADS_AT_A_TIME_MAX} \
         on their way at a time"
    );
    let kept = format!("{OWN_ALONE}; what a batch wrote, not before the batch is charged");
    let made = "the file is its grant's";
    [
        free("/v1/files", get(files::list), OWN, &pages),
        Route { method: Method::POST, ..free("/v1/files", post(files::upload), made, &uploads) },
        free("/v1/files/{id}", get(files::show), OWN_ALONE, UNLIMITED),
        Route {
            method: Method::DELETE,
            ..free("/v1/files/{id}", delete(files::remove), &kept, UNLIMITED)
        },
        free("/v1/files/{id}/content", get(files::content), OWN_ALONE, UNLIMITED),
    ]
}

fn of_uploads() -> [Route; 4] {
    let begun = format!(
        "{UPLOAD_IN_PARTS_BYTES_MAX} bytes each, {OPEN_UPLOADS_PER_GRANT_MAX} of a grant that wait \
         for parts, {UPLOAD_HOURS} h each; then it is given up"
    );
    let parts = format!(
        "{UPLOAD_BYTES_MAX} bytes each, {UPLOAD_PARTS_MAX} of an upload, {UPLOADS_AT_A_TIME_MAX} \
         on their way at a time"
    );
    let files = format!("{FILES_PER_GRANT_MAX} files of a grant");
    let made = "the upload is its grant's";
    let completed = "of the key's grant alone, and so is the file, once it was read back and is \
                     what its parts were";
    let post_to = |path: &str, handler, owned: &str, limited: &str| Route {
        method: Method::POST,
        ..free(path, handler, owned, limited)
    };
    [
        post_to("/v1/uploads", post(uploads::create), made, &begun),
        post_to("/v1/uploads/{id}/parts", post(uploads::add_part), OWN_ALONE, &parts),
        post_to("/v1/uploads/{id}/complete", post(uploads::complete), completed, &files),
        post_to("/v1/uploads/{id}/cancel", post(uploads::cancel), OWN_ALONE, UNLIMITED),
    ]
}

fn of_batches() -> [Route; 4] {
    let pages = format!("{LISTED_MAX} a page");
    let text = str::to_owned;
    let made = Effects {
        metered: text("the file that its lines wrote, once it has ended"),
        held: text("what its lines can cost together, on the lots themselves"),
        priced: text("what its lines used together, at the price of batches, once"),
        owned: text("the batch, and what it writes, are its grant's; so has its file to be"),
        limited: format!(
            "{BATCH_LINES_MAX} lines, {OPEN_BATCHES_PER_GRANT_MAX} of a grant under way at a \
             time; input tokens under way by the holder's tier"
        ),
    };
    [
        free("/v1/batches", get(batches::list), OWN, &pages),
        Route {
            method: Method::POST,
            path: text("/v1/batches"),
            effects: made,
            handler: post(batches::create),
        },
        free("/v1/batches/{id}", get(batches::show), OWN_ALONE, UNLIMITED),
        Route {
            method: Method::POST,
            ..free("/v1/batches/{id}/cancel", post(batches::cancel), OWN_ALONE, UNLIMITED)
        },
    ]
}

/// A route that costs nothing: to get something, where nothing else is said.
fn free(path: &str, handler: MethodRouter<Arc<Gateway>>, owned: &str, limited: &str) -> Route {
    let effects = Effects::free(owned, limited);
    Route { method: Method::GET, path: path.to_owned(), effects, handler }
}

type Shared = State<Arc<Gateway>>;

async fn list_models(State(gateway): Shared, headers: HeaderMap) -> Result<Response, Failure> {
    models::list(&gateway, &headers).await
}

async fn show_model(
    State(gateway): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    models::show(&gateway, &headers, &name).await
}

#[cfg(test)]
mod tests;
