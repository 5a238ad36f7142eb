"""Almanac's engine beside llama.cpp, in turns, on one model file and the same number of threads.

    scripts/bench/compare.py --python VENV/bin/python [--model FILE] [--rounds 5]

VENV holds `llama-cpp-python`, compiled on this machine (`pip install llama-cpp-python` does so). Prints the medians
of both, their spread and their ratio, one line per figure.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess

PEER = """
import json, os, sys, time
from llama_cpp import Llama
model = Llama(sys.argv[1], n_ctx=2048, n_batch=512, n_threads=2, n_threads_batch=2, verbose=False)
def tokens(length, number):
    return [100 + (at * 7919 + number * 104729) % 49000 for at in range(length)]
model.eval(tokens(16, 9)); model.reset()
began = time.perf_counter(); model.eval(tokens(512, 1)); took = time.perf_counter() - began
print(json.dumps(dict(what="prompt_512_tok_s", figure=512 / took)))
began = time.perf_counter()
for token in tokens(128, 2):
    model.eval([token])
took = time.perf_counter() - began
print(json.dumps(dict(what="decode_after_512_tok_s", figure=128 / took)))
"""


def lines(command, environment):
    """The figures that a command prints, by name."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
    return {line["what"]: line["figure"] for line in found}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="an interpreter that has llama-cpp-python")
    parser.add_argument("--model", type=pathlib.Path, help="a GGUF file [default: the one of `make demo`]")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    models = pathlib.Path(os.environ.get("ALMANAC_MODELS", pathlib.Path.home() / ".cache/almanac/models"))
    model = options.model or models / "SmolLM2-135M-Instruct.Q4_1.gguf"
    environment = os.environ | {"ALMANAC_MODEL": str(model)}
    ours = ["cargo", "bench", "--quiet", "--workspace", "--bench", "speed"]
    subprocess.run([*ours, "--no-run"], env=environment, check=True)
    figures = {"ours": [], "llama.cpp": []}
    for turn in range(options.rounds):
        sides = [("ours", ours), ("llama.cpp", [options.python, "-c", PEER, str(model)])]
        for side, command in sides if turn % 2 == 0 else reversed(sides):
            figures[side].append(lines(command, environment))
    for what in figures["ours"][0]:
        mine = [turn[what] for turn in figures["ours"]]
        line = f"{what}: {statistics.median(mine):.4g} ({min(mine):.4g}-{max(mine):.4g})"
        if what in figures["llama.cpp"][0]:
            peer = [turn[what] for turn in figures["llama.cpp"]]
            ratios = [a / b for a, b in zip(mine, peer)]
            line += f", llama.cpp {statistics.median(peer):.4g} ({min(peer):.4g}-{max(peer):.4g})"
            line += f", ratio {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        print(line, flush=True)


if __name__ == "__main__":
    main()
