//! What the tests share.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use kg_store::{
    Change, CheckedQuery, Dataset, KnowledgeBase, LoadOptions, ParseLimits, QueryLimits, Quiet,
    RdfInput, RdfSyntax, Snapshot, StoreError, StoreOptions, Table,
    rdf::{GraphName, NamedNode},
};
use tempfile::TempDir;

/// A knowledge base in a folder of its own.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) kb: KnowledgeBase,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kb = KnowledgeBase::create(&folder.path().join("kb"), StoreOptions::default()).unwrap();
        Self { folder, kb }
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("kb")
    }

    pub(crate) fn load(&self, text: &str, syntax: RdfSyntax) -> Result<Change, StoreError> {
        self.load_into(text, syntax, &LoadOptions::default())
    }

    pub(crate) fn load_into(
        &self,
        text: &str,
        syntax: RdfSyntax,
        options: &LoadOptions,
    ) -> Result<Change, StoreError> {
        let input = RdfInput::new(text.as_bytes(), "test", syntax);
        self.kb.writer().load(input, options, &Quiet)
    }

    pub(crate) fn turtle(&self, text: &str) -> Change {
        self.load(text, RdfSyntax::Turtle).unwrap()
    }

    /// Closes and opens again.
    pub(crate) fn reopen(self) -> Self {
        let Self { folder, kb } = self;
        drop(kb);
        let kb = KnowledgeBase::open(&folder.path().join("kb"), StoreOptions::default()).unwrap();
        Self { folder, kb }
    }

    pub(crate) fn content(&self) -> Vec<String> {
        content(&self.kb.snapshot().unwrap())
    }

    pub(crate) fn assert_sound(&self) {
        let report = self.kb.check(&Quiet).unwrap();
        assert_eq!(report.faults, Vec::<String>::new());
    }
}

/// All quads, sorted.
pub(crate) fn content(snapshot: &Snapshot) -> Vec<String> {
    let mut quads: Vec<String> = snapshot
        .quads(None, None, None, None)
        .map(|quad| quad.unwrap().to_string())
        .collect();
    quads.sort();
    quads
}

pub(crate) fn graph(name: &str) -> GraphName {
    NamedNode::new(format!("http://example.org/graph/{name}"))
        .unwrap()
        .into()
}

pub(crate) fn select(snapshot: &Snapshot, query: &str) -> Result<Table, StoreError> {
    let query = CheckedQuery::parse(query, Dataset::Plain, &ParseLimits::default())?;
    snapshot.select(&query, &QueryLimits::within(Duration::from_secs(10)))
}

/// The values of the first column, sorted.
pub(crate) fn column(snapshot: &Snapshot, query: &str) -> Vec<String> {
    let mut values: Vec<String> = select(snapshot, query)
        .unwrap()
        .rows
        .into_iter()
        .map(|row| row[0].as_ref().map_or(String::new(), ToString::to_string))
        .collect();
    values.sort();
    values
}

/// Copies a folder as it is on disk, the way a power cut would freeze it: anew until nothing
/// within it changed meanwhile, as RocksDB flushes and compacts in the background, and what a copy
/// saw of it before and after would be no moment that there ever was.
pub(crate) fn copy_dir(from: &Path, to: &Path) {
    for _ in 0..100 {
        let before = listing(from);
        copy_once(from, to);
        if listing(from) == before {
            return;
        }
        fs::remove_dir_all(to).unwrap();
    }
    panic!("{} never rests", from.display());
}

fn copy_once(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_once(&entry.path(), &target);
        } else {
            // It may go between the listing and the copy.
            let _ = fs::copy(entry.path(), &target);
        }
    }
}

/// Every file of a folder, with its length and when it was last written to.
fn listing(folder: &Path) -> BTreeMap<PathBuf, (u64, SystemTime)> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            files.append(&mut listing(&entry.path()));
        } else if let Ok(metadata) = entry.metadata() {
            files.insert(entry.path(), (metadata.len(), metadata.modified().unwrap()));
        }
    }
    files
}
