//! A small BM25 of the baselines' own.

use std::{cmp::Reverse, collections::BinaryHeap, collections::HashMap};

use super::fold::words;

const K1: f64 = 1.2;
const B: f64 = 0.75;

/// An index of short texts.
pub struct Bm25 {
    texts: Vec<String>,
    lengths: Vec<u32>,
    average: f64,
    postings: HashMap<String, Vec<(u32, u32)>>,
}

fn tokens(text: &str) -> Vec<String> {
    words(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

impl Bm25 {
    /// Indexes texts.
    pub fn new(texts: Vec<String>) -> Self {
        let mut postings: HashMap<String, Vec<(u32, u32)>> = HashMap::new();
        let mut lengths = Vec::with_capacity(texts.len());
        for (id, text) in (0u32..).zip(&texts) {
            let words = tokens(text);
            lengths.push(u32::try_from(words.len()).unwrap_or(u32::MAX));
            for word in words {
                let list = postings.entry(word).or_default();
                match list.last_mut() {
                    Some((last, count)) if *last == id => *count += 1,
                    _ => list.push((id, 1)),
                }
            }
        }
        let total: f64 = lengths.iter().map(|l| f64::from(*l)).sum();
        let average = total / (lengths.len().max(1) as f64);
        Self {
            texts,
            lengths,
            average,
            postings,
        }
    }

    /// The best texts for a question, best first; among equals the one that came first.
    pub fn best(&self, question: &str, limit: usize) -> Vec<&str> {
        let n = self.texts.len() as f64;
        let mut scores: HashMap<u32, f64> = HashMap::new();
        for word in tokens(question) {
            let Some(list) = self.postings.get(&word) else {
                continue;
            };
            let df = list.len() as f64;
            let idf = (1.0 + (n - df + 0.5) / (df + 0.5)).ln();
            for (id, count) in list {
                let tf = f64::from(*count);
                let length = f64::from(self.lengths[*id as usize]);
                let norm = K1 * (1.0 - B + B * length / self.average);
                *scores.entry(*id).or_default() += idf * tf * (K1 + 1.0) / (tf + norm);
            }
        }
        // Scores are positive, so that the order of their bits is theirs.
        let mut heap = BinaryHeap::with_capacity(limit + 1);
        for (id, score) in scores {
            heap.push(Reverse((score.to_bits(), Reverse(id))));
            if heap.len() > limit {
                heap.pop();
            }
        }
        let mut best: Vec<_> = heap.into_iter().map(|Reverse(entry)| entry).collect();
        best.sort_unstable_by(|a, b| b.cmp(a));
        best.iter()
            .map(|(_, Reverse(id))| self.texts[*id as usize].as_str())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_words_and_short_texts_come_first() {
        let index = Bm25::new(
            [
                "Chad, capital: N'Djamena",
                "Peru, capital: Lima",
                "Peru, capital: Lima, and a lot of other words beside it that dilute",
                "Peru, currency: sol",
            ]
            .map(str::to_owned)
            .to_vec(),
        );
        assert_eq!(
            index.best("the CAPITAL of chad?", 1),
            ["Chad, capital: N'Djamena"]
        );
        assert_eq!(index.best("capital peru", 2)[0], "Peru, capital: Lima");
        assert!(index.best("nothing here", 3).is_empty());
        assert!(Bm25::new(Vec::new()).best("x", 3).is_empty());
    }
}
