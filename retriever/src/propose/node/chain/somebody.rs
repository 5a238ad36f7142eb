//! Who holds an office, where nothing but the office is named: "who was prime minister of Canada", "mayor of London in 1995".

use std::collections::HashMap;
use std::ops::Range;

use crate::graph::Way;
use crate::propose::Proposer;

/// How well a fact fits that leads to people, where nothing but the kind of the answer asks for it.
const SOMEBODY: f64 = 0.45;
/// What it is worth where more facts lead to other people.
const RIVALLED: f64 = 0.8;
/// How far such a verb is accounted for.
const SAID: f64 = 0.8;
/// What leads to people does so in this share of its facts.
const PEOPLE: f64 = 0.8;

/// Words that say nothing of who is asked for beside what they hold.
const PLAIN: &[&str] = &[
    "who", "s", "is", "was", "were", "be", "been", "has", "have", "had", "the", "a", "an", "in",
    "on", "at", "of", "during", "as", "all", "people", "every", "everyone", "our", "my", "your",
    "their",
];

/// Verbs that say no more of somebody than that there is a tie.
const TIED: &[&str] = &[
    "work", "works", "worked", "working", "involved", "know", "knows",
];

/// Takes such verbs for words of a fact that leads to whoever is asked for.
pub(in crate::propose::node) fn say_so(p: &Proposer<'_>, explains: &mut [f64]) {
    for (explained, token) in explains.iter_mut().zip(&p.question.tokens) {
        if TIED.contains(&token.text.as_str()) {
            *explained = explained.max(SAID);
        }
    }
}

/// How well a fact fits by leading to people alone, from what is nobody. Of several that do, the one that `most` is told by is
/// meant, see [`most_held`]: a statement has a holder before it has a predecessor.
pub(in crate::propose::node) fn somebody(
    p: &Proposer<'_>,
    most: u64,
    (number, way): (usize, Way),
) -> f64 {
    if !leads_to_people(p, number, way) {
        return 0.0;
    }
    if most > p.view.catalog().predicates()[number].facts {
        return RIVALLED * SOMEBODY;
    }
    SOMEBODY
}

/// How many facts there are of the commonest predicate that leads from what is nobody to people.
pub(in crate::propose::node) fn most_held(p: &Proposer<'_>, ways: &[(usize, Way)]) -> u64 {
    let predicates = p.view.catalog().predicates();
    let people = ways
        .iter()
        .filter(|(number, way)| leads_to_people(p, *number, *way));
    people
        .map(|(number, _)| predicates[*number].facts)
        .max()
        .unwrap_or(0)
}

fn leads_to_people(p: &Proposer<'_>, number: usize, way: Way) -> bool {
    let predicate = &p.view.catalog().predicates()[number];
    let turned = share_of_people(p, predicate.classes_at(way.turned()));
    are_people(p, number, way) && turned == 0.0
}

/// Whether what a predicate leads to is people, as far as classes tell.
pub(in crate::propose::node) fn are_people(p: &Proposer<'_>, number: usize, way: Way) -> bool {
    let predicate = &p.view.catalog().predicates()[number];
    share_of_people(p, predicate.classes_at(way)) >= PEOPLE
}

/// Whether the question asks for somebody, and says no more of them than what a mention and a bound or an order do.
pub(in crate::propose::node) fn asks_for_a_holder(
    p: &Proposer<'_>,
    span: &Range<usize>,
    used: &[bool],
) -> bool {
    let question = p.question;
    let of_condition = |at: usize| {
        let bound = question.threshold.as_ref().map(|bound| &bound.span);
        let order = question.superlative.as_ref().map(|order| &order.span);
        let mut conditions = [bound, order, question.now.as_ref()].into_iter().flatten();
        conditions.any(|span| span.contains(&at))
    };
    let word = |at: usize| question.tokens[at].text.as_str();
    let mut left =
        (0..used.len()).filter(|at| !used[*at] && !span.contains(at) && !of_condition(*at));
    let plain = left.all(|at| PLAIN.contains(&word(at)) || TIED.contains(&word(at)));
    // "Who has it" asks for something else than who has been it.
    let has = (0..used.len()).any(|at| matches!(word(at), "has" | "have" | "had"));
    let been = (0..used.len()).any(|at| word(at) == "been");
    plain && (!has || been) && (question.wants_someone || p.is_role(span))
}

/// The share of things of some classes that are people.
fn share_of_people(p: &Proposer<'_>, spread: &HashMap<usize, u64>) -> f64 {
    let classes = p.view.catalog().classes();
    let most = spread.values().max().copied().unwrap_or(0);
    let people = spread
        .iter()
        .filter(|(class, _)| classes[**class].is_of_people());
    let people = people.map(|(_, facts)| *facts).max().unwrap_or(0);
    if most == 0 {
        0.0
    } else {
        people as f64 / most as f64
    }
}
