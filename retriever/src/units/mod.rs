//! Units of measurement in labels, and values that are said with their units.
//!
//! "density (g/cm³)" and "height in metres" name a quantity and its unit; the value is what has the unit.

mod scale;

use scale::{PREFIXES, UNITS};

pub use scale::Scale;

/// The longest text that is read as a unit, in bytes.
const LONGEST: usize = 48;
/// Units of which no size is told here; those of the first list take metric prefixes.
const METRIC: &[&str] = &["volt", "ampere", "mole", "bel"];
const CURRENCIES: &[&str] = &[
    "euro", "dollar", "cent", "yen", "yuan", "rupee", "franc", "crown", "krona", "krone", "peso",
];
const OTHERS: &[&str] = &["kelvin", "degree", "carat", "parsec", "pixel"];
/// Units that are the same for one and for many.
const INVARIANT: &[&str] = &["hertz", "kelvin", "percent", "yen", "yuan"];
const IRREGULAR: &[(&str, &str)] = &[
    ("foot", "feet"),
    ("inch", "inches"),
    ("century", "centuries"),
    ("krona", "kronor"),
    ("krone", "kroner"),
];
/// Symbols of such units; those of the first list take metric prefixes.
const METRIC_SYMBOLS: &[&str] = &[
    "A", "K", "mol", "cd", "C", "V", "F", "Ω", "T", "H", "lm", "lx", "Bq", "Gy", "Sv",
];
const SYMBOLS: &[&str] = &[
    "u", "Da", "rpm", "ppm", "ppb", "bpm", "dB", "USD", "EUR", "GBP", "JPY", "CHF", "sq",
];

/// A numeric predicate's label apart from its unit: "height in metres" is "height" and "metres".
pub fn split(label: &str) -> (String, Option<String>) {
    let bracketed = label
        .strip_suffix(')')
        .and_then(|open| open.split_once(" ("))
        .map(|(name, unit)| (name, unit.trim()))
        .filter(|(_, unit)| is_symbol(unit) || is_word(unit));
    let spelt = label
        .rsplit_once(" in ")
        .filter(|(_, unit)| is_word(unit) && (*unit != number(unit, false) || is_invariant(unit)));
    // "weight kg", from the name `weightKg`; "release year" and "goal minute" are no such names.
    let last = label.rsplit_once(' ').filter(|(name, unit)| {
        let symbol = unit.chars().count() > 1
            && is_symbol(unit)
            && !matches!(*unit, "min" | "in" | "bar" | "sq");
        let metric = is_metric(&singular(unit)) || CURRENCIES.contains(unit);
        (symbol || metric) && !name.ends_with(" in") && !name.ends_with(" per")
    });
    match bracketed.or(spelt).or(last) {
        Some((name, unit)) => (name.trim().to_owned(), Some(unit.to_owned())),
        None => (label.to_owned(), None),
    }
}

/// "28 metres", "1 metre", "1.06%".
pub fn with(value: &str, unit: &str) -> String {
    if unit.starts_with('%') {
        return format!("{value}{unit}");
    }
    format!("{value} {}", number(unit, value != "1"))
}

/// Whether a unit is one of money, of which no other one can be told.
pub fn is_money(unit: &str) -> bool {
    let codes = ["USD", "EUR", "GBP", "JPY", "CHF"];
    let word = |word: &str| CURRENCIES.contains(&singular(word).as_str()) || codes.contains(&word);
    unit.len() <= LONGEST && (unit.contains(['$', '€', '£', '¥']) || unit.split(' ').any(word))
}

/// Whether a text names a unit.
pub fn is_unit(text: &str) -> bool {
    is_symbol(text) || is_word(text)
}

fn is_invariant(unit: &str) -> bool {
    INVARIANT.contains(&unit) || CURRENCIES.contains(&unit)
}

/// A unit for one or for many; symbols stay as they are.
fn number(unit: &str, many: bool) -> String {
    if !is_word(unit) {
        return unit.to_owned();
    }
    if let Some((counted, per)) = unit.split_once(" per ") {
        return format!("{} per {per}", number(counted, many));
    }
    let words: Vec<&str> = unit.split(' ').collect();
    // "degrees Celsius"; else the last word is the counted one.
    let at = if singular(words[0]) == "degree" {
        0
    } else {
        words.len() - 1
    };
    let said: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(place, word)| match (place == at, many) {
            (true, true) => plural(&singular(word)),
            (true, false) => singular(word),
            _ => (*word).to_owned(),
        })
        .collect();
    said.join(" ")
}

fn plural(word: &str) -> String {
    if INVARIANT.contains(&word) {
        return word.to_owned();
    }
    match IRREGULAR.iter().find(|(one, _)| *one == word) {
        Some((_, many)) => (*many).to_owned(),
        None => format!("{word}s"),
    }
}

