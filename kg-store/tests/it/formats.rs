//! Each syntax, good and bad, plain and compressed.

use std::io::Write;

use kg_store::{
    LoadOptions, Quiet, RdfInput, RdfSyntax, StoreError, Watch,
    rdf::{GraphName, INFERRED_GRAPH, NamedNode},
};

use crate::support::{Bench, graph};

const GOOD: [(RdfSyntax, &str); 7] = [
    (
        RdfSyntax::Turtle,
        "@prefix e: <http://example.org/> .\ne:a e:name \"Aé\"@en ; e:knows [ e:age 5 ] .\n",
    ),
    (
        RdfSyntax::NTriples,
        "<http://example.org/a> <http://example.org/name> \"A\\u00e9\"@en .\n\
         <http://example.org/a> <http://example.org/knows> _:b .\n\
         _:b <http://example.org/age> \"5\"^^<http://www.w3.org/2001/XMLSchema#integer> .\n",
    ),
    (
        RdfSyntax::NQuads,
        "<http://example.org/a> <http://example.org/name> \"A\\u00e9\"@en .\n\
         <http://example.org/a> <http://example.org/knows> _:b .\n\
         _:b <http://example.org/age> \"5\"^^<http://www.w3.org/2001/XMLSchema#integer> .\n",
    ),
    (
        RdfSyntax::TriG,
        "@prefix e: <http://example.org/> .\n{ e:a e:name \"Aé\"@en ; e:knows [ e:age 5 ] . }\n",
    ),
    (
        RdfSyntax::RdfXml,
        r#"<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://example.org/">
  <rdf:Description rdf:about="http://example.org/a">
    <e:name xml:lang="en">Aé</e:name>
    <e:knows>
      <rdf:Description>
        <e:age rdf:datatype="http://www.w3.org/2001/XMLSchema#integer">5</e:age>
      </rdf:Description>
    </e:knows>
  </rdf:Description>
</rdf:RDF>
"#,
    ),
    (
        RdfSyntax::JsonLd,
        r#"{
  "@context": {"e": "http://example.org/"},
  "@id": "http://example.org/a",
  "e:name": {"@value": "Aé", "@language": "en"},
  "e:knows": {"e:age": 5}
}
"#,
    ),
    (
        RdfSyntax::N3,
        "@prefix e: <http://example.org/> .\ne:a e:name \"Aé\"@en ; e:knows [ e:age 5 ] .\n",
    ),
];

