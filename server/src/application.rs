//! Builds the server on a listener and runs it until it is told to stop.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, Write},
    net::{SocketAddr, TcpListener, ToSocketAddrs},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    middleware::from_fn,
    web,
};
use answer::Answerer;
use retriever::{Library, LibraryOptions};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tracing_actix_web::TracingLogger;

use crate::{
    auth::{KeyError, KeyStore, now_ms},
    config::Settings,
    http::{edge::edge, idempotency::Idempotency, request_id::RequestSpan},
    jobs::Jobs,
    models::{self, ModelError},
    pools::Pools,
    problem::ApiError,
    routes,
    state::AppState,
    telemetry::metrics,
};

/// Why the server could not be built.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// Others could reach the server and no key exists.
    #[error(
        "refusing to listen on {0}, which other machines can reach, while no key exists: \
         run `almanac key create --role admin --name NAME`, or set ALMANAC_ADMIN_KEY_FILE"
    )]
    NoKey(SocketAddr),
    /// Another server has the data folder.
    #[error("the data folder is in use by {owner}; use its address with --url")]
    Locked {
        /// The process, and its address when it is known.
        owner: String,
    },
    /// The data folder cannot be used.
    #[error("data folder `{}`: {source}", path.display())]
    Data {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Keys cannot be read.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// Models cannot be loaded.
    #[error(transparent)]
    Models(#[from] ModelError),
    /// Knowledge bases cannot be listed.
    #[error(transparent)]
    Library(#[from] retriever::RetrieverError),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl From<ApiError> for BuildError {
    fn from(error: ApiError) -> Self {
        Self::Other(error.to_string())
    }
}

/// What `server.json` tells: where a server that has the folder can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerFile {
    /// The address to use with `--url`.
    pub url: String,
    /// The process.
    pub pid: u32,
}

impl ServerFile {
    /// The path within a data folder.
    pub fn path(data: &Path) -> PathBuf {
        data.join("server.json")
    }

    /// What a data folder's file says, if there is one.
    pub fn read(data: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(Self::path(data)).ok()?).ok()
    }
}

/// Holds the data folder for one server. The lock goes with the process, however it ends.
struct DataLock {
    _file: File,
    server_file: PathBuf,
}

impl Drop for DataLock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.server_file);
    }
}

fn lock(data: &Path, url: &str) -> Result<DataLock, BuildError> {
    let failed = |source| BuildError::Data {
        path: data.to_owned(),
        source,
    };
    let path = data.join("server.lock");
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let _ = file.take(64).read_to_string(&mut pid);
            let owner = match ServerFile::read(data) {
                Some(server) => format!("process {}, serving it at {}", server.pid, server.url),
                None => format!("process {}", pid.trim()),
            };
            return Err(BuildError::Locked { owner });
        }
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    file.set_len(0).map_err(failed)?;
    file.rewind().map_err(failed)?;
    let pid = std::process::id();
    file.write_all(pid.to_string().as_bytes()).map_err(failed)?;
    let server_file = ServerFile::path(data);
    let text = serde_json::to_vec(&ServerFile {
        url: url.to_owned(),
        pid,
    })
    .map_err(|e| failed(e.into()))?;
    let fresh = data.join("server.json.new");
    fs::write(&fresh, text)
        .and_then(|()| fs::rename(&fresh, &server_file))
        .map_err(failed)?;
    Ok(DataLock {
        _file: file,
        server_file,
    })
}

/// A server that is bound and ready to run.
pub struct Application {
    server: Server,
    state: web::Data<AppState>,
    address: SocketAddr,
    url: String,
    _lock: DataLock,
}

/// Binds the address of the settings.
pub fn bind(settings: &Settings) -> Result<TcpListener, BuildError> {
    let failed = |source| BuildError::Listen {
        address: settings.listen.clone(),
        source,
    };
    let addresses: Vec<SocketAddr> = settings.listen.to_socket_addrs().map_err(failed)?.collect();
    TcpListener::bind(&addresses[..]).map_err(failed)
}

impl Application {
    /// Builds the server on a listener, whose port may have been 0. Models are loaded here; knowledge bases are
    /// opened after the start, and `/readyz` tells when all are.
    ///
    /// # Errors
    /// See [`BuildError`]; nothing has been served then.
    pub fn build(settings: Settings, listener: TcpListener) -> Result<Self, BuildError> {
        let listening = |source| BuildError::Listen {
            address: settings.listen.clone(),
            source,
        };
        let address = listener.local_addr().map_err(listening)?;
        let loopback = address.ip().is_loopback();
        let data = settings.data.clone();
        fs::create_dir_all(&data).map_err(|source| BuildError::Data {
            path: data.clone(),
            source,
        })?;
        let keys = KeyStore::open(&data, settings.admin_key_file.as_deref())?;
        if !loopback && !keys.any()? {
            return Err(BuildError::NoKey(address));
        }
        let url = url_of(address);
        let lock = lock(&data, &url)?;
        let state = build_state(&settings, keys, loopback, &url)?;
        let server = serve(&settings, Arc::clone(&state), listener).map_err(listening)?;
        Ok(Self {
            server,
            state: web::Data::from(state),
            address,
            url,
            _lock: lock,
        })
    }

