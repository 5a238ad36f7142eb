#!/usr/bin/env python3
"""Unpacks clinic.ttl: an ontology of the diseases of dogs and horses, of which the facts are axioms.

    build.py [OUTPUT]

The file goes to $ALMANAC_CACHE/benchmarks/clinic.ttl, where $ALMANAC_CACHE is ~/.cache/almanac unless set.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from unpack import unpack  # noqa: E402  (found by the path above)

if __name__ == "__main__":
    unpack(HERE)
