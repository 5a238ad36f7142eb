//! The predicates around an entity, and facts between two.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use kg_store::rdf::{NamedNodeRef, Term, TermRef};

use super::Proposer;
use crate::catalog::Roles;
use crate::graph::Way;
use crate::walk::neighbours;
use crate::{ReadView, RetrieverError};

/// The predicates around an entity, with how many facts of each there are, counted up to [`MANY`].
#[derive(Clone, Debug, Default)]
pub struct EntityEdges {
    /// Predicates of which it is the subject.
    pub outgoing: Vec<(usize, u64)>,
    /// Predicates of which it is the object.
    pub incoming: Vec<(usize, u64)>,
}

/// Counts stop here.
pub(super) const MANY: u64 = 1_000;
/// Nodes of one class that an entity is tied to are counted up to this.
const MOST_NARROWED: usize = 50;
/// Nodes of one role that are followed.
const MOST_OF_ROLE: usize = 6;
/// Nodes with roles around one thing that are looked at.
const MOST_ENTERED: usize = 1_000;
/// An entity with more facts than this is asked about predicate by predicate.
const SCANNED: usize = 2_000;

impl EntityEdges {
    /// Reads them from the store. The cost is bounded for entities with any number of facts.
    pub fn read(view: &ReadView, iri: &str) -> Result<Self, RetrieverError> {
        let node = NamedNodeRef::new_unchecked(iri);
        let below = view.catalog().conventions().told_of(iri).iter().skip(1);
        let below = below.map(|iri| NamedNodeRef::new_unchecked(iri));
        let objects: Vec<NamedNodeRef<'_>> = std::iter::once(node).chain(below).collect();
        let mut outgoing = count(view, |predicate| {
            view.snapshot()
                .quads(Some(node.into()), predicate, None, None)
                .map(|q| Ok(q?.predicate.into_string()))
        })?;
        narrow(view, node, &mut outgoing)?;
        let mut incoming = count(view, |predicate| {
            let told = objects.iter().flat_map(move |object| {
                let object = TermRef::NamedNode(*object);
                view.snapshot().quads(None, predicate, Some(object), None)
            });
            told.map(|q| Ok(q?.predicate.into_string()))
        })?;
        tell_apart(view, &objects, &mut incoming)?;
        Ok(Self { outgoing, incoming })
    }
}

/// Adds the predicates that are narrowed to the classes of the nodes that some of them lead to.
fn narrow(
    view: &ReadView,
    node: NamedNodeRef<'_>,
    outgoing: &mut Vec<(usize, u64)>,
) -> Result<(), RetrieverError> {
    let catalog = view.catalog();
    let from = Term::NamedNode(node.into_owned());
    for at in 0..outgoing.len() {
        for (_, narrowed) in catalog.narrowed(outgoing[at].0) {
            let iri = &catalog.predicates()[*narrowed].iri;
            let found = neighbours(view, &from, iri, Way::Forward, MOST_NARROWED)?;
            if !found.is_empty() {
                outgoing.push((*narrowed, found.len() as u64));
            }
        }
    }
    outgoing.sort_unstable();
    Ok(())
}

