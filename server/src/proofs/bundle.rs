//! Makes bundles and opens them.

use std::str::FromStr;

use kg_store::rdf::{Quad, Term as RdfTerm};
use schemas::{
    Grounding, KbName, Term,
    grounding::Citation,
    proofs::{BUNDLE_FORMAT, CitedFact, ProofBundle, ProofDigests},
};

use super::{digest, terms};
use crate::{http::body::clip, problem::ApiError};

/// The bundle of an answer. The same answer gives the same bundle, byte by byte.
///
/// # Errors
/// `Invalid` for an answer without a query, which an abstention is: there is nothing to prove.
pub fn seal(question: &str, answer: &str, grounding: &Grounding) -> Result<ProofBundle, ApiError> {
    let Some(sparql) = &grounding.sparql else {
        return Err(ApiError::invalid(
            "the answer rests on no query: there is nothing to prove",
        ));
    };
    let knowledge_base: KbName = grounding.knowledge_base.parse()?;
    let rows = grounding
        .rows
        .iter()
        .map(|row| row.iter().map(cell).collect())
        .collect::<Result<_, ApiError>>()?;
    let facts = grounding
        .citations
        .iter()
        .filter_map(|citation| match citation {
            Citation::Fact {
                subject,
                predicate,
                object,
                graph,
                ..
            } => Some(CitedFact {
                subject: subject.clone(),
                predicate: predicate.clone(),
                object: object.clone(),
                graph: graph.clone(),
            }),
            Citation::Passage { .. } => None,
        })
        .map(|fact| {
            let quad = terms::quad(&fact).map_err(unwritable)?;
            Ok(format!("{quad} ."))
        })
        .collect::<Result<_, ApiError>>()?;
    // Headings are labels; within one nothing may look like the end of a cell or a line.
    let heading = |name: &String| name.replace(char::is_control, " ");
    let mut bundle = ProofBundle {
        format: BUNDLE_FORMAT.to_owned(),
        question: question.to_owned(),
        answer: answer.to_owned(),
        knowledge_base,
        revision: grounding.revision,
        sparql: sparql.clone(),
        columns: grounding.columns.iter().map(heading).collect(),
        rows,
        facts,
        digests: ProofDigests {
            question: String::new(),
            answer: String::new(),
            sparql: String::new(),
            rows: String::new(),
            facts: String::new(),
            whole: String::new(),
        },
    };
    bundle.digests = digest::of(&bundle);
    Ok(bundle)
}

fn cell(term: &Term) -> Result<String, ApiError> {
    Ok(terms::rdf(term).map_err(unwritable)?.to_string())
}

fn unwritable(fault: String) -> ApiError {
    ApiError::internal(format!("the answer cannot be written as RDF: {fault}"))
}

/// What a bundle holds: its rows and its facts.
pub(super) struct Opened {
    pub(super) rows: Vec<Vec<Term>>,
    pub(super) facts: Vec<(CitedFact, Quad)>,
}

