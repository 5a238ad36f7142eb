//! Rewrites a query so that its evaluation can be stopped anywhere.
//!
//! The evaluator looks at its cancellation token when it touches data. It does not while it multiplies rows
//! that are already in memory, sorts them, or works on an expression. So a call of [`function`] is put into
//! those places. While the query may go on, the call has no value, which by SPARQL's rules changes nothing
//! where it stands; once the query has to stop, it unwinds the evaluation.

use oxigraph::model::NamedNode;
use spargebra::{
    Query,
    algebra::{AggregateExpression, Expression, Function, GraphPattern, OrderExpression},
    term::Variable,
};

/// The name of the function that looks whether to go on.
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

struct Poll {
    fresh: u32,
}

fn call() -> Expression {
    Expression::FunctionCall(Function::Custom(function()), Vec::new())
}

impl Poll {
    /// The outermost projection needs no poll of its own: whoever takes its rows looks at the clock.
    fn top(&mut self, pattern: GraphPattern) -> GraphPattern {
        match pattern {
            GraphPattern::Project { inner, variables } => GraphPattern::Project {
                inner: self.boxed(inner),
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

    #[expect(clippy::boxed_local, reason = "a box goes in and a box comes out")]
    fn boxed(&mut self, pattern: Box<GraphPattern>) -> Box<GraphPattern> {
        Box::new(self.pattern(*pattern))
    }

    fn pattern(&mut self, pattern: GraphPattern) -> GraphPattern {
        match pattern {
            leaf @ (GraphPattern::Bgp { .. }
            | GraphPattern::Path { .. }
            | GraphPattern::Values { .. }
            | GraphPattern::Service { .. }) => leaf,
            GraphPattern::Join { left, right } => GraphPattern::Join {
                left: self.boxed(left),
                right: self.boxed(right),
            },
            GraphPattern::Lateral { left, right } => GraphPattern::Lateral {
                left: self.boxed(left),
                right: self.boxed(right),
            },
            GraphPattern::LeftJoin {
                left,
                right,
                expression,
            } => GraphPattern::LeftJoin {
                left: self.boxed(left),
                right: self.boxed(right),
                expression: expression.map(|expression| self.condition(expression)),
            },
            GraphPattern::Minus { left, right } => GraphPattern::Minus {
                left: self.boxed(left),
                right: self.boxed(right),
            },
            GraphPattern::Union { left, right } => GraphPattern::Union {
                left: self.boxed(left),
                right: self.boxed(right),
            },
            GraphPattern::Filter { expr, inner } => GraphPattern::Filter {
                expr: self.condition(expr),
                inner: self.boxed(inner),
            },
            GraphPattern::Graph { name, inner } => GraphPattern::Graph {
                name,
                inner: self.boxed(inner),
            },
            GraphPattern::Extend {
                inner,
                variable,
                expression,
            } => GraphPattern::Extend {
                inner: self.boxed(inner),
                variable,
                expression: self.value(expression),
            },
            GraphPattern::OrderBy { inner, expression } => GraphPattern::OrderBy {
                inner: self.boxed(inner),
                // A first key that no row has: it decides nothing and is looked at in each comparison.
                expression: std::iter::once(OrderExpression::Asc(call()))
                    .chain(expression)
                    .collect(),
            },
            GraphPattern::Project { inner, variables } => {
                let projection = GraphPattern::Project {
                    inner: self.boxed(inner),
                    variables,
                };
                self.polled(projection)
            }
            GraphPattern::Distinct { inner } => GraphPattern::Distinct {
                inner: self.boxed(inner),
            },
            GraphPattern::Reduced { inner } => GraphPattern::Reduced {
                inner: self.boxed(inner),
            },
            GraphPattern::Slice {
                inner,
                start,
                length,
            } => GraphPattern::Slice {
                inner: self.boxed(inner),
                start,
                length,
            },
            GraphPattern::Group {
                inner,
                variables,
                aggregates,
            } => GraphPattern::Group {
                inner: self.boxed(inner),
                variables,
                aggregates: aggregates
                    .into_iter()
                    .map(|(variable, aggregate)| (variable, self.aggregate(aggregate)))
                    .collect(),
            },
        }
    }

    /// A subquery's rows may all be in memory: a poll for each of them, bound to a variable that nobody else
    /// uses and that stays unbound.
    fn polled(&mut self, pattern: GraphPattern) -> GraphPattern {
        self.fresh += 1;
        GraphPattern::Extend {
            inner: Box::new(pattern),
            variable: Variable::new_unchecked(format!("almanac_poll_{}", self.fresh)),
            expression: call(),
        }
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
            E::Exists(pattern) => E::Exists(self.boxed(pattern)),
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
