//! Words of general English that say what form an answer has. No word here belongs to a domain.

use std::ops::Range;

use super::numbers::small;
use super::{Combining, Form};
use crate::graph::{Arithmetic, Function};
use crate::thesaurus::Word;

/// The words that ask how old somebody was when something happened.
fn ages(words: &[&str]) -> Option<Vec<usize>> {
    let at = (0..words.len()).find(|at| {
        matches!(
            words[*at..],
            ["how", "old", "was" | "were" | "did", ..]
                | ["what", "age", ..]
                | ["age", "did" | "was", ..]
        )
    })?;
    let event = |word: &&str| matches!(*word, "when" | "death" | "die" | "died" | "get");
    words[at..].iter().any(event).then(|| {
        let when = (at + 2..words.len()).filter(|at| words[*at] == "when");
        when.chain([at, at + 1]).collect()
    })
}

/// The form of the answer; marks the words that say it.
pub(super) fn form(words: &[&str], compares: bool, cue: &mut [bool]) -> Form {
    if let Some(spent) = ages(words) {
        spent.into_iter().for_each(|at| cue[at] = true);
        return Form::Calculate(Arithmetic::Age);
    }
    if let Some((span, arithmetic)) = calculates(words, compares) {
        cue[span].fill(true);
        return Form::Calculate(arithmetic);
    }
    if let Some(span) = counts(words, 0) {
        cue[span].fill(true);
        return Form::Count;
    }
    without_count(words, compares)
}

/// The words that ask for a number of things, from a word on.
pub(super) fn counts(words: &[&str], from: usize) -> Option<Range<usize>> {
    (from..words.len()).find_map(|at| match words[at..] {
        ["how", "many", ..] => Some(at..at + 2),
        [
            "how",
            "often",
            "did" | "has" | "have" | "had" | "was" | "were",
            ..,
        ] => Some(at..at + 2),
        ["number", "of", ..] | ["count", "of", ..] if at <= 3 => Some(at..at + 2),
        ["count", ..] if at == 0 => Some(0..1),
        _ => None,
    })
}

/// The form of the answer where no number is asked for.
pub(super) fn without_count(words: &[&str], compares: bool) -> Form {
    let of_several = words.starts_with(&["which", "of"])
        || (words.starts_with(&["between"]) && words.contains(&"which"));
    let among = of_several && words.contains(&"and");
    let offers = compares && (words.contains(&"or") || among);
    if offers {
        return Form::Choose;
    }
    let asks = words.first().is_some_and(|word| {
        is_auxiliary(word) || matches!(*word, "can" | "could" | "isn" | "aren" | "doesn" | "wasn")
    });
    if asks { Form::Ask } else { Form::Select }
}

/// "How much taller", "how many times", "the difference between".
fn calculates(words: &[&str], compares: bool) -> Option<(Range<usize>, Arithmetic)> {
    for at in 0..words.len() {
        let found = match words[at..] {
            ["how", "many", "times", ..] if compares => (at..at + 3, Arithmetic::Ratio),
            ["how", "many" | "much", "more" | "less" | "fewer", ..] if words.contains(&"than") => {
                (at..at + 2, Arithmetic::Difference)
            }
            ["how", "many", unit, ..] if is_time(unit) && lies_between(&words[at..]) => {
                (at..at + 3, Arithmetic::Difference)
            }
            ["how", "many", unit, "after" | "before", ..] if is_time(unit) => {
                (at..at + 4, Arithmetic::Difference)
            }
            ["how", "long", "after" | "before", ..] => (at..at + 3, Arithmetic::Difference),
            ["how", "long", ..]
                if lies_between(&words[at..]) && !is_of_a_thing(&words[at + 2..]) =>
            {
                (at..at + 2, Arithmetic::Difference)
            }
            // "How many years older is A than B".
            ["how", "many", unit, ..]
                if compares && words.contains(&"than") && (is_time(unit) || is_length(unit)) =>
            {
                (at..at + 3, Arithmetic::Difference)
            }
            ["how", "many", _unit, degree, verb, ..]
                if is_auxiliary(verb)
                    && words.contains(&"than")
                    && super::degree::comparative(&[degree]).is_some() =>
            {
                (at..at + 3, Arithmetic::Difference)
            }
            ["how", "much", ..] if compares && words.contains(&"than") => {
                (at..at + 2, Arithmetic::Difference)
            }
            ["by", "how", "many" | "much", ..] => (at..at + 3, Arithmetic::Difference),
            ["difference", ..] if words[at..].contains(&"between") => {
                (at..at + 1, Arithmetic::Difference)
            }
            ["ratio", ..] if words[at..].contains(&"to") => (at..at + 1, Arithmetic::Ratio),
            _ => continue,
        };
        return Some(found);
    }
    None
}

