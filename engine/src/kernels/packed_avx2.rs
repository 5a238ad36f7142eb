//! Blocks of 32 weights, widened by AVX2, to memory or straight into a product.
//!
//! The compiler makes poor code of the portable loops (it gathers bytes one by one), so the instructions are
//! named here. Sums run in the order of `tile`: the results are the same to the last bit.

use std::arch::x86_64::{__m128i, __m256};

use pulp::NullaryFnOnce;
use pulp::bytemuck::cast;
use pulp::x86::V3;

use super::packed::{Blocks, Packing};
use super::rows;

/// Weight rows that meet one activation at once.
const ROWS: usize = 4;

/// Widens whole blocks of a format that has blocks of 32; false where the machine or the format does not suit.
pub(super) fn widen(packing: Packing, blocks: Blocks<'_>, out: &mut [f32]) -> bool {
    let Some(simd) = V3::try_new() else {
        return false;
    };
    match packing {
        Packing::Q4_0 => simd.vectorize(Widen(simd, Q4_0, blocks, out)),
        Packing::Q4_1 => simd.vectorize(Widen(simd, Q4_1, blocks, out)),
        Packing::Q8_0 => simd.vectorize(Widen(simd, Q8_0, blocks, out)),
        Packing::F16 | Packing::BF16 => return false,
    }
    true
}

/// The products of one activation with rows of weights, `out.len()` of them; false as in `widen`.
pub(super) fn dot(packing: Packing, x: &[f32], blocks: Blocks<'_>, out: &mut [f32]) -> bool {
    let Some(simd) = V3::try_new() else {
        return false;
    };
    match packing {
        Packing::Q4_0 => simd.vectorize(Dot(simd, Q4_0, x, blocks, out)),
        Packing::Q4_1 => simd.vectorize(Dot(simd, Q4_1, x, blocks, out)),
        Packing::Q8_0 => simd.vectorize(Dot(simd, Q8_0, x, blocks, out)),
        Packing::F16 | Packing::BF16 => return false,
    }
    true
}

/// A format whose blocks have `S` scales and `N` bytes of numbers.
trait Format<const S: usize, const N: usize> {
    /// The 32 weights of a block.
    fn vectors(simd: V3, scales: &[f32; S], numbers: &[u8; N]) -> [__m256; 4];
}

struct Q4_0;
struct Q4_1;
struct Q8_0;

impl Format<1, 16> for Q4_0 {
    #[inline(always)]
    fn vectors(simd: V3, scales: &[f32; 1], numbers: &[u8; 16]) -> [__m256; 4] {
        let scale = simd.avx._mm256_set1_ps(scales[0]);
        let eight = simd.avx._mm256_set1_ps(8.0);
        let mut out = nibbles(simd, numbers);
        for vector in &mut out {
            let centred = simd.avx._mm256_sub_ps(*vector, eight);
            *vector = simd.avx._mm256_mul_ps(centred, scale);
        }
        out
    }
}

impl Format<2, 16> for Q4_1 {
    #[inline(always)]
    fn vectors(simd: V3, scales: &[f32; 2], numbers: &[u8; 16]) -> [__m256; 4] {
        let scale = simd.avx._mm256_set1_ps(scales[0]);
        let least = simd.avx._mm256_set1_ps(scales[1]);
        let mut out = nibbles(simd, numbers);
        for vector in &mut out {
            // Scales have 11 significant bits and the numbers 4, so the product is exact, fused or not.
            *vector = simd.fma._mm256_fmadd_ps(*vector, scale, least);
        }
        out
    }
}

impl Format<1, 32> for Q8_0 {
    #[inline(always)]
    fn vectors(simd: V3, scales: &[f32; 1], numbers: &[u8; 32]) -> [__m256; 4] {
        let scale = simd.avx._mm256_set1_ps(scales[0]);
        let halves: [[u8; 16]; 2] = cast(*numbers);
        let mut out = [scale; 4];
        for i in 0..2 {
            let low: __m128i = cast(halves[i]);
            let high = simd.sse2._mm_srli_si128::<8>(low);
            for (j, part) in [low, high].into_iter().enumerate() {
                let wide = simd.avx2._mm256_cvtepi8_epi32(part);
                out[2 * i + j] = simd
                    .avx
                    ._mm256_mul_ps(simd.avx._mm256_cvtepi32_ps(wide), scale);
            }
        }
        out
    }
}

