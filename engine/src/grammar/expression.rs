//! How large a regular expression is once its repetitions are written out.

use regex_syntax::hir::{Hir, HirKind};

use super::LONGEST_EXPRESSION;
use crate::EngineError;

/// Parts of an expression, its repetitions written out. The library writes them out before it counts its own work:
/// `(a{1000}){1000}` takes it seconds to refuse.
const MOST_PARTS: u64 = 20_000;

/// Refuses an expression that is too long or would become too large. One that cannot be read is left to the library.
pub(super) fn check(what: &str, text: &str) -> Result<(), EngineError> {
    if text.len() > LONGEST_EXPRESSION {
        return Err(EngineError::invalid(format!(
            "the {what} has more than {LONGEST_EXPRESSION} bytes"
        )));
    }
    let parts = regex_syntax::parse(text).map_or(0, |read| parts(&read));
    if parts > MOST_PARTS {
        return Err(EngineError::invalid(format!(
            "the {what} has more than {MOST_PARTS} parts once its repetitions are written out"
        )));
    }
    Ok(())
}

fn parts(expression: &Hir) -> u64 {
    match expression.kind() {
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1);
            parts(&repetition.sub).saturating_mul(u64::from(times))
        }
        HirKind::Capture(capture) => parts(&capture.sub),
        HirKind::Concat(list) | HirKind::Alternation(list) => {
            list.iter().map(parts).fold(0, u64::saturating_add)
        }
        HirKind::Literal(literal) => literal.0.len() as u64,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_count_as_often_as_they_may_come() {
        for (text, expected) in [
            ("abc", 3),
            ("(ab|[0-9]){3}x*", 10),
            ("(a{1000}){1000}", 1_000_000),
            ("(((a{999}){999}){999}){999}", 996_005_996_001),
        ] {
            assert_eq!(
                parts(&regex_syntax::parse(text).unwrap()),
                expected,
                "{text}"
            );
        }
        assert!(check("pattern", "^(a{1000}){1000}$").is_err());
        assert!(check("pattern", "^[A-Z]{2}-[0-9]{1,4}(/[a-z]+)*$").is_ok());
        assert!(check("pattern", "(unclosed").is_ok());
    }
}
