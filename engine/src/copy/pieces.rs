//! A vocabulary, laid out to find the tokens with which some bytes begin.

use crate::tokenizer::Tokenizer;

/// The vocabulary in the order of its bytes.
pub(crate) struct Pieces {
    pieces: Vec<Box<[u8]>>,
    /// Ids of those that are not empty, by their bytes.
    sorted: Vec<u32>,
    /// Where in `sorted` those begin whose first byte is this one or a later one.
    first: Box<[usize; 257]>,
}

impl Pieces {
    pub(crate) fn new(tokenizer: &Tokenizer) -> Pieces {
        Pieces::from_pieces((0..tokenizer.len() as u32).map(|id| tokenizer.piece(id)))
    }

    pub(super) fn from_pieces<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Pieces {
        let pieces: Vec<Box<[u8]>> = pieces.map(Box::from).collect();
        let mut sorted: Vec<u32> = (0u32..)
            .zip(&pieces)
            .filter(|(_, piece)| !piece.is_empty())
            .map(|(id, _)| id)
            .collect();
        sorted.sort_by_key(|id| &pieces[*id as usize]);
        let from =
            |byte: usize| sorted.partition_point(|id| usize::from(pieces[*id as usize][0]) < byte);
        let first = Box::new(std::array::from_fn(from));
        Pieces {
            pieces,
            sorted,
            first,
        }
    }

    pub(super) fn piece(&self, id: u32) -> &[u8] {
        self.pieces.get(id as usize).map_or(&[], |piece| piece)
    }

    /// Calls `found` with each token by which a text can begin.
    pub(super) fn prefixes(&self, text: &[u8], mut found: impl FnMut(u32)) {
        let Some(byte) = text.first() else { return };
        let byte = usize::from(*byte);
        let mut range = &self.sorted[self.first[byte]..self.first[byte + 1]];
        for depth in 1.. {
            // A piece comes before all that it begins.
            while let Some((id, rest)) = range.split_first()
                && self.piece(*id).len() == depth
            {
                found(*id);
                range = rest;
            }
            let Some(byte) = text.get(depth).filter(|_| !range.is_empty()) else {
                return;
            };
            let from = range.partition_point(|id| self.piece(*id)[depth] < *byte);
            range = &range[from..];
            let to = range.partition_point(|id| self.piece(*id)[depth] == *byte);
            range = &range[..to];
        }
    }

    /// Whether a byte can be written by itself.
    pub(super) fn has_byte(&self, byte: u8) -> bool {
        let byte = usize::from(byte);
        let with = &self.sorted[self.first[byte]..self.first[byte + 1]];
        with.first().is_some_and(|id| self.piece(*id).len() == 1)
    }
}
