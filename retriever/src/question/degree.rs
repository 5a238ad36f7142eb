//! Comparatives and superlatives.

use std::ops::Range;

use super::Comparative;
use super::adjectives::{ADJECTIVES, MEASURING};
use super::cues::{is_auxiliary, is_time, is_vague};
use crate::graph::MOST_ANSWERS;
use crate::text::is_function_word;
use crate::thesaurus::Word;

/// Which end of an order is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The greatest value.
    Most,
    /// The smallest value.
    Least,
}

impl Direction {
    /// The other end.
    pub fn turned(self) -> Self {
        match self {
            Self::Most => Self::Least,
            Self::Least => Self::Most,
        }
    }
}

/// "most populous", "largest".
#[derive(Clone, Debug, PartialEq)]
pub struct Superlative {
    /// The tokens that say so.
    pub span: Range<usize>,
    /// Which end is asked for.
    pub direction: Direction,
    /// Words for the property, where the adjective implies one.
    pub property: &'static [&'static str],
    /// The token that names the property itself, as "populous" does after "most", or "densest".
    pub word: Option<usize>,
    /// How many come before those asked for: 1 for "the second largest".
    pub skip: usize,
    /// How many are asked for: 3 for "the three largest".
    pub take: usize,
    /// Whether the word may as well be a part of what something is called: "first name".
    pub weak: bool,
}

impl Superlative {
    /// All things in their order, the first ones first: "for each continent".
    pub(super) fn all(span: Range<usize>) -> Self {
        Self {
            span,
            direction: Direction::Most,
            property: &[],
            word: None,
            skip: 0,
            take: MOST_ANSWERS,
            weak: false,
        }
    }

    /// Whether it is of something else than times: "biggest", but neither "latest" nor "longest".
    pub(crate) fn is_of_sizes(&self) -> bool {
        const TIMES: [&str; 6] = ["date", "year", "birth", "age", "duration", "length"];
        !self.property.is_empty() && !self.property.iter().any(|word| TIMES.contains(word))
    }

    /// The end that is meant. Of dates, the first is the oldest; of ages, the highest is.
    pub fn direction_for(&self, temporal: bool) -> Direction {
        let of_age = self.property.contains(&"birth");
        if of_age && !temporal {
            self.direction.turned()
        } else {
            self.direction
        }
    }
}

/// Adjectives for the lower end of what they measure.
const LOWER: &[&str] = &[
    "small", "short", "low", "light", "cheap", "cold", "cool", "weak", "thin", "narrow", "slow",
    "shallow", "poor", "near", "close", "early", "dark", "soft", "quiet", "few", "little", "young",
    "rare", "bad", "mild", "tiny", "slim",
];

/// The base form of a word that is an adjective with this ending; none where the word is one of its own, as "forest" is.
fn base(word: &str, ending: &str) -> Option<String> {
    let known = Word::of(word);
    let inflected = word.len() >= 5
        && word.ends_with(ending)
        && known.is_known()
        && !known.lemmas.iter().any(|lemma| lemma == word);
    inflected.then(|| known.lemmas[0].clone())
}

fn direction_of(base: &str) -> Direction {
    if LOWER.contains(&base) {
        Direction::Least
    } else {
        Direction::Most
    }
}

/// The superlative of a question, from a word on.
pub(super) fn superlative(words: &[&str], from: usize) -> Option<Superlative> {
    let found = (from..words.len()).find_map(|at| {
        let plain = degree(words, at)?;
        Some(counted(words, plain))
    });
    found.or_else(|| (from..words.len()).find_map(|at| in_order(words, at)))
}

