//! Texts that are copied from given sources, word for word.
//!
//! What may follow is found from the sources' bytes and not from their tokens, since a tokenizer writes a phrase
//! differently where it stands at the beginning. The walk knows the places in the sources that the text so far may
//! have come from; at each of them, the tokens that the source goes on with are found by going along its bytes
//! through the sorted vocabulary.

mod index;
mod pieces;

use std::sync::Arc;

use index::{Index, Place};
pub(crate) use pieces::Pieces;

use crate::{Allowed, Constraint, END_OF_SEQUENCE, EngineError, Grammar, TokenSet};

/// Bytes of all sources together.
const MOST_BYTES: usize = 1 << 20;

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
    use super::index::{Class, SEPARATOR, classes};
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
