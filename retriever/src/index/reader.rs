//! Looks names, codes and passages up.

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, FuzzyTermQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Value};
use tantivy::{Order, Searcher, TantivyDocument, Term};

use super::document::EntityRecord;
use super::fields::Fields;
use crate::RetrieverError;
use crate::text::{self, Token};

/// One revision of the index. Later commits do not disturb it.
#[derive(Clone)]
pub struct IndexReader {
    searcher: Searcher,
    fields: Fields,
}

/// By which of its names an entity was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameMatch {
    /// A preferred label.
    Label,
    /// Another name.
    Alias,
    /// A code or another literal value.
    Value,
}

/// A passage found.
#[derive(Clone, Debug)]
pub struct PassageMatch {
    /// The document's id.
    pub document: String,
    /// Its title.
    pub title: Option<String>,
    /// The passage.
    pub text: String,
    /// First character in the document, in Unicode code points.
    pub start: usize,
    /// BM25's score.
    pub score: f64,
}

/// What a word of a passage's title counts. Every passage of a document has its title: more would bring all of them
/// where one is wanted.
const TITLE: f32 = 0.5;

impl IndexReader {
    pub(crate) fn new(searcher: Searcher, fields: Fields) -> Self {
        Self { searcher, fields }
    }

    /// Entities that have exactly this key as a name or value, the most prominent first.
    pub fn by_key(
        &self,
        key: &str,
        limit: usize,
    ) -> Result<Vec<(NameMatch, EntityRecord)>, RetrieverError> {
        let mut found: Vec<(NameMatch, EntityRecord)> = Vec::new();
        for (kind, field) in [
            (NameMatch::Label, self.fields.label_key),
            (NameMatch::Alias, self.fields.alias_key),
            (NameMatch::Value, self.fields.value_key),
        ] {
            let term = Term::from_field_text(field, key);
            // The dictionary alone answers for the many spans of a question that name nothing.
            if self.searcher.doc_freq(&term)? == 0 {
                continue;
            }
            for record in
                self.most_prominent(&TermQuery::new(term, IndexRecordOption::Basic), limit)?
            {
                if !found.iter().any(|(_, other)| other.iri == record.iri) {
                    found.push((kind, record));
                }
            }
        }
        Ok(found)
    }

