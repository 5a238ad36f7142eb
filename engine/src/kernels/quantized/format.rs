//! The block formats of weights in files, taken apart into small whole numbers, scales and offsets.
//!
//! The layouts are ggml's. A weight is `scale · (number - centre) + offset`; scale and offset hold for a group
//! of 16 or 32 weights.

use crate::kernels::half::half;

/// A block format of weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Quantization {
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2K,
    Q3K,
    Q4K,
    Q5K,
    Q6K,
}

/// A format that is known when a kernel is compiled.
pub(super) trait Format {
    const FORMAT: Quantization;
}

/// Calls a function with a format as its type argument.
macro_rules! with_format {
    ($format:expr, $function:ident $arguments:tt) => {{
        use $crate::kernels::quantized::format::{Format, Quantization};
        with_format!(@each $format, $function $arguments,
            Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2K Q3K Q4K Q5K Q6K)
    }};
    (@each $format:expr, $function:ident $arguments:tt, $($name:ident)*) => {
        match $format {
            $(Quantization::$name => {
                struct Known;
                impl Format for Known {
                    const FORMAT: Quantization = Quantization::$name;
                }
                $function::<Known> $arguments
            })*
        }
    };
}
pub(super) use with_format;

/// One block of a file, taken apart. Blocks of fewer than 256 weights fill the beginning only.
pub(super) struct Unpacked {
    /// The numbers, less `centre` where the format is not kept in nibbles.
    pub(super) numbers: [i8; 256],
    /// One per group.
    pub(super) scales: [f32; 16],
    /// One per group; zeros where the format has none.
    pub(super) offsets: [f32; 16],
}

impl Quantization {
    pub(crate) const ALL: [Quantization; 10] = [
        Self::Q4_0,
        Self::Q4_1,
        Self::Q5_0,
        Self::Q5_1,
        Self::Q8_0,
        Self::Q2K,
        Self::Q3K,
        Self::Q4K,
        Self::Q5K,
        Self::Q6K,
    ];

    /// Weights in a block of a file.
    pub(crate) const fn block(self) -> usize {
        match self {
            Self::Q4_0 | Self::Q4_1 | Self::Q5_0 | Self::Q5_1 | Self::Q8_0 => 32,
            Self::Q2K | Self::Q3K | Self::Q4K | Self::Q5K | Self::Q6K => 256,
        }
    }

    /// Bytes of a block of a file.
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::Q4_0 => 18,
            Self::Q4_1 => 20,
            Self::Q5_0 => 22,
            Self::Q5_1 => 24,
            Self::Q8_0 => 34,
            Self::Q2K => 84,
            Self::Q3K => 110,
            Self::Q4K => 144,
            Self::Q5K => 176,
            Self::Q6K => 210,
        }
    }

    /// Weights that share a scale.
    pub(super) const fn group(self) -> usize {
        match self {
            Self::Q2K | Self::Q3K | Self::Q6K => 16,
            _ => 32,
        }
    }

    /// Whether each group has an offset.
    pub(super) const fn has_offsets(self) -> bool {
        matches!(
            self,
            Self::Q4_1 | Self::Q5_1 | Self::Q2K | Self::Q4K | Self::Q5K
        )
    }

    /// Whether the numbers are kept in four bits each, as 0 to 15; elsewhere they are signed bytes.
    pub(super) const fn in_nibbles(self) -> bool {
        matches!(self, Self::Q4_0 | Self::Q4_1 | Self::Q4K)
    }

    /// What is subtracted from numbers kept in nibbles.
    pub(super) const fn centre(self) -> i8 {
        if matches!(self, Self::Q4_0) { 8 } else { 0 }
    }

    /// Whether scales and offsets are half-precision numbers as they stand; elsewhere they are products of such.
    pub(super) const fn has_half_scales(self) -> bool {
        self.block() == 32
    }

    /// Takes a block apart.
    pub(super) fn unpack(self, bytes: &[u8], out: &mut Unpacked) {
        debug_assert_eq!(bytes.len(), self.bytes());
        match self {
            Self::Q4_0 => {
                out.scales[0] = half_at(bytes, 0);
                nibbles(&bytes[2..18], &mut out.numbers[..32]);
            }
            Self::Q4_1 => {
                (out.scales[0], out.offsets[0]) = (half_at(bytes, 0), half_at(bytes, 2));
                nibbles(&bytes[4..20], &mut out.numbers[..32]);
            }
            Self::Q5_0 => {
                out.scales[0] = half_at(bytes, 0);
                nibbles(&bytes[6..22], &mut out.numbers[..32]);
                fifth_bits(&bytes[2..6], &mut out.numbers[..32]);
                for number in &mut out.numbers[..32] {
                    *number -= 16;
                }
            }
            Self::Q5_1 => {
                (out.scales[0], out.offsets[0]) = (half_at(bytes, 0), half_at(bytes, 2));
                nibbles(&bytes[8..24], &mut out.numbers[..32]);
                fifth_bits(&bytes[4..8], &mut out.numbers[..32]);
            }
            Self::Q8_0 => {
                out.scales[0] = half_at(bytes, 0);
                for (number, byte) in out.numbers.iter_mut().zip(&bytes[2..34]) {
                    *number = *byte as i8;
                }
            }
            Self::Q2K => unpack_q2k(bytes, out),
            Self::Q3K => unpack_q3k(bytes, out),
            Self::Q4K | Self::Q5K => unpack_q45k(self == Self::Q5K, bytes, out),
            Self::Q6K => unpack_q6k(bytes, out),
        }
    }
}

