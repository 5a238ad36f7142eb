//! Percent-encoded text: decoders replace what is no UTF-8, and an answer to a replaced text would be one to a
//! question that nobody asked.

/// Whether a percent-encoded text decodes to UTF-8. A `%` without two digits stands for itself.
pub fn decodes_to_utf8(text: &str) -> bool {
    if !text.contains('%') {
        return true;
    }
    let hex = |byte: Option<&u8>| byte.and_then(|b| char::from(*b).to_digit(16));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, hex(bytes.get(at + 1)), hex(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                // Two hexadecimal digits fit a byte.
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    std::str::from_utf8(&decoded).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_utf8_is_told_apart() {
        for good in ["", "a+b", "%C3%A9", "100%", "%zz", "%EF%BF%BD"] {
            assert!(decodes_to_utf8(good), "{good}");
        }
        for bad in ["%FF", "q=%C3", "%C3%28", "%80"] {
            assert!(!decodes_to_utf8(bad), "{bad}");
        }
    }
}
