//! Small matters of English: lists, plurals, the forms in which a predicate's label can stand.

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
    } else if lower.ends_with("person") {
        format!("{}people", &noun[..noun.len() - "person".len()])
    } else {
        format!("{noun}s")
    }
}

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

/// How a predicate's label can stand in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// "directed by", "born in", "capital of": it leads from the subject to the object.
    Trailing,
    /// "has genre": the noun after "has".
    Having,
    /// "borders": maybe a verb, maybe a plural noun.
    Verbal,
    /// "capital", "place of birth": a noun.
    Noun,
}

/// The shape of a label.
pub(crate) fn shape(label: &str) -> Shape {
    let words: Vec<&str> = label.split_whitespace().collect();
    match (words.first(), words.last()) {
        (Some(&("has" | "have")), _) if words.len() > 1 => Shape::Having,
        (_, Some(&("by" | "of" | "in" | "on" | "at" | "to" | "from" | "for" | "with" | "as")))
            if words.len() > 1 =>
        {
            Shape::Trailing
        }
        (Some(first), _) if first.ends_with('s') && !first.ends_with("ss") => Shape::Verbal,
        _ => Shape::Noun,
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
        assert_eq!(shape("directed by"), Shape::Trailing);
        assert_eq!(shape("borders"), Shape::Verbal);
        assert_eq!(shape("has genre"), Shape::Having);
        assert_eq!(shape("place of birth"), Shape::Noun);
    }
}
