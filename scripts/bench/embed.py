"""Almanac's embedder beside sentence-transformers on torch, in turns, on one model and the same number of threads.

    scripts/bench/embed.py --python VENV/bin/python [--models FOLDER] [--rounds 5]

VENV holds torch and `sentence-transformers`. For one short sentence and for 64, in floats and in bytes, prints the
medians of both sides in milliseconds, their spread, how many times as fast ours is (the median of the rounds), and how
far its embeddings are from the other's: the largest difference of two numbers and the least cosine.
"""

import argparse
import json
import math
import os
import pathlib
import statistics
import subprocess
import tempfile

# Run by the other interpreter; prints the same lines as our benchmark.
PEER = """
import json, os, sys, time
import torch
from sentence_transformers import SentenceTransformer
torch.set_num_threads(os.cpu_count())
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
    print(json.dumps(dict(list=name, precision="peer", seconds=times[len(times) // 2], vectors=vectors)))
"""

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
    many = [f"{SENTENCES[at % 8]} {SENTENCES[at // 8]}" if at % 3 == 0 else f"{at}: {SENTENCES[at % 8]}" for at in range(64)]
    return {"sentence": SENTENCES[:1], "batch of 64": many}


def lines(command, environment):
    """What a command prints, by list and precision."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {(line["list"], line["precision"]): line for line in found}


def distance(ours, theirs):
    """The largest difference of two numbers, and the least cosine."""
    largest = max(abs(a - b) for x, y in zip(ours, theirs) for a, b in zip(x, y))

    def cosine(x, y):
        return sum(a * b for a, b in zip(x, y)) / (math.hypot(*x) * math.hypot(*y))

    return largest, min(cosine(x, y) for x, y in zip(ours, theirs))


def spread(times):
    return f"{statistics.median(times) * 1e3:.3g} ms ({min(times) * 1e3:.3g}-{max(times) * 1e3:.3g})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="an interpreter that has torch and sentence-transformers")
    parser.add_argument("--models", type=pathlib.Path, help="the folder of all-MiniLM-L6-v2 [default: that of the tests]")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    default = os.environ.get("ALMANAC_MODELS", pathlib.Path.home() / ".cache/almanac/models")
    models = options.models or pathlib.Path(default)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as texts:
        json.dump(lists(), texts)
        texts.flush()
        environment = os.environ | {"ALMANAC_MODELS": str(models), "ALMANAC_BENCH_TEXTS": texts.name}
        ours = ["cargo", "bench", "--quiet", "--workspace", "--bench", "embed"]
        subprocess.run([*ours, "--no-run"], env=environment, check=True)
        peer = [options.python, "-c", PEER, str(models / "all-MiniLM-L6-v2"), texts.name]
        turns = {"ours": [], "peer": []}
        for turn in range(options.rounds):
            sides = [("ours", ours), ("peer", peer)]
            for side, command in sides if turn % 2 == 0 else reversed(sides):
                turns[side].append(lines(command, environment))
    for name in lists():
        theirs = [turn[name, "peer"] for turn in turns["peer"]]
        print(f"{name}: sentence-transformers {spread([one['seconds'] for one in theirs])}")
        for precision in ["f32", "int8"]:
            mine = [turn[name, precision] for turn in turns["ours"]]
            ratios = [b["seconds"] / a["seconds"] for a, b in zip(mine, theirs)]
            largest, cosine = distance(mine[0]["vectors"], theirs[0]["vectors"])
            print(
                f"  {precision} {spread([one['seconds'] for one in mine])},",
                f"{statistics.median(ratios):.2f} times as fast ({min(ratios):.2f}-{max(ratios):.2f}),",
                f"largest difference {largest:.1e}, least cosine {cosine:.6f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
