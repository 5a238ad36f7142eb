//! Whether a passage is about what a question is about.
//!
//! A passage that does not name it cannot answer, however like the question it sounds.

use std::ops::Range;

use retriever::text;
use retriever::thesaurus::Word;

use super::asked::Asked;
use super::named::words;
use super::sentence::Words;
use super::spans::is_month;

/// How well a title names the subject of a question, from 0 to 1.
pub(crate) fn titled(title: &str, asked: &Asked) -> f64 {
    let bare = bare(title);
    let all = words(bare);
    let before_comma = words(bare.split(',').next().unwrap_or_default());
    let fit = |way: &Vec<String>| {
        if way.is_empty() {
            0.0
        } else if *way == all || *way == before_comma {
            1.0
        } else if is_longer_form(way, &all) || is_longer_form(&all, way) {
            0.9
        } else {
            0.0
        }
    };
    asked.subjects.iter().flatten().map(fit).fold(0.0, f64::max)
}

/// A title without the words in parentheses that tell it from others.
pub(crate) fn bare(title: &str) -> &str {
    let bare = title.split(" (").next().unwrap_or_default().trim();
    if bare.is_empty() { title } else { bare }
}

/// What the parentheses of a title say.
pub(crate) fn told_apart(title: &str) -> Option<&str> {
    let (_, rest) = title.split_once(" (")?;
    rest.strip_suffix(')')
}

/// "Henry Master Feilden" is a longer form of "Henry Feilden": the same first and last word, all in order.
fn is_longer_form(short: &[String], long: &[String]) -> bool {
    if short.len() < 2 || short.first() != long.first() || short.last() != long.last() {
        return false;
    }
    let mut rest = long.iter();
    short.iter().all(|word| rest.any(|other| other == word))
}

/// The places in a sentence where it names a subject as a whole, not as a part of a longer name.
pub(crate) fn mentions(sentence: &Words<'_>, way: &[String], capitals: bool) -> Vec<Range<usize>> {
    if way.is_empty() {
        return Vec::new();
    }
    let tokens = &sentence.tokens;
    let last = (tokens.len() + 1).saturating_sub(way.len());
    (0..last)
        .filter(|&at| {
            tokens[at..]
                .iter()
                .zip(way)
                .all(|(t, word)| t.text == *word)
        })
        .map(|at| at..at + way.len())
        .filter(|span| {
            let written =
                |t: &text::Token| t.capital || t.text.starts_with(|c: char| c.is_ascii_digit());
            if !capitals {
                return true;
            }
            let named = span
                .clone()
                .all(|at| written(&tokens[at]) || text::is_function_word(&tokens[at].text))
                || span.clone().any(|at| written(&tokens[at])) && span.len() > 2;
            let joined = |gap: &str| gap == " " || gap == "-";
            let after =
                tokens.get(span.end).is_some_and(|t| t.capital) && joined(sentence.gap(span.end));
            // "Captain Merrow" is Merrow; "Ada Merrow" need not be. A sentence begins with a capital anyway.
            let before = span.start > 0
                && tokens[span.start - 1].capital
                && joined(sentence.gap(span.start))
                && !Word::of(&tokens[span.start - 1].text).denotes("person")
                && !(span.start == 1 && text::is_function_word(&tokens[0].text));
            // "Gone with the Wind" is not "Gone".
            let goes_on = way.len() == 1
                && matches!(sentence.word(span.end), "of" | "with")
                && (1..3).any(|n| tokens.get(span.end + n).is_some_and(|t| t.capital));
            let small = way.iter().all(|word| text::is_function_word(word)) && span.start == 0;
            // "10 April" is a date.
            let dated = way.len() == 1
                && is_month(&way[0])
                && (sentence.is_number(span.end)
                    || span.start > 0 && sentence.is_number(span.start - 1));
            let longer = dated || after || goes_on || (before && way.len() == 1);
            named && !longer && !small
        })
        .collect()
}

/// What a sentence says of whom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Naming {
    /// How sure it is that the sentence is about the subject, from 0 to 1.
    pub(crate) strength: f64,
    /// The words that name it.
    pub(crate) spans: Vec<Range<usize>>,
    /// Whether the passage's title names it.
    pub(crate) by_title: bool,
}

/// Whether a sentence is about all subjects. `title` is how well the title names one, `number` the sentence's place.
pub(crate) fn naming(sentence: &Words<'_>, asked: &Asked, title: f64, number: usize) -> Naming {
    let mut found = Naming::default();
    let mut missing = 0;
    for ways in &asked.subjects {
        let spans: Vec<Range<usize>> = ways
            .iter()
            .flat_map(|way| mentions(sentence, way, asked.capitals))
            .collect();
        if spans.is_empty() {
            missing += 1;
        }
        found.spans.extend(spans);
    }
    found.by_title = title > 0.0;
    found.strength = match missing {
        0 => 1.0,
        1 if title > 0.0 => {
            let short = asked.subjects.iter().flatten().any(|way| {
                let part = |w: &String| {
                    w.len() > 2
                        && sentence
                            .tokens
                            .iter()
                            .take(8)
                            .any(|t| t.capital && t.text == *w)
                };
                way.first().is_some_and(part) || way.last().is_some_and(part)
            });
            let pronoun = sentence.tokens.iter().take(4).any(|t| {
                matches!(
                    t.text.as_str(),
                    "he" | "she" | "it" | "they" | "his" | "her" | "its" | "their"
                )
            });
            title
                * if number == 0 || short || pronoun {
                    0.95
                } else {
                    0.7
                }
        }
        _ => 0.0,
    };
    // What stands before the verb of a titled passage is its subject, even where it is spelt out otherwise.
    if found.by_title && found.spans.is_empty() && number == 0 {
        let name = (0..sentence.tokens.len().min(12))
            .take_while(|&at| {
                sentence.tokens[at].capital
                    || at > 0 && sentence.gap(at) == " " && sentence.word(at).len() < 4
            })
            .take_while(|&at| !super::spans::is_copula(sentence.word(at)))
            .count();
        if name > 0 {
            found.spans.push(0..name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_not_a_part_of_a_longer_one() {
        let found = |sentence: &str, question: &str| {
            let asked = Asked::read(question, &[]);
            naming(&Words::of(sentence), &asked, 0.0, 0).strength
        };
        let question = "Who built Gullwatch?";
        assert!(found("In 1820 Gullwatch was built by Ada Merrow.", question) > 0.9);
        assert_eq!(found("Gullwatch Bay lies to the east.", question), 0.0);
        assert_eq!(found("A gullwatch was kept.", question), 0.0);
    }

    #[test]
    fn titles_name_by_longer_forms_too() {
        let asked = Asked::read("Where was Ada Merrow born?", &[]);
        assert_eq!(titled("Ada Merrow (keeper)", &asked), 1.0);
        assert!(titled("Ada Louise Merrow", &asked) > 0.8);
        assert_eq!(titled("Merrow", &asked), 0.0);
        assert_eq!(told_apart("Ada Merrow (keeper)"), Some("keeper"));
    }
}
