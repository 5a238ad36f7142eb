#!/usr/bin/env python3
"""Splits a whole question set into an open half and a sealed half.

    seal.py ALL.jsonl FOLDER

Writes FOLDER/questions.jsonl and FOLDER/sealed.jsonl.gz, and sets the line of the sealed file in SEALED.sha256 beside
this script. The split is a shuffle with a fixed seed, dealt out operator by operator, so that each half has its share
of every operator.
"""
import hashlib
import random
import sys
from pathlib import Path

from check import OPERATORS, read, write

SEED = 20260


def main():
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    questions = read(source)
    random.Random(SEED).shuffle(questions)
    questions.sort(key=lambda question: OPERATORS.index(question["operator"]))
    halves = [sorted(questions[start::2], key=lambda question: question["id"]) for start in (0, 1)]
    write(folder / "questions.jsonl", halves[0])
    sealed = folder / "sealed.jsonl.gz"
    write(sealed, halves[1])
    sums = Path(__file__).parent / "SEALED.sha256"
    name = f"{folder.name}/{sealed.name}"
    lines = [line for line in (sums.read_text().splitlines() if sums.exists() else []) if not line.endswith(" " + name)]
    lines.append(f"{hashlib.sha256(sealed.read_bytes()).hexdigest()}  {name}")
    sums.write_text("\n".join(sorted(lines, key=lambda line: line.split()[1])) + "\n")
    print(f"{len(halves[0])} open, {len(halves[1])} sealed")


if __name__ == "__main__":
    main()
