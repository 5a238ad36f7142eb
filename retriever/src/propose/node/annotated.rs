//! What is said of a thing in words: its other names ("what else is it called", "synonyms of"), and what it is ("define
//! it"). The predicates that say so are the standard's, and those that the knowledge base gives aliases by.

use super::about_one;
use crate::RetrieverError;
use crate::conventions::DEFINITIONS;
use crate::graph::{Link, Node, QueryGraph, Way};
use crate::link::FIT_ALIAS;
use crate::propose::Proposer;
use crate::question::{Form, Question};
use crate::rank::Reading;
use kg_store::rdf::NamedNodeRef;

/// How well such a predicate fits a question for it.
const FIT: f64 = 0.9;
/// Things of one name that are tried.
const MOST_TRIED: usize = 4;

/// Adds other names and definitions of what is named, where the question asks for these.
pub(super) fn propose(p: &Proposer<'_>, readings: &mut Vec<Reading>) -> Result<(), RetrieverError> {
    if p.question.form != Form::Select {
        return Ok(());
    }
    let (words, predicates): (_, Vec<&str>) = if let Some(words) = other_names(p.question) {
        let own = p.view.snapshot().naming().aliases.iter();
        let own = own.map(|alias| alias.as_str());
        let standard: Vec<&str> = kg_store::rdf::aliases()
            .map(|alias| alias.as_str())
            .collect();
        (words, standard.into_iter().chain(own).collect())
    } else if let Some(words) = definition(p.question) {
        (words, DEFINITIONS.to_vec())
    } else {
        return Ok(());
    };
    let mut explains = vec![0.0; p.question.tokens.len()];
    words.iter().for_each(|at| explains[*at] = 1.0);
    for mention in p.mentions {
        let named = mention.candidates.iter().filter(|c| c.fit >= FIT_ALIAS);
        for candidate in named.take(MOST_TRIED) {
            let node = NamedNodeRef::new_unchecked(&candidate.entity.iri);
            let told = predicates.iter().find(|predicate| {
                let predicate = NamedNodeRef::new_unchecked(predicate);
                let snapshot = p.view.snapshot();
                let mut facts = snapshot.quads(Some(node.into()), Some(predicate), None, None);
                facts.next().is_some()
            });
            let Some(predicate) = told else {
                continue;
            };
            let graph = QueryGraph::every(Node {
                links: vec![Link::edge(&candidate.entity.iri, *predicate, Way::Forward)],
                ..Node::default()
            });
            readings.push(about_one(
                p,
                (mention, candidate),
                graph,
                (FIT, 0.0),
                &explains,
            ));
        }
    }
    Ok(())
}

/// The words that ask for other names: "what else is it called", "other names of", "also known as".
fn other_names(question: &Question) -> Option<Vec<usize>> {
    let word = |at: usize| {
        question
            .tokens
            .get(at)
            .map_or("", |token| token.text.as_str())
    };
    let all = 0..question.tokens.len();
    let one = |at: &usize| {
        let names = matches!(
            word(*at),
            "synonym" | "synonyms" | "alias" | "aliases" | "aka"
        );
        names.then(|| vec![*at])
    };
    let two = |at: &usize| match (word(*at), word(at + 1)) {
        ("other" | "another" | "alternative" | "alternate", "name" | "names") => {
            Some(vec![*at, at + 1])
        }
        ("also", "known" | "called") => Some(vec![*at, at + 1]),
        _ => None,
    };
    // "What else is it called".
    let called = |at: &usize| {
        let els = (word(0) == "what" && word(1) == "else").then_some(1)?;
        (word(*at) == "called" && at + 1 == question.tokens.len()).then(|| vec![els, *at])
    };
    all.clone()
        .find_map(|at| one(&at).or_else(|| two(&at)))
        .or_else(|| all.clone().find_map(|at| called(&at)))
}

/// The words that ask what something is: "define it", "the definition of", "what does it mean".
fn definition(question: &Question) -> Option<Vec<usize>> {
    let word = |at: usize| question.tokens[at].text.as_str();
    let last = question.tokens.len().checked_sub(1)?;
    let mut all = 0..=last;
    let at = all.find(|at| {
        let opens = *at == 0 && matches!(word(*at), "define" | "describe");
        let asks = matches!(word(*at), "defined" | "definition" | "meaning");
        // "The mean depth" is a number.
        let means = *at == last && word(*at) == "mean" && matches!(word(1), "does" | "do");
        opens || asks || (means && word(0) == "what")
    })?;
    Some(vec![at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_asked_for_in_several_ways() {
        for text in [
            "other names of the vagus nerve",
            "What else is the vagus nerve called?",
            "what is it also known as",
            "synonyms for the coffin bone",
            "Give me an alternative name for the tailbone",
        ] {
            assert!(other_names(&Question::read(text)).is_some(), "{text}");
        }
        for text in [
            "other books with that name",
            "Which other city is in France?",
            "what is the name of the other river",
            "Which film is called Alien?",
            "What other films is she known for?",
        ] {
            assert!(other_names(&Question::read(text)).is_none(), "{text}");
        }
        assert!(definition(&Question::read("Could you define the neural crest?")).is_some());
        assert!(definition(&Question::read("What does sepsis mean?")).is_some());
        assert!(definition(&Question::read("What means of transport does it use?")).is_none());
        assert!(definition(&Question::read("What is the mean depth of the lake?")).is_none());
    }
}