/// The lower halves of 16 bytes, then the upper ones, as floats.
#[inline(always)]
fn nibbles(simd: V3, bytes: &[u8; 16]) -> [__m256; 4] {
    let pairs: __m128i = cast(*bytes);
    let mask = simd.sse2._mm_set1_epi8(15);
    let low = simd.sse2._mm_and_si128(pairs, mask);
    let high = simd
        .sse2
        ._mm_and_si128(simd.sse2._mm_srli_epi16::<4>(pairs), mask);
    [
        floats(simd, low),
        floats(simd, simd.sse2._mm_srli_si128::<8>(low)),
        floats(simd, high),
        floats(simd, simd.sse2._mm_srli_si128::<8>(high)),
    ]
}

/// The first 8 bytes as floats.
#[inline(always)]
fn floats(simd: V3, bytes: __m128i) -> __m256 {
    simd.avx
        ._mm256_cvtepi32_ps(simd.avx2._mm256_cvtepu8_epi32(bytes))
}

struct Widen<'a, F>(V3, F, Blocks<'a>, &'a mut [f32]);

impl<'a, F> Widen<'a, F> {
    #[inline(always)]
    fn run<const S: usize, const N: usize>(self)
    where
        F: Format<S, N>,
    {
        let Widen(simd, _, blocks, out) = self;
        let (scales, numbers) = (blocks.scales.as_chunks().0, blocks.numbers.as_chunks().0);
        let out = out.as_chunks_mut::<32>().0;
        for ((scales, numbers), out) in scales.iter().zip(numbers).zip(out) {
            let vectors = F::vectors(simd, scales, numbers);
            for (out, vector) in out.as_chunks_mut::<8>().0.iter_mut().zip(vectors) {
                *out = cast(vector);
            }
        }
    }
}

struct Dot<'a, F>(V3, F, &'a [f32], Blocks<'a>, &'a mut [f32]);

impl<F> Dot<'_, F> {
    #[inline(always)]
    fn run<const S: usize, const N: usize>(self)
    where
        F: Format<S, N>,
    {
        let Dot(simd, _, x, blocks, out) = self;
        let x = x.as_chunks::<32>().0;
        let whole = out.len() - out.len() % ROWS;
        for row in (0..whole).step_by(ROWS) {
            let sums = some_rows::<F, S, N, ROWS>(simd, x, blocks, row);
            out[row..row + ROWS].copy_from_slice(&sums);
        }
        for (row, out) in out.iter_mut().enumerate().skip(whole) {
            *out = some_rows::<F, S, N, 1>(simd, x, blocks, row)[0];
        }
    }
}

#[inline(always)]
fn some_rows<F: Format<S, N>, const S: usize, const N: usize, const R: usize>(
    simd: V3,
    x: &[[f32; 32]],
    blocks: Blocks<'_>,
    row: usize,
) -> [f32; R] {
    let count = x.len();
    let scales = rows::<_, R>(blocks.scales.as_chunks::<S>().0, count, row);
    let numbers = rows::<_, R>(blocks.numbers.as_chunks::<N>().0, count, row);
    let mut sums = [simd.avx._mm256_set1_ps(0.0); R];
    for at in 0..count {
        let x = x[at].as_chunks::<8>().0;
        for i in 0..R {
            let vectors = F::vectors(simd, &scales[i][at], &numbers[i][at]);
            for (vector, x) in vectors.into_iter().zip(x) {
                sums[i] = simd.fma._mm256_fmadd_ps(cast(*x), vector, sums[i]);
            }
        }
    }
    let mut out = [0.0; R];
    for i in 0..R {
        out[i] = pulp::Simd::reduce_sum_f32s(simd, cast(sums[i]));
    }
    out
}

/// Names the sizes of each format, which the trait's caller can not infer by itself.
macro_rules! callable {
    ($operation:ident, $($format:ident $scales:literal $numbers:literal),*) => {$(
        impl NullaryFnOnce for $operation<'_, $format> {
            type Output = ();

            #[inline(always)]
            fn call(self) {
                self.run::<$scales, $numbers>();
            }
        }
    )*};
}
callable!(Widen, Q4_0 1 16, Q4_1 2 16, Q8_0 1 32);
callable!(Dot, Q4_0 1 16, Q4_1 2 16, Q8_0 1 32);
