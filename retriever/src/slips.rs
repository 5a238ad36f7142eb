//! Slips of the keyboard in words that are no names: "the captial of Peru".
//!
//! A word that no list of words, no name and no predicate has is taken for the nearest one of what the knowledge base has predicates
//! and classes for, else of general English. Names with slips are found where names are looked up.

use std::collections::{BTreeMap, BTreeSet};

use crate::link::Mention;
use crate::question::Question;
use crate::text;
use crate::thesaurus::Word;
use crate::{ReadView, RetrieverError};

/// Shorter words are too like others.
const SHORTEST: usize = 4;
const LONGEST: usize = 24;
/// Words of the knowledge base's own that are compared.
const MOST_KNOWN: usize = 50_000;
/// Words of one question that are looked at.
const MOST: usize = 4;
/// Words of questions, which no list of nouns and verbs has.
const OF_QUESTIONS: [&str; 10] = [
    "which", "what", "where", "when", "whose", "many", "much", "does", "were", "have",
];

/// Words that are spelt as they should be, though no list of nouns, verbs, adjectives and adverbs has them.
const SPELT: [&str; 72] = [
    "against",
    "ain",
    "although",
    "among",
    "amongst",
    "anybody",
    "anyone",
    "anything",
    "aren",
    "because",
    "beside",
    "besides",
    "cannot",
    "couldn",
    "despite",
    "didn",
    "doesn",
    "during",
    "either",
    "else",
    "everybody",
    "everyone",
    "everything",
    "hadn",
    "hasn",
    "haven",
    "hers",
    "herself",
    "himself",
    "inside",
    "isn",
    "itself",
    "mine",
    "myself",
    "neither",
    "nobody",
    "none",
    "nothing",
    "onto",
    "ours",
    "ourselves",
    "outside",
    "shouldn",
    "since",
    "somebody",
    "someone",
    "something",
    "theirs",
    "themselves",
    "though",
    "through",
    "throughout",
    "till",
    "toward",
    "towards",
    "unless",
    "unlike",
    "until",
    "upon",
    "via",
    "wasn",
    "weren",
    "whatever",
    "whenever",
    "whereas",
    "wherever",
    "whichever",
    "whoever",
    "within",
    "without",
    "wouldn",
    "yourself",
];

/// How near a word is to one that nobody knows; the lesser, the nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Slip {
    /// Neighbours are swapped, or a letter is doubled or not.
    Likely,
    /// A letter is left out, and not the first one.
    LeftOut,
    /// A letter too many, or another one.
    Other,
}

/// Words for those of a question that are slips, with the first byte of each.
pub(crate) fn find(
    view: &ReadView,
    question: &Question,
    mentions: &[Mention],
) -> Result<Vec<(usize, String)>, RetrieverError> {
    let mut found = Vec::new();
    let mut own: Option<BTreeMap<&str, &str>> = None;
    for (at, token) in question.tokens.iter().enumerate() {
        let word = token.text.as_str();
        let letters = word.len();
        if !(SHORTEST..=LONGEST).contains(&letters)
            || !word.bytes().all(|b| b.is_ascii_lowercase())
            || (token.capital && at > 0)
            || text::is_function_word(word)
            || SPELT.contains(&word)
            || Word::of(word).is_known()
            || is_part_of_a_name(mentions, at)
            || view.index().has_word(word)?
        {
            continue;
        }
        let own = own.get_or_insert_with(|| words_of(view));
        // What is written otherwise may yet be a form of a word that is known.
        if own.contains_key(word) || own.values().any(|stem| *stem == token.stem) {
            continue;
        }
        let of_names = || view.index().words_like(word);
        if let Some(meant) = meant(word, at, own, &of_names)? {
            found.push((token.start, meant));
        }
        if found.len() == MOST {
            break;
        }
    }
    Ok(found)
}

/// Whether a word stands in a name of several words.
fn is_part_of_a_name(mentions: &[Mention], at: usize) -> bool {
    let mut names = mentions.iter().map(|mention| &mention.span);
    names.any(|span| span.len() > 1 && span.contains(&at))
}

/// The words in what predicates, classes and values that many things have are called, with their stems.
fn words_of(view: &ReadView) -> BTreeMap<&str, &str> {
    let catalog = view.catalog();
    let predicates = catalog.predicates().iter().flat_map(|predicate| {
        let values = predicate.values.iter().map(|value| &value.phrase);
        predicate.names.iter().chain(values)
    });
    let classes = catalog.classes().iter().flat_map(|class| &class.names);
    predicates
        .chain(classes)
        .flat_map(|name| &name.tokens)
        .filter(|token| token.text.len() >= SHORTEST)
        .map(|token| (token.text.as_str(), token.stem.as_str()))
        .take(MOST_KNOWN)
        .collect()
}

