//! What a study costs, for whoever asks; its address holds the study, and samples are forgotten.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bursar_award::Application;
use bursar_kernel::{
    ApplicationId, Catalog, Endpoint, Estimate, Model, ModelId, Program, ProgramId, Serving,
    StudyKind, StudyLine, TierNeeds, Usd,
};
use bursar_service::{
    Budget, Note, PricedLine, STUDY_LINES_MAX, Sample, StudyEstimate, StudyWrong, budget,
    field_errors,
};
use bursar_ui::money::count;
use bursar_ui::routes::escaped;
use bursar_ui::{Choice, Input, available, routes, taken};

use bursar_shown::shown;
use bursar_study_pages::estimate::{
    EstimatePage, EstimateShown, KindShown, LineShown, Sampled, StudyResult,
};
use bursar_web::{Answer, Asked, At, Done, OrPage, Posted, Trouble, Visit};

/// The parts of a line, by their names in addresses and forms.
const PARTS: [&str; 7] =
    ["model", "items", "variants", "repeats", "input_tokens", "output_tokens", "serving"];
/// Characters of a value that an address takes: a model's name, or a figure.
const VALUE_CHARACTERS_MAX: usize = 64;

type Fields = BTreeMap<String, String>;

pub(crate) async fn show(mut visit: Visit, Asked(asked): Asked<Fields>) -> Answer {
    let program = program(&visit, &asked)?;
    let fields = compact(&asked);
    let is_asked = fields.contains_key("model-1");
    let mut input = Input { values: fields, errors: BTreeMap::new() };
    let mut result = None;
    if is_asked {
        match counted(&visit, &program, &input.values) {
            Ok(found) => result = Some(found),
            Err(errors) => {
                input.errors = errors;
                visit.wrong();
            }
        }
    }
    let study = result.as_ref().map(|(study, _)| study.clone());
    let sampled = sampled(&asked, study.as_deref());
    let catalog = visit.service().catalog();
    let result = result.map(|(_, found)| result_shown(&catalog, &found, sampled.is_some()));
    let use_it = match &study {
        Some(study) => use_it(&visit, &program, study).await?,
        None => None,
    };
    let adds = usize::from(asked.contains_key("add") || !is_asked);
    let filled = lines_of(&input.values);
    let lines = filled.saturating_add(adds).clamp(1, STUDY_LINES_MAX);
    fill_blanks(&visit, &program, &mut input.values, filled, lines);
    let page = EstimatePage {
        kinds: program.studies.iter().map(|kind| kind_shown(&program.id, kind)).collect(),
        models: models(&visit.service().catalog(), &program, &visit),
        servings: servings(),
        lines,
        may_add: lines < STUDY_LINES_MAX,
        input,
        sampled,
        result,
        use_it,
        name: program.name.clone(),
        typical_max: program.award.typical_max,
        program: program.id,
    };
    visit.page(&page)
}

/// Counts the examples, if there are any, and goes on to the address that holds the study.
pub(crate) async fn count_anew(form: Posted) -> Answer {
    let program = program(&form.visit, &form.fields)?;
    let mut fields = compact(&form.fields);
    let sample = Sample::read(form.field("prompts"), form.field("answers"));
    let mut more = String::new();
    if !sample.prompts.is_empty() || !sample.answers.is_empty() {
        let only = place_of(&form.fields, form.field("for"));
        more = format!("&prompts={}&answers={}", sample.prompts.len(), sample.answers.len());
        fill_counts(&form.visit, &mut fields, only, sample).await;
    }
    if form.field("action") == "add" {
        more.push_str("&add=1");
    }
    form.visit.go(&format!("{}{more}", address_of(&program.id, &fields)))
}

