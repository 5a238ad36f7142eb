//! Whom or what a question asks for by its question word, and which verbs tell of an end.

use std::ops::Range;

use super::Direction;
use super::cues::{is_auxiliary, is_everyone, lists};
use crate::text::Token;
use crate::thesaurus::Word;

/// Whether a question asks for people: "who", "give me everyone".
pub(super) fn wants_someone(words: &[&str]) -> bool {
    let who = matches!(words.first(), Some(&("who" | "whom" | "whose" | "whos")));
    who || (lists(words) && words.iter().take(4).any(|word| is_everyone(word)))
}

/// Whether a question asks for a time: "when", "on what day".
pub(super) fn wants_time(words: &[&str]) -> bool {
    let when = matches!(
        words,
        ["when", ..]
            | ["since" | "until" | "till" | "from", "when", ..]
            | [
                "until" | "till",
                "what" | "which",
                "time" | "day" | "year",
                ..
            ]
    );
    let mut pairs = words.windows(2);
    when || pairs.any(|pair| matches!(pair, ["what" | "which", "year" | "date" | "day" | "month"]))
}

/// Which one of several times a question asks for, and the words that say so: "when was it | last | repaired", "when did she
/// | most recently | win it".
pub(super) fn which_time(tokens: &[Token]) -> Option<(Range<usize>, Direction)> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    (2..tokens.len()).find_map(|at| {
        let (span, direction) = match (word(at - 1), word(at)) {
            ("most", "recently") => return Some((at - 1..at + 1, Direction::Most)),
            ("the" | "for" | "at", _) => return None,
            (_, "last") => (at..at + 1, Direction::Most),
            (_, "first") => (at..at + 1, Direction::Least),
            _ => return None,
        };
        // "When did they release | first albums": a noun is ranked there.
        let (before, next) = (&tokens[at - 1], word(at + 1));
        let subject = before.capital
            || matches!(
                before.text.as_str(),
                "it" | "he" | "she" | "they" | "we" | "i" | "you"
            );
        let does = next.is_empty()
            || Word::of(next).is_participle(next)
            || (subject && is_auxiliary(word(1)) && !tokens[at].capital);
        does.then_some((span, direction))
    })
}

/// The word that asks for a reason: "why", "for what", "what did she get it | for".
pub(super) fn wants_reason(words: &[&str]) -> Option<usize> {
    match words {
        ["why", ..] => Some(0),
        ["for", "what", verb, ..] if is_auxiliary(verb) => Some(0),
        ["what", "for", ..] => Some(1),
        ["what", "did" | "was" | "were", .., "for"] => Some(words.len() - 1),
        _ => None,
    }
}

/// Whether a question asks for the very next one, or the one before: "what came right after it", "the war immediately before";
/// from which word on, and up to the one that says which.
pub(super) fn wants_neighbour(words: &[&str]) -> Option<(Range<usize>, Neighbour)> {
    for at in 1..words.len() {
        let neighbour = match words[at] {
            "after" => Neighbour::Next,
            "before" => Neighbour::Previous,
            _ => continue,
        };
        let at_once = is_at_once(words[at - 1]);
        let verb = at - usize::from(at_once);
        let comes = verb.checked_sub(1).is_some_and(|verb| {
            matches!(
                words[verb],
                "come"
                    | "comes"
                    | "came"
                    | "happen"
                    | "happens"
                    | "happened"
                    | "occur"
                    | "occurs"
                    | "occurred"
            )
        });
        // "Which battles came after it" asks for all of them.
        let several = verb
            .checked_sub(1 + usize::from(comes))
            .is_some_and(|noun| Word::of(words[noun]).is_plural(words[noun]));
        if (at_once || comes) && !several {
            return Some((verb - usize::from(comes)..at + 1, neighbour));
        }
    }
    None
}

/// Whether it is the very next one that the last of some words asks for: "right after".
pub(crate) fn is_at_once(word: &str) -> bool {
    matches!(
        word,
        "immediately" | "right" | "directly" | "just" | "straight"
    )
}

/// Which of the two beside something in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neighbour {
    /// The one behind it.
    Next,
    /// The one before it.
    Previous,
}

impl Neighbour {
    /// The one on the other side.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Next => Self::Previous,
            Self::Previous => Self::Next,
        }
    }
}

