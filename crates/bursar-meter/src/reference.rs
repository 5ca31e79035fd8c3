//! What a person is told of the endpoints: what is set aside, what is charged, what fields do.

use std::fmt::Write as _;

use bursar_kernel::Endpoint;

use crate::request::{Cost, list};

/// What is set aside for a call, and what it is charged.
pub fn money(endpoint: Endpoint) -> [&'static str; 2] {
    match endpoint {
        Endpoint::ChatCompletions => [
            "the input by its bytes, or counted when money is tight, and the output limit for \
             each choice, at the dearest price",
            "the reported usage, by kind and tier; of a stream, its last chunk's; else what can \
             be counted",
        ],
        Endpoint::Responses => [
            "the input by its bytes, or counted when money is tight, the output limit, and what \
             it goes on from, at the dearest price; in the background on the lots themselves",
            "the reported usage, by kind and tier; of a stream, its last event's; else what can \
             be counted, in the background the whole hold, in suspense",
        ],
        Endpoint::Completions => [
            "the prompts by their bytes, or counted when money is tight, and the output limit (16, \
             where nobody sets one) for each choice of each prompt, of `n` or `best_of`",
            "the reported usage; of a stream, its last chunk's; else what can be counted, unless \
             the answer shows less or more than was made: with `best_of` and `echo`",
        ],
        Endpoint::Embeddings => ["the input, by its bytes or counted", "the reported input tokens"],
        Endpoint::Moderations => ["nothing", "nothing: it is free"],
        Endpoint::ImageGenerations => [
            "the prompt, each image at its size and quality, and each partial image",
            "the reported usage: text and image tokens; of a stream, its last event's",
        ],
        Endpoint::ImageEdits => [
            "the prompt, each image to start from at the most that it can be, each image made at \
             its size and quality, and each partial image",
            "the reported usage: text and image tokens; of a stream, its last event's",
        ],
        Endpoint::AudioSpeech => [
            "the characters; or the text's tokens and as much speech as it can become",
            "the characters; or the reported usage; or the length of the speech that came",
        ],
        Endpoint::AudioTranscriptions => [
            "the recording's length, read off a plain WAV or MP3 file, else bounded by its bytes; \
             or what the model hears and writes at the most",
            "the reported length or tokens; else the length that was read off the file",
        ],
        Endpoint::AudioTranslations => [
            "the recording's length, read off a plain WAV or MP3 file, else bounded by its bytes",
            "the reported length; else the length that was read off the file",
        ],
        Endpoint::Realtime => [
            "for each response what the session has been fed, by its bytes and its length, at most \
             what the model takes in all, and the output limit, each at the dearest price of its \
             kind; for what writes down the input audio, as much as was sent",
            "the usage that each response reports, by kind; of what was written down, its own",
        ],
    }
}

/// The lists of all endpoints, as tables of a document.
pub fn fields() -> String {
    let mut text = String::new();
    for endpoint in Endpoint::posted() {
        let path = endpoint.path();
        let _ = writeln!(text, "\n## `POST /v1{path}`\n\n| field | |\n| --- | --- |");
        if endpoint.takes_a_form() {
            let files = if endpoint == Endpoint::ImageEdits {
                "| `image`, `image[]`, `mask` | files, measured |"
            } else {
                "| `file` | a file, measured |"
            };
            let _ = writeln!(text, "{files}");
        }
        for (name, cost) in list(endpoint) {
            let _ = writeln!(text, "| `{name}` | {} |", effect(*cost));
        }
    }
    text
}

fn effect(cost: Cost) -> String {
    match cost {
        Cost::Free => "forwarded; costs nothing".to_owned(),
        Cost::Read => "read, and bounded".to_owned(),
        Cost::Input => "counts as input".to_owned(),
        Cost::NotOffered(why) => {
            let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("refused: {}", why.replace(" hint: ", "; "))
        }
    }
}
