//! The bytes on their way to a parser: decompressed, bounded, checked to be UTF-8 and located.

use std::{
    io::{self, BufReader, Cursor, Read},
    sync::Arc,
};

use parking_lot::Mutex;

use super::{Compression, guard::Guard};
use crate::{StoreError, Watch};

/// Where the reader stands and what stopped it. Shared with whoever drives the parser, since parsers wrap
/// or lose the errors of their readers.
#[derive(Debug, Default)]
pub(super) struct Track {
    /// Lines handed out before the current one.
    line: u64,
    /// Characters of the current line handed out.
    column: u64,
    /// Position of the first character of what was handed out last.
    last: (u64, u64),
    fault: Option<Fault>,
    /// The first context by reference of a JSON-LD document, with its line and column.
    context: Option<(String, u64, u64)>,
}

/// Why the reader gave up.
#[derive(Debug)]
pub(super) enum Fault {
    /// What was read is not what it claims to be, at a position counted from 1.
    Malformed {
        line: u64,
        column: u64,
        message: String,
    },
    /// The decompressed input is longer than allowed.
    TooLarge(u64),
    /// The caller cancelled.
    Cancelled,
    /// The system failed to read.
    Io(io::Error),
}

impl Track {
    /// Line and column, from 1, of the start of what the parser was given last.
    pub(super) fn position(&self) -> (u64, u64) {
        (self.last.0 + 1, self.last.1 + 1)
    }

    /// The first context by reference of a JSON-LD document, with the line and column of its end.
    pub(super) fn context(&self) -> Option<&(String, u64, u64)> {
        self.context.as_ref()
    }

    pub(super) fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }
}

/// Which bytes the parser is handed at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Whatever comes. For parsers that locate their errors themselves.
    Free,
    /// At most a line and at most 4 KiB, so that the position of the last piece is near an error.
    Lines,
}

/// Reads decompressed UTF-8.
pub(super) struct TrackingReader<'a> {
    inner: Box<dyn Read + Send + 'a>,
    compressed: bool,
    watch: &'a dyn Watch,
    track: Arc<Mutex<Track>>,
    pace: Pace,
    guard: Guard,
    left: u64,
    max_bytes: u64,
    /// Bytes read and not yet handed out.
    pending: Vec<u8>,
    start: usize,
    /// How many of the pending bytes are known to be UTF-8.
    checked: usize,
    eof: bool,
    at_start: bool,
}

const CHUNK: usize = 32 * 1024;
const PIECE: usize = 4096;

impl<'a> TrackingReader<'a> {
    pub(super) fn new(
        reader: Box<dyn Read + Send + 'a>,
        compression: Compression,
        max_bytes: u64,
        pace: Pace,
        guard: Guard,
        watch: &'a dyn Watch,
        track: Arc<Mutex<Track>>,
    ) -> io::Result<Self> {
        let (inner, compressed) = decompress(reader, compression)?;
        Ok(Self {
            inner,
            compressed,
            watch,
            track,
            pace,
            guard,
            left: max_bytes,
            max_bytes,
            pending: Vec::new(),
            start: 0,
            checked: 0,
            eof: false,
            at_start: true,
        })
    }

    fn fail(&self, fault: Fault) -> io::Error {
        self.track.lock().fault = Some(fault);
        io::Error::other("the input ended with a fault")
    }

    fn malformed(&self, message: impl Into<String>) -> io::Error {
        let (line, column) = {
            let track = self.track.lock();
            (track.line + 1, track.column + 1)
        };
        self.fail(Fault::Malformed {
            line,
            column,
            message: message.into(),
        })
    }

    /// Reads on until there is a character to hand out or nothing more comes.
    fn fill(&mut self) -> io::Result<()> {
        while self.start == self.checked && !self.eof {
            if self.watch.cancelled() {
                return Err(self.fail(Fault::Cancelled));
            }
            self.pending.drain(..self.start);
            self.start = 0;
            let kept = self.pending.len();
            self.pending.resize(kept + CHUNK, 0);
            let result = self.inner.read(&mut self.pending[kept..]);
            let count = match result {
                Ok(count) => count,
                Err(error) => {
                    self.pending.truncate(kept);
                    if error.kind() == io::ErrorKind::Interrupted {
                        continue;
                    }
                    return Err(self.read_error(error));
                }
            };
            self.pending.truncate(kept + count);
            self.eof = count == 0;
            if count as u64 > self.left {
                return Err(self.fail(Fault::TooLarge(self.max_bytes)));
            }
            self.left -= count as u64;
            self.check()?;
        }
        Ok(())
    }

