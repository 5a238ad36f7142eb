//! RDF Patch, the text of a journal segment: rows of added and deleted quads in N-Quads terms.
//!
//! The format is that of Apache Jena, so that its tools can read a journal. The reader here accepts what the
//! writer writes and nothing else: a row that it cannot read is damage.

use std::io::{self, Write};

use crate::rdf::{BlankNode, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, QuadRef, Term};

/// One row of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// The quad is asserted, whether or not it was there already.
    Add(Quad),
    /// The quad is retracted, whether or not it was there.
    Remove(Quad),
}

impl Row {
    /// The quad, whichever way it goes.
    pub fn quad(&self) -> &Quad {
        match self {
            Self::Add(quad) | Self::Remove(quad) => quad,
        }
    }
}

/// Writes `A s p o g .` or `D s p o g .`, without `g` for the default graph.
pub(crate) fn write_row(out: &mut impl Write, add: bool, quad: QuadRef<'_>) -> io::Result<()> {
    let letter = if add { 'A' } else { 'D' };
    if quad.graph_name.is_default_graph() {
        writeln!(
            out,
            "{letter} {} {} {} .",
            quad.subject, quad.predicate, quad.object
        )
    } else {
        writeln!(
            out,
            "{letter} {} {} {} {} .",
            quad.subject, quad.predicate, quad.object, quad.graph_name
        )
    }
}

/// Writes `H key "value" .`.
pub(crate) fn write_header(out: &mut impl Write, key: &str, value: &str) -> io::Result<()> {
    writeln!(out, "H {key} {} .", Literal::new_simple_literal(value))
}

/// What a line of a patch says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Header(String, String),
    Begin,
    Row(Row),
    Commit,
}

/// Reads one line, without its newline. `None` for what no writer of ours wrote.
pub(crate) fn read_line(line: &str) -> Option<Line> {
    match line {
        "TX ." => return Some(Line::Begin),
        "TC ." => return Some(Line::Commit),
        _ => {}
    }
    let (verb, rest) = line.split_once(' ')?;
    let mut terms = Terms { rest };
    match verb {
        "H" => {
            let (key, rest) = terms.rest.split_once(' ')?;
            terms.rest = rest;
            let Term::Literal(value) = terms.term()? else {
                return None;
            };
            terms.end()?;
            Some(Line::Header(key.to_owned(), value.value().to_owned()))
        }
        "A" | "D" => {
            let subject = match terms.term()? {
                Term::NamedNode(node) => NamedOrBlankNode::NamedNode(node),
                Term::BlankNode(node) => NamedOrBlankNode::BlankNode(node),
                _ => return None,
            };
            let Term::NamedNode(predicate) = terms.term()? else {
                return None;
            };
            let object = terms.term()?;
            let graph_name = if terms.rest == "." {
                GraphName::DefaultGraph
            } else {
                match terms.term()? {
                    Term::NamedNode(node) => GraphName::NamedNode(node),
                    Term::BlankNode(node) => GraphName::BlankNode(node),
                    _ => return None,
                }
            };
            terms.end()?;
            let quad = Quad {
                subject,
                predicate,
                object,
                graph_name,
            };
            Some(Line::Row(if verb == "A" {
                Row::Add(quad)
            } else {
                Row::Remove(quad)
            }))
        }
        _ => None,
    }
}

/// Takes terms off the front of a line. Each is followed by one space.
struct Terms<'a> {
    rest: &'a str,
}

