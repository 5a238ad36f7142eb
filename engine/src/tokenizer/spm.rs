//! SentencePiece's BPE: neighbours merge by the score of the token that they form, bytes stand in for
//! characters that no token has.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

use super::Kind;
use crate::EngineError;
use crate::gguf::Metadata;

/// Stands for a space in the vocabulary.
const SPACE: char = '\u{2581}';

pub(super) struct SentencePiece {
    vocabulary: HashMap<String, (u32, f32)>,
    bytes: Vec<Option<u32>>,
    unknown: Option<u32>,
    prefix_space: bool,
}

impl SentencePiece {
    pub(super) fn from_metadata(
        metadata: &Metadata,
        names: &[String],
        kinds: &[Kind],
    ) -> Result<SentencePiece, EngineError> {
        let scores = metadata
            .floats("tokenizer.ggml.scores")?
            .ok_or_else(|| EngineError::corrupt("metadata key tokenizer.ggml.scores is missing"))?;
        if scores.len() != names.len() {
            return Err(EngineError::corrupt(format!(
                "{} tokens, but {} scores",
                names.len(),
                scores.len()
            )));
        }
        let mut bytes = vec![None; 256];
        let mut vocabulary = HashMap::with_capacity(names.len());
        let mut unknown = metadata.token("tokenizer.ggml.unknown_token_id")?;
        for (id, name) in (0u32..).zip(names) {
            let index = id as usize;
            match kinds[index] {
                Kind::Byte => {
                    if let Some(byte) = byte_value(name) {
                        bytes[byte as usize] = Some(id);
                    }
                }
                Kind::Unknown => unknown = unknown.or(Some(id)),
                // Control tokens stay out, lest merging should spell one.
                Kind::Control => {}
                Kind::Normal | Kind::UserDefined | Kind::Unused => {
                    vocabulary.insert(name.clone(), (id, scores[index]));
                }
            }
        }
        Ok(SentencePiece {
            vocabulary,
            bytes,
            unknown,
            prefix_space: metadata
                .flag("tokenizer.ggml.add_space_prefix")?
                .unwrap_or(true),
        })
    }

    /// Appends the ids of a text. `at_start`: nothing, or a special token, stands before it.
    pub(super) fn encode(&self, text: &str, at_start: bool, ids: &mut Vec<u32>) {
        if text.is_empty() {
            return;
        }
        let mut escaped = String::with_capacity(text.len() + 3);
        if at_start && self.prefix_space {
            escaped.push(SPACE);
        }
        escaped.extend(text.chars().map(|c| if c == ' ' { SPACE } else { c }));

        let mut symbols = Symbols::new(&escaped);
        let mut queue = BinaryHeap::new();
        for right in 1..symbols.list.len() {
            queue.extend(self.candidate(&symbols, right - 1, right));
        }
        while let Some(merge) = queue.pop() {
            if !symbols.merge(&merge) {
                continue;
            }
            let Symbol { previous, next, .. } = symbols.list[merge.left];
            if let Some(previous) = previous {
                queue.extend(self.candidate(&symbols, previous, merge.left));
            }
            if let Some(next) = next {
                queue.extend(self.candidate(&symbols, merge.left, next));
            }
        }
        let mut at = (!symbols.list.is_empty()).then_some(0);
        while let Some(index) = at {
            let symbol = symbols.list[index];
            self.emit(&escaped[symbol.start..symbol.end], ids);
            at = symbol.next;
        }
    }

    fn candidate(&self, symbols: &Symbols<'_>, left: usize, right: usize) -> Option<Merge> {
        let (start, end) = (symbols.list[left].start, symbols.list[right].end);
        let (_, score) = self.vocabulary.get(&symbols.text[start..end])?;
        Some(Merge {
            score: *score,
            left,
            right,
            length: end - start,
        })
    }

    fn emit(&self, piece: &str, ids: &mut Vec<u32>) {
        if let Some((id, _)) = self.vocabulary.get(piece) {
            ids.push(*id);
            return;
        }
        for byte in piece.bytes() {
            ids.extend(self.bytes[byte as usize].or(self.unknown));
        }
    }
}

/// A stretch of the text that is to become one token, in a list linked by indexes.
#[derive(Clone, Copy)]
struct Symbol {
    start: usize,
    end: usize,
    previous: Option<usize>,
    next: Option<usize>,
}

struct Symbols<'a> {
    text: &'a str,
    list: Vec<Symbol>,
}

