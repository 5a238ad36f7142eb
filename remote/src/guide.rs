//! How a server is told of a constraint, as far as it can be.

use engine::{Constraint, EngineError, Grammar};
use serde_json::{Map, Value, json};

use crate::Guide;

/// Adds to a request what binds its text. A list of alternatives that the server cannot be told is left out, since
/// the text is walked in any case; a grammar that it cannot be told is refused.
pub(crate) fn add(
    body: &mut Map<String, Value>,
    constraint: &dyn Constraint,
    guide: Guide,
) -> Result<(), EngineError> {
    if let Some(grammar) = constraint.grammar() {
        let (field, value) = by_grammar(grammar, guide)?;
        body.insert(field.to_owned(), value);
    } else if guide != Guide::None
        && let Some(texts) = texts(constraint)
    {
        add_texts(body, texts, guide);
    }
    Ok(())
}

/// The field by which a server is told of a grammar.
pub(crate) fn by_grammar(
    grammar: &Grammar,
    guide: Guide,
) -> Result<(&'static str, Value), EngineError> {
    let refused = |what: &str| EngineError::NotOffered(what.to_owned());
    Ok(match (grammar, guide) {
        (Grammar::JsonObject, _) => ("response_format", json!({ "type": "json_object" })),
        // The form that both of llama.cpp's servers take.
        (Grammar::JsonSchema(schema), Guide::Grammar) => (
            "response_format",
            json!({ "type": "json_object", "schema": schema }),
        ),
        (Grammar::JsonSchema(schema), _) => (
            "response_format",
            json!({ "type": "json_schema", "json_schema": { "name": "answer", "schema": schema } }),
        ),
        (Grammar::Regex(text), Guide::StructuredOutputs) => {
            ("structured_outputs", json!({ "regex": text }))
        }
        (Grammar::Regex(text), Guide::GuidedChoice) => ("guided_regex", text.as_str().into()),
        (Grammar::Regex(_), _) => return Err(refused("regular expressions")),
        _ => return Err(refused("grammars of this kind")),
    })
}

fn add_texts(body: &mut Map<String, Value>, texts: Vec<String>, guide: Guide) {
    let (field, value) = match guide {
        Guide::None => return,
        Guide::Grammar => ("grammar", grammar(&texts).into()),
        Guide::StructuredOutputs => ("structured_outputs", json!({ "choice": texts })),
        Guide::GuidedChoice => ("guided_choice", json!(texts)),
    };
    body.insert(field.to_owned(), value);
}

/// The alternatives as texts; none where they are not finite, or no texts. The empty text is no choice that a
/// server could be given.
fn texts(constraint: &dyn Constraint) -> Option<Vec<String>> {
    let texts = constraint
        .alternatives()?
        .into_iter()
        .map(|ids| {
            let bytes = ids.into_iter().map(u8::try_from).collect::<Result<_, _>>();
            String::from_utf8(bytes.ok()?).ok()
        })
        .collect::<Option<Vec<String>>>()?;
    (!texts.is_empty() && texts.iter().all(|text| !text.is_empty())).then_some(texts)
}

/// A grammar in GBNF that has these texts.
fn grammar(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quote(text)).collect();
    format!("root ::= {}", quoted.join(" | "))
}

fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_ascii_control() => quoted.push_str(&format!("\\x{:02X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::TokenTrie;
    use std::sync::Arc;

    fn told(texts: &[&str], guide: Guide) -> Value {
        let trie = TokenTrie::new(
            texts
                .iter()
                .map(|text| text.bytes().map(u32::from).collect()),
        );
        let mut body = Map::new();
        add(&mut body, &*Arc::new(trie).constraint(), guide).unwrap();
        Value::Object(body)
    }

    #[test]
    fn grammars_are_told_or_refused() {
        let told = |grammar: Grammar, guide: Guide| {
            let mut body = Map::new();
            add(&mut body, &*grammar.unchecked(), guide).ok()?;
            Some(Value::Object(body))
        };
        let schema = json!({ "type": "object" });
        assert_eq!(
            told(Grammar::JsonObject, Guide::None),
            Some(json!({ "response_format": { "type": "json_object" } }))
        );
        assert_eq!(
            told(Grammar::JsonSchema(schema.clone()), Guide::None).unwrap()["response_format"]["json_schema"]
                ["schema"],
            schema
        );
        assert_eq!(
            told(Grammar::JsonSchema(schema.clone()), Guide::Grammar),
            Some(json!({ "response_format": { "type": "json_object", "schema": schema } }))
        );
        let regex = || Grammar::Regex("a+".into());
        assert_eq!(told(regex(), Guide::Grammar), None);
        assert_eq!(
            told(regex(), Guide::StructuredOutputs),
            Some(json!({ "structured_outputs": { "regex": "a+" } }))
        );
        assert_eq!(
            told(regex(), Guide::GuidedChoice),
            Some(json!({ "guided_regex": "a+" }))
        );
        assert_eq!(
            told(Grammar::Lark("start: /a/".into()), Guide::StructuredOutputs),
            None
        );
    }

    #[test]
    fn each_server_is_told_in_its_own_way() {
        // In the order of their bytes.
        let texts = ["It is \"B\"\n\\.", "It is A."];
        assert_eq!(told(&texts, Guide::None), json!({}));
        assert_eq!(
            told(&texts, Guide::GuidedChoice),
            json!({ "guided_choice": texts })
        );
        assert_eq!(
            told(&texts, Guide::StructuredOutputs),
            json!({ "structured_outputs": { "choice": texts } })
        );
        assert_eq!(
            told(&texts, Guide::Grammar),
            json!({ "grammar": r#"root ::= "It is \"B\"\n\\." | "It is A.""# })
        );
        assert_eq!(quote("é\u{1}"), "\"é\\x01\"");
    }

    #[test]
    fn what_is_no_list_of_texts_is_not_told() {
        assert_eq!(told(&["", "a"], Guide::Grammar), json!({}));
        let words = Arc::new(TokenTrie::new([vec![70_000]]));
        let mut body = Map::new();
        add(&mut body, &*words.constraint(), Guide::Grammar).unwrap();
        assert!(body.is_empty());
    }
}
