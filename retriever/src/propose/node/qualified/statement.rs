//! A nameless node with what the question says of it.

use std::collections::HashSet;
use std::ops::Range;

use kg_store::rdf::{NamedNode, Term};

use super::super::description::Description;
use super::Fact;
use crate::RetrieverError;
use crate::catalog::Catalog;
use crate::execute::{holds, look_up};
use crate::graph::{Comparand, Filter, Hop, Link, Measure, Node, QueryGraph, Source, Way};
use crate::link::Candidate;
use crate::propose::Proposer;
use crate::propose::conditions::Bearers;
use crate::propose::times::tells_the_end;
use crate::question::{Operator, Threshold};
use crate::rank::{Features, Match};
use crate::text;

/// How well such a node ties what it joins, whose facts need not be named.
pub(super) const TIE: f64 = 0.6;
/// A class word, or the name of a value, this fitting says of what kind the node is.
const SURE: f64 = 0.9;
/// Nodes of one kind that are compared, and facts of each.
const COMPARED: usize = 8;
const MOST_FACTS: usize = 40;
/// What else the question describes that is tried, the likeliest first.
const MOST_DESCRIBED: usize = 4;
/// A class that this share of the nodes belong to is that of all of them.
const ALL: f64 = 0.99;

/// An entity with its span, and the fact that ties it to a nameless node.
#[derive(Clone)]
pub(in crate::propose::node) struct Tie<'a> {
    pub(in crate::propose::node) span: &'a Range<usize>,
    pub(in crate::propose::node) candidate: &'a Candidate,
    pub(in crate::propose::node) fact: Fact,
}

impl Tie<'_> {
    pub(super) fn is(&self, candidate: &Candidate, fact: Fact) -> bool {
        self.candidate.entity.iri == candidate.entity.iri && self.fact == fact
    }

    /// As a link of what it ties the entity to.
    pub(in crate::propose::node) fn link(&self, catalog: &Catalog) -> Link {
        let (number, way) = self.fact;
        let predicate = &catalog.predicates()[number].iri;
        Link::edge(&self.candidate.entity.iri, predicate, way)
    }
}

/// What the question says of a node.
pub(super) struct Spoken {
    /// How far it accounts for each token.
    pub(super) words: Vec<f64>,
    /// How well the words fit the predicate of which it is a statement.
    pub(super) told: f64,
    /// How well they fit what ties each of the other things that it leads to.
    extra: Vec<f64>,
}

impl Spoken {
    /// How well the predicates fit where what is asked of the node fits so: the ties need not be named.
    pub(super) fn fit(&self, asked: f64) -> f64 {
        let tied = 0.5 * (asked + TIE.max(asked).max(self.told));
        // What is asked of the node weighs as much as two of them.
        let extra: f64 = self.extra.iter().sum();
        (2.0 * tied + extra) / (2.0 + self.extra.len() as f64)
    }
}

/// Something else that the question describes, which a nameless node leads to: "motorways in | the state whose capital is
/// Linz".
#[derive(Clone)]
pub(super) struct Extra {
    /// The predicate by which the node leads to it, where nothing says that such things are asked for.
    fact: Option<usize>,
    span: Range<usize>,
    /// Such things, and the fact that ties them to the node.
    link: Link,
    entities: Vec<String>,
    features: Features,
}

/// A nameless node that some mentions are tied to.
#[derive(Clone)]
pub(in crate::propose::node) struct Statement<'a> {
    /// What ties it to them.
    pub(in crate::propose::node) ties: Vec<Tie<'a>>,
    /// One such node.
    pub(in crate::propose::node) node: Term,
    /// The predicate of the fact that it is a statement of, if it is one.
    pub(super) of: Option<String>,
    /// The classes that the question says it is of, where some like it are not.
    pub(super) classes: Vec<String>,
    /// Times and values that the question names.
    pub(super) filters: Vec<Filter>,
    /// How far these account for each token.
    pub(super) words: Vec<f64>,
    /// Whether a bound of the question is among them.
    pub(super) timed: bool,
    /// What else it leads to.
    pub(super) extra: Vec<Extra>,
}

impl<'a> Statement<'a> {
    pub(super) fn new(
        (span, candidate, fact): (&'a Range<usize>, &'a Candidate, Fact),
        node: Term,
    ) -> Self {
        let tie = Tie {
            span,
            candidate,
            fact,
        };
        Self {
            ties: vec![tie],
            node,
            of: None,
            classes: Vec::new(),
            filters: Vec::new(),
            words: Vec::new(),
            timed: false,
            extra: Vec::new(),
        }
    }