/// Puts what a sample counts for the models of lines, or of one only, into their fields.
async fn fill_counts(visit: &Visit, fields: &mut Fields, only: Option<usize>, sample: Sample) {
    let catalog = visit.service().catalog();
    let model = |line: usize| catalog.model(fields.get(&format!("model-{line}"))?);
    let lines = (1..=lines_of(fields)).filter(|line| only.is_none_or(|only| only == *line));
    let (lines, models): (Vec<usize>, Vec<&Model>) =
        lines.filter_map(|line| Some((line, &**model(line)?))).unzip();
    let counted = visit.service().count_sample(&models, sample).await;
    for (line, counted) in lines.into_iter().zip(counted) {
        let found =
            [("input_tokens", counted.input_tokens), ("output_tokens", counted.output_tokens)];
        for (part, tokens) in found {
            if let Some(tokens) = tokens {
                fields.insert(format!("{part}-{line}"), tokens.to_string());
            }
        }
    }
}

/// Takes the estimate out of a draft.
pub(crate) async fn remove(At(id): At<ApplicationId>, form: Posted) -> Answer {
    let visit = form.visit;
    visit.service().set_estimate(&visit.viewer, id, None).await.or_page(&visit)?;
    visit.done(&routes::application_form(id), Done::EstimateRemoved)
}

/// The study that an address holds, if it holds a whole one.
pub fn study_in(fields: &Fields) -> Option<Vec<StudyLine>> {
    let fields = compact(fields);
    if lines_of(&fields) == 0 { None } else { read(&fields).ok() }
}

/// The query of the address that holds a study.
pub fn query(study: &[StudyLine]) -> String {
    let mut text = String::new();
    for (number, line) in (1_usize..).zip(study) {
        for (part, value) in PARTS.into_iter().zip(values(line)) {
            // What is usual is left out, so that an address stays short.
            if !matches!(
                (part, value.as_str()),
                ("variants" | "repeats", "1") | ("serving", "default")
            ) {
                let _ = write!(text, "&{part}-{number}={}", escaped(&value));
            }
        }
    }
    text
}

/// The address of a study on the page that counts it.
pub fn address(program: &ProgramId, study: &[StudyLine]) -> String {
    format!("{}{}", routes::estimate_for(program), query(study))
}

/// The estimate of an application, with what to say of an amount that is far from it.
pub fn of_application(
    program: &Program,
    estimate: Option<&Estimate>,
    requested: Option<Usd>,
) -> Option<EstimateShown> {
    let estimate = estimate?;
    let lines = estimate.lines.iter().map(|line| LineShown {
        model: line.line.model.to_string(),
        detail: detail(&line.line),
        size: line.size,
        cost: line.cost,
        cheaper: Vec::new(),
        by_batch: None,
    });
    Some(EstimateShown {
        lines: lines.collect(),
        total: estimate.total,
        prices: estimate.prices.to_string(),
        at: estimate.at,
        flag: requested.and_then(|requested| flag(requested, estimate.total)),
        address: address(&program.id, &estimate.study()),
    })
}

/// The estimate of an application as officers and reviewers read it.
pub fn of_submitted(program: &Program, application: &Application) -> Option<EstimateShown> {
    of_application(program, application.estimate.as_ref(), application.requested)
}

/// What to say of an amount that is far from an estimate. Advice: it stops nobody.
fn flag(requested: Usd, estimate: Usd) -> Option<String> {
    let (asked, counted) = (available(requested), taken(estimate));
    match budget(requested, estimate) {
        Budget::Fits => None,
        Budget::Short { by } => Some(format!(
            "The amount asked for, {asked}, is {} short of the estimate, {counted}.",
            taken(by)
        )),
        Budget::FarAbove { by } => Some(format!(
            "The amount asked for, {asked}, is {} above the estimate, {counted}: more than twice \
             what the study costs.",
            available(by)
        )),
    }
}

/// The program that was asked for, or the first that takes applications.
fn program(visit: &Visit, asked: &Fields) -> Result<Program, Trouble> {
    let service = visit.service();
    let named = asked.get("program").filter(|name| !name.is_empty());
    if let Some(name) = named {
        let program = service.program(&ProgramId::new(name.as_str())).or_page(visit)?;
        return Ok(Program::clone(program));
    }
    let mut programs = service.programs().iter();
    let open = programs.find(|program| program.takes_applications());
    let found = open.or_else(|| service.programs().first()).ok_or_else(|| visit.not_found())?;
    Ok(Program::clone(found))
}

