//! Words for relatives, in terms of parents, children and what sex somebody is: where a knowledge base tells only these, "her
//! siblings" are "the other children of her parents", and "her sons" her male children.

use std::ops::Range;

use crate::text::{self, Token};
use crate::thesaurus::Word;

/// What people are to one another, directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tie {
    /// A mother or father.
    Parent,
    /// A son or daughter.
    Child,
    /// A wife or husband.
    Spouse,
    /// A child of whom somebody else is meant than the one that the ties begin at.
    OtherChild,
    /// A brother or sister, where that is told itself.
    Sibling,
}

use Tie::{Child, OtherChild, Parent, Sibling, Spouse};

impl Tie {
    fn word(self, several: bool) -> &'static str {
        match (self, several) {
            (Parent, false) => "parent",
            (Parent, true) => "parents",
            (Child | OtherChild, false) => "child",
            (Child | OtherChild, true) => "children",
            (Spouse, false) => "spouse",
            (Spouse, true) => "spouses",
            (Sibling, false) => "sibling",
            (Sibling, true) => "siblings",
        }
    }
}

/// Of what sex somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sex {
    /// Father, son, grandson.
    Male,
    /// Mother, daughter, granddaughter.
    Female,
}

/// What a knowledge base tells of relatives.
pub(crate) struct Told<'a> {
    /// Whether a predicate or a class is called by a word.
    pub(crate) called: &'a dyn Fn(&str) -> bool,
    /// The word for a sex, where it is told of people.
    pub(crate) sex: &'a dyn Fn(Sex) -> Option<String>,
    /// Whether it is put into words of what sex somebody is. Where it is not, what reads the question sees to it.
    pub(crate) says_sex: bool,
}

/// How often something may be great.
const MOST_GREAT: usize = 4;
/// Words for relatives, each with the ties that lead to them, the nearest first.
const RELATIVES: &[(&str, &[Tie], Option<Sex>)] = &[
    ("father", &[Parent], Some(Sex::Male)),
    ("mother", &[Parent], Some(Sex::Female)),
    ("son", &[Child], Some(Sex::Male)),
    ("daughter", &[Child], Some(Sex::Female)),
    ("sibling", &[Sibling], None),
    ("brother", &[Sibling], Some(Sex::Male)),
    ("sister", &[Sibling], Some(Sex::Female)),
    ("grandparent", &[Parent, Parent], None),
    ("grandfather", &[Parent, Parent], Some(Sex::Male)),
    ("grandmother", &[Parent, Parent], Some(Sex::Female)),
    ("grandchild", &[Child, Child], None),
    ("grandson", &[Child, Child], Some(Sex::Male)),
    ("granddaughter", &[Child, Child], Some(Sex::Female)),
];

/// A question in other words, and where these are in it, in bytes.
pub(crate) struct Reworded {
    /// The question.
    pub(crate) text: String,
    /// What was put in.
    pub(crate) spans: Vec<Range<usize>>,
    /// How many facts these words speak of.
    pub(crate) facts: usize,
    /// The ties that lead to each relative, the nearest first, with the sex that the words do not say; the relatives too are
    /// told from the nearest one on.
    pub(crate) relatives: Vec<(Vec<Tie>, Option<Sex>)>,
}

/// The question in terms of parents, children and sexes, where the knowledge base has no other words for the relatives that
/// it speaks of.
pub(crate) fn in_plain_ties(text: &str, told: &Told<'_>) -> Option<Reworded> {
    let tokens = text::tokens(text);
    let mut plain = Reworded {
        text: String::new(),
        spans: Vec::new(),
        facts: 0,
        relatives: Vec::new(),
    };
    let mut farther = Vec::new();
    let (mut from, mut at) = (0, 0);
    while at < tokens.len() {
        let Some(relative) = Relative::at(&tokens, at) else {
            at += 1;
            continue;
        };
        let relative = relative.with_told_ties(told);
        at = relative.span.end;
        let Some(words) = relative.in_plain_ties(&tokens, told) else {
            continue;
        };
        plain
            .text
            .push_str(&text[from..tokens[relative.span.start].start]);
        let start = plain.text.len();
        plain.text.push_str(&words);
        plain.spans.push(start..plain.text.len());
        plain.facts += relative.ties.len() + usize::from(relative.sex.is_some());
        let unsaid = relative.sex.filter(|_| !told.says_sex);
        let told = (relative.ties.clone(), unsaid);
        // "Her father's mother" leads to the right, "the mother of her father" to the left.
        match is_behind_its_name(&tokens, &relative.span) {
            true => plain.relatives.push(told),
            false => farther.push(told),
        }
        from = tokens[relative.span.end - 1].end;
    }
    if plain.spans.is_empty() {
        return None;
    }
    plain.text.push_str(&text[from..]);
    plain.relatives.extend(farther.into_iter().rev());
    Some(plain)
}

