//! What the same language model says without the answer path: from memory, or with facts before its eyes.

use super::{
    fold::{fold, number, occurs, same},
    questions::Question,
};

/// Facts in the prompt.
pub const FACTS: usize = 8;
/// Tokens that the model may say.
pub const TOKENS: u32 = 32;

/// The prompt of the closed-book baseline: the question alone.
pub fn closed_book(question: &str) -> String {
    question.to_owned()
}

/// The prompt of free generation after retrieval.
pub fn free_rag(question: &str, facts: &[&str]) -> String {
    let mut prompt = String::from("Answer the question with the facts below.\n\nFacts:\n");
    for fact in facts {
        prompt.push_str("- ");
        prompt.push_str(fact);
        prompt.push('\n');
    }
    prompt.push_str("\nQuestion: ");
    prompt.push_str(question);
    prompt
}

/// Whether a text is right: some right answer occurs in it, between word boundaries; a number in any notation, a
/// truth value in either word. A text has no status, so that where one is wanted only the words of `answers` count.
pub fn right(question: &Question, text: &str) -> bool {
    question.gold().iter().any(|gold| {
        let folded = fold(gold);
        let as_number = || {
            number(&folded).is_some()
                && text
                    .split_whitespace()
                    .map(|word| word.trim_matches(|c: char| !c.is_ascii_digit() && c != '-'))
                    .any(|word| same(&fold(word), &folded))
        };
        occurs(gold, text)
            || as_number()
            || (folded == "yes" && occurs("yes", text))
            || (folded == "no" && occurs("no", text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prompt_holds_the_facts_and_the_question() {
        let prompt = free_rag("Who?", &["A, b: C"]);
        assert!(prompt.contains("- A, b: C\n") && prompt.ends_with("Question: Who?"));
        assert_eq!(closed_book("Who?"), "Who?");
    }

    #[test]
    fn a_text_is_right_when_it_says_an_answer() {
        let right = |answers: &[&str], text: &str| {
            let question: Question = serde_json::from_value(
                serde_json::json!({"id": "q", "question": "?", "answers": answers}),
            )
            .unwrap();
            right(&question, text)
        };
        assert!(right(&["Lima"], "It is LIMA.") && !right(&["Lima"], "Limassol"));
        assert!(right(&["1000000"], "About 1,000,000 people.") && right(&["41.5"], "41.50 m"));
        assert!(!right(&["41.5"], "41 m") && !right(&["5"], "fifty"));
        assert!(right(&["true"], "Yes, it is.") && !right(&["false"], "Yes, it is."));
    }
}
