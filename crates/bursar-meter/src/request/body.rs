//! The body that goes upstream: the fields that were read, with the few edits that money needs.

use bursar_kernel::{Endpoint, ServiceTier};
use bytes::Bytes;

use super::CallRequest;
use super::chat::StreamOptions;
use crate::multipart::{boundary_beside, write_form};

impl CallRequest {
    /// The body to forward. Every value that was not edited is the client's own, byte for byte.
    ///
    /// Edited are: the model, as resolved; the output limit, under the name that the client used;
    /// usage reporting, switched on in streams of chat and of completions; storing, as it was
    /// understood; and with `pin_tier` the service tier, so that a setting of the upstream's
    /// account cannot choose a dearer one. `named` is what the upstream calls the model, if not as
    /// the client does.
    pub fn upstream_body(&self, output_limit: u64, pin_tier: bool, named: Option<&str>) -> Bytes {
        let mut body = Body::with_capacity(self.fields_len());
        let edits = self.edits(output_limit, pin_tier, named);
        for (name, value) in self.fields() {
            match edits.iter().find(|(edited, _)| *edited == name) {
                Some((_, edited)) => body.member(name, edited.as_bytes()),
                None => body.member(name, value),
            }
        }
        for (name, value) in &edits {
            if !self.has_field(name) {
                body.member(name, value.as_bytes());
            }
        }
        body.end()
    }

    /// The form to forward, with the type that names its boundary, where the endpoint takes one.
    /// Its parts are the client's own, each of them on the list; the seed is nothing that a client
    /// can know.
    pub fn upstream_form(&self, seed: &str) -> Option<(String, Bytes)> {
        if !self.endpoint.takes_a_form() {
            return None;
        }
        let boundary = boundary_beside(seed, &self.form);
        let form = write_form(&boundary, &self.form);
        Some((format!("multipart/form-data; boundary={boundary}"), form))
    }

    fn edits(
        &self,
        output_limit: u64,
        pin_tier: bool,
        named: Option<&str>,
    ) -> Vec<(&'static str, String)> {
        let mut edits = vec![("model", quoted(named.unwrap_or(&self.model_as_asked)))];
        match self.endpoint {
            Endpoint::ChatCompletions => self.chat_edits(&mut edits, output_limit),
            Endpoint::Completions => {
                edits.push(("max_tokens", output_limit.to_string()));
                if self.stream {
                    edits.push(("stream_options", self.stream_options()));
                }
                // It has no service tiers.
                return edits;
            }
            Endpoint::Responses => {
                edits.push(("max_output_tokens", output_limit.to_string()));
                // Left out it would be true.
                edits.push(("store", self.is_stored().to_string()));
            }
            Endpoint::Embeddings
            | Endpoint::Moderations
            | Endpoint::ImageGenerations
            | Endpoint::ImageEdits
            | Endpoint::AudioSpeech
            | Endpoint::AudioTranscriptions
            | Endpoint::AudioTranslations
            | Endpoint::Realtime => return edits,
        }
        if pin_tier && self.tier == ServiceTier::Default {
            edits.push(("service_tier", quoted(ServiceTier::Default.name())));
        }
        edits
    }

    fn chat_edits(&self, edits: &mut Vec<(&'static str, String)>, output_limit: u64) {
        let limit = if self.field("max_tokens").is_some_and(|json| json != b"null") {
            "max_tokens"
        } else {
            "max_completion_tokens"
        };
        edits.push((limit, output_limit.to_string()));
        if self.stream {
            edits.push(("stream_options", self.stream_options()));
        }
    }

    fn stream_options(&self) -> String {
        let asked: StreamOptions = self
            .field("stream_options")
            .and_then(|json| serde_json::from_slice::<Option<StreamOptions>>(json).ok().flatten())
            .unwrap_or_default();
        match asked.include_obfuscation {
            Some(on) => format!(r#"{{"include_usage":true,"include_obfuscation":{on}}}"#),
            None => r#"{"include_usage":true}"#.to_owned(),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string always serializes")
}

/// An object being written.
struct Body(Vec<u8>);

impl Body {
    /// Room for the fields and the edits.
    fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes.saturating_add(256)))
    }

    fn member(&mut self, name: &str, value: &[u8]) {
        self.0.push(if self.0.is_empty() { b'{' } else { b',' });
        // Names come from the allow-list: none needs escaping.
        self.0.push(b'"');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
        self.0.extend_from_slice(value);
    }

    fn end(mut self) -> Bytes {
        self.0.push(b'}');
        self.0.into()
    }
}
