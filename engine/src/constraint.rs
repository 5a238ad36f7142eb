//! Languages that bind a generation, token by token.

use std::collections::HashMap;
use std::sync::Arc;

use crate::Grammar;

/// Among the tokens that are allowed: the sequence may end here. The engine reads it as the model's own end-of-turn
/// token, whose likelihood it weighs against the other choices.
pub const END_OF_SEQUENCE: u32 = u32::MAX;

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed<'a> {
    /// Any token.
    Any,
    /// One of these, without repeats; [`END_OF_SEQUENCE`] may be among them.
    Tokens(&'a [u32]),
    /// One of a set, which may hold most of the vocabulary; [`END_OF_SEQUENCE`] may be in it.
    Mask(&'a TokenSet),
    /// Nothing: the generation is complete.
    End,
    /// The constraint cannot go on, and says why; the generation fails.
    Fault(&'a str),
}

/// Decides which tokens may come next. The engine calls `allowed`, then `accept` with a token that was
/// allowed, in turn, until the end.
pub trait Constraint: Send {
    /// What may come next.
    fn allowed(&self) -> Allowed<'_>;

    /// Goes on by a token that `allowed` named, or by [`END_OF_SEQUENCE`].
    fn accept(&mut self, token: u32);

    /// The language in words that a server understands, where there are such.
    fn grammar(&self) -> Option<&Grammar> {
        None
    }

    /// All sequences that may still follow, without the end; none where they are not finite, or too many to list.
    /// A model on a server is bound by them where the server takes a list.
    fn alternatives(&self) -> Option<Vec<Vec<u32>>> {
        None
    }
}

/// A set of tokens, one bit for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenSet {
    words: Vec<u32>,
    end: bool,
}

impl TokenSet {
    /// A set from the bits of its tokens, 32 to a word, the lowest first.
    pub(crate) fn from_words(words: Vec<u32>) -> TokenSet {
        TokenSet { words, end: false }
    }

    /// Whether a token, or [`END_OF_SEQUENCE`], is in the set.
    pub fn contains(&self, token: u32) -> bool {
        if token == END_OF_SEQUENCE {
            return self.end;
        }
        let word = self.words.get(token as usize / 32);
        word.is_some_and(|word| word >> (token % 32) & 1 == 1)
    }

    /// Adds a token, or [`END_OF_SEQUENCE`].
    pub fn insert(&mut self, token: u32) {
        if token == END_OF_SEQUENCE {
            self.end = true;
            return;
        }
        let at = token as usize / 32;
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        self.words[at] |= 1 << (token % 32);
    }

    /// Takes a token out; whether it was in.
    pub(crate) fn remove(&mut self, token: u32) -> bool {
        let was_in = self.contains(token);
        if was_in {
            self.words[token as usize / 32] &= !(1 << (token % 32));
        }
        was_in
    }

    /// Whether there is nothing in the set, not even the end.
    pub fn is_empty(&self) -> bool {
        !self.end && self.words.iter().all(|word| *word == 0)
    }

    /// Its tokens, ascending; the end, being the largest number, comes last.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let tokens = (0u32..).zip(&self.words).flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                left &= left.wrapping_sub(1);
                (bit < 32).then_some(at * 32 + bit)
            })
        });
        tokens.chain(self.end.then_some(END_OF_SEQUENCE))
    }
}

impl FromIterator<u32> for TokenSet {
    fn from_iter<T: IntoIterator<Item = u32>>(tokens: T) -> TokenSet {
        let mut set = TokenSet::default();
        tokens.into_iter().for_each(|token| set.insert(token));
        set
    }
}

/// Tokens of all alternatives together; longer lists are not made.
const MOST_LISTED: usize = 1 << 16;

/// A set of token sequences that share their beginnings.
#[derive(Debug)]
pub struct TokenTrie {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    /// Sorted; the end, being the largest number, comes last.
    tokens: Vec<u32>,
    /// The child of each token, in the same order; the end has none.
    children: Vec<usize>,
}

impl TokenTrie {
    /// Builds a trie of these sequences. An empty sequence adds the choice of nothing at all.
    pub fn new(sequences: impl IntoIterator<Item = Vec<u32>>) -> TokenTrie {
        let mut edges: Vec<HashMap<u32, usize>> = vec![HashMap::new()];
        let mut ends = vec![false];
        for sequence in sequences {
            let mut node = 0;
            for token in sequence {
                let next = edges.len();
                let child = *edges[node].entry(token).or_insert(next);
                if child == next {
                    edges.push(HashMap::new());
                    ends.push(false);
                }
                node = child;
            }
            ends[node] = true;
        }
        let nodes = edges
            .into_iter()
            .zip(ends)
            .map(|(edges, end)| {
                let mut pairs: Vec<(u32, usize)> = edges.into_iter().collect();
                pairs.sort_unstable();
                let mut tokens: Vec<u32> = pairs.iter().map(|(token, _)| *token).collect();
                if end && !tokens.is_empty() {
                    tokens.push(END_OF_SEQUENCE);
                }
                Node {
                    tokens,
                    children: pairs.into_iter().map(|(_, child)| child).collect(),
                }
            })
            .collect();
        TokenTrie { nodes }
    }

