//! What the names of a database's tables and columns stand for: "cntry nm" is a country's name, "airportname" an airport's.
//!
//! Where predicates have no labels, their names are what somebody once called a column. Abbreviations are spelt out by what
//! is customary, and by the words that classes and other predicates of the same knowledge base are called by: "crs" is a
//! course where there are courses. Words written as one are taken apart where the knowledge base knows one of them. Words of
//! English stay as they are.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use kg_store::Snapshot;
use kg_store::rdf::NamedNodeRef;

use crate::RetrieverError;
use crate::text;
use crate::thesaurus::Word;

/// Abbreviations that are in use for the names of columns everywhere.
const CUSTOMARY: &[(&str, &str)] = &[
    ("abbr", "abbreviation"),
    ("abbrev", "abbreviation"),
    ("acct", "account"),
    ("acft", "aircraft"),
    ("addr", "address"),
    ("amt", "amount"),
    ("avg", "average"),
    ("bldg", "building"),
    ("cd", "code"),
    ("cnt", "count"),
    ("ctry", "country"),
    ("cust", "customer"),
    ("dept", "department"),
    ("desc", "description"),
    ("descr", "description"),
    ("dest", "destination"),
    ("dob", "date of birth"),
    ("dt", "date"),
    ("dte", "date"),
    ("dur", "duration"),
    ("elev", "elevation"),
    ("emp", "employee"),
    ("fname", "first name"),
    ("freq", "frequency"),
    ("govt", "government"),
    ("hq", "headquarters"),
    ("hr", "hour"),
    ("ht", "height"),
    ("lang", "language"),
    ("len", "length"),
    ("lname", "last name"),
    ("lng", "longitude"),
    ("loc", "location"),
    ("max", "maximum"),
    ("mfr", "manufacturer"),
    ("mgr", "manager"),
    ("mth", "month"),
    ("nbr", "number"),
    ("nm", "name"),
    ("nme", "name"),
    ("no", "number"),
    ("num", "number"),
    ("oid", "id"),
    ("ord", "order"),
    ("org", "organization"),
    ("pct", "percent"),
    ("prod", "product"),
    ("qty", "quantity"),
    ("sal", "salary"),
    ("src", "source"),
    ("tel", "telephone"),
    ("tot", "total"),
    ("typ", "type"),
    ("uid", "id"),
    ("univ", "university"),
    ("wt", "weight"),
    ("yr", "year"),
];
/// What words written as one end in where they tell what the column holds.
const HEADS: [&str; 9] = [
    "name", "code", "id", "date", "type", "number", "no", "nm", "abbrev",
];
/// Classes of which the words of names are learnt.
const MOST_SPELT: usize = 2_000;
/// Letters of an abbreviation, and of a part of what is written as one, at the least.
const LEAST_LETTERS: usize = 3;
const LEAST_COMPOUND: usize = 6;

/// The words of a knowledge base's own names.
#[derive(Default)]
pub(super) struct Spelling {
    /// Base forms of what classes are called by.
    of_classes: BTreeSet<String>,
    /// And of what predicates are, where they are English words.
    of_predicates: BTreeSet<String>,
    /// The names of the classes, by the stems of their words.
    classes: BTreeSet<String>,
}

impl Spelling {
    /// The words of what classes are called, the ones with the most things first, in an order that depends on the data alone.
    /// Each class is given by how many things it has, and its IRI.
    pub(super) fn of_classes(
        snapshot: &Snapshot,
        mut classes: Vec<(u64, &str)>,
    ) -> Result<Self, RetrieverError> {
        let mut spelling = Self::default();
        classes.sort_unstable_by_key(|(things, iri)| (Reverse(*things), *iri));
        for (_, iri) in classes.into_iter().take(MOST_SPELT) {
            let node = NamedNodeRef::new_unchecked(iri);
            spelling.learn_class(&snapshot.label(node, &["en"])?);
        }
        Ok(spelling)
    }

    /// Takes in what a class is called.
    fn learn_class(&mut self, name: &str) {
        let tokens = text::tokens(name);
        let stems: Vec<&str> = tokens.iter().map(|token| token.stem.as_str()).collect();
        self.classes.insert(stems.join(" "));
        for token in &tokens {
            // "Airports" are called by "airport" as well.
            let lemmas = Word::of(&token.text).lemmas.clone();
            self.of_classes.extend(lemmas);
            self.of_classes.insert(token.text.clone());
        }
    }

