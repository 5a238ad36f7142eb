//! Tells things of one name apart by what they have to do with.

use kg_store::rdf::{NamedNodeRef, Term as RdfTerm};
use retriever::{ReadView, RetrieverError, text};

/// Facts of each that are looked at, and things that these lead to.
const MOST_FACTS: usize = 200;
const MOST_NEIGHBOURS: usize = 40;

/// Whether a name of an entity, or of something one or two facts away, has all of the words.
pub(super) fn has_to_do_with(
    view: &ReadView,
    iri: &str,
    wanted: &[String],
) -> Result<bool, RetrieverError> {
    let says = |name: &str| {
        let words: Vec<String> = text::tokens(name).into_iter().map(|t| t.text).collect();
        wanted.iter().all(|word| words.contains(word))
    };
    if view
        .index()
        .entity(iri)?
        .is_some_and(|record| record.names().any(&says))
    {
        return Ok(true);
    }
    let mut neighbours = Vec::new();
    for object in objects(view, iri, MOST_FACTS)? {
        if says(view.labelled(&object)?.text()) {
            return Ok(true);
        }
        if let RdfTerm::NamedNode(node) = object {
            neighbours.push(node);
        }
    }
    for node in neighbours.into_iter().take(MOST_NEIGHBOURS) {
        for object in objects(view, node.as_str(), MOST_NEIGHBOURS)? {
            if says(view.labelled(&object)?.text()) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn objects(view: &ReadView, iri: &str, most: usize) -> Result<Vec<RdfTerm>, RetrieverError> {
    let node = NamedNodeRef::new_unchecked(iri);
    let quads = view
        .snapshot()
        .quads(Some(node.into()), None, None, None)
        .take(most);
    quads.map(|quad| Ok(quad?.object)).collect()
}
