//! "What is Bhutan", "who is Ada Lovelace", "tell me about the euro".

use super::Proposer;
use crate::graph::QueryGraph;
use crate::link::{Candidate, Mention};
use crate::rank::{Features, Reading};
use crate::text;

pub(super) fn propose(p: &Proposer<'_>, readings: &mut Vec<Reading>) {
    let Some(span) = &p.question.describes else {
        return;
    };
    for mention in p.mentions {
        // The mention must be all that is asked about: "what is it made of" asks for more.
        let rest = span.clone().any(|at| {
            let behind = at >= mention.span.end;
            let function = text::is_function_word(&p.question.tokens[at].text);
            !mention.span.contains(&at) && (behind || !function)
        });
        if rest || mention.span.start < span.start {
            continue;
        }
        for candidate in p.candidates(mention) {
            readings.push(Reading {
                graph: QueryGraph::Describe {
                    entity: candidate.entity.iri.clone(),
                },
                entities: vec![candidate.entity.iri.clone()],
                features: Features {
                    link: candidate.fit,
                    prior: candidate.prior,
                    predicate: 0.8,
                    coverage: 1.0,
                    kind: if is_office(p, mention, candidate) {
                        -1.0
                    } else {
                        0.0
                    },
                    missed: 0.0,
                },
                explains: Vec::new(),
                absent: false,
            });
        }
    }
}

/// Whether the question asks who somebody is, and what it names is what somebody may be: "who was the prime minister of
/// Canada".
fn is_office(p: &Proposer<'_>, mention: &Mention, candidate: &Candidate) -> bool {
    let catalog = p.view.catalog();
    let mut classes = candidate.entity.classes.iter().peekable();
    p.question.wants_someone
        && classes.peek().is_some()
        && p.is_role(&mention.span)
        && !classes.any(|iri| {
            let class = catalog.class(iri).map(|class| &catalog.classes()[class]);
            class.is_some_and(|class| class.is_of_people())
        })
}
