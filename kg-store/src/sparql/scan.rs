//! Measures a query's nesting before the parser, which recurses, sees it.
//!
//! The scanner errs on the side of counting too much: brackets inside what may be an IRI count while it
//! lasts, since `<` may as well be an operator.

use crate::StoreError;

/// Deepest nesting of brackets whose content the parser reads twice: after `!`, after the name of a function of
/// the query's own or of one that may have an argument more. Each level doubles its work.
const MAX_REREAD: usize = 8;

/// Built-in functions for which the parser tries one number of arguments after the other.
const REREAD: [&[u8]; 4] = [b"REGEX", b"SUBSTR", b"REPLACE", b"GROUP_CONCAT"];

/// The deepest nesting of brackets in a query.
///
/// # Errors
/// [`StoreError::QueryRefused`] when it is deeper than `limit`, or when negations and calls nest beyond reason.
pub(super) fn nesting(text: &str, limit: usize) -> Result<usize, StoreError> {
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        at: 0,
        limit,
        deepest: 0,
        open: Vec::new(),
        reread: 0,
        negation: false,
        call: false,
    };
    scanner.run()?;
    Ok(scanner.deepest)
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    limit: usize,
    deepest: usize,
    /// For each open bracket, whether the parser reads its content twice.
    open: Vec<bool>,
    /// How many of those there are.
    reread: usize,
    /// Whether a `!` stands before the next bracket.
    negation: bool,
    /// Whether the next bracket, if it is round, holds the arguments of a call that is read twice.
    call: bool,
}

impl Scanner<'_> {
    fn run(&mut self) -> Result<(), StoreError> {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'#' => self.skip_comment(),
                b'"' | b'\'' => {
                    self.forget();
                    self.skip_string(byte);
                }
                b'<' => self.pass_angle()?,
                b'\\' => self.at += 2,
                b'(' | b'{' | b'[' => {
                    self.at += 1;
                    self.enter(byte == b'(')?;
                }
                b')' | b'}' | b']' => {
                    self.at += 1;
                    self.leave();
                }
                b'!' => {
                    self.at += 1;
                    self.negation = self.bytes.get(self.at) != Some(&b'=');
                }
                b':' => {
                    self.at += 1;
                    self.call = true;
                }
                _ if byte.is_ascii_alphabetic() => self.word(),
                // Between a `!` or a function's name and its bracket there may be white space and the rest
                // of a name, nothing else.
                b' ' | b'\t' | b'\r' | b'\n' | b'_' | b'-' | b'.' | b'%' | b'0'..=b'9' | 0x80.. => {
                    self.at += 1;
                }
                _ => {
                    self.forget();
                    self.at += 1;
                }
            }
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.negation = false;
        self.call = false;
    }

    fn enter(&mut self, round: bool) -> Result<(), StoreError> {
        let reread = self.negation || (self.call && round);
        self.open.push(reread);
        self.reread += usize::from(reread);
        self.forget();
        self.deepest = self.deepest.max(self.open.len());
        if self.open.len() > self.limit {
            return Err(StoreError::QueryRefused(format!(
                "brackets are nested deeper than {}",
                self.limit
            )));
        }
        if self.reread > MAX_REREAD {
            return Err(StoreError::QueryRefused(format!(
                "negations and function calls are nested deeper than {MAX_REREAD}"
            )));
        }
        Ok(())
    }

    fn leave(&mut self) {
        if self.open.pop() == Some(true) {
            self.reread -= 1;
        }
        self.forget();
    }

    fn word(&mut self) {
        let rest = &self.bytes[self.at..];
        let length = rest
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
            .unwrap_or(rest.len());
        let word = &rest[..length];
        let before = self.at.checked_sub(1).map(|at| self.bytes[at]);
        let continues = before.is_some_and(
            |byte| matches!(byte, b':' | b'-' | b'.' | b'%' | b'_' | b'0'..=b'9' | 0x80..),
        );
        if !continues {
            self.call = REREAD.iter().any(|name| word.eq_ignore_ascii_case(name));
        }
        self.at += length;
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
            self.forget();
            self.at += 1;
            return Ok(());
        };
        let negation = self.negation;
        let depth = self.open.len();
        let reread = self.reread;
        for index in 0..length {
            match self.bytes[self.at + 1 + index] {
                byte @ (b'(' | b'[') => self.enter(byte == b'(')?,
                b'!' => self.negation = true,
                byte if byte == b':' || byte.is_ascii_alphabetic() => self.call = true,
                _ => {}
            }
        }
        self.open.truncate(depth);
        self.reread = reread;
        self.negation = negation;
        // It may be the name of a function.
        self.call = true;
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
        for open in [
            "!(",
            "!bound(",
            "! ex:f(",
            "ex:f-1.a (",
            "<http://e.org/f>(",
            "group_concat (",
            "REPLACE(",
            "substr (",
        ] {
            assert!(nesting(&open.repeat(8), 100).is_ok(), "{open}");
            assert!(nesting(&open.repeat(9), 100).is_err(), "{open}");
        }
        for open in [
            "?a != (",
            "STR(",
            "[ ex:p ",
            "ex:a FILTER (",
            "ex:a / (",
            "<a> {",
        ] {
            assert!(nesting(&open.repeat(90), 100).is_ok(), "{open}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_measured_without_failing(text in "[-(){}\\[\\]<>#'\"\\\\!a-zA-Z \n?é]{0,200}") {
            let _ = nesting(&text, 100);
        }
    }
}
