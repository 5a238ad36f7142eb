//! JSON objects that are objects: a derived reader takes an array of the members' values for one as well.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

/// Reads a `T` from an object, and from nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OnlyMaps<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyMaps<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer
            .deserialize_map(OnlyMaps(PhantomData))
            .map(Self)
    }
}

/// For `deserialize_with`: a list of objects.
pub(crate) fn each<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let objects = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(objects.into_iter().map(|object| object.0).collect())
}

/// For `deserialize_with`: an object or null.
pub(crate) fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Object<T>>::deserialize(deserializer)?.map(|object| object.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chat::ChatRequest, documents::Document, embeddings::EmbeddingRequest,
        knowledge_base::CreateKnowledgeBase,
    };

    fn refused<T: for<'de> Deserialize<'de>>(text: &str) -> String {
        let Err(error) = serde_json::from_str::<Object<T>>(text) else {
            panic!("{text} was taken");
        };
        error.to_string()
    }

    #[test]
    fn an_array_is_no_object() {
        let refusals = [
            refused::<CreateKnowledgeBase>(r#"["x"]"#),
            refused::<EmbeddingRequest>(r#"["m", "x"]"#),
            refused::<Document>(r#"["a", "b", "c"]"#),
            refused::<ChatRequest>(r#"["m", []]"#),
            refused::<ChatRequest>(r#"{"model": "m", "messages": [["user", "hi"]]}"#),
            refused::<ChatRequest>(r#"{"model": "m", "messages": [], "almanac": [true]}"#),
            refused::<ChatRequest>(r#"{"model": "m", "messages": [], "stream_options": [true]}"#),
        ];
        for refusal in refusals {
            assert!(refusal.contains("expected an object"), "{refusal}");
        }
        let parts = refused::<ChatRequest>(
            r#"{"model": "m", "messages": [{"role": "user", "content": [["text", "hi"]]}]}"#,
        );
        assert!(parts.contains("a string or an array of parts"), "{parts}");
    }

    #[test]
    fn no_message_names_a_type_of_ours() {
        for refusal in [
            refused::<CreateKnowledgeBase>("1"),
            refused::<EmbeddingRequest>(r#"{"model": "m", "input": [1, 2]}"#),
            refused::<ChatRequest>(r#"{"model": "m", "messages": ["hi"]}"#),
            refused::<ChatRequest>(r#"{"model": "m", "messages": [], "stop": 1}"#),
            refused::<ChatRequest>(
                r#"{"model": "m", "messages": [{"role": "user", "content": 7}]}"#,
            ),
            refused::<ChatRequest>(r#"{"model": "m", "messages": [], "almanac": "no"}"#),
        ] {
            for word in ["struct", "enum", "variant"] {
                assert!(!refusal.contains(word), "{refusal}");
            }
        }
        let input = refused::<EmbeddingRequest>(r#"{"model": "m", "input": {}}"#);
        assert!(
            input.contains("`input` must be a string or an array of strings"),
            "{input}"
        );
    }

    #[test]
    fn objects_are_read_as_ever() {
        let request: Object<ChatRequest> = serde_json::from_str(
            r#"{"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}],
                "almanac": null, "stream_options": {"include_usage": true}}"#,
        )
        .unwrap();
        assert_eq!(request.0.messages.len(), 1);
        assert_eq!(request.0.almanac, None);
    }
}
