//! `almanac config show`: each value and where it came from.

use serde::Serialize;
use serde_json::Value;

use super::Layered;

/// A value and its origin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// The dotted path, as in `limits.queue`.
    pub key: String,
    /// The value in force.
    pub value: Value,
    /// `default`, the file, the environment variable or the flag.
    pub origin: String,
}

/// Lists all values in the order of the settings' structs.
pub fn show(layered: &Layered) -> Vec<Shown> {
    let mut shown = Vec::new();
    let value = serde_json::to_value(&layered.settings).unwrap_or(Value::Null);
    walk(layered, "", &value, &mut shown);
    shown
}

fn walk(layered: &Layered, path: &str, value: &Value, shown: &mut Vec<Shown>) {
    if let Value::Object(fields) = value {
        for (key, value) in fields {
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            walk(layered, &path, value, shown);
        }
        return;
    }
    shown.push(Shown {
        key: path.to_owned(),
        value: value.clone(),
        origin: origin(layered, path),
    });
}

fn origin(layered: &Layered, path: &str) -> String {
    let Some(metadata) = layered.figment.find_metadata(path) else {
        return "default".to_owned();
    };
    let name = metadata.name.to_string();
    if let Some(file) = metadata.source.as_ref().and_then(|s| s.file_path()) {
        file.display().to_string()
    } else if name.contains("environment") {
        let variable = path.replace('.', "_").to_ascii_uppercase();
        format!("environment ALMANAC_{variable}")
    } else if name.contains("flag") {
        name
    } else {
        "default".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load;
    use figment::value::Value as Fig;

    #[test]
    fn a_flag_beats_the_file_which_beats_the_default() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("almanac.toml");
        std::fs::write(
            &file,
            "listen = \"127.0.0.1:1\"\n[limits]\nqueue = 3\nconcurrency = 4\n",
        )
        .unwrap();
        let layered = load(Some(&file), &[("limits.queue", Fig::from(9u64))]).unwrap();
        assert_eq!(layered.settings.limits.queue, 9);
        assert_eq!(layered.settings.limits.concurrency, 4);
        let shown = show(&layered);
        let of = |key: &str| shown.iter().find(|s| s.key == key).unwrap().origin.clone();
        assert_eq!(of("limits.queue"), "command-line flag");
        assert!(of("limits.concurrency").ends_with("almanac.toml"));
        assert_eq!(of("limits.rdf_body_bytes"), "default");
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("almanac.toml");
        std::fs::write(&file, "lisssten = \"x\"\n").unwrap();
        assert!(load(Some(&file), &[]).is_err());
    }
}
