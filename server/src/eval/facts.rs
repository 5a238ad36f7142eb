//! All facts of a knowledge base in words, read from N-Quads.

use std::{
    collections::HashMap,
    io::{self, BufRead},
};

/// Predicates that give names, the best first.
const NAMES: [&str; 7] = [
    "http://www.w3.org/2000/01/rdf-schema#label",
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://schema.org/name",
    "https://schema.org/name",
    "http://xmlns.com/foaf/0.1/name",
    "http://purl.org/dc/terms/title",
    "http://www.w3.org/2004/02/skos/core#altLabel",
];
const ALIAS: usize = NAMES.len() - 1;

/// Whether a predicate only names its subject.
pub fn is_name(predicate: &str) -> bool {
    NAMES.contains(&predicate)
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Iri(String),
    Blank,
    Literal(String, Option<String>),
}

/// Reads N-Quads and words each fact that is not a name: "subject, predicate: object".
pub fn verbalise(reader: impl BufRead) -> io::Result<Vec<String>> {
    let mut names: HashMap<String, (usize, String)> = HashMap::new();
    let mut facts = Vec::new();
    for line in reader.lines() {
        let line = line?;
        let Some((subject, predicate, object)) = parse(&line) else {
            continue;
        };
        let Node::Iri(subject) = subject else {
            continue;
        };
        match NAMES.iter().position(|name| *name == predicate) {
            None => facts.push((subject, predicate, object)),
            Some(rank) => {
                let Node::Literal(text, language) = object else {
                    continue;
                };
                // English, or a name in no language, before others.
                let foreign = language.is_some_and(|l| !l.to_ascii_lowercase().starts_with("en"));
                let rank = rank + if foreign { NAMES.len() } else { 0 };
                if rank == ALIAS && names.contains_key(&subject) {
                    continue;
                }
                let known = names.get(&subject).map(|(known, _)| *known);
                if known.is_none_or(|known| rank < known) {
                    names.insert(subject, (rank, text));
                }
            }
        }
    }
    let name = |iri: &str| {
        names
            .get(iri)
            .map_or_else(|| local_name(iri), |(_, name)| name.clone())
    };
    Ok(facts
        .iter()
        .filter_map(|(subject, predicate, object)| {
            let object = match object {
                Node::Iri(iri) => name(iri),
                Node::Literal(text, _) => text.clone(),
                Node::Blank => return None,
            };
            Some(format!("{}, {}: {object}", name(subject), name(predicate)))
        })
        .collect())
}

/// The last part of an IRI, split into words.
fn local_name(iri: &str) -> String {
    let last = iri.rsplit(['#', '/', ':']).next().unwrap_or(iri);
    let mut out = String::new();
    let mut before = ' ';
    for c in last.chars() {
        if c == '_' || c == '-' {
            out.push(' ');
        } else {
            if c.is_uppercase() && before.is_lowercase() {
                out.push(' ');
            }
            out.extend(c.to_lowercase());
        }
        before = c;
    }
    out
}

/// Subject, predicate and object of a line; none for comments and for what is more than plain RDF 1.1.
fn parse(line: &str) -> Option<(Node, String, Node)> {
    let (subject, rest) = node(line.trim_start())?;
    let (Node::Iri(predicate), rest) = node(rest)? else {
        return None;
    };
    let (object, _) = node(rest)?;
    Some((subject, predicate, object))
}

fn node(text: &str) -> Option<(Node, &str)> {
    let text = text.trim_start();
    if text.starts_with("<<") {
        return None;
    }
    if let Some(rest) = text.strip_prefix('<') {
        let (iri, rest) = rest.split_once('>')?;
        return Some((Node::Iri(unescape(iri)), rest));
    }
    if text.starts_with("_:") {
        let end = text.find(char::is_whitespace)?;
        return Some((Node::Blank, &text[end..]));
    }
    let rest = text.strip_prefix('"')?;
    let mut escaped = false;
    let end = rest.char_indices().find_map(|(at, c)| {
        let quote = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        quote.then_some(at)
    })?;
    let value = unescape(&rest[..end]);
    let rest = &rest[end + 1..];
    if let Some(tag) = rest.strip_prefix('@') {
        let end = tag.find(|c: char| c.is_whitespace()).unwrap_or(tag.len());
        return Some((
            Node::Literal(value, Some(tag[..end].to_owned())),
            &tag[end..],
        ));
    }
    if let Some(datatype) = rest.strip_prefix("^^<") {
        let (_, rest) = datatype.split_once('>')?;
        return Some((Node::Literal(value, None), rest));
    }
    Some((Node::Literal(value, None), rest))
}

fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some(u @ ('u' | 'U')) => {
                let digits: String = chars.by_ref().take(if u == 'u' { 4 } else { 8 }).collect();
                let code = u32::from_str_radix(&digits, 16)
                    .ok()
                    .and_then(char::from_u32);
                out.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_worded_with_the_best_names() {
        let text = r#"
<http://e/chad> <http://www.w3.org/2000/01/rdf-schema#label> "Tschad"@de .
<http://e/chad> <http://www.w3.org/2000/01/rdf-schema#label> "Chad"@en <http://e/g> .
<http://e/chad> <http://www.w3.org/2004/02/skos/core#altLabel> "Republic of Chad" .
<http://e/chad> <http://e/officialCapital> <http://e/nd> .
<http://e/nd> <http://www.w3.org/2000/01/rdf-schema#label> "N\"Djam\u00e9na" .
<http://e/chad> <http://e/p> "5"^^<http://www.w3.org/2001/XMLSchema#integer> .
<http://e/chad> <http://e/p> _:b1 .
# a comment
"#;
        let facts = verbalise(text.as_bytes()).unwrap();
        assert_eq!(facts, ["Chad, official capital: N\"Djaména", "Chad, p: 5"]);
    }
}
