//! What a question asks of a text: about whom or what, for what kind of answer, and by which words.
//!
//! General English alone decides. A question is taken apart into the names that it is about, the noun or question
//! word that says of what kind the answer is, and the words that say how the two hang together.

use std::ops::Range;

use retriever::text::{self, Token};

use super::kind::{Kind, is_calling, of_a_role, of_noun};
use super::named::{find, runs, ways, words};

/// A question as a text is asked it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The names that it is about, as folded words: for each, the ways in which it may be written.
    pub(crate) subjects: Vec<Vec<Vec<String>>>,
    /// Whether the names are written with capitals, so that a text must do so as well.
    pub(crate) capitals: bool,
    /// The kind of the answer.
    pub(crate) kind: Kind,
    /// The noun that the answer is one of: "city".
    pub(crate) noun: Option<String>,
    /// Whether the answer is where or when something was, and no role of anything: "in what city was X born".
    pub(crate) adverbial: bool,
    /// Whether the answer is that of which the subject is something: "what is X the capital of".
    pub(crate) reversed: bool,
    /// Words that say how the answer and the names hang together.
    pub(crate) relation: Vec<Token>,
    /// All words that are not names, for the comparison of meanings.
    pub(crate) words: Vec<Token>,
}

impl Asked {
    /// Reads a question. `names` are names that the knowledge base knows in it, each with other names of the same
    /// thing; they may be found where capitals are missing.
    pub(crate) fn read(question: &str, names: &[Vec<String>]) -> Self {
        let tokens = text::tokens(question);
        let mut runs = runs(question, &tokens);
        let capitals = !runs.is_empty();
        if runs.is_empty() {
            runs = names
                .iter()
                .filter_map(|name| find(&tokens, &words(name.first()?)))
                .collect();
        }
        let subjects = runs
            .iter()
            .map(|run| ways(&tokens[run.clone()], names))
            .collect();
        let mut asked = Self {
            subjects,
            capitals,
            kind: Kind::Thing,
            noun: None,
            adverbial: false,
            reversed: false,
            relation: Vec::new(),
            words: Vec::new(),
        };
        asked.take(&tokens, &runs);
        asked
    }

    /// The same question about a name that only a text knows: a run of the question's own words.
    pub(crate) fn about(&self, question: &str, name: &str) -> Option<Self> {
        let tokens = text::tokens(question);
        let run = find(&tokens, &words(name))?;
        let content = run
            .clone()
            .any(|at| !text::is_function_word(&tokens[at].text));
        if !content || run.len() == tokens.len() {
            return None;
        }
        let mut asked = Self {
            subjects: vec![vec![words(name)]],
            capitals: false,
            ..self.clone()
        };
        asked.take(&tokens, &[run]);
        Some(asked)
    }

