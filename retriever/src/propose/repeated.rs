//! Nouns that a question says twice: "the manager of her manager" is somebody else's than her own.

use super::{AS_GOOD, Proposer, SURELY_RELATIONAL};
use crate::catalog::Catalog;
use crate::graph::{Hop, Node, QueryGraph, Source, Way};
use crate::rank::Reading;
use crate::thesaurus::Word;

/// What it costs to read the facts of one noun in two ways.
const TURNED: f64 = 0.5;

/// Notes what readings leave out that have fewer facts by a predicate than the question says its noun, where others have as
/// many.
pub(super) fn note_missed(p: &Proposer<'_>, readings: &mut [Reading]) {
    let catalog = p.view.catalog();
    for (stem, said, same) in said_again(p) {
        let facts = |reading: &Reading| match &reading.graph {
            QueryGraph::Select { node, .. } => by_name(catalog, node, &stem),
            _ => said,
        };
        let most = readings.iter().filter(|r| !r.absent).map(Reading::score);
        let most = most.fold(0.0, f64::max);
        let full = |r: &Reading| !r.absent && r.score() >= most - AS_GOOD && facts(r) >= said;
        if !readings.iter().any(full) {
            continue;
        }
        for reading in readings.iter_mut().filter(|reading| !reading.absent) {
            reading.features.missed += said.saturating_sub(facts(reading)) as f64;
            let QueryGraph::Select { node, .. } = &reading.graph else {
                continue;
            };
            // "The manager of her manager": both times it is asked for in the same way, unlike "directed by the director".
            let mut ways = Vec::new();
            by_name_each(catalog, node, &stem, &mut ways);
            if same && ways.windows(2).any(|pair| pair[0] != pair[1]) {
                reading.features.missed += TURNED;
            }
        }
    }
}

/// The nouns for predicates that are said more than once, by their stems, each with how often, and whether it is the same word.
fn said_again(p: &Proposer<'_>) -> Vec<(String, usize, bool)> {
    let tokens = &p.question.tokens;
    let named = |at: usize| {
        p.mentions
            .iter()
            .any(|m| m.weight > 0.0 && m.span.len() > 1 && m.span.contains(&at))
    };
    // "The player who | played for it" does what the noun says.
    let does_it = |at: usize| {
        let mut before = (0..at).rev();
        let noun = before.find(|at| p.question.is_content(*at));
        noun.is_some_and(|noun| noun + 1 < at && tokens[noun].stem == tokens[at].stem)
    };
    let mut found: Vec<(String, usize, bool, &str)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if does_it(at) && !Word::of(&token.text).is_noun() {
            continue;
        }
        if p.relational[at] < SURELY_RELATIONAL || !p.question.is_content(at) || named(at) {
            continue;
        }
        let own = token.text.as_str();
        match found.iter_mut().find(|known| known.0 == token.stem) {
            Some((_, said, same, word)) => {
                *said += 1;
                *same &= *word == own && Word::of(own).is_noun();
            }
            None => found.push((token.stem.clone(), 1, true, own)),
        }
    }
    let again = found.into_iter().filter(|known| known.1 > 1);
    again
        .map(|(stem, said, same, _)| (stem, said, same))
        .collect()
}

/// How many facts of a description are by predicates of such a name.
fn by_name(catalog: &Catalog, node: &Node, stem: &str) -> usize {
    let mut ways = Vec::new();
    by_name_each(catalog, node, stem, &mut ways);
    ways.len()
}

/// Which way each of them is read.
fn by_name_each(catalog: &Catalog, node: &Node, stem: &str, found: &mut Vec<Way>) {
    let named = |hop: &&Hop| {
        let number = catalog.predicate(hop.told_by());
        number.is_some_and(|number| {
            let names = catalog.predicates()[number].names.iter();
            let mut words = names.flat_map(|name| &name.tokens);
            words.any(|word| word.stem == stem)
        })
    };
    for link in &node.links {
        if let Source::Node(inner) = &link.from {
            by_name_each(catalog, inner, stem, found);
        }
        found.extend(link.path.iter().filter(named).map(|hop| hop.way));
    }
}
