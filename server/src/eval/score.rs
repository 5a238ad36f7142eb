//! Scores one answer against what is right.

use std::collections::{BTreeSet, HashSet};

use schemas::{Grounding, Status, Term, grounding::TermKind};
use serde::Serialize;

use super::{
    fold::{fold, number, same},
    questions::Question,
};

/// The figures of one question, each 0 or 1 but for F1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Scored {
    /// The first answer is right; or the status is, where one is wanted.
    pub hit: f64,
    /// F1 of the set of answers.
    pub f1: f64,
    /// The set of answers is exactly the right one: the denotation is.
    pub exact: f64,
    /// Withheld.
    pub abstained: f64,
    /// Answered, and no answer is right.
    pub wrong: f64,
    /// `hit`, when only labels count and not aliases and IRIs.
    pub hit_by_label: f64,
    /// `f1`, when only labels count.
    pub f1_by_label: f64,
    /// `wrong`, when only labels count.
    pub wrong_by_label: f64,
    /// The request failed.
    pub error: f64,
}

fn one(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

/// What a term is called in a table: the label of an IRI, the value of a literal.
pub fn shown(term: &Term) -> &str {
    match term.kind {
        TermKind::Uri => term.text(),
        _ => &term.value,
    }
}

/// Whether a name is among others.
fn among(name: &str, others: &BTreeSet<String>) -> bool {
    others.contains(name)
        || (number(name).is_some() && others.iter().any(|other| same(name, other)))
}

/// Whether one answer, under any of its names, is among the right ones.
fn right(names: &[String], gold: &BTreeSet<String>) -> bool {
    names.iter().any(|name| among(name, gold))
}

/// Scores an answer. `aliases` gives the other names of an IRI; it is asked only where the label is not right.
pub fn score(
    question: &Question,
    grounding: &Grounding,
    aliases: &mut dyn FnMut(&str) -> Vec<String>,
) -> Scored {
    let gold: BTreeSet<String> = question.gold().iter().map(|g| fold(g)).collect();
    let labels: Vec<String> = grounding.answers.iter().map(|t| fold(shown(t))).collect();
    let by_label = by_label(&gold, &labels, grounding);
    let abstained = one(grounding.status == Status::Abstained);
    if let Some(wanted) = question.wanted_status() {
        // Who knows that there is none says more than who does not know, which is right as well.
        let cautious = wanted == Status::None && grounding.status == Status::Abstained;
        let hit = one(grounding.status == wanted || cautious);
        let wrong = one(!labels.is_empty() && by_label.common == 0);
        return Scored {
            hit,
            f1: hit,
            exact: hit,
            abstained,
            wrong,
            hit_by_label: hit,
            f1_by_label: hit,
            wrong_by_label: wrong,
            error: 0.0,
        };
    }
    // Each answer once, by its label, with all its names.
    let mut seen = HashSet::new();
    let mut sets: Vec<Vec<String>> = Vec::new();
    for (term, label) in grounding.answers.iter().zip(&labels) {
        if !seen.insert(label.clone()) {
            continue;
        }
        let mut names = vec![label.clone()];
        if term.kind == TermKind::Uri && !right(&names, &gold) {
            names.push(fold(&term.value));
            names.extend(aliases(&term.value).iter().map(|a| fold(a)));
        }
        sets.push(names);
    }
    let matched = sets.iter().filter(|names| right(names, &gold)).count();
    let first = sets.first().is_some_and(|names| right(names, &gold));
    let named: BTreeSet<String> = sets.iter().flatten().cloned().collect();
    let found = gold.iter().filter(|g| among(g, &named)).count();
    let f1 = if sets.is_empty() || matched == 0 {
        0.0
    } else {
        let (precision, recall) = (
            matched as f64 / sets.len() as f64,
            found as f64 / gold.len() as f64,
        );
        2.0 * precision * recall / (precision + recall)
    };
    Scored {
        hit: one(first),
        f1: f1.max(by_label.f1),
        exact: one(!sets.is_empty() && matched == sets.len() && found == gold.len()),
        abstained,
        wrong: one(!sets.is_empty() && matched == 0),
        hit_by_label: one(labels.first().is_some_and(|l| among(l, &gold))),
        f1_by_label: by_label.f1,
        wrong_by_label: one(!labels.is_empty() && by_label.common == 0),
        error: 0.0,
    }
}

struct ByLabel {
    common: usize,
    f1: f64,
}

/// The better of two sets: the answers, and all cells of the rows.
fn by_label(gold: &BTreeSet<String>, labels: &[String], grounding: &Grounding) -> ByLabel {
    let answers: BTreeSet<String> = labels.iter().cloned().collect();
    let cells: BTreeSet<String> = grounding
        .rows
        .iter()
        .flatten()
        .map(|t| fold(shown(t)))
        .collect();
    let common = |set: &BTreeSet<String>| set.iter().filter(|name| among(name, gold)).count();
    let f1 = |set: &BTreeSet<String>| {
        if set.is_empty() {
            return 0.0;
        }
        2.0 * common(set) as f64 / (set.len() + gold.len()) as f64
    };
    ByLabel {
        common: common(&answers),
        f1: f1(&answers).max(f1(&cells)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemas::grounding::Timings;

    fn grounding(status: Status, answers: Vec<Term>) -> Grounding {
        Grounding {
            knowledge_base: "k".to_owned(),
            revision: 1,
            status,
            reason: None,
            rows: answers.iter().map(|t| vec![t.clone()]).collect(),
            answers,
            columns: vec!["x".to_owned()],
            alternatives: Vec::new(),
            citations: Vec::new(),
            sparql: None,
            confidence: 1.0,
            timings_ms: Timings::default(),
            explanation: None,
        }
    }

    fn question(answers: &[&str], status: Option<Status>) -> Question {
        serde_json::from_value(
            serde_json::json!({"id": "q", "question": "?", "answers": answers, "status": status}),
        )
        .unwrap()
    }

    fn uri(name: &str) -> Term {
        Term::uri(format!("http://example.org/{name}"), Some(name.to_owned()))
    }

    #[test]
    fn sets_are_compared_by_label() {
        let half = score(
            &question(&["A", "B"], None),
            &grounding(Status::Grounded, vec![uri("a"), uri("c")]),
            &mut |_| Vec::new(),
        );
        assert_eq!(
            (half.hit, half.f1, half.exact, half.wrong),
            (1.0, 0.5, 0.0, 0.0)
        );
        let all = score(
            &question(&["a", "b"], None),
            &grounding(Status::Grounded, vec![uri("B"), uri("A"), uri("A")]),
            &mut |_| Vec::new(),
        );
        assert_eq!((all.hit, all.f1, all.exact), (1.0, 1.0, 1.0));
        let wrong = score(
            &question(&["a"], None),
            &grounding(Status::Grounded, vec![uri("z")]),
            &mut |_| Vec::new(),
        );
        assert_eq!((wrong.hit, wrong.f1, wrong.wrong), (0.0, 0.0, 1.0));
    }

    #[test]
    fn aliases_and_iris_count_and_are_told_apart_from_labels() {
        let q = question(&["Jerry", "Joshua"], None);
        let g = grounding(Status::Grounded, vec![uri("Gerald")]);
        let scored = score(&q, &g, &mut |_| {
            vec!["jerry".to_owned(), "JOSHUA".to_owned()]
        });
        assert_eq!(
            (scored.hit, scored.f1, scored.exact, scored.wrong),
            (1.0, 1.0, 1.0, 0.0)
        );
        assert_eq!(
            (
                scored.hit_by_label,
                scored.f1_by_label,
                scored.wrong_by_label
            ),
            (0.0, 0.0, 1.0)
        );
        let by_iri = score(
            &question(&["http://example.org/Gerald"], None),
            &g,
            &mut |_| Vec::new(),
        );
        assert_eq!(by_iri.hit, 1.0);
    }

    #[test]
    fn numbers_and_truth_values_are_compared_as_such() {
        let number = Term::literal("1000000", "http://www.w3.org/2001/XMLSchema#integer");
        let scored = score(
            &question(&["1,000,000"], None),
            &grounding(Status::Grounded, vec![number]),
            &mut |_| Vec::new(),
        );
        assert_eq!(
            (scored.hit, scored.exact, scored.f1_by_label),
            (1.0, 1.0, 1.0)
        );
        let close = Term::literal("41.500001", "http://www.w3.org/2001/XMLSchema#decimal");
        let scored = score(
            &question(&["41.5"], None),
            &grounding(Status::Grounded, vec![close]),
            &mut |_| Vec::new(),
        );
        assert_eq!(
            (scored.hit, scored.exact, scored.hit_by_label),
            (1.0, 1.0, 1.0)
        );
        let truth = Term::literal("true", "http://www.w3.org/2001/XMLSchema#boolean");
        let scored = score(
            &question(&["Yes"], None),
            &grounding(Status::Grounded, vec![truth]),
            &mut |_| Vec::new(),
        );
        assert_eq!(scored.exact, 1.0);
    }

    #[test]
    fn a_wanted_status_is_the_answer() {
        let q = question(&["none"], Some(Status::Abstained));
        let scored = score(&q, &grounding(Status::Abstained, Vec::new()), &mut |_| {
            Vec::new()
        });
        assert_eq!(
            (scored.hit, scored.f1, scored.abstained, scored.wrong),
            (1.0, 1.0, 1.0, 0.0)
        );
        let invented = score(
            &q,
            &grounding(Status::Grounded, vec![uri("x")]),
            &mut |_| Vec::new(),
        );
        assert_eq!((invented.hit, invented.wrong), (0.0, 1.0));
        for (wanted, by_abstaining) in [(Status::None, 1.0), (Status::Ungrounded, 0.0)] {
            let q = question(&[], Some(wanted));
            let hit = |status| score(&q, &grounding(status, Vec::new()), &mut |_| Vec::new()).hit;
            assert_eq!(
                (hit(wanted), hit(Status::Abstained)),
                (1.0, by_abstaining),
                "{wanted:?}"
            );
        }
    }
}
