//! Embeddings of texts that may come again.

use lru::LruCache;
use parking_lot::Mutex;

/// About the bytes that an entry takes beside its text and its numbers.
const OVERHEAD: usize = 128;
/// A text that would take more than one part in this many of the memory is not kept.
const LARGEST_SHARE: usize = 8;

/// Embeddings by text, of which those that were used last are kept: as many as fit in the memory.
pub(super) struct Cache {
    most: usize,
    entries: Mutex<Entries>,
}

struct Entries {
    vectors: LruCache<Box<str>, Box<[f32]>>,
    bytes: usize,
    hits: u64,
    misses: u64,
}

/// What an embedder's cache holds, and how often it was of use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Texts whose embedding was there.
    pub hits: u64,
    /// Texts whose embedding was not.
    pub misses: u64,
    /// Texts whose embedding is there now.
    pub entries: usize,
    /// Memory of these, about.
    pub bytes: usize,
}

impl Cache {
    /// A cache of at most `most` bytes.
    pub(super) fn new(most: usize) -> Cache {
        Cache {
            most,
            entries: Mutex::new(Entries {
                vectors: LruCache::unbounded(),
                bytes: 0,
                hits: 0,
                misses: 0,
            }),
        }
    }

    /// The embedding of each text, where it is there.
    pub(super) fn get(&self, texts: &[&str]) -> Vec<Option<Vec<f32>>> {
        if self.most == 0 {
            return vec![None; texts.len()];
        }
        let mut entries = self.entries.lock();
        let found: Vec<Option<Vec<f32>>> = texts
            .iter()
            .map(|text| entries.vectors.get(*text).map(|vector| vector.to_vec()))
            .collect();
        let hits = found.iter().flatten().count();
        entries.hits += hits as u64;
        entries.misses += (found.len() - hits) as u64;
        found
    }

    /// Keeps embeddings, at the cost of those that have not been used for longest.
    pub(super) fn put<'a>(&self, found: impl Iterator<Item = (&'a &'a str, &'a Vec<f32>)>) {
        if self.most == 0 {
            return;
        }
        let mut entries = self.entries.lock();
        for (text, vector) in found {
            let size = bytes(text, vector);
            if size > self.most / LARGEST_SHARE {
                continue;
            }
            // Another thread may have put the same; a text's embedding is always the same size.
            if entries
                .vectors
                .put((*text).into(), vector.as_slice().into())
                .is_none()
            {
                entries.bytes += size;
            }
            while entries.bytes > self.most {
                let Some((text, vector)) = entries.vectors.pop_lru() else {
                    break;
                };
                entries.bytes -= bytes(&text, &vector);
            }
        }
    }

    pub(super) fn stats(&self) -> CacheStats {
        let entries = self.entries.lock();
        CacheStats {
            hits: entries.hits,
            misses: entries.misses,
            entries: entries.vectors.len(),
            bytes: entries.bytes,
        }
    }
}

fn bytes(text: &str, vector: &[f32]) -> usize {
    text.len() + size_of_val(vector) + OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(cache: &Cache, text: &str, numbers: &[f32]) {
        cache.put([(&text, &numbers.to_vec())].into_iter());
    }

    #[test]
    fn the_one_used_least_recently_makes_room() {
        let size = bytes("a", &[0.0; 8]);
        let cache = Cache::new(size * 9);
        for text in ["a", "b", "c", "d", "e", "f", "g", "h", "i"] {
            put(&cache, text, &[1.0; 8]);
        }
        assert_eq!(cache.get(&["a"]), [Some(vec![1.0; 8])]);
        put(&cache, "j", &[2.0; 8]);
        let found = cache.get(&["b", "a", "j"]);
        assert_eq!(found, [None, Some(vec![1.0; 8]), Some(vec![2.0; 8])]);
        let stats = cache.stats();
        assert_eq!((stats.hits, stats.misses, stats.entries), (3, 1, 9));
        assert_eq!(stats.bytes, size * 9);
    }

    #[test]
    fn large_texts_are_not_kept_and_no_memory_keeps_nothing() {
        let cache = Cache::new(8_000);
        put(&cache, &"x".repeat(1_000), &[0.0]);
        assert_eq!(cache.stats().entries, 0);
        put(&cache, "x", &[0.0]);
        put(&cache, "x", &[0.0]);
        assert_eq!(cache.stats().bytes, bytes("x", &[0.0]));
        let none = Cache::new(0);
        put(&none, "x", &[0.0]);
        assert_eq!(none.get(&["x"]), [None]);
        assert_eq!(none.stats(), CacheStats::default());
    }

    #[test]
    fn threads_may_use_it_at_once() {
        let cache = Cache::new(20_000);
        std::thread::scope(|scope| {
            for thread in 0..4usize {
                let cache = &cache;
                scope.spawn(move || {
                    for round in 0..2_000 {
                        let number = (round * 7 + thread) % 150;
                        let text = number.to_string();
                        let text = text.as_str();
                        match &cache.get(&[text])[0] {
                            Some(vector) => assert_eq!(vector, &[number as f32; 4]),
                            None => put(cache, text, &[number as f32; 4]),
                        }
                    }
                });
            }
        });
        let stats = cache.stats();
        assert_eq!(stats.hits + stats.misses, 8_000);
        assert!(stats.bytes <= 20_000 && stats.entries > 100);
    }
}
