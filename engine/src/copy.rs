//! Texts that are copied from given sources, word for word.
//!
//! What may follow is found from the sources' bytes and not from their tokens, since a tokenizer writes a phrase
//! differently where it stands at the beginning. The walk knows the places in the sources that the text so far may
//! have come from; at each of them, the tokens that the source goes on with are found by going along its bytes
//! through the sorted vocabulary.

use std::sync::Arc;

use unicode_normalization::char::is_combining_mark;

use crate::tokenizer::Tokenizer;
use crate::{Allowed, Constraint, END_OF_SEQUENCE, EngineError, Grammar, TokenSet};

/// Bytes of all sources together.
const MOST_BYTES: usize = 1 << 20;
/// Stands between sources; no text has it.
const SEPARATOR: u8 = 0xff;

/// The phrases of some sources, to be copied from them.
///
/// A phrase begins and ends at a word's edge and without blanks around it, and has at least one word. A word is a run of
/// letters and digits, with the apostrophes between letters and the points between digits; other characters may stand
/// before, between and after words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrases {
    /// What to copy from, such as passages of evidence: at most 1 MiB.
    pub sources: Vec<String>,
    /// Words that a phrase may have, at least 1.
    pub most_words: usize,
    /// Whether the text may also be empty.
    pub or_nothing: bool,
}

impl Phrases {
    /// A constraint whose output is a phrase of these sources, written in any tokens that spell it.
    pub(crate) fn constraint(
        &self,
        pieces: &Arc<Pieces>,
    ) -> Result<Box<dyn Constraint>, EngineError> {
        let bytes: usize = self.sources.iter().map(String::len).sum();
        if bytes > MOST_BYTES {
            return Err(EngineError::invalid(format!(
                "the sources to copy from have more than {MOST_BYTES} bytes"
            )));
        }
        let index = Index::new(self, pieces);
        if index.starts.is_empty() && !self.or_nothing {
            return Err(EngineError::invalid("there is no word to copy"));
        }
        let places = index.starts.clone();
        let mut walk = CopyWalk {
            grammar: Grammar::Copy(self.clone()),
            pieces: Arc::clone(pieces),
            index,
            places,
            next: TokenSet::default(),
        };
        walk.find();
        if self.or_nothing {
            walk.next.insert(END_OF_SEQUENCE);
        }
        Ok(Box::new(walk))
    }
}

/// The vocabulary in the order of its bytes.
pub(crate) struct Pieces {
    pieces: Vec<Box<[u8]>>,
    /// Ids of those that are not empty, by their bytes.
    sorted: Vec<u32>,
    /// Where in `sorted` those begin whose first byte is this one or a later one.
    first: Box<[usize; 257]>,
}

impl Pieces {
    pub(crate) fn new(tokenizer: &Tokenizer) -> Pieces {
        Pieces::from_pieces((0..tokenizer.len() as u32).map(|id| tokenizer.piece(id)))
    }

    fn from_pieces<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Pieces {
        let pieces: Vec<Box<[u8]>> = pieces.map(Box::from).collect();
        let mut sorted: Vec<u32> = (0u32..)
            .zip(&pieces)
            .filter(|(_, piece)| !piece.is_empty())
            .map(|(id, _)| id)
            .collect();
        sorted.sort_by_key(|id| &pieces[*id as usize]);
        let from =
            |byte: usize| sorted.partition_point(|id| usize::from(pieces[*id as usize][0]) < byte);
        let first = Box::new(std::array::from_fn(from));
        Pieces {
            pieces,
            sorted,
            first,
        }
    }

    fn piece(&self, id: u32) -> &[u8] {
        self.pieces.get(id as usize).map_or(&[], |piece| piece)
    }

    /// Calls `found` with each token by which a text can begin.
    fn prefixes(&self, text: &[u8], mut found: impl FnMut(u32)) {
        let Some(byte) = text.first() else { return };
        let byte = usize::from(*byte);
        let mut range = &self.sorted[self.first[byte]..self.first[byte + 1]];
        for depth in 1.. {
            // A piece comes before all that it begins.
            while let Some((id, rest)) = range.split_first()
                && self.piece(*id).len() == depth
            {
                found(*id);
                range = rest;
            }
            let Some(byte) = text.get(depth).filter(|_| !range.is_empty()) else {
                return;
            };
            let from = range.partition_point(|id| self.piece(*id)[depth] < *byte);
            range = &range[from..];
            let to = range.partition_point(|id| self.piece(*id)[depth] == *byte);
            range = &range[..to];
        }
    }

