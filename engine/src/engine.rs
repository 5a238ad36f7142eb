//! The embedded engine: handles that any thread may use, over the one thread that computes.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;

use crate::chat::ChatTemplate;
use crate::generation::Channel;
use crate::gguf::Gguf;
use crate::grammar::Vocabulary;
use crate::kernels::{CELLS, Isa, Team};
use crate::logprob::MOST_ALTERNATIVES;
use crate::model::{Config, KvMemory, Model, Storage};
use crate::sample::Sampler;
use crate::scheduler::{GenerateJob, Job, Queue, Scheduler, ScoreJob};
use crate::tokenizer::{Control, Tokenizer};
use crate::{
    Activity, Constraint, EngineError, EngineOptions, GenerateRequest, Generation, Grammar,
    LanguageModel, ModelInfo, Prompt, Score,
};

/// Context that is given to a model unless the options ask for another, tokens.
const DEFAULT_CONTEXT: usize = 2048;
/// Threads that may be asked for.
const MOST_THREADS: usize = 1024;

/// A language model that runs within this process.
///
/// Clones share one model. Its thread ends when the last of them is dropped; what is under way then ends as
/// cancelled.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    info: ModelInfo,
    tokenizer: Arc<Tokenizer>,
    template: Option<ChatTemplate>,
    vocabulary: Vocabulary,
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

impl Engine {
    /// Loads a GGUF file of an architecture that is known, and allocates all the memory that generation will need for
    /// keys and values.
    pub fn load(path: &Path, options: EngineOptions) -> Result<Engine, EngineError> {
        let gguf = Gguf::open(path)?;
        let config = Config::from_gguf(&gguf)?;
        let tokenizer = Arc::new(Tokenizer::from_metadata(gguf.metadata())?);
        let template = gguf
            .metadata()
            .string("tokenizer.chat_template")?
            .map(ChatTemplate::new)
            .transpose()?;
        let context = match options.context {
            0 => config.context.min(DEFAULT_CONTEXT),
            asked => asked.min(config.context),
        };
        let info = describe(&gguf, context)?;
        if options.threads > MOST_THREADS {
            return Err(EngineError::invalid(format!(
                "{} threads are more than {MOST_THREADS}",
                options.threads
            )));
        }
        let team = Team::new(options.threads)
            .map_err(|error| EngineError::Internal(format!("cannot start threads: {error}")))?;
        let isa = match options.isa {
            None => Isa::best(),
            Some(isa) if Isa::available().contains(&isa) => isa,
            Some(isa) => {
                return Err(EngineError::invalid(format!(
                    "this machine does not have the instructions `{}`",
                    isa.name()
                )));
            }
        };
        if isa == Isa::Portable {
            tracing::warn!(
                "computing with instructions that every machine has, tens of times slower than with AVX2"
            );
        }
        let model = Model::load(&gguf, &|format| Storage::of(format, isa), team)?;
        let slots = options.slots.max(1);
        // One more than the slots' own, for the copy in which a continuation parts from its prefix.
        let memory = KvMemory::new(
            model.config(),
            context
                .div_ceil(CELLS)
                .saturating_mul(slots)
                .saturating_add(1),
            options.kv,
        )?;
        let queue = Arc::new(Queue::new(options.queue));
        let scheduler = Scheduler::new(
            model,
            Arc::clone(&tokenizer),
            memory,
            Arc::clone(&queue),
            (slots, context, options.lookup),
        );
        let thread = std::thread::Builder::new()
            .name("engine".into())
            .spawn(move || scheduler.run())
            .map_err(|error| EngineError::Internal(format!("cannot start a thread: {error}")))?;
        Ok(Engine {
            inner: Arc::new(Inner {
                info,
                vocabulary: Vocabulary::new(Arc::clone(&tokenizer)),
                tokenizer,
                template,
                queue,
                thread: Some(thread),
            }),
        })
    }

    /// A request as the scheduler wants it, and what it yields.
    fn job(&self, request: GenerateRequest) -> Result<(Job, Generation), EngineError> {
        let prompt = self.resolve(&request.prompt)?;
        self.check_prompt(&prompt)?;
        let vocabulary = self.inner.tokenizer.len();
        if let Some((id, _)) = request
            .logit_bias
            .iter()
            .find(|(id, _)| *id as usize >= vocabulary)
        {
            return Err(EngineError::invalid(format!(
                "logit bias for token {id}, beyond the vocabulary"
            )));
        }
        if request.logprobs.is_some_and(|top| top > MOST_ALTERNATIVES) {
            return Err(EngineError::invalid(format!(
                "at most {MOST_ALTERNATIVES} alternatives to a token can be told"
            )));
        }
        let sampler = Sampler::new(request.sampling.clone(), request.logit_bias.clone())?;
        let (sender, events) = channel();
        let cancelled = Arc::new(AtomicBool::new(false));
        let job = Job::Generate(Box::new(GenerateJob {
            prompt,
            request,
            sampler,
            events: sender,
            cancelled: Arc::clone(&cancelled),
        }));
        Ok((job, Generation::new(Channel { events, cancelled })))
    }

