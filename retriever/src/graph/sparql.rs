//! Query graphs as SPARQL. `DISTINCT` stands beneath each aggregate, since a fact may stand in several graphs.

use std::fmt::Write;

use super::{
    Arithmetic, Comparand, Function, Hop, Link, MOST_ANSWERS, Measure, Node, Order, QueryGraph,
    Source, Target, Way,
};
use crate::question::{Direction, Operator};

const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";

/// A place in a triple pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A known node.
    Iri(String),
    /// The name of a variable, with its question mark.
    Variable(String),
}

impl Cell {
    fn text(&self) -> String {
        match self {
            Self::Iri(iri) => format!("<{iri}>"),
            Self::Variable(name) => name.clone(),
        }
    }
}

/// A triple pattern of a query; with the values of its variables it is a fact that the result rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The subject.
    pub subject: Cell,
    /// The predicate's IRI.
    pub predicate: String,
    /// The object.
    pub object: Cell,
}

impl QueryGraph {
    /// The graph as SPARQL.
    pub fn to_sparql(&self) -> String {
        match self {
            Self::Select { node, target } => select(node, target),
            Self::Choose {
                entities,
                measure,
                direction,
            } => {
                let (entities, order) = (iris(entities), order_by(*direction));
                let mut writer = Writer::default();
                writer.measured(measure, "?answer", "?value", true);
                format!(
                    "SELECT DISTINCT ?answer ?value WHERE {{ VALUES ?answer {{ {entities} }} {}}} ORDER BY \
                     {order}(?value) ?answer",
                    writer.text
                )
            }
            Self::Ask {
                subject,
                predicate,
                object,
            } => format!("ASK {{ <{subject}> <{predicate}> <{object}> }}"),
            Self::AskValue {
                entity,
                measure,
                operator,
                with,
            } => ask_value(entity, measure, *operator, with),
            Self::AskClass { entity, classes } => format!(
                "ASK {{ VALUES ?class {{ {} }} <{entity}> <{TYPE}> ?class }}",
                iris(classes)
            ),
            Self::Exists { node } => format!("ASK {{ {} }}", Writer::of(node).text.trim_end()),
            Self::Calculate {
                entities: [first, second],
                measure,
                arithmetic,
            } => {
                let mut writer = Writer::default();
                for (entity, value) in [(first, "?first"), (second, "?second")] {
                    let one = writer.fresh("?one");
                    let _ = write!(writer.text, "VALUES {one} {{ <{entity}> }} ");
                    writer.measured(measure, &one, value, true);
                }
                let result = match arithmetic {
                    Arithmetic::Difference => "ABS(?first - ?second)",
                    Arithmetic::Ratio => "(1.0 * ?first / ?second)",
                };
                format!(
                    "SELECT DISTINCT ({result} AS ?answer) ?first ?second WHERE {{ {}}} LIMIT 10",
                    writer.text
                )
            }
            Self::Share { whole, part } => {
                let count = |node: &Node, name: &str| {
                    format!(
                        "{{ SELECT (COUNT(DISTINCT ?answer) AS {name}) WHERE {{ {}}} }}",
                        Writer::of(node).text
                    )
                };
                format!(
                    "SELECT ((100.0 * ?part / ?whole) AS ?answer) ?part ?whole WHERE {{ {} {} FILTER(?whole > 0) }}",
                    count(part, "?part"),
                    count(whole, "?whole")
                )
            }
            Self::Describe { entity } => format!(
                "SELECT DISTINCT ?property ?answer WHERE {{ <{entity}> ?property ?answer }} LIMIT 200"
            ),
        }
    }

