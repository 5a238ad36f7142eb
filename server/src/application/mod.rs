//! Builds the server on a listener and runs it until it is told to stop.

mod error;
mod life;

use std::{
    io,
    net::{SocketAddr, TcpListener, ToSocketAddrs},
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use actix_web::{App, HttpServer, dev::Server, middleware::from_fn, web};
use answer::Answerer;
use retriever::{Library, LibraryOptions};
use tracing_actix_web::TracingLogger;

pub use error::BuildError;

use crate::{
    auth::{KeyStore, now_ms},
    config::Settings,
    data_folder,
    http::{edge::edge, idempotency::Idempotency, request_id::RequestSpan},
    jobs::Jobs,
    models,
    pools::Pools,
    routes,
    state::AppState,
    telemetry::metrics,
};

/// A server that is bound and ready to run.
pub struct Application {
    server: Server,
    state: web::Data<AppState>,
    address: SocketAddr,
    url: String,
    _folder: data_folder::Exclusive,
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
        let keys = KeyStore::open(&data, settings.admin_key_file.as_deref())?;
        if !loopback && !keys.any()? {
            return Err(BuildError::NoKey(address));
        }
        let url = url_of(address);
        let folder = data_folder::take(&data, &url)?;
        let state = build_state(&settings, keys, loopback, &url)?;
        let server = serve(&settings, Arc::clone(&state), listener).map_err(listening)?;
        Ok(Self {
            server,
            state: web::Data::from(state),
            address,
            url,
            _folder: folder,
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
            _folder,
            ..
        } = self;
        let handle = server.handle();
        life::open_all(&state);
        actix_web::rt::spawn(life::stop_on_signal(handle, web::Data::clone(&state)));
        tracing::info!(url, pid = std::process::id(), data = %state.settings.data.display(), "almanac serves at {url}");
        actix_web::rt::spawn(life::keep_metrics(web::Data::clone(&state)));
        let outcome = server.await;
        life::close(web::Data::clone(&state)).await;
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
        pools: Pools::new(limits.concurrency, settings.models.chats(), limits.queue)
            .map_err(other)?,
        jobs,
        idempotency: Idempotency::default(),
        metrics: metrics::recorder().map_err(BuildError::Other)?,
        started: Instant::now(),
        started_unix: now_ms() / 1000,
        faulty: Default::default(),
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
