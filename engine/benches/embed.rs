//! Embeddings of one short sentence and of 64, in floats and in bytes.
//!
//! Where `ALMANAC_BENCH_TEXTS` names a file with lists of texts by name, these are embedded instead, and figures and
//! embeddings printed as JSON, one object per line, for `scripts/bench/embed.py`; with as many threads as
//! `ALMANAC_BENCH_THREADS` says.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use divan::Bencher;
use divan::counter::ItemsCount;
use engine::{Embedder, EmbedderOptions, Precision};

const SENTENCE: &str = "Which rivers flow through the capital of Chad?";
const WORDS: &str =
    "river stone glass paper engine market winter garden signal bridge copper silver";
const PRECISIONS: [(&str, Precision); 2] = [("f32", Precision::F32), ("int8", Precision::Int8)];

fn main() {
    match std::env::var_os("ALMANAC_BENCH_TEXTS") {
        None => divan::main(),
        Some(path) => {
            // `cargo test --benches` and others call with arguments of their own.
            if std::env::args().any(|argument| argument == "--bench")
                && let Err(error) = measure(&path.into())
            {
                eprintln!("failed: {error}");
                std::process::exit(1);
            }
        }
    }
}

/// The embedder, without a cache; none, with a message, where there is no model.
fn load(precision: Precision) -> Option<Embedder> {
    let home = std::env::var_os("HOME").unwrap_or_default();
    let folder = std::env::var_os("ALMANAC_MODELS").map_or_else(
        || PathBuf::from(home).join(".cache/almanac/models"),
        PathBuf::from,
    );
    let threads = std::env::var("ALMANAC_BENCH_THREADS");
    let options = EmbedderOptions {
        threads: threads
            .ok()
            .and_then(|threads| threads.parse().ok())
            .unwrap_or(0),
        precision,
        cache_bytes: 0,
    };
    Embedder::load_with(&folder.join("all-MiniLM-L6-v2"), &options)
        .inspect_err(|error| eprintln!("skipped: {error}"))
        .ok()
}

/// Items are texts.
fn bench(bencher: Bencher<'_, '_>, precision: &str, texts: &[&str]) {
    let known = PRECISIONS.iter().find(|(name, _)| *name == precision);
    let Some(embedder) = known.and_then(|(_, precision)| load(*precision)) else {
        return;
    };
    bencher
        .counter(ItemsCount::new(texts.len()))
        .bench(|| embedder.embed(texts).map(|vectors| vectors.len()));
}

#[divan::bench(args = ["f32", "int8"])]
fn sentence(bencher: Bencher<'_, '_>, precision: &str) {
    bench(bencher, precision, &[SENTENCE]);
}

#[divan::bench(args = ["f32", "int8"])]
fn batch_64(bencher: Bencher<'_, '_>, precision: &str) {
    let words: Vec<&str> = WORDS.split(' ').collect();
    let texts: Vec<String> = (0..64)
        .map(|at| {
            let some = words.iter().cycle().skip(at % 12).take(6 + at % 9);
            some.copied().collect::<Vec<_>>().join(" ")
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    bench(bencher, precision, &texts);
}

fn measure(path: &PathBuf) -> Result<(), Box<dyn std::error::Error>> {
    let lists: BTreeMap<String, Vec<String>> = serde_json::from_slice(&std::fs::read(path)?)?;
    for (name, precision) in PRECISIONS {
        let embedder = load(precision).ok_or("there is no model")?;
        for (list, texts) in &lists {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let vectors = embedder.embed(&texts)?;
            let seconds = median(|| embedder.embed(&texts).map(|_| ()))?;
            for (what, figure) in [
                ("ms", serde_json::json!(seconds * 1e3)),
                ("vectors", serde_json::json!(vectors)),
            ] {
                let what = format!("{list}, {name}, {what}");
                println!("{}", serde_json::json!({ "what": what, "figure": figure }));
            }
        }
    }
    Ok(())
}

/// The median time of as many runs as fit in two seconds.
fn median(
    mut run: impl FnMut() -> Result<(), engine::EngineError>,
) -> Result<f64, engine::EngineError> {
    let began = Instant::now();
    let mut times = Vec::new();
    while began.elapsed() < Duration::from_secs(2) {
        let one = Instant::now();
        run()?;
        times.push(one.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}
