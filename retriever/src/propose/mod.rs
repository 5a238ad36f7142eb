//! Proposes readings of a question, each grounded in what the knowledge base holds.

mod age;
mod classes;
mod compare;
mod conditions;
mod describe;
mod edges;
mod kind;
mod last_time;
mod lasted;
mod leftover;
mod letters;
mod measure;
mod node;
mod nouns;
mod parted;
mod ranking;
mod relation;
mod repeated;
mod scope;
mod times;
mod values;
mod yes_no;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

pub use classes::ClassMention;
pub use edges::EntityEdges;
pub(crate) use leftover::named_predicates;
pub(crate) use times::tells_the_end;

pub(crate) use values::ValueMention;

use crate::graph::{Arithmetic, Way};
use crate::link::{Candidate, FIT_ALIAS, FIT_DERIVED, FIT_VALUE, Mention, PLURAL};
use crate::question::{Form, Parted, Question, is_small_number, is_vague};
use crate::rank::{Matcher, Nouns, RELATIONAL, Reading, Without, leads_to};
use crate::retrieve::Encoder;
use crate::thesaurus::Word;
use crate::{ReadView, RetrieverError};

/// A word this like one of a predicate's name asks for the predicate.
const SURELY_RELATIONAL: f64 = 0.75;
/// Readings within this much of the best one show what could be accounted for.
const AS_GOOD: f64 = 0.2;
/// A word is passed over that is explained less than the first, and accounted for from the second on.
const HARDLY: f64 = 0.4;
const WELL: f64 = 0.85;
/// A word that is explained this far is taken for the name that it is.
const NAMED: f64 = 0.95;
/// Things that a value may be taken for a name of.
const MOST_CALLED: usize = 3;
/// Entities tried for one mention.
const MAX_TRIED: usize = 12;

/// What proposing works with: the question, its mentions, the knowledge base, and what was computed so far.
pub(crate) struct Proposer<'a> {
    view: &'a ReadView,
    question: &'a Question,
    mentions: &'a [Mention],
    classes: Vec<ClassMention>,
    values: Vec<ValueMention>,
    /// Spans that name a predicate in full.
    predicates: Vec<Range<usize>>,
    /// Predicates that tell what is right next to something, where that is asked for, and whether on the side that is.
    neighbours: Vec<(usize, bool)>,
    matcher: Matcher<'a>,
    /// How like each token is to the closest word of a predicate's name.
    relational: Rc<[f64]>,
    edges: HashMap<String, Arc<EntityEdges>>,
    ties: Ties,
    /// What statements of some predicates say.
    said: HashMap<String, Vec<(usize, Way)>>,
    deadline: Instant,
}

/// Paths from a class to some others.
type Ties = HashMap<(usize, Vec<usize>), Rc<[node::Path]>>;

/// Proposes readings, in no particular order.
pub(crate) fn propose(
    linked: &Linked<'_>,
    question: &Question,
) -> Result<Vec<Reading>, RetrieverError> {
    let mut readings = linked.read(question, plainly)?;
    if let Some(Parted { inner, outer }) = question.parted() {
        let nested = linked.read(&inner, plainly).and_then(|inside| {
            linked.read(&outer, |p, found| {
                parted::propose(p, &inside, question, found)
            })
        });
        match nested {
            // What was found so far is not lost.
            Err(RetrieverError::Timeout) if !readings.is_empty() => {}
            nested => readings.extend(nested?),
        }
    }
    Ok(readings)
}

/// What readings are made of besides the question.
pub(crate) struct Linked<'a> {
    pub(crate) view: &'a ReadView,
    pub(crate) mentions: &'a [Mention],
    /// Values that nouns for people of a sex stand for.
    pub(crate) of_sex: &'a [ValueMention],
    pub(crate) encoder: Option<&'a dyn Encoder>,
    pub(crate) without: Without,
    pub(crate) deadline: Instant,
}

