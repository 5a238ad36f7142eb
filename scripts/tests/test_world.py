"""The demo's Turtle: well formed, complete, and linked as its vocabulary says."""

import io
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "demo"))
import world  # noqa: E402

try:
    import rdflib
except ImportError:
    rdflib = None

CACHE = Path(os.environ.get("ALMANAC_CACHE") or Path.home() / ".cache" / "almanac")
DATA = CACHE / "geonames"


class Names(unittest.TestCase):
    def test_slugs_are_plain(self):
        self.assertEqual(world.slug("N'Djamena"), "ndjamena")
        self.assertEqual(world.slug("São Tomé and Príncipe"), "sao-tome-and-principe")
        self.assertEqual(world.slug("Москва"), "")

    def test_strings_are_escaped(self):
        self.assertEqual(world.string('a "b" \\ c\n'), '"a \\"b\\" \\\\ c\\n"')

    def test_decimals_keep_their_digits(self):
        self.assertEqual(world.decimal("42.50729"), "42.50729")
        self.assertEqual(world.decimal("103000"), "103000.0")
        self.assertEqual(world.decimal("-1"), "-1.0")
        self.assertEqual(float(world.decimal("5e-05")), 0.00005)

    def test_aliases_are_names_that_people_use(self):
        names = ["NYC", "JFK", "New York", "Nova York", "niu yue", "Нью-Йорк", "New York City", "纽约"]
        taken = world.pick_aliases("New York City", names, 5)
        self.assertEqual(sorted(taken), ["NYC", "New York", "Nova York"])
        self.assertEqual(world.pick_aliases("São Paulo", ["São Paulo"], 5), ["Sao Paulo"])
        self.assertEqual(world.pick_aliases("Lima", ["Peru City"], 5, {world.fold("Peru City")}), [])

    def test_tables_are_well_formed(self):
        for table in world.TABLES:
            rows = world.read_table(world.HERE / table)
            self.assertGreater(len(rows), 50, table)
            for code, names in rows.items():
                self.assertRegex(code, r"^[A-Za-z]{2,3}$")
                self.assertTrue(names and all(n and n == n.strip() for n in names), (table, code))


