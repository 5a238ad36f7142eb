//! Names that clients choose.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

/// The name of a knowledge base: `[a-z0-9][a-z0-9._-]{0,63}`.
///
/// The pattern admits no path separator, and a name that starts with a dot cannot be written in it, so a
/// valid name is always one plain component of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[a-z0-9][a-z0-9._-]{0,63}$")]
pub struct KbName(String);

/// Why a text is no name of a knowledge base.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is not a knowledge base name: use 1 to 64 of a-z, 0-9, '.', '_' and '-', and begin with a letter or digit"
)]
pub struct InvalidKbName(String);

impl KbName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KbName {
    type Err = InvalidKbName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let bytes = text.as_bytes();
        let valid = (1..=64).contains(&bytes.len())
            && plain(bytes[0])
            && bytes
                .iter()
                .all(|&b| plain(b) || matches!(b, b'.' | b'_' | b'-'));
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            // The text comes from outside: what the message repeats of it is bounded.
            Err(InvalidKbName(text.chars().take(80).collect()))
        }
    }
}

impl TryFrom<String> for KbName {
    type Error = InvalidKbName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<KbName> for String {
    fn from(name: KbName) -> Self {
        name.0
    }
}

impl fmt::Display for KbName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_the_pattern_and_nothing_else() {
        for good in ["a", "world", "0", "a.b-c_d", &"x".repeat(64)] {
            assert!(good.parse::<KbName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            ".",
            "..",
            "../x",
            "A",
            "a/b",
            "-a",
            "_a",
            "a b",
            "é",
            &"x".repeat(65),
        ] {
            assert!(bad.parse::<KbName>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_valid_name_is_one_normal_path_component(text in "\\PC{0,70}") {
            if let Ok(name) = text.parse::<KbName>() {
                let parts: Vec<_> = std::path::Path::new(name.as_str()).components().collect();
                prop_assert!(matches!(parts[..], [std::path::Component::Normal(_)]));
            }
        }
    }
}
