//! Serves a request to generate.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::{GenerateJob, Scheduler};
use crate::sample::Choices;
use crate::text::TextStream;
use crate::{Allowed, Completion, END_OF_SEQUENCE, EngineError, Event, FinishReason};

/// What follows a look at a constraint.
enum Next {
    Token(u32),
    End,
}

impl Scheduler {
    pub(super) fn generate(&mut self, job: &mut GenerateJob) {
        let outcome = self.run_generation(job).transpose();
        if let Some(outcome) = outcome {
            // A client that is gone needs no answer.
            let _ = job.events.send(outcome.map(Event::Done));
        }
    }

    /// Nothing is returned where the client has gone.
    fn run_generation(&mut self, job: &mut GenerateJob) -> Result<Option<Completion>, EngineError> {
        let prompt = std::mem::take(&mut job.request.prompt.tokens);
        let mut completion = Completion {
            finish_reason: FinishReason::Stop,
            prompt_tokens: prompt.len(),
            completion_tokens: 0,
            cached_tokens: self.slot.reuse(&prompt),
        };
        let mut stream = TextStream::new(std::mem::take(&mut job.request.stop));
        // Tokens that are chosen but not computed: the rest of the prompt, then each choice. A forced run
        // gathers here and is computed in one go, or never, if nothing is left to choose after it.
        let mut pending = prompt[completion.cached_tokens..].to_vec();

        completion.finish_reason = loop {
            if job.request.max_tokens == 0 {
                break FinishReason::Length;
            }
            if let ControlFlow::Break(reason) = self.interruption(job) {
                match reason {
                    Some(reason) => break reason,
                    None => return Ok(None),
                }
            }
            let token = match self.next_token(job, &mut pending)? {
                ControlFlow::Break(Some(reason)) => break reason,
                ControlFlow::Break(None) => return Ok(None),
                ControlFlow::Continue(Next::End) => break FinishReason::Stop,
                ControlFlow::Continue(Next::Token(token)) => token,
            };
            let length = prompt.len() + completion.completion_tokens;
            if completion.completion_tokens >= job.request.max_tokens
                || length >= self.slot.capacity()
            {
                break FinishReason::Length;
            }
            completion.completion_tokens += 1;
            pending.push(token);
            job.sampler.note(token);
            if let Some(constraint) = &mut job.request.constraint {
                constraint.accept(token);
            }
            let text = stream.push(self.tokenizer.piece(token));
            if !text.is_empty() && job.events.send(Ok(Event::Text(text))).is_err() {
                return Ok(None);
            }
            if stream.stopped() {
                break FinishReason::Stop;
            }
            // Known before the next step is computed, which would be for nothing.
            if completion.completion_tokens == job.request.max_tokens && !is_complete(job) {
                break FinishReason::Length;
            }
        };
        let text = stream.finish();
        if !text.is_empty() {
            // A client that is gone needs no answer.
            let _ = job.events.send(Ok(Event::Text(text)));
        }
        Ok(Some(completion))
    }

    /// Chooses the next token, computing what is pending only where there is a choice.
    fn next_token(
        &mut self,
        job: &mut GenerateJob,
        pending: &mut Vec<u32>,
    ) -> Result<ControlFlow<Option<FinishReason>, Next>, EngineError> {
        let end = self.tokenizer.eos();
        let ids = match job.request.constraint.as_ref().map(|one| one.allowed()) {
            None | Some(Allowed::Any) => None,
            Some(Allowed::End | Allowed::Tokens([] | [END_OF_SEQUENCE])) => {
                return Ok(ControlFlow::Continue(Next::End));
            }
            Some(Allowed::Tokens([token])) => {
                self.check_token(*token)?;
                return Ok(ControlFlow::Continue(Next::Token(*token)));
            }
            Some(Allowed::Tokens(tokens)) => {
                let mut ids = Vec::with_capacity(tokens.len());
                for token in tokens {
                    if *token == END_OF_SEQUENCE {
                        // A model without such a token has no way to prefer the end.
                        ids.extend(end);
                    } else {
                        self.check_token(*token)?;
                        ids.push(*token);
                    }
                }
                Some(ids)
            }
        };
        let tokens = std::mem::take(pending);
        let queue = std::sync::Arc::clone(&self.queue);
        let flow = self
            .slot
            .extend(&self.model, &tokens, || interruption(&queue, job))?;
        if let ControlFlow::Break(reason) = flow {
            return Ok(ControlFlow::Break(reason));
        }
        let state = self.slot.state()?;
        let mut logits = match &ids {
            None => self.model.logits(state),
            Some(ids) => self.model.logits_of(state, ids)?,
        };
        let token = job
            .sampler
            .choose(Choices {
                ids: ids.as_deref(),
                logits: &mut logits,
            })
            .ok_or_else(|| EngineError::Internal("there is no token to choose".into()))?;
        let ends = match &job.request.constraint {
            Some(constraint) => match constraint.allowed() {
                Allowed::Tokens(tokens) => !tokens.contains(&token),
                _ => self.tokenizer.ends_turn(token),
            },
            None => self.tokenizer.ends_turn(token),
        };
        Ok(ControlFlow::Continue(if ends {
            Next::End
        } else {
            Next::Token(token)
        }))
    }

    fn check_token(&self, token: u32) -> Result<(), EngineError> {
        if (token as usize) < self.tokenizer.len() {
            Ok(())
        } else {
            Err(EngineError::invalid(format!(
                "the constraint allows token {token}, beyond the vocabulary"
            )))
        }
    }

    fn interruption(&self, job: &GenerateJob) -> ControlFlow<Option<FinishReason>> {
        interruption(&self.queue, job)
    }
}

/// Whether a constrained request needs no further token.
fn is_complete(job: &GenerateJob) -> bool {
    matches!(
        job.request.constraint.as_ref().map(|one| one.allowed()),
        Some(Allowed::End | Allowed::Tokens([] | [END_OF_SEQUENCE]))
    )
}

/// Breaks with the reason to tell, or with none where nobody listens.
fn interruption(queue: &super::Queue, job: &GenerateJob) -> ControlFlow<Option<FinishReason>> {
    if job.cancelled.load(Ordering::Relaxed) {
        ControlFlow::Break(None)
    } else if queue.is_closed() {
        ControlFlow::Break(Some(FinishReason::Cancelled))
    } else if job
        .request
        .deadline
        .is_some_and(|deadline| Instant::now() >= deadline)
    {
        ControlFlow::Break(Some(FinishReason::Deadline))
    } else {
        ControlFlow::Continue(())
    }
}
