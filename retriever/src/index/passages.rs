//! Cuts documents into passages.

/// A passage's place in its document, in Unicode code points, with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// The text.
    pub text: &'a str,
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
}

/// A passage ends at the first sentence end after this many characters ...
const GOAL: usize = 700;
/// ... and at a space, or anywhere, at this many.
const LIMIT: usize = 1_000;

/// Cuts a text into passages at the ends of sentences. The passages do not overlap, come in order, and
/// together hold all of the text but white space.
pub fn chunks(text: &str) -> Vec<Chunk<'_>> {
    let mut found = Vec::new();
    let (mut from, mut from_char) = (0, 0);
    let mut last_space = None;
    let mut previous = ' ';
    let mut length = 0;
    for (char_at, (at, c)) in text.char_indices().enumerate() {
        let sentence_ended =
            matches!(previous, '.' | '!' | '?' | '。' | '！' | '？' | '\n') && c.is_whitespace();
        if c.is_whitespace() {
            last_space = Some((at, char_at));
        }
        let cut = if length >= GOAL && sentence_ended {
            Some((at, char_at))
        } else if length >= LIMIT {
            Some(
                last_space
                    .filter(|(space, _)| *space > from)
                    .unwrap_or((at, char_at)),
            )
        } else {
            None
        };
        if let Some((to, to_char)) = cut {
            push(&mut found, &text[from..to], from_char);
            (from, from_char) = (to, to_char);
            length = char_at - to_char;
        }
        length += 1;
        previous = c;
    }
    push(&mut found, &text[from..], from_char);
    found
}

fn push<'a>(found: &mut Vec<Chunk<'a>>, piece: &'a str, start: usize) {
    let trimmed = piece.trim();
    if !trimmed.is_empty() {
        let start = start + piece.chars().take_while(|c| c.is_whitespace()).count();
        found.push(Chunk {
            text: trimmed,
            start,
            end: start + trimmed.chars().count(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn offsets_count_code_points_and_nothing_is_lost(text in "[a-z é😀。.\n]{0,4000}") {
            let characters: Vec<char> = text.chars().collect();
            let mut last = 0;
            let mut kept = String::new();
            for chunk in chunks(&text) {
                prop_assert!(chunk.start >= last && chunk.end - chunk.start <= LIMIT + 1);
                let cut: String = characters[chunk.start..chunk.end].iter().collect();
                prop_assert_eq!(&cut, chunk.text);
                kept.push_str(chunk.text);
                last = chunk.end;
            }
            let solid = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(solid(&kept), solid(&text));
        }
    }
}
