//! Sentences that a result entails, in several wordings, made from labels alone.

mod clause;
mod compared;
mod conditions;
mod measures;
mod relation;
mod selected;
mod things;
mod values;

use kg_store::local_name;
use kg_store::rdf::NamedNodeRef;
use retriever::catalog::{Catalog, Predicate};
use retriever::evidence::Fact;
use retriever::graph::{Hop, QueryGraph, Way};
use retriever::{ReadView, RetrieverError, units};
use schemas::Term;

use crate::phrase::{article, begin, in_words, inside, list};
use relation::{Labels, Relation};

/// What is to be said, with the names it may be said in.
pub(crate) struct Content<'a> {
    /// The knowledge base.
    pub(crate) view: &'a ReadView,
    /// The reading.
    pub(crate) graph: &'a QueryGraph,
    /// The result, with labels.
    pub(crate) rows: &'a [Vec<Term>],
    /// The facts that entail it.
    pub(crate) facts: &'a [Fact],
}

/// Sentences that say the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Worded {
    /// The plainest comes first and is always right.
    pub(crate) sentences: Vec<String>,
    /// The answers as the sentences say them, in their order; none where the answer was computed from others.
    pub(crate) answers: Vec<(String, Term)>,
}

/// Answers beyond this many are not spelt out in the text; `rows` holds them all.
const MOST_NAMED: usize = 60;

impl Content<'_> {
    /// The wordings of an answer.
    pub(crate) fn answered(&self) -> Result<Worded, RetrieverError> {
        Ok(match self.graph {
            QueryGraph::Select { node, target } => self.selected(node, target)?,
            QueryGraph::Choose {
                entities,
                measure,
                direction,
            } => self.choose(entities, measure, *direction)?,
            QueryGraph::Calculate {
                entities,
                measures,
                arithmetic,
            } => computed(self.calculated(entities, measures, *arithmetic)?),
            QueryGraph::Share { whole, part } => computed(self.share(whole, part)?),
            QueryGraph::Exists { node } => computed(self.exists(node)?),
            QueryGraph::Ask { .. } | QueryGraph::AskClass { .. } => computed(self.yes_or_no()),
            QueryGraph::AskValue { measure, with, .. } => {
                computed(self.value_yes_or_no(measure, with)?)
            }
            QueryGraph::Relation { .. } => self.relations()?,
            QueryGraph::Describe { entity } => self.description(entity)?,
        })
    }

    /// The wording of a known empty set.
    pub(crate) fn none(&self) -> Result<String, RetrieverError> {
        let QueryGraph::Select { node, .. } = self.graph else {
            return Ok("There is none.".to_owned());
        };
        if node.filters.is_empty()
            && let [link] = node.links.as_slice()
            && let Some((entity, hop)) = link.as_edge()
        {
            return self.nothing_there(entity, hop);
        }
        let things = self.things(node, true)?;
        Ok(match things.strip_prefix("those ") {
            Some(described) => format!("There are none {described}."),
            None => format!("There are no {}.", without_article(&things)),
        })
    }

    fn nothing_there(&self, entity: &str, hop: &Hop) -> Result<String, RetrieverError> {
        let entity = self.label(entity)?;
        let nothing = match (hop.way, self.relation(&hop.predicate)) {
            (Way::Forward, Relation::Noun(noun)) => {
                format!("{entity} has no {}", noun.number(noun.plural))
            }
            (Way::Forward, Relation::Clause(clause)) => {
                format!("{entity} {} anything", clause.finite(false, true))
            }
            (Way::Inverse, Relation::Noun(noun)) => format!("nothing has {entity} as {}", noun.one),
            (Way::Inverse, Relation::Clause(clause)) => {
                format!("nothing {} {entity}", clause.finite(false, false))
            }
        };
        Ok(format!("There is none: {nothing}."))
    }

    /// What ties two things: each of the facts.
    fn relations(&self) -> Result<Worded, RetrieverError> {
        let mut worded = Worded::default();
        let mut sentences = Vec::new();
        for fact in self.facts {
            let name = self.label(&fact.subject.value)?;
            let value = self.value(&fact.object, None);
            let wordings = self.forward(&name, &fact.predicate.value, &[value], &[&fact.object]);
            sentences.extend(wordings.first().map(|said| as_sentence(said)));
            let label = fact.predicate.text().to_owned();
            worded.answers.push((label, fact.predicate.clone()));
        }
        worded.sentences = vec![sentences.join(" ")];
        Ok(worded)
    }

    fn description(&self, entity: &str) -> Result<Worded, RetrieverError> {
        let name = self.label(entity)?;
        let (types, others): (Vec<&Fact>, Vec<&Fact>) = self
            .facts
            .iter()
            .filter(|fact| !fact.to_nameless)
            .partition(|fact| fact.tells_class);
        let mut worded = Worded::default();
        let mut sentences = Vec::new();
        if !types.is_empty() {
            let kinds: Vec<String> = types
                .iter()
                .map(|f| {
                    let kind = inside(f.object.text());
                    worded.answers.push((kind.clone(), f.object.clone()));
                    format!("{} {kind}", article(&kind))
                })
                .collect();
            sentences.push(format!("{name} is {}.", list(&kinds)));
        }
        for facts in others.chunk_by(|a, b| a.predicate == b.predicate) {
            let predicate = &facts[0].predicate.value;
            let (_, unit) = self.quantity(predicate);
            let values: Vec<String> = facts
                .iter()
                .map(|fact| {
                    let value = self.value(&fact.object, unit.as_deref());
                    worded.answers.push((value.clone(), fact.object.clone()));
                    value
                })
                .collect();
            let objects: Vec<&Term> = facts.iter().map(|fact| &fact.object).collect();
            let wordings = self.forward(&name, predicate, &values, &objects);
            sentences.extend(wordings.first().map(|said| as_sentence(said)));
        }
        if sentences.is_empty() {
            sentences.push(format!(
                "{name} is named in the knowledge base, but no fact describes it."
            ));
        }
        worded.sentences = vec![sentences.join(" ")];
        Ok(worded)
    }

    /// What a predicate is in a sentence.
    fn relation(&self, iri: &str) -> Relation {
        let (label, _) = self.quantity(iri);
        let literal = self
            .predicate(iri)
            .is_some_and(|p| p.objects.nodes * 2 < p.facts);
        let labels = || {
            // Between things of a kind, a noun could be taken for what it is the other way round: "borders", "influences".
            let alike = |p: &Predicate| p.domain.keys().any(|class| p.range.contains_key(class));
            if self.predicate(iri).is_none_or(alike) {
                return Labels::Verbs;
            }
            let all = self.catalog().predicates().iter();
            Labels::of(all.map(|predicate| predicate.label.as_str()))
        };
        Relation::of(&label, literal, labels)
    }

    /// A predicate's label in words, and the unit that it names.
    fn quantity(&self, iri: &str) -> (String, Option<String>) {
        let Some(predicate) = self.predicate(iri) else {
            return (in_words(&local_name(iri), iri), None);
        };
        let label = in_words(&predicate.label, iri);
        if predicate.is_numeric() {
            units::split(&label)
        } else {
            (label, None)
        }
    }

    fn predicate(&self, iri: &str) -> Option<&Predicate> {
        let catalog = self.catalog();
        catalog.predicate(iri).map(|n| &catalog.predicates()[n])
    }

    fn label(&self, iri: &str) -> Result<String, RetrieverError> {
        self.view.label(NamedNodeRef::new_unchecked(iri))
    }

    fn catalog(&self) -> &Catalog {
        self.view.catalog()
    }
}