impl Linked<'_> {
    /// The readings that `propose` makes of a question.
    fn read(
        &self,
        question: &Question,
        propose: impl FnOnce(&mut Proposer<'_>, &mut Vec<Reading>) -> Result<(), RetrieverError>,
    ) -> Result<Vec<Reading>, RetrieverError> {
        let Self {
            view,
            mentions,
            of_sex,
            encoder,
            without,
            deadline,
        } = *self;
        let catalog = view.catalog();
        let nouns = Nouns {
            kinds: nouns::of_kinds(question, mentions),
            apposed: nouns::apposed(question, mentions, catalog),
            named: nouns::named(question, mentions, catalog),
        };
        let mut matcher = Matcher::new(question, catalog, encoder, nouns);
        matcher.leave_out(without);
        let mut classes = classes::find(question, catalog);
        let named = |at: usize| {
            // "Goalkeepers" are what is told to be one.
            let least = |m: &Mention| if m.of_kind { PLURAL } else { FIT_ALIAS };
            let mut names = mentions
                .iter()
                .filter(|m| m.candidates.iter().any(|c| c.fit >= least(m)));
            names.any(|mention| mention.span.contains(&at))
        };
        let mut values = values::find(question, catalog);
        values.extend(of_sex.iter().cloned());
        classes::similar(
            question,
            &mut matcher,
            encoder,
            &named,
            &values,
            &mut classes,
        )?;
        // What many things have as a value is no name of each of them.
        let shared = |mention: &Mention| {
            let by_value = mention.candidates.iter().all(|c| c.fit <= FIT_VALUE);
            let known = values.iter().any(|value| value.span == mention.span);
            by_value && known && mention.candidates.len() > MOST_CALLED
        };
        let kept: Vec<Mention> = mentions.iter().filter(|m| !shared(m)).cloned().collect();
        let neighbours = question.wants_neighbour.as_ref().map(|(_, neighbour)| {
            let all = catalog.predicates().iter().enumerate();
            let side = |predicate| [*neighbour, neighbour.other()].map(|n| leads_to(predicate, n));
            let sides = all.map(|(number, predicate)| (number, side(predicate)));
            let beside = sides.filter(|(_, side)| *side != [false, false]);
            beside.map(|(number, [same, _])| (number, same)).collect()
        });
        let mut proposer = Proposer {
            view,
            neighbours: neighbours.unwrap_or_default(),
            question,
            mentions: &kept,
            classes,
            values,
            predicates: named_predicates(question, catalog),
            relational: matcher.relational()?,
            matcher,
            edges: HashMap::new(),
            ties: HashMap::new(),
            said: HashMap::new(),
            deadline,
        };
        let mut readings = Vec::new();
        propose(&mut proposer, &mut readings)?;
        let content = |at: usize| question.is_content(at);
        note_missed(&mut readings, &proposer.relational, &content);
        // A word for a predicate may well be that word, whatever is called so.
        let is_plain = |at: &usize| proposer.relational[*at] < SURELY_RELATIONAL;
        if let Some(asked) = question.asked.filter(is_plain) {
            note_named(&mut readings, asked, &content);
        }
        repeated::note_missed(&proposer, &mut readings);
        letters::put_in(&proposer, &mut readings)?;
        last_time::put_in(&proposer, &mut readings);
        Ok(readings)
    }
}

/// The readings of a question as a whole.
fn plainly(p: &mut Proposer<'_>, readings: &mut Vec<Reading>) -> Result<(), RetrieverError> {
    match p.question.form {
        Form::Ask => {
            yes_no::propose(p, readings)?;
            node::exists(p, readings)?;
        }
        Form::Calculate(Arithmetic::Age) => {
            age::propose(p, readings)?;
            if readings.is_empty() {
                // "In what age group": something else is asked for after all.
                node::propose(p, readings)?;
            }
        }
        Form::Choose | Form::Calculate(_) => compare::propose(p, readings)?,
        Form::Select | Form::Count => {
            node::propose(p, readings)?;
            lasted::propose(p, readings)?;
        }
    }
    if p.question.form == Form::Select {
        describe::propose(p, readings);
        relation::propose(p, readings)?;
    }
    Ok(())
}

/// Notes what each reading leaves out of the words for predicates that another one, about as good and of the same
/// entity, accounts for.
fn note_missed(readings: &mut [Reading], relational: &[f64], content: &dyn Fn(usize) -> bool) {
    let entities: HashSet<Option<String>> = readings
        .iter()
        .map(|reading| reading.entities.first().cloned())
        .collect();
    for entity in entities {
        let mut own: Vec<&mut Reading> = readings
            .iter_mut()
            .filter(|r| r.entities.first() == entity.as_ref())
            .filter(|r| !r.absent && !r.explains.is_empty())
            .collect();
        let most = own.iter().map(|r| r.score()).fold(0.0, f64::max);
        for (at, _) in relational
            .iter()
            .enumerate()
            .filter(|(at, r)| **r >= SURELY_RELATIONAL && content(*at))
        {
            let good = own.iter().filter(|r| r.score() >= most - AS_GOOD);
            let best = good.map(|r| r.explains[at]).fold(0.0, f64::max);
            for reading in &mut own {
                reading.features.missed += (best - reading.explains[at]).max(0.0);
            }
        }
        note_passed_over(&mut own, relational, content);
    }
}