    /// The same with one tie more.
    pub(super) fn with(&self, tie: &Tie<'a>) -> Self {
        let mut more = self.clone();
        more.ties.push(tie.clone());
        more
    }

    /// Whether it has the very ties of another one.
    pub(super) fn has_ties_of(&self, other: &Self) -> bool {
        let mut pairs = self.ties.iter().zip(&other.ties);
        self.ties.len() == other.ties.len()
            && pairs.all(|(one, other)| one.is(other.candidate, other.fact))
    }

    /// How well the mentions fit the names of what they are tied to.
    pub(super) fn fit(&self) -> f64 {
        let ties = self.ties.iter().map(|tie| tie.candidate.fit);
        mean(ties.chain(self.extra.iter().map(|extra| extra.features.link)))
    }

    pub(super) fn prior(&self) -> f64 {
        let ties = self.ties.iter().map(|tie| tie.candidate.prior);
        mean(ties.chain(self.extra.iter().map(|extra| extra.features.prior)))
    }

    pub(super) fn spans(&self) -> Vec<Range<usize>> {
        let ties = self.ties.iter().map(|tie| tie.span);
        let all = ties.chain(self.extra.iter().map(|extra| &extra.span));
        all.cloned().collect()
    }

    pub(super) fn entities(&self) -> Vec<String> {
        let ties = self.ties.iter().map(|tie| &tie.candidate.entity.iri);
        let all = ties.chain(self.extra.iter().flat_map(|extra| &extra.entities));
        all.cloned().collect()
    }

    /// By how many facts and values it is known.
    pub(super) fn conditions(&self) -> usize {
        self.ties.len() + self.filters.len() + self.extra.len()
    }

    /// What tells it from statements of other facts.
    pub(in crate::propose::node) fn predicate_link(&self, catalog: &Catalog) -> Option<Link> {
        let by = catalog.reified()?;
        let of = self.of.as_deref()?;
        Some(Link::edge(of, &by.predicate, Way::Inverse))
    }

    /// All that it is known by.
    pub(super) fn node(&self, catalog: &Catalog) -> Node {
        let ties = self.ties.iter().map(|tie| tie.link(catalog));
        Node {
            classes: self.classes.clone(),
            links: ties
                .chain(self.predicate_link(catalog))
                .chain(self.extra.iter().map(|extra| extra.link.clone()))
                .collect(),
            filters: self.filters.clone(),
            ..Node::default()
        }
    }

    /// Whether a predicate is one by which it is known, for which nobody asks then.
    pub(super) fn says(&self, catalog: &Catalog, number: usize) -> bool {
        let iri = &catalog.predicates()[number].iri;
        let of = |filter: &Filter| matches!(filter.measure.path(), [hop] if hop.predicate == *iri);
        self.ties.iter().any(|tie| tie.fact.0 == number)
            || self.filters.iter().any(of)
            || self.extra.iter().any(|extra| extra.fact == Some(number))
    }

    /// How far class words say what it is: "certified" of what is a certification.
    pub(in crate::propose::node) fn kind_words(&self, p: &Proposer<'_>) -> Vec<f64> {
        let catalog = p.view.catalog();
        p.class_words(|mention| self.share(catalog, mention.class) > 0.0)
    }

    /// What share of what is tied so is of a class, at the least.
    fn share(&self, catalog: &Catalog, class: usize) -> f64 {
        let of_each = self.ties.iter().map(|tie| {
            let (number, way) = tie.fact;
            let predicate = &catalog.predicates()[number];
            let share = catalog.share(predicate.classes_at(way), predicate.facts, class);
            share.unwrap_or(0.0)
        });
        of_each.fold(1.0, f64::min)
    }

