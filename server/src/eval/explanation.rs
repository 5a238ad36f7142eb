//! How one question was answered, for people. What an explanation holds is for the answer path to say: members that
//! are not known here are shown as they come.

use schemas::Grounding;
use serde_json::{Map, Value};

use super::{questions::Question, score::shown};

/// Answers and right answers that are listed.
const MOST_LISTED: usize = 20;

/// The explanation as text.
pub fn readable(question: &Question, grounding: &Grounding) -> String {
    let mut out = format!("{}  {}\n", question.id, question.question);
    let list = |items: Vec<&str>| items.join(" | ");
    let gold = question.gold();
    let right = match question.wanted_status() {
        Some(status) => format!("(status {})", word(status)),
        None => list(gold.iter().map(String::as_str).take(MOST_LISTED).collect()),
    };
    let answers = grounding.answers.iter().map(shown).take(MOST_LISTED);
    let reason = grounding
        .reason
        .map_or_else(String::new, |reason| format!(" ({})", word(reason)));
    out.push_str(&format!("right:   {right}\n"));
    out.push_str(&format!("answers: {}\n", list(answers.collect())));
    out.push_str(&format!(
        "status:  {}{reason}, confidence {:.3}, revision {}\n",
        word(grounding.status),
        grounding.confidence,
        grounding.revision
    ));
    let t = &grounding.timings_ms;
    out.push_str(&format!(
        "times:   link {:.1} ms, plan {:.1} ms, query {:.1} ms, word {:.1} ms\n",
        t.link, t.plan, t.query, t.word
    ));
    if let Some(sparql) = &grounding.sparql {
        out.push_str(&format!("query:   {}\n", flat(sparql)));
    }
    match &grounding.explanation {
        Some(Value::Object(members)) => {
            for (name, value) in members {
                member(&mut out, name, value);
            }
        }
        _ => out.push_str("there is no more to explain: no reading was looked for\n"),
    }
    out
}

fn member(out: &mut String, name: &str, value: &Value) {
    match value {
        Value::Array(items) => {
            out.push_str(&format!("{name}: {}\n", items.len()));
            for (item, number) in items.iter().zip(1..) {
                entry(out, 1, &format!("{number}."), item);
            }
        }
        Value::Object(members) => out.push_str(&format!("{name}: {}\n", pairs(members))),
        other => out.push_str(&format!("{name}: {}\n", scalar(other))),
    }
}

/// An entry of a list: numbers and words on its first line, then its query, then its own lists.
fn entry(out: &mut String, depth: usize, mark: &str, value: &Value) {
    let indent = "  ".repeat(depth);
    let Value::Object(members) = value else {
        out.push_str(&format!("{indent}{mark} {}\n", scalar(value)));
        return;
    };
    out.push_str(&format!("{indent}{mark} {}\n", pairs(members)));
    for (name, value) in members {
        match value {
            Value::Object(inner) => {
                out.push_str(&format!("{indent}   {name}: {}\n", pairs(inner)));
            }
            Value::Array(items) => {
                for item in items {
                    // Two levels are all that an explanation has; what is deeper is shown as JSON.
                    if depth == 1 {
                        entry(out, depth + 1, "-", item);
                    } else {
                        out.push_str(&format!("{indent}   - {item}\n"));
                    }
                }
            }
            Value::String(text) if is_long(text) => {
                out.push_str(&format!("{indent}   {name}: {}\n", flat(text)));
            }
            _ => {}
        }
    }
}

/// The members that fit on a line.
fn pairs(members: &Map<String, Value>) -> String {
    let short = members.iter().filter(|(_, value)| match value {
        Value::String(text) => !is_long(text),
        Value::Object(_) | Value::Array(_) | Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
    });
    let pairs: Vec<String> = short
        .map(|(name, value)| format!("{name} {}", scalar(value)))
        .collect();
    pairs.join(", ")
}

/// Queries have lines of their own.
fn is_long(text: &str) -> bool {
    text.len() > 100 || text.contains('{')
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if !number.is_i64() && !number.is_u64() => format!("{float:.3}"),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The word by which a status or a reason travels.
fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text.replace('_', " "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemas::{Status, Term, grounding::Timings};
    use serde_json::json;

    fn told(explanation: Option<Value>) -> String {
        let question: Question = serde_json::from_value(
            json!({"id": "q7", "question": "Who keeps it?", "answers": ["Ada"]}),
        )
        .unwrap();
        let grounding = Grounding {
            knowledge_base: "k".to_owned(),
            revision: 3,
            status: Status::Grounded,
            reason: None,
            answers: vec![Term::uri("http://e/ada", Some("Ada".to_owned()))],
            columns: Vec::new(),
            rows: Vec::new(),
            alternatives: Vec::new(),
            citations: Vec::new(),
            sparql: Some("SELECT\n  ?a { }".to_owned()),
            confidence: 0.91234,
            timings_ms: Timings::default(),
            explanation,
        };
        readable(&question, &grounding)
    }

    #[test]
    fn mentions_and_readings_are_laid_out() {
        let text = told(Some(json!({
            "form": "list",
            "mentions": [{"text": "it", "weight": 1.5, "candidates": [{"iri": "http://e/it", "label": "It", "fit": 1.0}]}],
            "readings": [{"sparql": "SELECT ?a { <http://e/it> <http://e/p> ?a }", "score": 0.91234,
                "features": {"link": 1.0, "kind": -1}, "absent": false}],
            "later": {"a": 1},
        })));
        for line in [
            "q7  Who keeps it?",
            "right:   Ada",
            "answers: Ada",
            "status:  grounded, confidence 0.912, revision 3",
            "query:   SELECT ?a { }",
            "form: list",
            "  1. text it, weight 1.500",
            "    - iri http://e/it, label It, fit 1.000",
            "  1. score 0.912, absent false",
            "     sparql: SELECT ?a { <http://e/it> <http://e/p> ?a }",
            "     features: link 1.000, kind -1",
            "later: a 1",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
    }

    #[test]
    fn small_talk_has_nothing_to_explain() {
        assert!(told(None).contains("no more to explain"));
    }
}