fn singular(word: &str) -> String {
    if INVARIANT.contains(&word) {
        return word.to_owned();
    }
    if let Some((one, _)) = IRREGULAR.iter().find(|(_, many)| *many == word) {
        return (*one).to_owned();
    }
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

/// Whether a word is a unit that takes metric prefixes, with one of them or without.
fn is_metric(word: &str) -> bool {
    let base = |word: &str| {
        let mut metric = UNITS.iter().filter(|unit| unit.metric);
        METRIC.contains(&word) || metric.any(|unit| unit.names.contains(&word))
    };
    let mut prefixes = PREFIXES.iter();
    base(word) || prefixes.any(|(prefix, ..)| word.strip_prefix(prefix).is_some_and(base))
}

/// Whether a word, in the singular, is a unit.
fn is_name(word: &str) -> bool {
    let sized = Scale::name(word).is_some();
    sized || is_metric(word) || CURRENCIES.contains(&word) || OTHERS.contains(&word)
}

/// Whether a text is the symbol of a unit, with a prefix or without.
fn is_plain_symbol(text: &str) -> bool {
    let metric = |text: &str| METRIC_SYMBOLS.contains(&text);
    let prefixed = |prefix: &&str| text.strip_prefix(*prefix).is_some_and(metric);
    let mut prefixes = PREFIXES.iter().flat_map(|(_, short, _)| *short);
    let sized = Scale::symbol(text).is_some();
    sized || metric(text) || SYMBOLS.contains(&text) || prefixes.any(prefixed)
}

/// "metres", "square kilometres", "kilometres per hour", "degrees Celsius", "million euros".
fn is_word(unit: &str) -> bool {
    if unit.len() > LONGEST {
        return false;
    }
    if let Some((counted, per)) = unit.split_once(" per ") {
        return is_word(counted) && is_word(per);
    }
    let mut words: Vec<&str> = unit.split(' ').collect();
    if words.len() > 1
        && matches!(
            words[0],
            "square" | "cubic" | "million" | "billion" | "thousand"
        )
    {
        words.remove(0);
    }
    match words.as_slice() {
        [word] => is_name(&singular(&word.to_lowercase())),
        ["US" | "us", currency] => CURRENCIES.contains(&singular(currency).as_str()),
        [degrees, _] => singular(degrees) == "degree",
        _ => false,
    }
}

/// "g/cm³", "W/(m·K)", "%", "US$/kg".
fn is_symbol(unit: &str) -> bool {
    let mut parts = unit
        .split(['/', '·', '*', '(', ')', '^', '-', '−', '⁻', ' ', '.'])
        .map(|part| part.trim_end_matches(|c: char| c.is_numeric()))
        .filter(|part| !part.is_empty())
        .peekable();
    let symbol =
        |part: &str| part.contains(['$', '€', '£', '¥', '%', '°', '‰']) || is_plain_symbol(part);
    // No power has three digits; what does is a code: "C-2021-0031".
    let mut numbers = unit.split(|c: char| !c.is_numeric());
    let powers = numbers.all(|number| number.chars().count() < 3);
    unit.len() <= 16 && powers && parts.peek().is_some() && parts.all(symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_no_units() {
        assert!(is_unit("g/cm3") && is_unit("m·s⁻²") && is_unit("km"));
        assert!(!is_unit("C-2021-0031") && !is_unit("m-1024"));
    }

    #[test]
    fn what_no_unit_is_told_of_is_in_a_customary_one() {
        let is = |unit: &str, upright| Scale::of(unit).unwrap().is_customary(upright);
        assert!(is("km", false) && is("metres", true) && is("km²", false));
        assert!(!is("km", true) && !is("miles", false) && !is("hectares", false));
        assert!(is("minutes", false) && !is("hours", false));
        let of_time = |unit: &str| Scale::of(unit).unwrap().is_of_time();
        assert!(of_time("years") && !of_time("cm"));
        assert!(Scale::of("kg").unwrap().properties().contains(&"weight"));
    }

    #[test]
    fn units_stand_apart_from_labels() {
        for (label, name, unit) in [
            ("density (g/cm³)", "density", "g/cm³"),
            (
                "thermal conductivity (W/(m·K))",
                "thermal conductivity",
                "W/(m·K)",
            ),
            ("natural abundance (%)", "natural abundance", "%"),
            ("price (US$/kg)", "price", "US$/kg"),
            ("height in metres", "height", "metres"),
            ("area in square kilometres", "area", "square kilometres"),
            ("monthly rent in euro", "monthly rent", "euro"),
            ("weight kg", "weight", "kg"),
        ] {
            assert_eq!(
                split(label),
                (name.to_owned(), Some(unit.to_owned())),
                "{label}"
            );
        }
    }

    #[test]
    fn what_is_no_unit_stays_in_the_label() {
        for label in [
            "population (2010)",
            "name (native)",
            "games in season",
            "release year",
            "temperature min",
            "votes in total",
            "medals per day",
        ] {
            assert_eq!(split(label), (label.to_owned(), None), "{label}");
        }
    }

    #[test]
    fn values_have_their_units() {
        assert_eq!(with("28", "metres"), "28 metres");
        assert_eq!(with("1", "metres"), "1 metre");
        assert_eq!(with("630.9", "kilowatt"), "630.9 kilowatts");
        assert_eq!(with("8.5", "square kilometres"), "8.5 square kilometres");
        assert_eq!(with("1.06", "%"), "1.06%");
        assert_eq!(with("19.3", "g/cm³"), "19.3 g/cm³");
        assert_eq!(with("293.15", "kelvin"), "293.15 kelvin");
        assert_eq!(with("21", "degree Celsius"), "21 degrees Celsius");
        assert_eq!(with("90", "kilometres per hour"), "90 kilometres per hour");
    }
}
