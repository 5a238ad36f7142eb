//! Times that something else sets: "who was president | during the Vietnam War", "who was mayor | when the bridge was opened",
//! "which prize did she get | the year before she died".

use super::cues::is_auxiliary;
use crate::text::{self, Token};
use crate::thesaurus::Word;

/// How the time that is asked about lies to the one that is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lies {
    /// While it lasts.
    Within,
    /// In its year, or so many years later.
    InYear(i32),
    /// Before it begins.
    Before,
    /// After it ends.
    After,
}

/// What sets a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// A thing that begins and ends: "the Vietnam War".
    Event(String),
    /// Something that is told of things: "the bridge was opened".
    Happening(String),
}

/// A part of a question that sets a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    /// How the time lies to it.
    pub(crate) lies: Lies,
    /// What sets it.
    pub(crate) setting: Setting,
    /// Whether the words may as well mean something else: "which king came before Louis".
    pub(crate) weak: bool,
    /// The question without it, with a place for a time at its end.
    outside: String,
}

/// A question with more words is no single one.
const LONGEST: usize = 60;
/// A word of the third person that stands for what a question is about.
const PRONOUNS: [(&str, bool); 11] = [
    ("he", false),
    ("she", false),
    ("it", false),
    ("they", false),
    ("him", false),
    ("them", false),
    ("his", true),
    ("her", true),
    ("their", true),
    ("its", true),
    ("hers", true),
];

impl Clause {
    /// The part of a question that sets a time by something else, if there is one.
    pub(crate) fn find(text: &str) -> Option<Self> {
        let tokens = text::tokens(text);
        if tokens.len() > LONGEST {
            return None;
        }
        let words: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        for at in 0..words.len() {
            let Some((from, lies, happens, weak)) = opening(&words, at) else {
                continue;
            };
            // Where it stands first, it ends at a comma.
            let first = at == 0;
            let joint = |n: &usize| text[tokens[*n].end..tokens[*n + 1].start].contains(',');
            let to = match first {
                true => (from..words.len().saturating_sub(1)).find(joint)? + 1,
                false => words.len(),
            };
            if from >= to || (first && to == words.len()) || is_time(&words[from..to]) {
                continue;
            }
            let inner = text[tokens[from].start..tokens[to - 1].end].to_owned();
            let verb = has_verb(&words[from..to]);
            let setting = match happens.unwrap_or(verb) {
                true => Setting::Happening(inner),
                false => Setting::Event(inner),
            };
            let outside = match first {
                true => &text[tokens[to].start..],
                false => &text[..tokens[at].start],
            };
            let outside =
                outside.trim_end_matches(|c: char| c.is_whitespace() || "?.!,".contains(c));
            if text::tokens(outside).len() < 2 {
                continue;
            }
            return Some(Self {
                lies,
                setting,
                weak: weak || (matches!(lies, Lies::Before | Lies::After) && !verb),
                outside: outside.to_owned(),
            });
        }
        None
    }

    /// The same, of which a pronoun is replaced by the name of what the question is about.
    pub(crate) fn about(&self, name: &str) -> Self {
        let replace = |text: &String| {
            let tokens = text::tokens(text);
            let known = |token: &Token| PRONOUNS.iter().find(|(word, _)| *word == token.text);
            match tokens.iter().find_map(|token| Some((token, known(token)?))) {
                None => text.clone(),
                Some((token, (_, owns))) => {
                    let end = if *owns { "'s" } else { "" };
                    format!("{}{name}{end}{}", &text[..token.start], &text[token.end..])
                }
            }
        };
        let setting = match &self.setting {
            Setting::Event(text) => Setting::Event(replace(text)),
            Setting::Happening(text) => Setting::Happening(replace(text)),
        };
        Self {
            setting,
            ..self.clone()
        }
    }

    /// Whether it speaks of something that the rest of the question names.
    pub(crate) fn refers(&self) -> bool {
        let (Setting::Event(text) | Setting::Happening(text)) = &self.setting;
        let tokens = text::tokens(text);
        let pronoun = |token: &Token| PRONOUNS.iter().any(|(word, _)| *word == token.text);
        tokens.iter().any(pronoun)
    }

    /// Whether the rest of the question holds these words.
    pub(crate) fn leaves(&self, words: &str) -> bool {
        self.outside.contains(words)
    }

    /// The question with a time in the place of the clause: "in 1972".
    pub(crate) fn with(&self, time: &str) -> String {
        format!("{} {time}?", self.outside)
    }
}

