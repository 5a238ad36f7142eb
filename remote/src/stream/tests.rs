use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::TokenTrie;
use proptest::prelude::*;
use schemas::ErrorClass;

use super::*;
use crate::RemoteOptions;
use crate::client::Client;

fn due(within: Duration) -> Due {
    let client = Client::new(&RemoteOptions::new("http://127.0.0.1:1/v1")).unwrap();
    client.due(Some(Instant::now() + within))
}

fn terms(expected: Expected) -> Terms {
    Terms {
        expected,
        likelihoods: false,
        due: due(Duration::from_secs(60)),
        key: None,
        permit: None,
    }
}

fn bound(texts: &[&str]) -> Expected {
    let ids = |text: &&str| text.bytes().map(u32::from).collect();
    let trie = Arc::new(TokenTrie::new(texts.iter().map(ids)));
    Expected::Bound(Box::new(Bound::new(trie.constraint())))
}

/// A piece of text, as the events have it.
fn say(text: &str) -> String {
    let delta = serde_json::json!({ "choices": [{ "index": 0, "delta": { "content": text } }] });
    format!("data: {delta}\n\n")
}

const STOP: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const USAGE: &str =
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\n\n";
const DONE: &str = "data: [DONE]\n\n";

/// The text and how it ended.
fn collect(source: impl Read, terms: Terms) -> Result<(String, Completion), EngineError> {
    let (mut text, mut done) = (String::new(), None);
    for event in Stream::new(source, terms) {
        match event? {
            Event::Text(more) => text.push_str(&more),
            Event::Done(completion) => done = Some(completion),
            Event::Token(_) => {}
        }
    }
    Ok((text, done.expect("an end")))
}

fn read(stream: &str, expected: Expected) -> Result<(String, Completion), EngineError> {
    collect(stream.as_bytes(), terms(expected))
}

fn class(stream: &str) -> Option<ErrorClass> {
    read(stream, Expected::Anything)
        .err()
        .map(|error| error.class())
}

#[test]
fn a_whole_stream_gives_text_end_and_cost() {
    let stream = [": hello\n\n", &say("He"), &say("y."), STOP, USAGE, DONE].concat();
    let (text, done) = read(&stream, Expected::Anything).unwrap();
    assert_eq!(text, "Hey.");
    assert_eq!(done.finish_reason, FinishReason::Stop);
    assert_eq!((done.prompt_tokens, done.completion_tokens), (9, 4));
}

#[test]
fn what_a_server_leaves_out_is_missed_as_little_as_can_be() {
    for stream in [
        [&say("a"), &say("b"), STOP, DONE].concat(),
        [&say("a"), &say("b"), STOP].concat(),
        [&say("a"), &say("b"), DONE].concat(),
        [&say("a"), &say("b"), STOP, "data: [DO"].concat(),
    ] {
        let (text, done) = read(&stream, Expected::Anything).unwrap();
        assert_eq!(
            (text.as_str(), done.completion_tokens),
            ("ab", 2),
            "{stream}"
        );
        assert_eq!(done.finish_reason, FinishReason::Stop);
    }
}

#[test]
fn a_stream_that_breaks_off_is_a_failure() {
    for stream in [
        String::new(),
        say("a"),
        [&say("a"), "data: {\"choices\""].concat(),
        [&say("a"), "data: {\"choices\"\n\n"].concat(),
        [
            &say("a"),
            "data: {\"error\":{\"message\":\"out of memory\"}}\n\n",
        ]
        .concat(),
        [&say("a"), "event: error\ndata: whatever\n\n"].concat(),
        [&say("a"), "error: {\"code\":500,\"message\":\"x\"}\n\n"].concat(),
        "data: \u{0}\n\n".to_owned(),
        format!("data: {}", "a".repeat(1 << 20)),
    ] {
        assert_eq!(class(&stream), Some(ErrorClass::Upstream), "{stream:.80}");
    }
    let busy = "data: {\"error\":{\"code\":429,\"message\":\"x\"}}\n\n";
    assert_eq!(class(busy), Some(ErrorClass::Overloaded));
}

