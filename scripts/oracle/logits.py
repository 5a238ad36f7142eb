"""Computes logits, greedy continuations and likelihoods with llama.cpp.

llama.cpp multiplies quantised weights with activations that it rounds to 8 bits. To compare numbers and not
roundings, the file is first widened to 32-bit floats, which loses nothing. The rounded figures of the file as it
is are kept beside them, to show how far apart the two are.
"""

import sys
import tempfile

import numpy as np

from common import rounded, write
from exact import load, widen

# Every so-many-th logit is kept, beside the largest.
STRIDE = 211
LARGEST = 10
STEPS = 32
CONTEXT = 1024

PROMPTS = [
    "The capital of France is",
    "<|im_start|>user\nWhat is the capital of Peru?<|im_end|>\n<|im_start|>assistant\n",
    "def fibonacci(n):\n    ",
    "Facts:\n- Chad, capital: N'Djamena\n- Chad, population: 17,179,740\n\nQuestion: What is the capital of Chad?\nAnswer:",
    "1, 2, 3, 4, 5,",
    "Es war einmal ein",
    "Once upon a time, in a small village by the sea, there lived an old fisherman. " * 12 + "One day",
    "北京",
]
CONTINUATIONS = [" Paris", " Paris, of course.", " a city in Brazil", " N'Djamena", "\n\n42", ""]


def evaluate(model, ids):
    """The logits after each token."""
    model.reset()
    model.eval(ids)
    return model.scores[:len(ids)].copy()


def greedy(model, ids, steps):
    logits = evaluate(model, ids)[-1]
    out = []
    for _ in range(steps):
        out.append(int(logits.argmax()))
        model.eval(out[-1:])
        logits = model.scores[model.n_tokens - 1]
    return out


def likelihood(model, prefix, ids):
    if not ids:
        return 0.0
    logits = evaluate(model, prefix + ids)[len(prefix) - 1:-1].astype(np.float64)
    best = logits.max(axis=1)
    normal = np.log(np.exp(logits - best[:, None]).sum(axis=1)) + best
    return float((logits[np.arange(len(ids)), ids] - normal).sum())


def cosine(a, b):
    a, b = a.astype(np.float64), b.astype(np.float64)
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def main():
    path = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        exact, fast = load(widen(path, folder), CONTEXT), load(path, CONTEXT)
        entries = []
        for prompt in PROMPTS:
            ids = exact.tokenize(prompt.encode(), add_bos=False, special=True)
            logits = evaluate(exact, ids)[-1]
            largest = np.argsort(-logits, kind="stable")[:LARGEST]
            scores = [likelihood(exact, ids, exact.tokenize(text.encode(), add_bos=False, special=False))
                      for text in CONTINUATIONS]
            entries.append({
                "ids": ids,
                "largest": [int(index) for index in largest],
                "largest_logits": rounded(logits[largest], 8),
                "sample": rounded(logits[::STRIDE]),
                "cosine_of_rounded": cosine(logits, evaluate(fast, ids)[-1]),
                "greedy": greedy(exact, ids, STEPS),
                "continuations": CONTINUATIONS,
                "log_likelihoods": rounded(scores, 8),
            })
    write("logits.json", entries)


if __name__ == "__main__":
    main()
