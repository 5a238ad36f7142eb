//! What people call a thing for short.

use crate::text;
use crate::thesaurus::Word;

/// The keys of what people call a thing for short, as good as those of an alias.
pub(super) fn keys(name: &str) -> impl Iterator<Item = String> {
    let key = text::key(name);
    let short = [
        without_legal_form(&key),
        without_kind_of_club(name, &key),
        without_title(&key),
        without_realm(name),
        without_place(name),
        without_subtitle(name),
        initials_behind(name),
    ];
    let whole = move |short: &String| *short != key && !short.is_empty();
    short.into_iter().flatten().filter(whole)
}

/// What the legal forms of companies are called, as keys have them.
const LEGAL_FORMS: [&str; 20] = [
    "inc",
    "incorporated",
    "ltd",
    "llc",
    "l l c",
    "llp",
    "plc",
    "corp",
    "gmbh",
    "gmbh co kg",
    "co kg",
    "n v",
    "b v",
    "bv",
    "nv",
    "oy",
    "oyj",
    "s p a",
    "s r l",
    "srl",
];

/// Abbreviations for what kind of club one is, as keys have them. In names they are written in capitals: "AS Roma", but "As You
/// Like It".
const CLUBS: [&str; 20] = [
    "fc", "f c", "afc", "a f c", "cf", "c f", "sc", "s c", "ac", "a c", "as", "a s", "ssc", "rc",
    "r c", "cd", "ud", "fk", "sk", "bk",
];

/// Titles before a name, and what is told of a generation behind it.
const TITLES: [&str; 9] = [
    "dr",
    "prof",
    "professor",
    "sir",
    "dame",
    "mr",
    "mrs",
    "ms",
    "prof dr",
];
const GENERATIONS: [&str; 4] = ["jr", "sr", "junior", "senior"];

/// Names of fewer letters than this are not cut to.
const LEAST_LETTERS: usize = 3;
/// Words in a name, and in that of the place behind it.
const MOST_WORDS: usize = 3;
/// Words of a title that something explains.
const MOST_OF_TITLE: usize = 5;

/// The key of a company's name without its legal form: people leave it out.
fn without_legal_form(key: &str) -> Option<String> {
    let forms = LEGAL_FORMS.iter();
    let rests = forms.filter_map(|form| before(key, form));
    // The longest form: "GmbH & Co. KG".
    rests
        .min_by_key(|rest| rest.len())
        .filter(|rest| rest.len() >= LEAST_LETTERS)
        .map(str::to_owned)
}

/// The key of a club's name without what kind of club it is, and the year that goes with it: "Schalke" of "FC Schalke 04".
fn without_kind_of_club(name: &str, key: &str) -> Option<String> {
    let capitals = |word: Option<&str>| {
        word.is_some_and(|word| {
            !word.chars().any(char::is_lowercase) && word.chars().any(char::is_uppercase)
        })
    };
    let opens = capitals(name.split(' ').next());
    let first = CLUBS
        .iter()
        .filter(|_| opens)
        .filter_map(|club| behind(key, club))
        .min_by_key(|rest| rest.len());
    let own = first.unwrap_or(key);
    let closes = capitals(name.split(' ').next_back());
    let last = CLUBS
        .iter()
        .filter(|_| closes)
        .filter_map(|club| before(own, club))
        .min_by_key(|rest| rest.len());
    let rest = last.or(first)?;
    let digits = |word: &str| word.bytes().all(|b| b.is_ascii_digit());
    let words: Vec<&str> = rest.split(' ').filter(|word| !digits(word)).collect();
    let rest = words.join(" ");
    (rest.len() >= LEAST_LETTERS).then_some(rest)
}

/// The key of somebody's name without a title: "Dr. Ada Lovelace", "Sammy Davis Jr.".
fn without_title(key: &str) -> Option<String> {
    let titled = TITLES.iter().filter_map(|title| behind(key, title));
    let rest = titled.min_by_key(|rest| rest.len());
    let own = rest.unwrap_or(key);
    let young = GENERATIONS.iter().find_map(|word| before(own, word));
    // "Sir Ada" needs the title.
    let several = young.or(rest).filter(|rest| rest.contains(' '));
    several.map(str::to_owned)
}

/// The key of a ruler's name without the realm: "Henry VIII" of "Henry VIII of England".
fn without_realm(name: &str) -> Option<String> {
    let (ruler, _) = name.split_once(" of ")?;
    let (_, number) = ruler.rsplit_once(' ')?;
    let roman = number.chars().all(|c| matches!(c, 'I' | 'V' | 'X'));
    (roman && !number.is_empty()).then(|| text::key(ruler))
}

