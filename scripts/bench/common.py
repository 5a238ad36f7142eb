"""What the benchmarks share: where things are, turns between two sides, texts to load, and a server of their own."""

import concurrent.futures
import gzip
import json
import os
import pathlib
import random
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("ALMANAC_CACHE") or pathlib.Path.home() / ".cache/almanac")
MODELS = pathlib.Path(os.environ.get("ALMANAC_MODELS") or CACHE / "models")
MODEL = MODELS / "SmolLM2-135M-Instruct.Q4_1.gguf"
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or CACHE / "target")
ENVIRONMENT = os.environ | {"CARGO_TARGET_DIR": str(TARGET)}

# llama.cpp's number of each format (`enum llama_ftype`).
FORMATS = {"f32": 0, "q4_0": 2, "q4_1": 3, "q8_0": 7, "q4_k_m": 15}

REQUANTISE = """
import ctypes, sys, llama_cpp
source, target, form = sys.argv[1:]
params = llama_cpp.llama_model_quantize_default_params()
params.ftype, params.allow_requantize = int(form), True
sys.exit(llama_cpp.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(params)))
"""


def figures(command, environment=None):
    """The figures that a command prints, by name."""
    done = subprocess.run(command, env=ENVIRONMENT | (environment or {}), cwd=ROOT, stdout=subprocess.PIPE, text=True,
                          check=True)
    found = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
    return {line["what"]: line["figure"] for line in found}


def in_turns(rounds, sides):
    """The figures of each side, a function, round by round; every other round begins with the last side."""
    found = {side: [] for side in sides}
    for turn in range(rounds):
        for side in sides if turn % 2 == 0 else reversed(sides):
            found[side].append(sides[side]())
    return found


def spread(numbers, form=".4g"):
    """The median, and the least and the greatest."""
    return f"{statistics.median(numbers):{form}} ({min(numbers):{form}}-{max(numbers):{form}})"


def ratio(mine, peers):
    """The spread of ratios between figures of the same round."""
    return spread([mine / peer for mine, peer in zip(mine, peers)], ".2f")


