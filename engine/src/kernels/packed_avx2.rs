//! Blocks of 32 weights, widened by AVX2, to memory or straight into a product.
//!
//! The compiler makes poor code of the portable loops (it gathers bytes one by one), so the instructions are
//! named here. Sums run in the order of `tile`: the results are the same to the last bit.

use std::arch::x86_64::{__m128i, __m256};

use pulp::NullaryFnOnce;
use pulp::bytemuck::cast;
use pulp::x86::V3;

use super::packed::{Packing, half};
use super::rows;

/// Weight rows that meet one activation at once.
const ROWS: usize = 4;

/// Widens whole blocks of a format that has blocks of 32; false where the machine or the format does not suit.
pub(super) fn widen(packing: Packing, bytes: &[u8], out: &mut [f32]) -> bool {
    let Some(simd) = V3::try_new() else {
        return false;
    };
    match packing {
        Packing::Q4_0 => simd.vectorize(Widen::<18, Q4_0>::new(simd, bytes, out)),
        Packing::Q4_1 => simd.vectorize(Widen::<20, Q4_1>::new(simd, bytes, out)),
        Packing::Q8_0 => simd.vectorize(Widen::<34, Q8_0>::new(simd, bytes, out)),
        Packing::F16 | Packing::BF16 => return false,
    }
    true
}

/// The products of one activation with rows of weights, `out.len()` of them; false as in `widen`.
pub(super) fn dot(packing: Packing, x: &[f32], bytes: &[u8], out: &mut [f32]) -> bool {
    let Some(simd) = V3::try_new() else {
        return false;
    };
    match packing {
        Packing::Q4_0 => simd.vectorize(Dot::<18, Q4_0>::new(simd, x, bytes, out)),
        Packing::Q4_1 => simd.vectorize(Dot::<20, Q4_1>::new(simd, x, bytes, out)),
        Packing::Q8_0 => simd.vectorize(Dot::<34, Q8_0>::new(simd, x, bytes, out)),
        Packing::F16 | Packing::BF16 => return false,
    }
    true
}

/// A format, by the size of its blocks.
trait Format<const BYTES: usize> {
    /// The 32 weights of a block.
    fn vectors(simd: V3, block: &[u8; BYTES]) -> [__m256; 4];
}

struct Q4_0;
struct Q4_1;
struct Q8_0;

impl Format<18> for Q4_0 {
    #[inline(always)]
    fn vectors(simd: V3, block: &[u8; 18]) -> [__m256; 4] {
        let scale = simd.avx._mm256_set1_ps(half([block[0], block[1]]));
        let eight = simd.avx._mm256_set1_ps(8.0);
        let mut out = nibbles(simd, &block[2..]);
        for vector in &mut out {
            let centred = simd.avx._mm256_sub_ps(*vector, eight);
            *vector = simd.avx._mm256_mul_ps(centred, scale);
        }
        out
    }
}

impl Format<20> for Q4_1 {
    #[inline(always)]
    fn vectors(simd: V3, block: &[u8; 20]) -> [__m256; 4] {
        let scale = simd.avx._mm256_set1_ps(half([block[0], block[1]]));
        let least = simd.avx._mm256_set1_ps(half([block[2], block[3]]));
        let mut out = nibbles(simd, &block[4..]);
        for vector in &mut out {
            // Scales have 11 significant bits and the numbers 4, so the product is exact, fused or not.
            *vector = simd.fma._mm256_fmadd_ps(*vector, scale, least);
        }
        out
    }
}

impl Format<34> for Q8_0 {
    #[inline(always)]
    fn vectors(simd: V3, block: &[u8; 34]) -> [__m256; 4] {
        let scale = simd.avx._mm256_set1_ps(half([block[0], block[1]]));
        let mut out = [scale; 4];
        for (i, vector) in out.iter_mut().enumerate() {
            let mut eight = [0u8; 16];
            eight[..8].copy_from_slice(&block[2 + 8 * i..][..8]);
            let wide = simd.avx2._mm256_cvtepi8_epi32(cast(eight));
            *vector = simd
                .avx
                ._mm256_mul_ps(simd.avx._mm256_cvtepi32_ps(wide), scale);
        }
        out
    }
}

