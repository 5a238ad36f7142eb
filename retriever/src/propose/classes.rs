//! Class words of a question.

use std::ops::Range;
use std::sync::Arc;

use super::values::ValueMention;
use crate::RetrieverError;
use crate::catalog::{Catalog, Phrase, cosine};
use crate::graph::Way;
use crate::question::{Question, leads_somewhere};
use crate::rank::{Matcher, RELATIONAL};
use crate::retrieve::Encoder;
use crate::text;
use crate::thesaurus::Word;

/// Classes whose names are compared by meaning, those with the most things; and classes that one noun may name so.
const MOST_COMPARED: usize = 256;
const MOST_SIMILAR: usize = 2;
/// Names less alike than the first are not; those as alike as the second are synonyms. Cosines of MiniLM for short
/// noun phrases.
const UNLIKE: f64 = 0.5;
const SYNONYM: f64 = 0.8;
/// A name in other words fits this well at the most, and counts from the second on.
const FIT_SIMILAR: f64 = 0.9;
const LEAST_SIMILAR: f64 = 0.35;
/// A word for the head of a name counts this much as one for the name.
const OF_HEAD: f64 = 0.8;
/// Names this close may stand for each other where what is said of the things fits as well, and both together this well.
const NEAR: f64 = 0.4;
const WELL: f64 = 0.6;
/// A word this like one of a predicate's name is that word.
const VERY_WORD: f64 = 0.95;

/// Classes fit about as well within this.
const ABOUT: f64 = 0.1;
/// What a plural fits the name of a class.
const SEVERAL: f64 = 0.97;

/// A span of the question that names a class.
#[derive(Clone, Debug)]
pub struct ClassMention {
    /// The tokens.
    pub span: Range<usize>,
    /// The class.
    pub class: usize,
    /// How well the words fit its name, from 0 to 1.
    pub fit: f64,
    /// Whether the name says more than the words: of papers, "conference papers" are some.
    pub narrower: bool,
}

/// Finds class words, singular or plural, the longest first. Where one lies within another, the longer one
/// is meant.
pub(super) fn find(question: &Question, catalog: &Catalog) -> Vec<ClassMention> {
    let tokens = &question.tokens;
    let mut found: Vec<ClassMention> = Vec::new();
    for (number, class) in catalog.classes().iter().enumerate() {
        for name in &class.names {
            let length = name.tokens.len();
            if length == 0 || length > 5 || class.instances == 0 {
                continue;
            }
            for start in 0..(tokens.len() + 1).saturating_sub(length) {
                let span = start..start + length;
                if is_verb(question, start) || !span.clone().any(|at| question.is_content(at)) {
                    continue;
                }
                let fit = tokens[span.clone()]
                    .iter()
                    .zip(&name.tokens)
                    .map(|(a, b)| {
                        let several = is_several_of(&a.text, &b.text);
                        let spelt = text::word_likeness(&a.text, &a.stem, &b.text, &b.stem);
                        let like = if several { SEVERAL } else { spelt };
                        // A derived word is another word: a capital is no capitalist, and who interacts is no
                        // interaction.
                        let same = a.text == b.text || are_one(&a.text, &b.text);
                        if like < 0.89 || !same { 0.0 } else { like }
                    })
                    .fold(1.0, f64::min);
                if fit > 0.0 {
                    found.push(ClassMention {
                        span,
                        class: number,
                        fit,
                        narrower: false,
                    });
                }
            }
        }
    }
    found.sort_by(|a, b| {
        let instances = |m: &ClassMention| catalog.classes()[m.class].instances;
        b.span
            .len()
            .cmp(&a.span.len())
            .then(b.fit.total_cmp(&a.fit))
            .then(instances(b).cmp(&instances(a)))
    });
    let mut kept: Vec<ClassMention> = Vec::new();
    for mention in found {
        let within = kept.iter().any(|k| {
            k.span.start <= mention.span.start
                && mention.span.end <= k.span.end
                && k.span != mention.span
        });
        let known = kept
            .iter()
            .any(|k| k.span == mention.span && k.class == mention.class);
        if !within && !known {
            kept.push(mention);
        }
    }
    kept.truncate(8);
    kept
}

/// Whether a word stands where a verb does: "who | runs it", "the river that | flows through it", "which firm | supplies it". "The
/// courses that students take" has the verb behind the noun.
fn is_verb(question: &Question, at: usize) -> bool {
    let word = |at: usize| {
        question
            .tokens
            .get(at)
            .map_or("", |token| token.text.as_str())
    };
    let object = question.tokens.get(at + 1).is_none_or(|next| {
        next.capital || text::is_function_word(&next.text) || leads_somewhere(&next.text)
    });
    match at {
        0 => false,
        _ if question.asked == Some(at - 1) => true,
        1 => word(0) == "who",
        _ => {
            object
                && matches!(word(at - 1), "that" | "who" | "which")
                && question.is_content(at - 2)
        }
    }
}

/// Whether a word is the plural of a noun, however it is spelt: "people" of "person".
fn is_several_of(word: &str, noun: &str) -> bool {
    let known = Word::of(word);
    word != noun && known.is_plural(word) && known.lemmas.iter().any(|lemma| lemma == noun)
}

