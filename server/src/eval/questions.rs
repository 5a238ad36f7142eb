//! Question sets: one JSON object a line, plain or gzip.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use flate2::read::MultiGzDecoder;
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use schemas::Status;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// A question and what is right.
#[derive(Clone, Debug, Deserialize)]
pub struct Question {
    /// Its id.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// The right answers; other spellings of one count as further answers.
    #[serde(default)]
    pub answers: Vec<Value>,
    /// The status that is right, where it is not an answer that is wanted.
    #[serde(default)]
    pub status: Option<Status>,
    /// False when the set's makers found the question at fault.
    #[serde(default)]
    pub consistent: Option<bool>,
    /// What is done with the facts: a count, a superlative, a comparison, ...
    #[serde(default)]
    pub operator: Option<Value>,
    /// Whether a part of the question is a question of its own.
    #[serde(default)]
    pub nested: Option<Value>,
    /// Facts between what is named and what is asked for.
    #[serde(default)]
    pub hops: Option<Value>,
}

/// Characters of the name of a group.
const MOST_NAME: usize = 40;

impl Question {
    /// The right answers as text.
    pub fn gold(&self) -> Vec<String> {
        self.answers.iter().map(text).collect()
    }

    /// The status that is the answer. A status that comes with answers says nothing beyond them.
    pub fn wanted_status(&self) -> Option<Status> {
        self.status.filter(|status| {
            self.answers.is_empty() || !matches!(status, Status::Grounded | Status::Ambiguous)
        })
    }

    /// What the set says of the question's form: pairs of a member and its value.
    pub fn groups(&self) -> Vec<(&'static str, String)> {
        let members = [
            ("operator", &self.operator),
            ("nested", &self.nested),
            ("hops", &self.hops),
        ];
        members
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_ref().filter(|v| !v.is_null())?)))
            .map(|(name, value)| (name, text(value).chars().take(MOST_NAME).collect()))
            .collect()
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Why a set could not be read.
#[derive(Debug, Error)]
pub enum QuestionError {
    /// The file could not be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A line is not a question.
    #[error("line {line}: {cause}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong.
        cause: serde_json::Error,
    },
    /// Nothing is left to ask.
    #[error("the file holds no question with answers")]
    Empty,
}

/// Reads the questions that have answers, or a status that is right, and were not found at fault.
pub fn read(path: &Path) -> Result<Vec<Question>, QuestionError> {
    let file = File::open(path)?;
    let reader: Box<dyn Read> = if path.extension().is_some_and(|e| e == "gz") {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let mut questions = Vec::new();
    for (index, line) in BufReader::new(reader).lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let question: Question =
            serde_json::from_str(&line).map_err(|cause| QuestionError::Line {
                line: index + 1,
                cause,
            })?;
        let judged = !question.answers.is_empty() || question.status.is_some();
        if judged && question.consistent != Some(false) {
            questions.push(question);
        }
    }
    if questions.is_empty() {
        return Err(QuestionError::Empty);
    }
    Ok(questions)
}

/// Some of the questions, drawn by a seed; all of them in their own order when no number is named.
pub fn sample(mut questions: Vec<Question>, number: Option<usize>, seed: u64) -> Vec<Question> {
    if let Some(number) = number {
        questions.shuffle(&mut StdRng::seed_from_u64(seed));
        questions.truncate(number);
    }
    questions
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn questions_without_answers_or_at_fault_are_left_out_and_a_seed_draws_the_same() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        for i in 0..20 {
            writeln!(file, r#"{{"id":"q{i}","question":"?","answers":["a",1]}}"#).unwrap();
        }
        writeln!(file, r#"{{"id":"none","question":"?","answers":[]}}"#).unwrap();
        writeln!(
            file,
            r#"{{"id":"bad","question":"?","answers":["a"],"consistent":false}}"#
        )
        .unwrap();
        let all = read(file.path()).unwrap();
        assert_eq!(all.len(), 20);
        assert_eq!(all[0].gold(), ["a", "1"]);
        let ids = |seed| -> Vec<String> {
            sample(all.clone(), Some(5), seed)
                .into_iter()
                .map(|q| q.id)
                .collect()
        };
        assert_eq!(ids(1), ids(1));
        assert_ne!(ids(1), ids(2));
    }

    #[test]
    fn a_status_may_stand_in_for_answers_and_must_be_one() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(
            file,
            r#"{{"id":"a","question":"?","answers":[],"status":"none","operator":"count","nested":true,"hops":2}}"#
        )
        .unwrap();
        writeln!(
            file,
            r#"{{"id":"b","question":"?","answers":["x"],"status":"grounded","hops":null}}"#
        )
        .unwrap();
        let read_all = read(file.path()).unwrap();
        assert_eq!(read_all[0].wanted_status(), Some(Status::None));
        let groups = [("operator", "count"), ("nested", "true"), ("hops", "2")];
        assert_eq!(
            read_all[0].groups(),
            groups.map(|(name, value)| (name, value.to_owned()))
        );
        assert_eq!(read_all[1].wanted_status(), None);
        assert!(read_all[1].groups().is_empty());
        writeln!(file, r#"{{"id":"c","question":"?","status":"lost"}}"#).unwrap();
        let error = read(file.path()).unwrap_err().to_string();
        assert!(
            error.contains("line 3") && error.contains("lost"),
            "{error}"
        );
    }
}
