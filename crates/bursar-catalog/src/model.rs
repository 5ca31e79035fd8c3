//! One model of the file.

use bursar_kernel::catalog::{Encoding, ImageSize};
use bursar_kernel::{FamilyId, Mode, Model, ModelId, PriceVersion};
use bursar_toml::{Element, Table};

use crate::prices;

/// Tokens that no model takes or makes at once: some fifty times what any does today.
const TOKENS_MAX: u64 = 100_000_000;

pub(crate) const MODES: [(&str, Mode); 10] = [
    ("chat", Mode::Chat),
    ("responses", Mode::Responses),
    ("completion", Mode::Completion),
    ("embedding", Mode::Embedding),
    ("moderation", Mode::Moderation),
    ("image", Mode::Image),
    ("speech", Mode::Speech),
    ("transcription", Mode::Transcription),
    ("voice", Mode::Voice),
    ("realtime", Mode::Realtime),
];

pub(crate) const ENCODINGS: [(&str, Encoding); 2] =
    [("o200k_base", Encoding::O200kBase), ("cl100k_base", Encoding::Cl100kBase)];

/// A model, and what it was read from: the references between models are checked afterwards.
pub(crate) struct Entry<'d> {
    pub(crate) id: ModelId,
    pub(crate) table: Table<'d>,
    pub(crate) family: Option<&'d str>,
    pub(crate) successor: Option<&'d str>,
    pub(crate) aliases: Vec<Element<'d>>,
    /// `None` after a mistake was reported.
    pub(crate) model: Option<Model>,
}

pub(crate) fn read<'d>(name: &'d str, table: Table<'d>, listed_in: &PriceVersion) -> Entry<'d> {
    let id = ModelId::new(name);
    if name.is_empty() || name.contains(|letter: char| !letter.is_ascii_graphic()) {
        table.error(
            format!("`{name}` is not a model's name"),
            "use the name that requests carry: letters, digits, `-`, `.`",
        );
    }
    let family = table.need("family").text();
    let successor = table.get("successor").text();
    let aliases = table.get("aliases").texts();
    let model = model(&id, listed_in, table, family, successor);
    Entry { id, table, family, successor, aliases, model }
}

fn model(
    id: &ModelId,
    listed_in: &PriceVersion,
    table: Table<'_>,
    family: Option<&str>,
    successor: Option<&str>,
) -> Option<Model> {
    let mode = table.need("mode").word(&MODES);
    let released = table.get("released").date();
    let shutdown = table.get("shutdown").date();
    if let Some((released, shutdown)) = released.zip(shutdown)
        && shutdown <= released
    {
        table.get("shutdown").error(
            format!("`shutdown` is {shutdown}, and the model was released on {released}"),
            "correct one of the two",
        );
    }
    let model = Model {
        id: id.clone(),
        listed_in: listed_in.clone(),
        family: FamilyId::new(family.unwrap_or_default()),
        mode: mode.unwrap_or(Mode::Chat),
        input_tokens_max: table.get("input_tokens_max").integer(1..=TOKENS_MAX),
        output_tokens_max: table.get("output_tokens_max").integer(1..=TOKENS_MAX),
        encoding: table.get("encoding").word(&ENCODINGS),
        reasoning: table.get("reasoning").boolean().unwrap_or(false),
        image_tokens_max: table.get("image_tokens_max").integer(1..=TOKENS_MAX),
        image_sizes: image_sizes(table, mode),
        released,
        shutdown,
        successor: successor.map(ModelId::new),
        prices: prices::read(table, mode),
    };
    // A mistake in an optional key was reported; the document as a whole is refused for it.
    family.and(mode).map(|_| model)
}

/// The sizes that an image model makes. A quality without a figure is taken for high, the dearest.
fn image_sizes(model: Table<'_>, mode: Option<Mode>) -> Vec<ImageSize> {
    let field = model.get("image_sizes");
    let sizes = field.table().map_or_else(Vec::new, Table::tables_by_name);
    if sizes.is_empty() && mode == Some(Mode::Image) {
        model.error(
            "the model has no `image_sizes`, so no image of it can be bounded",
            "add for each size `\"1024x1024\" = { low = ..., medium = ..., high = ... }`",
        );
    }
    let read = |(size, table): (&str, Table<'_>)| {
        let tokens = |quality| table.get(quality).integer(1..=TOKENS_MAX);
        let high = table.need("high").integer(1..=TOKENS_MAX)?;
        let (low, medium) = (tokens("low").unwrap_or(high), tokens("medium").unwrap_or(high));
        if high < low.max(medium) {
            table.error(
                format!("an image of `{size}` costs more below high quality than at it"),
                "correct the figures: high is what an image costs at the most",
            );
        }
        Some(ImageSize { size: size.to_owned(), low, medium, high })
    };
    sizes.into_iter().filter_map(read).collect()
}