/// The lines of a form that name a model, numbered from 1 without a gap.
fn compact(fields: &Fields) -> Fields {
    let mut kept = Fields::new();
    let mut number = 0_usize;
    // One more than there may be, so that too many are refused and not dropped.
    for line in 1..=STUDY_LINES_MAX.saturating_add(1) {
        let value = |part: &str| fields.get(&format!("{part}-{line}")).map(|text| text.trim());
        if value("model").is_none_or(str::is_empty) {
            continue;
        }
        number = number.saturating_add(1);
        for part in PARTS {
            if let Some(value) = value(part).filter(|value| !value.is_empty()) {
                let value: String = value.chars().take(VALUE_CHARACTERS_MAX).collect();
                kept.insert(format!("{part}-{number}"), value);
            }
        }
    }
    kept
}

/// Where a line of a form stands among those that name a model.
fn place_of(fields: &Fields, line: &str) -> Option<usize> {
    let line: usize = line.parse().ok().filter(|line| *line <= STUDY_LINES_MAX)?;
    let names_one = |line: &usize| {
        fields.get(&format!("model-{line}")).is_some_and(|model| !model.trim().is_empty())
    };
    Some((1..=line).filter(names_one).count())
}

fn lines_of(fields: &Fields) -> usize {
    fields.keys().filter(|name| name.starts_with("model-")).count()
}

/// What is not filled in gets what it usually is; a new line begins as the one before it.
fn fill_blanks(visit: &Visit, program: &Program, fields: &mut Fields, filled: usize, lines: usize) {
    for line in 1..=lines {
        let mut usual = |part: &str, value: &str| {
            fields.entry(format!("{part}-{line}")).or_insert_with(|| value.to_owned());
        };
        usual("variants", "1");
        usual("repeats", "1");
        usual("serving", Serving::Default.name());
        if line == 1 && filled == 0 {
            let now = visit.frame().now;
            let model = shown::example_model(&visit.service().catalog(), program, now);
            usual("model", model.as_str());
        } else if filled < line {
            for part in ["items", "input_tokens", "output_tokens"] {
                let before = fields.get(&format!("{part}-{filled}")).cloned();
                if let Some(before) = before {
                    fields.insert(format!("{part}-{line}"), before);
                }
            }
        }
    }
}

/// The address that holds what a form sent, right or wrong.
fn address_of(program: &ProgramId, fields: &Fields) -> String {
    let mut text = routes::estimate_for(program);
    for (name, value) in fields {
        let _ = write!(text, "&{name}={}", escaped(value));
    }
    text
}

/// The lines of a study, or what is wrong with them.
fn read(fields: &Fields) -> Result<Vec<StudyLine>, Fields> {
    let mut errors = Fields::new();
    let mut study = Vec::new();
    for line in 1..=lines_of(fields) {
        let value = |part: &str| fields.get(&format!("{part}-{line}")).map(String::as_str);
        let mut figure = |part: &str, usual: Option<u64>| match value(part) {
            None if usual.is_some() => usual.unwrap_or(0),
            text => read_figure(text.unwrap_or_default()).unwrap_or_else(|| {
                let message = "Enter a whole number, like 1200".to_owned();
                errors.insert(format!("{part}-{line}"), message);
                0
            }),
        };
        study.push(StudyLine {
            model: ModelId::new(value("model").unwrap_or_default()),
            items: figure("items", None),
            variants: figure("variants", Some(1)),
            repeats: figure("repeats", Some(1)),
            input_tokens: figure("input_tokens", None),
            output_tokens: figure("output_tokens", None),
            serving: value("serving").and_then(Serving::from_name).unwrap_or_default(),
        });
    }
    if errors.is_empty() { Ok(study) } else { Err(errors) }
}

/// A whole number as people write it: `1200`, `1,200`, `1 200`.
fn read_figure(text: &str) -> Option<u64> {
    let plain: String = text.chars().filter(|c| !matches!(c, ',' | ' ' | '_' | '\u{a0}')).collect();
    plain.parse().ok()
}

