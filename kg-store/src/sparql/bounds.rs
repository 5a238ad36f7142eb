//! Bounds on what a parsed query asks for.
//!
//! Two of them are estimates. *Rows*: how many solutions come of VALUES and UNION alone, each join taken as a
//! product and each access to data as a factor of one. The evaluator looks at the clock when it touches
//! data; what it multiplies in between is bounded by this number. *Bytes*: how long a computed string may
//! get, since a chain of BINDs that double one needs forty lines to fill any memory.

use std::collections::HashMap;

use spargebra::{
    Query,
    algebra::{
        AggregateExpression, AggregateFunction, Expression, Function, GraphPattern,
        OrderExpression, PropertyPathExpression,
    },
    term::Variable,
};

use super::ParseLimits;
use crate::StoreError;

/// The length at which a string from data is estimated.
const DATA_BYTES: f64 = 1024.0;

/// The length at which a concatenation of a group is estimated.
const GROUP_BYTES: f64 = (1 << 20) as f64;

/// How deep groupings may nest.
const MAX_GROUPS: usize = 8;

pub(super) fn check(query: &Query, limits: &ParseLimits) -> Result<(), StoreError> {
    let pattern = match query {
        Query::Select { pattern, .. }
        | Query::Construct { pattern, .. }
        | Query::Describe { pattern, .. }
        | Query::Ask { pattern, .. } => pattern,
    };
    let mut bounds = Bounds {
        limits,
        nodes: 0,
        values: 0,
        patterns: 0,
        groups: 0,
        strings: HashMap::new(),
    };
    if let Query::Construct { template, .. } = query {
        bounds.count(template.len())?;
    }
    bounds.pattern(pattern, 0)?;
    Ok(())
}

struct Bounds<'a> {
    limits: &'a ParseLimits,
    nodes: usize,
    values: usize,
    patterns: usize,
    /// How many GROUP BYs, or aggregates without one, lie around what is looked at.
    groups: usize,
    /// Estimated bytes of computed variables. Scopes are not told apart: the longest of a name counts.
    strings: HashMap<Variable, f64>,
}

fn refused(message: impl Into<String>) -> StoreError {
    StoreError::QueryRefused(message.into())
}

