//! The caller's end of a running generation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;

use crate::{Completion, EngineError, Event};

/// A generation under way: yields text as it comes, and tokens where asked for, then [`Event::Done`], then
/// nothing; or an error, then nothing.
///
/// Dropping it cancels the request: the engine stops before its next step.
pub struct Generation {
    events: Box<dyn Iterator<Item = Result<Event, EngineError>> + Send>,
    ended: bool,
}

impl Generation {
    /// Wraps the events of any implementation of [`LanguageModel`](crate::LanguageModel). Dropping the
    /// iterator must cancel the request that feeds it.
    pub fn new(
        events: impl Iterator<Item = Result<Event, EngineError>> + Send + 'static,
    ) -> Generation {
        Generation {
            events: Box::new(events),
            ended: false,
        }
    }

    /// Waits for the end and returns the whole text.
    pub fn collect_text(self) -> Result<(String, Completion), EngineError> {
        let mut text = String::new();
        for event in self {
            match event? {
                Event::Token(_) => {}
                Event::Text(more) => text.push_str(&more),
                Event::Done(completion) => return Ok((text, completion)),
            }
        }
        Err(EngineError::Closed)
    }
}

impl Iterator for Generation {
    type Item = Result<Event, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        // A channel that closes without an end means that the engine's thread is gone.
        let event = self.events.next().unwrap_or(Err(EngineError::Closed));
        self.ended = !matches!(event, Ok(Event::Token(_) | Event::Text(_)));
        Some(event)
    }
}

/// Events from the engine's thread; when it is dropped, the request is cancelled.
pub(crate) struct Channel {
    pub(crate) events: Receiver<Result<Event, EngineError>>,
    pub(crate) cancelled: Arc<AtomicBool>,
}

impl Iterator for Channel {
    type Item = Result<Event, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.events.recv().ok()
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FinishReason;

    fn done() -> Completion {
        Completion {
            finish_reason: FinishReason::Stop,
            prompt_tokens: 1,
            completion_tokens: 2,
            cached_tokens: 0,
            drafted_tokens: 0,
        }
    }

    #[test]
    fn text_is_collected_up_to_the_end() {
        let events = ["a", "b"].map(|text| Ok(Event::Text(text.into())));
        let generation = Generation::new(events.into_iter().chain([Ok(Event::Done(done()))]));
        let (text, completion) = generation.collect_text().unwrap();
        assert_eq!((text.as_str(), completion), ("ab", done()));
    }

    #[test]
    fn events_that_just_cease_are_an_error() {
        let mut generation = Generation::new([Ok(Event::Text("a".into()))].into_iter());
        assert!(matches!(generation.next(), Some(Ok(Event::Text(_)))));
        assert!(matches!(generation.next(), Some(Err(EngineError::Closed))));
        assert!(generation.next().is_none());
    }
}
