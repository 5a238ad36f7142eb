//! The digests of a bundle, over bytes that anybody can put together from its JSON.

use schemas::proofs::{ProofBundle, ProofDigests};
use sha2::{Digest, Sha256};

/// SHA-256, which the standard library of every language has, in hexadecimal digits.
fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The digests that a bundle's parts call for, whatever it says itself.
pub(super) fn of(bundle: &ProofBundle) -> ProofDigests {
    let mut rows = line(&bundle.columns.join("\t"));
    rows.extend(bundle.rows.iter().map(|row| line(&row.join("\t"))));
    let facts: String = bundle.facts.iter().map(|fact| line(fact)).collect();
    let mut digests = ProofDigests {
        question: sha256(&bundle.question),
        answer: sha256(&bundle.answer),
        sparql: sha256(&bundle.sparql),
        rows: sha256(&rows),
        facts: sha256(&facts),
        whole: String::new(),
    };
    let mut whole = line(&bundle.format);
    whole.push_str(&line(&format!("knowledge_base {}", bundle.knowledge_base)));
    whole.push_str(&line(&format!("revision {}", bundle.revision)));
    for (name, digest) in parts(&digests) {
        whole.push_str(&line(&format!("{name} {digest}")));
    }
    digests.whole = sha256(&whole);
    digests
}

/// The part of a bundle that is not what its digest says, if any.
pub(super) fn altered(bundle: &ProofBundle) -> Option<&'static str> {
    let due = of(bundle);
    let told = parts(&bundle.digests);
    let part = parts(&due)
        .into_iter()
        .zip(told)
        .find(|(due, told)| due != told)
        .map(|((name, _), _)| name);
    part.or_else(|| (due.whole != bundle.digests.whole).then_some("whole"))
}

fn parts(digests: &ProofDigests) -> [(&'static str, &str); 5] {
    [
        ("question", &digests.question),
        ("answer", &digests.answer),
        ("sparql", &digests.sparql),
        ("rows", &digests.rows),
        ("facts", &digests.facts),
    ]
}

fn line(text: &str) -> String {
    format!("{text}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_is_that_of_the_standard() {
        assert_eq!(
            sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
