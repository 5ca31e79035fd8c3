//! What an answer says about its cost: reported usage, and the output that could be seen.

mod finish;

use bursar_kernel::catalog::Encoding;
use bursar_kernel::limits::{ANSWER_BYTES_MAX, CHOICES_MAX};
use bursar_kernel::{Endpoint, ServiceTier, Usage};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::audio::milliseconds;
use crate::raw::{Text, length};
use crate::request::CallRequest;
use crate::tokens::count;
use crate::usage::{read_usage, whole_seconds};

pub use finish::FinishReasons;

/// What an answer says about its cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The provider's report; `None` where it is missing or cannot be believed.
    pub usage: Option<Usage>,
    /// The service tier that it was served at, where the answer names one.
    pub tier: Option<ServiceTier>,
    /// What its provider may keep it by, where it is a response.
    pub response: Option<Box<Named>>,
    /// The model that answered, in the provider's words: often a dated snapshot.
    pub model: Option<String>,
    /// How long the speech lasts, where that could be read off it.
    pub speech_ms: Option<u64>,
    /// Why choices ended, where that was said.
    pub finish_reasons: FinishReasons,
    /// The output that could be seen.
    pub output: Output,
}

/// A response, by the name that its provider gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub id: String,
    /// Items of its output.
    pub items: u64,
}

/// Output that could be seen, for when the provider does not report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Each choice's text, with its number.
    texts: Vec<(u64, String)>,
    bytes: usize,
    out_of_sight: bool,
}

impl Output {
    /// Whether any output was seen at all.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0 && !self.out_of_sight
    }

    /// Whether there was output that text does not show: tool calls, audio, reasoning, or bytes
    /// that could not be read.
    pub fn is_out_of_sight(&self) -> bool {
        self.out_of_sight
    }

    /// The text of a choice.
    pub fn text(&self, choice: u64) -> &str {
        self.texts.iter().find(|(index, _)| *index == choice).map_or("", |(_, text)| text)
    }

    /// Tokens of all the text that was seen.
    pub fn count(&self, encoding: Encoding) -> u64 {
        let counts = self.texts.iter().map(|(_, text)| count(encoding, text));
        counts.fold(0, u64::saturating_add)
    }

    pub(crate) fn add(&mut self, choice: u64, text: &str) {
        if text.is_empty() {
            return;
        }
        self.bytes = self.bytes.saturating_add(text.len());
        if ANSWER_BYTES_MAX < self.bytes || CHOICES_MAX <= choice {
            self.out_of_sight = true;
            return;
        }
        match self.texts.iter_mut().find(|(index, _)| *index == choice) {
            Some((_, seen)) => seen.push_str(text),
            None => self.texts.push((choice, text.to_owned())),
        }
    }

    pub(crate) fn mark_out_of_sight(&mut self) {
        self.out_of_sight = true;
    }

    /// Adds a message or a delta.
    pub(crate) fn add_spoken(&mut self, choice: u64, spoken: &Spoken<'_>) {
        for text in [&spoken.content, &spoken.refusal].into_iter().flatten() {
            self.add(choice, text);
        }
        for call in spoken.tool_calls.iter().flatten().filter_map(|call| call.function.as_ref()) {
            self.add_call(choice, call);
        }
        if let Some(call) = &spoken.function_call {
            self.add_call(choice, call);
        }
        let hidden = [spoken.audio, spoken.reasoning_content, spoken.reasoning];
        if spoken.tool_calls.as_ref().is_some_and(|calls| !calls.is_empty())
            || hidden.iter().any(Option::is_some)
        {
            self.out_of_sight = true;
        }
    }

    /// Adds an item of a response. What is no message is calls or reasoning, which text hides.
    fn add_item(&mut self, place: u64, item: &Item<'_>) {
        if !item.is_message() {
            self.out_of_sight = true;
        }
        for part in item.content.iter().flatten() {
            for text in [&part.text, &part.refusal].into_iter().flatten() {
                self.add(place, text);
            }
        }
    }

    /// A call's name and arguments are seen, the tokens around them are not.
    fn add_call(&mut self, choice: u64, call: &Call<'_>) {
        for text in [&call.name, &call.arguments].into_iter().flatten() {
            self.add(choice, text);
        }
        self.out_of_sight = true;
    }
}

/// A message of an answer, or a delta of a stream: what a choice said.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Spoken<'a> {
    #[serde(borrow)]
    content: Option<Text<'a>>,
    #[serde(borrow)]
    refusal: Option<Text<'a>>,
    #[serde(borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
    #[serde(borrow)]
    function_call: Option<Call<'a>>,
    #[serde(borrow)]
    audio: Option<&'a RawValue>,
    /// Not the provider's own: compatible servers send it.
    #[serde(borrow)]
    reasoning_content: Option<&'a RawValue>,
    /// The same, under another server's name.
    #[serde(borrow)]
    reasoning: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct ToolCall<'a> {
    #[serde(borrow)]
    function: Option<Call<'a>>,
}

#[derive(Debug, Deserialize)]
struct Call<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    arguments: Option<Text<'a>>,
}

