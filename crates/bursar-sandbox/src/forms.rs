//! Forms: their fields as the members of an object, and their files.

use bursar_meter::multipart::{Part, boundary, read_form};
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// Reads a form. What has a file's name is a file; texts that are whole numbers or flags are so.
pub(crate) fn read(headers: &HeaderMap, form: &Bytes) -> Result<(Value, Vec<Part>), Refusal> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let parts = boundary(kind).and_then(|boundary| read_form(boundary, form));
    let parts = parts.map_err(|error| Refusal::bad_request(format!("Invalid form: {error}.")))?;
    let (files, texts): (Vec<Part>, Vec<Part>) =
        parts.into_iter().partition(|part| part.filename.is_some());
    let mut fields = Map::new();
    for part in texts {
        let Ok(text) = std::str::from_utf8(&part.body) else {
            return Err(Refusal::invalid_value(&part.name, "it is not text".to_owned()));
        };
        if let Some(name) = part.name.strip_suffix("[]") {
            let list = fields.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.push(Value::from(text));
            }
            continue;
        }
        let value = match (text.parse::<i64>(), text.parse::<bool>()) {
            (Ok(whole), _) => Value::from(whole),
            (_, Ok(flag)) => Value::from(flag),
            (Err(_), Err(_)) => Value::from(text),
        };
        fields.insert(part.name, value);
    }
    Ok((Value::Object(fields), files))
}
