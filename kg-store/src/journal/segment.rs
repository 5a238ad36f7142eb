//! One segment of the journal, read as a stream.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use schemas::documents::Document;
use serde::{Deserialize, Serialize};

use super::patch::{self, Line, Row};
use crate::StoreError;

/// What a segment holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentKind {
    /// A load of a file or body, which replaces what its source brought before.
    Load,
    /// The replacement of a graph.
    PutGraph,
    /// The merge of triples into a graph.
    PostGraph,
    /// The removal of a graph.
    DeleteGraph,
    /// Quads added and removed one by one.
    Delta,
    /// Documents put and deleted.
    Documents,
}

impl SegmentKind {
    /// The word for it in a header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::PutGraph => "put-graph",
            Self::PostGraph => "post-graph",
            Self::DeleteGraph => "delete-graph",
            Self::Delta => "delta",
            Self::Documents => "documents",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [
            Self::Load,
            Self::PutGraph,
            Self::PostGraph,
            Self::DeleteGraph,
            Self::Delta,
            Self::Documents,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == word)
    }
}

/// The header of a segment, and the way to its rows.
#[derive(Clone, Debug)]
pub struct Segment {
    /// The revision that it makes.
    pub revision: u64,
    /// The revision that it follows.
    pub previous: u64,
    /// What it holds.
    pub kind: SegmentKind,
    /// The name of the source that a load replaces.
    pub source: Option<String>,
    /// When it was written, RFC 3339 in UTC.
    pub time: String,
    pub(super) path: PathBuf,
}

impl Segment {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The rows in order, read as a stream; for a segment of documents there are none.
    ///
    /// An error ends the iteration. The segment is whole only if it ends without one: checksums are verified
    /// as it is read, and the end must be the one that was written.
    pub fn rows(&self) -> Result<Rows, StoreError> {
        let mut lines = LineReader::open(&self.path)?;
        if self.kind == SegmentKind::Documents {
            return Ok(Rows { lines, done: true });
        }
        loop {
            match lines.patch_line()? {
                Line::Header(..) => {}
                Line::Begin => return Ok(Rows { lines, done: false }),
                _ => return Err(lines.corrupt("a row stands before the transaction begins")),
            }
        }
    }

    /// The documents that it puts and deletes, in order; for a segment of quads there are none.
    pub(crate) fn document_rows(&self) -> Result<DocumentRows, StoreError> {
        let mut lines = LineReader::open(&self.path)?;
        let done = self.kind != SegmentKind::Documents;
        if !done {
            lines.line()?;
        }
        Ok(DocumentRows {
            lines,
            done,
            count: 0,
        })
    }
}

/// The header of a segment of documents, its first line.
#[derive(Serialize, Deserialize)]
pub(super) struct DocumentsHeader {
    pub(super) version: u32,
    pub(super) revision: u64,
    pub(super) previous: u64,
    pub(super) time: String,
}

/// A line of a segment of documents.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DocumentRow {
    /// Creates or replaces.
    Put(Document),
    /// Deletes by id.
    Delete(String),
    /// The last line, with the number of lines between it and the header.
    End(u64),
}

/// Reads the header of a segment file.
pub(super) fn read_header(path: &Path, is_documents: bool) -> Result<Segment, StoreError> {
    let mut lines = LineReader::open(path)?;
    if is_documents {
        let text = lines.line()?.to_owned();
        let header: DocumentsHeader =
            serde_json::from_str(&text).map_err(|error| lines.corrupt(error.to_string()))?;
        if header.version > super::SEGMENT_VERSION {
            return Err(newer(path, header.version));
        }
        return Ok(Segment {
            revision: header.revision,
            previous: header.previous,
            kind: SegmentKind::Documents,
            source: None,
            time: header.time,
            path: path.to_owned(),
        });
    }
    let (mut version, mut revision, mut previous, mut kind) = (None, None, None, None);
    let (mut source, mut time) = (None, None);
    loop {
        match lines.patch_line()? {
            Line::Header(key, value) => match key.as_str() {
                "version" => version = value.parse::<u32>().ok(),
                "revision" => revision = value.parse().ok(),
                "previous" => previous = value.parse().ok(),
                "kind" => kind = SegmentKind::parse(&value),
                "source" => source = Some(value),
                "time" => time = Some(value),
                _ => {}
            },
            Line::Begin => break,
            _ => return Err(lines.corrupt("the header is incomplete")),
        }
    }
    match (version, revision, previous, kind, time) {
        (Some(version), ..) if version > super::SEGMENT_VERSION => Err(newer(path, version)),
        (Some(_), Some(revision), Some(previous), Some(kind), Some(time)) => Ok(Segment {
            revision,
            previous,
            kind,
            source,
            time,
            path: path.to_owned(),
        }),
        _ => Err(lines.corrupt("the header is incomplete")),
    }
}

