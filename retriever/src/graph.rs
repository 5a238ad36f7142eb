//! Query graphs: a question as a small graph that compiles to SPARQL (after staged query graph generation,
//! Yih et al. 2015).

use std::fmt::Write;

use crate::question::{Direction, Operator};

/// Which way a fact is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// The entity is the subject and the answer the object.
    Forward,
    /// The entity is the object and the answer the subject.
    Inverse,
}

/// A fact that ties the answer to a known entity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edge {
    /// The known entity.
    pub entity: String,
    /// The predicate.
    pub predicate: String,
    /// Which way it is read.
    pub way: Way,
}

/// A bound on a value of the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// The predicate whose value is bound.
    pub predicate: String,
    /// The comparison.
    pub operator: Operator,
    /// The other side of it.
    pub bound: Bound,
}

/// What a value is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// A number.
    Number(f64),
    /// A year, which the year of a date is compared with.
    Year(i32),
}

impl Bound {
    /// The condition on a variable, as SPARQL writes it.
    fn condition(self, variable: &str, operator: Operator) -> String {
        let sign = operator.sign();
        match self {
            Self::Number(number) => format!("{variable} {sign} {number}"),
            Self::Year(year) => format!("YEAR({variable}) {sign} {year}"),
        }
    }

    /// The number, or that of the year.
    pub fn number(self) -> f64 {
        match self {
            Self::Number(number) => number,
            Self::Year(year) => f64::from(year),
        }
    }

    /// The comparison, as people say it.
    pub fn words(self, operator: Operator) -> String {
        match self {
            Self::Number(number) => format!("{} {number}", operator.words()),
            Self::Year(year) => {
                let word = match operator {
                    Operator::More => "after",
                    Operator::AtLeast => "in or after",
                    Operator::Less => "before",
                    Operator::AtMost => "in or before",
                    Operator::Equal => "in",
                };
                format!("{word} {year}")
            }
        }
    }
}

/// What is asked of the answer node.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// All answers.
    Every,
    /// How many answers there are.
    Count,
    /// The answers with the greatest or smallest value of a predicate.
    Extreme {
        /// The predicate that ranks.
        predicate: String,
        /// Which end.
        direction: Direction,
    },
}

/// A question as a graph.
#[derive(Clone, Debug, PartialEq)]
pub enum QueryGraph {
    /// One answer node with what is known of it.
    Node {
        /// Classes of the answer, any of which will do; none when the class is not asked for.
        classes: Vec<String>,
        /// Facts that tie it to known entities.
        edges: Vec<Edge>,
        /// A bound on one of its values.
        filter: Option<Filter>,
        /// What is asked of it.
        target: Target,
    },
    /// Which of the entities has the greatest or smallest value.
    Choose {
        /// The entities named.
        entities: Vec<String>,
        /// The predicate that is compared.
        predicate: String,
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
        /// The predicate whose value is compared.
        predicate: String,
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
    /// What an entity is.
    Describe {
        /// The entity.
        entity: String,
    },
}

/// The other side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Comparand {
    /// A number or a year.
    Bound(Bound),
    /// The same value of another entity.
    Entity(String),
}

const TYPE: &str = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>";
/// More answers than this are not listed; they are still counted.
pub const MOST_ANSWERS: usize = 2_000;

impl QueryGraph {
    /// The graph as SPARQL. `DISTINCT` stands beneath each aggregate, since a fact may stand in several
    /// graphs.
    pub fn to_sparql(&self) -> String {
        match self {
            Self::Node {
                classes,
                edges,
                filter,
                target,
            } => node(classes, edges, filter.as_ref(), target),
            Self::Choose {
                entities,
                predicate,
                direction,
            } => {
                let entities: Vec<String> = entities.iter().map(|e| format!("<{e}>")).collect();
                let order = order(*direction);
                format!(
                    "SELECT DISTINCT ?answer ?value WHERE {{ VALUES ?answer {{ {} }} ?answer <{predicate}> ?value }} \
                     ORDER BY {order}(?value) ?answer",
                    entities.join(" ")
                )
            }
            Self::Ask {
                subject,
                predicate,
                object,
            } => {
                format!("ASK {{ <{subject}> <{predicate}> <{object}> }}")
            }
            Self::AskValue {
                entity,
                predicate,
                operator,
                with,
            } => match with {
                Comparand::Bound(bound) => format!(
                    "ASK {{ <{entity}> <{predicate}> ?value FILTER({}) }}",
                    bound.condition("?value", *operator)
                ),
                Comparand::Entity(other) => format!(
                    "ASK {{ <{entity}> <{predicate}> ?value . <{other}> <{predicate}> ?other FILTER(?value {} ?other) }}",
                    operator.sign()
                ),
            },
            Self::AskClass { entity, classes } => {
                format!(
                    "ASK {{ VALUES ?class {{ {} }} <{entity}> {TYPE} ?class }}",
                    iris(classes)
                )
            }
            Self::Describe { entity } => {
                format!(
                    "SELECT DISTINCT ?property ?answer WHERE {{ <{entity}> ?property ?answer }} LIMIT 200"
                )
            }
        }
    }
}

