//! The sources that are copied from, and what is known of each place in them.

use unicode_normalization::char::is_combining_mark;

use super::{Phrases, Pieces};

/// Stands between sources; no text has it.
pub(super) const SEPARATOR: u8 = 0xff;

/// A place in the sources that the text so far may have come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Offset in the sources.
    pub(super) at: u32,
    /// Words of the sources that begin before the phrase.
    pub(super) words: u32,
}

/// The sources, and what is known of each place in them.
pub(super) struct Index {
    /// All sources, a separator after each.
    pub(super) text: Vec<u8>,
    /// How many words begin before each offset.
    words: Vec<u32>,
    /// The first offset from each one on, within the same source, at which a phrase may end; or none.
    ends: Vec<u32>,
    /// How many words begin before the end of the source in which each offset is.
    total: Vec<u32>,
    pub(super) starts: Vec<Place>,
    most_words: u32,
}

const NONE: u32 = u32::MAX;

impl Index {
    pub(super) fn new(phrases: &Phrases, pieces: &Pieces) -> Index {
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

    pub(super) fn is_end(&self, place: Place) -> bool {
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
    pub(super) fn after(&self, place: Place, piece: &[u8]) -> Option<Place> {
        let rest = &self.text[place.at as usize..];
        // A piece with a separator's byte would lead into the next source.
        let fits = rest.starts_with(piece) && !piece.contains(&SEPARATOR);
        let at = place.at + piece.len() as u32;
        Some(Place { at, ..place }).filter(|place| fits && self.leads_to_an_end(*place))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Space,
    Word,
    Other,
}

pub(super) fn classes(characters: &[char]) -> Vec<Class> {
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
