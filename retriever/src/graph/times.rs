//! Times that something else sets, in the patterns of a query.

use super::cells::Cell;
use super::patterns::Writer;
use super::{Hop, Link, Node, Source, Way};

impl Writer<'_> {
    /// The variable of a time that a node describes: the same one wherever it is compared with.
    pub(super) fn time(&mut self, of: &Node) -> String {
        if let Some((_, time)) = self.times.iter().find(|(known, _)| known == of) {
            return time.clone();
        }
        let time = self.fresh("?time");
        match teller(of) {
            // Begin and end are told by the same statement.
            Some((teller, hop)) => {
                let known = self.tellers.iter().find(|(known, _)| *known == teller);
                let from = match known.map(|(_, variable)| variable.clone()) {
                    Some(variable) => variable,
                    None => {
                        let variable = self.fresh("?told");
                        self.node(&teller, &variable);
                        self.tellers.push((teller, variable.clone()));
                        variable
                    }
                };
                self.path(Cell::Variable(from), &[hop], &time);
            }
            None => self.node(of, &time),
        }
        self.times.push((of.clone(), time.clone()));
        time
    }
}

/// What tells a time, apart from the fact by which it does: the statement at which it begins.
fn teller(of: &Node) -> Option<(Node, Hop)> {
    let plain = of.filters.is_empty() && of.order.is_none() && of.classes.is_empty();
    let [link] = of.links.as_slice() else {
        return None;
    };
    let (last, before) = link.path.split_last()?;
    if !plain || link.negated || last.way == Way::Inverse {
        return None;
    }
    let teller = match (&link.from, before) {
        (Source::Node(node), []) => (**node).clone(),
        (_, []) => return None,
        (_, before) => Node {
            links: vec![Link {
                path: before.to_vec(),
                ..link.clone()
            }],
            ..Node::default()
        },
    };
    Some((teller, last.clone()))
}
