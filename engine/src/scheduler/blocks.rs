//! Who holds which blocks of the KV memory, and the prefixes that are kept for requests to come.
//!
//! Kept prefixes are a radix tree, each node of which is one block of 16 tokens (as in SGLang's RadixAttention,
//! Zheng et al. 2023). Nodes that a sequence uses are counted; the others are given up when blocks are needed,
//! the least recently used first.

use std::collections::HashMap;

use crate::kernels::CELLS;
use crate::model::KvMemory;

/// Tokens of a block.
type Tokens = [u32; CELLS];

/// The blocks, those in use, those kept, and those free.
pub(super) struct Blocks {
    pub(super) memory: KvMemory,
    free: Vec<u32>,
    nodes: Vec<Option<Node>>,
    vacant: Vec<usize>,
    children: HashMap<(Option<usize>, Tokens), usize>,
    /// Nodes that no sequence uses.
    idle: usize,
    clock: u64,
}

/// A block of a kept prefix.
struct Node {
    block: u32,
    parent: Option<usize>,
    tokens: Tokens,
    children: usize,
    users: usize,
    /// When it was last used.
    used: u64,
}

/// The blocks of one sequence, in the order of its positions: first those shared with the kept prefixes, then
/// its own.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) table: Vec<u32>,
    nodes: Vec<usize>,
}

impl Held {
    /// Positions in shared blocks.
    pub(super) fn shared(&self) -> usize {
        self.nodes.len() * CELLS
    }
}

impl Blocks {
    pub(super) fn new(memory: KvMemory) -> Blocks {
        Blocks {
            free: (0..memory.blocks() as u32).rev().collect(),
            memory,
            nodes: Vec::new(),
            vacant: Vec::new(),
            children: HashMap::new(),
            idle: 0,
            clock: 0,
        }
    }

    /// Blocks that could be taken now.
    pub(super) fn available(&self) -> usize {
        self.free.len() + self.idle
    }

    /// Blocks that sequences hold.
    pub(super) fn in_use(&self) -> usize {
        self.memory.blocks() - self.available()
    }

    /// The kept blocks with which these tokens begin.
    pub(super) fn find(&mut self, tokens: &[u32]) -> Held {
        self.clock += 1;
        let mut held = Held::default();
        let mut parent = None;
        for tokens in tokens.as_chunks::<CELLS>().0 {
            let Some(&index) = self.children.get(&(parent, *tokens)) else {
                break;
            };
            self.hold(index, &mut held);
            parent = Some(index);
        }
        held
    }

    /// Adds a block of its own to a sequence; false where there is none left.
    pub(super) fn grow(&mut self, held: &mut Held) -> bool {
        let block = self.take();
        held.table.extend(block);
        block.is_some()
    }

    /// Shares the full blocks of a sequence, whose tokens are these, with the sequences to come.
    pub(super) fn share(&mut self, held: &mut Held, tokens: &[u32]) {
        self.clock += 1;
        let full = tokens.as_chunks::<CELLS>().0.iter().take(held.table.len());
        for (at, tokens) in full.enumerate().skip(held.nodes.len()) {
            let parent = held.nodes.last().copied();
            let own = held.table[at];
            if let Some(&known) = self.children.get(&(parent, *tokens)) {
                // Another sequence was first with the same; one copy suffices.
                self.free.push(own);
                let rest = held.table.split_off(at);
                self.hold(known, held);
                held.table.extend(&rest[1..]);
                continue;
            }
            let node = Node {
                block: own,
                parent,
                tokens: *tokens,
                children: 0,
                users: 1,
                used: self.clock,
            };
            let index = match self.vacant.pop() {
                Some(index) => {
                    self.nodes[index] = Some(node);
                    index
                }
                None => {
                    self.nodes.push(Some(node));
                    self.nodes.len() - 1
                }
            };
            self.children.insert((parent, *tokens), index);
            if let Some(parent) = parent.and_then(|parent| self.nodes[parent].as_mut()) {
                parent.children += 1;
            }
            held.nodes.push(index);
        }
    }

    /// Gives a sequence's blocks back.
    pub(super) fn release(&mut self, held: Held) {
        self.free.extend(&held.table[held.nodes.len()..]);
        for index in held.nodes {
            if let Some(node) = &mut self.nodes[index] {
                node.users -= 1;
                self.idle += usize::from(node.users == 0);
            }
        }
    }

    /// A sequence that begins as another one does up to a position: it shares its blocks, and gets a copy of
    /// the one in which it parts. None where there is no block left for that.
    pub(super) fn fork(&mut self, from: &Held, position: usize) -> Option<Held> {
        let mut held = Held::default();
        for &index in from.nodes.iter().take(position / CELLS) {
            self.hold(index, &mut held);
        }
        // What is not shared is copied.
        for at in held.table.len()..position.div_ceil(CELLS) {
            if !self.grow(&mut held) {
                self.release(held);
                return None;
            }
            self.memory.copy(from.table[at], held.table[at]);
        }
        Some(held)
    }

    /// Forgets all kept prefixes that no sequence uses.
    pub(super) fn forget(&mut self) {
        while let Some(block) = self.evict() {
            self.free.push(block);
        }
    }

    fn hold(&mut self, index: usize, held: &mut Held) {
        if let Some(node) = &mut self.nodes[index] {
            self.idle -= usize::from(node.users == 0);
            node.users += 1;
            node.used = self.clock;
            held.table.push(node.block);
            held.nodes.push(index);
        }
    }

