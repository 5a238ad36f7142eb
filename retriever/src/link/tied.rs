//! Names of which another one beside them tells the bearer: "human | insulin", where other animals have insulin as well.

use std::ops::Range;

use kg_store::rdf::{NamedNodeRef, TermRef};

use super::{Candidate, Mention, weight};
use crate::question::{Form, Question};
use crate::{ReadView, RetrieverError};

/// Candidates of a name, and of what stands beside it, that are looked at.
const MOST_BEARERS: usize = 12;
const MOST_BESIDE: usize = 3;
/// Words between a name and whose it is: "'s", and nouns for what it is.
const MOST_BETWEEN: usize = 3;
/// Bearers of a name that fit it this much alike are told apart.
const ALIKE: f64 = 0.1;
/// What a name with another one beside it is worth.
const FIT: f64 = 0.98;

/// Adds mentions of names together with what stands beside them, for those bearers that a fact ties to it, where it ties others
/// not.
pub(crate) fn add_tied(
    view: &ReadView,
    question: &Question,
    mentions: &mut Vec<Mention>,
) -> Result<(), RetrieverError> {
    // "Is Hamlet by Marlowe" asks for the very fact that ties the two.
    if question.form == Form::Ask && mentions.len() < 3 {
        return Ok(());
    }
    let mut found = Vec::new();
    for name in mentions.iter() {
        let best = name.candidates.first().map_or(0.0, |c| c.fit);
        let alike = |c: &&Candidate| c.fit >= best - ALIKE;
        let bearers = name.candidates.iter().filter(alike).take(MOST_BEARERS);
        let bearers: Vec<&Candidate> = bearers.collect();
        for beside in mentions.iter() {
            let Some(Joined { span, owned, nouns }) = joined(question, &beside.span, &name.span)
            else {
                continue;
            };
            // What belongs to somebody is told by whom it is from, though nothing else has the name.
            if bearers.len() < 2 && !owned {
                continue;
            }
            let mut tied = Vec::new();
            for bearer in &bearers {
                let classes = &bearer.entity.classes;
                let mut between = question.tokens[nouns.clone()].iter();
                if between.all(|noun| view.catalog().are_called(classes, noun))
                    && is_tied(view, bearer, &beside.candidates)?
                {
                    tied.push(Candidate {
                        fit: FIT * bearer.fit,
                        ..(*bearer).clone()
                    });
                }
            }
            if !tied.is_empty() && (owned || tied.len() < bearers.len()) {
                found.push(Mention {
                    weight: weight(question, &span) * tied[0].fit,
                    span,
                    candidates: tied,
                    of_kind: false,
                });
            }
        }
    }
    found.retain(|one| mentions.iter().all(|known| known.span != one.span));
    mentions.extend(found);
    mentions.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    Ok(())
}

/// The words of a name and of the one beside it that tells its bearer.
struct Joined {
    span: Range<usize>,
    /// Whether that one made it or has it.
    owned: bool,
    /// Nouns between the two for what it is.
    nouns: Range<usize>,
}

/// "Human | insulin", "Thriller | by Michael Jackson", "Michael Jackson's album | Thriller", "Lough Derg | in Donegal".
fn joined(question: &Question, beside: &Range<usize>, name: &Range<usize>) -> Option<Joined> {
    let word = |at: usize| question.tokens.get(at).map(|token| token.text.as_str());
    let plainly = |span: Range<usize>, owned: bool| Joined {
        nouns: span.start..span.start,
        span,
        owned,
    };
    if beside.end == name.start {
        return Some(plainly(beside.start..name.end, false));
    }
    let owner = word(beside.end) == Some("s") && beside.end < name.start;
    if owner && name.start - beside.end <= MOST_BETWEEN {
        return Some(Joined {
            span: beside.start..name.end,
            owned: true,
            nouns: beside.end + 1..name.start,
        });
    }
    if name.end + 1 != beside.start {
        return None;
    }
    let span = name.start..beside.end;
    match word(name.end)? {
        "by" => Some(plainly(span, true)),
        "in" | "of" | "from" | "on" => Some(plainly(span, false)),
        _ => None,
    }
}

/// Whether some fact joins a bearer of a name with one of some things.
fn is_tied(
    view: &ReadView,
    bearer: &Candidate,
    others: &[Candidate],
) -> Result<bool, RetrieverError> {
    let bearer = NamedNodeRef::new_unchecked(&bearer.entity.iri);
    for other in others.iter().take(MOST_BESIDE) {
        let other = NamedNodeRef::new_unchecked(&other.entity.iri);
        for (subject, object) in [(bearer, other), (other, bearer)] {
            let object = Some(TermRef::NamedNode(object));
            let mut facts = view
                .snapshot()
                .quads(Some(subject.into()), None, object, None);
            if facts.next().transpose()?.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
