//! Bounds on JSON, kept before its parser sees it, and what is worth remembering of a JSON-LD document.

use super::MAX_TERM;

/// Follows brackets and strings.
#[derive(Debug, Default)]
pub(super) struct JsonBounds {
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// Bytes of the present string.
    length: usize,
    /// The beginning of the present string.
    text: Vec<u8>,
    /// What the strings to come are.
    awaited: Awaited,
    context: Option<Remote>,
}

/// A context that would have to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remote {
    pub(super) iri: String,
    /// Where in the bytes taken last it ended.
    pub(super) offset: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Awaited {
    #[default]
    Anything,
    /// The string that has just ended was `@context`.
    Colon,
    /// The value of `@context`, or an item of it.
    Context,
}

impl JsonBounds {
    /// Deeper than any document that people or programs write; far from the end of a 64 MiB stack.
    pub(super) const DEPTH: u32 = 1000;
    /// Bytes of an IRI that a message shows.
    const SHOWN: usize = 200;

    /// Takes the next bytes. On failure gives the offset and says what is refused.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), (usize, String)> {
        for (offset, &byte) in bytes.iter().enumerate() {
            if self.in_string {
                self.length += 1;
                if self.length > MAX_TERM {
                    return Err((offset, format!("a string is longer than {MAX_TERM} bytes")));
                }
                if self.escaped {
                    self.escaped = false;
                } else if byte == b'\\' {
                    self.escaped = true;
                } else if byte == b'"' {
                    self.in_string = false;
                    self.string(offset);
                    continue;
                }
                if self.text.len() < Self::SHOWN {
                    self.text.push(byte);
                }
                continue;
            }
            match byte {
                b'"' => {
                    self.in_string = true;
                    self.length = 0;
                    self.text.clear();
                }
                b'{' | b'[' => {
                    self.depth += 1;
                    if self.depth > Self::DEPTH {
                        return Err((offset, format!("nested deeper than {}", Self::DEPTH)));
                    }
                }
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            self.awaited = match (self.awaited, byte) {
                (Awaited::Colon, b':') => Awaited::Context,
                (same, b'"') => same,
                (same, byte) if byte.is_ascii_whitespace() => same,
                // An item after another, at the beginning of a list or within it.
                (Awaited::Context, b'[' | b',') => Awaited::Context,
                _ => Awaited::Anything,
            };
        }
        Ok(())
    }

    /// The first context by reference that has been read since this was asked last.
    pub(super) fn take_context(&mut self) -> Option<Remote> {
        self.context.take()
    }

    /// A string has ended.
    fn string(&mut self, offset: usize) {
        if self.awaited == Awaited::Context {
            let iri = String::from_utf8_lossy(&self.text).into_owned();
            self.context.get_or_insert(Remote { iri, offset });
        } else if self.text == b"@context" {
            self.awaited = Awaited::Colon;
        } else {
            self.awaited = Awaited::Anything;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_do_not_count() {
        let mut bounds = JsonBounds::default();
        let text = format!(r#"{{"a": "{}\"{}"}}"#, "[".repeat(2000), "{".repeat(2000));
        assert_eq!(bounds.feed(text.as_bytes()), Ok(()));
        let (at, refused) = bounds.feed("[".repeat(1001).as_bytes()).unwrap_err();
        assert_eq!((at, refused.as_str()), (1000, "nested deeper than 1000"));
    }

    #[test]
    fn long_strings_are_refused() {
        let mut bounds = JsonBounds::default();
        let text = format!("\"{}\"", "x".repeat(MAX_TERM));
        assert_eq!(bounds.feed(text.as_bytes()).unwrap_err().0, MAX_TERM + 1);
    }

    #[test]
    fn contexts_by_reference_are_remembered() {
        let first = |text: &str| {
            let mut bounds = JsonBounds::default();
            bounds.feed(text.as_bytes()).unwrap();
            bounds.take_context().map(|remote| remote.iri)
        };
        for text in [
            r#"{"@context": "http://a.example/c", "b": "x"}"#,
            r#"{"@context" : [{"a": "b"}], "@graph": [{"@context":["http://a.example/c"]}]}"#,
        ] {
            assert_eq!(first(text).as_deref(), Some("http://a.example/c"), "{text}");
        }
        assert_eq!(first(r#"{"@context": {"a": "http://a.example/"}}"#), None);
        assert_eq!(first(r#"{"a": "@context", "b": "c"}"#), None);
    }
}
