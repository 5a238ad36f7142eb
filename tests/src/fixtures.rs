//! Small data sets of our own: an archipelago that never was, and cheeses behind opaque IRIs.

/// Islands, lighthouses and their keepers: readable IRIs, numbers with units, codes, aliases.
pub const LANTERNS: &str = include_str!("../fixtures/lanterns.ttl");
/// Cheeses whose IRIs tell nothing: all words are in labels.
pub const CHEESES: &str = include_str!("../fixtures/cheeses.ttl");
/// Painters and pictures: values that many things share, truth values, parts of parts.
pub const ATELIERS: &str = include_str!("../fixtures/ateliers.ttl");
/// Scholars and treatises in the form of a Wikibase: "instance of", statements without a name.
pub const ARCHIVE: &str = include_str!("../fixtures/archive.ttl");
/// Vessels, captains and bookings of a database that was mapped to RDF: no labels of things, numbers that are texts.
pub const FERRIES: &str = include_str!("../fixtures/ferries.ttl");
/// Isles, their offices and who held them: terms of office, names in two columns, units, borders.
pub const OFFICES: &str = include_str!("../fixtures/offices.ttl");
/// Herbs and ailments: an ontology of which the facts are axioms.
pub const REMEDIES: &str = include_str!("../fixtures/remedies.ttl");
/// Families, firms and goods: relatives, rulers with numbers, legal forms, categories in the plural.
pub const HOUSES: &str = include_str!("../fixtures/houses.ttl");
/// Fairs, halls and traders of a database by the direct mapping: abbreviated columns, keys beside references.
pub const FAIRS: &str = include_str!("../fixtures/fairs.ttl");
/// Mariners and coasts: a predicate called "type", events, values in nodes.
pub const MARINERS: &str = include_str!("../fixtures/mariners.ttl");
/// Printing houses: statements of facts, redirects, one thing under two IRIs.
pub const PRESSES: &str = include_str!("../fixtures/presses.ttl");
/// Wardens: times that something else sets, callings, sexes as things, predicates that repeat others roughly.
pub const WARDENS: &str = include_str!("../fixtures/wardens.ttl");
/// Landings of fish: a table of statistics, whose rows have no name.
pub const LANDINGS: &str = include_str!("../fixtures/landings.ttl");
/// A cabinet of works: kinds by the concepts of a thesaurus, events and time-spans, names and marriages as nodes.
pub const CABINET: &str = include_str!("../fixtures/cabinet.ttl");

/// Annals: relations and properties that are told apart by the role that each names, and what comes next to what.
pub const ANNALS: &str = include_str!("../fixtures/annals.ttl");
/// A boatyard: roles, memberships and repairs, facts that are told from one side, and names that are said for short.
pub const BOATYARD: &str = include_str!("../fixtures/boatyard.ttl");
/// A gazette: numbers in nodes without a name, titles beside labels, initials, addresses, siblings.
pub const GAZETTE: &str = include_str!("../fixtures/gazette.ttl");
/// Documents about the archipelago, one JSON object per line.
pub const DOCUMENTS: &str = include_str!("../fixtures/documents.ndjson");
/// The namespace of the archipelago.
pub const LANTERN: &str = "http://lantern.example/";

/// Turtle of any size: `items` things with `4` triples each, which are the same for the same arguments.
pub fn bulk(tag: &str, items: usize) -> String {
    let mut turtle = String::from("@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n");
    for i in 0..items {
        let next = (i + 1) % items;
        turtle.push_str(&format!(
            "<http://bulk.example/{tag}/{i}> a <http://bulk.example/Thing> ; rdfs:label \"{tag} thing {i}\" ; \
             <http://bulk.example/next> <http://bulk.example/{tag}/{next}> ; <http://bulk.example/size> {i} .\n"
        ));
    }
    turtle
}