    fn read_error(&self, error: io::Error) -> io::Error {
        match error.kind() {
            // What the decompressors say of a damaged or truncated stream. (What the system says has a
            // number.)
            io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::Other
                if self.compressed && error.raw_os_error().is_none() =>
            {
                self.malformed(format!("the compressed data is damaged: {error}"))
            }
            _ => self.fail(Fault::Io(error)),
        }
    }

    /// Finds how far the pending bytes are UTF-8. A character cut by the end of a chunk waits for its rest.
    fn check(&mut self) -> io::Result<()> {
        self.checked = match std::str::from_utf8(&self.pending) {
            Ok(text) => text.len(),
            Err(error) => {
                let valid = error.valid_up_to();
                if valid == 0 && (error.error_len().is_some() || self.eof) {
                    return Err(self.malformed("invalid UTF-8"));
                }
                valid
            }
        };
        if self.at_start && self.checked > 0 {
            self.at_start = false;
            if self.pending.starts_with("\u{feff}".as_bytes()) {
                self.start = 3;
            }
        }
        Ok(())
    }
}

impl Read for TrackingReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.fill()?;
        let ready = &self.pending[self.start..self.checked];
        let mut length = ready.len().min(buffer.len());
        if self.pace == Pace::Lines {
            length = length.min(PIECE);
            if let Some(end) = ready[..length].iter().position(|&byte| byte == b'\n') {
                length = end + 1;
            }
        }
        let piece = &ready[..length];
        buffer[..length].copy_from_slice(piece);
        if let Err((offset, refused)) = self.guard.feed(piece) {
            self.track.lock().advance(&piece[..offset]);
            return Err(self.malformed(refused));
        }
        let mut track = self.track.lock();
        if let Some(remote) = self.guard.take_context()
            && track.context.is_none()
        {
            let (line, column) = track.after(&piece[..remote.offset]);
            track.context = Some((remote.iri, line + 1, column + 1));
        }
        track.advance(piece);
        drop(track);
        self.start += length;
        Ok(length)
    }
}

impl Track {
    fn advance(&mut self, piece: &[u8]) {
        if piece.is_empty() {
            return;
        }
        self.last = (self.line, self.column);
        (self.line, self.column) = self.after(piece);
    }

    /// Line and column, from 0, behind some more bytes.
    fn after(&self, piece: &[u8]) -> (u64, u64) {
        let newlines = piece.iter().filter(|&&byte| byte == b'\n').count();
        let (column, tail) = match piece.iter().rposition(|&byte| byte == b'\n') {
            Some(end) => (0, &piece[end + 1..]),
            None => (self.column, piece),
        };
        // Bytes that continue a character are no characters of their own.
        let characters = tail.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        (self.line + newlines as u64, column + characters as u64)
    }
}

fn decompress<'a>(
    mut reader: Box<dyn Read + Send + 'a>,
    compression: Compression,
) -> io::Result<(Box<dyn Read + Send + 'a>, bool)> {
    let mut magic = Vec::new();
    let compression = if compression == Compression::Auto {
        reader.by_ref().take(4).read_to_end(&mut magic)?;
        match magic.as_slice() {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd] => Compression::Zstd,
            _ => Compression::None,
        }
    } else {
        compression
    };
    let whole = Cursor::new(magic).chain(reader);
    Ok(match compression {
        Compression::Gzip => (
            Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::new(whole))),
            true,
        ),
        Compression::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::new(whole)?;
            // A frame may ask for a window of gigabytes: 128 MiB is zstd's own default bound.
            decoder.window_log_max(27)?;
            (Box::new(decoder), true)
        }
        Compression::Auto | Compression::None => (Box::new(whole), false),
    })
}

impl From<(Fault, &str)> for StoreError {
    fn from((fault, name): (Fault, &str)) -> Self {
        match fault {
            Fault::Malformed {
                line,
                column,
                message,
            } => Self::Syntax {
                name: name.to_owned(),
                line,
                column,
                message,
            },
            Fault::TooLarge(limit) => Self::TooLarge {
                what: name.to_owned(),
                limit: format!("{limit} bytes"),
            },
            Fault::Cancelled => Self::Cancelled,
            Fault::Io(error) => Self::io(std::path::Path::new(name), error),
        }
    }
}
