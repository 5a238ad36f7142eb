//! Activations rounded to signed bytes, a scale for every 32.

use pulp::{Simd, WithSimd};

use crate::kernels::{Team, dispatch};

/// Columns that share a scale.
pub(super) const BLOCK: usize = 32;

/// Rows of activations, each rounded by itself.
///
/// As in ggml's `Q8_1`: a block's scale is its largest magnitude over 127.
#[derive(Default)]
pub(crate) struct Activations {
    pub(super) columns: usize,
    pub(super) numbers: Vec<i8>,
    pub(super) blocks: Vec<Block>,
}

/// What belongs to 32 numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub(super) struct Block {
    pub(super) scale: f32,
    /// The scale times the sums of the first and of the last 16 numbers, and of all.
    pub(super) scaled_halves: [f32; 2],
    pub(super) scaled_sum: f32,
    /// The sums of the first and of the last 16 numbers.
    pub(super) halves: [i32; 2],
}

impl Block {
    /// The sum of one of `groups` groups of the numbers, and that times the scale.
    #[inline(always)]
    pub(super) fn sums(&self, groups: usize, group: usize) -> (i32, f32) {
        if groups == 1 {
            (self.halves[0] + self.halves[1], self.scaled_sum)
        } else {
            (self.halves[group], self.scaled_halves[group])
        }
    }
}

impl Activations {
    /// Rounds row-major `x`, replacing what was there. `columns` must be a multiple of 32.
    pub(crate) fn round(&mut self, team: &Team, x: &[f32], columns: usize) {
        assert!(columns > 0 && columns.is_multiple_of(BLOCK) && x.len().is_multiple_of(columns));
        self.columns = columns;
        self.numbers.resize(x.len(), 0);
        self.blocks.resize(x.len() / BLOCK, Block::default());
        let size = SHARE.next_multiple_of(columns);
        let mut shares: Vec<RoundBlocks<'_>> = x
            .chunks(size)
            .zip(self.numbers.chunks_mut(size))
            .zip(self.blocks.chunks_mut(size / BLOCK))
            .map(|((x, numbers), blocks)| RoundBlocks { x, numbers, blocks })
            .collect();
        team.for_each(&mut shares, |_, share| dispatch(share));
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.numbers.len().checked_div(self.columns).unwrap_or(0)
    }
}

/// About the numbers that a thread rounds at once.
const SHARE: usize = 8 * 1024;

struct RoundBlocks<'a> {
    x: &'a [f32],
    numbers: &'a mut [i8],
    blocks: &'a mut [Block],
}

impl WithSimd for &mut RoundBlocks<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        round_blocks(self.x, self.numbers, self.blocks);
    }
}

#[inline(always)]
fn round_blocks(x: &[f32], numbers: &mut [i8], blocks: &mut [Block]) {
    /// Adding this rounds to a whole number, half to even, which then sits in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.as_chunks::<BLOCK>().0;
    let numbers = numbers.as_chunks_mut::<BLOCK>().0;
    for ((x, numbers), block) in x.iter().zip(numbers).zip(blocks) {
        let mut largest = [0f32; 8];
        for part in x.as_chunks::<8>().0 {
            for lane in 0..8 {
                let magnitude = part[lane].abs();
                largest[lane] = if magnitude > largest[lane] {
                    magnitude
                } else {
                    largest[lane]
                };
            }
        }
        let mut most = 0f32;
        for magnitude in largest {
            most = if magnitude > most { magnitude } else { most };
        }
        let scale = most / 127.0;
        let inverse = if most > 0.0 { 127.0 / most } else { 0.0 };
        let mut sums = [0i32; 2];
        for (half, total) in sums.iter_mut().enumerate() {
            let mut sum = 0;
            for lane in half * 16..half * 16 + 16 {
                let scaled = x[lane] * inverse;
                let scaled = if scaled > 127.0 { 127.0 } else { scaled };
                // Also what is not a number becomes one.
                let scaled = if scaled > -127.0 { scaled } else { -127.0 };
                let number = ((scaled + ROUND).to_bits() as i32) - (ROUND.to_bits() as i32);
                numbers[lane] = number as i8;
                sum += number;
            }
            *total = sum;
        }
        *block = Block {
            scale,
            scaled_halves: sums.map(|sum| scale * sum as f32),
            scaled_sum: scale * (sums[0] + sums[1]) as f32,
            halves: sums,
        };
    }
}