/// The key of a place's name without that of the place where it is: "Albany" of "Albany, New York". "Curie, Marie" is in no Marie.
fn without_place(name: &str) -> Option<String> {
    let (own, place) = name.split_once(", ")?;
    let is_name = |part: &str| {
        let mut words = part.split(' ');
        let capital = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
        part.split(' ').count() <= MOST_WORDS && words.all(capital)
    };
    let of_place = text::tokens(place).iter().any(|token| {
        let word = Word::of(&token.text);
        word.is_name() && (word.denotes("location") || word.denotes("object"))
    });
    (is_name(own) && is_name(place) && of_place).then(|| text::key(own))
}

/// The key of a title without what explains it: "BERT" of "BERT: Pre-training of Deep Bidirectional Transformers".
fn without_subtitle(name: &str) -> Option<String> {
    let (title, further) = name.split_once(": ")?;
    let short = title.split(' ').count() <= MOST_OF_TITLE && further.contains(' ');
    Some(text::key(title)).filter(|key| short && key.len() >= LEAST_LETTERS)
}

/// The key of what a name is abbreviated to behind it: "ICML" of "International Conference on Machine Learning (ICML)". Its
/// letters begin two of its words or more; what tells names apart there does not: "The Office (US)".
fn initials_behind(name: &str) -> Option<String> {
    let (long, short) = name.strip_suffix(')')?.rsplit_once(" (")?;
    let capitals = short.chars().filter(|c| c.is_uppercase()).count();
    let letters = |c: char| c.is_alphanumeric() || matches!(c, '-' | '&');
    if capitals < 2 || !short.chars().all(letters) {
        return None;
    }
    let long = text::fold(long);
    let begins = |at: usize| !long[..at].ends_with(char::is_alphanumeric);
    // Each letter stands behind the one before, and the first one at the beginning of a word; and so does another one.
    let (mut from, mut begun) = (None, 0);
    for letter in text::fold(short).chars().filter(|c| c.is_alphanumeric()) {
        let rest = from.unwrap_or(0);
        let same = || long[rest..].char_indices().filter(|(_, c)| *c == letter);
        let first = same().find(|(at, _)| begins(rest + at));
        let found = first.or_else(|| same().next().filter(|_| from.is_some()));
        let (at, c) = found?;
        begun += usize::from(begins(rest + at));
        from = Some(rest + at + c.len_utf8());
    }
    (begun > 1).then(|| text::key(short))
}

/// What stands before some last words.
fn before<'a>(key: &'a str, last: &str) -> Option<&'a str> {
    key.strip_suffix(last)?.strip_suffix(' ')
}

/// What stands behind some first words.
fn behind<'a>(key: &'a str, first: &str) -> Option<&'a str> {
    key.strip_prefix(first)?.strip_prefix(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_to_what_people_say() {
        let short = |name: &str| keys(name).collect::<Vec<_>>();
        assert_eq!(short("Casa Rossa S.p.A."), ["casa rossa"]);
        assert_eq!(short("Foo GmbH & Co. KG"), ["foo"]);
        assert_eq!(short("Henry VIII of England"), ["henry viii"]);
        assert_eq!(short("FC Norderau 04"), ["norderau"]);
        assert_eq!(short("Real Norderau C.F."), ["real norderau"]);
        assert_eq!(short("Prof. Dr. Ilse Maar"), ["ilse maar"]);
        assert_eq!(short("Sammy Maar Jr."), ["sammy maar"]);
        assert_eq!(short("Norderau, Texas"), ["norderau"]);
        assert_eq!(short("AS Norderau"), ["norderau"]);
        assert_eq!(short("BERT: Deep Transformers"), ["bert"]);
        assert_eq!(
            short("Conference on Neural Information Processing (NeurIP)"),
            ["neurip"]
        );
        let none = [
            "Duke of York",
            "Duke  of York",
            "Sir Ada",
            "FC 04",
            "Good night, and good luck",
            "As You Like It",
            "What If",
            "Maar, Ilse",
            "Hello, Dolly",
            "The Office (US)",
            "Undercover Boss (US)",
            "Eclipse (EP)",
            "Divided (DVD)",
            "Norderau (UK)",
        ];
        for name in none {
            assert!(short(name).is_empty(), "{name}");
        }
    }
}
