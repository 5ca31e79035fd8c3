//! A value that a JSON Schema allows.
//!
//! What the provider's structured outputs take: objects, arrays, texts, numbers, booleans, null,
//! `enum`, `const`, `anyOf` and its kin, `$ref` into the schema itself, bounds on numbers and
//! lengths. `pattern` is not understood: a text that needs one is made without it.

use serde_json::{Map, Value, json};

use crate::Draw;
use crate::prose;

/// Levels after which optional parts are left out, so that recursive schemas come to an end.
const LEVELS_GENEROUS: usize = 4;
/// Levels at the most, twice the provider's own limit on strict schemas.
const LEVELS_MAX: usize = 20;
/// Items of a list at the most, whatever its schema demands.
const ITEMS_MAX: u64 = 1_000;

/// A value that the schema allows; otherwise why there is none.
pub fn of(schema: &Value, draw: &mut Draw) -> Result<Value, String> {
    Maker { root: schema, draw }.value(schema, 0)
}

struct Maker<'a> {
    root: &'a Value,
    draw: &'a mut Draw,
}

impl<'a> Maker<'a> {
    fn value(&mut self, schema: &'a Value, level: usize) -> Result<Value, String> {
        if level > LEVELS_MAX {
            return Err("it nests without an end; leave a way out, such as a null".to_owned());
        }
        if let Some(path) = schema.get("$ref").and_then(Value::as_str) {
            let target = self.resolve(path)?;
            return self.value(target, level + 1);
        }
        if let Some(value) = schema.get("const") {
            return Ok(value.clone());
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            if values.is_empty() {
                return Err("an `enum` is empty".to_owned());
            }
            return Ok(self.draw.pick(values).clone());
        }
        for word in ["anyOf", "oneOf"] {
            if let Some(options) = schema.get(word).and_then(Value::as_array) {
                return self.any_of(options, level);
            }
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            return self.all_of(parts, level);
        }
        self.typed(schema, level)
    }

