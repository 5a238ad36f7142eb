//! The spans of a sentence that may be an answer of a kind: names, dates, numbers, what things are said to be.

use std::ops::Range;

use retriever::text;
use retriever::thesaurus::Word;

use super::asked::Kind;
use super::sentence::Words;

/// The longest answer, in words.
pub(crate) const MOST_WORDS: usize = 8;
/// Spans of one sentence that are looked at.
const MOST_SPANS: usize = 60;

/// A span that may be the answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Candidate {
    /// Its words.
    pub(crate) span: Range<usize>,
    /// How well its form is that of the kind of answer, from 0 to 1.
    pub(crate) form: f64,
    /// Whether the sentence says it of its subject in so many words: "X is a Y".
    pub(crate) predicated: bool,
}

/// All candidates of a kind.
pub(crate) fn candidates(
    words: &Words<'_>,
    kind: Kind,
    subject: &[Range<usize>],
) -> Vec<Candidate> {
    let mut found = match kind {
        Kind::Person | Kind::Place => names(words, kind),
        Kind::Time => times(words),
        Kind::Number => numbers(words),
        Kind::Nature => predicates(words, subject),
        Kind::Thing => {
            let mut found = predicates(words, subject);
            found.extend(names(words, kind));
            found.extend(nouns(words));
            found
        }
    };
    found.retain(|c| {
        let clear = subject
            .iter()
            .all(|s| c.span.end <= s.start || s.end <= c.span.start);
        clear && !c.span.is_empty() && c.span.len() <= MOST_WORDS
    });
    found.truncate(MOST_SPANS);
    found
}

/// Forms of "to be" and the like, that say what something is.
pub(crate) fn is_copula(word: &str) -> bool {
    matches!(
        word,
        "is" | "was" | "are" | "were" | "became" | "becomes" | "become" | "remains"
    )
}

/// Whether a word is a small one inside names: "Lefranc de Pompignan".
fn joins_names(word: &str) -> bool {
    matches!(
        word,
        "of" | "de"
            | "del"
            | "della"
            | "di"
            | "da"
            | "do"
            | "dos"
            | "du"
            | "des"
            | "la"
            | "le"
            | "les"
            | "el"
            | "al"
            | "von"
            | "van"
            | "der"
            | "den"
            | "bin"
            | "ibn"
            | "y"
            | "e"
            | "the"
            | "zu"
            | "af"
            | "av"
            | "ter"
            | "ten"
    )
}

/// Runs of words with capitals.
fn names(words: &Words<'_>, kind: Kind) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.tokens.len() {
        if !begins_name(words, at) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        loop {
            if end < words.tokens.len() && words.tokens[end].capital && holds_together(words, end) {
                end += 1;
                continue;
            }
            // "Osmund's Rest".
            let owns = words.word(end) == "s"
                && matches!(words.gap(end), "'" | "’")
                && words.gap(end + 1) == " "
                && words.tokens.get(end + 1).is_some_and(|t| t.capital);
            if owns {
                found.push(Candidate {
                    span: at..end,
                    form: 0.5 * name_form(words, &(at..end), kind),
                    predicated: false,
                });
                end += 2;
                continue;
            }
            // At most two small words, if a capital follows.
            let small = (1..=2).find(|n| {
                (0..*n).all(|i| {
                    joins_names(words.word(end + i))
                        && words.gap(end + i) == " "
                        && !words.tokens[end + i].capital
                }) && words.tokens.get(end + n).is_some_and(|t| t.capital)
                    && matches!(words.gap(end + n), " ")
            });
            match small {
                Some(n) => end += n + 1,
                None => break,
            }
        }
        found.push(Candidate {
            span: at..end,
            form: name_form(words, &(at..end), kind),
            predicated: false,
        });
        // "University of Velda" may also be asked for by its last part.
        if let Some(of) = (at + 1..end)
            .rev()
            .find(|&i| joins_names(words.word(i)) && !words.tokens[i].capital)
            && of + 1 < end
            && kind == Kind::Place
        {
            let part = of + 1..end;
            let form = 0.8 * name_form(words, &part, kind);
            found.push(Candidate {
                span: part,
                form,
                predicated: false,
            });
        }
        at = end;
    }
    found
}

