//! Finds the mentions of a question and the entities that they may mean.

mod classed;
mod coordinated;
mod parts;
mod same;
mod tied;
mod titled;
mod written;

use std::ops::Range;

pub(crate) use classed::add_without_class;
pub(crate) use same::{add_the_same, follow as follow_redirects};
pub(crate) use tied::add_tied;
pub(crate) use titled::add_titled;

use parts::{last_words, partial, with_article};

use crate::RetrieverError;
use crate::index::{EntityRecord, IndexReader, NameMatch};
use crate::question::Question;
use crate::text::{self, Token};
use crate::thesaurus::Word;

/// An entity that a mention may mean.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The entity.
    pub entity: EntityRecord,
    /// How well the mention's words fit a name of it, from 0 to 1.
    pub fit: f64,
    /// How prominent it is beside the mention's other candidates, from 0 to 1.
    pub prior: f64,
}

/// A span of the question that may name something.
#[derive(Clone, Debug)]
pub struct Mention {
    /// The tokens.
    pub span: Range<usize>,
    /// What it may mean, best first.
    pub candidates: Vec<Candidate>,
    /// How much of the question it explains: see [`weight`].
    pub weight: f64,
    /// Whether it is a name in the plural, of which the things are meant that have its bearer as a value: "novels".
    pub of_kind: bool,
}

impl Mention {
    /// Whether two mentions share a token.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.span.start < other.span.end && other.span.start < self.span.end
    }
}

/// An entity linked to a span of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Linked {
    /// The entity's IRI.
    pub iri: String,
    /// Its label.
    pub label: String,
    /// From 0 to 1.
    pub score: f64,
    /// First byte of the span in the question.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// The longest name that is looked for, in words.
const MAX_WORDS: usize = 12;
/// Entities considered for one span.
const MAX_CANDIDATES: usize = 24;
/// The last part of so many IRIs is what each of their bearers is of another thing, and no name: ".../birth/date".
const MANY: usize = 8;
/// Mentions considered for one question.
const MAX_MENTIONS: usize = 8;

// How well a name fits, by the way in which it was found. An exact label is certain; an alias or a code is
// nearly so; slips and missing words cost more, the more of the name they touch.
pub(crate) const FIT_LABEL: f64 = 1.0;
pub(crate) const FIT_ALIAS: f64 = 0.94;
pub(crate) const FIT_VALUE: f64 = 0.72;
const FIT_SLIP: f64 = 0.86;
/// What a name in the plural is worth beside one as it is written.
pub(crate) const PLURAL: f64 = 0.93;
const FIT_PARTIAL: f64 = 0.9;
pub(crate) const FIT_DERIVED: f64 = 0.88;

/// Finds mentions, the weightiest first. Names that the question has in small letters are marked as names.
pub fn link(question: &mut Question, index: &IndexReader) -> Result<Vec<Mention>, RetrieverError> {
    let mut mentions = exact(question, index)?;
    let mut peoples = places(question, index)?;
    if truecase(question, &mentions, &peoples) {
        // How much a mention tells depends on how it is written.
        mentions = exact(question, index)?;
        peoples = places(question, index)?;
    }
    let question = &*question;
    let tokens = &question.tokens;
    let covered = |span: &Range<usize>, mentions: &[Mention]| {
        mentions
            .iter()
            .any(|m| m.span.start <= span.start && span.end <= m.span.end)
    };
    let exact_only = mentions.clone();
    for span in spans(tokens, 4) {
        let content = span.clone().any(|at| question.is_content(at));
        // What is spelt as a word is no slip of a name.
        let word = span.len() == 1 && Word::of(&tokens[span.start].text).is_known();
        if !content
            || word
            || covered(&span, &exact_only)
            || is_bounded_by_function_words(tokens, &span)
        {
            continue;
        }
        let key = join(tokens, &span);
        let found = index.by_slip(&key, MAX_CANDIDATES)?;
        if !found.is_empty() {
            let candidates = found
                .into_iter()
                .map(|(_, entity)| (FIT_SLIP, entity))
                .collect();
            mentions.extend(mention(question, span, candidates));
        }
    }
    for mention in &mut mentions {
        with_article(question, index, mention)?;
    }
    let mut parts = partial(question, index, &exact_only)?;
    parts.extend(last_words(question, index, &exact_only)?);
    mentions.extend(parts);
    let coordinated = coordinated::find(question, index, &exact_only)?;
    mentions.retain(|m| !coordinated::are_within(&coordinated, m));
    mentions.extend(coordinated);
    mentions.extend(peoples);
    mentions.sort_by(|a, b| {
        b.weight
            .total_cmp(&a.weight)
            .then(a.span.start.cmp(&b.span.start))
    });
    let mut kept: Vec<Mention> = Vec::new();
    for mention in mentions {
        let same = kept.iter_mut().find(|m| m.span == mention.span);
        if let Some(same) = same {
            for candidate in mention.candidates {
                if !same
                    .candidates
                    .iter()
                    .any(|c| c.entity.iri == candidate.entity.iri)
                {
                    same.candidates.push(candidate);
                }
            }
            continue;
        }
        // What lies within a weightier mention is a part of that name, unless it is a name itself and the other
        // one is merely like some name.
        let is_name = |m: &Mention| m.candidates.iter().any(|c| c.fit >= FIT_ALIAS);
        let within = kept.iter().any(|m| {
            m.span.start <= mention.span.start
                && mention.span.end <= m.span.end
                && (is_name(m) || !is_name(&mention))
        });
        if !within && kept.len() < MAX_MENTIONS {
            kept.push(mention);
        }
    }
    Ok(kept)
}

