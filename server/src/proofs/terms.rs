//! Terms as answers carry them and as the store knows them.

use kg_store::rdf::{
    BlankNode, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term as RdfTerm,
};
use schemas::{Term, grounding::TermKind, proofs::CitedFact};

const STRING: &str = "http://www.w3.org/2001/XMLSchema#string";
const LANG_STRING: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString";

/// What makes a term the term that it is: terms are the same if and only if their keys are equal. Labels are
/// left out, as are the ways in which clients write one and the same literal.
pub(super) fn key(term: &Term) -> Term {
    let implied = match (&term.datatype, &term.language) {
        (Some(datatype), None) => datatype == STRING,
        (Some(datatype), Some(_)) => datatype == LANG_STRING,
        (None, _) => false,
    };
    Term {
        kind: term.kind,
        value: term.value.clone(),
        datatype: term.datatype.clone().filter(|_| !implied),
        language: term.language.as_ref().map(|l| l.to_ascii_lowercase()),
        label: None,
    }
}

/// The term as the store knows it.
///
/// # Errors
/// What is wrong with it.
pub(super) fn rdf(term: &Term) -> Result<RdfTerm, String> {
    match term.kind {
        TermKind::Uri => Ok(node(&term.value)?.into()),
        TermKind::Bnode => Ok(blank(&term.value)?.into()),
        TermKind::Literal => {
            let term = key(term);
            let literal = match (term.language, term.datatype) {
                (Some(language), _) => Literal::new_language_tagged_literal(term.value, language)
                    .map_err(|e| e.to_string())?,
                (None, Some(datatype)) => Literal::new_typed_literal(term.value, node(&datatype)?),
                (None, None) => Literal::new_simple_literal(term.value),
            };
            Ok(literal.into())
        }
    }
}

/// The fact as the store knows it.
///
/// # Errors
/// What is wrong with it.
pub(super) fn quad(fact: &CitedFact) -> Result<Quad, String> {
    let subject: NamedOrBlankNode = match rdf(&fact.subject)? {
        RdfTerm::NamedNode(node) => node.into(),
        RdfTerm::BlankNode(node) => node.into(),
        RdfTerm::Literal(_) => return Err("the subject is a literal".to_owned()),
    };
    let RdfTerm::NamedNode(predicate) = rdf(&fact.predicate)? else {
        return Err("the predicate is no IRI".to_owned());
    };
    let graph = match fact.graph.as_deref() {
        None => GraphName::DefaultGraph,
        Some(name) => match name.strip_prefix("_:") {
            Some(id) => blank(id)?.into(),
            None => node(name)?.into(),
        },
    };
    Ok(Quad::new(subject, predicate, rdf(&fact.object)?, graph))
}

/// A fact of the store as a proof tells it, without labels.
pub(super) fn cited(quad: &Quad) -> CitedFact {
    let term = kg_store::rdf::to_schema_term;
    let subject = match &quad.subject {
        NamedOrBlankNode::NamedNode(node) => term(&node.clone().into()),
        NamedOrBlankNode::BlankNode(node) => term(&node.clone().into()),
    };
    CitedFact {
        subject,
        predicate: term(&quad.predicate.clone().into()),
        object: term(&quad.object),
        graph: match &quad.graph_name {
            GraphName::NamedNode(node) => Some(node.as_str().to_owned()),
            GraphName::BlankNode(node) => Some(format!("_:{}", node.as_str())),
            GraphName::DefaultGraph => None,
        },
    }
}

fn node(iri: &str) -> Result<NamedNode, String> {
    NamedNode::new(iri).map_err(|e| format!("`{}` is no absolute IRI: {e}", clip(iri)))
}

fn blank(id: &str) -> Result<BlankNode, String> {
    BlankNode::new(id).map_err(|_| format!("`{}` is no id of a blank node", clip(id)))
}

fn clip(text: &str) -> String {
    crate::http::body::clip(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(value: &str, datatype: Option<&str>, language: Option<&str>) -> Term {
        Term {
            kind: TermKind::Literal,
            value: value.to_owned(),
            datatype: datatype.map(str::to_owned),
            language: language.map(str::to_owned),
            label: Some("not looked at".to_owned()),
        }
    }

    #[test]
    fn one_literal_written_in_several_ways_has_one_key() {
        assert_eq!(
            key(&literal("a", Some(STRING), None)),
            key(&literal("a", None, None))
        );
        assert_eq!(
            key(&literal("a", Some(LANG_STRING), Some("en-GB"))),
            key(&literal("a", None, Some("en-gb")))
        );
        assert_ne!(
            key(&literal("a", None, Some("en"))),
            key(&literal("a", None, None))
        );
        assert_ne!(
            key(&literal("http://e/a", None, None)),
            key(&Term::uri("http://e/a", None))
        );
    }

    #[test]
    fn facts_go_to_the_store_and_back() {
        let fact = CitedFact {
            subject: Term::uri("http://e/s", None),
            predicate: Term::uri("http://e/p", None),
            object: key(&literal("x\n\"y\"", None, Some("de"))),
            graph: Some("http://e/g".to_owned()),
        };
        let stored = quad(&fact).unwrap();
        assert_eq!(cited(&stored), fact);
        assert_eq!(stored.to_string().parse::<Quad>().unwrap(), stored);
    }

    #[test]
    fn what_is_no_fact_is_refused_in_words() {
        let fact = |subject: Term, predicate: &str, graph: Option<&str>| {
            quad(&CitedFact {
                subject,
                predicate: Term::uri(predicate, None),
                object: literal("x", None, None),
                graph: graph.map(str::to_owned),
            })
            .unwrap_err()
        };
        let sound = || Term::uri("http://e/s", None);
        assert!(fact(literal("x", None, None), "http://e/p", None).contains("subject"));
        assert!(fact(sound(), "relative", None).contains("`relative` is no absolute IRI"));
        assert!(fact(sound(), "http://e/p", Some("_:a b")).contains("blank node"));
        assert!(fact(sound(), "http://e/p", Some("http://e/ g")).contains("IRI"));
    }
}
