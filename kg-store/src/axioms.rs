//! What the axioms of an ontology say of its classes, as plain facts.
//!
//! "Each pizza margherita has some topping that is mozzarella" is written `rdfs:subClassOf` a restriction: three triples
//! and a node without a name. Here it is one, `:Margherita :hasTopping :Mozzarella`, as in the relation graphs of the
//! OBO ontologies. Classes have the facts of the wider ones too, save where a narrower fact of their own says more.
//!
//! Read are `owl:someValuesFrom`, `owl:hasValue` and cardinalities of one or more, of named predicates and classes, within
//! `owl:intersectionOf` and `owl:equivalentClass` as well. `owl:allValuesFrom`, `owl:unionOf` and complements say nothing
//! that is so of each instance.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::{
    Delta, Snapshot, StoreError, Touched, Watch,
    rdf::{
        GraphName, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad, Term, inferred_graph,
        vocab::{owl, rdf, rdfs},
    },
    watch::Ticker,
};

/// Facts at the most. Where classes would have more with those of wider ones, they have only their own.
const MOST: usize = 2_000_000;
/// Expressions within one another, expressions of one axiom, members of a list, and facts of a class.
const DEPTH: usize = 8;
const PARTS: usize = 1_000;
/// Classes above one, and facts that are compared for one.
const MOST_ABOVE: usize = 1_000;
const MOST_COMPARED: usize = 1_000_000;
/// Entries of hierarchies that are remembered at a time.
const MOST_KNOWN: usize = 5_000_000;

/// Predicates that axioms are written with.
const AXIOMS: [NamedNodeRef<'_>; 12] = [
    rdfs::SUB_CLASS_OF,
    rdfs::SUB_PROPERTY_OF,
    rdf::FIRST,
    rdf::REST,
    owl::EQUIVALENT_CLASS,
    owl::INTERSECTION_OF,
    owl::ON_PROPERTY,
    owl::SOME_VALUES_FROM,
    owl::HAS_VALUE,
    owl::ON_CLASS,
    owl::MIN_QUALIFIED_CARDINALITY,
    owl::QUALIFIED_CARDINALITY,
];

/// Whether a write may have changed an axiom.
pub(crate) fn is_touched(touched: &Touched) -> bool {
    match touched {
        Touched::Everything => true,
        Touched::Terms(terms) => terms.iter().any(|term| match term {
            Term::NamedNode(node) => AXIOMS.contains(&node.as_ref()),
            _ => false,
        }),
    }
}

/// What is to be added to and removed from the graph of inferred facts, so that it holds what the axioms say.
pub(crate) fn difference(snapshot: &Snapshot, watch: &dyn Watch) -> Result<Delta, StoreError> {
    let graph = GraphName::from(inferred_graph().into_owned());
    let known = snapshot.quads(None, None, None, Some(graph.as_ref()));
    let known: HashSet<Quad> = known.collect::<Result<_, _>>()?;
    let has_axioms = told(snapshot, None, owl::ON_PROPERTY).next().transpose()?;
    if has_axioms.is_none() {
        return Ok(Delta {
            added: Vec::new(),
            removed: known.into_iter().collect(),
        });
    }
    let wanted: HashSet<Quad> = facts(snapshot, watch)?
        .into_iter()
        .flat_map(|(class, facts)| facts.into_iter().map(move |fact| (class.clone(), fact)))
        .map(|(class, fact)| Quad::new(class, fact.predicate, fact.object, graph.clone()))
        .collect();
    Ok(Delta {
        added: wanted.difference(&known).cloned().collect(),
        removed: known.difference(&wanted).cloned().collect(),
    })
}

/// A fact of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fact {
    predicate: NamedNode,
    object: Term,
}

/// What is told of classes: their wider ones, and facts.
#[derive(Default)]
struct Told {
    /// Expressions of the axiom at hand that may still be read.
    left: usize,
    wider: BTreeMap<NamedNode, BTreeSet<NamedNode>>,
    facts: BTreeMap<NamedNode, Vec<Fact>>,
}

fn facts(
    snapshot: &Snapshot,
    watch: &dyn Watch,
) -> Result<BTreeMap<NamedNode, Vec<Fact>>, StoreError> {
    let mut told = Told::default();
    let mut ticker = Ticker::new(watch, "axioms", None);
    for predicate in [
        rdfs::SUB_CLASS_OF,
        owl::EQUIVALENT_CLASS,
        owl::INTERSECTION_OF,
    ] {
        for quad in self::told(snapshot, None, predicate) {
            let quad = quad?;
            ticker.step()?;
            let NamedOrBlankNode::NamedNode(class) = quad.subject else {
                continue;
            };
            told.left = PARTS;
            match (&quad.object, predicate == owl::INTERSECTION_OF) {
                (_, true) => told.parts(snapshot, &class, quad.object, DEPTH)?,
                (Term::NamedNode(other), _) if predicate == owl::EQUIVALENT_CLASS => {
                    // Each is within the other.
                    told.expression(snapshot, other, class.clone().into(), DEPTH)?;
                    told.expression(snapshot, &class, quad.object, DEPTH)?;
                }
                _ => told.expression(snapshot, &class, quad.object, DEPTH)?,
            }
        }
    }
    let all = told.inherited(snapshot, &mut ticker)?;
    ticker.finish();
    let count: usize = all.values().map(Vec::len).sum();
    Ok(if count > MOST { told.facts } else { all })
}

