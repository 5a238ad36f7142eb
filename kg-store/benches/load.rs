//! Triples per second of a load, from N-Triples text to an acknowledged revision.

use std::fmt::Write;

use kg_store::{KnowledgeBase, LoadOptions, Quiet, RdfInput, RdfSyntax, StoreOptions};

const TRIPLES: usize = 100_000;

fn main() {
    divan::main();
}

fn triples(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let (subject, property) = (number / 10, number % 10);
        let _ = writeln!(
            text,
            "<http://example.org/id/{subject}> <http://example.org/p/{property}> \"value {number}\" ."
        );
    }
    text
}

/// Loads into an empty knowledge base, of which the making is not counted.
#[divan::bench(sample_count = 5, sample_size = 1, counters = [divan::counter::ItemsCount::new(TRIPLES)])]
fn load_100k_triples(bencher: divan::Bencher<'_, '_>) {
    let text = triples(TRIPLES);
    bencher
        .with_inputs(|| {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let kb = KnowledgeBase::create(&folder.path().join("kb"), StoreOptions::default())
                .expect("a knowledge base");
            (folder, kb)
        })
        .bench_local_values(|(folder, kb)| {
            let input = RdfInput::new(text.as_bytes(), "bench.nt", RdfSyntax::NTriples);
            let change = kb
                .writer()
                .load(input, &LoadOptions::default(), &Quiet)
                .expect("a load");
            assert_eq!(change.added, TRIPLES as u64);
            (folder, kb)
        });
}

/// Small writes, each durable when it returns.
#[divan::bench(sample_count = 50, sample_size = 1)]
fn commit_one_triple(bencher: divan::Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let kb = KnowledgeBase::create(&folder.path().join("kb"), StoreOptions::default())
        .expect("a knowledge base");
    let mut number = 0;
    bencher.bench_local(|| {
        number += 1;
        let text = format!("<http://example.org/{number}> <http://example.org/p> \"v\" .");
        let input = RdfInput::new(text.as_bytes(), "bench.nt", RdfSyntax::NTriples);
        kb.writer()
            .load(input, &LoadOptions::default(), &Quiet)
            .expect("a load")
    });
}
