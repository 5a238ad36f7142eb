//! Keeps an index in step with its store.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use kg_store::rdf::{NamedNodeRef, NamedOrBlankNode, Term as RdfTerm, vocab};
use kg_store::{Change, Extent, Snapshot, Touched, Watch};
use schemas::documents::Document;
use tantivy::{IndexReader as TantivyReader, IndexWriter, ReloadPolicy, TantivyDocument, Term};

use super::document::EntityRecord;
use super::fields::{Fields, INDEX_VERSION, register_analysers};
use super::passages::chunks;
use super::reader::IndexReader;
use crate::{Conventions, RetrieverError};

/// Memory of the index writer, in bytes.
const WRITER_MEMORY: usize = 64 << 20;
/// The file that names the generation in use.
const POINTER: &str = "CURRENT";

/// The index of one knowledge base: a folder of generations, and a pointer to the one in use.
///
/// The pointer is replaced in one step, so that after a crash either the old generation or the new one is
/// in use, whole.
pub(crate) struct IndexStore {
    dir: PathBuf,
    generation: String,
    fields: Fields,
    writer: IndexWriter,
    reader: TantivyReader,
    revision: u64,
    /// How classes and names were told when the entities were written.
    told_by: Vec<String>,
}

impl IndexStore {
    /// Opens the index that the pointer names; none when there is none, or one of another version or in
    /// disorder, which only a rebuild can mend.
    pub(crate) fn open(dir: &Path) -> Result<Option<Self>, RetrieverError> {
        let Ok(generation) = fs::read_to_string(dir.join(POINTER)) else {
            return Ok(None);
        };
        let generation = generation.trim().to_owned();
        if !generation.ends_with(&format!("-v{INDEX_VERSION}")) || generation.contains(['/', '\\'])
        {
            return Ok(None);
        }
        match Self::open_generation(dir, &generation, false) {
            Ok(store) => {
                sweep(dir, &generation);
                Ok(Some(store))
            }
            Err(error) => {
                tracing::warn!(%error, generation, "the index cannot be opened and will be rebuilt");
                Ok(None)
            }
        }
    }

    /// Builds a new generation from the store and puts it in the place of the old one.
    pub(crate) fn build(
        dir: &Path,
        snapshot: &Snapshot,
        conventions: &Conventions,
        watch: &dyn Watch,
    ) -> Result<Self, RetrieverError> {
        let present = fs::read_to_string(dir.join(POINTER)).unwrap_or_default();
        let number = present
            .split('-')
            .next()
            .and_then(|n| n.trim().parse::<u64>().ok())
            .unwrap_or(0)
            + 1;
        let generation = format!("{number:06}-v{INDEX_VERSION}");
        let folder = dir.join(&generation);
        // What an interrupted build left behind.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(RetrieverError::io(&folder))?;
        let mut store = Self::open_generation(dir, &generation, true)?;
        if let Err(error) = store.fill(snapshot, conventions, watch) {
            drop(store);
            let _ = fs::remove_dir_all(&folder);
            return Err(error);
        }
        point(dir, &generation)?;
        Ok(store)
    }

    /// Removes generations other than this one. The caller has dropped their readers.
    pub(crate) fn sweep(&self) {
        sweep(&self.dir, &self.generation);
    }

    fn open_generation(dir: &Path, generation: &str, create: bool) -> Result<Self, RetrieverError> {
        let folder = dir.join(generation);
        let fields = Fields::new();
        let index = if create {
            tantivy::Index::create_in_dir(&folder, fields.schema.clone())?
        } else {
            tantivy::Index::open_in_dir(&folder)?
        };
        if index.schema() != fields.schema {
            return Err(RetrieverError::Corrupt {
                path: folder,
                cause: "it has another schema".into(),
            });
        }
        register_analysers(&index);
        let payload = index.load_metas()?.payload.unwrap_or_default();
        let mut lines = payload.lines();
        let revision = lines.next().and_then(|p| p.parse().ok()).unwrap_or(0);
        let told_by = lines.map(str::to_owned).collect();
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        // One thread: segments then come in one order, and two cores have queries to serve as well.
        let writer = index.writer_with_num_threads(1, WRITER_MEMORY)?;
        Ok(Self {
            dir: dir.to_owned(),
            generation: generation.to_owned(),
            fields,
            writer,
            reader,
            revision,
            told_by,
        })
    }

    /// The revision that the last commit holds.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether the classes and names that it holds were told by the predicates that tell them now.
    pub(crate) fn is_told_by(&self, snapshot: &Snapshot, conventions: &Conventions) -> bool {
        self.told_by == told_by(snapshot, conventions)
    }