/// The word that asks for words that describe something, "describe it", "which terms", and those that only say how: "in a few
/// words".
pub(super) fn wants_words(words: &[&str]) -> Option<(usize, Option<Range<usize>>)> {
    let at = match words {
        [
            "which" | "what",
            "words" | "terms" | "topics" | "keywords" | "adjectives",
            ..,
        ] => 1,
        _ => (0..words.len()).find(|at| {
            matches!(
                words[*at..],
                ["describe" | "describes", ..] | ["described", "with" | "by" | "as", ..]
            )
        })?,
    };
    let few = (at + 1..words.len()).find_map(|at| match words[at..] {
        ["in", "a", "few" | "couple", "words"] => Some(at..at + 4),
        ["in", "few" | "some" | "one", "words" | "word"] => Some(at..at + 3),
        _ => None,
    });
    Some((at, few))
}

/// The word that asks of what something is made: "made of", "what is it composed | of".
pub(super) fn wants_material(words: &[&str]) -> Option<usize> {
    const VERBS: [&str; 7] = [
        "made",
        "built",
        "composed",
        "consist",
        "consists",
        "constructed",
        "carved",
    ];
    let of = |word: Option<&&str>| matches!(word, Some(&("of" | "from")));
    let stranded =
        of(words.last()) && matches!(words.first(), Some(&("what" | "which" | "from" | "of")));
    let at = words.iter().position(|word| VERBS.contains(word))?;
    let out = words.get(at + 1) == Some(&"out") && words.get(at + 2) == Some(&"of");
    (of(words.get(at + 1)) || out || (stranded && at + 2 == words.len())).then_some(at)
}

/// Whether a word is a verb for what ends: "when did she | leave".
pub(super) fn is_ending(token: &Token) -> bool {
    const VERBS: &[&str] = &[
        "end", "leave", "quit", "stop", "finish", "resign", "cease", "retire", "expire", "die",
        "dissolve",
    ];
    let word = Word::of(&token.text);
    !token.capital
        && word
            .lemmas
            .iter()
            .any(|lemma| VERBS.contains(&lemma.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        text.split(' ').collect()
    }

    #[test]
    fn neighbours_are_asked_for_one_by_one() {
        let read = |text: &str| {
            let words: Vec<&str> = text.split(' ').collect();
            wants_neighbour(&words).map(|(_, neighbour)| neighbour)
        };
        let (next, previous) = (Some(Neighbour::Next), Some(Neighbour::Previous));
        assert_eq!(read("what came right after the war"), next);
        assert_eq!(read("which war occurred before this one"), previous);
        assert_eq!(read("who was king immediately before her"), previous);
        assert_eq!(read("which battles came after the siege"), None);
        assert_eq!(read("was it built after the war"), None);
    }

    #[test]
    fn reasons_are_asked_for() {
        let wants = |text: &str| wants_reason(&words(text));
        assert_eq!(wants("why did she get it"), Some(0));
        assert_eq!(wants("for what did she get it"), Some(0));
        assert_eq!(wants("what did she get it for"), Some(5));
        assert_eq!(wants("who did she do it for"), None);
        assert_eq!(wants("what is it for"), None);
    }

    #[test]
    fn words_and_materials_are_asked_for() {
        let describes = |text: &str| wants_words(&words(text));
        assert_eq!(
            describes("describe it in a few words"),
            Some((0, Some(2..6)))
        );
        assert_eq!(describes("which terms describe it"), Some((1, None)));
        assert_eq!(describes("what can be described with it"), Some((3, None)));
        assert_eq!(describes("who first described the species"), None);
        let material = |text: &str| wants_material(&words(text));
        assert_eq!(material("which bells are made of bronze"), Some(3));
        assert_eq!(material("what is it made out of"), Some(3));
        assert_eq!(material("who made it"), None);
    }

    #[test]
    fn one_of_several_times_is_asked_for() {
        let which = |text: &str| which_time(&crate::text::tokens(text)).map(|found| found.1);
        assert_eq!(
            which("when was the crane last repaired"),
            Some(Direction::Most)
        );
        assert_eq!(which("when did Brazil last win it"), Some(Direction::Most));
        assert_eq!(
            which("when was it most recently cleaned"),
            Some(Direction::Most)
        );
        assert_eq!(
            which("when was the ship first mentioned"),
            Some(Direction::Least)
        );
        // These rank things, or name one.
        assert_eq!(which("when was the last crane built"), None);
        assert_eq!(which("when did they release first albums"), None);
        assert_eq!(which("when was the Last Supper painted"), None);
    }

    #[test]
    fn times_are_asked_for() {
        let wants = |text: &str| wants_time(&words(text));
        assert!(wants("when was it made") && wants("on which day was it made"));
        assert!(!wants("which days are public holidays"));
    }
}
