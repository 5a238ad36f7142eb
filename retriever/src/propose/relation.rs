//! "What is the relation between Marie Curie and Pierre Curie", "how is Ada connected to the mill": the predicates that tie two
//! things.

use kg_store::rdf::NamedNodeRef;

use super::Proposer;
use crate::RetrieverError;
use crate::graph::QueryGraph;
use crate::link::{FIT_ALIAS, Mention};
use crate::question::Form;
use crate::rank::{Features, Reading};

/// Things of each name that are tried.
const MOST_TRIED: usize = 4;
/// How well a question for a relation is answered by one.
const FIT: f64 = 0.95;

/// Adds what ties the two things that the question names.
pub(super) fn propose(
    p: &mut Proposer<'_>,
    readings: &mut Vec<Reading>,
) -> Result<(), RetrieverError> {
    let Some(words) = asks(p) else {
        return Ok(());
    };
    let named = |mention: &&Mention| mention.candidates.iter().any(|c| c.fit >= FIT_ALIAS);
    let mut mentions: Vec<&Mention> = p.mentions.iter().filter(named).collect();
    mentions.sort_by_key(|mention| mention.span.start);
    let [one, other] = mentions.as_slice() else {
        return Ok(());
    };
    let named = |at: usize| one.span.contains(&at) || other.span.contains(&at);
    let mut content = (0..p.question.tokens.len()).filter(|at| p.question.is_content(*at));
    if !content.all(|at| named(at) || words.contains(&at)) {
        // "When did the relationship between them begin" asks for something else.
        return Ok(());
    }
    let mut explains = vec![0.0; p.question.tokens.len()];
    words.into_iter().for_each(|at| explains[at] = 1.0);
    let used = p.used(&[&one.span, &other.span]);
    for first in one.candidates.iter().take(MOST_TRIED) {
        for second in other.candidates.iter().take(MOST_TRIED) {
            let (a, b) = (&first.entity.iri, &second.entity.iri);
            let node = |iri| NamedNodeRef::new_unchecked(iri);
            if a == b || p.between(node(a), node(b))?.is_empty() {
                continue;
            }
            readings.push(Reading {
                graph: QueryGraph::Relation {
                    entities: [a.clone(), b.clone()],
                },
                entities: vec![a.clone(), b.clone()],
                features: Features {
                    link: 0.5 * (first.fit + second.fit),
                    prior: 0.5 * (first.prior + second.prior),
                    predicate: FIT,
                    coverage: p.coverage(&used, &[&explains]),
                    kind: 1.0,
                    missed: 0.0,
                },
                explains: explains.clone(),
                absent: false,
            });
        }
    }
    Ok(())
}

/// The words that ask for a relation, where some do.
fn asks(p: &Proposer<'_>) -> Option<Vec<usize>> {
    let tokens = &p.question.tokens;
    let word = |at: usize| tokens[at].text.as_str();
    let find = |wanted: &[&str]| (0..tokens.len()).find(|at| wanted.contains(&word(*at)));
    // A message of signs alone has no words.
    let first = tokens.first().filter(|_| p.question.form == Form::Select)?;
    if first.text == "how" {
        return find(&["related", "connected", "linked", "associated"]).map(|at| vec![at]);
    }
    let noun = find(&[
        "relation",
        "relations",
        "relationship",
        "relationships",
        "connection",
        "link",
    ])?;
    let between = (noun + 1..tokens.len()).find(|at| word(*at) == "between")?;
    Some(vec![noun, between])
}
