//! Compares what a proof claims with what a knowledge base says now.

use std::collections::HashSet;

use kg_store::{
    CheckedQuery, Dataset, ParseLimits, QueryForm, QueryLimits, StoreError, Table,
    rdf::{Literal, Quad, Term as RdfTerm, to_schema_term},
};
use retriever::ReadView;
use schemas::{
    Term,
    grounding::TermKind,
    proofs::{CitedFact, Verdict, Verification},
};

use super::{
    Claim, MOST_ROWS,
    terms::{self, key},
};
use crate::problem::ApiError;

/// Bytes of the terms of a result.
const MOST_RESULT: usize = 32 << 20;
/// Values of one subject and predicate among which a text in another spelling of its language is looked for.
const MOST_VALUES: usize = 1_000;

type Row = Vec<Term>;

/// Runs the proof's query over all graphs, as answering does, and looks for each cited fact. The verdict is
/// that of the view's revision; nothing of the proof is taken on trust.
///
/// # Errors
/// `Invalid` for a query that does not parse, is refused or is neither SELECT nor ASK; `TooLarge` for a result
/// beyond the bounds; `Timeout` at the deadline.
pub fn verify(
    view: &ReadView,
    claim: &Claim,
    parse: &ParseLimits,
    limits: &QueryLimits,
) -> Result<Verification, ApiError> {
    let query = CheckedQuery::parse(&claim.sparql, Dataset::AllGraphs, parse)?;
    if !matches!(query.form(), QueryForm::Select | QueryForm::Ask) {
        return Err(
            ApiError::invalid("the query of a proof must be a SELECT or an ASK")
                .with_param("sparql"),
        );
    }
    let bounds = QueryLimits {
        max_rows: MOST_ROWS,
        max_bytes: MOST_RESULT,
        ..limits.clone()
    };
    let table = view.snapshot().select(&query, &bounds)?;
    let (mut missing, mut held) = (Vec::new(), Vec::with_capacity(claim.facts.len()));
    for (fact, quad) in &claim.facts {
        let there = holds(view, quad)?;
        held.push(there);
        if !there {
            missing.push(fact.clone());
        }
    }
    let is_ask = table.boolean.is_some();
    let width = table.variables.len();
    let yielded = rows(table);
    let now = answered(claim, &query, width, &held, yielded);
    let told: Vec<Row> = claim.rows.iter().map(|row| keys(row)).collect();
    let added = except(&now, &told);
    let removed = except(&told, &now);
    let verdict = if added.is_empty() && removed.is_empty() && missing.is_empty() {
        Verdict::Holds
    } else if now.is_empty() || (is_ask && !missing.is_empty() && flipped(&told, &now)) {
        Verdict::Gone
    } else {
        Verdict::Changed
    };
    let missing = missing.into_iter().map(|fact| {
        Ok(CitedFact {
            subject: labelled(view, &fact.subject)?,
            predicate: labelled(view, &fact.predicate)?,
            object: labelled(view, &fact.object)?,
            graph: fact.graph,
        })
    });
    Ok(Verification {
        verdict,
        revision: view.revision(),
        proved_at: claim.revision,
        answers: row(view, now.iter().filter_map(|row| row.first()))?,
        missing_facts: missing.collect::<Result<_, ApiError>>()?,
        added: added
            .into_iter()
            .map(|at| row(view, &now[at]))
            .collect::<Result<_, ApiError>>()?,
        removed: removed
            .into_iter()
            .map(|at| row(view, &claim.rows[at]))
            .collect::<Result<_, ApiError>>()?,
    })
}

/// The rows of a result, cells without a value left out; an ASK has one cell.
fn rows(table: Table) -> Vec<Row> {
    if let Some(truth) = table.boolean {
        let truth = RdfTerm::from(Literal::from(truth));
        return vec![vec![key(&to_schema_term(&truth))]];
    }
    table
        .rows
        .into_iter()
        .map(|row| {
            let cells = row.iter().flatten();
            cells.map(|term| key(&to_schema_term(term))).collect()
        })
        .filter(|row: &Row| !row.is_empty())
        .collect()
}

