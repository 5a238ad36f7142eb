"""Tests of how graphs are altered, and of when two queries agree on them."""

import http.server
import json
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

import alteration  # noqa: E402
import altered  # noqa: E402

XSD = alteration.XSD
TYPE, LABEL = alteration.TYPE, f"{alteration.RDFS}label>"


def integer(value):
    return f'"{value}"^^<{XSD}integer>'


def graph(blank="b"):
    """200 cities with a name, a country, a population, a mayor with an inverse, and a height by way of a nameless node."""
    lines = [("<p/mayor>", f"{alteration.OWL}inverseOf>", "<p/mayorOf>"), ("<C>", TYPE, f"{alteration.OWL}Class>"),
             ("<C>", "<p/note>", '"a city"'), ("<C>", f"{alteration.RDFS}subClassOf>", "<P>")]
    for at in range(200):
        city, mayor, node = f"<c{at}>", f"<m{at % 50}>", f"_:{blank}{at * 7 % 200}"
        lines += [(city, TYPE, "<C>"), (city, LABEL, f'"city \\"{at}\\""@en'), (city, "<p/in>", f"<k{at % 5}>"),
                  (city, "<p/people>", integer(1000 + at)), (city, "<p/mayor>", mayor), (mayor, "<p/mayorOf>", city),
                  (city, "<p/height>", node), (node, "<p/value>", f'"{at}.50"^^<{XSD}decimal>'), (node, "<p/unit>", "<metre>")]
        lines += [(f"<k{at % 5}>", TYPE, "<K>"), (mayor, TYPE, "<M>")]
    return list(dict.fromkeys(lines))


class Altered(unittest.TestCase):
    def setUp(self):
        self.triples = graph()
        self.alteration = alteration.Alteration(self.triples)
        self.copy = self.alteration.copy("1/1")

    def test_a_seed_gives_the_same_copy_and_another_seed_another(self):
        again = alteration.Alteration(list(reversed(self.triples))).copy("1/1")
        self.assertEqual(self.copy, again)
        self.assertNotEqual(set(self.copy), set(self.alteration.copy("1/2")))

    def test_labels_of_blank_nodes_do_not_matter(self):
        other = alteration.Alteration(graph("other")).copy("1/1")
        without = [[("_:" if term.startswith("_:") else term for term in triple) for triple in copy]
                   for copy in (self.copy, other)]
        self.assertEqual(*[sorted(map(tuple, triples)) for triples in without])

    def test_names_types_and_schema_stay(self):
        kept = [t for t in self.triples if t[1] in (TYPE, LABEL) or t[0] == "<C>" or t[1].startswith(alteration.OWL)]
        self.assertGreater(len(kept), 400)
        self.assertLessEqual(set(kept), set(self.copy))

    def test_about_a_tenth_is_dropped_and_a_tenth_is_exchanged(self):
        before = [t for t in self.triples if t[1] == "<p/in>"]
        after = {s: o for s, p, o in self.copy if p == "<p/in>"}
        dropped = sum(s not in after for s, _, _ in before)
        exchanged = sum(after.get(s, o) != o for s, _, o in before)
        for count in (dropped, exchanged):
            self.assertTrue(8 <= count <= 36, (dropped, exchanged))
        self.assertLessEqual(set(after.values()), {f"<k{at}>" for at in range(5)})
        everything = alteration.Alteration(self.triples, share=0.0).copy(1)
        self.assertEqual(len(everything), len(self.triples))

    def test_inverses_are_altered_together(self):
        there = {(s, o) for s, p, o in self.copy if p == "<p/mayor>"}
        self.assertEqual(there, {(o, s) for s, p, o in self.copy if p == "<p/mayorOf>"})
        self.assertNotEqual(there, {(s, o) for s, p, o in self.triples if p == "<p/mayor>"})

    def test_numbers_move_a_little_and_keep_their_form(self):
        people = {s: int(alteration.number(o)) for s, p, o in self.copy if p == "<p/people>"}
        self.assertTrue(all(950 <= value <= 1250 for value in people.values()))
        self.assertGreater(sum(value != 1000 + int(s[2:-1]) for s, value in people.items()), 100)
        for _, p, o in self.copy:
            if p == "<p/value>":
                self.assertRegex(o, rf'^"\d+\.\d\d"\^\^<{XSD}decimal>$')

    def test_an_object_is_exchanged_for_one_of_its_kind(self):
        triples = [("<a>", "<p>", "<x>"), ("<b>", "<p>", "<y>"), ("<c>", "<p>", integer(4)), ("<d>", "<p>", '"w"@en'),
                   ("<x>", TYPE, "<T>"), ("<y>", TYPE, "<U>"), ("<e>", "<p>", integer(9)), ("<f>", "<p>", '"v"@de')]
        one = alteration.Alteration(triples, share=0.5)
        rng = alteration.random.Random(1)
        for o, became in [("<x>", "<x>"), ("<y>", "<y>"), (integer(4), integer(9)), ('"w"@en', '"w"@en')]:
            self.assertEqual(one.exchanged("<p>", o, rng), became)


