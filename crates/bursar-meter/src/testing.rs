//! A small catalog and the few verbs that the tests share.

use std::collections::BTreeMap;
use std::sync::Arc;

use bursar_kernel::catalog::{Encoding, Family, ImageSize, LongContext};
use bursar_kernel::{
    Catalog, Endpoint, FamilyId, Mode, Model, ModelId, PriceVersion, Prices, Rate, RateCard,
};
use bytes::Bytes;

use crate::request::{BadRequest, CallRequest, resolve};

pub(crate) const CHAT: Endpoint = Endpoint::ChatCompletions;

pub(crate) fn rate(dollars: &str) -> Option<Rate> {
    dollars.parse().ok()
}

pub(crate) fn card(input: &str, cached: &str, output: &str) -> RateCard {
    RateCard {
        input: rate(input),
        cached: rate(cached),
        output: rate(output),
        ..RateCard::default()
    }
}

fn model(id: &str, mode: Mode, standard: RateCard) -> Model {
    Model {
        prices: Some(Prices {
            standard,
            batch: None,
            flex: None,
            priority: None,
            long_context: None,
        }),
        ..Model::named(ModelId::new(id), FamilyId::new("test"), mode)
    }
}

fn mini() -> Model {
    let mut mini = model("gpt-4o-mini", Mode::Chat, card("0.15", "0.075", "0.6"));
    mini.encoding = Some(Encoding::O200kBase);
    mini.output_tokens_max = Some(16_384);
    mini.image_tokens_max = Some(48_169);
    let prices = mini.prices.as_mut().unwrap();
    prices.priority = Some(card("0.25", "0.125", "1"));
    prices.batch = Some(card("0.075", "0.0375", "0.3"));
    mini
}

/// Reasons, writes to a cache, has a step for long inputs and a flex tier.
fn sol() -> Model {
    let with_cache_write =
        |card: RateCard, dollars| RateCard { cache_write: rate(dollars), ..card };
    let standard = with_cache_write(card("2", "0.2", "10"), "2.5");
    let mut sol = model("gpt-6-sol", Mode::Chat, standard);
    sol.reasoning = true;
    sol.output_tokens_max = Some(128_000);
    let prices = sol.prices.as_mut().unwrap();
    prices.flex = Some(with_cache_write(card("1", "0.1", "5"), "1.25"));
    prices.long_context = Some(LongContext {
        above_input_tokens: 272_000,
        card: with_cache_write(card("4", "0.4", "15"), "5"),
    });
    sol
}

/// Writes on where a text ends.
fn instruct() -> Model {
    let mut instruct = model("instruct", Mode::Completion, card("1.5", "1.5", "2"));
    instruct.encoding = Some(Encoding::Cl100kBase);
    instruct.output_tokens_max = Some(4_096);
    instruct.prices.as_mut().unwrap().batch = Some(card("0.75", "0.75", "1"));
    instruct
}

/// Makes images, also from others.
fn image() -> Model {
    let prices = RateCard { image_in: rate("8"), image_out: rate("30"), ..card("5", "1.25", "0") };
    let mut image = model("gpt-image-2", Mode::Image, RateCard { output: None, ..prices });
    image.image_tokens_max = Some(10_000);
    let size = ImageSize { size: "1024x1024".into(), low: 100, medium: 1_000, high: 7_000 };
    image.image_sizes = vec![size];
    image
}

/// By the second, and by the token.
fn hearing() -> [Model; 2] {
    let by_the_second = RateCard { second: rate("100"), ..RateCard::default() };
    let whisper = model("whisper-1", Mode::Transcription, by_the_second);
    let by_the_token = RateCard { audio_in: rate("2.5"), cached: None, ..card("2.5", "2.5", "10") };
    let mut heard = model("gpt-4o-transcribe", Mode::Transcription, by_the_token);
    heard.input_tokens_max = Some(16_000);
    heard.output_tokens_max = Some(2_000);
    [whisper, heard]
}

pub(crate) fn catalog() -> Catalog {
    let mut small = model("text-embedding-3-small", Mode::Embedding, RateCard::default());
    small.encoding = Some(Encoding::Cl100kBase);
    small.prices.as_mut().unwrap().standard.input = rate("0.02");
    let omni = model("omni-moderation-latest", Mode::Moderation, card("0", "0", "0"));
    let mut unpriced = model("mystery", Mode::Chat, RateCard::default());
    unpriced.prices = None;
    let mut no_images = model("text-only", Mode::Chat, card("1", "1", "1"));
    no_images.output_tokens_max = Some(4_096);
    let models = [mini(), sol(), small, omni, unpriced, no_images, image(), instruct()];
    let models = models.into_iter().chain(hearing());
    let alias = (ModelId::new("gpt-4o-mini-2024-07-18"), ModelId::new("gpt-4o-mini"));
    Catalog {
        version: PriceVersion::new("test"),
        source: "written by hand".into(),
        families: vec![Family {
            id: FamilyId::new("test"),
            label: "Test".into(),
            about: "tests".into(),
        }],
        models: models.map(|model| (model.id.clone(), Arc::new(model))).collect(),
        aliases: BTreeMap::from([alias]),
    }
}

pub(crate) fn read(endpoint: Endpoint, body: &str) -> Result<CallRequest, BadRequest> {
    resolve(endpoint, &Bytes::copy_from_slice(body.as_bytes()), &catalog())
}

/// A chat with one message and more fields, such as `,"n":2`.
pub(crate) fn chat(model: &str, content: &str, more: &str) -> CallRequest {
    let content = serde_json::to_string(content).unwrap();
    let messages = format!(r#"[{{"role":"user","content":{content}}}]"#);
    read(CHAT, &format!(r#"{{"model":"{model}","messages":{messages}{more}}}"#)).unwrap()
}

pub(crate) fn named(id: &str) -> Model {
    Arc::unwrap_or_clone(catalog().models.remove(id).unwrap())
}
