//! Which variables a pattern surely binds.

use spargebra::{
    algebra::GraphPattern,
    term::{NamedNodePattern, TermPattern, Variable},
};

/// The variables that are bound in each row of a pattern, in no order and perhaps repeated. Blank nodes, which are
/// variables to the evaluator, are among them under names that no variable has.
pub(super) fn certain(pattern: &GraphPattern) -> Vec<Variable> {
    match pattern {
        GraphPattern::Bgp { patterns } => patterns
            .iter()
            .flat_map(|pattern| {
                [
                    of_term(&pattern.subject),
                    of_name(&pattern.predicate),
                    of_term(&pattern.object),
                ]
            })
            .flatten()
            .collect(),
        GraphPattern::Path {
            subject, object, ..
        } => [of_term(subject), of_term(object)]
            .into_iter()
            .flatten()
            .collect(),
        GraphPattern::Join { left, right } | GraphPattern::Lateral { left, right } => {
            let mut variables = certain(left);
            variables.extend(certain(right));
            variables
        }
        GraphPattern::Union { left, right } => {
            let right = certain(right);
            let mut variables = certain(left);
            variables.retain(|name| right.contains(name));
            variables
        }
        GraphPattern::Graph { name, inner } => {
            let mut variables = certain(inner);
            variables.extend(of_name(name));
            variables
        }
        GraphPattern::Values {
            variables,
            bindings,
        } => variables
            .iter()
            .enumerate()
            .filter(|(column, _)| {
                bindings
                    .iter()
                    .all(|row| row.get(*column).is_some_and(Option::is_some))
            })
            .map(|(_, name)| name.clone())
            .collect(),
        GraphPattern::Project { inner, variables } => {
            let mut inner = certain(inner);
            inner.retain(|name| variables.contains(name));
            inner
        }
        GraphPattern::Group {
            inner, variables, ..
        } => {
            let mut inner = certain(inner);
            inner.retain(|name| variables.contains(name));
            inner
        }
        GraphPattern::LeftJoin { left: inner, .. }
        | GraphPattern::Minus { left: inner, .. }
        | GraphPattern::Filter { inner, .. }
        // What an expression that fails would bind is unbound.
        | GraphPattern::Extend { inner, .. }
        | GraphPattern::OrderBy { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. } => certain(inner),
        GraphPattern::Service { .. } => Vec::new(),
    }
}

fn of_term(term: &TermPattern) -> Option<Variable> {
    match term {
        TermPattern::Variable(name) => Some(name.clone()),
        TermPattern::BlankNode(node) => {
            Some(Variable::new_unchecked(format!("_:{}", node.as_str())))
        }
        TermPattern::NamedNode(_) | TermPattern::Literal(_) => None,
    }
}

fn of_name(name: &NamedNodePattern) -> Option<Variable> {
    match name {
        NamedNodePattern::Variable(name) => Some(name.clone()),
        NamedNodePattern::NamedNode(_) => None,
    }
}