    /// A constraint whose output is one sequence of the trie.
    pub fn constraint(self: &Arc<Self>) -> Box<dyn Constraint> {
        Box::new(TrieWalk {
            trie: Arc::clone(self),
            node: Some(0),
        })
    }
}

struct TrieWalk {
    trie: Arc<TokenTrie>,
    node: Option<usize>,
}

impl Constraint for TrieWalk {
    fn allowed(&self) -> Allowed<'_> {
        match self.node {
            Some(node) if !self.trie.nodes[node].tokens.is_empty() => {
                Allowed::Tokens(&self.trie.nodes[node].tokens)
            }
            _ => Allowed::End,
        }
    }

    fn accept(&mut self, token: u32) {
        self.node = self.node.and_then(|node| {
            let node = &self.trie.nodes[node];
            let at = node.tokens.binary_search(&token).ok()?;
            node.children.get(at).copied()
        });
    }

    fn alternatives(&self) -> Option<Vec<Vec<u32>>> {
        let Some(start) = self.node else {
            return Some(vec![Vec::new()]);
        };
        let (mut listed, mut size, mut path) = (Vec::new(), 0, Vec::new());
        // Nodes to visit, each with the token that leads to it and the length of the path before that.
        let mut waiting = vec![(start, None, 0)];
        while let Some((node, token, before)) = waiting.pop() {
            path.truncate(before);
            path.extend(token);
            let Node { tokens, children } = &self.trie.nodes[node];
            // The end has no child.
            if tokens.is_empty() || tokens.len() > children.len() {
                size += path.len();
                if size > MOST_LISTED {
                    return None;
                }
                listed.push(path.clone());
            }
            let next = tokens.iter().zip(children).rev();
            waiting.extend(next.map(|(token, child)| (*child, Some(*token), path.len())));
        }
        Some(listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// All sequences that a walk can produce.
    fn language(trie: &Arc<TokenTrie>) -> BTreeSet<Vec<u32>> {
        fn go(trie: &Arc<TokenTrie>, path: &mut Vec<u32>, out: &mut BTreeSet<Vec<u32>>) {
            let mut walk = trie.constraint();
            path.iter().for_each(|token| walk.accept(*token));
            match walk.allowed() {
                Allowed::End => {
                    out.insert(path.clone());
                }
                Allowed::Tokens(tokens) => {
                    for token in tokens {
                        if *token == END_OF_SEQUENCE {
                            out.insert(path.clone());
                        } else {
                            path.push(*token);
                            go(trie, path, out);
                            path.pop();
                        }
                    }
                }
                other => panic!("a trie never says {other:?}"),
            }
        }
        let mut out = BTreeSet::new();
        go(trie, &mut Vec::new(), &mut out);
        out
    }

    #[test]
    fn a_prefix_that_is_complete_offers_its_end() {
        let trie = Arc::new(TokenTrie::new([vec![1], vec![1, 2]]));
        let mut walk = trie.constraint();
        assert_eq!(walk.allowed(), Allowed::Tokens(&[1]));
        walk.accept(1);
        assert_eq!(walk.allowed(), Allowed::Tokens(&[2, END_OF_SEQUENCE]));
        walk.accept(END_OF_SEQUENCE);
        assert_eq!(walk.allowed(), Allowed::End);
    }

    #[test]
    fn what_may_follow_is_listed_unless_it_is_long() {
        let trie = Arc::new(TokenTrie::new([vec![1], vec![1, 2], vec![3]]));
        let mut walk = trie.constraint();
        walk.accept(1);
        assert_eq!(walk.alternatives(), Some(vec![vec![], vec![2]]));
        walk.accept(END_OF_SEQUENCE);
        assert_eq!(walk.alternatives(), Some(vec![vec![]]));
        let long = Arc::new(TokenTrie::new([vec![7; MOST_LISTED], vec![8]]));
        assert_eq!(long.constraint().alternatives(), None);
    }

    #[test]
    fn an_empty_trie_allows_nothing() {
        let trie = Arc::new(TokenTrie::new([]));
        assert_eq!(trie.constraint().allowed(), Allowed::End);
    }

    proptest! {
        #[test]
        fn a_set_of_tokens_is_a_set(
            tokens in prop::collection::btree_set(
                prop_oneof![0u32..200, Just(END_OF_SEQUENCE)], 0..40,
            ),
            other in 0u32..300,
        ) {
            let mut set: TokenSet = tokens.iter().copied().collect();
            prop_assert!(set.iter().eq(tokens.iter().copied()));
            prop_assert_eq!(set.is_empty(), tokens.is_empty());
            prop_assert_eq!(set.contains(other), tokens.contains(&other));
            prop_assert_eq!(set.remove(other), tokens.contains(&other));
            prop_assert!(!set.contains(other));
        }

        #[test]
        fn the_language_is_the_set(
            set in prop::collection::btree_set(prop::collection::vec(0u32..4, 1..6), 1..12),
        ) {
            let trie = Arc::new(TokenTrie::new(set.iter().cloned()));
            prop_assert_eq!(&language(&trie), &set);
            let listed = trie.constraint().alternatives().unwrap();
            prop_assert_eq!(listed.len(), set.len());
            prop_assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), set);
        }
    }
}
