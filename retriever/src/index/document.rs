//! What the index knows of an entity, computed from the store.

use std::collections::BTreeSet;

use kg_store::rdf::{BlankNode, NamedNodeRef, NamedOrBlankNode, Term, TermRef, vocab};
use kg_store::{NameKind, Snapshot};
use serde::{Deserialize, Serialize};
use tantivy::TantivyDocument;

use super::fields::{Fields, MAX_KEY};
use super::short;
use crate::catalog::is_phrasing;
use crate::text;
use crate::{Conventions, RetrieverError};

/// Names and values beyond this are left out of an entity's record.
const MAX_NAMES: usize = 64;
const MAX_VALUES: usize = 64;
/// Blank nodes that are looked at for values, and facts of each.
const MAX_HOLDERS: usize = 32;
pub(crate) const MAX_HELD: usize = 8;
/// A longer text, in bytes, is no value that is looked for.
const LONGEST_VALUE: usize = 100;
/// Incoming facts are counted up to this: beyond it an entity is simply very prominent.
const MAX_COUNT: usize = 10_000;

/// An entity as the index holds it. Two records of one entity at one revision are equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityRecord {
    /// The entity's IRI.
    pub iri: String,
    /// Its label.
    pub label: String,
    /// Whether the label is told, or made from the IRI.
    pub labelled: bool,
    /// Its preferred labels in all languages.
    pub labels: Vec<String>,
    /// Its other names.
    pub aliases: Vec<String>,
    /// IRIs of its classes.
    pub classes: Vec<String>,
    /// Codes and other short literal values that it has.
    pub values: Vec<String>,
    /// Facts that name it.
    pub degree: u64,
}

impl EntityRecord {
    /// Reads the entity from the store; none when no fact names it.
    pub fn read(
        snapshot: &Snapshot,
        iri: &str,
        conventions: &Conventions,
    ) -> Result<Option<Self>, RetrieverError> {
        let node = NamedNodeRef::new_unchecked(iri);
        let (mut classes, mut values, mut degree) = (BTreeSet::new(), BTreeSet::new(), 0_u64);
        let mut holders = Vec::new();
        for quad in snapshot
            .quads(Some(node.into()), None, None, None)
            .take(MAX_COUNT)
        {
            let quad = quad?;
            degree += 1;
            match &quad.object {
                Term::NamedNode(class)
                    if conventions.tells_class(quad.predicate.as_str(), class.as_str()) =>
                {
                    classes.insert(class.as_str().to_owned());
                }
                Term::Literal(literal)
                    if values.len() < MAX_VALUES
                        && !is_phrasing(quad.predicate.as_str())
                        && literal.value().len() <= LONGEST_VALUE
                        && (matches!(
                            literal.datatype(),
                            vocab::xsd::STRING | vocab::rdf::LANG_STRING
                        ) || snapshot.naming().labels.contains(&quad.predicate)) =>
                {
                    values.insert(literal.value().to_owned());
                }
                Term::BlankNode(holder) if holders.len() < MAX_HOLDERS => {
                    holders.push(holder.clone());
                }
                _ => {}
            }
        }
        for holder in holders {
            values.extend(held(snapshot, &holder)?);
        }
        let by_nodes = names_by_nodes(snapshot, node, conventions)?;
        for quad in snapshot
            .quads(None, None, Some(TermRef::NamedNode(node)), None)
            .take(MAX_COUNT)
        {
            quad?;
            degree += 1;
        }
        if degree == 0 {
            return Ok(None);
        }
        let (mut labels, mut aliases) = (BTreeSet::new(), BTreeSet::new());
        let mut labelled = false;
        let told = snapshot.names(node)?;
        let label = kg_store::best_name(&told, &["en"])
            .unwrap_or(iri)
            .to_owned();
        for name in told {
            labelled |= name.kind != NameKind::Derived;
            let place = if name.kind == NameKind::Alias {
                &mut aliases
            } else {
                &mut labels
            };
            if place.len() < MAX_NAMES {
                place.insert(name.value);
            }
        }
        let room = MAX_NAMES.saturating_sub(aliases.len());
        aliases.extend(by_nodes.into_iter().take(room));
        let names: BTreeSet<_> = labels.iter().chain(&aliases).cloned().collect();
        values.retain(|value| !names.contains(value));
        aliases.retain(|alias| !labels.contains(alias));
        Ok(Some(Self {
            iri: iri.to_owned(),
            label,
            labelled,
            labels: labels.into_iter().collect(),
            aliases: aliases.into_iter().collect(),
            classes: classes.into_iter().collect(),
            values: values.into_iter().collect(),
            degree,
        }))
    }

