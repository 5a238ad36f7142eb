//! Writes a segment: streamed into a temporary file, fsynced, renamed. Only the rename commits it.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use super::{
    SEGMENT_VERSION, SegmentKind, file_name,
    patch::{write_header, write_row},
    segment::{DocumentRow, DocumentsHeader, Segment},
};
use crate::{
    StoreError,
    layout::{sync_dir, to_json},
    rdf::QuadRef,
};

/// A segment on its way. Dropped before [`SegmentWriter::commit`], it leaves nothing behind.
pub(crate) struct SegmentWriter {
    segment: Segment,
    temporary: PathBuf,
    out: Option<zstd::stream::write::Encoder<'static, BufWriter<File>>>,
    rows: u64,
}

impl SegmentWriter {
    pub(super) fn create(
        dir: &Path,
        previous: u64,
        kind: SegmentKind,
        source: Option<&str>,
        level: i32,
    ) -> Result<Self, StoreError> {
        let revision = previous + 1;
        let path = dir.join(file_name(revision, kind == SegmentKind::Documents));
        let temporary = path.with_extension("tmp");
        let segment = Segment {
            revision,
            previous,
            kind,
            source: source.map(str::to_owned),
            time: jiff::Timestamp::now().to_string(),
            path,
        };
        let mut writer = Self {
            temporary,
            segment,
            out: None,
            rows: 0,
        };
        let open = File::create(&writer.temporary).and_then(|file| {
            let mut encoder = zstd::stream::write::Encoder::new(BufWriter::new(file), level)?;
            encoder.include_checksum(true)?;
            Ok(encoder)
        });
        writer.out = Some(open.map_err(|error| StoreError::io(&writer.temporary, error))?);
        writer.header()?;
        Ok(writer)
    }

    fn header(&mut self) -> Result<(), StoreError> {
        let segment = self.segment.clone();
        if segment.kind == SegmentKind::Documents {
            let header = to_json(&DocumentsHeader {
                version: SEGMENT_VERSION,
                revision: segment.revision,
                previous: segment.previous,
                time: segment.time,
            })?;
            return self.line(&header);
        }
        self.write(|out| {
            write_header(out, "version", &SEGMENT_VERSION.to_string())?;
            write_header(out, "revision", &segment.revision.to_string())?;
            write_header(out, "previous", &segment.previous.to_string())?;
            write_header(out, "kind", segment.kind.as_str())?;
            if let Some(source) = &segment.source {
                write_header(out, "source", source)?;
            }
            write_header(out, "time", &segment.time)?;
            out.write_all(b"TX .\n")
        })
    }

    /// Appends a row of a patch.
    pub(crate) fn row(&mut self, add: bool, quad: QuadRef<'_>) -> Result<(), StoreError> {
        self.rows += 1;
        self.write(|out| write_row(out, add, quad))
    }

    /// Appends a row of documents.
    pub(crate) fn document(&mut self, row: &DocumentRow) -> Result<(), StoreError> {
        self.rows += 1;
        let json = to_json(row)?;
        self.line(&json)
    }

    /// Rows written so far.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    fn line(&mut self, json: &[u8]) -> Result<(), StoreError> {
        self.write(|out| {
            out.write_all(json)?;
            out.write_all(b"\n")
        })
    }

    fn write(
        &mut self,
        put: impl FnOnce(&mut zstd::stream::write::Encoder<'static, BufWriter<File>>) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        match &mut self.out {
            Some(out) => put(out).map_err(|error| StoreError::io(&self.temporary, error)),
            None => Err(StoreError::Internal(
                "the segment is already finished".to_owned(),
            )),
        }
    }

    /// Commits: when this returns, the revision outlives a power cut.
    ///
    /// # Errors
    /// The segment is not committed, unless it was the last fsync of the folder that failed, in which case
    /// it is taken back.
    pub(crate) fn commit(mut self) -> Result<Segment, StoreError> {
        if self.segment.kind == SegmentKind::Documents {
            let end = to_json(&DocumentRow::End(self.rows))?;
            self.line(&end)?;
        } else {
            self.write(|out| out.write_all(b"TC .\n"))?;
        }
        let Some(out) = self.out.take() else {
            return Err(StoreError::Internal(
                "the segment is already finished".to_owned(),
            ));
        };
        let path = self.segment.path.clone();
        out.finish()
            .and_then(|buffered| {
                buffered
                    .into_inner()
                    .map_err(io::IntoInnerError::into_error)
            })
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&self.temporary, &path))
            .map_err(|error| StoreError::io(&self.temporary, error))?;
        if let Some(dir) = path.parent()
            && let Err(error) = sync_dir(dir)
        {
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        Ok(self.segment.clone())
    }
}

impl Drop for SegmentWriter {
    fn drop(&mut self) {
        self.out = None;
        // After a commit there is no such file any more, which is as well.
        let _ = fs::remove_file(&self.temporary);
    }
}