/// Whether a text has a word for relatives.
pub(crate) fn names_relatives(text: &str) -> bool {
    let tokens = text::tokens(text);
    (0..tokens.len()).any(|at| Relative::at(&tokens, at).is_some())
}

/// The word for a relative that others are colloquial for.
pub(super) fn formal(word: String) -> String {
    let plain = match word.as_str() {
        "dad" | "daddy" => "father",
        "mom" | "mum" | "mommy" | "mummy" => "mother",
        "grandpa" | "granddad" => "grandfather",
        "grandma" | "granny" => "grandmother",
        "kid" => "child",
        _ => return word,
    };
    plain.to_owned()
}

/// A word for a relative, in its place.
struct Relative {
    span: Range<usize>,
    /// The noun, for one and as it is.
    one: String,
    noun: String,
    /// The ties that lead to the relative, the nearest first.
    ties: Vec<Tie>,
    sex: Option<Sex>,
}

impl Relative {
    /// The relatives that the words from a token on are for.
    fn at(tokens: &[Token], at: usize) -> Option<Self> {
        let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
        let great = (at..tokens.len()).take_while(|at| word(*at) == "great");
        let noun = at + great.count();
        // By which of several parents cannot be said in other words.
        let by = at.checked_sub(1).map_or("", word);
        if matches!(by, "paternal" | "maternal") {
            return None;
        }
        // "Mother Teresa", "Catherine the Great", "the mother tongue".
        let capital = |at: usize| tokens.get(at).is_some_and(|token| token.capital);
        let named = |at: usize| at > 0 && capital(at);
        let next = Word::of(word(noun + 1));
        // "Where did her father | pass away": a verb.
        let verb = (0..at).any(|at| matches!(word(at), "did" | "does" | "do"));
        let compound = next.is_noun()
            && !verb
            && !text::is_function_word(word(noun + 1))
            && !next.is_participle(word(noun + 1));
        let titled = noun == 0 && capital(1);
        // "The Brontë sisters", "her half-brother".
        let brothers = matches!(word(noun), "brothers" | "sisters")
            && at > 0
            && by != "s"
            && !text::is_function_word(by)
            && (capital(at - 1) || Word::of(by).is_name());
        let other = matches!(by, "half" | "step" | "twin" | "foster")
            && matches!(word(noun), "brother" | "sister" | "brothers" | "sisters");
        if brothers
            || other
            || named(at)
            || named(noun)
            || compound
            || titled
            || noun - at > MOST_GREAT
        {
            return None;
        }
        let one = formal(singular(word(noun)));
        let (_, ties, sex) = RELATIVES.iter().find(|(name, _, _)| *name == one)?;
        let mut ties = ties.to_vec();
        // Only what is grand can be great.
        if noun > at && (ties.len() < 2 || ties[0] != ties[1]) {
            return None;
        }
        ties.extend(std::iter::repeat_n(ties[0], noun - at));
        let mut end = noun + 1;
        if (word(end), word(end + 1)) == ("in", "law") {
            match ties.as_slice() {
                [Parent] => ties.insert(0, Spouse),
                [Child] => ties.push(Spouse),
                _ => return None,
            }
            end += 2;
        }
        Some(Self {
            span: at..end,
            one,
            noun: word(noun).to_owned(),
            ties,
            sex: *sex,
        })
    }

    /// The same by ties that are told: siblings are the other children of one's parents.
    fn with_told_ties(mut self, told: &Told<'_>) -> Self {
        if self.ties == [Sibling] && !(told.called)("sibling") {
            self.ties = vec![Parent, OtherChild];
        }
        self
    }

