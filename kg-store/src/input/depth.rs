//! A bound on the nesting of JSON, kept before the parser sees it.

/// Follows brackets outside strings.
#[derive(Debug, Default)]
pub(super) struct JsonDepth {
    depth: u32,
    in_string: bool,
    escaped: bool,
}

impl JsonDepth {
    /// Deeper than any document that people or programs write; far from the end of a 64 MiB stack.
    pub(super) const LIMIT: u32 = 1000;

    /// Takes the next bytes. On failure gives the offset of the bracket that goes too deep.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), usize> {
        for (offset, &byte) in bytes.iter().enumerate() {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                } else if byte == b'\\' {
                    self.escaped = true;
                } else if byte == b'"' {
                    self.in_string = false;
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => {
                    self.depth += 1;
                    if self.depth > Self::LIMIT {
                        return Err(offset);
                    }
                }
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_do_not_count() {
        let mut depth = JsonDepth::default();
        let text = format!(r#"{{"a": "{}\"{}"}}"#, "[".repeat(2000), "{".repeat(2000));
        assert_eq!(depth.feed(text.as_bytes()), Ok(()));
        assert_eq!(depth.feed("[".repeat(1001).as_bytes()), Err(1000));
    }
}
