//! Rows that nothing names, but by the number that they tell: "which stations had more than five million boardings in 2023".

use kg_store::rdf::{NamedNodeRef, Term};

use super::statement::Statement;
use super::tally;
use crate::RetrieverError;
use crate::graph::Way;
use crate::propose::Proposer;
use crate::rank::Reading;

/// A number must be named this well.
const NAMED: f64 = 0.9;
/// Numbers that are tried.
const MOST: usize = 2;

/// Adds readings of the numbers that rows of a class tell, where the question asks what has the most of them, or so many.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    if !tally::compares(p) {
        return Ok(());
    }
    let catalog = p.view.catalog().clone();
    let none = vec![false; p.question.tokens.len()];
    let mut named = Vec::new();
    for (number, predicate) in catalog.predicates().iter().enumerate() {
        let told_of_rows = predicate.is_numeric()
            && !predicate.tells_a_time()
            && !predicate.behind(Way::Inverse).is_empty();
        if !told_of_rows {
            continue;
        }
        let fit = p.matcher.local(number, &none, &|_| 0, &|_, _| true)?;
        if fit.lexical >= NAMED {
            named.push((fit.lexical, number));
        }
    }
    named.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, number) in named.into_iter().take(MOST) {
        let iri = NamedNodeRef::new_unchecked(catalog.predicates()[number].told_by());
        let snapshot = p.view.snapshot();
        let Some(row) = snapshot
            .quads(None, Some(iri), None, None)
            .next()
            .transpose()?
        else {
            continue;
        };
        let classes = catalog
            .conventions()
            .classes_told(snapshot, row.subject.as_ref())?;
        let node = Term::from(row.subject);
        // Of no class, nothing would tell a row from anything else.
        if classes.len() != 1 || !p.are_nameless(std::slice::from_ref(&node))? {
            continue;
        }
        // Of several rows: some may be of stations, and others of lines.
        let mut ways = catalog.predicates()[number].behind(Way::Inverse).to_vec();
        ways.push((number, Way::Forward));
        let statement = Statement::untied(node, classes).narrowed(p, &ways)?;
        tally::propose(p, (&statement, &ways), readings)?;
    }
    Ok(())
}
