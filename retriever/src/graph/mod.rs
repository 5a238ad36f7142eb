//! Query graphs: a question as a small graph that compiles to SPARQL (after staged query graph generation,
//! Yih et al. 2015).
//!
//! A [`Node`] describes a set of things: by their classes, by paths that link them to known entities or to
//! the things of another node, by bounds on what is measured of them, and by their place in an order. Since a path may
//! begin at a node, descriptions nest: "the capital of the largest country in Africa".

mod bound;
mod cells;
mod names;
mod patterns;
mod sparql;
mod tally;
mod times;

use crate::question::{Direction, Operator};

pub use bound::{Bound, Moment};
pub use cells::{Cell, Pattern};

/// Which way a fact is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// From the subject to the object.
    Forward,
    /// From the object to the subject.
    Inverse,
}

impl Way {
    /// The other way.
    pub fn turned(self) -> Self {
        match self {
            Self::Forward => Self::Inverse,
            Self::Inverse => Self::Forward,
        }
    }
}

/// One fact of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hop {
    /// The predicate.
    pub predicate: String,
    /// Which way it is read.
    pub way: Way,
    /// Whether what it leads to must not be the entity at which the path began: "who else".
    pub other: bool,
}

impl Hop {
    /// The predicate of the facts themselves, where only those to things of a class count.
    pub fn told_by(&self) -> &str {
        crate::catalog::narrowed::of(&self.predicate)
    }

    /// A hop to whatever is there.
    pub fn new(predicate: impl Into<String>, way: Way) -> Self {
        Self {
            predicate: predicate.into(),
            way,
            other: false,
        }
    }
}

/// Where a path begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// At a known entity.
    Entity(String),
    /// At any of some known entities.
    Any(Vec<String>),
    /// At each of the things that a node describes.
    Node(Box<Node>),
}

/// A path that ends at the things described.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Where it begins.
    pub from: Source,
    /// The facts along it; none where the things themselves must be, or must not be, as a node describes.
    pub path: Vec<Hop>,
    /// Whether there must be no such path.
    pub negated: bool,
}

impl Link {
    /// One fact that ties to an entity.
    pub fn edge(entity: impl Into<String>, predicate: impl Into<String>, way: Way) -> Self {
        Self {
            from: Source::Entity(entity.into()),
            path: vec![Hop::new(predicate, way)],
            negated: false,
        }
    }

    /// The entity and the fact, where the link is one fact of one entity.
    pub fn as_edge(&self) -> Option<(&str, &Hop)> {
        match (&self.from, self.path.as_slice(), self.negated) {
            (Source::Entity(entity), [hop], false) => Some((entity, hop)),
            _ => None,
        }
    }
}

/// What is compared or ordered by.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// The value at the end of a path.
    Value(Vec<Hop>),
    /// How many things are at the end of a path.
    Number {
        /// The path.
        path: Vec<Hop>,
        /// What is counted of them: of some class, tied to something, within a bound.
        counted: Box<Node>,
    },
    /// One value that is made of those of the things at the end of a path: the sum of the claims of each policy.
    Combined {
        /// How it is made.
        function: Function,
        /// The path.
        path: Vec<Hop>,
        /// Which of the things at its end have a part in it.
        of: Box<Node>,
        /// From there to the values.
        value: Vec<Hop>,
    },
}

impl Measure {
    /// The path to what is counted, or to the values.
    pub fn path(&self) -> &[Hop] {
        match self {
            Self::Value(path) | Self::Number { path, .. } | Self::Combined { value: path, .. } => {
                path
            }
        }
    }

    /// Whether it is how many things there are, which is none where there are none.
    pub fn counts(&self) -> bool {
        matches!(self, Self::Number { .. })
    }

    /// How many things of some classes, or of any, are at the end of a path.
    pub fn number(path: Vec<Hop>, classes: Vec<String>) -> Self {
        let counted = Node {
            classes,
            ..Node::default()
        };
        Self::Number {
            path,
            counted: Box::new(counted),
        }
    }

    /// The value of a predicate.
    pub fn value(predicate: impl Into<String>) -> Self {
        Self::Value(vec![Hop::new(predicate, Way::Forward)])
    }
}

/// A bound on a measure of the things described.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// What is bound.
    pub measure: Measure,
    /// The comparison.
    pub operator: Operator,
    /// The other side of it.
    pub with: Comparand,
    /// Whether what has no such value passes as well, as what has no end goes on.
    pub or_none: bool,
}

/// A place in an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// What is ordered by.
    pub measure: Measure,
    /// Which end comes first.
    pub direction: Direction,
    /// How many come before it: 1 for "the second".
    pub skip: usize,
    /// How many are asked for; where it is the first one alone, all that share the place.
    pub take: usize,
}

impl Order {
    /// Whether the first place is asked for, with all that share it.
    pub fn is_extreme(&self) -> bool {
        self.skip == 0 && self.take == 1
    }

    /// Whether all things are asked for, each with what it has.
    pub fn is_of_all(&self) -> bool {
        self.take >= MOST_ANSWERS
    }
}