/// "Her first film", "the last two kings", "who was born first, Liszt or Wagner", "the second of his wives to die".
fn in_order(words: &[&str], at: usize) -> Option<Superlative> {
    let does = does_something(words, at);
    let place = ordinal(words[at]).filter(|_| does);
    let direction = match (words[at], place) {
        ("first" | "debut", _) | (_, Some(_)) => Direction::Least,
        ("last", _) => Direction::Most,
        _ => return None,
    };
    let next = words.get(at + 1).copied().unwrap_or_default();
    let take = small(next);
    let noun = Word::of(next);
    // "When did she first come" ranks nothing.
    // But "what was the Beatles first album" does.
    let before = &words[..at];
    let does_it = |word: &&str| is_auxiliary(word) && !is_being(word);
    let asks = matches!(words.first(), Some(&("what" | "which" | "who")));
    let owned = asks && before.iter().any(|word| is_being(word)) && !before.iter().any(does_it);
    let adverb = before
        .last()
        .is_some_and(|word| is_auxiliary(word) || (!is_function_word(word) && !owned));
    let ranks = noun.is_noun()
        && !noun.is_participle(next)
        && !is_time(next)
        && !adverb
        && !matches!(next, "name" | "names");
    let done = at > 0 && Word::of(words[at - 1]).is_participle(words[at - 1]);
    let offers = done && words.contains(&"or");
    let chosen = done && ends_a_choice(words, at);
    (take.is_some() || ranks || offers || does || chosen).then(|| Superlative {
        span: at..at + 1 + usize::from(take.is_some()),
        direction,
        property: &["date", "year"],
        word: None,
        skip: place.map_or(0, |place| place - 1),
        take: take.unwrap_or(1),
        weak: true,
    })
}

fn is_being(word: &str) -> bool {
    matches!(word, "is" | "are" | "was" | "were")
}

/// Whether it is told what somebody was the first one to do: "the first | to die", "the first | of the children to die".
fn does_something(words: &[&str], at: usize) -> bool {
    let next = words.get(at + 1).copied();
    let of = next == Some("of");
    let to = match next {
        Some("to") => Some(at + 1),
        Some("one") if words.get(at + 2) == Some(&"to") => Some(at + 2),
        _ => (at + 2..words.len()).find(|to| of && words[*to] == "to"),
    };
    let the = at > 0 && words[at - 1] == "the";
    // "The first of the trains to London" does nothing.
    let does = |verb: &str| {
        let word = Word::of(verb);
        matches!(verb, "be" | "have")
            || (!is_function_word(verb) && word.is_known() && !word.is_name())
    };
    the && to.is_some_and(|to| words.get(to + 1).is_some_and(|verb| does(verb)))
}

/// Whether a word ends a question for one of several: "which of the children died | last".
fn ends_a_choice(words: &[&str], at: usize) -> bool {
    let chooses = matches!(words.first(), Some(&("which" | "who" | "what")));
    chooses && matches!(words.get(at + 1), None | Some(&("of" | "among" | "in")))
}

fn degree(words: &[&str], at: usize) -> Option<Superlative> {
    let word = words[at];
    let found = |end: usize, direction, property, word| Superlative {
        span: at..end,
        direction,
        property,
        word,
        skip: 0,
        take: 1,
        weak: false,
    };
    // "The largest number of": the most.
    let of_number = matches!(words.get(at + 1..at + 3), Some(["number" | "amount", "of"]));
    let direction = match word {
        "greatest" | "largest" | "highest" | "biggest" | "most" => Some(Direction::Most),
        "smallest" | "lowest" | "least" | "fewest" => Some(Direction::Least),
        _ => None,
    };
    if let Some(direction) = direction.filter(|_| of_number && at + 3 < words.len()) {
        return Some(found(at + 3, direction, &[], Some(at + 3)));
    }
    if let Some((_, _, direction, property)) = ADJECTIVES.iter().find(|a| a.1 == word) {
        return Some(found(at + 1, *direction, property, None));
    }
    match word {
        "most" | "least" | "fewest" => {
            let direction = if word == "most" {
                Direction::Most
            } else {
                Direction::Least
            };
            // "At least" and "at most" bound; they rank nothing.
            let bounds = at > 0 && words[at - 1] == "at";
            let next = words.get(at + 1)?;
            if bounds {
                return None;
            }
            if *next == "of" {
                // "Which country do most of the players come from": the one that the most players do.
                let mut counted = at + 2;
                while matches!(
                    words.get(counted),
                    Some(&("the" | "all" | "our" | "these" | "those"))
                ) {
                    counted += 1;
                }
                let asks = words[..at]
                    .iter()
                    .any(|word| matches!(*word, "which" | "what" | "where"));
                let counts = word == "most" && asks && counted < words.len();
                return counts.then(|| found(counted, Direction::Most, &[], Some(counted)));
            }
            if is_vague(next)
                && words
                    .get(at + 2)
                    .is_some_and(|noun| !is_function_word(noun))
            {
                // "The most | different | parts".
                return Some(found(at + 2, direction, &[], Some(at + 2)));
            }
            // "Least cheap" is dear.
            let turned = LOWER.contains(next) && word != "fewest";
            let direction = if turned {
                direction.turned()
            } else {
                direction
            };
            Some(found(at + 1, direction, &[], Some(at + 1)))
        }
        "top" if at + 2 < words.len() => {
            small(words[at + 1])?;
            Some(found(at + 1, Direction::Most, &[], None))
        }
        "best" => Some(found(at + 1, Direction::Most, &[], None)),
        "worst" => Some(found(at + 1, Direction::Least, &[], None)),
        _ => {
            let base = base(word, "est")?;
            Some(found(at + 1, direction_of(&base), &[], Some(at)))
        }
    }
}

