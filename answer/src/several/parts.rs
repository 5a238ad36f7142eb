//! Where one question ends and another begins: "who is its mayor | and how many people live there".

use retriever::question::{is_auxiliary, opens_a_question};
use retriever::text::{Token, tokens};
use retriever::thesaurus::Word;

/// A text with more bytes or words than these is not looked through.
const LONGEST: usize = 1_000;
const MOST_WORDS: usize = 40;
/// A noun that is asked for together with another one has so many words at the most.
const MOST_OF_NOUN: usize = 3;

/// Questions in one text at the most.
const MOST: usize = 4;

/// The questions that a text asks at once, each as one of its own, the later ones perhaps about what the first one is about.
pub(crate) fn parts(text: &str) -> Option<Vec<String>> {
    let [first, rest] = two(text)?;
    let mut found = vec![first];
    let mut rest = Some(rest);
    while let Some(last) = rest.take() {
        match two(&last).filter(|_| found.len() + 1 < MOST) {
            Some([next, further]) => {
                found.push(next);
                rest = Some(further);
            }
            None => found.push(last),
        }
    }
    Some(found)
}

/// The first of them, and the rest of the text.
fn two(text: &str) -> Option<[String; 2]> {
    if text.len() > LONGEST {
        return None;
    }
    let tokens = tokens(text);
    if tokens.len() > MOST_WORDS {
        return None;
    }
    let marked = text.split_once('?');
    if let Some((first, second)) = marked.filter(|(_, second)| !second.trim().is_empty()) {
        // "Who directed it? When was it released?"
        let count = |part: &str| part.split_whitespace().count();
        let opens = second.trim_start().split(' ').next().unwrap_or_default();
        let sound = count(first) > 2 && count(second) > 2 && asks(&opens.to_lowercase());
        return sound.then(|| [first, second].map(|part| part.trim().to_owned()));
    }
    let asked = Asked {
        text,
        words: tokens.iter().map(|token| token.text.as_str()).collect(),
        tokens: &tokens,
    };
    let mut ands = (1..tokens.len()).filter(|at| asked.words[*at] == "and");
    ands.find_map(|at| {
        asked
            .two_questions(at)
            .or_else(|| asked.of_it(at))
            .or_else(|| asked.two_nouns(at))
    })
}

struct Asked<'a> {
    text: &'a str,
    words: Vec<&'a str>,
    tokens: &'a [Token],
}

impl Asked<'_> {
    /// The text as it is written, of some words.
    fn written(&self, from: usize, to: usize) -> &str {
        match (self.tokens.get(from), self.tokens.get(to.wrapping_sub(1))) {
            (Some(first), Some(last)) if from < to => &self.text[first.start..last.end],
            _ => "",
        }
    }

    fn word(&self, at: usize) -> &str {
        self.words.get(at).copied().unwrap_or_default()
    }

    /// "Who wrote it | and when was it published". What says more of the same is no question: "who was born in Rome and who died
    /// in Paris", "the painter who".
    fn two_questions(&self, and: usize) -> Option<[String; 2]> {
        let (first, second) = (&self.words[..and], &self.words[and + 1..]);
        let word = self.word(and + 1);
        if second.len() < 3 || !asks(word) {
            return None;
        }
        let opens = first.iter().position(|word| asks(word))?;
        // "Tell me | who", "in | which": behind a noun it is relative.
        let last = first[..opens].last().copied().unwrap_or_default();
        let introduced = matches!(last, "me" | "know" | "us" | "say" | "wonder");
        if opens > 0 && !introduced && !PREPOSITIONS.contains(&last) {
            return None;
        }
        // "When and where was she born" is one question, and so are "the towns | where it is practised".
        let verb = is_auxiliary(self.word(and + 2)) || introduced;
        let whole = match word {
            "when" | "where" | "why" => verb,
            "how" => verb || !PREPOSITIONS.contains(&self.word(and + 3)),
            _ => true,
        };
        if first.len() < opens + 3 || !whole {
            return None;
        }
        let relative = |word: &&str| asks(word) || *word == "that";
        if first[opens + 1..].iter().any(relative) {
            return None;
        }
        let person = |word: &str| matches!(word, "who" | "whom" | "which" | "whose");
        let same = person(first[opens]) && person(word);
        // "Who directed it and who directed that".
        let again = first.get(opens + 1) == second.get(1);
        if same && !again && !second.iter().any(|word| stands_for_another(word)) {
            return None;
        }
        Some([
            self.written(0, and).to_owned(),
            self.written(and + 1, self.words.len()).to_owned(),
        ])
    }

    /// "What is the capital of Chad | and its population".
    fn of_it(&self, and: usize) -> Option<[String; 2]> {
        let rest = &self.words[and + 1..];
        let owned = matches!(self.word(and + 1), "its" | "his" | "her" | "their");
        let opening = self.opening()?;
        // "The books by Anne | and her husband" are of both.
        let mut before = self.words[..and].iter().rev();
        let of = before.find(|word| PREPOSITIONS.contains(word) || **word == "between");
        let sound = owned && of == Some(&"of") && self.word(opening) == "the";
        if !sound || !(2..=1 + MOST_OF_NOUN).contains(&rest.len()) {
            return None;
        }
        Some([
            self.written(0, and).to_owned(),
            format!(
                "{} {}",
                self.written(0, opening),
                self.written(and + 1, self.words.len())
            ),
        ])
    }

    /// "What are the capital | and the population of Chad", "What are Chad's capital | and population".
    fn two_nouns(&self, and: usize) -> Option<[String; 2]> {
        let opening = self.opening()?;
        let noun = |from: usize, to: usize| {
            let words = self.words.get(from..to).unwrap_or_default();
            // "The oldest and largest city" is one.
            let named = words.last().is_some_and(|last| {
                Word::of(last).is_noun()
                    && !last.ends_with("est")
                    && !matches!(*last, "first" | "last" | "most")
            });
            let tokens = self.tokens.get(from..to).unwrap_or_default();
            let capital = tokens.iter().any(|token| token.capital);
            (1..=MOST_OF_NOUN).contains(&words.len())
                && !words.iter().any(|word| PREPOSITIONS.contains(word))
                && named
                && !capital
        };
        let second = and + 1 + usize::from(self.word(and + 1) == "the");
        if self.word(opening) == "the" {
            let ends = |at: &usize| matches!(self.word(*at), "of" | "for" | "in");
            let of = (second..self.words.len()).find(ends)?;
            let sound = noun(opening + 1, and) && noun(second, of) && of + 1 < self.words.len();
            let rest = self.written(of, self.words.len());
            return sound.then(|| {
                [(opening + 1, and), (second, of)].map(|(from, to)| {
                    let opening = self.written(0, opening);
                    format!("{opening} the {} {rest}", self.written(from, to))
                })
            });
        }
        let owner = (opening + 1..and).rfind(|at| self.word(*at) == "s")?;
        let sound = noun(owner + 1, and) && noun(second, self.words.len());
        sound.then(|| {
            [(owner + 1, and), (second, self.words.len())].map(|(from, to)| {
                format!("{} {}", self.written(0, owner + 1), self.written(from, to))
            })
        })
    }

    /// How many words ask for something by its noun: "what is | the capital".
    fn opening(&self) -> Option<usize> {
        let asks = match [self.word(0), self.word(1)] {
            ["what", "is" | "are" | "was" | "were"] | ["give" | "tell" | "show", "me"] => 2,
            ["name" | "give", _] => 1,
            _ => return None,
        };
        Some(asks)
    }
}