/// A description of a set of things.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// Their classes, any of which will do; none when the class is not asked for.
    pub classes: Vec<String>,
    /// Paths that end at them.
    pub links: Vec<Link>,
    /// Bounds on what is measured of them.
    pub filters: Vec<Filter>,
    /// Their place in an order.
    pub order: Option<Order>,
}

/// What values are made into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// The mean.
    Average,
    /// The mean of those that have any, where things are counted.
    AverageOfSome,
    /// The sum.
    Sum,
    /// The greatest.
    Greatest,
    /// The smallest.
    Smallest,
}

impl Function {
    /// As SPARQL calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Average | Self::AverageOfSome => "AVG",
            Self::Sum => "SUM",
            Self::Greatest => "MAX",
            Self::Smallest => "MIN",
        }
    }
}

/// What is asked of the things described.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// All of them.
    Every,
    /// How many there are.
    Count,
    /// One value made of a measure of each.
    Aggregate(Function, Measure),
}

/// A question as a graph.
#[derive(Clone, Debug, PartialEq)]
pub enum QueryGraph {
    /// The things that a node describes.
    Select {
        /// The description.
        node: Node,
        /// What is asked of them.
        target: Target,
    },
    /// Which of the entities has the greatest or smallest value.
    Choose {
        /// The entities named.
        entities: Vec<String>,
        /// What is compared.
        measure: Measure,
        /// Which end.
        direction: Direction,
    },
    /// Whether a fact holds.
    Ask {
        /// The subject.
        subject: String,
        /// The predicate.
        predicate: String,
        /// The object.
        object: String,
    },
    /// Whether a value of an entity is within a bound, or above or below that of another entity.
    AskValue {
        /// The entity.
        entity: String,
        /// What is compared.
        measure: Measure,
        /// The comparison.
        operator: Operator,
        /// With what.
        with: Comparand,
    },
    /// Whether an entity is of a class.
    AskClass {
        /// The entity.
        entity: String,
        /// The class and those below it.
        classes: Vec<String>,
    },
    /// Whether there is any thing that a node describes.
    Exists {
        /// The description.
        node: Node,
    },
    /// A value of one entity less one of another or of its own, or divided by it.
    Calculate {
        /// The two entities.
        entities: [String; 2],
        /// What is measured of the one and of the other.
        measures: [Measure; 2],
        /// What is made of the two.
        arithmetic: Arithmetic,
    },
    /// How many percent of the things of one node are also things of a narrower one.
    Share {
        /// All.
        whole: Node,
        /// Those counted; it is `whole` with further conditions.
        part: Node,
    },
    /// What ties two entities: the predicates of the facts between them.
    Relation {
        /// The entities.
        entities: [String; 2],
    },
    /// What an entity is.
    Describe {
        /// The entity.
        entity: String,
    },
}

/// What is made of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// How far they are apart.
    Difference,
    /// How many times the second goes into the first.
    Ratio,
    /// How many years there are between two dates.
    Years,
    /// How many full years there are from the first date to the second.
    Age,
}

/// The other side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparand {
    /// A number, a year or another literal.
    Bound(Bound),
    /// The same value of another entity.
    Entity(String),
    /// The same value of what a node describes.
    Of(Box<Node>),
}

/// More answers than this are not listed; they are still counted.
pub const MOST_ANSWERS: usize = 2_000;

impl Node {
    /// How many facts, bounds and orders it is made of.
    fn conditions(&self) -> usize {
        let links = self.links.iter().map(|link| {
            let before = match &link.from {
                Source::Entity(_) | Source::Any(_) => 0,
                Source::Node(node) => node.conditions(),
            };
            before + link.path.len()
        });
        links.sum::<usize>() + self.filters.len() + usize::from(self.order.is_some())
    }
}

impl QueryGraph {
    /// How many facts, bounds and orders it is made of.
    pub fn conditions(&self) -> usize {
        match self {
            Self::Select { node, .. } | Self::Exists { node } | Self::Share { part: node, .. } => {
                node.conditions()
            }
            Self::Choose { measure, .. } | Self::AskValue { measure, .. } => measure.path().len(),
            Self::Calculate { measures, .. } => measures
                .iter()
                .map(|measure| measure.path().len())
                .max()
                .unwrap_or(0),
            Self::Ask { .. }
            | Self::AskClass { .. }
            | Self::Relation { .. }
            | Self::Describe { .. } => 1,
        }
    }

    /// All things that a node describes.
    pub fn every(node: Node) -> Self {
        Self::Select {
            node,
            target: Target::Every,
        }
    }

    /// Whether the answer is yes or no.
    pub fn is_yes_or_no(&self) -> bool {
        matches!(
            self,
            Self::Ask { .. } | Self::AskValue { .. } | Self::AskClass { .. } | Self::Exists { .. }
        )
    }
}

impl Comparand {
    /// The number, or that of the year, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Bound(bound) => bound.number(),
            Self::Entity(_) | Self::Of(_) => None,
        }
    }

    /// Whether it is a literal as it stands, rather than a number or a time.
    pub(crate) fn is_text(&self) -> bool {
        matches!(
            self,
            Self::Bound(Bound::Literal { .. } | Bound::Beginning(_))
        )
    }
}
