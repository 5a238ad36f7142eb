//! The patterns of a query, written one after the other.

use std::fmt::Write;

use super::cells::{Cell, Pattern};
use super::tally::Tally;
use super::{Bound, Comparand, Hop, Link, Measure, Node, Order, Source, Way};
use crate::catalog::narrowed::{self, Only};
use crate::question::{Direction, Operator};
use crate::{Conventions, Spelt};

const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

/// Writes the patterns of a query.
pub(super) struct Writer<'a> {
    conventions: &'a Conventions,
    pub(super) text: String,
    pub(super) patterns: Vec<Pattern>,
    names: usize,
    /// Times that something else sets, with their variables.
    pub(super) times: Vec<(Node, String)>,
    /// What tells them, with its variables.
    pub(super) tellers: Vec<(Node, String)>,
    /// Whether what is only counted is spelt out as well.
    evidence: bool,
    /// Whether it writes what is counted, where plain names of variables may be taken.
    counting: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(conventions: &'a Conventions) -> Self {
        Self {
            conventions,
            text: String::new(),
            patterns: Vec::new(),
            names: 0,
            times: Vec::new(),
            tellers: Vec::new(),
            evidence: false,
            counting: false,
        }
    }

    pub(super) fn of(node: &Node, conventions: &'a Conventions) -> Self {
        let mut writer = Self::new(conventions);
        writer.node(node, "?answer");
        writer
    }

    /// A writer that spells out what is only counted as well.
    pub(super) fn for_evidence(conventions: &'a Conventions) -> Self {
        Self {
            evidence: true,
            ..Self::new(conventions)
        }
    }

    /// A writer for what is counted: the number that is made of it may have any of the plain names.
    fn for_counting(&self) -> Self {
        Self {
            counting: true,
            ..self.inner()
        }
    }

    /// A writer for what stands inside, whose names of variables are none of those so far.
    fn inner(&self) -> Self {
        Self {
            names: self.names,
            ..Self::new(self.conventions)
        }
    }

    pub(super) fn fresh(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}{}", self.names)
    }

    pub(super) fn node(&mut self, node: &Node, variable: &str) {
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
            let alone = filter.measure.path().len() == 1 && node.filters.len() == 1;
            let value = if alone && !self.counting && !self.text.contains("?bound") {
                "?bound".to_owned()
            } else {
                self.fresh("?bound")
            };
            // What has none of a thing has fewer than any number of it.
            let none = matches!(filter.operator, Operator::Less | Operator::AtMost)
                || (filter.operator == Operator::Equal && filter.with.number() == Some(0.0));
            match &filter.measure {
                Measure::Value(path) if filter.or_none => {
                    self.text.push_str("OPTIONAL { ");
                    self.value(Cell::Variable(variable.into()), path, &value);
                    self.text.push_str("} ");
                }
                // A text that the question names stands for itself.
                Measure::Value(path) if filter.with.is_text() => {
                    self.path(Cell::Variable(variable.into()), path, &value);
                }
                Measure::Value(path) => {
                    self.value(Cell::Variable(variable.into()), path, &value);
                }
                Measure::Number { .. } | Measure::Combined { .. } => {
                    let mut bare = node.clone();
                    bare.filters.clear();
                    bare.order = None;
                    let none = none && filter.measure.counts();
                    self.numbers(&bare, &filter.measure, variable, &value, none);
                }
            }
            let condition = self.condition(&filter.measure, &value, filter.operator, &filter.with);
            let or_none = if filter.or_none {
                format!("!BOUND({value}) || ")
            } else {
                String::new()
            };
            // Writing to a string cannot fail.
            let _ = write!(self.text, "FILTER({or_none}{condition}) . ");
        }
        for link in node.links.iter().filter(|link| link.negated) {
            let known = self.patterns.len();
            self.text.push_str("FILTER NOT EXISTS { ");
            self.link(link, variable);
            self.text.push_str("} ");
            self.patterns.truncate(known);
        }
    }

    /// The condition on what is measured; where another thing sets it, its own value is bound first.
    pub(super) fn condition(
        &mut self,
        measure: &Measure,
        value: &str,
        operator: Operator,
        with: &Comparand,
    ) -> String {
        match with {
            Comparand::Bound(Bound::Moment(moment)) => {
                let time = self.time(&moment.of);
                moment.condition(value, &time, operator)
            }
            Comparand::Bound(bound) => bound.condition(value, operator),
            Comparand::Entity(other) => {
                let than = self.fresh("?other");
                self.of_entity(other, measure, &than);
                format!("{value} {} {than}", operator.sign())
            }
            Comparand::Of(node) => {
                let (one, than) = (self.fresh("?one"), self.fresh("?other"));
                self.node(node, &one);
                self.measured(measure, &one, &than, true);
                format!("{value} {} {than}", operator.sign())
            }
        }
    }

    fn classes(&mut self, classes: &[String], variable: &str) {
        let classes = &self.conventions.with_members(classes);
        match classes.as_slice() {
            [] => {}
            [class] => self.triple(
                Cell::Variable(variable.into()),
                self.conventions.predicate_of(class),
                Cell::iri(class),
            ),
            several => {
                let class = if variable == "?answer" && !self.text.contains("?class ") {
                    "?class".to_owned()
                } else {
                    self.fresh("?class")
                };
                let _ = write!(self.text, "VALUES {class} {{ {} }} ", iris(several));
                let ways = self.conventions.predicates_of(several);
                self.told(
                    Cell::Variable(variable.into()),
                    &ways,
                    Cell::Variable(class),
                );
            }
        }
    }

    fn any(&mut self, entities: &[String]) -> Cell {
        let any = self.fresh("?any");
        let _ = write!(self.text, "VALUES {any} {{ {} }} ", iris(entities));
        Cell::Variable(any)
    }

    fn link(&mut self, link: &Link, variable: &str) {
        let inverse = link.path.first().is_some_and(|hop| hop.way == Way::Inverse);
        let start = match &link.from {
            // The entity itself.
            Source::Entity(entity) if link.path.is_empty() => {
                let _ = write!(self.text, "VALUES {variable} {{ <{entity}> }} ");
                return;
            }
            Source::Entity(entity) if inverse => match self.conventions.told_of(entity) {
                [] | [_] => Cell::iri(entity),
                several => {
                    let several: Vec<String> = several.iter().map(|iri| iri.to_string()).collect();
                    self.any(&several)
                }
            },
            Source::Entity(entity) => Cell::iri(entity),
            Source::Any(entities) => self.any(entities),
            // The thing itself: "that are no pitchers".
            Source::Node(node) if link.path.is_empty() => return self.node(node, variable),
            Source::Node(node) => {
                let name = self.fresh("?via");
                self.node(node, &name);
                Cell::Variable(name)
            }
        };
        self.path(start, &link.path, variable);
    }

    /// The facts of a path, from a place to what can be compared: a text that is a number is read as one.
    pub(super) fn value(&mut self, start: Cell, path: &[Hop], end: &str) {
        let last = path.last().filter(|hop| hop.way == Way::Forward);
        let spelt = last.and_then(|hop| self.conventions.spelt(&hop.predicate));
        let Some(spelt) = spelt else {
            return self.path(start, path, end);
        };
        // What cannot be read is an error, and passes no filter.
        let text = self.fresh("?text");
        let (read, holds) = match spelt {
            Spelt::Mixed => {
                self.path(start, path, end);
                let _ = write!(self.text, "FILTER(ISNUMERIC({end})) ");
                return;
            }
            Spelt::Days => {
                let read = format!("<{XSD}date>(STR({text}))");
                let holds = format!("DATATYPE({read}) = <{XSD}date>");
                (read, holds)
            }
            Spelt::Typed => {
                let read = format!("<{XSD}double>(STR({text}))");
                let holds = format!("ISNUMERIC({read})");
                (read, holds)
            }
            // Before a unit, if there is one.
            Spelt::Numbers => {
                let read = format!("<{XSD}decimal>(STRBEFORE(CONCAT(STR({text}), \" \"), \" \"))");
                let holds = format!("ISNUMERIC({read})");
                (read, holds)
            }
        };
        self.path(start, path, &text);
        let _ = write!(self.text, "FILTER({holds}) BIND({read} AS {end}) ");
    }

    /// The facts of a path, from a place to a variable.
    pub(super) fn path(&mut self, start: Cell, path: &[Hop], end: &str) {
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

    /// That a thing is of a class, by any of some predicates.
    fn told(&mut self, subject: Cell, ways: &[&str], class: Cell) {
        let path = alternatives(ways);
        let _ = write!(self.text, "{} {path} {} . ", subject.text(), class.text());
        // Those of the facts that there are will be cited.
        self.patterns.extend(ways.iter().map(|way| Pattern {
            subject: subject.clone(),
            predicate: (*way).to_owned(),
            object: class.clone(),
        }));
    }

    fn triple(&mut self, subject: Cell, predicate: &str, object: Cell) {
        if let (predicate, Some(only)) = narrowed::parts(predicate) {
            self.triple(subject.clone(), predicate, object.clone());
            return match only {
                Only::OfClass(class) => {
                    let typing = self.conventions.predicate_of(class);
                    self.triple(object, typing, Cell::iri(class));
                }
                Only::Told { by, role } => self.triple(subject, by, Cell::Known(role)),
            };
        }
        let path = any_way(predicate, self.conventions);
        let _ = write!(self.text, "{} {path} {} . ", subject.text(), object.text());
        for other in self.conventions.entailing(predicate) {
            // Those of the facts that there are will be cited.
            let (subject, object) = match other.way {
                Way::Forward => (subject.clone(), object.clone()),
                Way::Inverse => (object.clone(), subject.clone()),
            };
            self.patterns.push(Pattern {
                subject,
                predicate: other.predicate.clone(),
                object,
            });
        }
        self.patterns.push(Pattern {
            subject,
            predicate: predicate.to_owned(),
            object,
        });
    }

    pub(super) fn of_entity(&mut self, entity: &str, measure: &Measure, value: &str) {
        match measure {
            Measure::Value(path) => self.value(Cell::iri(entity), path, value),
            Measure::Number { .. } | Measure::Combined { .. } => {
                let one = self.fresh("?one");
                let _ = write!(self.text, "VALUES {one} {{ <{entity}> }} ");
                self.measured(measure, &one, value, true);
            }
        }
    }

    /// Binds what is measured of the things that a variable already stands for.
    pub(super) fn measured(&mut self, measure: &Measure, variable: &str, value: &str, none: bool) {
        let Some(tally) = Tally::of(measure) else {
            return self.value(Cell::Variable(variable.into()), measure.path(), value);
        };
        let mut inner = self.for_counting();
        let each = tally.write(&mut inner, variable);
        self.names = inner.names;
        let values = self.text.clone();
        let values = values
            .rfind("VALUES")
            .map_or("", |at| values[at..].trim_end());
        let what = if none && measure.counts() {
            format!("OPTIONAL {{ {}}} ", inner.text)
        } else {
            inner.text
        };
        self.text
            .push_str(&each.grouped(variable, value, &format!("{values} {what}")));
    }

    /// What each thing of a node has at the end of a path: how many, or what is made of their values.
    pub(super) fn numbers(
        &mut self,
        node: &Node,
        measure: &Measure,
        variable: &str,
        value: &str,
        none: bool,
    ) {
        let Some(tally) = Tally::of(measure) else {
            return;
        };
        let mut inner = self.for_counting();
        inner.description(node, variable);
        let known = inner.text.len();
        let each = tally.write(&mut inner, variable);
        if none && known > 0 {
            let optional = inner.text.split_off(known);
            let _ = write!(inner.text, "OPTIONAL {{ {optional}}} ");
        }
        self.names = inner.names;
        self.text
            .push_str(&each.grouped(variable, value, &inner.text));
        if self.evidence {
            // Outside of the group, what was counted can be seen.
            self.text.push_str("OPTIONAL { ");
            tally.write(self, variable);
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
        let mut inner = self.inner();
        match &order.measure {
            Measure::Value(path) => {
                inner.description(&bare, variable);
                inner.value(Cell::Variable(variable.into()), path, "?each");
                self.value(Cell::Variable(variable.into()), path, &value);
            }
            measure => {
                // A list of all has those with none as well.
                let least = order.direction == Direction::Least || order.is_of_all();
                let none = least && measure.counts();
                inner.numbers(&bare, measure, variable, "?each", none);
                self.numbers(&bare, measure, variable, &value, none);
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

pub(super) fn order_by(direction: Direction) -> &'static str {
    match direction {
        Direction::Most => "DESC",
        Direction::Least => "ASC",
    }
}

/// A path of one fact of a predicate, by whatever tells it.
pub(super) fn any_way(predicate: &str, conventions: &Conventions) -> String {
    let others = conventions.entailing(predicate);
    if others.is_empty() {
        return format!("<{predicate}>");
    }
    let others = others.iter().map(|other| match other.way {
        Way::Forward => format!("|<{}>", other.predicate),
        Way::Inverse => format!("|^<{}>", other.predicate),
    });
    format!("(<{predicate}>{})", others.collect::<String>())
}

/// A path of one fact, by any of some predicates.
pub(super) fn alternatives(predicates: &[&str]) -> String {
    let each: Vec<String> = predicates.iter().map(|iri| format!("<{iri}>")).collect();
    each.join("|")
}

pub(super) fn iris(list: &[String]) -> String {
    list.iter()
        .map(|iri| format!("<{iri}>"))
        .collect::<Vec<_>>()
        .join(" ")
}
