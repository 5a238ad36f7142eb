//! RDF as it comes in: where from, in which syntax, how compressed, how much of it.

mod entities;
mod guard;
mod json;
mod parse;
mod reader;
mod syntax;
mod xml;

use std::{fs::File, io::Read, path::Path};

pub(crate) use parse::{Graphs, parse};
pub use syntax::RdfSyntax;

use crate::StoreError;

/// Bytes of one term: an IRI, or a literal's text.
pub(crate) const MAX_TERM: usize = 4 << 20;

/// How an input is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Told apart by the first bytes: gzip and zstd have magic numbers that no RDF syntax begins with.
    #[default]
    Auto,
    /// Not at all.
    None,
    /// gzip, also of several members.
    Gzip,
    /// zstd, also of several frames.
    Zstd,
}

/// One RDF input. It is read once, as a stream, and never held in memory as a whole.
pub struct RdfInput<'a> {
    /// The bytes.
    pub reader: Box<dyn Read + Send + 'a>,
    /// What messages call it: the file's name, or "request body".
    pub name: String,
    /// Its syntax.
    pub format: RdfSyntax,
    /// Its compression.
    pub compression: Compression,
    /// What relative IRIs are resolved against. Without it a relative IRI is an error, unless the input
    /// sets a base itself.
    pub base_iri: Option<String>,
    /// How many bytes it may have once it is decompressed.
    pub max_bytes: u64,
    /// How many bytes it has as it comes, when that is known.
    pub size_hint: Option<u64>,
}

impl<'a> RdfInput<'a> {
    /// The bound on decompressed bytes when the caller sets none: 64 GiB, which is more than any file that
    /// this store would hold and less than a decompression bomb.
    pub const DEFAULT_MAX_BYTES: u64 = 64 << 30;

    /// An input of which the syntax is known.
    pub fn new(reader: impl Read + Send + 'a, name: impl Into<String>, format: RdfSyntax) -> Self {
        Self {
            reader: Box::new(reader),
            name: name.into(),
            format,
            compression: Compression::Auto,
            base_iri: None,
            max_bytes: Self::DEFAULT_MAX_BYTES,
            size_hint: None,
        }
    }

    /// A file, of which the extension tells the syntax: `.ttl`, `.nt`, `.nq`, `.trig`, `.rdf`, `.owl`,
    /// `.xml`, `.jsonld`, `.json` or `.n3`, also followed by `.gz` or `.zst`.
    ///
    /// # Errors
    /// [`StoreError::Unsupported`] for another extension, [`StoreError::NotFound`] and
    /// [`StoreError::Io`] for a file that cannot be opened.
    pub fn from_path(path: &Path) -> Result<RdfInput<'static>, StoreError> {
        let format = syntax_of_path(path).ok_or_else(|| {
            StoreError::Unsupported(format!(
                "{}: the extension names no RDF syntax known here (ttl, nt, nq, trig, rdf, owl, xml, jsonld, json, n3; .gz or .zst may follow)",
                path.display()
            ))
        })?;
        let file = File::open(path).map_err(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                StoreError::NotFound(path.display().to_string())
            } else {
                StoreError::io(path, error)
            }
        })?;
        let metadata = file
            .metadata()
            .map_err(|error| StoreError::io(path, error))?;
        if metadata.is_dir() {
            return Err(StoreError::Invalid(format!(
                "{} is a folder",
                path.display()
            )));
        }
        let name = path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        );
        Ok(RdfInput {
            size_hint: metadata.is_file().then_some(metadata.len()),
            ..RdfInput::new(file, name, format)
        })
    }

    /// A request body.
    ///
    /// # Errors
    /// [`StoreError::Unsupported`] for a media type that is no RDF syntax known here.
    pub fn from_media_type(
        reader: impl Read + Send + 'a,
        media_type: &str,
        max_bytes: u64,
    ) -> Result<Self, StoreError> {
        let format = RdfSyntax::from_media_type(media_type).ok_or_else(|| {
            let shown: String = media_type.chars().take(100).collect();
            StoreError::Unsupported(format!("media type `{shown}` is no RDF syntax known here"))
        })?;
        Ok(Self {
            max_bytes,
            ..Self::new(reader, "request body", format)
        })
    }
}

fn syntax_of_path(path: &Path) -> Option<RdfSyntax> {
    let extension = path.extension()?.to_str()?;
    if ["gz", "zst"]
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
    {
        return RdfSyntax::from_extension(Path::new(path.file_stem()?).extension()?.to_str()?);
    }
    RdfSyntax::from_extension(extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_may_be_followed_by_that_of_a_compression() {
        let of = |name: &str| syntax_of_path(Path::new(name));
        assert_eq!(of("a/b.ttl"), Some(RdfSyntax::Turtle));
        assert_eq!(of("b.nt.gz"), Some(RdfSyntax::NTriples));
        assert_eq!(of("b.trig.ZST"), Some(RdfSyntax::TriG));
        assert_eq!(of("b.gz"), None);
        assert_eq!(of("ttl"), None);
    }
}