    /// Takes in what a predicate is called.
    pub(super) fn learn_predicate(&mut self, name: &str) {
        let words = text::tokens(name).into_iter().map(|token| token.text);
        self.of_predicates
            .extend(words.filter(|word| Word::of(word).is_known()));
    }

    /// Whether this is what a class is called.
    pub(super) fn is_class(&self, name: &str) -> bool {
        let tokens = text::tokens(name);
        let stems: Vec<&str> = tokens.iter().map(|token| token.stem.as_str()).collect();
        self.classes.contains(&stems.join(" "))
    }

    /// A name that was made from an IRI, with its abbreviations spelt out; none where there are none.
    pub(super) fn spelt_out(&self, name: &str) -> Option<String> {
        let mut changed = false;
        let count = name.split(' ').count();
        let words: Vec<String> = name
            .split(' ')
            .enumerate()
            .map(|(at, word)| {
                // "Has no children" tells no number.
                let number = word.eq_ignore_ascii_case("no") && (at == 0 || at + 1 < count);
                let full = (!number).then(|| self.word(&word.to_lowercase())).flatten();
                changed |= full.is_some();
                full.unwrap_or_else(|| word.to_owned())
            })
            .collect();
        changed.then(|| words.join(" "))
    }

    fn word(&self, word: &str) -> Option<String> {
        if self.of_classes.contains(word) {
            // The CDs of a record shop.
            return None;
        }
        let full = customary(word).map(str::to_owned);
        full.or_else(|| {
            let letters = word.bytes().all(|b| b.is_ascii_lowercase());
            let known = self.is_word(word);
            if known || !letters || word.len() < LEAST_LETTERS {
                return None;
            }
            let shortened = [&self.of_classes, &self.of_predicates]
                .into_iter()
                .find_map(|words| stands_for(word, words));
            shortened.or_else(|| self.apart(word))
        })
    }

    fn is_word(&self, word: &str) -> bool {
        // What has no vowel is no word, whatever the thesaurus has under its letters.
        let vowel = word.contains(['a', 'e', 'i', 'o', 'u', 'y']);
        (vowel && Word::of(word).is_known()) || self.is_own(word)
    }

    /// Whether the knowledge base uses a word for a class or a predicate.
    fn is_own(&self, word: &str) -> bool {
        self.of_classes.contains(word) || self.of_predicates.contains(word)
    }

    /// "Airportname" as two words: one of them is the knowledge base's own, or tells what a column holds.
    fn apart(&self, word: &str) -> Option<String> {
        // "Dname": of a table that begins with this letter.
        if HEADS.contains(&&word[1..]) {
            return Some(self.full(&word[1..]));
        }
        if word.len() < LEAST_COMPOUND {
            return None;
        }
        let is_part = |part: &str| {
            customary(part).is_some() || (part.len() >= LEAST_LETTERS && self.is_word(part))
        };
        let cuts = (2..word.len() - 1).map(|at| word.split_at(at));
        let fitting = cuts
            .filter(|(left, right)| is_part(left) && is_part(right))
            .filter(|(left, right)| {
                self.is_own(left) || self.is_own(right) || HEADS.contains(right)
            });
        // "Source airport" rather than "sourceair port".
        let worth = |(left, right): &(&str, &str)| {
            let own = usize::from(self.is_own(left)) + usize::from(self.is_own(right));
            (own, left.len().min(right.len()))
        };
        let (left, right) = fitting.max_by_key(worth)?;
        Some(format!("{} {}", self.full(left), self.full(right)))
    }

    fn full(&self, word: &str) -> String {
        customary(word).unwrap_or(word).to_owned()
    }
}

fn customary(word: &str) -> Option<&'static str> {
    let found = CUSTOMARY.binary_search_by_key(&word, |(short, _)| short);
    found.ok().map(|at| CUSTOMARY[at].1)
}