    /// A reader of the last commit.
    pub(crate) fn reader(&self) -> IndexReader {
        IndexReader::new(self.reader.searcher(), self.fields.clone())
    }

    /// Brings the index to the snapshot's revision, given what changed since the index's own. All or
    /// nothing: on an error the index stays where it was.
    pub(crate) fn follow(
        &mut self,
        snapshot: &Snapshot,
        changes: &[Change],
        conventions: &Conventions,
        watch: &dyn Watch,
    ) -> Result<(), RetrieverError> {
        let everything = !self.is_told_by(snapshot, conventions)
            || changes
                .iter()
                .any(|c| matches!(c.extent, Extent::Quads(Touched::Everything)));
        let result = if everything {
            self.writer
                .delete_all_documents()
                .map_err(RetrieverError::from)
                .and_then(|_| self.fill(snapshot, conventions, watch))
        } else {
            self.follow_few(snapshot, changes, conventions, watch)
        };
        if result.is_err() {
            self.writer.rollback()?;
        }
        result
    }

    fn follow_few(
        &mut self,
        snapshot: &Snapshot,
        changes: &[Change],
        conventions: &Conventions,
        watch: &dyn Watch,
    ) -> Result<(), RetrieverError> {
        let mut iris = HashSet::new();
        let mut documents = HashSet::new();
        for change in changes {
            match &change.extent {
                Extent::Quads(Touched::Terms(terms)) => {
                    iris.extend(terms.iter().filter_map(|term| match term {
                        RdfTerm::NamedNode(node) => Some(node.as_str()),
                        _ => None,
                    }));
                }
                Extent::Documents { put, deleted } => {
                    documents.extend(put.iter().chain(deleted).map(String::as_str));
                }
                Extent::Quads(Touched::Everything) | Extent::Nothing => {}
            }
        }
        // The predicates of a Wikibase are called as their properties are.
        let mut named = Vec::new();
        for iri in &iris {
            let node = NamedNodeRef::new_unchecked(iri);
            for kind in vocab::wikibase::PREDICATES {
                for quad in snapshot.quads(Some(node.into()), Some(kind), None, None) {
                    if let RdfTerm::NamedNode(predicate) = quad?.object {
                        named.push(predicate.into_string());
                    }
                }
            }
        }
        // What a blank node holds is a value of what it is an object of, and what a name holds is one of its bearer's.
        for change in changes {
            let Extent::Quads(Touched::Terms(terms)) = &change.extent else {
                continue;
            };
            for holder in terms {
                let names = conventions.name_nodes().iter();
                let leading: Vec<Option<NamedNodeRef<'_>>> = match holder {
                    RdfTerm::BlankNode(_) => vec![None],
                    RdfTerm::NamedNode(_) => names
                        .map(|(predicate, _)| Some(NamedNodeRef::new_unchecked(predicate)))
                        .collect(),
                    _ => Vec::new(),
                };
                for predicate in leading {
                    for quad in snapshot.quads(None, predicate, Some(holder.as_ref()), None) {
                        if let NamedOrBlankNode::NamedNode(node) = quad?.subject {
                            named.push(node.into_string());
                        }
                    }
                }
            }
        }
        iris.extend(named.iter().map(String::as_str));
        let total = Some((iris.len() + documents.len()) as u64);
        for (done, iri) in iris.iter().enumerate() {
            self.writer
                .delete_term(Term::from_field_text(self.fields.iri, iri));
            if let Some(record) = EntityRecord::read(snapshot, iri, conventions)? {
                self.writer
                    .add_document(record.to_document(&self.fields)?)?;
            }
            step(watch, done as u64, total)?;
        }
        for (done, id) in documents.iter().enumerate() {
            self.writer
                .delete_term(Term::from_field_text(self.fields.document, id));
            if let Some(document) = snapshot.document(id)? {
                self.add_passages(&document)?;
            }
            step(watch, (iris.len() + done) as u64, total)?;
        }
        self.commit(snapshot, conventions)
    }

    fn fill(
        &mut self,
        snapshot: &Snapshot,
        conventions: &Conventions,
        watch: &dyn Watch,
    ) -> Result<(), RetrieverError> {
        let iris = entities(snapshot)?;
        let total = Some(iris.len() as u64 + snapshot.document_count()?);
        let mut done = 0;
        for iri in &iris {
            if let Some(record) = EntityRecord::read(snapshot, iri, conventions)? {
                self.writer
                    .add_document(record.to_document(&self.fields)?)?;
            }
            done += 1;
            step(watch, done, total)?;
        }
        let mut after: Option<String> = None;
        loop {
            let page = snapshot.documents(after.as_deref(), 256)?;
            for document in &page {
                self.add_passages(document)?;
                done += 1;
                step(watch, done, total)?;
            }
            match page.last() {
                Some(last) => after = Some(last.id.clone()),
                None => break,
            }
        }
        self.commit(snapshot, conventions)
    }

    fn add_passages(&mut self, document: &Document) -> Result<(), RetrieverError> {
        for chunk in chunks(&document.text) {
            let mut passage = TantivyDocument::new();
            passage.add_text(self.fields.kind, "passage");
            passage.add_text(self.fields.document, &document.id);
            passage.add_text(self.fields.title, document.title.as_deref().unwrap_or(""));
            passage.add_text(self.fields.text, chunk.text);
            passage.add_u64(self.fields.start, chunk.start as u64);
            for iri in &document.about {
                passage.add_text(self.fields.about, iri);
            }
            self.writer.add_document(passage)?;
        }
        Ok(())
    }

    /// The payload is the revision, and on further lines how classes and names are told.
    fn commit(
        &mut self,
        snapshot: &Snapshot,
        conventions: &Conventions,
    ) -> Result<(), RetrieverError> {
        let revision = snapshot.revision();
        let told_by = told_by(snapshot, conventions);
        let mut payload = vec![revision.to_string()];
        payload.extend(told_by.iter().cloned());
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&payload.join("\n"));
        prepared.commit()?;
        self.reader.reload()?;
        self.revision = revision;
        self.told_by = told_by;
        Ok(())
    }
}

