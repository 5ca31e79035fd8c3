//! The format of program files, as the reader asks for it, and what each key means: for editors,
//! for the reference, and for telling two editions apart.

mod keys;

use std::fmt::Write as _;

use bursar_kernel::Catalog;
use bursar_toml::{Document, Keys, Shape};
use serde_json::{Map, Value, json};

use crate::{EXAMPLES, SHIPPED, read};
use keys::KEYS;

/// What a key means; keys of a program's own names are found too.
pub(crate) fn about(key: &str) -> Option<&'static str> {
    let fits = |known: &str| {
        let (mut known, mut parts) = (known.split('.'), key.split('.'));
        loop {
            match (known.next(), parts.next()) {
                (None, None) => return true,
                (Some(one), Some(part)) if one == "*" || one == part => {}
                _ => return false,
            }
        }
    };
    let found = KEYS.iter().find(|(known, _)| *known == key);
    let found = found.or_else(|| KEYS.iter().find(|(known, _)| fits(known)));
    found.map(|(_, about)| *about)
}

/// What no program that ships says.
const REST: (&str, &str) = ("rest.toml", include_str!("format/rest.toml"));
/// A form with a question of each kind, beside those that programs need.
pub(crate) const FORM: (&str, &str) = ("form.toml", include_str!("format/form.toml"));

/// What the reader asks of a file: the programs that are here, and the rest, use all there is.
fn keys(catalog: &Catalog) -> Keys {
    let asked = SHIPPED.iter().chain(&EXAMPLES).chain([&REST, &FORM]).filter_map(|(name, text)| {
        let document = Document::parse(name, text).ok()?;
        // What is wrong with it, such as a model that this catalog lacks, hides no key.
        let _ = read::program(document.root(), catalog);
        Some(document.keys())
    });
    asked.reduce(Keys::and).unwrap_or_default()
}

/// A JSON Schema (draft 7) of program files, for editors: keys, kinds, bounds and what each means.
pub fn schema(catalog: &Catalog) -> Value {
    let mut schema = Value::Object(object(&keys(catalog), ""));
    if let Some(root) = schema.as_object_mut() {
        root.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
        root.insert("title".to_owned(), json!("A program of Bursar"));
    }
    schema
}

fn object(keys: &Keys, path: &str) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    if let Some(named) = &keys.named {
        schema.insert("additionalProperties".to_owned(), of_shape(named, &below(path, "*")));
        return schema;
    }
    let properties = keys.known.iter().map(|(name, key)| {
        let path = below(path, name);
        let shape = key.shape.as_ref().map_or_else(|| json!({}), |shape| of_shape(shape, &path));
        (name.clone(), shape)
    });
    schema.insert("properties".to_owned(), Value::Object(properties.collect()));
    let needed: Vec<&String> =
        keys.known.iter().filter(|(_, key)| key.needed).map(|(name, _)| name).collect();
    if !needed.is_empty() {
        schema.insert("required".to_owned(), json!(needed));
    }
    schema.insert("additionalProperties".to_owned(), json!(false));
    schema
}

fn of_shape(shape: &Shape, path: &str) -> Value {
    let mut schema = match shape {
        Shape::Text => json!({"type": "string", "minLength": 1}),
        Shape::Word(words) => json!({"type": "string", "enum": words}),
        Shape::Integer(least, most) => {
            let mut number = json!({"type": "integer"});
            for (bound, value) in [("minimum", least), ("maximum", most)] {
                if let (Some(value), Some(number)) = (value, number.as_object_mut()) {
                    number.insert(bound.to_owned(), json!(value));
                }
            }
            number
        }
        Shape::Boolean => json!({"type": "boolean"}),
        Shape::Decimal => json!({"type": "string", "pattern": r"^\d+(\.\d+)?$"}),
        Shape::Date => json!({"type": "string", "format": "date"}),
        Shape::List(inner) => {
            let is_table = matches!(**inner, Shape::Table(_));
            let path = if is_table { format!("{path}[]") } else { path.to_owned() };
            json!({"type": "array", "items": of_shape(inner, &path)})
        }
        Shape::Table(keys) => Value::Object(object(keys, path)),
    };
    if let (Some(about), Some(schema)) = (about(path), schema.as_object_mut()) {
        schema.insert("description".to_owned(), json!(sentence(about)));
    }
    schema
}

/// The reference of the format in Markdown: each key, what it has to be, and what it means.
pub fn reference(catalog: &Catalog) -> String {
    let mut text = "| key | what it is | what it says |\n| --- | --- | --- |\n".to_owned();
    add_rows(&mut text, &keys(catalog), "");
    text
}

