//! What is counted of each thing, or made of values that several others have for it.

use super::cells::Cell;
use super::patterns::Writer;
use super::{Function, Hop, Measure, Node};

/// What is counted, or combined: what a path leads to, where it is as a node describes, and its values.
pub(super) struct Tally<'a> {
    path: &'a [Hop],
    what: &'a Node,
    made: Option<(Function, &'a [Hop])>,
}

impl<'a> Tally<'a> {
    /// None where a measure is the value of a thing itself.
    pub(super) fn of(measure: &'a Measure) -> Option<Self> {
        match measure {
            Measure::Value(_) => None,
            Measure::Number { path, counted } => Some(Self {
                path,
                what: counted,
                made: None,
            }),
            Measure::Combined {
                function,
                path,
                of,
                value,
            } => Some(Self {
                path,
                what: of,
                made: Some((*function, value)),
            }),
        }
    }

    /// Writes the things, and their values.
    pub(super) fn write(&self, writer: &mut Writer<'_>, variable: &str) -> Each {
        let counted = writer.fresh("?counted");
        writer.path(Cell::Variable(variable.into()), self.path, &counted);
        writer.node(self.what, &counted);
        let made = self.made.map(|(function, path)| {
            let value = writer.fresh("?amount");
            writer.value(Cell::Variable(counted.clone()), path, &value);
            (function, value)
        });
        Each { counted, made }
    }
}

/// The variables of what is counted, and of its values.
pub(super) struct Each {
    counted: String,
    made: Option<(Function, String)>,
}

impl Each {
    /// What is made of the solutions of some patterns for each value of a variable.
    pub(super) fn grouped(&self, variable: &str, value: &str, patterns: &str) -> String {
        let counted = &self.counted;
        match &self.made {
            None => format!(
                "{{ SELECT {variable} (COUNT(DISTINCT {counted}) AS {value}) WHERE {{ {patterns}}} GROUP BY {variable} }} "
            ),
            // Two things may have the same value, and both count.
            Some((function, each)) => format!(
                "{{ SELECT {variable} ({}({each}) AS {value}) WHERE {{ SELECT DISTINCT {variable} {counted} {each} WHERE \
                 {{ {patterns}}} }} GROUP BY {variable} }} ",
                function.name()
            ),
        }
    }
}
