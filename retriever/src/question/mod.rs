//! What a question's own words say about the form of its answer, before any knowledge base is looked at.

mod above;
mod adjectives;
mod asked;
mod bounds;
mod coordinated;
mod cues;
mod dates;
mod decisive;
mod degree;
mod family;
mod kin;
mod letters;
mod moment;
mod numbers;
mod parted;
mod periods;
mod politeness;
mod read;
mod spared;
mod spent;
mod wants;

use std::ops::Range;

use crate::graph::{Arithmetic, Function};
use crate::text::{self, Token};

pub(crate) use asked::leads_somewhere;
pub use bounds::{End, Operator, Threshold};
pub(crate) use cues::{asks_for_nothing, is_anyone, is_time, is_vague};
pub use cues::{is_auxiliary, opens_a_question};
pub use degree::{Direction, Superlative};
pub(crate) use family::may_mean;
pub(crate) use kin::{
    Reworded, Sex, Tie, Told as ToldOfKin, in_plain_ties, names_relatives, singular,
};
pub use letters::{Letters, Place};
pub(crate) use moment::{Clause, Lies, Setting};
pub use numbers::Number;
pub(crate) use numbers::is_small as is_small_number;
pub(crate) use parted::Parted;
pub use wants::Neighbour;
pub(crate) use wants::is_at_once;

/// The form of the answer that a question asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Things or values: "which", "who", "what".
    Select,
    /// A number of things: "how many".
    Count,
    /// Yes or no.
    Ask,
    /// One of the things named: "which has more people, Lagos or Cairo".
    Choose,
    /// What is made of a value of each of two things: "how much taller is A than B".
    Calculate(Arithmetic),
}

/// What is to be made of many things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combining {
    /// One value of theirs.
    Function(Function),
    /// How many of them, in percent.
    Share,
}

/// "more people than", "larger".
#[derive(Clone, Debug, PartialEq)]
pub struct Comparative {
    /// The tokens that say so.
    pub span: Range<usize>,
    /// Which end wins.
    pub direction: Direction,
    /// Words for the property that is compared, where the adjective implies one.
    pub property: &'static [&'static str],
}

/// A question, read as far as general language goes.
#[derive(Clone, Debug)]
pub struct Question {
    /// The question as asked.
    pub text: String,
    /// Its words.
    pub tokens: Vec<Token>,
    /// The form of the answer.
    pub form: Form,
    /// "most populous", "largest".
    pub superlative: Option<Superlative>,
    /// "more than one million".
    pub threshold: Option<Threshold>,
    /// Further bounds, in whatever order: "and taller than 2 metres". Not each reading has a place for them.
    pub further: Vec<Threshold>,
    /// Years that are also names of something, which is then meant as a rule.
    pub(crate) named_times: Vec<Threshold>,
    /// The words that ask for what holds now.
    pub now: Option<Range<usize>>,
    /// "larger", "more people than".
    pub comparative: Option<Comparative>,
    /// Tokens that only say what form the answer has.
    pub cue: Vec<bool>,
    /// Tokens that a reading must not pass over: "not", "except", "second", a year.
    pub decisive: Vec<bool>,
    /// Tokens that stand for words of the question as asked, see [`Question::read_in_other_words`].
    pub(crate) put_in: Vec<bool>,
    /// Tokens that are nouns for members of a family, with the noun for one.
    pub(crate) members: Vec<(usize, String)>,
    /// The word that asks for words that describe something: "describe it in a few words", "which terms".
    pub wants_words: Option<usize>,
    /// The word that asks of what something is made: "made of".
    pub wants_material: Option<usize>,
    /// The words that ask for what is next to something in order, and on which side.
    pub wants_neighbour: Option<(Range<usize>, Neighbour)>,
    /// Nouns for people of a sex, where it is told of what sex people are.
    pub(crate) of_sex: Vec<usize>,
    /// Words that exclude: "not", "without", "never".
    pub negations: Vec<usize>,
    /// Whether one value is to be made of many, and the words that say so: "on average", "what share of".
    pub combining: Option<(Combining, Range<usize>)>,
    /// The first word after "how many" or "number of".
    pub counted: Option<usize>,
    /// Whether something is asked of each thing of a kind: "how many countries are there in each continent".
    pub each: bool,
    /// Whether what has none is left out of a mean: "counting only those that have any".
    pub only_some: bool,
    /// Words that ask for others of the same relation: "together", "also", "share".
    pub sharing: Vec<bool>,
    /// Verbs that are said of the same thing: "wrote and directed".
    pub coordinated: Vec<usize>,
    /// Whether the question is only about what something is: "what is", "who is", "tell me about".
    pub describes: Option<Range<usize>>,
    /// Whether the question asks for a time: "when", "what year".
    pub wants_time: bool,
    /// Whether that is the time at which something ended: "when did she leave".
    pub wants_end: bool,
    /// Which one of several times is asked for: the last, with "when was it last repaired".
    pub which_time: Option<Direction>,
    /// Whether it asks for somebody: "who", "whom".
    pub wants_someone: bool,
    /// Whether it asks for a place: "where".
    pub wants_place: bool,
    /// Letters that the names of what is asked for have: "that start with T".
    pub letters: Option<Letters>,
    /// The word that asks for a reason: "why", "what did she get it for".
    pub wants_reason: Option<usize>,
    /// The word that asks for a measure, and words for it: "how tall".
    pub measured: Option<(usize, &'static [&'static str])>,
    /// The noun that says what kind of thing the answer is: "which early album", "name a city".
    pub asked: Option<usize>,
}

