//! Letters of the names that are asked for: "operas that start with the letter T".

use kg_store::rdf::{NamedNode, NamedOrBlankNode};

use super::Proposer;
use crate::RetrieverError;
use crate::graph::{Bound, Comparand, Filter, Measure, QueryGraph};
use crate::question::Operator;
use crate::rank::Reading;

/// Names that are looked at to see by which predicate most are told, and how many of things are enough.
const LOOKED_AT: usize = 5_000;
const ENOUGH: usize = 200;

/// Puts the letters that a question asks for into its readings, and drops those that have no place for them.
pub(super) fn put_in(p: &Proposer<'_>, readings: &mut Vec<Reading>) -> Result<(), RetrieverError> {
    let Some(letters) = &p.question.letters else {
        return Ok(());
    };
    let Some(label) = naming(p)? else {
        readings.clear();
        return Ok(());
    };
    let filter = Filter {
        measure: Measure::value(label.as_str()),
        operator: Operator::Equal,
        with: Comparand::Bound(Bound::Letters(letters.clone())),
        or_none: false,
    };
    readings.retain_mut(|reading| match &mut reading.graph {
        QueryGraph::Select { node, .. } => {
            node.filters.push(filter.clone());
            true
        }
        _ => reading.absent,
    });
    Ok(())
}

/// The predicate by which most names of things are told, as far as its first facts tell: classes and predicates have names as well.
fn naming(p: &Proposer<'_>) -> Result<Option<NamedNode>, RetrieverError> {
    let catalog = p.view.catalog();
    let own = catalog.naming().labels.iter().cloned();
    let standard = kg_store::rdf::labels().map(|label| label.into_owned());
    let mut best: Option<(usize, NamedNode)> = None;
    for label in standard.chain(own) {
        let facts = p
            .view
            .snapshot()
            .quads(None, Some(label.as_ref()), None, None);
        let mut things = 0;
        for fact in facts.take(LOOKED_AT) {
            let NamedOrBlankNode::NamedNode(subject) = fact?.subject else {
                continue;
            };
            let iri = subject.as_str();
            things += usize::from(catalog.class(iri).is_none() && catalog.predicate(iri).is_none());
            if things == ENOUGH {
                break;
            }
        }
        if things > best.as_ref().map_or(0, |(most, _)| *most) {
            best = Some((things, label));
        }
    }
    Ok(best.map(|(_, label)| label))
}
