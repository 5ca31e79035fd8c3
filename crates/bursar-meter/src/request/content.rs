//! Messages and their parts: typed wherever content could hide cost.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::raw::Text;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    System,
    Developer,
    User,
    Assistant,
    Tool,
    Function,
}

impl Role {
    /// The role's name, which is counted like any text.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Developer => "developer",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
            Self::Function => "function",
        }
    }
}

/// One message, as the provider's document describes it for each role.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Message<'a> {
    pub(super) role: Role,
    #[serde(borrow)]
    pub(super) content: Option<Content<'a>>,
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) refusal: Option<Text<'a>>,
    #[serde(borrow)]
    tool_calls: Option<&'a RawValue>,
    #[serde(borrow)]
    tool_call_id: Option<Text<'a>>,
    #[serde(borrow)]
    function_call: Option<&'a RawValue>,
    /// Part of every answer that a client sends back as it got it; input by its bytes.
    #[serde(borrow)]
    annotations: Option<&'a RawValue>,
    #[serde(borrow)]
    audio: Option<&'a RawValue>,
}

impl<'a> Message<'a> {
    /// Whether the message is a role, a text and perhaps a name, so that it can be counted.
    pub(super) fn is_plain_text(&self) -> bool {
        let role = match self.role {
            Role::System | Role::Developer | Role::User | Role::Assistant => true,
            Role::Tool | Role::Function => false,
        };
        role && self.refusal.is_none()
            && self.tool_calls.is_none()
            && self.tool_call_id.is_none()
            && self.function_call.is_none()
            && self.annotations.is_none()
            && self.parts().iter().all(Part::is_plain_text)
    }

    /// The parts of the content, where it has parts.
    pub(super) fn parts(&self) -> &[Part<'a>] {
        match &self.content {
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

    /// Refuses what cannot be bounded yet.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.audio.is_some() {
            return Err("an earlier audio answer is not offered through this gateway yet".into());
        }
        self.parts().iter().try_for_each(Part::check)
    }
}

/// A message's content.
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
    pub(super) image_url: Option<ImageUrl<'a>>,
    #[serde(borrow)]
    refusal: Option<Text<'a>>,
    #[serde(borrow)]
    prompt_cache_breakpoint: Option<&'a RawValue>,
    #[serde(borrow)]
    input_audio: Option<&'a RawValue>,
    #[serde(borrow)]
    file: Option<&'a RawValue>,
}

impl Part<'_> {
    fn is_plain_text(&self) -> bool {
        &*self.kind == "text" && self.text.is_some() && self.prompt_cache_breakpoint.is_none()
    }

    /// Refuses kinds that cannot be bounded, and members that do not belong to the kind.
    pub(super) fn check(&self) -> Result<(), String> {
        let members = (self.text.is_some(), self.image_url.is_some(), self.refusal.is_some());
        let fits = match &*self.kind {
            "text" => members == (true, false, false),
            "refusal" => members == (false, false, true),
            "image_url" => {
                if let Some(image) = &self.image_url {
                    image.check()?;
                }
                members == (false, true, false)
            }
            kind @ ("input_audio" | "file") => {
                return Err(format!("`{kind}` parts are not offered through this gateway yet"));
            }
            kind => {
                let kind: String = kind.chars().take(64).collect();
                return Err(format!("`{kind}` is not a kind of content part"));
            }
        };
        if fits && self.input_audio.is_none() && self.file.is_none() {
            return Ok(());
        }
        Err(format!("a `{0}` part has the member `{0}` and no other content", &*self.kind))
    }
}

/// An image, inline or by its address. It is never fetched here: its bound needs no size.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImageUrl<'a> {
    #[serde(borrow)]
    pub(super) url: Text<'a>,
    #[serde(borrow)]
    detail: Option<Text<'a>>,
}

impl ImageUrl<'_> {
    fn check(&self) -> Result<(), String> {
        if !self.url.starts_with("data:") && !self.url.starts_with("https://") {
            return Err("an image's `url` begins with `https://` or `data:`".into());
        }
        match self.detail.as_deref() {
            None | Some("auto" | "low" | "high") => Ok(()),
            Some(_) => Err("an image's `detail` is `auto`, `low` or `high`".into()),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsContent;
        impl<'de> Visitor<'de> for AsContent {
            type Value = Content<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of content parts")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Content::Text(Text(text.into())))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Content::Text(Text(text.to_owned().into())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut parts = Vec::new();
                while let Some(part) = seq.next_element()? {
                    parts.push(part);
                }
                Ok(Content::Parts(parts))
            }
        }
        deserializer.deserialize_any(AsContent)
    }
}

/// One element of an embedding's or a moderation's input.
#[derive(Debug)]
pub(super) enum Input<'a> {
    Text(Text<'a>),
    /// A token id: the whole array is one input.
    Token,
    /// An input of so many token ids.
    Tokens(u64),
    /// A content part: moderation only.
    Part(Box<Part<'a>>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Input<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsInput;
        impl<'de> Visitor<'de> for AsInput {
            type Value = Input<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, a token id, an array of token ids or a content part")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Input::Text(Text(text.into())))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Input::Text(Text(text.to_owned().into())))
            }

            fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Input::Token)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut tokens = 0_u64;
                while seq.next_element::<u32>()?.is_some() {
                    tokens = tokens.saturating_add(1);
                }
                Ok(Input::Tokens(tokens))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let part = Part::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Input::Part(Box::new(part)))
            }
        }
        deserializer.deserialize_any(AsInput)
    }
}
