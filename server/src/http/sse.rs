//! Server-sent events: frames, heartbeats, and a body that takes its work along when the client leaves.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{HttpResponse, HttpResponseBuilder, http::StatusCode};
use bytes::Bytes;
use futures_util::Stream;
use serde::Serialize;
use tokio::{
    sync::mpsc,
    time::{Interval, MissedTickBehavior, interval_at},
};

use crate::pools::CancelOnDrop;

/// Pause after which a comment shows proxies and clients that the stream lives.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// A `data:` frame with a JSON value.
pub fn data(value: &impl Serialize) -> Bytes {
    // Serialising our own types fails only when memory does.
    let json = serde_json::to_string(value).unwrap_or_default();
    Bytes::from(format!("data: {json}\n\n"))
}

/// A frame with an id and an event name.
pub fn event(id: u64, name: &str, value: &impl Serialize) -> Bytes {
    let json = serde_json::to_string(value).unwrap_or_default();
    Bytes::from(format!("id: {id}\nevent: {name}\ndata: {json}\n\n"))
}

/// The frame that ends an OpenAI stream.
pub const DONE: Bytes = Bytes::from_static(b"data: [DONE]\n\n");

/// Frames from a channel, and a comment whenever nothing came for a while. Dropping it drops the guard.
pub struct Frames {
    receiver: mpsc::Receiver<Bytes>,
    beat: Interval,
    _guard: Option<CancelOnDrop>,
}

impl Frames {
    /// A stream of the frames that a channel brings, until its senders are gone.
    pub fn new(receiver: mpsc::Receiver<Bytes>, guard: Option<CancelOnDrop>) -> Self {
        let mut beat = interval_at(tokio::time::Instant::now() + HEARTBEAT, HEARTBEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            receiver,
            beat,
            _guard: guard,
        }
    }
}

impl Stream for Frames {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.receiver.poll_recv(cx) {
            Poll::Ready(Some(frame)) => {
                self.beat.reset();
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => match self.beat.poll_tick(cx) {
                Poll::Ready(_) => Poll::Ready(Some(Ok(Bytes::from_static(b": waiting\n\n")))),
                Poll::Pending => Poll::Pending,
            },
        }
    }
}

/// A response head for a stream of events.
pub fn head() -> HttpResponseBuilder {
    let mut response = HttpResponse::build(StatusCode::OK);
    response
        .content_type("text/event-stream; charset=utf-8")
        .insert_header(("cache-control", "no-cache"))
        .insert_header(("x-accel-buffering", "no"));
    response
}

/// Puts a frame into a channel from a thread that may block; false when the client has gone, or reads so
/// slowly that the deadline passes.
pub fn push(sender: &mpsc::Sender<Bytes>, mut frame: Bytes, deadline: std::time::Instant) -> bool {
    loop {
        match sender.try_send(frame) {
            Ok(()) => return true,
            Err(mpsc::error::TrySendError::Closed(_)) => return false,
            Err(mpsc::error::TrySendError::Full(back)) => {
                if std::time::Instant::now() >= deadline {
                    return false;
                }
                frame = back;
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }
}
