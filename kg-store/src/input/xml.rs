//! A bound on each piece of an XML document that its parser holds in memory, kept before the parser sees it.

use super::{MAX_TERM, entities::Entities};

/// Follows tags, comments and the like as the parser reads them, and counts what each run between them may
/// expand to.
#[derive(Debug, Default)]
pub(super) struct XmlBounds {
    entities: Entities,
    state: State,
    /// The last two bytes.
    tail: [u8; 2],
    /// Bytes of the present run, and what it may expand to.
    length: usize,
    run: usize,
    /// The present tag without its brackets.
    tag: Vec<u8>,
    /// For each open element, the expanded length of the tag if it declares namespaces; and their sum.
    open: Vec<usize>,
    namespaces: usize,
    literal: Option<Literal>,
}

/// An XML literal, which the parser puts together from all that stands in an element.
#[derive(Debug)]
struct Literal {
    /// How many elements are open directly within it.
    depth: usize,
    expanded: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// After `<`.
    Opened,
    /// After `<!`.
    Bang,
    Comment,
    CData,
    /// With the brackets that are open within.
    Doctype(u32),
    Instruction,
    /// In a tag, with the quote that is open.
    Tag(Option<u8>),
}

impl XmlBounds {
    /// Takes the next bytes. On failure gives the offset and says what is refused.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), (usize, String)> {
        for (offset, &byte) in bytes.iter().enumerate() {
            self.entities
                .feed(byte)
                .and_then(|()| self.step(byte))
                .map_err(|refused| (offset, refused))?;
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) -> Result<(), String> {
        if self.state == State::Text && byte == b'<' {
            self.begin(State::Opened);
        }
        let cost = if byte == b'&' {
            self.entities.longest().max(1)
        } else {
            1
        };
        self.length += 1;
        self.run += cost;
        self.spend(cost)?;
        if self.run > MAX_TERM {
            return Err(format!(
                "a text or tag is, with its entities expanded, longer than {MAX_TERM} bytes"
            ));
        }
        self.advance(byte)?;
        self.tail = [self.tail[1], byte];
        Ok(())
    }

    fn advance(&mut self, byte: u8) -> Result<(), String> {
        match self.state {
            State::Text => {}
            State::Opened if self.length == 1 => {}
            State::Opened => match byte {
                b'!' => self.state = State::Bang,
                b'?' => self.state = State::Instruction,
                _ => {
                    self.tag.clear();
                    self.state = State::Tag(None);
                    return self.tag(None, byte);
                }
            },
            State::Bang => match byte {
                b'-' => self.state = State::Comment,
                b'[' => self.state = State::CData,
                // The parser accepts nothing else, and ends here if there is.
                _ => self.state = State::Doctype(0),
            },
            // `<!-->` and `<!--->` are no ends.
            State::Comment if byte == b'>' && self.tail == *b"--" && self.length > 6 => {
                self.begin(State::Text);
            }
            State::CData if byte == b'>' && self.tail == *b"]]" => self.begin(State::Text),
            State::Instruction if byte == b'>' && self.tail[1] == b'?' => self.begin(State::Text),
            State::Doctype(depth) => match (byte, depth) {
                (b'<', _) => self.state = State::Doctype(depth + 1),
                (b'>', 0) => self.begin(State::Text),
                (b'>', _) => self.state = State::Doctype(depth - 1),
                _ => {}
            },
            State::Tag(quote) => return self.tag(quote, byte),
            State::Comment | State::CData | State::Instruction => {}
        }
        Ok(())
    }

    fn tag(&mut self, quote: Option<u8>, byte: u8) -> Result<(), String> {
        match (quote, byte) {
            (None, b'>') => {
                self.element()?;
                self.begin(State::Text);
                return Ok(());
            }
            (None, b'"' | b'\'') => self.state = State::Tag(Some(byte)),
            (Some(open), _) if open == byte => self.state = State::Tag(None),
            _ => {}
        }
        self.tag.push(byte);
        Ok(())
    }

    fn begin(&mut self, state: State) {
        self.state = state;
        self.length = 0;
        self.run = 0;
    }

