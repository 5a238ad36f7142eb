//! What all handlers share.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use answer::Answerer;
use metrics_exporter_prometheus::PrometheusHandle;
use parking_lot::Mutex;
use retriever::{Library, RetrieverError, Shelf};
use schemas::{ErrorClass, KbName};

use crate::{
    auth::{Caller, KeyStore, Role},
    config::Settings,
    http::{body::BodyLimits, idempotency::Idempotency},
    jobs::Jobs,
    models::LoadedModels,
    pools::Pools,
    problem::ApiError,
    proofs,
};

/// What all handlers share.
pub struct AppState {
    /// The settings in force.
    pub settings: Settings,
    /// Whether only this machine can reach the server.
    pub loopback: bool,
    /// The knowledge bases.
    pub library: Arc<Library>,
    /// Answers questions.
    pub answerer: Arc<Answerer>,
    /// The models behind it.
    pub models: LoadedModels,
    /// The API keys.
    pub keys: KeyStore,
    /// Threads for blocking work.
    pub pools: Pools,
    /// Long work.
    pub jobs: Jobs,
    /// Replies kept for their keys.
    pub idempotency: Idempotency,
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
    /// When the server started.
    pub started: Instant,
    /// Unix time in seconds at which the server started.
    pub started_unix: i64,
    /// Knowledge bases that did not open when last asked for.
    pub faulty: Mutex<BTreeSet<KbName>>,
    /// Set once all knowledge bases are open.
    pub ready: AtomicBool,
    /// Set when the server was told to stop.
    pub stopping: AtomicBool,
}

impl AppState {
    /// A knowledge base for a caller with a role. One that the caller may not know of is as absent as one that
    /// does not exist. Opens it when it is not open yet: call it on a pool.
    pub fn shelf(&self, caller: &Caller, name: &str, role: Role) -> Result<Arc<Shelf>, ApiError> {
        let name = self.visible(caller, name, role)?;
        self.open(&name)
    }

    /// A knowledge base, opened when it is not open yet. One that does not open is noted as faulty until it
    /// does.
    pub fn open(&self, name: &KbName) -> Result<Arc<Shelf>, ApiError> {
        let error = match self.library.get(name) {
            Ok(shelf) => {
                self.faulty.lock().remove(name);
                return Ok(shelf);
            }
            Err(error @ RetrieverError::UnknownKnowledgeBase(_)) => {
                self.faulty.lock().remove(name);
                return Err(error.into());
            }
            Err(error) => error,
        };
        if self.faulty.lock().insert(name.clone()) {
            tracing::error!(kb = %name, %error, "a knowledge base does not open");
        }
        let error = ApiError::from(error);
        let message = format!("the knowledge base `{name}` does not open: {error}");
        Err(error.with_message(message))
    }

    /// The names of the knowledge bases that did not open when last asked for.
    pub fn faulty(&self) -> Vec<KbName> {
        self.faulty.lock().iter().cloned().collect()
    }

    /// The name of a knowledge base, if the caller may use one of that name; it need not exist.
    pub fn visible(&self, caller: &Caller, name: &str, role: Role) -> Result<KbName, ApiError> {
        let parsed: KbName = name.parse()?;
        if !caller.sees(name) {
            return Err(ApiError::not_found(format!(
                "there is no knowledge base named `{name}`"
            )));
        }
        caller.allow(role)?;
        Ok(parsed)
    }

    /// Bounds of a small body: a chat request, a query.
    pub fn small_body(&self) -> BodyLimits {
        self.body(self.settings.limits.small_body_bytes)
    }

    /// Bounds of a proof, which may be as long as the longest answer.
    pub fn proof_body(&self) -> BodyLimits {
        self.body(proofs::MOST_BYTES.max(self.settings.limits.small_body_bytes))
    }

    /// Bounds of an upload of documents.
    pub fn documents_body(&self) -> BodyLimits {
        self.body(self.settings.limits.documents_body_bytes)
    }

    /// Bounds of a load of RDF.
    pub fn rdf_body(&self) -> BodyLimits {
        self.body(self.settings.limits.rdf_body_bytes)
    }

    fn body(&self, bytes: u64) -> BodyLimits {
        BodyLimits {
            bytes,
            idle: self.settings.limits.body_idle(),
        }
    }

    /// The moment by which an answer must be done.
    pub fn request_deadline(&self) -> Instant {
        Instant::now() + self.settings.limits.request_time()
    }

    /// Whether the server takes requests.
    pub fn is_ready(&self) -> Result<(), ApiError> {
        if self.stopping.load(Ordering::Relaxed) {
            return Err(ApiError::new(
                ErrorClass::Unavailable,
                "the server is stopping",
            ));
        }
        self.is_open()
    }

    /// Whether all knowledge bases are open.
    pub fn is_open(&self) -> Result<(), ApiError> {
        if self.ready.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(ApiError::new(
            ErrorClass::Unavailable,
            "knowledge bases are being opened",
        ))
    }
}
