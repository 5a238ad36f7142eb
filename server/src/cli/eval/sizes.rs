//! How large models and knowledge are on disk.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use serde_json::{Map, Value};

use crate::{
    eval::density::Resources,
    models::{Found, LoadedModels, Place},
};

/// Bytes of the header of a safetensors file; ours have some 20 KB.
const MOST_HEADER: u64 = 16 << 20;

/// How large each part is that may take part in an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// The language model.
    pub(super) language: Resources,
    /// The embedder.
    pub(super) embedder: Resources,
    /// The knowledge base.
    pub(super) knowledge: Resources,
}

impl Sizes {
    /// Measures what was found and loaded, and a knowledge base's folder.
    pub(super) fn of(found: &Found, loaded: &LoadedModels, folder: &Path) -> Self {
        let language = match (&loaded.language, &found.language) {
            (Some(named), Some(Place::File(_))) => {
                let info = named.model.info();
                model(Some(info.parameters), Some(info.file_bytes))
            }
            (Some(_), _) => model(None, None),
            (None, _) => Resources::NONE,
        };
        let embedder = found.embedder.as_deref().map_or(Resources::NONE, |path| {
            let file = path.join("model.safetensors");
            model(
                parameters(&file),
                fs::metadata(&file).ok().map(|meta| meta.len()),
            )
        });
        Self {
            language,
            embedder,
            knowledge: Resources {
                knowledge_bytes: bytes(folder),
                ..Resources::NONE
            },
        }
    }
}

fn model(parameters: Option<u64>, model_bytes: Option<u64>) -> Resources {
    Resources {
        parameters,
        model_bytes,
        knowledge_bytes: Some(0),
    }
}

/// Weights of a safetensors file by its header; tensors of whole numbers are positions, not weights.
fn parameters(file: &Path) -> Option<u64> {
    let mut file = File::open(file).ok()?;
    let mut length = [0; 8];
    file.read_exact(&mut length).ok()?;
    let length = u64::from_le_bytes(length);
    if length > MOST_HEADER {
        return None;
    }
    let mut header = Vec::new();
    file.take(length).read_to_end(&mut header).ok()?;
    let tensors: Map<String, Value> = serde_json::from_slice(&header).ok()?;
    let weights = tensors.values().filter_map(|tensor| {
        let kind = tensor.get("dtype")?.as_str()?;
        if !kind.starts_with('F') && !kind.starts_with("BF") {
            return None;
        }
        let shape = tensor.get("shape")?.as_array()?;
        shape
            .iter()
            .try_fold(1_u64, |product, side| product.checked_mul(side.as_u64()?))
    });
    Some(weights.fold(0, u64::saturating_add))
}

/// Bytes of the files of a folder and of those in it; links are not followed.
fn bytes(folder: &Path) -> Option<u64> {
    let mut sum = 0_u64;
    for entry in fs::read_dir(folder).ok()? {
        // What is compacted away while it is counted counts no more.
        let Ok(entry) = entry else { continue };
        let Ok(meta) = entry.metadata() else { continue };
        let size = if meta.is_dir() {
            bytes(&entry.path()).unwrap_or(0)
        } else {
            meta.len()
        };
        sum = sum.saturating_add(size);
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_tells_the_weights() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("model.safetensors");
        let header = r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},
            "b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},"p":{"dtype":"I64","shape":[512],"data_offsets":[32,40]}}"#;
        let mut content = (header.len() as u64).to_le_bytes().to_vec();
        content.extend_from_slice(header.as_bytes());
        fs::write(&file, &content).unwrap();
        assert_eq!(parameters(&file), Some(10));
        fs::write(&file, u64::MAX.to_le_bytes()).unwrap();
        assert_eq!(parameters(&file), None);
        fs::write(&file, b"short").unwrap();
        assert_eq!(parameters(&file), None);
        assert_eq!(parameters(&dir.path().join("none")), None);
    }

    #[test]
    fn a_folder_is_as_large_as_its_files() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/b")).unwrap();
        fs::write(dir.path().join("x"), [0; 10]).unwrap();
        fs::write(dir.path().join("a/b/y"), [0; 5]).unwrap();
        assert_eq!(bytes(dir.path()), Some(15));
        assert_eq!(bytes(&dir.path().join("none")), None);
    }
}
