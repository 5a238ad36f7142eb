//! How people ask for a predicate or class: by its names, and in words of its experts.

use std::collections::HashSet;

use kg_store::rdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term};
use kg_store::{Name, NameKind, Snapshot};

use super::Phrase;
use super::spelling::{Spelling, referred};
use crate::RetrieverError;
use crate::text;
use crate::thesaurus::Word;

/// The predicate with which an expert states how people ask for a predicate ("penned by") or class. It gives no
/// name to be shown.
pub const PHRASE: &str = "https://almanac.example/ns#phrase";
/// The same for the facts of a predicate as they are asked for from the object's side: "children" of "parent".
pub const INVERSE_PHRASE: &str = "https://almanac.example/ns#inversePhrase";

pub(super) const INVERSE_OF: &str = "http://www.w3.org/2002/07/owl#inverseOf";

/// Names and phrases of one predicate or class, each way.
const MOST: usize = 32;
/// Inverses of one predicate whose names are read.
const MOST_INVERSES: usize = 4;
/// Phrases of one predicate or class that are read.
const MOST_READ: usize = 1_000;
/// Words of an IRI that is a name.
const MOST_SPOKEN: usize = 6;
/// A phrase longer than this, in bytes, is a description.
const LONGEST: usize = 200;

/// What people call what SKOS ties concepts by, from the subject's side and from the object's.
const STANDARD: [(&str, &[&str], &[&str]); 2] = [
    (
        "http://www.w3.org/2004/02/skos/core#broader",
        &["supercategory"],
        NARROWER,
    ),
    (
        "http://www.w3.org/2004/02/skos/core#narrower",
        NARROWER,
        &["broader", "supercategory"],
    ),
];
const NARROWER: &[&str] = &["narrower", "subcategory", "subtopic", "subfield"];

/// What somebody is of whom one is a relative: of one's parent, a child.
fn converse(name: &str) -> Option<&'static str> {
    let tokens = crate::text::tokens(name);
    let words: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
    match words.as_slice() {
        ["parent" | "parents"] | ["has", "parent"] => Some("child"),
        ["child" | "children"] | ["has", "child"] => Some("parent"),
        _ => None,
    }
}

