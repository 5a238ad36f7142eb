//! A body that a thread writes while the client reads it.
//!
//! The first piece is held back until 64 KiB are there or the work is done, so that most failures still get a
//! status of their own. A failure after that cuts the connection: a truncated result must not look whole.

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use actix_web::{HttpResponse, HttpResponseBuilder, web};
use bytes::{Bytes, BytesMut};
use schemas::ErrorClass;
use tokio::sync::mpsc;

use crate::{
    pools::{Cancel, Pool},
    problem::ApiError,
};

const PIECE: usize = 64 << 10;
/// Pieces under way between the thread and the client.
const PIECES: usize = 8;

enum Piece {
    Data(Bytes),
    Failed(ApiError),
}

/// Writes into the channel, and fails when the client has gone or the deadline has passed.
struct PieceWriter {
    sender: mpsc::Sender<Piece>,
    buffer: BytesMut,
    cancel: Cancel,
    deadline: Instant,
}

impl PieceWriter {
    fn send(&mut self, mut piece: Piece) -> io::Result<()> {
        loop {
            match self.sender.try_send(piece) {
                Ok(()) => return Ok(()),
                Err(mpsc::error::TrySendError::Closed(_)) => {
                    return Err(io::Error::new(
                        io::ErrorKind::BrokenPipe,
                        "the client has gone",
                    ));
                }
                Err(mpsc::error::TrySendError::Full(back)) => {
                    // A client that reads slowly may not hold a thread for longer than its request allows.
                    if self.cancel.is_cancelled() || Instant::now() >= self.deadline {
                        return Err(io::Error::new(
                            io::ErrorKind::TimedOut,
                            "the client reads too slowly",
                        ));
                    }
                    piece = back;
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
        }
    }

    fn send_buffer(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let data = self.buffer.split().freeze();
        self.send(Piece::Data(data))
    }
}

impl Write for PieceWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE {
            self.send_buffer()?;
        }
        Ok(bytes.len())
    }

    // Writers flush more often than is good for the size of our pieces.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs `work` on a pool and streams what it writes under the given response head.
pub async fn streamed<F>(
    pool: &Pool,
    deadline: Instant,
    mut head: HttpResponseBuilder,
    work: F,
) -> Result<HttpResponse, ApiError>
where
    F: FnOnce(&mut dyn Write, &Cancel) -> Result<(), ApiError> + Send + 'static,
{
    let cancel = Cancel::new();
    let guard = cancel.on_drop();
    let (sender, mut receiver) = mpsc::channel(PIECES);
    pool.spawn(move || {
        let mut writer = PieceWriter {
            sender,
            buffer: BytesMut::new(),
            cancel: cancel.clone(),
            deadline,
        };
        let result = if cancel.is_cancelled() || Instant::now() >= deadline {
            Err(ApiError::new(
                ErrorClass::Timeout,
                "the time allowed ran out in the queue",
            ))
        } else {
            work(&mut writer, &cancel)
        };
        let _ = match result {
            Ok(()) => writer.send_buffer(),
            Err(error) => writer.send(Piece::Failed(error)),
        };
    })?;
    let first = match receiver.recv().await {
        Some(Piece::Failed(error)) => return Err(error),
        Some(Piece::Data(data)) => Some(data),
        None => None,
    };
    let Some(first) = first else {
        return Ok(head.finish());
    };
    let rest = futures_util::stream::unfold(
        (Some(first), receiver, guard),
        |(first, mut receiver, guard)| async move {
            if let Some(first) = first {
                return Some((Ok::<_, ApiError>(first), (None, receiver, guard)));
            }
            match receiver.recv().await? {
                Piece::Data(data) => Some((Ok(data), (None, receiver, guard))),
                Piece::Failed(error) => {
                    tracing::warn!(error = %error, "a result was cut short");
                    Some((Err(error), (None, receiver, guard)))
                }
            }
        },
    );
    Ok(head.streaming(Box::pin(rest)))
}

/// A response whose body is known in whole.
pub fn whole(mut head: HttpResponseBuilder, body: impl Into<web::Bytes>) -> HttpResponse {
    head.body(body.into())
}
