//! Answers that say nothing.

use kg_store::rdf::Term;

use crate::execute::Executed;
use crate::graph::{QueryGraph, Source, Target, Way};
use crate::question::Question;
use crate::retrieve::answers;
use crate::text;
use crate::{ReadView, RetrieverError};

/// Answers that are looked at for whether they have names.
const MOST_LOOKED_AT: usize = 8;

impl ReadView {
    /// Whether all answers are nodes that only join other things, of which nobody asks for a list.
    pub(crate) fn names_nothing(
        &self,
        graph: &QueryGraph,
        executed: &Executed,
    ) -> Result<bool, RetrieverError> {
        let (every, of_class) = match graph {
            QueryGraph::Select {
                target: Target::Every,
                node,
            } => (true, !node.classes.is_empty()),
            _ => (false, false),
        };
        let mut nameless = every && !executed.rows.is_empty();
        for answer in answers(executed).into_iter().take(MOST_LOOKED_AT) {
            nameless &= self.is_nameless(answer)? && !(of_class && self.is_composed(answer)?);
        }
        Ok(nameless)
    }

    /// Whether all that is said is that something is of the kind by which the question calls it: "what kind of vehicle is
    /// Tram 505" asks for more than that it is one.
    pub(crate) fn echoes(
        &self,
        question: &Question,
        graph: &QueryGraph,
        executed: &Executed,
    ) -> Result<bool, RetrieverError> {
        let QueryGraph::Select {
            target: Target::Every,
            node,
        } = graph
        else {
            return Ok(false);
        };
        let [link] = node.links.as_slice() else {
            return Ok(false);
        };
        let ([hop], Source::Entity(_)) = (link.path.as_slice(), &link.from) else {
            return Ok(false);
        };
        let typing = self.catalog().conventions().is_typing(&hop.predicate);
        if hop.way != Way::Forward || !typing {
            return Ok(false);
        }
        let said = |stem: &str| question.tokens.iter().any(|token| token.stem == stem);
        let mut any = false;
        for answer in answers(executed).into_iter().take(MOST_LOOKED_AT) {
            let Term::NamedNode(kind) = answer else {
                return Ok(false);
            };
            let label = self.snapshot().label(kind.as_ref(), &["en"])?;
            if !text::tokens(&label).iter().all(|token| said(&token.stem)) {
                return Ok(false);
            }
            any = true;
        }
        Ok(any)
    }
}
