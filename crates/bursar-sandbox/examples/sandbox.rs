//! Serves a sandbox with a small catalog on an ephemeral port of this machine, and prints its URL.
//!
//!     cargo run -p bursar-sandbox --example sandbox [-- API_KEY]

use std::collections::BTreeMap;
use std::sync::Arc;

use bursar_kernel::catalog::{Encoding, ImageSize};
use bursar_kernel::{
    Catalog, Clock, FamilyId, Mode, Model, ModelId, PriceVersion, Prices, RateCard, Timestamp,
};
use bursar_sandbox::{Profile, Sandbox, SandboxConfig};

struct WallClock;

impl Clock for WallClock {
    #[expect(clippy::disallowed_methods, reason = "the door's own clock: no rule depends on it")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "whoever started it reads the URL")]
async fn main() -> std::io::Result<()> {
    let sandbox = Sandbox::new(SandboxConfig {
        catalog: Arc::new(catalog()),
        api_key: std::env::args().nth(1),
        clock: Arc::new(WallClock),
        profile: Profile::default(),
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, sandbox.router()).await
}

/// One model of each kind that the sandbox treats differently.
fn catalog() -> Catalog {
    let cl100k = Some(Encoding::Cl100kBase);
    let models = [
        Model {
            shutdown: Some(jiff::civil::date(2027, 1, 14)),
            successor: Some(ModelId::new("gpt-5.4-mini")),
            prices: Some(Prices {
                standard: RateCard::default(),
                batch: None,
                flex: None,
                priority: Some(RateCard::default()),
                long_context: None,
            }),
            ..model("gpt-4o-mini", Mode::Chat)
        },
        Model {
            reasoning: true,
            input_tokens_max: Some(272_000),
            output_tokens_max: Some(128_000),
            ..model("gpt-5-mini", Mode::Chat)
        },
        Model {
            input_tokens_max: Some(8_191),
            encoding: cl100k,
            image_tokens_max: None,
            image_sizes: Vec::new(),
            ..model("text-embedding-3-small", Mode::Embedding)
        },
        Model {
            input_tokens_max: Some(8_191),
            encoding: cl100k,
            image_tokens_max: None,
            image_sizes: Vec::new(),
            ..model("text-embedding-3-large", Mode::Embedding)
        },
        model("omni-moderation-latest", Mode::Moderation),
        model("gpt-realtime", Mode::Realtime),
        Model {
            prices: Some(Prices {
                standard: RateCard { second: "100".parse().ok(), ..RateCard::default() },
                batch: None,
                flex: None,
                priority: None,
                long_context: None,
            }),
            ..model("whisper-1", Mode::Transcription)
        },
        Model { encoding: cl100k, ..model("gpt-3.5-turbo-instruct", Mode::Completion) },
        Model { encoding: cl100k, ..model("davinci-002", Mode::Completion) },
        Model {
            image_sizes: vec![ImageSize {
                size: "1024x1024".to_owned(),
                low: 272,
                medium: 1_056,
                high: 4_160,
            }],
            ..model("gpt-image-1", Mode::Image)
        },
    ];
    let named = |name: &str| ModelId::new(name);
    Catalog {
        version: PriceVersion::new("example"),
        source: "made by hand for trying the sandbox".to_owned(),
        families: Vec::new(),
        models: models.into_iter().map(|model| (model.id.clone(), Arc::new(model))).collect(),
        aliases: BTreeMap::from([(named("gpt-4o-mini-2024-07-18"), named("gpt-4o-mini"))]),
    }
}

fn model(name: &str, mode: Mode) -> Model {
    Model {
        id: ModelId::new(name),
        listed_in: PriceVersion::new("here"),
        family: FamilyId::new(name),
        mode,
        input_tokens_max: Some(128_000),
        output_tokens_max: Some(16_384),
        encoding: Some(Encoding::O200kBase),
        reasoning: false,
        image_tokens_max: Some(48_169),
        image_sizes: Vec::new(),
        released: Some(jiff::civil::date(2024, 7, 18)),
        shutdown: None,
        successor: None,
        prices: None,
    }
}
