//! What a study costs before it starts.

use axum::extract::State;
use bursar_kernel::{Model, Program, ProgramId, StudyLine};
use bursar_service::{Sample, SampleCount, Service, StudyWrong};

use super::{Answer, Door};
use crate::auth::Operator;
use crate::extract::Json;
use crate::problem::Refusal;
use crate::types::{BadField, EstimateLine, EstimateStudy, Example, ProblemBody, StudyPart};

/// What a study costs, counted at the catalog's prices; nothing of it is kept.
#[utoipa::path(post, path = "/api/estimates", tag = "estimates",
    operation_id = "estimate_study", request_body = EstimateStudy,
    responses((status = 200, body = EstimateLine), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn estimate(
    State(door): Door,
    Operator(_): Operator,
    Json(wanted): Json<EstimateStudy>,
) -> Answer<EstimateLine> {
    let service = &door.service;
    let program = program(service, wanted.program.as_ref())?;
    let catalog = service.catalog();
    let models = wanted.lines.iter().map(|part| catalog.model(part.model.as_str()));
    let models: Vec<Option<&Model>> = models.map(|model| model.map(|model| &**model)).collect();
    let known: Vec<&Model> = models.iter().copied().flatten().collect();
    let mut counted = service.count_sample(&known, sample(wanted.sample)).await.into_iter();
    let mut study = Vec::with_capacity(wanted.lines.len());
    for (index, (part, model)) in wanted.lines.into_iter().zip(models).enumerate() {
        study.push(line(part, model.and_then(|_| counted.next()), index)?);
    }
    let found = service.estimate(program, &study).map_err(refused)?;
    let prices = found.prices.to_string();
    Ok(Json(EstimateLine::new(program, prices, found)))
}

/// The program that was named, or the first that takes applications.
fn program<'s>(service: &'s Service, named: Option<&ProgramId>) -> Result<&'s Program, Refusal> {
    if let Some(id) = named {
        return Ok(service.program(id)?);
    }
    let mut programs = service.programs().iter();
    let open = programs.find(|program| program.takes_applications());
    let found = open.or_else(|| service.programs().first());
    found.map(|program| &**program).ok_or_else(|| Refusal::not_found("no program runs here"))
}

fn sample(examples: Vec<Example>) -> Sample {
    let mut sample = Sample::default();
    for example in examples {
        sample.prompts.extend(example.prompt);
        sample.answers.extend(example.answer);
    }
    sample
}

/// A line with what it leaves out: counted from the sample, or what is usual. Without a count there
/// is no such model, which is said first.
fn line(part: StudyPart, counted: Option<SampleCount>, index: usize) -> Result<StudyLine, Refusal> {
    let needed = |said: Option<u64>, name: &str, of: fn(SampleCount) -> Option<u64>| {
        let message = "Say how many tokens, or send a `sample` to count them from";
        let tokens = said.or_else(|| counted.map_or(Some(1), of));
        tokens.ok_or_else(|| Refusal::field(&format!("lines[{index}].{name}"), message))
    };
    let input_tokens = needed(part.input_tokens, "input_tokens", |it| it.input_tokens)?;
    let output_tokens = needed(part.output_tokens, "output_tokens", |it| it.output_tokens)?;
    Ok(StudyLine {
        model: part.model,
        items: part.items,
        variants: part.variants.unwrap_or(1),
        repeats: part.repeats.unwrap_or(1),
        input_tokens,
        output_tokens,
        serving: part.serving.unwrap_or_default(),
    })
}

/// Everything that is wrong, each by its place in the request.
fn refused(wrong: Vec<StudyWrong>) -> Refusal {
    let bad = wrong.into_iter().map(|wrong| {
        let message = wrong.to_string();
        let field = match wrong.line {
            Some(index) => format!("lines[{index}].{}", wrong.why.part()),
            None => "lines".to_owned(),
        };
        BadField { field, message }
    });
    Refusal::fields(bad.collect())
}
