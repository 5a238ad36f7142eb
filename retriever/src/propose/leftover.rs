//! What a reading must not leave out: else it would answer another question than the one that was asked.

use std::ops::Range;

use super::Proposer;
use crate::catalog::Catalog;
use crate::link::{FIT_DERIVED, FIT_LABEL, Mention};
use crate::question::{Question, asks_for_nothing};
use crate::text::{self, Token};
use crate::thesaurus::Word;

/// A word is accounted for when it is explained this far; a decisive one, when it is that very word.
const EXPLAINED: f64 = 0.6;
const CERTAIN: f64 = 0.9;
/// A word that is explained less than this far is left out.
const HARDLY: f64 = 0.5;
/// Verbs that are said together: "played for and managed".
const CLOSE: usize = 3;
/// A class that is named is accounted for when it is explained this far, which is more than being like something.
pub(super) const SPOKEN_OF: f64 = 0.75;
/// A name, or the noun for what is ranked, explained less than this far is passed over.
const BARELY: f64 = 0.25;

/// What a reading speaks of: the tokens of its mentions, and how far each other one is accounted for.
struct Said<'a> {
    used: &'a [bool],
    explains: &'a [&'a [f64]],
}

impl Said<'_> {
    fn explained(&self, at: usize) -> f64 {
        let of = self.explains.iter().filter_map(|e| e.get(at));
        of.copied().fold(0.0, f64::max)
    }

    /// Whether a token is accounted for less than this far.
    fn leaves(&self, at: usize, least: f64) -> bool {
        !self.used[at] && self.explained(at) < least
    }
}

