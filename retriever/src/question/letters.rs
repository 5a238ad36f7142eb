//! What names of things begin or end with, or have in them: "operas that start with the letter T", "whose name contains Sky".

use std::ops::Range;

use crate::text::Token;

/// Where in a name something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At its beginning.
    Start,
    /// At its end.
    End,
    /// Anywhere.
    Within,
}

/// Some letters of the names that are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Letters {
    /// Where they stand.
    pub place: Place,
    /// The letters, in small ones.
    pub text: String,
    /// The tokens that say so.
    pub(crate) span: Range<usize>,
}

/// Finds the letters that names must have.
pub(super) fn find(tokens: &[Token]) -> Option<Letters> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    (1..tokens.len()).find_map(|at| {
        let place = match (word(at), word(at + 1)) {
            ("start" | "starts" | "starting" | "begin" | "begins" | "beginning", "with" | "in") => {
                Place::Start
            }
            ("end" | "ends" | "ending" | "finish" | "finishes", "with" | "in") => Place::End,
            (
                "contain" | "contains" | "containing" | "include" | "includes" | "has" | "have"
                | "with",
                _,
            ) => Place::Within,
            _ => return None,
        };
        let mut next = at + if place == Place::Within { 1 } else { 2 };
        while matches!(word(next), "the" | "a" | "an") && next + 1 < tokens.len() {
            next += 1;
        }
        let spelt = matches!(
            word(next),
            "letter" | "letters" | "word" | "words" | "prefix" | "string" | "syllable"
        );
        next += usize::from(spelt);
        let text = tokens.get(next)?.text.clone();
        let from = (1..at)
            .rev()
            .take_while(|at| is_of_names(word(*at)))
            .last()
            .unwrap_or(at);
        let end = Some(next + 1).filter(|end| word(*end) == "in");
        let behind = end.and_then(|end| {
            (end + 1..tokens.len())
                .take(2)
                .find(|at| is_name(word(*at)))
        });
        let of_names = behind.is_some() || (from..at).any(|at| is_name(word(at)));
        // "Which race begins with the swim": things begin with others as well, but with no letter.
        let letter = text.chars().count() == 1 && place != Place::Within && word(next - 1) != "the";
        (spelt || of_names || letter).then(|| Letters {
            place,
            text,
            span: from..behind.map_or(next, |at| at) + 1,
        })
    })
}

fn is_name(word: &str) -> bool {
    matches!(
        word,
        "name" | "names" | "title" | "titles" | "label" | "labels"
    )
}

/// Whether a word before the verb has to do with names: "that | have a name | beginning with".
fn is_of_names(word: &str) -> bool {
    is_name(word)
        || matches!(
            word,
            "that"
                | "which"
                | "who"
                | "whose"
                | "with"
                | "have"
                | "has"
                | "having"
                | "a"
                | "the"
                | "their"
                | "its"
                | "and"
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::Question;

    fn found(text: &str) -> Option<(Place, String)> {
        let letters = Question::read(text).letters?;
        Some((letters.place, letters.text))
    }

    #[test]
    fn names_have_letters() {
        let some = |place, text: &str| Some((place, text.to_owned()));
        assert_eq!(
            found("operas that start with the letter T"),
            some(Place::Start, "t")
        );
        assert_eq!(
            found("Which planets have a name beginning with M?"),
            some(Place::Start, "m")
        );
        assert_eq!(
            found("the band's album that starts with an s"),
            some(Place::Start, "s")
        );
        assert_eq!(
            found("films whose title ends in night"),
            some(Place::End, "night")
        );
        assert_eq!(
            found("songs that contain the word moon"),
            some(Place::Within, "moon")
        );
        assert_eq!(
            found("songs with moon in their title"),
            some(Place::Within, "moon")
        );
        for text in [
            "Which race begins with the swim?",
            "Which soups contain beef?",
            "songs with Moon in 1990",
            "Who has a dog?",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