    /// How far the words of its ties, and what else is said of it, account for the question.
    pub(super) fn spoken(&self, p: &mut Proposer<'_>) -> Result<Spoken, RetrieverError> {
        let spans = self.spans();
        let used = p.used(&spans.iter().collect::<Vec<_>>());
        let mut spoken = self.kind_words(p);
        let mut note = |words: &[f64]| {
            for (spoken, word) in spoken.iter_mut().zip(words) {
                *spoken = spoken.max(*word);
            }
        };
        note(&self.words);
        for tie in &self.ties {
            let words: Match = p.matcher.local(tie.fact.0, &used, &|_| 0, &|_, _| true)?;
            if words.score >= TIE {
                note(&words.explains);
            }
        }
        let mut told = 0.0;
        let own = self
            .of
            .as_deref()
            .and_then(|of| p.view.catalog().predicate(of));
        if let Some(own) = own {
            let words = p.matcher.local(own, &used, &|_| 0, &|_, _| true)?;
            told = words.score;
            if words.score >= TIE {
                note(&words.explains);
            }
        }
        // Where no word says what the things are, the fact that ties them must be named.
        let extra = self.extra.iter().map(|extra| {
            let least = if extra.fact.is_none() { TIE } else { 0.0 };
            extra.features.predicate.max(least)
        });
        Ok(Spoken {
            words: spoken,
            told,
            extra: extra.collect(),
        })
    }

    /// Stems of the names of what all nodes like it lead to: what a table is about.
    pub(super) fn common_words(&self, p: &Proposer<'_>) -> Result<Vec<String>, RetrieverError> {
        let catalog = p.view.catalog();
        let sparql = QueryGraph::sample(&self.node(catalog), COMPARED, catalog.conventions());
        let mut common: Option<HashSet<NamedNode>> = None;
        for row in look_up(p.view, &sparql, p.deadline, COMPARED)?.rows {
            let Some(Some(Term::NamedNode(node))) = row.into_iter().next() else {
                return Ok(Vec::new());
            };
            let mut own = HashSet::new();
            let facts = p
                .view
                .snapshot()
                .quads(Some(node.as_ref().into()), None, None, None);
            for fact in facts.take(MOST_FACTS) {
                if let Term::NamedNode(object) = fact?.object {
                    own.insert(object);
                }
            }
            common = Some(match common {
                Some(common) => common.intersection(&own).cloned().collect(),
                None => own,
            });
        }
        let mut words = Vec::new();
        for node in common.into_iter().flatten() {
            let label = p.view.snapshot().label(node.as_ref(), &["en"])?;
            words.extend(text::tokens(&label).into_iter().map(|word| word.stem));
        }
        Ok(words)
    }

