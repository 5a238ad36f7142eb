//! Activations in 16 bits.

use pulp::{Simd, WithSimd};

use super::{BLOCK, LARGEST, inverse, largest, round};
use crate::kernels::{Team, dispatch};

/// A block of activations, two columns at a time.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Pairs(pub(super) [[i16; 2]; BLOCK / 2]);

impl Pairs {
    pub(super) const ZERO: Pairs = Pairs([[0; 2]; BLOCK / 2]);
}

/// Rows of activations in 16 bits, each rounded by itself: a row's scale is its largest magnitude over 32767.
#[derive(Debug, Default)]
pub(crate) struct Shorts {
    pub(super) columns: usize,
    pub(super) numbers: Vec<Pairs>,
    pub(super) scales: Vec<f32>,
}

impl Shorts {
    /// Rounds row-major `x`, replacing what was there.
    pub(crate) fn round(&mut self, team: &Team, x: &[f32], columns: usize) {
        let share = (SHARE / columns).max(1);
        let mut shares = self.shares(x, columns, share);
        team.for_each(&mut shares, |_, share| dispatch(share));
    }

    /// The same on the calling thread.
    pub(super) fn set(&mut self, x: &[f32], columns: usize) {
        for mut share in self.shares(x, columns, usize::MAX / columns) {
            dispatch(&mut share);
        }
    }

    /// The work, `share` rows at a time.
    fn shares<'a>(&'a mut self, x: &'a [f32], columns: usize, share: usize) -> Vec<RoundRows<'a>> {
        assert!(columns > 0 && x.len().is_multiple_of(columns));
        let (rows, blocks) = (x.len() / columns, columns.div_ceil(BLOCK));
        let share = share.min(rows.max(1));
        self.columns = columns;
        self.numbers.resize(rows * blocks, Pairs::ZERO);
        self.scales.resize(rows, 0.0);
        let numbers = self.numbers.chunks_mut(share * blocks);
        let scales = self.scales.chunks_mut(share);
        x.chunks(share * columns)
            .zip(numbers.zip(scales))
            .map(|(x, (numbers, scales))| RoundRows {
                x,
                columns,
                numbers,
                scales,
            })
            .collect()
    }
}

/// About the numbers that a thread rounds at once.
const SHARE: usize = 8 * 1024;

struct RoundRows<'a> {
    x: &'a [f32],
    columns: usize,
    numbers: &'a mut [Pairs],
    scales: &'a mut [f32],
}

impl WithSimd for &mut RoundRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let blocks = self.columns.div_ceil(BLOCK);
        let rows = self.x.chunks(self.columns);
        let places = self.numbers.chunks_mut(blocks).zip(&mut *self.scales);
        for (x, (numbers, scale)) in rows.zip(places) {
            let most = largest(x);
            let inverse = inverse(most, LARGEST);
            *scale = most / LARGEST;
            for (x, pairs) in x.chunks(BLOCK).zip(numbers) {
                let pairs = pairs.0.as_flattened_mut();
                for (number, x) in pairs.iter_mut().zip(x) {
                    *number = round(*x, inverse, LARGEST) as i16;
                }
                pairs[x.len()..].fill(0);
            }
        }
    }
}
