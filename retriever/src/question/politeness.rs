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
    let asks = |at: usize| opens_a_question(word(at)) || lists(&[word(at)]);
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
    // What is left must be a question by itself.
    if asks(next) { next } else { 0 }
}

/// Where the politeness begins that a question ends with: "the films by her, | please".
pub(super) fn closing(tokens: &[Token]) -> usize {
    let word = |token: &&Token| {
        !token.capital && matches!(token.text.as_str(), "please" | "pls" | "thanks")
    };
    let polite = tokens.iter().rev().take_while(word).count();
    let left = tokens.len() - polite;
    if left == 0 { tokens.len() } else { left }
}

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
        assert_eq!(opens("Can you see Korrin?"), "can");
        assert_eq!(Question::read("towns by the sea please").tokens.len(), 4);
        assert_eq!(Question::read("please").tokens.len(), 1);
    }
}