/// Blank nodes have new ids in each load.
fn without_blank_ids(content: &[String]) -> Vec<String> {
    let mut quads: Vec<String> = content
        .iter()
        .map(|quad| {
            quad.split(' ')
                .map(|part| if part.starts_with("_:") { "_" } else { part })
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    quads.sort();
    quads
}

#[test]
fn all_syntaxes_say_the_same() {
    let mut first = None;
    for (syntax, text) in GOOD {
        let bench = Bench::new();
        let change = bench.load(text, syntax).unwrap();
        assert_eq!((change.revision, change.added, change.removed), (1, 3, 0));
        let content = without_blank_ids(&bench.content());
        assert_eq!(&content, first.get_or_insert(content.clone()), "{syntax}");
        bench.assert_sound();
    }
}

#[test]
fn compression_is_told_by_the_first_bytes() {
    for (syntax, text) in GOOD {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        let gzip = gzip.finish().unwrap();
        let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
        for bytes in [&gzip, &zstd] {
            let bench = Bench::new();
            let input = RdfInput::new(bytes.as_slice(), "test", syntax);
            let change = bench
                .kb
                .writer()
                .load(input, &LoadOptions::default(), &Quiet)
                .unwrap();
            assert_eq!(change.added, 3, "{syntax}");
            // Cut short, it changes nothing.
            let cut = RdfInput::new(&bytes[..bytes.len() - 5], "test", syntax);
            let error = bench
                .kb
                .writer()
                .load(cut, &LoadOptions::default(), &Quiet)
                .unwrap_err();
            assert!(
                matches!(error, StoreError::Syntax { .. }),
                "{syntax}: {error}"
            );
            assert_eq!(bench.kb.revision(), 1);
        }
    }
}

fn place(error: &StoreError) -> (u64, u64, &str) {
    match error {
        StoreError::Syntax {
            name,
            line,
            column,
            message,
        } => {
            assert_eq!(name, "test");
            (*line, *column, message)
        }
        other => panic!("not a syntax error: {other}"),
    }
}

#[test]
fn a_malformed_input_names_the_place_and_changes_nothing() {
    let cases = [
        (
            RdfSyntax::Turtle,
            "@prefix e: <http://example.org/> .\ne:a e:b e:c .\ne:a e:b é~ .\n",
            (3, 9),
        ),
        (
            RdfSyntax::Turtle,
            "@prefix e: <http://example.org/> .\ne:a e:b e:c .\n\n  f:a e:b e:c .\n",
            (4, 3),
        ),
        (
            RdfSyntax::NTriples,
            "<http://e.org/a> <http://e.org/b> \"c\" .\n<http://e.org/a> \"b\" \"c\" .\n",
            (2, 18),
        ),
        (
            RdfSyntax::NQuads,
            "<http://e.org/a> <http://e.org/b> \"c\" .\n\n<http://e.org/a> <http://e.org/b> .\n",
            (3, 35),
        ),
        (
            RdfSyntax::TriG,
            "@prefix e: <http://example.org/> .\ne:g { e:a e:b e:c .\n",
            (3, 1),
        ),
        (
            RdfSyntax::N3,
            "@prefix e: <http://example.org/> .\ne:a e:b { e:x e:y e:z } .\n",
            (0, 0),
        ),
        (
            RdfSyntax::RdfXml,
            "<?xml version=\"1.0\"?>\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n<rdf:Description rdf:about=\"http://e.org/a\">\n<nope:x>1</nope:x>\n</rdf:Description>\n</rdf:RDF>\n",
            (4, 1),
        ),
        (
            RdfSyntax::RdfXml,
            "<?xml version=\"1.0\"?>\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n<a>\n</b>\n</rdf:RDF>\n",
            (0, 0),
        ),
        (
            RdfSyntax::JsonLd,
            "{\n  \"@id\": \"http://e.org/a\",\n  \"http://e.org/p\": tru\n}\n",
            (3, 0),
        ),
        (
            RdfSyntax::JsonLd,
            "{\n  \"@context\": \"https://schema.org/\",\n  \"@id\": \"http://e.org/a\",\n  \"name\": \"x\"\n}\n",
            (0, 0),
        ),
    ];
    for (syntax, text, (line, column)) in cases {
        let bench = Bench::new();
        let error = bench.load(text, syntax).unwrap_err();
        let (at_line, at_column, message) = place(&error);
        println!("{syntax}: {error}");
        assert!(!message.is_empty());
        if line > 0 {
            assert_eq!(at_line, line, "{syntax}: {error}");
        }
        if column > 0 {
            assert_eq!(at_column, column, "{syntax}: {error}");
        }
        assert_eq!(bench.kb.revision(), 0);
        assert!(bench.content().is_empty());
        assert_eq!(
            std::fs::read_dir(bench.dir().join("journal"))
                .unwrap()
                .count(),
            0,
            "a temporary file was left"
        );
    }
}

#[test]
fn invalid_utf8_has_a_place_in_each_syntax() {
    for (syntax, text) in GOOD {
        let mut bytes = text.as_bytes().to_vec();
        let at = text.find("example").unwrap() + text.rfind("name").unwrap()
            - text.find("example").unwrap();
        bytes[at] = 0xff;
        let bench = Bench::new();
        let input = RdfInput::new(bytes.as_slice(), "test", syntax);
        let error = bench
            .kb
            .writer()
            .load(input, &LoadOptions::default(), &Quiet)
            .unwrap_err();
        let (line, _, message) = place(&error);
        assert_eq!(message, "invalid UTF-8", "{syntax}");
        let expected = text[..at].matches('\n').count() as u64 + 1;
        assert_eq!(line, expected, "{syntax}");
    }
}

#[test]
fn a_bom_is_passed_over() {
    let bench = Bench::new();
    bench.turtle("\u{feff}<http://e.org/a> <http://e.org/b> 1 .");
    assert_eq!(bench.content().len(), 1);
}

#[test]
fn a_bomb_is_stopped_at_the_limit() {
    let line = "<http://e.org/a> <http://e.org/b> \"c\" .\n";
    let bomb = zstd::encode_all(line.repeat(200_000).as_bytes(), 3).unwrap();
    assert!(bomb.len() < 10_000);
    let bench = Bench::new();
    let mut input = RdfInput::new(bomb.as_slice(), "test", RdfSyntax::NTriples);
    input.max_bytes = 1_000_000;
    let error = bench
        .kb
        .writer()
        .load(input, &LoadOptions::default(), &Quiet)
        .unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { .. }), "{error}");
    assert_eq!(bench.kb.revision(), 0);
}

