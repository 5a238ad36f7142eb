//! What people call things: labels, aliases, and failing these the last part of the IRI.

use std::collections::HashSet;

use crate::{
    Snapshot, StoreError,
    rdf::{
        Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term,
        vocab::{dcterms, foaf, rdfs, schema, skos, wikibase},
    },
};

/// A name of an entity, class or predicate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The name.
    pub value: String,
    /// Its language tag, as it was written.
    pub language: Option<String>,
    /// What sort of name it is.
    pub kind: NameKind,
    /// The place of the predicate that says so among those of its kind, 0 for the one preferred.
    pub rank: u8,
}

/// Sorts of names, the better first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameKind {
    /// A label: `rdfs:label`, `skos:prefLabel`, `schema:name`, `foaf:name`, `dcterms:title`; failing these, by the
    /// predicates of [`Snapshot::named_by`].
    Preferred,
    /// An alias: `skos:altLabel`, `schema:alternateName`.
    Alias,
    /// Made from the IRI, where nothing else is known.
    Derived,
}

/// In order of preference.
pub(crate) const LABELS: [NamedNodeRef<'static>; 7] = [
    rdfs::LABEL,
    skos::PREF_LABEL,
    schema::NAME,
    schema::NAME_HTTPS,
    foaf::NAME,
    dcterms::TITLE,
    dcterms::TITLE_ELEMENT,
];

pub(crate) const ALIASES: [NamedNodeRef<'static>; 3] = [
    skos::ALT_LABEL,
    schema::ALTERNATE_NAME,
    schema::ALTERNATE_NAME_HTTPS,
];

/// Predicates of a knowledge base's own that name things.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Naming {
    /// Those that stand for a label where a thing has none, the one that is preferred first.
    pub labels: Vec<NamedNode>,
    /// A given name and a family name that do so together.
    pub full: Vec<[NamedNode; 2]>,
    /// How many of the labels go before these: names, but not codes.
    pub names: usize,
    /// Those that give aliases.
    pub aliases: Vec<NamedNode>,
}

impl Naming {
    /// Whether a predicate gives labels, or a part of them.
    pub fn holds_label(&self, predicate: NamedNodeRef<'_>) -> bool {
        let mut all = self.labels.iter().chain(self.full.iter().flatten());
        all.any(|label| label.as_ref() == predicate)
    }

    fn holds(&self, predicate: &NamedNode) -> bool {
        let part = self.full.iter().any(|parts| parts.contains(predicate));
        part || self.labels.contains(predicate) || self.aliases.contains(predicate)
    }
}

pub(crate) fn is_naming(iri: &str) -> bool {
    LABELS
        .iter()
        .chain(&ALIASES)
        .any(|predicate| predicate.as_str() == iri)
}

/// Facts of one thing that are scanned for its names.
const SCANNED: usize = 400;

/// Names of one thing beyond this many are passed over.
const MAX_NAMES: usize = 1000;

/// Names of one thing, each value and language once.
#[derive(Default)]
struct Found {
    names: Vec<Name>,
    seen: HashSet<(String, Option<String>)>,
}

impl Found {
    /// Takes in the texts among some terms; returns whether there is a name of that kind now.
    fn add(&mut self, terms: &[Term], kind: NameKind, rank: u8) -> bool {
        for term in terms {
            let Term::Literal(literal) = term else {
                continue;
            };
            let value = literal.value().trim();
            let language = literal.language().map(str::to_owned);
            let full = self.names.len() == MAX_NAMES;
            if !full && !value.is_empty() && self.seen.insert((value.to_owned(), language.clone()))
            {
                self.names.push(Name {
                    value: value.to_owned(),
                    language,
                    kind,
                    rank,
                });
            }
        }
        self.names.iter().any(|name| name.kind == kind)
    }
}

/// The first text by the alphabet.
fn least_text(terms: &[Term]) -> Option<&str> {
    let texts = terms.iter().filter_map(|term| match term {
        Term::Literal(literal) => Some(literal.value().trim()),
        _ => None,
    });
    texts.filter(|text| !text.is_empty()).min()
}

