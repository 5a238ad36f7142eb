//! What `eval` asks: this process, or a server.

use std::{
    io::{BufRead, BufReader, Seek, Write},
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use answer::{Answerer, Question};
use engine::{ChatTurn, Event, GenerateRequest, LanguageModel, Prompt};
use kg_store::RdfSyntax;
use retriever::{ReadView, Shelf, rank::Without};
use schemas::{
    Grounding,
    chat::ChatCompletion,
    models::{ModelKind, ModelList},
    search::{EntityDescription, LinkResponse},
};
use serde_json::json;

use super::sizes::Sizes;
use crate::{
    cli::{
        Failure,
        client::Client,
        target::{Target, segment},
    },
    eval::density::Resources,
    models,
    telemetry::metrics,
};

/// Time allowed for one answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a question is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// Whether the language model words the answer.
    pub(super) use_model: bool,
    /// Whether the answer says how it was found.
    pub(super) explain: bool,
    /// Signals of the ranking that do not count; a server has no ear for them.
    pub(super) without: Without,
}

/// Whether a language model must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// It is not needed.
    Unused,
    /// It is used where there is one.
    Welcome,
    /// Nothing goes without it.
    Needed,
}

/// Asks questions of a knowledge base; may be shared by threads.
pub(super) enum Asker {
    /// This process answers.
    Local(Box<LocalAsker>),
    /// A server answers.
    Remote(RemoteAsker),
}

pub(super) struct LocalAsker {
    shelf: Arc<Shelf>,
    view: ReadView,
    answerer: Answerer,
    language: Option<Arc<dyn LanguageModel>>,
    sizes: Sizes,
    // Keeps the data folder for this process.
    _target: Target,
}

pub(super) struct RemoteAsker {
    client: Client,
    kb: String,
    language: Option<String>,
}

impl Asker {
    pub(super) fn new(target: Target, kb: &str, wanted: Language) -> Result<Self, Failure> {
        let asker = match target {
            Target::Local(local) => {
                let shelf = local.shelf(kb)?;
                let mut found = models::find(&local.settings)?;
                if wanted == Language::Unused {
                    found.language = None;
                }
                let loaded = models::load(&local.settings, &found)?;
                let folder = local.settings.data.join("kb").join(shelf.name().as_str());
                Self::Local(Box::new(LocalAsker {
                    sizes: Sizes::of(&found, &loaded, &folder),
                    view: shelf.view(),
                    shelf,
                    answerer: Answerer::new(loaded.for_answers()),
                    language: loaded.language.map(|m| m.model),
                    _target: Target::Local(local),
                }))
            }
            Target::Remote(client) => {
                let models: ModelList = client.get("/v1/models", &[])?;
                let language = models
                    .data
                    .into_iter()
                    .find(|m| m.kind == ModelKind::LanguageModel)
                    .map(|m| m.id);
                Self::Remote(RemoteAsker {
                    client,
                    kb: kb.to_owned(),
                    language,
                })
            }
        };
        if wanted == Language::Needed && !asker.has_language() {
            return Err(Failure::not_found(
                "the baselines need a language model, and none is found",
            ));
        }
        Ok(asker)
    }

    /// Whether there is a language model.
    pub(super) fn has_language(&self) -> bool {
        match self {
            Self::Local(local) => local.language.is_some(),
            Self::Remote(remote) => remote.language.is_some(),
        }
    }

    /// Whether signals of the ranking can be switched off.
    pub(super) fn is_local(&self) -> bool {
        matches!(self, Self::Local(_))
    }

    /// How large what answers is. A server does not tell.
    pub(super) fn sizes(&self) -> Sizes {
        match self {
            Self::Local(local) => local.sizes,
            Self::Remote(_) => Sizes {
                language: Resources {
                    knowledge_bytes: Some(0),
                    ..Resources::default()
                },
                embedder: Resources {
                    knowledge_bytes: Some(0),
                    ..Resources::default()
                },
                knowledge: Resources {
                    knowledge_bytes: None,
                    ..Resources::NONE
                },
            },
        }
    }

