//! The server's model, as the other crates see a language model.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::{
    Constraint, EngineError, FinishReason, GenerateRequest, Generation, Grammar, LanguageModel,
    ModelInfo, Prompt, Score,
};
use serde::Deserialize;

use crate::bound::Bound;
use crate::client::Client;
use crate::flow::{self, Flow};
use crate::gate::{Entry, Gate};
use crate::stream::{Expected, Terms};
use crate::{Guide, RemoteOptions, fault, guide, request, score};

/// Time in which a server must say which models it has.
const PATIENCE: Duration = Duration::from_secs(15);
/// Models whose names an error lists.
const MOST_LISTED: usize = 8;

/// A language model that a server runs. It may be shared by threads; each request has a connection of its own, and
/// reads it in the thread that asks for its events.
pub struct RemoteModel {
    client: Arc<Client>,
    model: String,
    info: ModelInfo,
    gate: Arc<Gate>,
    guide: Guide,
}

#[derive(Deserialize)]
struct Models {
    data: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    /// vLLM's word for the context.
    max_model_len: Option<usize>,
    /// llama.cpp's account of the file.
    meta: Option<Meta>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Meta {
    n_ctx: Option<usize>,
    n_ctx_train: Option<usize>,
    n_params: Option<u64>,
    size: Option<u64>,
}

impl RemoteModel {
    /// Asks the server for its models, which shows that it is there and takes the key, and chooses one.
    pub fn connect(options: RemoteOptions) -> Result<RemoteModel, EngineError> {
        let client = Client::new(&options)?;
        let due = client.due(Some(Instant::now() + PATIENCE));
        let models: Models = serde_json::from_value(client.get("/models", due)?)
            .map_err(|_| fault::nonsense("lists its models in no known way"))?;
        let listed = choose(models.data, options.model.as_deref())?;
        let meta = listed.meta.unwrap_or_default();
        let told = [listed.max_model_len, meta.n_ctx, meta.n_ctx_train];
        let info = ModelInfo {
            architecture: "remote".to_owned(),
            name: Some(listed.id.clone()),
            context_length: match options.context {
                0 => told.into_iter().flatten().next().unwrap_or(0),
                asked => asked,
            },
            parameters: meta.n_params.unwrap_or(0),
            quantization: "unknown".to_owned(),
            file_bytes: meta.size.unwrap_or(0),
        };
        tracing::info!(url = client.base(), model = %listed.id, "the model's server is there");
        Ok(RemoteModel {
            client: Arc::new(client),
            model: listed.id,
            info,
            gate: Gate::new(options.at_once, options.queue),
            guide: options.guide,
        })
    }

    /// The model's name at the server.
    pub fn name(&self) -> &str {
        &self.model
    }

    fn enter(&self) -> Result<Entry, EngineError> {
        self.gate
            .enter()
            .map_err(|waiting| EngineError::Overloaded { waiting })
    }
}

/// What is to be checked of a text. A grammar is the server's to keep to, and its text is handed on as it comes.
fn expected(constraint: Option<Box<dyn Constraint>>) -> Expected {
    let json = |object| Expected::Json {
        object,
        text: String::new(),
    };
    let Some(constraint) = constraint else {
        return Expected::Anything;
    };
    match constraint.grammar() {
        Some(Grammar::JsonObject) => json(true),
        Some(Grammar::JsonSchema(_)) => json(false),
        Some(_) => Expected::Anything,
        None => Expected::Bound(Box::new(Bound::new(constraint))),
    }
}

fn choose(mut models: Vec<Listed>, wanted: Option<&str>) -> Result<Listed, EngineError> {
    let found = match wanted {
        Some(name) => models.iter().position(|model| model.id == name),
        None if models.len() == 1 => Some(0),
        None => None,
    };
    if let Some(at) = found {
        return Ok(models.swap_remove(at));
    }
    let mut names: Vec<String> = models
        .iter()
        .take(MOST_LISTED)
        .map(|model| format!("`{}`", fault::clean(&model.id, None)))
        .collect();
    if models.len() > MOST_LISTED {
        names.push("others".to_owned());
    }
    let names = names.join(", ");
    Err(EngineError::Invalid(match wanted {
        _ if models.is_empty() => "the model's server has no models".to_owned(),
        Some(name) => format!("the model's server has no model `{name}`; it has {names}"),
        None => format!("the model's server has several models, and none is named: {names}"),
    }))
}

impl LanguageModel for RemoteModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn tokens(&self, prompt: &Prompt) -> Result<Option<Vec<u32>>, EngineError> {
        match prompt {
            Prompt::Chat(_) | Prompt::Text(_) => Ok(None),
            Prompt::Tokens(_) => Err(EngineError::NotOffered(
                "prompts of tokens: their ids are those of another vocabulary".into(),
            )),
        }
    }

    /// The bytes of the text, over which constraints are walked.
    fn encode(&self, text: &str) -> Vec<u32> {
        text.bytes().map(u32::from).collect()
    }

    fn constrain(&self, grammar: &Grammar) -> Result<Box<dyn Constraint>, EngineError> {
        guide::by_grammar(grammar, self.guide)?;
        Ok(grammar.clone().unchecked())
    }

    /// Sends the request at once where the server has room, so that a refusal is this method's error; where it must
    /// wait, it does so when the first event is asked for.
    fn generate(&self, request: GenerateRequest) -> Result<Generation, EngineError> {
        let due = self.client.due(request.deadline);
        let call = request::call(&self.model, &request, self.guide)?;
        if request.max_tokens == 0 {
            return Ok(flow::nothing(FinishReason::Length));
        }
        let terms = Terms {
            expected: expected(request.constraint),
            likelihoods: request.logprobs.is_some(),
            due,
            key: self.client.key().cloned(),
            permit: None,
        };
        Flow::begin(&self.client, call, terms, self.enter()?)
    }

    fn score(&self, prefix: &Prompt, continuations: &[String]) -> Result<Vec<Score>, EngineError> {
        let Prompt::Text(prefix) = prefix else {
            return Err(EngineError::NotOffered(
                "likelihoods after anything but a plain text".into(),
            ));
        };
        let due = self.client.due(None);
        let _permit = flow::wait(self.enter()?, due)?;
        continuations
            .iter()
            .map(|continuation| {
                if continuation.is_empty() {
                    return Ok(Score {
                        log_likelihood: 0.0,
                        tokens: 0,
                    });
                }
                let body = score::body(&self.model, &format!("{prefix}{continuation}"));
                let answer = self.client.post("/completions", &body, due)?;
                score::read(answer, prefix, continuation)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn models(names: &[&str]) -> Vec<Listed> {
        let list = names.iter().map(|id| serde_json::json!({ "id": id }));
        let models = serde_json::json!({ "data": list.collect::<Vec<_>>() });
        serde_json::from_value::<Models>(models).unwrap().data
    }

    #[test]
    fn a_model_is_named_or_the_only_one() {
        assert_eq!(choose(models(&["a"]), None).ok().unwrap().id, "a");
        assert_eq!(choose(models(&["a", "b"]), Some("b")).ok().unwrap().id, "b");
        for (names, wanted, word) in [
            (&[][..], None, "no models"),
            (&["a", "b"], None, "`a`, `b`"),
            (&["a"], Some("c"), "`c`"),
        ] {
            let error = choose(models(names), wanted).err().unwrap().to_string();
            assert!(error.contains(word), "{error}");
        }
        let many: Vec<String> = (0..40).map(|i| i.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let error = choose(models(&many), None).err().unwrap().to_string();
        assert!(error.ends_with("others"), "{error}");
    }
}
