//! Descriptions of what the answers are, before it is said what is asked of them.

use std::collections::HashSet;
use std::ops::Range;

use kg_store::rdf::Term;

use super::{Kind, every};
use crate::RetrieverError;
use crate::execute::look_up;
use crate::graph::{Filter, Link, Measure, Node, QueryGraph, Source, Target, Way};
use crate::propose::Proposer;
use crate::propose::conditions::{Bearers, Condition};
use crate::question::Form;
use crate::rank::{Features, RELATIONAL, Reading};

/// Things of no class that are looked at for the facts that they have.
const SAMPLED: usize = 12;
/// A word that is explained this far names what is described.
const NAMED: f64 = 0.8;
/// A word that is explained this far is spent.
pub(super) const SAID: f64 = 0.9;

/// Things that are tied to entities which the question mentions.
#[derive(Clone)]
pub(super) struct Description {
    /// Spans of the mentions.
    pub(super) spans: Vec<Range<usize>>,
    /// What ties the things to the entities.
    pub(super) links: Vec<Link>,
    /// Values that they have.
    pub(super) filters: Vec<Filter>,
    /// Whether it is a nameless node that ties the mentions to each other.
    pub(super) nameless: bool,
    /// Whether a bound or an order of the question is said of a statement that it leads through.
    pub(super) conditioned: bool,
    /// Of what kind the things are.
    pub(super) kind: Kind,
    /// What speaks for it.
    pub(super) features: Features,
    /// How far it accounts for each token outside of the mentions.
    pub(super) explains: Vec<f64>,
    /// The entities.
    pub(super) entities: Vec<String>,
}

impl Description {
    /// As a node of a query graph.
    pub(super) fn node(&self) -> Node {
        Node {
            classes: self.kind.classes.clone(),
            links: self.links.clone(),
            filters: self.filters.clone(),
            ..Node::default()
        }
    }

    /// Which tokens the mentions use.
    pub(super) fn used(&self, p: &Proposer<'_>) -> Vec<bool> {
        let spans: Vec<&Range<usize>> = self.spans.iter().collect();
        p.used(&spans)
    }

    /// How far each token is accounted for, those of the mentions included.
    fn accounted(&self, used: &[bool]) -> Vec<f64> {
        let all = self.explains.iter().zip(used);
        all.map(|(explained, used)| if *used { 1.0 } else { *explained })
            .collect()
    }
}

/// Adds the readings of a description: all of the things, counted, ranked or bounded, as the question asks. `look_ups` is how
/// many more descriptions without a class may be looked up for what can be bounded.
pub(super) fn targets(
    p: &mut Proposer<'_>,
    described: &Description,
    look_ups: &mut usize,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let used = described.used(p);
    let node = |filters: Vec<Filter>, order, target| {
        let mut node = described.node();
        node.filters.extend(filters);
        node.order = order;
        QueryGraph::Select { node, target }
    };
    let compared = p.compared_with();
    let compares = compared.is_some_and(|mention| described.spans.contains(&mention.span));
    if compares && !described.conditioned {
        // "Larger than France" says nothing else of France.
        return Ok(());
    }
    // "Published in 2018", of things that have that very value: nothing else is bound by it.
    let spent = p.question.threshold.as_ref().is_some_and(|bound| {
        let number = &bound.number.span;
        let holds = |span: &Range<usize>| span.start <= number.start && number.end <= span.end;
        described.spans.iter().any(holds)
    });
    let sets = p.sets_conditions() && !(spent && p.question.superlative.is_none());
    let plain = !sets || described.conditioned || p.may_be_a_name();
    if let Some((target, kind)) = whole(p, described).filter(|_| plain) {
        readings.push(Reading {
            graph: node(Vec::new(), None, target),
            entities: described.entities.clone(),
            features: Features {
                kind,
                ..described.features
            },
            explains: described.accounted(&used),
            absent: false,
        });
    }
    if !sets || described.conditioned {
        return Ok(());
    }
    let class = described.kind.class;
    if ranks_another(p, described) {
        return Ok(());
    }
    // "Her youngest child": the noun for what is asked may name the fact that leads there as well.
    let named = |at: usize| described.explains[at] >= NAMED;
    if class.is_none()
        && p.asked_classes()
            .any(|asked| !asked.span.clone().all(named))
    {
        // Conditions are set on what is asked for.
        return Ok(());
    }
    let hidden = described.spans.first().cloned().unwrap_or_default();
    // What ties the things to the entities, or says of what kind they are, says no more of them.
    let said = described.explains.iter().zip(&used);
    let said: Vec<bool> = said.map(|(e, used)| *used || *e >= SAID).collect();
    let conditions = match class {
        Some(_) => p.conditions(class, &said, &hidden)?,
        None if *look_ups == 0 => return Ok(()),
        None => {
            *look_ups -= 1;
            without_class(p, described, &said, &hidden)?
        }
    };
    for (measured, filters, order) in conditions {
        let mut explains = described.accounted(&used);
        for (explained, more) in explains.iter_mut().zip(&measured.explains) {
            *explained = explained.max(*more);
        }
        let features = Features {
            coverage: p.coverage(&used, &[&explains]),
            predicate: 0.5 * described.features.predicate + 0.5 * measured.score,
            ..described.features
        };
        let graph = match order {
            // "How many inhabitants has the largest city": the value by which it is the largest.
            Some(order)
                if p.question.form == Form::Count && matches!(order.measure, Measure::Value(_)) =>
            {
                let path = order.measure.path().to_vec();
                let ordered = Node {
                    filters: node_filters(described, filters),
                    order: Some(order),
                    ..described.node()
                };
                QueryGraph::every(Node {
                    links: vec![Link {
                        from: Source::Node(Box::new(ordered)),
                        path,
                        negated: false,
                    }],
                    ..Node::default()
                })
            }
            order => node(filters, order, every(p)),
        };
        readings.push(Reading {
            graph,
            entities: described.entities.clone(),
            features,
            explains,
            absent: false,
        });
    }
    Ok(())
}

