//! Moderations by a list of plain words: enough to reach both answers, no judge of anything.

use bursar_kernel::limits::INPUTS_MAX;
use bursar_kernel::{Catalog, Endpoint};
use serde_json::{Map, Value, json};

use crate::deliver::{JSON, Piece, Prepared};
use crate::fields::Fields;
use crate::refusal::Refusal;
use crate::request;
use bursar_invention::Draw;

const MODEL: &str = "omni-moderation-latest";
/// The score from which a category is flagged here.
const FLAGGED_FROM: f64 = 0.5;

/// A category, the words that it flags, and whether images are looked at for it (by the provider).
struct Category {
    name: &'static str,
    words: &'static [&'static str],
    images: bool,
}

const fn text_only(name: &'static str, words: &'static [&'static str]) -> Category {
    Category { name, words, images: false }
}

const fn images_too(name: &'static str, words: &'static [&'static str]) -> Category {
    Category { name, words, images: true }
}

/// The provider's categories (its `OpenAPI` document, 2026-08-21).
const CATEGORIES: &[Category] = &[
    text_only("harassment", &["harass", "harassment", "bully", "insult"]),
    text_only("harassment/threatening", &["threaten", "threat"]),
    text_only("hate", &["hate", "hateful", "racist"]),
    text_only("hate/threatening", &["genocide"]),
    text_only("illicit", &["steal", "smuggle", "counterfeit"]),
    text_only("illicit/violent", &["bomb", "explosive"]),
    images_too("self-harm", &["suicide"]),
    images_too("self-harm/intent", &["suicidal"]),
    images_too("self-harm/instructions", &[]),
    images_too("sexual", &["porn", "pornography"]),
    text_only("sexual/minors", &[]),
    images_too("violence", &["violence", "violent", "kill", "murder", "attack", "stab"]),
    images_too("violence/graphic", &["gore", "dismember"]),
];

/// What is looked at for one result.
struct Looked {
    text: Option<String>,
    image: bool,
}

/// The answer to a moderation request.
pub(crate) fn answer(catalog: &Catalog, body: &Value, number: u64) -> Result<Prepared, Refusal> {
    let fields = Fields::body(body)?;
    let name = fields.text("model")?.unwrap_or(MODEL);
    request::model(catalog, name, Endpoint::Moderations)?;
    fields.only(&["model", "input"])?;
    let results: Vec<Value> = inputs(fields.required("input")?)?.iter().map(result).collect();
    let mut draw = Draw::from(&[name.as_bytes(), body.to_string().as_bytes()]);
    let id = format!("modr-{}", draw.branch(number).text(29));
    let bytes = json!({"id": id, "model": name, "results": results}).to_string().into();
    draw.next_bits();
    Ok(Prepared {
        pieces: vec![Piece { bytes, output_tokens: 0, reported: None }],
        stream: false,
        kind: JSON,
        input_tokens: 0,
        draw,
        last_after: None,
    })
}

/// A text and a list of texts give a result each; a list of parts gives one.
fn inputs(value: &Value) -> Result<Vec<Looked>, Refusal> {
    let text = |text: &str| Looked { text: Some(text.to_owned()), image: false };
    match value {
        Value::String(single) => Ok(vec![text(single)]),
        Value::Array(list) if list.is_empty() || list.len() > INPUTS_MAX => {
            let why = format!("it takes from 1 to {INPUTS_MAX} inputs");
            Err(Refusal::invalid_value("input", why))
        }
        Value::Array(list) if list.iter().all(Value::is_string) => {
            Ok(list.iter().filter_map(Value::as_str).map(text).collect())
        }
        Value::Array(list) => Ok(vec![parts(list)?]),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            Err(Refusal::wrong_type("input", "a string or an array", value))
        }
    }
}

fn parts(list: &[Value]) -> Result<Looked, Refusal> {
    let mut looked = Looked { text: None, image: false };
    for (index, value) in list.iter().enumerate() {
        let place = format!("input[{index}]");
        let part = Fields::within(value, &place)?;
        part.required("type")?;
        if part.choice("type", &["text", "image_url"])? == Some("image_url") {
            let place = part.place("image_url");
            Fields::within(part.required("image_url")?, &place)?.required_text("url")?;
            looked.image = true;
        } else {
            let text = looked.text.get_or_insert_default();
            text.push(' ');
            text.push_str(part.required_text("text")?);
        }
    }
    Ok(looked)
}

fn result(looked: &Looked) -> Value {
    let text = looked.text.clone().unwrap_or_default().to_lowercase();
    let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric()).collect();
    let mut draw = Draw::from(&[text.as_bytes()]);
    let (mut categories, mut scores, mut types) = (Map::new(), Map::new(), Map::new());
    let mut flagged = false;
    for category in CATEGORIES {
        let found = category.words.iter().any(|word| words.contains(word));
        let score = if found { 0.6 + draw.unit() * 0.39 } else { draw.unit() * 0.001 };
        let hit = score >= FLAGGED_FROM;
        flagged |= hit;
        let mut applied = Vec::new();
        if looked.text.is_some() {
            applied.push("text");
        }
        if looked.image && category.images {
            applied.push("image");
        }
        categories.insert(category.name.to_owned(), json!(hit));
        scores.insert(category.name.to_owned(), json!(score));
        types.insert(category.name.to_owned(), json!(applied));
    }
    json!({
        "flagged": flagged,
        "categories": categories,
        "category_scores": scores,
        "category_applied_input_types": types,
    })
}