impl Proposer<'_> {
    /// Whether a reading passes over a word that decides, over a predicate or a class that the question names, or over
    /// something that it mentions by name.
    pub(super) fn leaves_out(&self, used: &[bool], explains: &[&[f64]]) -> bool {
        let said = &Said { used, explains };
        let mut tokens = 0..used.len();
        tokens.any(|at| self.is_passed_over(said, at))
            || self.ranked_noun().is_some_and(|at| said.leaves(at, BARELY))
            || self
                .selected_noun()
                .is_some_and(|at| said.leaves(at, BARELY))
            || self.classes.iter().any(|class| {
                // A class that is named is spoken of.
                class.fit >= CERTAIN
                    && !self.is_measure(&class.span)
                    && class.span.clone().all(|at| said.leaves(at, SPOKEN_OF))
            })
            || self.predicates.iter().any(|span| {
                let passed_over = span.clone().all(|at| said.leaves(at, EXPLAINED));
                // "In which year": whatever tells a time.
                let time = span.clone().all(|at| self.question.asks_when(at));
                !self.is_title(span, used) && passed_over && !time
            })
            || self.mentions.iter().any(|mention| {
                let span = &mention.span;
                // Words without capitals are as often words as they are names.
                let by_name = span.clone().all(|at| {
                    at > 0 && (self.question.tokens[at].capital || !self.question.is_content(at))
                });
                let tied = self.is_tied(mention);
                let least = if by_name { CERTAIN } else { EXPLAINED };
                // A predicate may have the name in its own.
                let mut told = span.clone().filter(|at| self.question.is_content(*at));
                (by_name || tied)
                    && !self.says_where(span)
                    && mention.candidates.iter().any(|c| c.fit >= FIT_DERIVED)
                    && span.clone().all(|at| !used[at])
                    && told.any(|at| said.explained(at) < least)
            })
    }

    /// Whether a word is the noun for what the question asks how much there is of, but for one that only says that it is much.
    fn is_stuff(&self, at: usize) -> bool {
        if self.question.much() != Some(at) || !self.question.is_content(at) {
            return false;
        }
        let known = Word::of(&self.question.tokens[at].text);
        let vague = ["possession", "quantity", "time", "attribute"];
        known.is_noun() && !vague.iter().any(|category| known.denotes(category))
    }

    /// Whether a word by itself must be spoken of, and is not.
    fn is_passed_over(&self, said: &Said<'_>, at: usize) -> bool {
        let count = said.used.len();
        // "The successor of": what is asked for may be called otherwise.
        let asked = self.question.asked == Some(at);
        let least = if asked { EXPLAINED } else { CERTAIN };
        let decisive = self.question.decisive[at] && said.leaves(at, least);
        let unknown = at > 0
            && said.leaves(at, BARELY)
            && (self.is_unknown_name(at, said.used) || self.is_strange_name(at, said.used));
        // "The Nordic countries" are not all countries.
        let narrower = at + 1 < count
            && said.leaves(at, HARDLY)
            && !said.used[at + 1]
            && said.explained(at + 1) >= EXPLAINED
            && self.restricts(at);
        let modified = at + 1 < count
            && said.used[at + 1]
            && said.leaves(at, BARELY)
            && self.makes_another(at);
        // "On the same day as" asks for others, and says what is the same.
        let same = self.question.tokens[at].text == "same"
            && at + 1 < count
            && (said.leaves(at, EXPLAINED)
                || (self.question.is_content(at + 1) && said.leaves(at + 1, EXPLAINED)));
        // "Anne's mother" is not Anne.
        let owned = said.leaves(at, HARDLY) && self.is_owned(at, said.used);
        // A "blood | type" is no type of anything else.
        let typed = said.leaves(at, BARELY)
            && at + 1 < count
            && self.question.is_kind(at + 1)
            && self.is_of_something(at + 1);
        // "How many countries are | Catholic" does not ask for all of them.
        let complement = said.leaves(at, EXPLAINED) && self.is_complement(said, at);
        // An aunt is answered by nobody else.
        let member = said.leaves(at, HARDLY)
            && self
                .question
                .members
                .iter()
                .any(|(member, _)| *member == at);
        // "How much haddock" is no question about any other fish.
        let much = said.leaves(at, BARELY) && self.is_stuff(at);
        let sex = self.question.of_sex.contains(&at) && said.leaves(at, CERTAIN);
        // Who wrote and directed it did both; of verbs further apart, the one may only lead to the other.
        let verbs = &self.question.coordinated;
        let close = verbs.windows(2).all(|pair| pair[1] - pair[0] <= CLOSE);
        let twin = close && verbs.contains(&at) && said.leaves(at, HARDLY);
        decisive
            || unknown
            || narrower
            || modified
            || same
            || owned
            || typed
            || complement
            || member
            || much
            || sex
            || twin
    }

    /// Whether a question ends with a word that says what the things that it asks for are: "which lamps are | dim".
    fn is_complement(&self, said: &Said<'_>, at: usize) -> bool {
        let tokens = &self.question.tokens;
        let content = |at: usize| self.question.is_content(at);
        // "Which lamps are | known": all that there are.
        let participle = Word::of(&tokens[at].text).is_participle(&tokens[at].text);
        let ends = at + 1 == tokens.len() && content(at) && !participle;
        // "How many credits is | algebra | worth" says something else of a name.
        let own = |at: &usize| content(*at) && !said.used[*at];
        let mut before = (0..at).rev().skip_while(own);
        let verb = before
            .next()
            .filter(|at| matches!(tokens[*at].text.as_str(), "is" | "are" | "was" | "were"));
        let noun = verb.and_then(|verb| verb.checked_sub(1));
        let asked = [self.question.asked, self.question.counted];
        ends && noun.is_some_and(|noun| asked.contains(&Some(noun)))
    }

    /// Whether a word is the noun for what belongs to somebody who is spoken of, right behind: "Anne's | mother".
    fn is_owned(&self, at: usize, used: &[bool]) -> bool {
        let tokens = &self.question.tokens;
        let content = |at: usize| at < tokens.len() && self.question.is_content(at);
        let owner = at >= 2 && tokens[at - 1].text == "s" && used[at - 2];
        owner
            && content(at)
            && !content(at + 1)
            && !used.get(at + 1).is_some_and(|used| *used)
            && !tokens[at].capital
            && Word::of(&tokens[at].text).is_noun()
    }
}