fn add_rows(text: &mut String, keys: &Keys, path: &str) {
    let known =
        keys.known.iter().map(|(name, key)| (name.as_str(), key.needed, key.shape.as_ref()));
    let named = keys.named.iter().map(|shape| ("*", false, Some(&**shape)));
    for (name, needed, shape) in known.chain(named) {
        let key = below(path, name);
        let listed = match shape {
            Some(Shape::List(inner)) => Some(&**inner),
            Some(_) | None => None,
        };
        let inner = listed.or(shape).and_then(Shape::keys);
        let key = if listed.and_then(Shape::keys).is_some() { format!("{key}[]") } else { key };
        let kind = shape.map(in_words).unwrap_or_default();
        let needed = if needed { ", needed" } else { "" };
        let about = about(&key).unwrap_or_default();
        writeln!(text, "| `{key}` | {kind}{needed} | {about} |").expect("a text takes all");
        if let Some(inner) = inner {
            add_rows(text, inner, &key);
        }
    }
}

fn in_words(shape: &Shape) -> String {
    match shape {
        Shape::Text => "text".to_owned(),
        Shape::Word(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            words.join(", ")
        }
        Shape::Integer(Some(least), Some(most)) => format!("a whole number, {least} to {most}"),
        Shape::Integer(..) => "a whole number".to_owned(),
        Shape::Boolean => "`true` or `false`".to_owned(),
        Shape::Decimal => "a decimal in a string".to_owned(),
        Shape::Date => "a day".to_owned(),
        Shape::List(inner) if inner.keys().is_some() => "tables".to_owned(),
        Shape::List(inner) if **inner == Shape::Text => "texts".to_owned(),
        Shape::List(inner) => format!("a list, each {}", in_words(inner)),
        Shape::Table(_) => "a table".to_owned(),
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A phrase as a sentence.
pub(crate) fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    //! The reader, the words and the files that ship know the same keys.

    use std::collections::BTreeSet;

    use super::*;

    fn paths(keys: &Keys, path: &str, into: &mut BTreeSet<String>) {
        let known = keys.known.iter().map(|(name, key)| (name.as_str(), key.shape.as_ref()));
        let named = keys.named.iter().map(|shape| ("*", Some(&**shape)));
        for (name, shape) in known.chain(named) {
            let key = below(path, name);
            let listed = match shape {
                Some(Shape::List(inner)) => inner.keys(),
                Some(_) | None => None,
            };
            let key = if listed.is_some() { format!("{key}[]") } else { key };
            if let Some(inner) = listed.or_else(|| shape.and_then(Shape::keys)) {
                paths(inner, &key, into);
            }
            into.insert(key);
        }
    }

    #[test]
    fn each_key_that_the_reader_knows_has_its_words_and_no_other_has() {
        let mut known = BTreeSet::new();
        paths(&keys(&bursar_catalog::shipped()), "", &mut known);
        let said: BTreeSet<String> = KEYS.iter().map(|(key, _)| (*key).to_owned()).collect();
        let missing: Vec<_> = known.difference(&said).collect();
        let idle: Vec<_> = said.difference(&known).collect();
        assert!(missing.is_empty() && idle.is_empty(), "no words: {missing:?}; idle: {idle:?}");
        assert_eq!(said.len(), KEYS.len(), "each stands once");
    }

    #[test]
    fn the_reference_says_what_the_reader_asks() {
        let introduction = include_str!("format/introduction.txt");
        let text = format!("{introduction}\n{}", reference(&bursar_catalog::shipped()));
        expect_test::expect_file!["../../../docs/PROGRAMS.md"].assert_eq(&text);
    }

    #[test]
    fn each_kind_of_value_has_its_schema() {
        let schema = schema(&bursar_catalog::shipped());
        let at = |pointer: &str| schema.pointer(pointer).cloned().unwrap_or_default();
        let term = &at("/properties/term/properties/months");
        assert_eq!((&term["minimum"], &term["maximum"]), (&json!(1), &json!(120)));
        assert_eq!(at("/properties/intake/enum"), json!(["open", "officers"]));
        let kind = "/properties/award/properties/kind/items";
        assert_eq!(
            at(&format!("{kind}/required")),
            json!(["answers", "field", "label", "typical_max"])
        );
        assert_eq!(at("/properties/countries/properties/as_of/format"), json!("date"));
        let class = "/properties/tier/items/properties/limits/additionalProperties";
        assert_eq!(at(&format!("{class}/properties/tokens_per_day/minimum")), json!(1));
        assert_eq!(at("/properties/form/items/properties/words_max/maximum"), json!(10_000));
        let needed = at("/properties/form/items/required");
        assert_eq!(needed, json!(["id", "kind", "label", "name"]), "what each kind needs is left");
        assert_eq!(at("/additionalProperties"), json!(false));
    }
}