impl Snapshot {
    /// The names of an IRI in all graphs, told and inferred: labels by predicate in order of preference, then
    /// aliases, each value and language once. Where there is none, the one derived from the IRI. At most
    /// 1,000.
    pub fn names(&self, iri: NamedNodeRef<'_>) -> Result<Vec<Name>, StoreError> {
        let mut names = self.told_names(iri)?;
        if names.is_empty()
            && let Some(property) = self.property_of(iri)?
        {
            names = self.told_names(property.as_ref())?;
        }
        if names.is_empty() {
            names.push(Name {
                value: local_name(iri.as_str()),
                language: None,
                kind: NameKind::Derived,
                rank: 0,
            });
        }
        Ok(names)
    }

    /// Whether an IRI has a name other than the one derived from it.
    pub fn is_named(&self, iri: NamedNodeRef<'_>) -> Result<bool, StoreError> {
        let names = self.names(iri)?;
        Ok(names.iter().any(|name| name.kind != NameKind::Derived))
    }

    /// The property of a Wikibase that an IRI is a predicate of. The names are the property's.
    fn property_of(&self, iri: NamedNodeRef<'_>) -> Result<Option<NamedNode>, StoreError> {
        // Its predicates are called so, whatever the site.
        if !iri.as_str().contains("/prop/") {
            return Ok(None);
        }
        for kind in wikibase::PREDICATES {
            let told = self.quads(None, Some(kind), Some(iri.into()), None).next();
            if let Some(NamedOrBlankNode::NamedNode(property)) =
                told.transpose()?.map(|q| q.subject)
            {
                return Ok(Some(property));
            }
        }
        Ok(None)
    }

    fn told_names(&self, iri: NamedNodeRef<'_>) -> Result<Vec<Name>, StoreError> {
        // One scan of what is said of a thing costs less than one look-up for each naming predicate. Hubs,
        // which are rare, are asked predicate by predicate.
        let mut about = Vec::new();
        let mut scan = self.quads(Some(iri.into()), None, None, None);
        for quad in scan.by_ref().take(SCANNED) {
            let quad = quad?;
            if is_naming(quad.predicate.as_str()) || self.naming().holds(&quad.predicate) {
                about.push(quad);
            }
        }
        let complete = scan.next().is_none();
        let told = |predicate: NamedNodeRef<'_>| -> Result<Vec<Term>, StoreError> {
            if complete {
                let told = about.iter().filter(|quad| quad.predicate == predicate);
                return Ok(told.map(|quad| quad.object.clone()).collect());
            }
            let told = self.quads(Some(iri.into()), Some(predicate), None, None);
            told.take(MAX_NAMES).map(|quad| Ok(quad?.object)).collect()
        };
        let mut found = Found::default();
        let mut labelled = false;
        for (predicate, rank) in LABELS.iter().zip(0..) {
            labelled |= found.add(&told(*predicate)?, NameKind::Preferred, rank);
        }
        // The first of its own that a thing has stands for a label.
        let naming = self.naming();
        let (names, codes) = naming
            .labels
            .split_at(naming.names.min(naming.labels.len()));
        for (predicate, rank) in names.iter().zip(0..) {
            if labelled {
                break;
            }
            labelled = found.add(&told(predicate.as_ref())?, NameKind::Preferred, rank);
        }
        for [given, family] in &naming.full {
            if labelled {
                break;
            }
            let (given, family) = (told(given.as_ref())?, told(family.as_ref())?);
            // The order of several given names is not told.
            if let (Some(given), Some(family)) = (least_text(&given), least_text(&family)) {
                let full = Literal::new_simple_literal(format!("{given} {family}"));
                labelled = found.add(&[full.into()], NameKind::Preferred, 0);
            }
        }
        for (predicate, rank) in codes.iter().zip(0..) {
            if labelled {
                break;
            }
            labelled = found.add(&told(predicate.as_ref())?, NameKind::Preferred, rank);
        }
        let own = naming.aliases.iter().map(NamedNode::as_ref);
        for (predicate, rank) in ALIASES.into_iter().chain(own).zip(0..) {
            found.add(&told(predicate)?, NameKind::Alias, rank);
        }
        Ok(found.names)
    }

    /// The one name to show to a reader of these languages, given in order of preference.
    ///
    /// Labels go before aliases. Among names of a kind: one in a language asked for (`en` is also answered by
    /// `en-GB`), then one without a language, then English, then the alphabetically first language. Among
    /// several of those, the predicate's rank and then the alphabet decide, so that the answer depends on
    /// the facts alone.
    pub fn label(&self, iri: NamedNodeRef<'_>, languages: &[&str]) -> Result<String, StoreError> {
        let names = self.names(iri)?;
        Ok(best_name(&names, languages).map_or_else(|| local_name(iri.as_str()), str::to_owned))
    }
}

