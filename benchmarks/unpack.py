#!/usr/bin/env python3
"""Unpacks graphs that are kept packed beside their questions.

    unpack.py NAME [NAME ...]

NAME is a folder beside this file: atlas, campus, chronicle, clinic, company, insurance, kindred, ledgers, qualified, statistics. Each goes to
$ALMANAC_CACHE/benchmarks/NAME.ttl, where $ALMANAC_CACHE is ~/.cache/almanac unless set.
"""

import gzip
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scripts"))

import fetch  # noqa: E402  (found by the path above)


def unpack(name):
    packed = HERE / name / f"{name}.ttl.gz"
    if not packed.is_file():
        sys.exit(f"{packed} is not there: {name} is no graph that is kept packed")
    output = fetch.cache_dir() / "benchmarks" / f"{name}.ttl"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(gzip.decompress(packed.read_bytes()))
    print(output)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for name in sys.argv[1:]:
        unpack(name)
