//! What a call goes on from: a stored answer, whose tokens count as input once more.

use bursar_kernel::{Bound, Context, Model};

use super::CallRequest;
use super::bad_request::{BadRequest, BadRequestKind};
use super::bound::{OVERHEAD_PER_CALL, OVERHEAD_PER_MESSAGE};
use crate::answer::Answer;

const NAME: &str = "previous_response_id";

impl CallRequest {
    /// Goes on from a stored answer of a model: the bound covers it from here on.
    ///
    /// Refused where its tokens say nothing about this model's, and where it is longer than any
    /// input that this model takes.
    pub fn go_on_from(
        &mut self,
        earlier: &Context,
        made_by: Option<&Model>,
        model: &Model,
    ) -> Result<(), BadRequest> {
        let is_same = made_by.is_some_and(|made_by| made_by.id == model.id);
        let counts_alike = made_by
            .and_then(|made_by| made_by.encoding)
            .is_some_and(|it| Some(it) == model.encoding);
        if !is_same && !counts_alike {
            let message = format!(
                "the earlier response is of another model, whose tokens `{}` does not count \
                 alike, so that nobody knows what it costs here\nhint: go on with the model that \
                 made it, or send the earlier items in `input`",
                model.id
            );
            return Err(BadRequest::not_offered(NAME, message));
        }
        let truncates = self.field("truncation") == Some(br#""auto""#);
        if let Some(most) =
            model.input_tokens_max.filter(|most| *most < earlier.visible && !truncates)
        {
            let message = format!(
                "the earlier responses have {} tokens and `{}` takes {most} of input\nhint: begin \
                 anew with what matters of them in `input`, or set `truncation` to `auto`",
                earlier.visible, model.id
            );
            return Err(BadRequest::new(BadRequestKind::ContextTooLong, NAME, message));
        }
        self.earlier = *earlier;
        if !is_same {
            let images = earlier.images.saturating_mul(model.image_tokens_max.unwrap_or(0));
            self.earlier.tokens = earlier.tokens.saturating_add(images);
        }
        Ok(())
    }

    /// Input tokens at the most of what the call goes on from.
    pub(crate) fn earlier_tokens(&self) -> u64 {
        self.earlier.tokens
    }

    /// Whether images, which may have a rate of their own, are among that.
    pub(crate) fn goes_on_from_images(&self) -> bool {
        0 < self.earlier.images
    }

    /// What the answer counts at the most where a later call goes on from it, before anything is
    /// known of it. An item of it is hardly shorter than the tokens around it.
    pub fn context(&self, bound: &Bound) -> Context {
        let output = bound.output_tokens.saturating_mul(2);
        Context {
            tokens: bound.input_tokens.saturating_add(output).saturating_add(OVERHEAD_PER_CALL),
            visible: 0,
            images: self.earlier.images.saturating_add(self.shape.images),
        }
    }
}

impl Answer {
    /// What the answer counts where a later call goes on from it: what its provider reports, if it
    /// does, and the tokens around each of its items.
    pub fn context(&self, at_most: Context) -> Context {
        let Some(usage) = &self.usage else { return at_most };
        let (input, output) = (usage.input_total(), usage.output_total());
        let items = self.response.as_ref().map_or(0, |response| response.items);
        let around = items.saturating_mul(OVERHEAD_PER_MESSAGE);
        let parts = [input, output, around, OVERHEAD_PER_CALL];
        Context {
            tokens: parts.into_iter().fold(0, u64::saturating_add),
            visible: input.saturating_add(output.saturating_sub(usage.reasoning)),
            images: at_most.images,
        }
    }
}
