//! How to call a model with a grant: ready to copy.

use bursar_kernel::{GrantId, ModelId};
use maud::{Markup, html};

use crate::routes;
use crate::ui::{Frame, Page, back, code_block, key_values, link};

/// The same first call with curl and with the Python SDK.
pub fn snippets(frame: &Frame, secret: &str, model: &ModelId) -> Markup {
    let base = frame.openai_base_url();
    let curl = format!(
        "curl {base}/chat/completions \\\n  \
         -H \"Authorization: Bearer {secret}\" \\\n  \
         -H \"Content-Type: application/json\" \\\n  \
         -d '{{\"model\": \"{model}\", \"messages\": \
         [{{\"role\": \"user\", \"content\": \"Hello\"}}]}}'"
    );
    let python = format!(
        "from openai import OpenAI\n\n\
         client = OpenAI(\n    base_url=\"{base}\",\n    api_key=\"{secret}\",\n)\n\
         answer = client.chat.completions.create(\n    model=\"{model}\",\n    \
         messages=[{{\"role\": \"user\", \"content\": \"Hello\"}}],\n)\n\
         print(answer.choices[0].message.content)"
    );
    html! {
        (code_block("curl", "curl", &curl))
        (code_block("python", "Python (pip install openai)", &python))
    }
}

/// How to use a grant, without a key's secret.
#[derive(Clone, Debug)]
pub struct HowToUse {
    /// The grant.
    pub grant: GrantId,
    /// Its title.
    pub title: String,
    /// A model for the example.
    pub model: ModelId,
    /// What was allowed before the client set a limit: output tokens.
    pub output_tokens_default: u64,
}

impl Page for HowToUse {
    fn title(&self) -> String {
        "How to use this grant".to_owned()
    }

    fn body(&self, frame: &Frame) -> Markup {
        let base = frame.openai_base_url();
        let header = |name: &str, text: &str| (name.to_owned(), html! { (text) });
        html! {
            (back(&routes::grant(self.grant), &self.title))
            h1 { "How to use this grant" }
            p { "Any client that speaks the OpenAI API works. Change two settings:" }
            (key_values(&[
                ("Base URL".to_owned(), html! { code { (base) } }),
                ("API key".to_owned(), html! { "a key of this grant; "
                    (link(&routes::grant(self.grant), "create one")) }),
            ]))
            (code_block("environment", "Environment, for tools that read it",
                &format!("export OPENAI_BASE_URL={base}\nexport OPENAI_API_KEY=YOUR_KEY")))
            (snippets(frame, "YOUR_KEY", &self.model))
            h2 { "What a call costs" }
            p { "Before a call is forwarded, the most it could cost is held; when it ends, what it "
                "used is charged and the rest comes back. Set an output limit to hold less: a call "
                "without one may make " (self.output_tokens_default) " tokens." }
            (key_values(&[
                header("x-request-id", "The call's name, here and in your log"),
                header("x-bursar-cost", "What it cost, exactly; in a stream's closing comment"),
                header("x-bursar-balance", "What is left"),
            ]))
            h2 { "When credit is used up or expired" }
            p { "Calls are refused with " code { "insufficient_quota" } " and are not charged. "
                "Listing models stays open." }
        }
    }
}