impl Proposer<'_> {
    /// Whether a word is written as a name is, and stands by nothing that is spoken of: a title and a second name do.
    /// Where all words have capitals, they say nothing.
    fn is_unknown_name(&self, at: usize, used: &[bool]) -> bool {
        let tokens = &self.question.tokens;
        let small = |at: usize| self.question.is_content(at) && !tokens[at].capital;
        let capital = |at: &usize| tokens[*at].capital;
        let (before, after) = (0..at, at + 1..tokens.len());
        let beside = before
            .rev()
            .take_while(capital)
            .chain(after.take_while(capital))
            .any(|at| used[at]);
        tokens[at].capital
            && self.question.is_content(at)
            && !beside
            && !self.follows_comma(at)
            && (1..tokens.len()).any(small)
    }

    /// Whether a name in small letters, or what is no English word, stands where a name does, and beside nothing that is spoken of:
    /// "goals for | brasil".
    fn is_strange_name(&self, at: usize, used: &[bool]) -> bool {
        const LEAST_LETTERS: usize = 4;
        let tokens = &self.question.tokens;
        let word = &tokens[at].text;
        let known = Word::of(word);
        let strange = word.chars().count() >= LEAST_LETTERS
            && word.chars().all(char::is_alphabetic)
            && (!known.is_known() || known.denotes("name"))
            && !known.is_verb();
        let behind = matches!(
            tokens[at - 1].text.as_str(),
            "for" | "in" | "of" | "by" | "at" | "from" | "with"
        );
        let beside = used.get(at + 1).is_some_and(|used| *used);
        strange && behind && !beside && self.question.is_content(at)
    }

    /// Whether an adjective makes another place of the one that is named after it: "Central America".
    fn makes_another(&self, at: usize) -> bool {
        matches!(
            self.question.tokens[at].text.as_str(),
            "north"
                | "south"
                | "east"
                | "west"
                | "northern"
                | "southern"
                | "eastern"
                | "western"
                | "northeast"
                | "northwest"
                | "southeast"
                | "southwest"
                | "northeastern"
                | "northwestern"
                | "southeastern"
                | "southwestern"
                | "central"
                | "new"
                | "old"
                | "upper"
                | "lower"
                | "inner"
                | "outer"
        )
    }

    /// Whether a superlative is by what some words name: "the biggest building by floor | space".
    fn is_measure(&self, span: &Range<usize>) -> bool {
        let before = &self.question.tokens[span.start.saturating_sub(2)..span.start];
        self.question.superlative.is_some() && before.iter().any(|token| token.text == "by")
    }

    /// Whether words only say what that is whose name follows: "the television director | Mary Shaw", "the series | Elementary".
    fn is_title(&self, span: &Range<usize>, used: &[bool]) -> bool {
        let last = &self.question.tokens[span.end - 1];
        let asked = self.question.asked;
        used.get(span.end).is_some_and(|used| *used)
            && (Word::of(&last.text).denotes("person") || self.is_called_a(span.end, last))
            && !asked.is_some_and(|at| span.contains(&at))
    }

    /// Whether a word is one for the class of what a name stands for that begins at a token.
    fn is_called_a(&self, start: usize, noun: &Token) -> bool {
        let catalog = self.view.catalog();
        let of = self.mentions.iter().filter(|m| m.span.start == start);
        let mut candidates = of.flat_map(|mention| &mention.candidates);
        candidates.any(|candidate| catalog.are_called(&candidate.entity.classes, noun))
    }

    /// The noun for what a superlative ranks: "the three largest labs".
    pub(super) fn ranked_noun(&self) -> Option<usize> {
        let from = self.question.superlative.as_ref()?.span.end;
        let ends = |at: &usize| {
            let token = &self.question.tokens[*at];
            let participle = Word::of(&token.text).is_participle(&token.text);
            !self.question.is_content(*at) || token.capital || participle
        };
        let end = (from..self.question.tokens.len()).find(ends);
        let end = end.unwrap_or(self.question.tokens.len());
        (from < end).then(|| end - 1)
    }

    /// The noun for what a superlative selects from: "which | statin has the highest".
    fn selected_noun(&self) -> Option<usize> {
        let from = self
            .question
            .superlative
            .as_ref()
            .filter(|s| !s.weak)?
            .span
            .start;
        let next = |at: usize| self.question.tokens.get(at + 1).map(|t| t.text.as_str());
        let asked = self.question.asked.filter(|at| at + 1 < from)?;
        let has = matches!(
            next(asked),
            Some("has" | "have" | "had" | "with" | "is" | "was" | "are")
        );
        has.then_some(asked)
    }

    /// Whether a name in small letters stands behind a preposition right behind what is asked for, which is so tied to its bearer:
    /// "who in marketing | speaks French". "His position in baseball" is one that he has there only.
    fn is_tied(&self, mention: &Mention) -> bool {
        let word = |at: usize| self.question.tokens[at].text.as_str();
        let mut before = (1..mention.span.start).rev();
        let tie = before.find(|at| !matches!(word(*at), "the" | "our"));
        let tied = tie.is_some_and(|at| {
            let asked = word(at - 1) == "who" || self.question.asked == Some(at - 1);
            asked && matches!(word(at), "in" | "at" | "from" | "by" | "with")
        });
        let nothing = mention.span.clone().any(|at| asks_for_nothing(word(at)));
        let classed = self
            .classes
            .iter()
            .any(|class| mention.span.contains(&class.span.start));
        let certain = mention
            .candidates
            .iter()
            .any(|c| c.fit >= FIT_LABEL && c.entity.labelled);
        tied && certain && !classed && !nothing && !mention.of_kind
    }

    /// Whether a comma stands before a word.
    fn follows_comma(&self, at: usize) -> bool {
        let tokens = &self.question.tokens;
        let gap = tokens[at - 1].end..tokens[at].start;
        let gap = self.question.text.get(gap);
        gap.is_some_and(|gap| gap.contains(','))
    }

    /// Whether a name only says which bearer of the name before it is meant: "Lucan, Dublin".
    fn says_where(&self, span: &Range<usize>) -> bool {
        let question = self.question;
        let comma = span.start > 0 && self.follows_comma(span.start);
        let next = question
            .tokens
            .get(span.end)
            .map(|token| token.text.as_str());
        let named = self.mentions.iter().any(|mention| {
            mention.span.end == span.start
                && mention.candidates.iter().any(|c| c.fit >= FIT_DERIVED)
        });
        comma && named && !matches!(next, Some("and" | "or"))
    }
}

