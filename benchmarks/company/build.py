#!/usr/bin/env python3
"""Unpacks company.ttl: an invented maker of measuring instruments, its staff, products, suppliers and orders.

    build.py [OUTPUT]

The file goes to $ALMANAC_CACHE/benchmarks/company.ttl, where $ALMANAC_CACHE is ~/.cache/almanac unless set.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from unpack import unpack  # noqa: E402  (found by the path above)

if __name__ == "__main__":
    unpack(HERE)