    /// A query for all variables of a description, and the patterns that are facts once these are known. Where
    /// `answers` names some, only what concerns these is asked for. None where no node is described.
    pub fn evidence(&self, answers: &[String], limit: usize) -> Option<(String, Vec<Pattern>)> {
        let node = match self {
            Self::Select { node, .. } | Self::Exists { node } | Self::Share { part: node, .. } => {
                node
            }
            _ => return None,
        };
        let mut writer = Writer {
            evidence: true,
            ..Writer::default()
        };
        if !answers.is_empty() {
            let _ = write!(writer.text, "VALUES ?answer {{ {} }} ", answers.join(" "));
        }
        writer.node(node, "?answer");
        if let Self::Select {
            target: Target::Aggregate(_, measure),
            ..
        } = self
        {
            writer.path(Cell::Variable("?answer".into()), measure.path(), "?value");
        }
        if writer.patterns.is_empty() {
            return None;
        }
        let sparql = format!("SELECT * WHERE {{ {}}} LIMIT {limit}", writer.text);
        Some((sparql, writer.patterns))
    }
}

fn select(node: &Node, target: &Target) -> String {
    let pattern = Writer::of(node).text;
    match target {
        Target::Every => match &node.order {
            Some(order) => format!(
                "SELECT DISTINCT ?answer ?value WHERE {{ {pattern}}} ORDER BY {}(?value) ?answer LIMIT {MOST_ANSWERS}",
                order_by(order.direction)
            ),
            None => format!(
                "SELECT DISTINCT ?answer WHERE {{ {pattern}}} ORDER BY ?answer LIMIT {MOST_ANSWERS}"
            ),
        },
        Target::Count => format!(
            "SELECT (COUNT(?answer) AS ?count) WHERE {{ SELECT DISTINCT ?answer WHERE {{ {pattern}}} }}"
        ),
        Target::Aggregate(function, measure) => {
            let name = match function {
                Function::Average => "AVG",
                Function::Sum => "SUM",
                Function::Greatest => "MAX",
                Function::Smallest => "MIN",
            };
            let mut writer = Writer::default();
            writer.node(node, "?thing");
            match measure {
                Measure::Value(path) => writer.path(Cell::Variable("?thing".into()), path, "?each"),
                Measure::Number(path) => writer.numbers(node, path, "?thing", "?each", true),
            }
            format!(
                "SELECT ({name}(?each) AS ?answer) WHERE {{ SELECT DISTINCT ?thing ?each WHERE {{ {}}} }}",
                writer.text
            )
        }
    }
}

fn ask_value(entity: &str, measure: &Measure, operator: Operator, with: &Comparand) -> String {
    let mut writer = Writer::default();
    writer.of_entity(entity, measure, "?value");
    match with {
        Comparand::Bound(bound) => format!(
            "ASK {{ {}FILTER({}) }}",
            writer.text,
            bound.condition("?value", operator)
        ),
        Comparand::Entity(other) => {
            writer.of_entity(other, measure, "?other");
            format!(
                "ASK {{ {}FILTER(?value {} ?other) }}",
                writer.text,
                operator.sign()
            )
        }
    }
}

/// Writes the patterns of a query.
#[derive(Default)]
struct Writer {
    text: String,
    patterns: Vec<Pattern>,
    names: usize,
    /// Whether what is only counted is spelt out as well.
    evidence: bool,
}

impl Writer {
    fn of(node: &Node) -> Self {
        let mut writer = Self::default();
        writer.node(node, "?answer");
        writer
    }

