//! Which way a verb reads the facts of a predicate that is called by it: "which papers cite it", "what does it cite".
//!
//! English tells the subject of a verb by its place. Where a predicate's name is a verb in the third person ("cites",
//! "flows into"), what stands before the verb is the subject of its facts.

use std::ops::Range;

use kg_store::rdf::{NamedNodeRef, NamedOrBlankNode, Term, TermRef};

use super::Step;
use crate::RetrieverError;
use crate::catalog::{Phrase, Predicate};
use crate::graph::Way;
use crate::propose::Proposer;
use crate::question::is_auxiliary;
use crate::thesaurus::Word;

/// What a way loses that the order of the words speaks against. It is not ruled out: neighbours border each other,
/// whoever is told to.
const UNLIKELY: f64 = 0.08;
/// Facts of a predicate that are looked at for whether they are told both ways, and how many must be.
const LOOKED_AT: usize = 20;
const LEAST_FACTS: usize = 3;
/// A word that is explained this far is the verb.
const NAMED: f64 = 0.8;

/// Marks the steps that read their predicate against the order of the words, and drops those that read it against what the
/// words say, or that no fact of it is told both ways.
pub(super) fn unlikely(
    p: &Proposer<'_>,
    span: &Range<usize>,
    steps: &mut Vec<Step>,
) -> Result<(), RetrieverError> {
    let mut kept = Vec::new();
    for mut step in steps.drain(..) {
        let predicate = &p.view.catalog().predicates()[step.predicate];
        let noun = noun_of(p, predicate, &step.fit.explains, span);
        if noun.is_some_and(|told| told != step.way) {
            continue;
        }
        let verb = by_verb(p, predicate, &step.fit.explains, span);
        if verb.is_some_and(|told| told != step.way) && is_one_way(p, predicate)? {
            continue;
        }
        let told = verb.or_else(|| whose(p, predicate, &step.fit.explains, span));
        let one = step.way == Way::Forward && predicate.is_functional() && asks_for_several(p);
        if told.is_some_and(|told| told != step.way) || (told.is_none() && one) {
            step.against = UNLIKELY;
        }
        kept.push(step);
    }
    *steps = kept;
    Ok(())
}

/// Whether a predicate leads from things of a class to others of it, and no fact of it is told the other way round as well, as far
/// as the first ones tell: who reports to somebody is reported to by others.
fn is_one_way(p: &Proposer<'_>, predicate: &Predicate) -> Result<bool, RetrieverError> {
    if !predicate
        .domain
        .keys()
        .any(|class| predicate.range.contains_key(class))
    {
        return Ok(false);
    }
    let predicate = NamedNodeRef::new_unchecked(&predicate.iri);
    let snapshot = p.view.snapshot();
    let mut looked_at = 0;
    for fact in snapshot
        .quads(None, Some(predicate), None, None)
        .take(LOOKED_AT)
    {
        let fact = fact?;
        let (NamedOrBlankNode::NamedNode(subject), Term::NamedNode(object)) =
            (fact.subject, fact.object)
        else {
            continue;
        };
        looked_at += 1;
        let back = Some(TermRef::NamedNode(subject.as_ref()));
        let mut turned = snapshot.quads(Some(object.as_ref().into()), Some(predicate), back, None);
        if turned.next().transpose()?.is_some() {
            return Ok(false);
        }
    }
    Ok(looked_at >= LEAST_FACTS)
}

/// Whether somebody or something is asked for in the plural: "who are the reports of".
fn asks_for_several(p: &Proposer<'_>) -> bool {
    let tokens = &p.question.tokens;
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let noun = (3..tokens.len()).find(|at| !p.question.is_content(*at));
    let plural = noun.is_some_and(|end| Word::of(word(end - 1)).is_plural(word(end - 1)));
    matches!((word(0), word(1)), ("who" | "what", "are" | "were")) && plural
}

/// The way in which a noun asks for what a name stands in a fact with, where the predicate is called by it and "of": "the
/// parts of the eye" are what is part of it, and "what is the eye a part of" asks for the whole.
fn noun_of(
    p: &Proposer<'_>,
    predicate: &Predicate,
    explains: &[f64],
    span: &Range<usize>,
) -> Option<Way> {
    let tokens = &p.question.tokens;
    let names = predicate.names_by_side().0.iter();
    let called: Vec<&str> = names
        .filter_map(|name| match name.tokens.as_slice() {
            [noun, of] | [_, noun, of] if of.text == "of" => Some(noun.stem.as_str()),
            _ => None,
        })
        .collect();
    let noun = (0..explains.len())
        .find(|at| explains[*at] >= NAMED && called.contains(&tokens[*at].stem.as_str()))?;
    let of = tokens.get(noun + 1).is_some_and(|next| next.text == "of");
    if span.end <= noun {
        return of.then_some(Way::Forward);
    }
    let directly = (noun + 2..span.start).all(|at| !p.question.is_content(at));
    (of && noun < span.start && directly).then_some(Way::Inverse)
}

