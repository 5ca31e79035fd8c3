//! Institutions by name, while somebody types and for those who press a button.

use std::collections::BTreeMap;

use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use bursar_evidence::Found;
use bursar_kernel::institution_answer;
use bursar_ui::Choice;
use bursar_web::{Answer, Asked, OrPage as _, Trouble, Visit};
use serde_json::json;

/// What completes a name: JSON, for the script.
pub(crate) async fn complete(
    visit: Visit,
    Asked(asked): Asked<BTreeMap<String, String>>,
) -> Answer {
    let text = asked.get("name").map_or("", String::as_str);
    let found = bursar_evidence::institutions(visit.service(), text).await.or_page(&visit)?;
    let line = |found: Found| {
        let choice = choice(found);
        json!({ "value": choice.value, "where": choice.hint })
    };
    let lines: Vec<serde_json::Value> = found.into_iter().map(line).collect();
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((StatusCode::OK, kind, json!(lines).to_string()).into_response())
}

/// What is found for the answer to a question, to be taken by a button.
pub async fn find(
    visit: &Visit,
    answers: &BTreeMap<String, String>,
    field: &str,
) -> Result<BTreeMap<String, Vec<Choice>>, Trouble> {
    let answer = answers.get(field).map_or("", String::as_str);
    let (name, _) = bursar_kernel::institution_of(answer);
    let found = bursar_evidence::institutions(visit.service(), name).await.or_page(visit)?;
    let choices = found.into_iter().map(choice).collect();
    Ok(BTreeMap::from([(field.to_owned(), choices)]))
}

/// Takes what a button has picked in place of what was typed. Whether there was one.
pub fn pick(fields: &mut BTreeMap<String, String>) -> bool {
    let Some(picked) = fields.remove("pick") else { return false };
    match picked.split_once(':') {
        Some((field, answer)) => {
            fields.insert(field.to_owned(), answer.to_owned());
            true
        }
        None => false,
    }
}

fn choice(Found { institution, was }: Found) -> Choice {
    let value = institution_answer(&institution.name, &institution.ror);
    let place = [institution.city, institution.country].into_iter().flatten();
    let mut hint: Vec<String> = place.collect();
    hint.extend(was.map(|was| format!("in place of {was}")));
    Choice { value, label: institution.name, hint: Some(hint.join(", ")) }
}
