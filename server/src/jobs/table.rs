//! What outlives the process: records of jobs and kept replies, in `jobs.redb`.

use std::path::Path;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use schemas::{ErrorClass, jobs::Job};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::work::Work;
use crate::{auth::now_ms, http::idempotency::Kept, problem::ApiError};

const JOBS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("jobs");
const REPLIES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("replies");
/// How long a reply is kept.
const KEEP_MS: i64 = 24 * 3_600 * 1_000;
/// Replies above which the old ones are swept.
const SWEEP_AT: u64 = 10_000;

/// A job as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// What clients see.
    pub job: Job,
    /// What is to be done.
    pub work: Work,
    /// The file in the spool folder that holds the body.
    pub spool: Option<String>,
    /// Rises with each event.
    pub version: u64,
    /// How often it was begun.
    pub attempts: u32,
}

/// The tables. Each write is on disk when its method returns.
pub struct Table {
    database: Database,
}

fn failed(error: impl Into<redb::Error>) -> ApiError {
    match error.into() {
        redb::Error::Io(error) => crate::http::body::storage(&error),
        redb::Error::DatabaseAlreadyOpen => ApiError::new(
            ErrorClass::Unavailable,
            "the data folder is in use by another process",
        ),
        error => ApiError::internal(format!("jobs database: {error}")),
    }
}

impl Table {
    /// Opens or creates the file.
    pub fn open(path: &Path) -> Result<Self, ApiError> {
        let database = Database::create(path).map_err(failed)?;
        let transaction = database.begin_write().map_err(failed)?;
        transaction.open_table(JOBS).map_err(failed)?;
        transaction.open_table(REPLIES).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(Self { database })
    }

    /// All records, oldest first.
    pub fn all(&self) -> Result<Vec<Record>, ApiError> {
        let transaction = self.database.begin_read().map_err(failed)?;
        let table = transaction.open_table(JOBS).map_err(failed)?;
        let mut records = Vec::new();
        for row in table.iter().map_err(failed)? {
            let (_, value) = row.map_err(failed)?;
            records.push(decode(value.value())?);
        }
        Ok(records)
    }

    /// Writes a record.
    pub fn put(&self, record: &Record) -> Result<(), ApiError> {
        self.write(JOBS, &record.job.id, record)
    }

    /// Deletes records.
    pub fn remove(&self, ids: &[String]) -> Result<(), ApiError> {
        let transaction = self.database.begin_write().map_err(failed)?;
        {
            let mut table = transaction.open_table(JOBS).map_err(failed)?;
            for id in ids {
                table.remove(id.as_str()).map_err(failed)?;
            }
        }
        transaction.commit().map_err(failed)
    }

    /// The reply kept under a key, if it is no older than a day.
    pub fn kept(&self, scope: &str) -> Result<Option<Kept>, ApiError> {
        let transaction = self.database.begin_read().map_err(failed)?;
        let table = transaction.open_table(REPLIES).map_err(failed)?;
        let Some(value) = table.get(scope).map_err(failed)? else {
            return Ok(None);
        };
        let kept: Kept = decode(value.value())?;
        Ok((now_ms() - kept.at_ms < KEEP_MS).then_some(kept))
    }

    /// Keeps a reply.
    pub fn keep(&self, scope: &str, kept: &Kept) -> Result<(), ApiError> {
        self.sweep()?;
        self.write(REPLIES, scope, kept)
    }

    fn sweep(&self) -> Result<(), ApiError> {
        use redb::ReadableTableMetadata;
        let transaction = self.database.begin_read().map_err(failed)?;
        let table = transaction.open_table(REPLIES).map_err(failed)?;
        if table.len().map_err(failed)? < SWEEP_AT {
            return Ok(());
        }
        drop((table, transaction));
        let transaction = self.database.begin_write().map_err(failed)?;
        {
            let mut table = transaction.open_table(REPLIES).map_err(failed)?;
            let now = now_ms();
            table
                .retain(|_, value| decode::<Kept>(value).is_ok_and(|k| now - k.at_ms < KEEP_MS))
                .map_err(failed)?;
        }
        transaction.commit().map_err(failed)
    }

    fn write(
        &self,
        definition: TableDefinition<'_, &str, &[u8]>,
        key: &str,
        value: &impl Serialize,
    ) -> Result<(), ApiError> {
        let bytes = serde_json::to_vec(value).map_err(|e| ApiError::internal(e.to_string()))?;
        let transaction = self.database.begin_write().map_err(failed)?;
        transaction
            .open_table(definition)
            .map_err(failed)?
            .insert(key, bytes.as_slice())
            .map_err(failed)?;
        transaction.commit().map_err(failed)
    }
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(bytes).map_err(|e| {
        ApiError::new(
            ErrorClass::Corrupt,
            format!("jobs database: a record is damaged: {e}"),
        )
    })
}