/// Whether a word is a unit of time.
pub(crate) fn is_time(word: &str) -> bool {
    matches!(
        word,
        "years"
            | "months"
            | "weeks"
            | "days"
            | "hours"
            | "minutes"
            | "seconds"
            | "decades"
            | "centuries"
            | "time"
    )
}

fn is_length(word: &str) -> bool {
    matches!(
        word,
        "metres"
            | "meters"
            | "kilometres"
            | "kilometers"
            | "km"
            | "miles"
            | "feet"
            | "inches"
            | "centimetres"
            | "centimeters"
            | "cm"
    )
}

/// Whether what lies between two is a thing, and no time: "is | the border between".
fn is_of_a_thing(words: &[&str]) -> bool {
    let ["is" | "are" | "was", "the", ..] = words else {
        return false;
    };
    let noun = words.iter().position(|word| *word == "between");
    let noun = noun.and_then(|at| words.get(at - 1));
    noun.is_some_and(|noun| !Word::of(noun).denotes("time") && !matches!(*noun, "interval" | "gap"))
}

/// "Between the discoveries of A and B".
fn lies_between(words: &[&str]) -> bool {
    let from = words.iter().position(|word| *word == "between");
    from.is_some_and(|from| words[from..].contains(&"and"))
}

/// The words after "what is", "who is", "tell me about" and the like.
pub(super) fn describes(words: &[&str]) -> Option<Range<usize>> {
    const OPENINGS: &[&[&str]] = &[
        &["what", "is"],
        &["what", "are"],
        &["what", "was"],
        &["what", "were"],
        &["what", "s"],
        &["whats"],
        &["who", "is"],
        &["who", "was"],
        &["who", "are"],
        &["who", "were"],
        &["who", "s"],
        &["whos"],
        &["tell", "me", "about"],
        &["tell", "me", "something", "about"],
        &["describe"],
        &["define"],
        &["what", "do", "you", "know", "about"],
        &["what", "does", "it", "know", "about"],
    ];
    let polite = usize::from(words.first() == Some(&"please"));
    let opening = OPENINGS
        .iter()
        .filter(|o| words[polite..].starts_with(o))
        .map(|o| o.len())
        .max()?;
    let mut start = polite + opening;
    while matches!(words.get(start), Some(&("a" | "an" | "the"))) {
        start += 1;
    }
    // "Who is in Graz" asks for people, rather than for the town.
    let lies = words
        .get(start)
        .is_some_and(|word| matches!(*word, "in" | "on" | "at" | "from" | "with" | "by" | "near"));
    (start < words.len() && !lies).then_some(start..words.len())
}

/// Whether a word asks for nothing in particular: "how many are known in the world in total".
pub(crate) fn asks_for_nothing(word: &str) -> bool {
    matches!(
        word,
        "exist" | "exists" | "existing" | "world" | "known" | "total"
    )
}

/// Whether a question asks for a list: "give me".
pub(super) fn lists(words: &[&str]) -> bool {
    matches!(
        words.first(),
        Some(&("name" | "list" | "give" | "show" | "tell" | "find"))
    )
}

/// Whether a word stands for people of whatever kind.
pub(super) fn is_everyone(word: &str) -> bool {
    matches!(
        word,
        "everyone" | "everybody" | "anyone" | "anybody" | "someone" | "somebody"
    )
}

/// The number in "name three countries": all of them are an answer as well.
pub(super) fn how_many(words: &[&str]) -> Option<usize> {
    let lists = lists(words);
    let at = 1 + usize::from(words.get(1) == Some(&"me"));
    let number = words
        .get(at)
        .is_some_and(|word| small(word).is_some() || word.parse::<u8>().is_ok());
    (lists && number).then_some(at)
}

