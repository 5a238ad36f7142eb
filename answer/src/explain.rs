//! How an answer was found, for those who ask.

use retriever::{Conventions, Retrieval};
use serde_json::{Value, json};

/// Readings listed in an explanation.
const MOST_READINGS: usize = 10;

/// The question in full, where the conversation completed it; the mentions and the best readings with what speaks for them;
/// the spans of passages that were weighed.
pub(crate) fn explanation(
    retrieval: &Retrieval,
    conventions: &Conventions,
    in_full: Option<&str>,
    passages: Value,
) -> Value {
    let mentions: Vec<Value> = retrieval
        .mentions
        .iter()
        .map(|mention| {
            let candidates: Vec<Value> = mention
                .candidates
                .iter()
                .take(5)
                .map(|c| json!({"iri": c.entity.iri, "label": c.entity.label, "fit": c.fit, "prior": c.prior}))
                .collect();
            json!({"text": retrieval.question.written(&mention.span), "weight": mention.weight, "candidates": candidates})
        })
        .collect();
    let readings: Vec<Value> = retrieval
        .readings
        .iter()
        .take(MOST_READINGS)
        .map(|r| {
            json!({"sparql": r.graph.to_sparql(conventions), "score": r.score(), "features": r.features, "absent": r.absent,
                "explains": explains(retrieval, &r.explains)})
        })
        .collect();
    json!({"understood": in_full, "form": format!("{:?}", retrieval.question.form).to_lowercase(), "mentions": mentions, "readings": readings, "passages": passages})
}

/// How far a reading accounts for each word, in hundredths; words that it leaves out are not listed.
fn explains(retrieval: &Retrieval, explains: &[f64]) -> Vec<Value> {
    let words = retrieval.question.tokens.iter().zip(explains);
    words
        .filter(|(_, share)| **share > 0.0)
        .map(|(word, share)| json!([word.text, (share * 100.0).round() / 100.0]))
        .collect()
}
