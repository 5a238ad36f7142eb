//! The SPARQL 1.1 Service Description of an endpoint.

/// A query whose result is the description, so that it comes in every syntax that results come in.
pub(super) fn description(endpoint: &str) -> String {
    // The endpoint was put together from the request's own Host: nothing in it may leave the IRI.
    let safe: String = endpoint
        .chars()
        .filter(|c| c.is_ascii_graphic() && !"<>\"{}|^`\\".contains(*c))
        .collect();
    format!(
        "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
PREFIX formats: <http://www.w3.org/ns/formats/>
CONSTRUCT {{
  <{safe}> a sd:Service ;
    sd:endpoint <{safe}> ;
    sd:supportedLanguage sd:SPARQL11Query ;
    sd:resultFormat formats:SPARQL_Results_JSON, formats:SPARQL_Results_XML, formats:SPARQL_Results_CSV,
      formats:SPARQL_Results_TSV, formats:Turtle, formats:N-Triples, formats:RDF_XML, formats:JSON-LD ;
    sd:defaultDataset [ a sd:Dataset ; sd:defaultGraph [ a sd:Graph ] ] .
}} WHERE {{}}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_host_stays_within_its_iri() {
        let text = description("http://x> . <y> a <z/kb/w/sparql");
        assert!(text.contains("<http://x.yaz/kb/w/sparql> a sd:Service"));
    }
}