/// The phrases that go without saying for a predicate of a standard, each way.
fn standard(node: NamedNodeRef<'_>) -> (&'static [&'static str], &'static [&'static str]) {
    let known = STANDARD.iter().find(|(iri, _, _)| *iri == node.as_str());
    known.map_or((&[], &[]), |(_, direct, inverse)| (direct, inverse))
}

/// Whether a predicate says how people ask for another one, or for a class.
pub(crate) fn is_phrasing(iri: &str) -> bool {
    iri == PHRASE || iri == INVERSE_PHRASE
}

/// What names that are made from an IRI are read with.
pub(super) struct Own<'a> {
    /// The words of the knowledge base's own names.
    pub(super) spelling: &'a Spelling,
    /// Whether it refers to things.
    pub(super) refers: bool,
    /// Whether it is a predicate's: of a class, an IRI that says more is mostly that of a narrower one.
    pub(super) relates: bool,
}

/// The label; then English and untagged names, all names when there are none; then the phrases. Where there is no label, what
/// a column's name stands for is one.
pub(super) fn direct(
    snapshot: &Snapshot,
    node: NamedNodeRef<'_>,
    own: &Own<'_>,
) -> Result<(String, Vec<Phrase>), RetrieverError> {
    let told = snapshot.names(node)?;
    let mut label = kg_store::best_name(&told, &["en"])
        .map_or_else(|| kg_store::local_name(node.as_str()), str::to_owned);
    let mut texts = Vec::new();
    if told.iter().all(|name| name.kind == NameKind::Derived) {
        if let Some(spelt) = own.spelling.spelt_out(&label) {
            texts.push(std::mem::replace(&mut label, spelt));
        }
        if let Some(referred) = referred(&label).filter(|_| own.refers) {
            texts.push(std::mem::replace(&mut label, referred));
        }
        texts.push(label.clone());
        texts.reverse();
    } else {
        texts.extend(english(told));
        if own.relates {
            texts.extend(spoken(&kg_store::local_name(node.as_str()), &texts));
        }
    }
    let apart: Vec<String> = texts.iter().flat_map(|text| alternatives(text)).collect();
    texts.extend(apart);
    texts.extend(stated(snapshot, node, PHRASE)?);
    texts.extend(standard(node).0.iter().map(|text| (*text).to_owned()));
    let phrases = distinct(texts).map(|text| Phrase::new(&text)).collect();
    Ok((label, phrases))
}

/// The names that a slash puts into one: "position", "speciality" of "position / speciality", "goals scored" and "points scored" of
/// "goals/points scored".
fn alternatives(name: &str) -> Vec<String> {
    let word = |text: &str| text.chars().count() > 2 && text.chars().all(char::is_alphabetic);
    if name.contains(" / ") {
        let parts = name.split(" / ").map(str::trim);
        return parts
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
    }
    let words: Vec<&str> = name.split(' ').collect();
    let parted = |text: &&str| text.contains('/') && text.split('/').all(word);
    let Some(at) = words.iter().position(parted) else {
        return Vec::new();
    };
    let with = |part: &str| {
        let (before, after) = (&words[..at], &words[at + 1..]);
        [before, &[part], after].concat().join(" ")
    };
    words[at].split('/').map(with).collect()
}

/// What an IRI is called, where that is English and says more than the names: "plays for team" of a predicate with the label
/// "national team".
fn spoken(local: &str, names: &[String]) -> Option<String> {
    let tokens = text::tokens(local);
    let function = |word: &str| text::is_function_word(word);
    let known: Vec<String> = names
        .iter()
        .flat_map(|name| text::tokens(name))
        .map(|token| token.stem)
        .collect();
    let english = |word: &str| function(word) || (word.len() > 2 && Word::of(word).is_known());
    let all = tokens.iter().all(|token| english(&token.text));
    let any = tokens
        .iter()
        .any(|token| !function(&token.text) && !known.contains(&token.stem));
    (all && any && tokens.len() <= MOST_SPOKEN).then(|| local.to_owned())
}

/// How a predicate is asked for from the object's side: its inverse phrases, and what its declared inverses are
/// called.
pub(super) fn inverse(
    snapshot: &Snapshot,
    node: NamedNodeRef<'_>,
    inverses: &[NamedNode],
) -> Result<Vec<Phrase>, RetrieverError> {
    let mut texts = stated(snapshot, node, INVERSE_PHRASE)?;
    texts.extend(standard(node).1.iter().map(|text| (*text).to_owned()));
    for name in names(snapshot, node)? {
        texts.extend(converse(&name).map(str::to_owned));
    }
    for other in inverses {
        texts.extend(names(snapshot, other.as_ref())?);
        texts.extend(stated(snapshot, other.as_ref(), PHRASE)?);
    }
    let inverse = |text: String| Phrase {
        inverse: true,
        ..Phrase::new(&text)
    };
    Ok(distinct(texts).map(inverse).collect())
}

/// The predicates that are declared the inverse of one, by either of them.
pub(super) fn inverses(
    snapshot: &Snapshot,
    node: NamedNodeRef<'_>,
) -> Result<Vec<NamedNode>, RetrieverError> {
    let declared = Some(NamedNodeRef::new_unchecked(INVERSE_OF));
    let mut found = Vec::new();
    for quad in snapshot
        .quads(Some(node.into()), declared, None, None)
        .take(MOST_INVERSES)
    {
        if let Term::NamedNode(other) = quad?.object {
            found.push(other);
        }
    }
    for quad in snapshot
        .quads(None, declared, Some(node.into()), None)
        .take(MOST_INVERSES)
    {
        if let NamedOrBlankNode::NamedNode(other) = quad?.subject {
            found.push(other);
        }
    }
    // What is its own inverse reads the same both ways.
    found.retain(|other| other.as_ref() != node);
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn is_english(language: Option<&str>) -> bool {
    language.is_none_or(|tag| tag == "en" || tag.starts_with("en-"))
}

fn names(snapshot: &Snapshot, node: NamedNodeRef<'_>) -> Result<Vec<String>, RetrieverError> {
    Ok(english(snapshot.names(node)?))
}

/// English and untagged names, all names when there are none.
fn english(all: Vec<Name>) -> Vec<String> {
    let english = all.iter().any(|n| is_english(n.language.as_deref()));
    all.into_iter()
        .filter(|n| !english || is_english(n.language.as_deref()))
        .map(|n| n.value)
        .collect()
}

/// The texts that a predicate states of a node, in alphabetical order: the store's own is by hash.
fn stated(
    snapshot: &Snapshot,
    node: NamedNodeRef<'_>,
    predicate: &str,
) -> Result<Vec<String>, RetrieverError> {
    let predicate = NamedNodeRef::new_unchecked(predicate);
    let mut found = Vec::new();
    for quad in snapshot
        .quads(Some(node.into()), Some(predicate), None, None)
        .take(MOST_READ)
    {
        if let Term::Literal(literal) = quad?.object
            && let Some(text) = readable(&literal)
        {
            found.push(text.to_owned());
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn readable(literal: &Literal) -> Option<&str> {
    let text = literal.value().trim();
    (is_english(literal.language()) && !text.is_empty() && text.len() <= LONGEST).then_some(text)
}

/// Each text once, whatever its case.
fn distinct(texts: Vec<String>) -> impl Iterator<Item = String> {
    let mut seen = HashSet::new();
    texts
        .into_iter()
        .filter(move |text| seen.insert(text.to_lowercase()))
        .take(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_put_several_names_into_one() {
        assert_eq!(
            alternatives("position played on team / speciality"),
            ["position played on team", "speciality"]
        );
        assert_eq!(
            alternatives("number of points/goals/sets scored"),
            [
                "number of points scored",
                "number of goals scored",
                "number of sets scored"
            ]
        );
        assert!(alternatives("speed in km/h").is_empty());
        assert!(alternatives("author").is_empty());
    }

    #[test]
    fn phrases_are_english_short_and_told_once() {
        let tagged = |tag: &str| Literal::new_language_tagged_literal_unchecked(" penned by ", tag);
        assert_eq!(readable(&tagged("en-gb")), Some("penned by"));
        assert_eq!(readable(&tagged("de")), None);
        let plain = |text: String| Literal::new_simple_literal(text);
        assert_eq!(readable(&plain("who wrote".to_owned())), Some("who wrote"));
        assert_eq!(readable(&plain("  ".to_owned())), None);
        assert_eq!(readable(&plain("a".repeat(LONGEST + 1))), None);

        let texts = ["wrote", "Wrote", "penned"].map(str::to_owned).to_vec();
        assert_eq!(distinct(texts).collect::<Vec<_>>(), ["wrote", "penned"]);
        let many = (0..100).map(|n| n.to_string()).collect();
        assert_eq!(distinct(many).count(), MOST);
    }
}
