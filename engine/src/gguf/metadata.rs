//! The key-value pairs of a GGUF header.

use std::collections::HashMap;

use crate::EngineError;

/// A metadata value. Integers of every width are one variant, since writers choose widths freely.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Integer(i128),
    Float(f64),
    Bool(bool),
    String(String),
    Strings(Vec<String>),
    Integers(Vec<i64>),
    Floats(Vec<f32>),
    /// Arrays of other things, which no key that we read has.
    Other,
}

/// The metadata of a file, read by key with the type that the key must have.
#[derive(Debug, Default)]
pub(crate) struct Metadata {
    values: HashMap<String, Value>,
}

impl Metadata {
    pub(crate) fn new(values: HashMap<String, Value>) -> Self {
        Metadata { values }
    }

    fn wrong(key: &str, expected: &str) -> EngineError {
        EngineError::corrupt(format!("metadata key {key} is not {expected}"))
    }

    fn missing(key: &str) -> EngineError {
        EngineError::corrupt(format!("metadata key {key} is missing"))
    }

    pub(crate) fn string(&self, key: &str) -> Result<Option<&str>, EngineError> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Self::wrong(key, "a string")),
        }
    }

    pub(crate) fn count(&self, key: &str) -> Result<Option<usize>, EngineError> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Integer(number)) => usize::try_from(*number)
                .map(Some)
                .map_err(|_| Self::wrong(key, "a count")),
            Some(_) => Err(Self::wrong(key, "a count")),
        }
    }

    pub(crate) fn token(&self, key: &str) -> Result<Option<u32>, EngineError> {
        match self.values.get(key) {
            None => Ok(None),
            // Some writers say "no such token" by -1 or its unsigned twin.
            Some(Value::Integer(-1 | 0xffff_ffff)) => Ok(None),
            Some(Value::Integer(number)) => u32::try_from(*number)
                .map(Some)
                .map_err(|_| Self::wrong(key, "a token id")),
            Some(_) => Err(Self::wrong(key, "a token id")),
        }
    }

    pub(crate) fn float(&self, key: &str) -> Result<Option<f64>, EngineError> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Float(number)) if number.is_finite() => Ok(Some(*number)),
            Some(_) => Err(Self::wrong(key, "a finite number")),
        }
    }

    pub(crate) fn flag(&self, key: &str) -> Result<Option<bool>, EngineError> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(Self::wrong(key, "a boolean")),
        }
    }

    pub(crate) fn strings(&self, key: &str) -> Result<Option<&[String]>, EngineError> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Strings(list)) => Ok(Some(list)),
            Some(_) => Err(Self::wrong(key, "an array of strings")),
        }
    }

    pub(crate) fn integers(&self, key: &str) -> Result<Option<&[i64]>, EngineError> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Integers(list)) => Ok(Some(list)),
            Some(_) => Err(Self::wrong(key, "an array of integers")),
        }
    }

    pub(crate) fn floats(&self, key: &str) -> Result<Option<&[f32]>, EngineError> {
        match self.values.get(key) {
            None => Ok(None),
            Some(Value::Floats(list)) => Ok(Some(list)),
            Some(_) => Err(Self::wrong(key, "an array of numbers")),
        }
    }

    pub(crate) fn required_string(&self, key: &str) -> Result<&str, EngineError> {
        self.string(key)?.ok_or_else(|| Self::missing(key))
    }

    pub(crate) fn required_count(&self, key: &str) -> Result<usize, EngineError> {
        self.count(key)?.ok_or_else(|| Self::missing(key))
    }

    pub(crate) fn required_strings(&self, key: &str) -> Result<&[String], EngineError> {
        self.strings(key)?.ok_or_else(|| Self::missing(key))
    }
}