/// Notes that a reading takes the noun for what is asked for a word like some kind of thing, where another one, about as good,
/// which says all that the one does, takes it for the name that it is: "which | physicist was born in Ulm".
fn note_named(readings: &mut [Reading], asked: usize, content: &dyn Fn(usize) -> bool) {
    let named: Vec<(f64, Vec<String>, Vec<f64>)> = readings
        .iter()
        .filter(|r| !r.absent && r.explains.get(asked).is_some_and(|e| *e >= NAMED))
        .map(|r| (r.score(), r.entities.clone(), r.explains.clone()))
        .collect();
    for reading in readings.iter_mut().filter(|r| !r.absent) {
        let said = &reading.explains;
        if said.get(asked).is_none_or(|e| *e >= WELL) {
            continue;
        }
        let score = reading.score();
        let says_more = named.iter().any(|(other, entities, explains)| {
            let more = entities.len() > reading.entities.len()
                && reading.entities.iter().all(|own| entities.contains(own));
            let as_far = (0..said.len()).all(|at| !content(at) || explains[at] >= said[at] - 0.1);
            more && as_far && *other >= score - AS_GOOD
        });
        if says_more {
            reading.features.missed += 1.0;
        }
    }
}

/// Notes the words that a reading passes over where another one, about as good, accounts for them, and for all that the one does:
/// "whom did her children | marry".
fn note_passed_over(own: &mut [&mut Reading], relational: &[f64], content: &dyn Fn(usize) -> bool) {
    let most = own.iter().map(|r| r.score()).fold(0.0, f64::max);
    let full: Vec<Vec<f64>> = own
        .iter()
        .filter(|r| r.score() >= most - AS_GOOD)
        .map(|r| r.explains.clone())
        .collect();
    let words: Vec<usize> = (0..relational.len()).filter(|at| content(*at)).collect();
    for reading in own.iter_mut() {
        let said = &reading.explains;
        let passed_over = |other: &Vec<f64>| {
            let as_far = words.iter().all(|&at| other[at] >= said[at] - 0.1);
            let more = words.iter().filter(|at| {
                relational[**at] < SURELY_RELATIONAL && said[**at] < HARDLY && other[**at] >= WELL
            });
            if as_far {
                more.map(|at| other[*at] - said[*at]).fold(0.0, f64::max)
            } else {
                0.0
            }
        };
        let missed = full.iter().map(passed_over).fold(0.0, f64::max);
        reading.features.missed += missed;
    }
}

