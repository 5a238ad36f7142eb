//! Rewrites a query so that its evaluation can be stopped anywhere.
//!
//! The evaluator looks at its cancellation token with each quad that it reads. It does not while it multiplies
//! rows that are already in memory or works on an expression; and a token that is raised does not end a scan, but
//! turns its rows into errors, so that rows in memory that are joined with scans still see each scan to its
//! end. So a call of [`function`] is put
//!
//! - before each scan, as a row to join it with;
//! - on each row that one unconnected part of a join hands to another, and that a subquery, MINUS or OPTIONAL
//!   takes in or gives out;
//! - before each expression that takes its time.
//!
//! While the query may go on, the call has no value, which by SPARQL's rules changes nothing where it stands;
//! once the query has to stop, it unwinds the evaluation. Sorting cannot be interrupted: what goes into it is
//! counted instead.

use std::mem;

use oxigraph::model::{Literal, NamedNode};
use spargebra::{
    Query,
    algebra::{AggregateExpression, Expression, Function, GraphPattern, OrderExpression},
    term::Variable,
};

use super::scope::certain;

/// The name of the function that looks whether to go on. With an argument it also counts a row to sort.
pub(super) fn function() -> NamedNode {
    NamedNode::new_unchecked("urn:almanac:poll")
}

pub(super) fn rewrite(query: Query) -> Query {
    let mut poll = Poll { fresh: 0 };
    match query {
        Query::Select {
            dataset,
            pattern,
            base_iri,
        } => Query::Select {
            dataset,
            pattern: poll.top(pattern),
            base_iri,
        },
        Query::Construct {
            template,
            dataset,
            pattern,
            base_iri,
        } => Query::Construct {
            template,
            dataset,
            pattern: poll.top(pattern),
            base_iri,
        },
        Query::Describe {
            dataset,
            pattern,
            base_iri,
        } => Query::Describe {
            dataset,
            pattern: poll.top(pattern),
            base_iri,
        },
        Query::Ask {
            dataset,
            pattern,
            base_iri,
        } => Query::Ask {
            dataset,
            pattern: poll.top(pattern),
            base_iri,
        },
    }
}

/// Operands of a join that the optimizer orders together.
const BLOCK: usize = 24;

/// Unconnected parts of a join that are multiplied one after the other.
const CHAIN: usize = 8;

struct Poll {
    fresh: u32,
}

fn call() -> Expression {
    Expression::FunctionCall(Function::Custom(function()), Vec::new())
}

fn counted() -> Expression {
    let one = Expression::Literal(Literal::from(1));
    Expression::FunctionCall(Function::Custom(function()), vec![one])
}

impl Poll {
    /// The outermost projection needs no poll of its own: whoever takes its rows looks at the clock.
    fn top(&mut self, pattern: GraphPattern) -> GraphPattern {
        match pattern {
            GraphPattern::Project { inner, variables } => GraphPattern::Project {
                inner: self.boxed(*inner),
                variables,
            },
            GraphPattern::Distinct { inner } => GraphPattern::Distinct {
                inner: Box::new(self.top(*inner)),
            },
            GraphPattern::Reduced { inner } => GraphPattern::Reduced {
                inner: Box::new(self.top(*inner)),
            },
            GraphPattern::Slice {
                inner,
                start,
                length,
            } => GraphPattern::Slice {
                inner: Box::new(self.top(*inner)),
                start,
                length,
            },
            other => self.pattern(other),
        }
    }

    fn boxed(&mut self, pattern: GraphPattern) -> Box<GraphPattern> {
        Box::new(self.pattern(pattern))
    }

    fn pattern(&mut self, pattern: GraphPattern) -> GraphPattern {
        match pattern {
            leaf @ (GraphPattern::Values { .. } | GraphPattern::Service { .. }) => leaf,
            scan @ GraphPattern::Path { .. } => self.gated(scan),
            GraphPattern::Bgp { patterns } if patterns.is_empty() => GraphPattern::Bgp { patterns },
            join @ (GraphPattern::Bgp { .. } | GraphPattern::Join { .. }) => self.join(join),
            GraphPattern::Lateral { left, right } => GraphPattern::Lateral {
                left: self.polled_boxed(*left),
                right: self.boxed(*right),
            },
            GraphPattern::LeftJoin {
                left,
                right,
                expression,
            } => GraphPattern::LeftJoin {
                left: self.polled_boxed(*left),
                right: self.boxed(*right),
                expression: expression.map(|expression| self.condition(expression)),
            },
            GraphPattern::Minus { left, right } => {
                let difference = GraphPattern::Minus {
                    left: self.polled_boxed(*left),
                    right: self.polled_boxed(*right),
                };
                self.polled(difference)
            }
            GraphPattern::Union { left, right } => GraphPattern::Union {
                left: self.boxed(*left),
                right: self.boxed(*right),
            },
            GraphPattern::Filter { expr, inner } => GraphPattern::Filter {
                expr: self.condition(expr),
                inner: self.boxed(*inner),
            },
            GraphPattern::Graph { name, inner } => GraphPattern::Graph {
                name,
                inner: self.boxed(*inner),
            },
            GraphPattern::Extend {
                inner,
                variable,
                expression,
            } => GraphPattern::Extend {
                inner: self.boxed(*inner),
                variable,
                expression: self.value(expression),
            },
            GraphPattern::OrderBy { inner, expression } => GraphPattern::OrderBy {
                inner: self.boxed(*inner),
                // A first key that no row has decides nothing. It is computed for each row before the sort.
                expression: std::iter::once(OrderExpression::Asc(counted()))
                    .chain(expression)
                    .collect(),
            },
            GraphPattern::Project { inner, variables } => {
                let projection = GraphPattern::Project {
                    inner: self.boxed(*inner),
                    variables,
                };
                self.polled(projection)
            }
            GraphPattern::Distinct { inner } => GraphPattern::Distinct {
                inner: self.boxed(*inner),
            },
            GraphPattern::Reduced { inner } => GraphPattern::Reduced {
                inner: self.boxed(*inner),
            },
            GraphPattern::Slice {
                inner,
                start,
                length,
            } => GraphPattern::Slice {
                inner: self.boxed(*inner),
                start,
                length,
            },
            GraphPattern::Group {
                inner,
                variables,
                aggregates,
            } => GraphPattern::Group {
                inner: self.boxed(*inner),
                variables,
                aggregates: aggregates
                    .into_iter()
                    .map(|(variable, aggregate)| (variable, self.aggregate(aggregate)))
                    .collect(),
            },
        }
    }