/// Whether a word comes from one that is known by an ending that makes nouns of verbs: "reinsurer".
fn is_derived(word: &str) -> bool {
    let stem = |ending: &str| word.strip_suffix(ending);
    ["r", "er", "rs", "ers", "or", "ors", "ly", "ness", "less"]
        .iter()
        .any(|ending| {
            stem(ending).is_some_and(|stem| stem.len() >= SHORTEST && Word::of(stem).is_known())
        })
}

/// The word that one which nobody knows is a slip of. `of_names` are words in names that are like it.
fn meant(
    word: &str,
    at: usize,
    own: &BTreeMap<&str, &str>,
    of_names: &dyn Fn() -> Result<Vec<String>, RetrieverError>,
) -> Result<Option<String>, RetrieverError> {
    if at < 3
        && let Some(found) = OF_QUESTIONS
            .iter()
            .find(|other| slip(word, other).is_some())
    {
        return Ok(Some((*found).to_owned()));
    }
    let near = own
        .keys()
        .filter_map(|other| Some((slip(word, other)?, *other)));
    if let Some((_, found)) = near.min() {
        return Ok(Some(found.to_owned()));
    }
    if is_derived(word) {
        return Ok(None);
    }
    if let Some(found) = of_names()?
        .into_iter()
        .find(|other| text::is_slip(word, other))
    {
        return Ok(Some(found));
    }
    let near = edits(word)
        .into_iter()
        .filter(|other| Word::of(other).is_known());
    let ranked = near.filter_map(|other| {
        let company = Word::of(&other).company();
        Some((slip(word, &other)?, std::cmp::Reverse(company), other))
    });
    Ok(ranked.min().map(|(_, _, found)| found))
}

/// How near two words are, where they are a letter apart.
fn slip(typed: &str, word: &str) -> Option<Slip> {
    if typed.len().abs_diff(word.len()) > 1 || strsim::damerau_levenshtein(typed, word) != 1 {
        return None;
    }
    let swapped = typed.len() == word.len() && strsim::levenshtein(typed, word) == 2;
    if swapped || text::undouble(typed) == text::undouble(word) {
        return Some(Slip::Likely);
    }
    let same_first = typed.as_bytes().first() == word.as_bytes().first();
    Some(if same_first && word.len() > typed.len() {
        Slip::LeftOut
    } else {
        Slip::Other
    })
}

/// All words that are one letter apart from one of the letters a to z.
fn edits(word: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for at in 0..=word.len() {
        let (before, after) = word.split_at(at);
        for letter in 'a'..='z' {
            found.insert(format!("{before}{letter}{after}"));
            if let Some(rest) = after.get(1..) {
                found.insert(format!("{before}{letter}{rest}"));
            }
        }
        if let Some(rest) = after.get(1..) {
            found.insert(format!("{before}{rest}"));
        }
        if let (Some(first), Some(second), Some(rest)) =
            (after.get(..1), after.get(1..2), after.get(2..))
        {
            found.insert(format!("{before}{second}{first}{rest}"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    fn meant(word: &str, at: usize, own: &[&str]) -> Option<String> {
        let own = own.iter().map(|word| (*word, *word)).collect();
        super::meant(word, at, &own, &|| Ok(vec!["ballon".to_owned()])).unwrap()
    }

    #[test]
    fn a_slip_is_the_nearest_word_that_the_knowledge_base_has() {
        let meant = |word: &str| meant(word, 5, &["country", "label", "services"]);
        assert_eq!(meant("contry").as_deref(), Some("country"));
        assert_eq!(meant("lable").as_deref(), Some("label"));
        assert_eq!(meant("sevices").as_deref(), Some("services"));
    }

    #[test]
    fn else_it_is_the_nearest_one_of_general_english() {
        let meant = |word: &str| meant(word, 5, &[]);
        assert_eq!(meant("depcited").as_deref(), Some("depicted"));
        assert_eq!(meant("avarage").as_deref(), Some("average"));
        assert_eq!(meant("averge").as_deref(), Some("average"));
        assert_eq!(meant("powerfull").as_deref(), Some("powerful"));
        assert_eq!(meant("recieved").as_deref(), Some("received"));
        assert_eq!(meant("athored").as_deref(), Some("authored"));
        assert_eq!(meant("balon").as_deref(), Some("ballon"));
        assert_eq!(meant("reinsurer"), None);
        assert_eq!(meant("qzxvkj"), None);
    }

    #[test]
    fn words_of_questions_stand_at_the_begin() {
        assert_eq!(meant("wich", 0, &[]).as_deref(), Some("which"));
        assert_eq!(meant("wher", 0, &[]).as_deref(), Some("where"));
    }
}
