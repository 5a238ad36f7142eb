//! The journal: one file for each revision, in order, none missing.

mod append;
pub(crate) mod patch;
mod segment;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

pub(crate) use append::SegmentWriter;
use parking_lot::RwLock;
pub use patch::Row;
pub(crate) use segment::DocumentRow;
pub use segment::{Rows, Segment, SegmentKind};

use crate::{StoreError, layout::read_dir};

/// The version of the segments that this build writes.
pub(crate) const SEGMENT_VERSION: u32 = 1;

const PATCH: &str = ".patch.zst";
const DOCUMENTS: &str = ".docs.zst";

fn file_name(revision: u64, is_documents: bool) -> String {
    let suffix = if is_documents { DOCUMENTS } else { PATCH };
    format!("{revision:020}{suffix}")
}

/// The segments of a knowledge base.
///
/// Reading needs no lock: a committed segment never changes.
pub struct Journal {
    dir: PathBuf,
    /// Whether a revision is of documents. Revisions run from 1 without a gap.
    revisions: RwLock<Vec<bool>>,
}

impl Journal {
    /// Lists the segments and removes what an interrupted write left.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], naming the file, when a revision is missing or double, or when a file is
    /// none of ours.
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        let mut found = BTreeMap::new();
        for path in read_dir(dir)? {
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            if name.ends_with(".tmp") {
                fs::remove_file(&path).map_err(|error| StoreError::io(&path, error))?;
                continue;
            }
            let (number, is_documents) =
                match (name.strip_suffix(PATCH), name.strip_suffix(DOCUMENTS)) {
                    (Some(number), _) => (number, false),
                    (None, Some(number)) => (number, true),
                    (None, None) => {
                        return Err(StoreError::corrupt(&path, "no segment of the journal"));
                    }
                };
            let revision = match number.parse::<u64>() {
                Ok(revision) if number.len() == 20 => revision,
                _ => return Err(StoreError::corrupt(&path, "no segment of the journal")),
            };
            if found.insert(revision, is_documents).is_some() {
                return Err(StoreError::corrupt(&path, "the revision has two segments"));
            }
        }
        let mut revisions = Vec::with_capacity(found.len());
        for (revision, is_documents) in found {
            let expected = revisions.len() as u64 + 1;
            if revision != expected {
                return Err(StoreError::corrupt(
                    &dir.join(format!("{expected:020}.*")),
                    "the segment is missing",
                ));
            }
            revisions.push(is_documents);
        }
        Ok(Self {
            dir: dir.to_owned(),
            revisions: RwLock::new(revisions),
        })
    }

    /// The last committed revision; 0 when nothing was ever written.
    pub fn head(&self) -> u64 {
        self.revisions.read().len() as u64
    }

    /// The header of one segment.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a revision that does not exist, [`StoreError::Corrupt`] for a damaged
    /// one.
    pub fn segment(&self, revision: u64) -> Result<Segment, StoreError> {
        let is_documents = self
            .is_documents(revision)
            .ok_or_else(|| StoreError::NotFound(format!("revision {revision}")))?;
        let path = self.dir.join(file_name(revision, is_documents));
        let segment = segment::read_header(&path, is_documents)?;
        if segment.revision != revision || segment.previous + 1 != revision {
            return Err(StoreError::corrupt(
                &path,
                format!(
                    "the header says revision {} after {}",
                    segment.revision, segment.previous
                ),
            ));
        }
        Ok(segment)
    }

    /// The headers of the segments from a revision on, in order, opened one by one as they are asked for.
    pub fn segments(&self, from: u64) -> impl Iterator<Item = Result<Segment, StoreError>> + '_ {
        (from.max(1)..=self.head()).map(|revision| self.segment(revision))
    }

    /// Reads each segment to its end, verifying checksums and form. Returns how many there are.
    ///
    /// # Errors
    /// The first damage, naming the file.
    pub fn verify(&self) -> Result<u64, StoreError> {
        for segment in self.segments(1) {
            let segment = segment?;
            for row in segment.rows()? {
                row?;
            }
            for row in segment.document_rows()? {
                row?;
            }
        }
        Ok(self.head())
    }

    /// Whether a revision is of documents; `None` when there is no such revision.
    pub(crate) fn is_documents(&self, revision: u64) -> Option<bool> {
        let index = usize::try_from(revision.checked_sub(1)?).ok()?;
        self.revisions.read().get(index).copied()
    }

    /// Begins the segment after the head. Only the one writer does.
    pub(crate) fn begin(
        &self,
        kind: SegmentKind,
        source: Option<&str>,
        level: i32,
    ) -> Result<SegmentWriter, StoreError> {
        SegmentWriter::create(&self.dir, self.head(), kind, source, level)
    }

    /// Takes up a segment that was committed.
    pub(crate) fn push(&self, segment: &Segment) {
        self.revisions
            .write()
            .push(segment.kind == SegmentKind::Documents);
    }
}
