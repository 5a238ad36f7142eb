//! The facts that an answer rests on, and the proof that the index holds them all.

use std::time::Instant;

use kg_store::rdf::{GraphName, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term as RdfTerm};
use kg_store::{Snapshot, Watch};
use schemas::Term;
use schemas::knowledge_base::CheckReport;

use crate::catalog::narrowed;
use crate::conventions::DEFINITIONS;
use crate::execute::{Executed, select};
use crate::graph::{Cell, Comparand, Hop, QueryGraph, Target, Way};
use crate::index::{EntityRecord, IndexReader, chunks};
use crate::walk::neighbours;
use crate::{Conventions, ReadView, RetrieverError};

/// A fact with its labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fact {
    /// The subject.
    pub subject: Term,
    /// The predicate.
    pub predicate: Term,
    /// The object.
    pub object: Term,
    /// The named graph; none for the default graph.
    pub graph: Option<String>,
    /// Whether it tells of what class its subject is.
    pub tells_class: bool,
    /// Whether its subject has no name: a statement, or the holder of a value.
    pub of_nameless: bool,
    /// Whether its object has none.
    pub to_nameless: bool,
}

impl Fact {
    /// Reads a quad with the labels of its terms.
    pub fn of(view: &ReadView, quad: &Quad) -> Result<Self, RetrieverError> {
        let subject = match &quad.subject {
            NamedOrBlankNode::NamedNode(node) => RdfTerm::NamedNode(node.clone()),
            NamedOrBlankNode::BlankNode(node) => RdfTerm::BlankNode(node.clone()),
        };
        // A thing that merely has no label is no statement; what leads on to other things is.
        let catalog = view.catalog();
        let number = catalog.predicate(quad.predicate.as_str());
        // So is what names the predicate of a fact.
        let names = catalog.reified().map(|by| by.predicate.as_str());
        let names_one = names == Some(quad.predicate.as_str());
        let joins = |way| {
            let known = number.is_some_and(|n| !catalog.predicates()[n].behind(way).is_empty());
            known || (names_one && way == Way::Inverse)
        };
        let stands_for = |way, term: &RdfTerm| -> Result<bool, RetrieverError> {
            let blank = matches!(term, RdfTerm::BlankNode(_));
            Ok(blank || (joins(way) && view.is_nameless(term)?))
        };
        Ok(Self {
            subject: view.labelled(&subject)?,
            predicate: view.labelled(&RdfTerm::NamedNode(quad.predicate.clone()))?,
            object: view.labelled(&quad.object)?,
            graph: match &quad.graph_name {
                GraphName::NamedNode(node) => Some(node.as_str().to_owned()),
                GraphName::BlankNode(node) => Some(format!("_:{}", node.as_str())),
                GraphName::DefaultGraph => None,
            },
            tells_class: match &quad.object {
                RdfTerm::NamedNode(class) => catalog
                    .conventions()
                    .tells_class(quad.predicate.as_str(), class.as_str()),
                _ => false,
            },
            of_nameless: stands_for(Way::Inverse, &subject)?,
            to_nameless: stands_for(Way::Forward, &quad.object)?,
        })
    }

    /// The fact in words: "Chad, capital: N'Djamena".
    pub fn text(&self) -> String {
        format!(
            "{}, {}: {}",
            self.subject.text(),
            self.predicate.text(),
            self.object.text()
        )
    }
}

/// Facts cited for one answer at the most.
pub const MOST_FACTS: usize = 120;
/// Solutions of a description that facts are taken from.
const MOST_SOLUTIONS: usize = 400;
/// Facts that show what there is instead of what was asked for.
const MOST_INSTEAD: usize = 12;
/// Values of one measure that are cited.
const MOST_MEASURED: usize = 12;