/// The name that [`Snapshot::label`] chooses among these.
pub fn best_name<'a>(names: &'a [Name], languages: &[&str]) -> Option<&'a str> {
    // Each predicate's names come in the store's order, which is by hash: only the alphabet is stable.
    names
        .iter()
        .min_by_key(|name| {
            let language = name.language.as_deref().unwrap_or_default();
            (
                name.kind,
                rank(language, languages),
                language.to_ascii_lowercase(),
                name.rank,
                &name.value,
            )
        })
        .map(|name| name.value.as_str())
}

/// Lower is better: asked for exactly, asked for by its main language, none, English, any.
fn rank(language: &str, languages: &[&str]) -> usize {
    let main = |tag: &str| tag.split('-').next().map(str::to_ascii_lowercase);
    for (index, asked) in languages.iter().enumerate() {
        if language.eq_ignore_ascii_case(asked) {
            return 2 * index;
        }
        if !language.is_empty() && language.contains('-') && main(language) == main(asked) {
            return 2 * index + 1;
        }
    }
    let base = 2 * languages.len();
    if language.is_empty() {
        base
    } else if main(language).as_deref() == Some("en") {
        base + 1
    } else {
        base + 2
    }
}

/// The last part of an IRI split into words: after `#`, `/` or `:`, and of `film.film.directed_by` after the last dot,
/// percent-decoded, cut at underscores, hyphens, dots and where lower case meets upper case. The whole IRI where nothing
/// is left.
pub fn local_name(iri: &str) -> String {
    let trimmed = iri.trim_end_matches(['#', '/', ':']);
    let cut = trimmed.rfind(['#', '/', ':']).map_or(0, |at| at + 1);
    let (before, last) = trimmed.split_at(cut);
    let last = last
        .rsplit('.')
        .next()
        .filter(|_| !before.ends_with("//") && is_nested(last))
        .unwrap_or(last);
    let words = split_words(&percent_decode(last));
    if words.is_empty() {
        iri.to_owned()
    } else {
        words
    }
}

/// Whether a name is one in a hierarchy of names, as in `people.person.place_of_birth`, rather than that of a file.
fn is_nested(name: &str) -> bool {
    let word = |part: &str| {
        part.len() > 1
            && part.starts_with(|c: char| c.is_ascii_lowercase())
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let long = |part: &str| part.len() > 3 || name.contains('_');
    name.contains('.') && name.split('.').all(word) && name.rsplit('.').next().is_some_and(long)
}

fn split_words(text: &str) -> String {
    let mut words = String::with_capacity(text.len() + 8);
    let chars: Vec<char> = text.chars().collect();
    for (index, &character) in chars.iter().enumerate() {
        if matches!(character, '_' | '-' | '.' | '+') || character.is_whitespace() {
            if !words.is_empty() && !words.ends_with(' ') {
                words.push(' ');
            }
            continue;
        }
        let before = index.checked_sub(1).map(|index| chars[index]);
        let after = chars.get(index + 1);
        // A word begins at "oB" of "fooBar", and at the "B" before "ar" of "HTTPBar".
        let begins = character.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
            });
        if begins && !words.ends_with(' ') {
            words.push(' ');
        }
        words.push(character);
    }
    words.trim_end().to_owned()
}

