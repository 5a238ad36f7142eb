//! A model's tokens as the grammar library needs them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use llguidance::api::{ParserLimits, TopLevelGrammar};
use llguidance::earley::SlicedBiasComputer;
use llguidance::toktrie::{
    InferenceCapabilities, TokEnv, TokRxInfo, TokTrie, TokenId, TokenizerEnv,
};
use llguidance::{Matcher, ParserFactory};

use crate::EngineError;
use crate::copy::Pieces;
use crate::tokenizer::{Control, Tokenizer};

/// Bytes of a token that may stand in a bound text. Longer ones are left out: there is always another way to write
/// what they say.
const LONGEST_TOKEN: usize = 256;
/// Bytes of all tokens together, within what the library's trie can number.
const MOST_BYTES: usize = 3 << 20;
/// Tokens, for the same reason.
const MOST_TOKENS: usize = 1 << 20;

/// Stack to compile with, of which only what is used takes memory: the library goes from one definition to the next by
/// recursion, and a schema of the size that is taken may have thousands.
const STACK: usize = 256 << 20;

/// What one grammar may cost. The library counts work, not time; by its own figures this is about 20 ms to compile
/// and 15 ms for a token at worst, and tens of megabytes.
fn limits() -> ParserLimits {
    ParserLimits {
        max_items_in_row: 2_000,
        initial_lexer_fuel: 1_000_000,
        step_lexer_fuel: 200_000,
        step_max_items: 50_000,
        max_lexer_states: 25_000,
        max_grammar_size: 100_000,
        precompute_large_lexemes: true,
        // Otherwise an error holds the whole grammar.
        verbose_errors: false,
    }
}

/// A model's tokens, laid out for grammars once the first is asked for.
pub(crate) struct Vocabulary {
    tokenizer: Arc<Tokenizer>,
    compiled: OnceLock<Result<ParserFactory, String>>,
    pieces: OnceLock<Arc<Pieces>>,
}

/// Makes the library's description of a grammar.
pub(super) struct Describe;

impl Describe {
    pub(super) fn regex(&self, text: &str) -> TopLevelGrammar {
        TopLevelGrammar::from_regex(text)
    }

    pub(super) fn lark(&self, text: &str) -> TopLevelGrammar {
        TopLevelGrammar::from_lark(text.to_owned())
    }

    pub(super) fn json(&self, schema: serde_json::Value) -> TopLevelGrammar {
        TopLevelGrammar::from_json_schema(schema)
    }
}

impl Vocabulary {
    pub(crate) fn new(tokenizer: Arc<Tokenizer>) -> Vocabulary {
        Vocabulary {
            tokenizer,
            compiled: OnceLock::new(),
            pieces: OnceLock::new(),
        }
    }

    /// The token that ends a text, where the model has one.
    pub(super) fn end(&self) -> Option<u32> {
        self.tokenizer.eos()
    }

    /// The tokens in the order of their bytes.
    pub(super) fn pieces(&self) -> &Arc<Pieces> {
        self.pieces
            .get_or_init(|| Arc::new(Pieces::new(&self.tokenizer)))
    }

    /// Compiles a grammar; an error says what it is that has the fault.
    pub(super) fn matcher(
        &self,
        what: &str,
        describe: impl FnOnce(&Describe) -> TopLevelGrammar,
    ) -> Result<Matcher, EngineError> {
        let factory = self
            .compiled
            .get_or_init(|| factory(&self.tokenizer))
            .as_ref()
            .map_err(|error| {
                EngineError::unsupported(format!("grammars over its vocabulary: {error}"))
            })?;
        let grammar = describe(&Describe);
        let compiled = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new()
                .name("grammar".into())
                .stack_size(STACK)
                .spawn_scoped(scope, || factory.create_parser(grammar))
                .map_err(|error| format!("no thread: {error}"))?;
            thread.join().map_err(|_| "a panic".to_owned())
        });
        let parser = compiled
            .map_err(|error| EngineError::Internal(format!("compiling the {what}: {error}")))?
            .map_err(|error| {
                EngineError::invalid(format!("the {what}: {}", plain(&error.to_string())))
            })?;
        Ok(Matcher::new(Ok(parser)))
    }
}

/// The library's message on one line, without its marks.
pub(super) fn plain(message: &str) -> String {
    /// Characters of a message that anybody would read.
    const READ: usize = 400;
    if message.contains("coerce_one_of") {
        return "`oneOf` is kept only where no two of its parts can both hold; `anyOf` may do"
            .into();
    }
    let message = message.replace("<non-verbose/>", "");
    let words: Vec<&str> = message.split_whitespace().collect();
    words.join(" ").chars().take(READ).collect()
}

fn factory(tokenizer: &Arc<Tokenizer>) -> Result<ParserFactory, String> {
    let words: Vec<Vec<u8>> = (0..tokenizer.len() as u32)
        .map(|id| tokenizer.piece(id))
        .map(|piece| match piece {
            // The library marks control tokens by this byte, which no text has.
            [0xff, ..] => Vec::new(),
            long if long.len() > LONGEST_TOKEN => Vec::new(),
            piece => piece.to_vec(),
        })
        .collect();
    let bytes: usize = words.iter().map(Vec::len).sum();
    if bytes > MOST_BYTES || words.len() > MOST_TOKENS {
        return Err("it is too large".into());
    }
    // The library asserts what it expects of a vocabulary, and this one comes from a file.
    let build = || {
        let none = llguidance::toktrie::INVALID_TOKEN;
        let info = TokRxInfo::new(words.len() as u32, tokenizer.eos().unwrap_or(none));
        let environment: TokEnv = Arc::new(Environment {
            trie: TokTrie::from(&info, &words),
            tokenizer: Arc::clone(tokenizer),
        });
        let abilities = InferenceCapabilities {
            ff_tokens: true,
            ..InferenceCapabilities::default()
        };
        let slices = SlicedBiasComputer::general_slices();
        let mut factory = ParserFactory::new(&environment, abilities, &slices)
            .map_err(|error| error.to_string())?;
        *factory.limits_mut() = limits();
        factory.quiet();
        Ok(factory)
    };
    catch_unwind(AssertUnwindSafe(build)).unwrap_or_else(|_| Err("it is malformed".into()))
}

/// How the library reads and writes tokens.
struct Environment {
    trie: TokTrie,
    tokenizer: Arc<Tokenizer>,
}

impl TokenizerEnv for Environment {
    fn tok_trie(&self) -> &TokTrie {
        &self.trie
    }

    /// The tokens by which the model would write these bytes; where its tokenizer would alter them, as one that puts a
    /// space before each text does, the longest that fit.
    fn tokenize_bytes(&self, bytes: &[u8]) -> Vec<TokenId> {
        let own = std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| self.tokenizer.encode(text, Control::Text).ok())
            .filter(|ids| {
                ids.iter()
                    .flat_map(|id| self.tokenizer.piece(*id))
                    .eq(bytes)
            });
        own.unwrap_or_else(|| self.trie.greedy_tokenize(bytes))
    }
}
