//! What is refused before a parser sees it: input that would cost the parser out of all proportion.

use super::{
    RdfSyntax,
    json::{JsonBounds, Remote},
    xml::XmlBounds,
};

/// The bounds of one syntax. Turtle and its kin need none: their parsers work in constant space, and limit a
/// token by themselves.
#[derive(Debug)]
pub(super) enum Guard {
    None,
    Json(Box<JsonBounds>),
    Xml(Box<XmlBounds>),
}

impl Guard {
    pub(super) fn of(syntax: RdfSyntax) -> Self {
        match syntax {
            RdfSyntax::JsonLd => Self::Json(Box::default()),
            RdfSyntax::RdfXml => Self::Xml(Box::default()),
            _ => Self::None,
        }
    }

    /// Takes the next bytes. On failure gives the offset and says what is refused.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), (usize, String)> {
        match self {
            Self::None => Ok(()),
            Self::Json(bounds) => bounds.feed(bytes),
            Self::Xml(bounds) => bounds.feed(bytes),
        }
    }

    /// A context by reference, if one was among the bytes taken last.
    pub(super) fn take_context(&mut self) -> Option<Remote> {
        match self {
            Self::Json(bounds) => bounds.take_context(),
            _ => None,
        }
    }
}
