//! "How long did the siege last", "how many years did she live": what lies between the begin and the end of a thing, where
//! both are told of it and no length of time is.

use std::ops::Range;

use kg_store::rdf::{NamedNode, Term};

use super::Proposer;
use super::node::about_one;
use super::times::{tells_the_begin, tells_the_end};
use crate::RetrieverError;
use crate::catalog::Predicate;
use crate::graph::{Arithmetic, Measure, QueryGraph, Way};
use crate::link::{Candidate, FIT_ALIAS};
use crate::rank::Reading;
use crate::text;
use crate::thesaurus::Word;
use crate::walk::neighbours;

/// How well the two times fit a question for how long something lasted: a length of time that is told fits better.
const FIT: f64 = 0.8;
/// Things of one name that are tried.
const MOST_TRIED: usize = 4;
/// Verbs for what goes on for a time.
const VERBS: [&str; 14] = [
    "last", "exist", "take", "run", "go", "continue", "reign", "rule", "serve", "live", "operate",
    "remain", "stay", "be",
];

pub(super) fn propose(
    p: &mut Proposer<'_>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let words: Vec<&str> = p.question.tokens.iter().map(|t| t.text.as_str()).collect();
    let Some(cue) = asks_how_long(&words) else {
        return Ok(());
    };
    let verb = (cue.end..words.len()).find(|at| {
        let lemmas = &Word::of(words[*at]).lemmas;
        lemmas.iter().any(|lemma| VERBS.contains(&lemma.as_str()))
            && !text::is_function_word(words[*at])
    });
    let lives = verb.is_some_and(|at| Word::of(words[at]).lemmas.iter().any(|l| l == "live"));
    for mention in p.mentions {
        let named = mention.candidates.iter().filter(|c| c.fit >= FIT_ALIAS);
        for candidate in named.take(MOST_TRIED) {
            let Some([begin, end]) = ends(p, candidate, lives)? else {
                continue;
            };
            let mut explains = p.kind_words_of(candidate)?;
            explains[cue.clone()].fill(1.0);
            verb.into_iter().for_each(|at| explains[at] = 1.0);
            let predicates = p.view.catalog().predicates();
            let iri = candidate.entity.iri.clone();
            let graph = QueryGraph::Calculate {
                entities: [iri.clone(), iri],
                measures: [begin, end].map(|number| Measure::value(&predicates[number].iri)),
                arithmetic: Arithmetic::Years,
            };
            readings.push(about_one(
                p,
                (mention, candidate),
                graph,
                (FIT, 1.0),
                &explains,
            ));
        }
    }
    Ok(())
}

/// The words that ask how long something lasted. "How long is the river" asks for something else.
fn asks_how_long(words: &[&str]) -> Option<Range<usize>> {
    let from = usize::from(words.first() == Some(&"for"));
    match words.get(from..)? {
        ["how", "long", "did" | "was" | "were" | "has" | "had", ..] => Some(from..from + 2),
        [
            "how",
            "many",
            "years",
            "did" | "was" | "were" | "has" | "had",
            ..,
        ] => Some(from..from + 3),
        _ => None,
    }
}

/// The predicates that tell when a thing began and when it ended, where these are years apart.
fn ends(
    p: &mut Proposer<'_>,
    candidate: &Candidate,
    lives: bool,
) -> Result<Option<[usize; 2]>, RetrieverError> {
    let edges = p.edges(&candidate.entity.iri)?;
    let predicates = p.view.catalog().predicates();
    let named =
        |predicate: &Predicate, words: &[&str]| words.iter().any(|word| predicate.is_named(word));
    let begins = |number: &usize| match lives {
        true => named(&predicates[*number], &["birth", "born"]),
        false => tells_the_begin(&predicates[*number]),
    };
    let stops = |number: &usize| match lives {
        true => named(&predicates[*number], &["death", "died"]),
        false => tells_the_end(&predicates[*number]),
    };
    let numbers = edges.outgoing.iter().map(|(number, _)| *number);
    let times: Vec<usize> = numbers
        .filter(|number| predicates[*number].tells_a_time())
        .collect();
    let (Some(begin), Some(end)) = (
        times.iter().copied().find(begins),
        times
            .iter()
            .copied()
            .find(|number| stops(number) && !begins(number)),
    ) else {
        return Ok(None);
    };
    let topic = Term::NamedNode(NamedNode::new_unchecked(&candidate.entity.iri));
    let mut years = [None; 2];
    for (year, number) in years.iter_mut().zip([begin, end]) {
        let told = neighbours(p.view, &topic, &predicates[number].iri, Way::Forward, 2)?;
        if let [Term::Literal(time)] = told.as_slice() {
            *year = time
                .value()
                .get(..4)
                .and_then(|year| year.parse::<i32>().ok());
        }
    }
    Ok(match years {
        [Some(from), Some(to)] if from < to => Some([begin, end]),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_something_lasted_is_told_apart_from_how_long_it_is() {
        let asks = |text: &str| {
            let words: Vec<&str> = text.split(' ').collect();
            asks_how_long(&words).is_some()
        };
        assert!(asks("how long did the siege last"));
        assert!(asks("for how many years did she live"));
        assert!(!asks("how long is the river"));
        assert!(!asks("how many years are there between them"));
    }
}
