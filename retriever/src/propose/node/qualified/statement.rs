//! A nameless node with what the question says of it.

use std::ops::Range;

use kg_store::rdf::Term;

use super::super::description::Description;
use super::Fact;
use crate::RetrieverError;
use crate::catalog::Catalog;
use crate::execute::holds;
use crate::graph::{Comparand, Filter, Hop, Link, Measure, Node, Source, Way};
use crate::link::Candidate;
use crate::propose::Proposer;
use crate::propose::conditions::Bearers;
use crate::propose::times::tells_the_end;
use crate::propose::values::ValueMention;
use crate::question::{Operator, Threshold};
use crate::rank::{Features, Match};

/// How well such a node ties what it joins, whose facts need not be named.
pub(super) const TIE: f64 = 0.6;
/// What stands for how well mentions are linked where there are none.
const UNTIED: f64 = 0.9;
/// A class word, or the name of a value, this fitting says of what kind the node is.
const SURE: f64 = 0.9;
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
            ..Self::untied(node, Vec::new())
        }
    }

    /// One that nothing is tied to but the number that the question asks for, of some classes.
    pub(super) fn untied(node: Term, classes: Vec<String>) -> Self {
        Self {
            ties: Vec::new(),
            node,
            of: None,
            classes,
            filters: Vec::new(),
            words: Vec::new(),
            timed: false,
            extra: Vec::new(),
        }
    }

    /// What is taken out of the question before meanings are compared: its chief mention, if it has any.
    pub(super) fn hidden(&self) -> Range<usize> {
        self.ties.first().map_or(0..0, |tie| tie.span.clone())
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
        if self.ties.is_empty() {
            return 0.0;
        }
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

    /// The same where it also leads to what else the question describes, if it does.
    pub(super) fn with_extra(
        &self,
        p: &mut Proposer<'_>,
        ways: &[Fact],
        (described, singles): (&[Description], &[Self]),
    ) -> Result<Option<Self>, RetrieverError> {
        let catalog = p.view.catalog().clone();
        let others = described.iter().filter(|one| !self.uses(&one.spans[0]));
        for one in others.take(MOST_DESCRIBED) {
            if one.kind.class.is_none() && self.may_be_tied(p, &one.spans[0], singles)? {
                // To what the question names itself, rather than to something else by way of it.
                continue;
            }
            let classes = classes_of(&catalog, one);
            for &(number, way) in ways {
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
                if found.holds(p)? {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    /// Whether there is such a node that is tied to a mention as well.
    fn may_be_tied(
        &self,
        p: &Proposer<'_>,
        span: &Range<usize>,
        singles: &[Self],
    ) -> Result<bool, RetrieverError> {
        for other in singles.iter().filter(|one| one.ties[0].span == span) {
            if self.with(&other.ties[0]).holds(p)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The same with what else the question says of it, as far as there is such a node: of what class it is, what values it
    /// has, and when it was.
    pub(super) fn narrowed(
        &self,
        p: &mut Proposer<'_>,
        ways: &[Fact],
    ) -> Result<Self, RetrieverError> {
        let mut found = self.clone();
        found.words = vec![0.0; p.question.tokens.len()];
        let forward = ways.iter().filter(|(_, way)| *way == Way::Forward);
        let has: Vec<usize> = forward.map(|(number, _)| *number).collect();
        if let Some(narrower) = found.of_a_class(p)
            && narrower.holds(p)?
        {
            found = narrower;
        }
        for value in &p.values {
            if value.fit < SURE || !has.contains(&value.predicate) || found.uses(&value.span) {
                continue;
            }
            let narrower = found.of_a_value(p, value);
            if narrower.holds(p)? {
                found = narrower;
            }
        }
        Ok(found.at_a_time(p, &has)?.unwrap_or(found))
    }

    /// Whether there is such a node.
    fn holds(&self, p: &Proposer<'_>) -> Result<bool, RetrieverError> {
        holds(p.view, self.node(p.view.catalog()), p.deadline)
    }

    /// Whether a span is that of one of the mentions.
    fn uses(&self, span: &Range<usize>) -> bool {
        let overlaps = |own: &Range<usize>| own.start < span.end && span.start < own.end;
        self.spans().iter().any(overlaps)
    }

    /// Of the class that the question names, where only some of the nodes are.
    fn of_a_class(&self, p: &Proposer<'_>) -> Option<Self> {
        let catalog = p.view.catalog();
        let mention = p.classes.iter().find(|mention| {
            let share = self.share(catalog, mention.class);
            mention.fit >= SURE && share > 0.0 && share < ALL && !self.uses(&mention.span)
        })?;
        let mut narrower = self.clone();
        narrower.classes = catalog.iris_under(mention.class);
        narrower.words[mention.span.clone()].fill(mention.fit);
        Some(narrower)
    }

    /// With a value that the question names.
    fn of_a_value(&self, p: &Proposer<'_>, value: &ValueMention) -> Self {
        let mut narrower = self.clone();
        narrower.words[value.span.clone()].fill(value.fit);
        narrower.filters.push(Filter {
            measure: Measure::value(&p.view.catalog().predicates()[value.predicate].iri),
            operator: Operator::Equal,
            with: Comparand::Bound(value.value.clone()),
            or_none: false,
        });
        narrower
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
            hidden: &self.hidden(),
        };
        for (fit, filters) in p.bounded(&bearers, bound)? {
            let mut narrower = self.clone();
            narrower.filters.extend(filters);
            narrower.timed = true;
            for (word, explained) in narrower.words.iter_mut().zip(&fit.explains) {
                *word = word.max(*explained);
            }
            if narrower.holds(p)? {
                return Ok(Some(narrower));
            }
        }
        Ok(None)
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    if values.is_empty() {
        return UNTIED;
    }
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
