//! `bursar estimate`: what a study costs before it starts.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bursar_api_types::{EstimateLine, EstimateStudy, Example, PartLine, StudyPart, TierPace};
use bursar_client::Client;
use bursar_kernel::{ModelId, ProgramId, Serving};
use clap::Args;
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};

use super::output::{Column, Output, dollars, facts, table};
use super::program_id;

/// Bytes of a sample at the most: what the server takes, less the request around it.
const SAMPLE_BYTES_MAX: u64 = 900_000;

/// A study to count.
#[derive(Debug, Args)]
pub struct EstimateArgs {
    /// The model; several compare the same study on each
    #[arg(long = "model", value_name = "MODEL", required = true, value_parser = model_id())]
    models: Vec<ModelId>,
    /// Rows of the data set
    #[arg(long, value_name = "COUNT")]
    items: u64,
    /// Prompts, or variants of one, that each item is sent with
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    variants: u64,
    /// How often all of that is done
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    repeats: u64,
    /// Input tokens of a call
    #[arg(long, value_name = "TOKENS", required_unless_present = "sample")]
    input: Option<u64>,
    /// Output tokens of a call, the reasoning included
    #[arg(long, value_name = "TOKENS", required_unless_present = "sample")]
    output: Option<u64>,
    /// Examples to count tokens from: JSON lines with `prompt` and `answer`. They are sent to the
    /// server, counted and forgotten
    #[arg(long, value_name = "FILE")]
    sample: Option<PathBuf>,
    /// How calls are served
    #[arg(long, value_name = "HOW", value_parser = servings(), conflicts_with = "batch")]
    serving: Option<Serving>,
    /// At the provider's price for a batch; the same as `--serving batch`
    #[arg(long)]
    batch: bool,
    /// The program whose tiers and award it is held against [default: the first that takes
    /// applications]
    #[arg(long, value_name = "PROGRAM", value_parser = program_id())]
    program: Option<ProgramId>,
}

fn model_id() -> impl TypedValueParser<Value = ModelId> {
    NonEmptyStringValueParser::new().map(ModelId::new)
}

fn servings() -> impl TypedValueParser<Value = Serving> {
    let names = Serving::ALL.map(Serving::name);
    PossibleValuesParser::new(names).map(|name| Serving::from_name(&name).unwrap_or_default())
}

pub(crate) async fn run(args: EstimateArgs, client: &Client, output: Output) -> anyhow::Result<()> {
    let sample = args.sample.as_deref().map(read_sample).transpose()?.unwrap_or_default();
    let serving = if args.batch { Some(Serving::Batch) } else { args.serving };
    let line = |model: ModelId| StudyPart {
        model,
        items: args.items,
        variants: Some(args.variants),
        repeats: Some(args.repeats),
        input_tokens: args.input,
        output_tokens: args.output,
        serving,
    };
    let lines = args.models.into_iter().map(line).collect();
    let wanted = EstimateStudy { program: args.program, lines, sample };
    let found = client.estimate(&wanted).await;
    output.show(&found.context("failed to estimate the study")?, estimated)
}

/// Examples, one a line.
fn read_sample(path: &Path) -> anyhow::Result<Vec<Example>> {
    let place = path.display();
    let size = std::fs::metadata(path).with_context(|| format!("failed to read `{place}`"))?.len();
    anyhow::ensure!(
        size <= SAMPLE_BYTES_MAX,
        "`{place}` has {size} bytes, and a sample has at most {SAMPLE_BYTES_MAX}\n\
         hint: a few hundred rows, drawn at random, tell as much"
    );
    let text =
        std::fs::read_to_string(path).with_context(|| format!("failed to read `{place}`"))?;
    let lines = (1_usize..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let read = lines.map(|(number, line)| {
        serde_json::from_str(line).with_context(|| {
            format!(
                "line {number} of `{place}` is no example\n\
                 hint: write {{\"prompt\": \"…\", \"answer\": \"…\"}}, one a line"
            )
        })
    });
    read.collect()
}

fn estimated(found: &EstimateLine) -> String {
    let columns = [
        Column::Left("MODEL"),
        Column::Left("SERVED"),
        Column::Right("CALLS"),
        Column::Right("IN"),
        Column::Right("OUT"),
        Column::Right("COST"),
        Column::Right("IN A BATCH"),
    ];
    let row = |line: &PartLine| {
        vec![
            line.model.to_string(),
            line.serving.name().to_owned(),
            line.calls.to_string(),
            line.input_tokens.to_string(),
            line.output_tokens.to_string(),
            dollars(line.cost),
            line.cost_by_batch.map(dollars).unwrap_or_default(),
        ]
    };
    let lines = table(&columns, found.lines.iter().map(row).collect(), "the study has no lines");
    let max = dollars(found.typical_max);
    let total = facts([
        ("total", Some(dollars(found.total))),
        (
            "pays for",
            found.runs_for_typical_max.map(|runs| format!("{runs} such studies of {max}")),
        ),
        ("in batches", found.total_by_batch.map(dollars)),
        ("cheaper", cheaper(found)),
        ("note", notes(found)),
        ("prices", Some(found.prices.clone())),
    ]);
    let columns = [Column::Left("TIER"), Column::Left("TAKES")];
    let pace = |pace: &TierPace| vec![pace.tier.clone(), takes(pace)];
    let tiers = found.tiers.iter().map(pace).collect();
    let tiers = table(&columns, tiers, "the program limits nothing");
    format!("{lines}\n{total}\n{tiers}")
}

fn cheaper(found: &EstimateLine) -> Option<String> {
    let each = found.lines.iter().flat_map(|line| &line.cheaper);
    let said: Vec<String> =
        each.map(|other| format!("{} {}", other.model, dollars(other.cost))).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

fn notes(found: &EstimateLine) -> Option<String> {
    let each = found.lines.iter().flat_map(|line| line.notes.iter().map(move |note| (line, note)));
    let said: Vec<String> = each
        .map(|(line, note)| {
            let model = &line.model;
            match (note.id.as_str(), &note.from, &note.successor) {
                ("ends", Some(from), Some(next)) => {
                    format!("{model} is refused from {from} on, and {next} takes its place")
                }
                ("ends", Some(from), None) => format!("{model} is refused from {from} on"),
                ("limited", ..) => format!("{model} needs a further approval"),
                ("reasons", ..) => format!("{model} reasons out of sight, billed as output"),
                ("batch", ..) => "at the price of a batch, which may take a day".to_owned(),
                (other, ..) => other.to_owned(),
            }
        })
        .collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn takes(pace: &TierPace) -> String {
    match (pace.pace.as_str(), pace.seconds) {
        ("takes", Some(seconds)) => {
            let (days, rest) = (seconds / 86_400, seconds % 86_400);
            let (hours, minutes) = (rest / 3_600, rest % 3_600 / 60);
            match (days, hours) {
                (0, 0) => format!("{minutes} min"),
                (0, _) => format!("{hours} h {minutes} min"),
                (_, _) => format!("{days} d {hours} h"),
            }
        }
        ("unlimited", _) => "no time to wait".to_owned(),
        ("closed", _) => "not possible: a model is closed there".to_owned(),
        ("too_long", _) => "not possible: a call is too long there".to_owned(),
        (other, _) => other.to_owned(),
    }
}
