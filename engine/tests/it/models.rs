//! Finds the models that some tests need.

use std::path::PathBuf;
use std::sync::LazyLock;

use engine::{Engine, EngineOptions};

/// A file or folder of the models' folder. Where it is absent, tests that need it are skipped, unless the
/// environment says that they must run.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ALMANAC_MODELS").map_or_else(
        || {
            let home = std::env::var_os("HOME").unwrap_or_default();
            PathBuf::from(home).join(".cache/almanac/models")
        },
        PathBuf::from,
    );
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    let required = ["CI", "ALMANAC_REQUIRE_MODELS"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    assert!(!required, "{} is not there", path.display());
    println!("skipped: {} is not there", path.display());
    None
}

/// SmolLM2, loaded once for all tests.
pub(crate) fn smollm() -> Option<Engine> {
    static ENGINE: LazyLock<Option<Engine>> = LazyLock::new(|| {
        let path = find("SmolLM2-135M-Instruct.Q4_1.gguf")?;
        Some(Engine::load(&path, EngineOptions::default()).unwrap())
    });
    ENGINE.clone()
}