#[test]
fn a_bound_text_is_released_once_it_is_known_to_be_right() {
    let texts = ["It is A.", "It is B, or C."];
    let stream = [say(" It"), say(" is A."), say(" Indeed.")].concat();
    let (text, done) = read(&stream, bound(&texts)).unwrap();
    assert_eq!(
        (text.as_str(), done.finish_reason),
        ("It is A.", FinishReason::Stop)
    );
    for said in ["It is D.", "It is", "", "No."] {
        let stream = [&say(said), STOP, DONE].concat();
        let error = read(&stream, bound(&texts)).unwrap_err();
        assert!(matches!(error, EngineError::Violated), "{said}: {error}");
    }
    let cut = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n";
    let (text, done) = read(&[&say("It is B"), cut].concat(), bound(&texts)).unwrap();
    assert_eq!(
        (text.as_str(), done.finish_reason),
        ("It is B", FinishReason::Length)
    );
}

#[test]
fn json_is_checked_where_it_was_asked_for() {
    let json = |object| Expected::Json {
        object,
        text: String::new(),
    };
    let stream = |said: &str| [&say(said), STOP].concat();
    assert!(read(&stream("{\"a\": 1}"), json(true)).is_ok());
    assert!(read(&stream("[1]"), json(false)).is_ok());
    for (said, object) in [("[1]", true), ("{\"a\": ", true), ("Sure! {}", false)] {
        let error = read(&stream(said), json(object)).unwrap_err();
        assert!(matches!(error, EngineError::Violated), "{said}");
    }
}

#[test]
fn likelihoods_that_were_asked_for_are_told_or_refused() {
    let asked = || Terms {
        likelihoods: true,
        ..terms(Expected::Anything)
    };
    let told = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"logprobs\":{\"content\":\
                [{\"token\":\"a\",\"logprob\":-1.5,\"top_logprobs\":[]}]}}]}\n\n";
    let stream = [told, STOP].concat();
    let events: Vec<Event> = Stream::new(stream.as_bytes(), asked())
        .map(Result::unwrap)
        .collect();
    assert!(matches!(&events[0], Event::Token(token) if token.log_probability == -1.5));
    assert!(matches!(&events[1], Event::Text(text) if text == "a"));
    let silent = [&say("a"), STOP].concat();
    let error = collect(silent.as_bytes(), asked()).unwrap_err();
    assert!(matches!(error, EngineError::NotOffered(_)));
}

#[test]
fn a_deadline_ends_the_text_with_what_there_is() {
    let late = Terms {
        due: due(Duration::ZERO),
        ..terms(Expected::Anything)
    };
    let (text, done) = collect(say("a").as_bytes(), late).unwrap();
    assert_eq!(
        (text.as_str(), done.finish_reason),
        ("", FinishReason::Deadline)
    );
}

#[test]
fn the_key_is_in_no_message() {
    let with_key = Terms {
        key: Some("sesame".into()),
        ..terms(Expected::Anything)
    };
    let stream = "data: {\"error\":{\"message\":\"bad key sesame\"}}\n\n";
    let error = collect(stream.as_bytes(), with_key).unwrap_err();
    assert!(!error.to_string().contains("sesame"), "{error}");
}

/// Gives its bytes in pieces of these sizes.
struct Pieces<'a>(&'a [u8], Vec<usize>);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.1.pop().unwrap_or(usize::MAX).max(1);
        let (mut part, rest) = self.0.split_at(self.0.len().min(most));
        self.0 = rest;
        part.read(buffer)
    }
}

proptest! {
    #[test]
    fn any_split_gives_the_same_completion(
        texts in prop::collection::vec("[a-zé\"\n]{0,6}", 0..6),
        sizes in prop::collection::vec(1usize..40, 0..40),
    ) {
        let said: String = texts.iter().map(|text| say(text)).collect();
        let stream = [&said, STOP, USAGE, DONE].concat();
        let whole = read(&stream, Expected::Anything).unwrap();
        let parts = collect(Pieces(stream.as_bytes(), sizes), terms(Expected::Anything)).unwrap();
        prop_assert_eq!(&whole.0, &texts.concat());
        prop_assert_eq!(whole, parts);
    }
}
