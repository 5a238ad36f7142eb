//! The model words an answer, bound to sentences that the evidence entails.

use std::sync::Arc;
use std::time::Instant;

use engine::{ChatTurn, EngineError, Event, GenerateRequest, LanguageModel, Prompt, TokenTrie};
use retriever::evidence::Fact;
use schemas::chat::Usage;

/// Facts shown to the model; more would only cost time, since the sentences hold the answer.
const MOST_SHOWN: usize = 6;
/// Sentences longer than this are not worth a model's choice of words.
const LONGEST: usize = 600;

/// Lets the model choose the words: decoding walks a trie of the tokens of all wordings, so that whatever
/// it chooses is one of them. Returns the chosen one, or the plainest where a model that only its server
/// can bind says something else.
pub(crate) fn choose(
    model: &dyn LanguageModel,
    question: &str,
    facts: &[Fact],
    wordings: &[String],
    deadline: Instant,
) -> Result<(String, Usage), EngineError> {
    let plainest = || wordings.first().cloned().unwrap_or_default();
    if wordings.len() < 2 || wordings.iter().any(|w| w.len() > LONGEST) {
        return Ok((plainest(), Usage::default()));
    }
    let shown: Vec<String> = facts.iter().take(MOST_SHOWN).map(Fact::text).collect();
    let mut content = format!(
        "{}\n\nQuestion: {question}\nAnswer in one sentence.",
        shown.join("\n")
    );
    let mut prompt = prompt_of(&content);
    if model.tokens(&prompt)?.is_none() {
        // Nothing forbids it a token: it must be told what it may say.
        content.push_str(" Copy one of these, word for word, and add nothing:\n");
        content.push_str(&wordings.join("\n"));
        prompt = prompt_of(&content);
    }
    let trie = Arc::new(TokenTrie::new(
        wordings.iter().map(|wording| model.encode(wording)),
    ));
    let mut request = GenerateRequest::new(prompt);
    request.max_tokens = LONGEST;
    request.constraint = Some(trie.constraint());
    request.deadline = Some(deadline);
    match collect(model, request) {
        Err(EngineError::Violated) => {
            tracing::debug!("the model went its own way with an answer's words");
            Ok((plainest(), Usage::default()))
        }
        said => said,
    }
}

fn prompt_of(content: &str) -> Prompt {
    Prompt::Chat(vec![ChatTurn {
        role: "user".to_owned(),
        content: content.to_owned(),
    }])
}

fn collect(
    model: &dyn LanguageModel,
    request: GenerateRequest,
) -> Result<(String, Usage), EngineError> {
    let (mut text, mut usage) = (String::new(), Usage::default());
    for event in model.generate(request)? {
        match event? {
            Event::Token(_) => {}
            Event::Text(more) => text.push_str(&more),
            Event::Done(completion) => {
                usage.prompt_tokens = completion.prompt_tokens as u64;
                usage.completion_tokens = completion.completion_tokens as u64;
                usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
            }
        }
    }
    Ok((text, usage))
}
