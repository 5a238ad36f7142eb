//! Words that say no more of what is asked: "the | names of | the towns", "the fairs that | took place | after 1990".

use std::ops::Range;

use super::cues::lists;
use super::degree::{self, Superlative};
use crate::text::{Token, is_function_word};
use crate::thesaurus::Word;

fn takes(word: &str) -> bool {
    matches!(word, "take" | "takes" | "took" | "taken" | "taking")
}

/// Whether the last two of some words only say that things are as they are called now: "the present-day country".
pub(super) fn of_today(words: &[&str]) -> bool {
    matches!(words, [.., "present" | "modern" | "current", "day"])
}

/// Whether the last of some words only makes a verb of the one before it: "take | part", "gave | birth".
pub(super) fn completes_a_verb(words: &[&str]) -> bool {
    match words {
        [.., verb, "part" | "place"] => takes(verb),
        [.., verb, "birth"] => matches!(*verb, "give" | "gives" | "gave" | "given" | "giving"),
        _ => false,
    }
}

/// Whether the last of some words, which may say that several things share something, does not: "and | also", of one more
/// condition, and "the most | common language".
pub(super) fn shares_nothing(words: &[&str]) -> bool {
    matches!(
        words,
        [.., "and" | "but" | "who" | "which" | "that", "also"]
            | [.., "most" | "least" | "more" | "how", "common"]
            | [.., "taken" | "all" | "added", "together"]
    )
}

/// The words that say no more than that something was.
pub(super) fn takes_place(words: &[&str]) -> Option<Range<usize>> {
    let at = words
        .windows(2)
        .position(|pair| takes(pair[0]) && pair[1] == "place")?;
    Some(at..at + 2)
}

/// The words that only say how to list what is ranked already, at the end of a question: "the three tallest towers, | tallest
/// first".
pub(super) fn listed_first(words: &[&str], ranked: &Superlative) -> Option<Range<usize>> {
    let at = words.len().checked_sub(2)?;
    let order = degree::superlative(words, at).filter(|order| order.span.start == at)?;
    let same = order.direction == ranked.direction && at >= ranked.span.end;
    (same && !order.weak && !ranked.weak && words[at + 1] == "first").then_some(at..at + 2)
}

/// The word in "the names of the towns", which asks for the towns.
pub(super) fn names_of(tokens: &[Token]) -> Option<usize> {
    let word = |at: usize| tokens[at].text.as_str();
    let filler = |word: &str| matches!(word, "the" | "all" | "those" | "these" | "any" | "each");
    let opens = |word: &str| lists(&[word]) || is_function_word(word) || word == "display";
    let at = (0..tokens.len()).find(|at| !opens(word(*at)) || word(*at).starts_with("name"))?;
    let of = tokens.get(at + 1)?.text == "of";
    let named = (at + 2..tokens.len()).find(|at| !filler(word(*at)))?;
    // "The name of | Q5" is asked for itself, and that of "Anne's brother" is his.
    let noun = !tokens[named].capital && Word::of(word(named)).is_noun();
    let owned =
        (named + 1..tokens.len() - 1).any(|at| word(at) == "s" && Word::of(word(at + 1)).is_noun());
    (of && (noun || owned) && matches!(word(at), "name" | "names")).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_be_told_in_its_order() {
        let spent = |text: &str| {
            let words: Vec<&str> = text.split(' ').collect();
            let ranked = degree::superlative(&words, 0).unwrap();
            listed_first(&words, &ranked)
        };
        assert_eq!(spent("the three tallest towers tallest first"), Some(4..6));
        assert_eq!(
            spent("carriers with the most flights busiest first"),
            Some(5..7)
        );
        assert_eq!(spent("the three tallest towers smallest first"), None);
        assert_eq!(spent("what did the tallest king build first"), None);
    }
}