/// An answer: of chat with choices, of a response with items, of images with their data.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Body<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    service_tier: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    choices: Option<Vec<Choice<'a>>>,
    #[serde(borrow)]
    output: Option<Vec<Item<'a>>>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    /// How long a recording is, in seconds.
    #[serde(borrow)]
    duration: Option<&'a RawValue>,
}

/// An item of a response's output.
#[derive(Debug, Deserialize)]
pub(crate) struct Item<'a> {
    #[serde(rename = "type", borrow)]
    kind: Text<'a>,
    #[serde(borrow)]
    content: Option<Vec<ItemPart<'a>>>,
}

impl Item<'_> {
    /// Whether the item is words to the reader, and not a call or reasoning.
    pub(crate) fn is_message(&self) -> bool {
        &*self.kind == "message"
    }
}

#[derive(Debug, Deserialize)]
struct ItemPart<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    refusal: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
struct Choice<'a> {
    index: Option<u64>,
    #[serde(borrow)]
    message: Option<Spoken<'a>>,
    /// What a completion says.
    #[serde(borrow)]
    text: Option<Text<'a>>,
    /// Nothing rests on it, so that whatever stands there is read.
    #[serde(borrow)]
    finish_reason: Option<&'a RawValue>,
}

/// Reads a whole answer. What cannot be read counts as output out of sight, never as nothing.
pub fn read_answer(endpoint: Endpoint, body: &[u8]) -> Answer {
    read(endpoint, false, body)
}

impl CallRequest {
    /// Reads the whole answer to the call.
    pub fn read_answer(&self, body: &[u8]) -> Answer {
        read(self.endpoint, self.shape.echoes(), body)
    }
}

/// Where an answer says the prompt again, its text shows nothing of what was made.
fn read(endpoint: Endpoint, echoes: bool, body: &[u8]) -> Answer {
    let mut answer = Answer::default();
    if endpoint == Endpoint::AudioSpeech {
        answer.speech_ms = milliseconds(body);
        answer.output.mark_out_of_sight();
        return answer;
    }
    let Ok(read) = serde_json::from_slice::<Body<'_>>(body) else {
        answer.output.mark_out_of_sight();
        return answer;
    };
    for (place, choice) in read.choices.iter().flatten().enumerate() {
        if let Some(reason) = choice.finish_reason {
            answer.finish_reasons.add(reason.get().trim_matches('"'));
        }
        if let Some(message) = &choice.message {
            answer.output.add_spoken(choice.index.unwrap_or(length(place)), message);
        }
        if let Some(text) = choice.text.as_ref().filter(|_| !echoes) {
            answer.output.add(choice.index.unwrap_or(length(place)), text);
        }
    }
    for (place, item) in read.output.iter().flatten().enumerate() {
        answer.output.add_item(length(place), item);
    }
    let makes_images = matches!(endpoint, Endpoint::ImageGenerations | Endpoint::ImageEdits);
    let is_heard = matches!(endpoint, Endpoint::AudioTranscriptions | Endpoint::AudioTranslations);
    if is_heard || (makes_images && read.data.is_some()) {
        answer.output.mark_out_of_sight();
    }
    let length = read.duration.filter(|_| is_heard).and_then(|it| whole_seconds(it.get()));
    let images = read.data.filter(|_| makes_images).map_or(0, |data| made(data.get()));
    let usage = answer.read_report(endpoint, read).map(|usage| Usage { images, ..usage });
    let usage = usage.or(length.map(|seconds| Usage { seconds, ..Usage::default() }));
    answer.usage = usage.filter(|usage| believable(usage, &answer.output));
    if echoes {
        answer.output.mark_out_of_sight();
    }
    answer
}

/// How many images an answer brings.
fn made(data: &str) -> u64 {
    serde_json::from_str::<Vec<IgnoredAny>>(data).map_or(0, |images| length(images.len()))
}

impl Answer {
    /// The name that its provider gave it, where it is a response.
    pub fn name(&self) -> Option<&str> {
        self.response.as_ref().map(|response| response.id.as_str())
    }

    /// Takes name, tier and model from an answer, and returns the usage that it reports.
    pub(crate) fn read_report(&mut self, endpoint: Endpoint, read: Body<'_>) -> Option<Usage> {
        self.tier = read.service_tier.as_deref().and_then(read_tier).or(self.tier);
        if endpoint == Endpoint::Responses
            && let Some(id) = read.id
        {
            let items = read.output.map_or(0, |items| length(items.len()));
            self.response = Some(Box::new(Named { id: id.0.into_owned(), items }));
        }
        self.model = read.model.map(|model| model.0.into_owned()).or(self.model.take());
        read.usage.and_then(|usage| read_usage(endpoint, usage.get()))
    }
}

/// A report of no output is no evidence where output was seen.
pub(crate) fn believable(usage: &Usage, output: &Output) -> bool {
    0 < usage.output_total() || 0 < usage.seconds || output.is_empty()
}

/// The tier that an answer names; one that is not priced here is as good as none.
pub(crate) fn read_tier(name: &str) -> Option<ServiceTier> {
    [ServiceTier::Default, ServiceTier::Flex, ServiceTier::Priority]
        .into_iter()
        .find(|tier| tier.name() == name)
}

#[cfg(test)]
mod tests;
