//! From a question to what the knowledge base says.

use std::time::{Duration, Instant};

use kg_store::StoreError;
use kg_store::rdf::Term as RdfTerm;
use schemas::grounding::Reason;

use crate::evidence::{self, Fact};
use crate::execute::{self, Executed};
use crate::given::{self, Frame, GivenMention};
use crate::graph::{Bound, Comparand, Link, QueryGraph, Target};
use crate::kin::Kin;
use crate::link::{self, Candidate, Mention};
use crate::propose::{self, Linked};
use crate::question::{Clause, Question};
use crate::rank::{self, ABSENT_MARGIN, AMBIGUITY_MARGIN, LEAST_SCORE, Reading, Signal, Without};
use crate::sexes;
use crate::slips;
use crate::{ReadView, RetrieverError};

/// Turns texts into vectors of length 1. The caller brings a model that can.
pub trait Encoder: Send + Sync {
    /// The vectors of the texts, in order.
    ///
    /// # Errors
    /// [`RetrieverError::Encoder`] when the model fails.
    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, RetrieverError>;
}

/// How a question is retrieved for.
pub struct RetrieveOptions<'a> {
    /// Compares meanings, where there is a model for it; without one, words alone decide.
    pub encoder: Option<&'a dyn Encoder>,
    /// When the result is due.
    pub deadline: Instant,
    /// What spans of the question stand for, where the conversation tells.
    pub given: Vec<GivenMention>,
    /// A set that the question is about, where the conversation tells.
    pub frame: Option<Frame>,
    /// Signals that do not count, in an experiment.
    pub without: Without,
}

impl<'a> RetrieveOptions<'a> {
    fn encoder(&self) -> Option<&'a dyn Encoder> {
        self.encoder
            .filter(|_| !self.without.has(Signal::Embeddings))
    }
}

/// A reading with its result and the facts that entail it.
#[derive(Clone, Debug)]
pub struct Found {
    /// The reading.
    pub reading: Reading,
    /// Its result.
    pub executed: Executed,
    /// The facts.
    pub facts: Vec<Fact>,
}

/// What came of a question.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The knowledge base answers.
    Answered(Found),
    /// The knowledge base knows that there is none.
    KnownEmpty(Found),
    /// It does not answer.
    Unanswered(Reason),
}

/// The account of a retrieval.
#[derive(Clone, Debug)]
pub struct Retrieval {
    /// The question as it was read.
    pub question: Question,
    /// The mentions, the weightiest first.
    pub mentions: Vec<Mention>,
    /// The readings, best first.
    pub readings: Vec<Reading>,
    /// What came of it.
    pub outcome: Outcome,
    /// Other readings that are as good and answer otherwise.
    pub alternatives: Vec<Found>,
    /// Time to link, to plan and to run.
    pub times: [Duration; 3],
}

impl Retrieval {
    /// How likely a reading that was found is the one that is meant, see [`Reading::confidence`].
    pub fn confidence(&self, found: &Found) -> f64 {
        found.reading.confidence(&self.readings)
    }
}

/// Readings that are run before giving up.
const MOST_TRIED: usize = 12;
/// A reading that finds something goes before a better one that counts none, within this much.
const NONE_MARGIN: f64 = 0.2;
/// A word that is explained this far is accounted for.
const SAID: f64 = 0.5;
/// Other readings that are listed.
const MOST_ALTERNATIVES: usize = 4;

impl ReadView {
    /// Finds what the knowledge base says about a question.
    pub fn retrieve(
        &self,
        text: &str,
        options: &RetrieveOptions<'_>,
    ) -> Result<Retrieval, RetrieverError> {
        let plain = || self.retrieve_plainly(text, options);
        let alone = options.given.is_empty() && options.frame.is_none();
        let Some(mut clause) = Clause::find(text).filter(|_| alone) else {
            return plain();
        };
        let mut known = None;
        if clause.weak || clause.refers() {
            let retrieval = plain()?;
            if clause.weak && matches!(retrieval.outcome, Outcome::Answered(_)) {
                return Ok(retrieval);
            }
            let written = |m: &Mention| retrieval.question.written(&m.span);
            let mut others = retrieval.mentions.iter().map(written);
            if let Some(name) = others.find(|name| clause.leaves(name)) {
                clause = clause.about(name);
            }
            known = Some(retrieval);
        }
        match (self.retrieve_in_time(&clause, options)?, known) {
            (Some(found), _) => Ok(found),
            (None, Some(plain)) => Ok(plain),
            (None, None) => plain(),
        }
    }