/// The lower halves of 16 bytes, then the upper ones, as floats.
#[inline(always)]
fn nibbles(simd: V3, bytes: &[u8]) -> [__m256; 4] {
    let mut pairs = [0u8; 16];
    pairs.copy_from_slice(bytes);
    let pairs: __m128i = cast(pairs);
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

struct Widen<'a, const BYTES: usize, F> {
    simd: V3,
    bytes: &'a [u8],
    out: &'a mut [f32],
    format: std::marker::PhantomData<F>,
}

impl<'a, const BYTES: usize, F> Widen<'a, BYTES, F> {
    fn new(simd: V3, bytes: &'a [u8], out: &'a mut [f32]) -> Self {
        Widen {
            simd,
            bytes,
            out,
            format: std::marker::PhantomData,
        }
    }
}

impl<const BYTES: usize, F: Format<BYTES>> NullaryFnOnce for Widen<'_, BYTES, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let blocks = self.bytes.as_chunks::<BYTES>().0;
        for (block, out) in blocks.iter().zip(self.out.as_chunks_mut::<32>().0) {
            let vectors = F::vectors(self.simd, block);
            for (out, vector) in out.as_chunks_mut::<8>().0.iter_mut().zip(vectors) {
                *out = cast(vector);
            }
        }
    }
}

struct Dot<'a, const BYTES: usize, F> {
    simd: V3,
    x: &'a [f32],
    bytes: &'a [u8],
    out: &'a mut [f32],
    format: std::marker::PhantomData<F>,
}

impl<'a, const BYTES: usize, F> Dot<'a, BYTES, F> {
    fn new(simd: V3, x: &'a [f32], bytes: &'a [u8], out: &'a mut [f32]) -> Self {
        Dot {
            simd,
            x,
            bytes,
            out,
            format: std::marker::PhantomData,
        }
    }
}

impl<const BYTES: usize, F: Format<BYTES>> Dot<'_, BYTES, F> {
    #[inline(always)]
    fn some<const N: usize>(&self, row: usize) -> [f32; N] {
        let simd = self.simd;
        let x = self.x.as_chunks::<32>().0;
        let blocks = x.len();
        let weights = rows_of_blocks::<BYTES, N>(self.bytes, blocks, row);
        let mut sums = [simd.avx._mm256_set1_ps(0.0); N];
        for at in 0..blocks {
            for i in 0..N {
                let vectors = F::vectors(simd, &weights[i][at]);
                for (vector, x) in vectors.into_iter().zip(x[at].as_chunks::<8>().0) {
                    sums[i] = simd.fma._mm256_fmadd_ps(cast(*x), vector, sums[i]);
                }
            }
        }
        let mut out = [0.0; N];
        for i in 0..N {
            out[i] = pulp::Simd::reduce_sum_f32s(simd, cast(sums[i]));
        }
        out
    }
}

impl<const BYTES: usize, F: Format<BYTES>> NullaryFnOnce for Dot<'_, BYTES, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let whole = self.out.len() - self.out.len() % ROWS;
        for row in (0..whole).step_by(ROWS) {
            let sums = self.some::<ROWS>(row);
            self.out[row..row + ROWS].copy_from_slice(&sums);
        }
        for row in whole..self.out.len() {
            self.out[row] = self.some::<1>(row)[0];
        }
    }
}

/// `N` rows, from `row` on, as blocks.
#[inline(always)]
fn rows_of_blocks<const BYTES: usize, const N: usize>(
    bytes: &[u8],
    blocks: usize,
    row: usize,
) -> [&[[u8; BYTES]]; N] {
    let slices = rows::<_, N>(bytes, blocks * BYTES, row);
    let mut out: [&[[u8; BYTES]]; N] = [&[]; N];
    for i in 0..N {
        out[i] = &slices[i].as_chunks::<BYTES>().0[..blocks];
    }
    out
}
