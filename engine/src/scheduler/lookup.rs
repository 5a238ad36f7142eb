//! Drafts of the next tokens, looked up in what a sequence holds already (prompt lookup decoding, Saxena 2023).
//!
//! Text that quotes, lists or repeats goes on as it did where the same three tokens stood before. A draft is
//! computed together with the token before it, which costs little more than that token alone while weights come
//! from memory; what the model would not have chosen is thrown away.

use std::collections::HashMap;

/// Tokens that must agree for a draft.
const KEY: usize = 3;
/// Tokens of a draft at most.
const LONGEST: usize = 10;
/// How much the newest draft counts in the share of tokens that were right.
const NEWEST: f32 = 0.25;
/// The share to begin with.
const HOPE: f32 = 0.6;
/// Tokens after which a sequence whose drafts were wrong may try again.
const PAUSE: usize = 24;

/// Looks drafts up, and learns how far they can be trusted.
pub(super) struct Lookup {
    /// What came last after each run of tokens: its index.
    after: HashMap<[u32; KEY], usize>,
    /// The first token that is not in `after` yet.
    next: usize,
    /// The share of drafted tokens that were right, the latest counting most.
    right: f32,
    /// The number of tokens at which the next draft may be made.
    resume: usize,
}

impl Lookup {
    pub(super) fn new() -> Lookup {
        Lookup {
            after: HashMap::new(),
            next: KEY,
            right: HOPE,
            resume: 0,
        }
    }

    /// Guesses at most so many of the tokens that follow these, of which a call knows all that the one before
    /// knew. `cost`, of a drafted token, is in decoded tokens: a guess less likely than that is not worth it.
    pub(super) fn draft(&mut self, tokens: &[u32], most: usize, cost: f32) -> Vec<u32> {
        while self.next < tokens.len() {
            if let Some(key) = key(&tokens[..self.next]) {
                self.after.insert(key, self.next);
            }
            self.next += 1;
        }
        if tokens.len() < self.resume {
            return Vec::new();
        }
        let (mut length, mut likely) = (0, self.right);
        while likely >= cost && length < LONGEST.min(most) {
            length += 1;
            likely *= self.right;
        }
        if length == 0 && most > 0 {
            // One guess now and then tells whether the text has become easier.
            length = 1;
        }
        let found = key(tokens).and_then(|key| self.after.get(&key));
        found.map_or_else(Vec::new, |from| {
            tokens[*from..].iter().take(length).copied().collect()
        })
    }

    /// Learns how many tokens of a draft were right, of a sequence that has so many tokens now.
    pub(super) fn learn(&mut self, drafted: usize, right: usize, tokens: usize) {
        // What follows the first wrong token was never judged.
        let judged = drafted.min(right + 1);
        if judged == 0 {
            return;
        }
        let share = right as f32 / judged as f32;
        self.right += NEWEST * (share - self.right);
        if right == 0 && self.right < HOPE / 2.0 {
            self.resume = tokens + PAUSE;
        }
    }
}

/// The last tokens.
fn key(tokens: &[u32]) -> Option<[u32; KEY]> {
    tokens.last_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_last_after_the_same_tokens_is_drafted() {
        let mut lookup = Lookup::new();
        let tokens = [1, 2, 3, 4, 5, 1, 2, 3, 6, 7, 8, 1, 2, 3];
        assert_eq!(lookup.draft(&tokens, 9, 0.3), [6, 7]);
        assert_eq!(lookup.draft(&tokens, 1, 0.3), [6]);
        assert!(lookup.draft(&tokens, 0, 0.3).is_empty());
        assert!(
            lookup
                .draft(&[&tokens[..], &[9]].concat(), 9, 0.3)
                .is_empty()
        );
    }

    #[test]
    fn nothing_is_drafted_from_too_little() {
        for length in 0..KEY {
            assert!(Lookup::new().draft(&vec![7; length], 9, 0.3).is_empty());
        }
        // A run of one token repeats itself.
        assert_eq!(Lookup::new().draft(&[7; 6], 9, 0.3), [7]);
    }

    #[test]
    fn drafts_grow_while_they_are_right_and_pause_when_they_are_not() {
        let mut lookup = Lookup::new();
        let tokens: Vec<u32> = (0..60).map(|at| at % 20).collect();
        let first = lookup.draft(&tokens, 20, 0.3).len();
        for _ in 0..10 {
            lookup.learn(first, first, 60);
        }
        let later = lookup.draft(&tokens, 20, 0.3).len();
        assert!(later > first && later <= LONGEST, "{first} {later}");
        for _ in 0..20 {
            lookup.learn(later, 0, 60);
        }
        assert!(lookup.draft(&tokens, 20, 0.3).is_empty());
        let more: Vec<u32> = (0..60 + PAUSE as u32).map(|at| at % 20).collect();
        assert_eq!(lookup.draft(&more, 20, 0.3).len(), 1);
    }
}