    fn fresh(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}{}", self.names)
    }

    fn node(&mut self, node: &Node, variable: &str) {
        self.description(node, variable);
        if let Some(order) = &node.order {
            self.order(node, order, variable);
        }
    }

    /// All of a node but its order.
    fn description(&mut self, node: &Node, variable: &str) {
        for link in node.links.iter().filter(|link| !link.negated) {
            self.link(link, variable);
        }
        self.classes(&node.classes, variable);
        for filter in &node.filters {
            let value = if filter.measure.path().len() == 1 && node.filters.len() == 1 {
                "?bound".to_owned()
            } else {
                self.fresh("?bound")
            };
            // What has none of a thing has fewer than any number of it.
            let none = matches!(filter.operator, Operator::Less | Operator::AtMost)
                || (filter.operator == Operator::Equal && filter.bound.number() == 0.0);
            match &filter.measure {
                Measure::Value(path) => {
                    self.path(Cell::Variable(variable.into()), path, &value);
                }
                Measure::Number(path) => {
                    let mut bare = node.clone();
                    bare.filters.clear();
                    bare.order = None;
                    self.numbers(&bare, path, variable, &value, none);
                }
            }
            // Writing to a string cannot fail.
            let _ = write!(
                self.text,
                "FILTER({}) . ",
                filter.bound.condition(&value, filter.operator)
            );
        }
        for link in node.links.iter().filter(|link| link.negated) {
            let known = self.patterns.len();
            self.text.push_str("FILTER NOT EXISTS { ");
            self.link(link, variable);
            self.text.push_str("} ");
            self.patterns.truncate(known);
        }
    }

    fn classes(&mut self, classes: &[String], variable: &str) {
        match classes {
            [] => {}
            [class] => self.triple(
                Cell::Variable(variable.into()),
                TYPE,
                Cell::Iri(class.clone()),
            ),
            several => {
                let class = if variable == "?answer" {
                    "?class".to_owned()
                } else {
                    self.fresh("?class")
                };
                let _ = write!(self.text, "VALUES {class} {{ {} }} ", iris(several));
                self.triple(Cell::Variable(variable.into()), TYPE, Cell::Variable(class));
            }
        }
    }

    fn link(&mut self, link: &Link, variable: &str) {
        let start = match &link.from {
            Source::Entity(entity) => Cell::Iri(entity.clone()),
            Source::Node(node) => {
                let name = self.fresh("?via");
                self.node(node, &name);
                Cell::Variable(name)
            }
        };
        self.path(start, &link.path, variable);
    }

    /// The facts of a path, from a place to a variable.
    fn path(&mut self, start: Cell, path: &[Hop], end: &str) {
        let mut here = start.clone();
        for (number, hop) in path.iter().enumerate() {
            let next = if number + 1 == path.len() {
                end.to_owned()
            } else {
                self.fresh("?via")
            };
            let there = Cell::Variable(next.clone());
            match hop.way {
                Way::Forward => self.triple(here, &hop.predicate, there.clone()),
                Way::Inverse => self.triple(there.clone(), &hop.predicate, here),
            }
            if hop.other {
                let _ = write!(self.text, "FILTER({next} != {}) ", start.text());
            }
            here = there;
        }
    }

    fn triple(&mut self, subject: Cell, predicate: &str, object: Cell) {
        let _ = write!(
            self.text,
            "{} <{predicate}> {} . ",
            subject.text(),
            object.text()
        );
        self.patterns.push(Pattern {
            subject,
            predicate: predicate.to_owned(),
            object,
        });
    }

    fn of_entity(&mut self, entity: &str, measure: &Measure, value: &str) {
        match measure {
            Measure::Value(path) => self.path(Cell::Iri(entity.into()), path, value),
            Measure::Number(_) => {
                let one = self.fresh("?one");
                let _ = write!(self.text, "VALUES {one} {{ <{entity}> }} ");
                self.measured(measure, &one, value, true);
            }
        }
    }

    /// Binds what is measured of the things that a variable already stands for.
    fn measured(&mut self, measure: &Measure, variable: &str, value: &str, none: bool) {
        match measure {
            Measure::Value(path) => self.path(Cell::Variable(variable.into()), path, value),
            Measure::Number(path) => {
                let mut inner = Self {
                    names: self.names,
                    ..Self::default()
                };
                let counted = inner.fresh("?counted");
                inner.path(Cell::Variable(variable.into()), path, &counted);
                self.names = inner.names;
                let values = self.text.clone();
                let values = values
                    .rfind("VALUES")
                    .map_or("", |at| values[at..].trim_end());
                let what = if none {
                    format!("OPTIONAL {{ {}}} ", inner.text)
                } else {
                    inner.text
                };
                let _ = write!(
                    self.text,
                    "{{ SELECT {variable} (COUNT(DISTINCT {counted}) AS {value}) WHERE {{ {values} {what}}} GROUP BY \
                     {variable} }} "
                );
            }
        }
    }

    /// How many things each thing of a node has at the end of a path.
    fn numbers(&mut self, node: &Node, path: &[Hop], variable: &str, value: &str, none: bool) {
        let mut inner = Self {
            names: self.names,
            ..Self::default()
        };
        inner.description(node, variable);
        let counted = inner.fresh("?counted");
        let known = inner.text.len();
        inner.path(Cell::Variable(variable.into()), path, &counted);
        if none && known > 0 {
            let what = inner.text.split_off(known);
            let _ = write!(inner.text, "OPTIONAL {{ {what}}} ");
        }
        self.names = inner.names;
        let _ = write!(
            self.text,
            "{{ SELECT {variable} (COUNT(DISTINCT {counted}) AS {value}) WHERE {{ {}}} GROUP BY {variable} }} ",
            inner.text
        );
        if self.evidence {
            // Outside of the group, what was counted can be seen.
            self.text.push_str("OPTIONAL { ");
            let seen = self.fresh("?counted");
            self.path(Cell::Variable(variable.into()), path, &seen);
            self.text.push_str("} ");
        }
    }

    fn order(&mut self, node: &Node, order: &Order, variable: &str) {
        let outermost = variable == "?answer";
        let value = if outermost {
            "?value".to_owned()
        } else {
            self.fresh("?value")
        };
        let mut bare = node.clone();
        bare.order = None;
        let end = order_by(order.direction);
        // The measure of each thing, as it stands inside of a query of its own.
        let mut inner = Self {
            names: self.names,
            ..Self::default()
        };
        match &order.measure {
            Measure::Value(path) => {
                inner.description(&bare, variable);
                inner.path(Cell::Variable(variable.into()), path, "?each");
                self.path(Cell::Variable(variable.into()), path, &value);
            }
            Measure::Number(path) => {
                let none = order.direction == Direction::Least;
                inner.numbers(&bare, path, variable, "?each", none);
                self.numbers(&bare, path, variable, &value, none);
            }
        }
        self.names = self.names.max(inner.names);
        let _ = if order.is_extreme() {
            let choose = match order.direction {
                Direction::Most => "MAX",
                Direction::Least => "MIN",
            };
            write!(
                self.text,
                "{{ SELECT ({choose}(?each) AS {value}) WHERE {{ {}}} }} ",
                inner.text
            )
        } else if order.take == 1 {
            // "The second": all that have the second value.
            write!(
                self.text,
                "{{ SELECT DISTINCT (?each AS {value}) WHERE {{ {}}} ORDER BY {end}(?each) LIMIT 1 OFFSET {} }} ",
                inner.text, order.skip
            )
        } else {
            write!(
                self.text,
                "{{ SELECT DISTINCT {variable} (?each AS {value}) WHERE {{ {}}} ORDER BY {end}(?each) {variable} LIMIT {} \
                 OFFSET {} }} ",
                inner.text, order.take, order.skip
            )
        };
    }
}

