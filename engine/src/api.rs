//! The interface of a language model: what goes in, what comes out, and the trait between.

use std::time::Instant;

use serde::Serialize;

use crate::{Constraint, EngineError, Generation, Grammar, Isa, KvFormat};

/// How an engine is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineOptions {
    /// Tokens that a sequence may have; 0 means the model's own context, at most 2,048. Never more than the
    /// model's.
    pub context: usize,
    /// Sequences that may run at once. There is KV memory for as many of full length, at least 1.
    pub slots: usize,
    /// How keys and values are kept.
    pub kv: KvFormat,
    /// Instructions to compute with; the best that the machine has, unless told.
    pub isa: Option<Isa>,
    /// Whether to look up what may come next in what is there already, and compute it together: the text is the
    /// same, sooner.
    pub lookup: bool,
    /// Threads that compute; 0 means as many as the machine offers.
    pub threads: usize,
    /// Requests that may wait for a slot; one more is refused as overloaded. At least 1.
    pub queue: usize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        EngineOptions {
            context: 0,
            slots: 8,
            kv: KvFormat::F16,
            isa: None,
            lookup: true,
            threads: 0,
            queue: 64,
        }
    }
}

/// What is known of a loaded model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelInfo {
    /// The architecture that the file names, such as `llama`.
    pub architecture: String,
    /// The model's own name, where the file has one.
    pub name: Option<String>,
    /// Tokens that prompt and completion may have together; 0 where a server runs the model and does not tell.
    pub context_length: usize,
    /// Number of weights, shared ones counted once.
    pub parameters: u64,
    /// The format of most of the weights, such as `Q4_1`.
    pub quantization: String,
    /// Size of the file, bytes.
    pub file_bytes: u64,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChatTurn {
    /// `system`, `user` or `assistant`, as far as the model's template knows them.
    pub role: String,
    /// The text; control tokens within it have no power.
    pub content: String,
}

/// What a model is to continue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Ids in the model's own vocabulary. Only a model that shows its vocabulary takes them.
    Tokens(Vec<u32>),
    /// A conversation whose next turn is wanted.
    Chat(Vec<ChatTurn>),
    /// Plain text, to be begun as the model expects a document to begin.
    Text(String),
}

/// How the next token is chosen among those allowed.
///
/// The steps are taken in llama.cpp's order: logit biases, `repetition_penalty`, `frequency_penalty` and
/// `presence_penalty`, `top_k`, `top_p`, `min_p`, and `temperature` last, so that it does not change what is cut off.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampling {
    /// Divides the logits; 0 takes the likeliest token.
    pub temperature: f32,
    /// Keeps the likeliest tokens whose probabilities reach this sum; 1 keeps all.
    pub top_p: f32,
    /// Keeps this many of the likeliest tokens; 0 keeps all.
    pub top_k: usize,
    /// Keeps the tokens that are at least this many times as likely as the likeliest one; 0 keeps all, 1 that one.
    pub min_p: f32,
    /// The same seed, prompt and parameters give the same text; without one, chance decides.
    pub seed: Option<u64>,
    /// Subtracted once from the logit of each token that the completion holds already.
    pub presence_penalty: f32,
    /// Subtracted from a token's logit once per occurrence in the completion.
    pub frequency_penalty: f32,
    /// Divides the logit of each token among the last 64 of prompt and completion where it is positive, and
    /// multiplies it where it is negative; 1 changes nothing, more makes repeats less likely.
    pub repetition_penalty: f32,
}

impl Default for Sampling {
    fn default() -> Self {
        Sampling {
            temperature: 0.0,
            top_p: 1.0,
            top_k: 0,
            min_p: 0.0,
            seed: None,
            presence_penalty: 0.0,
            frequency_penalty: 0.0,
            repetition_penalty: 1.0,
        }
    }
}

/// A request to continue a prompt.
pub struct GenerateRequest {
    /// What to continue.
    pub prompt: Prompt,
    /// Tokens to generate at most; the end of the context may come earlier.
    pub max_tokens: usize,
    /// How tokens are chosen.
    pub sampling: Sampling,
    /// Generation ends as soon as one of these strings is complete; it is not part of the text.
    pub stop: Vec<String>,
    /// Added to the logits of single tokens.
    pub logit_bias: Vec<(u32, f32)>,
    /// Tell how likely each token was, and this many of the likeliest ones in its place, 0 to 20.
    pub logprobs: Option<usize>,
    /// Binds the tokens to a language, such as a [`TokenTrie`](crate::TokenTrie).
    pub constraint: Option<Box<dyn Constraint>>,
    /// When to stop with what there is.
    pub deadline: Option<Instant>,
}

