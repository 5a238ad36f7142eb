use super::*;
use crate::kernels::{KeysValues, KvFormat};

fn noise(count: usize, seed: f32) -> Vec<f32> {
    let all = (0..count).map(|index| (index as f32 * 0.7 + seed).sin() * 3.0);
    all.collect()
}

/// The keys and values of a head as its cells keep them.
fn kept(memory: &KeysValues, cells: usize, size: usize) -> [Vec<f32>; 2] {
    let stride = padded(size);
    let mut block = vec![0.0; CELLS * stride];
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for cell in 0..cells {
        let (index, within) = (cell / CELLS, cell % CELLS);
        memory.keys(index, &mut block);
        keys.extend((0..size).map(|dim| block[dim * CELLS + within]));
        memory.values(index, &mut block);
        values.extend_from_slice(&block[within * stride..][..size]);
    }
    [keys, values]
}

fn plain(query: &[f32], keys: &[f32], values: &[f32], scale: f32) -> Vec<f64> {
    let size = query.len();
    let scores: Vec<f64> = keys
        .chunks(size)
        .map(|key| {
            let products = query.iter().zip(key);
            let product: f64 = products.map(|(q, k)| f64::from(*q) * f64::from(*k)).sum();
            product * f64::from(scale)
        })
        .collect();
    let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = scores.iter().map(|score| (score - best).exp()).collect();
    let total: f64 = weights.iter().sum();
    (0..size)
        .map(|dim| {
            let sum: f64 = weights
                .iter()
                .zip(values.chunks(size))
                .map(|(weight, value)| weight * f64::from(value[dim]))
                .sum();
            sum / total
        })
        .collect()
}

#[test]
fn every_shape_agrees_with_the_definition() {
    for (size, heads, cells) in [
        (64, 3, 200_usize),
        (32, 9, 70),
        (4, 1, 33),
        (6, 5, 16),
        (128, 4, 5),
    ] {
        let blocks = cells.div_ceil(CELLS);
        let format = if heads == 4 {
            KvFormat::Int8
        } else {
            KvFormat::F16
        };
        let mut memory = KeysValues::new(format, blocks, size);
        let (keys, values) = (noise(cells * size, 0.1), noise(cells * size, 0.2));
        let rows = keys.chunks(size).zip(values.chunks(size));
        for (cell, (keys, values)) in rows.enumerate() {
            memory.put((cell / CELLS, cell % CELLS), keys, values);
        }
        let [keys, values] = kept(&memory, cells, size);
        let visible = [
            0..1,
            0..cells / 2,
            // Windows that begin in the middle of a group, and one that leaves the first groups out.
            cells / 3..cells - 1,
            cells - 2..cells,
            0..cells,
        ];
        let queries = noise(visible.len() * heads * size, 0.3);
        let rows: Vec<&[f32]> = queries.chunks(heads * size).collect();
        let scale = 1.0 / (size as f32).sqrt();
        let attended = |rows: &[&[f32]], visible: &[Range<usize>]| {
            let queries = Queries {
                rows,
                visible,
                size,
                scale,
            };
            let mut out = vec![f32::NAN; rows.len() * heads * size];
            let mut parts: Vec<&mut [f32]> = out.chunks_mut(heads * size).collect();
            attend(&queries, &memory, &mut parts, &mut Scratch::default());
            out
        };
        let together = attended(&rows, &visible);
        for (row, out) in together.chunks(heads * size).enumerate() {
            let seen = visible[row].start * size..visible[row].end * size;
            for (head, out) in out.chunks(size).enumerate() {
                let query = &rows[row][head * size..][..size];
                let expected = plain(query, &keys[seen.clone()], &values[seen.clone()], scale);
                for (got, expected) in out.iter().zip(expected) {
                    let error = (f64::from(*got) - expected).abs();
                    assert!(error < 2e-5, "{size} {heads} {row}: {got} {expected}");
                }
            }
            // The same bits alone.
            assert_eq!(attended(&rows[row..=row], &visible[row..=row]), out);
            // And from parts that were met one by one.
            let alone = Queries {
                rows: &rows[row..=row],
                visible: &visible[row..=row],
                size,
                scale,
            };
            let mut found: Vec<Found> = alone.parts().map(|_| Found::default()).collect();
            let first = alone.parts().start;
            attend_parts(&alone, &memory, first, &mut found, &mut Scratch::default());
            let (whole, later) = found.split_first_mut().unwrap();
            later.iter().for_each(|found| whole.add(found, scale));
            let mut joined = vec![f32::NAN; heads * size];
            whole.write(size, &mut [&mut joined]);
            assert_eq!(joined, out);
        }
    }
}
