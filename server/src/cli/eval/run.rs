//! Runs the questions and sums up.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Instant,
};

use parking_lot::Mutex;
use schemas::Grounding;

use super::{Eval, asker::Asker};
use crate::{
    cli::{Common, Failure, output::Progress, target::Target},
    eval::{
        baseline,
        bm25::Bm25,
        bootstrap::figure,
        facts,
        fold::{fold, same},
        questions::Question,
        report::{Cost, Figures, Mistake, Report, Spoken},
        score::{Scored, score, shown},
    },
};

/// Names of one entity that are compared; nobody has more honest ones.
const MAX_ALIASES: usize = 1_000;

pub(super) fn measure(
    eval: &Eval,
    questions: &[Question],
    common: &Common,
) -> Result<Report, Failure> {
    let needs_language = eval.closed_book || eval.free_rag;
    let asker = Asker::new(
        Target::open(common)?,
        &eval.kb,
        !eval.no_model,
        needs_language,
    )?;
    let mut report = Report {
        knowledge_base: eval.kb.clone(),
        questions: eval
            .questions
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default(),
        n: questions.len(),
        seed: eval.seed,
        answers: None,
        cost: None,
        random_edge: None,
        closed_book: None,
        free_rag: None,
        mistakes: Vec::new(),
    };
    if !eval.baselines_only {
        answers(eval, &asker, questions, &mut report)?;
        let edges = each(questions, eval.threads, "random edge", |q| {
            random_edge(&asker, q)
        })?;
        let values: Vec<f64> = edges.into_iter().map(|(value, _)| value).collect();
        report.random_edge = Some(figure(&values, eval.seed));
    }
    if eval.closed_book {
        let prompt = |q: &Question| baseline::closed_book(&q.question);
        report.closed_book = Some(spoken(eval, &asker, questions, "closed book", prompt)?);
    }
    if eval.free_rag {
        let index = Bm25::new(facts::verbalise(asker.facts()?)?);
        let prompt = |q: &Question| {
            baseline::free_rag(&q.question, &index.best(&q.question, baseline::FACTS))
        };
        report.free_rag = Some(spoken(eval, &asker, questions, "free RAG", prompt)?);
    }
    Ok(report)
}

/// Does something for each question on some threads; results in the questions' order, each with its seconds.
fn each<T: Send>(
    questions: &[Question],
    threads: usize,
    name: &str,
    work: impl Fn(&Question) -> Result<T, Failure> + Sync,
) -> Result<Vec<(T, f64)>, Failure> {
    let progress = Progress::new(name);
    let next = AtomicUsize::new(0);
    let failed: Mutex<Option<Failure>> = Mutex::new(None);
    let results: Mutex<Vec<Option<(T, f64)>>> =
        Mutex::new(questions.iter().map(|_| None).collect());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= questions.len() || failed.lock().is_some() {
                        return;
                    }
                    let began = Instant::now();
                    match work(&questions[at]) {
                        Ok(value) => {
                            results.lock()[at] = Some((value, began.elapsed().as_secs_f64()));
                        }
                        Err(failure) => *failed.lock() = Some(failure),
                    }
                    progress.show("questions", at as u64 + 1, Some(questions.len() as u64));
                }
            });
        }
    });
    match failed.into_inner() {
        Some(failure) => Err(failure),
        None => Ok(results.into_inner().into_iter().flatten().collect()),
    }
}

fn answers(
    eval: &Eval,
    asker: &Asker,
    questions: &[Question],
    report: &mut Report,
) -> Result<(), Failure> {
    let before = asker.cpu_seconds();
    // A failed answer is a result, not the end of the run.
    let answered = each(questions, eval.threads, "answers", |q| {
        Ok(asker.ask(&q.question))
    })?;
    let cpu = asker
        .cpu_seconds()
        .zip(before)
        .map(|(after, before)| after - before);
    let mut scored = Vec::with_capacity(answered.len());
    let mut seconds = Vec::with_capacity(answered.len());
    for (question, (answer, time)) in questions.iter().zip(answered) {
        seconds.push(time);
        let mut aliases = |iri: &str| {
            let found = asker.entity(iri).ok().flatten();
            found.map_or_else(Vec::new, |e| {
                e.aliases.into_iter().take(MAX_ALIASES).collect()
            })
        };
        let figures = match &answer {
            Ok(grounding) => score(question, grounding, &mut aliases),
            Err(_) => Scored {
                error: 1.0,
                ..Scored::default()
            },
        };
        if figures.hit == 0.0 && report.mistakes.len() < eval.mistakes {
            report.mistakes.push(mistake(question, answer.as_ref()));
        }
        scored.push(figures);
    }
    report.answers = Some(Figures::of(&scored, eval.seed));
    report.cost = Some(Cost::of(&seconds, cpu));
    Ok(())
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

/// The share of the linked entity's edges whose other end is right: what blind choice can expect.
fn random_edge(asker: &Asker, question: &Question) -> Result<f64, Failure> {
    let gold: Vec<String> = question.gold().iter().map(|g| fold(g)).collect();
    let Some(iri) = asker.linked(&question.question)? else {
        return Ok(0.0);
    };
    let Some(entity) = asker.entity(&iri)? else {
        return Ok(0.0);
    };
    let ends: Vec<String> = entity
        .outgoing
        .iter()
        .map(|fact| (fact, &fact.object))
        .chain(entity.incoming.iter().map(|fact| (fact, &fact.subject)))
        .filter(|(fact, _)| !facts::is_name(&fact.predicate.value))
        .map(|(_, end)| fold(shown(end)))
        .collect();
    if ends.is_empty() {
        return Ok(0.0);
    }
    let right = ends
        .iter()
        .filter(|end| gold.iter().any(|g| same(end, g)))
        .count();
    Ok(right as f64 / ends.len() as f64)
}

fn spoken(
    eval: &Eval,
    asker: &Asker,
    questions: &[Question],
    name: &str,
    prompt: impl Fn(&Question) -> String + Sync,
) -> Result<Spoken, Failure> {
    let before = asker.cpu_seconds();
    let said = each(questions, eval.threads, name, |q| {
        asker.speak(&prompt(q), baseline::TOKENS)
    })?;
    let cpu = asker
        .cpu_seconds()
        .zip(before)
        .map(|(after, before)| after - before);
    let seconds: Vec<f64> = said.iter().map(|(_, time)| *time).collect();
    let right: Vec<f64> = questions
        .iter()
        .zip(&said)
        .map(|(q, (text, _))| f64::from(u8::from(baseline::right(q, text))))
        .collect();
    Ok(Spoken {
        right: figure(&right, eval.seed),
        cost: Cost::of(&seconds, cpu),
    })
}
