//! When something was of which only a statement tells it: "when did the Falklands War begin".

use std::ops::Range;

use super::about_one;
use super::qualified::nameless;
use crate::RetrieverError;
use crate::catalog::Predicate;
use crate::graph::{Hop, Link, Node, QueryGraph, Source, Way};
use crate::link::FIT_ALIAS;
use crate::propose::Proposer;
use crate::propose::times::{tells_the_begin, tells_the_end};
use crate::rank::Reading;
use crate::thesaurus::Word;

/// How well such a time fits: one that is told of the thing itself fits better.
const FIT: f64 = 0.7;
/// Things of one name that are tried, and statements that one predicate ties to one.
const MOST_TRIED: usize = 3;
const MOST_STATEMENTS: usize = 20;

/// Adds the times that statements tell of the one thing that a question names.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let words: Vec<&str> = p.question.tokens.iter().map(|t| t.text.as_str()).collect();
    let Some(asked) = asks_when(&words) else {
        return Ok(());
    };
    for mention in p.mentions {
        let named = mention.candidates.iter().filter(|c| c.fit >= FIT_ALIAS);
        for candidate in named.take(MOST_TRIED) {
            let mut known: Vec<(usize, Way, usize)> = Vec::new();
            for (node, (tie, way)) in nameless(p, candidate, MOST_STATEMENTS)? {
                for (number, onwards) in p.ways_of(&node)? {
                    let predicate = &p.view.catalog().predicates()[number];
                    let fits = onwards == Way::Forward && asked.fits(predicate);
                    let step = (tie, way, number);
                    if fits && !known.contains(&step) {
                        known.push(step);
                    }
                }
            }
            let mut explains = p.kind_words_of(candidate)?;
            for span in &asked.spans {
                explains[span.clone()].fill(1.0);
            }
            for (tie, way, number) in known {
                let iri = |number: usize| &p.view.catalog().predicates()[number].iri;
                let node = Node {
                    links: vec![Link {
                        from: Source::Entity(candidate.entity.iri.clone()),
                        path: vec![Hop::new(iri(tie), way), Hop::new(iri(number), Way::Forward)],
                        negated: false,
                    }],
                    ..Node::default()
                };
                let of_one = (mention, candidate);
                let graph = QueryGraph::every(node);
                readings.push(about_one(p, of_one, graph, (FIT, 1.0), &explains));
            }
        }
    }
    Ok(())
}

/// What a question for a time asks of something.
struct Asked {
    ends: bool,
    spans: Vec<Range<usize>>,
}

impl Asked {
    fn fits(&self, predicate: &Predicate) -> bool {
        let end = tells_the_end(predicate);
        predicate.tells_a_time()
            && match self.ends {
                true => end,
                false => !end || tells_the_begin(predicate),
            }
    }
}

/// "When did X begin", "when was X", "in what year did X take place".
fn asks_when(words: &[&str]) -> Option<Asked> {
    let from = match words {
        ["when", ..] => 1,
        ["in" | "during", "what" | "which", "year", ..] => 3,
        ["what" | "which", "year", ..] => 2,
        _ => return None,
    };
    let last = words.len().checked_sub(1).filter(|last| *last > from)?;
    let is = |at: usize, lemmas: &[&str]| {
        let word = Word::of(words[at]);
        word.lemmas
            .iter()
            .any(|lemma| lemmas.contains(&lemma.as_str()))
    };
    let begins = is(last, &["begin", "start", "happen", "occur", "commence"]);
    let ends = is(last, &["end", "finish", "conclude"]);
    let place = words.ends_with(&["take", "place"]) || words.ends_with(&["took", "place"]);
    let was = matches!(words[from], "was" | "were" | "is");
    let opening = 0..from + 1;
    let spans = match (begins || ends, place) {
        (true, _) => vec![opening, last..last + 1],
        (_, true) => vec![opening, last - 1..last + 1],
        _ if was => Vec::from([opening]),
        _ => return None,
    };
    Some(Asked { ends, spans })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(text: &str) -> Option<bool> {
        let words: Vec<&str> = text.split(' ').collect();
        asks_when(&words).map(|asked| asked.ends)
    }

    #[test]
    fn questions_for_the_time_of_a_thing() {
        assert_eq!(ends("when did the long frost begin"), Some(false));
        assert_eq!(ends("in what year did the fair take place"), Some(false));
        assert_eq!(ends("when was the siege"), Some(false));
        assert_eq!(ends("when did the war end"), Some(true));
        assert_eq!(ends("when did she write the book"), None);
        assert_eq!(ends("who began the war"), None);
    }
}
