"""Almanac's engine beside llama.cpp, in turns, on one model file and the same number of threads.

    scripts/bench/compare.py --python VENV/bin/python [--model FILE] [--rounds 5] [--q4-0]

VENV holds `llama-cpp-python`, compiled on this machine (`pip install llama-cpp-python` does so). Prints the medians
of both, their spread and their ratio, one line per figure. With `--q4-0` both sides also run on the same weights as
Q4_0, the format that llama.cpp is fastest in, and the figures of the given file are held against that, too.
"""

import argparse
import os
import pathlib
import subprocess

import common

PEER = """
import json, os, sys, time
from llama_cpp import Llama
threads = int(sys.argv[2])
model = Llama(sys.argv[1], n_ctx=2048, n_batch=512, n_threads=threads, n_threads_batch=threads, verbose=False)
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
OURS = ["cargo", "bench", "--quiet", "--workspace", "--bench", "speed"]



def sides(python, model, q4_0):
    """What is measured, by name; those of the file itself first."""
    threads = str(os.cpu_count())

    def ours(path):
        return lambda: common.figures(OURS, {"ALMANAC_MODEL": str(path)})

    def peers(path):
        return lambda: common.figures([python, "-c", PEER, str(path), threads])

    found = {"ours": ours(model), "llama.cpp": peers(model)}
    if q4_0:
        other = common.requantised(python, model, "q4_0")
        found |= {"ours, Q4_0": ours(other), "llama.cpp, Q4_0": peers(other)}
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="an interpreter that has llama-cpp-python")
    parser.add_argument("--model", type=pathlib.Path, default=common.MODEL,
                        help="a GGUF file [default: the one of `make demo`]")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--q4-0", action="store_true", help="also on the same weights as Q4_0")
    options = parser.parse_args()
    subprocess.run([*OURS, "--no-run"], env=common.ENVIRONMENT, cwd=common.ROOT, check=True)
    found = common.in_turns(options.rounds, sides(options.python, options.model, options.q4_0))
    pairs = [("ours", "llama.cpp"), ("ours, Q4_0", "llama.cpp, Q4_0"), ("ours", "llama.cpp, Q4_0")]
    for what in found["ours"][0]:
        by_side = {side: [turn[what] for turn in turns] for side, turns in found.items() if what in turns[0]}
        for side, figures in by_side.items():
            print(f"{what}: {side} {common.spread(figures)}", flush=True)
        for one, other in pairs:
            if one in by_side and other in by_side:
                print(f"{what}: {one} / {other} {common.ratio(by_side[one], by_side[other])}", flush=True)


if __name__ == "__main__":
    main()
