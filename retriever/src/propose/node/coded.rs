//! Things that are named by a value of theirs: "which part has the number 733.33".

use std::ops::Range;

use kg_store::rdf::{Literal, NamedNodeRef, Term};

use super::description::Description;
use super::{Kind, Step, valued};
use crate::RetrieverError;
use crate::graph::{Bound, Hop, Measure, Way};
use crate::index::MAX_HELD;
use crate::link::{Candidate, FIT_ALIAS, FIT_VALUE};
use crate::propose::Proposer;
use crate::propose::values::ValueMention;
use crate::text;

/// A longer text names nothing.
const LONGEST: usize = 100;
/// That a value names something speaks for asking what.
const NAMED: f64 = 0.3;
/// Facts of a thing that are looked at.
const MOST: usize = 200;

/// A value by which something is named, and the predicate of the node that holds it, if one does.
pub(super) struct Code {
    value: ValueMention,
    held: Option<usize>,
}

/// The values of a candidate that the mention spells.
pub(super) fn codes(
    p: &Proposer<'_>,
    span: &Range<usize>,
    candidate: &Candidate,
) -> Result<Vec<Code>, RetrieverError> {
    let mut found = Vec::new();
    // "Whose full name is Ada Mary Penn": even what is called so is asked for.
    let whose = p
        .question
        .tokens
        .first()
        .is_some_and(|token| token.text == "whose");
    let most = if whose { FIT_ALIAS } else { FIT_VALUE };
    if candidate.fit > most {
        return Ok(found);
    }
    let key = text::key(p.question.written(span));
    let catalog = p.view.catalog();
    let spelt = |literal: &Literal, predicate: usize| {
        let same = literal.value().len() <= LONGEST && text::key(literal.value()) == key;
        same.then(|| ValueMention {
            span: span.clone(),
            predicate,
            value: Bound::Literal {
                term: literal.to_string(),
                text: literal.value().to_owned(),
            },
            fit: 1.0,
        })
    };
    let node = NamedNodeRef::new_unchecked(&candidate.entity.iri);
    let facts = p.view.snapshot().quads(Some(node.into()), None, None, None);
    for fact in facts.take(MOST) {
        let fact = fact?;
        let Some(predicate) = catalog.predicate(fact.predicate.as_str()) else {
            continue;
        };
        let told = &catalog.predicates()[predicate];
        if (told.rough || told.is_of_things()) && fact.object.is_literal() {
            // A name of something that was not linked.
            continue;
        }
        match &fact.object {
            Term::Literal(literal) => {
                let value = spelt(literal, predicate);
                found.extend(value.map(|value| Code { value, held: None }));
            }
            Term::BlankNode(holder) => {
                let held = p
                    .view
                    .snapshot()
                    .quads(Some(holder.as_ref().into()), None, None, None);
                for fact in held.take(MAX_HELD) {
                    let fact = fact?;
                    let held = catalog.predicate(fact.predicate.as_str());
                    if let (Term::Literal(literal), Some(_)) = (&fact.object, held) {
                        let value = spelt(literal, predicate);
                        found.extend(value.map(|value| Code { value, held }));
                    }
                }
            }
            Term::NamedNode(_) => {}
        }
    }
    Ok(found)
}

/// Nobody who tells a value asks for it.
pub(super) fn leave_out(codes: &[Code], steps: &mut Vec<Step>) {
    let tells = |step: &Step, code: &Code| code.value.predicate == step.predicate;
    steps.retain(|step| step.way == Way::Inverse || codes.iter().all(|code| !tells(step, code)));
}

/// Adds descriptions of what has the value.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    candidate: &Candidate,
    codes: &[Code],
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    for code in codes {
        let named = p
            .classes
            .iter()
            .filter(|class| p.is_of_class(candidate, class.class));
        let mut kinds: Vec<Kind> = named.map(|class| Kind::named(p, class)).collect();
        kinds.push(Kind::any(NAMED, vec![0.0; p.question.tokens.len()]));
        for kind in kinds {
            let mut one = valued::describe(p, &code.value, kind)?;
            if let (Some(held), Some(filter)) = (code.held, one.filters.first_mut()) {
                let predicates = p.view.catalog().predicates();
                let path = [code.value.predicate, held];
                let hops = path.map(|number| Hop::new(&predicates[number].iri, Way::Forward));
                filter.measure = Measure::Value(hops.to_vec());
            }
            described.push(one);
        }
    }
    Ok(())
}
