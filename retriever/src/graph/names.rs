//! What a query graph names.

use super::{Comparand, Measure, Node, QueryGraph, Source, Target};

impl QueryGraph {
    /// IRIs of all that the graph names, each once.
    pub fn names(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.visit(&mut |iri| {
            if !found.iter().any(|known| known == iri) {
                found.push(iri.to_owned());
            }
        });
        found
    }

    /// Numbers that the graph compares with.
    pub fn numbers(&self) -> Vec<f64> {
        let mut found = Vec::new();
        match self {
            Self::Select { node, .. } | Self::Exists { node } | Self::Share { part: node, .. } => {
                node.numbers(&mut found);
            }
            Self::AskValue { with, .. } => found.extend(with.number()),
            _ => {}
        }
        found
    }

    fn visit(&self, see: &mut dyn FnMut(&str)) {
        match self {
            Self::Select { node, target } => {
                node.visit(see);
                if let Target::Aggregate(_, measure) = target {
                    measure.visit(see);
                }
            }
            Self::Exists { node } => node.visit(see),
            Self::Share { whole, part } => {
                whole.visit(see);
                part.visit(see);
            }
            Self::Choose {
                entities, measure, ..
            } => {
                entities.iter().for_each(|entity| see(entity));
                measure.visit(see);
            }
            Self::Calculate {
                entities, measures, ..
            } => {
                entities.iter().for_each(|entity| see(entity));
                measures.iter().for_each(|measure| measure.visit(see));
            }
            Self::Ask {
                subject,
                predicate,
                object,
            } => [subject, predicate, object]
                .into_iter()
                .for_each(|iri| see(iri)),
            Self::AskValue {
                entity,
                measure,
                with,
                ..
            } => {
                see(entity);
                measure.visit(see);
                with.visit(see);
            }
            Self::AskClass { entity, classes } => {
                see(entity);
                classes.iter().for_each(|class| see(class));
            }
            Self::Relation { entities } => entities.iter().for_each(|entity| see(entity)),
            Self::Describe { entity } => see(entity),
        }
    }
}

impl Comparand {
    fn visit(&self, see: &mut dyn FnMut(&str)) {
        match self {
            Self::Bound(_) => {}
            Self::Entity(entity) => see(entity),
            Self::Of(node) => node.visit(see),
        }
    }
}

impl Measure {
    fn visit(&self, see: &mut dyn FnMut(&str)) {
        self.path().iter().for_each(|hop| see(&hop.predicate));
    }
}

impl Node {
    fn visit(&self, see: &mut dyn FnMut(&str)) {
        self.classes.iter().for_each(|class| see(class));
        for link in &self.links {
            match &link.from {
                Source::Entity(entity) => see(entity),
                Source::Any(entities) => entities.iter().for_each(|entity| see(entity)),
                Source::Node(node) => node.visit(see),
            }
            link.path.iter().for_each(|hop| see(&hop.predicate));
        }
        for filter in &self.filters {
            filter.measure.visit(see);
            filter.with.visit(see);
        }
        if let Some(order) = &self.order {
            order.measure.visit(see);
        }
    }

    fn numbers(&self, found: &mut Vec<f64>) {
        found.extend(self.filters.iter().filter_map(|f| f.with.number()));
        for link in &self.links {
            if let Source::Node(node) = &link.from {
                node.numbers(found);
            }
        }
    }
}
