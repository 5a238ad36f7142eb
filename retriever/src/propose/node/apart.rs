//! Things that have a name apart from nameless nodes which a predicate is told of as well: players have a team, and so have the
//! stages of their careers.

use kg_store::rdf::{NamedNode, Term};

use super::Step;
use crate::RetrieverError;
use crate::graph::Way;
use crate::propose::Proposer;
use crate::walk::neighbours;

/// Things at the end of an edge that are looked at; where there are more, nothing is said of them.
const SAMPLED: u64 = 64;
/// An edge that fits less is hardly asked for.
const LEAST_FIT: f64 = 0.4;

/// A class that all things with a name are of which an edge leads to, and none of the nameless nodes that it leads to: of several,
/// the one that has the most things. None where there are no such nodes.
pub(super) fn class_of_named(
    p: &Proposer<'_>,
    topic: &str,
    step: &Step,
) -> Result<Option<usize>, RetrieverError> {
    let catalog = p.view.catalog();
    let predicate = &catalog.predicates()[step.predicate];
    let mixed = step.way == Way::Inverse && !predicate.behind(step.way).is_empty();
    if !mixed || !(2..=SAMPLED).contains(&step.facts) || step.fit.score < LEAST_FIT {
        return Ok(None);
    }
    let topic = Term::NamedNode(NamedNode::new_unchecked(topic));
    let (mut named, mut nameless) = (Vec::new(), Vec::new());
    for thing in neighbours(p.view, &topic, &predicate.iri, step.way, SAMPLED as usize)? {
        let classes = match &thing {
            Term::NamedNode(node) => {
                let told = catalog
                    .conventions()
                    .classes_of(p.view.snapshot(), node.as_ref())?;
                told.iter().filter_map(|iri| catalog.class(iri)).collect()
            }
            _ => Vec::new(),
        };
        match p.view.is_nameless(&thing)? {
            true => nameless.push(classes),
            false => named.push(classes),
        }
    }
    let (Some(first), false) = (named.first(), nameless.is_empty()) else {
        return Ok(None);
    };
    let is = |own: &Vec<usize>, class: usize| own.iter().any(|own| catalog.is_within(*own, class));
    let apart = |class: &&usize| {
        named.iter().all(|own| is(own, **class)) && !nameless.iter().any(|own| is(own, **class))
    };
    let found = first.iter().filter(apart);
    Ok(found
        .max_by_key(|class| catalog.classes()[**class].instances)
        .copied())
}
