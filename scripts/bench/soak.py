"""Many clients for minutes: nothing fails, nothing grows, nothing is left over.

    scripts/bench/soak.py [--minutes 5] [--clients 32] [--binary FILE]

Starts `almanac serve` on a data folder of its own with a small knowledge base, and sends it plain chats and grounded
questions, streamed, and texts to embed. About a fifth of the clients leave in the middle. Ends with 0 if

- every request was answered, but for those refused with 429 and a `Retry-After`;
- every stream that was read to its end ended as streams do;
- memory, from warm-up on, grows by less than 1 % (the line through its samples, from its beginning to its end);
- afterwards `/metrics` says that nothing waits or runs and that no memory of keys and values is held;
- afterwards as many chats as there are slots still run side by side.
"""

import argparse
import collections
import http.client
import json
import pathlib
import random
import sys
import threading
import time
import urllib.parse

import common

QUESTIONS = ["Which cheese is made from the milk of sheep?", "What is the ripening time in days of Quillan?",
             "What is the valley of origin of Saint Perrine?", "How many cheeses are made from the milk of goat?",
             "Which cheeses come from the valley of origin Harrowdale?", "Is Quillan made from the milk of cow?",
             "What is the capital of Chad?", "Who made the Dunnet Round?"]
WORDS = ("river stone glass paper engine market winter garden signal bridge copper silver morning valley window "
         "letter").split()
# Memory is judged from here on, as a share of the time; what comes before fills pools and caches.
WARM = 0.4
# What must be nothing once all clients are gone, if `/metrics` tells of it.
IDLE = ["almanac_queue_waiting", "almanac_engine_running", "almanac_engine_waiting", "almanac_engine_blocks_held"]


class Failure(Exception):
    """What a client should not meet."""


class Clients:
    """What all clients share: the server, the time, and counts."""

    def __init__(self, url, until, model="", embedder=""):
        self.address = urllib.parse.urlparse(url).netloc
        self.until, self.model, self.embedder = until, model, embedder
        self.counts = collections.Counter()
        self.failures = []
        self.lock = threading.Lock()

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def post(self, path, body):
        connection = http.client.HTTPConnection(self.address, timeout=120)
        connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
        return connection, connection.getresponse()

    def run(self, number):
        rng = random.Random(number)
        while time.monotonic() < self.until:
            kind = rng.choices([self.chat, self.question, self.embed], [5, 3, 2])[0]
            try:
                kind(rng)
            except (Failure, OSError, http.client.HTTPException) as failure:
                with self.lock:
                    self.failures.append(f"{kind.__name__}: {type(failure).__name__}: {failure}")
                time.sleep(0.2)

    def chat(self, rng):
        text = " ".join(rng.choices(WORDS, k=rng.randrange(2, 200)))
        self.stream(rng, "chat", {"model": self.model, "max_tokens": rng.randrange(1, 96), "temperature": 0.8,
                                  "seed": rng.randrange(1000), "messages": [{"role": "user", "content": text}]})

    def question(self, rng):
        self.stream(rng, "question", {"model": "cheeses",
                                      "messages": [{"role": "user", "content": rng.choice(QUESTIONS)}]})

    def stream(self, rng, what, body):
        leaves = rng.random() < 0.2
        connection, reply = self.post("/v1/chat/completions", body | {"stream": True})
        try:
            if self.refused(reply):
                return
            if leaves:
                for _ in range(rng.randrange(6)):
                    reply.readline()
                self.count(f"{what}, left")
                return
            events = [line[6:].strip() for line in reply.read().split(b"\n") if line.startswith(b"data: ")]
            if not events or events[-1] != b"[DONE]" or any(event.startswith(b'{"error"') for event in events):
                raise Failure(f"the stream ended with {events[-1:]}")
            self.count(what)
        finally:
            # A reply that was not read to its end keeps the connection open by itself.
            reply.close()
            connection.close()

    def embed(self, rng):
        texts = [" ".join(rng.choices(WORDS, k=rng.randrange(1, 60))) for _ in range(rng.randrange(1, 8))]
        connection, reply = self.post("/v1/embeddings", {"model": self.embedder, "input": texts})
        try:
            if self.refused(reply):
                return
            if len(json.load(reply)["data"]) != len(texts):
                raise Failure("vectors are missing")
            self.count("embeddings")
        finally:
            connection.close()

    def refused(self, reply):
        """Whether there was no room, in which case the client waits as it was told; any other refusal is a failure."""
        if reply.status == 429:
            wait = reply.getheader("retry-after", "")
            reply.read()
            if not wait.isdecimal():
                raise Failure(f"429 with Retry-After {wait!r}")
            self.count("refused for now")
            time.sleep(min(int(wait), 2))
            return True
        if reply.status != 200:
            raise Failure(f"{reply.status}: {reply.read(500)!r}")
        return False