    /// Whether a byte can be written by itself.
    fn has_byte(&self, byte: u8) -> bool {
        let byte = usize::from(byte);
        let with = &self.sorted[self.first[byte]..self.first[byte + 1]];
        with.first().is_some_and(|id| self.piece(*id).len() == 1)
    }
}

/// A place in the sources that the text so far may have come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// Offset in the sources.
    at: u32,
    /// Words of the sources that begin before the phrase.
    words: u32,
}

/// The sources, and what is known of each place in them.
struct Index {
    /// All sources, a separator after each.
    text: Vec<u8>,
    /// How many words begin before each offset.
    words: Vec<u32>,
    /// The first offset from each one on, within the same source, at which a phrase may end; or none.
    ends: Vec<u32>,
    /// How many words begin before the end of the source in which each offset is.
    total: Vec<u32>,
    starts: Vec<Place>,
    most_words: u32,
}

const NONE: u32 = u32::MAX;

impl Index {
    fn new(phrases: &Phrases, pieces: &Pieces) -> Index {
        let mut index = Index {
            text: Vec::new(),
            words: vec![0],
            ends: Vec::new(),
            total: Vec::new(),
            starts: Vec::new(),
            most_words: u32::try_from(phrases.most_words).unwrap_or(u32::MAX),
        };
        // A chunk that the vocabulary cannot write parts what is around it.
        let writable = |chunk: &&str| chunk.bytes().all(|byte| pieces.has_byte(byte));
        for source in &phrases.sources {
            let mut rest = source.as_str();
            while let Some(bad) = rest.split_whitespace().find(|chunk| !writable(chunk)) {
                let at = bad.as_ptr() as usize - rest.as_ptr() as usize;
                index.add(&rest[..at]);
                rest = &rest[at + bad.len()..];
            }
            index.add(rest);
        }
        let mut starts = std::mem::take(&mut index.starts);
        starts.retain(|start| index.leads_to_an_end(*start));
        index.starts = starts;
        index
    }

    fn add(&mut self, source: &str) {
        let from = self.text.len();
        let characters: Vec<char> = source.chars().collect();
        let classes = classes(&characters);
        let mut words = self.words[from];
        // Whether a phrase may end before each byte.
        let mut end = Vec::with_capacity(source.len() + 1);
        let mut before = Class::Space;
        for (character, class) in characters.iter().zip(&classes) {
            let within = before == Class::Word && *class == Class::Word;
            let at = (from + end.len()) as u32;
            if *class != Class::Space && !within {
                self.starts.push(Place { at, words });
            }
            end.push(before != Class::Space && !within);
            words += u32::from(*class == Class::Word && !within);
            self.words.push(words);
            for _ in 1..character.len_utf8() {
                end.push(false);
                self.words.push(words);
            }
            before = *class;
        }
        end.push(before != Class::Space);
        // For the offset after the separator, where the next source begins.
        self.words.push(words);
        self.text.extend_from_slice(source.as_bytes());
        self.text.push(SEPARATOR);
        self.total.resize(self.text.len(), words);
        let mut next = NONE;
        let mut ends: Vec<u32> = (0..end.len())
            .rev()
            .map(|at| {
                if end[at] {
                    next = (from + at) as u32;
                }
                next
            })
            .collect();
        ends.reverse();
        self.ends.append(&mut ends);
    }

    /// Words of a phrase that has come to a place.
    fn words_at(&self, place: Place) -> u32 {
        self.words[place.at as usize] - place.words
    }

    fn is_end(&self, place: Place) -> bool {
        self.ends[place.at as usize] == place.at && self.words_at(place) > 0
    }

    /// Whether a phrase that has come to a place can be completed.
    fn leads_to_an_end(&self, place: Place) -> bool {
        if self.words_at(place) == 0 {
            return self.most_words > 0 && self.total[place.at as usize] > place.words;
        }
        match self.ends[place.at as usize] {
            NONE => false,
            at => self.words_at(Place { at, ..place }) <= self.most_words,
        }
    }