impl Unpacked {
    pub(super) fn new() -> Unpacked {
        Unpacked {
            numbers: [0; 256],
            scales: [0.0; 16],
            offsets: [0.0; 16],
        }
    }
}

fn half_at(bytes: &[u8], at: usize) -> f32 {
    half([bytes[at], bytes[at + 1]])
}

/// The lower halves of the bytes, then the upper ones.
fn nibbles(bytes: &[u8], out: &mut [i8]) {
    let (low, high) = out.split_at_mut(bytes.len());
    for ((low, high), byte) in low.iter_mut().zip(high).zip(bytes) {
        (*low, *high) = ((byte & 15) as i8, (byte >> 4) as i8);
    }
}

/// Adds 16 where a number's bit is set.
fn fifth_bits(bytes: &[u8], out: &mut [i8]) {
    for (index, number) in out.iter_mut().enumerate() {
        *number |= ((bytes[index / 8] >> (index % 8) & 1) << 4) as i8;
    }
}

fn unpack_q2k(bytes: &[u8], out: &mut Unpacked) {
    let (scales, rest) = bytes.split_at(16);
    let (quants, rest) = rest.split_at(64);
    let (scale, least) = (half_at(rest, 0), half_at(rest, 2));
    for (index, both) in scales.iter().enumerate() {
        out.scales[index] = scale * f32::from(both & 15);
        out.offsets[index] = -(least * f32::from(both >> 4));
    }
    for (index, number) in out.numbers.iter_mut().enumerate() {
        let (part, within) = (index / 128, index % 128);
        *number = (quants[part * 32 + within % 32] >> (within / 32 * 2) & 3) as i8;
    }
}

fn unpack_q3k(bytes: &[u8], out: &mut Unpacked) {
    let (high, rest) = bytes.split_at(32);
    let (quants, rest) = rest.split_at(64);
    let (scales, rest) = rest.split_at(12);
    let scale = half_at(rest, 0);
    for index in 0..16 {
        // Six bits: four in the first 8 bytes, two in the last 4.
        let low = if index < 8 {
            scales[index] & 15
        } else {
            scales[index - 8] >> 4
        };
        let upper = scales[8 + index % 4] >> (index / 4 * 2) & 3;
        out.scales[index] = scale * f32::from((low | upper << 4) as i8 - 32);
    }
    for (index, number) in out.numbers.iter_mut().enumerate() {
        let (part, within) = (index / 128, index % 128);
        let low = quants[part * 32 + within % 32] >> (within / 32 * 2) & 3;
        let bit = high[index % 32] >> (index / 32) & 1;
        *number = low as i8 - if bit == 1 { 0 } else { 4 };
    }
}

fn unpack_q45k(fifth: bool, bytes: &[u8], out: &mut Unpacked) {
    let (scale, least) = (half_at(bytes, 0), half_at(bytes, 2));
    let packed = &bytes[4..16];
    for index in 0..8 {
        // Six bits each: the last four of scales and minima have their upper bits with the first four.
        let (s, m) = if index < 4 {
            (packed[index] & 63, packed[index + 4] & 63)
        } else {
            (
                packed[index + 4] & 15 | packed[index - 4] >> 6 << 4,
                packed[index + 4] >> 4 | packed[index] >> 6 << 4,
            )
        };
        out.scales[index] = scale * f32::from(s);
        out.offsets[index] = -(least * f32::from(m));
    }
    let quants = if fifth { &bytes[48..] } else { &bytes[16..] };
    for (quants, out) in quants.chunks(32).zip(out.numbers.chunks_mut(64)) {
        nibbles(quants, out);
    }
    if fifth {
        let high = &bytes[16..48];
        for (index, number) in out.numbers.iter_mut().enumerate() {
            *number |= ((high[index % 32] >> (index / 32) & 1) << 4) as i8;
        }
    }
}

fn unpack_q6k(bytes: &[u8], out: &mut Unpacked) {
    let (low, rest) = bytes.split_at(128);
    let (high, rest) = rest.split_at(64);
    let (scales, rest) = rest.split_at(16);
    let scale = half_at(rest, 0);
    for (out, part) in out.scales.iter_mut().zip(scales) {
        *out = scale * f32::from(*part as i8);
    }
    for (index, number) in out.numbers.iter_mut().enumerate() {
        let (half, within) = (index / 128, index % 128);
        let (quarter, lane) = (within / 32, within % 32);
        let byte = low[half * 64 + quarter % 2 * 32 + lane];
        let four = if quarter < 2 { byte & 15 } else { byte >> 4 };
        let two = high[half * 32 + lane] >> (quarter * 2) & 3;
        *number = (four | two << 4) as i8 - 32;
    }
}