/// The best entity of each mention, for callers who want entities alone.
pub fn best(question: &Question, mentions: &[Mention]) -> Vec<Linked> {
    mentions
        .iter()
        .filter_map(|mention| {
            let best = mention.candidates.first()?;
            let (first, last) = (
                &question.tokens[mention.span.start],
                &question.tokens[mention.span.end - 1],
            );
            Some(Linked {
                iri: best.entity.iri.clone(),
                label: best.entity.label.clone(),
                score: best.fit,
                start: first.start,
                end: last.end,
            })
        })
        .collect()
}

/// Marks what is a name as if it were written with capitals, as most people do not write to a machine: names in full of
/// which the last word is no common one, and words for the people of a place. Returns whether any was found.
fn truecase(question: &mut Question, named: &[Mention], places: &[Mention]) -> bool {
    let capitals = question.tokens.iter().skip(1).any(|token| token.capital);
    let full = named.iter().filter(|mention| {
        let full = mention.candidates.iter().any(|c| c.fit >= FIT_ALIAS);
        // "Lake Tahoe" is a name, and "tv director" is none. Who writes some names with capitals writes all of several
        // words so, as a rule; but what is no word at all is nothing else.
        let last = &question.tokens[mention.span.end - 1];
        let name = !last.capital && Word::of(&last.text).is_name();
        let strange = |at: usize| !Word::of(&question.tokens[at].text).is_known();
        let only = mention.span.len() == 1 || !capitals || mention.span.clone().all(strange);
        full && name && only
    });
    let people = places.iter().filter(|mention| {
        let word = Word::of(&question.tokens[mention.span.start].text);
        word.is_name() || !word.faiths().is_empty()
    });
    let spans: Vec<Range<usize>> = full.chain(people).map(|m| m.span.clone()).collect();
    let mut any = false;
    for span in spans {
        any |= question.truecase(&span);
    }
    any
}

fn exact(question: &Question, index: &IndexReader) -> Result<Vec<Mention>, RetrieverError> {
    let tokens = &question.tokens;
    let mut mentions = Vec::new();
    for span in spans(tokens, MAX_WORDS) {
        let key = join(tokens, &span);
        // "In percent" says how to combine.
        let combines = |at: usize| {
            let combining = question.combining.as_ref();
            combining.is_some_and(|(_, span)| span.contains(&at))
        };
        // "The same currency" is no town called Same.
        let shares = question.sharing[span.start] && !tokens[span.start].capital;
        // "Who runs IT" means a department, and nothing that was spoken of.
        let initials = parts::is_initials(question, &tokens[span.start]);
        let lone_function_word = span.len() == 1 && text::is_function_word(&key) && !initials;
        // Nor is "how many" a name, whatever is called so.
        let form = span.clone().all(|at| question.cue[at]);
        // "No" is no country's code here.
        let decides = span.len() == 1
            && question.decisive[span.start]
            && !question.put_in[span.start]
            && !tokens[span.start].capital
            && !key.starts_with(|c: char| c.is_ascii_digit());
        // Nor is the day of a date the number of anything.
        let mut bounds = question.threshold.iter().chain(&question.further);
        let dated = bounds.any(|bound| {
            let date = &bound.number.span;
            let within = date.start <= span.start && span.end <= date.end;
            bound.date.is_some() && within && span.len() < date.len()
        });
        if lone_function_word
            || form
            || dated
            || decides
            || (span.len() == 1 && (question.cue[span.start] || combines(span.start) || shares))
        {
            continue;
        }
        let mut named = named(index, &key, 1.0)?;
        if is_a_word(tokens, &span) {
            // Who is "born" somewhere is not Max Born, by his family name.
            named.retain(|(fit, entity)| *fit > FIT_VALUE || !has_as_a_part(entity, &key));
        }
        written::keep(question, &span, &mut named);
        let span = written::whole(question, &span, &mut named);
        let of_kind = named.is_empty();
        let other = || singular(tokens, &span).or_else(|| plural(tokens, &span));
        let candidates = match of_kind.then(other).flatten() {
            Some(key) => self::named(index, &key, PLURAL)?,
            None => named,
        };
        let found = mention(question, span, candidates);
        mentions.extend(found.map(|found| Mention { of_kind, ..found }));
    }
    Ok(mentions)
}