fn newer(path: &Path, version: u32) -> StoreError {
    StoreError::Unsupported(format!(
        "{}: journal version {version} is newer than this program",
        path.display()
    ))
}

/// The rows of a segment.
pub struct Rows {
    lines: LineReader,
    done: bool,
}

impl Iterator for Rows {
    type Item = Result<Row, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        match self.lines.patch_line() {
            Ok(Line::Row(row)) => Some(Ok(row)),
            Ok(Line::Commit) => {
                self.done = true;
                self.lines.end().err().map(Err)
            }
            Ok(_) => {
                self.done = true;
                Some(Err(self.lines.corrupt("a header stands among the rows")))
            }
            Err(error) => {
                self.done = true;
                Some(Err(error))
            }
        }
    }
}

/// The rows of a segment of documents.
pub(crate) struct DocumentRows {
    lines: LineReader,
    done: bool,
    count: u64,
}

impl Iterator for DocumentRows {
    type Item = Result<DocumentRow, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let row = self.lines.line().map(str::to_owned).and_then(|text| {
            serde_json::from_str(&text).map_err(|error| self.lines.corrupt(error.to_string()))
        });
        match row {
            Ok(DocumentRow::End(count)) => {
                self.done = true;
                if count == self.count {
                    self.lines.end().err().map(Err)
                } else {
                    Some(Err(self.lines.corrupt("rows are missing")))
                }
            }
            Ok(row) => {
                self.count += 1;
                Some(Ok(row))
            }
            Err(error) => {
                self.done = true;
                Some(Err(error))
            }
        }
    }
}

/// Lines of a compressed file. Any failure to read is damage to that file, and says which.
struct LineReader {
    path: PathBuf,
    reader: BufReader<zstd::stream::read::Decoder<'static, BufReader<File>>>,
    buffer: Vec<u8>,
    number: u64,
}

impl LineReader {
    fn open(path: &Path) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(|error| StoreError::io(path, error))?;
        let mut decoder =
            zstd::stream::read::Decoder::new(file).map_err(|error| StoreError::io(path, error))?;
        decoder
            .window_log_max(27)
            .map_err(|error| StoreError::io(path, error))?;
        Ok(Self {
            path: path.to_owned(),
            reader: BufReader::with_capacity(64 * 1024, decoder),
            buffer: Vec::new(),
            number: 0,
        })
    }

    fn corrupt(&self, message: impl Into<String>) -> StoreError {
        StoreError::corrupt(
            &self.path,
            format!("line {}: {}", self.number, message.into()),
        )
    }

    fn line(&mut self) -> Result<&str, StoreError> {
        self.buffer.clear();
        self.number += 1;
        let read = self.reader.read_until(b'\n', &mut self.buffer);
        if let Err(error) = read {
            return Err(self.corrupt(error.to_string()));
        }
        if self.buffer.pop() != Some(b'\n') {
            return Err(self.corrupt("the segment ends early"));
        }
        match std::str::from_utf8(&self.buffer) {
            Ok(text) => Ok(text),
            Err(_) => Err(StoreError::corrupt(&self.path, "invalid UTF-8")),
        }
    }

    fn patch_line(&mut self) -> Result<Line, StoreError> {
        match patch::read_line(self.line()?) {
            Some(line) => Ok(line),
            None => Err(self.corrupt("not a row of a patch")),
        }
    }

    /// Reading to the very end is what verifies the checksum of the last frame.
    fn end(&mut self) -> Result<(), StoreError> {
        let mut rest = [0; 1];
        match self.reader.read(&mut rest) {
            Ok(0) => Ok(()),
            Ok(_) => Err(self.corrupt("text follows the end of the segment")),
            Err(error) => Err(self.corrupt(error.to_string())),
        }
    }
}