/// Reads how many are asked for, or which one in order, beside the superlative.
fn counted(words: &[&str], mut found: Superlative) -> Superlative {
    if let Some(take) = words.get(found.span.end).and_then(|word| small(word)) {
        found.take = take;
        found.span.end += 1;
        return found;
    }
    let Some(before) = found.span.start.checked_sub(1) else {
        return found;
    };
    // "The three halls that opened earliest".
    let the = (0..before).find(|at| {
        let number = words.get(at + 1).and_then(|word| small(word));
        words[*at] == "the" && number.is_some_and(|take| take > 1) && at + 2 <= before
    });
    let first = the
        .map(|at| at + 1)
        .or_else(|| opening_number(words, before));
    if let Some(take) = first.and_then(|at| small(words[at])) {
        found.take = take;
        return found;
    }
    if let Some(place) = ordinal(words[before]) {
        found.skip = place - 1;
        found.span.start = before;
    } else if let Some(take) = small(words[before]).filter(|take| *take > 1) {
        found.take = take;
        found.span.start = before;
    }
    found
}

/// "Name five firms with the most staff", "which two wards have the most beds": a number before the noun that is ranked.
fn opening_number(words: &[&str], before: usize) -> Option<usize> {
    let the = usize::from(words[before] == "the");
    let tie = before.checked_sub(the).map(|at| words[at])?;
    let ranks = matches!(tie, "with" | "by" | "having") || is_auxiliary(tie);
    let at = (0..before).find(|at| small(words[*at]).is_some_and(|take| take > 1))?;
    let opens = words[..at].iter().all(|word| {
        matches!(
            *word,
            "which" | "what" | "name" | "list" | "give" | "show" | "find" | "me" | "us"
        )
    });
    (ranks && opens && at + 2 <= before).then_some(at)
}