/// The predicates by which classes are told beside `rdf:type`, and behind words for it, those that name things; and a mark of
/// which classes have classes for members.
fn told_by(snapshot: &Snapshot, conventions: &Conventions) -> Vec<String> {
    let typing = conventions.own_typing().cloned();
    let naming = snapshot.naming();
    let labels = naming
        .labels
        .iter()
        .map(|name| format!("label {}", name.as_str()));
    let aliases = naming
        .aliases
        .iter()
        .map(|name| format!("alias {}", name.as_str()));
    let full = naming
        .full
        .iter()
        .map(|[given, family]| format!("full {} {}", given.as_str(), family.as_str()));
    let nodes = conventions
        .name_nodes()
        .iter()
        .map(|(predicate, texts)| format!("node {predicate} {}", texts.join(" ")));
    let mut hasher = DefaultHasher::new();
    let of_classes = conventions.of_classes();
    let count = of_classes.map(|class| class.hash(&mut hasher)).count();
    let terms = (count > 0).then(|| format!("classes of classes {:x}", hasher.finish()));
    typing
        .chain(labels)
        .chain(full)
        .chain(aliases)
        .chain(nodes)
        .chain(terms)
        .collect()
}

/// IRIs of all that facts name: subjects, and objects that are IRIs.
pub(crate) fn entities(snapshot: &Snapshot) -> Result<Vec<String>, RetrieverError> {
    let mut seen: HashMap<String, ()> = HashMap::new();
    let mut add = |iri: &str| {
        if !seen.contains_key(iri) {
            seen.insert(iri.to_owned(), ());
        }
    };
    for quad in snapshot.quads(None, None, None, None) {
        let quad = quad?;
        if let NamedOrBlankNode::NamedNode(node) = &quad.subject {
            add(node.as_str());
        }
        if let RdfTerm::NamedNode(node) = &quad.object {
            add(node.as_str());
        }
    }
    let mut iris: Vec<String> = seen.into_keys().collect();
    iris.sort_unstable();
    Ok(iris)
}

fn step(watch: &dyn Watch, done: u64, total: Option<u64>) -> Result<(), RetrieverError> {
    if done.is_multiple_of(512) {
        watch.progress("index", done, total);
        if watch.cancelled() {
            return Err(kg_store::StoreError::Cancelled.into());
        }
    }
    Ok(())
}

fn point(dir: &Path, generation: &str) -> Result<(), RetrieverError> {
    let (target, beside) = (dir.join(POINTER), dir.join(format!("{POINTER}.new")));
    let write = || {
        fs::write(&beside, generation)?;
        fs::File::open(&beside)?.sync_all()?;
        fs::rename(&beside, &target)?;
        fs::File::open(dir)?.sync_all()
    };
    write().map_err(RetrieverError::io(&target))
}

fn sweep(dir: &Path, keep: &str) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.path().is_dir() && entry.file_name() != *keep {
            // A folder that cannot be removed now is removed at the next opening.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
