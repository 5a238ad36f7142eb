//! What a question means in its conversation.
//!
//! Nothing is kept between requests: the turns before are read again from the request, and only those of the user, so
//! that no message can put words into the knowledge base's mouth. A turn that hangs on others is asked in full, with what
//! it leaves out put in; where that finds nothing, it is asked as it stands.

mod apart;
mod attempts;
mod follow;
mod rewrite;
mod turn;

use std::time::Instant;

use engine::ChatTurn;
use retriever::retrieve::Outcome;
use retriever::{Frame, GivenMention, ReadView, Retrieval, RetrieverError};

use crate::from_text::Reading;
use crate::{several, small_talk};
use follow::{Follow, follow};
use turn::Turn;

/// Turns that are read again.
const MOST_TURNS: usize = 4;
/// A turn longer than this is no question to go back to, in characters.
const LONGEST_TURN: usize = 1_000;
/// Ways of understanding one turn that are tried.
const MOST_ATTEMPTS: usize = 4;

/// A question in full.
#[derive(Clone, Debug, Default)]
pub(crate) struct Understood {
    /// The question.
    pub(crate) text: String,
    /// What spans of it stand for.
    pub(crate) given: Vec<GivenMention>,
    /// The set that it is about.
    pub(crate) frame: Option<Frame>,
    /// The question for people, where it names one thing for a set.
    pub(crate) told: Option<String>,
}

impl Understood {
    fn as_it_stands(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..Self::default()
        }
    }
}

/// A question with what was found for it.
pub(crate) struct Found {
    pub(crate) understood: Understood,
    pub(crate) retrieval: Retrieval,
    pub(crate) reading: Reading,
}

impl Found {
    fn is_answered(&self) -> bool {
        matches!(
            self.retrieval.outcome,
            Outcome::Answered(_) | Outcome::KnownEmpty(_)
        ) || self.reading.found.is_some()
    }
}

/// Asks one question in full.
pub(crate) type Ask<'a> = &'a mut dyn FnMut(Understood) -> Result<Found, RetrieverError>;

/// Finds what is known about a question in its conversation. `until` bounds the time for going back.
pub(crate) fn find(
    view: &ReadView,
    text: &str,
    history: &[ChatTurn],
    until: Instant,
    ask: Ask<'_>,
) -> Result<Found, RetrieverError> {
    let earlier: Vec<&str> = history
        .iter()
        .rev()
        .filter(|turn| turn.role == "user" && turn.content.chars().count() <= LONGEST_TURN)
        .map(|turn| turn.content.as_str())
        .filter(|turn| !turn.trim().is_empty() && !small_talk::is_small_talk(turn))
        .take(MOST_TURNS)
        .collect();
    // Questions that were asked at once are turns of their own.
    let earlier: Vec<String> = earlier
        .into_iter()
        .rev()
        .flat_map(|turn| several::parts(turn).unwrap_or_else(|| vec![turn.to_owned()]))
        .collect();
    let mut standing = None;
    if earlier.is_empty() || follow(text) == Follow::Bare {
        let found = ask(Understood::as_it_stands(text))?;
        if earlier.is_empty() || found.is_answered() || turn::names_something(&found) {
            return Ok(found);
        }
        standing = Some(found);
    }
    let mut before: Option<Turn> = None;
    for turn in earlier {
        if Instant::now() >= until {
            break;
        }
        let found = resolve(view, &turn, before.as_ref(), None, ask)?;
        before = Some(Turn::of(view, &found)?);
    }
    resolve(view, text, before.as_ref(), standing, ask)
}

/// Asks a turn in full: in the ways in which it may be understood, until one finds something.
fn resolve(
    view: &ReadView,
    turn: &str,
    before: Option<&Turn>,
    standing: Option<Found>,
    ask: Ask<'_>,
) -> Result<Found, RetrieverError> {
    let follows = follow(turn);
    let mut standing = standing;
    if standing.is_none() && (before.is_none() || follows == Follow::Bare) {
        standing = Some(ask(Understood::as_it_stands(turn))?);
    }
    let (Some(before), false) = (
        before,
        standing
            .as_ref()
            .is_some_and(|s| s.is_answered() || turn::names_something(s)),
    ) else {
        return match standing {
            Some(found) => Ok(found),
            None => ask(Understood::as_it_stands(turn)),
        };
    };
    let mut first = None;
    for attempt in attempts::attempts(view, turn, &follows, before)?
        .into_iter()
        .take(MOST_ATTEMPTS)
    {
        let found = ask(attempt)?;
        if found.is_answered() {
            return Ok(found);
        }
        first.get_or_insert(found);
    }
    let standing = match standing {
        Some(found) => found,
        None => ask(Understood::as_it_stands(turn))?,
    };
    Ok(match first {
        // Why nothing was found is told best of the question in full.
        Some(first) if !standing.is_answered() => first,
        _ => standing,
    })
}
