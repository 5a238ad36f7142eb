//! Comparisons, calculations and questions that are answered yes or no.

use retriever::RetrieverError;
use retriever::evidence::Fact;
use retriever::graph::{Arithmetic, Comparand, Hop, Measure, Node, Way};
use retriever::question::Direction;
use retriever::thesaurus::Word;
use schemas::Term;

use super::relation::Relation;
use super::{Content, Worded, without_article};
use crate::phrase::{article, inside, list};

impl Content<'_> {
    pub(super) fn choose(
        &self,
        entities: &[String],
        measure: &Measure,
        direction: Direction,
    ) -> Result<Worded, RetrieverError> {
        // What is counted has no value of its own.
        let path = match measure {
            Measure::Value(path) => path.as_slice(),
            Measure::Number { .. } | Measure::Combined { .. } => &[],
        };
        let unit = self.measured_unit(measure)?;
        let value = |term: &Term| self.value(term, unit.as_deref());
        let names = self.names(None);
        let reached = self.rows.first().and_then(|row| row.get(1));
        let reached = reached.map(value).unwrap_or_default();
        let more = self.more(measure, direction);
        let measure = self.measure(measure)?;
        let answers = self.said(None);
        let sentences = match names.as_slice() {
            [] => vec!["There is none.".to_owned()],
            [_, _, ..] if names.len() == entities.len() => {
                vec![format!(
                    "{} have the same {measure}: {reached}.",
                    list(&names)
                )]
            }
            [winner, ..] => {
                let chosen: Vec<&str> = answers
                    .iter()
                    .map(|(_, term)| term.value.as_str())
                    .collect();
                let mut others = Vec::new();
                for entity in entities
                    .iter()
                    .filter(|one| !chosen.contains(&one.as_str()))
                {
                    if let Some(term) = self.at_end(entity, path) {
                        others.push(format!("{} for {}", value(term), self.label(entity)?));
                    }
                }
                if others.is_empty() {
                    vec![format!("{winner} has the {more} {measure}: {reached}.")]
                } else {
                    vec![format!(
                        "{winner} has the {more} {measure}: {reached}, against {}.",
                        list(&others)
                    )]
                }
            }
        };
        Ok(Worded { sentences, answers })
    }

    /// What the cited facts say lies at the end of a path from an entity.
    fn at_end(&self, entity: &str, path: &[Hop]) -> Option<&Term> {
        let mut here: Option<&Term> = None;
        for hop in path {
            let from = here.map_or(entity, |term| term.value.as_str());
            let fact = self
                .facts
                .iter()
                .find(|fact| fact.subject.value == from && fact.predicate.value == hop.told_by())?;
            here = Some(&fact.object);
        }
        here
    }

    fn measured_unit(&self, measure: &Measure) -> Result<Option<String>, RetrieverError> {
        match measure {
            measure if measure.counts() => Ok(None),
            measure => self.unit(measure.path()),
        }
    }

    pub(super) fn yes_or_no(&self) -> Vec<String> {
        let word = if self.truth() { "Yes" } else { "No" };
        // A nameless node cannot be named.
        let named = self.facts.iter().filter(|fact| !fact.to_nameless);
        let facts: Vec<&Fact> = named.collect();
        let Some(first) = facts.first() else {
            return vec![format!("{word}.")];
        };
        let (subject, predicate) = (first.subject.text(), &first.predicate.value);
        if first.tells_class {
            let kinds: Vec<String> = facts
                .iter()
                .map(|f| inside(f.object.text()))
                .map(|kind| format!("{} {kind}", article(&kind)))
                .collect();
            return vec![format!("{word}, {subject} is {}.", list(&kinds))];
        }
        let (_, unit) = self.quantity(predicate);
        let objects: Vec<&Term> = facts.iter().map(|f| &f.object).collect();
        let names: Vec<String> = objects
            .iter()
            .map(|object| self.value(object, unit.as_deref()))
            .collect();
        let mut sentences = self.forward(subject, predicate, &names, &objects);
        let hop = Hop::new(predicate.as_str(), Way::Forward);
        if let ([name], Relation::Noun(noun)) = (names.as_slice(), self.relation(predicate))
            && self
                .leads_to_several(&first.subject.value, &hop)
                .unwrap_or(false)
        {
            // One of several is not "the" one.
            let one = article(&noun.one);
            sentences = vec![format!("{name} is {one} {} of {subject}.", noun.one)];
        }
        sentences
            .into_iter()
            .map(|said| format!("{word}, {said}"))
            .collect()
    }

    pub(super) fn value_yes_or_no(
        &self,
        measure: &Measure,
        with: &Comparand,
    ) -> Result<String, RetrieverError> {
        let word = if self.truth() { "Yes" } else { "No" };
        let unit = self.measured_unit(measure)?;
        let last = measure.path().last().map(|hop| hop.predicate.as_str());
        let measure = self.measure(measure)?;
        // What leads to a value through a nameless node is not the value.
        let values = self
            .facts
            .iter()
            .filter(|f| Some(f.predicate.value.as_str()) == last);
        let first = self.facts.first().map(|f| &f.subject);
        let mut parts: Vec<String> = Vec::new();
        for fact in values {
            let nameless = fact.of_nameless;
            let owner = self
                .facts
                .iter()
                .find(|f| nameless && f.object == fact.subject);
            let of = owner.map_or(&fact.subject, |owner| &owner.subject);
            if matches!(with, Comparand::Bound(_)) && Some(of) != first {
                continue;
            }
            if let Some(truth) = truth(&fact.object) {
                let said = being(of.text(), fact.predicate.text(), truth);
                return Ok(format!("{word}, {said}."));
            }
            let value = self.value(&fact.object, unit.as_deref());
            parts.push(if parts.is_empty() {
                format!("the {measure} of {} is {value}", of.text())
            } else {
                format!("that of {} is {value}", of.text())
            });
        }
        if matches!(with, Comparand::Bound(_)) {
            parts.truncate(1);
        }
        Ok(if parts.is_empty() {
            format!("{word}.")
        } else {
            format!("{word}, {}.", list(&parts))
        })
    }

    /// "Yes, there are: A and B."
    pub(super) fn exists(&self, node: &Node) -> Result<String, RetrieverError> {
        let things = self.things(node, true)?;
        let described = things.strip_prefix("those ");
        Ok(match (self.truth(), described) {
            (true, Some(described)) => format!("Yes, there are some {described}."),
            (false, Some(described)) => format!("No, there are none {described}."),
            (true, None) => format!("Yes, there are {}.", without_article(&things)),
            (false, None) => format!("No, there are no {}.", without_article(&things)),
        })
    }

    pub(super) fn calculated(
        &self,
        entities: &[String; 2],
        [measure, of_second]: &[Measure; 2],
        arithmetic: Arithmetic,
    ) -> Result<String, RetrieverError> {
        let unit = self.measured_unit(measure)?;
        let row = self.rows.first().map(Vec::as_slice).unwrap_or_default();
        let value = |at: usize| {
            row.get(at)
                .map(|value| self.value(value, unit.as_deref()))
                .unwrap_or_default()
        };
        let difference = row.first().map(|d| self.computed_value(d, unit.as_deref()));
        let (first, second) = (self.label(&entities[0])?, self.label(&entities[1])?);
        let measure = self.measure(measure)?;
        Ok(match arithmetic {
            Arithmetic::Difference => format!(
                "the difference in {measure} between {first} ({}) and {second} ({}) is {}.",
                value(1),
                value(2),
                difference.unwrap_or_default()
            ),
            Arithmetic::Age => {
                let years = row.first().map(|years| self.computed_value(years, None));
                let event = self.measure(of_second)?;
                let of = if entities[0] == entities[1] {
                    String::new()
                } else {
                    format!(" of {second}")
                };
                format!(
                    "{first} (born {}) was {} years old at the {event}{of} ({}).",
                    value(1),
                    years.unwrap_or_default(),
                    value(2)
                )
            }
            Arithmetic::Years if entities[0] == entities[1] => format!(
                "there are {} years between the {measure} of {first} ({}) and its {} ({}).",
                row.first()
                    .map(|years| self.computed_value(years, None))
                    .unwrap_or_default(),
                value(1),
                self.measure(of_second)?,
                value(2)
            ),
            Arithmetic::Years => format!(
                "there are {} years between the {measure} of {first} ({}) and that of {second} ({}).",
                row.first()
                    .map(|years| self.computed_value(years, None))
                    .unwrap_or_default(),
                value(1),
                value(2)
            ),
            Arithmetic::Ratio => {
                let times = row.first().map(|ratio| self.computed_value(ratio, None));
                format!(
                    "the {measure} of {first} ({}) is {} times that of {second} ({}).",
                    value(1),
                    times.unwrap_or_default(),
                    value(2)
                )
            }
        })
    }

    /// "Of the buildings, 3 of 10 (30 percent) are buildings whose owner is ...".
    pub(super) fn share(&self, whole: &Node, part: &Node) -> Result<String, RetrieverError> {
        let row = self.rows.first().map(Vec::as_slice).unwrap_or_default();
        let value = |at: usize| row.get(at).map(Term::text).unwrap_or_default();
        let percent = row.first().map(|share| self.computed_value(share, None));
        let part = self.things(part, true)?;
        Ok(format!(
            "of {}, {} of {} ({} percent) are {}.",
            self.things(whole, true)?,
            value(1),
            value(2),
            percent.unwrap_or_default(),
            without_article(&part)
        ))
    }

    fn truth(&self) -> bool {
        self.rows
            .first()
            .and_then(|row| row.first())
            .is_some_and(|term| term.value == "true")
    }
}

/// Which truth value a term is.
fn truth(term: &Term) -> Option<bool> {
    let boolean = term.datatype.as_deref() == Some("http://www.w3.org/2001/XMLSchema#boolean");
    boolean.then_some(matches!(term.value.as_str(), "true" | "1"))
}

/// "Bolivia is landlocked", "the hall is not a listed building".
fn being(subject: &str, label: &str, truth: bool) -> String {
    let label = inside(label);
    let what = label.strip_prefix("is ").unwrap_or(&label);
    let last = what.rsplit(' ').next().unwrap_or_default().to_lowercase();
    let not = if truth { "" } else { "not " };
    let of_kind = !label.starts_with("is ") && Word::of(&last).denotes("person");
    if of_kind {
        format!("{subject} is {not}{} {what}", article(what))
    } else {
        format!("{subject} is {not}{what}")
    }
}
