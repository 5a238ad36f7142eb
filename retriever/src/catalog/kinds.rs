//! Which predicates name things, and what kind of value a literal is.

use kg_store::rdf::{LiteralRef, vocab};

/// Whether a predicate gives a name, see `kg_store::Snapshot::names`.
pub(crate) fn is_naming(iri: &str) -> bool {
    [
        vocab::rdfs::LABEL,
        vocab::skos::PREF_LABEL,
        vocab::skos::ALT_LABEL,
        vocab::schema::NAME,
        vocab::schema::NAME_HTTPS,
        vocab::schema::ALTERNATE_NAME,
        vocab::schema::ALTERNATE_NAME_HTTPS,
        vocab::foaf::NAME,
        vocab::dcterms::TITLE,
    ]
    .iter()
    .any(|name| name.as_str() == iri)
}

/// What kind of value a literal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LiteralKind {
    Number,
    Time,
    Other,
}

/// The kind that the datatype says.
pub(crate) fn literal_kind(literal: LiteralRef<'_>) -> LiteralKind {
    let Some(name) = literal.datatype().as_str().strip_prefix("http://www.w3.org/2001/XMLSchema#") else {
        return LiteralKind::Other;
    };
    match name {
        "dateTime" | "dateTimeStamp" | "date" | "time" | "gYear" | "gYearMonth" | "gMonth" | "gMonthDay"
        | "gDay" => LiteralKind::Time,
        "integer" | "decimal" | "double" | "float" | "long" | "int" | "short" | "byte" | "unsignedLong"
        | "unsignedInt" | "unsignedShort" | "unsignedByte" | "positiveInteger" | "nonNegativeInteger"
        | "negativeInteger" | "nonPositiveInteger" => LiteralKind::Number,
        _ => LiteralKind::Other,
    }
}
