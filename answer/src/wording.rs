//! Sentences that a result entails, in several wordings, made from labels alone.

use kg_store::rdf::NamedNodeRef;
use retriever::catalog::Catalog;
use retriever::evidence::Fact;
use retriever::graph::{Comparand, Edge, Filter, QueryGraph, Target, Way};
use retriever::question::Direction;
use retriever::{ReadView, RetrieverError};
use schemas::Term;

use crate::phrase::{Shape, article, begin, inside, list, plural, shape};

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

/// Answers beyond this many are not spelt out in the text; `rows` holds them all.
const MOST_NAMED: usize = 60;

impl Content<'_> {
    /// The wordings of an answer; the first is the plainest and always right.
    pub(crate) fn answered(&self) -> Result<Vec<String>, RetrieverError> {
        Ok(match self.graph {
            QueryGraph::Node {
                classes,
                edges,
                filter,
                target,
            } => self.node(classes, edges, filter.as_ref(), target)?,
            QueryGraph::Choose {
                entities,
                predicate,
                direction,
            } => self.choose(entities, predicate, *direction),
            QueryGraph::Ask { .. } | QueryGraph::AskClass { .. } => self.yes_or_no(),
            QueryGraph::AskValue { with, .. } => self.value_yes_or_no(with),
            QueryGraph::Describe { entity } => vec![self.description(entity)?],
        })
    }

    /// The wording of a known empty set.
    pub(crate) fn none(&self) -> Result<String, RetrieverError> {
        let QueryGraph::Node {
            classes,
            edges,
            filter,
            ..
        } = self.graph
        else {
            return Ok("There is none.".to_owned());
        };
        if filter.is_none()
            && let [edge] = edges.as_slice()
        {
            let entity = self.label(&edge.entity)?;
            return Ok(match edge.way {
                Way::Forward => format!(
                    "There is none: {entity} has no {}.",
                    self.predicate(&edge.predicate)
                ),
                Way::Inverse => format!(
                    "There is none: nothing has {entity} as {}.",
                    self.predicate(&edge.predicate)
                ),
            });
        }
        let (noun, conditions) = (self.noun(classes), self.conditions(edges, filter.as_ref())?);
        Ok(format!("There are no {} {conditions}.", plural(&noun)))
    }

    fn node(
        &self,
        classes: &[String],
        edges: &[Edge],
        filter: Option<&Filter>,
        target: &Target,
    ) -> Result<Vec<String>, RetrieverError> {
        let names = self.names();
        let noun = self.noun(classes);
        let conditions = self.conditions(edges, filter)?;
        let several = self.rows.len() > 1;
        Ok(match target {
            Target::Count => {
                let number = names.first().cloned().unwrap_or_default();
                let one = number == "1";
                let things = if one { noun } else { plural(&noun) };
                let (are, space) = (
                    if one { "is" } else { "are" },
                    if conditions.is_empty() { "" } else { " " },
                );
                vec![
                    format!("There {are} {number} {things}{space}{conditions}."),
                    format!("{number} {things}{space}{conditions} {are} known."),
                ]
            }
            Target::Extreme {
                predicate,
                direction,
            } => {
                let (most, value) = (
                    extreme(*direction),
                    self.rows.first().and_then(|row| row.get(1)).map(Term::text),
                );
                let (measure, value) = (self.predicate(predicate), value.unwrap_or_default());
                let (who, verb) = (list(&names), if several { "have" } else { "has" });
                let of = if conditions.is_empty() {
                    format!("Of all {}", plural(&noun))
                } else {
                    format!("Of the {} {conditions}", plural(&noun))
                };
                vec![format!("{of}, {who} {verb} the {most} {measure}: {value}.")]
            }
            Target::Every => match (edges, filter) {
                ([edge], None) => self.one_edge(edge, classes, &names)?,
                _ => {
                    let (things, are) = if several {
                        (plural(&noun), "are")
                    } else {
                        (noun, "is")
                    };
                    let space = if conditions.is_empty() { "" } else { " " };
                    vec![format!(
                        "The {things}{space}{conditions} {are} {}.",
                        list(&names)
                    )]
                }
            },
        })
    }

    fn one_edge(
        &self,
        edge: &Edge,
        classes: &[String],
        names: &[String],
    ) -> Result<Vec<String>, RetrieverError> {
        let (entity, label) = (self.label(&edge.entity)?, self.predicate(&edge.predicate));
        let (who, several) = (list(names), names.len() > 1);
        let are = if several { "are" } else { "is" };
        Ok(match edge.way {
            Way::Forward => match shape(&label) {
                Shape::Trailing => vec![
                    format!("{entity}: {label} {who}."),
                    format!("{entity} is {label} {who}."),
                    format!("{entity} was {label} {who}."),
                ],
                Shape::Having => {
                    let noun = label
                        .split_once(' ')
                        .map_or(label.as_str(), |(_, noun)| noun)
                        .to_owned();
                    vec![
                        format!("The {noun} of {entity} {are} {who}."),
                        format!("{entity} has the {noun} {who}."),
                    ]
                }
                Shape::Verbal => vec![
                    format!("{entity} {label} {who}."),
                    format!("The {label} of {entity} {are} {who}."),
                    format!("{entity} has the {label} {who}."),
                ],
                Shape::Noun => {
                    let noun = if several {
                        plural(&label)
                    } else {
                        label.clone()
                    };
                    let mut wordings = vec![format!("The {label} of {entity} {are} {who}.")];
                    if several {
                        wordings.push(format!("The {noun} of {entity} are {who}."));
                    } else {
                        wordings.push(format!("{who} is the {label} of {entity}."));
                        wordings.push(format!("{entity}'s {label} is {who}."));
                    }
                    wordings
                }
            },
            Way::Inverse => {
                let noun = self.answer_noun(classes, &edge.predicate);
                let things = if several { plural(&noun) } else { noun };
                let whose = match shape(&label) {
                    Shape::Verbal => format!("whose {label} include {entity}"),
                    Shape::Trailing => format!("{label} {entity}"),
                    Shape::Having => format!(
                        "that {} {entity}",
                        if several {
                            label.replacen("has", "have", 1)
                        } else {
                            label.clone()
                        }
                    ),
                    Shape::Noun => format!("whose {label} is {entity}"),
                };
                let mut wordings = vec![format!("The {things} {whose} {are} {who}.")];
                if shape(&label) == Shape::Verbal {
                    let verb = if several {
                        label.trim_end_matches('s')
                    } else {
                        &label
                    };
                    wordings.push(format!("The {things} that {verb} {entity} {are} {who}."));
                    wordings.push(format!("{who} {verb} {entity}."));
                }
                if shape(&label) == Shape::Noun && !several {
                    wordings.push(format!("{entity} is the {label} of {who}."));
                }
                wordings
            }
        })
    }

    fn choose(&self, entities: &[String], predicate: &str, direction: Direction) -> Vec<String> {
        let (names, measure) = (self.names(), self.predicate(predicate));
        let value = |fact: &Fact| fact.object.text().to_owned();
        if names.len() > 1 && names.len() == entities.len() {
            let shared = self.facts.first().map(value).unwrap_or_default();
            return vec![format!(
                "{} have the same {measure}: {shared}.",
                list(&names)
            )];
        }
        let Some(winner) = names.first() else {
            return vec!["There is none.".to_owned()];
        };
        let more = match direction {
            Direction::Most => "higher",
            Direction::Least => "lower",
        };
        let answers: Vec<&str> = self
            .rows
            .iter()
            .filter_map(|row| Some(row.first()?.value.as_str()))
            .collect();
        let own = self
            .facts
            .iter()
            .find(|f| answers.contains(&f.subject.value.as_str()))
            .map(value)
            .unwrap_or_default();
        let others: Vec<String> = self
            .facts
            .iter()
            .filter(|f| !answers.contains(&f.subject.value.as_str()))
            .map(|f| format!("{} for {}", value(f), f.subject.text()))
            .collect();
        vec![
            format!(
                "{winner} has the {more} {measure}: {own}, against {}.",
                list(&others)
            ),
            format!(
                "{winner}: its {measure} is {own}, against {}.",
                list(&others)
            ),
        ]
    }

    fn yes_or_no(&self) -> Vec<String> {
        let truth = self.truth();
        let Some(first) = self.facts.first() else {
            return vec![if truth { "Yes." } else { "No." }.to_owned()];
        };
        let objects: Vec<String> = self
            .facts
            .iter()
            .map(|f| f.object.text().to_owned())
            .collect();
        let (subject, label) = (first.subject.text(), inside(first.predicate.text()));
        let word = if truth { "Yes" } else { "No" };
        if first.predicate.value == "http://www.w3.org/1999/02/22-rdf-syntax-ns#type" {
            let kinds: Vec<String> = objects
                .iter()
                .map(|o| format!("{} {}", article(o), inside(o)))
                .collect();
            return vec![format!("{word}, {subject} is {}.", list(&kinds))];
        }
        let are = if objects.len() > 1 { "are" } else { "is" };
        match shape(&label) {
            Shape::Noun => vec![
                format!("{word}, the {label} of {subject} {are} {}.", list(&objects)),
                format!("{word}, {subject}'s {label} {are} {}.", list(&objects)),
            ],
            _ => vec![format!("{word}, {subject} {label} {}.", list(&objects))],
        }
    }

    fn value_yes_or_no(&self, with: &Comparand) -> Vec<String> {
        let word = if self.truth() { "Yes" } else { "No" };
        let parts: Vec<String> = self
            .facts
            .iter()
            .map(|f| {
                format!(
                    "the {} of {} is {}",
                    inside(f.predicate.text()),
                    f.subject.text(),
                    f.object.text()
                )
            })
            .collect();
        let together = match with {
            Comparand::Entity(_) => list(&parts),
            Comparand::Bound(_) => parts.first().cloned().unwrap_or_default(),
        };
        vec![format!("{word}, {together}.")]
    }

    fn description(&self, entity: &str) -> Result<String, RetrieverError> {
        let name = self.label(entity)?;
        let (types, others): (Vec<&Fact>, Vec<&Fact>) = self
            .facts
            .iter()
            .partition(|f| f.predicate.value == "http://www.w3.org/1999/02/22-rdf-syntax-ns#type");
        let mut sentences = Vec::new();
        if !types.is_empty() {
            let kinds: Vec<String> = types
                .iter()
                .map(|f| format!("{} {}", article(f.object.text()), inside(f.object.text())))
                .collect();
            sentences.push(format!("{name} is {}.", list(&kinds)));
        }
        for fact in others {
            let (label, object) = (inside(fact.predicate.text()), fact.object.text());
            sentences.push(match shape(&label) {
                Shape::Noun => format!("The {label} of {name} is {object}."),
                _ => format!("{name}, {label}: {object}."),
            });
        }
        if sentences.is_empty() {
            sentences.push(format!(
                "{name} is named in the knowledge base, but no fact describes it."
            ));
        }
        Ok(sentences.join(" "))
    }

    fn truth(&self) -> bool {
        self.rows
            .first()
            .and_then(|row| row.first())
            .is_some_and(|term| term.value == "true")
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .rows
            .iter()
            .filter_map(|row| row.first())
            .map(|term| term.text().to_owned())
            .collect();
        if names.len() > MOST_NAMED {
            let rest = names.len() - MOST_NAMED;
            names.truncate(MOST_NAMED);
            names.push(format!("{rest} more"));
        }
        names
    }

    /// What the answers are called: the label of the class asked for, else of the class in which the
    /// predicate's subjects are.
    fn answer_noun(&self, classes: &[String], predicate: &str) -> String {
        if !classes.is_empty() {
            return self.noun(classes);
        }
        let catalog = self.catalog();
        let found = catalog.predicate(predicate).and_then(|n| {
            let predicate = &catalog.predicates()[n];
            let all = predicate
                .domain
                .iter()
                .filter(|(_, count)| **count >= predicate.facts);
            let class = all
                .map(|(class, _)| *class)
                .min_by_key(|c| (catalog.classes()[*c].instances, *c))?;
            Some(inside(&catalog.classes()[class].label))
        });
        found.unwrap_or_else(|| "one".to_owned())
    }

    fn noun(&self, classes: &[String]) -> String {
        let catalog = self.catalog();
        // A class is listed with those below it; the widest is the one that was asked for.
        let widest = classes
            .iter()
            .filter_map(|iri| catalog.class(iri))
            .max_by_key(|c| catalog.classes()[*c].with_subclasses.len());
        match (widest, self.graph) {
            (Some(class), _) => inside(&catalog.classes()[class].label),
            (None, QueryGraph::Node { edges, .. })
                if !edges.is_empty() && edges[0].way == Way::Inverse =>
            {
                self.answer_noun(&[], &edges[0].predicate)
            }
            (None, QueryGraph::Node { edges, .. }) if !edges.is_empty() => {
                let label = self.predicate(&edges[0].predicate);
                label.strip_prefix("has ").unwrap_or(&label).to_owned()
            }
            _ => "one".to_owned(),
        }
    }

    /// "whose country is Japan and whose population is more than 1000000".
    fn conditions(
        &self,
        edges: &[Edge],
        filter: Option<&Filter>,
    ) -> Result<String, RetrieverError> {
        let mut parts = Vec::new();
        for edge in edges {
            let (entity, label) = (self.label(&edge.entity)?, self.predicate(&edge.predicate));
            parts.push(match (edge.way, shape(&label)) {
                (Way::Inverse, Shape::Verbal) => format!("whose {label} include {entity}"),
                (Way::Inverse, Shape::Trailing) => format!("{label} {entity}"),
                (Way::Inverse, _) => format!(
                    "whose {} is {entity}",
                    label.strip_prefix("has ").unwrap_or(&label)
                ),
                (Way::Forward, Shape::Verbal) => format!("that {entity} {label}"),
                (Way::Forward, _) => format!("of {entity}"),
            });
        }
        if let Some(filter) = filter {
            let label = self.predicate(&filter.predicate);
            let comparison = filter.bound.words(filter.operator);
            parts.push(format!("whose {label} is {comparison}"));
        }
        Ok(parts.join(" and "))
    }

    fn predicate(&self, iri: &str) -> String {
        let catalog = self.catalog();
        catalog.predicate(iri).map_or_else(
            || iri.to_owned(),
            |n| inside(&catalog.predicates()[n].label),
        )
    }

    fn label(&self, iri: &str) -> Result<String, RetrieverError> {
        self.view.label(NamedNodeRef::new_unchecked(iri))
    }

    fn catalog(&self) -> &Catalog {
        self.view.catalog()
    }
}

/// Sentences as they go out: each begins with a capital.
pub(crate) fn as_sentences(wordings: Vec<String>) -> Vec<String> {
    // A name such as "iPhone" or "kg" keeps its small letter where it comes first in the text.
    wordings
        .into_iter()
        .map(|w| {
            if w.starts_with("the ") || w.starts_with("of ") {
                begin(&w)
            } else {
                w
            }
        })
        .collect()
}

fn extreme(direction: Direction) -> &'static str {
    match direction {
        Direction::Most => "highest",
        Direction::Least => "lowest",
    }
}