    fn take(&mut self) -> Option<u32> {
        self.free.pop().or_else(|| self.evict())
    }

    /// Gives up the block that was used the longest ago, of those that none follows.
    fn evict(&mut self) -> Option<u32> {
        let nodes = self.nodes.iter().enumerate();
        let (index, _) = nodes
            .filter_map(|(index, node)| Some((index, node.as_ref()?)))
            .filter(|(_, node)| node.users == 0 && node.children == 0)
            .min_by_key(|(index, node)| (node.used, *index))?;
        let node = self.nodes[index].take()?;
        self.vacant.push(index);
        self.children.remove(&(node.parent, node.tokens));
        if let Some(parent) = node.parent.and_then(|parent| self.nodes[parent].as_mut()) {
            parent.children -= 1;
        }
        self.idle -= 1;
        Some(node.block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::KvFormat;
    use crate::model::Config;
    use proptest::prelude::*;

    fn blocks(count: usize) -> Blocks {
        Blocks::new(KvMemory::new(&Config::tiny(), count, KvFormat::F16).unwrap())
    }

    fn sequence(blocks: &mut Blocks, tokens: &[u32]) -> Held {
        let mut held = blocks.find(tokens);
        while held.table.len() * CELLS < tokens.len() {
            assert!(blocks.grow(&mut held));
        }
        held
    }

    #[test]
    fn a_prefix_is_found_again() {
        let mut blocks = blocks(8);
        let tokens: Vec<u32> = (0..40).collect();
        let mut first = sequence(&mut blocks, &tokens);
        assert_eq!((first.shared(), first.table.len()), (0, 3));
        blocks.share(&mut first, &tokens);
        assert_eq!(first.shared(), 32);
        let mut other = tokens.clone();
        other[20] = 99;
        let second = sequence(&mut blocks, &other);
        assert_eq!(second.shared(), 16);
        assert_eq!(second.table[0], first.table[0]);
        assert_eq!(blocks.available(), 8 - 3 - 2);
        blocks.release(first);
        blocks.release(second);
        assert_eq!(blocks.available(), 8);
        let again = blocks.find(&tokens);
        assert_eq!(again.shared(), 32);
        blocks.release(again);
    }

    #[test]
    fn the_least_recently_used_goes_first() {
        let mut blocks = blocks(2);
        for first in [100, 200, 100, 300] {
            let tokens: Vec<u32> = (first..first + 16).collect();
            let mut held = sequence(&mut blocks, &tokens);
            blocks.share(&mut held, &tokens);
            blocks.release(held);
        }
        for (first, kept) in [(100, 16), (200, 0), (300, 16)] {
            let tokens: Vec<u32> = (first..first + 16).collect();
            let held = blocks.find(&tokens);
            assert_eq!(held.shared(), kept, "{first}");
            blocks.release(held);
        }
        let mut held = Held::default();
        assert!(blocks.grow(&mut held) && blocks.grow(&mut held) && !blocks.grow(&mut held));
        blocks.release(held);
        assert_eq!(blocks.available(), 2);
    }

    #[test]
    fn twins_share_one_copy() {
        let mut blocks = blocks(4);
        let tokens: Vec<u32> = (0..32).collect();
        let mut first = sequence(&mut blocks, &tokens);
        let mut second = sequence(&mut blocks, &tokens);
        blocks.share(&mut first, &tokens);
        blocks.share(&mut second, &tokens);
        assert_eq!(first.table, second.table);
        assert_eq!(blocks.available(), 2);
        blocks.release(first);
        blocks.release(second);
        assert_eq!(blocks.available(), 4);
    }

    proptest! {
        /// Whatever comes and goes, no block is lost, and none belongs to two sequences unless both begin alike.
        #[test]
        fn no_block_is_lost(steps in prop::collection::vec((0u32..3, 1usize..60, any::<bool>(), 0usize..4), 1..60)) {
            let mut blocks = blocks(16);
            let mut running: Vec<(Vec<u32>, Held)> = Vec::new();
            for (kind, length, shares, which) in steps {
                let tokens: Vec<u32> = (0..length as u32).map(|at| at + kind * u32::from(at > 20)).collect();
                let mut held = blocks.find(&tokens);
                let mut fits = true;
                while held.table.len() * CELLS < tokens.len() && fits {
                    fits = blocks.grow(&mut held);
                }
                if fits {
                    if shares {
                        blocks.share(&mut held, &tokens);
                    }
                    running.push((tokens, held));
                } else {
                    blocks.release(held);
                }
                for (a, (first, one)) in running.iter().enumerate() {
                    for (second, other) in &running[a + 1..] {
                        for (at, block) in one.table.iter().enumerate() {
                            if let Some(same) = other.table.iter().position(|b| b == block) {
                                let end = (at + 1) * CELLS;
                                prop_assert_eq!(at, same);
                                prop_assert_eq!(&first[..end], &second[..end]);
                            }
                        }
                    }
                }
                if running.len() > which {
                    let (_, held) = running.swap_remove(which);
                    blocks.release(held);
                }
            }
            for (_, held) in running {
                blocks.release(held);
            }
            prop_assert_eq!(blocks.available(), 16);
            blocks.forget();
            prop_assert_eq!(blocks.free.len(), 16);
        }
    }
}
