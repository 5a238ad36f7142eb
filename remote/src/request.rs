//! What is sent to have a text generated.

use engine::{EngineError, GenerateRequest, Prompt, Sampling};
use serde_json::{Map, Value, json};

use crate::{Guide, guide};

/// Where a request goes, and its body.
#[derive(Debug, PartialEq)]
pub(crate) struct Call {
    /// Below the server's address.
    pub(crate) path: &'static str,
    /// The body.
    pub(crate) body: Map<String, Value>,
}

/// Puts a request into OpenAI's words.
///
/// What is at its default is left out, so that servers which know OpenAI's parameters alone take the request; the
/// server's own defaults then count. The temperature is always told, since ours is not theirs.
pub(crate) fn call(
    model: &str,
    request: &GenerateRequest,
    how: Guide,
) -> Result<Call, EngineError> {
    let refused = |what: &str| Err(EngineError::NotOffered(what.to_owned()));
    if !request.logit_bias.is_empty() {
        return refused("biases of tokens: their ids are those of another vocabulary");
    }
    if request.logprobs.is_some() && request.constraint.is_some() {
        return refused("likelihoods of a text that is bound");
    }
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("model", model.into());
    let path = match &request.prompt {
        Prompt::Tokens(_) => {
            return refused("prompts of tokens: their ids are those of another vocabulary");
        }
        Prompt::Chat(turns) => {
            put("messages", json!(turns));
            "/chat/completions"
        }
        Prompt::Text(text) => {
            put("prompt", text.as_str().into());
            "/completions"
        }
    };
    put("stream", true.into());
    put("stream_options", json!({ "include_usage": true }));
    // Most of what may be asked for means: as much as there is room for.
    if u32::try_from(request.max_tokens).is_ok() {
        put("max_tokens", request.max_tokens.into());
    }
    if let Some(most) = request.logprobs {
        if path != "/chat/completions" {
            return refused("likelihoods of a plain text");
        }
        put("logprobs", true.into());
        put("top_logprobs", most.into());
    }
    if !request.stop.is_empty() {
        put("stop", json!(request.stop));
    }
    sampling(&mut body, &request.sampling);
    if let Some(constraint) = &request.constraint {
        guide::add(&mut body, &**constraint, how)?;
    }
    Ok(Call { path, body })
}

fn sampling(body: &mut Map<String, Value>, sampling: &Sampling) {
    let usual = Sampling::default();
    body.insert("temperature".to_owned(), number(sampling.temperature));
    let mut put = |name: &str, value: f32, usual: f32| {
        if value != usual {
            body.insert(name.to_owned(), number(value));
        }
    };
    put("top_p", sampling.top_p, usual.top_p);
    put("min_p", sampling.min_p, usual.min_p);
    put(
        "presence_penalty",
        sampling.presence_penalty,
        usual.presence_penalty,
    );
    put(
        "frequency_penalty",
        sampling.frequency_penalty,
        usual.frequency_penalty,
    );
    // vLLM's name for it, and llama.cpp's.
    for name in ["repetition_penalty", "repeat_penalty"] {
        put(name, sampling.repetition_penalty, usual.repetition_penalty);
    }
    if sampling.top_k != usual.top_k {
        body.insert("top_k".to_owned(), sampling.top_k.into());
    }
    if let Some(seed) = sampling.seed {
        body.insert("seed".to_owned(), seed.cast_signed().into());
    }
}

/// The shortest decimal that reads as this number, not all the digits of its double.
fn number(value: f32) -> Value {
    value
        .to_string()
        .parse::<f64>()
        .map_or(Value::Null, Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::{ChatTurn, TokenTrie};
    use std::sync::Arc;

    fn text() -> GenerateRequest {
        GenerateRequest::new(Prompt::Text("Once".into()))
    }

    fn told(request: &GenerateRequest) -> Value {
        Value::Object(call("m", request, Guide::None).unwrap().body)
    }

    fn refused(request: &GenerateRequest) -> bool {
        let error = call("m", request, Guide::None).err();
        matches!(error, Some(EngineError::NotOffered(_)))
    }

    #[test]
    fn defaults_are_left_to_the_server() {
        let mut request = GenerateRequest::new(Prompt::Chat(vec![ChatTurn {
            role: "user".into(),
            content: "Hi".into(),
        }]));
        request.max_tokens = usize::MAX;
        let call = call("m", &request, Guide::Grammar).unwrap();
        assert_eq!(call.path, "/chat/completions");
        let expected = json!({
            "model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": true,
            "stream_options": {"include_usage": true}, "temperature": 0.0,
        });
        assert_eq!(Value::Object(call.body), expected);
    }

    #[test]
    fn all_else_is_told() {
        let mut request = text();
        request.sampling = Sampling {
            temperature: 0.7,
            top_p: 0.9,
            top_k: 20,
            min_p: 0.1,
            seed: Some(u64::MAX),
            presence_penalty: 0.5,
            frequency_penalty: -0.25,
            repetition_penalty: 1.1,
        };
        request.stop = vec!["\n".into()];
        let expected = json!({
            "model": "m", "prompt": "Once", "stream": true, "stream_options": {"include_usage": true},
            "max_tokens": 256, "stop": ["\n"], "temperature": 0.7, "top_p": 0.9, "top_k": 20, "min_p": 0.1,
            "seed": -1, "presence_penalty": 0.5, "frequency_penalty": -0.25, "repetition_penalty": 1.1,
            "repeat_penalty": 1.1,
        });
        assert_eq!(told(&request), expected);
    }

    #[test]
    fn what_needs_a_vocabulary_is_refused() {
        let mut biased = text();
        biased.logit_bias = vec![(1, 1.0)];
        assert!(refused(&biased));
        assert!(refused(&GenerateRequest::new(Prompt::Tokens(vec![1]))));
        let mut likely = text();
        likely.logprobs = Some(0);
        assert!(refused(&likely));
    }

    #[test]
    fn a_constraint_is_told_where_the_server_takes_it() {
        let mut request = text();
        let trie = Arc::new(TokenTrie::new([
            vec![u32::from(b'a')],
            vec![u32::from(b'b')],
        ]));
        request.constraint = Some(trie.constraint());
        assert!(told(&request).get("grammar").is_none());
        let call = call("m", &request, Guide::Grammar).unwrap();
        assert_eq!(call.body["grammar"], r#"root ::= "a" | "b""#);
    }
}
