//! Reads a sentence against its evidence before it is released.
//!
//! The check is independent of how the sentence was made: it looks at the words alone. It refuses a
//! sentence that names or counts anything which the evidence, the result and the question do not, that
//! says no where the result is not, or that turns a fact round.

use retriever::evidence::Fact;
use retriever::text::{self, Token};
use schemas::Term;

/// What a sentence may speak of.
pub(crate) struct Evidence<'a> {
    /// The question.
    pub(crate) question: &'a str,
    /// The result.
    pub(crate) rows: &'a [Vec<Term>],
    /// The facts.
    pub(crate) facts: &'a [Fact],
    /// Labels that the reading brings besides: of classes, predicates and entities.
    pub(crate) labels: &'a [String],
    /// Whether the answer is negative: no, or none.
    pub(crate) negative: bool,
}

/// Whether the evidence bears the sentence out.
pub(crate) fn holds(sentence: &str, evidence: &Evidence<'_>) -> bool {
    let tokens = text::tokens(sentence);
    names_and_numbers_are_known(&tokens, evidence)
        && negation_agrees(sentence, &tokens, evidence)
        && roles_agree(sentence, evidence)
}

fn names_and_numbers_are_known(tokens: &[Token], evidence: &Evidence<'_>) -> bool {
    let mut known: std::collections::HashSet<String> = std::collections::HashSet::new();
    let mut add = |text: &str| known.extend(text::tokens(text).into_iter().map(|t| t.text));
    add(evidence.question);
    evidence.labels.iter().for_each(|label| add(label));
    evidence.rows.iter().flatten().for_each(|term| {
        add(term.text());
        // A computed number may be said with fewer decimals.
        if let Some(short) = crate::phrase::rounded(term.text()) {
            add(&short);
        }
    });
    for fact in evidence.facts {
        [&fact.subject, &fact.predicate, &fact.object]
            .into_iter()
            .for_each(|term| add(term.text()));
    }
    let listed = evidence.rows.len();
    tokens.iter().enumerate().all(|(at, token)| {
        let number = token.text.chars().any(char::is_numeric);
        let name = token.capital && at > 0;
        // "and 12 more" counts the rows that are not spelt out.
        let counts_rows = token.text.parse::<usize>().is_ok_and(|n| n < listed);
        !(number || name) || known.contains(&token.text) || counts_rows
    })
}

fn negation_agrees(sentence: &str, tokens: &[Token], evidence: &Evidence<'_>) -> bool {
    let label_words: Vec<Token> = evidence
        .facts
        .iter()
        .flat_map(|f| [&f.subject, &f.predicate, &f.object])
        .chain(evidence.rows.iter().flatten())
        .flat_map(|term| text::tokens(term.text()))
        .collect();
    // A name may hold such a word itself: "No Country for Old Men".
    let negates = |t: &&Token| {
        matches!(
            t.text.as_str(),
            "no" | "not" | "none" | "never" | "nobody" | "nothing" | "neither"
        ) && !label_words.iter().any(|word| word.text == t.text)
    };
    let negated = tokens.iter().any(|t| negates(&t))
        || sentence.starts_with("No,")
        || sentence.contains(" 0 ");
    negated == evidence.negative
}

/// "The capital of Chad is N'Djamena" must be the fact (Chad, capital, N'Djamena), not its reverse.
fn roles_agree(sentence: &str, evidence: &Evidence<'_>) -> bool {
    if evidence.negative {
        return true;
    }
    let said = text::key(sentence);
    evidence
        .facts
        .iter()
        .filter(|f| f.subject.value != f.object.value)
        .all(|fact| {
            let (subject, predicate, object) = (
                text::key(fact.subject.text()),
                text::key(fact.predicate.text()),
                text::key(fact.object.text()),
            );
            // The reverse of a fact may be a fact itself: then either order is true.
            let symmetric = evidence.facts.iter().any(|other| {
                other.subject.value == fact.object.value && other.object.value == fact.subject.value
            });
            let reversed = format!("the {predicate} of {object} is {subject}");
            let reversed_too = format!("{subject} is the {predicate} of {object}");
            symmetric || !(said.contains(&reversed) || said.contains(&reversed_too))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact() -> Fact {
        Fact {
            subject: Term::uri("http://x/chad", Some("Chad".into())),
            predicate: Term::uri("http://x/capital", Some("capital".into())),
            object: Term::uri("http://x/ndj", Some("N'Djamena".into())),
            graph: None,
            tells_class: false,
            of_nameless: false,
            to_nameless: false,
        }
    }

    fn check(sentence: &str, negative: bool) -> bool {
        let facts = [fact()];
        let rows = [vec![facts[0].object.clone()]];
        let question = "What is the capital of Chad?";
        holds(
            sentence,
            &Evidence {
                question,
                rows: &rows,
                facts: &facts,
                labels: &[],
                negative,
            },
        )
    }

    #[test]
    fn a_true_sentence_passes() {
        assert!(check("The capital of Chad is N'Djamena.", false));
        assert!(check("N'Djamena is the capital of Chad.", false));
    }

    #[test]
    fn a_name_or_number_from_nowhere_is_refused() {
        assert!(!check("The capital of Chad is Paris.", false));
        assert!(!check(
            "The capital of Chad is N'Djamena, with 7 gates.",
            false
        ));
    }

    #[test]
    fn a_fact_turned_round_is_refused() {
        assert!(!check("The capital of N'Djamena is Chad.", false));
        assert!(!check("Chad is the capital of N'Djamena.", false));
    }

    #[test]
    fn a_wrong_negation_is_refused() {
        assert!(!check("The capital of Chad is not N'Djamena.", false));
        assert!(!check("The capital of Chad is N'Djamena.", true));
    }
}