    /// Where a token leads, if the source has it there.
    fn after(&self, place: Place, piece: &[u8]) -> Option<Place> {
        let rest = &self.text[place.at as usize..];
        // A piece with a separator's byte would lead into the next source.
        let fits = rest.starts_with(piece) && !piece.contains(&SEPARATOR);
        let at = place.at + piece.len() as u32;
        Some(Place { at, ..place }).filter(|place| fits && self.leads_to_an_end(*place))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Space,
    Word,
    Other,
}

fn classes(characters: &[char]) -> Vec<Class> {
    let is_letter = |c: char| c.is_alphabetic() || is_combining_mark(c);
    let joins = |at: usize| {
        let Some((before, after)) = at
            .checked_sub(1)
            .and_then(|before| Some((characters[before], *characters.get(at + 1)?)))
        else {
            return false;
        };
        match characters[at] {
            '\'' | '\u{2019}' => is_letter(before) && is_letter(after),
            '.' | ',' | ':' => before.is_numeric() && after.is_numeric(),
            _ => false,
        }
    };
    (0..characters.len())
        .map(|at| match characters[at] {
            c if c.is_whitespace() => Class::Space,
            c if c.is_alphanumeric() || is_combining_mark(c) || joins(at) => Class::Word,
            _ => Class::Other,
        })
        .collect()
}

struct CopyWalk {
    grammar: Grammar,
    pieces: Arc<Pieces>,
    index: Index,
    places: Vec<Place>,
    next: TokenSet,
}

impl CopyWalk {
    /// Finds what may come next.
    fn find(&mut self) {
        let Self { index, pieces, .. } = self;
        self.next = TokenSet::default();
        for place in &self.places {
            pieces.prefixes(&index.text[place.at as usize..], |id| {
                if !self.next.contains(id) && index.after(*place, pieces.piece(id)).is_some() {
                    self.next.insert(id);
                }
            });
        }
        if self.places.iter().any(|place| index.is_end(*place)) {
            self.next.insert(END_OF_SEQUENCE);
        }
    }
}

impl Constraint for CopyWalk {
    fn allowed(&self) -> Allowed<'_> {
        Allowed::Mask(&self.next)
    }

    fn accept(&mut self, token: u32) {
        if token == END_OF_SEQUENCE {
            self.places.clear();
        }
        let (index, piece) = (&self.index, self.pieces.piece(token));
        self.places = self
            .places
            .iter()
            .filter_map(|place| index.after(*place, piece))
            .collect();
        self.find();
    }