    /// The address that is listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to pass to `--url`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves until SIGTERM or SIGINT, then lets what is under way finish within the time that the settings
    /// allow, puts running jobs back into the queue and closes the stores.
    pub async fn run(self) -> io::Result<()> {
        let Self {
            server,
            state,
            url,
            _lock,
            ..
        } = self;
        let handle = server.handle();
        open_all(&state);
        actix_web::rt::spawn(stop_on_signal(handle, web::Data::clone(&state)));
        tracing::info!(url, pid = std::process::id(), data = %state.settings.data.display(), "almanac serves at {url}");
        actix_web::rt::spawn(keep_metrics(web::Data::clone(&state)));
        let outcome = server.await;
        close(web::Data::clone(&state)).await;
        tracing::info!("almanac has stopped");
        outcome
    }
}

fn url_of(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("http://127.0.0.1:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

fn build_state(
    settings: &Settings,
    keys: KeyStore,
    loopback: bool,
    url: &str,
) -> Result<Arc<AppState>, BuildError> {
    let other = |e: io::Error| BuildError::Other(format!("cannot start threads: {e}"));
    let limits = &settings.limits;
    let mut options = LibraryOptions::default();
    options.store.owner_url = Some(url.to_owned());
    let library = Arc::new(Library::open(&settings.data, options)?);
    let found = models::find(settings)?;
    let began = Instant::now();
    let models = models::load(settings, &found)?;
    tracing::info!(
        language = models.language.as_ref().map_or("none", |m| m.id.as_str()),
        embedder = models.embedder.as_ref().map_or("none", |m| m.id.as_str()),
        ms = began.elapsed().as_millis(),
        "models are loaded"
    );
    let jobs = Jobs::open(
        &settings.data,
        Arc::clone(&library),
        limits.queued_jobs,
        limits.rdf_decoded_bytes,
    )?;
    Ok(Arc::new(AppState {
        settings: settings.clone(),
        loopback,
        library,
        answerer: Arc::new(Answerer::new(models.for_answers())),
        models,
        keys,
        pools: Pools::new(limits.concurrency, limits.queue).map_err(other)?,
        jobs,
        idempotency: Idempotency::default(),
        metrics: metrics::recorder().map_err(BuildError::Other)?,
        started: Instant::now(),
        started_unix: now_ms() / 1000,
        ready: AtomicBool::new(false),
        stopping: AtomicBool::new(false),
    }))
}

fn serve(settings: &Settings, state: Arc<AppState>, listener: TcpListener) -> io::Result<Server> {
    let limits = settings.limits.clone();
    let data = web::Data::from(state);
    Ok(HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .configure(routes::configure)
            .wrap(from_fn(edge))
            .wrap(TracingLogger::<RequestSpan>::new())
    })
    // A client that has left is seen at once, so that its work stops.
    .h1_allow_half_closed(false)
    .workers(2)
    .worker_max_blocking_threads(16)
    .max_connections(limits.connections)
    .client_request_timeout(Duration::from_secs(10))
    .keep_alive(Duration::from_secs(75))
    .shutdown_timeout(limits.shutdown_ms.div_ceil(1_000))
    .disable_signals()
    .listen(listener)?
    .run())
}

/// Opens all knowledge bases in the background, so that the first question to each does not wait for it.
fn open_all(state: &web::Data<AppState>) {
    let state = web::Data::clone(state);
    let opened = std::thread::Builder::new()
        .name("open".to_owned())
        .spawn(move || {
            let names = state.library.list().unwrap_or_default();
            for name in names {
                let began = Instant::now();
                match state.library.get(&name) {
                    Ok(shelf) => tracing::info!(
                        kb = %name,
                        revision = shelf.view().revision(),
                        ms = began.elapsed().as_millis(),
                        "knowledge base is open"
                    ),
                    // It alone is out of service; the others are not kept waiting for it.
                    Err(error) => {
                        tracing::error!(kb = %name, %error, "a knowledge base does not open");
                    }
                }
            }
            state.ready.store(true, Ordering::Relaxed);
        });
    if let Err(error) = opened {
        tracing::error!(%error, "cannot start the thread that opens knowledge bases");
    }
}

/// Closes jobs and pools, and waits for their threads within bounds: what does not end by itself (an index that
/// is being opened, say) ends with the process, and the journal makes that safe.
async fn close(state: web::Data<AppState>) {
    const LONGEST: Duration = Duration::from_secs(10);
    let (done, closed) = tokio::sync::oneshot::channel();
    let closing = std::thread::Builder::new()
        .name("close".to_owned())
        .spawn(move || {
            state.jobs.close();
            state.pools.close();
            let _ = done.send(());
        });
    if let Err(error) = closing {
        tracing::error!(%error, "cannot start the thread that closes the server");
        return;
    }
    if tokio::time::timeout(LONGEST, closed).await.is_err() {
        tracing::warn!("work under way did not stop in time and is cut off");
    }
}

/// Histograms keep each sample until somebody sums them up; without a scraper that is we.
async fn keep_metrics(state: web::Data<AppState>) {
    let mut every = tokio::time::interval(Duration::from_secs(5));
    loop {
        every.tick().await;
        state.metrics.run_upkeep();
    }
}

async fn stop_on_signal(handle: ServerHandle, state: web::Data<AppState>) {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::error!(%error, "SIGTERM cannot be watched");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = terminate => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("told to stop: finishing what is under way");
    state.stopping.store(true, Ordering::Relaxed);
    handle.stop(true).await;
}