impl<'a> Symbols<'a> {
    fn new(text: &'a str) -> Self {
        let mut list: Vec<Symbol> = text
            .char_indices()
            .enumerate()
            .map(|(index, (start, character))| Symbol {
                start,
                end: start + character.len_utf8(),
                previous: index.checked_sub(1),
                next: Some(index + 1),
            })
            .collect();
        if let Some(last) = list.last_mut() {
            last.next = None;
        }
        Symbols { text, list }
    }

    /// Joins two neighbours, unless one of them has changed since the merge was proposed.
    fn merge(&mut self, merge: &Merge) -> bool {
        let (left, right) = (self.list[merge.left], self.list[merge.right]);
        let stale = left.end == left.start
            || right.end == right.start
            || left.next != Some(merge.right)
            || right.end - left.start != merge.length;
        if stale {
            return false;
        }
        self.list[merge.left].end = right.end;
        self.list[merge.left].next = right.next;
        self.list[merge.right].end = right.start;
        if let Some(next) = right.next {
            self.list[next].previous = Some(merge.left);
        }
        true
    }
}

/// A proposal to join two neighbours; the best score comes first, then the leftmost place.
struct Merge {
    score: f32,
    left: usize,
    right: usize,
    /// Bytes of both together when this was proposed.
    length: usize,
}

impl Ord for Merge {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score
            .total_cmp(&other.score)
            .then(other.left.cmp(&self.left))
    }
}

impl PartialOrd for Merge {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Merge {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Merge {}

/// The byte that a token like `<0x0A>` stands for.
fn byte_value(name: &str) -> Option<u8> {
    let digits = name.strip_prefix("<0x")?.strip_suffix('>')?;
    u8::from_str_radix(digits, 16).ok()
}

/// The bytes that a vocabulary entry stands for.
pub(super) fn decode(name: &str, kind: Kind) -> Vec<u8> {
    match byte_value(name) {
        Some(byte) if kind == Kind::Byte => vec![byte],
        _ => name.replace(SPACE, " ").into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gguf::Value;

    fn tiny(prefix_space: bool) -> SentencePiece {
        let mut names: Vec<String> = vec!["<unk>".into(), "<s>".into(), "</s>".into()];
        let mut kinds = vec![Kind::Unknown, Kind::Control, Kind::Control];
        let mut scores = vec![0.0f32; 3];
        for byte in 0..256 {
            names.push(format!("<0x{byte:02X}>"));
            kinds.push(Kind::Byte);
            scores.push(0.0);
        }
        let words = [
            ("▁a", -1.0),
            ("ab", -0.5),
            ("▁", -10.0),
            ("a", -11.0),
            ("b", -12.0),
            ("c", -13.0),
            ("▁ab", -3.0),
            ("abc", -2.0),
        ];
        for (word, score) in words {
            names.push(word.into());
            kinds.push(Kind::Normal);
            scores.push(score);
        }
        let metadata = Metadata::new(
            [
                ("tokenizer.ggml.scores".into(), Value::Floats(scores)),
                (
                    "tokenizer.ggml.add_space_prefix".into(),
                    Value::Bool(prefix_space),
                ),
            ]
            .into(),
        );
        SentencePiece::from_metadata(&metadata, &names, &kinds).unwrap()
    }

    fn ids(spm: &SentencePiece, text: &str) -> Vec<u32> {
        let mut ids = Vec::new();
        spm.encode(text, true, &mut ids);
        ids
    }

    #[test]
    fn the_best_score_merges_first() {
        // "▁abc": "ab" (-0.5) goes before "▁a" (-1.0), then "abc" (-2.0) before "▁ab" (-3.0).
        assert_eq!(ids(&tiny(true), "abc"), [261, 266]);
        assert_eq!(ids(&tiny(false), "abc"), [266]);
        assert_eq!(ids(&tiny(false), "ab ab"), [260, 265]);
    }

    #[test]
    fn unknown_characters_become_bytes() {
        assert_eq!(ids(&tiny(false), "é"), [3 + 0xc3, 3 + 0xa9]);
        assert_eq!(ids(&tiny(false), "\n"), [3 + 0x0a]);
    }

    #[test]
    fn control_tokens_are_not_spelt() {
        let spelt = ids(&tiny(false), "<s></s>");
        assert!(!spelt.contains(&1) && !spelt.contains(&2));
    }

    #[test]
    fn pieces_decode() {
        assert_eq!(decode("▁ab", Kind::Normal), b" ab");
        assert_eq!(decode("<0x0A>", Kind::Byte), b"\n");
        assert_eq!(decode("<0x0A>", Kind::Normal), b"<0x0A>");
    }
}