fn node(classes: &[String], edges: &[Edge], filter: Option<&Filter>, target: &Target) -> String {
    let mut pattern = String::new();
    for edge in edges {
        // Writing to a string cannot fail.
        let _ = match edge.way {
            Way::Forward => write!(pattern, "<{}> <{}> ?answer . ", edge.entity, edge.predicate),
            Way::Inverse => write!(pattern, "?answer <{}> <{}> . ", edge.predicate, edge.entity),
        };
    }
    match classes {
        [] => {}
        [class] => {
            let _ = write!(pattern, "?answer {TYPE} <{class}> . ");
        }
        several => {
            let _ = write!(
                pattern,
                "VALUES ?class {{ {} }} ?answer {TYPE} ?class . ",
                iris(several)
            );
        }
    }
    if let Some(filter) = filter {
        let _ = write!(
            pattern,
            "?answer <{}> ?bound FILTER({}) . ",
            filter.predicate,
            filter.bound.condition("?bound", filter.operator)
        );
    }
    let pattern = pattern.trim_end();
    match target {
        Target::Every => {
            format!(
                "SELECT DISTINCT ?answer WHERE {{ {pattern} }} ORDER BY ?answer LIMIT {MOST_ANSWERS}"
            )
        }
        Target::Count => format!(
            "SELECT (COUNT(?answer) AS ?count) WHERE {{ SELECT DISTINCT ?answer WHERE {{ {pattern} }} }}"
        ),
        Target::Extreme {
            predicate,
            direction,
        } => {
            let choose = match direction {
                Direction::Most => "MAX",
                Direction::Least => "MIN",
            };
            format!(
                "SELECT DISTINCT ?answer ?value WHERE {{ {pattern} ?answer <{predicate}> ?value \
                 {{ SELECT ({choose}(?each) AS ?value) WHERE {{ {pattern} ?answer <{predicate}> ?each }} }} }} \
                 ORDER BY ?answer LIMIT {MOST_ANSWERS}"
            )
        }
    }
}

fn order(direction: Direction) -> &'static str {
    match direction {
        Direction::Most => "DESC",
        Direction::Least => "ASC",
    }
}

fn iris(list: &[String]) -> String {
    list.iter()
        .map(|iri| format!("<{iri}>"))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graphs_compile_to_sparql() {
        let graph = |bound| QueryGraph::Node {
            classes: vec!["http://x/City".into()],
            edges: vec![Edge {
                entity: "http://x/jp".into(),
                predicate: "http://x/in".into(),
                way: Way::Inverse,
            }],
            filter: Some(Filter {
                predicate: "http://x/pop".into(),
                operator: Operator::More,
                bound,
            }),
            target: Target::Count,
        };
        assert_eq!(
            graph(Bound::Number(1e6)).to_sparql(),
            "SELECT (COUNT(?answer) AS ?count) WHERE { SELECT DISTINCT ?answer WHERE { ?answer <http://x/in> \
             <http://x/jp> . ?answer <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://x/City> . ?answer \
             <http://x/pop> ?bound FILTER(?bound > 1000000) . } }"
        );
        let by_year = graph(Bound::Year(1700)).to_sparql();
        assert!(by_year.contains("FILTER(YEAR(?bound) > 1700)"), "{by_year}");
    }
}
