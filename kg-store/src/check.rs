//! Proves that the store and the documents hold what the journal says.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use schemas::knowledge_base::CheckReport;

use crate::{
    Journal, KnowledgeBase, Row, StoreError, StoreOptions, Watch,
    journal::DocumentRow,
    layout::{Layout, to_json},
    rdf::fingerprint,
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
    /// [`StoreError::Cancelled`].
    pub fn check(&self, watch: &dyn Watch) -> Result<CheckReport, StoreError> {
        let snapshot = self.snapshot()?;
        let mut report = CheckReport {
            revision: snapshot.revision(),
            ..CheckReport::default()
        };
        let mut ticker = Ticker::new(watch, "check", None);
        let mut folded = Folded::default();
        if !folded.fold(
            self.journal(),
            snapshot.revision(),
            &mut report,
            &mut ticker,
        )? {
            return Ok(report);
        }
        let compared = folded.compare_quads(&snapshot, &mut report, &mut ticker);
        note_unreadable(compared, &mut report)?;
        let compared = folded.compare_documents(&snapshot, &mut report, &mut ticker);
        note_unreadable(compared, &mut report)?;
        ticker.finish();
        Ok(report)
    }

    /// Checks a folder that cannot be opened, or not be read to its end, as far as that goes: names what is
    /// damaged, and reads the whole journal to tell whether the rest can be rebuilt from it.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`StoreError::NotFound`], [`StoreError::Unsupported`] and
    /// [`StoreError::Cancelled`]. Damage is no error.
    pub fn check_damaged(
        dir: &Path,
        options: StoreOptions,
        watch: &dyn Watch,
    ) -> Result<CheckReport, StoreError> {
        let layout = Layout::new(dir);
        layout.check_format()?;
        let mut report = CheckReport::default();
        match Self::open(dir, options.clone()) {
            Ok(kb) => return kb.check(watch),
            Err(error @ (StoreError::Locked { .. } | StoreError::Cancelled)) => return Err(error),
            Err(error @ StoreError::Storage(_)) => note_unreadable(Err(error), &mut report)?,
            // Of the journal, or of a file of ours beside the store.
            Err(error) => report.faults.push(error.to_string()),
        }
        let _lock = layout.lock(&options)?;
        let journal = match Journal::open(&layout.journal()) {
            Ok(journal) => journal,
            Err(error) => {
                report.faults.push(error.to_string());
                report.faults.dedup();
                return Ok(report);
            }
        };
        report.revision = journal.head();
        let mut ticker = Ticker::new(watch, "check", None);
        let mut folded = Folded::default();
        folded.fold(&journal, journal.head(), &mut report, &mut ticker)?;
        // The same damage may be what kept the folder from opening.
        report.faults.dedup();
        ticker.finish();
        Ok(report)
    }
}

/// Makes a fault of what could not be read: that is what a check is to find out. Says what helps.
pub fn note_unreadable(
    outcome: Result<(), StoreError>,
    report: &mut CheckReport,
) -> Result<(), StoreError> {
    match outcome {
        Err(error @ StoreError::Storage(_)) => {
            report.faults.push(format!(
                "the store cannot be read: {error}; stop the server and remove the folder `store` (for \
                 documents: `docs`): it is rebuilt from the journal at the next opening"
            ));
            Ok(())
        }
        outcome => outcome,
    }
}

/// The journal's last word on each quad and document.
#[derive(Default)]
struct Folded {
    quads: HashSet<u128>,
    documents: HashMap<String, blake3::Hash>,
}

impl Folded {
    /// Takes all segments up to a revision. A damaged one is noted as a fault, and false comes back: without it
    /// what follows cannot be told apart from its consequences.
    fn fold(
        &mut self,
        journal: &Journal,
        head: u64,
        report: &mut CheckReport,
        ticker: &mut Ticker<'_>,
    ) -> Result<bool, StoreError> {
        for revision in 1..=head {
            match self.take(journal, revision, ticker) {
                Ok(()) => report.segments += 1,
                Err(StoreError::Cancelled) => return Err(StoreError::Cancelled),
                Err(error) => {
                    report.faults.push(error.to_string());
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn take(
        &mut self,
        journal: &Journal,
        revision: u64,
        ticker: &mut Ticker<'_>,
    ) -> Result<(), StoreError> {
        let segment = journal.segment(revision)?;
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

    /// Compares the quads, and takes out of this those that are in the store.
    fn compare_quads(
        &mut self,
        snapshot: &crate::Snapshot,
        report: &mut CheckReport,
        ticker: &mut Ticker<'_>,
    ) -> Result<(), StoreError> {
        let mut buffer = Vec::new();
        let mut surplus = 0;
        for quad in snapshot.quads(None, None, None, None) {
            let quad = quad?;
            ticker.step()?;
            report.quads += 1;
            if !self.quads.remove(&fingerprint(quad.as_ref(), &mut buffer)) {
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
        if !self.quads.is_empty() {
            report.faults.push(format!(
                "{} quads are in the journal but not in the store",
                self.quads.len()
            ));
        }
        let counted = snapshot.quad_count()?;
        if counted != report.quads {
            report.faults.push(format!(
                "the store holds {} quads but was counted to hold {counted}",
                report.quads
            ));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LoadOptions, Quiet, RdfInput, RdfSyntax};

    #[test]
    fn a_damaged_store_is_a_fault_and_the_journal_is_read_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("kb");
        let kb = KnowledgeBase::create(&dir, StoreOptions::default()).unwrap();
        let text = b"<http://e.example/a> <http://e.example/b> \"c\" .\n";
        let input = RdfInput::new(&text[..], "test", RdfSyntax::NTriples);
        kb.writer()
            .load(input, &LoadOptions::default(), &Quiet)
            .unwrap();
        kb.flush().unwrap();
        drop(kb);
        let mut damaged = 0;
        for file in std::fs::read_dir(dir.join("store")).unwrap().flatten() {
            if file.path().extension().is_some_and(|it| it == "sst") {
                let mut bytes = std::fs::read(file.path()).unwrap();
                let half = bytes.len() / 2;
                bytes[..half].fill(0x5a);
                std::fs::write(file.path(), bytes).unwrap();
                damaged += 1;
            }
        }
        assert!(damaged > 0);
        let check = || KnowledgeBase::check_damaged(&dir, StoreOptions::default(), &Quiet).unwrap();
        let report = check();
        assert_eq!((report.revision, report.segments), (1, 1), "{report:?}");
        assert!(
            report.faults[0].contains("the store cannot be read")
                && report.faults[0].contains("remove the folder `store`"),
            "{report:?}"
        );
        std::fs::remove_dir_all(dir.join("store")).unwrap();
        let report = check();
        assert_eq!((report.quads, report.faults.len()), (1, 0), "{report:?}");
        for segment in std::fs::read_dir(dir.join("journal")).unwrap().flatten() {
            std::fs::write(segment.path(), b"nonsense").unwrap();
        }
        assert!(!check().faults.is_empty());
    }
}
