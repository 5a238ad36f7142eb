//! Comparisons, calculations and questions that are answered yes or no.

use retriever::RetrieverError;
use retriever::evidence::Fact;
use retriever::graph::{Arithmetic, Comparand, Measure, Node};
use retriever::question::Direction;
use schemas::Term;

use super::Content;
use crate::phrase::{Shape, article, inside, list, shape};

impl Content<'_> {
    pub(super) fn choose(
        &self,
        entities: &[String],
        measure: &Measure,
        direction: Direction,
    ) -> Vec<String> {
        // Facts that are not the value itself only lead to it, or are what is counted.
        let direct = matches!(measure, Measure::Value(path) if path.len() == 1);
        let (names, measure) = (self.names(), self.measure(measure));
        let reached = || {
            let value = self.rows.first().and_then(|row| row.get(1));
            value
                .map(|value| value.text().to_owned())
                .unwrap_or_default()
        };
        let value = |fact: &Fact| fact.object.text().to_owned();
        if names.len() > 1 && names.len() == entities.len() {
            let shared = self.facts.first().filter(|_| direct).map(value);
            let shared = shared.unwrap_or_else(reached);
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
        if !direct {
            return vec![format!("{winner} has the {more} {measure}: {}.", reached())];
        }
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

    pub(super) fn yes_or_no(&self) -> Vec<String> {
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

    pub(super) fn value_yes_or_no(&self, with: &Comparand) -> Vec<String> {
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

    /// "Yes, there are: A and B."
    pub(super) fn exists(&self, node: &Node) -> Result<String, RetrieverError> {
        let things = self.things(node, true)?;
        let things = things.strip_prefix("the ").unwrap_or(&things).to_owned();
        Ok(if self.truth() {
            format!("Yes, there are {things}.")
        } else {
            format!("No, there are no {things}.")
        })
    }

    pub(super) fn calculated(
        &self,
        entities: &[String; 2],
        measure: &Measure,
        arithmetic: Arithmetic,
    ) -> Result<String, RetrieverError> {
        let row = self.rows.first().map(Vec::as_slice).unwrap_or_default();
        let value = |at: usize| row.get(at).map(Term::text).unwrap_or_default();
        let (first, second) = (self.label(&entities[0])?, self.label(&entities[1])?);
        let measure = self.measure(measure);
        Ok(match arithmetic {
            Arithmetic::Difference => format!(
                "The difference in {measure} between {first} ({}) and {second} ({}) is {}.",
                value(1),
                value(2),
                value(0)
            ),
            Arithmetic::Ratio => format!(
                "The {measure} of {first} ({}) is {} times that of {second} ({}).",
                value(1),
                value(0),
                value(2)
            ),
        })
    }

    /// "12.5 percent (3 of 24) of the ...".
    pub(super) fn share(&self, whole: &Node, part: &Node) -> Result<String, RetrieverError> {
        let row = self.rows.first().map(Vec::as_slice).unwrap_or_default();
        let value = |at: usize| row.get(at).map(Term::text).unwrap_or_default();
        Ok(format!(
            "{} percent of {}, {} of {}, are {}.",
            value(0),
            self.things(whole, true)?,
            value(1),
            value(2),
            self.things(part, true)?
        ))
    }

    fn truth(&self) -> bool {
        self.rows
            .first()
            .and_then(|row| row.first())
            .is_some_and(|term| term.value == "true")
    }
}
