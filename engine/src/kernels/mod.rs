//! The loops in which the time goes.
//!
//! Loops over floats are written once over a vector type whose width is chosen at run time: AVX2 with FMA or NEON
//! where the machine has it, else plain scalars. Products with quantised weights have kernels for each set of
//! instructions ([`quantized`]). Every sum is taken in an order that depends only on its own length, never on how
//! many rows are computed together: a prompt gives the same bits whole or in pieces.

mod attention;
mod bert;
mod cells;
mod dense;
mod dense_bytes;
mod elementwise;
mod half;
mod halves;
mod matmul;
mod quantized;
mod team;

use pulp::{Simd, WithSimd};

pub(crate) use attention::{
    Blocks, CELLS, Found, MOST_HEAD, Queries, Scratch, attend, attend_parts, padded,
};
pub(crate) use bert::{Norm, add_norm, gelu, softmax};
pub(crate) use cells::KeysValues;
pub use cells::KvFormat;
pub(crate) use dense::{Panels, Strided};
pub(crate) use dense_bytes::{Bytes, Shorts};
pub(crate) use elementwise::{
    add, gelu_multiply, rms_norm, rms_norm_in_place, rotate_halves, rotate_neighbours, scale,
    silu_multiply,
};
pub(crate) use halves::{HalfFormat, Halves};
pub(crate) use matmul::{Inputs, Weights, matmul, select_rows};
pub use quantized::Isa;
pub(crate) use quantized::{Activations, Quantization, Tiles};
pub(crate) use team::Team;

/// Runs an operation with the widest vectors that the machine has.
#[inline]
fn dispatch<Op: WithSimd>(op: Op) -> Op::Output {
    // Named here because `Arch` offers it only under a feature of `pulp` that the other users of that crate
    // in the build leave off.
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        return Simd::vectorize(simd, op);
    }
    pulp::Arch::new().dispatch(op)
}

/// Dot products of each of `X` vectors with each of `W` vectors of the same length.
#[inline(always)]
fn tile<S: Simd, const X: usize, const W: usize>(
    simd: S,
    x: [&[f32]; X],
    w: [&[f32]; W],
) -> [[f32; W]; X] {
    // Plain loops throughout: closures, as `array::map` takes them, are compiled without the wide vectors.
    let length = x[0].len();
    let mut heads_x: [&[S::f32s]; X] = [&[]; X];
    let mut heads_w: [&[S::f32s]; W] = [&[]; W];
    let mut tails_x: [&[f32]; X] = [&[]; X];
    let mut tails_w: [&[f32]; W] = [&[]; W];
    let steps = length / S::F32_LANES;
    for i in 0..X {
        let (head, tail) = S::as_simd_f32s(&x[i][..length]);
        (heads_x[i], tails_x[i]) = (&head[..steps], tail);
    }
    for j in 0..W {
        let (head, tail) = S::as_simd_f32s(&w[j][..length]);
        (heads_w[j], tails_w[j]) = (&head[..steps], tail);
    }
    let mut sums = [[simd.splat_f32s(0.0); W]; X];
    for step in 0..steps {
        // Twelve sums, three activations and one weight: just the sixteen registers of AVX2.
        let mut vectors_x = [simd.splat_f32s(0.0); X];
        for i in 0..X {
            vectors_x[i] = heads_x[i][step];
        }
        for j in 0..W {
            let vector_w = heads_w[j][step];
            for i in 0..X {
                sums[i][j] = simd.mul_add_e_f32s(vectors_x[i], vector_w, sums[i][j]);
            }
        }
    }
    let mut out = [[0.0; W]; X];
    for i in 0..X {
        for j in 0..W {
            if !tails_x[i].is_empty() {
                let tail_x = simd.partial_load_f32s(tails_x[i]);
                let tail_w = simd.partial_load_f32s(tails_w[j]);
                sums[i][j] = simd.mul_add_e_f32s(tail_x, tail_w, sums[i][j]);
            }
            out[i][j] = simd.reduce_sum_f32s(sums[i][j]);
        }
    }
    out
}

/// `N` rows of a matrix, from `at` on.
#[inline(always)]
fn rows<T, const N: usize>(matrix: &[T], columns: usize, at: usize) -> [&[T]; N] {
    let mut out: [&[T]; N] = [&[]; N];
    for i in 0..N {
        out[i] = &matrix[(at + i) * columns..][..columns];
    }
    out
}
