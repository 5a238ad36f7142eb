//! How names and questions are compared: folding, tokens, stems and likeness.

use std::cell::RefCell;
use std::collections::HashMap;

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A word of a question, with its place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The folded word: see [`fold`].
    pub text: String,
    /// Its stem.
    pub stem: String,
    /// First byte in the question.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Whether the question writes it with a capital.
    pub capital: bool,
}

impl Token {
    /// Whether it is written in digits alone.
    pub fn is_number(&self) -> bool {
        self.text.chars().all(|c| c.is_ascii_digit())
    }
}

/// Where some words stand in others, one after the other.
pub fn find(words: &[Token], within: &[Token]) -> Option<usize> {
    if words.is_empty() {
        return None;
    }
    let alike = |part: &[Token]| part.iter().zip(words).all(|(a, b)| a.text == b.text);
    within.windows(words.len()).position(alike)
}

/// The longest text that is split into tokens; what follows is ignored.
const MAX_TOKENS: usize = 512;

/// Folds case, diacritics and compatibility forms: `São` becomes `sao`, `Ｎ` becomes `n`.
///
/// Letters that Unicode does not decompose are folded by a small table, since people who lack them on
/// their keyboard write the plain letter.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text
        .nfkd()
        .filter(|&c| !is_combining_mark(c))
        .flat_map(char::to_lowercase)
    {
        match c {
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'đ' | 'ð' => out.push('d'),
            'þ' => out.push_str("th"),
            'ı' => out.push('i'),
            'ə' => out.push('e'),
            'ħ' => out.push('h'),
            // Lower-casing a dotted capital I leaves a mark behind.
            c if is_combining_mark(c) => {}
            // Modifier letters that transliterations use as apostrophes.
            'ʻ' | 'ʼ' | 'ʾ' | 'ʿ' => out.push('\''),
            c => out.push(c),
        }
    }
    out
}

/// The words of a text, folded: maximal runs of letters and digits.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut start = None;
    let ends = text.char_indices().chain([(text.len(), ' ')]);
    for (at, c) in ends {
        let inside = at < text.len() && (c.is_alphanumeric() || is_combining_mark(c));
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let word = &text[from..at];
                let mut folded = fold(word);
                // Folding may leave marks that part words, such as the stroke of a fraction.
                folded.retain(char::is_alphanumeric);
                if !folded.is_empty() {
                    let capital = word.chars().next().is_some_and(char::is_uppercase);
                    found.push(Token {
                        stem: stem(&folded),
                        text: folded,
                        start: from,
                        end: at,
                        capital,
                    });
                }
                start = None;
                if found.len() == MAX_TOKENS {
                    break;
                }
            }
            _ => {}
        }
    }
    found
}

/// The key under which a name is looked up: its folded words, one space between them.
pub fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for token in tokens(name) {
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(&token.text);
    }
    key
}

/// The stem of a folded English word (Snowball's English stemmer); other words come back as they are.
pub fn stem(word: &str) -> String {
    thread_local! {
        static STEMMER: Stemmer = Stemmer::create(Algorithm::English);
        static KNOWN: RefCell<HashMap<String, String>> = RefCell::new(HashMap::new());
    }
    if !word.is_ascii() || word.len() < 3 {
        return word.to_owned();
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some(stem) = known.get(word) {
            return stem.clone();
        }
        // The cache is a speed-up for the words of predicates and classes, not a store of all words.
        if known.len() > 20_000 {
            known.clear();
        }
        let stem = STEMMER.with(|stemmer| stemmer.stem(word).into_owned());
        known.insert(word.to_owned(), stem.clone());
        stem
    })
}

/// Words that carry structure rather than content in English questions.
pub fn is_function_word(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "a",
        "about",
        "all",
        "also",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "being",
        "between",
        "by",
        "can",
        "could",
        "d",
        "did",
        "do",
        "does",
        "each",
        "ever",
        "every",
        "for",
        "from",
        "give",
        "had",
        "has",
        "have",
        "having",
        "he",
        "her",
        "hers",
        "him",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "ll",
        "list",
        "m",
        "many",
        "may",
        "me",
        "might",
        "much",
        "must",
        "my",
        "name",
        "of",
        "on",
        "one",
        "or",
        "our",
        "out",
        "please",
        "re",
        "s",
        "shall",
        "she",
        "should",
        "show",
        "some",
        "such",
        "t",
        "tell",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "too",
        "u",
        "up",
        "us",
        "ve",
        "was",
        "we",
        "were",
        "what",
        "whats",
        "when",
        "where",
        "while",
        "whilst",
        "which",
        "who",
        "whom",
        "whos",
        "whose",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
        "someone",
        "somebody",
        "anyone",
        "anybody",
        "something",
        "anything",
        "famous",
        "actually",
        "originally",
        "use",
        "uses",
        "used",
        "using",
        "know",
        "called",
        "named",
        "find",
        "kind",
        "type",
        "sort",
    ];
    WORDS.contains(&word)
}

/// Whether a function word may still be the chief word of a name: "what kind of film" asks for a genre.
pub fn is_kind(word: &str) -> bool {
    matches!(word, "kind" | "type" | "sort")
}

