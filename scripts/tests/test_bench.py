"""Tests of what the benchmarks reckon with."""

import gzip
import http.server
import json
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

import abstention  # noqa: E402
import common  # noqa: E402
import passages  # noqa: E402
import search  # noqa: E402
import soak  # noqa: E402
import streams  # noqa: E402


class Abstention(unittest.TestCase):
    INTACT = [
        {"id": "a", "status": "grounded", "confidence": 0.9, "hit": 1.0},
        {"id": "b", "status": "ambiguous", "confidence": 0.6, "hit": 0.0},
        {"id": "c", "status": "abstained", "confidence": 0.0, "hit": 0.0},
        {"id": "d", "status": "grounded", "confidence": 0.7, "hit": 1.0},
    ]
    REMOVED = [
        {"id": "a", "status": "abstained", "confidence": 0.0, "hit": 0.0},
        {"id": "d", "status": "grounded", "confidence": 0.8, "hit": 0.0},
    ]

    def test_a_bound_on_confidence_trades_answers_for_abstentions(self):
        self.assertEqual(abstention.at(0, self.INTACT, self.REMOVED), (0.75, 0.5, 0.25, 0.5))
        self.assertEqual(abstention.at(0.8, self.INTACT, self.REMOVED), (0.25, 0.25, 0.0, 1.0))

    def test_right_answers_are_set_against_answers_without_a_fact(self):
        self.assertEqual(abstention.auroc(self.INTACT, self.REMOVED), 0.75)

    def test_confidence_is_held_against_what_was_right(self):
        answers = [(0.95, True), (0.95, False), (0.15, False), (0.15, False)]
        error, told_apart = abstention.calibration(answers)
        self.assertAlmostEqual(error, (abs(1.9 - 1) + 0.3) / 4)
        self.assertAlmostEqual(told_apart, (0.5 + 1 + 1) / 3)
        self.assertIsNone(abstention.calibration([(0.9, True)])[1])

    def test_reports_are_paired_by_question(self):
        after = [{"id": "a", "hit": 1.0}, {"id": "b", "hit": 1.0}, {"id": "d", "hit": 0.0}, {"id": "e", "hit": 1.0}]
        self.assertEqual(abstention.follow(self.INTACT, after), (2, 1))


class Growth(unittest.TestCase):
    def test_a_level_line_does_not_grow(self):
        self.assertAlmostEqual(soak.growth([700.0] * 60), 0)

    def test_noise_is_no_growth(self):
        self.assertLess(abs(soak.growth([700 + (at % 7) for at in range(180)])), 0.001)

    def test_a_leak_is_seen(self):
        self.assertAlmostEqual(soak.growth([690 + at / 9 for at in range(181)]), 20 / 700, places=6)


class Turns(unittest.TestCase):
    def test_every_other_round_begins_with_the_last_side(self):
        order = []
        sides = {name: lambda name=name: order.append(name) or len(order) for name in "ab"}
        found = common.in_turns(3, sides)
        self.assertEqual("".join(order), "abbaab")
        self.assertEqual(found, {"a": [1, 4, 5], "b": [2, 3, 6]})

    def test_ratios_are_of_the_same_round(self):
        self.assertEqual(common.ratio([2, 9, 8], [1, 3, 8]), "2.00 (1.00-3.00)")

    def test_no_two_chats_are_the_same(self):
        chats = [text for number in range(6) for text in streams.texts(number, 8)]
        self.assertEqual(len(set(chats)), 48)


class Texts(unittest.TestCase):
    def test_lines_are_read_plain_or_packed_and_parted_at_newlines_alone(self):
        lines = [{"text": "one\u2028line"}, {"text": "another"}]
        written = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n\n"
        with tempfile.TemporaryDirectory() as folder:
            plain, packed = Path(folder) / "a.jsonl", Path(folder) / "a.jsonl.gz"
            plain.write_text(written, encoding="utf-8")
            packed.write_bytes(gzip.compress(written.encode()))
            self.assertEqual(common.json_lines(plain), lines)
            self.assertEqual(common.json_lines(packed), lines)

    def test_a_seed_draws_the_same_and_keeps_the_order(self):
        drawn = common.some(list(range(100)), 10, 3)
        self.assertEqual(drawn, common.some(list(range(100)), 10, 3))
        self.assertEqual(drawn, sorted(drawn))
        self.assertNotEqual(drawn, common.some(list(range(100)), 10, 4))
        self.assertEqual(common.some([1, 2], None, 1), [1, 2])
        self.assertEqual(common.some([1, 2], 5, 1), [1, 2])

    def test_a_mean_comes_with_its_interval(self):
        self.assertEqual(common.mean([1.0] * 5), "1.000 [1.000, 1.000] (n = 5)")
        value, low, high = (float(part.strip("[,]")) for part in common.mean([0.0, 1.0] * 50).split()[:3])
        self.assertEqual(value, 0.5)
        self.assertTrue(0.35 < low < 0.5 < high < 0.65)

    def test_results_come_in_the_order_of_the_items(self):
        found = common.each(list(range(20)), lambda item: 2 * item, 4)
        self.assertEqual([value for value, _ in found], list(range(0, 40, 2)))


