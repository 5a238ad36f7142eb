//! Embeddings of names, kept across revisions.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::RetrieverError;
use crate::retrieve::Encoder;

/// Vectors by text. Clones share what they hold, so that a new revision embeds only new names.
#[derive(Clone, Debug, Default)]
pub struct Vectors {
    known: Arc<Mutex<HashMap<String, Arc<[f32]>>>>,
}

/// Beyond this many texts the memory is started afresh: 60 MB of vectors of 384 numbers.
const MOST: usize = 40_000;

impl Vectors {
    /// The vectors of these texts, in order, of length 1.
    pub fn of(
        &self,
        texts: &[&str],
        encoder: &dyn Encoder,
    ) -> Result<Vec<Arc<[f32]>>, RetrieverError> {
        let missing: Vec<&str> = {
            let known = self.known.lock();
            let mut missing: Vec<&str> = texts
                .iter()
                .copied()
                .filter(|t| !known.contains_key(*t))
                .collect();
            missing.sort_unstable();
            missing.dedup();
            missing
        };
        // Not under the lock: embedding takes milliseconds, and two requests may embed one text twice.
        let fresh = if missing.is_empty() {
            Vec::new()
        } else {
            encoder.encode(&missing)?
        };
        let mut known = self.known.lock();
        if known.len() + missing.len() > MOST {
            known.clear();
        }
        for (text, vector) in missing.iter().zip(fresh) {
            known.insert((*text).to_owned(), vector.into());
        }
        let found = texts
            .iter()
            .map(|t| known.get(*t).cloned().unwrap_or_else(|| Arc::from([])))
            .collect();
        Ok(found)
    }
}

/// The cosine of two vectors of length 1; 0 when one is missing.
pub(crate) fn cosine(a: &[f32], b: &[f32]) -> f64 {
    f64::from(a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>())
}
