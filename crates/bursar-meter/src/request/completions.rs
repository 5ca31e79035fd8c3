//! The body of a legacy completion: prompts, and how much may be written after each.

use bursar_kernel::Model;
use bursar_kernel::limits::BEST_OF_MAX;

use super::bad_request::BadRequest;
use super::chat::{choices, wants_usage, within_model};
use super::fields::{Cost, Fields};
use super::inputs;
use super::shape::{Shape, Shows};

/// Output tokens of a choice where nobody says, at the provider (its API reference, 2026-08). It is
/// forwarded as a number, so that an upstream with another idea makes no more.
const OUTPUT_TOKENS_DEFAULT: u64 = 16;

/// What a completion body asks for.
#[derive(Debug)]
pub(super) struct Completion {
    pub(super) stream: bool,
    pub(super) wants_usage: bool,
    pub(super) output_limit: u64,
    /// Choices that are made and billed, over all prompts: more than are shown with `best_of`.
    pub(super) choices: u64,
    pub(super) shape: Shape,
}

pub(super) fn read(fields: &Fields<'_>, model: &Model) -> Result<Completion, BadRequest> {
    let flag = |name| fields.read::<bool>(name, "true or false").map(|on| on.unwrap_or(false));
    let stream = flag("stream")?;
    let (prompts, mut shape) = inputs::prompts(fields)?;
    for field in &fields.0 {
        if field.cost == Cost::Input && fields.get(field.name).is_some() {
            shape.add_input_bytes(field.value.get());
            shape.plain_text = false;
            shape.only_token_ids = false;
        }
    }
    let shown = choices(fields)?;
    let made = candidates(fields, shown, stream)?;
    shape.shows = match flag("echo")? {
        true => Shows::PromptToo,
        false if shown < made => Shows::BestAlone,
        false => Shows::Output,
    };
    Ok(Completion {
        stream,
        wants_usage: wants_usage(fields, stream)?,
        output_limit: output_limit(fields, model)?,
        choices: made.saturating_mul(prompts),
        shape,
    })
}

/// Choices that are made for each prompt. The provider bills all of them, and shows the best.
fn candidates(fields: &Fields<'_>, shown: u64, stream: bool) -> Result<u64, BadRequest> {
    let name = "best_of";
    let expected = format!("a whole number from 1 to {BEST_OF_MAX}");
    let Some(made) = fields.read::<u64>(name, &expected)? else { return Ok(shown) };
    if made == 0 || BEST_OF_MAX < made {
        return Err(BadRequest::invalid(name, format!("`{name}` must be {expected}")));
    }
    if made < shown {
        let message = format!(
            "`{name}` is {made} and `n` is {shown}: of fewer choices, as many cannot be the best\n\
             hint: raise `{name}`, or leave it out"
        );
        return Err(BadRequest::invalid(name, message));
    }
    if stream && shown < made {
        let message = format!(
            "the best of several choices is known once all are made, so that `{name}` cannot be \
             streamed\nhint: leave `stream` out, or `{name}`"
        );
        return Err(BadRequest::invalid(name, message));
    }
    Ok(made)
}

/// None at all is a limit too: whoever wants only the prompt's log probabilities asks for it.
fn output_limit(fields: &Fields<'_>, model: &Model) -> Result<u64, BadRequest> {
    let asked = fields.read::<u64>("max_tokens", "a whole number of tokens")?;
    within_model("max_tokens", asked.unwrap_or(OUTPUT_TOKENS_DEFAULT), model)
}
