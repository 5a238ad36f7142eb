//! The noun for the kind of thing that is asked for: "which early album", "name a city".

use std::ops::Range;

use crate::text::{Token, is_function_word};
use crate::thesaurus::Word;

/// Words between the one that opens the question and the noun.
const FILLERS: &[&str] = &[
    "a", "an", "the", "of", "is", "are", "was", "were", "me", "all", "some", "one", "any", "every",
    "kind", "type", "sort", "name", "called", "in", "on", "at", "s", "many",
];
const MOST_FILLERS: usize = 5;

/// Finds the noun, where the question opens by asking for a thing of some kind: the last word of the first run of words
/// that carry content, short of a verb or a name that follows it. Words from `limit` on are not looked at.
pub(super) fn find(tokens: &[Token], cue: &[bool], limit: usize) -> Option<usize> {
    let run = run(tokens, cue, limit)?;
    let last = run.end - 1;
    // "Which film stars | Will Smith": after a noun for one thing, this is no noun for several but a verb.
    // "Which film stars | both Will Smith and": the words for two do not matter.
    let two = |token: &&Token| matches!(token.text.as_str(), "both" | "either");
    let mut behind = tokens[run.end..].iter().skip_while(two);
    let name_follows = behind.next().is_some_and(|next| next.capital);
    let verb = name_follows && run.len() > 1 && is_plural(&tokens[last].text);
    // A noun for several things ends what it is the head of: "which films | share an actor".
    let mut nouns = run.clone();
    let head = nouns.find(|at| {
        let next = run.contains(&(at + 1)) && is_plural(&tokens[at + 1].text);
        is_plural(&tokens[*at].text) && !next
    });
    match head {
        Some(at) if at < last => Some(at),
        _ if verb || ends_in_a_verb(tokens, &run) => Some(last - 1),
        _ => Some(last),
    }
}

/// Whether a verb follows the noun for one thing: "which company | owns", "what firm | makes the drug".
fn ends_in_a_verb(tokens: &[Token], run: &Range<usize>) -> bool {
    let [.., noun, last] = &tokens[run.clone()] else {
        return false;
    };
    let (noun, word) = (Word::of(&noun.text), Word::of(&last.text));
    let article = |next: &Token| matches!(next.text.as_str(), "the" | "a" | "an" | "his" | "her");
    let object = tokens.get(run.end).is_some_and(article) && is_plural(&last.text);
    let adverb = last.text.ends_with("ly");
    // "Which river | flows through": nouns hardly stand before these.
    let moves = tokens
        .get(run.end)
        .is_some_and(|next| leads_somewhere(&next.text))
        && is_plural(&last.text);
    let verb = word.is_known() && !adverb && (!word.is_noun() || object || moves);
    noun.is_noun() && verb
}

/// Whether a preposition tells which way something goes.
pub(crate) fn leads_somewhere(word: &str) -> bool {
    matches!(
        word,
        "through"
            | "thru"
            | "into"
            | "onto"
            | "over"
            | "under"
            | "along"
            | "past"
            | "across"
            | "towards"
    )
}

/// Finds it anew where a name turned out to follow the noun.
pub(super) fn before(
    tokens: &[Token],
    cue: &[bool],
    asked: usize,
    name: &Range<usize>,
) -> Option<usize> {
    let sure = name.len() > 1
        || tokens[name.start].capital
        || !Word::of(&tokens[name.start].text).is_noun();
    let first = run(tokens, cue, tokens.len())?.start;
    if !sure || name.start <= first || asked + 1 < name.start {
        return Some(asked);
    }
    let found = if asked < name.start {
        asked
    } else {
        find(tokens, cue, name.start)?
    };
    // A verb may stand between the two.
    let verb = found > first && found + 1 == name.start && is_plural(&tokens[found].text);
    let after_one = verb && !is_plural(&tokens[found - 1].text);
    Some(if after_one { found - 1 } else { found })
}

/// Finds what is asked for of a name, where nothing else is: "what are | Lin's | latest papers". Words before the name
/// carry no content.
pub(super) fn of_name(tokens: &[Token], cue: &[bool], name: &Range<usize>) -> Option<usize> {
    let content = |at: usize| !cue[at] && !is_function_word(&tokens[at].text);
    let possessive = tokens.get(name.end).is_some_and(|next| next.text == "s");
    if !possessive || (0..name.start).any(content) {
        return None;
    }
    let first = (name.end + 1..tokens.len()).find(|at| !cue[*at])?;
    let ends = |at: usize| !content(at) || tokens[at].capital;
    let end = (first..tokens.len()).find(|at| ends(*at));
    let last = end.unwrap_or(tokens.len()).checked_sub(1)?;
    (first <= last && Word::of(&tokens[last].text).is_noun()).then_some(last)
}

