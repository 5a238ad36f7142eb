//! Names of predicates and classes, and their words.

use crate::text::{self, Token};
use crate::units;

/// A name of a predicate or class, or another way to ask for it, ready to be compared.
#[derive(Clone, Debug)]
pub struct Phrase {
    /// The name as written.
    pub text: String,
    /// Its words.
    pub tokens: Vec<Token>,
    /// How much each word tells: long words more than short ones, rare ones more than those that many names have.
    pub weights: Vec<f64>,
    /// Words before this one are its head: "kind" of "kind of film".
    pub head: usize,
    /// Whether it asks for facts from the object's side, see [`INVERSE_PHRASE`].
    pub inverse: bool,
}

impl Phrase {
    pub(crate) fn new(text: &str) -> Self {
        let tokens = text::tokens(text);
        Self {
            text: text.to_owned(),
            weights: tokens.iter().map(|token| weight(token, 1.0)).collect(),
            head: head(text, &tokens),
            tokens,
            inverse: false,
        }
    }

    /// The chief word of its head: "kind" of "kind of film", "city" of "capital city".
    pub fn head_word(&self) -> Option<&Token> {
        self.tokens[..self.head].last()
    }

    /// Where the words begin of which it tells a number: "pages" of "number of pages".
    pub(crate) fn counted_from(&self) -> Option<usize> {
        let word = |at: usize| self.tokens.get(at).map(|token| token.text.as_str());
        let number = matches!((word(0), word(1)), (Some("number" | "count"), Some("of")));
        (number && self.tokens.len() > 2).then_some(2)
    }

    /// Weighs the words anew; `rarity` is from 0 (every name has it) to 1.
    pub(crate) fn weigh(&mut self, rarity: impl Fn(&Token) -> f64) {
        self.weights = self
            .tokens
            .iter()
            .map(|token| weight(token, 0.4 + 0.6 * rarity(token)))
            .collect();
    }
}

/// Whether a word behind the noun for a measure only says how it is measured: "area total", "elevation m".
pub(super) fn is_of_a_measure(word: &str) -> bool {
    const SAID_BESIDE: [&str; 12] = [
        "total", "value", "average", "mean", "maximum", "minimum", "max", "min", "overall",
        "gross", "net", "nominal",
    ];
    word.chars().count() <= 2 || SAID_BESIDE.contains(&word) || units::is_unit(word)
}

/// Where the head of an English noun phrase ends: before its first preposition, or what is in brackets.
fn head(text: &str, tokens: &[Token]) -> usize {
    let bracket = text.find('(').unwrap_or(text.len());
    let outside = tokens.iter().filter(|token| token.start < bracket).count();
    let tokens = if outside > 0 {
        &tokens[..outside]
    } else {
        tokens
    };
    let preposition = |token: &Token| {
        matches!(
            token.text.as_str(),
            "of" | "in"
                | "by"
                | "for"
                | "from"
                | "at"
                | "to"
                | "on"
                | "with"
                | "as"
                | "above"
                | "below"
                | "during"
                | "before"
                | "after"
        )
    };
    let found = tokens.iter().skip(1).position(preposition);
    found.map_or(tokens.len(), |before| before + 1)
}

fn weight(token: &Token, rarity: f64) -> f64 {
    if text::is_function_word(&token.text) && !text::is_kind(&token.text) {
        0.25
    } else {
        (token.text.chars().count() as f64).sqrt() * rarity
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_end_before_brackets_and_prepositions() {
        let head = |text: &str| Phrase::new(text).head_word().map(|word| word.text.clone());
        assert_eq!(head("height (m)").as_deref(), Some("height"));
        assert_eq!(head("area in square kilometres").as_deref(), Some("area"));
        assert_eq!(
            head("elevation above sea level").as_deref(),
            Some("elevation")
        );
        assert_eq!(head("(old) name").as_deref(), Some("name"));
        assert_eq!(head("capital city").as_deref(), Some("city"));
    }
}
