//! Things found, counted and ranked.

use kg_store::rdf::NamedNodeRef;
use retriever::RetrieverError;
use retriever::graph::{Function, Hop, Node, Order, Target, Way};
use schemas::Term;
use schemas::grounding::TermKind;

use super::clause::Clause;
use super::measures::ordinal;
use super::relation::Relation;
use super::things::leads_back;
use super::{Content, Worded, computed, without_article};
use crate::phrase::{article, list, plural_of_head, possessive};

impl Content<'_> {
    pub(super) fn selected(&self, node: &Node, target: &Target) -> Result<Worded, RetrieverError> {
        match target {
            Target::Every => self.every(node),
            Target::Count => Ok(computed(self.counted(node)?)),
            Target::Aggregate(function, measure) => {
                let what = match function {
                    Function::Average | Function::AverageOfSome => "average",
                    Function::Sum => "total",
                    Function::Greatest => {
                        self.extreme(measure, retriever::question::Direction::Most)
                    }
                    Function::Smallest => {
                        self.extreme(measure, retriever::question::Direction::Least)
                    }
                };
                let unit = self.unit(measure.path())?;
                let value = self.rows.first().and_then(|row| row.first());
                let value = value.map(|value| self.computed_value(value, unit.as_deref()));
                let some = match function {
                    Function::AverageOfSome => " that have any",
                    _ => "",
                };
                Ok(computed(format!(
                    "the {what} {} of {}{some} is {}.",
                    self.measure(measure)?,
                    self.things(node, true)?,
                    value.unwrap_or_default()
                )))
            }
        }
    }

    fn counted(&self, node: &Node) -> Result<Vec<String>, RetrieverError> {
        let number = self.rows.first().and_then(|row| row.first());
        let number = number
            .map(|term| term.text().to_owned())
            .unwrap_or_default();
        let one = number == "1";
        let things = self.things(node, !one)?;
        let are = if one { "is" } else { "are" };
        // "There are 21 directed by her."
        let described = things
            .strip_prefix("those ")
            .or(things.strip_prefix("the one "));
        if let Some(described) = described {
            return Ok(vec![format!("There {are} {number} {described}.")]);
        }
        let things = without_article(&things);
        Ok(vec![format!("There {are} {number} {things}.")])
    }

    fn every(&self, node: &Node) -> Result<Worded, RetrieverError> {
        let several = self.rows.len() > 1;
        if let Some(order) = &node.order {
            return self.ranked(node, order, several);
        }
        if node.filters.is_empty()
            && let [link] = node.links.as_slice()
            && !link.negated
        {
            if let Some((entity, hop)) = link.as_edge() {
                return self.one_edge(entity, hop, &node.classes);
            }
            // "The films written by her were directed by him", rather than what they were directed by.
            if let Some((last, before)) = link.path.split_last()
                && last.way == Way::Forward
                && let Relation::Clause(clause) = self.relation(&last.predicate)
            {
                let subject = self.along(&link.from, before)?;
                let object = clause.with_object(&list(&self.names(None)), several);
                // Of several, each may have only some.
                let together = match subject.several && several {
                    true => "between them, ",
                    false => "",
                };
                // What is to them as the entity is: "also".
                let also = leads_back(&link.path, link.path.len());
                let said = |verb: &str| {
                    let verb = if also {
                        said_also(verb)
                    } else {
                        verb.to_owned()
                    };
                    format!("{together}{} {verb} {object}.", subject.text)
                };
                let mut sentences = vec![said(clause.finite(subject.several, false))];
                sentences.extend(clause.past(subject.several).map(|verb| said(&verb)));
                return Ok(Worded {
                    sentences,
                    answers: self.said(None),
                });
            }
        }
        let path = node.links.first().map(|link| link.path.as_slice());
        let forward = path.filter(|path| path.last().is_some_and(|hop| hop.way == Way::Forward));
        let unit = match forward {
            Some(path) => self.unit(path)?,
            None => None,
        };
        let things = self.things(node, several)?;
        let are = if several { "are" } else { "is" };
        Ok(Worded {
            sentences: vec![format!(
                "{things} {are} {}.",
                list(&self.names(unit.as_deref()))
            )],
            answers: self.said(unit.as_deref()),
        })
    }

    fn ranked(&self, node: &Node, order: &Order, several: bool) -> Result<Worded, RetrieverError> {
        let bare = Node {
            order: None,
            ..node.clone()
        };
        let measure = self.measure(&order.measure)?;
        let most = self.extreme(&order.measure, order.direction);
        let unit = match &order.measure {
            measure if measure.counts() => None,
            measure => self.unit(measure.path())?,
        };
        let value = |row: &Vec<Term>| {
            row.get(1)
                .map(|value| self.value(value, unit.as_deref()))
                .unwrap_or_default()
        };
        let all = match bare == Node::default() {
            // Of nothing else than what they are ordered by.
            true => self.called(self.noun_of(node), false, true),
            false => self.things(&bare, true)?,
        };
        if order.take > 1 {
            let answers: Vec<(String, Term)> = self
                .rows
                .iter()
                .filter_map(|row| {
                    let first = row.first()?;
                    Some((format!("{} ({})", first.text(), value(row)), first.clone()))
                })
                .collect();
            let with_values: Vec<String> = answers.iter().map(|(said, _)| said.clone()).collect();
            let those = if several { "those" } else { "the one" };
            let are = if several { "are" } else { "is" };
            let all_of_them = order.is_of_all();
            let listed = list(&with_values);
            let sentence = if all_of_them && several {
                // "For each island": none is left out, so that none is told to have the most.
                format!("By their {measure}, {all} are {listed}.")
            } else {
                format!("of {all}, {those} with the {most} {measure} {are} {listed}.")
            };
            return Ok(Worded {
                sentences: vec![sentence],
                answers,
            });
        }
        let place = match order.skip {
            0 => String::new(),
            skip => format!("{} ", ordinal(skip + 1)),
        };
        let has = if several { "have" } else { "has" };
        Ok(Worded {
            sentences: vec![format!(
                "of {all}, {} {has} the {place}{most} {measure}: {}.",
                list(&self.names(None)),
                self.rows.first().map(value).unwrap_or_default()
            )],
            answers: self.said(None),
        })
    }

    fn one_edge(
        &self,
        entity: &str,
        hop: &Hop,
        classes: &[String],
    ) -> Result<Worded, RetrieverError> {
        let name = self.label(entity)?;
        if hop.way == Way::Inverse {
            return Ok(Worded {
                sentences: self.inverse(&name, hop, classes)?,
                answers: self.said(None),
            });
        }
        let unit = self.unit(std::slice::from_ref(hop))?;
        let objects: Vec<&Term> = self.rows.iter().filter_map(|row| row.first()).collect();
        let names = self.names(unit.as_deref());
        Ok(Worded {
            sentences: self.forward(&name, &hop.predicate, &names, &objects),
            answers: self.said(unit.as_deref()),
        })
    }

    /// What a subject has as its objects.
    pub(super) fn forward(
        &self,
        subject: &str,
        predicate: &str,
        names: &[String],
        objects: &[&Term],
    ) -> Vec<String> {
        let (who, several) = (list(names), objects.len() > 1);
        match self.relation(predicate) {
            Relation::Clause(clause) => {
                if let [object] = objects
                    && let Some(negated) = truth(object)
                {
                    return vec![format!("{subject} {}.", clause.finite(false, negated))];
                }
                let object = clause.with_object(&who, several);
                let object = match objects {
                    [date]
                        if ["ed", "built", "born"]
                            .iter()
                            .any(|end| clause.one.ends_with(end)) =>
                    {
                        format!("{}{object}", preposition_of_time(date))
                    }
                    _ => object,
                };
                let now = format!("{subject} {} {object}.", clause.finite(false, false));
                let then = clause
                    .past(false)
                    .map(|verb| format!("{subject} {verb} {object}."));
                // Who was born somewhere, or what was opened on a day, is not said to be so.
                let over = clause.one.starts_with("is born") || self.is_temporal(predicate);
                match then {
                    Some(then) if over => vec![then],
                    Some(then) => vec![now, then],
                    None => vec![now],
                }
            }
            Relation::Noun(noun) => {
                let many =
                    several || (noun.plural && objects.iter().all(|o| super::values::is_number(o)));
                let (label, are) = (noun.number(many), if many { "are" } else { "is" });
                let mut wordings = vec![format!("the {label} of {subject} {are} {who}.")];
                if !several {
                    wordings.push(format!("{} {label} {are} {who}.", possessive(subject)));
                }
                if objects.len() == 1 && objects[0].kind == TermKind::Uri {
                    wordings.push(format!("{who} is the {label} of {subject}."));
                }
                wordings
            }
        }
    }

    /// What has an object: as the things of a class where all are of one, else as a sentence about the object.
    fn inverse(
        &self,
        object: &str,
        hop: &Hop,
        classes: &[String],
    ) -> Result<Vec<String>, RetrieverError> {
        let several = self.rows.len() > 1;
        let (who, are) = (list(&self.names(None)), if several { "are" } else { "is" });
        let noun = self
            .class_noun(classes)
            .or_else(|| self.domain_noun(&hop.predicate));
        let relation = self.relation(&hop.predicate);
        let things = noun.as_ref().map(|noun| {
            let called = if several {
                plural_of_head(noun)
            } else {
                noun.clone()
            };
            match &relation {
                Relation::Clause(clause) if clause.says(noun) => {
                    format!("the {called} of {object}")
                }
                relation => {
                    let object = super::things::Phrase {
                        text: object.to_owned(),
                        several: false,
                    };
                    format!(
                        "the {called} {}",
                        self.with(relation, &object, several, false)
                    )
                }
            }
        });
        let mut wordings: Vec<String> = things
            .map(|things| format!("{things} {are} {who}."))
            .into_iter()
            .collect();
        match &relation {
            Relation::Clause(clause) => {
                wordings.extend(self.sentences(&who, clause, object, several));
            }
            Relation::Noun(noun) if noun.plural => {
                wordings.push(format!("{object} is among the {} of {who}.", noun.many));
            }
            Relation::Noun(noun) => {
                let the = if self.has_others(&hop.predicate)? {
                    article(&noun.one)
                } else {
                    "the"
                };
                let said = format!("{object} is {the} {} of {who}.", noun.one);
                if wordings.is_empty() {
                    let those = if several { "those" } else { "the one" };
                    wordings.push(said);
                    wordings.push(format!(
                        "{those} whose {} is {object} {are} {who}.",
                        noun.one
                    ));
                } else if !several {
                    wordings.push(said);
                }
            }
        }
        Ok(wordings)
    }

    fn sentences(&self, who: &str, clause: &Clause, object: &str, several: bool) -> Vec<String> {
        let object = clause.with_object(object, false);
        let verbs = [
            Some(clause.finite(several, false).to_owned()),
            clause.past(several),
        ];
        let verbs = verbs.into_iter().flatten();
        verbs
            .map(|verb| format!("{who} {verb} {object}."))
            .collect()
    }

    /// Whether any of the answers has further objects of the predicate: then the one asked about is not "the" one.
    fn has_others(&self, predicate: &str) -> Result<bool, RetrieverError> {
        let hop = Hop::new(predicate, Way::Forward);
        for answer in self.rows.iter().filter_map(|row| row.first()) {
            if answer.kind == TermKind::Uri && self.leads_to_several(&answer.value, &hop)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_temporal(&self, predicate: &str) -> bool {
        self.predicate(predicate).is_some_and(|p| p.is_temporal())
    }
}

/// Whether a truth value denies what its predicate says.
fn truth(term: &Term) -> Option<bool> {
    let boolean = kg_store::rdf::vocab::xsd::BOOLEAN;
    let datatype = term.datatype.as_deref().map(NamedNodeRef::new_unchecked);
    (datatype == Some(boolean)).then_some(matches!(term.value.as_str(), "false" | "0"))
}

/// "in 1955", "on 1955-03-01", as the date stands.
fn preposition_of_time(term: &Term) -> &'static str {
    let digits = term.value.chars().take_while(char::is_ascii_digit).count();
    match (term.kind, digits, term.value.len()) {
        (TermKind::Literal, 4, 4) => "in ",
        (TermKind::Literal, 4, _) => "on ",
        _ => "",
    }
}

/// "were also written by".
fn said_also(verb: &str) -> String {
    match verb.split_once(' ') {
        Some((be @ ("is" | "are" | "was" | "were"), rest)) => format!("{be} also {rest}"),
        _ => format!("also {verb}"),
    }
}