    fn resolve(&self, path: &str) -> Result<&'a Value, String> {
        let target = path.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
        target.ok_or_else(|| format!("`$ref` `{path}` names nothing in the schema"))
    }

    /// Deep down the first option that comes to an end; higher up any.
    fn any_of(&mut self, options: &'a [Value], level: usize) -> Result<Value, String> {
        if options.is_empty() {
            return Err("an `anyOf` is empty".to_owned());
        }
        if level < LEVELS_GENEROUS {
            let option = self.draw.pick(options);
            return self.value(option, level + 1);
        }
        let is_null = |option: &&Value| option.get("type") == Some(&json!("null"));
        if options.iter().any(|option| is_null(&option)) {
            return Ok(Value::Null);
        }
        let made = options.iter().map(|option| self.value(option, level + 1));
        let mut last = Err("an `anyOf` is empty".to_owned());
        for value in made {
            last = value;
            if last.is_ok() {
                break;
            }
        }
        last
    }

    fn all_of(&mut self, parts: &'a [Value], level: usize) -> Result<Value, String> {
        let mut whole = Map::new();
        let mut other = Value::Null;
        for part in parts {
            let value = self.value(part, level + 1)?;
            if let Value::Object(members) = value {
                whole.extend(members);
            } else {
                other = value;
            }
        }
        Ok(if whole.is_empty() { other } else { Value::Object(whole) })
    }

    fn typed(&mut self, schema: &'a Value, level: usize) -> Result<Value, String> {
        let kind = match schema.get("type") {
            Some(Value::String(kind)) => kind.as_str(),
            Some(Value::Array(kinds)) => {
                let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
                match kinds.iter().find(|kind| **kind == "null") {
                    Some(null) if level >= LEVELS_GENEROUS => null,
                    _ if kinds.is_empty() => "null",
                    _ => self.draw.pick(&kinds),
                }
            }
            _ if schema.get("properties").is_some() => "object",
            _ if schema.get("items").is_some() => "array",
            _ => "string",
        };
        match kind {
            "object" => self.object(schema, level),
            "array" => self.array(schema, level),
            "string" => Ok(Value::String(self.text(schema))),
            "integer" => self.integer(schema),
            "number" => self.number(schema),
            "boolean" => Ok(Value::Bool(self.draw.between(0, 1) == 1)),
            "null" => Ok(Value::Null),
            other => Err(format!("`type` `{other}` is not one that JSON has")),
        }
    }

    fn object(&mut self, schema: &'a Value, level: usize) -> Result<Value, String> {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return Ok(json!({}));
        };
        let required = schema.get("required").and_then(Value::as_array);
        let is_required = |name: &str| {
            required.is_some_and(|names| names.iter().any(|known| known.as_str() == Some(name)))
        };
        let mut members = Map::new();
        for (name, property) in properties {
            if level < LEVELS_GENEROUS || is_required(name) {
                members.insert(name.clone(), self.value(property, level + 1)?);
            }
        }
        Ok(Value::Object(members))
    }

    fn array(&mut self, schema: &'a Value, level: usize) -> Result<Value, String> {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        if least > ITEMS_MAX {
            return Err(format!("`minItems` `{least}` is above the {ITEMS_MAX} the sandbox makes"));
        }
        let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(least.max(3));
        let wanted = if level < LEVELS_GENEROUS {
            self.draw.between(least.max(1).min(most), most.min(least + 3))
        } else {
            least
        };
        let Some(item) = schema.get("items").filter(|item| item.is_object()) else {
            return Ok((0..wanted).map(|_| json!(prose::words(self.draw))).collect());
        };
        (0..wanted).map(|_| self.value(item, level + 1)).collect()
    }

    fn text(&mut self, schema: &Value) -> String {
        let digits = self.draw.between(10, 28);
        let text = match schema.get("format").and_then(Value::as_str) {
            Some("date") => return format!("2026-03-{digits}"),
            Some("date-time") => return format!("2026-03-{digits}T12:00:00Z"),
            Some("time") => return "12:00:00Z".to_owned(),
            Some("duration") => return format!("P{digits}D"),
            Some("email") => return format!("sandbox{digits}@example.org"),
            Some("hostname") => return "sandbox.example.org".to_owned(),
            Some("uri") => return format!("https://example.org/sandbox/{digits}"),
            Some("ipv4") => return format!("192.0.2.{digits}"),
            Some("ipv6") => return format!("2001:db8::{digits}"),
            Some("uuid") => {
                let hex = self.draw.hex(15);
                return format!("00000000-0000-4{}-8{}-{}", &hex[..3], &hex[3..6], "0".repeat(12));
            }
            _ => prose::words(self.draw),
        };
        let bound = |name: &str| {
            let value = schema.get(name).and_then(Value::as_u64);
            value.and_then(|value| usize::try_from(value).ok())
        };
        let least = bound("minLength").unwrap_or(0).min(100_000);
        let most = bound("maxLength").unwrap_or(usize::MAX);
        let padding = least.saturating_sub(text.len());
        let text: String = text.chars().chain(std::iter::repeat_n('x', padding)).collect();
        text.chars().take(most).collect()
    }

    fn integer(&mut self, schema: &Value) -> Result<Value, String> {
        let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
        let least = bound("minimum").map(f64::ceil);
        let least = larger(least, bound("exclusiveMinimum").map(|bound| bound.floor() + 1.0));
        let most = bound("maximum").map(f64::floor);
        let most = smaller(most, bound("exclusiveMaximum").map(|bound| bound.ceil() - 1.0));
        let step = bound("multipleOf").filter(|step| *step >= 1.0).unwrap_or(1.0);
        let value = self.stepped(least, most, step)?;
        // A whole number within 2^53 is written without a point.
        let text = format!("{value:.0}");
        let parsed: i64 = text.parse().map_err(|_| format!("no integer is `{text}`"))?;
        Ok(json!(parsed))
    }

    fn number(&mut self, schema: &Value) -> Result<Value, String> {
        let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
        let step = bound("multipleOf").filter(|step| *step > 0.0).unwrap_or(0.25);
        let least = larger(bound("minimum"), bound("exclusiveMinimum").map(|bound| bound + step));
        let most = smaller(bound("maximum"), bound("exclusiveMaximum").map(|bound| bound - step));
        match self.stepped(least, most, step) {
            Ok(value) => Ok(json!(value)),
            // No step fits into narrow bounds: the middle does, if anything.
            Err(error) => match (bound("minimum"), bound("maximum")) {
                (Some(low), Some(high)) if low <= high => Ok(json!(f64::midpoint(low, high))),
                _ => Err(error),
            },
        }
    }

    /// One of the first hundred multiples of a step within bounds.
    fn stepped(&mut self, least: Option<f64>, most: Option<f64>, step: f64) -> Result<f64, String> {
        let first = match (least, most) {
            (Some(least), _) => (least / step).ceil(),
            (None, Some(most)) => (most / step).floor().min(0.0),
            (None, None) => 0.0,
        };
        let steps = most.map_or(100.0, |most| (most / step).floor() - first).min(100.0);
        if steps < 0.0 {
            return Err("the bounds of a number leave none".to_owned());
        }
        Ok((first + (steps * self.draw.unit()).floor()) * step)
    }
}

fn larger(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    a.map_or(b, |a| Some(b.map_or(a, |b| a.max(b))))
}

fn smaller(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    a.map_or(b, |a| Some(b.map_or(a, |b| a.min(b))))
}

#[cfg(test)]
mod tests;
