//! Query graphs as SPARQL. `DISTINCT` stands beneath each aggregate, since a fact may stand in several graphs.

use std::fmt::Write;

use super::cells::{Cell, Pattern};
use super::patterns::{Writer, alternatives, any_way, iris, order_by};
use super::{Arithmetic, Comparand, Function, MOST_ANSWERS, Measure, Node, QueryGraph, Target};
use crate::Conventions;
use crate::question::Operator;

impl QueryGraph {
    /// The graph as SPARQL.
    pub fn to_sparql(&self, conventions: &Conventions) -> String {
        match self {
            Self::Select { node, target } => select(node, target, conventions),
            Self::Choose {
                entities,
                measure,
                direction,
            } => {
                let (entities, order) = (iris(entities), order_by(*direction));
                let mut writer = Writer::new(conventions);
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
            } => {
                let path = any_way(predicate, conventions);
                format!("ASK {{ <{subject}> {path} <{object}> }}")
            }
            Self::AskValue {
                entity,
                measure,
                operator,
                with,
            } => ask_value(entity, measure, *operator, with, conventions),
            Self::AskClass { entity, classes } => format!(
                "ASK {{ VALUES ?class {{ {} }} <{entity}> {} ?class }}",
                iris(classes),
                alternatives(&conventions.predicates_of(classes))
            ),
            Self::Exists { node } => {
                format!(
                    "ASK {{ {} }}",
                    Writer::of(node, conventions).text.trim_end()
                )
            }
            Self::Calculate {
                entities: [first, second],
                measures: [of_first, of_second],
                arithmetic,
            } => {
                let mut writer = Writer::new(conventions);
                let sides = [(first, of_first, "?first"), (second, of_second, "?second")];
                for (entity, measure, value) in sides {
                    let one = writer.fresh("?one");
                    let _ = write!(writer.text, "VALUES {one} {{ <{entity}> }} ");
                    writer.measured(measure, &one, value, true);
                }
                let result = match arithmetic {
                    Arithmetic::Difference => "ABS(?first - ?second)".to_owned(),
                    Arithmetic::Ratio => "(1.0 * ?first / ?second)".to_owned(),
                    Arithmetic::Years => format!("ABS({} - {})", year("?first"), year("?second")),
                    Arithmetic::Age => age("?first", "?second"),
                };
                if *arithmetic == Arithmetic::Age {
                    // Nobody was there before the day of birth.
                    let _ = write!(
                        writer.text,
                        "FILTER({} <= {}) ",
                        year("?first"),
                        year("?second")
                    );
                }
                format!(
                    "SELECT DISTINCT ({result} AS ?answer) ?first ?second WHERE {{ {}}} LIMIT 10",
                    writer.text
                )
            }
            Self::Share { whole, part } => {
                let count = |node: &Node, name: &str| {
                    format!(
                        "{{ SELECT (COUNT(DISTINCT ?answer) AS {name}) WHERE {{ {}}} }}",
                        Writer::of(node, conventions).text
                    )
                };
                format!(
                    "SELECT ((100.0 * ?part / ?whole) AS ?answer) ?part ?whole WHERE {{ {} {} FILTER(?whole > 0) }}",
                    count(part, "?part"),
                    count(whole, "?whole")
                )
            }
            Self::Relation {
                entities: [one, other],
            } => format!(
                "SELECT DISTINCT ?answer WHERE {{ {{ <{one}> ?answer <{other}> }} UNION {{ <{other}> ?answer <{one}> }} }} \
                 ORDER BY ?answer LIMIT 100"
            ),
            Self::Describe { entity } => format!(
                "SELECT DISTINCT ?property ?answer WHERE {{ <{entity}> ?property ?answer }} LIMIT 200"
            ),
        }
    }

    /// A query for some of the things that a node describes, whichever come first.
    pub fn sample(node: &Node, limit: usize, conventions: &Conventions) -> String {
        let pattern = Writer::of(node, conventions).text;
        format!("SELECT DISTINCT ?answer WHERE {{ {pattern}}} LIMIT {limit}")
    }

