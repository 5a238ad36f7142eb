//! A server that answers as a test says: what a model's server does when it fails.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

/// Bytes of a request's body that are read.
const MOST: usize = 1 << 20;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The request line and the headers.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Seen {
    /// Whether it asks for a path, by whichever method.
    pub fn asks(&self, path: &str) -> bool {
        self.head.split(' ').nth(1) == Some(path)
    }
}

/// Listens on a port of its own until it is dropped. Each connection is one request.
pub struct Upstream {
    address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Upstream {
    /// Answers by writing to the connection, which is closed afterwards.
    ///
    /// # Panics
    /// If there is no port to listen on.
    pub fn start(answer: impl Fn(&Seen, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (seen, stopping) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let (noted, stop, answer) = (Arc::clone(&seen), Arc::clone(&stopping), Arc::new(answer));
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &noted, &*answer));
            }
        });
        Self {
            address,
            seen,
            stopping,
            thread: Some(thread),
        }
    }

    /// Its address, as `http://127.0.0.1:1234`.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests that came so far.
    ///
    /// # Panics
    /// If an answer panicked.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no answer panicked").clone()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(&self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(mut stream: TcpStream, noted: &Mutex<Vec<Seen>>, answer: &dyn Fn(&Seen, &mut TcpStream)) {
    let Some(request) = read(&stream) else { return };
    if let Ok(mut noted) = noted.lock() {
        noted.push(request.clone());
    }
    answer(&request, &mut stream);
}

fn read(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut seen = Seen::default();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        seen.head.push_str(&line);
    }
    let length = seen.head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let value = name
            .eq_ignore_ascii_case("content-length")
            .then_some(value)?;
        value.trim().parse::<usize>().ok()
    });
    let mut body = vec![0; length.unwrap_or(0).min(MOST)];
    reader.read_exact(&mut body).ok()?;
    seen.body = String::from_utf8_lossy(&body).into_owned();
    Some(seen)
}

/// Writes a whole answer. A client that has left is no fault.
pub fn reply(stream: &mut TcpStream, status: &str, media_type: &str, body: &str) {
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
}

/// Writes the head of a stream of events that ends with the connection.
pub fn begin_events(stream: &mut TcpStream) {
    let _ = stream.write_all(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n",
    );
}