    /// The same where it also leads to what else the question describes, if it does.
    pub(super) fn with_extra(
        &self,
        p: &mut Proposer<'_>,
        described: &[&Description],
        singles: &[Self],
    ) -> Result<Option<Self>, RetrieverError> {
        let catalog = p.view.catalog().clone();
        let ways = p.ways_of(&self.node)?;
        let others = described.iter().filter(|one| !self.uses(&one.spans[0]));
        for one in others.take(MOST_DESCRIBED) {
            let direct = singles
                .iter()
                .filter(|other| *other.ties[0].span == one.spans[0]);
            let mut tied = false;
            for other in direct.filter(|_| one.kind.class.is_none()) {
                let more = self.with(&other.ties[0]);
                tied = tied || holds(p.view, more.node(&catalog), p.deadline)?;
            }
            if tied {
                // It is tied to what the question names itself.
                continue;
            }
            let classes = classes_of(&catalog, one);
            for &(number, way) in &ways {
                let predicate = &catalog.predicates()[number];
                let spread = predicate.classes_at(way);
                let may_be = classes.iter().any(|class| spread.contains_key(class));
                if !may_be || self.says(&catalog, number) {
                    continue;
                }
                p.in_time()?;
                let mut found = self.clone();
                found.extra.push(Extra {
                    fact: Some(number).filter(|_| one.kind.class.is_none()),
                    span: one.spans[0].clone(),
                    link: Link {
                        from: Source::Node(Box::new(one.node())),
                        path: vec![Hop::new(&predicate.iri, way.turned())],
                        negated: false,
                    },
                    entities: one.entities.clone(),
                    features: one.features,
                });
                for (at, explained) in one.explains.iter().enumerate() {
                    // The noun for what is asked says that such things are asked for, or nothing of them.
                    if p.question.asked != Some(at) || one.kind.class.is_some() {
                        found.words[at] = found.words[at].max(*explained);
                    }
                }
                if holds(p.view, found.node(&catalog), p.deadline)? {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    /// The same with what else the question says of it, as far as there is such a node: of what class it is, what values it
    /// has, and when it was.
    pub(super) fn narrowed(&self, p: &mut Proposer<'_>) -> Result<Self, RetrieverError> {
        let mut found = self.clone();
        found.words = vec![0.0; p.question.tokens.len()];
        let has: Vec<usize> = p
            .ways_of(&self.node)?
            .into_iter()
            .filter(|(_, way)| *way == Way::Forward)
            .map(|(number, _)| number)
            .collect();
        for next in [found.of_a_class(p), found.of_values(p, &has)] {
            for narrower in next {
                if holds(p.view, narrower.node(p.view.catalog()), p.deadline)? {
                    found = found.joined_with(narrower);
                }
            }
        }
        if let Some(narrower) = found.at_a_time(p, &has)? {
            found = narrower;
        }
        Ok(found)
    }

    fn joined_with(mut self, other: Self) -> Self {
        self.classes = other.classes;
        for filter in other.filters {
            if !self.filters.contains(&filter) {
                self.filters.push(filter);
            }
        }
        for (own, more) in self.words.iter_mut().zip(&other.words) {
            *own = own.max(*more);
        }
        self
    }

    /// Whether a span is that of one of the mentions.
    fn uses(&self, span: &Range<usize>) -> bool {
        let overlaps = |own: &Range<usize>| own.start < span.end && span.start < own.end;
        self.spans().iter().any(overlaps)
    }

    /// Of the class that the question names, where only some of the nodes are.
    fn of_a_class(&self, p: &Proposer<'_>) -> Vec<Self> {
        let catalog = p.view.catalog();
        let mut named = p.classes.iter().filter(|mention| {
            let share = self.share(catalog, mention.class);
            mention.fit >= SURE && share > 0.0 && share < ALL && !self.uses(&mention.span)
        });
        let narrower = named.next().map(|mention| {
            let mut words = self.words.clone();
            words[mention.span.clone()].fill(mention.fit);
            Self {
                classes: catalog.iris_under(mention.class),
                words,
                ..self.clone()
            }
        });
        narrower.into_iter().collect()
    }

    /// With the values that the question names.
    fn of_values(&self, p: &Proposer<'_>, has: &[usize]) -> Vec<Self> {
        let catalog = p.view.catalog();
        let named = p.values.iter().filter(|value| {
            value.fit >= SURE && has.contains(&value.predicate) && !self.uses(&value.span)
        });
        named
            .map(|value| {
                let mut narrower = self.clone();
                narrower.words[value.span.clone()].fill(value.fit);
                narrower.filters.push(Filter {
                    measure: Measure::value(&catalog.predicates()[value.predicate].iri),
                    operator: Operator::Equal,
                    with: Comparand::Bound(value.value.clone()),
                    or_none: false,
                });
                narrower
            })
            .collect()
    }

    /// At the time that the question names.
    fn at_a_time(
        &self,
        p: &mut Proposer<'_>,
        has: &[usize],
    ) -> Result<Option<Self>, RetrieverError> {
        let question = p.question;
        let predicates = p.view.catalog().predicates();
        if has.iter().any(|number| tells_the_end(&predicates[*number])) {
            // What begins and ends holds at a time between the two.
            return Ok(None);
        }
        let bounds = question.threshold.iter().chain(&question.further);
        let bounds = bounds.chain(&question.named_times);
        let Some(bound) = bounds.into_iter().find(|bound| is_time(bound)) else {
            return Ok(None);
        };
        let spans = self.spans();
        let used = p.used(&spans.iter().collect::<Vec<_>>());
        if bound.span.clone().all(|at| used[at]) {
            return Ok(None);
        }
        let has = |number: usize| has.contains(&number);
        let bearers = Bearers {
            class: None,
            subject: &has,
            object: &|_| false,
            used: &used,
            hidden: &spans[0],
        };
        for (fit, filters) in p.bounded(&bearers, bound)? {
            let mut narrower = self.clone();
            narrower.filters.extend(filters);
            narrower.timed = true;
            for (word, explained) in narrower.words.iter_mut().zip(&fit.explains) {
                *word = word.max(*explained);
            }
            if holds(p.view, narrower.node(p.view.catalog()), p.deadline)? {
                return Ok(Some(narrower));
            }
        }
        Ok(None)
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

/// The classes that described things may be of.
fn classes_of(catalog: &Catalog, one: &Description) -> Vec<usize> {
    if let Some(class) = one.kind.class {
        return vec![class];
    }
    let hops = one.links.iter().filter_map(|link| link.path.last());
    let known = hops.filter_map(|hop| {
        let number = catalog.predicate(&hop.predicate)?;
        Some(catalog.predicates()[number].classes_at(hop.way).keys())
    });
    known.flatten().copied().collect()
}

/// Whether a bound is one of time.
pub(super) fn is_time(bound: &Threshold) -> bool {
    bound.year || bound.time || bound.is_of_years()
}
