use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use proptest::prelude::*;

use super::*;
use crate::kernels::Team;

/// What the tensor library calls a format.
fn library(format: Quantization) -> GgmlDType {
    match format {
        Quantization::Q4_0 => GgmlDType::Q4_0,
        Quantization::Q4_1 => GgmlDType::Q4_1,
        Quantization::Q5_0 => GgmlDType::Q5_0,
        Quantization::Q5_1 => GgmlDType::Q5_1,
        Quantization::Q8_0 => GgmlDType::Q8_0,
        Quantization::Q2K => GgmlDType::Q2K,
        Quantization::Q3K => GgmlDType::Q3K,
        Quantization::Q4K => GgmlDType::Q4K,
        Quantization::Q5K => GgmlDType::Q5K,
        Quantization::Q6K => GgmlDType::Q6K,
    }
}

fn team() -> Team {
    Team::new(1).unwrap()
}

fn noise(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state as f32 / u32::MAX as f32 - 0.5) * 4.0
        })
        .collect()
}

/// A matrix in a format, as bytes of a file and as the tensor library widens them.
fn stored(format: Quantization, rows: usize, columns: usize, seed: u32) -> (Vec<u8>, Vec<f32>) {
    let dense = Tensor::from_vec(noise(rows * columns, seed), (rows, columns), &Device::Cpu);
    let tensor = QTensor::quantize(&dense.unwrap(), library(format)).unwrap();
    let widened = tensor.dequantize(&Device::Cpu).unwrap();
    let widened = widened.flatten_all().unwrap().to_vec1().unwrap();
    (tensor.data().unwrap().to_vec(), widened)
}

fn product(weights: &Tiles, x: &Activations, rows: Range<usize>) -> Vec<f32> {
    let mut out = vec![f32::NAN; x.rows() * rows.len()];
    let mut parts: Vec<&mut [f32]> = out.chunks_mut(rows.len()).collect();
    multiply(weights, rows, x, &mut parts);
    out
}

fn whole(weights: &Tiles, x: &Activations) -> Vec<f32> {
    product(weights, x, 0..weights.rows)
}

#[test]
fn laid_out_weights_are_those_of_the_file() {
    for format in Quantization::ALL {
        let (rows, columns) = (21, 512);
        let (bytes, expected) = stored(format, rows, columns, 7);
        for isa in Isa::available() {
            let tiles = Tiles::new(format, columns, &bytes, isa).unwrap();
            assert_eq!((tiles.rows(), tiles.columns()), (rows, columns));
            let mut out = Vec::new();
            for row in 0..rows {
                tiles.widen(row, &mut out);
            }
            for (got, expected) in out.iter().zip(&expected) {
                // A product and a sum, once fused and once not, may differ in the last bit.
                let close = (got - expected).abs() <= expected.abs() * 1e-6 + 1e-7;
                assert!(close, "{format:?} {isa:?}: {got} {expected}");
            }
        }
    }
}

#[test]
fn the_product_is_that_of_the_rounded_numbers() {
    for format in Quantization::ALL {
        let (rows, columns, inputs) = (13, 768, 3);
        let (bytes, weights) = stored(format, rows, columns, 3);
        let mut x = Activations::default();
        x.round(&team(), &noise(inputs * columns, 11), columns);
        let rounded: Vec<f64> = x
            .panels()
            .flat_map(|panel| (0..panel.rows).map(move |row| (panel, row)))
            .flat_map(|(panel, row)| {
                (0..columns).map(move |column| {
                    let [scale, _] = panel.scales(row, column / 32);
                    f64::from(scale) * f64::from(panel.number(row, column))
                })
            })
            .collect();
        for isa in Isa::available() {
            let tiles = Tiles::new(format, columns, &bytes, isa).unwrap();
            let out = whole(&tiles, &x);
            for (row, out) in out.chunks(rows).enumerate() {
                for (output, got) in out.iter().enumerate() {
                    let expected: f64 = rounded[row * columns..][..columns]
                        .iter()
                        .zip(&weights[output * columns..][..columns])
                        .map(|(x, w)| x * f64::from(*w))
                        .sum();
                    let error = (f64::from(*got) - expected).abs();
                    assert!(error < 2e-3, "{format:?} {isa:?}: {got} {expected}");
                }
            }
        }
    }
}