impl Told {
    /// Takes in that a class is within an expression.
    fn expression(
        &mut self,
        snapshot: &Snapshot,
        class: &NamedNode,
        expression: Term,
        depth: usize,
    ) -> Result<(), StoreError> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(());
        };
        self.left = left;
        let node = match expression {
            Term::NamedNode(wider) => {
                if wider != *class && wider.as_ref() != owl::THING {
                    if depth < DEPTH {
                        // A part of an intersection is told in no triple of the class.
                        self.fact(class, rdfs::SUB_CLASS_OF.into_owned(), wider.clone().into());
                    }
                    self.wider.entry(class.clone()).or_default().insert(wider);
                }
                return Ok(());
            }
            Term::BlankNode(node) if depth > 0 => NamedOrBlankNode::from(node),
            _ => return Ok(()),
        };
        if let Some(list) = value(snapshot, &node, owl::INTERSECTION_OF)? {
            return self.parts(snapshot, class, list, depth);
        }
        let Some(Term::NamedNode(predicate)) = value(snapshot, &node, owl::ON_PROPERTY)? else {
            return Ok(());
        };
        for object in self.fillers(snapshot, &node, depth)? {
            self.fact(class, predicate.clone(), object);
        }
        Ok(())
    }

    fn fact(&mut self, class: &NamedNode, predicate: NamedNode, object: Term) {
        let facts = self.facts.entry(class.clone()).or_default();
        let fact = Fact { predicate, object };
        if facts.len() < PARTS && !facts.contains(&fact) {
            facts.push(fact);
        }
    }

    /// Takes in that a class is within each member of a list.
    fn parts(
        &mut self,
        snapshot: &Snapshot,
        class: &NamedNode,
        list: Term,
        depth: usize,
    ) -> Result<(), StoreError> {
        for part in members(snapshot, list)? {
            self.expression(snapshot, class, part, depth - 1)?;
        }
        Ok(())
    }

    /// What a restriction says that there is.
    fn fillers(
        &mut self,
        snapshot: &Snapshot,
        restriction: &NamedOrBlankNode,
        depth: usize,
    ) -> Result<Vec<Term>, StoreError> {
        if let Some(value) = value(snapshot, restriction, owl::HAS_VALUE)? {
            return Ok(match value {
                Term::BlankNode(_) => Vec::new(),
                value => vec![value],
            });
        }
        let some = value(snapshot, restriction, owl::SOME_VALUES_FROM)?;
        let filler = match some {
            Some(filler) => Some(filler),
            None => {
                let mut least = value(snapshot, restriction, owl::MIN_QUALIFIED_CARDINALITY)?;
                if least.is_none() {
                    least = value(snapshot, restriction, owl::QUALIFIED_CARDINALITY)?;
                }
                let one = matches!(least, Some(Term::Literal(number)) if number.value().parse::<u64>().is_ok_and(|n| n > 0));
                match one {
                    true => value(snapshot, restriction, owl::ON_CLASS)?,
                    false => None,
                }
            }
        };
        self.named(snapshot, filler, depth)
    }

    /// The classes that have a name among what an expression is the intersection of.
    fn named(
        &mut self,
        snapshot: &Snapshot,
        filler: Option<Term>,
        depth: usize,
    ) -> Result<Vec<Term>, StoreError> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(Vec::new());
        };
        self.left = left;
        let node = match filler {
            Some(Term::NamedNode(class)) => {
                let datatype = class.as_str().starts_with(XSD) || class.as_ref() == rdfs::LITERAL;
                let says = !datatype && class.as_ref() != owl::THING;
                return Ok(says.then(|| class.into()).into_iter().collect());
            }
            Some(Term::BlankNode(node)) if depth > 0 => NamedOrBlankNode::from(node),
            _ => return Ok(Vec::new()),
        };
        let mut found = Vec::new();
        if let Some(list) = value(snapshot, &node, owl::INTERSECTION_OF)? {
            for part in members(snapshot, list)? {
                found.extend(self.named(snapshot, Some(part), depth - 1)?);
            }
        }
        Ok(found)
    }

    /// The facts of each class and of all above it.
    fn inherited(
        &self,
        snapshot: &Snapshot,
        ticker: &mut Ticker<'_>,
    ) -> Result<BTreeMap<NamedNode, Vec<Fact>>, StoreError> {
        let mut above = Above::new(&self.wider);
        let predicates = broader_predicates(snapshot)?;
        let mut predicates = Above::new(&predicates);
        let mut all = BTreeMap::new();
        let classes: BTreeSet<&NamedNode> = self.wider.keys().chain(self.facts.keys()).collect();
        let mut count = 0;
        for class in classes {
            let mut own = self.facts.get(class).cloned().unwrap_or_default();
            let mut compared = 0;
            // The nearest come first, so that what says more is there when what says less is met.
            for wider in above.all(class) {
                ticker.step()?;
                if own.len() >= PARTS || compared > MOST_COMPARED {
                    break;
                }
                let facts = self.facts.get(wider).into_iter().flatten();
                for fact in facts.filter(|fact| fact.predicate.as_ref() != rdfs::SUB_CLASS_OF) {
                    let mut said = false;
                    compared += own.len();
                    for known in &own {
                        let narrower = known.predicate == fact.predicate
                            || predicates.of(&known.predicate).contains(&&fact.predicate);
                        said |= narrower && is_within(&mut above, &known.object, &fact.object);
                    }
                    if !said && own.len() < PARTS {
                        own.push(fact.clone());
                    }
                }
            }
            count += own.len();
            if !own.is_empty() {
                all.insert(class.clone(), own);
            }
            if count > MOST {
                break;
            }
        }
        Ok(all)
    }
}

