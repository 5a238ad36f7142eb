//! The corpus.

use kg_store::{Extent, Quiet, StoreError};
use schemas::documents::Document;

use crate::support::Bench;

fn document(id: &str, text: &str) -> Document {
    Document {
        id: id.to_owned(),
        title: Some("A \"title\"\n".to_owned()),
        text: text.to_owned(),
        url: None,
        about: vec!["http://e.org/a".to_owned()],
    }
}

#[test]
fn documents_are_put_listed_and_deleted() {
    let bench = Bench::new();
    let (change, created) = bench
        .kb
        .writer()
        .put_documents(
            vec![document("a", "1"), document("b", "2"), document("a", "3")],
            &Quiet,
        )
        .unwrap();
    assert_eq!(created, [true, true, false]);
    assert_eq!(change.revision, 1);
    let before = bench.kb.snapshot().unwrap();
    assert_eq!(before.document("a").unwrap(), Some(document("a", "3")));
    assert_eq!(before.document_count().unwrap(), 2);
    assert_eq!(
        before.documents(Some("a"), 10).unwrap(),
        [document("b", "2")]
    );

    let ids = ["a".to_owned(), "nope".to_owned(), "a".to_owned()];
    let (change, deleted) = bench.kb.writer().delete_documents(&ids, &Quiet).unwrap();
    assert_eq!(deleted, 1);
    assert_eq!(
        change.extent,
        Extent::Documents {
            put: vec![],
            deleted: vec!["a".to_owned()]
        }
    );
    // The earlier view has it still.
    assert_eq!(before.document_count().unwrap(), 2);
    drop(before);
    assert_eq!(bench.kb.snapshot().unwrap().document("a").unwrap(), None);
    // Nothing to delete is no revision.
    let (change, deleted) = bench.kb.writer().delete_documents(&ids, &Quiet).unwrap();
    assert_eq!((change.revision, deleted), (2, 0));
    assert_eq!(
        bench.kb.changes_since(0).unwrap()[0].extent,
        Extent::Documents {
            put: vec!["a".to_owned(), "b".to_owned()],
            deleted: vec![]
        }
    );
    bench.assert_sound();
    let bench = bench.reopen();
    bench.assert_sound();
    assert_eq!(bench.kb.snapshot().unwrap().document_count().unwrap(), 1);
}

#[test]
fn impossible_documents_are_refused_together_with_their_batch() {
    let bench = Bench::new();
    for bad in ["", &"x".repeat(513)] {
        let error = bench
            .kb
            .writer()
            .put_documents(vec![document("good", "1"), document(bad, "1")], &Quiet)
            .unwrap_err();
        assert!(matches!(error, StoreError::Invalid(_)));
    }
    let huge = "x".repeat(17 << 20);
    let error = bench
        .kb
        .writer()
        .put_documents(vec![document("huge", &huge)], &Quiet)
        .unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { .. }));
    assert_eq!(bench.kb.revision(), 0);
}