/// Reads a bundle that is whole: its format is known and its digests are right.
///
/// # Errors
/// `Invalid`, with the part that is at fault.
pub(super) fn open(bundle: &ProofBundle) -> Result<Opened, ApiError> {
    if bundle.format != BUNDLE_FORMAT {
        return Err(ApiError::invalid(format!(
            "the format `{}` is not known here; `{BUNDLE_FORMAT}` is",
            clip(&bundle.format)
        ))
        .with_param("format"));
    }
    if let Some(part) = digest::altered(bundle) {
        return Err(ApiError::invalid(format!(
            "the bundle was altered: `{part}` is not what `digests.{part}` says"
        ))
        .with_param(part));
    }
    // Without these, two different lists could be put together to the same bytes.
    let cells = bundle.rows.iter().flatten().chain(&bundle.columns);
    for (part, text) in cells
        .map(|cell| ("rows", cell))
        .chain(bundle.facts.iter().map(|fact| ("facts", fact)))
    {
        if text.chars().any(char::is_control) {
            return Err(
                ApiError::invalid(format!("`{part}` holds a control character")).with_param(part),
            );
        }
    }
    let rows = bundle.rows.iter().zip(1..).map(|(row, number)| {
        let cells = row.iter().map(|cell| {
            RdfTerm::from_str(cell)
                .map(|term| kg_store::rdf::to_schema_term(&term))
                .map_err(|e| {
                    ApiError::invalid(format!("row {number}: `{}` is no term: {e}", clip(cell)))
                        .with_param("rows")
                })
        });
        cells.collect()
    });
    let facts = bundle.facts.iter().zip(1..).map(|(line, number)| {
        let quad = Quad::from_str(line).map_err(|e| {
            ApiError::invalid(format!("fact {number} is no line of N-Quads: {e}"))
                .with_param("facts")
        })?;
        Ok((terms::cited(&quad), quad))
    });
    Ok(Opened {
        rows: rows.collect::<Result<_, ApiError>>()?,
        facts: facts.collect::<Result<_, ApiError>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemas::{Status, grounding::Timings};

    fn grounding() -> Grounding {
        let laos = Term::uri("http://e/laos", Some("Laos".to_owned()));
        let name = Term {
            language: Some("en".to_owned()),
            datatype: None,
            ..Term::literal("tab\tand\nline \"x\"", "")
        };
        Grounding {
            knowledge_base: "k".to_owned(),
            revision: 7,
            status: Status::Grounded,
            reason: None,
            answers: vec![name.clone()],
            columns: vec!["na\tme".to_owned()],
            rows: vec![vec![name.clone()]],
            alternatives: Vec::new(),
            citations: vec![Citation::Fact {
                id: 1,
                subject: laos,
                predicate: Term::uri("http://e/name", None),
                object: name,
                graph: Some("http://e/g".to_owned()),
                text: "Laos, name: x".to_owned(),
            }],
            sparql: Some("SELECT ?x { <http://e/laos> <http://e/name> ?x }".to_owned()),
            confidence: 1.0,
            timings_ms: Timings::default(),
            explanation: None,
        }
    }

    #[test]
    fn a_bundle_is_opened_to_what_was_sealed() {
        let bundle = seal("What?", "It is x [1].", &grounding()).unwrap();
        assert_eq!(bundle, seal("What?", "It is x [1].", &grounding()).unwrap());
        assert_eq!(
            bundle.facts,
            [r#"<http://e/laos> <http://e/name> "tab\tand\nline \"x\""@en <http://e/g> ."#]
        );
        let opened = open(&bundle).unwrap();
        assert_eq!(opened.rows, grounding().rows);
        assert_eq!(opened.facts[0].0.graph.as_deref(), Some("http://e/g"));
    }

    #[test]
    fn whatever_is_altered_is_named() {
        let sealed = seal("What?", "It is x [1].", &grounding()).unwrap();
        type Change = fn(&mut ProofBundle);
        let changes: [(&str, Change); 9] = [
            ("question", |b| b.question.push('!')),
            ("answer", |b| b.answer.clear()),
            ("sparql", |b| b.sparql.push(' ')),
            ("rows", |b| b.rows.clear()),
            ("rows", |b| b.columns.push("x".to_owned())),
            ("facts", |b| b.facts[0] = b.facts[0].replace("laos", "chad")),
            ("whole", |b| b.revision += 1),
            ("whole", |b| b.digests.whole.clear()),
            ("format", |b| b.format.push('2')),
        ];
        for (part, change) in changes {
            let mut bundle = sealed.clone();
            change(&mut bundle);
            let error = open(&bundle).map(|_| ()).unwrap_err();
            assert!(error.message().contains(part), "{part}: {error}");
        }
    }

    #[test]
    fn lists_that_would_run_together_are_refused() {
        let mut bundle = seal("What?", "x", &grounding()).unwrap();
        bundle.facts =
            vec!["<http://e/a> <http://e/b> \"c\" .\n<http://e/a> <http://e/b> \"d\" .".to_owned()];
        bundle.digests = digest::of(&bundle);
        let error = open(&bundle).map(|_| ()).unwrap_err();
        assert!(error.message().contains("control character"), "{error}");
        bundle.facts = vec!["no fact".to_owned()];
        bundle.digests = digest::of(&bundle);
        let error = open(&bundle).map(|_| ()).unwrap_err();
        assert!(error.message().contains("fact 1 is no line"), "{error}");
    }

    #[test]
    fn an_abstention_proves_nothing() {
        let nothing = Grounding {
            sparql: None,
            ..grounding()
        };
        let error = seal("What?", "I don't know.", &nothing).unwrap_err();
        assert!(error.message().contains("nothing to prove"));
    }
}
