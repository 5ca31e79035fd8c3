//! Paths of the provider's that nothing answers at here: why, and what to do instead.

/// A path, or a path and all that is below it, and why it is not offered.
pub(crate) struct NotOffered {
    pub(crate) path: &'static str,
    pub(crate) below: bool,
    pub(crate) why: &'static str,
}

/// All of them, in the order of the reference.
pub(crate) const NOT_OFFERED: [NotOffered; 26] = [
    only("/v1/responses/input_tokens", COUNT),
    only("/v1/responses/compact", COMPACT),
    only("/v1/chat/completions/{id}", CHATS),
    only("/v1/chat/completions/{id}/messages", CHATS),
    all("/v1/conversations", CONVERSATIONS),
    only("/v1/images/variations", VARIATIONS),
    all("/v1/vector_stores", VECTOR_STORES),
    all("/v1/fine_tuning", FINE_TUNING),
    all("/v1/assistants", ASSISTANTS),
    all("/v1/threads", ASSISTANTS),
    all("/v1/chatkit", ASSISTANTS),
    all("/v1/evals", EVALS),
    all("/v1/containers", CONTAINERS),
    all("/v1/skills", CONTAINERS),
    all("/v1/videos", VIDEOS),
    only("/v1/audio/voices", VOICES),
    all("/v1/audio/voice_consents", VOICES),
    only("/v1/content_provenance_checks", PROVENANCE),
    all("/v1/realtime/client_secrets", SECRETS),
    all("/v1/realtime/sessions", SECRETS),
    all("/v1/realtime/transcription_sessions", TRANSCRIPTION_SESSIONS),
    all("/v1/realtime/calls", PHONE_CALLS),
    all("/v1/realtime/translations", TRANSLATIONS),
    only("/v1/organization/usage/{kind}", NO_USAGE),
    all("/v1/organization", ADMIN),
    all("/v1/projects", ADMIN),
];

const COUNT: &str = "what it would count is not limited here yet. `x-bursar-hold` of any call says \
    what its tokens may cost.";
const COMPACT: &str = "what it makes is not metered here yet. Send a shorter `input`.";
const CHATS: &str = "chats are not stored, since they would lie in an account that grants share. \
    Store an answer of `/v1/responses` with `\"store\": true`.";
const CONVERSATIONS: &str = "conversations grow behind the gateway's back, and how long they are \
    is not known. Go on with `previous_response_id`.";
const VARIATIONS: &str = "`dall-e-2` alone made them, which the provider has retired and which has \
    no price here. Send the image to `/v1/images/edits`, with a prompt that says what may change.";
const VECTOR_STORES: &str = "what is stored is billed by the day, which is not metered here yet. \
    Make vectors with `/v1/embeddings`, and keep and search them on a machine of your own.";
const FINE_TUNING: &str = "no program here allows it, since what a training costs and what its \
    model costs afterwards is not metered yet. Put examples into the prompt of a model that \
    `GET /v1/models` lists; if a study cannot do without, tell the program's officers.";
const ASSISTANTS: &str = "it calls models behind the gateway's back, and the provider ends it. Use \
    `/v1/responses`, and go on with `previous_response_id`.";
const EVALS: &str = "it calls models behind the gateway's back, and the provider has ended it. \
    Send the items through `/v1/batches` at half the price, and judge the answers with calls of \
    your own.";
const CONTAINERS: &str = "what runs in a container is billed by the session, which is not metered \
    here yet. Offer a tool of type `function`, which your own program runs.";
const VIDEOS: &str = "videos have no price here. `GET /v1/models` lists what has.";
const VOICES: &str = "a voice would lie in an account that grants share. Use one of the provider's \
    own, by its name.";
const PROVENANCE: &str = "what it costs is not known here.";
const SECRETS: &str = "a secret of the provider's would let a browser talk to the provider itself, \
    where nothing is set aside for it. Connect to `/v1/realtime?model=...` through this gateway: \
    from a server with the key in its header, from a browser through a server of yours.";
const TRANSCRIPTION_SESSIONS: &str = "sessions that only write down what they hear are not metered \
    here. Send the recording to `/v1/audio/transcriptions`, or set `audio.input.transcription` in \
    a session of `/v1/realtime`.";
const PHONE_CALLS: &str = "calls by WebRTC and telephone go past this gateway, which could not pay \
    for an answer before it is made. Use a WebSocket session, `/v1/realtime?model=...`.";
const TRANSLATIONS: &str = "sessions that translate have no price here. Say in the `instructions` \
    of a session of `/v1/realtime` what is to be translated.";
const NO_USAGE: &str = "calls of that kind are not offered, and so there is no usage of them. \
    `/v1/organization/usage/completions`, `embeddings`, `moderations`, `images`, \
    `audio_speeches` and `audio_transcriptions` tell of the others.";
const ADMIN: &str = "a grant's key manages neither people nor keys nor limits. The portal does; of \
    the provider's organization routes `/v1/organization/costs` and `/v1/organization/usage/...` \
    are answered for the key's own grant.";

const fn only(path: &'static str, why: &'static str) -> NotOffered {
    NotOffered { path, below: false, why }
}

/// And all that is below it.
const fn all(path: &'static str, why: &'static str) -> NotOffered {
    NotOffered { path, below: true, why }
}

impl NotOffered {
    /// What a router knows it by.
    pub(crate) fn paths(&self) -> impl Iterator<Item = String> {
        let below = self.below.then(|| format!("{}/{{*rest}}", self.path));
        std::iter::once(self.path.to_owned()).chain(below)
    }
}
