//! The corpus: documents by id, in a redb file that follows the journal as the RDF store does.
//!
//! Each transaction stores the revision that it brings the file to, so that replay knows where to begin,
//! whatever older copy of the file it finds.

use std::{collections::BTreeMap, path::Path};

use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTableMetadata, TableDefinition};
use schemas::documents::Document;

use crate::{
    StoreError,
    journal::{DocumentRow, Segment},
    layout::to_json,
};

const DOCUMENTS: TableDefinition<'static, &'static str, &'static [u8]> =
    TableDefinition::new("documents");
const META: TableDefinition<'static, &'static str, u64> = TableDefinition::new("meta");
const REVISION: &str = "revision";

/// The file of documents.
pub(crate) struct Documents {
    database: Database,
}

/// The documents of one revision, undisturbed by later writes.
pub(crate) struct DocumentsView {
    table: ReadOnlyTable<&'static str, &'static [u8]>,
}

impl Documents {
    /// Opens the file, or begins it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], which says that the file can be deleted, since the journal holds it all.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let damaged = |message: String| {
            StoreError::corrupt(
                path,
                format!("{message} (delete this file: it is rebuilt from the journal)"),
            )
        };
        let database = Database::builder()
            .set_cache_size(32 << 20)
            .create(path)
            .map_err(|error| match error {
                redb::DatabaseError::Storage(redb::StorageError::Corrupted(message)) => {
                    damaged(message)
                }
                redb::DatabaseError::Storage(redb::StorageError::Io(error))
                    if matches!(
                        error.kind(),
                        std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof
                    ) =>
                {
                    damaged(error.to_string())
                }
                other => other.into(),
            })?;
        let transaction = database.begin_write()?;
        transaction.open_table(DOCUMENTS)?;
        transaction.open_table(META)?;
        transaction.commit()?;
        Ok(Self { database })
    }

    /// The last revision of documents that the file holds.
    pub(crate) fn revision(&self) -> Result<u64, StoreError> {
        let table = self.database.begin_read()?.open_table(META)?;
        Ok(table.get(REVISION)?.map_or(0, |value| value.value()))
    }

    /// Applies a segment: all of it or nothing. Returns the ids put and deleted, each in one list only.
    pub(crate) fn apply(
        &self,
        segment: &Segment,
    ) -> Result<(Vec<String>, Vec<String>), StoreError> {
        let transaction = self.database.begin_write()?;
        let mut put = BTreeMap::new();
        {
            let mut table = transaction.open_table(DOCUMENTS)?;
            for row in segment.document_rows()? {
                match row? {
                    DocumentRow::Put(document) => {
                        table.insert(document.id.as_str(), to_json(&document)?.as_slice())?;
                        put.insert(document.id, true);
                    }
                    DocumentRow::Delete(id) => {
                        table.remove(id.as_str())?;
                        put.insert(id, false);
                    }
                    DocumentRow::End(_) => {}
                }
            }
            transaction
                .open_table(META)?
                .insert(REVISION, segment.revision)?;
        }
        transaction.commit()?;
        Ok(split(put))
    }

    pub(crate) fn view(&self) -> Result<DocumentsView, StoreError> {
        Ok(DocumentsView {
            table: self.database.begin_read()?.open_table(DOCUMENTS)?,
        })
    }
}

/// The ids that a segment puts and deletes, as far as its last word on each goes.
pub(crate) fn touched(segment: &Segment) -> Result<(Vec<String>, Vec<String>), StoreError> {
    let mut put = BTreeMap::new();
    for row in segment.document_rows()? {
        match row? {
            DocumentRow::Put(document) => {
                put.insert(document.id, true);
            }
            DocumentRow::Delete(id) => {
                put.insert(id, false);
            }
            DocumentRow::End(_) => {}
        }
    }
    Ok(split(put))
}

fn split(put: BTreeMap<String, bool>) -> (Vec<String>, Vec<String>) {
    let (put, deleted): (Vec<_>, Vec<_>) = put.into_iter().partition(|(_, put)| *put);
    let ids = |list: Vec<(String, bool)>| list.into_iter().map(|(id, _)| id).collect();
    (ids(put), ids(deleted))
}

impl DocumentsView {
    pub(crate) fn get(&self, id: &str) -> Result<Option<Document>, StoreError> {
        self.table
            .get(id)?
            .map(|value| decode(id, value.value()))
            .transpose()
    }

    pub(crate) fn contains(&self, id: &str) -> Result<bool, StoreError> {
        Ok(self.table.get(id)?.is_some())
    }

    /// Documents in the order of their ids, after one of them or from the first.
    pub(crate) fn list(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Document>, StoreError> {
        use std::ops::Bound;
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.table
            .range::<&str>((from, Bound::Unbounded))?
            .take(limit)
            .map(|entry| {
                let (id, value) = entry?;
                decode(id.value(), value.value())
            })
            .collect()
    }

    pub(crate) fn count(&self) -> Result<u64, StoreError> {
        Ok(self.table.len()?)
    }
}

fn decode(id: &str, json: &[u8]) -> Result<Document, StoreError> {
    serde_json::from_slice(json)
        .map_err(|error| StoreError::Storage(format!("document `{id}` cannot be read: {error}")))
}
