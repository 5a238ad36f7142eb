//! What a predicate may be for things, by what it is called.

use kg_store::local_name;

use crate::catalog::Phrase;

/// What a predicate may be for things, by its own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Declared,
    Name,
    /// A code that is called a number, and may be one: "seat number".
    Number,
    Code,
    Alias,
    /// An alias by what is said of it: "former name".
    Other,
    /// Names that are put together.
    Given,
    Family,
}

/// Whether a predicate is called a title.
pub(super) fn is_title(iri: &str) -> bool {
    local_name(iri).to_lowercase().ends_with("title")
}

/// What predicates are called that give aliases.
const ALIASES: [&str; 13] = [
    "alias",
    "aliases",
    "also known as",
    "aka",
    "alternate name",
    "alternative name",
    "other name",
    "short name",
    "abbreviation",
    "acronym",
    "synonym",
    "exact synonym",
    "has exact synonym",
];
/// What says of a name that it is another one than the first.
const OTHER: [&str; 9] = [
    "other",
    "alternative",
    "alternate",
    "additional",
    "former",
    "previous",
    "nick",
    "pen",
    "maiden",
];

/// Words of what is called so, at the most.
const MOST_OF_OTHER: usize = 3;

/// What the parts of the name of a person are called.
const GIVEN: [&str; 5] = ["first name", "given name", "firstname", "forename", "fname"];
const FAMILY: [&str; 5] = ["last name", "family name", "lastname", "surname", "lname"];

/// What a predicate of this name may be: a name, a part of one, a code or an alias; and how many of its words say more than
/// that.
pub(super) fn sort(label: &str) -> Option<(Sort, usize)> {
    let phrase = Phrase::new(label);
    let words: Vec<&str> = phrase.tokens.iter().map(|t| t.text.as_str()).collect();
    if ALIASES.contains(&words.join(" ").as_str()) {
        return Some((Sort::Alias, 0));
    }
    let names = matches!(
        words.last(),
        Some(&("name" | "names" | "title" | "titles" | "label" | "labels"))
    );
    let nick = matches!(
        words.last(),
        Some(&("nickname" | "nicknames" | "pseudonym" | "pseudonyms"))
    );
    if nick {
        return Some((Sort::Alias, 0));
    }
    // "Former name", "other creator name": what is said of it stands before the name or first of all.
    let other = |at: usize| words.get(at).is_some_and(|word| OTHER.contains(word));
    let second = words.len().checked_sub(2);
    if names && words.len() <= MOST_OF_OTHER && (other(0) || second.is_some_and(other)) {
        return Some((Sort::Other, 0));
    }
    let text = words.join(" ");
    for (sort, called) in [(Sort::Given, GIVEN), (Sort::Family, FAMILY)] {
        let name = called.iter().find(|name| {
            let before = text.strip_suffix(**name);
            before.is_some_and(|before| before.is_empty() || before.ends_with(' '))
        });
        if let Some(name) = name {
            return Some((sort, words.len() - name.split(' ').count()));
        }
    }
    let partial = words.iter().any(|word| {
        matches!(
            *word,
            "first" | "last" | "given" | "family" | "middle" | "phone" | "telephone" | "fax"
        )
    });
    // "Number of employees" counts.
    let counts = phrase.head < phrase.tokens.len();
    let plain = |word: &&str| {
        matches!(
            *word,
            "has" | "full" | "display" | "preferred" | "official" | "the"
        )
    };
    // The word for it is one of them.
    let further = words
        .iter()
        .filter(|word| !plain(word))
        .count()
        .saturating_sub(1);
    match phrase.head_word()?.text.as_str() {
        _ if partial => None,
        "name" | "title" | "label" => Some((Sort::Name, further)),
        "number" | "no" if counts => None,
        "number" | "no" => Some((Sort::Number, further)),
        "code" | "id" | "identifier" | "key" | "reference" | "mnemonic" | "symbol"
        | "accession" => Some((Sort::Code, further)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_are_known_by_what_they_are_called() {
        assert_eq!(sort("agent Name"), Some((Sort::Name, 1)));
        assert_eq!(sort("full name"), Some((Sort::Name, 0)));
        assert_eq!(sort("policy number"), Some((Sort::Number, 1)));
        assert_eq!(sort("agent id"), Some((Sort::Code, 1)));
        assert_eq!(sort("number of employees"), None);
        for alias in ["also known as", "nickname"] {
            assert_eq!(sort(alias), Some((Sort::Alias, 0)), "{alias}");
        }
        for other in ["other creator name", "former name"] {
            assert_eq!(sort(other), Some((Sort::Other, 0)), "{other}");
        }
        assert_eq!(sort("previous job sector title"), Some((Sort::Name, 3)));
        assert_eq!(sort("first name"), Some((Sort::Given, 0)));
        assert_eq!(sort("employee surname"), Some((Sort::Family, 1)));
        assert_eq!(sort("middle name"), None);
        assert_eq!(sort("phone number"), None);
        assert_eq!(sort("colour"), None);
        assert_eq!(sort("has"), None);
        assert_eq!(sort("…"), None);
    }
}
