//! The command line, run to its end.

use std::{
    ffi::OsStr,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

/// The binary under test, which lies beside the folder of the test executables.
///
/// # Panics
/// If it has not been built: building the tests does not build it.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let profile = test
        .ancestors()
        .find(|p| p.file_name() == Some(OsStr::new("deps")))
        .and_then(Path::parent)
        .expect("tests lie in a folder `deps` of the target directory");
    let binary = profile.join("almanac");
    assert!(
        binary.is_file(),
        "{} is missing: run `cargo build --release --workspace` first, as `make test` does",
        binary.display()
    );
    binary
}

/// A command that sees none of the caller's settings.
pub(crate) fn clean(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ALMANAC_") {
            command.env_remove(name);
        }
    }
    command.env("NO_COLOR", "1");
    command
}

/// A run of the command line.
pub struct Cli {
    command: Command,
    input: Vec<u8>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub out: String,
    /// What it reported beside.
    pub err: String,
}

impl Cli {
    /// Words of the command line, as in `Cli::new("kb list --json")`: for words with spaces see [`Cli::arg`].
    pub fn new(words: &str) -> Self {
        let mut command = clean(&binary());
        command.args(words.split_whitespace());
        Self {
            command,
            input: Vec::new(),
        }
    }

    /// One more word.
    pub fn arg(mut self, word: impl AsRef<OsStr>) -> Self {
        self.command.arg(word);
        self
    }

    /// Works on a data folder.
    pub fn data(self, folder: &Path) -> Self {
        self.arg("--data").arg(folder)
    }

    /// Sets a variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// What it reads on standard input.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// The command itself, for tests that do not wait for its end.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn run(mut self) -> Finished {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("the binary starts");
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        let input = self.input;
        // In a thread of its own: a child that prints much before it reads would block both.
        let writer = std::thread::spawn(move || {
            // A child may rightly end without having read all.
            let _ = stdin.write_all(&input);
        });
        let output = child
            .wait_with_output()
            .expect("the child can be waited for");
        writer.join().expect("writing does not panic");
        Finished {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Finished {
    /// Checks the exit code and returns the run.
    ///
    /// # Panics
    /// If it is another, showing what was printed.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// What it printed, as JSON.
    ///
    /// # Panics
    /// If it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:#?}"))
    }
}