/// The one word that an abbreviation is the beginning of, or has the consonants of.
fn stands_for(short: &str, words: &BTreeSet<String>) -> Option<String> {
    let only = |fits: &dyn Fn(&str) -> bool| {
        let mut found = words
            .iter()
            .filter(|word| word.len() > short.len() && fits(word));
        let first = found.next()?;
        // "Airport" and "airports" are the same.
        let stem = text::stem(first);
        found
            .all(|other| text::stem(other) == stem)
            .then(|| first.clone())
    };
    only(&|word| word.starts_with(short)).or_else(|| {
        let wanted = consonants(short);
        only(&|word| wanted.len() >= LEAST_LETTERS && consonants(word) == wanted)
    })
}

/// The first letter and the consonants behind it.
fn consonants(word: &str) -> String {
    let letters = word.chars().enumerate();
    letters
        .filter(|(at, letter)| *at == 0 || !matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u'))
        .map(|(_, letter)| letter)
        .collect()
}

/// What a column that refers to something is called without the words that say that it does so: "stadium" of "ref stadium
/// id". None where there are none, or nothing else.
pub(super) fn referred(name: &str) -> Option<String> {
    let refers = |word: &str| matches!(word.to_lowercase().as_str(), "ref" | "fk");
    let words: Vec<&str> = name.split(' ').collect();
    let from = usize::from(refers(words[0]));
    let keys = |word: &str| {
        let word = word.to_lowercase();
        matches!(word.as_str(), "id" | "key" | "fk" | "ref") || (from > 0 && word == "code")
    };
    let upto = words.len() - usize::from(keys(words[words.len() - 1]));
    (from < upto && upto - from < words.len()).then(|| words[from..upto].join(" "))
}

/// The column that a reference repeats, by the W3C's direct mapping of relational data: `concert#ref-stadium_id` refers to what
/// `concert#stadium_id` holds the key of.
pub(super) fn key_of(iri: &str) -> Option<String> {
    let at = iri.rfind('#')? + 1;
    let column = iri[at..].strip_prefix("ref-")?;
    Some(format!("{}{column}", &iri[..at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn college() -> Spelling {
        let mut spelling = Spelling::default();
        for class in [
            "airports",
            "country",
            "continent",
            "course",
            "student",
            "maker",
        ] {
            spelling.learn_class(class);
        }
        spelling.learn_predicate("full name");
        spelling
    }

    #[test]
    fn abbreviations_are_those_of_the_knowledge_base() {
        assert!(CUSTOMARY.is_sorted());
        let spelling = college();
        let spelt = |name: &str| spelling.spelt_out(name);
        assert_eq!(spelt("cntry nm").as_deref(), Some("country name"));
        assert_eq!(spelt("cont id").as_deref(), Some("continent id"));
        assert_eq!(spelt("crs title").as_deref(), Some("course title"));
        assert_eq!(spelt("stu id").as_deref(), Some("student id"));
        assert_eq!(spelt("mkr").as_deref(), Some("maker"));
        assert_eq!(spelt("airportname").as_deref(), Some("airport name"));
        assert_eq!(spelt("destairport").as_deref(), Some("destination airport"));
        assert_eq!(spelt("flightno").as_deref(), Some("flight number"));
        assert_eq!(spelt("dname").as_deref(), Some("name"));
    }

    #[test]
    fn words_stay_as_they_are() {
        let spelling = college();
        for name in [
            "has no children",
            "no",
            "directed by",
            "surname",
            "xyzzy",
            "mass",
            "",
            "a",
            "P31",
        ] {
            assert_eq!(spelling.spelt_out(name), None, "{name}");
        }
        assert!(spelling.is_class("airport") && spelling.is_class("Airports"));
        assert!(!spelling.is_class("port"));
    }

    #[test]
    fn what_refers_is_called_by_what_it_refers_to() {
        assert_eq!(referred("ref stadium id").as_deref(), Some("stadium"));
        assert_eq!(referred("customer id").as_deref(), Some("customer"));
        assert_eq!(referred("ref dept code").as_deref(), Some("dept"));
        assert_eq!(referred("postal code"), None);
        assert_eq!(referred("stadium"), None);
        assert_eq!(referred("id"), None);
        assert_eq!(referred("ref"), None);
        let key = key_of("http://x/concert#ref-stadium_id");
        assert_eq!(key.as_deref(), Some("http://x/concert#stadium_id"));
        assert_eq!(key_of("http://x/concert#stadium_id"), None);
    }
}
