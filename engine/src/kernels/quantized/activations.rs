//! Activations rounded to signed bytes, a scale for every 32.

use crate::kernels::Team;

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
    #[inline(always)]
    pub(super) fn new(scale: f32, halves: [i32; 2]) -> Block {
        Block {
            scale,
            scaled_halves: [scale * halves[0] as f32, scale * halves[1] as f32],
            scaled_sum: scale * (halves[0] + halves[1]) as f32,
            halves,
        }
    }

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
        let mut shares: Vec<_> = x
            .chunks(size)
            .zip(self.numbers.chunks_mut(size))
            .zip(self.blocks.chunks_mut(size / BLOCK))
            .collect();
        team.for_each(&mut shares, |_, ((x, numbers), blocks)| {
            round_blocks(x, numbers, blocks);
        });
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.numbers.len().checked_div(self.columns).unwrap_or(0)
    }
}

/// About the numbers that a thread rounds at once.
const SHARE: usize = 8 * 1024;

/// Rounds whole blocks, by the best instructions that there are.
fn round_blocks(x: &[f32], numbers: &mut [i8], blocks: &mut [Block]) {
    let x = x.as_chunks::<BLOCK>().0;
    let numbers = numbers.as_chunks_mut::<BLOCK>().0;
    #[cfg(target_arch = "x86_64")]
    if super::has_avx2() {
        #[allow(unsafe_code)]
        // SAFETY: the processor has these instructions.
        unsafe {
            super::avx2::round(x, numbers, blocks);
        }
        return;
    }
    round_portably(x, numbers, blocks);
}

/// The definition of the rounding.
fn round_portably(x: &[[f32; BLOCK]], numbers: &mut [[i8; BLOCK]], blocks: &mut [Block]) {
    /// Adding this rounds to a whole number, half to even, which then sits in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
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
        *block = Block::new(scale, sums);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Numbers of any kind, many of them small or ordinary.
    fn number() -> impl Strategy<Value = f32> {
        prop_oneof![
            4 => -10f32..10.0,
            1 => (-20i32..20).prop_map(|halves| halves as f32 * 0.5),
            1 => any::<f32>(),
            1 => any::<u32>().prop_map(f32::from_bits),
        ]
    }

    proptest! {
        /// The instructions of this machine round as the definition does, whatever the numbers.
        #[test]
        fn every_machine_rounds_alike(x in prop::collection::vec(number(), BLOCK * 3)) {
            let round = |round: &dyn Fn(&mut [i8], &mut [Block])| {
                let mut numbers = vec![0; x.len()];
                let mut blocks = vec![Block::default(); x.len() / BLOCK];
                round(&mut numbers, &mut blocks);
                let bits: Vec<_> = blocks
                    .iter()
                    .map(|block| {
                        let [first, last] = block.scaled_halves;
                        ([block.scale, first, last, block.scaled_sum].map(f32::to_bits), block.halves)
                    })
                    .collect();
                (numbers, bits)
            };
            let got = round(&|numbers, blocks| round_blocks(&x, numbers, blocks));
            let expected = round(&|numbers, blocks| {
                round_portably(x.as_chunks().0, numbers.as_chunks_mut().0, blocks);
            });
            prop_assert_eq!(got, expected);
        }
    }
}
