//! Proofs: what an answer rests on, sent back to be checked, and bundles that any SPARQL engine can check.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{KbName, grounding::Term};

/// What the member `format` of a bundle says; a reader refuses any other.
pub const BUNDLE_FORMAT: &str = "almanac-proof/1";

/// What is to be verified. A body with the member `format` is a bundle, any other a proof.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ProofInput {
    /// An exported bundle.
    Bundle(Box<ProofBundle>),
    /// A proof, such as the `grounding` of an answer.
    Proof(Proof),
}

impl<'de> Deserialize<'de> for ProofInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Map::<String, Value>::deserialize(deserializer)?;
        let bundle = members.contains_key("format");
        let value = Value::Object(members);
        let read = if bundle {
            serde_json::from_value(value).map(Self::Bundle)
        } else {
            serde_json::from_value(value).map(Self::Proof)
        };
        read.map_err(D::Error::custom)
    }
}

/// An answer's proof: the query, what it yielded and the facts behind it.
///
/// A `grounding` is one as it comes. Members that are not named here are passed over.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Proof {
    /// The knowledge base that answered.
    #[serde(default)]
    pub knowledge_base: Option<String>,
    /// The revision that was read.
    #[serde(default)]
    pub revision: Option<u64>,
    /// The query. An answer without one proves nothing.
    #[serde(default)]
    pub sparql: Option<String>,
    /// What the query yielded.
    #[serde(default)]
    pub rows: Option<Vec<Vec<Term>>>,
    /// The first column of it; looked at where `rows` is missing.
    #[serde(default)]
    pub answers: Option<Vec<Term>>,
    /// The evidence. Passages are passed over.
    #[serde(default)]
    pub citations: Vec<CitedEvidence>,
}

/// A citation, as far as a proof needs it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
// Facts, the larger variant, are also by far the commonest.
#[allow(clippy::large_enum_variant)]
pub enum CitedEvidence {
    /// A triple of the knowledge base.
    Fact(CitedFact),
    /// A piece of a document, which proves nothing.
    Passage {},
}

/// A fact that an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, ToSchema)]
pub struct CitedFact {
    /// The triple's subject.
    pub subject: Term,
    /// The triple's predicate.
    pub predicate: Term,
    /// The triple's object.
    pub object: Term,
    /// The named graph that holds it; none for the default graph.
    #[serde(default)]
    pub graph: Option<String>,
}

/// A proof on its own: all that a SPARQL engine needs to check it, without the knowledge base.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProofBundle {
    /// `almanac-proof/1`.
    pub format: String,
    /// What was asked.
    pub question: String,
    /// What was answered, with its markers.
    pub answer: String,
    /// The knowledge base that answered.
    pub knowledge_base: KbName,
    /// The revision that was read.
    pub revision: u64,
    /// The query, to be run over the union of all graphs.
    pub sparql: String,
    /// Names of the columns of `rows`.
    pub columns: Vec<String>,
    /// What the query yielded; each cell is a term as N-Triples writes it.
    pub rows: Vec<Vec<String>>,
    /// The facts behind it, each a line of N-Quads, in the order of their markers.
    pub facts: Vec<String>,
    /// Digests of the parts and of the whole.
    pub digests: ProofDigests,
}

/// SHA-256 of the parts of a bundle in hexadecimal digits. They tell damage and forgetful editing, and give a
/// proof a name; they are no signature.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProofDigests {
    /// Of the question's UTF-8.
    pub question: String,
    /// Of the answer's UTF-8.
    pub answer: String,
    /// Of the query's UTF-8.
    pub sparql: String,
    /// Of the result: the columns' names and then each row, cells parted by a tab, each line ended by a newline.
    pub rows: String,
    /// Of the facts, each line ended by a newline.
    pub facts: String,
    /// Of all: one line for the format, the knowledge base, the revision and each digest above.
    pub whole: String,
}

/// What became of a proof.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Verification {
    /// How the proof stands to the knowledge base as it is now.
    pub verdict: Verdict,
    /// The revision that was read to verify it.
    pub revision: u64,
    /// The revision that the proof names.
    pub proved_at: Option<u64>,
    /// What the query answers now: the first column.
    pub answers: Vec<Term>,
    /// Cited facts that are not there any more.
    pub missing_facts: Vec<CitedFact>,
    /// Rows that the query yields now and that the proof does not have.
    pub added: Vec<Vec<Term>>,
    /// Rows of the proof that the query does not yield any more.
    pub removed: Vec<Vec<Term>>,
}

/// How a proof stands to the knowledge base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The query yields the same set of rows, and each cited fact is there.
    Holds,
    /// The rows are others, or a cited fact is missing, and still there is an answer.
    Changed,
    /// There is no answer any more: the query yields no row, or a yes became a no with a cited fact missing.
    Gone,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_grounding_is_a_proof_whatever_else_it_holds() {
        let grounding = json!({
            "knowledge_base": "k", "revision": 3, "status": "grounded", "reason": null, "columns": ["x"],
            "answers": [{"type": "literal", "value": "5", "label": null}], "confidence": 0.9, "later": {"a": [1]},
            "rows": [[{"type": "literal", "value": "5"}]], "sparql": "SELECT * {}",
            "citations": [
                {"kind": "fact", "id": 1, "text": "t", "graph": null,
                 "subject": {"type": "uri", "value": "http://e/s", "label": "s"},
                 "predicate": {"type": "uri", "value": "http://e/p"}, "object": {"type": "literal", "value": "5"}},
                {"kind": "passage", "id": 2, "document": "d", "title": null, "text": "t", "start": 0, "end": 1},
            ],
        });
        let ProofInput::Proof(proof) = serde_json::from_value(grounding).unwrap() else {
            panic!("no proof");
        };
        assert_eq!(proof.revision, Some(3));
        assert_eq!(proof.citations.len(), 2);
        assert!(matches!(&proof.citations[0], CitedEvidence::Fact(f) if f.graph.is_none()));
        assert_eq!(proof.citations[1], CitedEvidence::Passage {});
    }

    #[test]
    fn a_bundle_says_so_and_has_no_other_members() {
        let read = |value: Value| serde_json::from_value::<ProofInput>(value);
        let error = read(json!({"format": BUNDLE_FORMAT, "extra": 1})).unwrap_err();
        assert!(
            error.to_string().contains("unknown field `extra`"),
            "{error}"
        );
        let error = read(json!({"format": BUNDLE_FORMAT})).unwrap_err();
        assert!(error.to_string().contains("missing field"), "{error}");
        assert!(read(json!([1])).is_err());
        assert!(matches!(read(json!({})), Ok(ProofInput::Proof(_))));
    }
}