impl Proposer<'_> {
    /// The word for what there is more of: "more bridges than".
    fn compared_number(&self) -> Option<usize> {
        let comparative = self.question.comparative.as_ref()?;
        let word = &self.question.tokens[comparative.span.start].text;
        let counts = matches!(word.as_str(), "more" | "fewer" | "less");
        let next = comparative.span.end;
        // "More | World Series titles than": the class as a whole.
        let inside = |span: &Range<usize>| {
            let mut names = self.mentions.iter().map(|mention| &mention.span);
            names.any(|name| name.start <= span.start && span.end < name.end)
        };
        // "More | associated diseases than".
        let word = self
            .question
            .tokens
            .get(next)
            .map_or("", |token| &token.text);
        let noun_at = next + usize::from(Word::of(word).is_participle(word));
        let starts = |class: &&ClassMention| (next..=noun_at).contains(&class.span.start);
        let mut named = self.classes.iter().filter(starts);
        if let Some(class) = named.find(|class| counts && !inside(&class.span)) {
            return Some(class.span.end - 1);
        }
        let noun = || self.question.is_content(next) && !self.is_named(next);
        (counts && next < self.question.tokens.len() && noun()).then_some(next)
    }

    /// Fails once the deadline has passed.
    fn in_time(&self) -> Result<(), RetrieverError> {
        if Instant::now() > self.deadline {
            return Err(RetrieverError::Timeout);
        }
        Ok(())
    }

    /// Which tokens some spans use.
    fn used(&self, spans: &[&Range<usize>]) -> Vec<bool> {
        let mut used = vec![false; self.question.tokens.len()];
        for span in spans {
            used[(*span).clone()].fill(true);
        }
        used
    }

    /// The share of the question's content that is accounted for, by mentions and by how far each other
    /// token is explained. A word written like a name that nothing accounts for weighs double: the
    /// question is then about something that was not found. It is -1 where a word is left over without which
    /// the question would be another one.
    fn coverage(&self, used: &[bool], explains: &[&[f64]]) -> f64 {
        if self.leaves_out(used, explains) {
            return -1.0;
        }
        let (mut explained, mut total) = (0.0, 0.0);
        for (at, token) in self.question.tokens.iter().enumerate() {
            let shares = self.question.sharing[at];
            if used[at] || self.question.asks_when(at) || !(self.question.is_content(at) || shares)
            {
                continue;
            }
            let letters = (token.text.chars().count() as f64).sqrt();
            let weight = if token.capital && at > 0 && !self.is_named(at) {
                2.0 * letters
            } else if self.relational[at] >= RELATIONAL
                || self.is_named(at)
                || self.is_one_of_two(at)
                || (shares && self.question.is_content(at))
            {
                // A word for a predicate asks for it, and a name for its bearer: to leave it out is to leave out a
                // part of the question.
                4.0 * letters
            } else if self.question.asked == Some(at) || self.is_value(at) || self.is_a_name(at) {
                // "What is the population density of": the head of what is asked for.
                2.0 * letters
            } else {
                letters
            };
            total += weight;
            explained += weight
                * explains
                    .iter()
                    .filter_map(|e| e.get(at))
                    .copied()
                    .fold(0.0, f64::max);
        }
        if total == 0.0 { 1.0 } else { explained / total }
    }

    /// Whether a token is one of several words for things of the same class: "which | states | border the | state".
    fn is_one_of_two(&self, at: usize) -> bool {
        let mut here = self.classes.iter().filter(|class| class.span.contains(&at));
        here.any(|one| {
            let mut others = self.classes.iter();
            others.any(|other| other.class == one.class && other.span != one.span)
        })
    }

    /// Whether a word says which things of a class are meant: "the Nordic countries".
    fn restricts(&self, at: usize) -> bool {
        let token = &self.question.tokens[at].text;
        // "Japanese-born players": a participle is a part of what the name is for.
        let participle = Word::of(token).is_participle(token);
        // "The two universities" are told apart by nothing.
        let number = is_small_number(token);
        if !self.question.is_content(at) || is_vague(token) || participle || number {
            return false;
        }
        let named = self.classes.iter().any(|class| class.span.start == at + 1);
        named && !self.classes.iter().any(|class| class.span.contains(&at))
    }

    /// How far a mention is what the question is about, beside the weightiest one.
    fn salience(&self, span: &Range<usize>) -> f64 {
        let most = self.mentions.iter().map(|m| m.weight).fold(0.0, f64::max);
        let own = self.mentions.iter().find(|m| m.span == *span);
        own.map_or(1.0, |own| {
            0.8 + 0.2 * (own.weight / most.max(1e-9)).min(1.0)
        })
    }

    /// Whether a token belongs to a name of several words that the question mentions in full, or stands for the people
    /// of a place.
    fn is_named(&self, at: usize) -> bool {
        let capital = at > 0 && self.question.tokens[at].capital;
        self.mentions.iter().any(|mention| {
            let least = if mention.span.len() > 1 {
                FIT_ALIAS
            } else if capital {
                FIT_DERIVED
            } else {
                return false;
            };
            let several = mention.of_kind && mention.span.len() > 1;
            mention.span.contains(&at)
                && (several || mention.candidates.iter().any(|c| c.fit >= least))
        })
    }

    /// Whether a token is the name of something in full, and no word for a class.
    fn is_a_name(&self, at: usize) -> bool {
        let mut classes = self.classes.iter();
        let mut mentions = self.mentions.iter();
        !classes.any(|class| class.span.contains(&at))
            && mentions.any(|mention| {
                mention.span == (at..at + 1)
                    && mention.candidates.iter().any(|c| c.fit >= FIT_ALIAS)
            })
    }

    /// Whether a token is a value that things have, as it is written.
    fn is_value(&self, at: usize) -> bool {
        let mut values = self.values.iter();
        values.any(|value| value.fit >= FIT_ALIAS && value.span.contains(&at))
    }

    /// The candidates of a mention that are worth trying.
    fn candidates<'m>(&self, mention: &'m Mention) -> &'m [Candidate] {
        &mention.candidates[..mention.candidates.len().min(MAX_TRIED)]
    }

    /// How far class words that fit a known entity, or the answer, account for their tokens.
    fn class_words(&self, fits: impl Fn(&ClassMention) -> bool) -> Vec<f64> {
        let mut explains = vec![0.0; self.question.tokens.len()];
        for class in self.classes.iter().filter(|c| fits(c)) {
            explains[class.span.clone()].fill(class.fit);
        }
        explains
    }

    fn is_of_class(&self, candidate: &Candidate, class: usize) -> bool {
        let catalog = self.view.catalog();
        let under = &catalog.classes()[class].with_subclasses;
        candidate
            .entity
            .classes
            .iter()
            .filter_map(|iri| catalog.class(iri))
            .any(|c| under.contains(&c))
    }
}
