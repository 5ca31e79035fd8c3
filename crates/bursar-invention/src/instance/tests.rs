//! What is made for a schema is what the schema allows.

use super::*;

fn made(schema: Value, seed: &str) -> Result<Value, String> {
    of(&schema, &mut Draw::from(&[seed.as_bytes()]))
}

#[test]
fn bounds_on_numbers_hold_for_every_seed() {
    for seed in 0..200 {
        let schema = json!({"type": "array", "minItems": 2, "maxItems": 3, "items": {
            "type": "integer", "minimum": 3, "exclusiveMaximum": 12, "multipleOf": 3,
        }});
        let value = made(schema, &seed.to_string()).unwrap();
        let items = value.as_array().unwrap();
        assert!((2..=3).contains(&items.len()), "{value}");
        for item in items {
            assert!([3, 6, 9].contains(&item.as_i64().unwrap()), "{value}");
        }
    }
}

#[test]
fn a_recursive_schema_comes_to_an_end() {
    let schema = json!({
        "type": "object", "required": ["value", "next"],
        "properties": {
            "value": {"type": "string"},
            "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
        },
    });
    for seed in 0..50 {
        made(schema.clone(), &seed.to_string()).unwrap();
    }
}

#[test]
fn what_no_value_fits_is_an_error() {
    for (schema, error) in [
        (json!({"enum": []}), "an `enum` is empty"),
        (json!({"$ref": "#/$defs/none"}), "`$ref` `#/$defs/none` names nothing in the schema"),
        (json!({"type": "wish"}), "`type` `wish` is not one that JSON has"),
        (
            json!({"type": "integer", "minimum": 3, "maximum": 2}),
            "the bounds of a number leave none",
        ),
        (
            json!({"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}}),
            "it nests without an end; leave a way out, such as a null",
        ),
    ] {
        assert_eq!(made(schema, "x"), Err(error.to_owned()));
    }
}
