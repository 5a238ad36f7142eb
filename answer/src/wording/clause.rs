//! Verbs that lead from a predicate's subject to its object.

use retriever::thesaurus::Word;

use super::relation::is_preposition;
use crate::phrase::{article, plural_of_head};

/// A verb with what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clause {
    /// After one subject: "stands on", "is directed by".
    pub(crate) one: String,
    /// After many: "stand on", "are directed by".
    pub(crate) many: String,
    /// Denied of one: "does not stand on".
    pub(crate) not_one: String,
    /// Denied of many: "do not stand on".
    pub(crate) not_many: String,
    /// What may follow a noun at once: "directed by", "in".
    pub(crate) reduced: Option<String>,
    /// What the object is called: "group" of "member of group".
    pub(crate) object: Option<String>,
    /// The noun of "isotope of", which a noun that says the same need not repeat.
    pub(crate) being: Option<String>,
}

impl Clause {
    /// The verb after its subject.
    pub(crate) fn finite(&self, several: bool, negated: bool) -> &str {
        match (several, negated) {
            (false, false) => &self.one,
            (true, false) => &self.many,
            (false, true) => &self.not_one,
            (true, true) => &self.not_many,
        }
    }

    /// The verb after a noun that it tells more of: "directed by", "that stand on".
    pub(crate) fn relative(&self, several: bool, negated: bool) -> String {
        match &self.reduced {
            Some(reduced) if negated => format!("not {reduced}"),
            Some(reduced) => reduced.clone(),
            None => format!("that {}", self.finite(several, negated)),
        }
    }

    /// The object with what it is called: "the disease Cogan syndrome"; "group 1" needs no "group".
    pub(crate) fn with_object(&self, names: &str, several: bool) -> String {
        let Some(object) = &self.object else {
            return names.to_owned();
        };
        let noun = object.strip_prefix("the ").unwrap_or(object);
        let told = names.starts_with("the ")
            || noun
                .split(' ')
                .next_back()
                .is_some_and(|last| names.to_lowercase().starts_with(&last.to_lowercase()));
        if told {
            names.to_owned()
        } else if several {
            format!("the {} {names}", plural_of_head(noun))
        } else {
            format!("the {noun} {names}")
        }
    }

    /// The same said of what was: "was directed by".
    pub(crate) fn past(&self, several: bool) -> Option<String> {
        self.reduced.as_ref()?;
        let verb = self.finite(several, false);
        let (is, was) = if several {
            ("are ", "were ")
        } else {
            ("is ", "was ")
        };
        Some(format!("{was}{}", verb.strip_prefix(is)?))
    }
}

/// The base of "stands", "carries", "crosses".
fn base(verb: &str) -> String {
    // "lies" is short of "lie".
    if let Some(root) = verb.strip_suffix("ies").filter(|root| root.len() > 1) {
        return format!("{root}y");
    }
    let long = ["sses", "shes", "ches", "xes", "zes", "oes"];
    let cut = if long.iter().any(|end| verb.ends_with(end)) {
        2
    } else {
        1
    };
    verb[..verb.len() - cut].to_owned()
}

/// Where the words that a label's object is called by begin: behind its last preposition.
fn split_object(words: &[&str]) -> (String, Option<String>) {
    let at = words.iter().rposition(|word| is_preposition(word));
    match at {
        Some(at) if at + 1 < words.len() => {
            (words[..=at].join(" "), Some(words[at + 1..].join(" ")))
        }
        _ => (words.join(" "), None),
    }
}

pub(super) fn third_person(words: &[&str]) -> Clause {
    let (rest, object) = split_object(&words[1..]);
    let rest = if rest.is_empty() {
        rest
    } else {
        format!(" {rest}")
    };
    let base = if words[0] == "has" {
        "have".to_owned()
    } else {
        base(words[0])
    };
    Clause {
        one: format!("{}{rest}", words[0]),
        many: format!("{base}{rest}"),
        not_one: format!("does not {base}{rest}"),
        not_many: format!("do not {base}{rest}"),
        object,
        ..Clause::default()
    }
}

pub(super) fn did(words: &[&str]) -> Clause {
    let (text, object) = split_object(words);
    let lemmas = &Word::of(words[0]).lemmas;
    let base = lemmas.iter().find(|lemma| *lemma != words[0]);
    let base = base.map_or(words[0], String::as_str);
    let not = format!("did not {}", text.replacen(words[0], base, 1));
    Clause {
        one: text.clone(),
        many: text,
        not_one: not.clone(),
        not_many: not,
        object,
        ..Clause::default()
    }
}

pub(super) fn participle(words: &[&str]) -> Clause {
    let (text, object) = split_object(words);
    Clause {
        one: format!("is {text}"),
        many: format!("are {text}"),
        not_one: format!("is not {text}"),
        not_many: format!("are not {text}"),
        reduced: Some(text),
        object,
        ..Clause::default()
    }
}

/// "is part of", "is fed by", "is a kind of", "has no stable isotope"; without its verb.
pub(super) fn clause_of_is(verb: &str, rest: &[&str]) -> Clause {
    if let ("is", ["a" | "an" | "the", .., "of"]) = (verb, rest) {
        return being(rest, rest.len());
    }
    if let ("is", [noun, "of", ..]) = (verb, rest)
        && Word::of(noun).is_noun()
    {
        return being(rest, 2);
    }
    let (text, object) = split_object(rest);
    let [many, not_one, not_many] = if verb == "has" {
        ["have", "does not have", "do not have"]
    } else {
        ["are", "is not", "are not"]
    };
    Clause {
        one: format!("{verb} {text}"),
        many: format!("{many} {text}"),
        not_one: format!("{not_one} {text}"),
        not_many: format!("{not_many} {text}"),
        object,
        ..Clause::default()
    }
}

/// "isotope of": its subject is an isotope of its object. The noun ends before the last of so many words.
pub(super) fn being(words: &[&str], so_many: usize) -> Clause {
    let noun = words[..so_many - 1].join(" ");
    let last = words[so_many - 1];
    let object = Some(words[so_many..].join(" ")).filter(|object| !object.is_empty());
    // One thing may be capital of another, and a part of it; "a part of" says no more than "part of".
    let one = match noun.as_str() {
        "part" | "capital" => format!("{noun} {last}"),
        _ if noun.starts_with("a ") || noun.starts_with("an ") || noun.starts_with("the ") => {
            format!("{noun} {last}")
        }
        _ => format!("{} {noun} {last}", article(&noun)),
    };
    let bare = ["a ", "an ", "the "]
        .iter()
        .find_map(|word| noun.strip_prefix(word))
        .unwrap_or(&noun);
    let many = match bare {
        "part" => format!("part {last}"),
        _ => format!("{} {last}", plural_of_head(bare)),
    };
    Clause {
        one: format!("is {one}"),
        many: format!("are {many}"),
        not_one: format!("is not {one}"),
        not_many: format!("are not {many}"),
        object,
        being: Some(bare.to_owned()).filter(|_| last == "of"),
        ..Clause::default()
    }
}