/// Decodes `%C3%A9` and the like; a text that does not decode to UTF-8 is left as it is.
fn percent_decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let escape = (bytes[index] == b'%')
            .then(|| text.get(index + 1..index + 3))
            .flatten()
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escape {
            Some(byte) => {
                decoded.push(byte);
                index += 3;
            }
            None => {
                decoded.push(bytes[index]);
                index += 1;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn local_names_become_words() {
        for (iri, words) in [
            ("http://example.org/ns#birthPlace", "birth Place"),
            ("http://example.org/id/New_York-City", "New York City"),
            ("http://example.org/id/S%C3%A3o_Paulo", "São Paulo"),
            ("http://example.org/id/HTTPServer2", "HTTP Server2"),
            ("urn:isbn:123", "123"),
            ("http://example.org/a/", "a"),
            (
                "http://example.org/people.person.place_of_birth",
                "place of birth",
            ),
            ("http://example.org/tv.tv_program.genre", "genre"),
            ("https://www.example.org/", "www example org"),
            ("http://example.org/annual.report.pdf", "annual report pdf"),
            ("http://example.org/m.0abc1", "m 0abc1"),
            ("http://example.org/J.R.R._Tolkien", "J R R Tolkien"),
            ("http://example.org/%ff", "%ff"),
            ("http://example.org/100%", "100%"),
        ] {
            assert_eq!(local_name(iri), words, "{iri}");
        }
    }

    fn name(value: &str, language: Option<&str>, kind: NameKind) -> Name {
        Name {
            value: value.to_owned(),
            language: language.map(str::to_owned),
            kind,
            rank: 0,
        }
    }

    #[test]
    fn the_best_name_follows_the_languages() {
        let names = [
            name("Allemagne", Some("fr"), NameKind::Preferred),
            name("Germany", Some("en"), NameKind::Preferred),
            name("Deutschland", None, NameKind::Preferred),
            name("Deutschland (AT)", Some("de-AT"), NameKind::Preferred),
            name("FRG", Some("es"), NameKind::Alias),
        ];
        assert_eq!(best_name(&names, &["fr"]), Some("Allemagne"));
        assert_eq!(best_name(&names, &["de"]), Some("Deutschland (AT)"));
        assert_eq!(best_name(&names, &["it", "en"]), Some("Germany"));
        assert_eq!(best_name(&names, &["it"]), Some("Deutschland"));
        assert_eq!(best_name(&names, &["es"]), Some("Deutschland"));
        assert_eq!(best_name(&[], &[]), None);
    }

    proptest! {
        #[test]
        fn the_best_name_does_not_depend_on_the_order(
            mut names in prop::collection::vec(
                ("[a-c]{1,2}", prop::option::of("(en|fr|de)"), any::<bool>()), 1..8),
            asked in prop::collection::vec("(en|fr|it)", 0..3),
        ) {
            let build = |list: &[(String, Option<String>, bool)]| -> Vec<Name> {
                list.iter().map(|(value, language, preferred)| Name {
                    value: value.clone(),
                    language: language.clone(),
                    kind: if *preferred { NameKind::Preferred } else { NameKind::Alias },
                    rank: 0,
                }).collect()
            };
            let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
            let forward = best_name(&build(&names), &asked).map(str::to_owned);
            names.reverse();
            prop_assert_eq!(forward, best_name(&build(&names), &asked).map(str::to_owned));
        }

        #[test]
        fn a_local_name_is_never_empty(iri in "[a-z]{1,3}:[/#:_%A-Za-z0-9.-]{0,20}") {
            prop_assert!(!local_name(&iri).trim().is_empty());
        }
    }
}