fn begins_name(words: &Words<'_>, at: usize) -> bool {
    let token = &words.tokens[at];
    if !token.capital || is_month(&token.text) {
        return false;
    }
    // A sentence begins with a capital, whatever the word.
    let common = text::is_function_word(&token.text)
        || (at == 0 && is_common(&token.text) && !words.tokens.get(1).is_some_and(|t| t.capital));
    !common
}

/// Whether a word is one of English, and no name of a place or a person.
fn is_common(word: &str) -> bool {
    let word = Word::of(word);
    word.is_known() && !word.denotes("location") && !word.denotes("person")
}

/// Whether a word goes on with the name before it.
fn holds_together(words: &Words<'_>, at: usize) -> bool {
    let before = &words.tokens[at - 1];
    let initial = before.end - before.start <= 2
        || matches!(before.text.as_str(), "st" | "jr" | "sr" | "dr" | "mt");
    match words.gap(at) {
        " " | "-" | "'" | "’" | "–" => !is_month(words.word(at)),
        ". " | "." => initial,
        _ => false,
    }
}

fn name_form(words: &Words<'_>, span: &Range<usize>, kind: Kind) -> f64 {
    let last = Word::of(words.word(span.end - 1));
    let first = Word::of(words.word(span.start));
    let single = span.len() == 1;
    // "American actor": the name says of what sort the noun is.
    let next = words.word(span.end);
    let described = words.gap(span.end) == " "
        && !words.tokens.get(span.end).is_none_or(|t| t.capital)
        && !text::is_function_word(next)
        && !Word::of(next).categories.is_empty();
    let institution = [
        "group",
        "artifact",
        "act",
        "communication",
        "event",
        "cognition",
    ]
    .iter()
    .any(|c| last.categories.first() == Some(c));
    let mut form: f64 = match kind {
        Kind::Person => {
            if institution && !first.denotes("person") {
                0.25
            } else if last.denotes("location") && !last.denotes("person") {
                0.3
            } else if single {
                0.6
            } else {
                1.0
            }
        }
        Kind::Place => {
            if last.denotes("location") {
                1.0
            } else if lies_within(words, span.end) {
                0.95
            } else if single && (institution || last.denotes("time")) {
                0.2
            } else if single && last.denotes("person") {
                0.5
            } else if institution {
                0.4
            } else if !single && first.denotes("person") {
                0.5
            } else {
                0.85
            }
        }
        _ => 0.6,
    };
    if words.word(span.end) == "s" && matches!(words.gap(span.end), "'" | "’") {
        form *= 0.5;
    }
    if described && single {
        form *= 0.35;
    } else if described {
        form *= 0.7;
    }
    form
}

/// "Walpole, New Hampshire": what follows says where the place is.
fn lies_within(words: &Words<'_>, end: usize) -> bool {
    words.gap(end) == ", "
        && words.tokens.get(end).is_some_and(|t| t.capital)
        && begins_name(words, end)
}

pub(crate) fn is_month(word: &str) -> bool {
    matches!(
        word,
        "january"
            | "february"
            | "march"
            | "april"
            | "may"
            | "june"
            | "july"
            | "august"
            | "september"
            | "october"
            | "november"
            | "december"
    )
}

fn is_year(words: &Words<'_>, at: usize) -> bool {
    let word = words.word(at);
    word.len() == 4
        && word.bytes().all(|b| b.is_ascii_digit())
        && word
            .parse::<u32>()
            .is_ok_and(|year| (500..2200).contains(&year))
        && !words.gap(at).ends_with('.')
        && !words.gap(at + 1).starts_with(".0")
}