fn run(tokens: &[Token], cue: &[bool], limit: usize) -> Option<Range<usize>> {
    let word = |at: usize| tokens[at].text.as_str();
    let opening = (0..tokens.len()).find(|at| {
        matches!(
            word(*at),
            "what"
                | "whats"
                | "which"
                | "name"
                | "list"
                | "show"
                | "give"
                | "many"
                | "find"
                | "tell"
        )
    });
    // "Who are the goalkeepers that".
    let opening = opening.or_else(|| {
        let several = matches!(tokens.get(..3)?, [who, are, the]
            if who.text == "who" && matches!(are.text.as_str(), "are" | "were") && the.text == "the");
        let relative = |token: &Token| matches!(token.text.as_str(), "that" | "who" | "whose");
        let said = tokens.iter().skip(4).take(3).any(relative);
        (several && said).then_some(2)
    });
    let limit = limit.min(tokens.len());
    let content = |at: usize| !cue[at] && !is_function_word(word(at));
    // "Capitals of the states that": what is asked for may open the question itself.
    let from = opening.map_or(0, |opening| opening + 1);
    let first = (from..limit.min(from + 1 + MOST_FILLERS)).find(|at| content(*at))?;
    if !(from..first).all(|at| FILLERS.contains(&word(at)) || cue[at]) {
        return None;
    }
    // "The longest film by her" asks for a film.
    let ranked = (from..first).any(|at| cue[at]);
    let bare = opening.is_none();
    // "Open claims on": an adjective may stand before the noun.
    let next = first + 1 < limit && content(first + 1) && is_plural(&tokens[first + 1].text);
    let phrase = is_noun_phrase(tokens, first) || (next && is_noun_phrase(tokens, first + 1));
    if bare && !phrase && !ranked {
        return None;
    }
    let ends = |at: usize| {
        let (before, own) = (&tokens[at - 1], &tokens[at]);
        let noun = Word::of(&before.text).is_noun();
        let path = leads_somewhere(&own.text);
        // After a noun, a name or a participle says more of it.
        let name = own.capital && !before.capital;
        !content(at) || path || (noun && (name || Word::of(&own.text).is_participle(&own.text)))
    };
    let end = (first + 1..limit).find(|at| ends(*at)).unwrap_or(limit);
    (first < end).then_some(first..end)
}

/// Whether a question that opens with a word is no more than a noun and what is said of it: "papers about robotics",
/// "population of the largest state".
fn is_noun_phrase(tokens: &[Token], first: usize) -> bool {
    let word = tokens[first].text.as_str();
    let known = Word::of(word);
    let next = tokens.get(first + 1).map(|token| token.text.as_str());
    let said = matches!(
        next,
        Some(
            "of" | "in"
                | "by"
                | "with"
                | "that"
                | "which"
                | "who"
                | "whose"
                | "about"
                | "from"
                | "for"
                | "on"
                | "at"
        )
    );
    let name = first > 0 && tokens[first].capital;
    // "Films directed by".
    // But "the films directed by her were written by who" asks for others.
    let wh = |token: &Token| {
        matches!(
            token.text.as_str(),
            "who" | "whom" | "what" | "which" | "where" | "when"
        )
    };
    let made =
        next.is_some_and(|next| Word::of(next).is_participle(next)) && !tokens.iter().any(wh);
    known.is_noun()
        && !name
        && !known.is_participle(word)
        && (said || made)
        && (is_plural(word) || matches!(next, Some("of" | "that" | "which" | "whose")))
}

/// Whether a word is a noun for several things.
fn is_plural(word: &str) -> bool {
    Word::of(word).is_plural(word)
}

#[cfg(test)]
mod tests {
    use crate::question::Question;

    fn asked(text: &str) -> String {
        let question = Question::read(text);
        let found = question.asked.map(|at| question.tokens[at].text.clone());
        found.unwrap_or_default()
    }

    #[test]
    fn verbs_and_names_end_it() {
        assert_eq!(asked("Which early album did he make?"), "album");
        assert_eq!(
            asked("which films share the same director of Heat"),
            "films"
        );
        assert_eq!(asked("Which film stars Will Smith?"), "film");
        assert_eq!(asked("Which rivers cross France?"), "rivers");
        assert_eq!(
            asked("Which river flows through the most countries?"),
            "river"
        );
        assert_eq!(asked("which countries border germany"), "countries");
        assert_eq!(asked("What towns founded in 1850 are there?"), "towns");
        assert_eq!(asked("What sports teams are there?"), "teams");
        assert_eq!(asked("What American pastor was born here?"), "pastor");
        assert_eq!(asked("Name a city."), "city");
        assert_eq!(asked("Which company owns the studio?"), "company");
        assert_eq!(asked("what firm makes a drug for it"), "firm");
        assert_eq!(asked("what element sits where they meet"), "element");
        assert_eq!(asked("films directed by Lang"), "films");
        assert_eq!(asked("Who wrote Dune?"), "");
        assert_eq!(asked("capitals of the states that it crosses"), "capitals");
        assert_eq!(asked("population of the largest state"), "population");
        assert_eq!(asked("Is she the author of Dune?"), "");
        assert_eq!(asked("Does the capital of Peru have a port?"), "");
    }

    #[test]
    fn names_are_known_later() {
        let mut question = Question::read("which film stars tom hanks");
        question.spare(&(3..5));
        assert_eq!(
            question.asked.map(|at| question.tokens[at].text.as_str()),
            Some("film")
        );
    }
}
