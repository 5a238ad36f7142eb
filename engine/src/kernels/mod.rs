//! The loops in which the time goes, in safe Rust.
//!
//! Each is written once over a vector type whose width is chosen at run time: AVX2 with FMA or NEON where
//! the machine has it, else plain scalars. Every sum is taken in an order that depends only on its own
//! length, never on how many rows are computed together: a prompt gives the same bits whole or in pieces.

mod attention;
mod elementwise;
mod matmul;

use pulp::{Simd, WithSimd};

pub(crate) use attention::{Heads, attend};
pub(crate) use elementwise::{add, rms_norm, rotate, silu_multiply};
pub(crate) use matmul::{matmul, select_rows};

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
    let length = x[0].len();
    let x = x.map(|vector| S::as_simd_f32s(&vector[..length]));
    let w = w.map(|vector| S::as_simd_f32s(&vector[..length]));
    let (steps, rest) = (x[0].0.len(), x[0].1.len());
    let heads_x = x.map(|(head, _)| &head[..steps]);
    let heads_w = w.map(|(head, _)| &head[..steps]);
    let mut sums = [[simd.splat_f32s(0.0); W]; X];
    for step in 0..steps {
        let vectors_w: [S::f32s; W] = std::array::from_fn(|j| heads_w[j][step]);
        for i in 0..X {
            let vector_x = heads_x[i][step];
            for j in 0..W {
                sums[i][j] = simd.mul_add_e_f32s(vector_x, vectors_w[j], sums[i][j]);
            }
        }
    }
    if rest > 0 {
        let tails_w = w.map(|(_, tail)| simd.partial_load_f32s(tail));
        for i in 0..X {
            let tail_x = simd.partial_load_f32s(x[i].1);
            for j in 0..W {
                sums[i][j] = simd.mul_add_e_f32s(tail_x, tails_w[j], sums[i][j]);
            }
        }
    }
    sums.map(|row| row.map(|sum| simd.reduce_sum_f32s(sum)))
}
