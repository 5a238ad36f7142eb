//! What is told of described things besides what they are called: "whose keeper is Ada Merrow and that stand on Korrin".

use retriever::RetrieverError;
use retriever::graph::{Link, Node, Source, Way};

use super::clause::Clause;
use super::relation::Relation;
use super::things::{Phrase, is_same};
use super::{Content, without_article};
use crate::phrase::{article, ends_with_noun, plural_of_head};

impl Clause {
    /// Whether a noun says already what the clause does: a stable isotope need not be "isotope of" something.
    pub(super) fn says(&self, noun: &str) -> bool {
        self.being
            .as_ref()
            .is_some_and(|being| ends_with_noun(noun, being))
    }
}

impl Content<'_> {
    /// The links and filters of a node behind its noun, each where nothing before it can take it for its own.
    pub(super) fn conditions(
        &self,
        node: &Node,
        links: &[&Link],
        phrase: &mut String,
        several: bool,
    ) -> Result<String, RetrieverError> {
        let noun = self.class_noun(&node.classes).or_else(|| {
            let last = links.iter().filter_map(|link| link.path.last());
            let mut inverse = last.filter(|hop| hop.way == Way::Inverse);
            inverse
                .next()
                .and_then(|hop| self.domain_noun(&hop.predicate))
        });
        let (mut simple, mut nested) = (Vec::new(), Vec::new());
        let mut said = false;
        for link in links {
            if !said
                && !link.negated
                && let Some(noun) = &noun
                && let Some(of) = self.of(link, noun)?
            {
                phrase.push_str(&of);
                said = true;
                continue;
            }
            let condition = self.condition(link, several)?;
            let inner = matches!(&link.from, Source::Node(n) if !n.links.is_empty() || !n.filters.is_empty());
            if inner || link.path.len() > 1 {
                nested.push(condition);
            } else {
                simple.push(condition);
            }
        }
        for filter in &node.filters {
            simple.push(self.bounded(filter, several)?);
        }
        let mut text = String::new();
        for (number, condition) in simple.iter().chain(&nested).enumerate() {
            let joint = match number {
                0 => " ",
                // A comma keeps it apart from the inside of the one before.
                _ if number > simple.len() => ", and ",
                _ => " and ",
            };
            text.push_str(joint);
            text.push_str(condition);
        }
        Ok(text)
    }

    /// " of tin", where the things are called isotopes and the link says whose.
    fn of(&self, link: &Link, noun: &str) -> Result<Option<String>, RetrieverError> {
        let (Source::Entity(entity), [hop]) = (&link.from, link.path.as_slice()) else {
            return Ok(None);
        };
        if hop.way == Way::Inverse
            && let Relation::Clause(clause) = self.relation(&hop.predicate)
            && clause.says(noun)
        {
            return Ok(Some(format!(" of {}", self.label(entity)?)));
        }
        Ok(None)
    }

    fn condition(&self, link: &Link, several: bool) -> Result<String, RetrieverError> {
        let Some((last, before)) = link.path.split_last() else {
            return match &link.from {
                Source::Node(node) => self.other_than(node, several),
                Source::Entity(_) | Source::Any(_) => Ok(String::new()),
            };
        };
        let relation = self.relation(&last.predicate);
        if let (Source::Node(node), true) = (&link.from, link.negated) {
            match (before, self.class_noun(&node.classes)) {
                ([], _) => return Ok(self.lacking(node, last.way, &relation, several)),
                // What lies between them is for the query to tell.
                ([first, ..], Some(class)) => {
                    return Ok(match (first.way, self.relation(&first.predicate)) {
                        (Way::Inverse, Relation::Noun(noun)) if noun.one != class => {
                            format!("with no {class} as {}", noun.one)
                        }
                        _ => format!("with no {class}"),
                    });
                }
                (_, None) => {}
            }
        }
        if is_same(link) {
            let verb = if several { "are among" } else { "is one of" };
            return Ok(format!("that {verb} {}", self.along(&link.from, &[])?.text));
        }
        if let (Source::Node(node), []) = (&link.from, before)
            && let Some(stated) = self.by_statement(node, &last.predicate)?
        {
            return Ok(stated);
        }
        let from = self.along(&link.from, before)?;
        let text = &from.text;
        Ok(match (last.way, relation) {
            (Way::Inverse, relation) => self.with(&relation, &from, several, link.negated),
            (Way::Forward, Relation::Noun(noun)) => {
                let not = if link.negated { "not " } else { "" };
                if several {
                    format!("that are {not}{} of {text}", noun.many)
                } else {
                    format!("that is {not}{} {} of {text}", article(&noun.one), noun.one)
                }
            }
            // Any of them will do.
            (Way::Forward, Relation::Clause(clause)) if from.several => {
                format!("that one of {text} {}", clause.finite(false, link.negated))
            }
            (Way::Forward, Relation::Clause(clause)) => {
                format!("that {text} {}", clause.finite(false, link.negated))
            }
        })
    }

    /// What is told of the statement of a fact: "by a statement whose year is in 1990".
    fn by_statement(&self, node: &Node, end: &str) -> Result<Option<String>, RetrieverError> {
        // Of what the fact leads to, rather than of what else the statement says.
        let reified = self.catalog().reified();
        let ends = reified.is_some_and(|by| by.is_end(end));
        if !ends || node.links.len() != 2 || !self.is_statement(node) {
            return Ok(None);
        }
        let conditions = node.filters.iter().map(|f| self.bounded(f, false));
        let conditions = conditions.collect::<Result<Vec<_>, _>>()?.join(" and ");
        let statement = match &node.order {
            Some(order) => self.placed("the statement", order, true)?,
            None => "a statement".to_owned(),
        };
        Ok(Some(
            format!("by {statement} {conditions}").trim_end().to_owned(),
        ))
    }

    /// Whether a node is the statement of a fact, of which it names the predicate.
    pub(super) fn is_statement(&self, node: &Node) -> bool {
        let Some(by) = self.catalog().reified() else {
            return false;
        };
        let mut hops = node.links.iter().filter_map(|link| link.path.last());
        hops.any(|hop| hop.predicate == by.predicate)
    }

    /// What things have as the object of a predicate: "whose country is Japan", "that stand on Korrin".
    pub(super) fn with(
        &self,
        relation: &Relation,
        object: &Phrase,
        several: bool,
        negated: bool,
    ) -> String {
        let text = &object.text;
        match relation {
            // One of them is enough: "that border one of the countries", not "the countries".
            Relation::Clause(clause) if object.several => {
                format!("{} one of {text}", clause.relative(several, negated))
            }
            Relation::Clause(clause) => format!(
                "{} {}",
                clause.relative(several, negated),
                clause.with_object(text, false)
            ),
            Relation::Noun(noun) if noun.plural => {
                let not = if negated { "do not " } else { "" };
                let of = if object.several { "one of " } else { "" };
                format!("whose {} {not}include {of}{text}", noun.many)
            }
            Relation::Noun(noun) => {
                // "with annotations whose phenotype is …", not "whose annotation is one of the annotations whose …".
                let same = without_article(text).strip_prefix(noun.many.as_str());
                match same {
                    Some(rest) if object.several && !negated => format!("with {}{rest}", noun.many),
                    _ => {
                        let not = if negated { "not " } else { "" };
                        let of = if object.several { "one of " } else { "" };
                        format!("whose {} is {not}{of}{text}", noun.one)
                    }
                }
            }
        }
    }

    /// What things are not: "that are not pitchers", "whose batting side is not left".
    fn other_than(&self, node: &Node, several: bool) -> Result<String, RetrieverError> {
        if let Some(filter) = node.filters.first() {
            let value = self.bounded(filter, several)?;
            let of_noun = value.starts_with("whose ") && value.contains(" is ");
            return Ok(if of_noun {
                value.replacen(" is ", " is not ", 1)
            } else if let Some(rest) = value.strip_prefix("that are ") {
                format!("that are not {rest}")
            } else {
                format!("that are not among those {value}")
            });
        }
        let class = self.class_noun(&node.classes).unwrap_or_default();
        Ok(if several {
            format!("that are not {}", plural_of_head(&class))
        } else {
            format!("that is not {} {class}", article(&class))
        })
    }

    /// That there is no fact of a predicate: "with no elevator", "that nothing has as its winner".
    fn lacking(&self, node: &Node, way: Way, relation: &Relation, several: bool) -> String {
        let class = self.class_noun(&node.classes);
        match (way, relation) {
            (Way::Inverse, Relation::Noun(noun)) => match class {
                Some(class) if class != noun.one => format!("with no {class} as {}", noun.one),
                _ => format!("with no {}", noun.number(noun.plural)),
            },
            (Way::Inverse, Relation::Clause(clause)) => {
                let object =
                    class.map_or_else(|| "anything".to_owned(), |class| format!("any {class}"));
                format!("that {} {object}", clause.finite(several, true))
            }
            (Way::Forward, Relation::Noun(noun)) => {
                let subject =
                    class.map_or_else(|| "nothing".to_owned(), |class| format!("no {class}"));
                format!("that {subject} has as its {}", noun.one)
            }
            (Way::Forward, Relation::Clause(clause)) => {
                let subject =
                    class.map_or_else(|| "nothing".to_owned(), |class| format!("no {class}"));
                format!("that {subject} {}", clause.finite(false, false))
            }
        }
    }
}
