//! Numbers the evidence and sets the markers.

use std::collections::HashMap;

use retriever::evidence::Fact;
use schemas::Term;
use schemas::grounding::{Citation, TermKind};

use crate::phrase::list;

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

/// A text with the numbers of its markers moved up, as they stand behind other citations. It has markers of so many.
pub(crate) fn moved(text: &str, up: usize, so_many: usize) -> String {
    let mut pieces = text.split('[');
    let mut moved = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        moved.push('[');
        let number = piece.split_once(']').and_then(|(number, rest)| {
            let digits = number.bytes().all(|b| b.is_ascii_digit());
            let number: usize = number.parse().ok().filter(|_| digits)?;
            (1..=so_many).contains(&number).then_some((number, rest))
        });
        match number {
            Some((number, rest)) => moved.push_str(&format!("{}]{rest}", number + up)),
            None => moved.push_str(piece),
        }
    }
    moved
}

/// Facts on the way from an answer to what the question names, at the most.
const MOST_STEPS: usize = 6;
/// Markers set behind one answer at the most.
const MOST_AT_ANSWER: usize = 8;

/// Sets markers into a sentence: behind each answer those of the facts that name it and of those that lead to it from
/// what the question names, and at the end those of facts that no answer took.
pub(crate) fn mark(
    sentence: &str,
    answers: &[(String, Term)],
    facts: &[Fact],
    named: &[String],
) -> String {
    let texts: Vec<String> = answers.iter().map(|(text, _)| text.clone()).collect();
    // A name before the list of answers may be the same as one of them, or hold it.
    let mut from = sentence.rfind(&list(&texts)).unwrap_or(0);
    let start = from;
    let longer: Vec<&str> = facts
        .iter()
        .flat_map(|fact| [fact.subject.text(), fact.object.text()])
        .collect();
    let mut taken = vec![false; facts.len()];
    // Places are found from the end, so that a marker set does not move those before it.
    let mut places: Vec<(usize, String)> = Vec::new();
    for (text, term) in answers {
        let found = find_word(sentence, text, from, &longer)
            .or_else(|| find_word(sentence, text, start, &longer))
            .or_else(|| find_word(sentence, text, 0, &[]));
        let Some(at) = found else {
            continue;
        };
        let end = at + text.len();
        from = end;
        let mut numbers: Vec<usize> = (0..facts.len())
            .filter(|n| !taken[*n] && (facts[*n].object == *term || facts[*n].subject == *term))
            .collect();
        for number in leading_to(term, answers, facts, named) {
            if numbers.len() < MOST_AT_ANSWER && !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        numbers.sort_unstable();
        let mut markers = String::new();
        for number in numbers {
            taken[number] = true;
            markers.push_str(&format!("[{}]", number + 1));
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

/// Facts that lead from an answer to what the question names, and what is told of the things on the way.
fn leading_to(
    answer: &Term,
    answers: &[(String, Term)],
    facts: &[Fact],
    named: &[String],
) -> Vec<usize> {
    let is_answer = |term: &Term| answers.iter().any(|(_, other)| other == term);
    let far = distances(facts, named);
    let distance = |term: &Term| far.get(term).copied().unwrap_or(usize::MAX);
    let mut way: Vec<&Term> = vec![answer];
    let mut found: Vec<usize> = Vec::new();
    let mut next = 0;
    while let Some(here) = way.get(next).copied() {
        next += 1;
        for (number, fact) in facts.iter().enumerate() {
            let other = match (fact.subject == *here, fact.object == *here) {
                (true, _) => &fact.object,
                (_, true) => &fact.subject,
                _ => continue,
            };
            // What another answer has with it is told there.
            if is_answer(other) && other != answer {
                continue;
            }
            let nearer = distance(other) < distance(here);
            let nameless = fact.to_nameless && fact.object == *other;
            let told =
                fact.subject == *here && (other.kind == TermKind::Literal || fact.tells_class);
            if (nearer || nameless || told) && !found.contains(&number) {
                found.push(number);
            }
            let goes_on = nearer && !named.contains(&other.value);
            if (goes_on || nameless) && !way.contains(&other) {
                way.push(other);
            }
        }
        if found.len() >= MOST_AT_ANSWER {
            break;
        }
    }
    found
}

/// How many facts lie between each thing and the next one that the question names.
fn distances<'f>(facts: &'f [Fact], named: &[String]) -> HashMap<&'f Term, usize> {
    let ends = || facts.iter().flat_map(|fact| [&fact.subject, &fact.object]);
    let mut far: HashMap<&Term, usize> = ends()
        .filter(|term| named.contains(&term.value))
        .map(|term| (term, 0))
        .collect();
    for step in 0..MOST_STEPS {
        let mut new: Vec<&Term> = Vec::new();
        for fact in facts {
            for (one, other) in [(&fact.subject, &fact.object), (&fact.object, &fact.subject)] {
                if far.get(one) == Some(&step) && !far.contains_key(other) {
                    new.push(other);
                }
            }
        }
        far.extend(new.into_iter().map(|term| (term, step + 1)));
    }
    far
}

/// Where a text stands as a whole, not as a part of a longer word or of one of these longer names.
fn find_word(sentence: &str, word: &str, from: usize, longer: &[&str]) -> Option<usize> {
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
            let in_name = longer.iter().any(|name| {
                name.len() > word.len()
                    && name.match_indices(word).any(|(inside, _)| {
                        let begin = at.checked_sub(inside);
                        begin.is_some_and(|begin| {
                            sentence
                                .get(begin..)
                                .is_some_and(|rest| rest.starts_with(name))
                        })
                    })
            });
            before && after && !in_name
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(name: &str) -> Term {
        Term::uri(format!("http://x/{name}"), Some(name.to_owned()))
    }

    fn fact(subject: &str, predicate: &str, object: &str) -> Fact {
        Fact {
            subject: term(subject),
            predicate: term(predicate),
            object: term(object),
            graph: None,
            tells_class: false,
            of_nameless: false,
            to_nameless: false,
        }
    }

    fn said(names: &[&str]) -> Vec<(String, Term)> {
        names
            .iter()
            .map(|name| ((*name).to_owned(), term(name)))
            .collect()
    }

    #[test]
    fn markers_move_behind_other_citations() {
        let text = "A [draft] is in [Lima [2]](x) [1][12]";
        assert_eq!(moved(text, 3, 2), "A [draft] is in [Lima [5]](x) [4][12]");
    }

    #[test]
    fn markers_stand_behind_the_answers() {
        let facts = ["China", "Niger", "Nigeria"].map(|name| fact("Laos", "borders", name));
        let named = ["http://x/Laos".to_owned()];
        assert_eq!(
            mark(
                "Laos borders China, Niger and Nigeria.",
                &said(&["China", "Niger", "Nigeria"]),
                &facts,
                &named
            ),
            "Laos borders China [1], Niger [2] and Nigeria [3]."
        );
        assert_eq!(
            mark("There are 3.", &[], &facts, &named),
            "There are 3 [1][2][3]."
        );
    }

    #[test]
    fn markers_do_not_stand_inside_of_names() {
        let facts = [fact("Luxembourg", "capital", "Luxembourg")];
        assert_eq!(
            mark(
                "Luxembourg's capital is Luxembourg.",
                &said(&["Luxembourg"]),
                &facts,
                &[]
            ),
            "Luxembourg's capital is Luxembourg [1]."
        );
        let facts = [fact("The Niger Story", "setting", "Niger")];
        assert_eq!(
            mark(
                "The Niger Story has its setting in Niger now.",
                &said(&["Niger"]),
                &facts,
                &[]
            ),
            "The Niger Story has its setting in Niger [1] now."
        );
    }

    #[test]
    fn facts_on_the_way_stand_at_the_answers_they_lead_to() {
        let facts = [
            fact("Honeymoon", "director", "Janiak"),
            fact("Honeymoon", "genre", "Horror"),
            fact("Outing", "director", "Janiak"),
            fact("Outing", "genre", "Comedy"),
        ];
        assert_eq!(
            mark(
                "The genres are Horror and Comedy.",
                &said(&["Horror", "Comedy"]),
                &facts,
                &["http://x/Janiak".to_owned()]
            ),
            "The genres are Horror [1][2] and Comedy [3][4]."
        );
        // Both films of one director: each answer has its own, and what ties it to the film that was named.
        let facts = [
            fact("First", "director", "Janiak"),
            fact("Second", "director", "Janiak"),
            fact("Second", "genre", "Horror"),
            fact("Third", "director", "Janiak"),
            fact("Third", "genre", "Comedy"),
        ];
        assert_eq!(
            mark(
                "The genres are Horror and Comedy.",
                &said(&["Horror", "Comedy"]),
                &facts,
                &["http://x/First".to_owned()]
            ),
            "The genres are Horror [1][2][3] and Comedy [1][4][5]."
        );
    }
}
