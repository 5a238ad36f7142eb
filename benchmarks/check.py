#!/usr/bin/env python3
"""Runs every gold query of a question set over its graph, and verifies or fills the answers.

    check.py GRAPH.ttl QUESTIONS [QUESTIONS ...] [--write]

QUESTIONS is a .jsonl file or a .jsonl.gz file; a .gz file is reported by id only, so that a check does not show what
it holds. Needs rdflib. Exit code 1 when anything is wrong.

A thing is named by its rdfs:label or skos:prefLabel. A file `names` beside QUESTIONS, where there is one, lists the IRIs
of the predicates that name things without a label, one a line, in order of preference.

With --write, `answers` and, for a single answer that is a thing with further names, `alternates` are filled from the
graph. Without it, they must agree with what the graph gives.
"""
import argparse
import gzip
import json
import re
import sys
import warnings
from collections import Counter
from pathlib import Path

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDFS, SKOS

OPERATORS = (
    "lookup-forward",
    "lookup-inverse",
    "two-hop",
    "three-hop",
    "list-class",
    "conjunction",
    "count",
    "yes-no",
    "compare",
    "superlative",
    "top-k",
    "threshold",
    "negation",
    "aggregate",
    "difference-ratio",
    "argmax-count",
    "share",
    "unanswerable",
)
REQUIRED = ("id", "question", "operator", "nested", "sparql")
MOST = 300


def opened(path, mode):
    if path.suffix == ".gz":
        if "w" in mode:
            raw = gzip.GzipFile(filename="", fileobj=open(path, "wb"), mode="wb", mtime=0)
            return raw
        return gzip.open(path, "rt", encoding="utf-8")
    return open(path, mode, encoding="utf-8")


def read(path):
    with opened(path, "r") as file:
        return [json.loads(line) for line in file if line.strip()]


def write(path, questions):
    text = "".join(json.dumps(question, ensure_ascii=False) + "\n" for question in questions)
    with opened(path, "w") as file:
        file.write(text.encode("utf-8") if path.suffix == ".gz" else text)


def naming(folder):
    """The predicates that name things without a label, in order of preference."""
    path = folder / "names"
    return [URIRef(iri) for iri in path.read_text(encoding="utf-8").split()] if path.exists() else []


def label(graph, node, names):
    for predicate in (RDFS.label, SKOS.prefLabel, *names):
        found = sorted(graph.objects(node, predicate), key=lambda l: (getattr(l, "language", None) != "en", str(l)))
        if found:
            return str(found[0])
    return None


def plain(literal):
    """The lexical value; a computed number is cut to six decimals."""
    text = str(literal)
    value = literal.value
    if value is not None and not isinstance(value, bool) and re.fullmatch(r"[+-]?\d+\.\d{7,}(E.*)?|.*[eE][+-]?\d+", text):
        number = float(value)
        text = f"{number:.6f}".rstrip("0").rstrip(".") if 1e-3 <= abs(number) < 1e15 else f"{number:.6g}"
    return text


def same(one, other):
    if one == other:
        return True
    try:
        a, b = float(one), float(other)
    except ValueError:
        return False
    return abs(a - b) <= 1e-6 * max(abs(a), abs(b))


def ordered(sparql):
    """Whether the query itself, not one inside its braces, orders its rows."""
    text = sparql
    while re.search(r"\{[^{}]*\}", text):
        text = re.sub(r"\{[^{}]*\}", " ", text)
    return re.search(r"\bORDER\s+BY\b", text, re.IGNORECASE) is not None


