//! What the values of nameless nodes come to: "how much aid did Ghana get in 2012", "which region had the highest rate of
//! unemployment in 2013", "the mean score of the runs on that data".

mod asked;

use std::ops::Range;

use asked::{Asked, adds_up, amount, asks_how_often, noun};

use super::super::counted::by_number;
use super::super::kinds::kinds;
use super::super::{Step, accounted};
use super::Fact;
use super::statement::{Spoken, Statement};
use crate::RetrieverError;
use crate::execute::look_up;
use crate::graph::{
    Comparand, Filter, Function, Hop, Link, Measure, Node, Order, QueryGraph, Source, Target, Way,
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

/// Whether the question asks what has the most, or so much.
pub(super) fn compares(p: &Proposer<'_>) -> bool {
    matches!(Asked::of(p), Asked::Extreme | Asked::Bound(_))
}

/// Adds what the values of the nodes that a statement is one of come to.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    (statement, ways): (&Statement<'_>, &[Fact]),
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let question = p.question;
    let asked = Asked::of(p);
    let often = asks_how_often(p, statement);
    let too_little = statement.conditions() < 2 && matches!(asked, Asked::Sum);
    if often.is_none() && (too_little || matches!(asked, Asked::Nothing)) {
        return Ok(());
    }
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
    let amount = amount(p, ways);
    if let (Some(span), None) = (often, &amount) {
        let roles = tally.roles(p)?;
        tally.most_often(p, span, &roles, readings);
        return Ok(());
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
    let mut gauges = p.measures(&of, hints, &tally.said, &statement.hidden())?;
    let catalog = p.view.catalog();
    let predicates = catalog.predicates();
    gauges.retain(|gauge| {
        !gauge.measure.counts()
            && !predicates[gauge.last].tells_a_time()
            && gauge.first.0 == gauge.last
    });
    // "The most cod" is how much there is of it, where that is told.
    let of_amounts = often.is_some() || (counted.is_none() && asked.is_of_amounts(p));
    if gauges.is_empty() && of_amounts {
        gauges.extend(amount);
    }
    gauges.truncate(MOST_MEASURES);
    let noun = noun(p);
    gauges.retain(|gauge| {
        // Of what the question asks for, something must be told here.
        noun.is_none_or(|at| {
            used[at] || tally.spoken.words[at].max(gauge.fit.explains[at]) >= COUNTED
        })
    });
    let of_things = matches!(asked, Asked::Extreme | Asked::Bound(_)) && !gauges.is_empty();
    let mut roles = if of_things {
        tally.roles(p)?
    } else {
        Vec::new()
    };
    let adds_up = |gauge: &Gauge| adds_up(&predicates[gauge.last]);
    if gauges.iter().any(adds_up) {
        for role in &mut roles {
            role.several = tally.are_several(p, role)?;
        }
    }
    for gauge in &gauges {
        match &asked {
            Asked::Function(function, span) => {
                let mut words = vec![0.0; used.len()];
                words[span.clone()].fill(1.0);
                readings.push(tally.made(p, gauge, *function, &words));
            }
            Asked::Sum => {
                let counts = counted.is_none_or(|at| gauge.fit.explains[at] >= COUNTED);
                if counts && adds_up(gauge) {
                    readings.push(tally.made(p, gauge, Function::Sum, &[]));
                }
            }
            Asked::Extreme => tally.extreme(p, (gauge, adds_up(gauge)), &roles, readings),
            Asked::Bound(bound) => {
                tally.bounded(p, (gauge, adds_up(gauge)), bound, (&roles, readings));
            }
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
struct Role {
    /// Whether several of the nodes lead to one thing, so that its values are all of theirs.
    several: bool,
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
        p: &Proposer<'_>,
        (gauge, adds_up): (&Gauge, bool),
        roles: &[Role],
        readings: &mut Vec<Reading>,
    ) {
        let Some(superlative) = &p.question.superlative else {
            return;
        };
        let last = &p.view.catalog().predicates()[gauge.last];
        let order = |measure| Order {
            measure,
            direction: p.end_of(last, superlative.direction_for(false)),
            skip: superlative.skip,
            take: superlative.take,
        };
        for role in roles {
            let mut record = self.statement.node(p.view.catalog());
            let node = if adds_up && role.several {
                Node {
                    order: Some(order(role.total(record, gauge))),
                    ..role.things()
                }
            } else {
                // Of those that lead to such things, and not of all.
                if role.things() != Node::default() {
                    record.links.push(role.tie_to_things());
                }
                record.order = Some(order(gauge.measure.clone()));
                role.of(record)
            };
            readings.push(self.of_role(p, node, role, &gauge.fit));
        }
    }

    /// What leads to the most of the nodes, or to more than so many.
    fn most_often(
        &self,
        p: &Proposer<'_>,
        of: &Range<usize>,
        roles: &[Role],
        readings: &mut Vec<Reading>,
    ) {
        let mut fit = Match::none(self.said.len());
        fit.score = OFTEN;
        fit.explains[of.clone()].fill(1.0);
        for role in roles {
            let measure = Measure::Number {
                path: vec![Hop::new(&role.hop.predicate, role.hop.way.turned())],
                counted: Box::new(self.statement.node(p.view.catalog())),
            };
            let mut node = role.things();
            if by_number(p, measure, &mut node, &mut fit.explains).is_some() {
                readings.push(self.of_role(p, node, role, &fit));
            }
        }
    }

    /// What has so much.
    fn bounded(
        &self,
        p: &Proposer<'_>,
        (gauge, adds_up): (&Gauge, bool),
        bound: &Threshold,
        (roles, readings): (&[Role], &mut Vec<Reading>),
    ) {
        let mut gauge = gauge.clone();
        let predicates = p.view.catalog().predicates();
        gauge.account_for(predicates, bound);
        for role in roles {
            let mut record = self.statement.node(p.view.catalog());
            let measure = match adds_up && role.several {
                true => role.total(record.clone(), &gauge),
                false => gauge.measure.clone(),
            };
            let filters = bound.bounds().map(|end| {
                Some(Filter {
                    measure: measure.clone(),
                    operator: end.operator,
                    with: Comparand::Bound(gauge.bound(predicates, bound, end)?),
                    or_none: false,
                })
            });
            let Some(filters) = filters.collect::<Option<Vec<_>>>() else {
                return;
            };
            let node = if adds_up && role.several {
                Node {
                    filters,
                    ..role.things()
                }
            } else {
                record.filters.extend(filters);
                role.of(record)
            };
            readings.push(self.of_role(p, node, role, &gauge.fit));
        }
    }

    /// What the nodes lead to and the question may ask for, the likeliest first.
    fn roles(&self, p: &mut Proposer<'_>) -> Result<Vec<Role>, RetrieverError> {
        let hidden = self.statement.hidden();
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
            for kind in kinds(p, &hidden, &step)? {
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
                    several: false,
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
        Node {
            links: vec![Link {
                from: Source::Node(Box::new(record)),
                path: vec![self.hop.clone()],
                negated: false,
            }],
            ..self.things()
        }
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
