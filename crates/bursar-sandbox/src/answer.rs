//! What the sandbox answers to a chat request: the words, their tokens, and what they count.

use bursar_kernel::ServiceTier;
use serde_json::{Value, json};

use crate::profile::{Delay, Profile};
use crate::prompt;
use crate::refusal::Refusal;
use crate::request::{ChatRequest, Format};
use crate::sandbox::State;
use crate::tokens::Tokenizer;
use crate::tools::{self, ToolCall, ToolChoice};
use bursar_invention::Draw;
use bursar_invention::instance;
use bursar_invention::prose;

/// Output tokens of one choice where neither the request nor the catalog sets a limit.
const OUTPUT_TOKENS_MAX: u64 = 16_384;
/// Tokens of an answer in words, where the profile does not say.
pub(crate) const ANSWER_TOKENS: Delay = Delay::Range { min: 40, max: 400 };
/// Reasoning is counted in steps of so many tokens, as the provider reports it.
const REASONING_STEP: u64 = 64;

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) model: String,
    pub(crate) fingerprint: String,
    pub(crate) tier: ServiceTier,
    pub(crate) choices: Vec<Choice>,
    pub(crate) prompt_tokens: u64,
    pub(crate) cached_tokens: u64,
}

/// One of the answer's choices.
pub(crate) struct Choice {
    pub(crate) content: Content,
    pub(crate) finish: &'static str,
    /// Tokens spent before the first word, counted in the output.
    pub(crate) reasoning_tokens: u64,
    /// Tokens of what the caller sees.
    pub(crate) visible_tokens: u64,
}

/// What a choice says.
pub(crate) enum Content {
    /// Words, as the tokens they are made of.
    Text(Vec<u32>),
    /// Calls of the request's functions.
    Calls(Vec<ToolCall>),
}

impl Answer {
    /// Output tokens over all choices.
    pub(crate) fn output_tokens(&self) -> u64 {
        self.choices.iter().map(|choice| choice.reasoning_tokens + choice.visible_tokens).sum()
    }

    /// The part of the output that was reasoning.
    pub(crate) fn reasoning_tokens(&self) -> u64 {
        self.choices.iter().map(|choice| choice.reasoning_tokens).sum()
    }
}

/// Makes the answer to the Nth call.
pub(crate) fn make(
    state: &State,
    profile: &Profile,
    request: &ChatRequest,
    number: u64,
) -> Result<Answer, Refusal> {
    let prompt = prompt_tokens(request)?;
    let mut choices = Vec::new();
    for index in 0..request.choices {
        choices.push(choice(request, profile, &mut request.draw.branch(index))?);
    }
    let cached = {
        let mut cache = state.cache.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        cache.read_and_write(request.model.id.as_str(), &prompt)
    };
    let downgraded = profile.downgrade_priority && request.tier == ServiceTier::Priority;
    let model = request.model.id.as_str().as_bytes();
    Ok(Answer {
        id: format!("chatcmpl-{}", request.draw.branch(number | 1 << 63).text(29)),
        created: state.clock.now().as_second(),
        model: request.model_name.clone(),
        fingerprint: format!("fp_sandbox{}", Draw::from(&[model]).hex(10)),
        tier: if downgraded { ServiceTier::Default } else { request.tier },
        choices,
        prompt_tokens: u64::try_from(prompt.len()).unwrap_or(u64::MAX),
        cached_tokens: u64::try_from(cached).unwrap_or(0),
    })
}

fn prompt_tokens(request: &ChatRequest) -> Result<Vec<u32>, Refusal> {
    let functions = (!request.tools.is_empty()).then(|| tools::as_json(&request.tools));
    let schema = match &request.format {
        Format::Schema(schema) => Some(schema),
        Format::Prose | Format::AnyObject => None,
    };
    let extras: Vec<&Value> = functions.iter().chain(schema).collect();
    let prompt = prompt::tokens(&request.model, &request.messages, &extras);
    let count = u64::try_from(prompt.len()).unwrap_or(u64::MAX);
    match request.model.input_tokens_max {
        Some(most) if count > most => {
            let message = format!(
                "This model's maximum context length is {most} tokens. However, your messages \
                 resulted in {count} tokens. Please reduce the length of the messages."
            );
            let refusal = Refusal::bad_request(message).code("context_length_exceeded");
            Err(refusal.param("messages"))
        }
        Some(_) | None => Ok(prompt),
    }
}