/// The first word after "how many" or "number of".
pub(super) fn counted(words: &[&str]) -> Option<usize> {
    let opens = |pair: &[&str]| matches!(pair, ["how", "many"] | ["number", "of"]);
    let at = words.windows(2).position(opens)? + 2;
    (at < words.len()).then_some(at)
}

/// The words that ask something of each thing of a kind: "for each continent", "per continent".
pub(super) fn each(words: &[&str]) -> Option<Range<usize>> {
    (0..words.len().saturating_sub(1)).find_map(|at| match words[at..] {
        ["for" | "in" | "by" | "of" | "from", "each" | "every", ..] if at + 2 < words.len() => {
            Some(at..at + 2)
        }
        ["per", next, ..] if !matches!(next, "cent" | "capita") => Some(at..at + 1),
        ["each", "of", ..] => None,
        ["each", ..] => Some(at..at + 1),
        _ => None,
    })
}

/// The words that ask for what holds now: "now", "the current mayor", "who | is the mayor".
pub(super) fn now(words: &[&str]) -> Option<Range<usize>> {
    const PHRASES: &[&[&str]] = &[
        &["right", "now"],
        &["at", "the", "moment"],
        &["at", "present"],
        &["these", "days"],
        &["now"],
        &["nowadays"],
        &["currently"],
        &["presently"],
        &["current"],
    ];
    let said = (0..words.len()).find_map(|at| {
        let mut phrases = PHRASES.iter();
        let phrase = phrases.find(|phrase| words[at..].starts_with(phrase))?;
        Some(at..at + phrase.len())
    });
    said.or(match words {
        ["who", "is", ..] => Some(1..2),
        _ => None,
    })
}

/// Words that leave out of a mean what has none: "counting only those that have any", "leaving out those with none".
pub(super) fn leaves_out_none(words: &[&str]) -> Option<Range<usize>> {
    let ends = words.ends_with(&["none"])
        || words.ends_with(&["any"])
        || words.ends_with(&["at", "least", "one"]);
    let opens = |at: &usize| {
        matches!(
            words[*at..],
            ["leaving", "out", ..]
                | ["not", "counting", ..]
                | ["counting" | "considering" | "including", "only", ..]
                | ["only", "counting" | "considering" | "including", ..]
                | [
                    "excluding" | "ignoring" | "disregarding" | "without",
                    "those" | "the" | "any",
                    ..
                ]
        )
    };
    let from = (0..words.len()).find(opens)?;
    ends.then_some(from..words.len())
}

/// The word in the middle of "as well as", which only joins.
pub(super) fn conjunctions(words: &[&str]) -> Vec<usize> {
    let as_well = words.windows(2).enumerate();
    let as_well = as_well.filter(|(_, pair)| matches!(pair, ["as", "well"]));
    as_well.map(|(at, _)| at + 1).collect()
}

/// Whether a word asks if there is anything at all.
pub(crate) fn is_anyone(word: &str) -> bool {
    matches!(
        word,
        "any" | "anyone" | "anybody" | "anything" | "ever" | "someone" | "somebody" | "something"
    )
}

/// Whether an adjective says nothing of which things are meant.
pub(crate) fn is_vague(word: &str) -> bool {
    matches!(
        word,
        "different"
            | "various"
            | "distinct"
            | "certain"
            | "individual"
            | "particular"
            | "specific"
            | "following"
            | "main"
            | "actual"
            | "given"
    ) || asks_for_nothing(word)
}

/// Whether a word says that several things have something in common.
pub(super) fn is_sharing(word: &str) -> bool {
    matches!(
        word,
        "share"
            | "shares"
            | "shared"
            | "sharing"
            | "same"
            | "also"
            | "other"
            | "others"
            | "else"
            | "together"
            | "co"
            | "common"
            | "fellow"
            | "alongside"
    )
}

