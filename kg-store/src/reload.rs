//! What a source no longer brings.
//!
//! Loading a source again replaces what it brought before. A quad that its earlier version brought and the
//! new one does not is removed, unless somebody else asserts it too: the latest version of another source, or a
//! write without a source that was not taken back since.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::{
    Journal, Row, Segment, SegmentKind, StoreError, Watch,
    rdf::{Quad, fingerprint},
    watch::Ticker,
};

/// Which segments of quads came from which source.
pub(crate) struct Sources {
    segments: BTreeMap<u64, Option<String>>,
    latest: HashMap<String, u64>,
}

impl Sources {
    /// Reads the header of each segment.
    pub(crate) fn read(journal: &Journal) -> Result<Self, StoreError> {
        let mut sources = Self {
            segments: BTreeMap::new(),
            latest: HashMap::new(),
        };
        for segment in journal.segments(1) {
            sources.push(&segment?);
        }
        Ok(sources)
    }

    /// Takes up a new segment.
    pub(crate) fn push(&mut self, segment: &Segment) {
        if segment.kind == SegmentKind::Documents {
            return;
        }
        if let Some(source) = &segment.source {
            self.latest.insert(source.clone(), segment.revision);
        }
        self.segments
            .insert(segment.revision, segment.source.clone());
    }

    /// The segment of the last load of a source.
    pub(crate) fn latest(&self, source: &str) -> Option<u64> {
        self.latest.get(source).copied()
    }

    /// Segments that assert something in their own right, apart from those of one source.
    fn others<'a>(&'a self, source: &'a str) -> impl Iterator<Item = u64> + 'a {
        self.segments
            .iter()
            .filter(move |(revision, of)| match of {
                Some(other) => other != source && self.latest.get(other) == Some(revision),
                None => true,
            })
            .map(|(revision, _)| *revision)
    }
}

/// Hands to `sink` each quad that the last load of `source` brought and that nobody asserts any more, `kept`
/// being the fingerprints of what the new version brings.
///
/// Reads one segment, and the others only when something is missing from the new version. Holds 17 bytes
/// and some for each missing quad.
pub(crate) fn dropped(
    journal: &Journal,
    sources: &Sources,
    source: &str,
    kept: &HashSet<u128>,
    watch: &dyn Watch,
    sink: &mut dyn FnMut(Quad) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let Some(before) = sources.latest(source) else {
        return Ok(());
    };
    let before = journal.segment(before)?;
    let mut ticker = Ticker::new(watch, "compare", None);
    let mut buffer = Vec::new();
    // For each missing quad, whether somebody else asserts it.
    let mut missing = HashMap::new();
    for row in before.rows()? {
        ticker.step()?;
        if let Row::Add(quad) = row? {
            let mark = fingerprint(quad.as_ref(), &mut buffer);
            if !kept.contains(&mark) {
                missing.insert(mark, false);
            }
        }
    }
    if missing.is_empty() {
        ticker.finish();
        return Ok(());
    }
    for revision in sources.others(source) {
        for row in journal.segment(revision)?.rows()? {
            ticker.step()?;
            let row = row?;
            if let Some(asserted) = missing.get_mut(&fingerprint(row.quad().as_ref(), &mut buffer))
            {
                *asserted = matches!(row, Row::Add(_));
            }
        }
    }
    for row in before.rows()? {
        ticker.step()?;
        if let Row::Add(quad) = row?
            && missing.remove(&fingerprint(quad.as_ref(), &mut buffer)) == Some(false)
        {
            sink(quad)?;
        }
    }
    ticker.finish();
    Ok(())
}
