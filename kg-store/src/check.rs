//! Proves that the store and the documents hold what the journal says.

use std::collections::{HashMap, HashSet};

use schemas::knowledge_base::CheckReport;

use crate::{
    KnowledgeBase, Row, StoreError, Watch, journal::DocumentRow, layout::to_json, rdf::fingerprint,
    watch::Ticker,
};

/// Faults of a kind that are listed one by one before the rest is only counted.
const LISTED: u64 = 10;

impl KnowledgeBase {
    /// Reads the whole journal, verifying its checksums, folds it, and compares the outcome with the store and
    /// the documents of the same revision. Writes may go on meanwhile.
    ///
    /// Damage is reported as a fault, not as an error. Holds 16 bytes for each quad, and 48 and the id for each
    /// document. `entities` is left for who knows the index.
    ///
    /// # Errors
    /// [`StoreError::Cancelled`] and failures of reading the store.
    pub fn check(&self, watch: &dyn Watch) -> Result<CheckReport, StoreError> {
        let snapshot = self.snapshot()?;
        let mut report = CheckReport {
            revision: snapshot.revision(),
            ..CheckReport::default()
        };
        let mut ticker = Ticker::new(watch, "check", None);
        let mut folded = Folded::default();
        for revision in 1..=snapshot.revision() {
            match folded.take(self, revision, &mut ticker) {
                Ok(()) => report.segments += 1,
                Err(StoreError::Cancelled) => return Err(StoreError::Cancelled),
                Err(error) => {
                    // What follows a damaged segment cannot be told apart from its consequences.
                    report.faults.push(error.to_string());
                    return Ok(report);
                }
            }
        }
        let mut buffer = Vec::new();
        let mut surplus = 0;
        for quad in snapshot.quads(None, None, None, None) {
            let quad = quad?;
            ticker.step()?;
            report.quads += 1;
            if !folded
                .quads
                .remove(&fingerprint(quad.as_ref(), &mut buffer))
            {
                surplus += 1;
                if surplus <= LISTED {
                    report
                        .faults
                        .push(format!("in the store but not in the journal: {quad}"));
                }
            }
        }
        if surplus > LISTED {
            report.faults.push(format!(
                "{surplus} quads are in the store but not in the journal"
            ));
        }
        if !folded.quads.is_empty() {
            report.faults.push(format!(
                "{} quads are in the journal but not in the store",
                folded.quads.len()
            ));
        }
        let counted = snapshot.quad_count()?;
        if counted != report.quads {
            report.faults.push(format!(
                "the store holds {} quads but was counted to hold {counted}",
                report.quads
            ));
        }
        folded.compare_documents(&snapshot, &mut report, &mut ticker)?;
        ticker.finish();
        Ok(report)
    }
}

/// The journal's last word on each quad and document.
#[derive(Default)]
struct Folded {
    quads: HashSet<u128>,
    documents: HashMap<String, blake3::Hash>,
}

impl Folded {
    fn take(
        &mut self,
        kb: &KnowledgeBase,
        revision: u64,
        ticker: &mut Ticker<'_>,
    ) -> Result<(), StoreError> {
        let segment = kb.journal().segment(revision)?;
        let mut buffer = Vec::new();
        for row in segment.rows()? {
            ticker.step()?;
            match row? {
                Row::Add(quad) => self.quads.insert(fingerprint(quad.as_ref(), &mut buffer)),
                Row::Remove(quad) => self.quads.remove(&fingerprint(quad.as_ref(), &mut buffer)),
            };
        }
        for row in segment.document_rows()? {
            ticker.step()?;
            match row? {
                DocumentRow::Put(document) => {
                    let hash = blake3::hash(&to_json(&document)?);
                    self.documents.insert(document.id, hash);
                }
                DocumentRow::Delete(id) => {
                    self.documents.remove(&id);
                }
                DocumentRow::End(_) => {}
            }
        }
        Ok(())
    }

    fn compare_documents(
        &mut self,
        snapshot: &crate::Snapshot,
        report: &mut CheckReport,
        ticker: &mut Ticker<'_>,
    ) -> Result<(), StoreError> {
        let mut after: Option<String> = None;
        loop {
            let page = snapshot.documents(after.as_deref(), 256)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            for document in &page {
                ticker.step()?;
                report.documents += 1;
                match self.documents.remove(&document.id) {
                    Some(hash) if hash == blake3::hash(&to_json(document)?) => {}
                    Some(_) => report.faults.push(format!(
                        "document `{}` differs from the journal",
                        document.id
                    )),
                    None => report
                        .faults
                        .push(format!("document `{}` is not in the journal", document.id)),
                }
            }
        }
        if !self.documents.is_empty() {
            report.faults.push(format!(
                "{} documents are in the journal but not in the corpus",
                self.documents.len()
            ));
        }
        Ok(())
    }
}