/// Puts in the place of facts that the roles of nodes tell apart those of each role.
fn tell_apart(
    view: &ReadView,
    objects: &[NamedNodeRef<'_>],
    incoming: &mut Vec<(usize, u64)>,
) -> Result<(), RetrieverError> {
    let catalog = view.catalog();
    for (number, count) in std::mem::take(incoming) {
        let Some(roles) = catalog.roles(number) else {
            incoming.push((number, count));
            continue;
        };
        let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
        let predicate = NamedNodeRef::new_unchecked(&catalog.predicates()[number].iri);
        let facts = objects.iter().flat_map(|object| {
            let object = TermRef::NamedNode(*object);
            view.snapshot()
                .quads(None, Some(predicate), Some(object), None)
        });
        for fact in facts.take(SCANNED) {
            let told = role_of(view, &fact?.subject.into(), roles)?;
            *counts.entry(told.unwrap_or(number)).or_default() += 1;
        }
        incoming.extend(counts);
    }
    incoming.sort_unstable();
    Ok(())
}

/// Puts in the place of facts of a node that its role tells apart those of the role.
pub(super) fn tell_roles(
    view: &ReadView,
    node: &Term,
    facts: &mut [(usize, Way)],
) -> Result<(), RetrieverError> {
    for (number, way) in facts {
        if *way == Way::Forward
            && let Some(roles) = view.catalog().roles(*number)
            && let Some(told) = role_of(view, node, roles)?
        {
            *number = told;
        }
    }
    Ok(())
}

/// Some of the nodes of each role that a predicate leads to.
pub(super) fn of_each_role(
    view: &ReadView,
    from: &Term,
    (number, way): (usize, Way),
    roles: &Roles,
) -> Result<Vec<Term>, RetrieverError> {
    let iri = &view.catalog().predicates()[number].iri;
    let mut counts: HashMap<Option<usize>, usize> = HashMap::new();
    let mut found = Vec::new();
    for node in neighbours(view, from, iri, way, MOST_ENTERED)? {
        let count = counts.entry(role_of(view, &node, roles)?).or_default();
        *count += 1;
        if *count <= MOST_OF_ROLE {
            found.push((*count, node));
        }
    }
    // One of each role goes before a second one of any, since only so many are followed.
    found.sort_by_key(|(count, _)| *count);
    Ok(found.into_iter().map(|(_, node)| node).collect())
}

/// The predicate for the role that a node has.
fn role_of(view: &ReadView, node: &Term, roles: &Roles) -> Result<Option<usize>, RetrieverError> {
    let role = neighbours(view, node, &roles.by, Way::Forward, 1)?;
    let mut known = role
        .iter()
        .filter_map(|role| roles.of.get(&role.to_string()));
    Ok(known.next().copied())
}

fn count<'a, I>(
    view: &'a ReadView,
    facts: impl Fn(Option<NamedNodeRef<'a>>) -> I,
) -> Result<Vec<(usize, u64)>, RetrieverError>
where
    I: Iterator<Item = Result<String, RetrieverError>>,
{
    let catalog = view.catalog();
    let mut counts: Vec<(usize, u64)> = Vec::new();
    let mut scanned = 0;
    for predicate in facts(None).take(SCANNED) {
        scanned += 1;
        if let Some(number) = catalog.predicate(&predicate?) {
            match counts.iter_mut().find(|(known, _)| *known == number) {
                Some((_, count)) => *count += 1,
                None => counts.push((number, 1)),
            }
        }
    }
    if scanned == SCANNED {
        counts.clear();
        let plain = catalog.predicates().iter().enumerate();
        // The narrowed ones are looked for by themselves.
        for (number, predicate) in plain.filter(|(_, one)| one.told_by() == one.iri) {
            let mut found = 0;
            for fact in facts(Some(NamedNodeRef::new_unchecked(&predicate.iri))).take(MANY as usize)
            {
                fact?;
                found += 1;
            }
            if found > 0 {
                counts.push((number, found));
            }
        }
    }
    counts.sort_unstable();
    Ok(counts)
}

impl Proposer<'_> {
    /// The predicates around an entity.
    pub(super) fn edges(&mut self, iri: &str) -> Result<Arc<EntityEdges>, RetrieverError> {
        self.in_time()?;
        if let Some(edges) = self.edges.get(iri) {
            return Ok(Arc::clone(edges));
        }
        let edges = Arc::new(EntityEdges::read(self.view, iri)?);
        self.edges.insert(iri.to_owned(), Arc::clone(&edges));
        Ok(edges)
    }

    /// Whether an entity has a fact of a predicate, read this way.
    pub(super) fn has(
        &mut self,
        iri: &str,
        (number, way): (usize, Way),
    ) -> Result<bool, RetrieverError> {
        let edges = self.edges(iri)?;
        let edges = match way {
            Way::Forward => &edges.outgoing,
            Way::Inverse => &edges.incoming,
        };
        Ok(edges.iter().any(|(known, _)| *known == number))
    }

    /// Whether a fact is told, or entailed by one that is.
    pub(super) fn holds(
        &self,
        subject: &str,
        predicate: &str,
        object: &str,
    ) -> Result<bool, RetrieverError> {
        let node = NamedNodeRef::new_unchecked;
        let told = |subject, predicate, object| {
            let object = Some(TermRef::NamedNode(node(object)));
            let snapshot = self.view.snapshot();
            let mut found = snapshot.quads(
                Some(node(subject).into()),
                Some(node(predicate)),
                object,
                None,
            );
            found.next().transpose()
        };
        if told(subject, predicate, object)?.is_some() {
            return Ok(true);
        }
        for other in self.view.catalog().conventions().entailing(predicate) {
            let found = match other.way {
                Way::Forward => told(subject, &other.predicate, object)?,
                Way::Inverse => told(object, &other.predicate, subject)?,
            };
            if found.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The predicates of the facts that tie two things directly, read from the first one.
    pub(super) fn between(
        &self,
        one: NamedNodeRef<'_>,
        other: NamedNodeRef<'_>,
    ) -> Result<Vec<(usize, Way)>, RetrieverError> {
        let mut found = Vec::new();
        for (subject, object, way) in [(one, other, Way::Forward), (other, one, Way::Inverse)] {
            let object = Some(TermRef::NamedNode(object));
            let facts = self
                .view
                .snapshot()
                .quads(Some(subject.into()), None, object, None);
            for fact in facts {
                let number = self.view.catalog().predicate(fact?.predicate.as_str());
                found.extend(number.map(|number| (number, way)));
            }
        }
        Ok(found)
    }
}
