#!/usr/bin/env python3
"""Unpacks company.ttl: an invented maker of measuring instruments, its staff, products, suppliers and orders.

    build.py [OUTPUT]

The file goes to $ALMANAC_CACHE/benchmarks/company.ttl, where $ALMANAC_CACHE is ~/.cache/almanac unless set.
"""

import gzip
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "scripts"))

import fetch  # noqa: E402  (found by the path above)


def main():
    folder = fetch.cache_dir() / "benchmarks"
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else folder / "company.ttl"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(gzip.decompress((HERE / "company.ttl.gz").read_bytes()))
    print(output)


if __name__ == "__main__":
    main()
