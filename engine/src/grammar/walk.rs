//! A text's way through a grammar.

use llguidance::Matcher;
use llguidance::api::StopReason;

use super::Grammar;
use super::vocabulary::{Vocabulary, plain};
use crate::{Allowed, Constraint, END_OF_SEQUENCE, EngineError, TokenSet};

/// A constraint that follows a compiled grammar. What is allowed next is found as soon as a token is accepted.
pub(super) struct Walk {
    grammar: Grammar,
    matcher: Matcher,
    end: Option<u32>,
    next: Next,
}

enum Next {
    /// Tokens without any choice, which the matcher has passed already, and how many of them are accepted.
    Run(Vec<u32>, usize),
    Among(TokenSet),
    End,
    Fault(String),
}

impl Walk {
    /// Stands before the first token. A language without any text is refused.
    pub(super) fn begin(
        grammar: Grammar,
        matcher: Matcher,
        vocabulary: &Vocabulary,
    ) -> Result<Box<dyn Constraint>, EngineError> {
        let mut walk = Walk {
            grammar,
            matcher,
            end: vocabulary.end(),
            next: Next::End,
        };
        walk.next = walk.find();
        if let Next::Fault(message) = &walk.next {
            return Err(EngineError::invalid(format!("the grammar: {message}")));
        }
        Ok(Box::new(walk))
    }

    fn find(&mut self) -> Next {
        if self.matcher.is_stopped() {
            return match self.matcher.stop_reason() {
                StopReason::EndOfSentence | StopReason::NoExtension => Next::End,
                _ => Next::Fault(self.fault()),
            };
        }
        let run = self.matcher.consume_ff_tokens();
        if !run.is_empty() {
            return Next::Run(run, 0);
        }
        match self.matcher.compute_mask() {
            Ok(mask) => {
                let mut set = TokenSet::from_words(Vec::from(mask));
                if let Some(end) = self.end.filter(|end| set.remove(*end)) {
                    debug_assert!(end != END_OF_SEQUENCE);
                    set.insert(END_OF_SEQUENCE);
                }
                if set.is_empty() {
                    Next::Fault("the model has no token to go on with".into())
                } else {
                    Next::Among(set)
                }
            }
            Err(error) => Next::Fault(plain(&error.to_string())),
        }
    }

    fn fault(&self) -> String {
        let message = self.matcher.get_error().unwrap_or_default();
        match plain(&message) {
            empty if empty.is_empty() => match self.matcher.stop_reason() {
                StopReason::NoExtensionBias => "no text is in its language".into(),
                other => other.to_string(),
            },
            message => message,
        }
    }
}

impl Constraint for Walk {
    fn allowed(&self) -> Allowed<'_> {
        match &self.next {
            Next::Run(run, at) => Allowed::Tokens(&run[*at..*at + 1]),
            Next::Among(set) => Allowed::Mask(set),
            Next::End => Allowed::End,
            Next::Fault(message) => Allowed::Fault(message),
        }
    }

    fn accept(&mut self, token: u32) {
        self.next = match &mut self.next {
            Next::Run(run, at) if *at + 1 < run.len() => {
                *at += 1;
                return;
            }
            Next::Run(..) => self.find(),
            Next::Among(_) if token == END_OF_SEQUENCE => Next::End,
            Next::Among(_) => match self.matcher.consume_token(token) {
                Ok(()) => self.find(),
                Err(error) => Next::Fault(plain(&error.to_string())),
            },
            Next::End | Next::Fault(_) => return,
        };
    }

    fn grammar(&self) -> Option<&Grammar> {
        Some(&self.grammar)
    }
}