#[test]
fn deep_nesting_ends_in_an_error_or_in_triples_but_not_in_a_crash() {
    const DEPTH: usize = 100_000;
    let json = format!(
        "{}1{}",
        "{\"http://e.org/p\":".repeat(DEPTH),
        "}".repeat(DEPTH)
    );
    let arrays = format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH));
    let open = "<rdf:Description><e:p>".repeat(DEPTH);
    let close = "</e:p></rdf:Description>".repeat(DEPTH);
    let xml = format!(
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:e=\"http://e.org/\">{open}{close}</rdf:RDF>"
    );
    let turtle = format!(
        "<http://e.org/s> <http://e.org/p> {}{} .",
        "[ <http://e.org/p> ".repeat(DEPTH),
        "]".repeat(DEPTH)
    );
    let lists = format!(
        "<http://e.org/s> <http://e.org/p> {}{} .",
        "( ".repeat(DEPTH),
        ")".repeat(DEPTH)
    );
    for (syntax, text) in [
        (RdfSyntax::JsonLd, json),
        (RdfSyntax::JsonLd, arrays),
        (RdfSyntax::RdfXml, xml),
        (RdfSyntax::Turtle, turtle),
        (RdfSyntax::TriG, lists.clone()),
        (RdfSyntax::N3, lists),
    ] {
        let bench = Bench::new();
        match bench.load(&text, syntax) {
            Ok(change) => println!("{syntax}: {} quads", change.added),
            Err(error) => {
                println!("{syntax}: {error}");
                assert_eq!(bench.kb.revision(), 0);
            }
        }
    }
}

#[test]
fn relative_iris_need_a_base() {
    let bench = Bench::new();
    let text = "<a> <b> <c> .";
    assert!(bench.load(text, RdfSyntax::Turtle).is_err());
    let mut input = RdfInput::new(text.as_bytes(), "test", RdfSyntax::Turtle);
    input.base_iri = Some("http://example.org/x".to_owned());
    bench
        .kb
        .writer()
        .load(input, &LoadOptions::default(), &Quiet)
        .unwrap();
    assert_eq!(
        bench.content(),
        ["<http://example.org/a> <http://example.org/b> <http://example.org/c>"]
    );
}

#[test]
fn triples_go_to_the_graph_asked_for_and_none_to_that_of_inferred_facts() {
    let bench = Bench::new();
    let options = LoadOptions {
        graph: graph("g"),
        source: None,
    };
    bench
        .load_into(
            "<http://e.org/a> <http://e.org/b> 1 .\n<http://e.org/h> { <http://e.org/a> <http://e.org/b> 2 . }",
            RdfSyntax::TriG,
            &options,
        )
        .unwrap();
    let snapshot = bench.kb.snapshot().unwrap();
    assert_eq!(snapshot.named_graphs().unwrap().len(), 2);
    assert!(snapshot.contains_graph(options.graph.as_ref()).unwrap());

    let inferred: GraphName = NamedNode::new(INFERRED_GRAPH).unwrap().into();
    let options = LoadOptions {
        graph: inferred,
        source: None,
    };
    let text = "<http://e.org/a> <http://e.org/b> 3 .";
    assert!(bench.load_into(text, RdfSyntax::Turtle, &options).is_err());
    let text = format!("<{INFERRED_GRAPH}> {{ <http://e.org/a> <http://e.org/b> 3 . }}");
    assert!(bench.load(&text, RdfSyntax::TriG).is_err());
    assert_eq!(bench.kb.revision(), 1);
}

#[test]
fn a_cancelled_load_changes_nothing() {
    struct Impatient;
    impl Watch for Impatient {
        fn progress(&self, _: &'static str, _: u64, _: Option<u64>) {}
        fn cancelled(&self) -> bool {
            true
        }
    }
    let bench = Bench::new();
    let input = RdfInput::new(
        "<http://e.org/a> <http://e.org/b> 1 .".as_bytes(),
        "test",
        RdfSyntax::Turtle,
    );
    let error = bench
        .kb
        .writer()
        .load(input, &LoadOptions::default(), &Impatient)
        .unwrap_err();
    assert!(matches!(error, StoreError::Cancelled));
    assert_eq!(bench.kb.revision(), 0);
    assert!(bench.content().is_empty());
}

#[test]
fn a_file_is_opened_by_its_extension() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("things.nt.gz");
    let mut gzip = flate2::write::GzEncoder::new(
        std::fs::File::create(&path).unwrap(),
        flate2::Compression::fast(),
    );
    gzip.write_all(b"<http://e.org/a> <http://e.org/b> \"c\" .\nnonsense\n")
        .unwrap();
    gzip.finish().unwrap();
    let input = RdfInput::from_path(&path).unwrap();
    assert_eq!(input.name, "things.nt.gz");
    let bench = Bench::new();
    let error = bench
        .kb
        .writer()
        .load(input, &LoadOptions::default(), &Quiet)
        .unwrap_err();
    assert!(
        error.to_string().starts_with("things.nt.gz:2:1: "),
        "{error}"
    );
    assert!(matches!(
        RdfInput::from_path(&folder.path().join("missing.ttl")),
        Err(StoreError::NotFound(_))
    ));
    assert!(matches!(
        RdfInput::from_path(&folder.path().join("table.csv")),
        Err(StoreError::Unsupported(_))
    ));
}
