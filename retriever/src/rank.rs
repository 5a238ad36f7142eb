//! How well a reading fits its question. A few documented weights combine what was found; none of them
//! knows a domain, a predicate or a data set.

mod matcher;
mod without;

use crate::Conventions;
use serde::Serialize;

pub use matcher::{Match, Matcher, Nouns};
pub(crate) use matcher::{RELATIONAL, implied, is_quantity, leads_to, tells_a_reason};
pub use without::{Signal, Without};

use crate::graph::QueryGraph;

// What makes up a score, in all 1.
const LINK: f64 = 0.28;
const PRIOR: f64 = 0.06;
const PREDICATE: f64 = 0.38;
const COVERAGE: f64 = 0.28;

/// What speaks for a reading, each from 0 to 1 except `kind`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Features {
    /// How well the mentions fit the names of their entities.
    pub link: f64,
    /// How prominent the entities are beside others of the same names.
    pub prior: f64,
    /// How well the question's words fit the names of the predicates.
    pub predicate: f64,
    /// How much of the question's content the reading accounts for; -1 where it passes over a word that makes
    /// it another question.
    pub coverage: f64,
    /// Whether the answers are of the kind asked for: from -1 (they are not) to 1 (they are).
    pub kind: f64,
    /// How many words for predicates it leaves out that another reading of the same entity accounts for.
    pub missed: f64,
}

impl Features {
    /// The score by which readings are ordered; around 1 where all fits.
    ///
    /// Linking and the predicate carry most of it: a reading needs both. Coverage keeps a reading from
    /// passing over a word that it cannot account for.
    pub fn score(&self) -> f64 {
        LINK * self.link
            + PRIOR * self.prior
            + PREDICATE * self.predicate
            + COVERAGE * self.coverage
            + 0.12 * self.kind
            - 0.08 * self.missed
    }
}

/// A reading of the question.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The reading as a graph.
    pub graph: QueryGraph,
    /// IRIs of the entities that it speaks of.
    pub entities: Vec<String>,
    /// What speaks for it.
    pub features: Features,
    /// How far each token is accounted for; empty where it is not told.
    pub explains: Vec<f64>,
    /// Whether the knowledge base lacks the fact that it asks for. Such a reading is never answered; it
    /// keeps a worse one from being.
    pub absent: bool,
}

impl Reading {
    /// See [`Features::score`].
    pub fn score(&self) -> f64 {
        self.features.score()
    }

    /// How likely the reading is to be the one that is meant, beside the others, best first: the score by a logistic function,
    /// less for each fact beyond the first, since a path may be wrong at each of its steps, and less for each other reading that
    /// is nearly as good. The numbers were fitted (Platt 1999) to answers about films and to those of graphs of 33 other shapes, and
    /// measured on questions that they were not fitted to (docs/results.md).
    pub fn confidence(&self, among: &[Self]) -> f64 {
        let further = self.graph.conditions().saturating_sub(1) as f64;
        let near =
            |other: &&Self| !other.absent && (other.score() - self.score()).abs() < NEARLY_AS_GOOD;
        // The reading itself is one of them.
        let rivals = among.iter().take(MOST_RIVALS).filter(near).count();
        let others = (rivals.max(1) as f64).ln();
        let odds = STEEP * (self.score() - EVEN) - FURTHER * further - RIVALS * others;
        1.0 / (1.0 + (-odds).exp())
    }
}

/// The score at which a reading of one fact is as likely right as wrong, how fast the odds grow with the score, and what
/// each further fact takes of their logarithm, and the logarithm of how many readings are nearly as good.
const EVEN: f64 = 0.613;
const STEEP: f64 = 7.3;
const FURTHER: f64 = 0.26;
const RIVALS: f64 = 0.64;
/// Readings that differ by less than this are nearly as good, and so many of the best are compared.
const NEARLY_AS_GOOD: f64 = 0.05;
const MOST_RIVALS: usize = 10;

/// Readings at least this good are answered. Of those that hardly are, two in five are right.
pub const LEAST_SCORE: f64 = 0.61;
/// An absent reading silences those that are not within this much of it.
pub const ABSENT_MARGIN: f64 = 0.06;
/// Readings within this much of the best one are as good.
pub const AMBIGUITY_MARGIN: f64 = 0.004;

/// Puts the best first. Equal scores fall in an order that depends on the graphs alone.
pub fn rank(readings: &mut Vec<Reading>, conventions: &Conventions) {
    let mut keyed: Vec<(f64, String, Reading)> = readings
        .drain(..)
        .map(|r| (r.score(), r.graph.to_sparql(conventions), r))
        .collect();
    keyed.sort_by(|a, b| {
        b.0.total_cmp(&a.0)
            .then(a.2.absent.cmp(&b.2.absent))
            .then_with(|| a.1.cmp(&b.1))
    });
    keyed.dedup_by(|a, b| a.1 == b.1 && a.2.absent == b.2.absent);
    readings.extend(keyed.into_iter().map(|(_, _, reading)| reading));
}
