//! Which words of a question may name a fact of a path, and which are spent once they have.

use std::ops::Range;

use super::Chain;
use crate::propose::Proposer;
use crate::rank::Match;

/// Words that carry content in a phrase next to an entity's name.
const NEXT_TO: usize = 2;

/// Words that may name the next fact of a path by their meaning as a whole: those next to the entity's name for the
/// first one, and all that are left for those further out.
pub(super) fn phrases(p: &Proposer<'_>, span: &Range<usize>, chain: &Chain) -> Vec<Vec<usize>> {
    let question = p.question;
    let free = |at: &usize| !chain.used[*at];
    let mut found: Vec<Vec<usize>> = Vec::new();
    if chain.hops.is_empty() {
        let near = |words: &mut dyn Iterator<Item = usize>| {
            let (mut taken, mut content) = (Vec::new(), 0);
            for at in words {
                taken.push(at);
                content += usize::from(question.is_content(at));
                if content == NEXT_TO {
                    break;
                }
            }
            taken.sort_unstable();
            taken
        };
        found.push(near(&mut (0..span.start).rev()));
        found.push(near(&mut (span.end..question.tokens.len())));
    } else {
        // The noun for what is asked names no fact by itself.
        let left: Vec<usize> = (0..question.tokens.len()).filter(free).collect();
        let mut words = left.iter().filter(|at| question.is_content(**at));
        if words.any(|at| question.asked != Some(*at)) {
            found.push(left);
        }
    }
    found.retain(|words| words.iter().any(|at| question.is_content(*at)));
    found
}

/// Spends the words that name a fact, and all that lie further in on their side of the entity's name.
pub(super) fn spend(chain: &mut Chain, span: &Range<usize>, fit: &Match, outside: bool) {
    let most = fit.explains.iter().copied().fold(0.0, f64::max);
    for (at, explained) in fit.explains.iter().copied().enumerate() {
        chain.explains[at] = chain.explains[at].max(explained);
        if explained > 0.0 && explained >= 0.8 * most {
            if at < span.start {
                chain.used[at..span.start].fill(true);
            } else {
                let inmost = if outside { 0 } else { span.end.min(at) };
                chain.used[inmost..=at].fill(true);
            }
        }
    }
}
