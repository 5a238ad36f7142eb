//! What a nameless node leads to beside what it is known by, or the node itself.

use super::super::description::Description;
use super::super::kinds::{Kind, kinds};
use super::super::{Step, accounted};
use super::statement::{Statement, TIE};
use crate::RetrieverError;
use crate::graph::{Hop, Link, Source, Way};
use crate::propose::Proposer;
use crate::rank::Features;
use crate::walk::neighbours;

/// What is asked of a node with one tie must be named this well.
const NAMED: f64 = 0.5;

/// The nameless node itself: "do people with X get Y".
pub(super) fn tied(
    p: &mut Proposer<'_>,
    statement: &Statement<'_>,
) -> Result<Description, RetrieverError> {
    let spans = statement.spans();
    let used = p.used(&spans.iter().collect::<Vec<_>>());
    let mut explains = vec![0.0_f64; used.len()];
    let mut note = |words: &[f64]| {
        for (explained, word) in explains.iter_mut().zip(words) {
            *explained = explained.max(*word);
        }
    };
    for tie in &statement.ties {
        let words = p.matcher.local(tie.fact.0, &used, &|_| 0, &|_, _| true)?;
        note(&words.explains);
        note(&p.kind_words_of(tie.candidate)?);
    }
    note(&statement.kind_words(p));
    note(&statement.words);
    let times = p
        .question
        .counted
        .filter(|at| p.question.tokens[*at].text == "times");
    if let Some(at) = times {
        explains[at] = 1.0;
    }
    let node = statement.node(p.view.catalog());
    let mut kind = Kind::any(1.0, vec![0.0; used.len()]);
    kind.classes = node.classes;
    Ok(Description {
        links: node.links,
        filters: node.filters,
        nameless: true,
        conditioned: statement.timed,
        features: Features {
            link: statement.fit(),
            prior: statement.prior(),
            predicate: TIE,
            coverage: p.coverage(&used, &[&explains]),
            // That such a node exists speaks for it, as it does for a fact.
            kind: 1.0,
            missed: 0.0,
        },
        kind,
        explains,
        entities: statement.entities(),
        spans,
    })
}

/// What a fact of the nameless node leads to.
pub(super) fn describe(
    p: &mut Proposer<'_>,
    statement: &Statement<'_>,
    (number, way): (usize, Way),
    described: &mut Vec<Description>,
) -> Result<(), RetrieverError> {
    let spans = statement.spans();
    let used = p.used(&spans.iter().collect::<Vec<_>>());
    let fit = p.matcher.local(number, &used, &|_| 0, &|_, _| true)?;
    let said = statement.spoken(p)?;
    let catalog = p.view.catalog().clone();
    let iri = catalog.predicates()[number].iri.as_str();
    let facts = neighbours(p.view, &statement.node, iri, way, 20)?.len() as u64;
    let step = Step {
        predicate: number,
        way,
        facts,
        reached: 0.0,
        against: 0.0,
        ends: Vec::new(),
        fit,
    };
    let reached = p.matcher.kind_words(number, way)?;
    let reached: Vec<f64> = (0..used.len())
        .map(|at| p.as_kind(at, reached[at]))
        .collect();
    let nothing = vec![false; used.len()];
    for kind in kinds(p, &statement.hidden(), &step)? {
        if statement.ties.len() == 1 && kind.score <= 0.0 && step.fit.score < NAMED {
            // A time and one mention alone say too little of what is asked.
            continue;
        }
        let explains = accounted(
            &nothing,
            &[&step.fit.explains, &said.words, &reached],
            &kind.explains,
        );
        let named = step.fit.score.max(if kind.score > 0.0 { 0.5 } else { 0.0 });
        described.push(Description {
            spans: spans.clone(),
            links: vec![Link {
                from: Source::Node(Box::new(statement.node(&catalog))),
                path: vec![Hop::new(iri, way)],
                negated: false,
            }],
            filters: Vec::new(),
            nameless: false,
            conditioned: statement.timed,
            features: Features {
                link: statement.fit(),
                prior: statement.prior(),
                predicate: said.fit(named),
                coverage: p.coverage(&used, &[&explains]),
                kind: kind.score,
                missed: 0.0,
            },
            kind,
            explains,
            entities: statement.entities(),
        });
    }
    Ok(())
}
