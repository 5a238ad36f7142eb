//! The real server on a port and, unless told otherwise, a data folder of its own.

use std::{
    fs::{self, File},
    ops::Deref,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{Client, binary, cli};

/// A server that runs until this value is dropped, or is stopped or killed.
pub struct Server {
    child: Child,
    client: Client,
    data: PathBuf,
    log: PathBuf,
    // Deletes the folders when the server is gone.
    _own: TempDir,
}

/// How to start a server.
pub struct Start {
    data: Option<PathBuf>,
    bind: String,
    models: Option<PathBuf>,
    environment: Vec<(String, String)>,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            data: None,
            bind: "127.0.0.1:0".to_owned(),
            models: None,
            environment: Vec::new(),
        }
    }
}

impl Start {
    /// On a folder that outlives the server.
    pub fn on(mut self, data: &Path) -> Self {
        self.data = Some(data.to_owned());
        self
    }

    /// On another address.
    pub fn bind(mut self, address: &str) -> Self {
        self.bind = address.to_owned();
        self
    }

    /// With the models of a folder; without this, with none.
    pub fn models(mut self, folder: &Path) -> Self {
        self.models = Some(folder.to_owned());
        self
    }

    /// With a variable set, such as a limit.
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Starts it and waits until it is ready.
    ///
    /// # Panics
    /// If it does not become ready, showing its log.
    pub fn start(self) -> Server {
        let own = TempDir::new().expect("a temporary folder");
        let data = self.data.unwrap_or_else(|| own.path().join("data"));
        let log = own.path().join("server.log");
        fs::create_dir_all(&data).expect("the data folder");
        let mut command = command(&data, &self.bind, self.models.as_deref(), &self.environment);
        let out = File::create(&log).expect("a log file");
        let err = out.try_clone().expect("a log file");
        let child = command
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn()
            .expect("the server starts");
        let mut server = Server {
            child,
            client: Client::new(""),
            data,
            log,
            _own: own,
        };
        server.client = Client::new(&server.address());
        server.wait_until_ready();
        server
    }
}

fn command(
    data: &Path,
    bind: &str,
    models: Option<&Path>,
    environment: &[(String, String)],
) -> Command {
    let mut command = cli::clean(&binary());
    command
        .arg("serve")
        .arg("--data")
        .arg(data)
        .arg("--listen")
        .arg(bind);
    match models {
        Some(folder) => command.arg("--models").arg(folder),
        // Not the data folder's own and not those of the environment.
        None => command.env("ALMANAC_MODELS_OFF", "true"),
    };
    command.envs(environment.iter().map(|(n, v)| (n, v)));
    command
}

impl Server {
    /// A server on a folder of its own, without models.
    pub fn start() -> Self {
        Start::default().start()
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Asks it to stop, waits for its end and returns its exit code.
    ///
    /// # Panics
    /// If it does not end.
    pub fn stop(mut self) -> Option<i32> {
        self.terminate();
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = self.child.try_wait().expect("the server can be waited for") {
                return status.code();
            }
            assert!(
                Instant::now() < deadline,
                "the server does not stop; its log:\n{}",
                self.log()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends it SIGTERM.
    ///
    /// # Panics
    /// If the signal cannot be sent.
    pub fn terminate(&self) {
        let kill = format!("kill -TERM {}", self.child.id());
        let status = Command::new("sh")
            .arg("-c")
            .arg(kill)
            .status()
            .expect("a shell");
        assert!(
            status.success(),
            "the server had ended already; its log:\n{}",
            self.log()
        );
    }

    /// `kill -9`, at once.
    ///
    /// # Panics
    /// If the process cannot be waited for.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // An error means that it has ended by itself.
        let _ = self.child.kill();
        self.child.wait().expect("the server can be waited for");
    }

    /// The address, which the server writes into its data folder once it listens.
    fn address(&mut self) -> String {
        let file = self.data.join("server.json");
        self.poll("tell its address", |server| {
            let json: Value = serde_json::from_slice(&fs::read(&file).ok()?).ok()?;
            // A file of a server that was killed may still lie there.
            let own = json["pid"].as_u64() == Some(u64::from(server.child.id()));
            let url = own.then(|| json["url"].as_str()).flatten()?;
            // Where it listens on all addresses, this machine's own is one of them.
            Some(url.replace("://0.0.0.0:", "://127.0.0.1:"))
        })
    }

    fn wait_until_ready(&mut self) {
        self.poll("become ready", |server| {
            let reply = server.client.call("GET", "/readyz").attempt().ok()?;
            (reply.status == 200).then_some(())
        });
    }

    fn poll<T>(&mut self, what: &str, mut check: impl FnMut(&Self) -> Option<T>) -> T {
        let deadline = Instant::now() + Duration::from_secs(120);
        loop {
            if let Some(found) = check(self) {
                return found;
            }
            if let Some(status) = self.child.try_wait().expect("the server can be waited for") {
                panic!(
                    "the server did not {what}: {status}; its log:\n{}",
                    self.log()
                );
            }
            assert!(
                Instant::now() < deadline,
                "the server did not {what}; its log:\n{}",
                self.log()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Deref for Server {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
        if thread::panicking() {
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(30).collect();
            eprintln!("the server's last words:");
            for line in tail.into_iter().rev() {
                eprintln!("{line}");
            }
        }
    }
}
