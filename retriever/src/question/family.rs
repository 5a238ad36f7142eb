//! Nouns for members of a family, of which none stands for another one: an aunt is no mother, however alike the words are in
//! meaning.

use super::kin::{formal, singular};
use crate::text::{self, Token};
use crate::thesaurus::Word;

/// Nouns that say the same of somebody but for the sex, the general one first.
const GROUPS: [&[&str]; 8] = [
    &["parent", "father", "mother"],
    &["child", "son", "daughter", "offspring"],
    &["sibling", "brother", "sister"],
    &[
        "spouse", "husband", "wife", "partner", "married", "marriage", "wed",
    ],
    &["grandparent", "grandfather", "grandmother"],
    &["grandchild", "grandson", "granddaughter"],
    &["uncle", "aunt"],
    &["nephew", "niece"],
];
/// Nouns that are in no group.
const OTHERS: [&str; 5] = [
    "cousin",
    "stepfather",
    "stepmother",
    "godfather",
    "godmother",
];
/// What tells of any of them.
const ANY: [&str; 4] = ["relative", "family", "kin", "relation"];

/// The tokens that are nouns for members of a family, with the noun for one: "brother" of "brothers", "mother" of "mum", but
/// none of "the mother tongue".
pub(super) fn members(tokens: &[Token]) -> Vec<(usize, String)> {
    (0..tokens.len())
        .filter_map(|at| Some((at, member(tokens, at)?)))
        .collect()
}

fn member(tokens: &[Token], at: usize) -> Option<String> {
    let noun = formal(singular(&tokens.get(at)?.text));
    let known = GROUPS.iter().any(|group| group.contains(&noun.as_str()));
    let known = known || OTHERS.contains(&noun.as_str());
    let next = tokens.get(at + 1);
    let compound = next.is_some_and(|next| {
        let word = Word::of(&next.text);
        word.is_noun() && !text::is_function_word(&next.text) && !word.is_participle(&next.text)
    });
    (known && !compound && !matches!(noun.as_str(), "married" | "marriage" | "wed" | "partner"))
        .then_some(noun)
}

/// Whether a word of a predicate's name may be meant by such a noun: the noun itself, the general one of a special one, or a
/// special one of the general one.
pub(crate) fn may_mean(noun: &str, word: &str) -> bool {
    let word = formal(singular(word));
    if word == noun || ANY.contains(&word.as_str()) {
        return true;
    }
    GROUPS.iter().any(|group| {
        let place = |of: &str| group.iter().position(|known| *known == of);
        match (place(noun), place(&word)) {
            (Some(own), Some(other)) => {
                // Who is married is of either sex; a father is no mother.
                own == 0 || other == 0 || other > 2
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_stand_for_the_general_ones_alone() {
        for (noun, word) in [
            ("mother", "parent"),
            ("mother", "parents"),
            ("parent", "father"),
            ("wife", "spouse"),
            ("husband", "married"),
            ("brother", "siblings"),
            ("cousin", "relative"),
        ] {
            assert!(may_mean(noun, word), "{noun} {word}");
        }
        for (noun, word) in [
            ("mother", "father"),
            ("sister", "parent"),
            ("uncle", "father"),
            ("daughter", "mother"),
            ("wife", "child"),
            ("aunt", "mentor"),
        ] {
            assert!(!may_mean(noun, word), "{noun} {word}");
        }
    }

    #[test]
    fn members_of_families_are_told_from_tongues() {
        let found = |text: &str, at: usize| member(&text::tokens(text), at);
        assert_eq!(found("her mums", 1).as_deref(), Some("mother"));
        assert_eq!(found("the children of", 1).as_deref(), Some("child"));
        assert_eq!(found("the mother tongue of", 1), None);
        assert_eq!(found("the author of", 1), None);
    }
}