/// The facts that entail a result, in the order of its rows.
pub fn facts(
    view: &ReadView,
    graph: &QueryGraph,
    executed: &Executed,
    deadline: Instant,
) -> Result<Vec<Fact>, RetrieverError> {
    let mut found = Collector {
        view,
        facts: Vec::new(),
    };
    match graph {
        QueryGraph::Select { target, .. } => {
            let answers: Vec<&RdfTerm> = match target {
                Target::Every => executed.rows.iter().filter_map(|row| row.first()).collect(),
                Target::Count => executed.counted.iter().collect(),
                Target::Aggregate(..) => Vec::new(),
            };
            found.described(graph, &answers, deadline)?;
        }
        QueryGraph::Share { .. } => found.described(graph, &[], deadline)?,
        QueryGraph::Exists { node } => {
            found.described(graph, &[], deadline)?;
            if found.facts.is_empty() && !node.links.is_empty() {
                // Things that are so tied, but are of other kinds, show why the answer is no.
                let mut wider = node.clone();
                wider.classes.clear();
                wider.filters.clear();
                found.described(&QueryGraph::Exists { node: wider }, &[], deadline)?;
                if found.facts.is_empty() {
                    // Nor are any: what each has shows that they have nothing in common.
                    for link in node.links.iter().filter(|link| !link.negated) {
                        if let Some((entity, hop)) =
                            link.as_edge().filter(|(_, hop)| hop.way == Way::Forward)
                        {
                            found.quads(entity, &hop.predicate, None, MOST_INSTEAD)?;
                        }
                    }
                }
                found.facts.truncate(MOST_INSTEAD);
            }
        }
        QueryGraph::Calculate {
            entities, measures, ..
        } => {
            for (entity, measure) in entities.iter().zip(measures) {
                found.measured(entity, measure.path())?;
            }
        }
        QueryGraph::Choose {
            entities, measure, ..
        } => {
            for entity in entities {
                found.measured(entity, measure.path())?;
            }
        }
        QueryGraph::Ask {
            subject,
            predicate,
            object,
        } => {
            let [own, other] =
                [subject, object].map(|iri| RdfTerm::NamedNode(NamedNode::new_unchecked(iri)));
            found.quads(subject, predicate, Some(&other), 1)?;
            for by in view.catalog().conventions().entailing(predicate) {
                match by.way {
                    Way::Forward => found.quads(subject, &by.predicate, Some(&other), 1)?,
                    Way::Inverse => found.quads(object, &by.predicate, Some(&own), 1)?,
                }
            }
            if found.facts.is_empty() {
                // What is there instead shows why the answer is no.
                found.quads(subject, predicate, None, MOST_INSTEAD)?;
            }
        }
        QueryGraph::AskValue {
            entity,
            measure,
            with,
            ..
        } => {
            found.measured(entity, measure.path())?;
            if let Comparand::Entity(other) = with {
                found.measured(other, measure.path())?;
            }
        }
        QueryGraph::AskClass { entity, classes } => {
            found.class(entity, classes)?;
            if found.facts.is_empty() {
                found.told_classes(entity, 4)?;
            }
        }
        QueryGraph::Relation { entities } => {
            let [one, other] = entities
                .each_ref()
                .map(|iri| NamedNode::new_unchecked(iri).into());
            for row in &executed.rows {
                if let Some(RdfTerm::NamedNode(predicate)) = row.first() {
                    found.quad(&one, predicate.as_str(), &other)?;
                    found.quad(&other, predicate.as_str(), &one)?;
                }
            }
        }
        QueryGraph::Describe { entity } => found.description(entity)?,
    }
    Ok(found.facts)
}

struct Collector<'a> {
    view: &'a ReadView,
    facts: Vec<Fact>,
}

