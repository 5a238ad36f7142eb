//! Conditions on a fact that is told plainly, of which a statement says more: `rdf:subject` and the like.

use kg_store::rdf::{NamedNode, Term};

use super::{Place, Said};
use crate::RetrieverError;
use crate::catalog::Reified;
use crate::graph::{Filter, Hop, Link, Node, Order, Source, Way};
use crate::propose::Proposer;
use crate::propose::node::description::Description;
use crate::walk::neighbours;

/// Statements of one predicate that are looked at.
const SAMPLED: usize = 8;

/// The facts of a description that there may be statements of: the last one of each link, and the one that leads to the node
/// that holds its value.
pub(super) fn places(
    p: &mut Proposer<'_>,
    one: &Description,
) -> Result<Vec<(Place, Said)>, RetrieverError> {
    let catalog = p.view.catalog().clone();
    let Some(of) = catalog.reified() else {
        return Ok(Vec::new());
    };
    let through = |hop: &Hop, next: &Hop| {
        let number = |hop: &Hop| catalog.predicate(&hop.predicate);
        let (hop, next) = (number(hop), number(next));
        hop.zip(next)
            .is_some_and(|(hop, next)| catalog.predicates()[hop].through.contains(&next))
    };
    let mut found = Vec::new();
    for (number, link) in one.links.iter().enumerate().filter(|(_, l)| !l.negated) {
        let at = match link.path.as_slice() {
            [] => continue,
            [.., hop, next] if through(hop, next) => link.path.len() - 2,
            path => path.len() - 1,
        };
        if !link
            .path
            .iter()
            .any(|hop| hop.other || of.is_end(&hop.predicate))
        {
            found.push((
                Place::OfFact(number, at),
                said(p, of, &link.path[at].predicate)?,
            ));
        }
    }
    found.retain(|(_, said)| !said.is_empty());
    Ok(found)
}

/// What statements say that are of the same predicate as the ones described; none where it is not told.
pub(super) fn of_its_predicate(
    p: &mut Proposer<'_>,
    one: &Description,
) -> Result<Option<Said>, RetrieverError> {
    let catalog = p.view.catalog().clone();
    let Some(of) = catalog.reified() else {
        return Ok(None);
    };
    let told = one.links.iter().filter_map(Link::as_edge);
    let mut told = told.filter(|(_, hop)| hop.predicate == of.predicate);
    match told.next() {
        Some((predicate, _)) => said(p, of, predicate).map(Some),
        None => Ok(None),
    }
}

/// What some statements of a predicate say beside what they are of.
fn said(p: &mut Proposer<'_>, of: &Reified, predicate: &str) -> Result<Said, RetrieverError> {
    if let Some(known) = p.said.get(predicate) {
        return Ok(known.clone());
    }
    p.in_time()?;
    let iri = predicate;
    let predicate = Term::NamedNode(NamedNode::new_unchecked(iri));
    let statements = neighbours(p.view, &predicate, &of.predicate, Way::Inverse, SAMPLED)?;
    let mut found: Said = Vec::new();
    for statement in statements {
        for (number, way) in p.ways_of(&statement)? {
            let iri = &p.view.catalog().predicates()[number].iri;
            if way == Way::Forward && !of.is_end(iri) && !found.contains(&(number, way)) {
                found.push((number, way));
            }
        }
    }
    p.said.insert(iri.to_owned(), found.clone());
    Ok(found)
}

/// Puts conditions on the statement of a fact of a description; returns whether they have a place there.
pub(super) fn put(
    p: &Proposer<'_>,
    one: &mut Description,
    (number, at): (usize, usize),
    filters: Vec<Filter>,
    order: Option<Order>,
) -> bool {
    let Some(of) = p.view.catalog().reified() else {
        return false;
    };
    let link = &one.links[number];
    let of_one = at == 0 && matches!(link.from, Source::Entity(_));
    if order.is_some() && !of_one {
        // An order is one among the statements of one thing.
        return false;
    }
    let hop = &link.path[at];
    let (near, far) = match hop.way {
        Way::Forward => (&of.subject, &of.object),
        Way::Inverse => (&of.object, &of.subject),
    };
    let start = match at {
        0 => link.from.clone(),
        _ => Source::Node(Box::new(Node {
            links: vec![Link {
                path: link.path[..at].to_vec(),
                ..link.clone()
            }],
            ..Node::default()
        })),
    };
    let statement = Node {
        links: vec![
            Link {
                from: start,
                path: vec![Hop::new(near, Way::Inverse)],
                negated: false,
            },
            Link::edge(&hop.predicate, &of.predicate, Way::Inverse),
        ],
        filters,
        order,
        ..Node::default()
    };
    let tie = Link {
        from: Source::Node(Box::new(statement)),
        path: vec![Hop::new(far, Way::Forward)],
        negated: false,
    };
    if at + 1 == link.path.len() {
        one.links.push(tie);
        return true;
    }
    let before = Link {
        path: link.path[..=at].to_vec(),
        ..link.clone()
    };
    let middle = Node {
        links: vec![before, tie],
        ..Node::default()
    };
    one.links[number] = Link {
        from: Source::Node(Box::new(middle)),
        path: link.path[at + 1..].to_vec(),
        negated: false,
    };
    true
}
