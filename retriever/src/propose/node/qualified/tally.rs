//! What the values of nameless nodes come to: "how much aid did Ghana get in 2012", "which region had the highest rate of
//! unemployment in 2013", "the mean score of the runs on that data".

mod asked;

use std::ops::Range;

use asked::{Asked, adds_up, amount, asks_how_often, noun};

use super::super::kinds::kinds;
use super::super::{Step, accounted};
use super::Fact;
use super::statement::{Spoken, Statement};
use crate::RetrieverError;
use crate::execute::look_up;
use crate::graph::{
    Bound, Comparand, Filter, Function, Hop, Link, Measure, Node, Order, QueryGraph, Source,
    Target, Way,
};
use crate::propose::Proposer;
use crate::propose::measure::{Gauge, Measured};
use crate::question::{Form, Threshold};
use crate::rank::{Features, Match, Reading};

/// A token that is explained this far says no more of anything else.
const SAID: f64 = 0.9;
/// What is counted must be named this well by what is told of how many there are.
const COUNTED: f64 = 0.5;
/// How well it fits that the nodes are counted which the question has a name for.
const OFTEN: f64 = 0.85;
/// Nodes that are looked at for whether several of them lead to one thing.
const COMPARED: usize = 400;
/// Measures that are tried, and what they are told of.
const MOST_MEASURES: usize = 3;
const MOST_ROLES: usize = 6;

/// Adds what the values of the nodes that a statement is one of come to.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    statement: &Statement<'_>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let question = p.question;
    let asked = Asked::of(p);
    let often = asks_how_often(p, statement);
    let too_little = statement.conditions() < 2 && matches!(asked, Asked::Sum);
    if often.is_none() && (too_little || matches!(asked, Asked::Nothing)) {
        return Ok(());
    }
    let ways = p.ways_of(&statement.node)?;
    let ways = ways.as_slice();
    let has = |number: usize| ways.contains(&(number, Way::Forward));
    let spans = statement.spans();
    let used = p.used(&spans.iter().collect::<Vec<_>>());
    let mut tally = Tally {
        statement,
        spoken: statement.spoken(p)?,
        said: Vec::new(),
        ways,
    };
    tally.said = used
        .iter()
        .zip(&tally.spoken.words)
        .map(|(used, spoken)| *used || *spoken >= SAID)
        .collect();
    let counted = question.counted.and_then(|at| p.counted_noun(at));
    if let Some(at) = counted {
        // "Accidents" are what there is a number of, whatever else is called after them.
        tally.said[at] = false;
    }
    let of_amounts = often.and_then(|_| amount(p, &has));
    if let (Some(span), None) = (often, &of_amounts) {
        return tally.most_often(p, span, readings);
    }
    let hints = match (&question.superlative, question.measured) {
        (Some(superlative), _) => superlative.property,
        (None, Some((_, words))) => words,
        (None, None) => &[],
    };
    let of = Measured {
        subject: &has,
        object: &|_| false,
        counted,
    };
    let mut gauges = p.measures(&of, hints, &tally.said, &spans[0])?;
    let predicates = p.view.catalog().predicates();
    gauges.retain(|gauge| {
        !gauge.measure.counts()
            && !predicates[gauge.last].tells_a_time()
            && gauge.first.0 == gauge.last
    });
    if gauges.is_empty() && counted.is_none() && asked.is_of_amounts(p) {
        gauges.extend(amount(p, &has));
    }
    if let Some(gauge) = of_amounts.filter(|_| gauges.is_empty()) {
        // "The most cod" is how much there is of it, where that is told.
        gauges.push(gauge);
    }
    gauges.truncate(MOST_MEASURES);
    let noun = noun(p);
    let common = match noun {
        Some(_) if !gauges.is_empty() => statement.common_words(p)?,
        _ => Vec::new(),
    };
    for gauge in &mut gauges {
        if let Some(at) = noun {
            if common.contains(&p.question.tokens[at].stem) {
                gauge.fit.explains[at] = gauge.fit.explains[at].max(SAID);
            }
            let said = used[at] || tally.spoken.words[at].max(gauge.fit.explains[at]) >= COUNTED;
            if !said {
                // Of what the question asks for, nothing is told here.
                continue;
            }
        }
        match &asked {
            Asked::Function(function, span) => {
                let mut words = vec![0.0; used.len()];
                words[span.clone()].fill(1.0);
                readings.push(tally.made(p, gauge, *function, &words));
            }
            Asked::Sum => {
                let counts = counted.is_none_or(|at| gauge.fit.explains[at] >= COUNTED);
                if counts && adds_up(&p.view.catalog().predicates()[gauge.last]) {
                    readings.push(tally.made(p, gauge, Function::Sum, &[]));
                }
            }
            Asked::Extreme => tally.extreme(p, gauge, readings)?,
            Asked::Bound(bound) => tally.bounded(p, gauge, bound, readings)?,
            Asked::Nothing => {}
        }
    }
    Ok(())
}