    /// Like [`LanguageModel::score`], where the continuations are tokens already, as a text that is cut within a
    /// word has them.
    pub fn score_tokens(
        &self,
        prefix: &Prompt,
        continuations: Vec<Vec<u32>>,
    ) -> Result<Vec<Score>, EngineError> {
        let mut prefix = self.resolve(prefix)?;
        if prefix.is_empty() {
            prefix.extend(self.inner.tokenizer.bos());
        }
        self.check_prompt(&prefix)?;
        continuations
            .iter()
            .try_for_each(|tokens| self.check_vocabulary(tokens))?;
        let longest = continuations.iter().map(Vec::len).max().unwrap_or(0);
        self.check_length(prefix.len() + longest)?;
        let (reply, scores) = channel();
        self.inner.queue.push(Job::Score(ScoreJob {
            prefix,
            continuations,
            reply,
        }))?;
        scores.recv().unwrap_or(Err(EngineError::Closed))
    }

    fn resolve(&self, prompt: &Prompt) -> Result<Vec<u32>, EngineError> {
        let Inner {
            tokenizer,
            template,
            ..
        } = &*self.inner;
        match prompt {
            Prompt::Tokens(tokens) => Ok(tokens.clone()),
            Prompt::Chat(turns) => template
                .as_ref()
                .ok_or_else(|| EngineError::unsupported("its file has no chat template"))?
                .encode(turns, tokenizer),
            Prompt::Text(text) => Ok(tokenizer.begin(tokenizer.encode(text, Control::Text)?)),
        }
    }

    fn check_length(&self, tokens: usize) -> Result<(), EngineError> {
        let context = self.inner.info.context_length;
        if tokens > context {
            return Err(EngineError::PromptTooLong { tokens, context });
        }
        Ok(())
    }

    fn check_vocabulary(&self, tokens: &[u32]) -> Result<(), EngineError> {
        let size = self.inner.tokenizer.len();
        match tokens.iter().find(|id| **id as usize >= size) {
            Some(id) => Err(EngineError::invalid(format!(
                "token {id} is beyond the vocabulary"
            ))),
            None => Ok(()),
        }
    }

    fn check_prompt(&self, tokens: &[u32]) -> Result<(), EngineError> {
        if tokens.is_empty() {
            return Err(EngineError::invalid("the prompt is empty"));
        }
        self.check_vocabulary(tokens)?;
        self.check_length(tokens.len())
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            // It reports its own panics; there is nothing to add here.
            let _ = thread.join();
        }
    }
}

impl LanguageModel for Engine {
    fn info(&self) -> &ModelInfo {
        &self.inner.info
    }

    fn activity(&self) -> Option<Activity> {
        Some(self.inner.queue.activity())
    }

    fn tokens(&self, prompt: &Prompt) -> Result<Option<Vec<u32>>, EngineError> {
        self.resolve(prompt).map(Some)
    }

    fn encode(&self, text: &str) -> Vec<u32> {
        self.inner
            .tokenizer
            .encode(text, Control::Text)
            .unwrap_or_else(|error| {
                tracing::error!(%error, "a text could not be tokenised");
                Vec::new()
            })
    }

    fn constrain(&self, grammar: &Grammar) -> Result<Box<dyn Constraint>, EngineError> {
        grammar.constraint(&self.inner.vocabulary)
    }

    fn generate(&self, request: GenerateRequest) -> Result<Generation, EngineError> {
        let (job, generation) = self.job(request)?;
        self.inner.queue.push(job)?;
        Ok(generation)
    }

    fn generate_all(&self, requests: Vec<GenerateRequest>) -> Result<Vec<Generation>, EngineError> {
        let all = requests.into_iter().map(|request| self.job(request));
        let (jobs, generations) = all.collect::<Result<(Vec<_>, Vec<_>), _>>()?;
        self.inner.queue.push_all(jobs)?;
        Ok(generations)
    }

    fn score(&self, prefix: &Prompt, continuations: &[String]) -> Result<Vec<Score>, EngineError> {
        let continuations = continuations
            .iter()
            .map(|text| self.inner.tokenizer.encode(text, Control::Text))
            .collect::<Result<Vec<_>, _>>()?;
        self.score_tokens(prefix, continuations)
    }
}

fn describe(gguf: &Gguf, context_length: usize) -> Result<ModelInfo, EngineError> {
    let metadata = gguf.metadata();
    let mut formats: HashMap<&str, u64> = HashMap::new();
    for (_, tensor) in gguf.tensors() {
        *formats.entry(tensor.format.name()).or_default() += tensor.elements();
    }
    let most = formats.iter().max_by_key(|(name, count)| (**count, **name));
    Ok(ModelInfo {
        architecture: metadata.required_string("general.architecture")?.to_owned(),
        name: metadata.string("general.name")?.map(str::to_owned),
        context_length,
        parameters: formats.values().sum(),
        quantization: most.map_or("none", |(name, _)| name).to_owned(),
        file_bytes: gguf.file_bytes(),
    })
}
