"""Copies of a graph that are altered at random, so that queries which differ give different answers on some of them.

What a seed alters, of the triples of a default graph as lines of N-Triples:

- One triple in ten is dropped: a condition that one query has and another lacks, or a join that is not needed, shows.
- One in ten gets another object, drawn from those that the same predicate has: of the same classes where it is a node, of
  the same datatype and language where it is a literal. A path still leads to what it led to, only elsewhere.
- Each number (`NUMBERS`; years too) then moves by at most a fifth of itself, and at most half the standard deviation of the
  predicate's numbers: orders change, years stay years, ranks stay ranks, and an exchange makes few ties. Datatype, sign and
  decimal places are kept.

What stays: names, for they are how questions and answers speak; types, and whatever is said in the vocabularies of RDF,
RDFS, OWL and SKOS or about a class or a property, for a query may hold the classes below a class one by one. A triple
whose inverse is stated too (`owl:inverseOf`, `owl:SymmetricProperty`) is altered together with it: either direction asks
the same.
"""

import hashlib
import random
import re
import statistics

RDF, RDFS = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#", "<http://www.w3.org/2000/01/rdf-schema#"
OWL, SKOS = "<http://www.w3.org/2002/07/owl#", "<http://www.w3.org/2004/02/skos/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"
TYPE, LABELS = f"{RDF}type>", (f"{RDFS}label>", f"{SKOS}prefLabel>")
NAMES = {*LABELS, f"{SKOS}altLabel>", "<http://xmlns.com/foaf/0.1/name>", "<http://purl.org/dc/terms/title>",
         "<http://schema.org/name>", "<https://schema.org/name>", "<http://schema.org/alternateName>",
         "<https://schema.org/alternateName>"}
SCHEMA = re.compile(f"(?:{RDFS}|{OWL})\\w*(?:Class|Property|Datatype)>$|{RDF}Property>$")
NUMBERS = {f"{XSD}{name}" for name in (
    "integer", "decimal", "double", "float", "gYear", "int", "long", "short", "byte", "nonNegativeInteger",
    "positiveInteger", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte")}
LINE = re.compile(r"(\S+) (\S+) (.+?) ?\.$")
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\^\^<([^>]*)>|@(\S+))?$')
FINITE = re.compile(r"(?=[+-]?\.?\d)[+-]?\d*(?:\.(\d*))?(?:[eE][+-]?\d+)?$")


def parsed(text):
    """The triples of a text in N-Triples, each a tuple of its terms as they are written."""
    # Not `splitlines`, which parts texts at characters that N-Triples leaves as they are.
    return [LINE.match(line).groups() for line in text.split("\n") if line.strip() and not line.startswith("#")]


def written(triples):
    return "".join(f"{s} {p} {o} .\n" for s, p, o in triples)


def canonical(triples, rounds=3):
    """The triples in an order that does not hang on the labels of blank nodes, which each load makes anew."""
    around = {}
    for s, p, o in triples:
        for node, side, other in ((s, ">", o), (o, "<", s)):
            if node.startswith("_:"):
                around.setdefault(node, []).append((side, p, other))
    colours = dict.fromkeys(around, "_:")
    for _ in range(rounds):
        colours = {node: "_:" + hashlib.sha256(repr(sorted(
            (side, p, colours.get(other, other)) for side, p, other in edges)).encode()).hexdigest()
            for node, edges in around.items()}
    return sorted(triples, key=lambda triple: tuple(colours.get(term, term) for term in triple))


def inverses(triples):
    """The predicates that say the same from the other side."""
    found = {}
    for s, p, o in triples:
        if p == f"{OWL}inverseOf>":
            found[s], found[o] = o, s
        elif p == TYPE and o == f"{OWL}SymmetricProperty>":
            found[s] = s
    return found


def stays(triples):
    """The test whether a triple must stay as it is."""
    schema = {s for s, p, o in triples if p == TYPE and SCHEMA.match(o)}
    return lambda s, p, _: p in NAMES or p.startswith((RDF, RDFS, OWL, SKOS)) or s in schema


def kind(term, types):
    """What another object must share with this one to stand in its place."""
    if literal := LITERAL.match(term):
        return "literal", literal[2], literal[3]
    return ("node", *types.get(term, ()))


def number(term):
    """The number that a literal is, or None."""
    literal = LITERAL.match(term)
    if not literal or literal[2] not in NUMBERS or not FINITE.match(literal[1]):
        return None
    return float(literal[1])


def jittered(term, spread, rng):
    """A number nearby, written as this one is."""
    text, datatype, _ = LITERAL.match(term).groups()
    value = float(text)
    reach = min(abs(value) / 5, spread / 2)
    value += rng.uniform(-reach, reach)
    places = len(FINITE.match(text)[1] or "")
    if "e" in text.lower():
        text = f"{value:.{max(places, 4)}E}"
    elif datatype == f"{XSD}gYear":
        text = f"{round(value):05d}" if value < 0 else f"{round(value):04d}"
    else:
        text = f"{value:.{places}f}"
        if float(text) == 0:
            text = text.lstrip("-")
    return f'"{text}"^^<{datatype}>'


class Alteration:
    """The alterations of one graph; `copy(seed)` is one of them."""

    def __init__(self, triples, share=0.1):
        self.share = share
        self.triples = canonical(triples)
        types = {}
        for s, p, o in self.triples:
            if p == TYPE:
                types.setdefault(s, []).append(o)
        self.inverse, self.stays = inverses(self.triples), stays(self.triples)
        self.kind = lambda term: kind(term, types)
        self.pools, numbers = {}, {}
        for s, p, o in self.triples:
            if self.stays(s, p, o):
                continue
            self.pools.setdefault((p, self.kind(o)), []).append(o)
            if (value := number(o)) is not None:
                numbers.setdefault(p, []).append(value)
        self.spreads = {p: statistics.pstdev(values) for p, values in numbers.items()}

    def copy(self, seed):
        """The triples of an altered copy, the same for the same seed and graph."""
        rng = random.Random(seed)
        there, done, found = set(self.triples), set(), {}
        for triple in self.triples:
            if triple in done:
                continue
            s, p, o = triple
            back = self.inverse.get(p)
            twin = (o, back, s) if back and (o, back, s) in there else None
            done.update(filter(None, (triple, twin)))
            if self.stays(*triple):
                found[triple] = True
                continue
            chance = rng.random()
            if chance < self.share:
                continue
            if chance < 2 * self.share:
                o = self.exchanged(p, o, rng)
            if number(o) is not None:
                o = jittered(o, self.spreads[p], rng)
            found[s, p, o] = True
            if twin:
                found[o, back, s] = True
        return list(found)

    def exchanged(self, p, o, rng):
        """Another object of the same predicate and kind; the same where there is none."""
        pool = self.pools[p, self.kind(o)]
        for _ in range(20):
            if (other := rng.choice(pool)) != o:
                return other
        return o
