//! What the tests share: a model behind a server that answers as they say.

use std::net::TcpStream;

use engine::{EngineError, Event, FinishReason, GenerateRequest, LanguageModel, Prompt};
use remote::{RemoteModel, RemoteOptions};
use tests::upstream::{Seen, Upstream, reply};

/// The list of models that has one, `m`.
pub(crate) const ONE: &str = r#"{"object":"list","data":[{"id":"m","object":"model"}]}"#;

/// A server that lists one model, and answers all else as told.
pub(crate) fn upstream(answer: impl Fn(&Seen, &mut TcpStream) + Send + Sync + 'static) -> Upstream {
    Upstream::start(move |seen, stream| {
        if seen.asks("/v1/models") {
            reply(stream, "200 OK", "application/json", ONE);
        } else {
            answer(seen, stream);
        }
    })
}

pub(crate) fn options(upstream: &Upstream) -> RemoteOptions {
    RemoteOptions::new(format!("{}/v1", upstream.base()))
}

pub(crate) fn model(upstream: &Upstream) -> RemoteModel {
    RemoteModel::connect(options(upstream)).unwrap()
}

pub(crate) fn text() -> GenerateRequest {
    GenerateRequest::new(Prompt::Text("Once".into()))
}

/// An event with a piece of a plain completion's text.
pub(crate) fn say(text: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"text\":\"{text}\"}}]}}\n\n")
}

/// The text that came, and how it ended.
pub(crate) fn run(
    model: &dyn LanguageModel,
    request: GenerateRequest,
) -> (String, Result<FinishReason, EngineError>) {
    let mut text = String::new();
    let events = match model.generate(request) {
        Ok(events) => events,
        Err(error) => return (text, Err(error)),
    };
    for event in events {
        match event {
            Ok(Event::Text(more)) => text.push_str(&more),
            Ok(Event::Token(_)) => {}
            Ok(Event::Done(done)) => return (text, Ok(done.finish_reason)),
            Err(error) => return (text, Err(error)),
        }
    }
    panic!("the events ceased");
}
