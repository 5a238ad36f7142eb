//! The facts that an answer rests on, and the proof that the index holds them all.

use kg_store::rdf::{GraphName, NamedNodeRef, NamedOrBlankNode, Quad, Term as RdfTerm, vocab};
use kg_store::{Snapshot, Watch};
use schemas::Term;
use schemas::knowledge_base::CheckReport;

use crate::execute::Executed;
use crate::graph::{Comparand, Edge, QueryGraph, Target, Way};
use crate::index::{EntityRecord, IndexReader, chunks};
use crate::{ReadView, RetrieverError};

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
}

impl Fact {
    /// Reads a quad with the labels of its terms.
    pub fn of(view: &ReadView, quad: &Quad) -> Result<Self, RetrieverError> {
        let subject = match &quad.subject {
            NamedOrBlankNode::NamedNode(node) => RdfTerm::NamedNode(node.clone()),
            NamedOrBlankNode::BlankNode(node) => RdfTerm::BlankNode(node.clone()),
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

/// The facts that entail a result, in the order of its rows.
pub fn facts(
    view: &ReadView,
    graph: &QueryGraph,
    executed: &Executed,
) -> Result<Vec<Fact>, RetrieverError> {
    let mut found = Collector {
        view,
        facts: Vec::new(),
    };
    match graph {
        QueryGraph::Node {
            classes,
            edges,
            filter,
            target,
        } => {
            let answers: Vec<&RdfTerm> = match target {
                Target::Count => executed.counted.iter().collect(),
                _ => executed.rows.iter().filter_map(|row| row.first()).collect(),
            };
            for answer in answers {
                for edge in edges {
                    found.edge(edge, answer)?;
                }
                if let RdfTerm::NamedNode(node) = answer {
                    if let Some(filter) = filter {
                        found.values(node.as_str(), &filter.predicate)?;
                    }
                    if let Target::Extreme { predicate, .. } = target {
                        found.values(node.as_str(), predicate)?;
                    }
                    if edges.is_empty()
                        && filter.is_none()
                        && !matches!(target, Target::Extreme { .. })
                    {
                        found.class(node.as_str(), classes)?;
                    }
                }
            }
        }
        QueryGraph::Choose {
            entities,
            predicate,
            ..
        } => {
            for entity in entities {
                found.values(entity, predicate)?;
            }
        }
        QueryGraph::Ask {
            subject,
            predicate,
            object,
        } => {
            let object = RdfTerm::NamedNode(kg_store::rdf::NamedNode::new_unchecked(object));
            found.quads(subject, predicate, Some(&object), 1)?;
            if found.facts.is_empty() {
                // What is there instead shows why the answer is no.
                found.quads(subject, predicate, None, 12)?;
            }
        }
        QueryGraph::AskValue {
            entity,
            predicate,
            with,
            ..
        } => {
            found.values(entity, predicate)?;
            if let Comparand::Entity(other) = with {
                found.values(other, predicate)?;
            }
        }
        QueryGraph::AskClass { entity, classes } => {
            found.class(entity, classes)?;
            if found.facts.is_empty() {
                found.quads(entity, vocab::rdf::TYPE.as_str(), None, 4)?;
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
    fn edge(&mut self, edge: &Edge, answer: &RdfTerm) -> Result<(), RetrieverError> {
        match (edge.way, answer) {
            (Way::Forward, answer) => self.quads(&edge.entity, &edge.predicate, Some(answer), 1),
            (Way::Inverse, RdfTerm::NamedNode(node)) => {
                let entity =
                    RdfTerm::NamedNode(kg_store::rdf::NamedNode::new_unchecked(&edge.entity));
                self.quads(node.as_str(), &edge.predicate, Some(&entity), 1)
            }
            (Way::Inverse, _) => Ok(()),
        }
    }

    fn values(&mut self, entity: &str, predicate: &str) -> Result<(), RetrieverError> {
        self.quads(entity, predicate, None, 2)
    }

    fn class(&mut self, entity: &str, classes: &[String]) -> Result<(), RetrieverError> {
        for class in classes {
            let class = RdfTerm::NamedNode(kg_store::rdf::NamedNode::new_unchecked(class));
            self.quads(entity, vocab::rdf::TYPE.as_str(), Some(&class), 1)?;
        }
        Ok(())
    }

    /// What tells most about an entity: its classes, then one fact of each predicate, those that most
    /// entities have first.
    fn description(&mut self, entity: &str) -> Result<(), RetrieverError> {
        self.quads(entity, vocab::rdf::TYPE.as_str(), None, 3)?;
        let node = NamedNodeRef::new_unchecked(entity);
        for predicate in [
            "http://www.w3.org/2000/01/rdf-schema#comment",
            "http://schema.org/description",
            "https://schema.org/description",
            "http://purl.org/dc/terms/description",
            "http://www.w3.org/2004/02/skos/core#definition",
        ] {
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
        if index.entity(iri)? != EntityRecord::read(snapshot, iri)? {
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
