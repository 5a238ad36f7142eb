//! Passages by their words and by their meaning.
//!
//! BM25 finds the candidates; where there is an encoder, the best of them are compared with the question by meaning as
//! well, and the two orders are made into one. A passage that no word of the question is in is never found.

use std::collections::HashSet;
use std::time::Instant;

use crate::index::PassageMatch;
use crate::retrieve::Encoder;
use crate::{ReadView, RetrieverError};

/// Passages that are compared by meaning: the encoder reads each as a whole.
const MOST_COMPARED: usize = 16;
/// What the meaning counts beside the words.
const MEANING: f64 = 1.8;
/// Passages that the encoder reads between two looks at the clock.
const AT_ONCE: usize = 6;
/// A further passage of a document that is there already counts this much.
const FURTHER: f64 = 0.75;

impl ReadView {
    /// Passages for a text, best first, at most `limit`. Those of one document do not crowd out others.
    ///
    /// Nothing is compared by meaning once the deadline has passed; what words say decides then.
    pub fn passages(
        &self,
        text: &str,
        limit: usize,
        encoder: Option<&dyn Encoder>,
        deadline: Instant,
    ) -> Result<Vec<PassageMatch>, RetrieverError> {
        let mut found = self.index().passages(text, 2 * limit.max(MOST_COMPARED))?;
        let mut seen = HashSet::new();
        for passage in &mut found {
            if !seen.insert(passage.document.clone()) {
                passage.score *= FURTHER;
            }
        }
        sort(&mut found);
        if let Some(encoder) = encoder {
            compare(text, &mut found, encoder, deadline)?;
        }
        found.truncate(limit);
        Ok(found)
    }
}

fn sort(found: &mut [PassageMatch]) {
    found.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| (&a.document, a.start).cmp(&(&b.document, b.start)))
    });
}

/// Orders the first passages by their words and their meaning together.
fn compare(
    text: &str,
    found: &mut [PassageMatch],
    encoder: &dyn Encoder,
    deadline: Instant,
) -> Result<(), RetrieverError> {
    let compared = found.len().min(MOST_COMPARED);
    let (head, _) = found.split_at_mut(compared);
    let Some(most) = head.first().map(|p| p.score).filter(|most| *most > 0.0) else {
        return Ok(());
    };
    let Some(question) = encoder.encode(&[text])?.pop() else {
        return Ok(());
    };
    let texts: Vec<String> = head.iter().map(whole).collect();
    let mut meanings = Vec::with_capacity(texts.len());
    for some in texts.chunks(AT_ONCE) {
        if Instant::now() >= deadline {
            return Ok(());
        }
        let some: Vec<&str> = some.iter().map(String::as_str).collect();
        for vector in encoder.encode(&some)? {
            meanings.push(
                question
                    .iter()
                    .zip(&vector)
                    .map(|(x, y)| f64::from(x * y))
                    .sum::<f64>(),
            );
        }
    }
    // Scores of words have no scale of their own: the best counts 1, and the others their share of it. The 1 on top keeps
    // those that are not compared behind.
    for (passage, meaning) in head.iter_mut().zip(meanings) {
        passage.score = most * (1.0 + passage.score / most + MEANING * meaning.max(0.0));
    }
    sort(found);
    Ok(())
}

/// A passage with its title, as it is compared.
fn whole(passage: &PassageMatch) -> String {
    match &passage.title {
        Some(title) => format!("{title}. {}", passage.text),
        None => passage.text.clone(),
    }
}