/// Whether a word asks for something, rather than whether something is so.
fn asks(word: &str) -> bool {
    opens_a_question(word) && !is_auxiliary(word)
}

/// Whether some words speak of something that is told elsewhere.
pub(super) fn refers(part: &str) -> bool {
    tokens(part)
        .iter()
        .any(|token| stands_for_another(&token.text))
}

/// Whether a word stands for something that is told elsewhere.
fn stands_for_another(word: &str) -> bool {
    matches!(
        word,
        "it" | "its" | "he" | "his" | "him" | "she" | "her" | "they" | "their" | "them" | "there"
    )
}

const PREPOSITIONS: &[&str] = &[
    "of", "in", "by", "for", "from", "at", "to", "on", "with", "under",
];

#[cfg(test)]
mod tests {
    use super::parts;

    fn two(text: &str) -> Option<(String, String)> {
        let [first, second] = <[String; 2]>::try_from(parts(text)?).ok()?;
        Some((first, second))
    }

    #[test]
    fn more_than_two_questions_at_once() {
        let text = "When was Jaws released and who was in it and who directed it?";
        assert_eq!(
            parts(text).unwrap(),
            ["When was Jaws released", "who was in it", "who directed it"]
        );
    }

    #[test]
    fn two_questions_at_once() {
        for (text, first, second) in [
            (
                "Who leads Rudder, and when does it end?",
                "Who leads Rudder",
                "when does it end",
            ),
            (
                "Tell me who wrote Dubrau and when it was published",
                "Tell me who wrote Dubrau",
                "when it was published",
            ),
            (
                "What is the capital of Chad and its population?",
                "What is the capital of Chad",
                "What is its population",
            ),
            (
                "what are the capital and the official language of Chad",
                "what are the capital of Chad",
                "what are the official language of Chad",
            ),
            (
                "What are Chad's capital and population?",
                "What are Chad's capital",
                "What are Chad's population",
            ),
            (
                "Who directed Alien? When was it released?",
                "Who directed Alien",
                "When was it released?",
            ),
            (
                "Who directed Alien and who directed Jaws?",
                "Who directed Alien",
                "who directed Jaws",
            ),
            (
                "Who directed Alien and who produced it?",
                "Who directed Alien",
                "who produced it",
            ),
        ] {
            assert_eq!(
                two(text),
                Some((first.to_owned(), second.to_owned())),
                "{text}"
            );
        }
    }

    #[test]
    fn one_question_with_an_and() {
        for text in [
            "Who was born in Rome and who died in Paris?",
            "Which painter who lived in Rome and who died in Paris?",
            "What is the capital of Trinidad and Tobago?",
            "Which films did Anne write and direct?",
            "Name the rivers that flow through Chad and whose length is over 100 km",
            "Which countries border Chad and Sudan?",
            "What is the highest mountain in Chad and where",
            "When and where was Jory Penn born?",
            "Which towns border Aldmoor and where Islam is practised?",
            "What are the books by Anne and her husband?",
            "What is the oldest and largest city in Chad?",
            "What is the Pride and Prejudice of Bath?",
        ] {
            assert_eq!(two(text), None, "{text}");
        }
    }
}
