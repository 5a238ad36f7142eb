//! What is measured of things, and which end of it comes first.

use retriever::graph::{Bound, Comparand, Filter, Function, Hop, Measure, Order, Way};
use retriever::question::{Direction, Operator};
use retriever::{RetrieverError, units};

use super::Content;
use super::relation::Relation;
use crate::phrase::{article, plural_of_head};

/// What an extent is called: it is great or small rather than high or low. So is the number of a rank, of which the highest
/// is the first.
const EXTENTS: &[&str] = &[
    "height", "length", "width", "depth", "area", "size", "mass", "weight", "distance", "volume",
    "number", "duration", "diameter", "radius", "aperture", "capacity", "rank", "ordinal",
];

impl Content<'_> {
    /// The number of things that are counted through a nameless node: "of treatises with an authorship whose author they
    /// are".
    fn number_through(&self, first: &Hop, last: &Hop, class: Option<String>) -> String {
        let relation = self.relation(&last.predicate);
        let counted = class.or_else(|| match last.way {
            Way::Inverse => self
                .domain_noun(&last.predicate)
                .map(|noun| plural_of_head(&noun)),
            Way::Forward => None,
        });
        match (counted, relation, self.relation(&first.predicate)) {
            (Some(counted), Relation::Noun(via), Relation::Noun(owner))
                if last.way == Way::Inverse && first.way == Way::Inverse =>
            {
                let one = article(&via.one);
                format!(
                    "number of {counted} with {one} {} whose {} they are",
                    via.one, owner.one
                )
            }
            (Some(counted), ..) => format!("number of {counted}"),
            (None, Relation::Noun(noun), _) => format!("number of {}", noun.many),
            (None, Relation::Clause(_), _) => "number of them".to_owned(),
        }
    }

    /// What a measure is called.
    pub(super) fn measure(&self, measure: &Measure) -> Result<String, RetrieverError> {
        let named = |hop: &&Hop| self.predicate(&hop.predicate).is_some();
        let Some(last) = measure.path().iter().rev().find(named) else {
            return Ok("value".to_owned());
        };
        let relation = self.relation(&last.predicate);
        let counted = match measure {
            Measure::Value(path) => return Ok(self.value_name(path, last)),
            Measure::Number { counted, .. } => counted,
            Measure::Combined {
                function,
                of,
                value,
                ..
            } => {
                let name = self.value_name(value, last);
                let made = match function {
                    Function::Sum => "total",
                    Function::Average | Function::AverageOfSome => "average",
                    Function::Greatest => "greatest",
                    Function::Smallest => "smallest",
                };
                // "The total wealth" is called so already.
                let name = name.strip_prefix(&format!("{made} ")).unwrap_or(&name);
                let bare = of.links.is_empty() && of.filters.is_empty();
                return Ok(match bare {
                    true => format!("{made} {name}"),
                    false => format!("{made} {name} of {}", self.things(of, true)?),
                });
            }
        };
        let class = match counted.links.is_empty() && counted.filters.is_empty() {
            true => self
                .class_noun(&counted.classes)
                .map(|noun| plural_of_head(&noun)),
            // "Number of | books printed in Delft | written by them".
            false => {
                let things = self.things(counted, true)?;
                Some(things.strip_prefix("the ").unwrap_or(&things).to_owned())
            }
        };
        if let [first, last] = measure.path() {
            return Ok(self.number_through(first, last, class));
        }
        let counted = |other: Option<String>| {
            let other = other.map(|noun| plural_of_head(&noun));
            class
                .clone()
                .or(other)
                .unwrap_or_else(|| "those".to_owned())
        };
        Ok(match (last.way, relation) {
            // "them" may be one or many, people or things.
            (Way::Inverse, Relation::Clause(clause)) => {
                let counted = counted(self.domain_noun(&last.predicate));
                format!("number of {counted} {} them", clause.relative(true, false))
            }
            (Way::Inverse, Relation::Noun(noun)) => {
                let counted = counted(self.domain_noun(&last.predicate));
                format!("number of {counted} with them as {}", noun.one)
            }
            (Way::Forward, Relation::Noun(noun)) => match &class {
                Some(class) if *class != noun.many => format!("number of {class} as {}", noun.one),
                _ => format!("number of {}", noun.many),
            },
            (Way::Forward, Relation::Clause(clause)) => {
                let counted = counted(self.object_noun(&clause, &last.predicate));
                format!("number of {counted} that they {}", clause.many)
            }
        })
    }

    /// What the value at the end of a path is called.
    fn value_name(&self, path: &[Hop], last: &Hop) -> String {
        if path.len() > 1 {
            self.through(path, last)
        } else {
            self.value_noun(last)
        }
    }

    /// What the value of one fact is called.
    fn value_noun(&self, hop: &Hop) -> String {
        match self.relation(&hop.predicate) {
            Relation::Noun(noun) => noun.number(noun.plural).to_owned(),
            // "opened on" is not what a date is called.
            Relation::Clause(_) => {
                let (label, _) = self.quantity(&hop.predicate);
                let temporal = self
                    .predicate(&hop.predicate)
                    .is_some_and(|p| p.is_temporal());
                format!("“{label}” {}", if temporal { "date" } else { "value" })
            }
        }
    }

    /// What a value behind a nameless node is called: "rated power" where the node holds nothing but that value, else
    /// "affected individuals of one annotation".
    fn through(&self, path: &[Hop], last: &Hop) -> String {
        let label = self.value_noun(last);
        let Some(first) = path.first() else {
            return label;
        };
        let Some(predicate) = self.predicate(&first.predicate) else {
            return label;
        };
        let first = self.value_noun(first);
        if predicate.leads_to_values(self.catalog()) {
            first
        } else {
            format!("{label} of one {first}")
        }
    }

    /// "earlier than", "more than", "at least".
    fn than(&self, filter: &Filter) -> String {
        let direction = match filter.operator {
            Operator::More => Direction::Most,
            Operator::Less => Direction::Least,
            other => return other.words().to_owned(),
        };
        match self.scale(&filter.measure) {
            Scale::Time => format!("{} than", self.more(&filter.measure, direction)),
            _ => filter.operator.words().to_owned(),
        }
    }

    /// "whose height is more than 30 metres", "installed before 2009", "that are not retired".
    pub(super) fn bounded(&self, filter: &Filter, several: bool) -> Result<String, RetrieverError> {
        if let Comparand::Bound(bound @ Bound::Letters(_)) = &filter.with {
            return Ok(format!("whose name {}", bound.words(filter.operator)));
        }
        let mut comparison = match &filter.with {
            Comparand::Bound(bound) => bound.words(filter.operator),
            Comparand::Entity(other) => {
                format!("{} that of {}", self.than(filter), self.label(other)?)
            }
            Comparand::Of(node) => {
                format!(
                    "{} that of {}",
                    self.than(filter),
                    self.things(node, false)?
                )
            }
        };
        if filter.or_none {
            comparison.push_str(" or is not told");
        }
        if let Measure::Value(path) = &filter.measure {
            if matches!(filter.with, Comparand::Bound(Bound::Number(_)))
                && let Some(unit) = self.unit(path)?
            {
                comparison = units::with(&comparison, &unit);
            }
            if let [hop] = path.as_slice()
                && hop.way == Way::Forward
                && let Relation::Clause(clause) = self.relation(&hop.predicate)
            {
                return Ok(match (comparison.as_str(), &clause.reduced) {
                    ("true", _) => clause.relative(several, false),
                    ("false", _) => clause.relative(several, true),
                    // The comparison of a year has a preposition of its own.
                    (_, Some(reduced))
                        if matches!(
                            filter.with,
                            Comparand::Bound(
                                Bound::Year(_) | Bound::Date(_) | Bound::Day(_) | Bound::Moment(_)
                            )
                        ) =>
                    {
                        let verb = ["on", "in", "at"]
                            .iter()
                            .find_map(|end| reduced.strip_suffix(end)?.strip_suffix(' '));
                        format!("{} {comparison}", verb.unwrap_or(reduced))
                    }
                    _ => format!("{} {comparison}", clause.relative(several, false)),
                });
            }
        }
        Ok(format!(
            "whose {} is {comparison}",
            self.measure(&filter.measure)?
        ))
    }

    /// "the metal with the lowest density", "the one with the highest density among the metals found in Chile".
    pub(super) fn placed(
        &self,
        phrase: &str,
        order: &Order,
        simple: bool,
    ) -> Result<String, RetrieverError> {
        let measure = self.measure(&order.measure)?;
        let most = self.extreme(&order.measure, order.direction);
        Ok(match (order.skip, order.take) {
            (0, 1) if simple => format!("{phrase} with the {most} {measure}"),
            (0, 1) => format!("the one with the {most} {measure} among {phrase}"),
            (0, take) => format!("the {take} with the {most} {measure} among {phrase}"),
            (skip, _) if simple => {
                format!("{phrase} with the {} {most} {measure}", ordinal(skip + 1))
            }
            (skip, _) => {
                format!(
                    "the one with the {} {most} {measure} among {phrase}",
                    ordinal(skip + 1)
                )
            }
        })
    }

    /// "highest", "greatest", "latest": as one says of what is measured.
    pub(super) fn extreme(&self, measure: &Measure, direction: Direction) -> &'static str {
        let words = match self.scale(measure) {
            Scale::Time => ["latest", "earliest"],
            Scale::Extent => ["greatest", "smallest"],
            Scale::Other => ["highest", "lowest"],
        };
        words[usize::from(direction == Direction::Least)]
    }

    /// The same of two.
    pub(super) fn more(&self, measure: &Measure, direction: Direction) -> &'static str {
        let words = match self.scale(measure) {
            Scale::Time => ["later", "earlier"],
            Scale::Extent => ["greater", "smaller"],
            Scale::Other => ["higher", "lower"],
        };
        words[usize::from(direction == Direction::Least)]
    }

    fn scale(&self, measure: &Measure) -> Scale {
        if measure.counts() {
            return Scale::Extent;
        }
        let path = measure.path();
        let last = path.last();
        let predicate = last.and_then(|hop| self.predicate(&hop.predicate));
        let name = last.map_or_else(String::new, |last| self.value_name(path, last));
        let mut words = name.split(' ');
        let year = ["year", "date"].iter().any(|time| {
            name.split(' ').next() == Some(*time)
                || (name.ends_with(&format!(" {time}")) && !name.ends_with(" per year"))
        });
        if year || predicate.is_some_and(|p| p.is_temporal()) {
            Scale::Time
        } else if words.any(|word| EXTENTS.contains(&word)) {
            Scale::Extent
        } else {
            Scale::Other
        }
    }
}

enum Scale {
    Time,
    Extent,
    Other,
}

/// "second", "third", "4th".
pub(super) fn ordinal(place: usize) -> String {
    match place {
        1 => "first".to_owned(),
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        _ => {
            let ending = match (place % 10, place % 100) {
                (_, 11..=13) => "th",
                (1, _) => "st",
                (2, _) => "nd",
                (3, _) => "rd",
                _ => "th",
            };
            format!("{place}{ending}")
        }
    }
}