    /// A poll for each row, bound to a variable that nobody else uses and that stays unbound.
    fn polled(&mut self, pattern: GraphPattern) -> GraphPattern {
        self.fresh += 1;
        GraphPattern::Extend {
            inner: Box::new(pattern),
            variable: Variable::new_unchecked(format!("almanac_poll_{}", self.fresh)),
            expression: call(),
        }
    }

    fn polled_boxed(&mut self, pattern: GraphPattern) -> Box<GraphPattern> {
        let pattern = self.pattern(pattern);
        Box::new(self.polled(pattern))
    }

    /// A poll before a scan. It is a join from row to row, so that the poll comes first whatever the optimizer
    /// does, and the scan can still take its bindings from rows of other patterns.
    fn gated(&mut self, scan: GraphPattern) -> GraphPattern {
        let one_row = GraphPattern::Values {
            variables: Vec::new(),
            bindings: vec![Vec::new()],
        };
        GraphPattern::Lateral {
            left: Box::new(self.polled(one_row)),
            right: Box::new(scan),
        }
    }

    /// A join as its connected parts, each left to the optimizer to order, with a poll on each row that one part
    /// hands to another. Parts hang together by variables that both surely bind: where a variable may be
    /// unbound, the evaluator may have to compare each row with each.
    fn join(&mut self, pattern: GraphPattern) -> GraphPattern {
        let mut leaves = Vec::new();
        flatten(pattern, &mut leaves);
        let mut parts: Vec<(Vec<GraphPattern>, Vec<Variable>)> = Vec::new();
        for leaf in leaves {
            let mut variables = certain(&leaf);
            let leaf = match leaf {
                scan @ GraphPattern::Bgp { .. } => self.gated(scan),
                other => self.pattern(other),
            };
            let mut members = Vec::new();
            let (connected, apart) = mem::take(&mut parts)
                .into_iter()
                .partition::<Vec<_>, _>(|(_, of)| of.iter().any(|name| variables.contains(name)));
            parts = apart;
            for (patterns, of) in connected {
                members.extend(patterns);
                variables.extend(of);
            }
            variables.sort_unstable();
            variables.dedup();
            members.push(leaf);
            parts.push((members, variables));
        }
        let mut parts: Vec<GraphPattern> = parts
            .into_iter()
            .map(|(members, _)| self.in_blocks(members))
            .collect();
        // One after the other keeps the least in memory. With many parts the depth would cost the optimizer
        // more than that is worth.
        while parts.len() > CHAIN {
            let mut rest = mem::take(&mut parts).into_iter();
            while let Some(part) = rest.next() {
                parts.push(match rest.next() {
                    Some(other) => joined(self.polled(part), self.polled(other)),
                    None => part,
                });
            }
        }
        parts
            .into_iter()
            .reduce(|whole, part| joined(self.polled(whole), self.polled(part)))
            .unwrap_or_else(|| GraphPattern::Bgp {
                patterns: Vec::new(),
            })
    }

    /// The optimizer's time grows with the fourth power of the operands of a join. A poll around a block of them
    /// makes the block one operand.
    fn in_blocks(&mut self, members: Vec<GraphPattern>) -> GraphPattern {
        let mut blocks = Vec::new();
        let mut members = members.into_iter().peekable();
        while members.peek().is_some() {
            let block = members.by_ref().take(BLOCK).reduce(joined);
            blocks.extend(block);
        }
        if blocks.len() > 1 {
            blocks = blocks.into_iter().map(|block| self.polled(block)).collect();
        }
        blocks
            .into_iter()
            .reduce(joined)
            .unwrap_or_else(|| GraphPattern::Bgp {
                patterns: Vec::new(),
            })
    }

