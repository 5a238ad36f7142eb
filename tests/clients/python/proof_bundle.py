"""Checks an exported proof without the server that made it: digests by hashlib, the rest by rdflib.

Usage: proof_bundle.py FILE. The facts of the bundle alone are loaded, its query runs over them, and its rows follow.
"""

import hashlib
import json
import sys

from rdflib import Dataset
from rdflib.util import from_n3


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def lines(texts):
    return "".join(text + "\n" for text in texts)


def digests(bundle):
    """The digests as docs/http-api.md defines them."""
    rows = [bundle["columns"], *bundle["rows"]]
    found = {
        "question": sha256(bundle["question"]),
        "answer": sha256(bundle["answer"]),
        "sparql": sha256(bundle["sparql"]),
        "rows": sha256(lines("\t".join(row) for row in rows)),
        "facts": sha256(lines(bundle["facts"])),
    }
    whole = [bundle["format"], f"knowledge_base {bundle['knowledge_base']}", f"revision {bundle['revision']}"]
    whole += [f"{name} {digest}" for name, digest in found.items()]
    return {**found, "whole": sha256(lines(whole))}


def yielded(bundle):
    """What the query yields over the facts alone, as a set of rows."""
    facts = Dataset(default_union=True)
    facts.parse(data=lines(bundle["facts"]), format="nquads")
    assert len(facts) == len(set(bundle["facts"])), "each line is a fact"
    result = facts.query(bundle["sparql"])
    if result.type == "ASK":
        return {str(result.askAnswer).lower()}
    return {tuple(cell for cell in row if cell is not None) for row in result}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        bundle = json.load(file)
    assert digests(bundle) == bundle["digests"], (digests(bundle), bundle["digests"])
    told = {tuple(from_n3(cell) for cell in row) for row in bundle["rows"]}
    found = yielded(bundle)
    if found <= {"true", "false"}:
        told = {str(cell) for row in told for cell in row}
    assert found == told and told, (found, told)
    print("the answer follows from its facts")


if __name__ == "__main__":
    main()