class Numbers(unittest.TestCase):
    def test_what_is_a_number(self):
        for term, value in [(integer("-07"), -7), (f'"1.5E3"^^<{XSD}double>', 1500), (f'"1998"^^<{XSD}gYear>', 1998),
                            (f'"INF"^^<{XSD}double>', None), ('"12"', None), (f'"12"^^<{XSD}string>', None), ("<12>", None),
                            (f'".5"^^<{XSD}decimal>', 0.5), (f'"2020Z"^^<{XSD}gYear>', None)]:
            self.assertEqual(alteration.number(term), value, term)

    def test_the_form_is_kept(self):
        rng = alteration.random.Random(2)
        for term, form in [(f'"1998"^^<{XSD}gYear>', r'"19\d\d|20\d\d"'), (f'"-0044"^^<{XSD}gYear>', r'"-00\d\d"'),
                           (f'"1.5E3"^^<{XSD}double>', r'"1\.\d{4}E\+03"'), (integer(0), r'"0"'),
                           (f'"-0.2"^^<{XSD}decimal>', r'"-?0\.\d"'), (integer(1), r'"1"')]:
            for _ in range(20):
                self.assertRegex(alteration.jittered(term, 4, rng), form)

    def test_triples_are_read_as_they_are_written(self):
        text = '<a> <p> "x . \\" y"@en .\n<a> <p> _:b .\n'
        self.assertEqual(alteration.parsed(text), [("<a>", "<p>", '"x . \\" y"@en'), ("<a>", "<p>", "_:b")])
        self.assertEqual(alteration.written(alteration.parsed(text)), text)


def rows(*cells):
    return [list(cell) for cell in cells]


class Denotations(unittest.TestCase):
    def test_sets_are_compared_by_the_first_column(self):
        gold = altered.Gold(rows("ax", "by", "az"))
        self.assertEqual(gold.agrees(["b", "a", "b"]), altered.SAME)
        for keys in (["a"], ["a", "b", "c"], []):
            self.assertIsNone(gold.agrees(keys))
        self.assertEqual(altered.Gold([]).agrees([]), altered.SAME)
        self.assertIsNone(altered.Gold([]).agrees(["a"]))

    def test_numbers_agree_within_a_millionth(self):
        gold = altered.Gold([[altered.folded("1.277833333333")]])
        self.assertEqual(gold.agrees([altered.folded("1.2778334")]), altered.SAME)
        self.assertIsNone(gold.agrees([altered.folded("1.278")]))
        self.assertEqual(altered.Gold([[altered.folded("30.0")]]).agrees([altered.folded("30")]), altered.SAME)

    def test_the_order_counts_where_gold_has_one_but_not_among_equals(self):
        gold = altered.Gold(rows("a9", "b7", "c7", "d1"), (0, 4), True)
        self.assertEqual(gold.agrees(list("acbd")), altered.SAME)
        self.assertEqual(gold.agrees(list("dabc")), altered.ORDER)
        self.assertIsNone(gold.agrees(list("abc")))

    def test_a_tie_at_the_cut_leaves_the_choice(self):
        first = altered.Gold(rows("a9", "b9", "c1"), (0, 1), True)
        for keys, agrees in [("a", True), ("b", True), ("ab", True), ("c", False), ("ac", False), ("", False)]:
            self.assertEqual(first.agrees(list(keys)) is not None, agrees, keys)
        two = altered.Gold(rows("a9", "b7", "c7", "d1"), (0, 2), True)
        for keys, agrees in [("ab", True), ("ac", True), ("abc", True), ("bc", False), ("a", False)]:
            self.assertEqual(two.agrees(list(keys)) is not None, agrees, keys)
        second = altered.Gold(rows("a9", "b7", "c5"), (1, 2), True)
        self.assertEqual([second.agrees([one]) for one in "abc"], [None, altered.SAME, None])

    def test_a_cut_without_a_value_is_taken_at_its_word(self):
        gold = altered.Gold(rows("a", "b", "c"), (0, 2), True)
        self.assertEqual(gold.agrees(["a", "b"]), altered.SAME)
        self.assertIsNone(gold.agrees(["a", "c"]))

    def test_only_the_cut_of_the_query_itself_is_taken_off(self):
        inner = "SELECT ?y { { SELECT ?x { ?x <p> ?d } ORDER BY ?d LIMIT 1 } ?x <y> ?y }"
        self.assertEqual(altered.uncut(inner), (inner, None))
        outer = "SELECT ?x ?v { ?x <p> ?v } ORDER BY DESC(?v) LIMIT 3 OFFSET 2"
        self.assertEqual(altered.uncut(outer), ("SELECT ?x ?v { ?x <p> ?v } ORDER BY DESC(?v) ", (2, 5)))
        self.assertEqual(altered.uncut("SELECT ?x { ?x <p> ?v } LIMIT 3")[1], None)

    def test_a_ranking_without_a_cut_is_answered_by_its_first(self):
        ranks, found = "SELECT ?a ?v { ?a <p> ?v } ORDER BY DESC(?v) ?a", rows("b9", "c9", "a1")
        told = [[{"value": "x"}, {"value": "5"}]]
        self.assertEqual(altered.winners(ranks, told, found), found[:2])
        self.assertEqual(altered.winners(ranks + " LIMIT 2000", told, found), found)
        self.assertEqual(altered.winners(ranks, told + [[{"value": "y"}, {"value": "4"}]], found), found)

    def test_nodes_count_by_their_labels(self):
        named = altered.labels([("<a>", LABEL, '"Eisen"@de'), ("<a>", LABEL, '"Iron \\u00e9"@en'),
                                ("<b>", f"{alteration.SKOS}altLabel>", '"other"')])
        self.assertEqual(altered.key({"type": "uri", "value": "a"}, named), "iron é")
        self.assertEqual(altered.key({"type": "uri", "value": "B"}, named), "b")
        self.assertEqual(altered.key({"type": "literal", "value": "IRON  É"}, named), "iron é")
        self.assertEqual(altered.key({"type": "literal", "value": "true"}, named), "yes")

    def test_prefixes_that_rdflib_knows_are_declared(self):
        self.assertTrue(altered.declared("ASK { ?x rdfs:label ?y }").startswith("PREFIX rdfs: <http"))
        already = "PREFIX rdfs: <x#> ASK { ?x rdfs:label ?y }"
        self.assertEqual(altered.declared(already), already)


