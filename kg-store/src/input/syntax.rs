//! The syntaxes in which RDF is read and written.

use std::fmt;

use oxrdfio::{JsonLdProfileSet, RdfFormat};

/// An RDF syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RdfSyntax {
    /// Turtle.
    Turtle,
    /// N-Triples.
    NTriples,
    /// N-Quads.
    NQuads,
    /// TriG.
    TriG,
    /// RDF/XML.
    RdfXml,
    /// JSON-LD. Remote contexts are never fetched: a document that needs one is refused.
    JsonLd,
    /// N3, of which only what RDF can say is accepted: no formulas, no variables.
    N3,
}

impl RdfSyntax {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Turtle,
        Self::NTriples,
        Self::NQuads,
        Self::TriG,
        Self::RdfXml,
        Self::JsonLd,
        Self::N3,
    ];

    /// The syntax of a file name's extension, given without its dot, in any case.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Some(match extension.to_ascii_lowercase().as_str() {
            "ttl" | "turtle" => Self::Turtle,
            "nt" | "ntriples" => Self::NTriples,
            "nq" | "nquads" => Self::NQuads,
            "trig" => Self::TriG,
            "rdf" | "owl" | "xml" | "rdfs" => Self::RdfXml,
            "jsonld" | "json" => Self::JsonLd,
            "n3" => Self::N3,
            _ => return None,
        })
    }

    /// The syntax of a media type; its parameters are ignored.
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        Some(match RdfFormat::from_media_type(essence)? {
            RdfFormat::Turtle => Self::Turtle,
            // `text/plain` was N-Triples' type before it had one; as a guess it would swallow anything.
            RdfFormat::NTriples if essence.eq_ignore_ascii_case("text/plain") => return None,
            RdfFormat::NTriples => Self::NTriples,
            RdfFormat::NQuads => Self::NQuads,
            RdfFormat::TriG => Self::TriG,
            RdfFormat::RdfXml => Self::RdfXml,
            RdfFormat::JsonLd { .. } => Self::JsonLd,
            RdfFormat::N3 => Self::N3,
            _ => return None,
        })
    }

    /// The registered media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Turtle => "text/turtle",
            Self::NTriples => "application/n-triples",
            Self::NQuads => "application/n-quads",
            Self::TriG => "application/trig",
            Self::RdfXml => "application/rdf+xml",
            Self::JsonLd => "application/ld+json",
            Self::N3 => "text/n3",
        }
    }

    /// The name that people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Turtle => "Turtle",
            Self::NTriples => "N-Triples",
            Self::NQuads => "N-Quads",
            Self::TriG => "TriG",
            Self::RdfXml => "RDF/XML",
            Self::JsonLd => "JSON-LD",
            Self::N3 => "N3",
        }
    }

    /// Whether it can say which graph a triple is in.
    pub fn holds_graphs(self) -> bool {
        matches!(self, Self::NQuads | Self::TriG | Self::JsonLd)
    }

    pub(crate) fn format(self) -> RdfFormat {
        match self {
            Self::Turtle => RdfFormat::Turtle,
            Self::NTriples => RdfFormat::NTriples,
            Self::NQuads => RdfFormat::NQuads,
            Self::TriG => RdfFormat::TriG,
            Self::RdfXml => RdfFormat::RdfXml,
            Self::JsonLd => RdfFormat::JsonLd {
                profile: JsonLdProfileSet::empty(),
            },
            Self::N3 => RdfFormat::N3,
        }
    }
}

impl fmt::Display for RdfSyntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_come_back_to_their_syntax() {
        for syntax in RdfSyntax::ALL {
            assert_eq!(
                RdfSyntax::from_media_type(syntax.media_type()),
                Some(syntax)
            );
        }
        assert_eq!(
            RdfSyntax::from_media_type("text/turtle; charset=utf-8"),
            Some(RdfSyntax::Turtle)
        );
        assert_eq!(RdfSyntax::from_media_type("text/plain"), None);
        assert_eq!(RdfSyntax::from_media_type("image/png"), None);
        assert_eq!(RdfSyntax::from_extension("OWL"), Some(RdfSyntax::RdfXml));
    }
}
