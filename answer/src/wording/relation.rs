//! What a predicate's label is in a sentence: a noun that its values are called by, or words that lead from its subject to
//! its object.

use retriever::thesaurus::Word;

use super::clause::{Clause, being, clause_of_is, did, participle, third_person};
use crate::phrase::{plural_of_head, singular_of_head};

const PREPOSITIONS: &[&str] = &[
    "of", "in", "by", "for", "from", "at", "to", "on", "with", "as", "after", "before", "under",
    "into", "over", "during", "through", "against", "between", "about", "near", "within", "upon",
    "among", "per",
];
/// Past forms that say what their subject did: "played for". Others say what was done to it.
const DID: &[&str] = &[
    "played",
    "worked",
    "studied",
    "lived",
    "died",
    "competed",
    "participated",
    "graduated",
    "served",
    "belonged",
    "resided",
    "happened",
    "occurred",
    "ended",
    "debuted",
    "moved",
    "ran",
    "fought",
    "went",
    "came",
    "taught",
    "sang",
];
/// Participles that tell how their subject is, though an object follows.
const STATES: &[&str] = &[
    "born",
    "located",
    "situated",
    "based",
    "headquartered",
    "related",
    "named",
    "called",
    "used",
    "associated",
    "connected",
    "affiliated",
];
/// Nouns that say what their subject is to the object, whatever follows them: "member of group".
const BEING: &[&str] = &["member", "part", "instance", "kind", "subclass"];

/// What a label is in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// Its values are called by it: "the capital of Chad is N'Djamena".
    Noun(Noun),
    /// It leads from the subject to the object: "Gullwatch stands on Korrin".
    Clause(Clause),
}

/// A noun for values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Noun {
    /// "capital", "starred actor".
    pub(crate) one: String,
    /// "capitals", "starred actors".
    pub(crate) many: String,
    /// Whether the label itself speaks of many.
    pub(crate) plural: bool,
}

/// How the labels of a knowledge base are: "causes" is a verb beside "binds" and "treats", and a noun beside "symptoms" and "genre".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Labels {
    /// Mostly verbs, or as often.
    Verbs,
    /// Mostly nouns.
    Nouns,
}

impl Labels {
    /// Reads those labels of one word that can be but one of the two.
    pub(crate) fn of<'a>(labels: impl Iterator<Item = &'a str>) -> Self {
        let (mut verbs, mut nouns) = (0, 0);
        for label in labels.filter(|label| !label.contains(' ')) {
            let lower = label.to_lowercase();
            let word = Word::of(&lower);
            let noun = word.lemmas.iter().any(|lemma| Word::of(lemma).is_noun());
            match (is_third_person(&lower), noun) {
                (true, false) => verbs += 1,
                (false, true) => nouns += 1,
                _ => {}
            }
        }
        if nouns > verbs {
            Self::Nouns
        } else {
            Self::Verbs
        }
    }
}

impl Relation {
    /// Reads a label that is in words already. Values that are literals have nouns rather than verbs; what may be either is told
    /// by the other labels.
    pub(crate) fn of(label: &str, literal: bool, labels: impl FnOnce() -> Labels) -> Self {
        let words: Vec<&str> = label.split_whitespace().collect();
        let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        match lower.as_slice() {
            [] | [_] => Self::of_one_word(label, literal, labels),
            ["has" | "have", "no" | "not", ..] => Self::Clause(clause_of_is("has", &words[1..])),
            ["has" | "have", .., last] if is_preposition(last) => {
                Self::Clause(third_person(&words))
            }
            ["has" | "have", rest @ ..] => {
                let article = usize::from(matches!(rest[0], "a" | "an" | "the") && rest.len() > 1);
                Self::Noun(Noun::of(&words[1 + article..].join(" ")))
            }
            ["is" | "are" | "was" | "were", ..] => Self::Clause(clause_of_is("is", &words[1..])),
            [first, second, ..] if is_preposition(second) || *second == "a" => {
                Self::of_leading(&words, first, second)
            }
            // "in language": the noun tells the same.
            ["in" | "on" | "at" | "with" | "for" | "by", ..] => {
                Self::Noun(Noun::of(&words[1..].join(" ")))
            }
            [first, .., last] if is_preposition(last) => {
                if is_third_person(first) {
                    Self::Clause(third_person(&words))
                } else if DID.contains(first) {
                    Self::Clause(did(&words))
                } else if Word::of(first).is_participle(first) {
                    Self::Clause(participle(&words))
                } else if *last == "of" {
                    Self::Clause(being(&words, words.len()))
                } else {
                    Self::Clause(clause_of_is("is", &words))
                }
            }
            [first, ..] if is_third_person(first) && !Word::of(first).is_noun() => {
                Self::Clause(third_person(&words))
            }
            _ => Self::Noun(Noun::of(label)),
        }
    }

