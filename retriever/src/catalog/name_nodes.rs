//! Names that are told by nodes of their own: `skosxl:prefLabel` and `skosxl:literalForm`, an appellation and its content, the
//! recommended name of a protein, which has a full and a short one.
//!
//! Things are linked by such names. What is shown of a thing is its label all the same.

use super::{Phrase, Predicate};
use crate::graph::Way;

/// Predicates that lead to names at the most, and texts of one name.
const MOST: usize = 16;
const MOST_TEXTS: usize = 4;

/// Predicates that lead from things to names, each with those of the texts that these hold.
pub(super) fn find(predicates: &[Predicate]) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for predicate in predicates {
        if !predicate.is_of_things() || !is_name(predicate) {
            continue;
        }
        let texts = predicate.behind(Way::Forward).iter();
        let texts = texts.filter(|(number, way)| {
            let text = &predicates[*number];
            let literal = text.objects.nodes == 0 && !text.is_numeric() && !text.is_temporal();
            *way == Way::Forward && literal && is_text(text)
        });
        let mut texts: Vec<String> = texts.map(|(n, _)| predicates[*n].iri.clone()).collect();
        texts.sort_unstable();
        texts.truncate(MOST_TEXTS);
        if !texts.is_empty() && found.len() < MOST {
            found.push((predicate.iri.clone(), texts));
        }
    }
    found.sort_unstable();
    found
}

/// Whether a predicate is called a name: "preferred label", "alternative name", "is identified by".
fn is_name(predicate: &Predicate) -> bool {
    let (direct, _) = predicate.names_by_side();
    direct.iter().any(|name| {
        let identifies = name.tokens.iter().any(|word| word.text == "identified");
        identifies
            || is_called(
                name,
                &["name", "label", "title", "appellation", "synonym", "form"],
            )
    })
}

/// Whether a predicate is called as the text of a name is: "literal form", "full name", "content".
fn is_text(predicate: &Predicate) -> bool {
    let words = [
        "name",
        "label",
        "title",
        "form",
        "content",
        "value",
        "representation",
        "text",
        "rep",
    ];
    let (direct, _) = predicate.names_by_side();
    direct.iter().any(|name| is_called(name, &words))
}

fn is_called(name: &Phrase, words: &[&str]) -> bool {
    let head = name.head_word().map(|word| word.text.as_str());
    head.is_some_and(|head| words.contains(&head))
}