    /// The same for a question of which no part sets a time for the others.
    pub(crate) fn retrieve_plainly(
        &self,
        text: &str,
        options: &RetrieveOptions<'_>,
    ) -> Result<Retrieval, RetrieverError> {
        let began = Instant::now();
        // Where things were given, it is told at which words of the question as it is.
        let kin = match options.given.is_empty() {
            true => Kin::of(self, text)?,
            false => None,
        };
        let mut question = match &kin {
            Some(kin) => Question::read_in_other_words(&kin.reworded),
            None => Question::read(text),
        };
        let mut mentions = self.mentions_of(&mut question)?;
        if kin.is_none() && options.given.is_empty() {
            let slips = slips::find(self, &question, &mentions)?;
            if !slips.is_empty() {
                question = Question::read_spelt(text, &slips);
                mentions = self.mentions_of(&mut question)?;
            }
        }
        link::add_titled(self, &question, &mut mentions)?;
        link::add_tied(self, &question, &mut mentions)?;
        link::add_without_class(self, &question, &mut mentions)?;
        let of_sex = sexes::find(self, &mut question, &mut mentions)?;
        link::follow_redirects(self, &mut mentions)?;
        link::add_the_same(self, &mut mentions)?;
        given::mention(self, &question, &options.given, &mut mentions)?;
        let names = mentions
            .iter()
            .filter(|m| m.candidates.iter().any(|c| c.fit >= link::FIT_ALIAS));
        names.for_each(|mention| question.spare(&mention.span));
        if question.superlative.is_some() {
            for span in propose::named_predicates(&question, self.catalog()) {
                question.spare_degree(&span);
            }
        }
        let linked = Instant::now();
        let known = Linked {
            view: self,
            mentions: &mentions,
            of_sex: &of_sex,
            encoder: options.encoder(),
            without: options.without,
            deadline: options.deadline,
        };
        let mut readings = propose::propose(&known, &question)?;
        if let Some(kin) = &kin {
            kin.tell_sexes(self.catalog(), &mut readings);
            // One fact is not two: "the children of her children".
            let least = kin.reworded.facts + usize::from(question.superlative.is_some());
            readings.retain(|reading| reading.absent || reading.graph.conditions() >= least);
        }
        if let Some(frame) = &options.frame {
            given::frame(&mut readings, frame);
        }
        for reading in &mut readings {
            options.without.apply(&mut reading.features);
        }
        rank::rank(&mut readings, self.catalog().conventions());
        let planned = Instant::now();
        let (outcome, alternatives) =
            self.decide(&question, &mentions, &readings, options.deadline)?;
        let times = [linked - began, planned - linked, planned.elapsed()];
        Ok(Retrieval {
            question,
            mentions,
            readings,
            outcome,
            alternatives,
            times,
        })
    }

    /// The mentions of a question. Predicates have names too, but a question that names one asks for its values.
    fn mentions_of(&self, question: &mut Question) -> Result<Vec<Mention>, RetrieverError> {
        let mut mentions = link::link(question, self.index())?;
        for mention in &mut mentions {
            let is_thing = |c: &Candidate| !self.catalog().is_predicate(&c.entity.iri);
            mention.candidates.retain(is_thing);
        }
        mentions.retain(|mention| !mention.candidates.is_empty());
        Ok(mentions)
    }

