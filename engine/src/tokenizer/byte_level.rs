//! The alphabet of byte-level BPE: each byte is written as one printable character.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Kind;

/// Bytes that are their own character: printable ASCII and Latin-1 without the soft hyphen.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff)
}

/// The character of each byte, indexed by the byte.
pub(super) static ALPHABET: LazyLock<[char; 256]> = LazyLock::new(|| {
    let mut next = 0x100;
    std::array::from_fn(|byte| {
        let byte = byte as u8;
        if is_plain(byte) {
            char::from(byte)
        } else {
            next += 1;
            char::from_u32(next - 1).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
    })
});

static BYTES: LazyLock<HashMap<char, u8>> = LazyLock::new(|| {
    ALPHABET
        .iter()
        .zip(0u8..=255)
        .map(|(character, byte)| (*character, byte))
        .collect()
});

/// The bytes that a vocabulary entry stands for. Characters outside the alphabet stand for themselves.
pub(super) fn decode(name: &str, _kind: Kind) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(name.len());
    for character in name.chars() {
        match BYTES.get(&character) {
            Some(byte) => bytes.push(*byte),
            None => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_is_one_to_one() {
        assert_eq!(BYTES.len(), 256);
        assert_eq!(ALPHABET[b' ' as usize], 'Ġ');
        assert_eq!(ALPHABET[b'\n' as usize], 'Ċ');
        assert_eq!(ALPHABET[0xad], 'Ń');
    }

    #[test]
    fn names_decode_to_bytes() {
        assert_eq!(decode("Ġthe", Kind::Normal), b" the");
        assert_eq!(decode("Ã©", Kind::Normal), "é".as_bytes());
    }
}