fn counted(
    visit: &Visit,
    program: &Program,
    fields: &Fields,
) -> Result<(Vec<StudyLine>, StudyEstimate), Fields> {
    let study = read(fields)?;
    let found = visit.service().estimate(program, &study);
    let by_field = |wrong: Vec<StudyWrong>| {
        field_errors(&wrong).into_iter().map(|error| (error.field, error.message)).collect()
    };
    found.map(|found| (study, found)).map_err(by_field)
}

/// Where a study goes into an application, and what the button says.
async fn use_it(
    visit: &Visit,
    program: &Program,
    study: &[StudyLine],
) -> Result<Option<(String, &'static str)>, Trouble> {
    if !program.takes_applications() {
        return Ok(None);
    }
    let mut has_draft = false;
    if visit.viewer.person().is_some() {
        let mine = bursar_applying::my_applications(visit.service(), &visit.viewer)
            .await
            .or_page(visit)?;
        has_draft = mine.iter().any(|page| {
            page.status.program == program.id && page.status.stage == bursar_service::Stage::Draft
        });
    }
    let text = if has_draft { "Use it in your draft" } else { "Use it in an application" };
    let query = query(study);
    let action = format!("{}?{}", routes::apply(&program.id), query.trim_start_matches('&'));
    Ok(Some((action, text)))
}

fn kind_shown(program: &ProgramId, kind: &StudyKind) -> KindShown {
    let href = address(program, &kind.lines);
    KindShown { title: kind.title.clone(), about: kind.about.clone(), href }
}

/// The models that can be called and have a price, those that still answer first.
fn models(catalog: &Catalog, program: &Program, visit: &Visit) -> Vec<Choice> {
    let now = visit.frame().now;
    let can_be_called = |model: &Model| {
        model.prices.is_some() && Endpoint::posted().any(|endpoint| model.mode.answers(endpoint))
    };
    let mut found: Vec<&Model> =
        catalog.models.values().map(|model| &**model).filter(|it| can_be_called(it)).collect();
    found.sort_by_key(|model| (!shown::is_alive(model, now), &model.id));
    let label = |model: &Model| {
        let mut text = model.id.to_string();
        if !shown::is_alive(model, now) {
            text.push_str(" (past its last day)");
        } else if program.entitlements.limited_models.contains(&model.id) {
            text.push_str(" (limited access)");
        }
        text
    };
    let choices = found.into_iter().map(|model| Choice::new(model.id.as_str(), label(model)));
    std::iter::once(Choice::new("", "No model")).chain(choices).collect()
}

fn servings() -> Vec<Choice> {
    let label = |serving| match serving {
        Serving::Default => "At the list price",
        Serving::Batch => "In a batch",
        Serving::Flex => "Flex: cheaper, slower",
        Serving::Priority => "Priority: dearer, faster",
    };
    Serving::ALL.map(|serving| Choice::new(serving.name(), label(serving))).to_vec()
}

/// How many examples the tokens were counted from, and of how many items.
fn sampled(asked: &Fields, study: Option<&[StudyLine]>) -> Option<Sampled> {
    let number = |name: &str| asked.get(name).and_then(|text| text.parse().ok()).unwrap_or(0);
    let (prompts, answers) = (number("prompts"), number("answers"));
    let items = study?.iter().map(|line| line.items).max()?;
    (0 < prompts || 0 < answers).then_some(Sampled { prompts, answers, items })
}

fn result_shown(catalog: &Catalog, found: &StudyEstimate, is_sampled: bool) -> StudyResult {
    let takes = |needs| match needs {
        TierNeeds::Nothing => "",
        TierNeeds::Card => ", with a checked card",
        TierNeeds::Officer => ", which an officer names",
    };
    let paces = found.paces.iter();
    StudyResult {
        lines: found.cost.lines.iter().map(line_shown).collect(),
        total: found.cost.total,
        by_batch: found.cost.by_batch,
        paces: paces
            .map(|(tier, pace)| (format!("{}{}", tier.name, takes(tier.needs)), *pace))
            .collect(),
        warnings: warnings(found),
        remarks: remarks(catalog, found, is_sampled),
        prices: format!("{} ({})", catalog.version, catalog.source),
    }
}

