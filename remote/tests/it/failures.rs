//! Servers that refuse, talk nonsense or break off.

use std::io::Write;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use engine::{EngineError, GenerateRequest, LanguageModel, Prompt};
use remote::{RemoteModel, RemoteOptions};
use schemas::ErrorClass;
use tests::upstream::{Upstream, begin_events, reply};

use crate::speak::{ONE, model, options, run, say, text, upstream};

/// Why there is no model behind a server that answers everything alike.
fn refused(status: &'static str, body: &'static str) -> EngineError {
    let server = Upstream::start(move |_, stream| reply(stream, status, "application/json", body));
    RemoteModel::connect(options(&server)).err().unwrap()
}

#[test]
fn a_server_that_is_not_there_is_named_as_the_reason() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = RemoteModel::connect(RemoteOptions::new(format!("http://{free}/v1")))
        .err()
        .unwrap();
    assert_eq!(error.class(), ErrorClass::Unavailable);
    assert!(error.to_string().contains("cannot be reached"), "{error}");
}

#[test]
fn what_is_no_list_of_models_is_refused() {
    for (status, body, class) in [
        (
            "401 Unauthorized",
            r#"{"detail":"no"}"#,
            ErrorClass::Upstream,
        ),
        ("404 Not Found", "<html>", ErrorClass::Upstream),
        ("503 Service Unavailable", "", ErrorClass::Unavailable),
        ("200 OK", "<html>", ErrorClass::Upstream),
        ("200 OK", r#"{"data":7}"#, ErrorClass::Upstream),
        ("200 OK", r#"{"data":[]}"#, ErrorClass::Invalid),
        (
            "200 OK",
            r#"{"data":[{"id":"a"},{"id":"b"}]}"#,
            ErrorClass::Invalid,
        ),
    ] {
        let error = refused(status, body);
        assert_eq!(error.class(), class, "{status} {body}: {error}");
    }
    let several = refused("200 OK", r#"{"data":[{"id":"a"},{"id":"b"}]}"#).to_string();
    assert!(several.contains("`a`, `b`"), "{several}");
}

#[test]
fn the_only_model_is_taken_with_what_the_server_tells_of_it() {
    let list = r#"{"data":[{"id":"org/Model-7B","max_model_len":4096,"meta":null}]}"#;
    let server =
        Upstream::start(move |_, stream| reply(stream, "200 OK", "application/json", list));
    let model = RemoteModel::connect(options(&server)).unwrap();
    assert_eq!(model.name(), "org/Model-7B");
    assert_eq!(model.info().context_length, 4096);
    let told = RemoteModel::connect(RemoteOptions {
        context: 512,
        ..options(&server)
    })
    .unwrap();
    assert_eq!(told.info().context_length, 512);
}

#[test]
fn the_key_goes_to_the_server_and_nowhere_else() {
    let other = Upstream::start(|_, stream| reply(stream, "200 OK", "application/json", ONE));
    let place = format!("{}/v1/models", other.base());
    let server = Upstream::start(move |_, stream| {
        let _ = write!(
            stream,
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: {place}\r\ncontent-length: 0\r\n\r\n"
        );
    });
    let error = RemoteModel::connect(RemoteOptions {
        api_key: Some("sesame-open".into()),
        ..options(&server)
    })
    .err()
    .unwrap();
    assert!(error.to_string().contains("redirection"), "{error}");
    let seen = server.seen();
    assert!(
        seen[0]
            .head
            .to_lowercase()
            .contains("authorization: bearer sesame-open")
    );
    assert!(other.seen().is_empty());
}

#[test]
fn each_refusal_has_its_class_and_never_the_key() {
    let answer = Arc::new(Mutex::new(("", "")));
    let told = Arc::clone(&answer);
    let server = upstream(move |_, stream| {
        let (status, body) = *told.lock().unwrap();
        reply(stream, status, "application/json", body);
    });
    let model = RemoteModel::connect(RemoteOptions {
        api_key: Some("sesame-open".into()),
        ..options(&server)
    })
    .unwrap();
    for (status, body, class) in [
        ("429 Too Many Requests", "", ErrorClass::Overloaded),
        (
            "500 Internal Server Error",
            "oops sesame-open",
            ErrorClass::Upstream,
        ),
        ("502 Bad Gateway", "<html>", ErrorClass::Upstream),
        ("503 Service Unavailable", "", ErrorClass::Unavailable),
        ("504 Gateway Timeout", "", ErrorClass::UpstreamTimeout),
        (
            "400 Bad Request",
            r#"{"error":{"message":"sesame-open"}}"#,
            ErrorClass::Invalid,
        ),
        (
            "401 Unauthorized",
            r#"{"error":{"message":"sesame-open"}}"#,
            ErrorClass::Upstream,
        ),
        (
            "400 Bad Request",
            r#"{"error":{"message":"This model's maximum context length is 8 tokens, however you requested 20 tokens (12 in your prompt; 8 for the completion).","code":"context_length_exceeded"}}"#,
            ErrorClass::TooLarge,
        ),
        ("200 OK", r#"{"choices":[]}"#, ErrorClass::Upstream),
    ] {
        *answer.lock().unwrap() = (status, body);
        let error = model.generate(text()).err().unwrap();
        assert_eq!(error.class(), class, "{status}: {error}");
        let (shown, debugged) = (error.to_string(), format!("{error:?}"));
        assert!(
            !shown.contains("sesame") && !debugged.contains("sesame"),
            "{debugged}"
        );
    }
}

#[test]
fn what_was_said_before_a_stream_breaks_off_is_not_lost() {
    let streams: [fn(&mut dyn Write); 3] = [
        // A chunk without its end.
        |stream| {
            let event = say("Hel");
            let _ = write!(
                stream,
                "transfer-encoding: chunked\r\n\r\n{:x}\r\n{event}",
                500
            );
        },
        // Less than was promised.
        |stream| {
            let _ = write!(stream, "content-length: 5000\r\n\r\n{}", say("Hel"));
        },
        // A stream that ends with the connection, before its text does.
        |stream| {
            let _ = write!(stream, "connection: close\r\n\r\n{}", say("Hel"));
        },
    ];
    for finish in streams {
        let server = upstream(move |_, stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n");
            finish(stream);
        });
        let (said, end) = run(&model(&server), text());
        assert_eq!(said, "Hel");
        assert_eq!(end.unwrap_err().class(), ErrorClass::Upstream);
    }
}

#[test]
fn what_never_ends_is_not_read_to_its_end() {
    let without_end: [fn(&mut dyn Write); 3] = [
        // A line.
        |stream| while stream.write_all(&[b'a'; 4096]).is_ok() {},
        // An event.
        |stream| {
            while stream
                .write_all(format!("data: {}\n", "a".repeat(4000)).as_bytes())
                .is_ok()
            {}
        },
        // Nonsense, event after event: one is enough.
        |stream| while stream.write_all(b"data: nonsense\n\n").is_ok() {},
    ];
    for flood in without_end {
        let server = upstream(move |_, stream| {
            begin_events(stream);
            flood(stream);
        });
        let (said, end) = run(&model(&server), text());
        assert_eq!(said, "");
        assert_eq!(end.unwrap_err().class(), ErrorClass::Upstream);
    }
    // A header, and what is no HTTP at all.
    let heads: [fn(&mut dyn Write); 2] = [
        |stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx: ");
            while stream.write_all(&[b'a'; 4096]).is_ok() {}
        },
        |stream| {
            let _ = stream.write_all(b"220 mail.example ESMTP\r\n\r\n");
        },
    ];
    for head in heads {
        let server = upstream(move |_, stream| head(stream));
        let error = model(&server).generate(text()).err().unwrap();
        assert_eq!(error.class(), ErrorClass::Upstream, "{error}");
    }
}

#[test]
fn what_needs_the_vocabulary_is_refused_before_anything_is_sent() {
    let server = upstream(|_, _| {});
    let model = model(&server);
    let before = server.seen().len();
    let mut biased = text();
    biased.logit_bias = vec![(7, 1.0)];
    let tokens = || Prompt::Tokens(vec![1]);
    let errors = [
        model.generate(biased).err(),
        model.generate(GenerateRequest::new(tokens())).err(),
        model.tokens(&tokens()).err(),
        model.score(&tokens(), &["a".to_owned()]).err(),
    ];
    for error in errors {
        assert!(
            matches!(error, Some(EngineError::NotOffered(_))),
            "{error:?}"
        );
    }
    assert_eq!(server.seen().len(), before);
    assert_eq!(model.tokens(&Prompt::Text("a".into())).unwrap(), None);
    assert_eq!(model.encode("é"), [0xC3, 0xA9]);
    let empty = model
        .score(&Prompt::Text("a".into()), &[String::new()])
        .unwrap();
    assert_eq!((empty[0].log_likelihood, empty[0].tokens), (0.0, 0));
}