/// "On average", "altogether", "what percentage of".
pub(super) fn combining(words: &[&str]) -> Option<(Combining, Range<usize>)> {
    for at in 0..words.len() {
        let found = match words[at..] {
            ["on", "average", ..] => (Combining::Function(Function::Average), 2),
            ["average" | "mean", ..] => (Combining::Function(Function::Average), 1),
            ["in", "total", ..] => (Combining::Function(Function::Sum), 2),
            ["total" | "sum" | "combined" | "altogether", ..] => {
                (Combining::Function(Function::Sum), 1)
            }
            ["taken" | "all" | "added", "together"] => (Combining::Function(Function::Sum), 2),
            // "Whose borders add up to | the most" ranks them.
            ["add" | "adds" | "added", "up", "to"] => (Combining::Function(Function::Sum), 3),
            ["percent" | "percentage", ..] if at > 0 && is_number(words[at - 1]) => continue,
            [
                "percentage" | "percent" | "proportion" | "fraction",
                "of",
                ..,
            ] => (Combining::Share, 2),
            ["share", "of", ..] if at > 0 && matches!(words[at - 1], "what" | "the" | "which") => {
                (Combining::Share, 2)
            }
            ["percentage" | "percent" | "proportion", ..] => (Combining::Share, 1),
            _ => continue,
        };
        return Some((found.0, at..at + found.1));
    }
    None
}

/// Whether a word is a number: "15 percent" is no share that is asked for.
fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) || super::numbers::is_small(word)
}

/// Whether a word is a form of "be", "do" or "have": it opens a question that is answered yes or no.
pub fn is_auxiliary(word: &str) -> bool {
    matches!(
        word,
        "is" | "are" | "was" | "were" | "does" | "do" | "did" | "has" | "have" | "had"
    )
}

/// Whether a word can open a question.
pub fn opens_a_question(word: &str) -> bool {
    is_auxiliary(word)
        || matches!(
            word,
            "who" | "whom" | "whose" | "what" | "which" | "when" | "where" | "why" | "how"
        )
}

#[cfg(test)]
mod tests {
    use crate::graph::Arithmetic;
    use crate::question::{Form, Question};

    #[test]
    fn each_thing_of_a_kind() {
        let each = |text: &str| Question::read(text).each;
        assert!(each("How many lighthouses are there on each island?"));
        assert!(each("For each continent, how many countries are there?"));
        assert!(each("number of elements per period"));
        assert!(!each("How many people live in Lima?"));
        assert!(!each(
            "How many metals are denser than 20 grams per cubic centimetre?"
        ));
    }

    #[test]
    fn what_has_none_may_be_left_out_of_a_mean() {
        let question = Question::read(
            "How many pupils does a teacher have on average, leaving out those with none?",
        );
        assert!(question.only_some && question.negations.is_empty());
        let question = Question::read("How many pupils does a teacher have on average?");
        assert!(!question.only_some);
        assert!(!Question::read("Which teachers have none?").only_some);
    }

    #[test]
    fn ages_at_a_time() {
        let form = |text: &str| Question::read(text).form;
        let age = Form::Calculate(Arithmetic::Age);
        assert_eq!(form("How old was Ada Merrow when she died?"), age);
        assert_eq!(form("At what age did Ada Merrow die?"), age);
        assert_eq!(form("How old is Ada Merrow?"), Form::Select);
        assert_eq!(form("When did Ada Merrow die?"), Form::Select);
    }

    #[test]
    fn times_between_two_things() {
        let form = |text: &str| Question::read(text).form;
        let difference = Form::Calculate(Arithmetic::Difference);
        assert_eq!(
            form("How many years lie between Dusk and Tide?"),
            difference
        );
        assert_eq!(
            form("How many years after Dusk was Tide painted?"),
            difference
        );
        assert_eq!(
            form("How many metres taller is Dusk than Tide?"),
            difference
        );
        assert_eq!(
            form("How many grams heavier is Dusk than Tide?"),
            difference
        );
        assert_eq!(
            form("How many pictures larger than Tide are there?"),
            Form::Count
        );
        assert_eq!(
            form("How many pictures hang between Dusk and Tide?"),
            Form::Count
        );
        assert_eq!(
            form("How many countries have more people than France?"),
            Form::Count
        );
    }
}