    fn decide(
        &self,
        question: &Question,
        mentions: &[Mention],
        readings: &[Reading],
        deadline: Instant,
    ) -> Result<(Outcome, Vec<Found>), RetrieverError> {
        let present = readings
            .iter()
            .filter(|r| !r.absent && r.score() >= LEAST_SCORE);
        let missing = readings
            .iter()
            .find(|r| r.absent && r.score() >= LEAST_SCORE);
        let mut none = None;
        for reading in present.take(MOST_TRIED) {
            let silenced = |missing: &Reading| {
                missing.score() > reading.score() + ABSENT_MARGIN
                    && !says_more(question, reading, missing)
            };
            if missing.is_some_and(silenced) {
                continue;
            }
            let Some(executed) = self.execute(&reading.graph, deadline)? else {
                continue;
            };
            if self.names_nothing(&reading.graph, &executed)?
                || self.echoes(question, &reading.graph, &executed)?
            {
                continue;
            }
            if counts_none(&reading.graph, &executed) {
                // That there are none is told only where no other reading finds some.
                if none.is_none() {
                    none = Some((reading, executed));
                }
                continue;
            }
            if none
                .as_ref()
                .is_some_and(|(first, _)| first.score() > reading.score() + NONE_MARGIN)
            {
                break;
            }
            if executed.rows.is_empty() {
                // All values are known, and none is within the bound.
                if bounded(&reading.graph)
                    && let Some(found) = self.proved(reading, executed, deadline)?
                {
                    return Ok((Outcome::KnownEmpty(found), Vec::new()));
                }
                continue;
            }
            let Some(found) = self.proved(reading, executed, deadline)? else {
                continue;
            };
            let alternatives = self.alternatives(&found, readings, deadline)?;
            return Ok((Outcome::Answered(found), alternatives));
        }
        if let Some((reading, executed)) = none
            && let Some(found) = self.proved(reading, executed, deadline)?
        {
            return Ok((Outcome::Answered(found), Vec::new()));
        }
        if let Some(missing) = missing {
            if let Some(facts) = self.completeness(missing)? {
                let executed = execute::execute(self, &missing.graph, deadline)?;
                let found = Found {
                    reading: missing.clone(),
                    executed,
                    facts,
                };
                return Ok((Outcome::KnownEmpty(found), Vec::new()));
            }
            return Ok((Outcome::Unanswered(Reason::NoFact), Vec::new()));
        }
        let reason = if self.snapshot().quad_count()? == 0 && self.snapshot().document_count()? == 0
        {
            Reason::EmptyKnowledgeBase
        } else if mentions.is_empty() {
            Reason::NoEntity
        } else if passed_over(readings) {
            Reason::NotUnderstood
        } else if readings.iter().any(|r| r.features.predicate > 0.6) {
            Reason::LowConfidence
        } else {
            Reason::NoFact
        };
        Ok((Outcome::Unanswered(reason), Vec::new()))
    }

    /// The result of a query graph; none where its query is out of all proportion, which is as little an answer as one that
    /// holds nothing.
    pub(crate) fn execute(
        &self,
        graph: &QueryGraph,
        deadline: Instant,
    ) -> Result<Option<Executed>, RetrieverError> {
        match execute::execute(self, graph, deadline) {
            Err(RetrieverError::Store(StoreError::QueryRefused(_))) => Ok(None),
            other => other.map(Some),
        }
    }

    fn found(
        &self,
        reading: &Reading,
        executed: Executed,
        deadline: Instant,
    ) -> Result<Found, RetrieverError> {
        let facts = evidence::facts(self, &reading.graph, &executed, deadline)?;
        Ok(Found {
            reading: reading.clone(),
            executed,
            facts,
        })
    }

    /// The same; none where what proves it is out of all proportion, since what cannot be proved is not said.
    pub(crate) fn proved(
        &self,
        reading: &Reading,
        executed: Executed,
        deadline: Instant,
    ) -> Result<Option<Found>, RetrieverError> {
        match self.found(reading, executed, deadline) {
            Err(RetrieverError::Store(StoreError::QueryRefused(_))) => Ok(None),
            found => found.map(Some),
        }
    }

    /// Readings about other entities that are as good as the one taken, and answer otherwise.
    fn alternatives(
        &self,
        taken: &Found,
        readings: &[Reading],
        deadline: Instant,
    ) -> Result<Vec<Found>, RetrieverError> {
        let score = taken.reading.score();
        let mut found: Vec<Found> = Vec::new();
        let others = readings.iter().filter(|r| {
            !r.absent
                && score - r.score() <= AMBIGUITY_MARGIN
                && r.entities != taken.reading.entities
        });
        for reading in others.take(MOST_TRIED) {
            let Some(executed) = self.execute(&reading.graph, deadline)? else {
                continue;
            };
            let known = |other: &Found| answers(&other.executed) == answers(&executed);
            if executed.rows.is_empty() || known(taken) || found.iter().any(known) {
                continue;
            }
            found.extend(self.proved(reading, executed, deadline)?);
            if found.len() == MOST_ALTERNATIVES {
                break;
            }
        }
        Ok(found)
    }

