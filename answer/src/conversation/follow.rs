//! How a turn of a conversation hangs on those before it, as far as its own words say.

use std::ops::Range;

use retriever::question::opens_a_question;
use retriever::text::{self, Token};

/// What a turn needs of the turns before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Follow {
    /// "What about X?": the question before, about X. The span of X, in bytes.
    Instead(Range<usize>),
    /// "No, the one in Ohio": the question before, about another thing of the same name. The words that tell which.
    Other(Range<usize>),
    /// "And how many?": the number of what was asked for.
    Number,
    /// "Which of those ...": the answers before, by a further condition. The words that stand for them.
    Among(Range<usize>),
    /// "Its population": words that stand for what was spoken of.
    Pronoun {
        /// The word, in bytes.
        span: Range<usize>,
        /// Whether an apostrophe and an s belong behind the name.
        possessive: bool,
        /// For what kind of thing it may stand.
        stands_for: StandsFor,
    },
    /// Nothing says so, but the turn may lack what it is about.
    Bare,
}

/// What a pronoun may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StandsFor {
    /// Somebody.
    Someone,
    /// Something.
    Something,
    /// Several.
    Several,
    /// Somewhere.
    Place,
}

/// A turn with more words than this says itself what it is about.
const LONGEST: usize = 24;

/// How a turn hangs on those before it.
pub(crate) fn follow(turn: &str) -> Follow {
    let tokens = text::tokens(turn);
    if tokens.len() > LONGEST {
        return Follow::Bare;
    }
    let lead = lead(&tokens);
    let words: Vec<&str> = tokens.iter().map(|t| t.text.as_str()).collect();
    let rest = &words[lead..];
    let bytes = |from: usize, to: usize| tokens[from].start..tokens[to - 1].end;
    if let Some(at) = instead(rest) {
        let start = lead + at;
        if start < tokens.len() {
            return Follow::Instead(bytes(start, tokens.len()));
        }
    }
    if let Some(at) = other(rest) {
        let start = lead + at;
        if start < tokens.len() {
            return Follow::Other(bytes(start, tokens.len()));
        }
    }
    if matches!(
        rest,
        ["how", "many"] | ["how", "many", "are", "there"] | ["how", "many", "in", "total"]
    ) {
        return Follow::Number;
    }
    for at in lead..words.len().saturating_sub(1) {
        if words[at] == "of" && matches!(words[at + 1], "those" | "these" | "them") && at > 0 {
            return Follow::Among(bytes(at, at + 2));
        }
    }
    for at in lead..words.len() {
        if let Some((possessive, stands_for)) = pronoun(&words, at) {
            let end = if words[at] == "the" { at + 2 } else { at + 1 };
            return Follow::Pronoun {
                span: bytes(at, end),
                possessive,
                stands_for,
            };
        }
        // What has been named in the turn itself is what later pronouns stand for.
        if at > 0 && tokens[at].capital {
            break;
        }
    }
    // "And Chad?", "And in Chad?": a name, and no question word.
    let begins = usize::from(matches!(
        rest.first(),
        Some(&("in" | "for" | "of" | "from" | "on" | "at"))
    ));
    let named = rest.len() > begins
        && tokens[lead + begins..].iter().any(|t| t.capital)
        && rest.len() <= begins + 6;
    if lead > 0 && named && !rest.iter().any(|w| opens_a_question(w)) {
        return Follow::Instead(bytes(lead + begins, tokens.len()));
    }
    Follow::Bare
}

/// Words at the beginning that only go on: "and", "ok, so".
fn lead(tokens: &[Token]) -> usize {
    tokens
        .iter()
        .take_while(|t| {
            matches!(
                t.text.as_str(),
                "and" | "but" | "so" | "ok" | "okay" | "then" | "also" | "well"
            )
        })
        .count()
}