impl Question {
    /// What follows "how much": the noun for what there is so much of, as a rule, or the end.
    pub(crate) fn much(&self) -> Option<usize> {
        let mut pairs = self.tokens.windows(2);
        let at = pairs.position(|pair| pair[0].text == "how" && pair[1].text == "much");
        at.map(|at| at + 2)
    }

    /// The words that set bounds and orders.
    pub(crate) fn conditions(&self) -> Vec<Range<usize>> {
        let bounds = self.threshold.iter().chain(&self.further);
        let orders = self.superlative.iter().cloned().chain(self.second_order());
        bounds
            .map(|bound| bound.span.clone())
            .chain(orders.map(|order| order.span))
            .collect()
    }

    /// Whether a token carries content: no function word, and not spent on the form of the answer.
    pub fn is_content(&self, at: usize) -> bool {
        !self.cue[at] && !text::is_function_word(&self.tokens[at].text)
    }

    /// Whether what follows a span is said of all that stands before it: "the films by her | were in which languages".
    pub fn is_predicated(&self, span: &Range<usize>) -> bool {
        let next = self.tokens.get(span.end);
        let verb = next.is_some_and(|token| cues::is_auxiliary(&token.text));
        // "Cities where | she | has an office".
        let before = span
            .start
            .checked_sub(1)
            .map(|at| self.tokens[at].text.as_str());
        let relative = matches!(before, Some("where" | "that" | "which" | "whom" | "who"));
        verb && !relative && (0..span.start).any(|at| self.is_content(at))
    }

    /// Whether a word asks of what kind something is: "what kind of film is Alien".
    pub fn is_kind(&self, at: usize) -> bool {
        let word = self.tokens[at].text.as_str();
        let kind = text::is_kind(word.strip_suffix('s').unwrap_or(word));
        let next = self
            .tokens
            .get(at + 1)
            .map_or("", |token| token.text.as_str());
        // "What types are the films": it is what is asked for.
        kind && (next == "of" || self.asked == Some(at) || cues::is_auxiliary(next))
    }

    /// Whether a word only asks when something was: "in which | year".
    pub(crate) fn asks_when(&self, at: usize) -> bool {
        self.wants_time && self.asked == Some(at)
    }

    /// The words of a span, as written.
    pub fn written(&self, span: &Range<usize>) -> &str {
        match (
            self.tokens.get(span.start),
            span.end
                .checked_sub(1)
                .and_then(|last| self.tokens.get(last)),
        ) {
            (Some(first), Some(last)) if span.start < span.end => &self.text[first.start..last.end],
            _ => "",
        }
    }
}