/// What is made of the values of the nodes that a statement is one of.
struct Tally<'s, 'a> {
    statement: &'s Statement<'a>,
    spoken: Spoken,
    /// Tokens that the statement accounts for.
    said: Vec<bool>,
    ways: &'s [Fact],
}

/// Something that the nodes lead to, of which their values tell.
#[derive(Clone)]
struct Role {
    hop: Hop,
    classes: Vec<String>,
    kind: f64,
    fit: Match,
    explains: Vec<f64>,
}

impl Tally<'_, '_> {
    /// One value of all.
    fn made(&self, p: &Proposer<'_>, gauge: &Gauge, function: Function, words: &[f64]) -> Reading {
        let graph = QueryGraph::Select {
            node: self.statement.node(p.view.catalog()),
            target: Target::Aggregate(function, gauge.measure.clone()),
        };
        self.reading(p, graph, (&gauge.fit, 0.5), words)
    }

    /// What has the most.
    fn extreme(
        &self,
        p: &mut Proposer<'_>,
        gauge: &Gauge,
        readings: &mut Vec<Reading>,
    ) -> Result<(), RetrieverError> {
        let Some(superlative) = p.question.superlative.clone() else {
            return Ok(());
        };
        let last = &p.view.catalog().predicates()[gauge.last];
        let direction = p.end_of(last, superlative.direction_for(false));
        for role in self.roles(p)? {
            let last = &p.view.catalog().predicates()[gauge.last];
            let several = adds_up(last) && self.are_several(p, &role)?;
            let order = |measure| Order {
                measure,
                direction,
                skip: superlative.skip,
                take: superlative.take,
            };
            let record = self.statement.node(p.view.catalog());
            let node = match several {
                true => Node {
                    order: Some(order(role.total(record, gauge))),
                    ..role.things()
                },
                false => {
                    // Of those that lead to such things, and not of all.
                    let mut first = record;
                    if role.things() != Node::default() {
                        first.links.push(role.tie_to_things());
                    }
                    first.order = Some(order(gauge.measure.clone()));
                    role.of(first)
                }
            };
            readings.push(self.of_role(p, node, &role, &gauge.fit));
        }
        Ok(())
    }

    /// What leads to the most of the nodes, or to more than so many.
    fn most_often(
        &self,
        p: &mut Proposer<'_>,
        of: &Range<usize>,
        readings: &mut Vec<Reading>,
    ) -> Result<(), RetrieverError> {
        let question = p.question;
        let mut fit = Match::none(self.said.len());
        fit.score = OFTEN;
        fit.explains[of.clone()].fill(1.0);
        for role in self.roles(p)? {
            let measure = Measure::Number {
                path: vec![Hop::new(&role.hop.predicate, role.hop.way.turned())],
                counted: Box::new(self.statement.node(p.view.catalog())),
            };
            let mut node = role.things();
            if let Some(superlative) = &question.superlative {
                node.order = Some(Order {
                    measure,
                    direction: superlative.direction,
                    skip: superlative.skip,
                    take: superlative.take,
                });
            } else if let Some(bound) = &question.threshold {
                fit.explains[bound.span.clone()].fill(1.0);
                let filters = bound.bounds().map(|end| Filter {
                    measure: measure.clone(),
                    operator: end.operator,
                    with: Comparand::Bound(Bound::Number(end.number)),
                    or_none: false,
                });
                node.filters.extend(filters);
            }
            readings.push(self.of_role(p, node, &role, &fit));
        }
        Ok(())
    }

    /// What has so much.
    fn bounded(
        &self,
        p: &mut Proposer<'_>,
        gauge: &Gauge,
        bound: &Threshold,
        readings: &mut Vec<Reading>,
    ) -> Result<(), RetrieverError> {
        let mut gauge = gauge.clone();
        let catalog = p.view.catalog().clone();
        let predicates = catalog.predicates();
        gauge.account_for(predicates, bound);
        let ends = bound.bounds().map(|end| {
            let with = gauge.bound(predicates, bound, end)?;
            Some((end.operator, with))
        });
        let Some(ends) = ends.collect::<Option<Vec<_>>>() else {
            return Ok(());
        };
        let filters = |measure: &Measure| {
            let filters = ends.iter().map(|(operator, with)| Filter {
                measure: measure.clone(),
                operator: *operator,
                with: Comparand::Bound(with.clone()),
                or_none: false,
            });
            filters.collect::<Vec<_>>()
        };
        for role in self.roles(p)? {
            let mut record = self.statement.node(&catalog);
            let node = if adds_up(&predicates[gauge.last]) && self.are_several(p, &role)? {
                let mut things = role.things();
                things.filters.extend(filters(&role.total(record, &gauge)));
                things
            } else {
                record.filters.extend(filters(&gauge.measure));
                role.of(record)
            };
            readings.push(self.of_role(p, node, &role, &gauge.fit));
        }
        Ok(())
    }

