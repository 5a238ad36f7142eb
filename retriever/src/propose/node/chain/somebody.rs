//! Who holds an office, where nothing but the office is named: "who was prime minister of Canada", "mayor of London in 1995".

use std::collections::HashMap;
use std::ops::Range;

use crate::graph::Way;
use crate::propose::Proposer;

/// How well a fact fits that leads to people, where nothing but the kind of the answer asks for it.
const SOMEBODY: f64 = 0.45;
/// What it is worth where more facts lead to other people.
const RIVALLED: f64 = 0.8;
/// What leads to people does so in this share of its facts.
const PEOPLE: f64 = 0.8;

/// How well a fact fits by leading to people alone, of the facts that lead on from what is nobody. Of several that do, the
/// one that most is told by is meant: a statement has a holder before it has a predecessor.
pub(super) fn somebody(
    p: &Proposer<'_>,
    ways: &[(usize, Way)],
    (number, way): (usize, Way),
) -> f64 {
    let predicates = p.view.catalog().predicates();
    let is_one = |number: usize, way: Way| {
        let at = |way: Way| share_of_people(p, predicates[number].classes_at(way));
        at(way) >= PEOPLE && at(way.turned()) == 0.0
    };
    if !is_one(number, way) {
        return 0.0;
    }
    let rivals = ways.iter().filter(|(number, way)| is_one(*number, *way));
    let most = rivals.map(|(number, _)| predicates[*number].facts).max();
    if most.is_some_and(|most| most > predicates[number].facts) {
        return RIVALLED * SOMEBODY;
    }
    SOMEBODY
}

/// Whether the question asks for somebody, and says no more of them than what a mention and a bound or an order do.
pub(super) fn asks_for_a_holder(p: &Proposer<'_>, span: &Range<usize>, used: &[bool]) -> bool {
    let question = p.question;
    let of_condition = |at: usize| {
        let bound = question.threshold.as_ref().map(|bound| &bound.span);
        let order = question.superlative.as_ref().map(|order| &order.span);
        [bound, order, question.now.as_ref()]
            .into_iter()
            .flatten()
            .any(|span| span.contains(&at))
    };
    let left = (0..used.len())
        .filter(|at| !used[*at] && question.is_content(*at))
        .any(|at| !of_condition(at));
    !left && (question.wants_someone || p.is_role(span))
}

/// The share of things of some classes that are people.
fn share_of_people(p: &Proposer<'_>, spread: &HashMap<usize, u64>) -> f64 {
    let classes = p.view.catalog().classes();
    let is_person = |class: usize| {
        let noun = classes[class].noun();
        noun.is_some_and(|word| word.denotes("person"))
    };
    let most = spread.values().max().copied().unwrap_or(0);
    let people = spread.iter().filter(|(class, _)| is_person(**class));
    let people = people.map(|(_, facts)| *facts).max().unwrap_or(0);
    if most == 0 {
        0.0
    } else {
        people as f64 / most as f64
    }
}
