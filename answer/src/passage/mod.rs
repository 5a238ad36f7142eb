//! Finds the span of a passage that answers a question.
//!
//! What comes out is always a piece of a passage, word for word, in a sentence that speaks of what the question is
//! about. Nothing here knows a domain: names are told by their capitals, kinds of answers by question words and by what
//! WordNet says of nouns.

mod asked;
mod fit;
mod kind;
mod named;
mod said;
mod sentence;
mod spans;
mod subject;

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use retriever::text;

pub(crate) use asked::Asked;
use fit::Saying;
use kind::Kind;
pub(crate) use named::names;
use sentence::Words;
use subject::Naming;

/// Sentences that are compared with the question by meaning.
const MOST_COMPARED: usize = 16;
/// From here on a sentence says the words of the question.
const SAID: f64 = 0.6;
/// The longest text that is cited for one answer, in bytes.
const LONGEST_CITED: usize = 800;
/// Sentences of a later passage count as if so many came before them.
const LATER: usize = 4;

/// A passage to find an answer in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    /// The title of its document.
    pub(crate) title: Option<&'a str>,
    /// The passage.
    pub(crate) text: &'a str,
    /// Whether it is the beginning of its document.
    pub(crate) first: bool,
}

/// A span that may answer.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    /// The number of its passage.
    pub(crate) passage: usize,
    /// Its sentence, in bytes of the passage.
    pub(crate) sentence: Range<usize>,
    /// The span, in bytes of the passage.
    pub(crate) span: Range<usize>,
    /// How well it answers, from 0 to 1.
    pub(crate) score: f64,
}

/// A sentence that speaks of what is asked about.
struct Sentence<'a> {
    passage: usize,
    place: usize,
    range: Range<usize>,
    words: Words<'a>,
    asked: Cow<'a, Asked>,
    naming: Naming,
    /// How far it says the words of the question.
    relation: f64,
    /// How near its meaning is to that of the question, where it was compared.
    meaning: f64,
}

/// Compares sentences with the question by meaning: one number for each, or nothing where nothing can compare.
type Near<'a, E> = &'a mut dyn FnMut(&[&str]) -> Result<Option<Vec<f64>>, E>;

/// The spans of passages that may answer, best first, each text once.
pub(crate) fn spans<E>(
    question: &str,
    asked: &Asked,
    passages: &[Text<'_>],
    most: usize,
    near: Near<'_, E>,
) -> Result<Vec<Span>, E> {
    let mut sentences = sentences(question, asked, passages);
    compare(&mut sentences, near)?;
    let mut found: Vec<Span> = Vec::new();
    for sentence in &sentences {
        of_sentence(sentence, &passages[sentence.passage], &mut found);
    }
    found.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| (a.passage, a.span.start).cmp(&(b.passage, b.span.start)))
    });
    let mut seen = HashSet::new();
    found.retain(|span| {
        span.score > 0.0 && seen.insert(text::key(&passages[span.passage].text[span.span.clone()]))
    });
    found.truncate(most);
    Ok(found)
}

/// The sentences that speak of what is asked about.
fn sentences<'a>(question: &str, asked: &'a Asked, passages: &[Text<'a>]) -> Vec<Sentence<'a>> {
    let mut found = Vec::new();
    for (passage, text) in passages.iter().enumerate() {
        let asked = if asked.subjects.is_empty() {
            // Without capitals, only a title can tell what of the question is a name.
            let title = text.title.map(subject::bare);
            match title.and_then(|title| asked.about(question, title)) {
                Some(asked) => Cow::Owned(asked),
                None => continue,
            }
        } else {
            Cow::Borrowed(asked)
        };
        let title = text
            .title
            .map_or(0.0, |title| subject::titled(title, &asked));
        for (place, range) in sentence::sentences(text.text).into_iter().enumerate() {
            let words = Words::of(&text.text[range.clone()]);
            // What stands further on in its document may speak of something else by then.
            let place = if text.first { place } else { place + LATER };
            let naming = subject::naming(&words, &asked, title, place);
            if naming.strength == 0.0 {
                continue;
            }
            let relation = Saying::new(&words, &asked, &naming, 0.0).relation();
            found.push(Sentence {
                passage,
                place,
                range,
                words,
                asked: asked.clone(),
                naming,
                relation,
                meaning: 0.0,
            });
        }
    }
    found
}

/// Compares by meaning the sentences that do not say the question's words.
fn compare<E>(sentences: &mut [Sentence<'_>], near: Near<'_, E>) -> Result<(), E> {
    let mut wordless: Vec<usize> = (0..sentences.len())
        .filter(|at| sentences[*at].relation < SAID)
        .collect();
    wordless.sort_by(|a, b| {
        let key = |at: &usize| sentences[*at].naming.strength + sentences[*at].relation;
        key(b).total_cmp(&key(a)).then(a.cmp(b))
    });
    wordless.truncate(MOST_COMPARED);
    if wordless.is_empty() {
        return Ok(());
    }
    let texts: Vec<&str> = wordless
        .iter()
        .map(|at| sentences[*at].words.text)
        .collect();
    if let Some(values) = near(&texts)? {
        for (at, value) in wordless.iter().zip(values) {
            sentences[*at].meaning = value;
        }
    }
    Ok(())
}

/// "She wrote it" answers who wrote it where the passage is about her: with the sentence that names her, up to this one.
fn by_pronoun(sentence: &Sentence<'_>, passage: &Text<'_>, score: f64) -> Option<Span> {
    let words = &sentence.words;
    let pronoun = matches!(words.word(0), "he" | "she");
    if !pronoun || sentence.asked.kind != Kind::Person || sentence.naming.by_title {
        return None;
    }
    let name = subject::bare(passage.title?);
    let at = passage.text[..sentence.range.start].find(name)?;
    let opening = sentence::sentences(passage.text)
        .into_iter()
        .find(|range| range.contains(&at))?;
    let cited = opening.start..sentence.range.end;
    (cited.len() <= LONGEST_CITED).then(|| Span {
        passage: sentence.passage,
        sentence: cited,
        span: at..at + name.len(),
        score,
    })
}

fn of_sentence(sentence: &Sentence<'_>, passage: &Text<'_>, found: &mut Vec<Span>) {
    let Sentence {
        words,
        asked,
        naming,
        ..
    } = sentence;
    let saying = Saying::new(words, asked, naming, sentence.meaning);
    let early = if naming.by_title {
        0.98f64.powi(sentence.place.min(10) as i32)
    } else {
        0.9
    };
    found.extend(by_pronoun(sentence, passage, saying.of_its_pronoun()));
    let told = passage.title.and_then(subject::told_apart).map(text::key);
    for candidate in spans::candidates(words, asked.kind, &naming.spans) {
        let (first, last) = (
            &words.tokens[candidate.span.start],
            &words.tokens[candidate.span.end - 1],
        );
        let by_title = told
            .as_ref()
            .is_some_and(|told| *told == text::key(words.written(&candidate.span)));
        found.push(Span {
            passage: sentence.passage,
            sentence: sentence.range.clone(),
            span: sentence.range.start + first.start..sentence.range.start + last.end,
            score: (saying.score(&candidate) * early * if by_title { 1.1 } else { 1.0 }).min(1.0),
        });
    }
}
