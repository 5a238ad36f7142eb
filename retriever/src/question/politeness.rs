//! Words around a question that ask for nothing: "could you tell me | who she is, | please".

use super::cues::{lists, opens_a_question};
use crate::text::Token;

/// How many words a question opens with that are mere politeness: "could you tell me | who", "I'd like to know | who".
pub(super) fn opening(tokens: &[Token]) -> usize {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut at = 0;
    while matches!(
        word(at),
        "please" | "so" | "hi" | "hello" | "hey" | "ok" | "okay"
    ) {
        at += 1;
    }
    let says = |at: usize| matches!(word(at), "define" | "describe" | "explain");
    let asks = |at: usize| opens_a_question(word(at)) || lists(&[word(at)]) || says(at);
    let next = match [
        word(at),
        word(at + 1),
        word(at + 2),
        word(at + 3),
        word(at + 4),
    ] {
        [
            "can" | "could" | "would" | "will",
            "you",
            "please",
            "tell",
            "me",
        ] => at + 5,
        ["can" | "could" | "would" | "will", "you", "tell", "me", _] => at + 4,
        ["can" | "could" | "would" | "will", "you", "please", ..] => at + 3,
        ["can" | "could" | "would" | "will", "you", ..] => at + 2,
        ["do", "you", "know", ..] => at + 3,
        ["i", "d" | "would", "like", "to", "know"] => at + 5,
        ["i", "want" | "need" | "wish", "to", "know", _] => at + 4,
        ["i", "wonder" | "wondered", ..] => at + 2,
        ["tell", "me", ..] => at + 2,
        _ => at,
    };
    // What is left must be a question by itself, or what is asked for: "could you tell me | the name of".
    let article = next > at && matches!(word(next), "the" | "all");
    if asks(next) || article { next } else { 0 }
}

/// Where the words begin that a question ends with and that say no more of what is asked: "the films by her, | please", "the
/// oldest singer | in the database".
pub(super) fn closing(tokens: &[Token]) -> usize {
    let word = |token: &&Token| {
        !token.capital && matches!(token.text.as_str(), "please" | "pls" | "thanks")
    };
    let mut end = tokens.len() - tokens.iter().rev().take_while(word).count();
    let words: Vec<&str> = tokens[..end]
        .iter()
        .map(|token| token.text.as_str())
        .collect();
    let everything = WHOLE.iter().filter(|source| words.ends_with(source));
    if let Some(source) = everything.max_by_key(|source| source.len()) {
        end -= source.len();
    }
    if end == 0 { tokens.len() } else { end }
}

/// What people call the knowledge base that they ask.
const WHOLE: &[&[&str]] = &[
    &["in", "the", "database"],
    &["in", "this", "database"],
    &["in", "your", "database"],
    &["in", "the", "knowledge", "base"],
    &["in", "the", "knowledge", "graph"],
    &["in", "the", "dataset"],
    &["in", "this", "dataset"],
    &["in", "the", "data"],
];

#[cfg(test)]
mod tests {
    use crate::question::Question;

    #[test]
    fn politeness_is_no_part_of_a_question() {
        let opens = |text: &str| Question::read(text).tokens[0].text.clone();
        assert_eq!(opens("Could you tell me who the keeper is?"), "who");
        assert_eq!(opens("I'd like to know how many there are."), "how");
        assert_eq!(opens("please list the towns"), "list");
        assert_eq!(opens("Tell me about Korrin"), "tell");
        assert_eq!(opens("Can you tell me the keeper?"), "the");
        assert_eq!(opens("Can you see Korrin?"), "can");
        assert_eq!(Question::read("towns by the sea please").tokens.len(), 4);
        assert_eq!(Question::read("please").tokens.len(), 1);
        assert_eq!(
            Question::read("the oldest singer in the database")
                .tokens
                .len(),
            3
        );
        assert_eq!(Question::read("in the database").tokens.len(), 3);
    }
}
