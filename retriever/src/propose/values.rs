//! Values that a question names: "left-handed pitchers", "radioactive elements".

use std::collections::HashMap;
use std::ops::Range;

use crate::catalog::{Catalog, Predicate, Value};
use crate::graph::Bound;
use crate::question::Question;
use crate::text::{self, Token};
use crate::thesaurus::Word;

/// A span of the question that names a value which many things have.
#[derive(Clone, Debug)]
pub(crate) struct ValueMention {
    /// The tokens.
    pub(crate) span: Range<usize>,
    /// The predicate.
    pub(crate) predicate: usize,
    /// The value.
    pub(crate) value: Bound,
    /// How well the words fit it, from 0 to 1.
    pub(crate) fit: f64,
}

/// Mentions that are kept.
const MOST: usize = 8;
/// A derived word is another word.
const LEAST_LIKENESS: f64 = 0.89;
/// A predicate that is true of a thing is a word for the thing itself, but other words are likelier ones.
const FIT_TRUE: f64 = 0.9;
/// A value that is the name of a place, which a word for its people or for what is theirs comes from.
const FIT_PLACE: f64 = 0.94;
/// A value that is named by its beginning alone.
const FIT_BEGINNING: f64 = 0.93;

/// Finds the values that a question names, the longest names first.
pub(super) fn find(question: &Question, catalog: &Catalog) -> Vec<ValueMention> {
    let mut found = Vec::new();
    let words = question.tokens.iter().map(|token| Word::of(&token.text));
    let places: Vec<Vec<&str>> = words.map(|word| word.places()).collect();
    for (number, predicate) in catalog.predicates().iter().enumerate() {
        for value in &predicate.values {
            match truth(value) {
                Some(true) => found.extend(is_true(question, number, predicate, value)),
                Some(false) => {}
                None => {
                    let words = &value.phrase.tokens;
                    found.extend(mentions(question, number, value, words, 1.0));
                    found.extend(by_its_beginning(question, number, value));
                    found.extend(of_a_place(question, &places, number, value));
                }
            }
        }
    }
    take_together(&mut found);
    found.sort_by(|a, b| {
        let longer = b.span.len().cmp(&a.span.len());
        longer
            .then(b.fit.total_cmp(&a.fit))
            .then(a.predicate.cmp(&b.predicate))
    });
    // "No flights" are none, whatever country has this for its code.
    found.retain(|mention| {
        let mut words = mention.span.clone();
        !words.all(|at| question.negations.contains(&at))
    });
    found.truncate(MOST);
    found
}

fn truth(value: &Value) -> Option<bool> {
    let typed = value.term.ends_with("XMLSchema#boolean>");
    typed.then_some(matches!(value.phrase.text.as_str(), "true" | "1"))
}

/// Where the words of a predicate of which truth is a value say that it is true.
fn is_true(
    question: &Question,
    number: usize,
    predicate: &Predicate,
    value: &Value,
) -> Vec<ValueMention> {
    let mut found = Vec::new();
    for name in &predicate.names {
        // What is true now: "still active".
        let now = |word: &str| matches!(word, "still" | "currently" | "now" | "already");
        let content = |token: &&Token| !text::is_function_word(&token.text) && !now(&token.text);
        let words: Vec<Token> = name.tokens.iter().filter(content).cloned().collect();
        found.extend(mentions(question, number, value, &words, FIT_TRUE));
    }
    found
}

/// Where only what stands before the first comma is named: "University of Kyoto" of "University of Kyoto, Japan".
fn by_its_beginning(question: &Question, number: usize, value: &Value) -> Vec<ValueMention> {
    let phrase = &value.phrase;
    let Some(comma) = phrase.text.find(',') else {
        return Vec::new();
    };
    let count = phrase.tokens.iter().take_while(|token| token.end <= comma);
    let words = &phrase.tokens[..count.count()];
    let mut found = mentions(question, number, value, words, FIT_BEGINNING);
    // One word must be written as a name is.
    found.retain(|m| m.span.len() > 1 || question.tokens[m.span.start].capital);
    found
}

/// Where a place is named by the word for what is there: "South American" for "South America". `places` are those that each
/// word of the question comes from.
fn of_a_place(
    question: &Question,
    places: &[Vec<&str>],
    number: usize,
    value: &Value,
) -> Vec<ValueMention> {
    let Some((place, before)) = value.phrase.tokens.split_last() else {
        return Vec::new();
    };
    let of_place = |at: usize| places[at].contains(&place.text.as_str());
    let mut found = Vec::new();
    for at in before.len()..question.tokens.len() {
        let start = at - before.len();
        let mut pairs = question.tokens[start..at].iter().zip(before);
        if of_place(at) && pairs.all(|(said, word)| said.text == word.text) {
            found.push(ValueMention {
                span: start..at + 1,
                predicate: number,
                value: value_of(value),
                fit: FIT_PLACE,
            });
        }
    }
    found
}

/// Makes one of those that begin alike, of which none is told apart.
fn take_together(found: &mut Vec<ValueMention>) {
    let mut places: HashMap<(Range<usize>, usize, String), usize> = HashMap::new();
    let mut kept: Vec<ValueMention> = Vec::new();
    for mention in found.drain(..) {
        let Some(beginning) = beginning(&mention) else {
            kept.push(mention);
            continue;
        };
        let key = (mention.span.clone(), mention.predicate, beginning.clone());
        match places.get(&key) {
            Some(&place) => kept[place].value = Bound::Beginning(beginning),
            None => {
                places.insert(key, kept.len());
                kept.push(mention);
            }
        }
    }
    *found = kept;
}

/// What stands before the first comma of a value that is named by it.
fn beginning(mention: &ValueMention) -> Option<String> {
    match &mention.value {
        Bound::Literal { text, .. } if mention.fit == FIT_BEGINNING => {
            text.split(',').next().map(str::to_owned)
        }
        _ => None,
    }
}

fn value_of(value: &Value) -> Bound {
    Bound::Literal {
        term: value.term.clone(),
        text: value.phrase.text.clone(),
    }
}

fn mentions(
    question: &Question,
    predicate: usize,
    value: &Value,
    words: &[Token],
    fit: f64,
) -> Vec<ValueMention> {
    if words.is_empty() {
        return Vec::new();
    }
    let windows = question.tokens.windows(words.len()).enumerate();
    let like = |window: &[Token]| {
        let pairs = window.iter().zip(words);
        let each = pairs.map(|(a, b)| text::word_likeness(&a.text, &a.stem, &b.text, &b.stem));
        each.fold(1.0, f64::min)
    };
    windows
        .filter(|(start, window)| {
            let content = (*start..start + window.len()).any(|at| question.is_content(at));
            content && like(window) >= LEAST_LIKENESS
        })
        .map(|(start, window)| ValueMention {
            span: start..start + window.len(),
            predicate,
            value: value_of(value),
            fit: fit * like(window),
        })
        .collect()
}
