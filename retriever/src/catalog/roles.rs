//! Facts that a value of their nameless node tells apart: a relation that names its subject, its object and its role; a property
//! that names what it is the value of.
//!
//! Nobody asks for the object of a relation who asks who won, nor for the value of a property who asks for a weight. For each
//! role there is a predicate more: one of the facts of such nodes alone as have the role, called by what the role is called.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use kg_store::Snapshot;
use kg_store::rdf::{
    LiteralKind, NamedNode, NamedNodeRef, NamedOrBlankNode, Term, literal_kind, vocab,
};

use super::narrowed::told;
use super::phrasings::{self, Own};
use super::spelling::Spelling;
use super::usage::Usage;
use super::{Class, Named, Phrase, Predicate, Reified, unit};
use crate::graph::Way;
use crate::text;
use crate::thesaurus::Word;
use crate::{Conventions, RetrieverError};

/// The ends of the fact that a statement is of.
pub(super) const SUBJECT: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#subject";
pub(super) const OBJECT: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#object";

/// Nodes around one predicate that are looked at, at the most and at the least, and facts of each.
const SAMPLED: usize = 600;
const LEAST_NODES: usize = 12;
const MOST_OF_NODE: usize = 24;
/// Of this share of the nodes, each has one role.
const NEARLY_ALL: f64 = 0.9;
/// Roles at the most, and nodes that have each, on average and at the least.
const MOST_ROLES: usize = 80;
const SHARED: usize = 4;
const LEAST_OF_ROLE: u64 = 3;
/// A text that is longer names no role.
const LONGEST: usize = 40;
/// How much of what kind the other things are the role must tell, and how mixed these must be, in bits.
const TOLD: f64 = 0.5;
const MIXED: f64 = 0.5;
/// Facts of nodes with a role that are counted.
const COUNTED: usize = 400_000;

/// The facts of one predicate that are told apart by roles.
#[derive(Clone, Debug)]
pub(crate) struct Roles {
    /// The predicate that tells the role of a node.
    pub(crate) by: String,
    /// For each role, as SPARQL writes it, the number of the predicate of such facts alone.
    pub(crate) of: HashMap<String, usize>,
}

/// What is told apart by roles.
#[derive(Clone, Debug, Default)]
pub(super) struct OfNodes {
    /// For each predicate whose facts are told apart, how they are.
    pub(super) apart: HashMap<usize, Roles>,
    /// For each predicate that leads to nodes with a role, one whose facts are told apart, of these.
    pub(super) into: HashMap<(usize, Way), usize>,
}

/// A nameless node: its predicates with their values.
type Said = Vec<(NamedNode, Term)>;

/// Whether there are statements that name the ends of a fact and a role, of facts that are not told otherwise.
pub(super) fn are_of_statements(snapshot: &Snapshot) -> Result<bool, RetrieverError> {
    let nodes = around(snapshot, SUBJECT, Way::Inverse, |_| Ok(true))?;
    let ends = |said: &Said| {
        [SUBJECT, OBJECT]
            .iter()
            .all(|end| said.iter().any(|(p, _)| p.as_str() == *end))
    };
    Ok(nodes.len() >= LEAST_NODES && nodes.iter().all(ends) && !shared(&nodes).is_empty())
}

/// What the predicates for roles are made with.
pub(super) struct With<'a> {
    pub(super) conventions: &'a Conventions,
    pub(super) named: &'a Named,
    pub(super) classes: (&'a [Class], &'a HashMap<String, usize>),
    pub(super) spelling: &'a Spelling,
    /// Those of statements of facts that are told plainly are known otherwise.
    pub(super) reified: Option<&'a Reified>,
}

/// Adds the predicates of facts of one role.
pub(super) fn add(
    snapshot: &Snapshot,
    with: &With<'_>,
    predicates: &mut Vec<Predicate>,
    predicate_of: &mut HashMap<String, usize>,
) -> Result<OfNodes, RetrieverError> {
    let mut found = OfNodes::default();
    for (by, told) in find(snapshot, with, predicates)? {
        for (end, roles) in count(snapshot, with, &by, &told.ends)? {
            if with.reified.is_some_and(|of| of.is_end(&end)) {
                continue;
            }
            let Some(&wide) = predicate_of.get(&end) else {
                continue;
            };
            let mut of = HashMap::new();
            for (role, used) in roles {
                if used.facts < LEAST_OF_ROLE {
                    continue;
                }
                let narrowed = narrow(snapshot, with, &predicates[wide], (&by, &role), used)?;
                let number = predicates.len();
                of.insert(role.to_string(), number);
                predicate_of.insert(narrowed.iri.clone(), number);
                predicates.push(narrowed);
            }
            if !of.is_empty() {
                lead_on(predicates, &told.into, wide, &of);
                let into = told.into.iter().map(|fact| (*fact, wide));
                found.into.extend(into);
                found.apart.insert(wide, Roles { by: by.clone(), of });
            }
        }
    }
    Ok(found)
}