/// Whether a span is one word of common language, which is not written as a name is.
fn is_a_word(tokens: &[Token], span: &Range<usize>) -> bool {
    let word = &tokens[span.start];
    let known = Word::of(&word.text);
    span.len() == 1 && !word.capital && known.is_known() && !known.is_name()
}

/// Whether a word is one of several in the label of something.
fn has_as_a_part(entity: &EntityRecord, word: &str) -> bool {
    let words = text::tokens(&entity.label);
    words.len() > 1 && words.iter().any(|part| part.text == word)
}

/// Entities, each with how well a name of it fits.
type Fitting = Vec<(f64, EntityRecord)>;

/// What a name or a value stands for, each worth so much of what it is otherwise.
fn named(index: &IndexReader, key: &str, worth: f64) -> Result<Fitting, RetrieverError> {
    if !index.has_key(key)? {
        return Ok(Vec::new());
    }
    let mut found = index.by_key(key, MAX_CANDIDATES)?;
    let is_derived = |entity: &EntityRecord| !entity.labelled;
    if found
        .iter()
        .filter(|(_, entity)| is_derived(entity))
        .count()
        >= MANY
    {
        found.retain(|(_, entity)| !is_derived(entity));
    }
    let common = || !key.contains(' ') && Word::of(key).is_noun() && !Word::of(key).is_name();
    if found.len() >= MANY && found.iter().all(|(kind, _)| *kind != NameMatch::Label) && common() {
        // "Bug" of "Bug: it does not start" is what many are.
        found.retain(|(kind, _)| *kind == NameMatch::Value);
    }
    if key.contains(' ') && found.iter().any(|(kind, _)| *kind == NameMatch::Label) {
        // What is told with somebody's name is not called so.
        found.retain(|(kind, _)| *kind != NameMatch::Value);
    }
    let fit = |kind| match kind {
        NameMatch::Label => FIT_LABEL,
        NameMatch::Alias => FIT_ALIAS,
        NameMatch::Value => FIT_VALUE,
    };
    Ok(found
        .into_iter()
        .map(|(kind, entity)| (worth * fit(kind), entity))
        .collect())
}

/// The name in the singular, where its last word is a plural in small letters.
fn singular(tokens: &[Token], span: &Range<usize>) -> Option<String> {
    let last = &tokens[span.end - 1];
    let word = Word::of(&last.text);
    // "On Saturdays" is of each Saturday, while Jobs is no plural.
    let name = last.capital && !word.denotes("time");
    // "How many people": nobody is called so.
    let people = last.text == "people";
    if name || people || !word.is_plural(&last.text) || text::is_function_word(&last.text) {
        return None;
    }
    let lemma = word.lemmas.iter().find(|lemma| **lemma != last.text)?;
    let mut words: Vec<&str> = tokens[span.clone()]
        .iter()
        .map(|t| t.text.as_str())
        .collect();
    words.pop();
    words.push(lemma);
    Some(words.join(" "))
}

/// The name in the plural, where its last word is a noun in small letters for one thing: what groups things is often called
/// by all of them, as "Tents".
fn plural(tokens: &[Token], span: &Range<usize>) -> Option<String> {
    const LONGEST: usize = 3;
    let last = &tokens[span.end - 1];
    let word = Word::of(&last.text);
    let one = word.is_noun() && !word.is_plural(&last.text) && !last.capital;
    if !one || span.len() > LONGEST || text::is_function_word(&last.text) {
        return None;
    }
    let before: String = tokens[span.start..span.end - 1]
        .iter()
        .flat_map(|token| [token.text.as_str(), " "])
        .collect();
    let noun = last.text.as_str();
    let vowel = |stem: &str| stem.ends_with(['a', 'e', 'i', 'o', 'u']);
    let noun = match noun.strip_suffix('y').filter(|stem| !vowel(stem)) {
        Some(stem) => format!("{stem}ies"),
        None if ["s", "x", "z", "ch", "sh"]
            .iter()
            .any(|end| noun.ends_with(end)) =>
        {
            format!("{noun}es")
        }
        None => format!("{noun}s"),
    };
    Some(before + &noun)
}