/// How alike words are that are a slip of the keyboard apart.
pub(crate) const SLIP: f64 = 0.9;

/// How alike two folded words are, from 0 to 1, for matching a question's words with a label's.
///
/// Equal words and equal stems count fully; words that share a long beginning (`populous`,
/// `population`) and words one slip of the keyboard apart count somewhat less.
pub fn word_likeness(a: &str, a_stem: &str, b: &str, b_stem: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    if a_stem == b_stem {
        return 0.97;
    }
    let shared = a_stem
        .bytes()
        .zip(b_stem.bytes())
        .take_while(|(x, y)| x == y)
        .count();
    let (short, long) = (
        a_stem.len().min(b_stem.len()),
        a_stem.len().max(b_stem.len()),
    );
    // A derived word keeps its root: the shorter stem is all but contained in the longer one.
    if shared >= 4
        && (shared == short || (shared >= 6 && shared + 1 == short))
        && long - shared <= 5
    {
        return 0.85;
    }
    if is_slip(a, b) {
        return SLIP;
    }
    0.0
}

/// Whether `typed` is `word` with one or two slips of the keyboard, by its length.
///
/// Swapped neighbours and doubled or undoubled letters are the commonest slips and the least likely to
/// turn one name into another; they are forgiven from five letters on, any other single edit from seven,
/// two edits from twelve. Shorter words are compared exactly: `Gondor` is not `Gondar`.
pub fn is_slip(typed: &str, word: &str) -> bool {
    let (a, b) = (typed.chars().count(), word.chars().count());
    let length = a.min(b);
    if length < 5 || a.abs_diff(b) > 2 || typed == word {
        return false;
    }
    // Digits carry meaning one by one: 1984 is no slip of 1985.
    let digits = |s: &str| s.chars().filter(|c| c.is_numeric()).collect::<String>();
    if digits(typed) != digits(word) {
        return false;
    }
    match strsim::damerau_levenshtein(typed, word) {
        1 => {
            length >= 7
                || undouble(typed) == undouble(word)
                || (a == b && strsim::levenshtein(typed, word) == 2)
        }
        2 => length >= 12,
        _ => false,
    }
}

/// A word with one letter for each that is doubled.
pub(crate) fn undouble(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        if !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

/// How alike two names are, from 0 to 1, word by word, whatever the order of the words.
///
/// A name's long words weigh more than its short ones.
pub fn name_likeness(a: &[Token], b: &[Token]) -> f64 {
    let weight = |t: &Token| {
        if is_function_word(&t.text) {
            0.3
        } else {
            (t.text.chars().count() as f64).sqrt()
        }
    };
    let total: f64 = a.iter().chain(b).map(weight).sum();
    if total == 0.0 {
        return 0.0;
    }
    let mut used = vec![false; b.len()];
    let mut matched = 0.0;
    for x in a {
        let best = b
            .iter()
            .enumerate()
            .filter(|(i, _)| !used[*i])
            .map(|(i, y)| -> (usize, f64) {
                (
                    i,
                    if x.text == y.text {
                        1.0
                    } else if is_slip(&x.text, &y.text) {
                        0.85
                    } else {
                        0.0
                    },
                )
            })
            .max_by(|p, q| p.1.total_cmp(&q.1));
        if let Some((i, likeness)) = best.filter(|(_, likeness)| *likeness > 0.0) {
            used[i] = true;
            matched += likeness * (weight(x) + weight(&b[i]));
        }
    }
    matched / total
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_fold_case_marks_and_punctuation() {
        assert_eq!(key("São Paulo"), "sao paulo");
        assert_eq!(key("N'Djamena"), "n djamena");
        assert_eq!(key("  Łódź – Centrum "), "lodz centrum");
        assert_eq!(key("Dəhnəxəlil"), "dehnexelil");
    }

    #[test]
    fn slips_are_forgiven_by_length() {
        assert!(is_slip("captial", "capital"));
        assert!(is_slip("kyrgystan", "kyrgyzstan"));
        assert!(is_slip("jappan", "japan"));
        assert!(!is_slip("gondor", "gondar"));
        assert!(!is_slip("chad", "chao"));
        assert!(!is_slip("1984", "1985"));
    }

    #[test]
    fn derived_words_are_alike() {
        let like = |a: &str, b: &str| word_likeness(a, &stem(a), b, &stem(b));
        assert!(like("populous", "population") > 0.8);
        assert!(like("directed", "director") > 0.8);
        assert!(like("borders", "border") > 0.9);
        assert_eq!(like("mayor", "capital"), 0.0);
        assert_eq!(like("country", "county"), 0.0);
    }

    proptest! {
        #[test]
        fn tokens_lie_in_the_text(text in "\\PC{0,60}") {
            let mut last = 0;
            for token in tokens(&text) {
                prop_assert!(token.start >= last && token.end > token.start);
                prop_assert!(text.get(token.start..token.end).is_some());
                last = token.end;
            }
        }

        #[test]
        fn key_is_idempotent(text in "\\PC{0,60}") {
            let once = key(&text);
            prop_assert_eq!(key(&once), once);
        }
    }
}
