//! How likely a text is to a server's model: the server repeats it, and says how likely each of its tokens was.

use engine::{EngineError, Score};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fault;

/// What asks for a text's likelihood.
///
/// One token is generated and not counted, since to some servers none at all means: as many as fit.
pub(crate) fn body(model: &str, text: &str) -> Value {
    json!({
        "model": model, "prompt": text, "echo": true, "logprobs": 1, "max_tokens": 1, "temperature": 0.0,
    })
}

#[derive(Deserialize)]
struct Answer {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    text: String,
    logprobs: Option<Logprobs>,
}

#[derive(Deserialize)]
struct Logprobs {
    tokens: Option<Vec<String>>,
    token_logprobs: Option<Vec<Option<f32>>>,
    text_offset: Option<Vec<usize>>,
}

/// Adds up the tokens of the continuation; one in which prefix and continuation meet counts among them.
pub(crate) fn read(answer: Value, prefix: &str, continuation: &str) -> Result<Score, EngineError> {
    let answer: Answer = serde_json::from_value(answer)
        .map_err(|_| fault::nonsense("answered with what is no completion"))?;
    let choice = answer.choices.into_iter().next();
    let repeats = |choice: &Choice| {
        let rest = choice.text.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.starts_with(continuation))
    };
    let refused = || EngineError::NotOffered("likelihoods of given texts".into());
    let logprobs = choice
        .filter(repeats)
        .and_then(|choice| choice.logprobs)
        .ok_or_else(refused)?;
    let (Some(tokens), Some(likely), Some(offsets)) = (
        logprobs.tokens,
        logprobs.token_logprobs,
        logprobs.text_offset,
    ) else {
        return Err(refused());
    };
    // Offsets count characters, as Python does.
    let begin = prefix.chars().count();
    let end = begin + continuation.chars().count();
    // llama_cpp.server tells of each token what belongs to the next one, unless the model has a token that begins all
    // texts. The token that was generated is then missing from the list.
    if offsets.iter().all(|offset| *offset < end) {
        return Err(EngineError::NotOffered(
            "likelihoods of given texts that are sure to be of their own tokens".into(),
        ));
    }
    let mut score = Score {
        log_likelihood: 0.0,
        tokens: 0,
    };
    for ((token, likely), offset) in tokens.iter().zip(likely).zip(offsets) {
        if offset >= end || offset.saturating_add(token.chars().count()) <= begin {
            continue;
        }
        // The first token of all has no likelihood.
        score.log_likelihood += likely.unwrap_or(0.0);
        score.tokens += 1;
    }
    if score.tokens == 0 {
        return Err(fault::nonsense("told of no token of the text"));
    }
    Ok(score)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Value {
        json!({ "choices": [{ "text": text, "logprobs": {
            "tokens": ["Né", " sou", "s", " la", " mer"],
            "token_logprobs": [null, -1.0, -2.0, -4.0, -8.0],
            "text_offset": [0, 2, 6, 7, 10],
        } }] })
    }

    #[test]
    fn only_the_continuation_counts() {
        let score = |prefix: &str, continuation: &str| {
            let text = format!("{prefix}{continuation} mer");
            let score = read(answer(&text), prefix, continuation).unwrap();
            (score.log_likelihood, score.tokens)
        };
        assert_eq!(score("Né", " sous la"), (-7.0, 3));
        assert_eq!(score("Né sou", "s la"), (-6.0, 2));
        // A token in which both have a part.
        assert_eq!(score("Né so", "us la"), (-7.0, 3));
        assert_eq!(score("", "Né sous la"), (-7.0, 4));
    }

    #[test]
    fn a_server_that_does_not_repeat_the_text_cannot_score_it() {
        for body in [
            answer(" mer"),
            json!({ "choices": [{ "text": "Né sous la", "logprobs": null }] }),
            json!({ "choices": [{ "text": "Né sous la mer", "logprobs": {
                "tokens": ["Né", " sous", " la"], "token_logprobs": [null, -1.0, -2.0], "text_offset": [0, 2, 7],
            } }] }),
            json!({ "choices": [{ "text": "Né sous la", "logprobs": { "content": [] } }] }),
            json!({ "choices": [] }),
        ] {
            let error = read(body, "Né", " sous la").unwrap_err();
            assert!(matches!(error, EngineError::NotOffered(_)), "{error}");
        }
        assert!(read(json!(7), "a", "b").is_err());
    }
}
