//! Classes of which the members are classes: in an ontology, "which muscles" asks for classes below "muscle".

use kg_store::Snapshot;
use kg_store::rdf::{NamedNodeRef, NamedOrBlankNode, Term, TermRef, vocab};

use super::build::is_structural;
use crate::{Conventions, RetrieverError};

/// Facts of a class that are looked at.
const MOST_FACTS: usize = 50;

/// Whether more is known of a class than what it is called, what it is for and where it stands: that it has to do with
/// another thing, or how much of something it has.
pub(super) fn is_told_of(
    snapshot: &Snapshot,
    class: &str,
    conventions: &Conventions,
) -> Result<bool, RetrieverError> {
    let node = NamedNodeRef::new_unchecked(class);
    for quad in snapshot
        .quads(Some(node.into()), None, None, None)
        .take(MOST_FACTS)
    {
        let quad = quad?;
        let predicate = quad.predicate.as_str();
        if is_structural(predicate) || conventions.is_typing(predicate) {
            continue;
        }
        let tells = match &quad.object {
            Term::NamedNode(other) => snapshot.is_named(other.as_ref())?,
            Term::Literal(literal) => !matches!(
                literal.datatype(),
                vocab::xsd::STRING | vocab::rdf::LANG_STRING | vocab::xsd::ANY_URI
            ),
            _ => false,
        };
        if tells {
            return Ok(true);
        }
    }
    // Or that another thing has to do with it.
    let told = snapshot.quads(None, None, Some(TermRef::NamedNode(node)), None);
    for quad in told.take(MOST_FACTS) {
        let quad = quad?;
        let predicate = quad.predicate.as_str();
        if !is_structural(predicate)
            && !conventions.is_typing(predicate)
            && let NamedOrBlankNode::NamedNode(other) = &quad.subject
            && snapshot.is_named(other.as_ref())?
        {
            return Ok(true);
        }
    }
    Ok(false)
}