/// Whether two words are forms of one, as far as they are known. What is "stationed" is no station.
fn are_one(a: &str, b: &str) -> bool {
    let (one, other) = (Word::of(a), Word::of(b));
    if one.is_participle(a) && !other.is_participle(b) {
        return false;
    }
    let is = |word: &Word, text: &str| word.lemmas.iter().any(|lemma| lemma == text);
    let shared = || one.lemmas.iter().any(|lemma| is(&other, lemma));
    !one.is_known() || !other.is_known() || is(&one, b) || is(&other, a) || shared()
}

/// Adds class words that are in other words than the names of the classes: "disorders" for diseases, "air handlers" for
/// air handling units. The noun for what is asked and nouns in the plural are tried, where no class is named by them.
pub(super) fn similar(
    question: &Question,
    matcher: &mut Matcher<'_>,
    encoder: Option<&dyn Encoder>,
    taken: &dyn Fn(usize) -> bool,
    values: &[ValueMention],
    found: &mut Vec<ClassMention>,
) -> Result<(), RetrieverError> {
    let catalog = matcher.catalog();
    let mut classes: Vec<usize> = (0..catalog.classes().len())
        .filter(|class| catalog.classes()[*class].instances > 0)
        .collect();
    classes.sort_by_key(|class| {
        (
            std::cmp::Reverse(catalog.classes()[*class].instances),
            *class,
        )
    });
    classes.truncate(MOST_COMPARED);
    if classes.is_empty() {
        return Ok(());
    }
    let name = |at: usize| at > 0 && question.tokens[at].capital;
    let free =
        |at: usize| question.is_content(at) && !taken(at) && !name(at) && !is_verb(question, at);
    let plural = |at: usize| {
        let token = &question.tokens[at].text;
        Word::of(token).is_plural(token)
    };
    let named: Vec<Range<usize>> = found.iter().map(|mention| mention.span.clone()).collect();
    for at in (0..question.tokens.len()).filter(|at| free(*at)) {
        // "Who directed | the film with".
        let article = at.checked_sub(1).is_some_and(|before| {
            matches!(question.tokens[before].text.as_str(), "the" | "a" | "an")
        });
        let one = article && matcher.relational()?[at] < RELATIONAL;
        let asked = question.asked == Some(at) || plural(at) || one;
        // "Male children" are children of whom something is told.
        let value = |at: usize| values.iter().any(|value| value.span == (at..at + 1));
        let modifies = value(at) && at + 1 < question.tokens.len() && free(at + 1);
        if !asked || modifies || named.iter().any(|span| span.contains(&at)) {
            continue;
        }
        // "Air handlers" as a whole, else the noun alone, as in "the first | movie".
        let ranks = |at: usize| {
            let order = question.superlative.as_ref();
            order.is_some_and(|order| order.span.contains(&at))
        };
        let before = at
            .checked_sub(1)
            .filter(|before| !value(*before) && !ranks(*before))
            .filter(|before| free(*before) && !named.iter().any(|span| span.contains(before)));
        let spans = before.into_iter().chain([at]).map(|from| from..at + 1);
        for span in spans {
            let mut like = Vec::new();
            let meaning = match encoder {
                Some(encoder) => {
                    let words = [question.written(&span)];
                    catalog
                        .vectors()
                        .of(&words, encoder)?
                        .pop()
                        .zip(Some(encoder))
                }
                None => None,
            };
            for &class in &classes {
                if span.len() == 1 && is_nobody_else(matcher, class, at) {
                    continue;
                }
                let (mut fit, close) = likeness(question, catalog, meaning.as_ref(), &span, class)?;
                if fit < WELL && close >= NEAR && may_be_one(matcher, class, at)? {
                    // What is said of its things may tell what its name leaves open.
                    let name = (close - NEAR) / (SYNONYM - NEAR);
                    let both = 0.5 * (name + by_profile(matcher, class, at)?);
                    fit = if both >= WELL { both } else { fit };
                }
                if fit >= LEAST_SIMILAR {
                    like.push(ClassMention {
                        span: span.clone(),
                        class,
                        fit: FIT_SIMILAR * fit,
                        narrower: is_narrower(question, catalog, &span, class),
                    });
                }
            }
            let mut like: Vec<ClassMention> = like
                .iter()
                .filter(|own| !is_outnumbered(catalog, own, &like))
                .cloned()
                .collect();
            like.sort_by(|a, b| b.fit.total_cmp(&a.fit));
            like.truncate(MOST_SIMILAR);
            if !like.is_empty() {
                found.extend(like);
                break;
            }
        }
    }
    Ok(())
}

/// Whether the names of a class say more than the words do, beside another class which fits about as well and has more things:
/// "countries" are sovereign states rather than island nations.
fn is_outnumbered(catalog: &Catalog, own: &ClassMention, like: &[ClassMention]) -> bool {
    let things = |mention: &ClassMention| catalog.classes()[mention.class].instances;
    let mut names = catalog.classes()[own.class].names.iter();
    names.all(|name| name.tokens.len() > own.span.len())
        && like
            .iter()
            .any(|other| other.fit >= own.fit - ABOUT && things(other) > things(own))
}