/// Dates and years.
fn times(words: &Words<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let count = words.tokens.len();
    let day = |at: usize| {
        at < count
            && words
                .word(at)
                .parse::<u32>()
                .is_ok_and(|day| (1..=31).contains(&day))
    };
    let month = |at: usize| at < count && is_month(words.word(at)) && words.tokens[at].capital;
    let year = |at: usize| at < count && is_year(words, at);
    let near = |at: usize| matches!(words.gap(at), " " | ", ");
    let mut at = 0;
    while at < count {
        let dated = (day(at) && month(at + 1) || month(at) && day(at + 1)) && near(at + 1);
        let length = if dated {
            if year(at + 2) && near(at + 2) { 3 } else { 2 }
        } else if month(at) && year(at + 1) && near(at + 1) {
            2
        } else if year(at)
            || words.word(at + 1) == "century" && words.is_number(at)
            || words.is_number(at) && words.word(at).ends_with("0s")
        {
            if words.word(at + 1) == "century" {
                2
            } else {
                1
            }
        } else {
            0
        };
        if length > 0 {
            let form = match length {
                3 => 1.0,
                1 if year(at) => 0.9,
                _ => 0.8,
            };
            found.push(Candidate {
                span: at..at + length,
                form,
                predicated: false,
            });
        }
        at += length.max(1);
    }
    found
}

/// Numbers, with what makes them greater.
fn numbers(words: &Words<'_>) -> Vec<Candidate> {
    const SPELT: &[&str] = &[
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve", "twenty", "thirty", "forty", "fifty", "hundred",
    ];
    let mut found = Vec::new();
    let dates = times(words);
    let mut at = 0;
    while at < words.tokens.len() {
        let spelt = SPELT.contains(&words.word(at));
        if !(words.is_number(at) || spelt) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while words.is_number(end) && matches!(words.gap(end), "." | ",") {
            end += 1;
        }
        if matches!(
            words.word(end),
            "thousand" | "million" | "billion" | "hundred" | "dozen"
        ) && words.gap(end) == " "
        {
            end += 1;
        }
        let dated = dates.iter().any(|d| d.span.contains(&at));
        let form = if dated {
            0.15
        } else if spelt {
            0.7
        } else {
            1.0
        };
        found.push(Candidate {
            span: at..end,
            form,
            predicated: false,
        });
        at = end;
    }
    found
}

/// What a sentence says that its subject is: the nouns after "is a", one by one.
fn predicates(words: &Words<'_>, subject: &[Range<usize>]) -> Vec<Candidate> {
    let mut found = Vec::new();
    let Some(verb) = verb_of(words, subject) else {
        return found;
    };
    let mut at = verb + 1;
    let mut start = None;
    let mut rank = 0;
    while at <= words.tokens.len() {
        let word = words.word(at);
        let gap = words.gap(at);
        let deep = words.depth.get(at).is_some_and(|d| *d > words.depth[verb]);
        let over = at == words.tokens.len()
            || gap.contains([';', ':', '.']) && !gap.trim_start().starts_with(['\'', '’'])
            || ends_noun(word, start.is_some_and(|s| at > s));
        let parts = gap.contains([',', '(', '/', '–']) || matches!(word, "and" | "or" | "as");
        if (over || parts || deep)
            && let Some(from) = start.take()
        {
            element(words, from..at, rank, &mut found);
            rank += 1;
        }
        if over {
            break;
        }
        let skipped = matches!(
            word,
            "a" | "an"
                | "the"
                | "and"
                | "or"
                | "also"
                | "one"
                | "as"
                | "well"
                | "both"
                | "primarily"
                | "best"
                | "known"
                | "later"
                | "then"
                | "currently"
        ) || deep;
        if !skipped && start.is_none() {
            start = Some(at);
        }
        at += 1;
        if at > verb + 40 {
            break;
        }
    }
    found
}

/// The verb by which a sentence says what its subject is.
fn verb_of(words: &Words<'_>, subject: &[Range<usize>]) -> Option<usize> {
    let from = subject
        .iter()
        .map(|s| s.end)
        .min()
        .or_else(|| {
            (0..words.tokens.len().min(3))
                .find(|&at| matches!(words.word(at), "he" | "she" | "it" | "they"))
        })
        .unwrap_or(0);
    (from..words.tokens.len().min(from + 60))
        .find(|&at| is_copula(words.word(at)) && words.depth[at] == 0)
}