impl Collector<'_> {
    /// The facts behind a description, one solution of its variables after the other.
    fn described(
        &mut self,
        graph: &QueryGraph,
        answers: &[&RdfTerm],
        deadline: Instant,
    ) -> Result<(), RetrieverError> {
        // A blank node cannot be named in a query.
        let nameable = answers.iter().all(|a| !matches!(a, RdfTerm::BlankNode(_)));
        let named: Vec<String> = answers
            .iter()
            .take(MOST_FACTS)
            .filter(|_| nameable)
            .map(ToString::to_string)
            .collect();
        let Some((sparql, patterns)) =
            graph.evidence(&named, MOST_SOLUTIONS, self.view.catalog().conventions())
        else {
            return Ok(());
        };
        let table = select(self.view, &sparql, deadline, MOST_SOLUTIONS)?;
        let column = |name: &str| {
            let name = name.trim_start_matches('?');
            table.variables.iter().position(|v| v == name)
        };
        // Answers come in the order of the result, whatever the order of the solutions.
        let place = column("?answer");
        let mut rows: Vec<&Vec<Option<RdfTerm>>> = table.rows.iter().collect();
        if let Some(place) = place {
            let rank = |row: &&Vec<Option<RdfTerm>>| {
                answers.iter().position(|a| row[place].as_ref() == Some(*a))
            };
            rows.sort_by_key(rank);
        }
        for row in rows {
            let value = |cell: &Cell| match cell {
                Cell::Known(term) => Some(term.clone()),
                Cell::Variable(name) => column(name).and_then(|at| row[at].clone()),
            };
            for pattern in &patterns {
                if let (Some(subject), Some(object)) =
                    (value(&pattern.subject), value(&pattern.object))
                {
                    self.quad(&subject, &pattern.predicate, &object)?;
                }
            }
        }
        Ok(())
    }

    /// What is at the end of a path from an entity, with what is on the way.
    fn measured(&mut self, entity: &str, path: &[Hop]) -> Result<(), RetrieverError> {
        let mut here = vec![RdfTerm::NamedNode(NamedNode::new_unchecked(entity))];
        for hop in path {
            let mut there = Vec::new();
            for term in here.iter().take(MOST_MEASURED) {
                let next = neighbours(self.view, term, &hop.predicate, hop.way, MOST_MEASURED)?;
                for other in next {
                    match hop.way {
                        Way::Forward => self.quad(term, &hop.predicate, &other)?,
                        Way::Inverse => self.quad(&other, &hop.predicate, term)?,
                    }
                    there.push(other);
                }
            }
            here = there;
        }
        Ok(())
    }

    fn quad(
        &mut self,
        subject: &RdfTerm,
        predicate: &str,
        object: &RdfTerm,
    ) -> Result<(), RetrieverError> {
        let subject = match subject {
            RdfTerm::NamedNode(node) => NamedOrBlankNode::NamedNode(node.clone()),
            RdfTerm::BlankNode(node) => NamedOrBlankNode::BlankNode(node.clone()),
            _ => return Ok(()),
        };
        let predicate = NamedNodeRef::new_unchecked(narrowed::of(predicate));
        let found = self.view.snapshot().quads(
            Some(subject.as_ref()),
            Some(predicate),
            Some(object.into()),
            None,
        );
        for quad in found.take(1) {
            if self.facts.len() >= MOST_FACTS {
                return Ok(());
            }
            let fact = Fact::of(self.view, &quad?)?;
            if !self.facts.contains(&fact) {
                self.facts.push(fact);
            }
        }
        Ok(())
    }

    fn class(&mut self, entity: &str, classes: &[String]) -> Result<(), RetrieverError> {
        let catalog = self.view.catalog();
        for class in classes {
            let typing = catalog.conventions().predicate_of(class);
            let class = RdfTerm::NamedNode(kg_store::rdf::NamedNode::new_unchecked(class));
            self.quads(entity, typing, Some(&class), 1)?;
        }
        Ok(())
    }

    /// The classes that a thing is told to be of, some of each way to tell them.
    fn told_classes(&mut self, entity: &str, most: usize) -> Result<(), RetrieverError> {
        let catalog = self.view.catalog();
        for typing in catalog.conventions().typing() {
            self.quads(entity, typing, None, most)?;
        }
        let node = NamedNodeRef::new_unchecked(entity);
        let classes = catalog
            .conventions()
            .classes_of_classes(self.view.snapshot(), node)?;
        self.class(entity, &classes[..classes.len().min(most)])
    }

    /// What tells most about an entity: its classes, then one fact of each predicate, those that most
    /// entities have first.
    fn description(&mut self, entity: &str) -> Result<(), RetrieverError> {
        self.told_classes(entity, 3)?;
        let node = NamedNodeRef::new_unchecked(entity);
        for predicate in DEFINITIONS {
            self.quads(entity, predicate, None, 1)?;
        }
        let catalog = self.view.catalog();
        let mut own: Vec<(usize, u64)> = Vec::new();
        for quad in self
            .view
            .snapshot()
            .quads(Some(node.into()), None, None, None)
            .take(500)
        {
            if let Some(number) = catalog.predicate(quad?.predicate.as_str()) {
                match own.iter_mut().find(|(n, _)| *n == number) {
                    Some((_, count)) => *count += 1,
                    None => own.push((number, 1)),
                }
            }
        }
        // A predicate with one value says more about a thing than one of a long list of values does.
        own.sort_by_key(|(number, count)| (*count > 1, *number));
        for (number, _) in own.into_iter().take(6) {
            self.quads(entity, &catalog.predicates()[number].iri, None, 1)?;
        }
        Ok(())
    }

    fn quads(
        &mut self,
        subject: &str,
        predicate: &str,
        object: Option<&RdfTerm>,
        most: usize,
    ) -> Result<(), RetrieverError> {
        let subject = NamedNodeRef::new_unchecked(subject);
        let predicate = NamedNodeRef::new_unchecked(predicate);
        let found = self.view.snapshot().quads(
            Some(subject.into()),
            Some(predicate),
            object.map(Into::into),
            None,
        );
        for quad in found.take(most) {
            if self.facts.len() >= MOST_FACTS {
                return Ok(());
            }
            let fact = Fact::of(self.view, &quad?)?;
            if !self.facts.contains(&fact) {
                self.facts.push(fact);
            }
        }
        Ok(())
    }
}

