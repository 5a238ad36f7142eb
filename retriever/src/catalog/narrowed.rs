//! Facts that are told by the class of a nameless node: a person has an event, which is a birth or a death, and has a date.
//!
//! Nobody asks for events who asks when somebody died. For each class of such nodes the catalogue has a predicate more: one that
//! leads to those of the nodes that are of the class, and is called by what the class is called.

use std::collections::{BTreeMap, HashMap, HashSet};

use kg_store::Snapshot;
use kg_store::rdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Term};

use super::profile::look_behind;
use super::{Class, Named, Objects, Predicate};
use crate::graph::Way;
use crate::{Conventions, RetrieverError};

/// Facts of one predicate that are looked at.
const LOOKED_AT: usize = 600;
/// Facts at the least, of a predicate and of what is narrowed to a class.
const LEAST: u64 = 5;
const LEAST_OF_CLASS: u64 = 3;
/// A class of nearly all the nodes tells nothing of any.
const NEARLY_ALL: f64 = 0.9;
/// Classes of the nodes of one predicate, and such predicates in all.
const MOST_CLASSES: usize = 24;
const MOST: usize = 400;
/// Nodes of a class that are looked at for what leads on from them.
const SAMPLED: usize = 24;
/// Values of such nodes that are known.
const MOST_THROUGH: usize = 6;
/// Between the predicate and the class; no IRI has it.
const MARK: char = '|';

/// For each predicate that is narrowed to classes, these and the numbers of the narrowed ones.
pub(crate) type Narrowed = HashMap<usize, Vec<(String, usize)>>;

/// What the facts of a narrowed predicate have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Only<'a> {
    /// What they lead to is of a class.
    OfClass(&'a str),
    /// The node that they are told of has a role, see [`super::roles`].
    Told {
        /// The predicate that tells it.
        by: &'a str,
        /// The role.
        role: Term,
    },
}

/// The predicate of which the facts are.
pub(crate) fn of(predicate: &str) -> &str {
    predicate.split_once(MARK).map_or(predicate, |(of, _)| of)
}

/// The predicate of which the facts are, and what these have in common, where it is a narrowed one.
pub(crate) fn parts(predicate: &str) -> (&str, Option<Only<'_>>) {
    let Some((predicate, rest)) = predicate.split_once(MARK) else {
        return (predicate, None);
    };
    let only = match rest.split_once(MARK) {
        Some((by, role)) => role.parse().ok().map(|role| Only::Told { by, role }),
        None => Some(Only::OfClass(rest)),
    };
    (predicate, only)
}

/// What the predicate is called by itself that is narrowed to facts of nodes with a role.
pub(super) fn told(predicate: &str, by: &str, role: &Term) -> String {
    format!("{predicate}{MARK}{by}{MARK}{role}")
}

/// The nodes that a predicate leads to, by their classes.
type ByClass = BTreeMap<String, (u64, Vec<NamedOrBlankNode>)>;

/// Adds the narrowed predicates.
pub(super) fn add(
    snapshot: &Snapshot,
    conventions: &Conventions,
    named: &Named,
    classes: (&[Class], &HashMap<String, usize>),
    predicates: &mut Vec<Predicate>,
    predicate_of: &mut HashMap<String, usize>,
) -> Result<Narrowed, RetrieverError> {
    let mut found = Narrowed::new();
    let mut all = 0;
    for number in 0..predicates.len() {
        if all >= MOST {
            break;
        }
        let wide = &predicates[number];
        // Only what leads on from nameless nodes is known by what leads there.
        if wide.facts < LEAST || wide.objects.nodes < wide.facts || wide.behind[0].is_empty() {
            continue;
        }
        let (by_class, seen) = nodes(snapshot, conventions, named, &wide.iri)?;
        let telling: Vec<_> = by_class
            .into_iter()
            .filter(|(_, (count, _))| {
                *count >= LEAST_OF_CLASS && (*count as f64) < NEARLY_ALL * seen as f64
            })
            .collect();
        if telling.len() > MOST_CLASSES || all + telling.len() > MOST {
            continue;
        }
        all += telling.len();
        for (iri, (count, nodes)) in telling {
            let Some(&class) = classes.1.get(&iri) else {
                continue;
            };
            let narrowed = narrow(
                snapshot,
                &predicates[number],
                (class, &classes.0[class]),
                (count * predicates[number].facts / seen.max(1), &nodes),
                (&predicates[..], &*predicate_of),
            )?;
            let place = predicates.len();
            found.entry(number).or_default().push((iri, place));
            predicate_of.insert(narrowed.iri.clone(), place);
            predicates.push(narrowed);
        }
    }
    Ok(found)
}

