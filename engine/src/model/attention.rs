//! Attention of a batch's rows, shared out among threads.

use std::cell::RefCell;
use std::ops::Range;

use super::forward::Batch;
use super::{KvMemory, Model};
use crate::kernels::{self, Found, Queries, Scratch};

/// Rows of a sequence whose queries meet its cells together.
const ROWS: usize = 8;
/// Shares for each thread below which cells are shared out, too.
const FEW: usize = 4;
/// Runs of cells, at most, into which a share is cut.
const RUNS: usize = 8;

/// Rows of one sequence and one key-value head of theirs.
struct Share<'a> {
    rows: Range<usize>,
    head: usize,
    out: Vec<&'a mut [f32]>,
}

/// What shares found in some of their cells; kept from layer to layer for its memory.
#[derive(Default)]
pub(super) struct Pieces(Vec<Found>);

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Where a share's queries and cells are.
struct Attention<'a> {
    model: &'a Model,
    kv: &'a KvMemory,
    layer: usize,
    batch: &'a Batch<'a>,
    projected: &'a [f32],
}

impl Model {
    /// Attends for all rows, whose queries are `projected`, to the cells of a layer that they may see.
    pub(super) fn attend(
        &self,
        (kv, layer): (&KvMemory, usize),
        batch: &Batch<'_>,
        projected: &[f32],
        out: &mut [f32],
        pieces: &mut Pieces,
    ) {
        let attention = Attention {
            model: self,
            kv,
            layer,
            batch,
            projected,
        };
        let mut shares = attention.shares(out);
        if shares.len() < FEW * self.team.threads() {
            attention.by_cells(&mut shares, pieces);
        } else {
            self.team.for_each(&mut shares, |_, share| {
                let Share { rows, head, out } = share;
                attention.with(rows.clone(), *head, |queries, blocks, scratch| {
                    kernels::attend(queries, blocks, out, scratch);
                });
            });
        }
    }
}

impl Attention<'_> {
    fn shares<'o>(&self, out: &'o mut [f32]) -> Vec<Share<'o>> {
        let heads = self.model.config.kv_heads;
        let group = self.group();
        let mut shares: Vec<Share<'o>> = Vec::new();
        let mut out = out.chunks_mut(group * heads);
        let mut first = 0;
        let together = self
            .batch
            .rows
            .chunk_by(|a, b| a.sequence == b.sequence)
            .flat_map(|rows| rows.chunks(ROWS));
        for chunk in together {
            let from = shares.len();
            shares.extend((0..heads).map(|head| Share {
                rows: first..first + chunk.len(),
                head,
                out: Vec::with_capacity(chunk.len()),
            }));
            for out in out.by_ref().take(chunk.len()) {
                for (share, out) in shares[from..].iter_mut().zip(out.chunks_mut(group)) {
                    share.out.push(out);
                }
            }
            first += chunk.len();
        }
        shares
    }

    /// Computes a few shares, a run of each one's cells at a time: to the same bits, since it is the same sum.
    fn by_cells(&self, shares: &mut [Share<'_>], pieces: &mut Pieces) {
        let team = &self.model.team;
        let mut cut = Vec::new();
        for share in shares.iter() {
            let parts = self.with(share.rows.clone(), share.head, |queries, _, _| {
                queries.parts()
            });
            cut.push(parts);
        }
        let count = cut.iter().map(Range::len).sum();
        if pieces.0.len() < count {
            pieces.0.resize_with(count, Found::default);
        }
        let mut runs = Vec::new();
        let mut rest = pieces.0.as_mut_slice();
        for (share, parts) in shares.iter().zip(&cut) {
            let (own, others) = rest.split_at_mut(parts.len());
            rest = others;
            let run = parts.len().div_ceil(RUNS).max(1);
            for (at, found) in own.chunks_mut(run).enumerate() {
                runs.push((
                    share.rows.clone(),
                    share.head,
                    parts.start + at * run,
                    found,
                ));
            }
        }
        team.for_each(&mut runs, |_, (rows, head, first, found)| {
            self.with(rows.clone(), *head, |queries, blocks, scratch| {
                kernels::attend_parts(queries, blocks, *first, found, scratch);
            });
        });
        let mut rest = pieces.0.as_mut_slice();
        for (share, parts) in shares.iter_mut().zip(&cut) {
            let (own, others) = rest.split_at_mut(parts.len());
            rest = others;
            let Some((whole, later)) = own.split_first_mut() else {
                continue;
            };
            for found in later {
                whole.add(found, self.model.config.scales.attention);
            }
            whole.write(self.model.config.head_size, &mut share.out);
        }
    }

    /// Calls `body` with the queries and cells of some rows of a sequence and one of their key-value heads.
    fn with<T>(
        &self,
        range: Range<usize>,
        head: usize,
        body: impl FnOnce(&Queries<'_>, &super::kv::Head<'_>, &mut Scratch) -> T,
    ) -> T {
        let config = &self.model.config;
        let group = self.group();
        let outputs = self.model.layers[0].qkv.outputs();
        let window = config.window(self.layer);
        let rows = &self.batch.rows[range.clone()];
        let queries: Vec<&[f32]> = range
            .map(|row| &self.projected[row * outputs + head * group..][..group])
            .collect();
        let visible: Vec<Range<usize>> = rows
            .iter()
            .map(|row| {
                let end = row.position + 1;
                window.map_or(0, |window| end.saturating_sub(window))..end
            })
            .collect();
        let queries = Queries {
            rows: &queries,
            visible: &visible,
            size: config.head_size,
            scale: config.scales.attention,
        };
        let table = self.batch.tables[rows[0].sequence];
        let blocks = self.kv.head(self.layer, head, table);
        SCRATCH.with_borrow_mut(|scratch| body(&queries, &blocks, scratch))
    }

    /// Numbers of the queries of a row that share a key-value head.
    fn group(&self) -> usize {
        let config = &self.model.config;
        config.heads / config.kv_heads * config.head_size
    }
}