fn line_shown(line: &PricedLine) -> LineShown {
    let cheaper = line.cheaper.iter();
    LineShown {
        model: line.line.model.to_string(),
        detail: detail(&line.line),
        size: line.size,
        cost: line.cost,
        cheaper: cheaper.map(|(model, cost)| (model.to_string(), *cost)).collect(),
        by_batch: line.by_batch,
    }
}

/// What to heed before a study is planned, once for each model.
fn warnings(found: &StudyEstimate) -> Vec<String> {
    let mut said = Vec::new();
    for line in &found.cost.lines {
        for warning in line.notes.iter().filter_map(|note| warning(&line.line.model, note)) {
            if !said.contains(&warning) {
                said.push(warning);
            }
        }
    }
    said
}

fn warning(model: &ModelId, note: &Note) -> Option<String> {
    match note {
        Note::Ends { from, is_over, successor } => {
            let day = bursar_ui::day(*from);
            let instead = successor.as_ref().map_or(String::new(), |successor| {
                format!(" The provider names {successor} in its place.")
            });
            Some(if *is_over {
                format!("The provider has refused {model} since {day}.{instead}")
            } else {
                format!("The provider refuses {model} from {day} on.{instead}")
            })
        }
        Note::Limited => {
            Some(format!("{model} needs a further approval even with credit: ask on the grant."))
        }
        Note::Batch => Some(
            "A batch is at the provider's price for batches and may take a day. Send it with your \
             client's files and batches."
                .to_owned(),
        ),
        Note::Reasons => None,
    }
}

/// What to know of a study's models: which reason, and which are counted by another's tokenizer.
fn remarks(catalog: &Catalog, found: &StudyEstimate, is_sampled: bool) -> Vec<String> {
    let lines = || found.cost.lines.iter();
    let names = |lines: Vec<&PricedLine>| {
        let mut names: Vec<&str> = lines.iter().map(|line| line.line.model.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names.join(", ")
    };
    let has_tokenizer = |line: &&PricedLine| {
        catalog.model(line.line.model.as_str()).is_some_and(|model| model.encoding.is_some())
    };
    let reason = names(lines().filter(|line| line.notes.contains(&Note::Reasons)).collect());
    let uncounted = names(lines().filter(|line| !has_tokenizer(line)).collect());
    let reasoning = format!(
        "Reasoning that nobody sees is billed as output: count it in for {reason}. A pilot of a \
         few calls shows how much it is."
    );
    let nearest = format!(
        "No public tokenizer: {uncounted}. Examples are counted with the nearest one, which can be \
         some percent off."
    );
    let said = [(!reason.is_empty(), reasoning), (is_sampled && !uncounted.is_empty(), nearest)];
    said.into_iter().filter(|(is_so, _)| *is_so).map(|(_, text)| text).collect()
}

/// How a line's calls come about and how long each is: `1,200 items × 5 repeats, 900 tokens in
/// and 300 out`.
fn detail(line: &StudyLine) -> String {
    let plural = |number: u64, one: &str, many: &str| {
        format!("{} {}", count(number), if number == 1 { one } else { many })
    };
    let mut parts = vec![plural(line.items, "item", "items")];
    if 1 < line.variants {
        parts.push(plural(line.variants, "prompt", "prompts"));
    }
    if 1 < line.repeats {
        parts.push(plural(line.repeats, "repeat", "repeats"));
    }
    let served = match line.serving {
        Serving::Default => "",
        Serving::Batch => ", in a batch",
        Serving::Flex => ", flex",
        Serving::Priority => ", priority",
    };
    let (input, output) = (count(line.input_tokens), count(line.output_tokens));
    format!("{}, {input} tokens in and {output} out{served}", parts.join(" × "))
}

fn values(line: &StudyLine) -> [String; 7] {
    [
        line.model.to_string(),
        line.items.to_string(),
        line.variants.to_string(),
        line.repeats.to_string(),
        line.input_tokens.to_string(),
        line.output_tokens.to_string(),
        line.serving.name().to_owned(),
    ]
}
