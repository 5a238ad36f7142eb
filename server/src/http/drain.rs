//! Reads what is left of a body that its handler refused, so that the client gets to see the refusal: a
//! connection that is closed on unread bytes is reset, and the response with it.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    HttpMessage as _,
    dev::{Payload, ServiceRequest},
    error::PayloadError,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};

/// Bytes that are read for courtesy.
const MOST: usize = 16 << 20;
/// Time that is spent on it.
const LONGEST: Duration = Duration::from_secs(3);

/// A body that both the handler and the edge can read; the edge only when the handler is done.
#[derive(Clone)]
pub(super) struct SharedBody(Rc<RefCell<Payload>>);

impl SharedBody {
    /// Puts itself in the place of a request's body.
    pub(super) fn take(request: &mut ServiceRequest) -> Self {
        let shared = Self(Rc::new(RefCell::new(request.take_payload())));
        request.set_payload(Payload::Stream {
            payload: Box::pin(shared.clone()),
        });
        shared
    }

    /// Reads on within bounds and forgets what it reads.
    pub(super) async fn drain(mut self) {
        let read = async {
            let mut bytes = 0;
            while let Some(Ok(piece)) = self.next().await {
                bytes += piece.len();
                if bytes > MOST {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(LONGEST, read).await;
    }
}

impl Stream for SharedBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // One thread, and nobody holds the borrow across a poll.
        match self.0.try_borrow_mut() {
            Ok(mut payload) => Pin::new(&mut *payload).poll_next(cx),
            Err(_) => Poll::Ready(None),
        }
    }
}
