//! Classes of things that are called after others: "Production of The Night Watch", "Birth of Ada Lovelace".
//!
//! Such a name tells no more than what the thing joins. Its words are those of neighbours' names, and beside these only the
//! word for the class.

use std::collections::HashSet;

use kg_store::Snapshot;
use kg_store::rdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term, TermRef};

use crate::text::{self, Token};
use crate::{Conventions, RetrieverError};

/// Things of a class that are looked at, and that are looked at for whether they have a name; of fewer than the last nothing is
/// said.
const SAMPLED: u32 = 40;
const LOOKED_AT: usize = 400;
const LEAST: u32 = 20;
/// This share of them is called after others where all are.
const SHARE: f64 = 0.95;
/// Facts of a thing that are looked at, each way, and names of a neighbour.
const FACTS: usize = 24;
const NAMES: usize = 8;
/// A shorter name is found in others by chance.
const LEAST_LETTERS: usize = 4;
/// Classes that are looked at, those with the most things.
const MOST_CLASSES: usize = 200;

/// The classes among some, each with how many things it has, of which all things are called after others.
pub(super) fn find(
    snapshot: &Snapshot,
    conventions: &Conventions,
    mut classes: Vec<(String, usize)>,
) -> Result<HashSet<String>, RetrieverError> {
    classes.retain(|(_, count)| *count >= LEAST as usize);
    classes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    classes.truncate(MOST_CLASSES);
    let mut found = HashSet::new();
    for (class, _) in classes {
        let (mut all, mut after) = (0_u32, 0_u32);
        let node = NamedNodeRef::new_unchecked(&class);
        let name = text::tokens(&snapshot.label(node, &["en"])?);
        let typing = NamedNodeRef::new_unchecked(conventions.predicate_of(&class));
        let things = snapshot.quads(None, Some(typing), Some(TermRef::NamedNode(node)), None);
        for quad in things.take(LOOKED_AT) {
            // The first few tell, as a rule.
            let others = f64::from(all - after);
            if all == SAMPLED || others > (1.0 - SHARE) * f64::from(SAMPLED) {
                break;
            }
            if let NamedOrBlankNode::NamedNode(thing) = quad?.subject {
                // One without a name stands for what it joins as well.
                if let Some(is) = is_called_after(snapshot, conventions, &thing, &name)? {
                    all += 1;
                    after += u32::from(is);
                }
            }
        }
        if all >= LEAST && f64::from(after) >= SHARE * f64::from(all) {
            found.insert(class);
        }
    }
    Ok(found)
}

/// Whether the name of a thing, where it has one, is made of that of a neighbour and words that say nothing new.
fn is_called_after(
    snapshot: &Snapshot,
    conventions: &Conventions,
    thing: &NamedNode,
    class: &[Token],
) -> Result<Option<bool>, RetrieverError> {
    if !snapshot.is_named(thing.as_ref())? {
        return Ok(None);
    }
    let Some(name) = snapshot.names(thing.as_ref())?.into_iter().next() else {
        return Ok(None);
    };
    let name = text::tokens(&name.value);
    let mut known: HashSet<String> = class.iter().map(|word| word.stem.clone()).collect();
    let mut whole = false;
    let outgoing = snapshot.quads(Some(thing.as_ref().into()), None, None, None);
    let incoming = snapshot.quads(None, None, Some(TermRef::NamedNode(thing.as_ref())), None);
    for quad in outgoing.take(FACTS).chain(incoming.take(FACTS)) {
        let quad = quad?;
        let predicate = quad.predicate.as_str();
        if kg_store::rdf::is_naming(predicate) || conventions.is_typing(predicate) {
            continue;
        }
        let subject = match quad.subject {
            NamedOrBlankNode::NamedNode(node) if node != *thing => Some(node),
            _ => None,
        };
        let ((Some(other), _) | (None, Term::NamedNode(other))) = (subject, quad.object) else {
            continue;
        };
        for other in snapshot.names(other.as_ref())?.into_iter().take(NAMES) {
            let words = text::tokens(&other.value);
            let part = words.len() < name.len() && text::find(&words, &name).is_some();
            whole |= part && other.value.len() >= LEAST_LETTERS;
            known.extend(words.into_iter().map(|word| word.stem));
        }
    }
    let says_nothing =
        |word: &Token| text::is_function_word(&word.text) || known.contains(&word.stem);
    Ok(Some(whole && name.iter().all(says_nothing)))
}
