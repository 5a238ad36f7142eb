//! Bounded pools of threads for blocking work, so that none of it runs on an HTTP worker.
//!
//! A pool refuses work at once when its queue is full. Work whose caller has gone, or whose deadline passed
//! while it waited, is dropped without being run.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Instant,
};

use schemas::ErrorClass;
use tokio::sync::oneshot;

use crate::problem::ApiError;

/// Set once, when the caller has gone or an administrator cancels; read by the work.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the work to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work should stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, for those who read a plain one.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    /// A guard that sets the flag when it is dropped: an HTTP future or body that goes away takes its work along.
    pub fn on_drop(&self) -> CancelOnDrop {
        CancelOnDrop(self.clone())
    }
}

/// Sets its flag when dropped.
#[derive(Debug)]
pub struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

type Work = Box<dyn FnOnce() + Send>;

/// A fixed number of threads and a bounded queue.
pub struct Pool {
    name: &'static str,
    // A std mutex: it is held only for `send` and `recv`, never across work or an await.
    sender: Mutex<Option<mpsc::SyncSender<Work>>>,
    depth: Arc<AtomicUsize>,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
}

impl Pool {
    /// Starts `threads` threads whose stacks hold `stack` bytes; `queue` pieces of work may wait.
    pub fn new(name: &'static str, threads: usize, queue: usize, stack: usize) -> io::Result<Self> {
        let (sender, receiver) = mpsc::sync_channel::<Work>(queue.max(1));
        let receiver = Arc::new(Mutex::new(receiver));
        let depth = Arc::new(AtomicUsize::new(0));
        let threads = (0..threads.max(1))
            .map(|i| {
                let receiver = Arc::clone(&receiver);
                let depth = Arc::clone(&depth);
                thread::Builder::new()
                    .name(format!("{name}-{i}"))
                    .stack_size(stack)
                    .spawn(move || serve(&receiver, &depth))
            })
            .collect::<io::Result<Vec<_>>>()?;
        Ok(Self {
            name,
            sender: Mutex::new(Some(sender)),
            depth,
            threads: Mutex::new(threads),
        })
    }

    /// The pool's name, as metrics know it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Pieces of work that wait.
    pub fn waiting(&self) -> usize {
        self.depth.load(Ordering::Relaxed)
    }

    /// Hands work to the pool, or refuses it at once: `Overloaded` when the queue is full, `Unavailable` when the
    /// pool is closed.
    pub fn spawn(&self, work: impl FnOnce() + Send + 'static) -> Result<(), ApiError> {
        let guard = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = guard.as_ref() else {
            return Err(ApiError::new(
                ErrorClass::Unavailable,
                "the server is stopping",
            ));
        };
        self.depth.fetch_add(1, Ordering::Relaxed);
        sender.try_send(Box::new(work)).map_err(|_| {
            self.depth.fetch_sub(1, Ordering::Relaxed);
            ApiError::new(
                ErrorClass::Overloaded,
                "too many requests are under way; try again in a moment",
            )
        })
    }

    /// Runs work and waits for its result without holding an HTTP worker.
    ///
    /// When the future is dropped, `cancel` is set; when the deadline passes before the work could begin, the
    /// result is a timeout.
    pub async fn run<T, F>(&self, cancel: Cancel, deadline: Instant, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, ApiError> + Send + 'static,
    {
        let _guard = cancel.on_drop();
        let (sender, receiver) = oneshot::channel();
        self.spawn(move || {
            let result = if cancel.is_cancelled() {
                Err(ApiError::new(ErrorClass::Cancelled, "the caller has gone"))
            } else if Instant::now() >= deadline {
                Err(ApiError::new(
                    ErrorClass::Timeout,
                    "the time allowed ran out in the queue",
                ))
            } else {
                // A panic must not take the pool's thread along, nor leave the caller waiting.
                catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
                    let what = panic
                        .downcast_ref::<&str>()
                        .map(|s| (*s).to_owned())
                        .or_else(|| panic.downcast_ref::<String>().cloned())
                        .unwrap_or_default();
                    tracing::error!(panic = %what, "a request's work panicked");
                    Err(ApiError::internal(
                        "the request failed by a fault of the server",
                    ))
                })
            };
            let _ = sender.send(result);
        })?;
        receiver
            .await
            .unwrap_or_else(|_| Err(ApiError::internal("the request's work was lost")))
    }

    /// Takes no more work, finishes what was accepted and joins the threads.
    pub fn close(&self) {
        drop(
            self.sender
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            let _ = thread.join();
        }
    }
}

