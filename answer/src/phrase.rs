//! Small matters of English: lists, plurals, names as words, rounded numbers.

use retriever::thesaurus::Word;

/// "A", "A and B", "A, B and C".
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The plural of an English noun phrase, by the regular rules.
pub(crate) fn plural(noun: &str) -> String {
    let lower = noun.to_lowercase();
    if lower.ends_with("series") || lower.ends_with("species") {
        return noun.to_owned();
    }
    let vowel_before_y = lower
        .chars()
        .rev()
        .nth(1)
        .is_some_and(|c| "aeiou".contains(c));
    if lower.ends_with('y') && !vowel_before_y {
        format!("{}ies", &noun[..noun.len() - 1])
    } else if ["s", "x", "z", "ch", "sh"]
        .iter()
        .any(|end| lower.ends_with(end))
    {
        format!("{noun}es")
    } else if let Some((one, many)) = IRREGULAR.iter().find(|(one, _)| lower.ends_with(one)) {
        format!("{}{many}", &noun[..noun.len() - one.len()])
    } else {
        format!("{noun}s")
    }
}

/// Endings of nouns with plurals of their own.
const IRREGULAR: &[(&str, &str)] = &[
    ("person", "people"),
    ("child", "children"),
    ("woman", "women"),
];

/// A class's or predicate's label as it stands inside a sentence: "Country" becomes "country"; "DNA",
/// "Nobel laureate" and other words with capitals of their own stay.
pub(crate) fn inside(label: &str) -> String {
    let mut letters = label.chars();
    let (Some(first), rest) = (letters.next(), letters.as_str()) else {
        return String::new();
    };
    let own_capitals = rest.chars().any(char::is_uppercase) || rest.is_empty();
    if own_capitals {
        label.to_owned()
    } else {
        first.to_lowercase().chain(rest.chars()).collect()
    }
}

/// The sentence with a capital at its beginning.
pub(crate) fn begin(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// "a" or "an".
pub(crate) fn article(noun: &str) -> &'static str {
    let vowel = noun
        .chars()
        .next()
        .is_some_and(|c| "aeiouAEIOU".contains(c));
    if vowel { "an" } else { "a" }
}

/// Where the head of an English noun phrase ends: "place" of "place of birth", "award" of "award received".
fn head_end(label: &str) -> usize {
    let mut end = label.find([',', '/', '(']).unwrap_or(label.len());
    let mut from = 0;
    for word in label[..end].split(' ') {
        let ends = matches!(
            word,
            "of" | "in"
                | "by"
                | "for"
                | "from"
                | "at"
                | "to"
                | "on"
                | "with"
                | "as"
                | "per"
                | "after"
                | "before"
                | "within"
                | "or"
                | "and"
        );
        if from > 0 && ends {
            end = from;
            break;
        }
        from += word.len() + 1;
    }
    let mut head = label[..end].trim_end();
    // "element mined", "position played": what was done to it comes after it.
    while let Some((before, last)) = head.rsplit_once(' ')
        && Word::of(last).is_participle(last)
    {
        head = before.trim_end();
    }
    head.len()
}

/// The plural of a noun phrase, whatever follows its head: "places of birth".
pub(crate) fn plural_of_head(label: &str) -> String {
    let end = head_end(label);
    let (head, rest) = label.split_at(end);
    if is_many(head) {
        label.to_owned()
    } else {
        format!("{}{rest}", plural(head))
    }
}

/// The singular of a noun phrase: "starred actor" of "starred actors".
pub(crate) fn singular_of_head(label: &str) -> String {
    let end = head_end(label);
    let (head, rest) = label.split_at(end);
    if !is_many(head) {
        return label.to_owned();
    }
    let (before, last) = head.rsplit_once(' ').map_or(("", head), |(b, l)| (b, l));
    let folded = last.to_lowercase();
    let word = Word::of(&folded);
    // "Games" is of "game", rather than of "gam".
    let mut bases = word.lemmas.iter().filter(|lemma| **lemma != folded);
    let longest = bases.clone().find(|lemma| format!("{lemma}s") == folded);
    let base = longest.or_else(|| bases.next());
    let one = base.map_or(last, String::as_str);
    if before.is_empty() {
        format!("{one}{rest}")
    } else {
        format!("{before} {one}{rest}")
    }
}

