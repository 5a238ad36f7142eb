//! Several questions asked at once. Each is answered as one of its own, in the light of those before; where one has no answer, the
//! text is read as one question after all, unless it surely is none. One query holds all results, so that one proof holds the answer.

mod parts;

pub(crate) use parts::parts;
use parts::refers;

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
use crate::phrase::list;

/// A part of a text that is a question by itself, with its answer.
struct Part {
    question: Literal,
    answer: Answer,
}

impl Answerer {
    /// The answer to the questions of a text; none where it asks one, or is better read as one. Where the last ones have no answer,
    /// and speak of something before, the text says so.
    pub(crate) fn answer_several(
        &self,
        kb: &KbName,
        view: &ReadView,
        question: &Question,
    ) -> Result<Option<Answer>, AnswerError> {
        let Some(texts) = parts(&question.text) else {
            return Ok(None);
        };
        let mut history = question.history.clone();
        let mut found: Vec<Part> = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            // The text may have to be read as one question after all, in what time is left; and nothing is worded in vain.
            let now = Instant::now();
            let left = question.deadline.saturating_duration_since(now);
            let part = Question {
                text: text.clone(),
                history: history.clone(),
                allow_ungrounded: false,
                use_model: false,
                deadline: now + left / (texts.len() - at + 1) as u32,
                ..question.clone()
            };
            // Nothing is sent before all are known.
            let answer = match self.answer_one(kb, view, &part, &mut |_| ControlFlow::Continue(()))
            {
                Err(AnswerError::Retriever(RetrieverError::Timeout)) => return Ok(None),
                answer => answer?,
            };
            if !can_be_joined(&answer.grounding) {
                let open = &texts[at..];
                let one = found
                    .pop()
                    .filter(|_| at == 1 && open.iter().all(|text| refers(text)));
                return Ok(one.map(|one| without(one.answer, open)));
            }
            history.push(turn("user", text));
            history.push(turn("assistant", &answer.content));
            found.push(Part {
                question: Literal::new_simple_literal(text),
                answer,
            });
        }
        Ok(join(found))
    }
}

/// An answer to the first of some questions that says that the others have none.
fn without(mut answer: Answer, open: &[String]) -> Answer {
    let open: Vec<String> = open.iter().map(|text| format!("\"{text}\"")).collect();
    answer.content = format!("{} I don't know: {}.", answer.content, list(&open));
    answer
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

fn join(parts: Vec<Part>) -> Option<Answer> {
    let patterns: Vec<String> = parts.iter().map(Part::pattern).collect();
    let sparql = format!(
        "SELECT ?answer ?question WHERE {{ {} }}",
        patterns.join(" UNION ")
    );
    let rows: Vec<Vec<Term>> = parts.iter().flat_map(Part::rows).collect();
    let mut answers = parts.into_iter().map(|part| part.answer);
    let mut joined = answers.next()?;
    for other in answers {
        add(&mut joined, other);
    }
    let grounding = &mut joined.grounding;
    grounding.answers = rows.iter().map(|row| row[0].clone()).collect();
    grounding.columns = vec!["answer".to_owned(), "question".to_owned()];
    grounding.rows = rows;
    grounding.sparql = Some(sparql);
    Some(joined)
}

/// Puts the text and the evidence of another answer behind those of one.
fn add(joined: &mut Answer, other: Answer) {
    let grounding = &mut joined.grounding;
    let known = grounding.citations.len();
    let more = other.grounding;
    joined.content.push(' ');
    joined
        .content
        .push_str(&cite::moved(&other.content, known, more.citations.len()));
    joined.usage.prompt_tokens += other.usage.prompt_tokens;
    joined.usage.completion_tokens += other.usage.completion_tokens;
    joined.usage.total_tokens += other.usage.total_tokens;
    if grounding.status == Status::Grounded {
        grounding.status = more.status;
    }
    grounding.alternatives.extend(more.alternatives);
    let renumbered = more.citations.into_iter().zip(known as u32 + 1..);
    grounding
        .citations
        .extend(renumbered.map(|(citation, id)| numbered(citation, id)));
    grounding.confidence = grounding.confidence.min(more.confidence);
    grounding.timings_ms = sum(grounding.timings_ms, more.timings_ms);
    if let (Some(Value::Object(explained)), Some(further)) =
        (&mut grounding.explanation, more.explanation)
    {
        let all = explained
            .entry("further")
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(all) = all {
            all.push(further);
        }
    }
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
