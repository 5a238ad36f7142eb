//! Queueing, deadlines, cancelling and closing, on a tiny model made slow by long texts.

use std::time::{Duration, Instant};

use engine::{
    Engine, EngineError, EngineOptions, Event, FinishReason, GenerateRequest, LanguageModel, Prompt,
};

use crate::tiny::{CONTEXT, Tiny};

fn engine(queue: usize) -> Engine {
    Tiny::new().load(EngineOptions {
        context: CONTEXT,
        slots: 1,
        threads: 1,
        queue,
        ..EngineOptions::default()
    })
}

/// A constraint that takes its time, so that a request lasts as long as a test needs.
struct Slow(Duration);

impl engine::Constraint for Slow {
    fn allowed(&self) -> engine::Allowed<'_> {
        std::thread::sleep(self.0);
        engine::Allowed::Tokens(&[40, 41])
    }

    fn accept(&mut self, _token: u32) {}
}

fn slow(tokens: usize) -> GenerateRequest {
    let mut request = GenerateRequest::new(Prompt::Text("go".into()));
    request.max_tokens = tokens;
    request.constraint = Some(Box::new(Slow(Duration::from_millis(5))));
    request
}

#[test]
fn requests_are_served_in_the_order_of_arrival() {
    let engine = engine(8);
    let running: Vec<_> = (1..5)
        .map(|tokens| engine.generate(slow(tokens)).unwrap())
        .collect();
    for (tokens, generation) in (1..5).zip(running) {
        let (_, completion) = generation.collect_text().unwrap();
        assert_eq!(completion.completion_tokens, tokens);
    }
}

#[test]
fn a_full_queue_refuses_and_recovers() {
    let engine = engine(2);
    let mut first = engine.generate(slow(200)).unwrap();
    // Once it yields text it has left the queue.
    assert!(matches!(first.next(), Some(Ok(Event::Text(_)))));
    let second = engine.generate(slow(1)).unwrap();
    let third = engine.generate(slow(1)).unwrap();
    let refused = engine.generate(slow(1)).err().unwrap();
    assert!(matches!(refused, EngineError::Overloaded { waiting: 2 }));
    drop((second, first));
    let fourth = engine.generate(slow(1)).unwrap();
    third.collect_text().unwrap();
    fourth.collect_text().unwrap();
}

#[test]
fn dropping_a_generation_frees_the_engine_at_once() {
    let engine = engine(8);
    let mut long = engine.generate(slow(250)).unwrap();
    assert!(long.next().is_some());
    drop(long);
    let started = Instant::now();
    engine.generate(slow(1)).unwrap().collect_text().unwrap();
    // Run to its end, the first would have taken 250 × 5 ms.
    assert!(started.elapsed() < Duration::from_millis(600));
}

#[test]
fn a_deadline_ends_the_text_with_what_there_is() {
    let engine = engine(8);
    let mut request = slow(250);
    request.deadline = Some(Instant::now() + Duration::from_millis(100));
    let (text, completion) = engine.generate(request).unwrap().collect_text().unwrap();
    assert_eq!(completion.finish_reason, FinishReason::Deadline);
    assert!(!text.is_empty());
    assert!(completion.completion_tokens < 100);
    let mut late = slow(1);
    late.deadline = Some(Instant::now());
    let (text, completion) = engine.generate(late).unwrap().collect_text().unwrap();
    assert_eq!(
        (text.as_str(), completion.finish_reason),
        ("", FinishReason::Deadline)
    );
}

#[test]
fn dropping_the_engine_ends_what_is_under_way() {
    let engine = engine(8);
    let mut running = engine.generate(slow(250)).unwrap();
    let waiting = engine.generate(slow(1)).unwrap();
    assert!(running.next().is_some());
    let clone = engine.clone();
    drop(engine);
    assert!(matches!(running.next(), Some(Ok(Event::Text(_)))));
    let started = Instant::now();
    drop(clone);
    assert!(started.elapsed() < Duration::from_millis(600));
    let (_, completion) = running.collect_text().unwrap();
    assert_eq!(completion.finish_reason, FinishReason::Cancelled);
    assert!(matches!(waiting.collect_text(), Err(EngineError::Closed)));
}

/// A constraint with a defect.
struct Broken;

impl engine::Constraint for Broken {
    fn allowed(&self) -> engine::Allowed<'_> {
        panic!("a defect in a constraint")
    }

    fn accept(&mut self, _token: u32) {}
}

#[test]
fn a_panic_in_one_request_leaves_the_others_unharmed() {
    let engine = engine(8);
    let mut broken = slow(1);
    broken.constraint = Some(Box::new(Broken));
    let error = engine
        .generate(broken)
        .unwrap()
        .collect_text()
        .err()
        .unwrap();
    assert!(matches!(error, EngineError::Internal(_)));
    engine.generate(slow(1)).unwrap().collect_text().unwrap();
}

#[test]
fn many_threads_share_one_engine() {
    let engine = engine(64);
    let alone = engine.generate(slow(3)).unwrap().collect_text().unwrap().0;
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let (text, _) = engine.generate(slow(3)).unwrap().collect_text().unwrap();
                assert_eq!(text, alone);
            });
        }
    });
}
