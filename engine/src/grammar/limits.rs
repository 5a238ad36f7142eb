//! What is taken out of JSON schemas, or refused in them, because the grammar library does not keep it.

use serde_json::{Map, Value};

use super::schema::pointed;
use crate::EngineError;

/// Numbers of at most this magnitude are told apart: the library computes with doubles.
const LARGEST: f64 = 9_007_199_254_740_991.0;
/// Other numbers are at least this far from 0, lest they be written with hundreds of digits.
const SMALLEST: f64 = 1e-15;
/// Members of an object that may be left out, each of which is looked at in every step.
const OPTIONAL: usize = 400;

/// The schema with bounds on numbers moved to where they can be kept, which only makes it stricter. What cannot be kept
/// is refused, with its place as a JSON pointer.
pub(super) fn within(schema: &Value) -> Result<Value, EngineError> {
    let mut schema = schema.clone();
    check(&mut schema, "#")?;
    Ok(schema)
}

fn check(schema: &mut Value, place: &str) -> Result<(), EngineError> {
    let members = match schema {
        Value::Object(members) => members,
        Value::Array(list) => {
            let mut parts = (0..).zip(list);
            return parts.try_for_each(|(at, part)| check(part, &format!("{place}/{at}")));
        }
        _ => return Ok(()),
    };
    check_counts(members, place)?;
    for (keyword, value) in members {
        let place = format!("{place}/{}", pointed(keyword));
        match keyword.as_str() {
            "properties" | "patternProperties" | "$defs" | "definitions" => {
                for (name, part) in value.as_object_mut().into_iter().flatten() {
                    check(part, &format!("{place}/{}", pointed(name)))?;
                }
            }
            "const" | "enum" => exact(value, &place)?,
            "minimum" | "exclusiveMinimum" => bound(value, -LARGEST, &place)?,
            "maximum" | "exclusiveMaximum" => bound(value, LARGEST, &place)?,
            // These say nothing about what is valid.
            "default" | "examples" => {}
            _ => check(value, &place)?,
        }
    }
    Ok(())
}

/// Refuses numbers that would be written otherwise than they are.
fn exact(value: &Value, place: &str) -> Result<(), EngineError> {
    match value {
        Value::Array(list) => list.iter().try_for_each(|value| exact(value, place)),
        Value::Object(members) => members.values().try_for_each(|value| exact(value, place)),
        Value::Number(number) => {
            let size = number.as_f64().unwrap_or(f64::INFINITY).abs();
            if size == 0.0 || (SMALLEST..=LARGEST).contains(&size) {
                return Ok(());
            }
            Err(EngineError::invalid(format!(
                "the JSON schema: {number} cannot be kept to exactly (at {place})"
            )))
        }
        _ => Ok(()),
    }
}

/// Brings a bound within what is exact; the other side of that is refused, since nothing would be left.
fn bound(value: &mut Value, most: f64, place: &str) -> Result<(), EngineError> {
    let Some(number) = value.as_f64() else {
        return Ok(());
    };
    if number.abs() <= LARGEST {
        return Ok(());
    }
    if number.signum() != most.signum() {
        return Err(EngineError::invalid(format!(
            "the JSON schema: numbers beyond {value} cannot be kept to exactly (at {place})"
        )));
    }
    *value = Value::from(most as i64);
    Ok(())
}

/// Refuses counts of an object's members that the library does not keep.
fn check_counts(members: &Map<String, Value>, place: &str) -> Result<(), EngineError> {
    let required = members
        .get("required")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let properties = members
        .get("properties")
        .and_then(Value::as_object)
        .map_or(0, Map::len);
    if properties.saturating_sub(required) > OPTIONAL {
        return Err(EngineError::invalid(format!(
            "the JSON schema: more than {OPTIONAL} members that may be left out (at {place})"
        )));
    }
    // A name that comes twice counts as two there, and as one when the text is read.
    let least = members.get("minProperties").and_then(Value::as_u64);
    if least.is_some_and(|least| least > 1 && least > required as u64) {
        return Err(EngineError::invalid(format!(
            "the JSON schema: `minProperties` above 1 is kept only where as many are `required` (at {place})"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cannot_be_kept_is_refused_with_its_place() {
        for (schema, place) in [
            (
                json!({ "const": 9_007_199_254_740_993_u64 }),
                "(at #/const)",
            ),
            (
                json!({ "items": { "enum": [1, 1e300] } }),
                "(at #/items/enum)",
            ),
            (json!({ "enum": [{ "a": [1e-300] }] }), "(at #/enum)"),
            (json!({ "minimum": 1e20 }), "(at #/minimum)"),
            (
                json!({ "properties": { "a/b": { "maximum": -1e20 } } }),
                "(at #/properties/a~1b/maximum)",
            ),
            (
                json!({ "anyOf": [{ "minProperties": 2 }] }),
                "(at #/anyOf/0)",
            ),
            (
                json!({ "minProperties": 3, "required": ["a", "b"] }),
                "(at #)",
            ),
        ] {
            let error = within(&schema).unwrap_err().to_string();
            assert!(error.ends_with(place), "{error}");
        }
        let many: Map<String, Value> = (0..401).map(|at| (format!("p{at}"), json!({}))).collect();
        assert!(within(&json!({ "properties": many })).is_err());
    }

    #[test]
    fn bounds_move_to_where_they_can_be_kept() {
        let schema = json!({
            "properties": {
                "maximum": { "type": "integer", "minimum": -1e19, "maximum": u64::MAX },
                "const": { "maximum": 5, "default": 1e300 },
            },
            "minProperties": 1,
            "const": { "maximum": 7 },
        });
        let kept = within(&schema).unwrap();
        assert_eq!(
            kept["properties"]["maximum"],
            json!({
                "type": "integer",
                "minimum": -9_007_199_254_740_991_i64,
                "maximum": 9_007_199_254_740_991_i64,
            })
        );
        assert_eq!(kept["properties"]["const"], schema["properties"]["const"]);
        assert_eq!(kept["const"], schema["const"]);
    }
}
