//! Two questions asked at once. Each is answered as one of its own, the second one in the light of the first; where either has no
//! answer, the text is read as one question after all. One query holds both results, so that one proof holds the answer.

mod parts;

pub(crate) use parts::parts;

use std::ops::ControlFlow;
use std::time::Instant;

use engine::ChatTurn;
use kg_store::rdf::Literal;
use retriever::{ReadView, RetrieverError};
use schemas::grounding::{Citation, Timings};
use schemas::{Grounding, KbName, Status, Term};
use serde_json::Value;

use crate::AnswerError;
use crate::answerer::{Answer, Answerer, Question};
use crate::cite;

/// A part of a text that is a question by itself, with its answer.
struct Part {
    question: Literal,
    answer: Answer,
}

impl Answerer {
    /// The answer to both questions of a text; none where it asks one, or where only one of the two has an answer.
    pub(crate) fn answer_both(
        &self,
        kb: &KbName,
        view: &ReadView,
        question: &Question,
    ) -> Result<Option<Answer>, AnswerError> {
        let Some([first, second]) = parts(&question.text) else {
            return Ok(None);
        };
        let ask = |text: &str, history: Vec<ChatTurn>| {
            // The text may have to be read as one question after all, in what time is left; and nothing is worded in vain.
            let now = Instant::now();
            let left = question.deadline.saturating_duration_since(now);
            let part = Question {
                text: text.to_owned(),
                history,
                allow_ungrounded: false,
                use_model: false,
                deadline: now + left / 3,
                ..question.clone()
            };
            // Nothing is sent before both are known.
            let answer = match self.answer_one(kb, view, &part, &mut |_| ControlFlow::Continue(()))
            {
                Err(AnswerError::Retriever(RetrieverError::Timeout)) => return Ok(None),
                answer => answer?,
            };
            let joinable = can_be_joined(&answer.grounding);
            Ok::<_, AnswerError>(joinable.then(|| Part {
                question: Literal::new_simple_literal(text),
                answer,
            }))
        };
        let Some(one) = ask(&first, question.history.clone())? else {
            return Ok(None);
        };
        let mut history = question.history.clone();
        history.push(turn("user", &first));
        history.push(turn("assistant", &one.answer.content));
        let other = ask(&second, history)?;
        Ok(other.map(|other| join(one, other)))
    }
}

fn turn(role: &str, content: &str) -> ChatTurn {
    ChatTurn {
        role: role.to_owned(),
        content: content.to_owned(),
    }
}

/// Whether the whole result of a query is the answer, so that it can stand beside another one's. Where things are ranked, it holds
/// the others as well.
fn can_be_joined(grounding: &Grounding) -> bool {
    let query = grounding.sparql.as_deref().unwrap_or_default();
    let told = matches!(grounding.status, Status::Grounded | Status::Ambiguous);
    let ranks = query.contains(" ORDER BY ") && !query.contains(" LIMIT ");
    told && variable(query).is_some() && !ranks
}

/// The variable that a query gives first, where that is what is asked for.
fn variable(query: &str) -> Option<&str> {
    let given = query.strip_prefix("SELECT ")?;
    let given = given.strip_prefix("DISTINCT ").unwrap_or(given);
    if let Some(computed) = given.strip_prefix('(') {
        let (_, rest) = computed.split_once(" AS ")?;
        return rest.split_once(')').map(|(variable, _)| variable);
    }
    // What something is is told by its facts, of which the query gives the predicates first.
    let first = given.split_whitespace().next()?;
    (first == "?answer").then_some(first)
}

impl Part {
    /// Its query as a part of another one.
    fn pattern(&self) -> String {
        let query = self.answer.grounding.sparql.as_deref().unwrap_or_default();
        let answer = match variable(query) {
            None | Some("?answer") => String::new(),
            Some(other) => format!("BIND({other} AS ?answer) "),
        };
        let question = &self.question;
        format!("{{ {{ {query} }} {answer}BIND({question} AS ?question) }}")
    }

    /// Its answers, each with the question.
    fn rows(&self) -> impl Iterator<Item = Vec<Term>> {
        let question = kg_store::rdf::to_schema_term(&self.question.clone().into());
        let answers = self.answer.grounding.answers.iter();
        answers.map(move |answer| vec![answer.clone(), question.clone()])
    }
}

fn join(one: Part, other: Part) -> Answer {
    let sparql = format!(
        "SELECT ?answer ?question WHERE {{ {} UNION {} }}",
        one.pattern(),
        other.pattern()
    );
    let rows: Vec<Vec<Term>> = one.rows().chain(other.rows()).collect();
    let (mut joined, other) = (one.answer, other.answer);
    let known = joined.grounding.citations.len();
    joined.content = format!(
        "{} {}",
        joined.content,
        cite::moved(&other.content, known, other.grounding.citations.len())
    );
    joined.usage.prompt_tokens += other.usage.prompt_tokens;
    joined.usage.completion_tokens += other.usage.completion_tokens;
    joined.usage.total_tokens += other.usage.total_tokens;
    let grounding = &mut joined.grounding;
    let more = other.grounding;
    if grounding.status == Status::Grounded {
        grounding.status = more.status;
    }
    grounding.answers = rows.iter().map(|row| row[0].clone()).collect();
    grounding.columns = vec!["answer".to_owned(), "question".to_owned()];
    grounding.rows = rows;
    grounding.alternatives.extend(more.alternatives);
    let renumbered = more.citations.into_iter().zip(known as u32 + 1..);
    grounding
        .citations
        .extend(renumbered.map(|(citation, id)| numbered(citation, id)));
    grounding.sparql = Some(sparql);
    grounding.confidence = grounding.confidence.min(more.confidence);
    grounding.timings_ms = sum(grounding.timings_ms, more.timings_ms);
    if let (Some(Value::Object(explained)), Some(second)) =
        (&mut grounding.explanation, more.explanation)
    {
        explained.insert("second".to_owned(), second);
    }
    joined
}

fn numbered(mut citation: Citation, number: u32) -> Citation {
    match &mut citation {
        Citation::Fact { id, .. } | Citation::Passage { id, .. } => *id = number,
    }
    citation
}

fn sum(a: Timings, b: Timings) -> Timings {
    Timings {
        link: a.link + b.link,
        plan: a.plan + b.plan,
        query: a.query + b.query,
        word: a.word + b.word,
    }
}

#[cfg(test)]
mod tests {
    use super::variable;

    #[test]
    fn what_a_query_gives_first() {
        for (query, given) in [
            ("SELECT DISTINCT ?answer WHERE { }", Some("?answer")),
            ("SELECT ?answer ?value WHERE { }", Some("?answer")),
            (
                "SELECT (COUNT(DISTINCT ?answer) AS ?count) WHERE { }",
                Some("?count"),
            ),
            ("SELECT DISTINCT ?property ?answer WHERE { }", None),
            ("ASK { }", None),
        ] {
            assert_eq!(variable(query), given, "{query}");
        }
    }
}
