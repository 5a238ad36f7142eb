//! Steps from node to node through the store.

use kg_store::rdf::{NamedNodeRef, NamedOrBlankNodeRef, Term, TermRef};

use crate::catalog::narrowed::{self, Only};
use crate::graph::Way;
use crate::{ReadView, RetrieverError};

/// Facts that are looked at where only some lead to what is wanted.
const SCANNED: usize = 4_000;

/// What facts of a predicate lead to from a node, each once, at most `most`.
pub(crate) fn neighbours(
    view: &ReadView,
    from: &Term,
    predicate: &str,
    way: Way,
    most: usize,
) -> Result<Vec<Term>, RetrieverError> {
    let (predicate, only) = narrowed::parts(predicate);
    let predicate = NamedNodeRef::new_unchecked(predicate);
    let mut found: Vec<Term> = Vec::new();
    let conventions = view.catalog().conventions();
    let is_one = |subject: &Term, object: &Term| match &only {
        Some(only) => only.has(view.snapshot(), conventions, (subject, object)),
        None => Ok(true),
    };
    // Of what class it is, is the same for all of its facts.
    if way == Way::Inverse && matches!(only, Some(Only::OfClass(_))) && !is_one(from, from)? {
        return Ok(found);
    }
    // Those that are wanted may stand behind many others.
    let scanned = if only.is_some() { SCANNED } else { 2 * most };
    match way {
        Way::Forward => {
            let subject: NamedOrBlankNodeRef<'_> = match from {
                Term::NamedNode(node) => node.as_ref().into(),
                Term::BlankNode(node) => node.as_ref().into(),
                _ => return Ok(found),
            };
            let facts = view
                .snapshot()
                .quads(Some(subject), Some(predicate), None, None);
            for fact in facts.take(scanned) {
                let object = fact?.object;
                if !found.contains(&object) && is_one(from, &object)? {
                    found.push(object);
                }
                if only.is_some() && found.len() == most {
                    break;
                }
            }
        }
        Way::Inverse => {
            let object: TermRef<'_> = from.as_ref();
            for object in std::iter::once(object).chain(narrower(view, from)) {
                let facts = view
                    .snapshot()
                    .quads(None, Some(predicate), Some(object), None);
                for fact in facts.take(scanned) {
                    let subject: Term = fact?.subject.into();
                    if !found.contains(&subject) && is_one(&subject, from)? {
                        found.push(subject);
                    }
                    if only.is_some() && found.len() == most {
                        break;
                    }
                }
                if found.len() >= most {
                    break;
                }
            }
        }
    }
    found.truncate(most);
    Ok(found)
}

/// The classes below one, whose facts as objects count for it.
fn narrower<'a>(view: &'a ReadView, term: &'a Term) -> impl Iterator<Item = TermRef<'a>> {
    let all = match term {
        Term::NamedNode(node) => view.catalog().conventions().told_of(node.as_str()),
        _ => &[],
    };
    let below = all.iter().skip(1);
    below.map(|iri| TermRef::NamedNode(NamedNodeRef::new_unchecked(iri)))
}