    /// All names, the label first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.label.as_str())
            .chain(
                self.labels
                    .iter()
                    .filter(|l| **l != self.label)
                    .map(String::as_str),
            )
            .chain(self.aliases.iter().map(String::as_str))
    }

    /// How prominent the entity is: people mean the prominent one of two entities of one name.
    pub fn prominence(&self) -> u64 {
        self.degree + self.aliases.len() as u64
    }

    pub(crate) fn to_document(&self, fields: &Fields) -> Result<TantivyDocument, RetrieverError> {
        let mut document = TantivyDocument::new();
        document.add_text(fields.kind, "entity");
        document.add_text(fields.iri, &self.iri);
        for (names, field) in [
            (&self.labels, fields.label_key),
            (&self.aliases, fields.alias_key),
            (&self.values, fields.value_key),
        ] {
            let keys: BTreeSet<String> = names.iter().flat_map(|name| keys_of(name)).collect();
            for key in keys {
                document.add_text(field, &key);
            }
        }
        let short = self.names().flat_map(short::keys);
        for key in short.filter(|key| key.len() <= MAX_KEY) {
            document.add_text(fields.alias_key, &key);
        }
        for name in self.names() {
            document.add_text(fields.names, text::key(name));
        }
        for class in &self.classes {
            document.add_text(fields.class, class);
        }
        document.add_u64(fields.prominence, self.prominence());
        let json = serde_json::to_string(self).map_err(|cause| RetrieverError::Corrupt {
            path: self.iri.clone().into(),
            cause: cause.to_string(),
        })?;
        document.add_text(fields.record, json);
        Ok(document)
    }
}

/// The keys under which a name is found: the name, without a leading article, without a trailing
/// parenthesis, and with `Last, First` turned round.
fn keys_of(name: &str) -> Vec<String> {
    let mut keys = vec![text::key(name)];
    if let Some(rest) = keys[0].strip_prefix("the ") {
        keys.push(rest.to_owned());
    }
    if let Some((before, _)) = name.split_once(" (").filter(|_| name.ends_with(')')) {
        keys.push(text::key(before));
    }
    if let Some((last, first)) = name
        .split_once(", ")
        .filter(|(_, first)| !first.contains(','))
    {
        keys.push(text::key(&format!("{first} {last}")));
    }
    keys.retain(|key| !key.is_empty() && key.len() <= MAX_KEY);
    keys
}

/// The names that nodes of their own tell of a thing.
fn names_by_nodes(
    snapshot: &Snapshot,
    thing: NamedNodeRef<'_>,
    conventions: &Conventions,
) -> Result<Vec<String>, RetrieverError> {
    let mut found = Vec::new();
    for (predicate, texts) in conventions.name_nodes() {
        let predicate = NamedNodeRef::new_unchecked(predicate);
        let nodes = snapshot.quads(Some(thing.into()), Some(predicate), None, None);
        for fact in nodes.take(MAX_HOLDERS) {
            let node = match fact?.object {
                Term::NamedNode(node) => NamedOrBlankNode::NamedNode(node),
                Term::BlankNode(node) => NamedOrBlankNode::BlankNode(node),
                _ => continue,
            };
            for said in snapshot
                .quads(Some(node.as_ref()), None, None, None)
                .take(MAX_HELD)
            {
                let said = said?;
                if let Term::Literal(literal) = &said.object
                    && literal.value().len() <= LONGEST_VALUE
                    && texts.iter().any(|text| text == said.predicate.as_str())
                {
                    found.push(literal.value().to_owned());
                }
            }
        }
    }
    Ok(found)
}

/// The one text that a blank node holds for a thing: a code. Beside others it is a part of something, as of an address; units
/// are no values.
fn held(snapshot: &Snapshot, holder: &BlankNode) -> Result<Option<String>, RetrieverError> {
    let facts = snapshot.quads(Some(holder.as_ref().into()), None, None, None);
    let mut texts = Vec::new();
    for fact in facts.take(MAX_HELD) {
        let fact = fact?;
        let name = kg_store::local_name(fact.predicate.as_str()).to_lowercase();
        let unit = name.split(' ').any(|word| matches!(word, "unit" | "units"));
        if let Term::Literal(literal) = &fact.object
            && !unit
            && literal.datatype() == vocab::xsd::STRING
        {
            texts.push(literal.value().to_owned());
        }
    }
    let only = (texts.len() == 1).then(|| texts.remove(0));
    Ok(only.filter(|text| text.len() <= LONGEST_VALUE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_keys_that_people_type() {
        assert_eq!(keys_of("The Dove"), ["the dove", "dove"]);
        assert_eq!(keys_of("Pole (Stockhausen)"), ["pole stockhausen", "pole"]);
        assert_eq!(keys_of("Knuth, Donald"), ["knuth donald", "donald knuth"]);
        assert!(keys_of("…").is_empty());
    }
}