#[test]
fn extreme_numbers_do_not_overflow() {
    // All bits set: the largest numbers of each format, against the largest activations of either sign.
    for format in Quantization::ALL {
        for fill in [0xff, 0x00, 0x80, 0x7f, 0x0f, 0xf0] {
            let mut bytes = vec![fill; format.bytes() * 256 / format.block() * 16];
            for block in bytes.chunks_mut(format.bytes()) {
                // Scales of 1, wherever the format has them.
                let one = [0x00, 0x3c];
                let places: &[usize] = match format {
                    Quantization::Q2K => &[80, 82],
                    Quantization::Q3K => &[108],
                    Quantization::Q6K => &[208],
                    Quantization::Q4_1
                    | Quantization::Q5_1
                    | Quantization::Q4K
                    | Quantization::Q5K => &[0, 2],
                    _ => &[0],
                };
                for at in places {
                    block[*at..*at + 2].copy_from_slice(&one);
                }
            }
            let mut x = Activations::default();
            let signs: Vec<f32> = (0..2 * 256)
                .map(|at| if at < 256 { 1.0 } else { -1.0 })
                .collect();
            x.round(&team(), &signs, 256);
            let reference = Tiles::new(format, 256, &bytes, Isa::Portable).unwrap();
            let expected = whole(&reference, &x);
            for isa in Isa::available() {
                let tiles = Tiles::new(format, 256, &bytes, isa).unwrap();
                assert_eq!(whole(&tiles, &x), expected, "{format:?} {isa:?} {fill:x}");
            }
        }
    }
}

#[test]
fn activations_are_rounded_to_nearest() {
    let mut x = Activations::default();
    let mut values = vec![0.0; 64];
    values[..6].copy_from_slice(&[127.0, -127.0, 0.5, 1.5, -2.5, 3.49]);
    x.round(&team(), &values, 64);
    let panel = x.panels().next().unwrap();
    let numbers = [0, 1, 2, 3, 4, 5].map(|column| panel.number(0, column));
    assert_eq!(numbers, [127, -127, 0, 2, -2, 3]);
    assert_eq!(
        (panel.scales(0, 0), panel.halves(0, 0).sums),
        ([1.0, 3.0], [3, 0])
    );
    assert_eq!(panel.scales(0, 1), [0.0, 0.0]);
    for nonsense in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        values[3] = nonsense;
        x.round(&team(), &values, 64);
        let panel = x.panels().next().unwrap();
        assert!((0..64).all(|column| panel.number(0, column) >= -127));
    }
}

#[test]
fn bytes_that_are_no_rows_are_refused() {
    let refused = |format, columns, bytes: usize| {
        Tiles::new(format, columns, &vec![0; bytes], Isa::Portable).is_none()
    };
    assert!(refused(Quantization::Q8_0, 33, 34));
    assert!(refused(Quantization::Q8_0, 32, 35));
    assert!(refused(Quantization::Q4K, 32, 144));
    assert!(refused(Quantization::Q4_0, 0, 0));
}

#[test]
fn joined_matrices_give_the_products_of_their_parts() {
    let (first, _) = stored(Quantization::Q4_1, 32, 64, 1);
    let (last, _) = stored(Quantization::Q4_1, 5, 64, 2);
    let mut x = Activations::default();
    x.round(&team(), &noise(64, 5), 64);
    for isa in Isa::available() {
        let tiles = |bytes: &[u8]| Tiles::new(Quantization::Q4_1, 64, bytes, isa).unwrap();
        let (first, last) = (tiles(&first), tiles(&last));
        let joined = Tiles::join(&[&first, &last]).unwrap();
        let parts = [whole(&first, &x), whole(&last, &x)].concat();
        assert_eq!(whole(&joined, &x), parts);
        assert!(Tiles::join(&[&last, &first]).is_none());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Every set of instructions gives the bits of the portable definition, whatever is computed together.
    #[test]
    fn every_machine_gives_the_same_bits(
        which in 0..Quantization::ALL.len(),
        rows in 1usize..40,
        blocks in 1usize..4,
        inputs in 1usize..14,
        seed in any::<u32>(),
    ) {
        let format = Quantization::ALL[which];
        let columns = blocks * format.block();
        let (bytes, _) = stored(format, rows, columns, seed);
        let values = noise(inputs * columns, seed ^ 5);
        let mut x = Activations::default();
        x.round(&team(), &values, columns);
        let reference = Tiles::new(format, columns, &bytes, Isa::Portable).unwrap();
        let expected = whole(&reference, &x);
        for isa in Isa::available() {
            let tiles = Tiles::new(format, columns, &bytes, isa).unwrap();
            prop_assert_eq!(&whole(&tiles, &x), &expected);
            // One row of activations alone, and one tile alone.
            let mut last = Activations::default();
            last.round(&team(), &values[(inputs - 1) * columns..], columns);
            prop_assert_eq!(&whole(&tiles, &last)[..], &expected[(inputs - 1) * rows..]);
            let from = (rows - 1) / isa.lanes() * isa.lanes();
            let part = product(&tiles, &last, from..rows);
            prop_assert_eq!(&part[..], &expected[(inputs - 1) * rows + from..]);
            prop_assert_eq!(row(&tiles, rows - 1, &last), part[rows - 1 - from]);
        }
    }
}
