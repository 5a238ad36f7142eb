//! What a knowledge base may cost.

/// Limits and settings of an open knowledge base.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The URL under which this process serves the knowledge base. It is written into the lock file, so
    /// that whoever finds the folder locked learns where to ask instead.
    pub owner_url: Option<String>,
    /// Files that RocksDB keeps open for this knowledge base.
    pub max_open_files: u32,
    /// Quads that one write may bring or remove.
    pub max_quads_per_write: u64,
    /// Bytes of one document, its text and all its other fields together.
    pub max_document_bytes: usize,
    /// Documents of one write.
    pub max_documents_per_write: usize,
    /// Revisions after which the store is flushed.
    pub checkpoint_revisions: u64,
    /// Quads written after which the store is flushed.
    pub checkpoint_quads: u64,
    /// The level of zstd compression of the journal.
    pub compression_level: i32,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            owner_url: None,
            max_open_files: 256,
            max_quads_per_write: 500_000_000,
            max_document_bytes: 16 * 1024 * 1024,
            max_documents_per_write: 1_000_000,
            checkpoint_revisions: 64,
            checkpoint_quads: 200_000,
            compression_level: 3,
        }
    }
}