    /// Takes kind, noun and relation from the words outside the names.
    fn take(&mut self, tokens: &[Token], runs: &[Range<usize>]) {
        let named = |at: usize| runs.iter().any(|run| run.contains(&at));
        let word = |at: usize| {
            if named(at) {
                ""
            } else {
                tokens.get(at).map_or("", |t| t.text.as_str())
            }
        };
        let opening = (0..tokens.len().min(6)).find(|&at| is_opening(word(at)));
        let mut spent = vec![false; tokens.len()];
        (self.kind, self.noun) = (Kind::Thing, None);
        if let Some(at) = opening {
            spent[at] = true;
            match word(at) {
                "who" | "whom" | "whose" | "whos" => self.kind = Kind::Person,
                "where" => self.kind = Kind::Place,
                "when" => self.kind = Kind::Time,
                "how" => self.kind = Kind::Number,
                _ => {
                    // "In what city ...": the noun is the last one before the verb.
                    let mut end = at + 1;
                    while !word(end).is_empty() && !text::is_function_word(word(end)) {
                        end += 1;
                    }
                    if word(at + 1) == "kind" || word(at + 1) == "type" || word(at + 1) == "sort" {
                        // "What kind of ship ..." asks for a ship.
                        end = at + 3;
                        while !word(end).is_empty() && !text::is_function_word(word(end)) {
                            end += 1;
                        }
                    }
                    let verb = end == tokens.len() && end > at + 2;
                    let noun = if verb { end - 2 } else { end - 1 };
                    if noun > at && !word(noun).is_empty() {
                        spent[noun] = true;
                        self.noun = Some(word(noun).to_owned());
                    }
                }
            }
        }
        let content = |at: usize, spent: &[bool]| {
            !named(at) && !spent[at] && !text::is_function_word(word(at))
        };
        if self.noun.is_none() && self.kind == Kind::Thing {
            // "What is the capital of X", "X's capital": the noun before "of", or the last word.
            let of = (1..tokens.len())
                .find(|&at| matches!(word(at), "of" | "for" | "in") && content(at - 1, &spent));
            let last = (0..tokens.len()).rev().find(|&at| content(at, &spent));
            if let Some(at) = of.map(|of| of - 1).or(last) {
                self.noun = Some(word(at).to_owned());
            }
            self.kind = self.noun.as_deref().map_or(Kind::Nature, of_a_role);
        } else if let Some(noun) = &self.noun {
            self.kind = of_noun(noun);
        }
        self.relation = (0..tokens.len())
            .filter(|&at| content(at, &spent))
            .filter(|&at| self.kind != Kind::Nature || !is_calling(word(at)))
            .map(|at| tokens[at].clone())
            .collect();
        self.adverbial = opening.is_some_and(|at| {
            self.kind == Kind::Place && (word(at) == "where" || spent.get(at + 1) == Some(&true))
        });
        self.reversed = tokens.len() > 2 && word(tokens.len() - 1) == "of";
        if self.relation.is_empty() && self.kind == Kind::Person {
            // "Who is X?" asks what X is.
            self.kind = Kind::Nature;
        }
        self.words = (0..tokens.len())
            .filter(|&at| !named(at) && !text::is_function_word(word(at)))
            .map(|at| tokens[at].clone())
            .collect();
    }
}

pub(super) fn is_opening(word: &str) -> bool {
    matches!(
        word,
        "who" | "whom" | "whose" | "whos" | "where" | "when" | "how" | "what" | "which" | "whats"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(question: &str) -> (String, Kind, String, String) {
        let asked = Asked::read(question, &[]);
        let subjects: Vec<String> = asked
            .subjects
            .iter()
            .map(|ways| ways[0].join(" "))
            .collect();
        let relation: Vec<&str> = asked.relation.iter().map(|t| t.text.as_str()).collect();
        (
            subjects.join(", "),
            asked.kind,
            asked.noun.unwrap_or_default(),
            relation.join(" "),
        )
    }

    #[test]
    fn questions_are_taken_apart() {
        let expect = |question: &str, subject: &str, kind: Kind, noun: &str, relation: &str| {
            let found = read(question);
            let wanted = (
                subject.to_owned(),
                kind,
                noun.to_owned(),
                relation.to_owned(),
            );
            assert_eq!(found, wanted, "{question}");
        };
        expect(
            "In what harbour town was Ada Merrow born?",
            "ada merrow",
            Kind::Place,
            "town",
            "harbour born",
        );
        expect(
            "What is Ada Merrow's profession?",
            "ada merrow",
            Kind::Nature,
            "profession",
            "",
        );
        expect(
            "Who was the builder of Pale Beacon?",
            "pale beacon",
            Kind::Person,
            "",
            "builder",
        );
        expect(
            "When did the Duke of Velda die?",
            "duke of velda",
            Kind::Time,
            "",
            "die",
        );
        expect(
            "What is the height of Gullwatch?",
            "gullwatch",
            Kind::Number,
            "height",
            "height",
        );
        expect(
            "What is the seat of Lantern County?",
            "lantern county",
            Kind::Place,
            "seat",
            "seat",
        );
        expect("Who is Tobias Fenn?", "tobias fenn", Kind::Nature, "", "");
        expect("how many lamps does it have", "", Kind::Number, "", "lamps");
    }
}