fn small(word: &str) -> Option<usize> {
    const WORDS: &[&str] = &[
        "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    ];
    let spelt = WORDS.iter().position(|w| *w == word).map(|n| n + 2);
    let written = || word.parse::<usize>().ok().filter(|n| (1..=100).contains(n));
    spelt.or_else(written).or((word == "twenty").then_some(20))
}

/// The place that an ordinal names, from 2 on.
pub(super) fn ordinal(word: &str) -> Option<usize> {
    const WORDS: &[&str] = &[
        "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    ];
    let spelt = WORDS.iter().position(|w| *w == word).map(|n| n + 2);
    spelt.or_else(|| {
        let digits = ["st", "nd", "rd", "th"]
            .iter()
            .find_map(|end| word.strip_suffix(end))?;
        digits
            .parse::<usize>()
            .ok()
            .filter(|n| (2..=1000).contains(n))
    })
}

/// The comparative of a question.
pub(super) fn comparative(words: &[&str]) -> Option<Comparative> {
    for (at, word) in words.iter().enumerate() {
        if let Some((_, _, direction, property)) = ADJECTIVES.iter().find(|a| a.0 == *word) {
            return Some(Comparative {
                span: at..at + 1,
                direction: *direction,
                property,
            });
        }
        let measured = at.checked_sub(1).and_then(|before| {
            MEASURING
                .iter()
                .find(|(verb, _)| words[before].starts_with(verb))
        });
        let direction = match *word {
            "more" | "longer" | "less" | "fewer" if measured.is_some() => {
                let less = matches!(*word, "less" | "fewer");
                return Some(Comparative {
                    span: at..at + 1,
                    direction: if less {
                        Direction::Least
                    } else {
                        Direction::Most
                    },
                    property: measured.map_or(&[], |(_, property)| property),
                });
            }
            "more" => Direction::Most,
            "less" | "fewer" => Direction::Least,
            _ => match base(word, "er") {
                Some(base) => direction_of(&base),
                None => continue,
            },
        };
        return Some(Comparative {
            span: at..at + 1,
            direction,
            property: &[],
        });
    }
    None
}

/// "Built before Old Mercy": compared in time, with what follows.
pub(super) fn in_time(words: &[&str]) -> Option<Comparative> {
    let at = (1..words.len()).find(|at| matches!(words[*at], "before" | "after"))?;
    let named = matches!(
        words[at - 1],
        "named"
            | "called"
            | "looks"
            | "look"
            | "looked"
            | "taken"
            | "modelled"
            | "modeled"
            | "known"
    );
    (!named && at + 1 < words.len()).then(|| Comparative {
        span: at..at + 1,
        direction: if words[at] == "before" {
            Direction::Least
        } else {
            Direction::Most
        },
        property: &["date", "year"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_numbers() {
        let read = |text: &str| {
            let words: Vec<&str> = text.split(' ').collect();
            superlative(&words, 0).map(|s| (s.span, s.direction, s.skip, s.take))
        };
        assert_eq!(
            read("the densest metal"),
            Some((1..2, Direction::Most, 0, 1))
        );
        assert_eq!(
            read("the lightest metal"),
            Some((1..2, Direction::Least, 0, 1))
        );
        assert_eq!(
            read("the second largest city"),
            Some((1..3, Direction::Most, 1, 1))
        );
        assert_eq!(
            read("top five hitters"),
            Some((0..2, Direction::Most, 0, 5))
        );
        assert_eq!(
            read("the 3 oldest wards"),
            Some((1..3, Direction::Least, 0, 3))
        );
        assert_eq!(
            read("the least dense metal"),
            Some((1..2, Direction::Least, 0, 1))
        );
        assert_eq!(
            read("the three halls that opened earliest"),
            Some((5..6, Direction::Least, 0, 3))
        );
        assert_eq!(
            read("five firms with the most staff"),
            Some((4..5, Direction::Most, 0, 5))
        );
        assert_eq!(
            read("which two wards have the most beds"),
            Some((5..6, Direction::Most, 0, 2))
        );
        assert_eq!(
            read("two bridges in the largest city"),
            Some((4..5, Direction::Most, 0, 1))
        );
        assert_eq!(
            read("the firm with the most different parts"),
            Some((4..6, Direction::Most, 0, 1))
        );
        assert_eq!(read("a forest in the west"), None);
        assert_eq!(read("with at most three"), None);
    }

    #[test]
    fn comparisons_in_time() {
        let found = |text: &str| {
            let words: Vec<&str> = text.split(' ').collect();
            in_time(&words).map(|found| (found.span, found.direction))
        };
        assert_eq!(
            found("lamps lit before Gullwatch"),
            Some((2..3, Direction::Least))
        );
        assert_eq!(
            found("lamps lit after Gullwatch"),
            Some((2..3, Direction::Most))
        );
        assert_eq!(found("lamps named after Gullwatch"), None);
        assert_eq!(found("what came before"), None);
    }
}