    /// The answer to a question: its grounding.
    pub(super) fn ask(&self, question: &str, manner: Manner) -> Result<Grounding, Failure> {
        match self {
            Self::Local(local) => {
                let question = Question {
                    text: question.to_owned(),
                    history: Vec::new(),
                    explain: manner.explain,
                    allow_ungrounded: false,
                    use_model: manner.use_model,
                    deadline: Instant::now() + PATIENCE,
                    without: manner.without,
                };
                let mut sink = |_: &str| ControlFlow::Continue(());
                let answer =
                    local
                        .answerer
                        .answer(local.shelf.name(), &local.view, &question, &mut sink)?;
                Ok(answer.grounding)
            }
            Self::Remote(remote) => {
                let mut body = json!({
                    "model": remote.kb,
                    "messages": [{"role": "user", "content": question}],
                    "temperature": 0,
                    "almanac": {"explain": manner.explain},
                });
                if !manner.use_model {
                    body["almanac"]["model"] = "none".into();
                }
                let answer: ChatCompletion = remote.client.post("/v1/chat/completions", &body)?;
                answer
                    .choices
                    .into_iter()
                    .next()
                    .and_then(|choice| choice.message.grounding)
                    .ok_or_else(|| Failure::failed("the answer carries no grounding"))
            }
        }
    }

    /// What the language model alone says to a prompt, greedily.
    pub(super) fn speak(&self, prompt: &str, max_tokens: u32) -> Result<String, Failure> {
        match self {
            Self::Local(local) => {
                let Some(model) = &local.language else {
                    return Err(Failure::not_found("there is no language model"));
                };
                let turn = ChatTurn {
                    role: "user".to_owned(),
                    content: prompt.to_owned(),
                };
                let request = GenerateRequest {
                    max_tokens: max_tokens as usize,
                    ..GenerateRequest::new(Prompt::Chat(vec![turn]))
                };
                let mut text = String::new();
                for event in model.generate(request)? {
                    if let Event::Text(more) = event? {
                        text.push_str(&more);
                    }
                }
                Ok(text)
            }
            Self::Remote(remote) => {
                let body = json!({
                    "model": remote.language,
                    "messages": [{"role": "user", "content": prompt}],
                    "temperature": 0,
                    "max_tokens": max_tokens,
                });
                let answer: ChatCompletion = remote.client.post("/v1/chat/completions", &body)?;
                Ok(answer
                    .choices
                    .into_iter()
                    .next()
                    .and_then(|choice| choice.message.content)
                    .unwrap_or_default())
            }
        }
    }

    /// What is known of an entity.
    pub(super) fn entity(&self, iri: &str) -> Result<Option<EntityDescription>, Failure> {
        match self {
            Self::Local(local) => Ok(local.view.entity(iri)?),
            Self::Remote(remote) => {
                let path = format!("/kb/{}/entity", segment(&remote.kb));
                match remote.client.get(&path, &[("iri", iri)]) {
                    Ok(found) => Ok(Some(found)),
                    Err(failure) if failure.code == 3 => Ok(None),
                    Err(failure) => Err(failure),
                }
            }
        }
    }

    /// The IRI of the entity that a question is most likely about.
    pub(super) fn linked(&self, question: &str) -> Result<Option<String>, Failure> {
        match self {
            Self::Local(local) => Ok(local.view.link(question)?.into_iter().next().map(|l| l.iri)),
            Self::Remote(remote) => {
                let path = format!("/kb/{}/link", segment(&remote.kb));
                let found: LinkResponse = remote.client.get(&path, &[("q", question)])?;
                Ok(found.items.into_iter().next().map(|l| l.iri))
            }
        }
    }

    /// All facts as N-Quads.
    pub(super) fn facts(&self) -> Result<Box<dyn BufRead>, Failure> {
        match self {
            Self::Local(local) => {
                let mut file = tempfile::tempfile()?;
                let mut writer = std::io::BufWriter::new(&mut file);
                local
                    .view
                    .snapshot()
                    .dump(RdfSyntax::NQuads, None, &mut writer)?;
                writer.flush()?;
                drop(writer);
                file.rewind()?;
                Ok(Box::new(BufReader::new(file)))
            }
            Self::Remote(remote) => {
                let path = format!("/kb/{}/dump", segment(&remote.kb));
                let reader = remote.client.get_stream(&path, &[("format", "nq")], None)?;
                Ok(Box::new(BufReader::new(reader)))
            }
        }
    }

    /// CPU seconds so far of the process that answers, if it tells.
    pub(super) fn cpu_seconds(&self) -> Option<f64> {
        match self {
            Self::Local(_) => metrics::cpu_seconds(),
            Self::Remote(remote) => {
                let reader = remote.client.get_stream("/metrics", &[], None).ok()?;
                BufReader::new(reader)
                    .lines()
                    .map_while(Result::ok)
                    .find_map(|line| {
                        line.strip_prefix("process_cpu_seconds_total ")?
                            .trim()
                            .parse()
                            .ok()
                    })
            }
        }
    }
}
