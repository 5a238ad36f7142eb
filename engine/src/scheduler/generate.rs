//! A request to generate, while it runs.

use std::sync::atomic::Ordering;
use std::time::Instant;

use super::blocks::{Blocks, Held};
use super::lookup::Lookup;
use super::{GenerateJob, Queue, Turn, blocks_for};
use crate::logprob::Reports;
use crate::model::Batch;
use crate::sample::Choices;
use crate::text::TextStream;
use crate::tokenizer::Tokenizer;
use crate::{Allowed, Completion, END_OF_SEQUENCE, EngineError, Event, FinishReason, TokenLogprob};

/// One sequence: its prompt, and what has been chosen after it.
pub(super) struct Sequence {
    job: GenerateJob,
    /// The prompt, then the choices.
    tokens: Vec<u32>,
    /// How many of these have their keys and values in memory.
    done: usize,
    held: Held,
    /// The choices for the next token, where a constraint names them.
    choices: Option<Among>,
    /// Whether all is planned that can be before the pending tokens are computed.
    planned: bool,
    /// Guesses at what comes after the pending tokens, computed with them.
    draft: Vec<u32>,
    lookup: Option<Lookup>,
    stream: TextStream,
    /// Tells how likely its tokens were, where the client asked.
    reports: Option<Reports>,
    completion: Completion,
    /// Tokens that the sequence may have.
    bound: usize,
}

/// What a constraint says about the next token.
enum Next {
    Token(u32),
    End,
    Among(Option<Among>),
}

/// The tokens that a constraint leaves to choose from.
struct Among {
    /// Ascending.
    ids: Vec<u32>,
    /// The one among them that ends the sequence.
    end: Option<u32>,
}

impl GenerateJob {
    /// The blocks that it may come to need.
    pub(super) fn blocks(&self, context: usize) -> usize {
        blocks_for(self.bound(context))
    }

    fn bound(&self, context: usize) -> usize {
        let prompt = self.prompt.len();
        prompt.saturating_add(self.request.max_tokens).min(context)
    }
}

impl Sequence {
    pub(super) fn begin(
        mut job: GenerateJob,
        context: usize,
        lookup: bool,
        blocks: &mut Blocks,
    ) -> Sequence {
        let bound = job.bound(context);
        let tokens = std::mem::take(&mut job.prompt);
        job.sampler.read(&tokens);
        // The last token is computed in any case: what follows it is not kept.
        let held = blocks.find(&tokens[..tokens.len() - 1]);
        Sequence {
            completion: Completion {
                finish_reason: FinishReason::Stop,
                prompt_tokens: tokens.len(),
                completion_tokens: 0,
                cached_tokens: held.shared(),
                drafted_tokens: 0,
            },
            stream: TextStream::new(std::mem::take(&mut job.request.stop)),
            reports: job.request.logprobs.map(Reports::new),
            done: held.shared(),
            choices: None,
            planned: false,
            draft: Vec::new(),
            // What a constraint allows after a guess is not known before the guess is right.
            lookup: (lookup && job.request.constraint.is_none()).then(Lookup::new),
            job,
            tokens,
            held,
            bound,
        }
    }

    /// Blocks that it has not taken yet and may still need.
    pub(super) fn reserved(&self) -> usize {
        blocks_for(self.bound).saturating_sub(self.held.table.len())
    }

    /// Tokens to compute before the next choice.
    pub(super) fn pending(&self) -> usize {
        self.tokens.len() - self.done
    }

    /// The choices for the next token, ascending; none where any token will do.
    pub(super) fn choices(&self) -> Option<&[u32]> {
        self.choices.as_ref().map(|among| among.ids.as_slice())
    }

    /// Guesses at what comes after the pending tokens, where these are computed now and a guess, at a `cost` in
    /// decoded tokens, is worth it.
    pub(super) fn guess(&mut self, share: usize, cost: f32) {
        self.draft.clear();
        let left = self.bound.saturating_sub(self.tokens.len());
        let whole = share == self.pending();
        if let Some(lookup) = &mut self.lookup
            && whole
        {
            self.draft = lookup.draft(&self.tokens, left, cost);
        }
    }

    /// Rows of which it chooses, once its pending tokens are computed: one, and one for each guess.
    pub(super) fn choosing(&self) -> usize {
        1 + self.draft.len()
    }

    /// Takes the blocks that the next tokens and guesses need.
    pub(super) fn make_room(
        &mut self,
        share: usize,
        blocks: &mut Blocks,
    ) -> Result<(), EngineError> {
        while self.held.table.len() < blocks_for(self.done + share + self.draft.len()) {
            if !blocks.grow(&mut self.held) {
                return Err(EngineError::Internal(
                    "blocks that were promised are gone".into(),
                ));
            }
        }
        Ok(())
    }

