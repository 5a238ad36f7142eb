//! What bounds and orders are said of: of the things asked for, of what these have, or of others.

use std::ops::Range;

use kg_store::rdf::NamedNodeRef;

use super::{ClassMention, Proposer};
use crate::graph::Way;
use crate::link::Mention;
use crate::question::{Form, Superlative, is_at_once};
use crate::thesaurus::Word;

/// A class word that fits this well is one.
const SURE: f64 = 0.75;
/// Bearers of a name that are looked at.
const MOST_BEARERS: usize = 3;

impl<'a> Proposer<'a> {
    /// Whether a predicate, read this way, leads to what is next to something on the side that is not asked for.
    pub(super) fn is_other_neighbour(&self, (number, way): (usize, Way)) -> bool {
        let side =
            |(known, same): &(usize, bool)| *known == number && *same == (way == Way::Inverse);
        self.neighbours.iter().any(side)
    }

    /// Whether the very next one is asked for: "right after".
    pub(super) fn wants_the_very_next(&self) -> bool {
        let wanted = self.question.wants_neighbour.as_ref();
        wanted.is_some_and(|(span, _)| {
            let before = &self.question.tokens[span.end.saturating_sub(2)];
            is_at_once(&before.text)
        })
    }

    /// Whether it is told what is right next to what a mention stands for.
    fn has_neighbour(&self, mention: &Mention) -> bool {
        let catalog = self.view.catalog();
        let told = |iri: &str, number: usize| {
            let predicate = NamedNodeRef::new_unchecked(&catalog.predicates()[number].iri);
            let subject = NamedNodeRef::new_unchecked(iri);
            let snapshot = self.view.snapshot();
            let mut facts = snapshot.quads(Some(subject.into()), Some(predicate), None, None);
            facts.next().is_some_and(|fact| fact.is_ok())
        };
        let candidates = mention.candidates.iter().take(MOST_BEARERS);
        candidates
            .flat_map(|c| self.neighbours.iter().map(move |known| (c, *known)))
            .any(|(candidate, (number, same))| same && told(&candidate.entity.iri, number))
    }

    /// What the things asked for are compared with: "countries larger than | France".
    pub(super) fn compared_with(&self) -> Option<&'a Mention> {
        let question = self.question;
        if !matches!(question.form, Form::Select | Form::Count) {
            return None;
        }
        let degree = &question.comparative.as_ref()?.span;
        let count = question.tokens.len();
        let than = if self.compares_times() {
            let of_fact = self
                .predicates
                .iter()
                .any(|span| span.contains(&degree.start));
            (!of_fact).then_some(degree.start)?
        } else {
            (degree.end..count).find(|at| question.tokens[*at].text == "than")?
        };
        let mentions: &'a [Mention] = self.mentions;
        let next = mentions.iter().filter(|mention| {
            let gap = than + 1..mention.span.start;
            mention.span.start > than
                && gap.len() <= 1
                && gap.into_iter().all(|at| !question.is_content(at))
        });
        let next = next.max_by(|a, b| a.weight.total_cmp(&b.weight))?;
        // What is said to be next goes before whatever is later.
        (!self.has_neighbour(next)).then_some(next)
    }

    /// Whether things are compared in time: "built before Old Mercy".
    pub(super) fn compares_times(&self) -> bool {
        let degree = self.question.comparative.as_ref();
        let word = degree.map(|degree| self.question.tokens[degree.span.start].text.as_str());
        matches!(word, Some("before" | "after"))
    }

    /// Whether the number of a bound, or the word for an order, may as well be a part of a name.
    pub(super) fn may_be_a_name(&self) -> bool {
        let threshold = self.question.threshold.as_ref();
        let superlative = self.question.superlative.as_ref();
        threshold.is_some_and(|threshold| threshold.weak)
            || superlative.is_some_and(|superlative| superlative.weak)
    }

    /// Whether the question bounds or ranks what it asks for.
    pub(super) fn sets_conditions(&self) -> bool {
        let question = self.question;
        question.threshold.is_some()
            || question.superlative.is_some()
            || self.compared_with().is_some()
    }

    /// Whether a bound is one on what an order counts.
    pub(super) fn bounds_what_is_counted(&self) -> bool {
        let (Some(threshold), Some(superlative)) =
            (&self.question.threshold, &self.question.superlative)
        else {
            return false;
        };
        let noun = superlative
            .word
            .filter(|word| *word == superlative.span.end);
        let Some(noun) = noun.and_then(|word| self.counted_noun(word)) else {
            return false;
        };
        let word = |at: usize| self.question.tokens[at].text.as_str();
        let plural = Word::of(word(noun)).is_plural(word(noun));
        plural
            && (noun + 1..=noun + 2).contains(&threshold.span.start)
            && (noun + 1..threshold.span.start)
                .all(|at| matches!(word(at), "with" | "having" | "of" | "that"))
    }

    /// Whether what is to be counted is something that has a name, as in "more than ten | Gold Gloves": no class, and no
    /// measure.
    pub(super) fn counts_a_name(&self) -> bool {
        let question = self.question;
        let bound = question
            .threshold
            .as_ref()
            .filter(|bound| !bound.weak && !bound.year);
        let order = question.superlative.as_ref();
        let most = order.filter(|order| order.word == Some(order.span.end));
        let ends = [bound.map(|b| b.span.end), most.map(|o| o.span.end)];
        ends.into_iter().flatten().any(|at| {
            let capital = question.tokens.get(at).is_some_and(|token| token.capital);
            let class = self.classes.iter().any(|class| class.span.contains(&at));
            let named = self.mentions.iter().any(|mention| mention.span.start == at);
            capital && named && !class
        })
    }

    /// Whether a superlative is said of the things of another class: "the capital of the largest country", "the capital
    /// of the country with the highest population". Of two words for one class it is said of the one beside it: "the states
    /// that border | the state with the fewest people". `used` are the words that name the things at hand.
    pub(super) fn is_of_others(
        &self,
        superlative: &Superlative,
        class: usize,
        used: &[bool],
    ) -> bool {
        let (from, to) = (superlative.span.start, superlative.span.end);
        let word = |at: usize| {
            self.question
                .tokens
                .get(at)
                .map(|token| token.text.as_str())
        };
        let having = |span: &Range<usize>| {
            let between = span.end..from;
            let relative = matches!(
                (word(between.start), word(between.start + 1)),
                (Some("that" | "which" | "who"), Some("has" | "have" | "had"))
            );
            between.len() <= 3
                && between.start < between.end
                && (relative || matches!(word(between.start), Some("with" | "having" | "whose")))
        };
        let next = |span: &Range<usize>| (to..=to + 1).contains(&span.start);
        let mut said = self
            .classes
            .iter()
            .filter(|mention| mention.fit >= SURE)
            .filter(|mention| next(&mention.span) || having(&mention.span))
            .filter(|mention| {
                superlative
                    .word
                    .is_none_or(|word| !mention.span.contains(&word))
            })
            .peekable();
        let own = |mention: &ClassMention| mention.span.clone().all(|at| used[at]);
        let of_another = |mention: &ClassMention| {
            let mut others = self.classes.iter().filter(|other| own(other));
            !own(mention) && others.any(|other| other.class == mention.class)
        };
        said.peek().is_some()
            && said.all(|mention| self.are_apart(class, mention.class) || of_another(mention))
    }
}