/// The part of a result that an answer is made of, as far as the claim's own rows tell which part it was:
///
/// - where each row is a cited fact (what a thing *is*, told by its facts): the facts that are still there, in the
///   result unless a LIMIT cut it;
/// - where the query ranks (ORDER BY without LIMIT) and all rows share their second cell: the rows that share
///   it with the first row of the result, for only the winners are answers;
/// - else all of it.
fn answered(
    claim: &Claim,
    query: &CheckedQuery,
    width: usize,
    held: &[bool],
    yielded: Vec<Row>,
) -> Vec<Row> {
    if width == 2 && is_description(claim) {
        let cut = query.row_limit().is_some_and(|most| yielded.len() >= most);
        let known: HashSet<Row> = yielded.into_iter().collect();
        return claim
            .rows
            .iter()
            .zip(held)
            .filter(|(_, held)| **held)
            .map(|(row, _)| keys(row))
            .filter(|row| cut || known.contains(&[row[1].clone(), row[0].clone()][..]))
            .collect();
    }
    let ranks = query.is_ordered() && query.row_limit().is_none();
    let second = |row: &Row| row.get(1).cloned();
    let mut told = claim.rows.iter().map(|row| row.get(1).map(key));
    let shared = match told.next() {
        Some(Some(first)) => told.all(|cell| cell.as_ref() == Some(&first)),
        _ => false,
    };
    let mut now = yielded;
    if ranks && shared {
        let best = now.first().and_then(second);
        now.retain(|row| second(row) == best);
    }
    if claim.first_column {
        now.iter_mut().for_each(|row| row.truncate(1));
    }
    now
}

/// Whether the rows are the cited facts themselves, object and predicate of each.
fn is_description(claim: &Claim) -> bool {
    !claim.rows.is_empty()
        && claim.rows.len() == claim.facts.len()
        && claim.rows.iter().zip(&claim.facts).all(|(row, (fact, _))| {
            matches!(&row[..], [object, predicate]
                if key(object) == key(&fact.object) && key(predicate) == key(&fact.predicate))
        })
}

/// Whether a yes became a no.
fn flipped(told: &[Row], now: &[Row]) -> bool {
    let says = |rows: &[Row], word: &str| matches!(rows, [row] if matches!(&row[..], [cell] if cell.value == word));
    says(told, "true") && says(now, "false")
}