    /// Whether any entity has this key as a name or value.
    pub fn has_key(&self, key: &str) -> Result<bool, RetrieverError> {
        for field in [
            self.fields.label_key,
            self.fields.alias_key,
            self.fields.value_key,
        ] {
            if self.searcher.doc_freq(&Term::from_field_text(field, key))? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Entities with a name one or two slips of the keyboard from this key, see [`text::is_slip`].
    pub fn by_slip(
        &self,
        key: &str,
        limit: usize,
    ) -> Result<Vec<(NameMatch, EntityRecord)>, RetrieverError> {
        let length = key.chars().count();
        if length < 5 {
            return Ok(Vec::new());
        }
        let distance = if length >= 12 { 2 } else { 1 };
        let mut found: Vec<(NameMatch, EntityRecord)> = Vec::new();
        for (kind, field) in [
            (NameMatch::Label, self.fields.label_key),
            (NameMatch::Alias, self.fields.alias_key),
        ] {
            let query = FuzzyTermQuery::new(Term::from_field_text(field, key), distance, true);
            for record in self.most_prominent(&query, limit)? {
                let close = record
                    .names()
                    .any(|name| text::is_slip(key, &text::key(name)));
                if close && !found.iter().any(|(_, other)| other.iri == record.iri) {
                    found.push((kind, record));
                }
            }
        }
        Ok(found)
    }

    /// Entities whose names share words with the tokens, best first by BM25.
    pub fn by_words(
        &self,
        tokens: &[Token],
        limit: usize,
    ) -> Result<Vec<(f64, EntityRecord)>, RetrieverError> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for token in tokens {
            let term = Term::from_field_text(self.fields.names, &token.text);
            if self.searcher.doc_freq(&term)? > 0 {
                let weight = if text::is_function_word(&token.text) {
                    0.2
                } else {
                    1.0
                };
                let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
                clauses.push((
                    Occur::Should,
                    Box::new(BoostQuery::new(Box::new(query), weight)),
                ));
            }
        }
        if clauses.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let top = self.searcher.search(
            &BooleanQuery::new(clauses),
            &TopDocs::with_limit(limit).order_by_score(),
        )?;
        top.into_iter()
            .map(|(score, at)| Ok((f64::from(score), self.record(at)?)))
            .collect()
    }

    /// Whether any entity has a word in its names.
    pub fn has_word(&self, word: &str) -> Result<bool, RetrieverError> {
        let term = Term::from_field_text(self.fields.names, word);
        Ok(self.searcher.doc_freq(&term)? > 0)
    }

    /// Words in the names of the most prominent entities that are one letter apart from a word.
    pub fn words_like(&self, word: &str) -> Result<Vec<String>, RetrieverError> {
        const LOOKED_AT: usize = 8;
        let query = FuzzyTermQuery::new(Term::from_field_text(self.fields.names, word), 1, true);
        let records = self.most_prominent(&query, LOOKED_AT)?;
        let words = records
            .iter()
            .flat_map(|record| record.names())
            .flat_map(text::tokens)
            .map(|token| token.text);
        let near = |other: &String| strsim::damerau_levenshtein(word, other) == 1;
        Ok(words.filter(near).collect())
    }

    /// Entities with a word in their names, the most prominent first.
    pub fn by_word(&self, word: &Token, limit: usize) -> Result<Vec<EntityRecord>, RetrieverError> {
        let term = Term::from_field_text(self.fields.names, &word.text);
        self.most_prominent(&TermQuery::new(term, IndexRecordOption::Basic), limit)
    }

    /// The record of one entity.
    pub fn entity(&self, iri: &str) -> Result<Option<EntityRecord>, RetrieverError> {
        let query = TermQuery::new(
            Term::from_field_text(self.fields.iri, iri),
            IndexRecordOption::Basic,
        );
        Ok(self.most_prominent(&query, 1)?.pop())
    }

    /// How many entities the index holds.
    pub fn entity_count(&self) -> Result<u64, RetrieverError> {
        self.count(self.fields.kind, "entity")
    }

    /// How many passages the index holds of this document, or of all.
    pub fn passage_count(&self, document: Option<&str>) -> Result<u64, RetrieverError> {
        match document {
            Some(id) => self.count(self.fields.document, id),
            None => self.count(self.fields.kind, "passage"),
        }
    }

    /// Passages, best first by BM25 over their text and title.
    pub fn passages(
        &self,
        question: &str,
        limit: usize,
    ) -> Result<Vec<PassageMatch>, RetrieverError> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for token in text::tokens(question)
            .iter()
            .filter(|t| !text::is_function_word(&t.text))
        {
            for (field, weight) in [(self.fields.text, 1.0), (self.fields.title, TITLE)] {
                let query = TermQuery::new(
                    Term::from_field_text(field, &token.stem),
                    IndexRecordOption::WithFreqs,
                );
                clauses.push((
                    Occur::Should,
                    Box::new(BoostQuery::new(Box::new(query), weight)),
                ));
            }
        }
        if clauses.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let top = self.searcher.search(
            &BooleanQuery::new(clauses),
            &TopDocs::with_limit(limit).order_by_score(),
        )?;
        top.into_iter()
            .map(|(score, at)| {
                let document: TantivyDocument = self.searcher.doc(at)?;
                let text = |field| {
                    document
                        .get_first(field)
                        .and_then(|v| v.as_str())
                        .map(str::to_owned)
                };
                Ok(PassageMatch {
                    document: text(self.fields.document).unwrap_or_default(),
                    title: text(self.fields.title).filter(|title| !title.is_empty()),
                    text: text(self.fields.text).unwrap_or_default(),
                    start: document
                        .get_first(self.fields.start)
                        .and_then(|v| v.as_u64())
                        .unwrap_or(0) as usize,
                    score: f64::from(score),
                })
            })
            .collect()
    }

    fn count(&self, field: Field, text: &str) -> Result<u64, RetrieverError> {
        let query = TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic);
        Ok(self.searcher.search(&query, &tantivy::collector::Count)? as u64)
    }

    fn most_prominent(
        &self,
        query: &dyn Query,
        limit: usize,
    ) -> Result<Vec<EntityRecord>, RetrieverError> {
        let top =
            TopDocs::with_limit(limit.max(1)).order_by_fast_field::<u64>("prominence", Order::Desc);
        let found = self.searcher.search(query, &top)?;
        let mut records = found
            .into_iter()
            .map(|(_, at)| self.record(at))
            .collect::<Result<Vec<_>, _>>()?;
        // Equal prominence must not leave the order to where the index happens to hold them.
        records.sort_by(|a, b| {
            b.prominence()
                .cmp(&a.prominence())
                .then_with(|| a.iri.cmp(&b.iri))
        });
        Ok(records)
    }

    fn record(&self, at: tantivy::DocAddress) -> Result<EntityRecord, RetrieverError> {
        let document: TantivyDocument = self.searcher.doc(at)?;
        let json = document
            .get_first(self.fields.record)
            .and_then(|v| v.as_str())
            .unwrap_or_default();
        serde_json::from_str(json).map_err(|cause| RetrieverError::Corrupt {
            path: "index".into(),
            cause: cause.to_string(),
        })
    }
}
