//! Runs the questions and sums up.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Instant,
};

use parking_lot::Mutex;
use retriever::rank::{Signal, Without};

use super::{
    Eval,
    answers::{self, Answered},
    asker::{Asker, Manner},
};
use crate::{
    cli::{Common, Failure, output::Progress, target::Target},
    eval::{
        ablation::Ablation,
        baseline,
        bm25::Bm25,
        bootstrap::{Figure, figure},
        breakdown::breakdown,
        calibration::Calibration,
        density::{Density, Resources, Way},
        facts,
        fold::{fold, same},
        questions::Question,
        record::Record,
        report::{Cost, Figures, Report, Spoken},
        score::{Scored, shown},
    },
};

pub(super) fn measure(
    eval: &Eval,
    questions: &[Question],
    common: &Common,
) -> Result<Report, Failure> {
    let asker = Asker::new(Target::open(common)?, &eval.kb, eval.language())?;
    if eval.ablate && !asker.is_local() {
        return Err(Failure::usage(
            "--ablate takes the ranking apart, which a server does not do: name a data folder with --data",
        ));
    }
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
        calibration: None,
        breakdown: Vec::new(),
        density: None,
        ablation: None,
        mistakes: Vec::new(),
        records: Vec::new(),
    };
    let ask = |use_model, without, mistakes| {
        let manner = Manner {
            use_model,
            explain: false,
            without,
        };
        answers::answer(&asker, questions, eval.threads, manner, mistakes)
    };
    let answer = |use_model, mistakes| ask(use_model, Without::default(), mistakes);
    // A comparison wants both, and first the one of which the time matters more: what the second one asks of the
    // embedder is remembered.
    let plain = eval
        .density
        .then(|| answer(false, eval.mistakes))
        .transpose()?;
    let with_model = asker.has_language() && !eval.no_model;
    if !eval.baselines_only && (with_model || plain.is_none()) {
        sum_up(eval, answer(!eval.no_model, eval.mistakes)?, &mut report);
    }
    if !eval.baselines_only {
        let edges = each(questions, eval.threads, "random edge", |q| {
            random_edge(&asker, q)
        })?;
        let values: Vec<f64> = edges.into_iter().map(|(value, _)| value).collect();
        report.random_edge = Some(figure(&values, eval.seed));
    }
    let compared = eval.density && with_model;
    if eval.closed_book || compared {
        let prompt = |q: &Question| baseline::closed_book(&q.question);
        report.closed_book = Some(spoken(eval, &asker, questions, "closed book", prompt)?);
    }
    if eval.free_rag || compared {
        let index = Bm25::new(facts::verbalise(asker.facts()?)?);
        let prompt = |q: &Question| {
            baseline::free_rag(&q.question, &index.best(&q.question, baseline::FACTS))
        };
        report.free_rag = Some(spoken(eval, &asker, questions, "free RAG", prompt)?);
    }
    if let Some(plain) = plain {
        report.density = Some(density(&asker, &report, &plain, eval.seed));
        if report.answers.is_none() {
            sum_up(eval, plain, &mut report);
        }
    }
    if eval.ablate {
        let scored = |records: &[Record]| -> Vec<Scored> {
            records.iter().map(|record| record.scored).collect()
        };
        let full = scored(&report.records);
        let mut ablation = Ablation::of(&full, eval.seed);
        for signal in Signal::ALL {
            // Which answer is found does not hang on how it is worded.
            let answered = ask(false, Without::default().and(signal), 0)?;
            let found = scored(&answered.records);
            ablation.add(signal.name(), &full, &found, eval.seed);
        }
        report.ablation = Some(ablation);
    }
    Ok(report)
}

/// The figures of the answers.
fn sum_up(eval: &Eval, answered: Answered, report: &mut Report) {
    let Answered {
        records,
        mistakes,
        cost,
    } = answered;
    let scored: Vec<Scored> = records.iter().map(|record| record.scored).collect();
    let judged: Vec<(f64, bool)> = records.iter().filter_map(Record::judged).collect();
    report.answers = Some(Figures::of(&scored, eval.seed));
    report.cost = Some(cost);
    report.calibration = Calibration::of(&judged, records.len());
    report.breakdown = breakdown(&records, eval.seed);
    report.mistakes = mistakes;
    report.records = records;
}

/// The ways of answering side by side: those that were measured.
fn density(asker: &Asker, report: &Report, plain: &Answered, seed: u64) -> Density {
    let sizes = asker.sizes();
    let grounded = sizes.embedder.with(sizes.knowledge);
    let way = |name, right: Figure, resources: Resources, cost: Cost| Way {
        name,
        right,
        resources,
        cost,
    };
    let hits: Vec<f64> = plain
        .records
        .iter()
        .map(|record| record.scored.hit)
        .collect();
    let mut ways = Vec::new();
    if let Some(spoken) = &report.closed_book {
        ways.push(way(
            "closed book",
            spoken.right,
            sizes.language,
            spoken.cost,
        ));
    }
    if let Some(spoken) = &report.free_rag {
        let resources = sizes.language.with(sizes.knowledge);
        ways.push(way("free RAG", spoken.right, resources, spoken.cost));
    }
    if let (Some(answers), Some(cost)) = (&report.answers, report.cost) {
        let resources = grounded.with(sizes.language);
        ways.push(way("grounded", answers.hits_at_1, resources, cost));
    }
    let right = figure(&hits, seed);
    ways.push(way(
        "grounded, no language model",
        right,
        grounded,
        plain.cost,
    ));
    Density { ways }
}

/// Does something for each question on some threads; results in the questions' order, each with its seconds.
pub(super) fn each<T: Send>(
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
