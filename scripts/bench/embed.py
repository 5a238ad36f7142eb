"""Almanac's embedder beside sentence-transformers on torch, in turns, on one model and the same number of threads.

    scripts/bench/embed.py --python VENV/bin/python [--models FOLDER] [--rounds 5]

VENV holds torch and `sentence-transformers`. For one short sentence and for 64, in floats and in bytes, prints the
medians of both sides in milliseconds, their spread, how many times as fast ours is, and how far its embeddings are from
the other's: the largest difference of two numbers and the least cosine.
"""

import argparse
import json
import math
import pathlib
import subprocess
import tempfile

import common

# Run by the other interpreter; prints the same lines as our benchmark.
PEER = """
import json, sys, time
import torch
from sentence_transformers import SentenceTransformer
torch.set_num_threads(int(sys.argv[3]))
model = SentenceTransformer(sys.argv[1], device="cpu")
for name, texts in json.load(open(sys.argv[2])).items():
    def run():
        return model.encode(texts, batch_size=64, normalize_embeddings=True, show_progress_bar=False)
    vectors = [[float(number) for number in row] for row in run()]
    run()
    times, began = [], time.perf_counter()
    while time.perf_counter() - began < 2:
        one = time.perf_counter()
        run()
        times.append(time.perf_counter() - one)
    times.sort()
    print(json.dumps(dict(what=f"{name}, ms", figure=times[len(times) // 2] * 1e3)))
    print(json.dumps(dict(what=f"{name}, vectors", figure=vectors)))
"""
OURS = ["cargo", "bench", "--quiet", "--workspace", "--bench", "embed"]
SENTENCES = [
    "Which rivers flow through the capital of Chad?",
    "The bridge was closed to traffic in the winter of 1987.",
    "How many employees report to the head of engineering",
    "Copper, silver and glass are stored in the northern warehouse.",
    "Show me all invoices that were paid late",
    "The market opens at eight o'clock on weekdays and at ten on Saturdays.",
    "Who wrote the garden handbook?",
    "A signal is sent as soon as the temperature falls below the limit that was set for the season.",
]


def lists():
    """The texts: one short sentence, and 64 that differ in length."""
    def text(at):
        first, second = SENTENCES[at % 8], SENTENCES[at // 8]
        return f"{first} {second}" if at % 3 == 0 else f"{at}: {first}"

    return {"sentence": SENTENCES[:1], "batch of 64": [text(at) for at in range(64)]}


def distance(ours, theirs):
    """The largest difference of two numbers, and the least cosine."""
    largest = max(abs(a - b) for x, y in zip(ours, theirs) for a, b in zip(x, y))
    cosines = (sum(a * b for a, b in zip(x, y)) / (math.hypot(*x) * math.hypot(*y)) for x, y in zip(ours, theirs))
    return largest, min(cosines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="an interpreter that has torch and sentence-transformers")
    parser.add_argument("--models", type=pathlib.Path, default=common.MODELS,
                        help="where all-MiniLM-L6-v2 is [default: the models of `make demo`]")
    parser.add_argument("--rounds", type=int, default=5)
    common.threads_option(parser)
    options = parser.parse_args()
    subprocess.run([*OURS, "--no-run"], env=common.ENVIRONMENT, cwd=common.ROOT, check=True)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as texts:
        json.dump(lists(), texts)
        texts.flush()
        ours = {"ALMANAC_MODELS": str(options.models), "ALMANAC_BENCH_TEXTS": texts.name,
                "ALMANAC_BENCH_THREADS": str(options.threads)}
        model = options.models / "all-MiniLM-L6-v2"
        peer = [options.python, "-c", PEER, str(model), texts.name, str(options.threads)]
        found = common.in_turns(options.rounds, {
            "ours": lambda: common.figures(OURS, ours),
            "peer": lambda: common.figures(peer),
        })
    for name in lists():
        theirs = [turn[f"{name}, ms"] for turn in found["peer"]]
        print(f"{name}: sentence-transformers {common.spread(theirs)} ms")
        for precision in ["f32", "int8"]:
            mine = [turn[f"{name}, {precision}, ms"] for turn in found["ours"]]
            vectors = [found["ours"][0][f"{name}, {precision}, vectors"], found["peer"][0][f"{name}, vectors"]]
            largest, cosine = distance(*vectors)
            print(f"{name}: {precision} {common.spread(mine)} ms, {common.ratio(theirs, mine)} times as fast,",
                  f"largest difference {largest:.1e}, least cosine {cosine:.6f}", flush=True)


if __name__ == "__main__":
    main()