    /// The facts that make an empty set a known one: that the predicate's values are complete, and that
    /// the entity is of its domain.
    fn completeness(&self, missing: &Reading) -> Result<Option<Vec<Fact>>, RetrieverError> {
        let QueryGraph::Select { node, .. } = &missing.graph else {
            return Ok(None);
        };
        let Some((entity, hop)) = node.links.first().and_then(Link::as_edge) else {
            return Ok(None);
        };
        let catalog = self.catalog();
        let Some(number) = catalog.predicate(&hop.predicate) else {
            return Ok(None);
        };
        let predicate = &catalog.predicates()[number];
        let Some(record) = self.index().entity(entity)? else {
            return Ok(None);
        };
        let class = record.classes.iter().find(|iri| {
            catalog.class(iri).is_some_and(|class| {
                predicate
                    .declared_domain
                    .iter()
                    .any(|wanted| catalog.is_within(class, *wanted))
            })
        });
        let (true, Some(class)) = (predicate.complete, class) else {
            return Ok(None);
        };
        let mut facts = Vec::new();
        let entity = kg_store::rdf::NamedNodeRef::new_unchecked(entity);
        let told_by = catalog.conventions().predicate_of(class);
        let class = kg_store::rdf::NamedNodeRef::new_unchecked(class);
        let typed = Some(kg_store::rdf::NamedNodeRef::new_unchecked(told_by));
        for quad in self
            .snapshot()
            .quads(Some(entity.into()), typed, Some(class.into()), None)
            .take(1)
        {
            facts.push(Fact::of(self, &quad?)?);
        }
        let subject = kg_store::rdf::NamedNodeRef::new_unchecked(&hop.predicate);
        let complete = kg_store::rdf::NamedNodeRef::new_unchecked(crate::catalog::COMPLETE);
        for quad in self
            .snapshot()
            .quads(Some(subject.into()), Some(complete), None, None)
            .take(1)
        {
            facts.push(Fact::of(self, &quad?)?);
        }
        Ok(Some(facts))
    }
}

/// Whether the reading that would have been the best passes over a word that decides.
fn passed_over(readings: &[Reading]) -> bool {
    let best = readings.iter().max_by(|a, b| {
        let fit = |r: &Reading| r.features.link + r.features.predicate;
        fit(a).total_cmp(&fit(b))
    });
    best.is_some_and(|r| r.features.coverage < 0.0 && r.features.predicate >= LEAST_SCORE)
}

/// Whether a reading accounts for all that a missing fact would, and for more: "what country is home to the maker of".
fn says_more(question: &Question, reading: &Reading, missing: &Reading) -> bool {
    let content: Vec<usize> = (0..missing.explains.len())
        .filter(|at| question.is_content(*at))
        .collect();
    let (own, missed) = (&reading.explains, &missing.explains);
    if own.len() != missed.len() {
        // What describes something accounts for no single word.
        return false;
    }
    let all = content
        .iter()
        .all(|&at| missed[at] < SAID || own[at] >= missed[at] - 0.1);
    let more = content
        .iter()
        .any(|&at| missed[at] < SAID && own[at] >= SAID);
    all && more
}

/// Whether a reading counts things and finds none.
fn counts_none(graph: &QueryGraph, executed: &Executed) -> bool {
    let counts = matches!(
        graph,
        QueryGraph::Select {
            target: Target::Count,
            ..
        }
    );
    counts
        && answers(executed)
            .iter()
            .all(|term| matches!(term, RdfTerm::Literal(l) if l.value() == "0"))
}

fn bounded(graph: &QueryGraph) -> bool {
    matches!(
        graph,
        QueryGraph::Select { node, target: Target::Every }
            if node.filters.iter().any(|filter| !filter.with.is_text())
                // What is told by its year alone may be of that day.
                && !node.filters.iter().any(|filter| matches!(filter.with, Comparand::Bound(Bound::Date(_))))
    )
}

pub(crate) fn answers(executed: &Executed) -> Vec<&RdfTerm> {
    executed.rows.iter().filter_map(|row| row.first()).collect()
}