/// Whether the store holds a fact in the graph that is cited.
fn holds(view: &ReadView, quad: &Quad) -> Result<bool, StoreError> {
    let (subject, predicate) = (quad.subject.as_ref(), quad.predicate.as_ref());
    let graph = Some(quad.graph_name.as_ref());
    let exactly = Some(quad.object.as_ref());
    let store = view.snapshot();
    if let Some(found) = store
        .quads(Some(subject), Some(predicate), exactly, graph)
        .next()
    {
        return found.map(|_| true);
    }
    // Not every syntax brings language tags in lower case into the store.
    if matches!(&quad.object, RdfTerm::Literal(literal) if literal.language().is_some()) {
        let wanted = key(&to_schema_term(&quad.object));
        let values = store.quads(Some(subject), Some(predicate), None, graph);
        for found in values.take(MOST_VALUES) {
            if key(&to_schema_term(&found?.object)) == wanted {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn keys(row: &[Term]) -> Row {
    row.iter().map(key).collect()
}

/// Where the rows stand that are not among others, each once.
fn except(rows: &[Row], others: &[Row]) -> Vec<usize> {
    let mut seen: HashSet<&Row> = others.iter().collect();
    (0..rows.len())
        .filter(|at| seen.insert(&rows[*at]))
        .collect()
}

fn row<'t>(view: &ReadView, cells: impl IntoIterator<Item = &'t Term>) -> Result<Row, ApiError> {
    cells.into_iter().map(|cell| labelled(view, cell)).collect()
}

/// The term with the label that the proof gives, since what was deleted has no other, or with the one of now.
fn labelled(view: &ReadView, term: &Term) -> Result<Term, ApiError> {
    let unnamed = term.kind == TermKind::Uri && term.label.is_none();
    match terms::rdf(term) {
        Ok(rdf) if unnamed => Ok(view.labelled(&rdf)?),
        _ => Ok(term.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemas::proofs::ProofInput;
    use serde_json::{Value, json};

    fn uri(name: &str) -> Value {
        json!({"type": "uri", "value": format!("http://e/{name}")})
    }

    fn number(value: &str) -> Value {
        json!({"type": "literal", "value": value, "datatype": "http://www.w3.org/2001/XMLSchema#integer"})
    }

    fn row_of(cells: &[Value]) -> Row {
        serde_json::from_value(json!(cells)).unwrap()
    }

    fn claim(rows: Value, citations: Value) -> Claim {
        let proof = json!({"sparql": "ASK {}", "rows": rows, "citations": citations});
        Claim::try_from(serde_json::from_value::<ProofInput>(proof).unwrap()).unwrap()
    }

    fn query(text: &str) -> CheckedQuery {
        CheckedQuery::parse(text, Dataset::AllGraphs, &ParseLimits::default()).unwrap()
    }

    #[test]
    fn a_ranking_is_answered_by_its_winners_alone() {
        let ranked = query("SELECT ?a ?v { ?a <http://e/p> ?v } ORDER BY DESC(?v)");
        let cut = query("SELECT ?a ?v { ?a <http://e/p> ?v } ORDER BY DESC(?v) LIMIT 2");
        let yielded = vec![
            row_of(&[uri("c"), number("9")]),
            row_of(&[uri("d"), number("9")]),
            row_of(&[uri("a"), number("5")]),
        ];
        let one = claim(json!([[uri("a"), number("5")]]), json!([]));
        let now = |claim: &Claim, query: &CheckedQuery| {
            answered(claim, query, 2, &[], yielded.clone()).len()
        };
        assert_eq!(now(&one, &ranked), 2);
        assert_eq!(now(&one, &cut), 3);
        let several = claim(
            json!([[uri("a"), number("5")], [uri("b"), number("4")]]),
            json!([]),
        );
        assert_eq!(now(&several, &ranked), 3);
    }

    #[test]
    fn a_description_is_answered_by_the_facts_that_are_left() {
        let fact = |object: Value| json!({"kind": "fact", "subject": uri("s"), "predicate": uri("p"), "object": object});
        let told = claim(
            json!([[uri("a"), uri("p")], [uri("b"), uri("p")]]),
            json!([fact(uri("a")), fact(uri("b"))]),
        );
        let yielded = vec![row_of(&[uri("p"), uri("a")]), row_of(&[uri("q"), uri("z")])];
        let whole = query("SELECT ?p ?a { <http://e/s> ?p ?a } LIMIT 200");
        let now = answered(&told, &whole, 2, &[true, true], yielded.clone());
        assert_eq!(now, [row_of(&[uri("a"), uri("p")])], "not in the result");
        let cut = query("SELECT ?p ?a { <http://e/s> ?p ?a } LIMIT 2");
        assert_eq!(
            answered(&told, &cut, 2, &[true, true], yielded.clone()).len(),
            2
        );
        assert_eq!(answered(&told, &cut, 2, &[false, false], yielded).len(), 0);
    }

    #[test]
    fn rows_are_compared_as_sets() {
        let (a, b) = (row_of(&[uri("a")]), row_of(&[uri("b")]));
        assert!(except(&[a.clone(), b.clone(), a.clone()], &[b.clone(), a.clone()]).is_empty());
        assert_eq!(except(&[a.clone(), b.clone(), b], &[a]), [1]);
    }

    #[test]
    fn only_a_yes_that_became_a_no_is_flipped() {
        let says = |word: &str| vec![row_of(&[json!({"type": "literal", "value": word})])];
        assert!(flipped(&says("true"), &says("false")));
        assert!(!flipped(&says("false"), &says("true")));
        assert!(!flipped(&says("true"), &says("true")));
    }
}