/// How prominent an entity is beside the most prominent one of its name.
fn prior(entity: &EntityRecord, most: u64) -> f64 {
    let prior = (1.0 + entity.prominence() as f64).ln() / (1.0 + most as f64).ln().max(0.1);
    prior.min(1.0)
}

/// Weighs candidates against the most prominent one of them, and puts the better ones first.
fn put_in_order(candidates: &mut [Candidate]) {
    let most = candidates.iter().map(|c| c.entity.prominence()).max();
    for candidate in candidates.iter_mut() {
        candidate.prior = prior(&candidate.entity, most.unwrap_or_default());
    }
    candidates.sort_by(better);
}

/// The better candidates first.
fn better(a: &Candidate, b: &Candidate) -> std::cmp::Ordering {
    (b.fit + 0.2 * b.prior)
        .total_cmp(&(a.fit + 0.2 * a.prior))
        .then_with(|| a.entity.iri.cmp(&b.entity.iri))
}

/// Places of which the question names the people, or what is theirs: "French", "Panamanians"; and faiths: "Muslim".
fn places(question: &Question, index: &IndexReader) -> Result<Vec<Mention>, RetrieverError> {
    let mut mentions = Vec::new();
    for at in (0..question.tokens.len()).filter(|at| question.is_content(*at)) {
        let word = Word::of(&question.tokens[at].text);
        for place in word.places().into_iter().chain(word.faiths()) {
            // "South | American" is of South America.
            let before = at.checked_sub(1).filter(|at| question.is_content(*at));
            let longer = before.map(|before| {
                let key = format!("{} {place}", question.tokens[before].text);
                (before..at + 1, key)
            });
            for (span, key) in longer.into_iter().chain([(at..at + 1, place.to_owned())]) {
                let found = index.by_key(&key, MAX_CANDIDATES)?.into_iter();
                let named = found.filter(|(kind, _)| *kind != NameMatch::Value);
                let fit = |kind| match kind {
                    NameMatch::Label => FIT_DERIVED,
                    _ => FIT_DERIVED * FIT_ALIAS,
                };
                let candidates = named.map(|(kind, entity)| (fit(kind), entity)).collect();
                mentions.extend(mention(question, span, candidates));
            }
        }
    }
    Ok(mentions)
}

fn mention(
    question: &Question,
    span: Range<usize>,
    found: Vec<(f64, EntityRecord)>,
) -> Option<Mention> {
    let mut candidates: Vec<Candidate> = found
        .into_iter()
        .map(|(fit, entity)| Candidate {
            entity,
            fit,
            prior: 0.0,
        })
        .collect();
    put_in_order(&mut candidates);
    let weight = weight(question, &span) * candidates.first()?.fit;
    Some(Mention {
        span,
        candidates,
        weight,
        of_kind: false,
    })
}

/// How much of a question a span explains: its letters, more where they are written as a name is, less
/// where the words are common ones that happen to be a name as well.
pub fn weight(question: &Question, span: &Range<usize>) -> f64 {
    let tokens = &question.tokens;
    let written_with_capitals = tokens.iter().skip(1).any(|t| t.capital);
    span.clone()
        .map(|at| {
            let token = &tokens[at];
            let letters = token.text.chars().count() as f64;
            if !question.is_content(at) {
                // A short word inside a name counts a little, so that the whole name wins over a part.
                1.0
            } else if written_with_capitals && !token.capital {
                0.4 * letters
            } else {
                letters
            }
        })
        .sum()
}

fn spans(tokens: &[Token], longest: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let count = tokens.len().min(64);
    (0..count).flat_map(move |start| {
        (start + 1..=(start + longest).min(count)).map(move |end| start..end)
    })
}

fn is_bounded_by_function_words(tokens: &[Token], span: &Range<usize>) -> bool {
    let function = |at: usize| {
        tokens
            .get(at)
            .is_some_and(|t| text::is_function_word(&t.text))
    };
    function(span.start) || function(span.end - 1)
}

fn join(tokens: &[Token], span: &Range<usize>) -> String {
    let words: Vec<&str> = tokens[span.clone()]
        .iter()
        .map(|t| t.text.as_str())
        .collect();
    words.join(" ")
}
