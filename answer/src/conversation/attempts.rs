//! The questions in full that a turn may mean, the likeliest first.

use std::ops::Range;

use retriever::{Frame, ReadView, RetrieverError, text};

use super::Understood;
use super::apart::has_to_do_with;
use super::follow::{Follow, StandsFor};
use super::rewrite::{rewrite, whole};
use super::turn::{Referent, Turn};

/// Things of one name that are looked at.
const MOST_CANDIDATES: usize = 24;

/// The questions that a turn may mean after another turn.
pub(super) fn attempts(
    view: &ReadView,
    turn: &str,
    follows: &Follow,
    before: &Turn,
) -> Result<Vec<Understood>, RetrieverError> {
    Ok(match follows {
        Follow::Instead(span) => instead(&turn[span.clone()], before),
        Follow::Other(span) => {
            let words = &turn[span.clone()];
            let mut found = others(view, words, before)?;
            // "No, Velda": another name altogether.
            found.extend(instead(words, before));
            found
        }
        Follow::Number => number(before).into_iter().collect(),
        Follow::Among(span) => among(turn, span, before).into_iter().collect(),
        Follow::Pronoun {
            span,
            possessive,
            stands_for,
        } => {
            if *stands_for == StandsFor::Several && before.answers.len() > 1 {
                return Ok(each(turn, span, *possessive, before).into_iter().collect());
            }
            referents(before, *stands_for)
                .map(|referent| put_in(turn, span, *possessive, referent))
                .collect()
        }
        Follow::Bare => referents(before, StandsFor::Something)
            .map(|referent| of(turn, referent))
            .collect(),
    })
}

/// Whether a pronoun more likely stands for what was answered or for what was asked about.
fn referents(before: &Turn, stands_for: StandsFor) -> impl Iterator<Item = &Referent> {
    let one = before.answers.len() == 1;
    let answer_first = match stands_for {
        StandsFor::Someone => before.someone,
        StandsFor::Something | StandsFor::Place => !before.someone,
        StandsFor::Several => false,
    };
    let answers = before.answers.iter().filter(move |_| one);
    let (first, last): (Vec<_>, Vec<_>) = if answer_first {
        (answers.collect(), before.topics.iter().collect())
    } else {
        (before.topics.iter().collect(), answers.collect())
    };
    first.into_iter().chain(last)
}

/// The edits that keep the topics of a question what they were, but for one.
fn kept(before: &Turn, but: usize) -> Vec<(Range<usize>, String, Vec<String>)> {
    let topics = before
        .topics
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != but);
    topics
        .map(|(_, topic)| {
            (
                topic.span.clone(),
                before.text[topic.span.clone()].to_owned(),
                topic.taken.clone(),
            )
        })
        .collect()
}

/// The question before, about something else.
fn instead(name: &str, before: &Turn) -> Vec<Understood> {
    let topics = 0..before.topics.len();
    topics
        .map(|at| {
            let mut edits = kept(before, at);
            edits.push((
                before.topics[at].span.clone(),
                name.trim().to_owned(),
                Vec::new(),
            ));
            rewrite(&before.text, &edits)
        })
        .collect()
}

/// The question before, about those of the same name that have to do with the words.
fn others(view: &ReadView, words: &str, before: &Turn) -> Result<Vec<Understood>, RetrieverError> {
    let wanted: Vec<String> = text::tokens(words)
        .into_iter()
        .map(|t| t.text)
        .filter(|word| !text::is_function_word(word))
        .collect();
    let mut found = Vec::new();
    for (at, topic) in before.topics.iter().enumerate() {
        let mut entities = Vec::new();
        for iri in topic.candidates.iter().take(MOST_CANDIDATES) {
            if !wanted.is_empty() && has_to_do_with(view, iri, &wanted)? {
                entities.push(iri.clone());
            }
        }
        if !entities.is_empty()
            && (entities.len() < topic.candidates.len() || topic.candidates.len() == 1)
        {
            let mut edits = kept(before, at);
            edits.push((
                topic.span.clone(),
                before.text[topic.span.clone()].to_owned(),
                entities,
            ));
            found.push(rewrite(&before.text, &edits));
        }
    }
    Ok(found)
}

/// How many the question before asked for.
fn number(before: &Turn) -> Option<Understood> {
    let tokens = text::tokens(&before.text);
    let opening = tokens.iter().position(|t| {
        matches!(
            t.text.as_str(),
            "which" | "what" | "who" | "list" | "name" | "show"
        )
    })?;
    let words = match tokens[opening].text.as_str() {
        "who" => "How many people",
        _ => "How many",
    };
    let mut edits = kept(before, usize::MAX);
    edits.push((0..tokens[opening].end, words.to_owned(), Vec::new()));
    Some(rewrite(&before.text, &edits))
}