    /// What the nodes lead to and the question may ask for, the likeliest first.
    fn roles(&self, p: &mut Proposer<'_>) -> Result<Vec<Role>, RetrieverError> {
        let spans = self.statement.spans();
        let mut found = Vec::new();
        for &(number, way) in self.ways {
            let catalog = p.view.catalog().clone();
            let predicate = &catalog.predicates()[number];
            if self.statement.says(&catalog, number)
                || (way == Way::Forward && predicate.is_numeric())
            {
                continue;
            }
            let fit = p.matcher.local(number, &self.said, &|_| 0, &|_, _| true)?;
            let reached = p.matcher.kind_words(number, way)?;
            let step = Step {
                predicate: number,
                way,
                facts: 1,
                reached: 0.0,
                against: 0.0,
                ends: Vec::new(),
                fit,
            };
            for kind in kinds(p, &spans[0], &step)? {
                let reached: Vec<f64> = (0..reached.len())
                    .map(|at| p.as_kind(at, reached[at]))
                    .collect();
                let none = vec![false; reached.len()];
                let words = [step.fit.explains.as_slice(), &reached];
                let mut fit = step.fit.clone();
                if kind.score > 0.0 {
                    fit.score = fit.score.max(COUNTED);
                }
                found.push(Role {
                    hop: Hop::new(&predicate.iri, way),
                    explains: accounted(&none, &words, &kind.explains),
                    classes: kind.classes,
                    kind: kind.score,
                    fit,
                });
            }
        }
        found.sort_by(|a, b| (b.fit.score + b.kind).total_cmp(&(a.fit.score + a.kind)));
        found.truncate(MOST_ROLES);
        Ok(found)
    }

    /// Whether several of the nodes lead to one thing, so that its values are all of theirs.
    fn are_several(&self, p: &Proposer<'_>, role: &Role) -> Result<bool, RetrieverError> {
        let record = self.statement.node(p.view.catalog());
        let mut of_role = record.clone();
        of_role.links.push(role.tie_to_things());
        let conventions = p.view.catalog().conventions();
        let count = |node: &Node| {
            let sparql = QueryGraph::sample(node, COMPARED, conventions);
            look_up(p.view, &sparql, p.deadline, COMPARED).map(|table| table.rows.len())
        };
        Ok(count(&of_role)? > count(&role.of(record))?)
    }

    fn of_role(&self, p: &Proposer<'_>, node: Node, role: &Role, measured: &Match) -> Reading {
        let target = match p.question.form {
            Form::Count => Target::Count,
            _ => Target::Every,
        };
        let mut fit = measured.clone();
        fit.score = 0.5 * (fit.score + role.fit.score);
        let graph = QueryGraph::Select { node, target };
        self.reading(p, graph, (&fit, role.kind), &role.explains)
    }

    fn reading(
        &self,
        p: &Proposer<'_>,
        graph: QueryGraph,
        (fit, kind): (&Match, f64),
        words: &[f64],
    ) -> Reading {
        let spans = self.statement.spans();
        let used = p.used(&spans.iter().collect::<Vec<_>>());
        let explains = accounted(&used, &[&self.spoken.words, &fit.explains], words);
        Reading {
            graph,
            entities: self.statement.entities(),
            features: Features {
                link: self.statement.fit(),
                prior: self.statement.prior(),
                predicate: self.spoken.fit(fit.score),
                coverage: p.coverage(&used, &[&explains]),
                kind,
                missed: 0.0,
            },
            explains,
            absent: false,
        }
    }
}

impl Role {
    /// The things, whatever leads to them.
    fn things(&self) -> Node {
        Node {
            classes: self.classes.clone(),
            ..Node::default()
        }
    }

    /// What ties the nodes to them.
    fn tie_to_things(&self) -> Link {
        Link {
            from: Source::Node(Box::new(self.things())),
            path: vec![Hop::new(&self.hop.predicate, self.hop.way.turned())],
            negated: false,
        }
    }

    /// Those that some nodes lead to.
    fn of(&self, record: Node) -> Node {
        let mut things = self.things();
        things.links.insert(
            0,
            Link {
                from: Source::Node(Box::new(record)),
                path: vec![self.hop.clone()],
                negated: false,
            },
        );
        things
    }

    /// The sum of the values of all nodes that lead to it.
    fn total(&self, record: Node, gauge: &Gauge) -> Measure {
        Measure::Combined {
            function: Function::Sum,
            path: vec![Hop::new(&self.hop.predicate, self.hop.way.turned())],
            of: Box::new(record),
            value: gauge.measure.path().to_vec(),
        }
    }
}
