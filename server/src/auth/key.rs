//! What a key is, and how its secret is kept: only as a hash.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::TryRngCore;
use schemas::KbName;
use serde::{Deserialize, Serialize};

use super::store::KeyError;

/// What a key allows. Each role may do all that the ones before it may.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Ask, search, query, export.
    Read,
    /// Load, change and delete facts and documents; reindex.
    Write,
    /// Create and delete knowledge bases.
    Admin,
}

/// A key as it is kept: without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// The public part of the key.
    pub id: String,
    /// What the key is for.
    pub name: String,
    /// What it allows.
    pub role: Role,
    /// Hex of the BLAKE3 hash of the whole key. A key holds 256 random bits, so a plain hash cannot be guessed.
    pub hash: String,
    /// Unix time in milliseconds.
    pub created_ms: i64,
    /// From this moment on the key is not accepted. Unix time in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_ms: Option<i64>,
    /// The knowledge bases that it reaches; all, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knowledge_bases: Option<Vec<KbName>>,
}

/// A fresh id and the key that carries it: `alm_<id>_<256 random bits>`.
pub(super) fn generate() -> Result<(String, String), KeyError> {
    let mut bytes = [0u8; 38];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|e| KeyError::Random(e.to_string()))?;
    let (id, secret) = bytes.split_at(6);
    let id: String = id.iter().map(|b| format!("{b:02x}")).collect();
    let key = format!("alm_{id}_{}", URL_SAFE_NO_PAD.encode(secret));
    Ok((id, key))
}

/// The hash under which a key is kept.
pub(super) fn hash(key: &str) -> blake3::Hash {
    blake3::hash(key.as_bytes())
}

/// The id within a key, if the text looks like one.
pub(super) fn id_of(key: &str) -> Option<&str> {
    let mut parts = key.splitn(3, '_');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("alm"), Some(id), Some(secret)) if !id.is_empty() && !secret.is_empty() => Some(id),
        _ => None,
    }
}

/// Unix time in milliseconds.
pub(crate) fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

/// The moment that `90d`, `12h`, `30m`, `2w` or `1y` from now is.
pub fn expiry_from(text: &str, now_ms: i64) -> Result<i64, String> {
    let wrong =
        || format!("`{text}` is no time span: write a number and m, h, d, w or y, as in 90d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds: i64 = match unit {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        'y' => 365 * 86_400,
        _ => return Err(wrong()),
    };
    let count: i64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    if count <= 0 {
        return Err(wrong());
    }
    count
        .checked_mul(seconds * 1_000)
        .and_then(|ms| now_ms.checked_add(ms))
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_id_and_no_two_are_alike() {
        let (id, key) = generate().unwrap();
        assert_eq!(id_of(&key), Some(id.as_str()));
        assert!(key.len() >= 4 + 12 + 1 + 43);
        assert_ne!(generate().unwrap().1, key);
        for bad in ["", "alm", "alm_", "alm_x", "alm__y", "sk-abc_d_e"] {
            assert_eq!(id_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn spans_are_read_and_nonsense_is_refused() {
        assert_eq!(expiry_from("90d", 0), Ok(90 * 86_400_000));
        assert_eq!(expiry_from("30m", 5), Ok(1_800_005));
        for bad in ["", "d", "90", "-1d", "0d", "99999999999999y", "5 d", "é"] {
            assert!(expiry_from(bad, 0).is_err(), "{bad}");
        }
    }
}