    /// A query for all variables of a description, and the patterns that are facts once these are known. Where
    /// `answers` names some, only what concerns these is asked for. None where no node is described.
    pub fn evidence(
        &self,
        answers: &[String],
        limit: usize,
        conventions: &Conventions,
    ) -> Option<(String, Vec<Pattern>)> {
        let node = match self {
            Self::Select { node, .. } | Self::Exists { node } | Self::Share { part: node, .. } => {
                node
            }
            _ => return None,
        };
        let mut writer = Writer::for_evidence(conventions);
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

fn select(node: &Node, target: &Target, conventions: &Conventions) -> String {
    let pattern = Writer::of(node, conventions).text;
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
            let name = function.name();
            let mut writer = Writer::new(conventions);
            writer.node(node, "?thing");
            // Two statements of one thing may have the same value, and both count.
            let mut through = String::new();
            match measure {
                Measure::Value(path) => {
                    let known = writer.patterns.len();
                    writer.value(Cell::Variable("?thing".into()), path, "?each");
                    through = between(&writer.patterns[known..]);
                }
                measure => {
                    let none = measure.counts() && *function != Function::AverageOfSome;
                    writer.numbers(node, measure, "?thing", "?each", none);
                }
            }
            format!(
                "SELECT ({name}(?each) AS ?answer) WHERE {{ SELECT DISTINCT ?thing {through}?each WHERE {{ {}}} }}",
                writer.text
            )
        }
    }
}

/// The variables between the ends of a path, which each of its patterns but the last one ends at.
fn between(path: &[Pattern]) -> String {
    let cells = path.iter().flat_map(|fact| [&fact.subject, &fact.object]);
    let mut found: Vec<&str> = cells
        .filter_map(|cell| match cell {
            Cell::Variable(name) if name.starts_with("?via") => Some(name.as_str()),
            _ => None,
        })
        .collect();
    found.dedup();
    found.iter().map(|name| format!("{name} ")).collect()
}

/// Full years from one date to another; of what is no more than a year, the month is not known.
fn age(from: &str, to: &str) -> String {
    let day = |variable: &str| format!("SUBSTR(STR({variable}), 6, 5)");
    format!(
        "({} - {} - IF(STRLEN(STR({from})) > 9 && STRLEN(STR({to})) > 9 && {} < {}, 1, 0))",
        year(to),
        year(from),
        day(to),
        day(from)
    )
}

/// The year of a date or of a year, whatever its type.
fn year(variable: &str) -> String {
    format!(
        "<http://www.w3.org/2001/XMLSchema#integer>(REPLACE(STR({variable}), \"^(-?[0-9]+).*$\", \"$1\"))"
    )
}

fn ask_value(
    entity: &str,
    measure: &Measure,
    operator: Operator,
    with: &Comparand,
    conventions: &Conventions,
) -> String {
    let mut writer = Writer::new(conventions);
    writer.of_entity(entity, measure, "?value");
    let condition = writer.condition(measure, "?value", operator, with);
    format!("ASK {{ {}FILTER({condition}) }}", writer.text)
}

