"""rdflib's SPARQL store and the graph store protocol against an Almanac server with the knowledge base `lanterns`."""

import base64
import os
import urllib.error
import urllib.parse
import urllib.request

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDFS
from rdflib.plugins.stores.sparqlstore import SPARQLStore

URL = os.environ["ALMANAC_URL"] + "/kb/lanterns"
KEY = os.environ.get("ALMANAC_KEY", "")
AUTH = ("anyone", KEY) if KEY else None
LANTERN = "http://lantern.example/"


def store(**options):
    return SPARQLStore(URL + "/sparql", auth=AUTH, **options)


def queries():
    graph = Graph(store())
    rows = list(graph.query(f"SELECT ?l ?h {{ ?l <{LANTERN}height> ?h }} ORDER BY DESC(?h)"))
    assert len(rows) == 5 and str(rows[0][0]) == LANTERN + "pale", rows
    assert rows[0][1] == Literal("52.25", datatype="http://www.w3.org/2001/XMLSchema#decimal")
    assert graph.query(f"ASK {{ <{LANTERN}pale> ?p ?o }}").askAnswer is True
    assert graph.query(f"ASK {{ <{LANTERN}nowhere> ?p ?o }}").askAnswer is False
    made = graph.query(f"CONSTRUCT {{ ?l <{LANTERN}tall> ?h }} WHERE {{ ?l <{LANTERN}height> ?h }}").graph
    assert len(made) == 5
    described = graph.query(f"DESCRIBE <{LANTERN}pale>").graph
    assert len(described) >= 6


def triples():
    """The store as a graph: rdflib turns patterns into queries."""
    graph = Graph(store())
    pale = URIRef(LANTERN + "pale")
    assert (pale, RDFS.label, Literal("Pale Beacon", lang="en")) in graph
    assert graph.value(pale, URIRef(LANTERN + "keptBy")) == URIRef(LANTERN + "ines")
    assert len(list(graph.triples((None, URIRef(LANTERN + "keptBy"), None)))) == 4
    assert len(graph) > 100


def methods_and_formats():
    for method in ("GET", "POST", "POST_FORM"):
        for form in ("json", "xml", "csv", "tsv"):
            graph = Graph(store(method=method, returnFormat=form))
            rows = list(graph.query(f"SELECT ?n {{ <{LANTERN}pale> <{RDFS.label}> ?n }}"))
            assert [str(row[0]) for row in rows] == ["Pale Beacon"], (method, form, rows)


def http(method, graph, body=None, kind="text/turtle", accept="text/turtle"):
    """The graph store protocol takes no more than an HTTP client."""
    headers = {"Accept": accept}
    if body is not None:
        headers["Content-Type"] = kind
    if KEY:
        headers["Authorization"] = "Basic " + base64.b64encode(f"anyone:{KEY}".encode()).decode()
    target = URL + "/rdf-graph-store?graph=" + urllib.parse.quote(graph, safe="")
    request = urllib.request.Request(target, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def graph_store():
    name = "http://clients.example/graph"
    graph = Graph()
    graph.add((URIRef("http://clients.example/s"), RDFS.label, Literal("Süd \"quoted\"\nline", lang="de")))
    graph.add((URIRef("http://clients.example/s"), URIRef("http://clients.example/n"), Literal(7)))
    for form, kind in (("turtle", "text/turtle"), ("nt", "application/n-triples"), ("xml", "application/rdf+xml"),
                       ("json-ld", "application/ld+json")):
        status, _ = http("PUT", name, graph.serialize(format=form).encode(), kind)
        assert status in (200, 201, 204), (form, status)
        status, body = http("GET", name, accept=kind)
        assert status == 200
        back = Graph().parse(data=body, format=form)
        assert set(back) == set(graph), (form, body)
    # rdflib names the graph to the endpoint as its default graph.
    assert len(list(Graph(store(), identifier=URIRef(name)).triples((None, None, None)))) == 2
    status, _ = http("DELETE", name)
    assert status in (200, 204)
    assert http("GET", name)[0] == 404


def main():
    queries()
    triples()
    methods_and_formats()
    graph_store()
    print("all is well")


if __name__ == "__main__":
    main()
