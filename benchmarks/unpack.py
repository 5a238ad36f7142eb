"""Unpacks a graph that is kept packed beside its questions."""

import gzip
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

import fetch  # noqa: E402  (found by the path above)


def unpack(here):
    """Writes NAME.ttl of the folder NAME to the first argument, or else to the cache folder of the graphs."""
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else fetch.cache_dir() / "benchmarks" / f"{here.name}.ttl"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(gzip.decompress((here / f"{here.name}.ttl.gz").read_bytes()))
    print(output)
