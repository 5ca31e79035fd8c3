//! Tokens of a call, counted from examples of what a study will send and be answered.

use bursar_kernel::catalog::Encoding;
use bursar_kernel::{Mode, Model};

use crate::raw::length;
use crate::tokens::{TOKENS_PER_MESSAGE, TOKENS_REPLY_PRIMING, count};

/// What stands alone on a line between two examples.
pub const BETWEEN_EXAMPLES: &str = "---";

/// Examples of what a study sends, and of what it is answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Whole prompts.
    pub prompts: Vec<String>,
    /// Answers of the usual length.
    pub answers: Vec<String>,
}

impl Sample {
    /// Examples from two texts, one after another, with a line of `---` between them.
    pub fn read(prompts: &str, answers: &str) -> Self {
        Self { prompts: examples(prompts), answers: examples(answers) }
    }
}

/// Tokens of a call, on the average of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleCount {
    /// Input tokens, what the chat format adds included; `None` without a prompt.
    pub input_tokens: Option<u64>,
    /// Output tokens in sight; `None` without an answer.
    pub output_tokens: Option<u64>,
    /// Whether they were counted with the model's own tokenizer. Where that is not public, the
    /// newest public one is the nearest there is.
    pub is_exact: bool,
}

/// Counts a sample for a model, rounding up. A megabyte takes some 100 ms.
pub fn count_sample(model: &Model, sample: &Sample) -> SampleCount {
    let encoding = model.encoding.unwrap_or(Encoding::O200kBase);
    let frame = match model.mode {
        Mode::Chat | Mode::Responses => [TOKENS_PER_MESSAGE, TOKENS_REPLY_PRIMING]
            .into_iter()
            .fold(count(encoding, "user"), u64::saturating_add),
        Mode::Completion
        | Mode::Embedding
        | Mode::Moderation
        | Mode::Image
        | Mode::Speech
        | Mode::Transcription
        | Mode::Voice
        | Mode::Realtime => 0,
    };
    SampleCount {
        input_tokens: mean(encoding, &sample.prompts).map(|mean| mean.saturating_add(frame)),
        output_tokens: mean(encoding, &sample.answers),
        is_exact: model.encoding.is_some(),
    }
}

fn mean(encoding: Encoding, texts: &[String]) -> Option<u64> {
    let total = texts.iter().map(|text| count(encoding, text)).fold(0, u64::saturating_add);
    (!texts.is_empty()).then(|| total.div_ceil(length(texts.len())))
}

fn examples(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for line in text.lines() {
        if line.trim() == BETWEEN_EXAMPLES {
            found.push(String::new());
        } else if let Some(last) = found.last_mut() {
            if !last.is_empty() {
                last.push('\n');
            }
            last.push_str(line);
        }
    }
    let trimmed = found.iter().map(|example| example.trim());
    trimmed.filter(|example| !example.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    //! What is counted here is what the gateway would count.

    use super::*;
    use crate::testing::{chat, named};

    #[test]
    fn a_prompt_counts_as_the_gateway_counts_it() {
        let (model, text) = (named("gpt-4o-mini"), "Label this sentence: the cat sat.\n\n  Twice.");
        let counted = count_sample(&model, &Sample::read(text, "positive"));
        let by_gateway = chat("gpt-4o-mini", text, "").count_input(&model);
        assert_eq!((counted.input_tokens, counted.output_tokens), (by_gateway, Some(1)));
        assert!(counted.is_exact);
    }

    #[test]
    fn several_examples_are_a_mean_that_is_rounded_up() {
        let model = named("gpt-4o-mini");
        let sample = Sample::read("one\n---\n\n--- \none two\nthree\n", "");
        assert_eq!(sample.prompts, ["one", "one two\nthree"]);
        let counted = count_sample(&model, &sample);
        // 1 and 4 tokens, and 7 for a message and the reply's beginning.
        assert_eq!((counted.input_tokens, counted.output_tokens), (Some(10), None));
    }

    #[test]
    fn a_model_without_a_public_tokenizer_is_counted_with_the_nearest() {
        let counted = count_sample(&named("gpt-6-sol"), &Sample::read("one", "two"));
        assert_eq!((counted.input_tokens, counted.is_exact), (Some(8), false));
        let vector = count_sample(&named("text-embedding-3-small"), &Sample::read("one", ""));
        assert_eq!((vector.input_tokens, vector.is_exact), (Some(1), true));
    }
}
