//! Things that have a name apart from nameless nodes which a predicate is told of as well: players have a team, and so have the
//! stages of their careers.

use kg_store::rdf::{NamedNode, NamedNodeRef, Term};

use super::Step;
use crate::RetrieverError;
use crate::graph::Way;
use crate::propose::Proposer;
use crate::walk::neighbours;

/// Things at the end of an edge that are looked at.
const SAMPLED: usize = 24;
/// An edge that fits less is hardly asked for.
const LEAST_FIT: f64 = 0.4;

/// The widest class that all things with a name are of which an edge leads to, and none of the nameless nodes that it leads to;
/// none where there are none of these.
pub(super) fn class_of_named(
    p: &Proposer<'_>,
    topic: &str,
    step: &Step,
) -> Result<Option<usize>, RetrieverError> {
    if step.way == Way::Forward || step.facts < 2 || step.fit.score < LEAST_FIT {
        return Ok(None);
    }
    let catalog = p.view.catalog();
    let iri = &catalog.predicates()[step.predicate].iri;
    let topic = Term::NamedNode(NamedNode::new_unchecked(topic));
    let (mut named, mut nameless) = (Vec::new(), Vec::new());
    for thing in neighbours(p.view, &topic, iri, step.way, SAMPLED)? {
        match &thing {
            _ if p.view.is_nameless(&thing)? => nameless.push(thing),
            Term::NamedNode(_) => named.push(thing),
            _ => {}
        }
    }
    let Some(Term::NamedNode(first)) = named.first().filter(|_| !nameless.is_empty()) else {
        return Ok(None);
    };
    let mut found: Option<usize> = None;
    for class in classes_of(p, first.as_ref())? {
        let wider = catalog.classes()[class].instances;
        let widest = found.is_none_or(|known| catalog.classes()[known].instances < wider);
        if widest && are_all(p, class, &named, true)? && are_all(p, class, &nameless, false)? {
            found = Some(class);
        }
    }
    Ok(found)
}

/// Whether all of some things are of a class, or none of them.
fn are_all(
    p: &Proposer<'_>,
    class: usize,
    things: &[Term],
    are: bool,
) -> Result<bool, RetrieverError> {
    let catalog = p.view.catalog();
    for thing in things {
        let is = match thing {
            Term::NamedNode(node) => {
                let own = classes_of(p, node.as_ref())?;
                own.into_iter().any(|own| catalog.is_within(own, class))
            }
            _ => false,
        };
        if is != are {
            return Ok(false);
        }
    }
    Ok(true)
}

fn classes_of(p: &Proposer<'_>, thing: NamedNodeRef<'_>) -> Result<Vec<usize>, RetrieverError> {
    let catalog = p.view.catalog();
    let told = catalog.conventions().classes_of(p.view.snapshot(), thing)?;
    Ok(told.iter().filter_map(|iri| catalog.class(iri)).collect())
}
