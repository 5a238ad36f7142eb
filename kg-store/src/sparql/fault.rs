//! Words for a query that does not parse. The parser itself lists all characters that could have stood there.

use std::collections::HashSet;

use crate::StoreError;

/// Characters of the query that a message shows.
const SHOWN: usize = 40;

/// Reads the parser's "error at 3:14: expected one of ...".
pub(super) fn syntax_error(query: &str, message: &str) -> StoreError {
    let located = message
        .strip_prefix("error at ")
        .and_then(|rest| rest.split_once(": "))
        .and_then(|(place, cause)| {
            let (line, column) = place.split_once(':')?;
            Some((line.parse().ok()?, column.parse().ok()?, cause))
        });
    let Some((line, column, cause)) = located else {
        return at((1, 1), message.chars().take(300).collect());
    };
    let offset = offset(query, line, column);
    if let Some((start, prefix)) = undeclared(query)
        && start <= offset
    {
        return at(
            place(query, start),
            format!("the prefix `{prefix}` is not declared"),
        );
    }
    if let Some(said) = said(cause) {
        let mut chars = said.chars();
        let first: String = chars
            .next()
            .into_iter()
            .flat_map(char::to_lowercase)
            .collect();
        // An acronym keeps its capitals.
        let acronym = chars.clone().next().is_some_and(char::is_uppercase);
        let said = if acronym {
            said.to_owned()
        } else {
            first + chars.as_str()
        };
        return at((line, column), said);
    }
    if query[offset..].trim().is_empty() {
        return at(
            (line, column),
            "syntax error: the query ends too early".to_owned(),
        );
    }
    // The parser stops at the end of a word that it does not know, where it could have gone on.
    let start = word_start(query, offset);
    let line: String = query[start..]
        .trim_start()
        .chars()
        .take_while(|c| *c != '\n')
        .collect();
    let near: String = line.chars().take(SHOWN).collect();
    at(
        place(query, start),
        format!("syntax error near `{}`", near.trim_end()),
    )
}

fn at((line, column): (u64, u64), message: String) -> StoreError {
    StoreError::QuerySyntax {
        line,
        column,
        message,
    }
}

/// The one expectation that is a sentence: what the grammar's own checks say.
fn said(cause: &str) -> Option<&str> {
    let list = cause.strip_prefix("expected ").unwrap_or(cause);
    let list = list.strip_prefix("one of ").unwrap_or(list);
    list.split(", ")
        .find(|item| item.starts_with(|c: char| c.is_ascii_alphabetic()) && item.contains(' '))
}

/// The byte at a line and column, which count from 1, columns in characters.
fn offset(query: &str, line: u64, column: u64) -> usize {
    let mut at = (1, 1);
    for (offset, c) in query.char_indices() {
        if at >= (line, column) {
            return offset;
        }
        at = if c == '\n' {
            (at.0 + 1, 1)
        } else {
            (at.0, at.1 + 1)
        };
    }
    query.len()
}

fn place(query: &str, offset: usize) -> (u64, u64) {
    let before = &query[..offset];
    let line = before.matches('\n').count() as u64 + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count() as u64
        + 1;
    (line, column)
}

/// Whether a character can stand in a prefixed name.
fn in_name(c: char) -> bool {
    c.is_alphanumeric() || "_-.:%\\".contains(c)
}

/// Where the word begins at whose end, or within which, the parser stopped.
fn word_start(query: &str, offset: usize) -> usize {
    query[..offset]
        .char_indices()
        .rev()
        .take_while(|(_, c)| in_name(*c) || "?$@".contains(*c))
        .last()
        .map_or(offset, |(at, _)| at)
}

/// The first name of which the prefix is not declared before it, and where it is.
fn undeclared(query: &str) -> Option<(usize, &str)> {
    let mut declared = HashSet::new();
    let mut declares = false;
    let mut at = 0;
    while let Some(c) = query[at..].chars().next() {
        let rest = &query[at..];
        let length = match c {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '<' => iri(rest),
            '"' | '\'' => string(rest, c),
            // Variables and language tags are no names.
            '?' | '$' | '@' => 1 + word(&rest[1..]).len(),
            c if in_name(c) => {
                let word = word(rest);
                match word.split_once(':') {
                    Some((prefix, _)) if declares => {
                        declared.insert(prefix);
                    }
                    Some((prefix, _)) if prefix != "_" && !declared.contains(prefix) => {
                        return Some((at, prefix));
                    }
                    _ => {}
                }
                declares = word.eq_ignore_ascii_case("prefix");
                word.len()
            }
            c => c.len_utf8(),
        };
        at += length;
    }
    None
}

fn word(text: &str) -> &str {
    &text[..text.find(|c| !in_name(c)).unwrap_or(text.len())]
}

/// The length of an IRI, or of a `<` that begins none.
fn iri(text: &str) -> usize {
    match text[1..].find(|c: char| c.is_whitespace() || "<>\"{}|^`".contains(c)) {
        Some(end) if text[1 + end..].starts_with('>') => end + 2,
        _ => 1,
    }
}

/// The length of a string, short or long.
fn string(text: &str, quote: char) -> usize {
    let long = quote.to_string().repeat(3);
    let close = if text.starts_with(&long) {
        long
    } else {
        quote.to_string()
    };
    let mut at = close.len();
    while let Some(c) = text[at..].chars().next() {
        if text[at..].starts_with(&close) {
            return at + close.len();
        }
        at += c.len_utf8();
        if c == '\\' {
            at += text[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use crate::sparql::{CheckedQuery, Dataset, ParseLimits};

    fn fault(query: &str) -> String {
        CheckedQuery::parse(query, Dataset::Plain, &ParseLimits::default())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn an_undeclared_prefix_is_named_with_its_place() {
        for (query, expected) in [
            (
                "SELECT ?l { ?s rdfs:label ?l }",
                "query:1:16: the prefix `rdfs` is not declared",
            ),
            (
                "PREFIX a: <http://a.example/>\nASK {\n  ?s a:b é:c.d }",
                "query:3:10: the prefix `é` is not declared",
            ),
            (
                "ASK { ?s ?p :x }",
                "query:1:13: the prefix `` is not declared",
            ),
            (
                "ASK { ?s ex: 1 }",
                "query:1:10: the prefix `ex` is not declared",
            ),
        ] {
            assert_eq!(fault(query), expected, "{query}");
        }
    }

    #[test]
    fn other_faults_show_where_they_are() {
        assert_eq!(
            fault("SELECT ?x { ?x nonsense ?y }"),
            "query:1:16: syntax error near `nonsense ?y }`"
        );
        assert!(fault("ASK { ?s ?p ?o ").ends_with("the query ends too early"));
        let said = fault("SELECT (?a AS ?b) (?a AS ?b) { ?a ?p ?o }");
        assert!(
            said.ends_with("duplicated variable name in SELECT"),
            "{said}"
        );
        for query in [
            "",
            "SELECT",
            "nonsense",
            "ASK { ?s ?p \"x }",
            "ASK { <a> <b> <c> }",
        ] {
            let fault = fault(query);
            assert!(fault.len() < 120, "{query}: {fault}");
            assert!(!fault.contains("expected"), "{query}: {fault}");
        }
    }
}
