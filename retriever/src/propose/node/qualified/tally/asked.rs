//! What a question asks of the values of nodes, and which of these are amounts.

use std::ops::Range;

use super::super::super::refine::SHARES;
use super::super::Fact;
use super::super::statement::{Statement, is_time};
use super::COUNTED;
use crate::catalog::Predicate;
use crate::graph::{Function, Measure, Way};
use crate::propose::Proposer;
use crate::propose::measure::Gauge;
use crate::question::{Combining, Form, Threshold};
use crate::rank::{Match, is_quantity};
use crate::text::Token;
use crate::thesaurus::Word;

/// The name of what there is most of, or more of than so many, where it is one that the nodes are tied to: "the most | golds".
pub(super) fn asks_how_often<'a>(
    p: &Proposer<'_>,
    statement: &Statement<'a>,
) -> Option<&'a Range<usize>> {
    let question = p.question;
    let bound = question
        .threshold
        .as_ref()
        .filter(|bound| !is_time(bound) && !bound.weak);
    let from = match (&question.superlative, bound) {
        (Some(superlative), None) if !superlative.weak => superlative.word?,
        (None, Some(bound)) => bound.span.end,
        _ => return None,
    };
    let mut spans = statement.ties.iter().map(|tie| tie.span);
    spans.find(|span| span.contains(&from))
}

/// What the question asks of values.
pub(super) enum Asked {
    Function(Function, Range<usize>),
    /// How much, or how many, in all.
    Sum,
    /// What has the most or the least.
    Extreme,
    /// What has more or less than so much.
    Bound(Threshold),
    Nothing,
}

impl Asked {
    /// Whether it is said of how much there is of something, and not of a property that is named.
    pub(super) fn is_of_amounts(&self, p: &Proposer<'_>) -> bool {
        match self {
            Self::Sum => true,
            Self::Extreme => {
                let superlative = p.question.superlative.as_ref();
                superlative.is_some_and(|superlative| superlative.word.is_some())
            }
            Self::Function(..) | Self::Bound(_) | Self::Nothing => false,
        }
    }

    pub(super) fn of(p: &Proposer<'_>) -> Self {
        let question = p.question;
        let bounds = question.threshold.iter().chain(&question.further);
        let mut bounds = bounds.filter(|bound| !is_time(bound) && !bound.weak && !bound.ordinal);
        let bound = bounds.next();
        match (&question.combining, &question.superlative, bound) {
            (Some((Combining::Function(function), span)), None, None) => {
                Self::Function(*function, span.clone())
            }
            (None, Some(superlative), None) if !superlative.weak => Self::Extreme,
            (None, None, Some(bound)) => Self::Bound(bound.clone()),
            (None, None, None) if question.form == Form::Count || question.much().is_some() => {
                Self::Sum
            }
            _ => Self::Nothing,
        }
    }
}

/// The number that most is told of some nodes by: how much there is of what the question has a word for.
pub(super) fn amount(p: &Proposer<'_>, ways: &[Fact]) -> Option<Gauge> {
    let predicates = p.view.catalog().predicates();
    let numbers = ways.iter().filter_map(|&(number, way)| {
        let predicate = &predicates[number];
        let amount = way == Way::Forward && predicate.is_numeric() && is_amount(predicate);
        amount.then_some(number)
    });
    // Of as many, the first one in the catalogue's order.
    let number = numbers.max_by_key(|number| (predicates[*number].facts, usize::MAX - number))?;
    let mut fit = Match::none(p.question.tokens.len());
    fit.score = COUNTED;
    Some(Gauge {
        measure: Measure::value(&predicates[number].iri),
        first: (number, Way::Forward),
        last: number,
        fit,
        of_another: false,
    })
}

/// Words for what is told of each thing, so that several together are nothing: two prices are no price.
const RATES: [&str; 13] = [
    "per", "rate", "price", "cost", "tariff", "fee", "fare", "rent", "salary", "wage", "average",
    "mean", "median",
];

/// Whether a predicate tells, as it is called, how much or how many there are of something.
fn is_amount(predicate: &Predicate) -> bool {
    let (direct, _) = predicate.names_by_side();
    let mut words = direct.iter().flat_map(|name| &name.tokens[..name.head]);
    words.any(|word| is_quantity(&word.text)) && adds_up(predicate)
}

/// Whether the numbers that a predicate tells are such that several are as much together as each of them adds: no ages, and no
/// rates.
pub(super) fn adds_up(predicate: &Predicate) -> bool {
    let (direct, _) = predicate.names_by_side();
    let mut words = direct.iter().flat_map(|name| &name.tokens);
    let of_each = |word: &Token| {
        let word = word.text.as_str();
        RATES.contains(&word) || SHARES.contains(&word)
    };
    if predicate.tells_a_time() || words.any(of_each) {
        return false;
    }
    let mut heads = direct.iter().flat_map(|name| &name.tokens[..name.head]);
    heads.any(|word| {
        let known = Word::of(&word.text);
        is_quantity(&word.text) || known.denotes("possession") || known.denotes("group")
    })
}

/// The noun for what there is much of: "how much | aid", "the most | aid".
pub(super) fn noun(p: &Proposer<'_>) -> Option<usize> {
    let superlative = p.question.superlative.as_ref();
    let noun = superlative.and_then(|superlative| superlative.word);
    noun.or(p.question.much())
        .filter(|at| *at < p.question.tokens.len() && p.question.is_content(*at))
}