/// Whether "first" and "last" are said of something that stands in a relation to the things: "papers of which he is the last
/// author" are no last papers.
fn ranks_another(p: &Proposer<'_>, described: &Description) -> bool {
    let weak = p.question.superlative.as_ref().is_some_and(|s| s.weak);
    let Some(noun) = p.ranked_noun().filter(|_| weak) else {
        return false;
    };
    let kind = described.kind.words.as_ref();
    let own = p.question.asked == Some(noun) || kind.is_some_and(|words| words.contains(&noun));
    !own && p.relational[noun] >= RELATIONAL
}

/// Conditions on things of which no class is told: by facts that some of them have.
fn without_class(
    p: &mut Proposer<'_>,
    described: &Description,
    said: &[bool],
    hidden: &Range<usize>,
) -> Result<Vec<Condition>, RetrieverError> {
    let conventions = p.view.catalog().conventions();
    let sparql = QueryGraph::sample(&described.node(), SAMPLED, conventions);
    let table = look_up(p.view, &sparql, p.deadline, SAMPLED)?;
    let (mut subject, mut object) = (HashSet::new(), HashSet::new());
    for row in table.rows {
        if let Some(Some(Term::NamedNode(node))) = row.into_iter().next() {
            let edges = p.edges(node.as_str())?;
            subject.extend(edges.outgoing.iter().map(|(number, _)| *number));
            object.extend(edges.incoming.iter().map(|(number, _)| *number));
        }
    }
    let (subject, object) = (
        |n: usize| subject.contains(&n),
        |n: usize| object.contains(&n),
    );
    p.conditions_on(&Bearers {
        class: None,
        subject: &subject,
        object: &object,
        used: said,
        hidden,
    })
}

fn node_filters(described: &Description, more: Vec<Filter>) -> Vec<Filter> {
    let own = described.filters.iter().cloned();
    own.chain(more).collect()
}

/// What is asked of all things that a description holds, and whether they are of the kind asked for; none where each thing has one
/// text, of which nobody asks how many there are.
fn whole(p: &Proposer<'_>, described: &Description) -> Option<(Target, f64)> {
    let kind = described.features.kind;
    if p.question.form != Form::Count {
        return Some((Target::Every, kind));
    }
    let catalog = p.view.catalog();
    let last = |link: &Link| link.path.last().cloned();
    let hops = described.links.iter().filter_map(last);
    let hops: Vec<_> = hops
        .filter_map(|hop| {
            let number = catalog.predicate(&hop.predicate)?;
            Some((hop.way, &catalog.predicates()[number]))
        })
        .collect();
    let value = hops
        .iter()
        .any(|(way, p)| *way == Way::Forward && p.objects.nodes * 2 < p.facts);
    if !value {
        return Some((Target::Count, kind));
    }
    // "How many people live in Nairobi" asks for a value that the knowledge base states.
    // That of a flight number is no number of flights.
    let numeric = hops
        .iter()
        .any(|(_, p)| p.is_numeric() && !p.numbers_things());
    let several = hops.iter().all(|(_, p)| !p.is_functional());
    match (numeric, several) {
        (true, _) => Some((Target::Every, kind.max(0.5))),
        (false, true) => Some((Target::Count, kind)),
        (false, false) => None,
    }
}