    /// A tag has ended.
    fn element(&mut self) -> Result<(), String> {
        if self.tag.first() == Some(&b'/') {
            self.namespaces -= self.open.pop().unwrap_or_default();
            if self
                .literal
                .as_ref()
                .is_some_and(|literal| self.open.len() < literal.depth)
            {
                self.literal = None;
            }
            return Ok(());
        }
        let declares = contains(&self.tag, b"xmlns");
        let declared = if declares { self.run } else { 0 };
        match &self.literal {
            // Each outermost element of an XML literal is given all namespaces in force.
            Some(literal) if literal.depth == self.open.len() => {
                self.spend(self.namespaces + declared)?;
            }
            _ => {}
        }
        if self.tag.last() == Some(&b'/') {
            return Ok(());
        }
        self.open.push(declared);
        self.namespaces += declared;
        if self.literal.is_none() && holds_literal(&self.tag) {
            self.literal = Some(Literal {
                depth: self.open.len(),
                expanded: 0,
            });
        }
        Ok(())
    }

    fn spend(&mut self, cost: usize) -> Result<(), String> {
        if let Some(literal) = &mut self.literal {
            literal.expanded += cost;
            if literal.expanded > MAX_TERM {
                return Err(format!(
                    "an XML literal is, with its entities expanded, longer than {MAX_TERM} bytes"
                ));
            }
        }
        Ok(())
    }
}

/// Whether a tag has a `parseType` of which the element's content becomes an XML literal: any but these two.
fn holds_literal(tag: &[u8]) -> bool {
    const NAME: &[u8] = b"parseType";
    let mut rest = tag;
    while let Some(at) = position(rest, NAME) {
        rest = &rest[at + NAME.len()..];
        let value = rest.trim_ascii_start();
        if let Some(value) = value.strip_prefix(b"=") {
            let value = value.trim_ascii_start();
            let structured = [
                &b"\"Resource\""[..],
                b"'Resource'",
                b"\"Collection\"",
                b"'Collection'",
            ];
            if !structured.iter().any(|known| value.starts_with(known)) {
                return true;
            }
        }
    }
    false
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    position(text, part).is_some()
}

fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads in pieces of one size, so that all is split somewhere.
    fn read(text: &str, piece: usize) -> Result<XmlBounds, (usize, String)> {
        let mut bounds = XmlBounds::default();
        for bytes in text.as_bytes().chunks(piece) {
            bounds.feed(bytes)?;
        }
        Ok(bounds)
    }

    #[test]
    fn markup_is_followed_to_its_end() {
        let text = "<?xml version='1.0'?><!DOCTYPE r [ <!ENTITY e \"x\"> ]><!-- <a> --><!---->\
            <r a='>' b=\"<'>\" xmlns=\"x\"><![CDATA[ </r> ]] > ]]><e/><p rdf:parseType = 'Resource'>t</p></r>";
        for piece in 1..20 {
            let bounds = read(text, piece).unwrap();
            assert_eq!(bounds.state, State::Text, "{piece}");
            assert_eq!((bounds.open.len(), bounds.namespaces), (0, 0), "{piece}");
        }
        let inside = read("<r xmlns='x'><p rdf:parseType='Literal'><b>", 3).unwrap();
        assert_eq!(inside.open.len(), 3);
        assert!(inside.literal.is_some());
        let after = read("<r><p rdf:parseType='Literal'><b/>x</p>", 3).unwrap();
        assert!(after.literal.is_none());
        let plain = read("<r><p rdf:parseType=\"Collection\">", 3).unwrap();
        assert!(plain.literal.is_none());
    }

    #[test]
    fn long_runs_are_refused_as_they_are_and_as_they_expand() {
        let entity = format!("<!DOCTYPE r [<!ENTITY e \"{}\">]>", "x".repeat(200));
        let namespace = format!("<r xmlns:a='{}'>", "x".repeat(100_000));
        for (text, part) in [
            (format!("<r>{}", "x".repeat(MAX_TERM + 1)), "a text or tag"),
            (format!("<r a='{}", ">".repeat(MAX_TERM)), "a text or tag"),
            (
                format!("<r><!--{}", "<>".repeat(MAX_TERM / 2)),
                "a text or tag",
            ),
            (
                format!("{entity}<r>{}", "&e;".repeat(22_000)),
                "a text or tag",
            ),
            (
                format!("<r><p parseType='x'>{}", "<a></a>".repeat(MAX_TERM / 7 + 1)),
                "an XML literal",
            ),
            (
                format!("{namespace}<p parseType=\"Literal\">{}", "<a/>".repeat(50)),
                "an XML literal",
            ),
        ] {
            let (_, refused) = read(&text, 4096).unwrap_err();
            assert!(refused.contains(part), "{text:.60}: {refused}");
        }
        // Many references are no fault where they are short.
        read(&format!("<r>{}", "&lt;".repeat(100_000)), 4096).unwrap();
    }
}