def tie(graph, sparql):
    """Whether the cut of an ORDER BY ... LIMIT n falls between two rows of one value (the second column)."""
    match = re.search(r"\bLIMIT\s+(\d+)(\s+OFFSET\s+(\d+))?\s*$", sparql, re.IGNORECASE)
    if not match or not ordered(sparql):
        return None
    limit, offset = int(match.group(1)), int(match.group(3) or 0)
    rows = list(graph.query(sparql[: match.start()] + f" LIMIT {limit + offset + 1}"))
    if any(len(row) < 2 for row in rows):
        return "a query with ORDER BY and LIMIT should give the value ordered by as its second column"
    values = [row[1] for row in rows]
    if len(values) > limit + offset and values[limit + offset] == values[limit + offset - 1]:
        return "a tie at the cut of LIMIT"
    if offset and values[offset - 1] == values[offset]:
        return "a tie at the cut of OFFSET"
    return None


def answers(graph, sparql, names, complaints):
    result = graph.query(sparql)
    if result.type == "ASK":
        return ["yes" if result.askAnswer else "no"], None
    if result.type != "SELECT":
        complaints.append(f"a {result.type} query")
        return [], None
    found, single = [], None
    for row in result:
        term = row[0]
        if term is None:
            complaints.append("an unbound answer")
            continue
        if isinstance(term, BNode):
            complaints.append("a blank node as an answer")
            continue
        if isinstance(term, URIRef):
            text = label(graph, term, names)
            if text is None:
                complaints.append(f"no label: {term}")
                continue
            single = term
        else:
            text = plain(term)
        if text not in found:
            found.append(text)
    if not ordered(sparql):
        found.sort()
    others = []
    if len(found) == 1 and single is not None:
        predicates = (SKOS.altLabel, SKOS.prefLabel, RDFS.label, *names)
        others = sorted({str(o) for p in predicates for o in graph.objects(single, p)} - set(found))
    return found, others


def check(graph, question, names, fill):
    complaints = []
    for field in REQUIRED:
        if field not in question:
            complaints.append(f"no field {field}")
    if question.get("operator") not in OPERATORS:
        complaints.append(f"unknown operator {question.get('operator')}")
    status, sparql = question.get("status"), question.get("sparql", "")
    if status not in (None, "none", "abstained"):
        complaints.append(f"unknown status {status}")
    if (status is not None) != (question.get("operator") == "unanswerable"):
        complaints.append("status and operator disagree")
    try:
        found, others = answers(graph, sparql, names, complaints) if sparql else ([], None)
        cut = tie(graph, sparql) if sparql else None
    except Exception as error:  # whatever the parser or the evaluation raises is the author's to read
        return complaints + [f"{type(error).__name__}: {error}"]
    if cut:
        complaints.append(cut)
    if status is not None:
        if found not in ([], ["0"], ["no"]):
            complaints.append(f"should have no answer, but has {found[:3]}")
        found, others = ["abstain"], None
    elif not found:
        complaints.append("no answer")
    if len(found) > MOST:
        complaints.append(f"{len(found)} answers")
    if fill:
        question["answers"] = found
        question.pop("alternates", None)
        if others:
            question["alternates"] = others
    else:
        given = question.get("answers", [])
        given = given if ordered(sparql) else sorted(given)
        if len(given) != len(found) or not all(same(a, b) for a, b in zip(given, found)):
            complaints.append("answers differ from the graph's")
    return complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph", type=Path)
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    graph = Graph()
    graph.parse(arguments.graph, format="turtle")
    wrong, ids, operators, nested = 0, set(), Counter(), 0
    for path in arguments.questions:
        questions, names = read(path), naming(path.parent)
        for question in questions:
            complaints = check(graph, question, names, arguments.write)
            if question.get("id") in ids:
                complaints.append("an id used twice")
            ids.add(question.get("id"))
            operators[question.get("operator")] += 1
            nested += bool(question.get("nested"))
            for complaint in complaints:
                wrong += 1
                shown = complaint if path.suffix != ".gz" else complaint.split(":")[0]
                print(f"{path.name}: {question.get('id')}: {shown}", file=sys.stderr)
        if arguments.write:
            write(path, questions)
    print(f"{len(graph)} triples, {sum(operators.values())} questions, {nested} of them nested, {wrong} complaints")
    for operator in OPERATORS:
        if operators[operator]:
            print(f"  {operator:18}{operators[operator]:4}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