#[cfg(test)]
mod tests {
    use super::super::{Bound, Filter, Hop, Link, Order, Source, Way};
    use super::*;
    use crate::Spelt;
    use crate::question::Direction;

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
            with: Comparand::Bound(bound),
            or_none: false,
        });
        QueryGraph::Select {
            node,
            target: Target::Count,
        }
        .to_sparql(&Conventions::default())
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
    fn classes_that_are_told_in_two_ways_are_asked_for_by_both() {
        let mut conventions = Conventions::default();
        conventions.tell("http://x/Town", "http://x/instanceOf".into());
        let mut node = cities();
        node.classes.push("http://x/Town".into());
        let sparql = QueryGraph::every(node).to_sparql(&conventions);
        assert!(sparql.contains("|"), "{sparql}");
        assert!(sparql.contains("<http://x/instanceOf>"), "{sparql}");
        kg_store::CheckedQuery::parse(
            &sparql,
            kg_store::Dataset::AllGraphs,
            &kg_store::ParseLimits::default(),
        )
        .unwrap_or_else(|error| panic!("{error}: {sparql}"));
    }

    #[test]
    fn every_graph_is_sparql() {
        let hop = |name: &str| Hop::new(format!("http://x/{name}"), Way::Forward);
        let measures = [
            Measure::Value(vec![hop("pop")]),
            Measure::Value(vec![hop("pop"), hop("value")]),
            Measure::number(vec![hop("river")], Vec::new()),
            Measure::number(
                vec![hop("river")],
                vec!["http://x/River".into(), "http://x/Brook".into()],
            ),
            Measure::Number {
                path: vec![hop("river")],
                counted: Box::new(Node {
                    filters: vec![Filter {
                        measure: Measure::Value(vec![hop("kind")]),
                        operator: Operator::Equal,
                        with: Comparand::Bound(Bound::Number(1.0)),
                        or_none: false,
                    }],
                    ..cities()
                }),
            },
            Measure::Combined {
                function: Function::Sum,
                path: vec![hop("river")],
                of: Box::new(cities()),
                value: vec![hop("length")],
            },
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
                    with: Comparand::Bound(Bound::Number(3.0)),
                    or_none: false,
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
            for arithmetic in [
                Arithmetic::Difference,
                Arithmetic::Ratio,
                Arithmetic::Years,
                Arithmetic::Age,
            ] {
                graphs.push(QueryGraph::Calculate {
                    entities: ["http://x/a".into(), "http://x/b".into()],
                    measures: [measure.clone(), measure.clone()],
                    arithmetic,
                });
            }
            graphs.push(QueryGraph::Choose {
                entities: vec!["http://x/a".into(), "http://x/b".into()],
                measure,
                direction: Direction::Most,
            });
        }
        graphs.push(QueryGraph::Relation {
            entities: ["http://x/a".into(), "http://x/b".into()],
        });
        let open_ended = |value| Filter {
            measure: Measure::Value(vec![hop(value)]),
            operator: Operator::AtLeast,
            with: Comparand::Bound(Bound::Year(1990)),
            or_none: true,
        };
        let bounded = Node {
            links: vec![Link {
                from: Source::Any(vec!["http://x/a".into(), "http://x/b".into()]),
                path: vec![hop("post")],
                negated: false,
            }],
            filters: vec![open_ended("day")],
            ..Node::default()
        };
        // Two statements, each with a bound of its own.
        let held = |node: &Node| Link {
            from: Source::Node(Box::new(node.clone())),
            path: vec![hop("holder")],
            negated: false,
        };
        graphs.push(QueryGraph::every(Node {
            links: vec![held(&bounded), held(&bounded)],
            filters: vec![open_ended("day")],
            ..Node::default()
        }));
        let mut spelt = Conventions::default();
        spelt.spell("http://x/pop", Spelt::Numbers);
        spelt.spell("http://x/day", Spelt::Days);
        spelt.spell("http://x/kind", Spelt::Typed);
        let parse = |sparql: &str| {
            kg_store::CheckedQuery::parse(
                sparql,
                kg_store::Dataset::AllGraphs,
                &kg_store::ParseLimits::default(),
            )
            .unwrap_or_else(|error| panic!("{error}: {sparql}"))
        };
        for graph in graphs {
            parse(&graph.to_sparql(&Conventions::default()));
            parse(&graph.to_sparql(&spelt));
            if let Some((sparql, patterns)) =
                graph.evidence(&["<http://x/y>".into()], 10, &Conventions::default())
            {
                parse(&sparql);
                assert!(!patterns.is_empty());
            }
        }
    }
}