    fn of_one_word(label: &str, literal: bool, labels: impl FnOnce() -> Labels) -> Self {
        let word = label.to_lowercase();
        if DID.contains(&word.as_str()) {
            return Self::Clause(did(&[label]));
        }
        let past = word.ends_with("ed") || word == "born" || word == "built";
        if past && Word::of(&word).is_participle(&word) {
            // "Composed" tells what its subject did to its object, and "located" how it is.
            let does = !literal && !STATES.contains(&word.as_str());
            let clause = if does { did } else { participle };
            return Self::Clause(clause(&[label]));
        }
        let noun = Noun::of(label);
        // "authors" and "genres" are nouns, and "borders" may be either.
        let one = Word::of(&noun.one);
        let named = ["person", "cognition"].iter().any(|kind| one.denotes(kind));
        if !is_third_person(&word)
            || literal
            || named
            || (one.is_noun() && labels() == Labels::Nouns)
        {
            return Self::Noun(noun);
        }
        Self::Clause(third_person(&[label]))
    }

    /// "stands on", "listed in catalogue", "member of group", "place of birth", "is a kind of".
    fn of_leading(words: &[&str], first: &str, second: &str) -> Self {
        if is_third_person(first) && !(second == "of" && words.len() > 2) {
            Self::Clause(third_person(words))
        } else if DID.contains(&first)
            || (is_past(first) && matches!(second, "for" | "with" | "against"))
        {
            Self::Clause(did(words))
        } else if is_past(first) {
            Self::Clause(participle(words))
        } else if second == "of" && (words.len() == 2 || BEING.contains(&first)) {
            Self::Clause(being(words, 2))
        } else if words.len() == 2 {
            Self::Clause(clause_of_is("is", words))
        } else if words.last().is_some_and(|last| is_preposition(last)) {
            Self::Clause(being(words, words.len()))
        } else {
            Self::Noun(Noun::of(&words.join(" ")))
        }
    }
}

impl Noun {
    pub(crate) fn of(label: &str) -> Self {
        let one = singular_of_head(label);
        Self {
            many: plural_of_head(&one),
            plural: one != label,
            one,
        }
    }

    /// The noun for one or for many.
    pub(crate) fn number(&self, several: bool) -> &str {
        if several { &self.many } else { &self.one }
    }
}

pub(super) fn is_preposition(word: &str) -> bool {
    PREPOSITIONS.contains(&word)
}

fn is_third_person(word: &str) -> bool {
    word.len() > 3
        && word.ends_with('s')
        && !["ss", "us", "is"].iter().any(|end| word.ends_with(end))
        && Word::of(word)
            .lemmas
            .iter()
            .any(|lemma| lemma != word && Word::of(lemma).is_verb())
}

