//! Noun phrases for what a query graph describes: "the films written by her".

use kg_store::rdf::{NamedNode, NamedNodeRef, Term as RdfTerm};
use retriever::RetrieverError;
use retriever::catalog::{Predicate, SAME_AS};
use retriever::graph::{Comparand, Hop, Link, Node, Source, Way};
use retriever::question::Operator;

use super::Content;
use super::clause::Clause;
use super::relation::Relation;
use crate::phrase::{inside, plural_of_head};

/// A noun phrase.
#[derive(Clone, Debug)]
pub(super) struct Phrase {
    /// Its words.
    pub(super) text: String,
    /// Whether it speaks of many.
    pub(super) several: bool,
}

/// Whether a link leads to the same things under other IRIs.
pub(super) fn is_same(link: &Link) -> bool {
    matches!(link.path.as_slice(), [hop] if hop.predicate == SAME_AS)
}

impl Content<'_> {
    /// What a node describes, with its article.
    pub(super) fn things(&self, node: &Node, several: bool) -> Result<String, RetrieverError> {
        if let Some(said) = self.next_in_time(node)? {
            return Ok(said);
        }
        let several = several || node.order.is_some();
        let class = self.class_noun(&node.classes);
        let mut links: Vec<&Link> = node.links.iter().collect();
        // "the languages of Switzerland" says what the class says; without a class, a path's end is what it is called.
        let leading = links.iter().position(|link| {
            if class.is_none() && is_same(link) {
                return true;
            }
            let Some(last) = link.path.last().filter(|last| last.way == Way::Forward) else {
                return false;
            };
            !link.negated
                && match (&class, self.relation(&last.predicate)) {
                    (None, _) => true,
                    (Some(class), Relation::Noun(noun)) => *class == noun.one,
                    (Some(_), Relation::Clause(_)) => false,
                }
        });
        let mut phrase = if let Some(at) = leading {
            self.end_of(links.remove(at), several)?
        } else {
            // "the others directed by", where the film that was named is not among them.
            let mut paths = links.iter().map(|link| link.path.as_slice());
            let other = paths.any(|path| leads_back(path, path.len()));
            self.called(class.clone().or_else(|| self.noun_of(node)), other, several)
        };
        let conditions = self.conditions(node, &links, &mut phrase, several)?;
        let simple = conditions.is_empty() && leading.is_none() && node.links.is_empty();
        // "The chemists that it was found by, and that found the other".
        let joint = match leading {
            Some(_) if phrase.contains(" that ") && conditions.starts_with(" that") => " and",
            _ => "",
        };
        let phrase = format!("{phrase}{joint}{conditions}");
        Ok(match &node.order {
            Some(order) if order.skip == 0 && order.take > 1 => {
                self.placed(&phrase, order, simple)?
            }
            // One of many: "the metal with", or "the one with … among the metals".
            Some(order) if simple => {
                let one = match class.or_else(|| self.noun_of(node)) {
                    Some(noun) => format!("the {noun}"),
                    None => "the one".to_owned(),
                };
                self.placed(&one, order, true)?
            }
            Some(order) => self.placed(&phrase, order, false)?,
            None => phrase,
        })
    }

    /// What things are called that no class is asked of: by the class of all that have the fact.
    pub(super) fn noun_of(&self, node: &Node) -> Option<String> {
        if self.is_statement(node) {
            return Some("statement".to_owned());
        }
        let inverse = node.links.iter().filter(|link| !link.negated);
        let mut hops = inverse.filter_map(|link| link.path.last());
        let hop = hops.find(|hop| hop.way == Way::Inverse);
        let measured = || {
            let order = node.order.as_ref();
            let filter = node.filters.first();
            let measure = order.map(|o| &o.measure).or(filter.map(|f| &f.measure))?;
            measure.path().first()
        };
        if let Some(hop) = hop {
            return self.domain_noun(&hop.predicate);
        }
        let hop = measured()?;
        let literal = |predicate: &Predicate| predicate.objects.nodes == 0;
        if hop.way == Way::Inverse
            && let Relation::Noun(noun) = self.relation(&hop.predicate)
            && self.predicate(&hop.predicate).is_some_and(literal)
        {
            // The values that most things have: "the manufacturer with".
            return Some(noun.one);
        }
        self.class_at(&hop.predicate, hop.way.turned())
    }

    /// What comes right before or after something else: "the last of the terms whose position is mayor before that of Ada
    /// Merrow".
    fn next_in_time(&self, node: &Node) -> Result<Option<String>, RetrieverError> {
        let ([filter], Some(_)) = (node.filters.as_slice(), &node.order) else {
            return Ok(None);
        };
        let without = node.links.iter().find(|link| link.negated);
        let (Comparand::Of(_), Some(Source::Entity(other))) =
            (&filter.with, without.map(|link| &link.from))
        else {
            return Ok(None);
        };
        let all = Node {
            classes: node.classes.clone(),
            links: node
                .links
                .iter()
                .filter(|link| !link.negated)
                .cloned()
                .collect(),
            ..Node::default()
        };
        let (all, other) = (self.things(&all, true)?, self.label(other)?);
        Ok(Some(match filter.operator {
            Operator::Less => format!("the last of {all} before that of {other}"),
            _ => format!("the first of {all} after that of {other}"),
        }))
    }

    /// The things at the end of a path.
    fn end_of(&self, link: &Link, several: bool) -> Result<String, RetrieverError> {
        if is_same(link) {
            // Under whatever IRI.
            return Ok(self.along(&link.from, &[])?.text);
        }
        let path = self.without_value(&link.path);
        let before = path.len() - 1;
        let phrase = self.along(&link.from, &path[..before])?;
        Ok(self.one_away(&phrase, &path[before], several))
    }

    /// A path without its last fact where that only takes the value out of a nameless node: the "rated power" is the value.
    fn without_value<'p>(&self, path: &'p [Hop]) -> &'p [Hop] {
        let [before @ .., node, value] = path else {
            return path;
        };
        let number = self.catalog().predicate(&value.predicate);
        let holds = |p: &Predicate| {
            let value = number.is_some_and(|number| p.through.contains(&number));
            value && p.leads_to_values(self.catalog())
        };
        let alone = self.predicate(&node.predicate).is_some_and(holds);
        if alone && node.way == Way::Forward && value.way == Way::Forward {
            &path[..=before.len()]
        } else {
            path
        }
    }

    /// What is reached from a source by these facts.
    pub(super) fn along(&self, from: &Source, path: &[Hop]) -> Result<Phrase, RetrieverError> {
        let mut phrase = self.source(from)?;
        let mut rest = path;
        while let Some((hop, next)) = rest.split_first() {
            rest = next;
            let several = match from {
                Source::Entity(entity) if rest.len() + 1 == path.len() => {
                    self.leads_to_several(entity, hop)?
                }
                _ => phrase.several || hop.way == Way::Inverse || !self.is_functional(hop),
            };
            let hop = Hop {
                other: leads_back(path, path.len() - rest.len()),
                ..hop.clone()
            };
            phrase = Phrase {
                text: self.one_away(&phrase, &hop, several),
                several,
            };
        }
        Ok(phrase)
    }

    fn source(&self, source: &Source) -> Result<Phrase, RetrieverError> {
        Ok(match source {
            Source::Entity(entity) => Phrase {
                text: self.label(entity)?,
                several: false,
            },
            Source::Any(entities) => {
                let labels = entities.iter().map(|entity| self.label(entity));
                let labels: Vec<String> = labels.collect::<Result<_, _>>()?;
                Phrase {
                    text: labels.join(" or "),
                    several: false,
                }
            }
            Source::Node(node) => {
                let several = node.order.as_ref().is_none_or(|order| order.take > 1);
                Phrase {
                    text: self.things(node, several)?,
                    several,
                }
            }
        })
    }

    fn one_away(&self, from: &Phrase, hop: &Hop, several: bool) -> String {
        let text = &from.text;
        let other = if hop.other { "other " } else { "" };
        match (hop.way, self.relation(&hop.predicate)) {
            (Way::Forward, Relation::Noun(noun)) => {
                format!("the {other}{} of {text}", noun.number(several))
            }
            (Way::Forward, Relation::Clause(clause)) => {
                let what = self.called(
                    self.object_noun(&clause, &hop.predicate),
                    hop.other,
                    several,
                );
                format!("{what} that {text} {}", clause.finite(from.several, false))
            }
            (Way::Inverse, relation) => {
                let noun = self.domain_noun(&hop.predicate);
                if let (Relation::Clause(clause), Some(noun)) = (&relation, &noun)
                    && clause.says(noun)
                {
                    let what = self.called(Some(noun.clone()), hop.other, several);
                    return format!("{what} of {text}");
                }
                let what = self.called(noun, hop.other, several);
                format!("{what} {}", self.with(&relation, from, several, false))
            }
        }
    }

    /// "the other films", "those", "the one".
    pub(super) fn called(&self, noun: Option<String>, other: bool, several: bool) -> String {
        match (noun, other, several) {
            (Some(noun), true, true) => format!("the other {}", plural_of_head(&noun)),
            (Some(noun), true, false) => format!("the other {noun}"),
            (Some(noun), false, true) => format!("the {}", plural_of_head(&noun)),
            (Some(noun), false, false) => format!("the {noun}"),
            (None, true, true) => "the others".to_owned(),
            (None, true, false) => "the other one".to_owned(),
            (None, false, true) => "those".to_owned(),
            (None, false, false) => "the one".to_owned(),
        }
    }

    /// What the answers are called by the class asked for.
    pub(super) fn class_noun(&self, classes: &[String]) -> Option<String> {
        let catalog = self.catalog();
        // A class is listed with those below it; the widest is the one that was asked for.
        let widest = classes
            .iter()
            .filter_map(|iri| catalog.class(iri))
            .max_by_key(|c| catalog.classes()[*c].with_subclasses.len())?;
        Some(inside(&catalog.classes()[widest].label))
    }

    /// The narrowest class of all that have a fact of a predicate.
    pub(super) fn domain_noun(&self, predicate: &str) -> Option<String> {
        self.class_at(predicate, Way::Inverse)
    }

    /// The narrowest class of all that facts of a predicate lead to.
    fn class_at(&self, predicate: &str, way: Way) -> Option<String> {
        let catalog = self.catalog();
        let predicate = self.predicate(predicate)?;
        let all = predicate.classes_at(way).iter();
        let class = all
            .filter(|(_, count)| **count >= predicate.facts)
            .map(|(class, _)| *class)
            .min_by_key(|c| (catalog.classes()[*c].instances, *c))?;
        Some(inside(&catalog.classes()[class].label))
    }

    /// What the objects of a clause are called: by its own words, or by the class of all of them.
    pub(super) fn object_noun(&self, clause: &Clause, predicate: &str) -> Option<String> {
        if let Some(object) = &clause.object {
            return Some(object.strip_prefix("the ").unwrap_or(object).to_owned());
        }
        self.class_at(predicate, Way::Forward)
    }

    pub(super) fn is_functional(&self, hop: &Hop) -> bool {
        hop.way == Way::Forward
            && self
                .predicate(&hop.predicate)
                .is_some_and(|p| p.is_functional())
    }

    /// Whether an entity has more than one fact of this kind.
    pub(super) fn leads_to_several(&self, entity: &str, hop: &Hop) -> Result<bool, RetrieverError> {
        let node = NamedNodeRef::new_unchecked(entity);
        let object = RdfTerm::NamedNode(NamedNode::new_unchecked(entity));
        let predicate = Some(NamedNodeRef::new_unchecked(hop.told_by()));
        let snapshot = self.view.snapshot();
        let mut found = Vec::new();
        let mut see = |end: String| {
            if !found.contains(&end) {
                found.push(end);
            }
        };
        // The same fact may be told in several graphs.
        match hop.way {
            Way::Forward => {
                for quad in snapshot
                    .quads(Some(node.into()), predicate, None, None)
                    .take(4)
                {
                    see(quad?.object.to_string());
                }
            }
            Way::Inverse => {
                for quad in snapshot
                    .quads(None, predicate, Some(object.as_ref()), None)
                    .take(4)
                {
                    see(quad?.subject.to_string());
                }
            }
        }
        Ok(found.len() > 1)
    }
}

/// Whether the first facts of a path lead back to where it began, and on to the others there: "the others that she directed".
/// Further on, that the entity is left out says nothing, since it is of another kind.
pub(super) fn leads_back(path: &[Hop], length: usize) -> bool {
    match &path[..length] {
        [there, back] => {
            back.other && back.predicate == there.predicate && back.way == there.way.turned()
        }
        _ => false,
    }
}
