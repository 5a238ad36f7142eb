//! What a proof claims, in whichever form it came.

use std::collections::HashSet;

use kg_store::rdf::Quad;
use schemas::{
    ErrorClass, Term,
    proofs::{CitedEvidence, CitedFact, Proof, ProofInput},
};

use super::{MOST_FACTS, MOST_ROWS, bundle, terms};
use crate::problem::ApiError;

/// What a proof claims: that a query yields these rows, and that these facts are there.
#[derive(Clone, Debug)]
pub struct Claim {
    pub(super) sparql: String,
    pub(super) revision: Option<u64>,
    pub(super) rows: Vec<Vec<Term>>,
    /// Whether only the first column is told.
    pub(super) first_column: bool,
    pub(super) facts: Vec<(CitedFact, Quad)>,
}

impl TryFrom<ProofInput> for Claim {
    type Error = ApiError;

    /// # Errors
    /// `Invalid` for what is no proof, or a bundle that was altered; `TooLarge` beyond the bounds.
    fn try_from(input: ProofInput) -> Result<Self, ApiError> {
        let claim = match input {
            ProofInput::Bundle(bundle) => {
                bounded(bundle.rows.len(), bundle.facts.len())?;
                let opened = bundle::open(&bundle)?;
                Self {
                    sparql: bundle.sparql,
                    revision: Some(bundle.revision),
                    rows: opened.rows,
                    first_column: false,
                    facts: opened.facts,
                }
            }
            ProofInput::Proof(proof) => told(proof)?,
        };
        Ok(claim)
    }
}

fn told(proof: Proof) -> Result<Claim, ApiError> {
    let Some(sparql) = proof.sparql else {
        return Err(ApiError::invalid(
            "the proof has no `sparql`: an answer that rests on no query cannot be verified",
        )
        .with_param("sparql"));
    };
    let first_column = proof.rows.is_none();
    let rows = match (proof.rows, proof.answers) {
        (Some(rows), answers) => {
            if answers.is_some_and(|answers| !is_first_column(&answers, &rows)) {
                return Err(
                    ApiError::invalid("`answers` is not the first column of `rows`")
                        .with_param("answers"),
                );
            }
            rows
        }
        (None, Some(answers)) => answers.into_iter().map(|answer| vec![answer]).collect(),
        (None, None) => {
            return Err(
                ApiError::invalid("the proof has neither `rows` nor `answers`").with_param("rows"),
            );
        }
    };
    bounded(rows.len(), proof.citations.len())?;
    let mut facts = Vec::with_capacity(proof.citations.len());
    for (citation, number) in proof.citations.into_iter().zip(1..) {
        if let CitedEvidence::Fact(fact) = citation {
            let quad = terms::quad(&fact).map_err(|fault| {
                ApiError::invalid(format!("citation {number}: {fault}")).with_param("citations")
            })?;
            facts.push((fact, quad));
        }
    }
    Ok(Claim {
        sparql,
        revision: proof.revision,
        rows,
        first_column,
        facts,
    })
}

fn is_first_column(answers: &[Term], rows: &[Vec<Term>]) -> bool {
    let told: HashSet<Term> = answers.iter().map(terms::key).collect();
    let column: HashSet<Term> = rows
        .iter()
        .filter_map(|row| row.first())
        .map(terms::key)
        .collect();
    told == column
}

fn bounded(rows: usize, facts: usize) -> Result<(), ApiError> {
    for (what, count, most) in [("rows", rows, MOST_ROWS), ("facts", facts, MOST_FACTS)] {
        if count > most {
            return Err(ApiError::new(
                ErrorClass::TooLarge,
                format!("a proof holds at most {most} {what}"),
            )
            .with_param(what));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn claim(value: Value) -> Result<Claim, ApiError> {
        Claim::try_from(serde_json::from_value::<ProofInput>(value).unwrap())
    }

    #[test]
    fn what_is_missing_or_contradicts_is_named() {
        let said = |value: Value| claim(value).unwrap_err().message().to_owned();
        assert!(said(json!({})).contains("`sparql`"));
        assert!(said(json!({"sparql": "ASK {}"})).contains("neither `rows` nor `answers`"));
        let a = json!({"type": "uri", "value": "http://e/a"});
        let b = json!({"type": "uri", "value": "http://e/b", "label": "a"});
        assert!(
            said(json!({"sparql": "ASK {}", "rows": [[a]], "answers": [b]}))
                .contains("first column")
        );
        assert!(
            said(json!({"sparql": "ASK {}", "rows": [], "citations": [
                {"kind": "fact", "subject": a, "predicate": {"type": "literal", "value": "x"}, "object": b}]}))
            .contains("citation 1: the predicate")
        );
        let many: Vec<&Value> = std::iter::repeat_n(&a, MOST_ROWS + 1).collect();
        assert!(said(json!({"sparql": "ASK {}", "answers": many})).contains("at most"));
    }

    #[test]
    fn answers_alone_are_one_column() {
        let a = json!({"type": "uri", "value": "http://e/a"});
        let alone = claim(json!({"sparql": "ASK {}", "answers": [a]})).unwrap();
        assert!(alone.first_column && alone.rows.len() == 1 && alone.facts.is_empty());
        let both = claim(json!({"sparql": "ASK {}", "answers": [a], "rows": [[a, a]]})).unwrap();
        assert!(!both.first_column);
    }
}
