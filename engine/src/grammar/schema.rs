//! JSON Schema: bounds on a schema, and where in it a fault is.

use std::time::{Duration, Instant};

use llguidance::Matcher;
use serde_json::{Map, Value, json};

use super::vocabulary::Vocabulary;
use super::{LONGEST_EXPRESSION, expression, limits};
use crate::EngineError;

/// Bytes of a schema, written as tightly as can be.
const LONGEST: usize = 64 << 10;
/// Arrays and objects within each other in a schema.
const DEEPEST: usize = 64;
/// Bytes of one pattern in a schema.
const LONGEST_PATTERN: usize = 1 << 10;
/// Time to look for the place of a fault; without it the fault is told all the same.
const SEARCH: Duration = Duration::from_millis(100);

pub(super) fn any_object(vocabulary: &Vocabulary) -> Result<Matcher, EngineError> {
    matcher(&json!({ "type": "object" }), vocabulary)
}

/// Compiles a schema; an error names the place of what is at fault in it.
pub(super) fn compile(schema: &Value, vocabulary: &Vocabulary) -> Result<Matcher, EngineError> {
    if !is_shallow(schema, DEEPEST) {
        return Err(EngineError::invalid(format!(
            "the JSON schema is nested deeper than {DEEPEST}"
        )));
    }
    // Measured once it is known that writing it does not recurse without end.
    if schema.to_string().len() > LONGEST {
        return Err(EngineError::invalid(format!(
            "the JSON schema has more than {LONGEST} bytes"
        )));
    }
    let mut patterns = Vec::new();
    collect_patterns(schema, &mut patterns);
    let together: usize = patterns.iter().map(|pattern| pattern.len()).sum();
    if patterns
        .iter()
        .any(|pattern| pattern.len() > LONGEST_PATTERN)
        || together > LONGEST_EXPRESSION
    {
        return Err(EngineError::invalid(format!(
            "the patterns of the JSON schema have more than {LONGEST_PATTERN} bytes, or more than \
             {LONGEST_EXPRESSION} together"
        )));
    }
    for pattern in &patterns {
        expression::check("pattern", pattern)?;
    }
    let schema = &limits::within(schema)?;
    matcher(schema, vocabulary).map_err(|error| {
        let place = place(schema, vocabulary, &error.to_string());
        match error {
            EngineError::Invalid(message) if !place.is_empty() => {
                EngineError::Invalid(format!("{message} (at #{place})"))
            }
            other => other,
        }
    })
}

fn is_shallow(value: &Value, left: usize) -> bool {
    match value {
        Value::Array(list) => left > 0 && list.iter().all(|value| is_shallow(value, left - 1)),
        Value::Object(map) => left > 0 && map.values().all(|value| is_shallow(value, left - 1)),
        _ => true,
    }
}

/// Each text that may be a regular expression.
fn collect_patterns<'a>(value: &'a Value, patterns: &mut Vec<&'a str>) {
    match value {
        Value::Array(list) => {
            for value in list {
                collect_patterns(value, patterns);
            }
        }
        Value::Object(map) => {
            for (keyword, value) in map {
                match (keyword.as_str(), value) {
                    ("pattern", Value::String(text)) => patterns.push(text),
                    ("patternProperties", Value::Object(map)) => {
                        patterns.extend(map.keys().map(String::as_str));
                    }
                    _ => {}
                }
                collect_patterns(value, patterns);
            }
        }
        _ => {}
    }
}

fn matcher(schema: &Value, vocabulary: &Vocabulary) -> Result<Matcher, EngineError> {
    let mut schema = match schema {
        Value::Bool(true) => Value::Object(Map::new()),
        other => other.clone(),
    };
    if let Value::Object(members) = &mut schema {
        // The library's own options. Some of them loosen what is promised, so they are not the client's to set.
        // Separators as Python writes them: models have seen these most, and blanks cannot go on for ever.
        let options = json!({
            "whitespace_flexible": false, "item_separator": ", ", "key_separator": ": ",
        });
        members.insert("x-guidance".to_owned(), options);
    }
    vocabulary.matcher("JSON schema", |describe| describe.json(schema))
}

/// A JSON pointer to the innermost part of a schema that fails for the same reason as the whole; empty if that is the
/// whole, or time has run out.
fn place(schema: &Value, vocabulary: &Vocabulary, message: &str) -> String {
    let until = Instant::now() + SEARCH;
    let definitions: Vec<(&str, &Value)> = ["$defs", "definitions"]
        .into_iter()
        .filter_map(|name| Some((name, schema.get(name)?)))
        .collect();
    let mut place = String::new();
    let mut at = schema;
    'inward: loop {
        for (path, part) in parts(at) {
            if Instant::now() >= until {
                return place;
            }
            let mut alone = part.clone();
            if let Value::Object(members) = &mut alone {
                for (name, value) in &definitions {
                    members.entry(*name).or_insert_with(|| (*value).clone());
                }
            }
            if matcher(&alone, vocabulary).is_err_and(|error| error.to_string() == message) {
                place.push_str(&path);
                at = part;
                continue 'inward;
            }
        }
        return place;
    }
}

/// The schemas within a schema.
fn parts(schema: &Value) -> Vec<(String, &Value)> {
    let mut parts = Vec::new();
    for (keyword, value) in schema.as_object().into_iter().flatten() {
        match (keyword.as_str(), value) {
            (
                "properties" | "patternProperties" | "$defs" | "definitions",
                Value::Object(members),
            ) => {
                for (name, part) in members {
                    parts.push((format!("/{keyword}/{}", pointed(name)), part));
                }
            }
            ("anyOf" | "oneOf" | "allOf" | "prefixItems" | "items", Value::Array(list)) => {
                for (index, part) in list.iter().enumerate() {
                    parts.push((format!("/{keyword}/{index}"), part));
                }
            }
            ("items" | "additionalItems" | "additionalProperties", Value::Object(_)) => {
                parts.push((format!("/{keyword}"), value));
            }
            _ => {}
        }
    }
    parts
}

/// A member's name as a JSON pointer has it.
pub(super) fn pointed(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
