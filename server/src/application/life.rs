//! What happens around the serving: opening, upkeep, stopping, closing.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use actix_web::{dev::ServerHandle, web};

use crate::state::AppState;

/// Opens all knowledge bases in the background, so that the first question to each does not wait for it.
pub(super) fn open_all(state: &web::Data<AppState>) {
    let state = web::Data::clone(state);
    let opened = std::thread::Builder::new()
        .name("open".to_owned())
        .spawn(move || {
            let names = state.library.list().unwrap_or_default();
            for name in names {
                let began = Instant::now();
                // One that does not open is alone out of service, and the state has logged why.
                if let Ok(shelf) = state.open(&name) {
                    tracing::info!(
                        kb = %name,
                        revision = shelf.view().revision(),
                        ms = began.elapsed().as_millis(),
                        "knowledge base is open"
                    );
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
pub(super) async fn close(state: web::Data<AppState>) {
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
pub(super) async fn keep_metrics(state: web::Data<AppState>) {
    let mut every = tokio::time::interval(Duration::from_secs(5));
    loop {
        every.tick().await;
        state.metrics.run_upkeep();
    }
}

pub(super) async fn stop_on_signal(handle: ServerHandle, state: web::Data<AppState>) {
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
