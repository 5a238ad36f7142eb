//! Which parameter is at fault when a JSON body is not what is expected. The reader's own messages do not say.

use schemas::Object;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The path of the member of an object by which it cannot be read as a `T`: one that is missing, unknown or
/// of the wrong type. None when the body is no object at all.
pub(super) fn culprit<T: DeserializeOwned>(body: &[u8]) -> Option<String> {
    let Object(members) = serde_json::from_slice::<Object<Map<String, Value>>>(body).ok()?;
    for (name, value) in &members {
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        let Some(refusal) = refusal::<T>(alone) else {
            continue;
        };
        if let Some(field) = field(&refusal, "unknown") {
            let own = field == *name;
            return Some(if own {
                field
            } else {
                format!("{name}.{field}")
            });
        }
        // A member that is sound is refused by itself for want of others at most.
        match field(&refusal, "missing") {
            Some(missing) if !within::<T>(name, value, &missing) => {}
            _ => return Some(name.clone()),
        }
    }
    field(&refusal::<T>(members)?, "missing")
}

/// Why an object cannot be read as a `T`.
fn refusal<T: DeserializeOwned>(members: Map<String, Value>) -> Option<String> {
    let read = serde_json::from_value::<Object<T>>(Value::Object(members));
    read.err().map(|error| error.to_string())
}

/// Whether it is within a member that a field is missing: then a field beside the member does not help.
fn within<T: DeserializeOwned>(name: &str, value: &Value, missing: &str) -> bool {
    let beside = Map::from_iter([
        (missing.to_owned(), Value::Null),
        (name.to_owned(), value.clone()),
    ]);
    refusal::<T>(beside).is_some_and(|refusal| {
        ["missing", "unknown"]
            .iter()
            .any(|kind| field(&refusal, kind).as_deref() == Some(missing))
    })
}

/// The field that a message calls missing or unknown.
fn field(message: &str, kind: &str) -> Option<String> {
    let (_, rest) = message.split_once(&format!("{kind} field `"))?;
    Some(rest.split_once('`')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemas::{chat::ChatRequest, embeddings::EmbeddingRequest};

    #[test]
    fn the_member_at_fault_is_named() {
        let user = r#"{"role": "user", "content": "x"}"#;
        for (body, expected) in [
            (r#"{"model": "m"}"#.to_owned(), Some("messages")),
            ("{}".to_owned(), Some("model")),
            (r#"{"model": 1, "messages": []}"#.to_owned(), Some("model")),
            (
                r#"{"model": "m", "messages": [{"content": "x"}]}"#.to_owned(),
                Some("messages"),
            ),
            (
                format!(
                    r#"{{"model": "m", "messages": [{user}], "almanac": {{"explian": true}}}}"#
                ),
                Some("almanac.explian"),
            ),
            (
                format!(r#"{{"model": "m", "messages": [{user}], "stream": "yes"}}"#),
                Some("stream"),
            ),
            ("[]".to_owned(), None),
        ] {
            let found = culprit::<ChatRequest>(body.as_bytes());
            assert_eq!(found.as_deref(), expected, "{body}");
        }
        let found = culprit::<EmbeddingRequest>(br#"{"model": "m", "input": [[1, 2]]}"#);
        assert_eq!(found.as_deref(), Some("input"));
    }
}
