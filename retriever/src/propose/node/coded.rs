//! Things that are named by a value of theirs: "which part has the number 733.33".

use std::ops::Range;

use kg_store::rdf::{NamedNodeRef, Term};

use super::description::Description;
use super::{Kind, Step};
use crate::RetrieverError;
use crate::graph::{Bound, Comparand, Filter, Measure, Way};
use crate::link::{Candidate, FIT_VALUE};
use crate::propose::Proposer;
use crate::question::Operator;
use crate::rank::Features;
use crate::text;

/// How well a value stands for its predicate, which need not be named.
const UNNAMED: f64 = 0.6;
/// That a value names something speaks for asking what.
const NAMED: f64 = 0.3;
/// A longer text names nothing.
const LONGEST: usize = 100;
/// Facts of a thing that are looked at.
const MOST: usize = 200;

/// A value by which a mention may name a thing.
pub(super) struct Code {
    predicate: usize,
    value: Bound,
}

/// The values of a candidate that the mention spells.
pub(super) fn codes(
    p: &Proposer<'_>,
    span: &Range<usize>,
    candidate: &Candidate,
) -> Result<Vec<Code>, RetrieverError> {
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
            found.push(Code {
                predicate,
                value: Bound::Literal {
                    term: literal.to_string(),
                    text: literal.value().to_owned(),
                },
            });
        }
    }
    Ok(found)
}

/// Nobody who tells a value asks for it.
pub(super) fn leave_out(codes: &[Code], steps: &mut Vec<Step>) {
    steps.retain(|step| {
        step.way == Way::Inverse || codes.iter().all(|code| code.predicate != step.predicate)
    });
}

/// Adds descriptions of what has the value.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    span: &Range<usize>,
    candidate: &Candidate,
    codes: &[Code],
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    let used = p.used(&[span]);
    for code in codes {
        let fit = p
            .matcher
            .local(code.predicate, &used, &|_| 0, &|_, _| true)?;
        let named = p
            .classes
            .iter()
            .filter(|class| p.is_of_class(candidate, class.class));
        let mut kinds: Vec<Kind> = named.map(|class| Kind::named(p, class)).collect();
        kinds.push(Kind::any(NAMED, vec![0.0; used.len()]));
        for kind in kinds {
            let mut explains = kind.explains.clone();
            if fit.score >= UNNAMED {
                for (explained, more) in explains.iter_mut().zip(&fit.explains) {
                    *explained = explained.max(*more);
                }
            }
            described.push(Description {
                spans: vec![span.clone()],
                links: Vec::new(),
                filters: vec![Filter {
                    measure: Measure::value(&p.view.catalog().predicates()[code.predicate].iri),
                    operator: Operator::Equal,
                    with: Comparand::Bound(code.value.clone()),
                }],
                nameless: false,
                features: Features {
                    link: 0.9,
                    prior: 1.0,
                    predicate: fit.score.max(UNNAMED),
                    coverage: p.coverage(&used, &[&explains]),
                    kind: kind.score,
                    missed: 0.0,
                },
                kind,
                explains,
                entities: Vec::new(),
            });
        }
    }
    Ok(())
}
