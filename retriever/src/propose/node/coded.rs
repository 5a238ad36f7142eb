//! Things that are named by a value of theirs: "which part has the number 733.33".

use std::ops::Range;

use kg_store::rdf::{NamedNodeRef, Term};

use super::description::Description;
use super::{Kind, Step, valued};
use crate::RetrieverError;
use crate::graph::{Bound, Way};
use crate::link::{Candidate, FIT_VALUE};
use crate::propose::Proposer;
use crate::propose::values::ValueMention;
use crate::text;

/// A longer text names nothing.
const LONGEST: usize = 100;
/// That a value names something speaks for asking what.
const NAMED: f64 = 0.3;
/// Facts of a thing that are looked at.
const MOST: usize = 200;

/// The values of a candidate that the mention spells.
pub(super) fn codes(
    p: &Proposer<'_>,
    span: &Range<usize>,
    candidate: &Candidate,
) -> Result<Vec<ValueMention>, RetrieverError> {
    let mut found = Vec::new();
    if candidate.fit > FIT_VALUE {
        return Ok(found);
    }
    let key = text::key(p.question.written(span));
    let node = NamedNodeRef::new_unchecked(&candidate.entity.iri);
    let facts = p.view.snapshot().quads(Some(node.into()), None, None, None);
    for fact in facts.take(MOST) {
        let fact = fact?;
        let Term::Literal(literal) = &fact.object else {
            continue;
        };
        if literal.value().len() <= LONGEST
            && text::key(literal.value()) == key
            && let Some(predicate) = p.view.catalog().predicate(fact.predicate.as_str())
        {
            found.push(ValueMention {
                span: span.clone(),
                predicate,
                value: Bound::Literal {
                    term: literal.to_string(),
                    text: literal.value().to_owned(),
                },
                fit: 1.0,
            });
        }
    }
    Ok(found)
}

/// Nobody who tells a value asks for it.
pub(super) fn leave_out(codes: &[ValueMention], steps: &mut Vec<Step>) {
    steps.retain(|step| {
        step.way == Way::Inverse || codes.iter().all(|code| code.predicate != step.predicate)
    });
}

/// Adds descriptions of what has the value.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    candidate: &Candidate,
    codes: &[ValueMention],
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
            described.push(valued::describe(p, code, kind)?);
        }
    }
    Ok(())
}