    /// Other words for it; none where the knowledge base has that word, or does not tell what it takes.
    fn in_plain_ties(&self, tokens: &[Token], told: &Told<'_>) -> Option<String> {
        let ties_are_told = self.ties.iter().all(|tie| match tie {
            Parent | Child | OtherChild => (told.called)("parent") || (told.called)("child"),
            Spouse => (told.called)("spouse"),
            Sibling => (told.called)("sibling"),
        });
        if !ties_are_told || (told.called)(&self.noun) || (told.called)(&self.one) {
            return None;
        }
        let sex = match self.sex {
            Some(sex) => Some((told.sex)(sex)?),
            None => None,
        };
        let (last, before) = self.ties.split_last()?;
        let other = self.ties.contains(&OtherChild).then_some("other");
        let said = sex.as_deref().filter(|_| told.says_sex);
        let words = other.into_iter().chain(said);
        let words: Vec<&str> = words.chain([last.word(self.one != self.noun)]).collect();
        let last = words.join(" ");
        // "Her parents' children" lead from the left to the right, "children of her parents" from the right to the left.
        Some(if is_behind_its_name(tokens, &self.span) {
            let before = before.iter().map(|tie| format!("{}' ", tie.word(true)));
            before.collect::<String>() + &last
        } else {
            let behind = before.iter().rev();
            let behind = behind.map(|tie| format!(" of the {}", tie.word(true)));
            last + &behind.collect::<String>()
        })
    }
}

/// The word for one of several relatives.
pub(crate) fn singular(word: &str) -> String {
    let known = RELATIVES.iter().any(|(name, _, _)| *name == word);
    match word.strip_suffix("children") {
        Some(before) => format!("{before}child"),
        None if known => word.to_owned(),
        None => word.strip_suffix('s').unwrap_or(word).to_owned(),
    }
}

/// Whether a noun stands behind the name of whose relative it is: "Anne's mother", "peter the great mother".
fn is_behind_its_name(tokens: &[Token], span: &Range<usize>) -> bool {
    let Some(before) = span.start.checked_sub(1).map(|at| &tokens[at]) else {
        return false;
    };
    let next = tokens.get(span.end).map_or("", |token| token.text.as_str());
    let possessive = before.text == "s";
    let name = before.capital || Word::of(&before.text).is_name();
    possessive || (next != "of" && (name || span.end == tokens.len()) && span.start > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str, own: &[&str]) -> Option<String> {
        let called =
            |word: &str| ["parent", "child", "spouse"].contains(&word) || own.contains(&word);
        let sex = |sex| Some(if sex == Sex::Male { "male" } else { "female" }.to_owned());
        let told = Told {
            called: &called,
            sex: &sex,
            says_sex: true,
        };
        Some(in_plain_ties(text, &told)?.text)
    }

    #[test]
    fn relatives_are_told_by_plain_ties() {
        for (text, expected) in [
            (
                "Who was the father of Anne Lisle?",
                "Who was the male parent of Anne Lisle?",
            ),
            (
                "Anne Lisle's youngest son",
                "Anne Lisle's youngest male child",
            ),
            (
                "the siblings of Anne",
                "the other children of the parents of Anne",
            ),
            (
                "Anne Lisle's siblings",
                "Anne Lisle's parents' other children",
            ),
            (
                "How many grandsons did she have?",
                "How many male children of the children did she have?",
            ),
            (
                "great-grandchildren of Anne",
                "children of the children of the children of Anne",
            ),
            (
                "the brother of Anne",
                "the other male child of the parents of Anne",
            ),
            (
                "the father-in-law of Anne",
                "the male parent of the spouses of Anne",
            ),
        ] {
            assert_eq!(plain(text, &[]).as_deref(), Some(expected));
        }
    }

    #[test]
    fn words_that_the_knowledge_base_has_are_left() {
        assert_eq!(plain("the father of Anne", &["father"]), None);
        assert_eq!(
            plain("Anne Lisle's sister", &["sibling"]).as_deref(),
            Some("Anne Lisle's female sibling")
        );
        assert_eq!(plain("Anne Lisle's siblings", &["sibling"]), None);
        assert_eq!(plain("novels by the Lisle sisters", &["sibling"]), None);
        assert_eq!(plain("the half-brother of Anne", &["sibling"]), None);
        assert_eq!(plain("books about Mother Teresa", &[]), None);
        assert_eq!(plain("Mother Teresa was born where?", &[]), None);
        assert_eq!(plain("the mother tongue of Anne", &[]), None);
        assert_eq!(plain("the great fire of London", &[]), None);
        assert_eq!(plain("the paternal grandmother of Anne", &[]), None);
        let none = |_: &str| false;
        let sex = |_| None;
        let told = Told {
            called: &none,
            sex: &sex,
            says_sex: true,
        };
        assert!(in_plain_ties("the father of Anne", &told).is_none());
    }
}
