//! A bound on what entities of an XML document can expand to, kept before the parser sees their declarations.

/// Bytes of an entity's value: room for any namespace.
const MAX_VALUE: usize = 256;
/// Entities of one document.
const MAX_DECLARATIONS: usize = 1000;
/// Bytes of a declaration up to the end of its value.
const MAX_DECLARATION: usize = 1024;

const OPENING: &[u8] = b"<!ENTITY";

/// Looks at entity declarations wherever they stand, also where they mean nothing, in a comment for one: the
/// parser does not tell these apart either.
#[derive(Debug, Default)]
pub(super) struct Entities {
    /// How much of [`OPENING`] has just been read.
    matched: usize,
    /// What follows it, as long as the declaration is not judged.
    declaration: Option<Vec<u8>>,
    count: usize,
    longest: usize,
}

enum Declared<'a> {
    /// The end of its value is still to come.
    Unfinished,
    /// By SYSTEM or PUBLIC.
    External,
    Value(&'a str),
}

impl Entities {
    /// The bytes to which one reference may expand: those of the longest value so far.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// Takes the next byte. On failure says what is refused.
    pub(super) fn feed(&mut self, byte: u8) -> Result<(), String> {
        let Some(text) = &mut self.declaration else {
            if byte == OPENING[self.matched] {
                self.matched += 1;
            } else {
                self.matched = usize::from(byte == b'<');
            }
            if self.matched == OPENING.len() {
                self.matched = 0;
                self.declaration = Some(Vec::new());
            }
            return Ok(());
        };
        let ends = byte == b'<';
        if !ends {
            text.push(byte);
        }
        let full = text.len() == MAX_DECLARATION;
        if !ends && !full && byte != b'>' {
            return Ok(());
        }
        let text = String::from_utf8_lossy(text).into_owned();
        match declared(&text) {
            Declared::Unfinished if full => {
                return Err(format!(
                    "an entity declaration is longer than {MAX_DECLARATION} bytes"
                ));
            }
            Declared::Unfinished if !ends => return Ok(()),
            // The parser will say what is wrong with it.
            Declared::Unfinished => {}
            Declared::External => {
                return Err("external entities are not read, and not to be declared".to_owned());
            }
            Declared::Value(value) => self.judge(value)?,
        }
        self.declaration = None;
        self.matched = usize::from(ends);
        Ok(())
    }

    fn judge(&mut self, value: &str) -> Result<(), String> {
        if value.len() > MAX_VALUE {
            return Err(format!(
                "the value of an entity is longer than {MAX_VALUE} bytes"
            ));
        }
        if refers(value) {
            return Err("the value of an entity refers to other entities".to_owned());
        }
        self.count += 1;
        if self.count > MAX_DECLARATIONS {
            return Err(format!(
                "more than {MAX_DECLARATIONS} entities are declared"
            ));
        }
        self.longest = self.longest.max(value.len());
        Ok(())
    }
}

/// Reads a declaration as the parser does, without its opening.
fn declared(text: &str) -> Declared<'_> {
    let text = text.trim_start();
    let text = text.strip_prefix('%').unwrap_or(text).trim_start();
    let Some((_, rest)) = text.split_once(|c: char| c.is_ascii_whitespace()) else {
        return Declared::Unfinished;
    };
    let rest = rest.trim_start();
    if rest.starts_with("SYSTEM") || rest.starts_with("PUBLIC") {
        return Declared::External;
    }
    ['"', '\'']
        .into_iter()
        .find_map(|quote| rest.strip_prefix(quote)?.split_once(quote))
        .map_or(Declared::Unfinished, |(value, _)| Declared::Value(value))
}

/// Whether a value holds references other than those to characters.
fn refers(value: &str) -> bool {
    value.split('&').skip(1).any(|rest| {
        !["#", "lt;", "gt;", "amp;", "quot;", "apos;"]
            .iter()
            .any(|known| rest.starts_with(known))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Entities, String> {
        let mut entities = Entities::default();
        for byte in text.bytes() {
            entities.feed(byte)?;
        }
        Ok(entities)
    }

    #[test]
    fn namespaces_and_characters_are_let_through() {
        let text = "<!DOCTYPE rdf:RDF [\n<!ENTITY owl \"http://www.w3.org/2002/07/owl#\" >\n\
            <!ENTITY nbsp '&#160;'><!ENTITY % p \"&lt;&amp;\">\n]>\n<rdf:RDF>";
        let entities = read(text).unwrap();
        assert_eq!((entities.count, entities.longest()), (3, 30));
        assert_eq!(read("<!ENTITYx").unwrap().count, 0);
    }

    #[test]
    fn what_could_grow_is_refused() {
        let many: String = (0..1001).map(|n| format!("<!ENTITY e{n} \"x\">")).collect();
        let long = format!("<!ENTITY a \"{}\">", "x".repeat(257));
        let endless = format!("<!ENTITY a \"{}", "x".repeat(2000));
        for (text, part) in [
            ("<!ENTITY b \"&a;&a;\">", "refers to other entities"),
            ("<<!ENTITY b \"&a;\">", "refers to other entities"),
            ("<!ENTITY a> \"&b;\">", "refers to other entities"),
            ("<!ENTITY a \">&b;\">", "refers to other entities"),
            ("<!ENTITY a SYSTEM \"file:///etc/passwd\">", "external"),
            ("<!ENTITY % a PUBLIC \"x\" \"y\">", "external"),
            (&many, "more than 1000"),
            (&long, "longer than 256 bytes"),
            (&endless, "longer than 1024 bytes"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(part), "{text:.60}: {error}");
        }
    }
}
