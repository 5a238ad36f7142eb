//! What is said of a thing in words: its other names ("what else is it called", "synonyms of"), and what it is ("define
//! it"). The predicates that say so are the standard's, and those that the knowledge base gives aliases by.

use super::accounted;
use crate::RetrieverError;
use crate::graph::{Link, Node, QueryGraph, Way};
use crate::link::FIT_ALIAS;
use crate::propose::Proposer;
use crate::question::{Form, Question};
use crate::rank::{Features, Reading};
use kg_store::rdf::{NamedNodeRef, vocab};

/// How well such a predicate fits a question for it.
const FIT: f64 = 0.9;
/// Things of one name that are tried.
const MOST_TRIED: usize = 4;

/// By which predicates it is said what something is, the plainest first.
const DEFINITIONS: [&str; 3] = [
    "http://www.w3.org/2004/02/skos/core#definition",
    "http://www.w3.org/2000/01/rdf-schema#comment",
    "http://purl.org/dc/terms/description",
];

/// Adds other names and definitions of what is named, where the question asks for these.
pub(super) fn propose(p: &Proposer<'_>, readings: &mut Vec<Reading>) -> Result<(), RetrieverError> {
    if p.question.form != Form::Select {
        return Ok(());
    }
    let aliases = p.view.snapshot().naming().aliases.iter();
    let own: Vec<&str> = aliases.map(|alias| alias.as_str()).collect();
    let (words, predicates) = if let Some(words) = other_names(p.question) {
        let standard = [
            vocab::skos::ALT_LABEL,
            vocab::schema::ALTERNATE_NAME,
            vocab::schema::ALTERNATE_NAME_HTTPS,
        ];
        (
            words,
            standard.iter().map(|n| n.as_str()).chain(own).collect(),
        )
    } else if let Some(words) = definition(p.question) {
        (words, DEFINITIONS.to_vec())
    } else {
        return Ok(());
    };
    for mention in p.mentions {
        let used = p.used(&[&mention.span]);
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
            let mut explains = vec![0.0; p.question.tokens.len()];
            words.iter().for_each(|at| explains[*at] = 1.0);
            readings.push(Reading {
                graph: QueryGraph::every(Node {
                    links: vec![Link::edge(&candidate.entity.iri, *predicate, Way::Forward)],
                    ..Node::default()
                }),
                entities: vec![candidate.entity.iri.clone()],
                features: Features {
                    link: candidate.fit * p.salience(&mention.span),
                    prior: candidate.prior,
                    predicate: FIT,
                    coverage: p.coverage(&used, &[&explains]),
                    kind: 0.0,
                    missed: 0.0,
                },
                explains: accounted(&used, &[], &explains),
                absent: false,
            });
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
