//! In which unit the values of predicates are.

use kg_store::Snapshot;
use kg_store::rdf::{NamedNode, NamedOrBlankNode, NamedOrBlankNodeRef, Term};

use super::Predicate;
use crate::RetrieverError;
use crate::units;

/// Nodes of one predicate that are looked at, and facts of each.
const SAMPLED: usize = 24;
const MOST_OF_NODE: usize = 20;

/// Adds the units that labels name, and those that nodes have which hold values.
pub(super) fn add(snapshot: &Snapshot, predicates: &mut [Predicate]) -> Result<(), RetrieverError> {
    for predicate in predicates {
        if predicate.is_numeric() {
            let named = units::split(&predicate.label).1;
            predicate.unit = named.or(predicate.unit.take());
        } else if !predicate.through.is_empty() {
            predicate.unit = of_nodes(snapshot, &predicate.iri)?;
        }
    }
    Ok(())
}

/// The unit of the nodes that a predicate leads to, where it is one.
fn of_nodes(snapshot: &Snapshot, predicate: &str) -> Result<Option<String>, RetrieverError> {
    let predicate = NamedNode::new_unchecked(predicate);
    let facts = snapshot.quads(None, Some(predicate.as_ref()), None, None);
    let nodes = facts.take(SAMPLED).filter_map(|fact| match fact {
        Ok(fact) => match fact.object {
            Term::NamedNode(node) => Some(Ok(node.into())),
            Term::BlankNode(node) => Some(Ok(node.into())),
            _ => None,
        },
        Err(error) => Some(Err(error.into())),
    });
    of_all(snapshot, nodes)
}

/// The unit of some nodes, where it is one.
fn of_all(
    snapshot: &Snapshot,
    nodes: impl Iterator<Item = Result<NamedOrBlankNode, RetrieverError>>,
) -> Result<Option<String>, RetrieverError> {
    let mut found: Option<String> = None;
    for node in nodes {
        let Some(unit) = of_node(snapshot, node?.as_ref())? else {
            continue;
        };
        if found.as_ref().is_some_and(|known| *known != unit) {
            return Ok(None);
        }
        found = Some(unit);
    }
    Ok(found)
}

/// The unit of the nodes that have a role, where it is one.
pub(super) fn of_role(
    snapshot: &Snapshot,
    by: &str,
    role: &Term,
) -> Result<Option<String>, RetrieverError> {
    let by = NamedNode::new_unchecked(by);
    let facts = snapshot.quads(None, Some(by.as_ref()), Some(role.as_ref()), None);
    let nodes = facts.take(SAMPLED).map(|fact| Ok(fact?.subject));
    of_all(snapshot, nodes)
}

/// The unit that a node has beside its value: what is called its unit, or is one.
pub fn of_node(
    snapshot: &Snapshot,
    node: NamedOrBlankNodeRef<'_>,
) -> Result<Option<String>, RetrieverError> {
    let facts = snapshot.quads(Some(node), None, None, None);
    for fact in facts.take(MOST_OF_NODE) {
        let fact = fact?;
        let text = match fact.object {
            Term::Literal(literal) => literal.value().to_owned(),
            Term::NamedNode(node) => snapshot.label(node.as_ref(), &["en"])?,
            _ => continue,
        };
        let known = units::is_unit(&text);
        if !known && text.parse::<f64>().is_ok() {
            continue;
        }
        let label = snapshot.label(fact.predicate.as_ref(), &["en"])?;
        let mut words = label.split(' ').map(str::to_lowercase);
        let called = words.any(|word| matches!(word.as_str(), "unit" | "units"));
        // "m" may be anything that is said in one letter.
        if called || (known && text.chars().count() > 1) {
            return Ok(Some(text));
        }
    }
    Ok(None)
}
