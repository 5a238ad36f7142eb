//! Which values of nodes tell roles: those by which nearly all differ, that many share, and that tell of what kind the other
//! things are.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use kg_store::Snapshot;
use kg_store::rdf::{LiteralKind, NamedNode, NamedOrBlankNode, Term, literal_kind, vocab};

use super::{MOST_OF_NODE, MOST_ROLES, OBJECT, SUBJECT, Said};
use crate::text;
use crate::thesaurus::Word;
use crate::{Conventions, RetrieverError};

/// Of this share of the nodes, each has one role.
const NEARLY_ALL: f64 = 0.9;
/// Nodes that have each role, on average.
const SHARED: usize = 4;
/// A text that is longer names no role.
const LONGEST: usize = 40;
/// How much of what kind the other things are the role must tell, and how mixed these must be, in bits.
const TOLD: f64 = 0.5;
const MIXED: f64 = 0.5;

/// The predicates of which nearly each node has one value, which many of them share.
pub(super) fn shared(nodes: &[Said]) -> Vec<NamedNode> {
    let mut values: BTreeMap<&NamedNode, (usize, BTreeSet<String>)> = BTreeMap::new();
    for said in nodes {
        for (predicate, value) in said {
            let once = said.iter().filter(|(other, _)| other == predicate).count() == 1;
            if once && may_be_a_role(value) && may_tell_roles(predicate.as_str()) {
                let (count, known) = values.entry(predicate).or_default();
                *count += 1;
                known.insert(value.to_string());
            }
        }
    }
    let mut found = Vec::new();
    for (predicate, (count, known)) in values {
        let all = count as f64 >= NEARLY_ALL * nodes.len() as f64;
        if all && (2..=MOST_ROLES).contains(&known.len()) && count >= SHARED * known.len() {
            found.push(predicate.clone());
        }
    }
    found
}

/// Of what class a node is tells more of it, see [`super::narrowed`], and so does what a standard says.
fn may_tell_roles(predicate: &str) -> bool {
    predicate == vocab::rdf::PREDICATE.as_str()
        || kg_store::rdf::is_naming(predicate)
        || !super::super::build::is_structural(predicate)
}

pub(super) fn may_be_a_role(value: &Term) -> bool {
    match value {
        Term::NamedNode(_) => true,
        Term::Literal(literal) => {
            let text = literal.value();
            literal_kind(literal.as_ref()) == LiteralKind::Other
                && text.len() <= LONGEST
                && text.chars().any(char::is_alphabetic)
                && !matches!(text, "true" | "false")
        }
        _ => false,
    }
}

/// The predicate whose values tell most of what kind the other things are, and the predicates that lead to these.
pub(super) fn told_apart(
    snapshot: &Snapshot,
    conventions: &Conventions,
    nodes: &[Said],
) -> Result<Option<(String, Vec<String>)>, RetrieverError> {
    let mut candidates = Vec::new();
    for by in shared(nodes) {
        if !conventions.is_typing(by.as_str()) && are_common(snapshot, &by, nodes)? {
            candidates.push(by);
        }
    }
    if candidates.is_empty() {
        return Ok(None);
    }
    let mut kinds: Vec<HashMap<&NamedNode, String>> = Vec::with_capacity(nodes.len());
    for said in nodes {
        let mut own = HashMap::new();
        for (predicate, value) in said {
            if !super::super::build::is_structural(predicate.as_str()) {
                own.insert(predicate, kind(snapshot, conventions, value)?);
            }
        }
        kinds.push(own);
    }
    let others: BTreeSet<&NamedNode> = kinds.iter().flat_map(HashMap::keys).copied().collect();
    let mut best: Option<(f64, String, Vec<String>)> = None;
    for by in &candidates {
        let (mut most, mut ends) = (0.0_f64, Vec::new());
        for end in others.iter().filter(|end| **end != by) {
            let pairs = nodes.iter().zip(&kinds).filter_map(|(said, kinds)| {
                let (_, role) = said.iter().find(|(predicate, _)| predicate == by)?;
                Some((role.to_string(), kinds.get(end)?.clone()))
            });
            let (mixed, told) = information(&pairs.collect::<Vec<_>>());
            let standard = end.as_str() == OBJECT && others.iter().any(|o| o.as_str() == SUBJECT);
            if standard || (mixed >= MIXED && told >= TOLD && end.as_str() != SUBJECT) {
                ends.push(end.as_str().to_owned());
                most = most.max(told);
            }
        }
        if !ends.is_empty() && best.as_ref().is_none_or(|(known, ..)| most > *known) {
            best = Some((most, by.as_str().to_owned(), ends));
        }
    }
    Ok(best.map(|(_, by, ends)| (by, ends)))
}