class Search(unittest.TestCase):
    def test_gain_is_a_share_of_the_best_order(self):
        gains = {"a": 2, "b": 1}
        self.assertAlmostEqual(search.ndcg(["a", "b", "c"], gains), 1)
        # 1/log2(2) + 2/log2(3), of 2/log2(2) + 1/log2(3).
        self.assertAlmostEqual(search.ndcg(["b", "a"], gains), 0.859719, places=5)
        self.assertAlmostEqual(search.ndcg(["c", "a"], {"a": 1}), 0.630930, places=5)
        self.assertEqual(search.ndcg(["c"], gains), 0)
        self.assertEqual(search.ndcg([], gains), 0)

    def test_what_comes_after_the_tenth_gains_nothing(self):
        others = [f"x{number}" for number in range(10)]
        self.assertEqual(search.ndcg([*others, "a"], {"a": 1}), 0)
        self.assertGreater(search.ndcg([*others[:9], "a"], {"a": 1}), 0)
        # More relevant documents than places: a full list is the best there can be.
        self.assertAlmostEqual(search.ndcg(others, dict.fromkeys([*others, "a"], 1)), 1)

    def test_recall_is_the_share_of_the_relevant_that_is_found(self):
        self.assertEqual(search.recall(["a", "x", "b"], {"a": 1, "b": 1, "c": 1, "d": 2}), 0.5)
        self.assertEqual(search.recall(["x"] * 100 + ["a"], {"a": 1}), 0)

    def test_judgements_leave_out_columns_and_what_is_irrelevant(self):
        told = "query-id\tcorpus-id\tscore\n1\td\t1\n1\te\t0\n2\tf\t2\n3\tg\t0\n"
        self.assertEqual(search.judgements(told), {"1": {"d": 1}, "2": {"f": 2}})

    def test_a_document_counts_at_its_best_passage(self):
        reply = {"passages": [{"document": name} for name in "abacb"]}
        self.assertEqual(search.documents_of(reply), ["a", "b", "c"])


class Passages(unittest.TestCase):
    def grounding(self, value, status="grounded"):
        return {"status": status, "answers": [{"value": value}] if value else []}

    def test_an_answer_is_right_but_for_case_punctuation_and_articles(self):
        gold = ["the United States", "USA"]
        for told, became in [("United States", "exact"), ("usa", "exact"), ("The United States.", "exact"),
                             ("United", "wrong"), ("in the United States", "wrong"), (None, "wrong")]:
            self.assertEqual(passages.outcome(self.grounding(told), gold), became, told)

    def test_what_is_withheld_is_an_abstention(self):
        self.assertEqual(passages.outcome(self.grounding(None, "abstained"), ["x"]), "abstained")

    def test_more_than_eight_words_are_no_span(self):
        long = "one two three four five six seven eight nine"
        self.assertEqual(passages.outcome(self.grounding(long), [long]), "wrong")
        self.assertEqual(passages.outcome(self.grounding(long[:-5]), [long[:-5]]), "exact")

    def test_one_passage_must_name_the_subject_and_hold_an_answer(self):
        question = {"entity": "The Dove", "answers": ["Gregory Peck", "Greg Peck"]}
        for texts, held in [(["The Dove is a film by Gregory Peck."], True),
                            (["the dove, of greg peck"], True),
                            (["The Dove is a film.", "Gregory Peck made films."], False),
                            (["The Doves were made by Gregory Peck."], False),
                            (["The Dove is a film by Gregory Peckham."], False)]:
            folded = [passages.folded(text) for text in texts]
            self.assertEqual(passages.answerable(question, folded), held, texts)


class Reply(http.server.BaseHTTPRequestHandler):
    """A server whose reply the test sets."""

    status, headers_sent, body = 200, {}, b""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(self.status)
        for name, value in self.headers_sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_):
        pass


class Clients(unittest.TestCase):
    """What a client of the soak takes for a failure."""

    def ask(self, status, headers, body=b""):
        handler = type("Set", (Reply,), {"status": status, "headers_sent": headers, "body": body})
        with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.handle_request)
            thread.start()
            clients = soak.Clients(f"http://127.0.0.1:{server.server_port}", 0)
            try:
                clients.stream(Stays(), "chat", {})
            finally:
                thread.join()
            return clients.counts

    def test_a_refusal_says_when_to_come_back(self):
        self.assertEqual(self.ask(429, {"Retry-After": "0"}), {"refused for now": 1})
        with self.assertRaises(soak.Failure):
            self.ask(429, {})

    def test_any_other_status_is_a_failure(self):
        with self.assertRaises(soak.Failure):
            self.ask(503, {"Retry-After": "1"})

    def test_a_stream_ends_as_streams_do(self):
        self.assertEqual(self.ask(200, {}, b"data: {}\n\ndata: [DONE]\n\n"), {"chat": 1})
        for body in [b"data: {}\n\n", b'data: {"error": {}}\n\n', b'data: {"error": {}}\n\ndata: [DONE]\n\n', b""]:
            with self.assertRaises(soak.Failure):
                self.ask(200, {}, body)


class Stays:
    """Chance by which no client leaves in the middle."""

    def random(self):
        return 1.0


if __name__ == "__main__":
    unittest.main()
