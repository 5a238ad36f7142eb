//! Memory that the engine holds once eight requests have filled all of its keys and values, in each form of these.
//! One JSON object per line.

mod support;

use engine::{Engine, EngineError, EngineOptions};
use support::{kv, path, print, prompt, request, resident, run};

/// Requests, tokens of context of each, and tokens that each is answered with.
const REQUESTS: u32 = 8;
const CONTEXT: u32 = 2_048;
const ANSWER: u32 = 16;

fn main() {
    // `cargo test --benches` and others call with arguments of their own.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let outcome = match std::env::var("ALMANAC_KV") {
        Ok(name) => fill(&name),
        // In processes of their own, lest one find memory that the other has left.
        Err(_) => ["f16", "int8"].into_iter().try_for_each(measure),
    };
    if let Err(error) = outcome {
        eprintln!("failed: {error}");
        std::process::exit(1);
    }
}

fn measure(format: &str) -> Result<(), EngineError> {
    let failed = |error| EngineError::Internal(format!("the process for {format}: {error}"));
    let own = std::env::current_exe().map_err(failed)?;
    let mut process = std::process::Command::new(own);
    let status = process.arg("--bench").env("ALMANAC_KV", format).status();
    if status.map_err(failed)?.success() {
        Ok(())
    } else {
        Err(EngineError::Internal(format!("no figure for {format}")))
    }
}

fn fill(name: &str) -> Result<(), EngineError> {
    let options = EngineOptions {
        kv: kv(),
        slots: REQUESTS as usize,
        context: CONTEXT as usize,
        ..EngineOptions::default()
    };
    let engine = Engine::load(&path(), options)?;
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..REQUESTS)
            .map(|number| {
                let prompt = prompt(CONTEXT - ANSWER, number);
                let engine = &engine;
                scope.spawn(move || run(engine, request(prompt, ANSWER as usize)))
            })
            .collect();
        running
            .into_iter()
            .map(|one| one.join().unwrap_or(Err(EngineError::Closed)))
            .collect()
    });
    outcomes.into_iter().collect::<Result<(), _>>()?;
    print(&format!("resident_{name}_mb"), resident());
    Ok(())
}