/// Compares the index with the store, entity by entity and document by document.
pub(crate) fn check_index(
    snapshot: &Snapshot,
    index: &IndexReader,
    conventions: &Conventions,
    revision: u64,
    report: &mut CheckReport,
    watch: &dyn Watch,
) -> Result<(), RetrieverError> {
    const MOST_FAULTS: usize = 100;
    let mut fault = |text: String| {
        if report.faults.len() < MOST_FAULTS {
            report.faults.push(text);
        }
    };
    if revision != snapshot.revision() {
        fault(format!(
            "the index holds revision {revision}, the store {}",
            snapshot.revision()
        ));
    }
    let iris = crate::index::entities(snapshot)?;
    let total = Some(iris.len() as u64);
    for (done, iri) in iris.iter().enumerate() {
        if index.entity(iri)? != EntityRecord::read(snapshot, iri, conventions)? {
            fault(format!("the index disagrees with the store on <{iri}>"));
        }
        if done.is_multiple_of(256) {
            watch.progress("index", done as u64, total);
            if watch.cancelled() {
                return Err(kg_store::StoreError::Cancelled.into());
            }
        }
    }
    let indexed = index.entity_count()?;
    if indexed != iris.len() as u64 {
        fault(format!(
            "the index holds {indexed} entities, the store names {}",
            iris.len()
        ));
    }
    let (mut passages, mut documents) = (0, 0);
    let mut after: Option<String> = None;
    loop {
        let page = snapshot.documents(after.as_deref(), 256)?;
        for document in &page {
            let expected = chunks(&document.text).len() as u64;
            if index.passage_count(Some(&document.id))? != expected {
                fault(format!(
                    "the index disagrees with the corpus on document `{}`",
                    document.id
                ));
            }
            passages += expected;
            documents += 1;
        }
        match page.last() {
            Some(last) => after = Some(last.id.clone()),
            None => break,
        }
    }
    let indexed = index.passage_count(None)?;
    if indexed != passages {
        fault(format!(
            "the index holds {indexed} passages, the corpus makes {passages}"
        ));
    }
    report.entities = iris.len() as u64;
    report.documents = documents;
    Ok(())
}
