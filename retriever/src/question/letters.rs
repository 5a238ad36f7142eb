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
pub(super) fn find(text: &str, tokens: &[Token]) -> Option<Letters> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    (1..tokens.len()).find_map(|at| {
        let place = match (word(at), word(at + 1)) {
            ("start" | "starts" | "starting" | "begin" | "begins" | "beginning", "with") => {
                Place::Start
            }
            ("end" | "ends" | "ending", "with" | "in") => Place::End,
            (
                "contain" | "contains" | "containing" | "include" | "includes" | "has" | "have"
                | "with",
                _,
            ) => Place::Within,
            _ => return None,
        };
        let mut next = at + if place == Place::Within { 1 } else { 2 };
        let article = matches!(word(next), "the" | "a" | "an");
        next += usize::from(article && (is_spelt(word(next + 1)) || is_letter(word(next + 1))));
        let spelt = is_spelt(word(next)) && word(next - 1) == "the";
        next += usize::from(spelt);
        let end = end_of(tokens, next)?;
        let letters = text[tokens[next].start..tokens[end - 1].end].to_lowercase();
        // "Whose title | ends in", "with a name | beginning with": of the noun that is asked for no letters are meant.
        let named = is_name(word(at - 1))
            && matches!(
                word(at.wrapping_sub(2)),
                "whose" | "a" | "the" | "their" | "its"
            );
        let from = (1..at)
            .rev()
            .take_while(|at| is_of_names(word(*at)))
            .last()
            .unwrap_or(at);
        let behind = Some(end).filter(|end| word(*end) == "in");
        let behind = behind.and_then(|end| {
            (end + 1..tokens.len())
                .take(2)
                .find(|at| is_name(word(*at)))
        });
        let told = match place {
            Place::Within => {
                behind.is_some() || (spelt && !matches!(word(at), "has" | "have" | "with"))
            }
            // "Which race begins with the swim": things begin with others as well, but with no letter.
            Place::Start | Place::End => {
                spelt
                    || named
                    || behind.is_some()
                    || (is_letter(&letters) && word(at + 1) == "with")
            }
        };
        let plain = letters.chars().all(|c| c.is_alphanumeric() || c == ' ');
        (told && plain).then(|| Letters {
            place,
            text: letters,
            span: from..behind.map_or(end, |at| at + 1),
        })
    })
}

/// Where the letters end that begin at a token: behind one word, or behind a name of several.
fn end_of(tokens: &[Token], from: usize) -> Option<usize> {
    let first = tokens.get(from)?;
    let more = tokens[from + 1..].iter().take_while(|token| token.capital);
    Some(
        from + 1
            + if first.capital && first.text.len() > 1 {
                more.count()
            } else {
                0
            },
    )
}

fn is_letter(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
}

/// Whether a noun says that letters follow, behind an article: "the letter T".
fn is_spelt(word: &str) -> bool {
    matches!(
        word,
        "letter" | "letters" | "word" | "words" | "prefix" | "string" | "syllable"
    )
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
        assert_eq!(
            found("Which countries whose name starts with A are in Africa?"),
            some(Place::Start, "a")
        );
        assert_eq!(
            found("books whose title contains the words Star Wars"),
            some(Place::Within, "star wars")
        );
        assert_eq!(
            found("streets that start with the letter Ü"),
            some(Place::Start, "ü")
        );
        for text in [
            "Which race begins with the swim?",
            "Which soups contain beef?",
            "songs with Moon in 1990",
            "Who has a dog?",
            "How many titles has Roger Federer won?",
            "Which labels have signed Adele?",
            "Which museum has letters by Van Gogh?",
            "Which projects end in 5 days?",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