/// A question about the answers before: their noun in the place of the words that stand for them.
fn among(turn: &str, span: &Range<usize>, before: &Turn) -> Option<Understood> {
    let within = before.node.clone()?;
    let noun = noun(&before.text)
        .map(|span| before.text[span].to_owned())
        .unwrap_or_default();
    let mut understood = rewrite(turn, &[(span.clone(), noun, Vec::new())]);
    understood.told = Some(format!("{turn} (of: {})", before.text));
    understood.frame = Some(Frame::Within(within));
    Some(understood)
}

/// The noun of "which islands ...", with what goes before it.
fn noun(question: &str) -> Option<Range<usize>> {
    let tokens = text::tokens(question);
    let opening = tokens
        .iter()
        .position(|t| matches!(t.text.as_str(), "which" | "what" | "many"))?;
    let noun = tokens
        .get(opening + 1)
        .filter(|t| !text::is_function_word(&t.text))?;
    Some(noun.start..noun.end)
}

/// "Which islands stand in the bay?" as a description: "the islands that stand in the bay".
fn described(before: &Turn) -> Option<String> {
    let noun = noun(&before.text)?;
    let rest = before.text[noun.end..]
        .trim()
        .trim_end_matches(['?', '.', '!'])
        .trim();
    (!rest.is_empty()).then(|| format!("the {} that {rest}", &before.text[noun]))
}

/// A turn about all of the answers before: asked of the first, for all of them.
fn each(turn: &str, span: &Range<usize>, possessive: bool, before: &Turn) -> Option<Understood> {
    let (first, node) = (before.answers.first()?, before.node.clone()?);
    let mut understood = put_in(turn, span, possessive, first);
    understood.frame = Some(Frame::EachOf(first.taken.first()?.clone(), node));
    understood.told = described(before).map(|set| format!("{turn} (of: {set})"));
    Some(understood)
}

/// A turn with a name in the place of a pronoun.
fn put_in(turn: &str, span: &Range<usize>, possessive: bool, referent: &Referent) -> Understood {
    let name = if possessive {
        format!("{}'s", referent.name)
    } else {
        referent.name.clone()
    };
    whole(rewrite(
        turn,
        &[(span.clone(), name, referent.taken.clone())],
    ))
}

/// A turn with what it is about put behind it.
fn of(turn: &str, referent: &Referent) -> Understood {
    let end = turn.trim_end().trim_end_matches(['?', '.', '!', ' ']).len();
    let at = end..turn.len();
    let mut understood = rewrite(
        turn,
        &[(at, format!(" of {}", referent.name), referent.taken.clone())],
    );
    for given in &mut understood.given {
        given.span.start += " of ".len();
    }
    understood.text.push('?');
    whole(understood)
}

#[cfg(test)]
mod tests {
    use super::super::follow::follow;
    use super::*;

    fn referent(name: &str, span: Range<usize>) -> Referent {
        let iri = vec![format!("http://x/{name}")];
        Referent {
            name: name.to_owned(),
            taken: iri.clone(),
            candidates: iri,
            span,
        }
    }

    fn before() -> Turn {
        Turn {
            text: "Which islands lie near Velda?".into(),
            topics: vec![referent("Velda", 23..28)],
            answers: vec![referent("Korrin", 0..0)],
            ..Turn::default()
        }
    }

    fn meant(turn: &str, before: &Turn) -> Vec<String> {
        let found = match follow(turn) {
            Follow::Instead(span) => instead(&turn[span], before),
            Follow::Number => number(before).into_iter().collect(),
            Follow::Pronoun {
                span,
                possessive,
                stands_for,
            } => referents(before, stands_for)
                .map(|referent| put_in(turn, &span, possessive, referent))
                .collect(),
            _ => referents(before, StandsFor::Something)
                .map(|referent| of(turn, referent))
                .collect(),
        };
        for understood in &found {
            for given in &understood.given {
                assert!(
                    ["Velda", "Korrin"].contains(&&understood.text[given.span.clone()]),
                    "{understood:?}"
                );
            }
        }
        found
            .into_iter()
            .map(|understood| understood.text)
            .collect()
    }

    #[test]
    fn turns_are_put_in_full() {
        assert_eq!(
            meant("What about Korrin?", &before()),
            ["Which islands lie near Korrin?"]
        );
        assert_eq!(
            meant("and how many?", &before()),
            ["How many islands lie near Velda?"]
        );
        assert_eq!(
            meant("And its population?", &before()),
            [
                "What is Korrin's population?",
                "What is Velda's population?"
            ]
        );
        assert_eq!(meant("Who found it?", &before())[0], "Who found Korrin?");
        assert_eq!(
            meant("and the height?", &before())[1],
            "What is the height of Velda?"
        );
        assert_eq!(
            described(&before()).as_deref(),
            Some("the islands that lie near Velda")
        );
    }

    #[test]
    fn whom_he_stands_for_depends_on_what_was_asked() {
        let mut before = before();
        assert_eq!(
            meant("Where does he live?", &before)[0],
            "Where does Velda live?"
        );
        before.someone = true;
        assert_eq!(
            meant("Where does he live?", &before)[0],
            "Where does Korrin live?"
        );
    }
}
