//! Which of two named things a yes/no question makes the subject of a fact: "is A the teacher of B" is no question for
//! whether B teaches A.

use crate::catalog::Predicate;
use crate::graph::Way;
use crate::link::Mention;
use crate::propose::Proposer;
use crate::question::Question;
use crate::thesaurus::Word;

/// How a predicate's label relates its subject and its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Label {
    /// "teacher": the object is the teacher of the subject.
    Noun,
    /// "directed by": the object directed the subject.
    By,
    /// "part of", "born in": the subject is part of the object.
    Preposition,
    /// "borders": the subject borders the object.
    Verb,
}

/// How a question relates the first of two names to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// "Is A the N of B", "is A B's N".
    Of,
    /// "Was A directed by B".
    By,
    /// "Did A direct B".
    Active,
    /// "Is A in B".
    Other,
}

/// Whether the first of two mentions is the subject of the fact that is asked for; none where the words do not tell.
pub(super) fn subject_first(
    p: &mut Proposer<'_>,
    number: usize,
    used: &[bool],
    (first, second): (&Mention, &Mention),
) -> Option<bool> {
    // Phrases of the predicate's own tell for certain.
    if let Some(way) = p.matcher.told_way(number, used, &second.span) {
        return Some(way == Way::Inverse);
    }
    let asked = asked(p.question, first, second);
    match (label(&p.view.catalog().predicates()[number]), asked) {
        (Label::Noun, Asked::Of | Asked::Active) => Some(false),
        (Label::Noun | Label::By, Asked::By) => Some(true),
        (Label::By, Asked::Active) => Some(false),
        (Label::Preposition, Asked::Active | Asked::Other | Asked::Of) => Some(true),
        (Label::Verb, Asked::Active) => Some(true),
        (Label::Verb, Asked::By) => Some(false),
        _ => None,
    }
}

fn label(predicate: &Predicate) -> Label {
    let words: Vec<String> = crate::text::tokens(&predicate.label)
        .into_iter()
        .map(|token| token.text)
        .collect();
    let preposition = |word: &str| {
        matches!(
            word,
            "of" | "in" | "on" | "at" | "to" | "from" | "for" | "with"
        )
    };
    match (words.first(), words.last()) {
        (_, Some(last)) if words.len() > 1 && last == "by" => Label::By,
        (_, Some(last)) if words.len() > 1 && preposition(last) => Label::Preposition,
        // "borders", "has part": a verb in the third person, which is no noun in the plural of its own.
        (Some(first), _) if first.ends_with('s') && !Word::of(first).lemmas.contains(first) => {
            Label::Verb
        }
        _ => Label::Noun,
    }
}

fn asked(question: &Question, first: &Mention, second: &Mention) -> Asked {
    let word = |at: usize| question.tokens.get(at).map_or("", |t| t.text.as_str());
    let mut before = second.span.start;
    while before > first.span.end && matches!(word(before - 1), "the" | "a" | "an") {
        before -= 1;
    }
    let joint = before.checked_sub(1).map_or("", word);
    if word(second.span.end) == "s" || (joint == "of" && before >= first.span.end + 2) {
        return Asked::Of;
    }
    if joint == "by" {
        return Asked::By;
    }
    if matches!(word(0), "do" | "does" | "did" | "has" | "have" | "had") {
        return Asked::Active;
    }
    Asked::Other
}
