//! Servers that take their time, and callers that do not wait for them.

use std::io::{Read, Write};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use engine::{Event, FinishReason, LanguageModel};
use remote::{RemoteModel, RemoteOptions};
use schemas::ErrorClass;
use tests::upstream::begin_events;

use crate::speak::{model, options, run, say, text, upstream};

const LONG: Duration = Duration::from_secs(30);

/// Waits until the client has left.
fn wait_for_the_end(stream: &mut impl Read) {
    let _ = stream.read(&mut [0]);
}

#[test]
fn a_deadline_ends_what_a_silent_server_holds_up() {
    for (before, expected) in [("head", ""), ("text", ""), ("end", "Hel")] {
        let server = upstream(move |_, stream| {
            if before != "head" {
                begin_events(stream);
            }
            if before == "end" {
                let _ = stream.write_all(say("Hel").as_bytes());
            }
            wait_for_the_end(stream);
        });
        let model = model(&server);
        let began = Instant::now();
        let mut request = text();
        request.deadline = Some(began + Duration::from_millis(300));
        let (said, end) = run(&model, request);
        assert_eq!(
            (said.as_str(), end.unwrap()),
            (expected, FinishReason::Deadline)
        );
        let took = began.elapsed();
        assert!(
            took >= Duration::from_millis(300) && took < Duration::from_secs(3),
            "{took:?}"
        );
    }
}

#[test]
fn a_deadline_ends_what_trickles() {
    let server = upstream(|_, stream| {
        begin_events(stream);
        while stream.write_all(b": wait\n\n").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let model = model(&server);
    let began = Instant::now();
    let mut request = text();
    request.deadline = Some(began + Duration::from_millis(300));
    let (_, end) = run(&model, request);
    assert_eq!(end.unwrap(), FinishReason::Deadline);
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[test]
fn silence_is_borne_for_a_while_only() {
    let server = upstream(|_, stream| {
        begin_events(stream);
        let _ = stream.write_all(say("Hel").as_bytes());
        wait_for_the_end(stream);
    });
    for (idle, longest) in [
        (Duration::from_millis(200), LONG),
        (LONG, Duration::from_millis(200)),
    ] {
        let model = RemoteModel::connect(RemoteOptions {
            idle,
            longest,
            ..options(&server)
        })
        .unwrap();
        let (said, end) = run(&model, text());
        assert_eq!(said, "Hel");
        assert_eq!(end.unwrap_err().class(), ErrorClass::UpstreamTimeout);
    }
}

#[test]
fn who_leaves_closes_the_connection() {
    let (sender, left) = channel();
    let server = upstream(move |_, stream| {
        begin_events(stream);
        let _ = stream.write_all(say("Hel").as_bytes());
        wait_for_the_end(stream);
        let _ = sender.send(Instant::now());
    });
    let mut events = model(&server).generate(text()).unwrap();
    assert_eq!(events.next().unwrap().unwrap(), Event::Text("Hel".into()));
    let dropped = Instant::now();
    drop(events);
    let left = left.recv_timeout(Duration::from_secs(10)).unwrap();
    assert!(left - dropped < Duration::from_secs(1));
}

#[test]
fn no_more_are_sent_at_once_than_may() {
    let server = upstream(|_, stream| {
        begin_events(stream);
        let _ = stream.write_all(say("Hel").as_bytes());
        wait_for_the_end(stream);
    });
    let model = RemoteModel::connect(RemoteOptions {
        at_once: 1,
        queue: 1,
        ..options(&server)
    })
    .unwrap();
    let sent = || server.seen().len() - 1;
    let first = model.generate(text()).unwrap();
    let mut late = text();
    late.deadline = Some(Instant::now() + Duration::from_millis(200));
    let (_, end) = run(&model, late);
    assert_eq!(end.unwrap(), FinishReason::Deadline);
    let mut second = model.generate(text()).unwrap();
    let error = model.generate(text()).err().unwrap();
    assert_eq!(error.class(), ErrorClass::Overloaded);
    assert_eq!(sent(), 1);
    drop(first);
    assert_eq!(second.next().unwrap().unwrap(), Event::Text("Hel".into()));
    assert_eq!(sent(), 2);
}
