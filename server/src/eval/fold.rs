//! When two names, numbers or truth values are the same.

use unicode_normalization::UnicodeNormalization;

/// NFKC, case folding, single spaces; numbers in one notation, times at Greenwich as well, `true` and `false` as yes and no.
///
/// Two texts that fold to the same are the same answer; of two numbers, [`same`] tells.
pub fn fold(text: &str) -> String {
    let spaced = words(text);
    if let Some(number) = number(&spaced) {
        // The sum makes one zero of the two that there are.
        return format!("{:e}", number + 0.0);
    }
    if let Some(time) = at_greenwich(&spaced) {
        return format!("{time}z");
    }
    match spaced.as_str() {
        "true" => "yes".to_owned(),
        "false" => "no".to_owned(),
        _ => spaced,
    }
}

/// A day with its time where the zone is told to be none: "1997-03-10t00:00:00+00:00".
fn at_greenwich(folded: &str) -> Option<&str> {
    let time = folded
        .strip_suffix("+00:00")
        .or_else(|| folded.strip_suffix("-00:00"))?;
    let (day, clock) = time.split_once('t')?;
    let digits = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_digit() || "-:.".contains(c))
    };
    (digits(day) && digits(clock) && day.contains('-')).then_some(time)
}

/// NFKC, case folding and single spaces alone.
pub fn words(text: &str) -> String {
    let folded: String = text.nfkc().flat_map(fold_char).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Upper case first and lower case then is full case folding but for the dotless i, which has no fold.
fn fold_char(c: char) -> impl Iterator<Item = char> {
    let (kept, folded) = if c == 'ı' {
        (Some(c), None)
    } else {
        (None, Some(c))
    };
    kept.into_iter().chain(
        folded
            .into_iter()
            .flat_map(char::to_uppercase)
            .flat_map(char::to_lowercase),
    )
}

/// The number that a folded text is, thousands separators left out. Words such as "infinity" are none.
pub fn number(folded: &str) -> Option<f64> {
    if !folded.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let number: f64 = folded.replace(',', "").trim().parse().ok()?;
    number.is_finite().then_some(number)
}

/// Whether two folded texts are the same answer: equal, or numbers within a relative 1e-6.
pub fn same(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    match (number(a), number(b)) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-6 * a.abs().max(b.abs()),
        _ => false,
    }
}

/// Whether an answer occurs in a text between word boundaries. Both are folded here.
pub fn occurs(answer: &str, text: &str) -> bool {
    let (answer, text) = (words(answer), words(text));
    if answer.is_empty() {
        return false;
    }
    text.match_indices(&answer).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_width_space_and_notation_do_not_matter() {
        for (a, b) in [
            ("N'Djamena ", "n'djamena"),
            ("STRASSE", "straße"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("ﬁn", "FIN"),
            ("a  b\n c", "A B C"),
            ("1,000", "1000.0"),
            ("1e3", "1000"),
            ("true", "Yes"),
            ("-0.0", "0"),
            ("1997-03-10T00:00:00+00:00", "1997-03-10T00:00:00Z"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        for (a, b) in [
            ("1000", "1001"),
            ("a", "b"),
            ("-1", "1"),
            ("nan", "inf"),
            ("1997-03-10T00:00:00+01:00", "1997-03-10T00:00:00Z"),
        ] {
            assert_ne!(fold(a), fold(b), "{a} {b}");
        }
    }

    #[test]
    fn numbers_are_the_same_within_a_millionth() {
        let same = |a: &str, b: &str| same(&fold(a), &fold(b));
        assert!(same("1000000", "1000001") && same("0.1234567", "0.1234568"));
        assert!(same("-5", "-5.000004") && same("0", "-0"));
        for (a, b) in [
            ("1000000", "1000002"),
            ("1.000004", "1"),
            ("0", "1e-9"),
            ("nan", "1"),
        ] {
            assert!(!same(a, b), "{a} {b}");
        }
        assert_eq!(number("infinity"), None);
        assert_eq!(number("1e999"), None);
    }

    #[test]
    fn an_answer_occurs_as_a_word_only() {
        assert!(occurs("Lima", "It is LIMA."));
        assert!(!occurs("Lima", "Limassol"));
        assert!(occurs("São Paulo", "são  paulo"));
        assert!(!occurs("", "x"));
    }
}
