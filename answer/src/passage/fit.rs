//! How well a candidate answers: by its kind, by the words of the question near it, and by whom its sentence is about.

use std::ops::Range;
use std::rc::Rc;

use retriever::thesaurus::Word;

use super::asked::Asked;
use super::kind::Kind;
use super::said::{Said, says};
use super::sentence::Words;
use super::spans::Candidate;
use super::subject::Naming;

/// Sentences whose meanings have a product below the first have nothing to do with the question; from the second on, they
/// say what it asks, in other words. That counts so much of saying its words.
const UNLIKE: f64 = 0.45;
const ALIKE: f64 = 0.85;
const MOST_MEANT: f64 = 0.5;

/// What lies within the other of two, one of them in parentheses, is said of it, but seldom.
const ASIDE: f64 = 0.25;
/// Somebody whom the sentence names by a pronoun is named less surely, and only a word this near will do.
const BY_PRONOUN: f64 = 0.7;
const SURELY_SAID: f64 = 0.8;
/// A role of something else: "the capital of Chad" where Niger was asked about.
const OF_ANOTHER: f64 = 0.3;

/// A sentence with what it says of the question, for all of its candidates.
pub(crate) struct Saying<'a> {
    words: &'a Words<'a>,
    asked: &'a Asked,
    naming: &'a Naming,
    said: Vec<Vec<Said>>,
    /// What the likeness of meanings counts in the place of words, from 0 to 1.
    meant: f64,
    /// How many words back each word stands, those in parentheses not counted from outside.
    place: Vec<f64>,
}

impl<'a> Saying<'a> {
    pub(crate) fn new(
        words: &'a Words<'a>,
        asked: &'a Asked,
        naming: &'a Naming,
        meaning: f64,
    ) -> Self {
        let known: Vec<Rc<Word>> = words.tokens.iter().map(|t| Word::of(&t.text)).collect();
        let said = asked
            .relation
            .iter()
            .map(|token| says(token, words, &known, naming))
            .collect();
        let mut place = Vec::with_capacity(words.tokens.len());
        let mut sum = 0.0;
        for depth in &words.depth {
            sum += if *depth > 0 { 0.15 } else { 1.0 };
            place.push(sum);
        }
        let meant = MOST_MEANT * ((meaning - UNLIKE) / (ALIKE - UNLIKE)).clamp(0.0, 1.0);
        Self {
            words,
            asked,
            naming,
            said,
            meant,
            place,
        }
    }

    /// How far the sentence says the words of the question, from 0 to 1.
    pub(crate) fn relation(&self) -> f64 {
        mean(
            self.said
                .iter()
                .map(|said| said.iter().map(|s| s.likeness).fold(0.0, f64::max)),
        )
    }

    /// How well a candidate answers, from 0 to 1.
    pub(crate) fn score(&self, candidate: &Candidate) -> f64 {
        let near = mean(self.said.iter().map(|said| {
            let of = |s: &Said| s.likeness * self.belongs(s, &candidate.span);
            said.iter().map(of).fold(0.0, f64::max)
        }));
        let relation = if self.said.is_empty() && self.asked.kind != Kind::Nature {
            self.to_subject(&candidate.span)
        } else {
            near.max(self.meant)
        };
        let own = candidate.span.clone().all(|at| {
            let word = &self.words.tokens[at].text;
            self.asked
                .subjects
                .iter()
                .flatten()
                .any(|way| way.contains(word))
        });
        if own {
            return 0.0;
        }
        self.kind_fit(candidate) * relation * self.naming.strength * self.link(&candidate.span)
    }

    /// How nearly a word of the question is said of a candidate, from 0 to 1.
    fn belongs(&self, said: &Said, span: &Range<usize>) -> f64 {
        if let Some(within) = &said.within {
            return if within.contains(&span.start) {
                1.0
            } else {
                0.0
            };
        }
        let (here, there) = (self.words.aside[said.at], self.words.aside[span.start]);
        let aside = if here == there { 1.0 } else { ASIDE };
        // "Born in X" says it behind the word, but for "X, born in".
        let order = if self.asked.adverbial && here > 0 && span.end <= said.at {
            ASIDE
        } else {
            1.0
        };
        let role = match self.argument(said.at) {
            _ if self.asked.adverbial => 1.0,
            Some(argument) => {
                let ours = self.naming.spans.iter().any(|s| s.contains(&argument));
                match (self.asked.reversed, span.contains(&argument)) {
                    (true, true) => 1.0,
                    (false, false) if ours => 1.0,
                    (true, false) | (false, true) => OF_ANOTHER / 2.0,
                    (false, false) => OF_ANOTHER,
                }
            }
            None if self.asked.reversed => OF_ANOTHER,
            None => 1.0,
        };
        let subject = if self.naming.by_title {
            1.0
        } else {
            self.to_subject(span).sqrt()
        };
        closeness(self.distance(said.at, span)) * aside * order * role * subject
    }

