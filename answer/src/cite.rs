//! Numbers the evidence and sets the markers.

use retriever::evidence::Fact;
use schemas::Term;
use schemas::grounding::Citation;

/// Markers set at one place at the most; the list of citations holds all.
const MOST_TOGETHER: usize = 25;

/// The facts as citations, numbered from 1.
pub(crate) fn citations(facts: &[Fact]) -> Vec<Citation> {
    facts
        .iter()
        .zip(1..)
        .map(|(fact, id)| Citation::Fact {
            id,
            subject: fact.subject.clone(),
            predicate: fact.predicate.clone(),
            object: fact.object.clone(),
            graph: fact.graph.clone(),
            text: fact.text(),
        })
        .collect()
}

/// Sets markers into a sentence: behind each answer those of the facts that name it, and at the end those
/// of facts that no answer took.
pub(crate) fn mark(sentence: &str, rows: &[Vec<Term>], facts: &[Fact]) -> String {
    let mut taken = vec![false; facts.len()];
    // Places are found from the end, so that a marker set does not move those before it.
    let mut places: Vec<(usize, String)> = Vec::new();
    let mut from = 0;
    for answer in rows.iter().filter_map(|row| row.first()) {
        let Some(at) = find_word(sentence, answer.text(), from)
            .or_else(|| find_word(sentence, answer.text(), 0))
        else {
            continue;
        };
        let end = at + answer.text().len();
        from = end;
        let mut markers = String::new();
        for (number, fact) in facts.iter().enumerate() {
            if !taken[number] && (fact.object == *answer || fact.subject == *answer) {
                taken[number] = true;
                markers.push_str(&format!("[{}]", number + 1));
            }
        }
        if !markers.is_empty() {
            places.push((end, format!(" {markers}")));
        }
    }
    let rest: String = (0..facts.len())
        .filter(|number| !taken[*number])
        .take(MOST_TOGETHER)
        .map(|number| format!("[{}]", number + 1))
        .collect();
    let mut marked = sentence.to_owned();
    places.sort_by_key(|(at, _)| *at);
    for (at, markers) in places.into_iter().rev() {
        marked.insert_str(at, &markers);
    }
    if !rest.is_empty() {
        let end = marked.trim_end_matches(['.', '!', '?']).len();
        marked.insert_str(end, &format!(" {rest}"));
    }
    marked
}

/// Where a text stands as a whole, not as a part of a longer word.
fn find_word(sentence: &str, word: &str, from: usize) -> Option<usize> {
    if word.is_empty() {
        return None;
    }
    let rest = sentence.get(from..)?;
    rest.match_indices(word)
        .map(|(at, _)| from + at)
        .find(|&at| {
            let before = sentence[..at]
                .chars()
                .next_back()
                .is_none_or(|c| !c.is_alphanumeric());
            let after = sentence[at + word.len()..]
                .chars()
                .next()
                .is_none_or(|c| !c.is_alphanumeric());
            before && after
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_stand_behind_the_answers() {
        let term = |name: &str| Term::uri(format!("http://x/{name}"), Some(name.to_owned()));
        let fact = |object: &str| Fact {
            subject: term("Laos"),
            predicate: term("borders"),
            object: term(object),
            graph: None,
        };
        let facts = [fact("China"), fact("Niger"), fact("Nigeria")];
        let rows = [
            vec![term("China")],
            vec![term("Niger")],
            vec![term("Nigeria")],
        ];
        assert_eq!(
            mark("Laos borders China, Niger and Nigeria.", &rows, &facts),
            "Laos borders China [1], Niger [2] and Nigeria [3]."
        );
        assert_eq!(mark("There are 3.", &[], &facts), "There are 3 [1][2][3].");
    }
}
