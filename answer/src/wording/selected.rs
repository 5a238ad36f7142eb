//! Things found, counted and ranked.

use retriever::RetrieverError;
use retriever::graph::{Function, Hop, Node, Order, Target, Way};
use retriever::question::Direction;
use schemas::Term;

use super::Content;
use crate::phrase::{Shape, list, plural, shape};

impl Content<'_> {
    pub(super) fn selected(
        &self,
        node: &Node,
        target: &Target,
    ) -> Result<Vec<String>, RetrieverError> {
        match target {
            Target::Every => self.every(node),
            Target::Count => self.counted(node),
            Target::Aggregate(function, measure) => {
                let what = match function {
                    Function::Average => "average",
                    Function::Sum => "total",
                    Function::Greatest => "highest",
                    Function::Smallest => "lowest",
                };
                let names = self.names();
                Ok(vec![format!(
                    "The {what} {} of {} is {}.",
                    self.measure(measure),
                    self.things(node, true)?,
                    list(&names)
                )])
            }
        }
    }

    fn counted(&self, node: &Node) -> Result<Vec<String>, RetrieverError> {
        let number = self.names().first().cloned().unwrap_or_default();
        let one = number == "1";
        let things = self.things(node, !one)?;
        let things = things.strip_prefix("the ").unwrap_or(&things);
        let are = if one { "is" } else { "are" };
        Ok(vec![
            format!("There {are} {number} {things}."),
            format!("{number} {things} {are} known."),
        ])
    }

    fn every(&self, node: &Node) -> Result<Vec<String>, RetrieverError> {
        let names = self.names();
        let several = self.rows.len() > 1;
        if let Some(order) = &node.order {
            return self.ranked(node, order, &names, several);
        }
        if node.filters.is_empty()
            && let [link] = node.links.as_slice()
            && let Some((entity, hop)) = link.as_edge()
        {
            return self.one_edge(entity, hop, &node.classes, &names);
        }
        let things = self.things(node, several)?;
        let are = if several { "are" } else { "is" };
        Ok(vec![format!("{things} {are} {}.", list(&names))])
    }

    fn ranked(
        &self,
        node: &Node,
        order: &Order,
        names: &[String],
        several: bool,
    ) -> Result<Vec<String>, RetrieverError> {
        let bare = Node {
            order: None,
            ..node.clone()
        };
        let (who, verb) = (list(names), if several { "have" } else { "has" });
        let measure = self.measure(&order.measure);
        let most = extreme(order.direction);
        let all = self.things(&bare, true)?;
        Ok(vec![if order.take > 1 {
            let with_values: Vec<String> = self
                .rows
                .iter()
                .filter_map(|row| Some(format!("{} ({})", row.first()?.text(), row.get(1)?.text())))
                .collect();
            format!(
                "Of {all}, those with the {most} {measure} are {}.",
                list(&with_values)
            )
        } else {
            let place = match order.skip {
                0 => String::new(),
                skip => format!("{} ", ordinal(skip + 1)),
            };
            let value = self.rows.first().and_then(|row| row.get(1)).map(Term::text);
            format!(
                "Of {all}, {who} {verb} the {place}{most} {measure}: {}.",
                value.unwrap_or_default()
            )
        }])
    }

    fn one_edge(
        &self,
        entity: &str,
        hop: &Hop,
        classes: &[String],
        names: &[String],
    ) -> Result<Vec<String>, RetrieverError> {
        let (entity, label) = (self.label(entity)?, self.predicate(&hop.predicate));
        let (who, several) = (list(names), names.len() > 1);
        let are = if several { "are" } else { "is" };
        Ok(match hop.way {
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
                let noun = self.answer_noun(classes, &hop.predicate);
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
}

pub(super) fn extreme(direction: Direction) -> &'static str {
    match direction {
        Direction::Most => "highest",
        Direction::Least => "lowest",
    }
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