impl Terms<'_> {
    fn end(&self) -> Option<()> {
        (self.rest == ".").then_some(())
    }

    fn term(&mut self) -> Option<Term> {
        match self.rest.as_bytes().first()? {
            b'<' => Some(self.iri()?.into()),
            b'_' => {
                let (id, rest) = self.rest.strip_prefix("_:")?.split_once(' ')?;
                self.rest = rest;
                Some(BlankNode::new(id).ok()?.into())
            }
            b'"' => self.literal().map(Term::Literal),
            _ => None,
        }
    }

    fn iri(&mut self) -> Option<NamedNode> {
        let (iri, rest) = self.rest.strip_prefix('<')?.split_once('>')?;
        self.rest = rest.strip_prefix(' ')?;
        // It was checked when it was first read; checking again would double the cost of a replay.
        Some(NamedNode::new_unchecked(iri))
    }

    fn literal(&mut self) -> Option<Literal> {
        let text = self.rest.strip_prefix('"')?;
        let mut value = String::new();
        let mut rest = text;
        loop {
            let stop = rest.find(['"', '\\'])?;
            value.push_str(&rest[..stop]);
            let escaped = rest.as_bytes()[stop] == b'\\';
            rest = &rest[stop + 1..];
            if !escaped {
                break;
            }
            let mut chars = rest.chars();
            let character = match chars.next()? {
                't' => '\t',
                'b' => '\u{8}',
                'n' => '\n',
                'r' => '\r',
                'f' => '\u{c}',
                '"' => '"',
                '\\' => '\\',
                'u' => {
                    let code = u32::from_str_radix(chars.as_str().get(..4)?, 16).ok()?;
                    chars.nth(3)?;
                    char::from_u32(code)?
                }
                _ => return None,
            };
            value.push(character);
            rest = chars.as_str();
        }
        self.rest = rest;
        if let Some(rest) = rest.strip_prefix("^^") {
            self.rest = rest;
            let datatype = self.iri()?;
            return Some(Literal::new_typed_literal(value, datatype));
        }
        if let Some(rest) = rest.strip_prefix('@') {
            let (language, rest) = rest.split_once(' ')?;
            self.rest = rest;
            return Some(Literal::new_language_tagged_literal_unchecked(
                value, language,
            ));
        }
        self.rest = rest.strip_prefix(' ')?;
        Some(Literal::new_simple_literal(value))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn iri() -> impl Strategy<Value = NamedNode> {
        "[a-z]{1,8}"
            .prop_map(|path| NamedNode::new(format!("http://example.org/{path}#é")).unwrap())
    }

    fn blank() -> impl Strategy<Value = BlankNode> {
        prop_oneof![
            any::<u128>().prop_map(BlankNode::new_from_unique_id),
            "[a-z][a-z0-9]{0,6}".prop_map(|id| BlankNode::new(id).unwrap()),
        ]
    }

    fn literal() -> impl Strategy<Value = Literal> {
        let text = prop_oneof![
            ".{0,12}",
            "[\\x00-\\x20\"\\\\\u{7f}\u{fffe}\u{ffff}\u{2028}@^<>.]{0,8}"
        ];
        prop_oneof![
            text.clone().prop_map(Literal::new_simple_literal),
            (text.clone(), iri()).prop_map(|(text, kind)| Literal::new_typed_literal(text, kind)),
            (text, "[a-z]{2}(-[a-z]{2})?")
                .prop_map(|(text, tag)| Literal::new_language_tagged_literal(text, tag).unwrap()),
            any::<i64>().prop_map(Literal::from),
        ]
    }

    /// Any quad, small vocabularies so that quads collide.
    pub(crate) fn quad() -> impl Strategy<Value = Quad> {
        let node = prop_oneof![
            iri().prop_map(NamedOrBlankNode::from),
            blank().prop_map(NamedOrBlankNode::from)
        ];
        let object = prop_oneof![
            iri().prop_map(Term::from),
            blank().prop_map(Term::from),
            literal().prop_map(Term::from)
        ];
        let graph = prop_oneof![
            Just(GraphName::DefaultGraph),
            iri().prop_map(GraphName::from),
            blank().prop_map(GraphName::from)
        ];
        (node, iri(), object, graph).prop_map(|(subject, predicate, object, graph)| {
            Quad::new(subject, predicate, object, graph)
        })
    }

    proptest! {
        #[test]
        fn a_row_reads_back_as_it_was(quad in quad(), add in any::<bool>()) {
            let mut text = Vec::new();
            write_row(&mut text, add, quad.as_ref()).unwrap();
            let text = String::from_utf8(text).unwrap();
            let line = text.strip_suffix('\n').unwrap();
            prop_assert!(!line.contains('\n'));
            let expected = if add { Row::Add(quad) } else { Row::Remove(quad) };
            prop_assert_eq!(read_line(line), Some(Line::Row(expected)));
        }

        #[test]
        fn no_line_makes_the_reader_fail_other_than_by_none(line in "[ADH] [<>_:\"@^\\\\a-z. ]{0,40}") {
            let _ = read_line(&line);
        }

        #[test]
        fn headers_read_back(value in ".{0,20}") {
            let mut text = Vec::new();
            write_header(&mut text, "source", &value).unwrap();
            let text = String::from_utf8(text).unwrap();
            prop_assert_eq!(
                read_line(text.strip_suffix('\n').unwrap()),
                Some(Line::Header("source".to_owned(), value))
            );
        }
    }
}
