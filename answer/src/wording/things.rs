//! Noun phrases for what a query graph describes: "the films written by her".

use retriever::RetrieverError;
use retriever::graph::{Filter, Hop, Link, Measure, Node, Order, Source, Way};

use super::Content;
use super::selected::{extreme, ordinal};
use crate::phrase::{Shape, inside, plural, shape};

impl Content<'_> {
    /// What a node describes, with its article.
    pub(super) fn things(&self, node: &Node, several: bool) -> Result<String, RetrieverError> {
        let (mut phrase, rest) = match (node.classes.as_slice(), node.links.as_slice()) {
            ([], [first, rest @ ..]) if !first.negated => (self.linked(first, several)?, rest),
            (classes, links) => {
                let noun = self.noun(classes, node);
                let noun = if several { plural(&noun) } else { noun };
                (format!("the {noun}"), links)
            }
        };
        let mut conditions = Vec::new();
        for link in rest {
            conditions.push(self.condition(link)?);
        }
        for filter in &node.filters {
            conditions.push(self.bounded(filter));
        }
        if !conditions.is_empty() {
            phrase = format!("{phrase} {}", conditions.join(" and "));
        }
        Ok(match &node.order {
            Some(order) => self.placed(&phrase, order),
            None => phrase,
        })
    }

    /// "the three cities with the highest population".
    fn placed(&self, phrase: &str, order: &Order) -> String {
        let measure = self.measure(&order.measure);
        let most = extreme(order.direction);
        match (order.skip, order.take) {
            (0, 1) => format!("{phrase} with the {most} {measure}"),
            (0, take) => format!("{phrase} with the {take} {most} values of {measure}"),
            (skip, _) => format!("{phrase} with the {} {most} {measure}", ordinal(skip + 1)),
        }
    }

    /// The things at the end of a path.
    fn linked(&self, link: &Link, several: bool) -> Result<String, RetrieverError> {
        let mut text = self.source(&link.from)?;
        for (number, hop) in link.path.iter().enumerate() {
            let last = number + 1 == link.path.len();
            text = self.one_away(&text, hop, several || !last);
        }
        Ok(text)
    }

    fn source(&self, source: &Source) -> Result<String, RetrieverError> {
        match source {
            Source::Entity(entity) => self.label(entity),
            Source::Node(node) => {
                let several = node.order.as_ref().is_none_or(|order| order.take > 1);
                self.things(node, several)
            }
        }
    }

    fn one_away(&self, text: &str, hop: &Hop, several: bool) -> String {
        let label = self.predicate(&hop.predicate);
        let other = if hop.other { "other " } else { "" };
        match hop.way {
            Way::Forward => match shape(&label) {
                Shape::Having => format!("the {other}{} of {text}", having(&label)),
                // "what Pale Beacon stands on", "what the keeper is born on".
                Shape::Trailing => {
                    let what = if hop.other { "what else" } else { "what" };
                    if is_active(&label) {
                        format!("{what} {text} {label}")
                    } else {
                        format!("{what} {text} is {label}")
                    }
                }
                Shape::Verbal | Shape::Noun => format!("the {other}{label} of {text}"),
            },
            Way::Inverse => {
                let noun = self.answer_noun(&[], &hop.predicate);
                let noun = if several { plural(&noun) } else { noun };
                format!(
                    "the {other}{noun} {}",
                    self.with(&label, text, several, false)
                )
            }
        }
    }

    /// "whose country is Japan".
    fn with(&self, label: &str, text: &str, several: bool, negated: bool) -> String {
        let not = if negated { "not " } else { "" };
        match shape(label) {
            Shape::Verbal if negated => format!("whose {label} do not include {text}"),
            Shape::Verbal => format!("whose {label} include {text}"),
            Shape::Trailing => format!("{not}{label} {text}"),
            Shape::Having if negated => format!("whose {} is not {text}", having(label)),
            Shape::Having => {
                let verb = if several { "have" } else { "has" };
                format!("that {verb} the {} {text}", having(label))
            }
            Shape::Noun => format!("whose {label} is {not}{text}"),
        }
    }

    fn condition(&self, link: &Link) -> Result<String, RetrieverError> {
        let Some((last, before)) = link.path.split_last() else {
            return Ok(String::new());
        };
        let label = self.predicate(&last.predicate);
        if let (Source::Node(node), true, []) = (&link.from, link.negated, before) {
            return Ok(self.lacking(node, last, &label));
        }
        let mut text = self.source(&link.from)?;
        for hop in before {
            text = self.one_away(&text, hop, true);
        }
        Ok(match (last.way, shape(&label)) {
            (Way::Inverse, _) => self.with(&label, &text, true, link.negated),
            (Way::Forward, Shape::Verbal) if !link.negated => format!("that {text} {label}"),
            (Way::Forward, Shape::Noun) if link.negated => {
                format!("that are not the {label} of {text}")
            }
            (Way::Forward, Shape::Noun) => format!("that are the {label} of {text}"),
            (Way::Forward, _) if link.negated => {
                format!("to which no “{label}” leads from {text}")
            }
            (Way::Forward, _) => format!("to which “{label}” leads from {text}"),
        })
    }

    /// That there is no fact of a predicate: "with no elevator", "that nothing has as its winner".
    fn lacking(&self, node: &Node, hop: &Hop, label: &str) -> String {
        let any = node.classes.is_empty();
        let noun = if any {
            String::new()
        } else {
            plural(&self.noun(&node.classes, node))
        };
        match (hop.way, shape(label)) {
            (Way::Inverse, Shape::Noun | Shape::Having) if any => {
                format!("with no {}", having(label))
            }
            (Way::Inverse, Shape::Noun | Shape::Having) => {
                format!("with none of the {noun} as {}", having(label))
            }
            (Way::Inverse, _) if any => format!("of which nothing says what they are “{label}”"),
            (Way::Inverse, _) => format!("of which nothing says “{label}” of any of the {noun}"),
            (Way::Forward, Shape::Noun) if any => format!("that nothing has as its {label}"),
            (Way::Forward, Shape::Noun) => format!("that none of the {noun} has as its {label}"),
            (Way::Forward, _) if any => format!("to which no “{label}” leads"),
            (Way::Forward, _) => format!("to which no “{label}” leads from any of the {noun}"),
        }
    }

    fn bounded(&self, filter: &Filter) -> String {
        let comparison = filter.bound.words(filter.operator);
        format!("whose {} is {comparison}", self.measure(&filter.measure))
    }

    /// What a measure is called.
    pub(super) fn measure(&self, measure: &Measure) -> String {
        let catalog = self.catalog();
        let named = |hop: &&Hop| catalog.predicate(&hop.predicate).is_some();
        let last = measure.path().iter().rev().find(named);
        let label = last.map_or_else(|| "value".to_owned(), |hop| self.predicate(&hop.predicate));
        match (measure, last) {
            (Measure::Value(path), _) if path.len() > 1 => self.through(path, &label),
            (Measure::Value(_), _) => label,
            (Measure::Number { classes, .. }, Some(hop)) if hop.way == Way::Inverse => {
                let noun = self.answer_noun(classes, &hop.predicate);
                format!("number of {} by {label}", plural(&noun))
            }
            (Measure::Number { classes, .. }, _) if !classes.is_empty() => {
                let noun = self.noun(classes, &Node::default());
                format!("number of {} as {label}", plural(&noun))
            }
            (Measure::Number { .. }, _) => format!("number of {}", plural(&having(&label))),
        }
    }

    /// What a value behind a nameless node is called: "rated power" where the node holds nothing but that value, else
    /// "affected individuals of one annotation".
    fn through(&self, path: &[Hop], label: &str) -> String {
        let catalog = self.catalog();
        let Some(number) = path
            .first()
            .and_then(|hop| catalog.predicate(&hop.predicate))
        else {
            return label.to_owned();
        };
        let first = inside(&catalog.predicates()[number].label);
        if catalog.predicates()[number].through.len() > 1 {
            format!("{label} of one {}", having(&first))
        } else {
            first
        }
    }

    /// What the answers are called: the label of the class asked for, else of the class in which the
    /// predicate's subjects are.
    pub(super) fn answer_noun(&self, classes: &[String], predicate: &str) -> String {
        if !classes.is_empty() {
            return self.noun(classes, &Node::default());
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

    fn noun(&self, classes: &[String], node: &Node) -> String {
        let catalog = self.catalog();
        // A class is listed with those below it; the widest is the one that was asked for.
        let widest = classes
            .iter()
            .filter_map(|iri| catalog.class(iri))
            .max_by_key(|c| catalog.classes()[*c].with_subclasses.len());
        if let Some(class) = widest {
            return inside(&catalog.classes()[class].label);
        }
        let hop = node
            .order
            .as_ref()
            .and_then(|order| order.measure.path().first());
        match hop {
            Some(hop) if hop.way == Way::Forward => self.answer_noun(&[], &hop.predicate),
            _ => "one".to_owned(),
        }
    }
}

/// Whether a label says what its subject does: "stands on", "played for"; not what is done to it: "directed by".
fn is_active(label: &str) -> bool {
    let words: Vec<&str> = label.split_whitespace().collect();
    let first = words.first().copied().unwrap_or_default();
    let third_person = first.ends_with('s') && !first.ends_with("ss");
    let past = first.ends_with("ed") && matches!(words.last(), Some(&("for" | "with" | "against")));
    third_person || past
}

/// The noun of "has genre".
fn having(label: &str) -> String {
    label
        .strip_prefix("has ")
        .or_else(|| label.strip_prefix("have "))
        .unwrap_or(label)
        .to_owned()
}