/// Whether most values of a predicate are called by common words, and nothing else is told of them: an award that somebody
/// got is no role, nor is the code of a country.
fn are_common(snapshot: &Snapshot, by: &NamedNode, nodes: &[Said]) -> Result<bool, RetrieverError> {
    let values = nodes
        .iter()
        .flatten()
        .filter(|(predicate, _)| predicate == by);
    let distinct: HashSet<&Term> = values.map(|(_, value)| value).collect();
    let mut common = 0;
    for value in &distinct {
        let is_common = match value {
            Term::NamedNode(node) => !is_told_of(snapshot, node)?,
            Term::Literal(text) => {
                let words = text::tokens(text.value());
                let mut long = words.iter().filter(|word| word.text.len() > 2);
                long.any(|word| Word::of(&word.text).is_known())
            }
            Term::BlankNode(_) => false,
        };
        common += usize::from(is_common);
    }
    Ok(common * 2 > distinct.len())
}

/// Whether anything is told of a thing beside its names, and that it is a property.
fn is_told_of(snapshot: &Snapshot, node: &NamedNode) -> Result<bool, RetrieverError> {
    let facts = snapshot.quads(Some(node.as_ref().into()), None, None, None);
    for fact in facts.take(MOST_OF_NODE) {
        let fact = fact?;
        let tells = match &fact.object {
            // Of the classes of a standard are properties alone.
            Term::NamedNode(class) if fact.predicate == vocab::rdf::TYPE => {
                !super::super::build::is_structural(class.as_str())
            }
            _ => !super::super::build::is_structural(fact.predicate.as_str()),
        };
        if tells {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Of what kind a value is: a number, say, or a thing of some classes.
fn kind(
    snapshot: &Snapshot,
    conventions: &Conventions,
    value: &Term,
) -> Result<String, RetrieverError> {
    let node = match value {
        Term::Literal(literal) => {
            let number = literal.value().parse::<f64>().is_ok();
            return Ok(match literal_kind(literal.as_ref()) {
                LiteralKind::Other if !number => "text",
                LiteralKind::Time => "time",
                _ => "number",
            }
            .to_owned());
        }
        Term::NamedNode(node) => NamedOrBlankNode::from(node.clone()),
        Term::BlankNode(node) => NamedOrBlankNode::from(node.clone()),
    };
    let mut classes = conventions.classes_told(snapshot, node.as_ref())?;
    classes.sort_unstable();
    Ok(classes.join(" "))
}

/// How mixed the kinds are, in bits, and how much of it the roles take away, from 0 to 1 (Theil's uncertainty coefficient).
fn information(pairs: &[(String, String)]) -> (f64, f64) {
    let all = pairs.len() as f64;
    let bits = |counts: &BTreeMap<&str, usize>, of: f64| -> f64 {
        let share = counts.values().map(|count| *count as f64 / of);
        -share.map(|share| share * share.log2()).sum::<f64>()
    };
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_role: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for (role, kind) in pairs {
        *kinds.entry(kind).or_default() += 1;
        *by_role.entry(role).or_default().entry(kind).or_default() += 1;
    }
    let mixed = bits(&kinds, all);
    let left = by_role.values().map(|kinds| {
        let own = kinds.values().sum::<usize>() as f64;
        own / all * bits(kinds, own)
    });
    let left = left.sum::<f64>();
    (mixed, if mixed > 0.0 { 1.0 - left / mixed } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_tell_of_what_kind_things_are() {
        let pairs = |told: &[(&str, &str)]| -> Vec<(String, String)> {
            let own = |(role, kind): &(&str, &str)| ((*role).to_owned(), (*kind).to_owned());
            told.iter().map(own).collect()
        };
        let (mixed, told) = information(&pairs(&[
            ("spouse", "Person"),
            ("spouse", "Person"),
            ("birthplace", "Place"),
            ("birthplace", "Place"),
        ]));
        assert_eq!((mixed, told), (1.0, 1.0));
        // Whether an order was paid tells nothing of who placed it.
        let (mixed, told) = information(&pairs(&[
            ("paid", "Person"),
            ("paid", "Company"),
            ("open", "Person"),
            ("open", "Company"),
        ]));
        assert_eq!((mixed, told), (1.0, 0.0));
        assert_eq!(information(&pairs(&[("paid", "Person")])), (0.0, 0.0));
    }
}
