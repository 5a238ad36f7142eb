//! What the same language model says without the answer path: from memory, or with facts before its eyes.

use super::{fold::occurs, questions::Question};

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

/// Whether a text is right: some right answer occurs in it, between word boundaries.
pub fn right(question: &Question, text: &str) -> bool {
    question.gold().iter().any(|gold| occurs(gold, text))
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
}
