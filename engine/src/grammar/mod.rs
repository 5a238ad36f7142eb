//! Languages that a text can be bound to, and the constraints that keep it in them.

mod expression;
mod limits;
mod schema;
mod vocabulary;
mod walk;

use serde_json::Value;

pub(crate) use vocabulary::Vocabulary;

use crate::{Allowed, Constraint, EngineError, Phrases};
use walk::Walk;

/// Bytes of a Lark grammar.
const LONGEST: usize = 64 << 10;
/// Bytes of a regular expression: what follows an optional part is looked at once for each that may be left out, so that
/// time and memory can grow with the square of the length.
const LONGEST_EXPRESSION: usize = 4 << 10;

/// A language that a text can be bound to.
///
/// A text that ends by itself ([`FinishReason::Stop`](crate::FinishReason::Stop)), and by no stop string, is in the
/// language; one that is cut off by a bound is the beginning of such a text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Grammar {
    /// Any JSON object.
    JsonObject,
    /// JSON that a schema is satisfied by. Drafts 4 to 2020-12 are understood but for keywords that look back, such as
    /// `uniqueItems` and `not`, and for references out of the document; members come in the schema's order.
    JsonSchema(Value),
    /// Texts that a regular expression matches whole, in the syntax of the `regex` crate.
    Regex(String),
    /// Texts of a grammar in llguidance's variant of Lark's syntax.
    Lark(String),
    /// Phrases of given sources.
    Copy(Phrases),
}

impl Grammar {
    /// A constraint that says what is wanted and checks nothing: for a model that keeps to a grammar by itself, once it
    /// is told of it.
    pub fn unchecked(self) -> Box<dyn Constraint> {
        Box::new(Unchecked(self))
    }

    /// A constraint that keeps a text in the language, token by token. What cannot be kept, or would take too much
    /// memory or time, is refused.
    pub(crate) fn constraint(
        &self,
        vocabulary: &Vocabulary,
    ) -> Result<Box<dyn Constraint>, EngineError> {
        let matcher = match self {
            Grammar::JsonObject => schema::any_object(vocabulary),
            Grammar::JsonSchema(value) => schema::compile(value, vocabulary),
            Grammar::Regex(text) => {
                expression::check("regular expression", text)?;
                vocabulary.matcher("regular expression", |api| api.regex(text))
            }
            Grammar::Lark(text) => {
                check_length("grammar", text, LONGEST)?;
                check_depth(text)?;
                vocabulary.matcher("grammar", |api| api.lark(text))
            }
            Grammar::Copy(phrases) => return phrases.constraint(vocabulary.pieces()),
        }?;
        Walk::begin(self.clone(), matcher, vocabulary)
    }
}

fn check_length(what: &str, text: &str, most: usize) -> Result<(), EngineError> {
    if text.len() > most {
        return Err(EngineError::invalid(format!(
            "the {what} has more than {most} bytes"
        )));
    }
    Ok(())
}

/// Brackets within each other in a grammar's text, those in literals counted as well.
const DEEPEST: usize = 200;

fn check_depth(text: &str) -> Result<(), EngineError> {
    let mut depth = 0usize;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(EngineError::invalid(format!(
                "the grammar has brackets nested deeper than {DEEPEST}"
            )));
        }
    }
    Ok(())
}

struct Unchecked(Grammar);

impl Constraint for Unchecked {
    fn allowed(&self) -> Allowed<'_> {
        Allowed::Any
    }

    fn accept(&mut self, _token: u32) {}

    fn grammar(&self) -> Option<&Grammar> {
        Some(&self.0)
    }
}
