//! Puts words into a question, and keeps account of what they stand for.

use std::ops::Range;

use retriever::question::opens_a_question;
use retriever::{GivenMention, text};

use super::Understood;

/// A question with some of its spans replaced, and what these stand for.
pub(super) fn rewrite(question: &str, edits: &[(Range<usize>, String, Vec<String>)]) -> Understood {
    let mut edits: Vec<_> = edits
        .iter()
        .filter(|(span, ..)| question.get(span.clone()).is_some())
        .collect();
    edits.sort_by_key(|(span, ..)| span.start);
    let mut understood = Understood::default();
    let mut from = 0;
    for (span, name, entities) in edits.into_iter() {
        if span.start < from {
            continue;
        }
        understood.text.push_str(&question[from..span.start]);
        let start = understood.text.len();
        understood.text.push_str(name);
        if !entities.is_empty() {
            let end = start + name.strip_suffix("'s").unwrap_or(name).len();
            understood.given.push(GivenMention {
                span: start..end,
                entities: entities.clone(),
            });
        }
        from = span.end;
    }
    understood.text.push_str(&question[from..]);
    understood
}

/// The turn as a whole question: without "and" before it, and with "what is" where nothing asks.
pub(super) fn whole(understood: Understood) -> Understood {
    let tokens = text::tokens(&understood.text);
    let lead = tokens
        .iter()
        .take_while(|t| {
            matches!(
                t.text.as_str(),
                "and" | "but" | "so" | "ok" | "okay" | "then" | "also" | "well"
            )
        })
        .count();
    let asks = tokens
        .iter()
        .any(|t| opens_a_question(&t.text) || matches!(t.text.as_str(), "list" | "name" | "tell"));
    let start = tokens.get(lead).map_or(0, |t| t.start);
    if lead == 0 && asks {
        return understood;
    }
    let before = if asks { "" } else { "What is " };
    let moved =
        |span: &Range<usize>| span.start - start + before.len()..span.end - start + before.len();
    Understood {
        text: format!("{before}{}", &understood.text[start..]),
        given: understood
            .given
            .iter()
            .filter(|given| given.span.start >= start)
            .map(|given| GivenMention {
                span: moved(&given.span),
                entities: given.entities.clone(),
            })
            .collect(),
        frame: understood.frame,
        told: understood.told,
    }
}
