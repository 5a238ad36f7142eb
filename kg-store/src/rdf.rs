//! RDF terms, the vocabularies that this crate knows, and the graph of inferred facts.

pub use oxigraph::model::{
    BlankNode, BlankNodeRef, GraphName, GraphNameRef, Literal, LiteralRef, NamedNode, NamedNodeRef,
    NamedOrBlankNode, NamedOrBlankNodeRef, Quad, QuadRef, Term, TermRef, Triple, TripleRef,
};

/// Vocabularies.
pub mod vocab {
    pub use oxigraph::model::vocab::{rdf, rdfs, xsd};

    /// SKOS.
    pub mod skos {
        use oxigraph::model::NamedNodeRef;

        /// The preferred name in a language.
        pub const PREF_LABEL: NamedNodeRef<'_> =
            NamedNodeRef::new_unchecked("http://www.w3.org/2004/02/skos/core#prefLabel");
        /// Another name in a language.
        pub const ALT_LABEL: NamedNodeRef<'_> =
            NamedNodeRef::new_unchecked("http://www.w3.org/2004/02/skos/core#altLabel");
    }

    /// schema.org, which is written with both schemes.
    pub mod schema {
        use oxigraph::model::NamedNodeRef;

        /// A name.
        pub const NAME: NamedNodeRef<'_> = NamedNodeRef::new_unchecked("http://schema.org/name");
        /// A name.
        pub const NAME_HTTPS: NamedNodeRef<'_> =
            NamedNodeRef::new_unchecked("https://schema.org/name");
        /// An alias.
        pub const ALTERNATE_NAME: NamedNodeRef<'_> =
            NamedNodeRef::new_unchecked("http://schema.org/alternateName");
        /// An alias.
        pub const ALTERNATE_NAME_HTTPS: NamedNodeRef<'_> =
            NamedNodeRef::new_unchecked("https://schema.org/alternateName");
    }

    /// Wikibase, the software of Wikidata: a property has predicates of several kinds.
    pub mod wikibase {
        use oxigraph::model::NamedNodeRef;

        /// From a property to the predicate of its plain facts.
        pub const DIRECT_CLAIM: NamedNodeRef<'_> =
            NamedNodeRef::new_unchecked("http://wikiba.se/ontology#directClaim");
        /// From a property to the predicates of its facts, statements, their values and their qualifiers.
        pub const PREDICATES: [NamedNodeRef<'_>; 4] = [
            DIRECT_CLAIM,
            NamedNodeRef::new_unchecked("http://wikiba.se/ontology#claim"),
            NamedNodeRef::new_unchecked("http://wikiba.se/ontology#statementProperty"),
            NamedNodeRef::new_unchecked("http://wikiba.se/ontology#qualifier"),
        ];
    }

    /// OWL, as far as axioms are read.
    pub(crate) mod owl {
        use oxigraph::model::NamedNodeRef;

        macro_rules! terms {
            ($($name:ident = $iri:literal;)*) => {
                $(pub(crate) const $name: NamedNodeRef<'_> =
                    NamedNodeRef::new_unchecked(concat!("http://www.w3.org/2002/07/owl#", $iri));)*
            };
        }

        terms! {
            THING = "Thing";
            EQUIVALENT_CLASS = "equivalentClass";
            INTERSECTION_OF = "intersectionOf";
            ON_PROPERTY = "onProperty";
            ON_CLASS = "onClass";
            SOME_VALUES_FROM = "someValuesFrom";
            HAS_VALUE = "hasValue";
            MIN_QUALIFIED_CARDINALITY = "minQualifiedCardinality";
            QUALIFIED_CARDINALITY = "qualifiedCardinality";
        }
    }

    /// FOAF.
    pub mod foaf {
        use oxigraph::model::NamedNodeRef;

        /// A name.
        pub const NAME: NamedNodeRef<'_> =
            NamedNodeRef::new_unchecked("http://xmlns.com/foaf/0.1/name");
    }

    /// Dublin Core, the terms and the elements that were there before them.
    pub mod dcterms {
        use oxigraph::model::NamedNodeRef;

        /// A title.
        pub const TITLE: NamedNodeRef<'_> =
            NamedNodeRef::new_unchecked("http://purl.org/dc/terms/title");
        /// A title.
        pub const TITLE_ELEMENT: NamedNodeRef<'_> =
            NamedNodeRef::new_unchecked("http://purl.org/dc/elements/1.1/title");
    }
}

/// The graph of inferred facts. Told facts never enter it.
pub const INFERRED_GRAPH: &str = "urn:almanac:inferred";

