//! Verbs that are said of the same thing: "who wrote and directed it", "who was born in Paris and died there".

use crate::text::{self, Token};
use crate::thesaurus::Word;

/// Words behind a second verb among which the one stands that means the same place or thing again.
const NEAR: usize = 2;

/// The verbs; none where there are no two.
pub(super) fn find(tokens: &[Token]) -> Vec<usize> {
    let mut found = Vec::new();
    for at in 1..tokens.len().saturating_sub(1) {
        if tokens[at].text != "and" || !is_verb(tokens, at + 1) {
            continue;
        }
        // "Played for | and managed".
        let bound = matches!(
            tokens[at - 1].text.as_str(),
            "for" | "in" | "at" | "on" | "with" | "by" | "to" | "from"
        );
        let first = at.checked_sub(1 + usize::from(bound));
        if let Some(first) = first.filter(|first| is_verb(tokens, *first)) {
            // "Wrote, directed | and produced".
            let more = (0..first).rev().take_while(|more| is_verb(tokens, *more));
            found.extend(more);
            found.reverse();
            found.extend([first, at + 1]);
            break;
        }
        let again = |token: &Token| matches!(token.text.as_str(), "there" | "it" | "him" | "them");
        if tokens[at + 2..].iter().take(NEAR).any(again) {
            let first = (0..at).find(|before| is_verb(tokens, *before));
            found.extend(first.map(|first| [first, at + 1]).into_iter().flatten());
            break;
        }
    }
    found
}

/// Whether a word is a verb: in its past form, or, behind "did", as it is.
fn is_verb(tokens: &[Token], at: usize) -> bool {
    let token = &tokens[at];
    let word = Word::of(&token.text);
    let did = tokens[..at]
        .iter()
        .any(|token| matches!(token.text.as_str(), "did" | "does" | "do"));
    let verb = word.is_past(&token.text) || (did && word.is_known() && !word.is_noun());
    verb && !token.capital && !token.is_number() && !text::is_function_word(&token.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_of_the_same_thing() {
        let read = |text: &str| {
            let tokens = text::tokens(text);
            let verbs = find(&tokens).into_iter().map(|at| tokens[at].text.clone());
            verbs.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(read("who wrote and directed Jaws"), "wrote directed");
        assert_eq!(
            read("who wrote, directed and produced Jaws"),
            "wrote directed produced"
        );
        assert_eq!(
            read("who was born in Paris and died there as well"),
            "born died"
        );
        assert_eq!(read("who played for and managed Ajax"), "played managed");
        assert_eq!(read("who was born in Paris and died in Rome"), "");
        assert_eq!(read("did she write and direct Jaws"), "write direct");
        assert_eq!(read("the parents and children of Ada"), "");
        assert_eq!(read("which men and women were knighted"), "");
        assert_eq!(read("a famous and wealthy painter"), "");
    }
}
