//! Server-sent events, as the HTML standard cuts them, with bounds.

/// Bytes of one line.
const MAX_LINE: usize = 1 << 18;
/// Bytes of one event's data.
const MAX_DATA: usize = 1 << 20;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SseEvent {
    /// Its type, empty for plain messages.
    pub(crate) name: String,
    /// Its data, lines joined by line feeds.
    pub(crate) data: String,
}

/// Why a stream of bytes is no stream of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SseFault {
    /// A line, or the data of an event, is longer than is read.
    TooLong,
    /// Its data is not UTF-8.
    NotText,
}

/// Cuts bytes into events, however they are split on their way. What is not complete at the end is no event.
#[derive(Debug, Default)]
pub(crate) struct SseParser {
    line: Vec<u8>,
    data: Vec<u8>,
    name: Vec<u8>,
    has_data: bool,
    /// The last byte was a carriage return: a line feed after it belongs to it.
    returned: bool,
    begun: bool,
}

impl SseParser {
    /// Takes more bytes and hands on the events that they complete.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        sink: &mut impl FnMut(SseEvent),
    ) -> Result<(), SseFault> {
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            if std::mem::take(&mut self.returned) && first == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = &rest[..end.unwrap_or(rest.len())];
            if self.line.len() + part.len() > MAX_LINE {
                return Err(SseFault::TooLong);
            }
            self.line.extend_from_slice(part);
            let Some(end) = end else { break };
            self.returned = rest[end] == b'\r';
            rest = &rest[end + 1..];
            let line = std::mem::take(&mut self.line);
            if let Some(event) = self.take_line(&line)? {
                sink(event);
            }
            self.line = line;
            self.line.clear();
        }
        Ok(())
    }

    fn take_line(&mut self, mut line: &[u8]) -> Result<Option<SseEvent>, SseFault> {
        if !std::mem::replace(&mut self.begun, true) {
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        if line.is_empty() {
            return self.dispatch();
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (field, value) = match colon {
            Some(at) => (&line[..at], &line[at + 1..]),
            None => (line, &line[line.len()..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => self.add(value)?,
            b"event" => self.name = value.to_vec(),
            // No part of the standard: llama.cpp's server once told of its failures so.
            b"error" => {
                self.name = b"error".to_vec();
                self.add(value)?;
            }
            // Comments, which have an empty name, and what matters only to those who come again.
            _ => {}
        }
        Ok(None)
    }

    fn add(&mut self, value: &[u8]) -> Result<(), SseFault> {
        if self.data.len() + value.len() >= MAX_DATA {
            return Err(SseFault::TooLong);
        }
        if std::mem::replace(&mut self.has_data, true) {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(value);
        Ok(())
    }

    fn dispatch(&mut self) -> Result<Option<SseEvent>, SseFault> {
        let (name, data) = (
            std::mem::take(&mut self.name),
            std::mem::take(&mut self.data),
        );
        if !std::mem::take(&mut self.has_data) {
            return Ok(None);
        }
        let text = |bytes| String::from_utf8(bytes).map_err(|_| SseFault::NotText);
        Ok(Some(SseEvent {
            name: text(name)?,
            data: text(data)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(pieces: &[&[u8]]) -> Result<Vec<SseEvent>, SseFault> {
        let (mut parser, mut events) = (SseParser::default(), Vec::new());
        for piece in pieces {
            parser.push(piece, &mut |event| events.push(event))?;
        }
        Ok(events)
    }

    fn data(text: &str) -> Vec<String> {
        let events = parse(&[text.as_bytes()]).unwrap();
        events.into_iter().map(|event| event.data).collect()
    }

    #[test]
    fn events_end_at_empty_lines() {
        assert_eq!(
            data("data: a\n\ndata:b\r\n\r\ndata:  c\r\r"),
            ["a", "b", " c"]
        );
        assert_eq!(data("data: a\ndata: b\n\n"), ["a\nb"]);
        assert_eq!(data("data\n\n"), [""]);
        assert_eq!(data("\u{feff}data: a\n\n"), ["a"]);
        assert_eq!(data("data: a\n\ndata: cut"), ["a"]);
        assert_eq!(data("data: cut\n"), [""; 0]);
    }

    #[test]
    fn comments_and_unknown_fields_are_skipped() {
        let text = ": ping\n\nid: 7\nretry: 1\n\nevent: ping\n\nnonsense\ndata: a\n\n";
        assert_eq!(data(text), ["a"]);
    }

    #[test]
    fn a_failure_is_known_by_its_name() {
        for text in ["event: error\ndata: {}\n\n", "error: {}\n\n"] {
            let events = parse(&[text.as_bytes()]).unwrap();
            assert_eq!(events[0].name, "error");
            assert_eq!(events[0].data, "{}");
        }
    }

    #[test]
    fn what_has_no_end_is_not_kept() {
        let long = vec![b'a'; MAX_LINE + 1];
        assert_eq!(parse(&[&long]), Err(SseFault::TooLong));
        let mut parser = SseParser::default();
        let mut line = vec![b'x'; 1 << 17];
        line.splice(0..0, *b"data:");
        line.push(b'\n');
        let result = (0..9).try_for_each(|_| parser.push(&line, &mut |_| {}));
        assert_eq!(result, Err(SseFault::TooLong));
        assert_eq!(parse(&[b"data: \xff\n\n"]), Err(SseFault::NotText));
    }

    /// Text in which everything that matters to the cutting is likely.
    fn streams() -> impl Strategy<Value = Vec<u8>> {
        let pieces = prop::sample::select(vec![
            "data", "event", "error", ":", " ", "\n", "\r", "\r\n", "\n\n", "a", "é", "\u{feff}",
        ]);
        prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_events(
            bytes in streams(),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            prop_assert_eq!(parse(&pieces), parse(&[&bytes]));
        }

        #[test]
        fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&[&bytes]);
        }

        #[test]
        fn what_is_written_is_read(texts in prop::collection::vec("[^\r\n]{0,20}", 0..8)) {
            let written: String = texts.iter().map(|text| format!("data: {text}\n\n")).collect();
            prop_assert_eq!(data(&written), texts);
        }
    }
}
