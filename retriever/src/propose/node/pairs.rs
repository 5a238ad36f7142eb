//! Answers tied to two entities at once: "which films by her also star him".

use std::ops::Range;

use super::{Kind, Step, edge, kinds, steps, targets};
use crate::RetrieverError;
use crate::link::Candidate;
use crate::propose::Proposer;
use crate::rank::{Features, Reading};

/// Pairs of mentions are tried with this many candidates each.
const MAX_PAIRED: usize = 3;

/// Answers tied to two entities at once.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let mentions = p.mentions;
    let top = &mentions[..mentions.len().min(4)];
    for (i, first) in top.iter().enumerate() {
        for second in top[i + 1..].iter().filter(|second| !second.overlaps(first)) {
            for a in first.candidates.iter().take(MAX_PAIRED) {
                for b in second.candidates.iter().take(MAX_PAIRED) {
                    pair(p, (&first.span, a), (&second.span, b), readings)?;
                }
            }
        }
    }
    Ok(())
}

fn pair(
    p: &mut Proposer<'_>,
    (first, a): (&Range<usize>, &Candidate),
    (second, b): (&Range<usize>, &Candidate),
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let used = p.used(&[first, second]);
    let mut best: Vec<Vec<(Step, Kind)>> = Vec::new();
    for (span, candidate) in [(first, a), (second, b)] {
        let edges = p.edges(&candidate.entity.iri)?;
        let mut found = Vec::new();
        for step in steps(p, &edges.outgoing, &edges.incoming, span)? {
            for kind in kinds(p, span, &step)? {
                // Without a class, both ends must be named by the question.
                if kind.class.is_some() || step.fit.lexical > 0.6 {
                    found.push((step.clone(), kind));
                }
            }
        }
        found.sort_by(|x, y| {
            let worth = |(step, kind): &(Step, Kind)| {
                step.fit.score + 0.3 * kind.score + 0.02 * (step.facts as f64).ln_1p()
            };
            worth(y).total_cmp(&worth(x))
        });
        found.truncate(3);
        best.push(found);
    }
    for (s, k) in &best[0] {
        for (t, l) in best[1].iter().filter(|(_, l)| l.class == k.class) {
            let connect = |step: &Step, kind: &Kind| {
                if kind.score > 0.0 {
                    step.fit.score.max(0.5)
                } else {
                    step.fit.score
                }
            };
            let features = Features {
                link: 0.5 * (a.fit * p.salience(first) + b.fit * p.salience(second)),
                prior: 0.5 * (a.prior + b.prior),
                predicate: 0.5 * (connect(s, k) + connect(t, l)),
                coverage: p.coverage(&used, &[&s.fit.explains, &t.fit.explains, &k.explains]),
                kind: k.score.min(l.score),
                missed: 0.0,
            };
            let edges = vec![edge(p, a, s), edge(p, b, t)];
            let kind = Kind {
                words: None,
                classes: if k.classes.is_empty() {
                    l.classes.clone()
                } else {
                    k.classes.clone()
                },
                class: k.class,
                score: features.kind,
                explains: k.explains.clone(),
            };
            targets(
                p,
                &kind,
                edges,
                &used,
                first,
                features,
                &[&s.fit.explains, &t.fit.explains],
                &[a.entity.iri.clone(), b.entity.iri.clone()],
                readings,
            )?;
        }
    }
    Ok(())
}
