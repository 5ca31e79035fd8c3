//! The input items of a response: typed wherever content could hide cost.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::content::Role;
use crate::raw::Text;

/// One item of the input: a message, or what an earlier answer did and what came of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Item<'a> {
    /// A message where absent.
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
    pub(super) role: Option<Role>,
    #[serde(default, borrow)]
    pub(super) content: Option<Content<'a>>,
    #[serde(default, borrow)]
    output: Option<Content<'a>>,
    #[serde(borrow)]
    call_id: Option<&'a RawValue>,
    // Text of the caller's own, or names: input by their bytes.
    #[serde(rename = "id", borrow)]
    _id: Option<&'a RawValue>,
    #[serde(rename = "status", borrow)]
    _status: Option<&'a RawValue>,
    #[serde(rename = "phase", borrow)]
    _phase: Option<&'a RawValue>,
    #[serde(rename = "name", borrow)]
    _name: Option<&'a RawValue>,
    #[serde(rename = "namespace", borrow)]
    _namespace: Option<&'a RawValue>,
    #[serde(rename = "caller", borrow)]
    _caller: Option<&'a RawValue>,
    #[serde(rename = "arguments", borrow)]
    _arguments: Option<Text<'a>>,
    #[serde(rename = "input", borrow)]
    _input: Option<Text<'a>>,
    #[serde(rename = "summary", borrow)]
    _summary: Option<&'a RawValue>,
    /// Earlier reasoning, sealed: its tokens are fewer than its letters.
    #[serde(rename = "encrypted_content", borrow)]
    _sealed: Option<Text<'a>>,
}

impl<'a> Item<'a> {
    /// Whether the item is a message of text and nothing else, so that it can be counted.
    pub(super) fn is_plain_text(&self) -> bool {
        let spoken = match self.role {
            Some(Role::System | Role::Developer | Role::User | Role::Assistant) => true,
            Some(Role::Tool | Role::Function) | None => false,
        };
        spoken && self.call_id.is_none() && self.parts().iter().all(Part::is_plain_text)
    }

    /// The parts of the content or the output, where it has parts.
    pub(super) fn parts(&self) -> &[Part<'a>] {
        match self.content.as_ref().or(self.output.as_ref()) {
            Some(Content::Parts(parts)) => parts,
            Some(Content::Text(_)) | None => &[],
        }
    }

    /// The texts of the content.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let whole = match &self.content {
            Some(Content::Text(text)) => Some(&**text),
            Some(Content::Parts(_)) | None => None,
        };
        whole.into_iter().chain(self.parts().iter().filter_map(|part| part.text.as_deref()))
    }

    /// Refuses what cannot be bounded, and what the provider keeps.
    pub(super) fn check(&self) -> Result<(), String> {
        match self.kind.as_deref().unwrap_or("message") {
            "message" if self.role.is_none() => return Err("a message has a `role`".into()),
            "message"
            | "function_call"
            | "function_call_output"
            | "custom_tool_call"
            | "custom_tool_call_output"
            | "reasoning" => {}
            "item_reference" => {
                return Err(
                    "stored items are not offered through this gateway: send the item".into()
                );
            }
            kind => {
                let kind: String = kind.chars().take(64).collect();
                return Err(format!("`{kind}` items are not offered through this gateway yet"));
            }
        }
        if self.content.is_some() && self.output.is_some() {
            return Err("an item has `content` or `output`, not both".into());
        }
        self.parts().iter().try_for_each(Part::check)
    }
}

/// An item's content or output.
#[derive(Debug)]
pub(super) enum Content<'a> {
    Text(Text<'a>),
    Parts(Vec<Part<'a>>),
}

/// One part of a content: its `type` says which member it has.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part<'a> {
    #[serde(rename = "type", borrow)]
    kind: Text<'a>,
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) image_url: Option<Text<'a>>,
    #[serde(borrow)]
    refusal: Option<Text<'a>>,
    #[serde(borrow)]
    file_id: Option<&'a RawValue>,
    #[serde(borrow)]
    prompt_cache_breakpoint: Option<&'a RawValue>,
    #[serde(rename = "detail", borrow)]
    _detail: Option<&'a RawValue>,
    // Part of every answer that a client sends back as it got it; input by their bytes.
    #[serde(rename = "annotations", borrow)]
    annotations: Option<&'a RawValue>,
    #[serde(rename = "logprobs", borrow)]
    _logprobs: Option<&'a RawValue>,
}

impl Part<'_> {
    fn is_plain_text(&self) -> bool {
        &*self.kind == "input_text"
            && self.prompt_cache_breakpoint.is_none()
            && self.annotations.is_none()
    }

    fn check(&self) -> Result<(), String> {
        if self.file_id.is_some() {
            return Err("stored files are not offered through this gateway: send the image".into());
        }
        let members = (self.text.is_some(), self.image_url.is_some(), self.refusal.is_some());
        let fits = match &*self.kind {
            "input_text" | "output_text" | "reasoning_text" | "summary_text" => {
                members == (true, false, false)
            }
            "refusal" => members == (false, false, true),
            "input_image" => {
                let whole =
                    |url: &Text<'_>| url.starts_with("data:") || url.starts_with("https://");
                if !self.image_url.as_ref().is_some_and(whole) {
                    return Err("an image's `image_url` begins with `https://` or `data:`".into());
                }
                members == (false, true, false)
            }
            kind => {
                let kind: String = kind.chars().take(64).collect();
                return Err(format!("`{kind}` parts are not offered through this gateway yet"));
            }
        };
        if fits { Ok(()) } else { Err(format!("a `{}` part has one content", &*self.kind)) }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        let content = if json.starts_with('"') {
            serde_json::from_str(json).map(Content::Text)
        } else {
            serde_json::from_str(json).map(Content::Parts)
        };
        content.map_err(serde::de::Error::custom)
    }
}