fn choice(request: &ChatRequest, profile: &Profile, draw: &mut Draw) -> Result<Choice, Refusal> {
    let most = request.output_max.or(request.model.output_tokens_max).unwrap_or(OUTPUT_TOKENS_MAX);
    let reasoning = if request.model.reasoning { reasoning(request, draw) } else { 0 };
    if reasoning >= most {
        return Ok(Choice {
            content: Content::Text(Vec::new()),
            finish: "length",
            reasoning_tokens: most,
            visible_tokens: 0,
        });
    }
    let left = most - reasoning;
    let last = request.messages.last().filter(|message| message.role == "user");
    let asked = last.map(crate::messages::Message::text).unwrap_or_default();
    let parallel = request.parallel;
    let called = tools::called(&request.tools, &request.tool_choice, parallel, &asked, draw);
    let mut choice = if called.is_empty() {
        words(request, profile, left, draw)?
    } else {
        let made: Result<Vec<ToolCall>, Refusal> =
            called.into_iter().map(|tool| tools::call(tool, draw)).collect();
        calls(request, made?, left)
    };
    choice.reasoning_tokens = reasoning;
    Ok(choice)
}

/// Tokens of reasoning, by how hard the request wants it to think.
fn reasoning(request: &ChatRequest, draw: &mut Draw) -> u64 {
    let (least, most) = match request.effort.as_deref() {
        Some("none") => (0, 0),
        Some("minimal") => (0, 1),
        Some("low") => (1, 4),
        Some("high") => (10, 32),
        Some("xhigh" | "max") => (24, 64),
        Some(_) | None => (3, 10),
    };
    draw.between(least, most) * REASONING_STEP
}

fn words(
    request: &ChatRequest,
    profile: &Profile,
    most: u64,
    draw: &mut Draw,
) -> Result<Choice, Refusal> {
    let tokenizer = Tokenizer::of(&request.model);
    let mut text = match &request.format {
        Format::Prose => {
            let wanted = profile.answer_tokens.unwrap_or(ANSWER_TOKENS).draw(draw);
            // One more than the limit is enough to know that the limit cuts.
            prose_of(tokenizer, wanted.min(most.saturating_add(1)), draw)
        }
        Format::AnyObject => {
            json!({"sandbox": true, "answer": prose::words(draw), "number": draw.between(1, 100)})
                .to_string()
        }
        Format::Schema(schema) => {
            let value = instance::of(schema, draw).map_err(|error| {
                Refusal::bad_request(format!("Invalid schema for response_format: {error}."))
                    .code("invalid_json_schema")
                    .param("response_format")
            })?;
            value.to_string()
        }
    };
    if let Some(place) = request.stop.iter().filter_map(|stop| text.find(stop.as_str())).min() {
        text.truncate(place);
    }
    let mut tokens = tokenizer.encode(&text);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let finish = if tokens.len() > most { "length" } else { "stop" };
    tokens.truncate(most);
    let visible_tokens = u64::try_from(tokens.len()).unwrap_or(u64::MAX);
    Ok(Choice { content: Content::Text(tokens), finish, reasoning_tokens: 0, visible_tokens })
}

pub(crate) fn prose_of(tokenizer: Tokenizer, wanted: u64, draw: &mut Draw) -> String {
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    let mut text = prose::OPENING.to_owned();
    let mut count = tokenizer.count(&text);
    while count < wanted {
        let sentence = prose::sentence(draw);
        count += tokenizer.count(&sentence);
        text.push_str(&sentence);
    }
    text
}

/// Calls count their names, their arguments and one more each; the limit cuts the arguments.
fn calls(request: &ChatRequest, made: Vec<ToolCall>, most: u64) -> Choice {
    let tokenizer = Tokenizer::of(&request.model);
    let mut left = usize::try_from(most).unwrap_or(usize::MAX);
    let (mut calls, mut visible) = (Vec::new(), 0);
    // The provider says `stop` where it was told which function to call.
    let named = matches!(request.tool_choice, ToolChoice::Named(_));
    let mut finish = if named { "stop" } else { "tool_calls" };
    for mut call in made {
        let frame = tokenizer.count(&call.name) + 1;
        let arguments = tokenizer.encode(&call.arguments);
        let whole = frame + arguments.len();
        if whole > left {
            call.arguments = tokenizer.text(&arguments[..left.saturating_sub(frame)]);
            visible += left;
            calls.push(call);
            finish = "length";
            break;
        }
        left -= whole;
        visible += whole;
        calls.push(call);
    }
    let visible_tokens = u64::try_from(visible).unwrap_or(u64::MAX);
    Choice { content: Content::Calls(calls), finish, reasoning_tokens: 0, visible_tokens }
}
