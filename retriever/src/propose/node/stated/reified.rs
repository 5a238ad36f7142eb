//! Conditions on a fact that is told plainly, of which a statement says more: `rdf:subject` and the like.

use super::{Place, Said};
use crate::graph::{Filter, Hop, Link, Node, Order, Source, Way};
use crate::propose::Proposer;
use crate::propose::node::description::Description;

/// The facts of a description that there may be statements of: the last one of each link, and the one that leads to the node
/// that holds its value.
pub(super) fn places(p: &Proposer<'_>, one: &Description) -> Vec<(Place, Said)> {
    let catalog = p.view.catalog();
    let Some(of) = catalog.reified() else {
        return Vec::new();
    };
    let Some(object) = catalog.predicate(&of.object) else {
        return Vec::new();
    };
    let said = catalog.predicates()[object].behind(Way::Inverse);
    let through = |hop: &Hop, next: &Hop| {
        let number = |hop: &Hop| catalog.predicate(&hop.predicate);
        let (hop, next) = (number(hop), number(next));
        hop.zip(next)
            .is_some_and(|(hop, next)| catalog.predicates()[hop].through.contains(&next))
    };
    let is_end = |hop: &Hop| hop.predicate == of.subject || hop.predicate == of.object;
    let mut found = Vec::new();
    for (number, link) in one.links.iter().enumerate().filter(|(_, l)| !l.negated) {
        let at = match link.path.as_slice() {
            [] => continue,
            [.., hop, next] if through(hop, next) => link.path.len() - 2,
            path => path.len() - 1,
        };
        if !link.path.iter().any(|hop| hop.other || is_end(hop)) {
            found.push((Place::OfFact(number, at), said.to_vec()));
        }
    }
    found
}

/// Puts conditions on the statement of a fact of a description.
pub(super) fn put(
    p: &Proposer<'_>,
    one: &mut Description,
    (number, at): (usize, usize),
    filters: Vec<Filter>,
    order: Option<Order>,
) {
    let Some(of) = p.view.catalog().reified() else {
        return;
    };
    let link = &one.links[number];
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
        return;
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
}
