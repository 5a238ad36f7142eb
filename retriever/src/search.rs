//! Evidence without generation.

use std::time::Instant;

use kg_store::rdf::{NamedNodeRef, TermRef};
use schemas::Term;
use schemas::search::{EntityDescription, EntityHit, FactHit, PassageHit, SearchResponse};

use crate::evidence::Fact;
use crate::index::{EntityRecord, PassageMatch};
use crate::link::{self, Linked};
use crate::question::Question;
use crate::rank::{Matcher, Nouns};
use crate::retrieve::Encoder;
use crate::{ReadView, RetrieverError};

/// Facts listed of an entity, each way.
const MOST_FACTS: usize = 1_000;
/// Entities whose facts a search looks at.
const MOST_SEARCHED: usize = 5;

impl ReadView {
    /// Entities, facts and passages for a text, at most `limit` of each. An encoder has a say in the order of the
    /// passages until the deadline.
    pub fn search(
        &self,
        text: &str,
        limit: usize,
        encoder: Option<&dyn Encoder>,
        deadline: Instant,
    ) -> Result<SearchResponse, RetrieverError> {
        let mut question = Question::read(text);
        let mentions = link::link(&mut question, self.index())?;
        let mut entities: Vec<(f64, EntityRecord)> = Vec::new();
        let linked = mentions.iter().flat_map(|m| {
            m.candidates
                .iter()
                .map(|c| (m.weight.ln_1p() * c.fit + 0.1 * c.prior, &c.entity))
        });
        for (score, entity) in linked {
            entities.push((score, entity.clone()));
        }
        for (score, entity) in self.index().by_words(&question.tokens, limit.max(1))? {
            // Names that only share a word come after those that the text mentions.
            entities.push((0.1 * score.ln_1p() / 10.0, entity));
        }
        entities.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.iri.cmp(&b.1.iri)));
        let mut seen = std::collections::HashSet::new();
        entities.retain(|(_, entity)| seen.insert(entity.iri.clone()));
        entities.truncate(limit);
        let mut facts = Vec::new();
        for (score, entity) in entities.iter().take(MOST_SEARCHED) {
            self.facts_for(&question, entity, *score, &mut facts)?;
        }
        facts.sort_by(|a: &FactHit, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| a.text.cmp(&b.text))
        });
        facts.truncate(limit);
        let mut passages = Vec::new();
        for found in self.passages(text, limit, encoder, deadline)? {
            passages.push(self.passage(found)?);
        }
        Ok(SearchResponse {
            revision: self.revision(),
            entities: entities
                .into_iter()
                .map(|(score, e)| self.hit(e, score))
                .collect::<Result<_, _>>()?,
            facts,
            passages,
        })
    }

    /// What is known of an entity; none when no fact names it.
    pub fn entity(&self, iri: &str) -> Result<Option<EntityDescription>, RetrieverError> {
        let Some(record) = self.index().entity(iri)? else {
            return Ok(None);
        };
        let node = NamedNodeRef::new_unchecked(iri);
        let mut truncated = false;
        let mut list =
            |quads: &mut dyn Iterator<Item = Result<kg_store::rdf::Quad, kg_store::StoreError>>| {
                let mut hits = Vec::new();
                for quad in quads {
                    if hits.len() == MOST_FACTS {
                        truncated = true;
                        break;
                    }
                    hits.push(fact_hit(Fact::of(self, &quad?)?, 0.0));
                }
                Ok::<_, RetrieverError>(hits)
            };
        let outgoing = list(&mut self.snapshot().quads(Some(node.into()), None, None, None))?;
        let incoming = list(&mut self.snapshot().quads(
            None,
            None,
            Some(TermRef::NamedNode(node)),
            None,
        ))?;
        let hit = self.hit(record, 0.0)?;
        Ok(Some(EntityDescription {
            revision: self.revision(),
            entity: hit.entity,
            aliases: hit.aliases,
            classes: hit.classes,
            outgoing,
            incoming,
            truncated,
        }))
    }

    /// The entities that a text mentions, the weightiest mention first.
    pub fn link(&self, text: &str) -> Result<Vec<Linked>, RetrieverError> {
        let mut question = Question::read(text);
        let mentions = link::link(&mut question, self.index())?;
        Ok(link::best(&question, &mentions))
    }

    fn facts_for(
        &self,
        question: &Question,
        entity: &EntityRecord,
        score: f64,
        facts: &mut Vec<FactHit>,
    ) -> Result<(), RetrieverError> {
        let node = NamedNodeRef::new_unchecked(&entity.iri);
        let catalog = self.catalog();
        let mut matcher = Matcher::new(question, catalog, None, Nouns::default());
        let used = vec![false; question.tokens.len()];
        let outgoing = self
            .snapshot()
            .quads(Some(node.into()), None, None, None)
            .take(200);
        let incoming = self
            .snapshot()
            .quads(None, None, Some(TermRef::NamedNode(node)), None)
            .take(200);
        for quad in outgoing.chain(incoming) {
            let quad = quad?;
            let Some(number) = catalog.predicate(quad.predicate.as_str()) else {
                continue;
            };
            let fit = matcher.score(number, &used, &[])?;
            facts.push(fact_hit(
                Fact::of(self, &quad)?,
                score * (0.2 + 0.8 * fit.score),
            ));
        }
        Ok(())
    }

    fn hit(&self, record: EntityRecord, score: f64) -> Result<EntityHit, RetrieverError> {
        let classes = record
            .classes
            .iter()
            .map(|class| {
                Ok(Term::uri(
                    class,
                    Some(self.label(NamedNodeRef::new_unchecked(class))?),
                ))
            })
            .collect::<Result<_, RetrieverError>>()?;
        let aliases = record.names().skip(1).map(str::to_owned).collect();
        Ok(EntityHit {
            entity: Term::uri(record.iri, Some(record.label)),
            aliases,
            classes,
            degree: record.degree,
            score,
        })
    }

    /// A passage as clients see it.
    pub(crate) fn passage(&self, found: PassageMatch) -> Result<PassageHit, RetrieverError> {
        let url = self
            .snapshot()
            .document(&found.document)?
            .and_then(|document| document.url);
        let end = found.start + found.text.chars().count();
        Ok(PassageHit {
            document: found.document,
            title: found.title,
            url,
            text: found.text,
            start: found.start,
            end,
            score: found.score,
        })
    }
}

fn fact_hit(fact: Fact, score: f64) -> FactHit {
    FactHit {
        text: fact.text(),
        subject: fact.subject,
        predicate: fact.predicate,
        object: fact.object,
        graph: fact.graph,
        score,
    }
}