    fn aggregate(&mut self, aggregate: AggregateExpression) -> AggregateExpression {
        match aggregate {
            AggregateExpression::FunctionCall {
                name,
                expr,
                distinct,
            } => AggregateExpression::FunctionCall {
                name,
                expr: self.value(expr),
                distinct,
            },
            count @ AggregateExpression::CountSolutions { .. } => count,
        }
    }

    /// A conjunction is polled term by term, so that the optimizer can still move each to where it belongs.
    fn condition(&mut self, expression: Expression) -> Expression {
        match expression {
            Expression::And(left, right) => Expression::And(
                Box::new(self.condition(*left)),
                Box::new(self.condition(*right)),
            ),
            other => self.value(other),
        }
    }

    /// Polls before an expression that takes its time. Plain comparisons stay as they are, and with them the
    /// evaluator's short cuts.
    fn value(&mut self, expression: Expression) -> Expression {
        let mut budget = 16;
        if is_plain(&expression, &mut budget) {
            return expression;
        }
        let expression = self.inner(expression);
        Expression::Coalesce(vec![call(), expression])
    }

    /// Reaches the patterns inside EXISTS.
    fn inner(&mut self, expression: Expression) -> Expression {
        use Expression as E;
        let mut one = |inner: Box<E>| Box::new(self.inner(*inner));
        match expression {
            E::Exists(pattern) => E::Exists(self.boxed(*pattern)),
            E::Or(a, b) => E::Or(one(a), one(b)),
            E::And(a, b) => E::And(one(a), one(b)),
            E::Equal(a, b) => E::Equal(one(a), one(b)),
            E::SameTerm(a, b) => E::SameTerm(one(a), one(b)),
            E::Greater(a, b) => E::Greater(one(a), one(b)),
            E::GreaterOrEqual(a, b) => E::GreaterOrEqual(one(a), one(b)),
            E::Less(a, b) => E::Less(one(a), one(b)),
            E::LessOrEqual(a, b) => E::LessOrEqual(one(a), one(b)),
            E::Add(a, b) => E::Add(one(a), one(b)),
            E::Subtract(a, b) => E::Subtract(one(a), one(b)),
            E::Multiply(a, b) => E::Multiply(one(a), one(b)),
            E::Divide(a, b) => E::Divide(one(a), one(b)),
            E::UnaryPlus(a) => E::UnaryPlus(one(a)),
            E::UnaryMinus(a) => E::UnaryMinus(one(a)),
            E::Not(a) => E::Not(one(a)),
            E::If(a, b, c) => E::If(one(a), one(b), one(c)),
            E::In(a, list) => {
                let a = one(a);
                E::In(a, list.into_iter().map(|item| self.inner(item)).collect())
            }
            E::Coalesce(list) => {
                E::Coalesce(list.into_iter().map(|item| self.inner(item)).collect())
            }
            E::FunctionCall(function, list) => E::FunctionCall(
                function,
                list.into_iter().map(|item| self.inner(item)).collect(),
            ),
            leaf @ (E::NamedNode(_) | E::Literal(_) | E::Variable(_) | E::Bound(_)) => leaf,
        }
    }
}

fn joined(left: GraphPattern, right: GraphPattern) -> GraphPattern {
    GraphPattern::Join {
        left: Box::new(left),
        right: Box::new(right),
    }
}

/// The operands of nested joins, each triple pattern being one.
fn flatten(pattern: GraphPattern, leaves: &mut Vec<GraphPattern>) {
    match pattern {
        GraphPattern::Join { left, right } => {
            flatten(*left, leaves);
            flatten(*right, leaves);
        }
        GraphPattern::Bgp { patterns } if !patterns.is_empty() => {
            leaves.extend(patterns.into_iter().map(|pattern| GraphPattern::Bgp {
                patterns: vec![pattern],
            }));
        }
        other => leaves.push(other),
    }
}

/// Whether an expression is a small one of comparisons, logic and arithmetic.
fn is_plain(expression: &Expression, budget: &mut u32) -> bool {
    use Expression as E;
    if *budget == 0 {
        return false;
    }
    *budget -= 1;
    match expression {
        E::NamedNode(_) | E::Literal(_) | E::Variable(_) | E::Bound(_) => true,
        E::Or(a, b)
        | E::And(a, b)
        | E::Equal(a, b)
        | E::SameTerm(a, b)
        | E::Greater(a, b)
        | E::GreaterOrEqual(a, b)
        | E::Less(a, b)
        | E::LessOrEqual(a, b)
        | E::Add(a, b)
        | E::Subtract(a, b)
        | E::Multiply(a, b)
        | E::Divide(a, b) => is_plain(a, budget) && is_plain(b, budget),
        E::UnaryPlus(a) | E::UnaryMinus(a) | E::Not(a) => is_plain(a, budget),
        E::In(a, list) => is_plain(a, budget) && list.iter().all(|item| is_plain(item, budget)),
        E::Exists(_) | E::If(..) | E::Coalesce(_) | E::FunctionCall(..) => false,
    }
}