def requantised(python, model, form):
    """The model in another format, made once by llama.cpp and kept in the cache."""
    path = CACHE / "bench" / f"{model.stem}.as-{form}.gguf"
    if not path.exists() or path.stat().st_mtime < model.stat().st_mtime:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        subprocess.run([python, "-c", REQUANTISE, str(model), str(beside), str(FORMATS[form])], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        beside.rename(path)
    return path


def build():
    """The server's binary, built as everything is."""
    subprocess.run(["cargo", "build", "--quiet", "--release", "--workspace"], env=ENVIRONMENT, cwd=ROOT, check=True)
    return TARGET / "release" / "almanac"


def threads_option(parser):
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of both sides [default: one per core]")


class Server:
    """`almanac serve` on a free port and a data folder of its own, until the block ends."""

    def __init__(self, binary, settings):
        self.folder = tempfile.TemporaryDirectory(prefix="almanac-bench-")
        data = pathlib.Path(self.folder.name) / "data"
        data.mkdir()
        self.told = data / "server.json"
        self.log = open(pathlib.Path(self.folder.name) / "log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [binary, "serve", "--data", data, "--listen", "127.0.0.1:0"], env=ENVIRONMENT | settings, stdout=self.log,
            stderr=self.log)

    def __enter__(self):
        try:
            self.url = wait(self.address, self.process)
            wait(lambda: ready(f"{self.url}/readyz"), self.process)
        except BaseException:
            self.__exit__()
            raise
        return self

    def address(self):
        return json.loads(self.told.read_text())["url"] if self.told.exists() else None

    def __exit__(self, *_):
        stop(self.process)
        if self.process.returncode != 0:
            self.log.seek(0)
            print("".join(self.log.readlines()[-20:]))
        self.log.close()
        self.folder.cleanup()


def ready(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as reply:
            return reply.status == 200
    except (urllib.error.URLError, ConnectionError):
        return False


def wait(check, process, seconds=120):
    """What the check comes to say, asked again until then."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        if found := check():
            return found
        time.sleep(0.05)
    raise RuntimeError(f"the server did not come up; it ended with {process.poll()}")


def stop(process, seconds=60):
    """Ends a process that this script started, kindly if it can be."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def text_of(path):
    """A file's text, unpacked where its name ends with .gz."""
    with (gzip.open if str(path).endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        return file.read()


def json_lines(path):
    """What the lines of a file hold."""
    # Not `splitlines`, which parts texts at characters that JSON leaves as they are.
    return [json.loads(line) for line in text_of(path).split("\n") if line.strip()]


def some(items, number, seed):
    """So many of the items, drawn by a seed, in their own order; all where no number is named."""
    if number is None or number >= len(items):
        return items
    return [items[at] for at in sorted(random.Random(seed).sample(range(len(items)), number))]


def mean(values, seed=1, resamples=1000):
    """The mean of values and its 95 % interval by the bootstrap, as text."""
    rng = random.Random(seed)
    means = sorted(statistics.fmean(rng.choices(values, k=len(values))) for _ in range(resamples))
    low, high = means[resamples // 40], means[resamples - 1 - resamples // 40]
    return f"{statistics.fmean(values):.3f} [{low:.3f}, {high:.3f}] (n = {len(values)})"


def call(url, path, body=None, kind="application/json", method=None):
    """What a server answers, as JSON."""
    request = urllib.request.Request(f"{url}{path}", body, {"content-type": kind} if body else {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=300) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{path}: {error.code} {error.read(500)!r}") from error


def load_documents(url, name, documents, at_once=500):
    """Puts documents into a knowledge base, which is made where it is not there."""
    call(url, f"/kb/{name}", method="PUT")
    for start in range(0, len(documents), at_once):
        lines = "\n".join(json.dumps(document) for document in documents[start:start + at_once])
        reply = call(url, f"/kb/{name}/documents", lines.encode(), "application/x-ndjson")
        if refused := [item for item in reply["items"] if item.get("error")]:
            raise SystemExit(f"documents were refused, such as {refused[0]}")


def each(items, work, threads):
    """What the work makes of each item, with the seconds that it took, in the items' order."""
    def timed(item):
        began = time.perf_counter()
        return work(item), time.perf_counter() - began

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return list(pool.map(timed, items))


def text_options(parser):
    """Where texts are asked for: a server that runs, or one for the occasion."""
    parser.add_argument("--url", help="a server that runs [default: one is started for the occasion]")
    parser.add_argument("--kb", default="bench", help="the knowledge base that holds the texts [default: bench]")
    parser.add_argument("--binary", help="the server's [default: it is built]")
    parser.add_argument("--no-models", action="store_true", help="of the server that is started: words alone decide")
    parser.add_argument("--sample", type=int, metavar="N", help="ask only this many")
    parser.add_argument("--seed", type=int, default=1, help="of the sample and the intervals")
    parser.add_argument("--threads", type=int, default=2, help="requests at the same time")


def with_server(options, work):
    """Does the work with the address of the server that the options name."""
    if options.url:
        return work(options.url.rstrip("/"))
    settings = {"ALMANAC_MODELS_OFF": "true"} if options.no_models else {"ALMANAC_MODELS": str(MODELS)}
    with Server(options.binary or build(), settings) as server:
        return work(server.url)


def times(found):
    """The median and the 95th percentile of the seconds of what `each` returns, as text."""
    seconds = sorted(seconds for _, seconds in found)
    return f"p50 {statistics.median(seconds) * 1e3:.0f} ms, p95 {seconds[int(0.95 * (len(seconds) - 1))] * 1e3:.0f} ms"


def model_of_kind(url, kind):
    """The id of the server's one model of a kind."""
    with urllib.request.urlopen(f"{url}/v1/models", timeout=30) as reply:
        models = json.load(reply)["data"]
    return next(model["id"] for model in models if model.get("kind") == kind)
