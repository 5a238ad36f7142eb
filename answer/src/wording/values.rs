//! Values as they are said: with their units, and with few decimals where they were computed.

use kg_store::rdf::{BlankNodeRef, NamedNodeRef, NamedOrBlankNodeRef};
use retriever::catalog::unit_of_node;
use retriever::graph::Hop;
use retriever::{RetrieverError, units};
use schemas::Term;
use schemas::grounding::TermKind;

use super::{Content, MOST_NAMED};
use crate::phrase::rounded;

impl Content<'_> {
    /// A term's text; a number has its unit.
    pub(super) fn value(&self, term: &Term, unit: Option<&str>) -> String {
        match unit {
            Some(unit) if is_number(term) => units::with(term.text(), unit),
            _ => term.text().to_owned(),
        }
    }

    /// A number that was computed, such as a mean: it may have any number of decimals.
    pub(super) fn computed_value(&self, term: &Term, unit: Option<&str>) -> String {
        let Some(short) = rounded(term.text()) else {
            return self.value(term, unit);
        };
        let about = Term {
            value: short,
            label: None,
            ..term.clone()
        };
        format!("about {}", self.value(&about, unit))
    }

    /// The answers as they are said, with how many more there are.
    pub(super) fn names(&self, unit: Option<&str>) -> Vec<String> {
        let mut names: Vec<String> = self
            .rows
            .iter()
            .filter_map(|row| row.first())
            .take(MOST_NAMED)
            .map(|term| self.value(term, unit))
            .collect();
        if self.rows.len() > MOST_NAMED {
            names.push(format!("{} more", self.rows.len() - MOST_NAMED));
        }
        names
    }

    /// The answers that are said, beside how they are said.
    pub(super) fn said(&self, unit: Option<&str>) -> Vec<(String, Term)> {
        self.rows
            .iter()
            .filter_map(|row| row.first())
            .take(MOST_NAMED)
            .map(|term| (self.value(term, unit), term.clone()))
            .collect()
    }

    /// The unit of the values at the end of a path: the one in the predicate's label, or the one that the nameless
    /// nodes have which hold the values.
    pub(super) fn unit(&self, path: &[Hop]) -> Result<Option<String>, RetrieverError> {
        let Some(last) = path.last() else {
            return Ok(None);
        };
        if let (_, Some(unit)) = self.quantity(&last.predicate) {
            return Ok(Some(unit));
        }
        let mut found: Option<String> = None;
        for fact in self.facts.iter().filter(|f| {
            f.predicate.value == last.predicate && f.of_nameless && is_number(&f.object)
        }) {
            let unit = self.unit_of_node(&fact.subject)?;
            // Values of several units have none in common.
            if unit.is_none()
                || found
                    .as_ref()
                    .is_some_and(|other| Some(other) != unit.as_ref())
            {
                return Ok(None);
            }
            found = unit;
        }
        Ok(found)
    }

    fn unit_of_node(&self, node: &Term) -> Result<Option<String>, RetrieverError> {
        let node: NamedOrBlankNodeRef<'_> = match node.kind {
            TermKind::Bnode => {
                BlankNodeRef::new_unchecked(node.value.trim_start_matches("_:")).into()
            }
            _ => NamedNodeRef::new_unchecked(&node.value).into(),
        };
        unit_of_node(self.view.snapshot(), node)
    }
}

pub(super) fn is_number(term: &Term) -> bool {
    term.kind == TermKind::Literal && term.value.parse::<f64>().is_ok_and(f64::is_finite)
}