/// The name of the graph of inferred facts.
pub fn inferred_graph() -> NamedNodeRef<'static> {
    NamedNodeRef::new_unchecked(INFERRED_GRAPH)
}

/// The term as answers carry it, without a label.
pub fn to_schema_term(term: &Term) -> schemas::Term {
    use schemas::grounding::TermKind;
    let (kind, value, datatype, language) = match term {
        Term::NamedNode(node) => (TermKind::Uri, node.as_str().to_owned(), None, None),
        Term::BlankNode(node) => (TermKind::Bnode, node.as_str().to_owned(), None, None),
        Term::Literal(literal) => {
            let language = literal.language().map(str::to_owned);
            let plain = language.is_some() || literal.datatype() == vocab::xsd::STRING;
            (
                TermKind::Literal,
                literal.value().to_owned(),
                (!plain).then(|| literal.datatype().as_str().to_owned()),
                language,
            )
        }
    };
    schemas::Term {
        kind,
        value,
        datatype,
        language,
        label: None,
    }
}

/// Whether a predicate gives names: one of those that [`Snapshot::names`](crate::Snapshot::names) reads.
pub fn is_naming(iri: &str) -> bool {
    crate::names::is_naming(iri)
}

/// The predicates that give labels, the one that is preferred first.
pub fn labels() -> impl Iterator<Item = NamedNodeRef<'static>> {
    crate::names::LABELS.into_iter()
}

/// The standard's predicates that give aliases.
pub fn aliases() -> impl Iterator<Item = NamedNodeRef<'static>> {
    crate::names::ALIASES.into_iter()
}

/// What a literal can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LiteralKind {
    /// A number: it can be compared, summed and averaged.
    Number,
    /// A date, time, year or duration: it can be compared.
    Time,
    /// Text, truth values and everything else.
    Other,
}

/// The kind of a literal, by its datatype; whether the lexical form is valid is not looked at.
pub fn literal_kind(literal: LiteralRef<'_>) -> LiteralKind {
    let Some(name) = literal
        .datatype()
        .as_str()
        .strip_prefix("http://www.w3.org/2001/XMLSchema#")
    else {
        return LiteralKind::Other;
    };
    match name {
        "integer" | "decimal" | "double" | "float" | "int" | "long" | "short" | "byte"
        | "nonNegativeInteger" | "positiveInteger" | "nonPositiveInteger" | "negativeInteger"
        | "unsignedInt" | "unsignedLong" | "unsignedShort" | "unsignedByte" => LiteralKind::Number,
        "date" | "dateTime" | "dateTimeStamp" | "time" | "gYear" | "gYearMonth" | "gMonth"
        | "gMonthDay" | "gDay" | "duration" | "dayTimeDuration" | "yearMonthDuration" => {
            LiteralKind::Time
        }
        _ => LiteralKind::Other,
    }
}

/// A 128-bit fingerprint of a quad: quads that are equal to the store have equal fingerprints, and different
/// ones differ for all practical purposes.
pub(crate) fn fingerprint(quad: QuadRef<'_>, buffer: &mut Vec<u8>) -> u128 {
    use std::io::Write;
    buffer.clear();
    // Writing into a `Vec` cannot fail.
    let canonical = match quad.object {
        TermRef::Literal(literal) => crate::canonical::canonical(literal),
        _ => None,
    };
    let quad = match &canonical {
        Some(literal) => QuadRef {
            object: literal.into(),
            ..quad
        },
        None => quad,
    };
    let _ = write!(buffer, "{quad}");
    let hash = blake3::hash(buffer);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    u128::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_terms_are_those_of_sparql_results_json() {
        let json = |term: Term| serde_json::to_value(to_schema_term(&term)).unwrap();
        assert_eq!(
            json(NamedNode::new_unchecked("http://example.org/a").into()),
            serde_json::json!({"type": "uri", "value": "http://example.org/a"})
        );
        assert_eq!(
            json(Literal::new_simple_literal("x").into()),
            serde_json::json!({"type": "literal", "value": "x"})
        );
        assert_eq!(
            json(Literal::new_language_tagged_literal_unchecked("x", "fr").into()),
            serde_json::json!({"type": "literal", "value": "x", "xml:lang": "fr"})
        );
        assert_eq!(
            json(Literal::from(5).into()),
            serde_json::json!({"type": "literal", "value": "5",
                "datatype": "http://www.w3.org/2001/XMLSchema#integer"})
        );
    }
}