impl GenerateRequest {
    /// A greedy, unbound request for at most 256 tokens.
    pub fn new(prompt: Prompt) -> Self {
        GenerateRequest {
            prompt,
            max_tokens: 256,
            sampling: Sampling::default(),
            stop: Vec::new(),
            logit_bias: Vec::new(),
            logprobs: None,
            constraint: None,
            deadline: None,
        }
    }
}

/// One piece of a generation's output.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The next token and how likely it was, where the request asks for it: just before the first text to which
    /// the token contributes. Tokens of which no text is given out are not told of: those of a stop string, unless
    /// text before it is in the same token, and the end of a turn.
    Token(TokenLogprob),
    /// More text: whole characters, never part of a stop string.
    Text(String),
    /// The end; nothing follows.
    Done(Completion),
}

/// A token and how likely it was.
///
/// The probability is the model's own, before biases, penalties, temperature and truncation; under a constraint,
/// among the tokens that this allowed. A token that was the only one allowed has the logarithm 0.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenLogprob {
    /// Its id; none where only a server knows it.
    pub token: Option<u32>,
    /// How it reads: its bytes as text, with U+FFFD for a part of a character; or a control token's name.
    pub text: String,
    /// What it adds to the text; nothing in the case of a control token.
    pub bytes: Vec<u8>,
    /// Logarithm of its probability, nats.
    pub log_probability: f32,
    /// The likeliest tokens in its place, best first, as many as were asked for; these have none of their own.
    pub top: Vec<TokenLogprob>,
}

/// How a generation ended, and what it cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// Tokens in the prompt.
    pub prompt_tokens: usize,
    /// Tokens generated, a final end-of-turn token not counted.
    pub completion_tokens: usize,
    /// Tokens of the prompt whose KV entries an earlier request had left behind.
    pub cached_tokens: usize,
    /// Tokens of the completion that had been looked up before they were chosen, and so were computed together.
    pub drafted_tokens: usize,
}

/// Why a generation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model ended its turn, a stop string came, or the constraint was fulfilled.
    Stop,
    /// `max_tokens` or the end of the context was reached.
    Length,
    /// The engine was closed in the middle.
    Cancelled,
    /// The deadline passed.
    Deadline,
}

/// How likely a continuation is after a prefix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Sum of the logarithms of the tokens' probabilities, nats.
    pub log_likelihood: f32,
    /// Tokens of the continuation.
    pub tokens: usize,
}

/// What a model is doing at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Sequences under way.
    pub running: usize,
    /// Requests that wait.
    pub waiting: usize,
    /// Blocks of keys and values that sequences under way hold; those kept for requests to come are not counted.
    pub blocks_held: usize,
}

/// The seam between Almanac and whatever runs a language model.
pub trait LanguageModel: Send + Sync {
    /// What is known of the model.
    fn info(&self) -> &ModelInfo;

    /// What the model is doing; none where only a server knows.
    fn activity(&self) -> Option<Activity> {
        None
    }

    /// The prompt as the model's own tokens; none where only a server knows them. Text within a turn can not
    /// inject control tokens.
    fn tokens(&self, prompt: &Prompt) -> Result<Option<Vec<u32>>, EngineError>;

    /// The ids of a text, without any control token.
    fn encode(&self, text: &str) -> Vec<u32>;

    /// A constraint for [`GenerateRequest::constraint`] that keeps a text in a language. An error names what cannot be
    /// kept, or would cost too much.
    fn constrain(&self, grammar: &Grammar) -> Result<Box<dyn Constraint>, EngineError> {
        let _ = grammar;
        Err(EngineError::unsupported("it keeps to no grammar"))
    }

    /// Starts to generate; the result yields text as it comes.
    fn generate(&self, request: GenerateRequest) -> Result<Generation, EngineError>;

    /// Starts to generate for requests that belong together: all of them, or none is taken.
    fn generate_all(&self, requests: Vec<GenerateRequest>) -> Result<Vec<Generation>, EngineError> {
        let each = requests.into_iter().map(|request| self.generate(request));
        each.collect()
    }

    /// How likely each continuation is after the prefix, in the order given. An empty continuation scores 0.
    fn score(&self, prefix: &Prompt, continuations: &[String]) -> Result<Vec<Score>, EngineError>;
}