class Knowledge(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not all((DATA / name).is_file() for name in world.DATA):
            if os.environ.get("CI"):
                raise AssertionError(f"{DATA} is missing: run scripts/fetch.py geonames")
            raise unittest.SkipTest(f"{DATA} is missing: run scripts/fetch.py geonames")
        cls.world = world.World(DATA)
        out = io.StringIO()
        cls.triples = world.write_world(cls.world, out)
        cls.text = out.getvalue()
        cls.blocks = dict(re.findall(r"^((?:\w+):[\w-]+) (a world:.*? \.)$", cls.text, re.M | re.S))

    def kinds(self, name):
        return [subject for subject, block in self.blocks.items() if re.match(rf"a .*world:{name}\b", block.split("\n", 1)[0])]

    def test_counts(self):
        self.assertEqual(len(self.kinds("Country")), 250)
        self.assertEqual(len(self.kinds("Continent")), 7)
        self.assertEqual(len(self.kinds("UsState")), 51)
        self.assertGreater(len(self.kinds("City")), 33_000)
        self.assertGreater(len(self.kinds("Currency")), 150)
        self.assertGreater(len(self.kinds("Language")), 250)
        self.assertGreater(len(self.kinds("TimeZone")), 300)
        self.assertGreater(self.triples, 300_000)

    def test_every_capital_is_linked_to_a_city_of_its_country(self):
        named = {c for c, row in self.world.countries.items() if row["capital"].strip()}
        self.assertEqual(named, set(self.world.capitals) | set(self.world.minted))
        self.assertEqual(len(named), 244)
        linked = 0
        for code in named:
            country = f"country:{self.world.country_slugs[code]}"
            capital = re.search(r"world:capital (\S+)", self.blocks[country]).group(1)
            self.assertIn("world:CapitalCity", self.blocks[capital])
            self.assertIn(f"world:country {country} ", self.blocks[capital] + " ")
            linked += 1
        self.assertEqual(linked, 244)
        self.assertLess(len(self.world.minted), 5)

    def test_every_name_of_a_language_or_currency_in_use_is_known(self):
        used = {tag for code in self.world.countries for tag in self.world.language_codes(code)}
        self.assertEqual(used - set(self.world.languages), set())
        used = {c["currencycode"] for c in self.world.countries.values() if c["currencycode"]}
        self.assertEqual(used - set(self.world.currencies), set())

    def test_borders_are_symmetric_and_counted(self):
        borders = {}
        for country in self.kinds("Country"):
            found = re.search(r"world:borders (.*?) ;", self.blocks[country])
            borders[country] = set(found.group(1).split(" , ")) if found else set()
            count = int(re.search(r"world:numberOfBorders (\d+)", self.blocks[country]).group(1))
            self.assertEqual(count, len(borders[country]), country)
        for country, others in borders.items():
            for other in others:
                self.assertIn(country, borders[other])
        self.assertEqual(borders["country:iceland"], set())

    def test_the_same_input_gives_the_same_bytes(self):
        # Another process with another hash seed, so that the order of a set would show.
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "world.ttl"
            command = [sys.executable, str(world.HERE / "world.py"), f"--data={DATA}", f"--out={out}"]
            subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": "7"})
            self.assertEqual(out.read_text(encoding="utf-8"), self.text)

    @unittest.skipIf(rdflib is None, "rdflib is missing: run scripts/setup.sh test")
    def test_a_slice_is_valid_rdf_that_obeys_its_vocabulary(self):
        head = self.text.split("\ncity:", 1)[0]
        cities = sorted(s for s in self.blocks if s.startswith("city:"))
        capitals = [s for s in cities if "CapitalCity" in self.blocks[s]]
        chosen = sorted(set(cities[::50]) | set(capitals))
        graph = rdflib.Graph()
        graph.parse(data=head + "\n" + "\n".join(f"{s} {self.blocks[s]}" for s in chosen), format="turtle")
        rdf, rdfs, owl = rdflib.RDF, rdflib.RDFS, rdflib.OWL
        ns = rdflib.Namespace(world.BASE)
        for kind in (owl.Class, owl.ObjectProperty, owl.DatatypeProperty):
            for term in graph.subjects(rdf.type, kind):
                self.assertTrue(graph.value(term, rdfs.label), term)
                self.assertTrue(graph.value(term, rdfs.comment), term)
        supers = {c: set(graph.transitive_objects(c, rdfs.subClassOf)) for c in graph.subjects(rdf.type, owl.Class)}
        for kind in (owl.ObjectProperty, owl.DatatypeProperty):
            for predicate in graph.subjects(rdf.type, kind):
                domain, values = graph.value(predicate, rdfs.domain), graph.value(predicate, rdfs.range)
                uses = 0
                for subject, value in graph.subject_objects(predicate):
                    uses += 1
                    classes = {up for c in graph.objects(subject, rdf.type) for up in supers[c]}
                    self.assertIn(domain, classes, (subject, predicate))
                    if kind == owl.DatatypeProperty:
                        self.assertEqual(value.datatype or rdflib.XSD.string, values, (subject, predicate))
                        self.assertFalse(value.ill_typed, (subject, predicate, value))
                    elif values != ns.City:
                        classes = {up for c in graph.objects(value, rdf.type) for up in supers[c]}
                        self.assertIn(values, classes, (subject, predicate, value))
                self.assertGreater(uses, 0, predicate)
        undefined = {p for p in graph.predicates() if str(p).startswith(world.BASE)} - set(graph.subjects(rdf.type, None))
        self.assertEqual(undefined, set())
        ask = "ASK { ?country rdfs:label 'Chad'@en ; world:capital/rdfs:label \"N'Djamena\" }"
        self.assertTrue(graph.query(ask, initNs={"world": ns, "rdfs": rdfs}).askAnswer)


if __name__ == "__main__":
    unittest.main()