/// Whether a noun is a plural: its base form is another noun.
fn is_many(noun: &str) -> bool {
    let last = noun.rsplit(' ').next().unwrap_or(noun);
    let folded = last.to_lowercase();
    let ends = folded.ends_with('s') || matches!(folded.as_str(), "children" | "people");
    if !ends || last.chars().any(char::is_uppercase) || INVARIANT.contains(&folded.as_str()) {
        return false;
    }
    let singular = ["ss", "us", "is", "ics"]
        .iter()
        .any(|end| folded.ends_with(end));
    let word = Word::of(&folded);
    let base = word.lemmas.iter().find(|lemma| **lemma != folded);
    // "gas" is no plural of "ga".
    !singular && base.is_some_and(|base| base.len() > 2 && Word::of(base).is_noun())
}

/// Nouns that are the same for one and for many.
const INVARIANT: &[&str] = &[
    "series",
    "species",
    "news",
    "headquarters",
    "means",
    "crossroads",
];

/// The head's last word apart from the phrase's other words, for comparing two nouns.
pub(crate) fn ends_with_noun(phrase: &str, noun: &str) -> bool {
    phrase == noun
        || phrase
            .strip_suffix(noun)
            .is_some_and(|before| before.ends_with(' '))
}

/// A number with few decimals, where it has many: "2.9", for a mean or a ratio.
pub(crate) fn rounded(number: &str) -> Option<String> {
    let (_, decimals) = number.split_once('.')?;
    let value: f64 = number.parse().ok()?;
    let few = if value.abs() >= 1.0 || value == 0.0 {
        2
    } else {
        // Three digits that tell something.
        (2.0 - value.abs().log10().floor()).clamp(2.0, 12.0) as usize
    };
    if decimals.len() <= few {
        return None;
    }
    let short = format!("{value:.few$}");
    Some(short.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// A label that was made from a name such as `dateOfBirth`, as words: "date of birth".
pub(crate) fn in_words(label: &str, iri: &str) -> String {
    let joined: String = label.split(' ').collect();
    let from_name = label.contains(' ')
        && label.starts_with(char::is_lowercase)
        && iri.ends_with(joined.as_str());
    if !from_name {
        return inside(label);
    }
    let words = label.split(' ').map(|word| {
        let capitals = word.chars().filter(|c| c.is_uppercase()).count();
        if capitals > 1
            || (capitals == 1 && word.chars().count() == 1 && !matches!(word, "A" | "I"))
        {
            word.to_owned()
        } else {
            word.to_lowercase()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// "Chad's", "the Huntsville Stars'".
pub(crate) fn possessive(name: &str) -> String {
    if name.ends_with('s') {
        format!("{name}'")
    } else {
        format!("{name}'s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english() {
        assert_eq!(plural("country"), "countries");
        assert_eq!(plural("city"), "cities");
        assert_eq!(plural("key"), "keys");
        assert_eq!(plural("church"), "churches");
        assert_eq!(plural("World Series"), "World Series");
        assert_eq!(inside("Country"), "country");
        assert_eq!(inside("DNA"), "DNA");
        assert_eq!(list(&["A".into(), "B".into(), "C".into()]), "A, B and C");
    }

    #[test]
    fn heads_of_noun_phrases_have_the_number() {
        assert_eq!(plural_of_head("place of birth"), "places of birth");
        assert_eq!(plural_of_head("element mined"), "elements mined");
        assert_eq!(plural_of_head("starred actors"), "starred actors");
        assert_eq!(singular_of_head("starred actors"), "starred actor");
        assert_eq!(singular_of_head("number of acts"), "number of acts");
        assert_eq!(singular_of_head("status"), "status");
        assert_eq!(plural_of_head("noble gas"), "noble gases");
        assert_eq!(singular_of_head("World Series"), "World Series");
        assert!(ends_with_noun("stable isotope", "isotope"));
        assert!(!ends_with_noun("radioisotope", "isotope"));
    }

    #[test]
    fn names_of_predicates_become_words() {
        let of = |label: &str, name: &str| in_words(label, &format!("http://x/{name}"));
        assert_eq!(of("hall Of Fame", "hallOfFame"), "hall of fame");
        assert_eq!(of("has ISBN", "hasISBN"), "has ISBN");
        // A label that somebody wrote keeps its capitals.
        assert_eq!(of("speaks French", "P12"), "speaks French");
        assert_eq!(of("speaks French", "speaks_French"), "speaks French");
        assert_eq!(of("Capital", "capital"), "capital");
    }

    #[test]
    fn long_decimals_are_rounded() {
        assert_eq!(rounded("52.166666666666").as_deref(), Some("52.17"));
        assert_eq!(
            rounded("22024220.741379310344").as_deref(),
            Some("22024220.74")
        );
        assert_eq!(rounded("0.0012345678").as_deref(), Some("0.00123"));
        assert_eq!(rounded("2.999999").as_deref(), Some("3"));
        assert_eq!(rounded("34.75"), None);
        assert_eq!(rounded("7272"), None);
    }
}
