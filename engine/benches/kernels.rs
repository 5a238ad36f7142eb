//! Each kernel by itself, at the sizes of SmolLM2-135M: 576 wide, 1,536 hidden, 9 heads of 64 over 3.

use divan::Bencher;
use divan::counter::ItemsCount;
use engine::KvFormat;
use engine::bench::{Attention, Product, Row};

fn main() {
    divan::main();
}

const FORMATS: [&str; 7] = ["Q4_0", "Q4_1", "Q5_0", "Q8_0", "Q4K", "Q5K", "Q6K"];
const WIDTH: usize = 576;
const HIDDEN: usize = 1536;

/// Items are multiply-adds.
fn product(bencher: Bencher<'_, '_>, format: &str, shape: (usize, usize), rows: usize) {
    let Some(mut product) = Product::new(format, shape, rows) else {
        return;
    };
    bencher
        .counter(ItemsCount::new(shape.0 * shape.1 * rows))
        .bench_local(|| product.multiply());
}

/// Blocks of k-quants have 256 weights, so that their rows are of the hidden size.
#[divan::bench(args = FORMATS)]
fn matrix_vector(bencher: Bencher<'_, '_>, format: &str) {
    product(bencher, format, (WIDTH, HIDDEN), 1);
}

#[divan::bench(args = FORMATS)]
fn matrix_matrix(bencher: Bencher<'_, '_>, format: &str) {
    product(bencher, format, (WIDTH, HIDDEN), 128);
}

/// The output matrix, from memory rather than from a cache.
#[divan::bench]
fn logits(bencher: Bencher<'_, '_>) {
    product(bencher, "Q8_0", (49_152, WIDTH), 1);
}

#[divan::bench(args = [1, 128])]
fn round_activations(bencher: Bencher<'_, '_>, rows: usize) {
    let Some(mut product) = Product::new("Q4_1", (16, HIDDEN), rows) else {
        return;
    };
    bencher
        .counter(ItemsCount::new(rows * HIDDEN))
        .bench_local(|| product.round());
}

/// Items are cells met by a query.
fn attention(bencher: Bencher<'_, '_>, format: KvFormat, rows: usize) {
    let mut attention = Attention::new(format, 512, (rows, 3, 64));
    bencher
        .counter(ItemsCount::new(512 * rows * 3))
        .bench_local(|| attention.attend());
}

#[divan::bench(args = [1, 8])]
fn attention_f16(bencher: Bencher<'_, '_>, rows: usize) {
    attention(bencher, KvFormat::F16, rows);
}

#[divan::bench(args = [1, 8])]
fn attention_int8(bencher: Bencher<'_, '_>, rows: usize) {
    attention(bencher, KvFormat::Int8, rows);
}

fn row(bencher: Bencher<'_, '_>, length: usize, run: fn(&mut Row)) {
    let mut row = Row::new(length);
    bencher
        .counter(ItemsCount::new(length))
        .bench_local(|| run(&mut row));
}

#[divan::bench]
fn rms_norm(bencher: Bencher<'_, '_>) {
    row(bencher, WIDTH, Row::rms_norm);
}

#[divan::bench]
fn silu_multiply(bencher: Bencher<'_, '_>) {
    row(bencher, HIDDEN, Row::silu_multiply);
}

#[divan::bench]
fn rotate(bencher: Bencher<'_, '_>) {
    row(bencher, 64, Row::rotate);
}