impl Bounds<'_> {
    fn count(&mut self, nodes: usize) -> Result<(), StoreError> {
        self.nodes += nodes;
        if self.nodes > self.limits.max_nodes {
            return Err(refused(format!(
                "it has more than {} parts",
                self.limits.max_nodes
            )));
        }
        Ok(())
    }

    fn scans(&mut self, patterns: usize) -> Result<(), StoreError> {
        self.patterns += patterns;
        if self.patterns > self.limits.max_patterns {
            return Err(refused(format!(
                "it has more than {} triple patterns",
                self.limits.max_patterns
            )));
        }
        self.count(patterns)
    }

    fn enter(&mut self, depth: usize) -> Result<usize, StoreError> {
        self.count(1)?;
        if depth >= self.limits.max_depth {
            return Err(refused(format!(
                "its parts are nested, or chained, deeper than {}",
                self.limits.max_depth
            )));
        }
        Ok(depth + 1)
    }

    /// Checks a pattern and returns its estimated rows.
    fn pattern(&mut self, pattern: &GraphPattern, depth: usize) -> Result<f64, StoreError> {
        let depth = self.enter(depth)?;
        let rows = match pattern {
            GraphPattern::Bgp { patterns } => {
                self.scans(patterns.len())?;
                1.0
            }
            GraphPattern::Path { path, .. } => {
                self.scans(1)?;
                let mut operators = 0;
                self.path(path, depth, &mut operators)?;
                1.0
            }
            GraphPattern::Join { left, right } | GraphPattern::Lateral { left, right } => {
                self.pattern(left, depth)? * self.pattern(right, depth)?
            }
            GraphPattern::LeftJoin {
                left,
                right,
                expression,
            } => {
                let rows = self.pattern(left, depth)? * self.pattern(right, depth)?.max(1.0);
                if let Some(expression) = expression {
                    self.expression(expression, depth)?;
                }
                rows
            }
            GraphPattern::Minus { left, right } => {
                // Each row on the left is compared with each on the right.
                self.pattern(left, depth)? * self.pattern(right, depth)?.max(1.0)
            }
            GraphPattern::Filter { expr, inner } => {
                let rows = self.pattern(inner, depth)?;
                self.expression(expr, depth)?;
                rows
            }
            GraphPattern::Union { left, right } => {
                self.pattern(left, depth)? + self.pattern(right, depth)?
            }
            GraphPattern::Graph { inner, .. } => self.pattern(inner, depth)?,
            GraphPattern::Extend {
                inner,
                variable,
                expression,
            } => {
                let rows = self.pattern(inner, depth)?;
                let bytes = self.expression(expression, depth)?;
                self.computed(variable, bytes);
                rows
            }
            GraphPattern::Values {
                variables,
                bindings,
            } => {
                self.values += bindings.len();
                // A wide row is as much work as several narrow ones.
                let cells = bindings.len().saturating_mul(variables.len());
                if self.values > self.limits.max_values || cells > 10 * self.limits.max_values {
                    return Err(refused(format!(
                        "VALUES lists more than {} rows",
                        self.limits.max_values
                    )));
                }
                bindings.len() as f64
            }
            GraphPattern::OrderBy { inner, expression } => {
                let rows = self.pattern(inner, depth)?;
                for order in expression {
                    let (OrderExpression::Asc(key) | OrderExpression::Desc(key)) = order;
                    self.expression(key, depth)?;
                }
                rows
            }
            GraphPattern::Project { inner, variables } => {
                self.count(variables.len())?;
                self.pattern(inner, depth)?
            }
            GraphPattern::Distinct { inner } | GraphPattern::Reduced { inner } => {
                self.pattern(inner, depth)?
            }
            GraphPattern::Slice { inner, length, .. } => {
                let rows = self.pattern(inner, depth)?;
                length.map_or(rows, |length| rows.min(length as f64))
            }
            GraphPattern::Group {
                inner,
                variables,
                aggregates,
            } => {
                // The optimizer looks at what is grouped twice, so that each level doubles its work.
                self.groups += 1;
                if self.groups > MAX_GROUPS {
                    return Err(refused(format!(
                        "aggregates are nested deeper than {MAX_GROUPS}"
                    )));
                }
                let rows = self.pattern(inner, depth)?;
                self.groups -= 1;
                self.count(variables.len())?;
                for (variable, aggregate) in aggregates {
                    self.aggregate(variable, aggregate, depth)?;
                }
                rows
            }
            GraphPattern::Service { .. } => {
                return Err(refused("SERVICE is not allowed here"));
            }
        };
        if rows > self.limits.max_product {
            return Err(refused(format!(
                "its VALUES multiply to more than {} rows",
                self.limits.max_product
            )));
        }
        Ok(rows)
    }

    fn aggregate(
        &mut self,
        variable: &Variable,
        aggregate: &AggregateExpression,
        depth: usize,
    ) -> Result<(), StoreError> {
        let depth = self.enter(depth)?;
        if let AggregateExpression::FunctionCall { name, expr, .. } = aggregate {
            let bytes = self.expression(expr, depth)?;
            let bytes = match name {
                AggregateFunction::GroupConcat { .. } => bytes.max(GROUP_BYTES),
                _ => bytes,
            };
            self.computed(variable, bytes);
        }
        Ok(())
    }

    fn computed(&mut self, variable: &Variable, bytes: f64) {
        let longest = self.strings.entry(variable.clone()).or_insert(0.0);
        *longest = longest.max(bytes);
    }

    fn path(
        &mut self,
        path: &PropertyPathExpression,
        depth: usize,
        operators: &mut usize,
    ) -> Result<(), StoreError> {
        let depth = self.enter(depth)?;
        *operators += 1;
        // A step is counted as well as the operator that joins it to the next.
        if *operators > 2 * self.limits.max_path_operators {
            return Err(refused(format!(
                "a property path has more than {} operators",
                self.limits.max_path_operators
            )));
        }
        match path {
            PropertyPathExpression::NamedNode(_) => Ok(()),
            PropertyPathExpression::NegatedPropertySet(predicates) => self.count(predicates.len()),
            PropertyPathExpression::Reverse(inner)
            | PropertyPathExpression::ZeroOrMore(inner)
            | PropertyPathExpression::OneOrMore(inner)
            | PropertyPathExpression::ZeroOrOne(inner) => self.path(inner, depth, operators),
            PropertyPathExpression::Sequence(left, right)
            | PropertyPathExpression::Alternative(left, right) => {
                self.path(left, depth, operators)?;
                self.path(right, depth, operators)
            }
        }
    }

    /// Checks an expression and returns the estimated bytes of its value.
    fn expression(&mut self, expression: &Expression, depth: usize) -> Result<f64, StoreError> {
        let depth = self.enter(depth)?;
        let bytes = match expression {
            Expression::NamedNode(node) => node.as_str().len() as f64,
            Expression::Literal(literal) => literal.value().len() as f64,
            Expression::Variable(variable) => {
                self.strings.get(variable).copied().unwrap_or(DATA_BYTES)
            }
            Expression::Bound(_) => 8.0,
            Expression::Exists(pattern) => {
                self.pattern(pattern, depth)?;
                8.0
            }
            Expression::Or(left, right)
            | Expression::And(left, right)
            | Expression::Equal(left, right)
            | Expression::SameTerm(left, right)
            | Expression::Greater(left, right)
            | Expression::GreaterOrEqual(left, right)
            | Expression::Less(left, right)
            | Expression::LessOrEqual(left, right)
            | Expression::Add(left, right)
            | Expression::Subtract(left, right)
            | Expression::Multiply(left, right)
            | Expression::Divide(left, right) => {
                self.expression(left, depth)?;
                self.expression(right, depth)?;
                64.0
            }
            Expression::UnaryPlus(inner)
            | Expression::UnaryMinus(inner)
            | Expression::Not(inner) => {
                self.expression(inner, depth)?;
                64.0
            }
            Expression::In(inner, list) => {
                self.expression(inner, depth)?;
                for item in list {
                    self.expression(item, depth)?;
                }
                8.0
            }
            Expression::If(condition, then, otherwise) => {
                self.expression(condition, depth)?;
                let then = self.expression(then, depth)?;
                then.max(self.expression(otherwise, depth)?)
            }
            Expression::Coalesce(list) => {
                let mut longest = 0.0_f64;
                for item in list {
                    longest = longest.max(self.expression(item, depth)?);
                }
                longest
            }
            Expression::FunctionCall(function, arguments) => {
                let mut bytes = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    bytes.push(self.expression(argument, depth)?);
                }
                call_bytes(function, &bytes)
            }
        };
        if bytes > self.limits.max_string {
            return Err(refused(format!(
                "it may compute a string of more than {} bytes",
                self.limits.max_string
            )));
        }
        Ok(bytes)
    }
}

fn call_bytes(function: &Function, arguments: &[f64]) -> f64 {
    let of = |index: usize| arguments.get(index).copied().unwrap_or(0.0);
    let sum = || arguments.iter().sum::<f64>();
    match function {
        Function::Concat => sum(),
        // Each match, of which an empty pattern has one more than there are characters, becomes the
        // replacement.
        Function::Replace => (of(0) + 1.0) * of(2).max(1.0),
        Function::EncodeForUri => 3.0 * of(0),
        // Few characters change length with their case, and by no more than this.
        Function::UCase | Function::LCase => 3.0 * of(0),
        Function::StrLen | Function::Contains | Function::StrStarts | Function::StrEnds => 64.0,
        Function::Regex | Function::LangMatches => 8.0,
        _ => sum().max(128.0),
    }
}