def resident(pid):
    """Memory of a process, megabytes."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmRSS:"))


def growth(samples):
    """How much the line through the samples rises over all of them, as a share of their mean."""
    count = len(samples)
    middle, mean = (count - 1) / 2, sum(samples) / count
    slope = (sum((at - middle) * (sample - mean) for at, sample in enumerate(samples))
             / sum((at - middle) ** 2 for at in range(count)))
    return slope * (count - 1) / mean


def metrics(url):
    """Sums of the series of each metric."""
    connection = http.client.HTTPConnection(urllib.parse.urlparse(url).netloc, timeout=30)
    connection.request("GET", "/metrics")
    found = collections.defaultdict(float)
    for line in connection.getresponse().read().decode().splitlines():
        if line and not line.startswith("#"):
            found[line.split("{")[0].split(" ")[0]] += float(line.rsplit(" ", 1)[1])
    connection.close()
    return found


def leftovers(url):
    """The metrics that do not come down to nothing, once all clients are gone."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = metrics(url)
        busy = [f"{name} is {found[name]:g}" for name in IDLE if found.get(name)]
        if not busy:
            break
        time.sleep(0.2)
    for name in IDLE:
        if name not in found:
            print(f"/metrics does not tell {name}")
    return busy


def side_by_side(clients, slots):
    """Whether so many chats run at once: each has begun before any has ended."""
    times = [None] * slots

    def run(number):
        connection, reply = clients.post("/v1/chat/completions", {
            "model": clients.model, "max_tokens": 128, "temperature": 0, "stream": True,
            "logit_bias": {"0": -100, "2": -100},
            "messages": [{"role": "user", "content": f"{WORDS[number % len(WORDS)]} {number}"}]})
        begun = None
        for line in reply:
            if begun is None and b'"content":"' in line.replace(b'"content":""', b""):
                begun = time.monotonic()
        times[number] = (begun, time.monotonic())
        connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(slots)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return all(pair and pair[0] for pair in times) and max(b for b, _ in times) < min(e for _, e in times)


def prepare(url):
    """A knowledge base of cheeses."""
    connection = http.client.HTTPConnection(urllib.parse.urlparse(url).netloc, timeout=60)
    turtle = (common.ROOT / "tests/fixtures/cheeses.ttl").read_bytes()
    for method, path, body in [("PUT", "/kb/cheeses", None), ("POST", "/kb/cheeses/load?source=soak", turtle)]:
        connection.request(method, path, body, {"content-type": "text/turtle"} if body else {})
        reply = connection.getresponse()
        if reply.status >= 300:
            raise SystemExit(f"{method} {path}: {reply.status} {reply.read()!r}")
        reply.read()
    connection.close()


def soak(server, options):
    prepare(server.url)
    seconds = options.minutes * 60
    clients = Clients(server.url, time.monotonic() + seconds, common.model_of_kind(server.url, "language_model"),
                      common.model_of_kind(server.url, "embedder"))
    threads = [threading.Thread(target=clients.run, args=(number,)) for number in range(options.clients)]
    for thread in threads:
        thread.start()
    samples = []
    while any(thread.is_alive() for thread in threads):
        samples.append(resident(server.process.pid))
        time.sleep(1)
    for what, count in sorted(clients.counts.items()):
        print(f"{what}: {count}")
    late = samples[int(len(samples) * WARM):]
    print(f"memory: {samples[0]:.1f} MB at first, {late[0]:.1f} MB warm, {samples[-1]:.1f} MB at the end, "
          f"{growth(late):+.2%} from warm-up on")
    faults = clients.failures
    if growth(late) >= 0.01:
        faults.append("memory grows")
    faults += leftovers(server.url)
    if not side_by_side(clients, options.slots):
        faults.append(f"{options.slots} chats no longer run side by side")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--slots", type=int, default=8, help="of the engine")
    parser.add_argument("--binary", help="the server's [default: it is built]")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                        help="a setting of the server, such as ALMANAC_MODELS_QUEUE=4")
    options = parser.parse_args()
    settings = {"ALMANAC_MODELS": str(common.MODELS), "ALMANAC_MODELS_SLOTS": str(options.slots)}
    settings |= dict(setting.split("=", 1) for setting in options.set)
    with common.Server(options.binary or common.build(), settings) as server:
        faults = soak(server, options)
    if server.process.returncode != 0:
        faults.append(f"the server ended with {server.process.returncode}")
    for fault, count in collections.Counter(faults).most_common():
        print(f"fault: {fault}" + (f" ({count} times)" if count > 1 else ""))
    print("failed" if faults else "sound")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