/// Whether all names of a class say more of its things than a noun does that is the head of one of them.
fn is_narrower(question: &Question, catalog: &Catalog, span: &Range<usize>, class: usize) -> bool {
    let names = &catalog.classes()[class].names;
    let noun = &question.tokens[span.end - 1];
    let head = |name: &Phrase| {
        let last = name.tokens.last();
        name.tokens.len() > span.len() && last.is_some_and(|last| last.stem == noun.stem)
    };
    let longer = names.iter().all(|name| name.tokens.len() > span.len());
    longer && names.iter().any(head) && !is_only_one(catalog, &noun.stem, class)
}

/// Whether all classes with things that have a noun as their head are within one: where there are music artists alone, these
/// are the artists.
fn is_only_one(catalog: &Catalog, noun: &str, class: usize) -> bool {
    let called = |other: usize| {
        let mut heads = catalog.classes()[other]
            .names
            .iter()
            .filter_map(Phrase::head_word);
        catalog.classes()[other].instances > 0 && heads.any(|head| head.stem == noun)
    };
    called(class)
        && (0..catalog.classes().len())
            .filter(|other| called(*other))
            .all(|other| catalog.is_within(other, class))
}

/// Whether a noun may be one for the things of a class at all: none that asks for a predicate, and none for people where
/// they are nobody. "Papers" are only like the word of "year of publication".
fn may_be_one(matcher: &mut Matcher<'_>, class: usize, at: usize) -> Result<bool, RetrieverError> {
    let word = matcher.word(at);
    let least = if Word::of(word).is_plural(word) {
        VERY_WORD
    } else {
        RELATIONAL
    };
    Ok(matcher.relational()?[at] < least && !is_nobody_else(matcher, class, at))
}

/// Whether a noun for people stands beside a class whose things are nobody: no artist is a painting, however close the words are.
fn is_nobody_else(matcher: &Matcher<'_>, class: usize, at: usize) -> bool {
    // "Lines" are no plural of Lin.
    let lemmas = &Word::of(matcher.word(at)).lemmas;
    let first = |lemma: &String| Word::of(lemma).categories.first() == Some(&"person");
    let person = !lemmas.is_empty() && lemmas.iter().all(first);
    let noun = matcher.catalog().classes()[class].noun();
    person && noun.is_some_and(|noun| noun.is_nobody())
}

/// How far a noun is one for the things of a class by what is said of them: for what has authors and a title.
fn by_profile(matcher: &mut Matcher<'_>, class: usize, at: usize) -> Result<f64, RetrieverError> {
    let catalog = matcher.catalog();
    let mut best = 0.0_f64;
    for &number in &catalog.classes()[class].telling {
        best = best.max(matcher.kind_words(number, Way::Inverse)?[at]);
    }
    Ok(best)
}

/// Whether a noun only tells things of a name apart: a band membership is no band, whatever both have to do with.
fn is_modified_by(name: &Phrase, noun: &str) -> bool {
    let of = name.tokens.iter().position(|token| token.text == "of");
    let head = of.unwrap_or(name.tokens.len()).saturating_sub(1);
    let is = |at: usize| name.tokens[at].stem == noun;
    (0..name.tokens.len()).any(is) && !is(head)
}

/// How far some words stand for a class, by meaning and by the thesaurus; and how close they are to its names.
fn likeness(
    question: &Question,
    catalog: &Catalog,
    meaning: Option<&(Arc<[f32]>, &dyn Encoder)>,
    span: &Range<usize>,
    class: usize,
) -> Result<(f64, f64), RetrieverError> {
    let names = &catalog.classes()[class].names;
    let (mut best, mut closest) = (0.0_f64, 0.0_f64);
    if let [token] = &question.tokens[span.clone()] {
        let word = Word::of(&token.text);
        for name in names.iter().filter(|name| name.tokens.len() == 1) {
            best = best.max(word.likeness(&Word::of(&name.tokens[0].text)));
        }
        // "Countries" are sovereign states.
        for head in names.iter().filter_map(Phrase::head_word) {
            let own = head.stem == token.stem && is_only_one(catalog, &token.stem, class);
            let worth = if own { 1.0 } else { OF_HEAD };
            best = best.max(worth * word.likeness(&Word::of(&head.text)));
        }
    }
    if let Some((own, encoder)) = meaning {
        let noun = &question.tokens[span.end - 1];
        let texts: Vec<&str> = names
            .iter()
            .filter(|name| !is_modified_by(name, &noun.stem))
            .take(4)
            .map(|name| name.text.as_str())
            .collect();
        for name in catalog.vectors().of(&texts, *encoder)? {
            let close = cosine(own, &name);
            closest = closest.max(close);
            best = best.max(((close - UNLIKE) / (SYNONYM - UNLIKE)).clamp(0.0, 1.0));
        }
    }
    Ok((best, closest))
}
