//! llama.cpp's server, by way of its Python package: a real server that speaks OpenAI's API.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{Client, models};

/// The name under which it serves its model.
pub const LLAMA_MODEL: &str = "SmolLM2 135M";

/// A running `llama_cpp.server`, stopped when it is dropped.
pub struct Llama {
    child: Child,
    base: String,
    // Holds its log.
    _own: TempDir,
}

impl Llama {
    /// Starts it with SmolLM2; `None`, having said so, where `ALMANAC_LLAMA_CPP` names no Python that has it, or the
    /// model is missing.
    ///
    /// # Panics
    /// If it does not start, showing its log, or if `ALMANAC_LLAMA_CPP` names what is not there.
    pub fn start() -> Option<Self> {
        let Some(python) = std::env::var_os("ALMANAC_LLAMA_CPP").filter(|v| !v.is_empty()) else {
            eprintln!("skipped: ALMANAC_LLAMA_CPP does not name a Python with llama_cpp.server");
            return None;
        };
        let python = PathBuf::from(python);
        assert!(
            python.is_file(),
            "ALMANAC_LLAMA_CPP: {} is not there",
            python.display()
        );
        let model = models()?.join("SmolLM2-135M-Instruct.Q4_1.gguf");
        // Between this and the server's own start another process could take the port: then the start fails.
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let own = TempDir::new().expect("a temporary folder");
        let log = own.path().join("llama.log");
        let child = start(&python, &model, port, &log);
        let mut llama = Self {
            child,
            base: format!("http://127.0.0.1:{port}/v1"),
            _own: own,
        };
        llama.wait(&log);
        Some(llama)
    }

    /// Where its API begins.
    pub fn base(&self) -> &str {
        &self.base
    }

    fn wait(&mut self, log: &Path) {
        let client = Client::new(&self.base);
        let until = Instant::now() + Duration::from_secs(120);
        loop {
            let reply = client.call("GET", "/models").attempt();
            if reply.is_ok_and(|reply| reply.status == 200) {
                return;
            }
            let ended = self.child.try_wait().expect("it can be waited for");
            assert!(
                ended.is_none() && Instant::now() < until,
                "llama_cpp.server does not start; its log:\n{}",
                fs::read_to_string(log).unwrap_or_default()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }
}

fn start(python: &Path, model: &Path, port: u16, log: &Path) -> Child {
    let out = File::create(log).expect("a log file");
    let err = out.try_clone().expect("a log file");
    Command::new(python)
        .args([
            "-m",
            "llama_cpp.server",
            "--host",
            "127.0.0.1",
            "--n_ctx",
            "1024",
        ])
        .args(["--port", &port.to_string(), "--model_alias", LLAMA_MODEL])
        .arg("--model")
        .arg(model)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .spawn()
        .unwrap_or_else(|e| panic!("{}: {e}", python.display()))
}

impl Drop for Llama {
    fn drop(&mut self) {
        // An error means that it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
