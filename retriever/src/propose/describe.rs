//! "What is Bhutan", "who is Ada Lovelace", "tell me about the euro".

use super::Proposer;
use crate::graph::QueryGraph;
use crate::link::{Candidate, Mention};
use crate::rank::{Features, Reading};
use crate::text;

/// How well what is told of something fits a question for what it is; and where the question is who it is, and it is nobody.
const DESCRIBED: f64 = 0.8;
const OFFICE: f64 = 0.6;

/// Nouns for what somebody may be.
const ROLES: [&str; 9] = [
    "role",
    "position",
    "office",
    "job",
    "post",
    "title",
    "function",
    "occupation",
    "profession",
];

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
            let office = is_office(p, mention, candidate);
            readings.push(Reading {
                graph: QueryGraph::Describe {
                    entity: candidate.entity.iri.clone(),
                },
                entities: vec![candidate.entity.iri.clone()],
                features: Features {
                    link: candidate.fit,
                    prior: candidate.prior,
                    predicate: if office { OFFICE } else { DESCRIBED },
                    coverage: 1.0,
                    kind: if office { -1.0 } else { 0.0 },
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
    let classes: Vec<usize> = candidate
        .entity
        .classes
        .iter()
        .filter_map(|iri| catalog.class(iri))
        .collect();
    let called = |class: &usize| {
        let noun = catalog.classes()[*class].noun();
        noun.is_some_and(|noun| {
            ROLES
                .iter()
                .any(|role| noun.lemmas.iter().any(|l| l == role))
        })
    };
    let role = p.is_role(&mention.span) || classes.iter().any(called);
    let people = |class: &usize| catalog.classes()[*class].is_of_people();
    p.question.wants_someone && role && !classes.is_empty() && !classes.iter().any(people)
}
