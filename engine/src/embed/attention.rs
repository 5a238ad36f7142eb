//! Attention of each token to all tokens of its sequence.

use std::cell::RefCell;
use std::ops::Range;

use crate::kernels::{Panels, Strided, Team, softmax};

/// Tokens whose scores are computed at once, so that they stay in the cache.
const QUERIES: usize = 48;
/// Shares of the work for each thread: one that was held up leaves some of its own to the others.
const SHARES: usize = 4;

/// What a thread needs for a head.
#[derive(Default)]
struct Scratch {
    keys: Panels,
    values: Panels,
    scores: Vec<f32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Some heads of a sequence.
struct Share<'a> {
    /// The sequence's rows of queries, keys and values.
    qkv: &'a [f32],
    heads: Range<usize>,
    /// Its rows, as wide as these heads are.
    out: Vec<&'a mut [f32]>,
}

/// For each token and head, the values of its sequence's tokens, weighed by how well their keys match its query.
/// Rows of `qkv` are queries, keys and values side by side, sequence after sequence.
pub(super) fn attend(team: &Team, qkv: &[f32], lengths: &[usize], heads: usize, out: &mut [f32]) {
    let tokens: usize = lengths.iter().sum();
    if tokens == 0 {
        return;
    }
    let width = out.len() / tokens;
    let head = width / heads;
    // A sequence is divided only where there are too few of them.
    let groups = (team.threads() * SHARES).div_ceil(lengths.len());
    let group = heads.div_ceil(groups.min(heads));
    let mut shares = Vec::new();
    let (mut qkv, mut out) = (qkv, out);
    for length in lengths.iter().filter(|length| **length > 0) {
        let (own, rest) = qkv.split_at(length * 3 * width);
        let (rows, after) = std::mem::take(&mut out).split_at_mut(length * width);
        (qkv, out) = (rest, after);
        let first = shares.len();
        shares.extend((0..heads).step_by(group).map(|from| Share {
            qkv: own,
            heads: from..(from + group).min(heads),
            out: Vec::with_capacity(*length),
        }));
        for row in rows.chunks_mut(width) {
            for (share, part) in shares[first..].iter_mut().zip(row.chunks_mut(group * head)) {
                share.out.push(part);
            }
        }
    }
    team.for_each(&mut shares, |_, share| {
        SCRATCH.with_borrow_mut(|scratch| share.attend(width, head, scratch));
    });
}

impl Share<'_> {
    fn attend(&mut self, width: usize, head: usize, scratch: &mut Scratch) {
        let length = self.out.len();
        let Scratch {
            keys,
            values,
            scores,
        } = scratch;
        let rows = |from: usize| Strided {
            numbers: &self.qkv[from..],
            stride: 3 * width,
        };
        let scale = 1.0 / (head as f32).sqrt();
        for (at, index) in self.heads.clone().enumerate() {
            keys.set(length, head, rows(width + index * head));
            values.set_transposed(head, length, rows(2 * width + index * head));
            for from in (0..length).step_by(QUERIES) {
                let to = (from + QUERIES).min(length);
                scores.resize((to - from) * length, 0.0);
                let mut slices: Vec<&mut [f32]> = scores.chunks_mut(length).collect();
                let queries = rows(from * 3 * width + index * head);
                keys.multiply_some(0..length, queries, &mut slices);
                for row in &mut slices {
                    softmax(row, scale);
                }
                let weights = Strided {
                    numbers: scores,
                    stride: length,
                };
                let mut slices: Vec<&mut [f32]> = self.out[from..to]
                    .iter_mut()
                    .map(|row| &mut row[at * head..][..head])
                    .collect();
                values.multiply_some(0..head, weights, &mut slices);
            }
        }
    }
}
