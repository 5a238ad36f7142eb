//! Measures a query's nesting before the parser, which recurses, sees it.
//!
//! The scanner errs on the side of counting too much: brackets inside what may be an IRI count while it
//! lasts, since `<` may as well be an operator.

use crate::StoreError;

/// Deepest nesting of `!` before brackets. The parser tries what follows a `!` twice, so that each level
/// doubles its work.
const MAX_NEGATIONS: usize = 6;

/// The deepest nesting of brackets in a query.
///
/// # Errors
/// [`StoreError::QueryRefused`] when it is deeper than `limit`, or when negations or aggregates nest beyond
/// reason.
pub(super) fn nesting(text: &str, limit: usize) -> Result<usize, StoreError> {
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        at: 0,
        limit,
        deepest: 0,
        open: Vec::new(),
        costly: 0,
        pending: false,
    };
    scanner.run()?;
    Ok(scanner.deepest)
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    limit: usize,
    deepest: usize,
    /// For each open bracket, whether the parser works on its content more than once.
    open: Vec<bool>,
    costly: usize,
    /// Whether the next bracket is one of those.
    pending: bool,
}

impl Scanner<'_> {
    fn run(&mut self) -> Result<(), StoreError> {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'#' => self.skip_comment(),
                b'"' | b'\'' => {
                    self.pending = false;
                    self.skip_string(byte);
                }
                b'<' => self.pass_angle()?,
                b'\\' => self.at += 2,
                b'(' | b'{' | b'[' => {
                    self.at += 1;
                    self.enter()?;
                }
                b')' | b'}' | b']' => {
                    self.at += 1;
                    self.leave();
                }
                b'!' => {
                    self.at += 1;
                    self.pending = self.bytes.get(self.at) != Some(&b'=');
                }
                _ if byte.is_ascii_alphabetic() => self.word(),
                // Between a `!` or a function's name and its bracket there may be white space and the rest
                // of a name, nothing else.
                b' ' | b'\t' | b'\r' | b'\n' | b':' | b'_' | b'-' | b'0'..=b'9' | 0x80.. => {
                    self.at += 1;
                }
                _ => {
                    self.pending = false;
                    self.at += 1;
                }
            }
        }
        Ok(())
    }

    fn enter(&mut self) -> Result<(), StoreError> {
        self.open.push(self.pending);
        if self.pending {
            self.costly += 1;
        }
        self.pending = false;
        self.deepest = self.deepest.max(self.open.len());
        if self.open.len() > self.limit {
            return Err(StoreError::QueryRefused(format!(
                "brackets are nested deeper than {}",
                self.limit
            )));
        }
        if self.costly > MAX_NEGATIONS {
            return Err(StoreError::QueryRefused(format!(
                "negations and aggregates are nested deeper than {MAX_NEGATIONS}"
            )));
        }
        Ok(())
    }

    fn leave(&mut self) {
        if self.open.pop() == Some(true) {
            self.costly -= 1;
        }
        self.pending = false;
    }

    /// The parser tries each form of an aggregate from its beginning.
    fn word(&mut self) {
        let rest = &self.bytes[self.at..];
        let length = rest
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
            .unwrap_or(rest.len());
        let word = &rest[..length];
        self.at += length;
        const AGGREGATES: [&[u8]; 7] = [
            b"COUNT",
            b"SUM",
            b"MIN",
            b"MAX",
            b"AVG",
            b"SAMPLE",
            b"GROUP_CONCAT",
        ];
        if AGGREGATES
            .iter()
            .any(|name| word.eq_ignore_ascii_case(name))
        {
            self.pending = true;
        }
    }

    fn skip_comment(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest
            .iter()
            .position(|&byte| byte == b'\n' || byte == b'\r')
            .unwrap_or(rest.len());
    }

    /// Skips a string of either kind of quote. One that is never closed is skipped to where the parser will
    /// give up on it, the end of the line.
    fn skip_string(&mut self, quote: u8) {
        let rest = &self.bytes[self.at..];
        let long = rest.len() >= 3 && rest[..3] == [quote; 3];
        self.at += if long { 3 } else { 1 };
        while let Some(&byte) = self.bytes.get(self.at) {
            if byte == b'\\' {
                self.at += 2;
            } else if long {
                if self.bytes[self.at..].starts_with(&[quote; 3]) {
                    self.at += 3;
                    return;
                }
                self.at += 1;
            } else {
                self.at += 1;
                if byte == quote || byte == b'\n' || byte == b'\r' {
                    return;
                }
            }
        }
    }

    /// Passes an IRI as a whole, so that its `#` begins no comment; its brackets count for as long as it
    /// lasts. A `<` that begins no IRI is an operator.
    fn pass_angle(&mut self) -> Result<(), StoreError> {
        let rest = &self.bytes[self.at + 1..];
        let end = rest.iter().position(|&byte| {
            matches!(
                byte,
                b'<' | b'>' | b'"' | b'{' | b'}' | b'|' | b'^' | b'`' | b'\\' | 0..=0x20
            )
        });
        let Some(length) = end.filter(|&end| rest[end] == b'>') else {
            self.pending = false;
            self.at += 1;
            return Ok(());
        };
        let pending = self.pending;
        let depth = self.open.len();
        let costly = self.costly;
        for index in 0..length {
            match self.bytes[self.at + 1 + index] {
                b'(' | b'[' => self.enter()?,
                b'!' => self.pending = true,
                _ => {}
            }
        }
        self.open.truncate(depth);
        self.costly = costly;
        self.pending = pending;
        self.at += length + 2;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn brackets_count_where_the_parser_would_see_them() {
        for (text, depth) in [
            ("SELECT * { ?s ?p ?o }", 1),
            ("ASK { FILTER(((1))) }", 4),
            ("ASK { ?s ?p \"((((((\" }", 1),
            ("ASK { ?s ?p '''(((' ((( '''  }", 1),
            ("ASK { ?s ?p '\\'((((' }", 1),
            ("# ((((((\nASK {}", 1),
            ("ASK { <http://e/a#b((> ?p ?o }", 3),
            ("ASK { FILTER(?a < ?b) FILTER(?a<?b) }", 2),
            ("ASK { ex:a\\(b ?p [] }", 2),
        ] {
            assert_eq!(nesting(text, 100).unwrap(), depth, "{text}");
        }
        assert!(nesting(&"(".repeat(10_000), 100).is_err());
        // Not an IRI: the parser reads an operator and brackets.
        assert!(nesting(&format!("ASK {{ FILTER(?a<{}1>2) }}", "(".repeat(200)), 100).is_err());
    }

    #[test]
    fn what_the_parser_reads_twice_may_not_nest() {
        let negations = |count: usize| format!("{}?x{}", "!(".repeat(count), ")".repeat(count));
        assert!(nesting(&negations(6), 100).is_ok());
        assert!(nesting(&negations(7), 100).is_err());
        assert!(nesting(&"!bound(".repeat(7), 100).is_err());
        assert!(nesting(&"group_concat (".repeat(7), 100).is_err());
        assert!(nesting(&"?a != (".repeat(7), 100).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_measured_without_failing(text in "[-(){}\\[\\]<>#'\"\\\\!a-zA-Z \n?é]{0,200}") {
            let _ = nesting(&text, 100);
        }
    }
}