/// A sentence about something that was computed from what is cited.
fn computed(sentence: impl Into<Sentences>) -> Worded {
    Worded {
        sentences: sentence.into().0,
        answers: Vec::new(),
    }
}

struct Sentences(Vec<String>);

impl From<String> for Sentences {
    fn from(one: String) -> Self {
        Self(vec![one])
    }
}

impl From<Vec<String>> for Sentences {
    fn from(several: Vec<String>) -> Self {
        Self(several)
    }
}

fn without_article(things: &str) -> &str {
    things.strip_prefix("the ").unwrap_or(things)
}

/// A sentence as it goes out: it begins with a capital, but for a name such as "iPhone" or "pH" that has a small
/// letter there of its own.
pub(crate) fn as_sentence(sentence: &str) -> String {
    let first: &str = sentence.split([' ', '\'', ',']).next().unwrap_or_default();
    let plain = first.chars().all(|c| c.is_lowercase() || c == '-');
    if plain && (first.chars().count() > 3 || matches!(first, "the" | "of")) {
        begin(sentence)
    } else {
        sentence.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_begin_with_a_capital() {
        assert_eq!(as_sentence("osmium [1] has"), "Osmium [1] has");
        assert_eq!(as_sentence("the capital"), "The capital");
        assert_eq!(as_sentence("those directed by"), "Those directed by");
        assert_eq!(as_sentence("iPhone is"), "iPhone is");
        assert_eq!(as_sentence("kg is"), "kg is");
    }
}
