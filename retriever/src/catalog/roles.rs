//! Facts that a value of their nameless node tells apart: a relation that names its subject, its object and its role; a property
//! that names what it is the value of.
//!
//! Nobody asks for the object of a relation who asks who won, nor for the value of a property who asks for a weight. For each
//! role there is a predicate more: one of the facts of such nodes alone as have the role, called by what the role is called.

mod telling;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use kg_store::Snapshot;
use kg_store::rdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term};
use telling::{may_be_a_role, shared, told_apart};

use super::narrowed::{parts, told};
use super::phrasings::{self, Own};
use super::spelling::Spelling;
use super::usage::Usage;
use super::{Class, Named, Phrase, Predicate, Reified, unit};
use crate::graph::Way;
use crate::{Conventions, RetrieverError, Spelt};

/// The ends of the fact that a statement is of.
pub(super) const SUBJECT: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#subject";
pub(super) const OBJECT: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#object";

/// Nodes around one predicate that are looked at, at the most and at the least, and facts of each.
const SAMPLED: usize = 600;
const LEAST_NODES: usize = 12;
const MOST_OF_NODE: usize = 24;
/// Roles at the most, and facts of each at the least.
const MOST_ROLES: usize = 80;
const LEAST_OF_ROLE: u64 = 3;
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

/// Adds the predicates of facts of one role; tells of which of them the values are texts that are numbers or days.
pub(super) fn add(
    snapshot: &Snapshot,
    with: &With<'_>,
    predicates: &mut Vec<Predicate>,
    predicate_of: &mut HashMap<String, usize>,
) -> Result<(OfNodes, Vec<(String, Spelt)>), RetrieverError> {
    let (mut found, mut spelt) = (OfNodes::default(), Vec::new());
    let above = wider(with.classes.0);
    for ((by, end), into) in find(snapshot, with, predicates)? {
        let Some(&wide) = predicate_of.get(&end) else {
            continue;
        };
        // The facts of one predicate are told apart in one way.
        if found.apart.contains_key(&wide) || with.reified.is_some_and(|of| of.is_end(&end)) {
            continue;
        }
        let mut of = HashMap::new();
        for (role, mut used) in count(snapshot, with, &above, (&by, &end))? {
            let iri = told(&end, &by, &role);
            if used.facts < LEAST_OF_ROLE || parts(&iri).1.is_none() {
                continue;
            }
            spelt.extend(used.reads_as(false).map(|reads| (iri.clone(), reads)));
            let narrowed = narrow(snapshot, with, &predicates[wide], (&by, &role), used)?;
            let number = predicates.len();
            of.insert(role.to_string(), number);
            predicate_of.insert(iri, number);
            predicates.push(narrowed);
        }
        if !of.is_empty() {
            if let Some(&by) = predicate_of.get(&by) {
                // Nothing is of a kind by the role that it has.
                predicates[by].domain.clear();
                predicates[by].range.clear();
            }
            lead_on(predicates, &into, wide, &of);
            found.into.extend(into.into_iter().map(|fact| (fact, wide)));
            found.apart.insert(wide, Roles { by, of });
        }
    }
    Ok((found, spelt))
}

/// Predicates that tell roles with those of which they tell the facts apart, and what leads to such nodes.
type ToldApart = BTreeMap<(String, String), Vec<(usize, Way)>>;

/// Looks for predicates that tell roles.
fn find(
    snapshot: &Snapshot,
    with: &With<'_>,
    predicates: &[Predicate],
) -> Result<ToldApart, RetrieverError> {
    let mut found = ToldApart::new();
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
                for end in ends {
                    let into = found.entry((by.clone(), end)).or_default();
                    into.push((number, way));
                }
            }
        }
    }
    Ok(found)
}

/// For each class, itself and those above it.
fn wider(classes: &[Class]) -> Vec<Vec<usize>> {
    let mut above = vec![Vec::new(); classes.len()];
    for (high, class) in classes.iter().enumerate() {
        for &low in &class.with_subclasses {
            above[low].push(high);
        }
    }
    above
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

/// How the facts of a predicate are used, for each role; nothing where there are too many.
fn count(
    snapshot: &Snapshot,
    with: &With<'_>,
    above: &[Vec<usize>],
    (by, end): (&str, &str),
) -> Result<Vec<(Term, Usage)>, RetrieverError> {
    let classes_of = |node: &NamedOrBlankNode| -> Result<BTreeSet<usize>, RetrieverError> {
        let told = with.conventions.classes_told(snapshot, node.as_ref())?;
        let told = told.iter().filter_map(|class| with.classes.1.get(class));
        Ok(told.flat_map(|low| above[*low].iter().copied()).collect())
    };
    let mut known: HashMap<NamedOrBlankNode, BTreeSet<usize>> = HashMap::new();
    let mut found: BTreeMap<String, (Term, Usage)> = BTreeMap::new();
    let telling = NamedNodeRef::new_unchecked(by);
    let predicate = NamedNodeRef::new_unchecked(end);
    let facts = snapshot.quads(None, Some(telling), None, None);
    for fact in facts.take(COUNTED) {
        let fact = fact?;
        if !may_be_a_role(&fact.object) {
            continue;
        }
        let mut first = true;
        for told in snapshot.quads(Some(fact.subject.as_ref()), Some(predicate), None, None) {
            let (_, used) = found
                .entry(fact.object.to_string())
                .or_insert_with(|| (fact.object.clone(), Usage::default()));
            used.facts += 1;
            used.subjects += u64::from(std::mem::take(&mut first));
            let node: NamedOrBlankNode = match told?.object {
                Term::Literal(literal) => {
                    used.note(&literal);
                    continue;
                }
                Term::NamedNode(node) => node.into(),
                Term::BlankNode(node) => node.into(),
            };
            used.objects.nodes += 1;
            if !known.contains_key(&node) {
                known.insert(node.clone(), classes_of(&node)?);
            }
            for class in &known[&node] {
                *used.range.entry(*class).or_default() += 1;
            }
        }
        if found.len() > 2 * MOST_ROLES {
            return Ok(Vec::new());
        }
    }
    Ok(found.into_values().collect())
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
        unit: used.unit.filter(|unit| !unit.is_empty()),
        of_few: false,
        extent: used.extent,
        code: false,
        naming: false,
        duplicate: false,
        rough: false,
        complete: false,
        ..wide.clone()
    };
    if narrowed.is_numeric() && narrowed.unit.is_none() {
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