/// Where the new topic of "what about X" begins.
fn instead(words: &[&str]) -> Option<usize> {
    let polite = |at: usize| {
        if matches!(words.get(at), Some(&("in" | "for"))) {
            at + 1
        } else {
            at
        }
    };
    match words {
        ["what" | "how", "about", _, ..] => Some(polite(2)),
        ["same", "for", _, ..] => Some(2),
        ["the", "same", "for", _, ..] => Some(3),
        _ => None,
    }
}

/// Where the words begin that tell another thing of the same name: behind "no, the one in".
fn other(words: &[&str]) -> Option<usize> {
    let denied = match words {
        ["no", "i", "mean" | "meant", ..] => 3,
        ["i", "mean" | "meant", ..] => 2,
        ["no" | "not" | "sorry", ..] => 1,
        _ => 0,
    };
    match &words[denied..] {
        [
            "the",
            "one" | "other",
            "in" | "from" | "of" | "by" | "near" | "at" | "with" | "on",
            _,
            ..,
        ] => Some(denied + 3),
        ["that", "one", "in" | "from", _, ..] => Some(denied + 3),
        ["the", "one" | "other", _, ..] if denied > 0 => Some(denied + 2),
        ["the", _, ..] if denied > 0 => Some(denied + 1),
        [_, ..] if denied > 0 && words[0] != "not" => Some(denied),
        _ => None,
    }
}

/// "Which are there?" speaks of no place.
fn is_be(word: &str) -> bool {
    matches!(word, "is" | "are" | "was" | "were" | "been" | "be")
}

fn pronoun(words: &[&str], at: usize) -> Option<(bool, StandsFor)> {
    let next = words.get(at + 1).copied().unwrap_or_default();
    let noun_follows = !next.is_empty() && !text::is_function_word(next);
    Some(match words[at] {
        "he" | "him" | "she" => (false, StandsFor::Someone),
        "his" | "hers" => (true, StandsFor::Someone),
        "her" => (noun_follows, StandsFor::Someone),
        // "Is it true that" stands for nothing.
        "it" if next != "true" && next != "s" => (false, StandsFor::Something),
        "its" => (true, StandsFor::Something),
        "they" | "them" => (false, StandsFor::Several),
        "their" => (true, StandsFor::Several),
        "those" | "these" if !noun_follows => (false, StandsFor::Several),
        "that" if next.is_empty() && at > 0 => (false, StandsFor::Something),
        "there" if next.is_empty() && at > 1 && !is_be(words[at - 1]) => (false, StandsFor::Place),
        "the" if next == "one" => (false, StandsFor::Something),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(turn: &str) -> String {
        match follow(turn) {
            Follow::Instead(span) => format!("instead {}", &turn[span]),
            Follow::Other(span) => format!("other {}", &turn[span]),
            Follow::Number => "number".into(),
            Follow::Among(span) => format!("among {}", &turn[span]),
            Follow::Pronoun {
                span, possessive, ..
            } => format!("pronoun {} {possessive}", &turn[span]),
            Follow::Bare => "bare".into(),
        }
    }

    #[test]
    fn turns_say_how_they_hang_on_others() {
        assert_eq!(span("What about Velda?"), "instead Velda");
        assert_eq!(span("And Tarn Isle?"), "instead Tarn Isle");
        assert_eq!(span("and its population?"), "pronoun its true");
        assert_eq!(span("Who built it?"), "pronoun it false");
        assert_eq!(span("Which of those are on Korrin?"), "among of those");
        assert_eq!(span("no, the one in Ohio"), "other Ohio");
        assert_eq!(span("No, I meant the one on Velda."), "other Velda");
        assert_eq!(span("and how many?"), "number");
        assert_eq!(span("When was she born?"), "pronoun she false");
    }

    #[test]
    fn questions_that_stand_alone_are_left_alone() {
        assert_eq!(span("Which islands are there?"), "bare");
        assert_eq!(span("Did Ada Merrow sell her boat?"), "bare");
        assert_eq!(span("Is it true that Velda is an island?"), "bare");
        assert_eq!(span("What is the capital of Chad?"), "bare");
        assert_eq!(span("And who keeps Gullwatch?"), "bare");
    }
}
