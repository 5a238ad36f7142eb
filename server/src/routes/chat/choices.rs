//! Several generations for one request, side by side.

use std::{sync::mpsc, thread, time::Instant};

use actix_web::http::StatusCode;
use engine::{
    Completion, EngineError, Event, FinishReason, GenerateRequest, Generation, LanguageModel,
    Prompt,
};
use schemas::{ErrorClass, chat::Usage};

use super::params::Checked;
use crate::problem::ApiError;

/// Starts as many generations as there are choices to make. With a seed, the first one has this seed and each further
/// one the next number, so that a choice is the same however many there are.
pub(super) fn begin(
    model: &dyn LanguageModel,
    checked: Checked,
    deadline: Instant,
) -> Result<Vec<Generation>, ApiError> {
    let prompt = Prompt::Chat(checked.turns);
    let requests = (0..u64::from(checked.choices))
        .map(|index| {
            let constraint = checked
                .grammar
                .as_ref()
                .map(|grammar| model.constrain(grammar))
                .transpose()
                .map_err(|error| about("response_format", error))?;
            let mut sampling = checked.sampling.clone();
            sampling.seed = sampling.seed.map(|seed| seed.wrapping_add(index));
            Ok(GenerateRequest {
                max_tokens: checked.max_tokens.map_or(usize::MAX, |most| most as usize),
                sampling,
                stop: checked.stop.clone(),
                logit_bias: checked.logit_bias.clone(),
                logprobs: checked.logprobs,
                constraint,
                deadline: Some(deadline),
                ..GenerateRequest::new(prompt.clone())
            })
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    model.generate_all(requests).map_err(|error| match error {
        EngineError::PromptTooLong { .. } => ApiError::new(ErrorClass::TooLarge, error.to_string())
            .with_status(StatusCode::BAD_REQUEST)
            .with_code("context_length_exceeded")
            .with_param("messages"),
        other => other.into(),
    })
}

/// A 400 that names the parameter, where it is what the engine objects to.
fn about(param: &'static str, error: EngineError) -> ApiError {
    match error.class() {
        ErrorClass::Invalid | ErrorClass::Unsupported => {
            ApiError::invalid(error.to_string()).with_param(param)
        }
        _ => error.into(),
    }
}

/// Passes on all events, those of each generation in their order and with its index, until all have ended or one
/// fails. Then, and when `on` refuses one, the others are dropped, which frees their slots.
pub(super) fn follow(
    generations: Vec<Generation>,
    mut on: impl FnMut(u32, Event) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    if generations.len() == 1 {
        for event in generations.into_iter().flatten() {
            on(0, event?)?;
        }
        return Ok(());
    }
    // Each waits in a thread of its own; without any work, they cost next to nothing.
    thread::scope(|scope| {
        let (sender, events) = mpsc::channel();
        for (index, generation) in (0u32..).zip(generations) {
            let sender = sender.clone();
            thread::Builder::new()
                .name("choice".to_owned())
                .stack_size(256 << 10)
                .spawn_scoped(scope, move || {
                    for event in generation {
                        if sender.send((index, event)).is_err() {
                            return;
                        }
                    }
                })
                .map_err(|error| ApiError::internal(format!("cannot start a thread: {error}")))?;
        }
        drop(sender);
        for (index, event) in events {
            on(index, event?)?;
        }
        Ok(())
    })
}

/// What a request's generations have cost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    prompt_tokens: u64,
    completion_tokens: u64,
}

impl Tally {
    /// Adds an end; returns OpenAI's word for its reason.
    pub(super) fn add(&mut self, done: &Completion) -> Result<&'static str, ApiError> {
        // All have the same prompt.
        self.prompt_tokens = done.prompt_tokens as u64;
        self.completion_tokens += done.completion_tokens as u64;
        match done.finish_reason {
            FinishReason::Stop => Ok("stop"),
            FinishReason::Length | FinishReason::Deadline => Ok("length"),
            FinishReason::Cancelled => Err(ApiError::new(
                ErrorClass::Unavailable,
                "the engine is closing",
            )),
        }
    }

    /// In OpenAI's form: the prompt once, the tokens of all choices.
    pub(super) fn usage(&self) -> Usage {
        Usage {
            prompt_tokens: self.prompt_tokens,
            completion_tokens: self.completion_tokens,
            total_tokens: self.prompt_tokens + self.completion_tokens,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(completion_tokens: usize) -> Event {
        Event::Done(Completion {
            finish_reason: FinishReason::Stop,
            prompt_tokens: 7,
            completion_tokens,
            cached_tokens: 0,
            drafted_tokens: 0,
        })
    }

    fn generation(texts: &[&str]) -> Generation {
        let mut events: Vec<_> = texts.iter().map(|t| Ok(Event::Text((*t).into()))).collect();
        events.push(Ok(done(texts.len())));
        Generation::new(events.into_iter())
    }

    #[test]
    fn each_choice_keeps_its_order_and_the_cost_is_summed() {
        for choices in [
            &[["a", "b"].as_slice()] as &[&[&str]],
            &[&["a", "b"], &[], &["c"]],
        ] {
            let mut texts = vec![String::new(); choices.len()];
            let mut tally = Tally::default();
            let generations = choices.iter().map(|texts| generation(texts)).collect();
            follow(generations, |index, event| {
                match event {
                    Event::Text(text) => texts[index as usize].push_str(&text),
                    Event::Done(done) => assert_eq!(tally.add(&done)?, "stop"),
                    Event::Token(_) => {}
                }
                Ok(())
            })
            .unwrap();
            let expected: Vec<String> = choices.iter().map(|texts| texts.concat()).collect();
            assert_eq!(texts, expected);
            let tokens: u64 = choices.iter().map(|texts| texts.len() as u64).sum();
            assert_eq!(tally.usage().completion_tokens, tokens);
            assert_eq!(tally.usage().prompt_tokens, 7);
        }
    }

    #[test]
    fn one_failure_ends_them_all() {
        let failing = Generation::new([Err(EngineError::Closed)].into_iter());
        // It would go on for ever.
        let endless = Generation::new(std::iter::repeat_with(|| Ok(Event::Text("x".into()))));
        assert!(follow(vec![endless, failing], |_, _| Ok(())).is_err());
        let endless = Generation::new(std::iter::repeat_with(|| Ok(Event::Text("x".into()))));
        let refuse = |_, _| Err(ApiError::new(ErrorClass::Cancelled, "gone"));
        assert!(follow(vec![endless, generation(&[])], refuse).is_err());
    }
}