/// Whether one object of a fact is the other or a class within it.
fn is_within(above: &mut Above<'_>, object: &Term, wider: &Term) -> bool {
    object == wider
        || matches!((object, wider), (Term::NamedNode(low), Term::NamedNode(high)) if above.of(low).contains(&high))
}

const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

/// The members of an RDF list, which may be broken or go round in a circle.
fn members(snapshot: &Snapshot, list: Term) -> Result<Vec<Term>, StoreError> {
    let mut found = Vec::new();
    let mut rest = Some(list);
    for _ in 0..PARTS {
        let Some(Term::BlankNode(node)) = rest else {
            break;
        };
        let node = NamedOrBlankNode::from(node);
        found.extend(value(snapshot, &node, rdf::FIRST)?);
        rest = value(snapshot, &node, rdf::REST)?;
    }
    Ok(found)
}

/// What is told by a predicate, in whatever graph but that of inferred facts.
fn told<'a>(
    snapshot: &'a Snapshot,
    subject: Option<&NamedOrBlankNode>,
    predicate: NamedNodeRef<'_>,
) -> impl Iterator<Item = Result<Quad, StoreError>> + 'a {
    let inferred = GraphName::from(inferred_graph().into_owned());
    let subject = subject.map(NamedOrBlankNode::as_ref);
    let quads = snapshot.quads(subject, Some(predicate), None, None);
    quads.filter(move |quad| {
        quad.as_ref()
            .map_or(true, |quad| quad.graph_name != inferred)
    })
}

/// The first value of a predicate.
fn value(
    snapshot: &Snapshot,
    node: &NamedOrBlankNode,
    predicate: NamedNodeRef<'_>,
) -> Result<Option<Term>, StoreError> {
    let mut told = told(snapshot, Some(node), predicate);
    Ok(told.next().transpose()?.map(|quad| quad.object))
}

/// What predicates are declared to be below.
fn broader_predicates(
    snapshot: &Snapshot,
) -> Result<BTreeMap<NamedNode, BTreeSet<NamedNode>>, StoreError> {
    let mut found: BTreeMap<NamedNode, BTreeSet<NamedNode>> = BTreeMap::new();
    for quad in told(snapshot, None, rdfs::SUB_PROPERTY_OF) {
        let quad = quad?;
        if let (NamedOrBlankNode::NamedNode(low), Term::NamedNode(high)) =
            (quad.subject, quad.object)
        {
            found.entry(low).or_default().insert(high);
        }
    }
    Ok(found)
}

/// What is above each node of a hierarchy, the nearest first, found once for each.
struct Above<'a> {
    wider: &'a BTreeMap<NamedNode, BTreeSet<NamedNode>>,
    known: HashMap<NamedNode, Rc<[&'a NamedNode]>>,
    /// How many entries these have.
    entries: usize,
}

impl<'a> Above<'a> {
    fn new(wider: &'a BTreeMap<NamedNode, BTreeSet<NamedNode>>) -> Self {
        Self {
            wider,
            known: HashMap::new(),
            entries: 0,
        }
    }

    /// What is above a node, remembered for the next time.
    fn of(&mut self, node: &NamedNode) -> Rc<[&'a NamedNode]> {
        if let Some(known) = self.known.get(node) {
            return Rc::clone(known);
        }
        let found: Rc<[&NamedNode]> = self.all(node).into();
        self.entries += found.len();
        if self.entries > MOST_KNOWN {
            self.entries = 0;
            self.known.clear();
        }
        self.known.insert(node.clone(), Rc::clone(&found));
        found
    }

    /// What is above a node.
    fn all(&self, node: &NamedNode) -> Vec<&'a NamedNode> {
        let mut found: Vec<&'a NamedNode> = Vec::new();
        let mut seen = HashSet::from([node]);
        let mut next = self.wider.get(node);
        let mut at = 0;
        // Level by level: what was found first is asked first for what is above it.
        loop {
            for wider in next.into_iter().flatten() {
                if found.len() < MOST_ABOVE && seen.insert(wider) {
                    found.push(wider);
                }
            }
            let Some(node) = found.get(at) else {
                break;
            };
            next = self.wider.get(*node);
            at += 1;
        }
        found
    }
}