/// What a predicate for roles tells apart: facts of some predicates, of nodes that others lead to.
#[derive(Default)]
struct ToldApart {
    ends: BTreeSet<String>,
    into: Vec<(usize, Way)>,
}

/// The predicates that tell roles.
fn find(
    snapshot: &Snapshot,
    with: &With<'_>,
    predicates: &[Predicate],
) -> Result<BTreeMap<String, ToldApart>, RetrieverError> {
    let mut found: BTreeMap<String, ToldApart> = BTreeMap::new();
    for (number, predicate) in predicates.iter().enumerate() {
        for way in [Way::Forward, Way::Inverse] {
            if predicate.behind(way).is_empty() {
                continue;
            }
            let nodes = around(snapshot, &predicate.iri, way, |node| {
                let term = node.as_ref().into();
                with.named.is_nameless(snapshot, with.conventions, term)
            })?;
            if nodes.len() < LEAST_NODES {
                continue;
            }
            if let Some((by, ends)) = told_apart(snapshot, with.conventions, &nodes)? {
                let told = found.entry(by).or_default();
                told.ends.extend(ends);
                told.into.push((number, way));
            }
        }
    }
    Ok(found)
}

/// Some of the nodes that facts of a predicate lead to.
fn around(
    snapshot: &Snapshot,
    predicate: &str,
    way: Way,
    counts: impl Fn(&NamedOrBlankNode) -> Result<bool, RetrieverError>,
) -> Result<Vec<Said>, RetrieverError> {
    let mut known = HashSet::new();
    let mut found = Vec::new();
    let predicate = NamedNodeRef::new_unchecked(predicate);
    for fact in snapshot
        .quads(None, Some(predicate), None, None)
        .take(SAMPLED)
    {
        let fact = fact?;
        let node = match (way, fact.object) {
            (Way::Inverse, _) => fact.subject,
            (Way::Forward, Term::NamedNode(node)) => node.into(),
            (Way::Forward, Term::BlankNode(node)) => node.into(),
            _ => continue,
        };
        if !known.insert(node.clone()) || !counts(&node)? {
            continue;
        }
        let mut said = Said::new();
        for fact in snapshot
            .quads(Some(node.as_ref()), None, None, None)
            .take(MOST_OF_NODE)
        {
            let fact = fact?;
            said.push((fact.predicate, fact.object));
        }
        found.push(said);
    }
    Ok(found)
}

/// The predicates of which nearly each node has one value, which many of them share.
fn shared(nodes: &[Said]) -> Vec<NamedNode> {
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
        || !super::build::is_structural(predicate)
}