/// Some of the nameless nodes that a predicate leads to, by their classes, and how many there were.
fn nodes(
    snapshot: &Snapshot,
    conventions: &Conventions,
    named: &Named,
    predicate: &str,
) -> Result<(ByClass, u64), RetrieverError> {
    let (mut found, mut seen) = (ByClass::new(), 0_u64);
    let mut known = HashSet::new();
    let predicate = NamedNodeRef::new_unchecked(predicate);
    for fact in snapshot
        .quads(None, Some(predicate), None, None)
        .take(LOOKED_AT)
    {
        let object = fact?.object;
        let node = match &object {
            Term::NamedNode(node) => NamedOrBlankNode::NamedNode(node.clone()),
            Term::BlankNode(node) => NamedOrBlankNode::BlankNode(node.clone()),
            _ => continue,
        };
        if !known.insert(node.clone())
            || !named.is_nameless(snapshot, conventions, object.as_ref())?
        {
            continue;
        }
        seen += 1;
        for class in conventions.classes_told(snapshot, node.as_ref())? {
            let (count, nodes) = found.entry(class).or_default();
            *count += 1;
            if nodes.len() < SAMPLED {
                nodes.push(node.clone());
            }
        }
    }
    Ok((found, seen))
}

/// The predicate that leads to the nodes of a class alone.
fn narrow(
    snapshot: &Snapshot,
    wide: &Predicate,
    (number, class): (usize, &Class),
    (facts, nodes): (u64, &[NamedOrBlankNode]),
    (predicates, predicate_of): (&[Predicate], &HashMap<String, usize>),
) -> Result<Predicate, RetrieverError> {
    let mut behind = Vec::new();
    for node in nodes {
        look_behind(snapshot, node, predicate_of, &mut behind)?;
    }
    behind.retain(|(other, _)| predicates[*other].iri != wide.iri);
    let through = behind.iter().filter(|(other, way)| {
        let known = &predicates[*other];
        *way == Way::Forward && (known.is_numeric() || known.is_temporal())
    });
    let mut through: Vec<usize> = through.map(|(other, _)| *other).collect();
    through.sort_unstable();
    through.truncate(MOST_THROUGH);
    Ok(Predicate {
        iri: format!("{}{MARK}{}", wide.iri, class.iri),
        label: class.label.clone(),
        names: class.names.clone(),
        facts,
        subjects: facts.min(wide.subjects),
        objects: Objects {
            nodes: facts,
            ..Objects::default()
        },
        range: HashMap::from([(number, facts)]),
        profiles: [wide.profiles[0].clone(), String::new()],
        through,
        behind: [behind, wide.behind[1].clone()],
        values: Vec::new(),
        unit: None,
        extent: None,
        code: false,
        naming: false,
        duplicate: false,
        rough: false,
        // Of what is told of a class alone nothing is declared.
        complete: false,
        declared_domain: Vec::new(),
        ..wide.clone()
    })
}

impl Only<'_> {
    /// Whether a fact is one of those, by what it is told of and what it leads to.
    pub(crate) fn has(
        &self,
        snapshot: &Snapshot,
        conventions: &Conventions,
        (subject, object): (&Term, &Term),
    ) -> Result<bool, RetrieverError> {
        let class;
        let (node, predicate, value) = match self {
            Self::OfClass(iri) => {
                class = Term::NamedNode(NamedNode::new_unchecked(*iri));
                (object, conventions.predicate_of(iri), &class)
            }
            Self::Told { by, role } => (subject, *by, role),
        };
        let node: NamedOrBlankNodeRef<'_> = match node {
            Term::NamedNode(node) => node.as_ref().into(),
            Term::BlankNode(node) => node.as_ref().into(),
            _ => return Ok(false),
        };
        let predicate = Some(NamedNodeRef::new_unchecked(predicate));
        let mut told = snapshot.quads(Some(node), predicate, Some(value.as_ref()), None);
        Ok(told.next().transpose()?.is_some())
    }
}

#[cfg(test)]
mod tests {
    use kg_store::rdf::Literal;

    use super::*;

    #[test]
    fn a_narrowed_predicate_has_two_parts() {
        assert_eq!(parts("http://x/event"), ("http://x/event", None));
        let narrowed = parts("http://x/event|http://x/Death");
        let of_class = Only::OfClass("http://x/Death");
        assert_eq!(narrowed, ("http://x/event", Some(of_class)));
        let role = Term::from(Literal::new_simple_literal("width | \"depth\""));
        let narrowed = told("http://x/value", "http://x/name", &role);
        let by = "http://x/name";
        assert_eq!(
            parts(&narrowed),
            ("http://x/value", Some(Only::Told { by, role }))
        );
        assert_eq!(of(&narrowed), "http://x/value");
    }
}