fn order_by(direction: Direction) -> &'static str {
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
    use super::super::{Bound, Filter};
    use super::*;

    fn cities() -> Node {
        Node {
            classes: vec!["http://x/City".into()],
            links: vec![Link::edge("http://x/jp", "http://x/in", Way::Inverse)],
            ..Node::default()
        }
    }

    fn bounded(bound: Bound) -> String {
        let mut node = cities();
        node.filters.push(Filter {
            measure: Measure::value("http://x/pop"),
            operator: Operator::More,
            bound,
        });
        QueryGraph::Select {
            node,
            target: Target::Count,
        }
        .to_sparql()
    }

    #[test]
    fn graphs_compile_to_sparql() {
        assert_eq!(
            bounded(Bound::Number(1e6)),
            "SELECT (COUNT(?answer) AS ?count) WHERE { SELECT DISTINCT ?answer WHERE { ?answer <http://x/in> \
             <http://x/jp> . ?answer <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://x/City> . ?answer \
             <http://x/pop> ?bound . FILTER(?bound > 1000000) . } }"
        );
        let by_year = bounded(Bound::Year(1700));
        assert!(by_year.contains("FILTER(YEAR(?bound) > 1700)"), "{by_year}");
    }

    #[test]
    fn every_graph_is_sparql() {
        let hop = |name: &str| Hop::new(format!("http://x/{name}"), Way::Forward);
        let measures = [
            Measure::Value(vec![hop("pop")]),
            Measure::Value(vec![hop("pop"), hop("value")]),
            Measure::Number(vec![hop("river")]),
        ];
        let mut graphs = Vec::new();
        for measure in measures {
            for (skip, take) in [(0, 1), (1, 1), (0, 3)] {
                for direction in [Direction::Most, Direction::Least] {
                    let mut node = cities();
                    node.order = Some(Order {
                        measure: measure.clone(),
                        direction,
                        skip,
                        take,
                    });
                    graphs.push(QueryGraph::every(node.clone()));
                    let outer = Node {
                        links: vec![Link {
                            from: Source::Node(Box::new(node)),
                            path: vec![hop("mayor"), hop("born")],
                            negated: false,
                        }],
                        ..Node::default()
                    };
                    graphs.push(QueryGraph::every(outer));
                }
            }
            for operator in [Operator::More, Operator::Less, Operator::Equal] {
                let mut node = cities();
                node.filters.push(Filter {
                    measure: measure.clone(),
                    operator,
                    bound: Bound::Number(3.0),
                });
                let mut without = cities();
                without.links.push(Link {
                    negated: true,
                    ..Link::edge("http://x/sea", "http://x/at", Way::Inverse)
                });
                graphs.extend([
                    QueryGraph::every(node.clone()),
                    QueryGraph::Exists { node: node.clone() },
                    QueryGraph::every(without),
                    QueryGraph::Share {
                        whole: cities(),
                        part: node,
                    },
                ]);
                for with in [
                    Comparand::Entity("http://x/b".into()),
                    Comparand::Bound(Bound::Number(1.0)),
                ] {
                    graphs.push(QueryGraph::AskValue {
                        entity: "http://x/a".into(),
                        measure: measure.clone(),
                        operator,
                        with,
                    });
                }
            }
            for function in [Function::Average, Function::Sum, Function::Greatest] {
                graphs.push(QueryGraph::Select {
                    node: cities(),
                    target: Target::Aggregate(function, measure.clone()),
                });
            }
            for arithmetic in [Arithmetic::Difference, Arithmetic::Ratio] {
                graphs.push(QueryGraph::Calculate {
                    entities: ["http://x/a".into(), "http://x/b".into()],
                    measure: measure.clone(),
                    arithmetic,
                });
            }
            graphs.push(QueryGraph::Choose {
                entities: vec!["http://x/a".into(), "http://x/b".into()],
                measure,
                direction: Direction::Most,
            });
        }
        let parse = |sparql: &str| {
            kg_store::CheckedQuery::parse(
                sparql,
                kg_store::Dataset::AllGraphs,
                &kg_store::ParseLimits::default(),
            )
            .unwrap_or_else(|error| panic!("{error}: {sparql}"))
        };
        for graph in graphs {
            parse(&graph.to_sparql());
            if let Some((sparql, patterns)) = graph.evidence(&["<http://x/y>".into()], 10) {
                parse(&sparql);
                assert!(!patterns.is_empty());
            }
        }
    }
}