    /// The name after "of" that a role is a role of: "the capital and largest city of Chad".
    fn argument(&self, role: usize) -> Option<usize> {
        let tokens = &self.words.tokens;
        let near =
            |at: usize| at < tokens.len() && !self.words.gap(at).contains([',', ';', '(', '.']);
        let of = (role + 1..role + 9)
            .take_while(|&at| near(at))
            .find(|&at| self.words.word(at) == "of")?;
        (of + 1..of + 4)
            .take_while(|&at| near(at))
            .find(|&at| tokens[at].capital)
    }

    /// How well somebody answers for whom the sentence has a pronoun as its subject, from 0 to 1.
    pub(crate) fn of_its_pronoun(&self) -> f64 {
        let near = mean(self.said.iter().map(|said| {
            let at_hand = |s: &Said| s.likeness * closeness(self.place[s.at]);
            let sure = said.iter().filter(|s| s.likeness >= SURELY_SAID);
            sure.map(at_hand).fold(0.0, f64::max)
        }));
        BY_PRONOUN * near * self.naming.strength
    }

    /// Words between a place and a span.
    fn distance(&self, at: usize, span: &Range<usize>) -> f64 {
        if span.contains(&at) {
            0.0
        } else if at < span.start {
            self.place[span.start] - self.place[at]
        } else {
            self.place[at] - self.place[span.end - 1]
        }
    }

    fn to_subject(&self, span: &Range<usize>) -> f64 {
        self.naming
            .spans
            .iter()
            .map(|s| closeness(self.distance(s.end - 1, span)))
            .fold(if self.naming.by_title { 0.5 } else { 0.3 }, f64::max)
    }

    fn kind_fit(&self, candidate: &Candidate) -> f64 {
        match (self.asked.kind, &self.asked.noun) {
            (Kind::Nature, _) if candidate.predicated => candidate.form,
            (Kind::Nature, _) => 0.3 * candidate.form,
            (Kind::Thing, Some(noun)) => {
                let noun = Word::of(noun);
                let head = Word::of(self.words.word(candidate.span.end - 1));
                let whole = Word::of(self.words.word(candidate.span.start));
                let like = head.likeness(&noun).max(whole.likeness(&noun));
                let shared = head.categories.first().is_some_and(|c| noun.denotes(c));
                candidate.form
                    * if like >= 0.97 {
                        0.1
                    } else {
                        (0.2f64).max(like).max(if shared { 0.6 } else { 0.0 })
                    }
            }
            _ => candidate.form,
        }
    }

    /// Whether the name before a comma is said to be where something is.
    fn follows_a_place(&self, start: usize) -> bool {
        let capital = |at: &usize| self.words.tokens[*at].capital;
        let name = (0..start).rev().take_while(capital).count();
        name > 0
            && start > name
            && matches!(
                self.words.word(start - name - 1),
                "in" | "at" | "near" | "from"
            )
    }

    /// What the small words before a candidate say: "in" before a place, "by" before somebody.
    fn link(&self, span: &Range<usize>) -> f64 {
        let before = if span.start == 0 {
            ""
        } else {
            self.words.word(span.start - 1)
        };
        let comma = self.words.gap(span.start).trim_end().ends_with(',');
        if self.words.gap(span.start).contains(':') {
            // "Latin: Ollegarius" is how a name is written.
            return 0.1;
        }
        match self.asked.kind {
            Kind::Place if comma && span.start > 0 && self.words.is_number(span.start - 1) => 0.95,
            Kind::Place if comma && span.start > 0 && self.words.tokens[span.start - 1].capital => {
                0.8
            }
            Kind::Place if self.asked.adverbial => match before {
                "in" | "at" | "near" | "on" | "from" => 1.0,
                "to" => 0.8,
                "of" => 0.6,
                _ if self.words.is_number(span.start.saturating_sub(1))
                    && self.words.depth[span.start] > 0 =>
                {
                    0.85
                }
                _ => 0.2,
            },
            Kind::Place => match before {
                "in" | "at" | "near" | "from" | "on" | "of" | "is" => 1.0,
                "to" | "by" | "with" | "for" => 0.6,
                _ => 0.9,
            },
            // "In Dunmorrow, Westshire": a place goes on.
            Kind::Person if comma && self.follows_a_place(span.start) => 0.15,
            Kind::Person => match before {
                "by" => 1.0,
                "in" | "at" | "on" | "from" | "to" => 0.1,
                _ => 0.9,
            },
            Kind::Time => match before {
                "in" | "on" | "born" | "since" => 1.0,
                _ => 0.95,
            },
            _ => 1.0,
        }
    }
}

/// Nearer is better; far within one sentence is still something.
fn closeness(distance: f64) -> f64 {
    1.0 / (1.0 + (distance - 2.0).max(0.0) / 8.0)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for value in values {
        sum += value;
        count += 1;
    }
    if count == 0 {
        1.0
    } else {
        sum / f64::from(count)
    }
}