    /// Adds the next tokens and guesses to a batch.
    pub(super) fn put_rows<'a>(&'a self, share: usize, batch: &mut Batch<'a>) {
        let tokens = &self.tokens[self.done..self.done + share];
        batch.push(tokens, self.done, &self.held.table);
        batch.extend(&self.draft);
    }

    /// Notes that tokens have been computed. A prompt is shared as soon as it is there.
    pub(super) fn computed(&mut self, share: usize, blocks: &mut Blocks) {
        let prompt = self.completion.prompt_tokens;
        let finished = self.done < prompt && self.done + share >= prompt;
        self.done += share;
        if finished {
            blocks.share(&mut self.held, &self.tokens[..prompt]);
        }
    }

    /// Goes on as far as nothing needs to be computed: looks at the client and the clock, and takes the tokens
    /// that a constraint leaves no choice about.
    pub(super) fn plan(
        &mut self,
        tokenizer: &Tokenizer,
        queue: &Queue,
    ) -> Result<Turn, EngineError> {
        loop {
            if self.job.cancelled.load(Ordering::Relaxed) {
                return Ok(Turn::Done);
            }
            if queue.is_closed() {
                return Ok(self.finish(FinishReason::Cancelled));
            }
            if self
                .job
                .request
                .deadline
                .is_some_and(|deadline| Instant::now() >= deadline)
            {
                return Ok(self.finish(FinishReason::Deadline));
            }
            if self.job.request.max_tokens == 0 {
                return Ok(self.finish(FinishReason::Length));
            }
            if self.planned {
                return Ok(Turn::Continue);
            }
            match self.next(tokenizer)? {
                Next::End => return Ok(self.finish(FinishReason::Stop)),
                Next::Among(choices) => {
                    self.choices = choices;
                    self.planned = true;
                }
                Next::Token(token) => {
                    let reports = self.reports.as_ref();
                    let report = reports.map(|reports| reports.forced(token, tokenizer));
                    if let Turn::Done = self.accept(token, report, tokenizer) {
                        return Ok(Turn::Done);
                    }
                }
            }
        }
    }

    /// Chooses the next token by its logits, and those after it as long as the guesses are right: `rows` are the
    /// logits after the pending tokens and after each guess.
    pub(super) fn choose_run<'a>(
        &mut self,
        rows: impl Iterator<Item = &'a mut [f32]>,
        tokenizer: &Tokenizer,
    ) -> Result<Turn, EngineError> {
        let draft = std::mem::take(&mut self.draft);
        let mut right = 0;
        for (index, logits) in rows.enumerate() {
            if let Turn::Done = self.choose(logits, tokenizer)? {
                return Ok(Turn::Done);
            }
            if draft.get(index) != self.tokens.last() {
                break;
            }
            // Its keys and values are there already.
            self.done += 1;
            self.completion.drafted_tokens += 1;
            right += 1;
        }
        if let Some(lookup) = &mut self.lookup {
            lookup.learn(draft.len(), right, self.tokens.len());
        }
        Ok(Turn::Continue)
    }

    /// Chooses the next token by its logits.
    pub(super) fn choose(
        &mut self,
        logits: &mut [f32],
        tokenizer: &Tokenizer,
    ) -> Result<Turn, EngineError> {
        self.planned = false;
        let among = self.choices.as_ref();
        let ids = among.map(|among| among.ids.as_slice());
        // Choosing changes the logits, and they are told of as they were.
        let mut before = self.reports.as_ref().map(|_| logits.to_vec());
        let choices = Choices { ids, logits };
        let token = self
            .job
            .sampler
            .choose(choices)
            .ok_or_else(|| EngineError::Internal("there is no token to choose".into()))?;
        let ends = match among {
            Some(among) => among.end == Some(token),
            None => tokenizer.ends_turn(token),
        };
        if ends {
            return Ok(self.finish(FinishReason::Stop));
        }
        let reports = self.reports.as_ref().zip(before.as_deref_mut());
        let report = reports
            .map(|(reports, logits)| reports.chosen(token, &Choices { ids, logits }, tokenizer));
        Ok(self.accept(token, report, tokenizer))
    }

    fn next(&self, tokenizer: &Tokenizer) -> Result<Next, EngineError> {
        match self.allowed() {
            Allowed::Any => Ok(Next::Among(None)),
            Allowed::End => Ok(Next::End),
            Allowed::Fault(why) => Err(EngineError::invalid(format!(
                "the constraint cannot go on: {why}"
            ))),
            Allowed::Tokens(tokens) => among(tokens.iter().copied(), tokenizer),
            Allowed::Mask(set) => among(set.iter(), tokenizer),
        }
    }

    fn allowed(&self) -> Allowed<'_> {
        let constraint = self.job.request.constraint.as_ref();
        constraint.map_or(Allowed::Any, |constraint| constraint.allowed())
    }

    /// Adds a token and sends the text that is sure now.
    fn accept(&mut self, token: u32, report: Option<TokenLogprob>, tokenizer: &Tokenizer) -> Turn {
        if self.completion.completion_tokens >= self.job.request.max_tokens
            || self.tokens.len() >= self.bound
        {
            return self.finish(FinishReason::Length);
        }
        self.completion.completion_tokens += 1;
        self.tokens.push(token);
        self.job.sampler.note(token);
        if let Some(constraint) = &mut self.job.request.constraint {
            constraint.accept(token);
        }
        if let Some((reports, report)) = self.reports.as_mut().zip(report) {
            reports.push(report);
        }
        let text = self.stream.push(tokenizer.piece(token));
        if !text.is_empty() && !self.send(text) {
            return Turn::Done;
        }
        if self.stream.stopped() {
            return self.finish(FinishReason::Stop);
        }
        // Known before the next step is computed, which would be for nothing.
        let full = self.completion.completion_tokens == self.job.request.max_tokens
            || self.tokens.len() == self.bound;
        if full && !self.is_complete() {
            return self.finish(FinishReason::Length);
        }
        Turn::Continue
    }

    /// Sends text after the tokens that it comes from; false where the client is gone.
    fn send(&mut self, text: String) -> bool {
        self.send_reports(self.stream.released())
            && self.job.events.send(Ok(Event::Text(text))).is_ok()
    }

    /// Tells of the tokens that begin before this byte of the completion.
    fn send_reports(&mut self, end: usize) -> bool {
        let Some(reports) = &mut self.reports else {
            return true;
        };
        while let Some(report) = reports.before(end) {
            if self.job.events.send(Ok(Event::Token(report))).is_err() {
                return false;
            }
        }
        true
    }

    /// Whether a constrained request needs no further token.
    fn is_complete(&self) -> bool {
        match self.allowed() {
            Allowed::End | Allowed::Tokens([] | [END_OF_SEQUENCE]) => true,
            Allowed::Mask(set) => set.iter().all(|token| token == END_OF_SEQUENCE),
            _ => false,
        }
    }

    fn finish(&mut self, reason: FinishReason) -> Turn {
        self.completion.finish_reason = reason;
        let text = self.stream.finish();
        // A client that is gone needs no answer.
        if !text.is_empty() {
            self.send(text);
        }
        if !self.stream.stopped() {
            // Tokens without any text may be left.
            self.send_reports(usize::MAX);
        }
        let _ = self
            .job
            .events
            .send(Ok(Event::Done(self.completion.clone())));
        Turn::Done
    }

    /// Tells the client of a failure.
    pub(super) fn fail(&self, error: EngineError) {
        // A client that is gone needs no answer.
        let _ = self.job.events.send(Err(error));
    }

    /// Gives its blocks back, keeping what was computed for sequences that begin alike.
    pub(super) fn leave(mut self, blocks: &mut Blocks) {
        blocks.share(&mut self.held, &self.tokens[..self.done]);
        blocks.release(self.held);
    }

    /// Its blocks, of which nothing is to be kept.
    pub(super) fn into_held(self) -> Held {
        self.held
    }
}

/// What is to be done about tokens that are allowed, each of which is named once.
fn among(tokens: impl Iterator<Item = u32>, tokenizer: &Tokenizer) -> Result<Next, EngineError> {
    let mut ids: Vec<u32> = tokens.collect();
    let before = ids.len();
    ids.retain(|token| *token != END_OF_SEQUENCE);
    let may_end = ids.len() < before;
    if let Some(token) = ids.iter().find(|token| **token as usize >= tokenizer.len()) {
        return Err(EngineError::invalid(format!(
            "the constraint allows token {token}, beyond the vocabulary"
        )));
    }
    match ids.as_slice() {
        [] => return Ok(Next::End),
        [token] if !may_end => return Ok(Next::Token(*token)),
        _ => {}
    }
    ids.sort_unstable();
    // A model without such a token has no way to prefer the end. One that the constraint names as itself is no end.
    let end = tokenizer
        .eos()
        .filter(|end| may_end && ids.binary_search(end).is_err());
    if let Some(end) = end {
        ids.insert(ids.partition_point(|token| *token < end), end);
    }
    Ok(Next::Among(Some(Among { ids, end })))
}
