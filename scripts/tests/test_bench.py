"""Tests of what the benchmarks reckon with."""

import http.server
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

import common  # noqa: E402
import soak  # noqa: E402
import streams  # noqa: E402


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