fn serve(receiver: &Mutex<mpsc::Receiver<Work>>, depth: &AtomicUsize) {
    loop {
        let next = receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(work) = next else { return };
        depth.fetch_sub(1, Ordering::Relaxed);
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            tracing::error!("a piece of work panicked");
        }
    }
}

/// The server's pools.
pub struct Pools {
    /// Answers.
    pub answers: Pool,
    /// Plain chats, which do little but wait for the language model: a thread for each that it serves or queues.
    pub chats: Pool,
    /// SPARQL, search, documents, exports.
    pub queries: Pool,
    /// Writes that a request waits for.
    pub writes: Pool,
}

impl Pools {
    /// Starts the pools: `concurrency` threads for each kind of computing, `chats` for plain chats.
    pub fn new(concurrency: usize, chats: usize, queue: usize) -> io::Result<Self> {
        const STACK: usize = 16 << 20;
        const CHAT_STACK: usize = 4 << 20;
        Ok(Self {
            answers: Pool::new("answers", concurrency, queue, STACK)?,
            chats: Pool::new("chats", chats, queue, CHAT_STACK)?,
            queries: Pool::new("queries", concurrency, queue, STACK)?,
            writes: Pool::new("writes", concurrency, queue, STACK)?,
        })
    }

    /// All pools, for metrics.
    pub fn all(&self) -> [&Pool; 4] {
        [&self.answers, &self.chats, &self.queries, &self.writes]
    }

    /// Closes all pools.
    pub fn close(&self) {
        for pool in self.all() {
            pool.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[actix_web::test]
    async fn a_full_queue_refuses_at_once() {
        let pool = Pool::new("test", 1, 1, 1 << 20).unwrap();
        let (release, held) = mpsc::channel::<()>();
        let (started, running) = mpsc::channel::<()>();
        pool.spawn(move || {
            let _ = started.send(());
            let _ = held.recv();
        })
        .unwrap();
        running.recv().unwrap();
        pool.spawn(|| {}).unwrap();
        let refused = pool.spawn(|| {}).unwrap_err();
        assert_eq!(refused.class(), ErrorClass::Overloaded);
        release.send(()).unwrap();
        pool.close();
        assert_eq!(
            pool.spawn(|| {}).unwrap_err().class(),
            ErrorClass::Unavailable
        );
    }

    #[actix_web::test]
    async fn a_panic_is_an_answer_and_the_thread_lives_on() {
        let pool = Pool::new("test", 1, 4, 1 << 20).unwrap();
        let soon = Instant::now() + Duration::from_secs(5);
        let failed = pool
            .run::<(), _>(Cancel::new(), soon, || panic!("boom"))
            .await;
        assert_eq!(failed.unwrap_err().class(), ErrorClass::Internal);
        let fine = pool.run(Cancel::new(), soon, || Ok(7)).await;
        assert_eq!(fine.unwrap(), 7);
    }

    #[actix_web::test]
    async fn a_dropped_future_cancels_its_work() {
        let pool = Pool::new("test", 1, 4, 1 << 20).unwrap();
        let cancel = Cancel::new();
        let soon = Instant::now() + Duration::from_secs(5);
        let seen = cancel.clone();
        let future = pool.run(cancel.clone(), soon, move || {
            while !seen.is_cancelled() {
                thread::sleep(Duration::from_millis(1));
            }
            Ok(())
        });
        let _ = tokio::time::timeout(Duration::from_millis(20), future).await;
        assert!(cancel.is_cancelled());
        pool.close();
    }
}
