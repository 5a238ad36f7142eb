//! What is more than all others is the most: "more films than anybody else", "larger than any other island".

use super::adjectives::ADJECTIVES;
use crate::text::{self, Token};
use crate::thesaurus::Word;

/// Puts such a comparative in the superlative, and takes out whom or what it is compared with.
pub(super) fn put_above_all(tokens: &mut Vec<Token>) {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let found = (1..tokens.len()).find_map(|at| {
        if word(at) != "than" {
            return None;
        }
        let end = match (word(at + 1), word(at + 2)) {
            ("any", "other") => {
                let noun = Word::of(word(at + 3)).is_noun();
                at + 3 + usize::from(noun)
            }
            ("any", _) => return None,
            ("anyone" | "anybody" | "anything" | "everyone" | "everybody", "else") => at + 3,
            ("all", "others") => at + 3,
            ("all", "the") if word(at + 3) == "others" => at + 4,
            _ => return None,
        };
        Some((at, end))
    });
    let Some((than, end)) = found else {
        return;
    };
    let most = (0..than)
        .rev()
        .find_map(|at| Some((at, superlative(word(at))?)));
    if let Some((at, most)) = most {
        tokens[at].stem = text::stem(&most);
        tokens[at].text = most;
        tokens.drain(than..end.min(tokens.len()));
    }
}

/// The superlative of a comparative.
fn superlative(word: &str) -> Option<String> {
    match word {
        "more" => return Some("most".to_owned()),
        "fewer" => return Some("fewest".to_owned()),
        "less" => return Some("least".to_owned()),
        _ => {}
    }
    if let Some((_, most, ..)) = ADJECTIVES.iter().find(|adjective| adjective.0 == word) {
        return Some((*most).to_owned());
    }
    let known = Word::of(word);
    let stem = word.strip_suffix("er").filter(|stem| stem.len() >= 3)?;
    let adjective = known.is_known() && !known.lemmas.iter().any(|lemma| lemma == word);
    adjective.then(|| format!("{stem}est"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn above(text: &str) -> String {
        let mut tokens = text::tokens(text);
        put_above_all(&mut tokens);
        let words: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        words.join(" ")
    }

    #[test]
    fn what_is_more_than_all_others_is_the_most() {
        assert_eq!(
            above("Who has edited more films than anybody else?"),
            "who has edited most films"
        );
        assert_eq!(
            above("Which island is larger than any other island in the bay?"),
            "which island is largest in the bay"
        );
        let plain = "which film is longer than alien";
        assert_eq!(above(plain), plain);
        let plain = "which islands are larger than any of the others";
        assert_eq!(above(plain), plain);
    }
}