/// Whether a clause begins at a word: where what it is about begins, how the time lies to it, whether something happens there
/// (where it is known), and whether the words may mean something else.
fn opening(words: &[&str], at: usize) -> Option<(usize, Lies, Option<bool>, bool)> {
    let rest = &words[at..];
    let after = |more: usize| at + more;
    let inner = at > 0;
    Some(match rest {
        ["during" | "throughout" | "amid" | "amidst", _, ..] => {
            (after(1), Lies::Within, None, false)
        }
        [
            "at" | "in" | "around",
            "the",
            "time" | "times" | "days",
            "of",
            _,
            ..,
        ] => (after(4), Lies::Within, Some(false), false),
        ["at", "the", "time" | "moment", "that" | "when", _, ..] => {
            (after(4), Lies::Within, Some(true), false)
        }
        ["at", "the", "time" | "moment", _, ..] if inner => {
            (after(3), Lies::Within, Some(true), false)
        }
        ["in" | "within", "the", "year" | "years", rest @ ..]
        | [
            "in" | "within",
            "the",
            "same" | "very",
            "year" | "years",
            rest @ ..,
        ]
        | ["the", "same" | "very", "year" | "years", rest @ ..] => {
            let from = words.len() - rest.len();
            year(rest, from)?
        }
        ["the", "year", "that" | "when", _, ..] if inner => {
            (after(3), Lies::InYear(0), Some(true), false)
        }
        [
            "the" | "a" | "one",
            "year",
            side @ ("before" | "after"),
            _,
            ..,
        ] if inner => {
            let shift = if *side == "before" { -1 } else { 1 };
            (after(3), Lies::InYear(shift), None, false)
        }
        ["when" | "while", _, _, ..] if inner && !is_asking(words[at - 1]) => {
            (after(1), Lies::Within, Some(true), false)
        }
        ["when" | "while", next, _, ..] if at == 0 && !is_auxiliary(next) => {
            (after(1), Lies::Within, Some(true), false)
        }
        ["before" | "until" | "till", _, ..] if inner => (after(1), Lies::Before, None, true),
        ["after" | "since" | "following", _, ..] if inner => (after(1), Lies::After, None, true),
        _ => return None,
    })
}

/// The same for what follows "in the year".
fn year(rest: &[&str], from: usize) -> Option<(usize, Lies, Option<bool>, bool)> {
    Some(match rest {
        ["before", _, ..] => (from + 1, Lies::InYear(-1), None, false),
        ["after", _, ..] => (from + 1, Lies::InYear(1), None, false),
        ["in" | "during" | "on", "which", _, ..] => (from + 2, Lies::InYear(0), Some(true), false),
        ["that" | "when" | "where", _, ..] => (from + 1, Lies::InYear(0), Some(true), false),
        ["of" | "as", _, ..] => (from + 1, Lies::InYear(0), None, false),
        [_, _, ..] => (from, Lies::InYear(0), Some(true), false),
        _ => return None,
    })
}

/// Whether a word before "when" makes a question of it: "tell me when".
fn is_asking(word: &str) -> bool {
    matches!(
        word,
        "me" | "know" | "and" | "since" | "until" | "till" | "from" | "say" | "exactly" | "of"
    )
}

/// Whether words are a time themselves: "1990", "the 1990s", "the 19th century", "March 2020", "age 30".
fn is_time(words: &[&str]) -> bool {
    let digits = |word: &&str| word.bytes().next().is_some_and(|b| b.is_ascii_digit());
    let period = |word: &&str| {
        matches!(
            *word,
            "century"
                | "centuries"
                | "decade"
                | "age"
                | "today"
                | "now"
                | "noon"
                | "midnight"
                | "last"
                | "past"
        )
    };
    words.iter().take(3).any(digits) || words.iter().any(period)
}

/// Whether words say that something happened.
fn has_verb(words: &[&str]) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        let known = Word::of(word);
        let past = known.is_participle(word) && (at > 0 || word.ends_with("ing"));
        is_auxiliary(word) || past || (at == 0 && word.ends_with("ing") && known.is_known())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Lies, Setting, String)> {
        let clause = Clause::find(text)?;
        let with = clause.with("T");
        Some((clause.lies, clause.setting, with))
    }

    fn event(text: &str) -> Setting {
        Setting::Event(text.to_owned())
    }

    fn happening(text: &str) -> Setting {
        Setting::Happening(text.to_owned())
    }

    #[test]
    fn clauses_that_set_a_time() {
        let reads = |text: &str, lies: Lies, setting: Setting, with: &str| {
            assert_eq!(read(text), Some((lies, setting, with.to_owned())), "{text}");
        };
        reads(
            "Who was president during the Vietnam War?",
            Lies::Within,
            event("the Vietnam War"),
            "Who was president T?",
        );
        reads(
            "During the Boer War, who ruled the country?",
            Lies::Within,
            event("the Boer War"),
            "who ruled the country T?",
        );
        reads(
            "Who was mayor when the bridge was opened?",
            Lies::Within,
            happening("the bridge was opened"),
            "Who was mayor T?",
        );
        reads(
            "Which prize did Munro receive the year before she won the Nobel Prize?",
            Lies::InYear(-1),
            happening("she won the Nobel Prize"),
            "Which prize did Munro receive T?",
        );
        reads(
            "Who won the cup in the year that Ajax won the league",
            Lies::InYear(0),
            happening("Ajax won the league"),
            "Who won the cup T?",
        );
        reads(
            "Who was king at the time of the Great Fire",
            Lies::Within,
            event("the Great Fire"),
            "Who was king T?",
        );
    }

    #[test]
    fn times_of_their_own_set_none() {
        for text in [
            "Who was mayor in 1990?",
            "Which films came out during the 1990s?",
            "When did the bridge open?",
            "Who ruled before 1850?",
            "Which songs were written in the year 1999?",
            "What is the largest city?",
            "Which ships sank during the 19th century?",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn pronouns_are_replaced() {
        let clause = Clause::find("Where did Kahlo live in the year of her first exhibition?");
        let clause = clause.expect("a clause");
        assert!(clause.refers());
        assert_eq!(
            clause.about("Frida Kahlo").setting,
            event("Frida Kahlo's first exhibition")
        );
    }
}