/// The way in which a noun asks for what has a name as its value: "an engine whose predecessor is the Quake engine". Where the
/// predicate is called by the noun and "of", the name stands in its facts the other way round.
fn whose(
    p: &Proposer<'_>,
    predicate: &Predicate,
    explains: &[f64],
    span: &Range<usize>,
) -> Option<Way> {
    let tokens = &p.question.tokens;
    let word = |at: usize| tokens[at].text.as_str();
    // "Whose easel is it" asks for somebody.
    let whose = (1..span.start).rev().find(|at| word(*at) == "whose")?;
    let is =
        (whose + 2..span.start).find(|at| matches!(word(*at), "is" | "are" | "was" | "were"))?;
    let next =
        (is + 1..span.start).all(|at| matches!(word(at), "the" | "a" | "an" | "called" | "named"));
    let named = (whose + 1..is).any(|at| explains[at] >= NAMED);
    let of = |name: &Phrase| name.tokens.last().is_some_and(|last| last.text == "of");
    let way = match predicate.names_by_side().0.iter().any(of) {
        true => Way::Forward,
        false => Way::Inverse,
    };
    (next && named).then_some(way)
}

/// The way in which the verb that a predicate is called by asks for what a name stands in a fact with.
pub(super) fn by_verb(
    p: &Proposer<'_>,
    predicate: &Predicate,
    explains: &[f64],
    span: &Range<usize>,
) -> Option<Way> {
    let (direct, _) = predicate.names_by_side();
    verb(p, direct, explains).and_then(|verb| way(p, verb, span))
}

/// The same for a verb by which a predicate is called from the other side.
pub(super) fn by_turned_verb(
    p: &Proposer<'_>,
    predicate: &Predicate,
    explains: &[f64],
    span: &Range<usize>,
) -> Option<Way> {
    let (_, turned) = predicate.names_by_side();
    let verb = verb(p, turned, explains);
    verb.and_then(|verb| way(p, verb, span)).map(Way::turned)
}

/// The token that is the verb of one of some names.
fn verb(p: &Proposer<'_>, names: &[Phrase], explains: &[f64]) -> Option<usize> {
    let called: Vec<String> = names
        .iter()
        .filter_map(|name| name.tokens.first())
        .filter_map(|word| third_person(&word.text))
        .collect();
    (0..explains.len()).find(|at| {
        let of = || Word::of(&p.question.tokens[*at].text);
        explains[*at] >= NAMED && of().lemmas.iter().any(|lemma| called.contains(lemma))
    })
}

/// The verb of which a word may be the third person: "cite" of "cites". A noun for several things looks the same, but
/// does not stand where a verb does.
fn third_person(word: &str) -> Option<String> {
    let known = Word::of(word);
    let base = known.lemmas.iter().find(|lemma| *lemma != word)?;
    word.ends_with('s').then(|| base.clone())
}

/// The way in which a verb asks for what a name stands in a fact with.
fn way(p: &Proposer<'_>, verb: usize, span: &Range<usize>) -> Option<Way> {
    let tokens = &p.question.tokens;
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let before = |at: usize| (0..at).any(|at| is_auxiliary(word(at)));
    if Word::of(word(verb)).is_participle(word(verb)) {
        let by = (verb + 1..tokens.len().min(verb + 3)).find(|at| word(*at) == "by");
        return match by {
            // "Which papers are cited by it".
            Some(by) if by < span.start => Some(Way::Forward),
            // "By which papers is it cited".
            _ if span.end <= verb && before(verb) && (0..span.start).any(|at| word(at) == "by") => {
                Some(Way::Inverse)
            }
            _ => None,
        };
    }
    if span.end <= verb {
        // "Which papers does it cite", "the papers that it cites".
        let next = (span.end..verb).all(|at| !p.question.is_content(at) && word(at) != "s");
        return next.then_some(Way::Forward);
    }
    // "Which papers cite it": there is nothing between the verb and its object but an article or a preposition.
    let object = (verb + 1..span.start).all(|at| {
        let noun = matches!(word(at), "of" | "that" | "who" | "which");
        !p.question.is_content(at) && !noun && !is_auxiliary(word(at))
    });
    // "What does he who wrote it cite" is none of these.
    let subject =
        (0..verb).any(|at| p.question.is_content(at)) || p.question.wants_someone || verb == 1;
    let turned = (0..verb).any(|at| is_auxiliary(word(at)));
    (object && subject && !turned).then_some(Way::Inverse)
}
