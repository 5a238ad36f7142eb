//! How much predicates tell of things, and words of predicates.

use std::collections::{HashMap, HashSet};

use super::{Class, Predicate};

/// Notes by which predicates the things of a class are told: those that most of them have, and hardly any others.
pub(super) fn note(predicates: &[Predicate], classes: &mut [Class]) {
    const MOST: usize = 2;
    const OWN: f64 = 0.95;
    for (number, predicate) in predicates.iter().enumerate() {
        for (&class, &facts) in &predicate.domain {
            let class = &mut classes[class];
            let most = predicate.subjects * 2 >= class.instances;
            let own = facts as f64 >= OWN * predicate.facts as f64;
            if most && own && class.telling.len() < MOST {
                class.telling.push(number);
            }
        }
    }
}

/// Weighs the words of names by how many predicates have them in a name.
pub(super) fn weigh(predicates: &mut [Predicate]) {
    let mut having: HashMap<String, u32> = HashMap::new();
    for predicate in &*predicates {
        let words = predicate.names.iter().flat_map(|name| &name.tokens);
        let stems: HashSet<&str> = words.map(|token| token.stem.as_str()).collect();
        for stem in stems {
            *having.entry(stem.to_owned()).or_default() += 1;
        }
    }
    let all = predicates.len() as f64;
    for name in predicates.iter_mut().flat_map(|p| &mut p.names) {
        name.weigh(|token| {
            let having = f64::from(having.get(&token.stem).copied().unwrap_or(1));
            (1.0 + all / having).ln() / (1.0 + all).ln()
        });
    }
}
