//! Which predicates tell of the begin and the end of something, and of somebody's life.

use crate::catalog::Predicate;
use crate::thesaurus::Word;

/// What a day is called on which somebody was born, and on which somebody died.
const BIRTH: [&str; 5] = ["birth", "born", "birthdate", "birthday", "dob"];
const DEATH: [&str; 2] = ["death", "died"];

/// Whether a predicate tells when something ended.
pub(crate) fn tells_the_end(predicate: &Predicate) -> bool {
    predicate.names.iter().any(|name| {
        let last = name.tokens.last().is_some_and(|word| word.text == "to");
        last || name.tokens.iter().any(|word| ends(&word.text))
    })
}

/// Whether a predicate tells when somebody was born, which is not when they were what they are called: "kings since 1900".
pub(super) fn tells_of_birth(predicate: &Predicate) -> bool {
    BIRTH.iter().any(|word| predicate.is_named(word))
}

/// Whether a predicate tells when somebody was born or died, which nobody means who does not say so.
pub(super) fn tells_of_a_life(predicate: &Predicate) -> bool {
    tells_of_birth(predicate) || DEATH.iter().any(|word| predicate.is_named(word))
}

/// Whether a predicate tells when something began.
pub(super) fn tells_the_begin(predicate: &Predicate) -> bool {
    let mut words = predicate.names.iter().flat_map(|name| &name.tokens);
    words.any(|token| {
        let word = Word::of(&token.text);
        // A preposition is in no list of lemmas.
        let lemmas = word.lemmas.iter().map(String::as_str);
        lemmas.chain([token.text.as_str()]).any(|lemma| {
            matches!(
                lemma,
                "start" | "begin" | "beginning" | "from" | "since" | "commence" | "inauguration"
            )
        })
    })
}

/// Whether a word tells of the end of something, by which nothing is old.
fn ends(text: &str) -> bool {
    let word = Word::of(text);
    let lemmas = word.lemmas.iter().map(String::as_str);
    lemmas.chain([text]).any(|lemma| {
        matches!(
            lemma,
            "last"
                | "end"
                | "close"
                | "closing"
                | "closure"
                | "die"
                | "death"
                | "dissolve"
                | "final"
                | "until"
                | "demolish"
                | "abolish"
                | "retire"
                | "expire"
        )
    })
}
