//! What the machine can do at most, measured on the spot: reading memory, and multiplying bytes. One JSON object per
//! line, for `scripts/bench/bounds.py` to hold the engine's figures against.
//!
//! Each figure is the best of several passes, since a bound is what is not exceeded.

use std::hint::black_box;
use std::time::Instant;

/// What a pass reads: far more than any cache holds.
const BYTES: usize = 512 << 20;
const PASSES: usize = 9;

fn main() {
    // `cargo test --benches` and others call with arguments of their own.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for threads in if threads == 1 {
        vec![1]
    } else {
        vec![1, threads]
    } {
        print(&format!("read_{threads}_gb_s"), read(threads) / 1e9);
        for (name, multiply) in products() {
            let figure = multiplied(threads, multiply) / 1e9;
            print(&format!("{name}_{threads}_gmac_s"), figure);
        }
    }
}

/// Bytes per second that so many threads read and add up.
fn read(threads: usize) -> f64 {
    let memory = vec![1u64; BYTES / size_of::<u64>()];
    let share = memory.len().div_ceil(threads);
    let pass = || {
        std::thread::scope(|scope| {
            for part in memory.chunks(share) {
                scope.spawn(move || black_box(sum(part)));
            }
        });
    };
    BYTES as f64 / best(pass)
}

/// The sum in several parts, so that none waits for another.
fn sum(numbers: &[u64]) -> u64 {
    let (groups, rest) = numbers.as_chunks::<32>();
    let mut sums = [0u64; 32];
    for group in groups {
        for (sum, number) in sums.iter_mut().zip(group) {
            *sum = sum.wrapping_add(*number);
        }
    }
    sums.iter()
        .chain(rest)
        .fold(0, |sum, number| sum.wrapping_add(*number))
}

/// Computes products for a while; says how many.
type Multiply = fn() -> usize;

/// Multiply-adds per second on so many threads.
fn multiplied(threads: usize, multiply: Multiply) -> f64 {
    let count = multiply() * threads;
    let pass = || {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(move || black_box(multiply()));
            }
        });
    };
    count as f64 / best(pass)
}

/// Seconds of the fastest pass.
fn best(pass: impl Fn()) -> f64 {
    let times = (0..PASSES).map(|_| {
        let began = Instant::now();
        pass();
        began.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}

#[cfg(not(target_arch = "x86_64"))]
fn products() -> Vec<(&'static str, Multiply)> {
    Vec::new()
}

/// The instructions that the machine has for products of bytes, as the kernels use them.
#[cfg(target_arch = "x86_64")]
fn products() -> Vec<(&'static str, Multiply)> {
    let mut found: Vec<(&'static str, Multiply)> = Vec::new();
    if is_x86_feature_detected!("avx2") {
        found.push(("avx2", x86::avx2));
    }
    if is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vnni")
    {
        found.push(("avx512vnni", x86::avx512));
    }
    found
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    // Instructions that not every machine has are called; `products` has asked for them.
    #![allow(unsafe_code)]

    use std::arch::x86_64::*;
    use std::hint::black_box;

    /// Passes over the weights.
    const ROUNDS: usize = 400_000;
    /// Vectors of weights; they stay in the first cache.
    const WEIGHTS: usize = 64;
    /// Rows whose products are added up side by side: enough to hide how long each product takes.
    const ROWS: usize = 12;

    pub(super) fn avx2() -> usize {
        // SAFETY: `products` names this only where the machine has AVX2.
        unsafe { multiply_avx2() }
    }

    pub(super) fn avx512() -> usize {
        // SAFETY: `products` names this only where the machine has these parts of AVX-512.
        unsafe { multiply_avx512() }
    }

    #[target_feature(enable = "avx2")]
    fn multiply_avx2() -> usize {
        let weights = black_box([_mm256_set1_epi8(1); WEIGHTS]);
        // More rows would not fit into the registers.
        let rows = black_box([_mm256_set1_epi8(1); ROWS / 2]);
        let mut sums = [_mm256_setzero_si256(); ROWS / 2];
        for _ in 0..ROUNDS {
            for weight in &weights {
                for (sum, row) in sums.iter_mut().zip(&rows) {
                    *sum = _mm256_add_epi16(*sum, _mm256_maddubs_epi16(*weight, *row));
                }
            }
        }
        black_box(sums);
        ROUNDS * WEIGHTS * sums.len() * size_of::<__m256i>()
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    fn multiply_avx512() -> usize {
        let weights = black_box([_mm512_set1_epi8(1); WEIGHTS]);
        let rows = black_box([_mm512_set1_epi8(1); ROWS]);
        let mut sums = [_mm512_setzero_si512(); ROWS];
        for _ in 0..ROUNDS {
            for weight in &weights {
                for (sum, row) in sums.iter_mut().zip(&rows) {
                    *sum = _mm512_dpbusd_epi32(*sum, *weight, *row);
                }
            }
        }
        black_box(sums);
        ROUNDS * WEIGHTS * sums.len() * size_of::<__m512i>()
    }
}

fn print(what: &str, figure: f64) {
    println!("{{\"what\": \"{what}\", \"figure\": {figure:.4}}}");
}