class Report(unittest.TestCase):
    def test_the_interval_is_wilsons(self):
        low, high = altered.wilson(15, 20)
        self.assertAlmostEqual(low, 0.5313, places=4)
        self.assertAlmostEqual(high, 0.8881, places=4)
        self.assertEqual(altered.wilson(0, 0), (0.0, 1.0))

    def record(self, name, verdicts, golds, exact):
        return altered.finish({
            "id": name, "operator": "count", "exact": exact, "failure": None, "told": [], "verdicts": verdicts,
            "golds": [gold and altered.Gold(rows(*gold)) for gold in golds]})

    def test_all_copies_must_agree(self):
        records = [self.record("a", [altered.SAME] * 3, ["1", "2", "1"], True),
                   self.record("b", [altered.SAME, "query failed: 408 too long", altered.SAME], ["1", None, "1"], True),
                   self.record("c", ["no query"] * 3, ["1", "1", "1"], False)]
        told = "\n".join([*altered.table(records), *(note for record in records for note in altered.notes(record))])
        self.assertIn("of all questions: 1/3", told)
        self.assertIn("exact on the original: 1/2", told)
        self.assertIn("that agree: 3/6", told)
        self.assertIn("not the original's: 1/6", told)
        self.assertIn("says little: 2; 0 of them agree", told)
        self.assertIn("exact, but b: query failed: 408 too long on copy 1", told)


class Server(http.server.BaseHTTPRequestHandler):
    """Takes down what is asked of it, and fails loads."""

    def answer(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.seen.append(f"{self.command} {self.path}")
        failed = self.path.endswith("/load") and self.server.fails
        body = json.dumps({"detail": "no room"} if failed else {}).encode()
        self.send_response(507 if failed else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


class Copies(unittest.TestCase):
    def seen(self, fails, work):
        with http.server.HTTPServer(("127.0.0.1", 0), Server) as server:
            server.seen, server.fails = [], fails
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                with self.assertRaises((altered.Failed, ZeroDivisionError)) as raised:
                    with altered.Copy(f"http://127.0.0.1:{server.server_port}", "k-altered-1", [("<a>", "<p>", "<b>")]):
                        work()
            finally:
                server.shutdown()
                thread.join()
            return server.seen, str(raised.exception)

    def test_a_copy_is_deleted_whatever_happens(self):
        whole = ["POST /kb", "POST /kb/k-altered-1/load", "DELETE /kb/k-altered-1"]
        self.assertEqual(self.seen(False, lambda: 1 / 0)[0], whole)
        self.assertEqual(self.seen(True, lambda: None), (whole, "507 no room"))


if __name__ == "__main__":
    unittest.main()
