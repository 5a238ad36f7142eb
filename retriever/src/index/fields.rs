//! The index's schema.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{
    Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, TextAnalyzer,
};

/// Raised whenever what the index holds changes its meaning: an index of another version is rebuilt.
pub(crate) const INDEX_VERSION: u32 = 8;

/// The analyser of names: folded words, unstemmed.
pub(crate) const NAMES: &str = "almanac_names";
/// The analyser of passages: English stems.
pub(crate) const PASSAGES: &str = "almanac_passages";

/// The longest key of a name or code, in bytes; longer ones are found by their words alone.
pub(crate) const MAX_KEY: usize = 200;

/// All fields of the index.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    /// `entity` or `passage`.
    pub(crate) kind: Field,
    /// The entity's IRI.
    pub(crate) iri: Field,
    /// Keys of the preferred labels.
    pub(crate) label_key: Field,
    /// Keys of the other names.
    pub(crate) alias_key: Field,
    /// Keys of codes and other short literal values.
    pub(crate) value_key: Field,
    /// All names, word by word.
    pub(crate) names: Field,
    /// IRIs of the entity's classes.
    pub(crate) class: Field,
    /// How prominent the entity is: facts that name it, and names that it has.
    pub(crate) prominence: Field,
    /// The record as JSON, see `EntityRecord`.
    pub(crate) record: Field,
    /// The id of the passage's document.
    pub(crate) document: Field,
    /// The document's title.
    pub(crate) title: Field,
    /// The passage.
    pub(crate) text: Field,
    /// First character of the passage in its document.
    pub(crate) start: Field,
    /// IRIs that the document is about.
    pub(crate) about: Field,
}

impl Fields {
    pub(crate) fn new() -> Self {
        let mut builder = Schema::builder();
        let text = |analyser: &str| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(analyser)
                .set_index_option(IndexRecordOption::WithFreqs);
            TextOptions::default().set_indexing_options(indexing)
        };
        Self {
            kind: builder.add_text_field("kind", STRING),
            iri: builder.add_text_field("iri", STRING),
            label_key: builder.add_text_field("label_key", STRING),
            alias_key: builder.add_text_field("alias_key", STRING),
            value_key: builder.add_text_field("value_key", STRING),
            names: builder.add_text_field("names", text(NAMES)),
            class: builder.add_text_field("class", STRING),
            prominence: builder.add_u64_field("prominence", FAST),
            record: builder.add_text_field("record", STORED),
            document: builder.add_text_field("document", STRING | STORED),
            title: builder.add_text_field("title", text(PASSAGES).set_stored()),
            text: builder.add_text_field("text", text(PASSAGES).set_stored()),
            start: builder.add_u64_field("start", STORED | INDEXED),
            about: builder.add_text_field("about", STRING),
            schema: builder.build(),
        }
    }
}

/// Gives the index its analysers.
pub(crate) fn register_analysers(index: &tantivy::Index) {
    // Names arrive folded, as keys: splitting at spaces is all that is left to do.
    let names = TextAnalyzer::builder(SimpleTokenizer::default()).build();
    let passages = TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(60))
        .filter(LowerCaser)
        .filter(Stemmer::new(Language::English))
        .build();
    index.tokenizers().register(NAMES, names);
    index.tokenizers().register(PASSAGES, passages);
}