/// Whether a noun phrase is over before this word.
fn ends_noun(word: &str, begun: bool) -> bool {
    matches!(
        word,
        "who"
            | "which"
            | "that"
            | "whose"
            | "where"
            | "when"
            | "while"
            | "of"
            | "from"
            | "in"
            | "at"
            | "for"
            | "with"
            | "by"
            | "to"
            | "on"
            | "but"
            | "during"
            | "under"
            | "since"
            | "has"
            | "had"
            | "is"
            | "was"
            | "are"
            | "were"
            | "he"
            | "she"
            | "it"
            | "his"
            | "her"
            | "its"
            | "based"
            | "located"
            | "situated"
            | "living"
    ) && (begun || !matches!(word, "of"))
}

/// A noun phrase as candidates: without the words that only describe, and as a whole.
fn element(words: &Words<'_>, span: Range<usize>, rank: usize, found: &mut Vec<Candidate>) {
    if span.is_empty() {
        return;
    }
    let mut core = span.clone();
    while core.len() > 1 && describes(words, core.start) {
        core.start += 1;
    }
    if span.clone().all(|at| words.tokens[at].capital) {
        // "American-born": a nation is no noun for what somebody is.
        return;
    }
    let head = Word::of(words.word(span.end - 1));
    let form = if head.denotes("person") || !head.is_known() {
        1.0
    } else {
        0.8
    };
    let late = 0.97f64.powi(rank as i32);
    found.push(Candidate {
        span: core.clone(),
        form: form * late,
        predicated: true,
    });
    if core != span {
        found.push(Candidate {
            span,
            form: form * late * 0.85,
            predicated: true,
        });
    }
    if core.len() > 1 {
        found.push(Candidate {
            span: core.end - 1..core.end,
            form: form * late * 0.8,
            predicated: true,
        });
    }
}

/// Whether a word before a noun only describes it: a name of a nation, an adjective, "former".
fn describes(words: &Words<'_>, at: usize) -> bool {
    let token = &words.tokens[at];
    let word = Word::of(&token.text);
    let noun = !word.categories.is_empty();
    token.capital
        || words.tokens.get(at + 1).is_some_and(|next| next.capital)
        || !noun && word.is_known()
        || matches!(
            token.text.as_str(),
            "former"
                | "retired"
                | "professional"
                | "late"
                | "amateur"
                | "veteran"
                | "native"
                | "noted"
                | "born"
                | "senior"
        )
}

/// Runs of common nouns.
fn nouns(words: &Words<'_>) -> Vec<Candidate> {
    let noun = |at: usize| {
        words.tokens.get(at).is_some_and(|t| {
            !t.capital
                && !text::is_function_word(&t.text)
                && t.text.chars().all(char::is_alphabetic)
                && (!Word::of(&t.text).categories.is_empty() || !Word::of(&t.text).is_known())
        })
    };
    let mut found = Vec::new();
    for at in 0..words.tokens.len() {
        for length in 1..=3 {
            let whole = (at..at + length).all(noun);
            let together = (at + 1..at + length).all(|i| matches!(words.gap(i), " " | "-"));
            if !whole || !together {
                break;
            }
            found.push(Candidate {
                span: at..at + length,
                form: 0.6,
                predicated: false,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sentence: &str, kind: Kind, subject: Range<usize>) -> Vec<String> {
        let words = Words::of(sentence);
        let mut all = candidates(&words, kind, &[subject]);
        all.sort_by(|a, b| b.form.total_cmp(&a.form));
        all.iter()
            .map(|c| words.written(&c.span).to_owned())
            .collect()
    }

    #[test]
    fn each_kind_has_its_spans() {
        let text = "Ada Merrow (3 May 1802, Velda – 1871) was a Korrish keeper and engraver from Tarn Isle.";
        assert_eq!(found(text, Kind::Time, 0..2), ["3 May 1802", "1871"]);
        assert_eq!(found(text, Kind::Nature, 0..2)[..2], ["keeper", "engraver"]);
        assert!(found(text, Kind::Place, 0..2)[..2].contains(&"Velda".to_owned()));
        let text = "The tower has 1,250 steps and was built by Jean de la Tour in 1790.";
        assert_eq!(found(text, Kind::Number, 0..2)[0], "1,250");
        assert_eq!(found(text, Kind::Person, 0..2), ["Jean de la Tour"]);
    }
}