fn is_past(word: &str) -> bool {
    Word::of(word).is_participle(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(label: &str) -> Clause {
        match Relation::of(label, false, || Labels::Verbs) {
            Relation::Clause(clause) => clause,
            Relation::Noun(noun) => panic!("{label} is a noun: {noun:?}"),
        }
    }

    #[test]
    fn verbs_follow_their_subjects() {
        for (label, one, many, not_many) in [
            ("stands on", "stands on", "stand on", "do not stand on"),
            ("comes from", "comes from", "come from", "do not come from"),
            ("is part of", "is part of", "are part of", "are not part of"),
            ("is fed by", "is fed by", "are fed by", "are not fed by"),
            (
                "is location of",
                "is a location of",
                "are locations of",
                "are not locations of",
            ),
            (
                "is a kind of",
                "is a kind of",
                "are kinds of",
                "are not kinds of",
            ),
            (
                "isotope of",
                "is an isotope of",
                "are isotopes of",
                "are not isotopes of",
            ),
            (
                "capital of",
                "is capital of",
                "are capitals of",
                "are not capitals of",
            ),
            ("played for", "played for", "played for", "did not play for"),
            ("born on", "is born on", "are born on", "are not born on"),
            (
                "crystallises as",
                "crystallises as",
                "crystallise as",
                "do not crystallise as",
            ),
            (
                "connected by a causeway to",
                "is connected by a causeway to",
                "are connected by a causeway to",
                "are not connected by a causeway to",
            ),
            (
                "made from the milk of",
                "is made from the milk of",
                "are made from the milk of",
                "are not made from the milk of",
            ),
        ] {
            let said = clause(label);
            assert_eq!(said.finite(false, false), one, "{label}");
            assert_eq!(said.finite(true, false), many, "{label}");
            assert_eq!(said.finite(true, true), not_many, "{label}");
        }
        assert_eq!(
            clause("directed by").relative(true, true),
            "not directed by"
        );
        assert_eq!(
            clause("stands on").relative(false, true),
            "that does not stand on"
        );
        assert_eq!(
            clause("painted by").past(true).as_deref(),
            Some("were painted by")
        );
    }

    #[test]
    fn labels_that_say_what_the_object_is() {
        let group = clause("member of group");
        assert_eq!(group.one, "is a member of");
        assert_eq!(group.with_object("group 1", false), "group 1");
        let disease = clause("is associated with disease");
        assert_eq!(disease.one, "is associated with");
        assert_eq!(disease.with_object("gout", false), "the disease gout");
        assert_eq!(
            disease.with_object("gout and flu", true),
            "the diseases gout and flu"
        );
        assert_eq!(clause("lies in period").many, "lie in");
        let series = clause("part of the series");
        assert_eq!(series.one, "is part of");
        assert_eq!(
            series.with_object("Merrie Melodies", false),
            "the series Merrie Melodies"
        );
    }

    #[test]
    fn nouns_have_a_number() {
        for (label, one, many) in [
            ("capital", "capital", "capitals"),
            ("place of birth", "place of birth", "places of birth"),
            (
                "has mode of inheritance",
                "mode of inheritance",
                "modes of inheritance",
            ),
            ("starred actors", "starred actor", "starred actors"),
            ("in language", "language", "languages"),
            ("award received", "award received", "awards received"),
            (
                "languages spoken, written, or signed",
                "language spoken, written, or signed",
                "languages spoken, written, or signed",
            ),
            ("number of acts", "number of acts", "numbers of acts"),
            ("taxon species", "taxon species", "taxon species"),
            (
                "annotated phenotype",
                "annotated phenotype",
                "annotated phenotypes",
            ),
        ] {
            match Relation::of(label, false, || Labels::Verbs) {
                Relation::Noun(noun) => {
                    assert_eq!((noun.one.as_str(), noun.many.as_str()), (one, many));
                }
                Relation::Clause(clause) => panic!("{label} is a clause: {clause:?}"),
            }
        }
        assert_eq!(clause("borders").many, "border");
        let noun = |label, literal, labels| {
            matches!(Relation::of(label, literal, || labels), Relation::Noun(_))
        };
        assert!(noun("genres", false, Labels::Verbs));
        assert!(noun("games", true, Labels::Verbs));
        assert!(noun("symptoms", false, Labels::Verbs));
    }

    #[test]
    fn the_other_labels_tell_what_may_be_a_noun_or_a_verb() {
        let nouns = Labels::of(["causes", "symptoms", "genre", "place of birth"].into_iter());
        let verbs = Labels::of(["causes", "binds", "owns", "genre"].into_iter());
        assert_eq!((nouns, verbs), (Labels::Nouns, Labels::Verbs));
        let causes = |labels| Relation::of("causes", false, || labels);
        assert!(matches!(causes(nouns), Relation::Noun(noun) if noun.many == "causes"));
        assert!(matches!(causes(verbs), Relation::Clause(_)));
    }
}
