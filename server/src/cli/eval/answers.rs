//! Asks the questions of the answer path, and keeps a record of each.

use retriever::rank::Without;
use schemas::Grounding;

use super::{
    asker::{Asker, Manner},
    run::each,
};
use crate::{
    cli::Failure,
    eval::{
        questions::Question,
        record::Record,
        report::{Cost, Mistake},
        score::{Scored, score, shown},
    },
};

/// Names of one entity that are compared; nobody has more honest ones.
const MAX_ALIASES: usize = 1_000;

/// How the questions were answered.
pub(super) struct Answered {
    pub(super) records: Vec<Record>,
    pub(super) mistakes: Vec<Mistake>,
    pub(super) cost: Cost,
}

/// Asks all questions in one manner, on some threads. Keeps at most so many of those that were not answered rightly.
pub(super) fn answer(
    asker: &Asker,
    questions: &[Question],
    threads: usize,
    manner: Manner,
    mistakes: usize,
) -> Result<Answered, Failure> {
    let name = if manner.without != Without::default() {
        "answers without a signal"
    } else if manner.use_model {
        "answers"
    } else {
        "answers without a model"
    };
    let before = asker.cpu_seconds();
    // A failed answer is a result, not the end of the run.
    let answered = each(questions, threads, name, |q| {
        Ok(asker.ask(&q.question, manner))
    })?;
    let cpu = asker
        .cpu_seconds()
        .zip(before)
        .map(|(after, before)| after - before);
    let seconds: Vec<f64> = answered.iter().map(|(_, time)| *time).collect();
    let mut found = Answered {
        records: Vec::with_capacity(answered.len()),
        mistakes: Vec::new(),
        cost: Cost::of(&seconds, cpu),
    };
    for (question, (answer, time)) in questions.iter().zip(answered) {
        let mut aliases = |iri: &str| {
            let known = asker.entity(iri).ok().flatten();
            known.map_or_else(Vec::new, |e| {
                e.aliases.into_iter().take(MAX_ALIASES).collect()
            })
        };
        let scored = match &answer {
            Ok(grounding) => score(question, grounding, &mut aliases),
            Err(_) => Scored {
                error: 1.0,
                ..Scored::default()
            },
        };
        if scored.hit == 0.0 && found.mistakes.len() < mistakes {
            found.mistakes.push(mistake(question, answer.as_ref()));
        }
        let grounding = answer.as_ref().ok();
        found
            .records
            .push(Record::new(question, grounding, scored, time));
    }
    Ok(found)
}

fn mistake(question: &Question, answer: Result<&Grounding, &Failure>) -> Mistake {
    let (got, status, sparql) = match answer {
        Ok(grounding) => (
            grounding
                .answers
                .iter()
                .take(5)
                .map(|t| shown(t).to_owned())
                .collect(),
            format!("{:?}", grounding.status).to_lowercase(),
            grounding.sparql.clone(),
        ),
        Err(failure) => (Vec::new(), failure.message.clone(), None),
    };
    Mistake {
        id: question.id.clone(),
        question: question.question.clone(),
        gold: question.gold().into_iter().take(5).collect(),
        got,
        status,
        sparql,
    }
}