fn may_be_a_role(value: &Term) -> bool {
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
fn told_apart(
    snapshot: &Snapshot,
    conventions: &Conventions,
    nodes: &[Said],
) -> Result<Option<(String, Vec<String>)>, RetrieverError> {
    let candidates = shared(nodes);
    if candidates.is_empty() {
        return Ok(None);
    }
    let mut kinds: Vec<HashMap<&NamedNode, String>> = Vec::with_capacity(nodes.len());
    for said in nodes {
        let mut own = HashMap::new();
        for (predicate, value) in said {
            if !super::build::is_structural(predicate.as_str()) {
                own.insert(predicate, kind(snapshot, conventions, value)?);
            }
        }
        kinds.push(own);
    }
    let others: BTreeSet<&NamedNode> = kinds.iter().flat_map(HashMap::keys).copied().collect();
    let mut best: Option<(f64, String, Vec<String>)> = None;
    for by in &candidates {
        if conventions.is_typing(by.as_str()) || !are_common(snapshot, by, nodes)? {
            continue;
        }
        let (mut most, mut ends) = (0.0_f64, Vec::new());
        for end in others.iter().filter(|end| **end != by) {
            let pairs = nodes.iter().zip(&kinds).filter_map(|(said, kinds)| {
                let (_, role) = said.iter().find(|(predicate, _)| predicate == by)?;
                Some((role.to_string(), kinds.get(end)?.clone()))
            });
            let (mixed, told) = information(&pairs.collect::<Vec<_>>());
            let standard = end.as_str() == OBJECT;
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
                !super::build::is_structural(class.as_str())
            }
            _ => !super::build::is_structural(fact.predicate.as_str()),
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
    let bits = |counts: &HashMap<&str, usize>, of: f64| -> f64 {
        let share = counts.values().map(|count| *count as f64 / of);
        -share.map(|share| share * share.log2()).sum::<f64>()
    };
    let mut kinds: HashMap<&str, usize> = HashMap::new();
    let mut by_role: HashMap<&str, HashMap<&str, usize>> = HashMap::new();
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

/// How the facts of some predicates are used, for each role.
fn count(
    snapshot: &Snapshot,
    with: &With<'_>,
    by: &str,
    ends: &BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<(Term, Usage)>>, RetrieverError> {
    let (classes, number_of) = with.classes;
    let above = |term: &NamedOrBlankNode| -> Result<Vec<usize>, RetrieverError> {
        let told = with.conventions.classes_told(snapshot, term.as_ref())?;
        let told: Vec<usize> = told
            .iter()
            .filter_map(|c| number_of.get(c))
            .copied()
            .collect();
        let of = |class: &Class| told.iter().any(|low| class.with_subclasses.contains(low));
        let all = classes.iter().enumerate().filter(|(_, class)| of(class));
        Ok(all.map(|(number, _)| number).collect())
    };
    let mut known: HashMap<NamedOrBlankNode, Vec<usize>> = HashMap::new();
    let mut found: BTreeMap<String, BTreeMap<String, (Term, Usage)>> = BTreeMap::new();
    let telling = NamedNodeRef::new_unchecked(by);
    for fact in snapshot
        .quads(None, Some(telling), None, None)
        .take(COUNTED)
    {
        let fact = fact?;
        if !may_be_a_role(&fact.object) {
            continue;
        }
        for end in ends {
            let predicate = NamedNodeRef::new_unchecked(end);
            let mut first = true;
            for told in snapshot.quads(Some(fact.subject.as_ref()), Some(predicate), None, None) {
                let object = told?.object;
                let roles = found.entry(end.clone()).or_default();
                let (_, used) = roles
                    .entry(fact.object.to_string())
                    .or_insert_with(|| (fact.object.clone(), Usage::default()));
                used.facts += 1;
                used.subjects += u64::from(std::mem::take(&mut first));
                let node: NamedOrBlankNode = match object {
                    Term::Literal(literal) => {
                        used.note(&literal);
                        continue;
                    }
                    Term::NamedNode(node) => node.into(),
                    Term::BlankNode(node) => node.into(),
                };
                used.objects.nodes += 1;
                if !known.contains_key(&node) {
                    known.insert(node.clone(), above(&node)?);
                }
                for class in &known[&node] {
                    *used.range.entry(*class).or_default() += 1;
                }
            }
        }
    }
    let few = found
        .into_iter()
        .filter(|(_, roles)| roles.len() <= 2 * MOST_ROLES);
    Ok(few
        .map(|(end, roles)| (end, roles.into_values().collect()))
        .collect())
}

/// The predicate of the facts of one role.
fn narrow(
    snapshot: &Snapshot,
    with: &With<'_>,
    wide: &Predicate,
    (by, role): (&str, &Term),
    used: Usage,
) -> Result<Predicate, RetrieverError> {
    let (label, names) = match role {
        Term::NamedNode(role) => {
            let own = Own {
                spelling: with.spelling,
                refers: false,
                relates: true,
            };
            phrasings::direct(snapshot, role.as_ref(), &own)?
        }
        Term::Literal(text) => (text.value().to_owned(), vec![Phrase::new(text.value())]),
        _ => (String::new(), Vec::new()),
    };
    let nodes = used.objects.nodes * 2 > used.facts;
    let mut narrowed = Predicate {
        iri: told(&wide.iri, by, role),
        label,
        names,
        facts: used.facts,
        subjects: used.subjects,
        objects: used.objects,
        values: if nodes {
            Vec::new()
        } else {
            used.texts.shared()
        },
        range: used.range,
        declared_domain: Vec::new(),
        through: Vec::new(),
        unit: None,
        extent: used.extent,
        code: false,
        naming: false,
        duplicate: false,
        rough: false,
        complete: false,
        ..wide.clone()
    };
    if narrowed.is_numeric() {
        narrowed.unit = unit::of_role(snapshot, by, role)?;
    }
    Ok(narrowed)
}

/// What led on from the nodes by any of the facts does so by those of each role.
fn lead_on(
    predicates: &mut [Predicate],
    into: &[(usize, Way)],
    wide: usize,
    roles: &HashMap<String, usize>,
) {
    let mut numbers: Vec<usize> = roles.values().copied().collect();
    numbers.sort_unstable();
    let measured = numbers.iter().copied().filter(|number| {
        let narrowed = &predicates[*number];
        narrowed.is_numeric() || narrowed.is_temporal()
    });
    let measured: Vec<usize> = measured.collect();
    for &(number, way) in into {
        let predicate = &mut predicates[number];
        let behind = &mut predicate.behind[usize::from(way == Way::Inverse)];
        behind.retain(|fact| *fact != (wide, Way::Forward));
        behind.extend(numbers.iter().map(|number| (*number, Way::Forward)));
        if way == Way::Forward {
            predicate.through.retain(|number| *number != wide);
            predicate.through.extend(&measured);
        }
    }
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
