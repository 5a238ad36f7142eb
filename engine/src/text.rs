//! From bytes to text that may be shown: whole characters, and nothing that could still turn out to be the
//! beginning of a stop string.

/// Collects the bytes of tokens and releases text as soon as it is sure.
pub(crate) struct TextStream {
    stops: Vec<String>,
    /// Bytes of a character that is not complete yet.
    partial: Vec<u8>,
    /// Whole characters that may begin a stop string.
    held: String,
    /// Where in `held` U+FFFD stands for bytes that are no character, and for how many.
    replaced: Vec<(usize, usize)>,
    /// Bytes whose text has been given out.
    released: usize,
    stopped: bool,
}

impl TextStream {
    /// Empty stop strings are ignored.
    pub(crate) fn new(stops: Vec<String>) -> TextStream {
        TextStream {
            stops: stops.into_iter().filter(|stop| !stop.is_empty()).collect(),
            partial: Vec::new(),
            held: String::new(),
            replaced: Vec::new(),
            released: 0,
            stopped: false,
        }
    }

    /// How many of the bytes that came have had their text given out.
    pub(crate) fn released(&self) -> usize {
        self.released
    }

    /// Whether a stop string has come; no text follows.
    pub(crate) fn stopped(&self) -> bool {
        self.stopped
    }

    /// Takes the bytes of one more token; returns the text that is sure now, which may be empty.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        if self.stopped {
            return String::new();
        }
        self.partial.extend_from_slice(bytes);
        self.take_characters(false);
        self.release(false)
    }

    /// The rest, when no more tokens come. A cut character becomes U+FFFD.
    pub(crate) fn finish(&mut self) -> String {
        if self.stopped {
            return String::new();
        }
        self.take_characters(true);
        self.release(true)
    }

    /// Moves whole characters on. Bytes that can not become a character are replaced by U+FFFD.
    fn take_characters(&mut self, all: bool) {
        loop {
            match std::str::from_utf8(&self.partial) {
                Ok(text) => {
                    self.held.push_str(text);
                    self.partial.clear();
                    return;
                }
                Err(error) => {
                    let valid = error.valid_up_to();
                    self.held
                        .push_str(&String::from_utf8_lossy(&self.partial[..valid]));
                    match error.error_len() {
                        None if !all => {
                            self.partial.drain(..valid);
                            return;
                        }
                        length => {
                            let bad = length.unwrap_or(self.partial.len() - valid);
                            self.replaced.push((self.held.len(), bad));
                            self.held.push(char::REPLACEMENT_CHARACTER);
                            self.partial.drain(..valid + bad);
                        }
                    }
                }
            }
        }
    }

    fn release(&mut self, all: bool) -> String {
        // The one that is complete first; had the text gone on, another might have begun before it.
        let first = self
            .stops
            .iter()
            .filter_map(|stop| {
                self.held
                    .find(stop.as_str())
                    .map(|at| (at + stop.len(), at))
            })
            .min();
        if let Some((_, at)) = first {
            self.stopped = true;
            let text = self.give_out(at);
            self.held.clear();
            return text;
        }
        let keep = if all { 0 } else { self.held_back() };
        self.give_out(self.held.len() - keep)
    }

    /// Parts with the first bytes of what is held.
    fn give_out(&mut self, length: usize) -> String {
        let rest = self.held.split_off(length);
        self.released += length;
        self.replaced.retain_mut(|(at, bytes)| {
            let stays = *at >= length;
            if stays {
                *at -= length;
            } else {
                self.released = self.released + *bytes - char::REPLACEMENT_CHARACTER.len_utf8();
            }
            stays
        });
        std::mem::replace(&mut self.held, rest)
    }

    /// Bytes at the end that begin a stop string.
    fn held_back(&self) -> usize {
        self.stops
            .iter()
            .flat_map(|stop| {
                stop.char_indices()
                    .map(|(at, _)| at)
                    .filter(|at| *at > 0 && self.held.ends_with(&stop[..*at]))
            })
            .max()
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(stops: &[&str], chunks: &[&[u8]]) -> (Vec<String>, bool) {
        let mut stream = TextStream::new(stops.iter().map(|stop| (*stop).into()).collect());
        let mut out: Vec<String> = chunks.iter().map(|chunk| stream.push(chunk)).collect();
        out.push(stream.finish());
        (out, stream.stopped())
    }

    #[test]
    fn characters_are_not_split() {
        let (out, _) = run(&[], &[b"a\xf0\x9f", b"\x98", b"\x80b"]);
        assert_eq!(out, ["a", "", "😀b", ""]);
    }

    #[test]
    fn bytes_that_are_no_character_are_replaced() {
        let (out, _) = run(&[], &[b"\xffa\xf0\x9f"]);
        assert_eq!(out.concat(), "\u{fffd}a\u{fffd}");
    }

    #[test]
    fn the_bytes_that_are_out_are_counted_as_they_came() {
        let mut stream = TextStream::new(vec!["end".into()]);
        for (bytes, text, released) in [
            (b"a\xff".as_slice(), "a\u{fffd}", 2),
            (b"\xe2\x82", "", 2),
            (b"\xac", "€", 5),
            (b"\xf0\x9f", "", 5),
            (b"!\xffe", "\u{fffd}!\u{fffd}", 9),
            (b"n\xfe", "en\u{fffd}", 12),
            (b"bend\xff", "b", 13),
        ] {
            assert_eq!(
                (stream.push(bytes).as_str(), stream.released()),
                (text, released)
            );
        }
        assert_eq!((stream.finish().as_str(), stream.released()), ("", 13));
    }

    #[test]
    fn a_stop_string_is_held_back_until_it_is_sure() {
        let (out, stopped) = run(&["\n\n"], &[b"a\n", b"b\n", b"\nc"]);
        assert_eq!(out, ["a", "\nb", "", ""]);
        assert!(stopped);
    }

    #[test]
    fn the_first_stop_string_to_be_complete_wins() {
        for chunks in [
            &[b"xbac".as_slice()] as &[&[u8]],
            &[b"xb", b"ac"],
            &[b"xba", b"c"],
        ] {
            assert_eq!(run(&["a", "bac"], chunks).0.concat(), "xb");
        }
        let (out, _) = run(&["cd", "bc"], &[b"ab", b"cd"]);
        assert_eq!(out.concat(), "a");
    }

    proptest! {
        #[test]
        fn the_output_is_the_text_before_the_first_stop(
            text in "[abcé😀]{0,24}",
            stops in prop::collection::vec("[abcé]{1,3}", 0..3),
            cuts in prop::collection::vec(1usize..5, 1..40),
        ) {
            let expected = stops
                .iter()
                .filter_map(|stop| text.find(stop.as_str()).map(|at| (at + stop.len(), at)))
                .min()
                .map_or(text.as_str(), |(_, at)| &text[..at]);
            let mut stream = TextStream::new(stops);
            let mut out = String::new();
            let mut rest = text.as_bytes();
            let mut cuts = cuts.iter().cycle();
            while !rest.is_empty() {
                let size = (*cuts.next().unwrap()).min(rest.len());
                out.push_str(&stream.push(&rest[..size]));
                // What has been released never has to be taken back.
                prop_assert!(expected.starts_with(&out));
                rest = &rest[size..];
            }
            out.push_str(&stream.finish());
            prop_assert_eq!(out, expected);
        }
    }
}