    fn grammar(&self) -> Option<&Grammar> {
        Some(&self.grammar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Bytes, all but some, and a few longer pieces across all kinds of edges.
    fn pieces(lacking: &[u8]) -> Arc<Pieces> {
        let mut all: Vec<Vec<u8>> = (0..=255u8)
            .map(|byte| {
                if lacking.contains(&byte) {
                    Vec::new()
                } else {
                    vec![byte]
                }
            })
            .collect();
        let longer = [
            "a", "ab", " a", "b ", " ", "a b", ".a", "é", "\u{a9} ", "1,", "a\u{ff}", "b. a",
        ];
        all.extend(longer.iter().map(|piece| piece.as_bytes().to_vec()));
        all.push(vec![0xa9, b' ', b'a']);
        all.push(vec![b'a', SEPARATOR, b'a']);
        Arc::new(Pieces::from_pieces(all.iter().map(Vec::as_slice)))
    }

    fn copy(sources: &[&str], most_words: usize) -> Phrases {
        Phrases {
            sources: sources.iter().map(|source| (*source).to_owned()).collect(),
            most_words,
            or_nothing: false,
        }
    }

    fn is_word(text: &[char], at: usize) -> bool {
        classes(text)[at] == Class::Word
    }

    /// The phrases of a source, found by trying all of its parts.
    fn phrases(source: &str, most_words: usize) -> BTreeSet<String> {
        let text: Vec<char> = source.chars().collect();
        let edge = |at: usize| {
            at == 0 || at == text.len() || !(is_word(&text, at - 1) && is_word(&text, at))
        };
        let mut found = BTreeSet::new();
        for from in 0..text.len() {
            for to in from + 1..=text.len() {
                let part = &text[from..to];
                let words = (from..to)
                    .filter(|at| is_word(&text, *at) && (*at == from || !is_word(&text, at - 1)))
                    .count();
                let blank = part[0].is_whitespace() || part[part.len() - 1].is_whitespace();
                if edge(from) && edge(to) && !blank && (1..=most_words).contains(&words) {
                    found.insert(part.iter().collect());
                }
            }
        }
        found
    }

    fn tokens(walk: &dyn Constraint) -> Vec<u32> {
        match walk.allowed() {
            Allowed::Mask(set) => set.iter().collect(),
            other => panic!("a copy never says {other:?}"),
        }
    }

    #[test]
    fn words_are_not_cut() {
        let found = phrases("O'Neill paid 1,000.50 (twice).", 1);
        let expected = [
            "(twice",
            "(twice)",
            "(twice).",
            "1,000.50",
            "1,000.50 (",
            "O'Neill",
            "paid",
            "twice",
            "twice)",
            "twice).",
        ];
        assert_eq!(found, expected.map(String::from).into());
    }

    #[test]
    fn nothing_may_be_a_choice() {
        let mut wanted = copy(&["a"], 1);
        wanted.or_nothing = true;
        let mut walk = wanted.constraint(&pieces(&[])).unwrap();
        assert!(tokens(&*walk).contains(&END_OF_SEQUENCE));
        walk.accept(u32::from(b'a'));
        assert_eq!(tokens(&*walk), [END_OF_SEQUENCE]);
        wanted.sources = vec![" ... ".into()];
        assert_eq!(
            tokens(&*wanted.constraint(&pieces(&[])).unwrap()),
            [END_OF_SEQUENCE]
        );
        wanted.or_nothing = false;
        assert!(wanted.constraint(&pieces(&[])).is_err());
        wanted.sources = vec!["x".repeat(MOST_BYTES + 1)];
        assert!(wanted.constraint(&pieces(&[])).is_err());
    }

    #[test]
    fn what_cannot_be_written_is_left_out_whole() {
        let walk = copy(&["a axb b"], 3).constraint(&pieces(b"x")).unwrap();
        let mut out = BTreeSet::new();
        all(
            &*walk,
            &copy(&["a axb b"], 3),
            b"x",
            &mut Vec::new(),
            &mut out,
        );
        assert_eq!(out, ["a", "b"].map(String::from).into());
    }

    /// All texts of a walk, each in all of its spellings.
    fn all(
        walk: &dyn Constraint,
        copy: &Phrases,
        lacking: &[u8],
        path: &mut Vec<u32>,
        out: &mut BTreeSet<String>,
    ) {
        let pieces = pieces(lacking);
        for token in tokens(walk) {
            if token == END_OF_SEQUENCE {
                let bytes = path
                    .iter()
                    .flat_map(|id| pieces.piece(*id))
                    .copied()
                    .collect();
                out.insert(String::from_utf8(bytes).unwrap());
                continue;
            }
            path.push(token);
            let mut next = copy.constraint(&pieces).unwrap();
            path.iter().for_each(|token| next.accept(*token));
            all(&*next, copy, lacking, path, out);
            path.pop();
        }
    }

    #[test]
    fn large_sources_take_no_time_to_speak_of() {
        let repeated = "a b. ".repeat(MOST_BYTES / 5);
        let dashes = "-".repeat(MOST_BYTES - 1) + "a";
        for source in [repeated, dashes] {
            let began = std::time::Instant::now();
            let mut walk = copy(&[&source], 3).constraint(&pieces(&[])).unwrap();
            let token = tokens(&*walk)[0];
            walk.accept(token);
            assert!(began.elapsed() < std::time::Duration::from_secs(5));
        }
    }

    proptest! {
        #[test]
        fn the_language_is_the_set_of_phrases(
            sources in prop::collection::vec("[ab .'1,é-]{0,6}", 1..3),
            most_words in 1usize..4,
        ) {
            let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
            let copy = copy(&sources, most_words);
            let expected: BTreeSet<String> =
                sources.iter().flat_map(|source| phrases(source, most_words)).collect();
            let mut found = BTreeSet::new();
            match copy.constraint(&pieces(&[])) {
                Ok(walk) => all(&*walk, &copy, &[], &mut Vec::new(), &mut found),
                Err(_) => prop_assert!(expected.is_empty()),
            }
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn a_random_walk_yields_a_phrase(
            sources in prop::collection::vec("([abé]{1,4}|[.,'( -]|[0-9]{1,3}| ){0,30}", 1..4),
            most_words in 1usize..6,
            choices in prop::collection::vec(any::<prop::sample::Index>(), 200),
        ) {
            let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
            let pieces = pieces(&[]);
            if let Ok(mut walk) = copy(&sources, most_words).constraint(&pieces) {
                let mut bytes = Vec::new();
                for choice in choices {
                    let tokens = tokens(&*walk);
                    prop_assert!(!tokens.is_empty(), "a dead end");
                    let token = tokens[choice.index(tokens.len())];
                    if token == END_OF_SEQUENCE {
                        break;
                    }
                    bytes.extend_from_slice(pieces.piece(token));
                    walk.accept(token);
                }
                let text = String::from_utf8(bytes).unwrap();
                let is_phrase = sources.iter().any(|source| phrases(source, most_words).contains(&text));
                prop_assert!(is_phrase, "{text:?}");
            }
        }
    }
}