/// "Highest point" of "is highest point of"; nothing where a single word is left.
fn bare(name: &[Token]) -> &[Token] {
    let function = |token: &Token| text::is_function_word(&token.text);
    let from = name.iter().position(|token| !function(token));
    let upto = name.iter().rposition(|token| !function(token));
    match (from, upto) {
        (Some(from), Some(upto)) if from < upto => &name[from..=upto],
        _ => &[],
    }
}

/// The spans of a question that name a predicate in full, by words that carry content. Words derived from a name
/// are other words: who performs is not asked for when it is asked what somebody performs.
pub(crate) fn named_predicates(question: &Question, catalog: &Catalog) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let names = catalog.predicates().iter().flat_map(|p| &p.names);
    let names = names.flat_map(|name| [name.tokens.as_slice(), bare(&name.tokens)]);
    for name in names.filter(|name| !name.is_empty()) {
        for (start, window) in question.tokens.windows(name.len()).enumerate() {
            let span = start..start + window.len();
            let same = window
                .iter()
                .zip(name)
                .all(|(a, b)| a.text == b.text || a.text.strip_suffix('s') == Some(&b.text));
            let content = window
                .iter()
                .zip(span.clone())
                .any(|(token, at)| question.is_content(at) && !text::is_function_word(&token.text));
            if same && content && !found.contains(&span) {
                found.push(span);
            }
        }
    }
    found
}
