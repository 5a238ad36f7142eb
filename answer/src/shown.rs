//! A result as clients see it.

use kg_store::rdf::NamedNodeRef;
use retriever::graph::QueryGraph;
use retriever::retrieve::Found;
use retriever::{ReadView, Retrieval, RetrieverError};
use schemas::Term;
use schemas::grounding::Alternative;

/// The rows that clients see. What an entity is, is told by the facts that describe it.
pub(crate) fn rows(view: &ReadView, found: &Found) -> Result<Vec<Vec<Term>>, RetrieverError> {
    if let QueryGraph::Describe { .. } = found.reading.graph {
        return Ok(found
            .facts
            .iter()
            .map(|f| vec![f.object.clone(), f.predicate.clone()])
            .collect());
    }
    let rows = found.executed.rows.iter();
    rows.map(|row| row.iter().map(|term| view.labelled(term)).collect())
        .collect()
}

pub(crate) fn columns(graph: &QueryGraph, found: &Found) -> Vec<String> {
    match graph {
        QueryGraph::Describe { .. } => vec!["answer".to_owned(), "property".to_owned()],
        _ => found.executed.columns.clone(),
    }
}

pub(crate) fn is_negative(graph: &QueryGraph, rows: &[Vec<Term>]) -> bool {
    let first = rows
        .first()
        .and_then(|row| row.first())
        .map(|term| term.value.as_str());
    match graph {
        QueryGraph::Select { .. } => first == Some("0"),
        _ => graph.is_yes_or_no() && first == Some("false"),
    }
}

/// Labels of all that the graph names.
pub(crate) fn labels(view: &ReadView, graph: &QueryGraph) -> Result<Vec<String>, RetrieverError> {
    let labels = graph
        .names()
        .into_iter()
        .map(|iri| view.label(NamedNodeRef::new_unchecked(&iri)))
        .collect::<Result<Vec<_>, _>>()?;
    let numbers = graph.numbers().into_iter().map(|number| number.to_string());
    Ok(labels.into_iter().chain(numbers).collect())
}

/// Says which of several entities of one name the answer speaks of.
pub(crate) fn reading_taken(
    view: &ReadView,
    retrieval: &Retrieval,
    found: &Found,
) -> Result<String, RetrieverError> {
    let named = found
        .reading
        .entities
        .iter()
        .map(|iri| describe(view, iri))
        .collect::<Result<Vec<_>, RetrieverError>>()?;
    let count = retrieval.alternatives.len();
    let others = if count == 1 {
        "one other reading is".to_owned()
    } else {
        format!("{count} other readings are")
    };
    Ok(format!(
        "This is about {}; {others} as likely.",
        crate::phrase::list(&named)
    ))
}

/// An entity with what tells it from others of its name: its class and a fact.
fn describe(view: &ReadView, iri: &str) -> Result<String, RetrieverError> {
    let node = NamedNodeRef::new_unchecked(iri);
    let label = view.label(node)?;
    let catalog = view.catalog();
    let mut best: Option<(usize, String)> = None;
    for quad in view
        .snapshot()
        .quads(Some(node.into()), None, None, None)
        .take(100)
    {
        let quad = quad?;
        let Some(number) = catalog.predicate(quad.predicate.as_str()) else {
            continue;
        };
        if best.as_ref().is_none_or(|(n, _)| number < *n)
            && matches!(quad.object, kg_store::rdf::Term::NamedNode(_))
        {
            let object = view.labelled(&quad.object)?;
            best = Some((
                number,
                format!(
                    "{}: {}",
                    crate::phrase::in_words(
                        &catalog.predicates()[number].label,
                        quad.predicate.as_str()
                    ),
                    object.text()
                ),
            ));
        }
    }
    Ok(match best {
        Some((_, fact)) => format!("{label} ({fact})"),
        None => format!("{label} (<{iri}>)"),
    })
}

pub(crate) fn alternative(
    view: &ReadView,
    retrieval: &Retrieval,
    other: &Found,
) -> Result<Alternative, RetrieverError> {
    let named = other
        .reading
        .entities
        .iter()
        .map(|iri| describe(view, iri))
        .collect::<Result<Vec<_>, RetrieverError>>()?;
    let rows = rows(view, other)?;
    Ok(Alternative {
        reading: format!("about {}", crate::phrase::list(&named)),
        answers: rows
            .into_iter()
            .filter_map(|row| row.into_iter().next())
            .take(100)
            .collect(),
        sparql: other.executed.sparql.clone(),
        confidence: retrieval.confidence(other),
    })
}
