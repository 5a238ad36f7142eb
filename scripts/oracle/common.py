"""Where fixtures go, and how they are written."""

import json
import pathlib

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "engine" / "tests" / "fixtures"


def write(name, entries):
    """Writes one entry a line, so that a change shows as the lines that it touches."""
    FIXTURES.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(entry, separators=(",", ":")) for entry in entries)
    path = FIXTURES / name
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(f"{path}: {path.stat().st_size:,} bytes")


def rounded(numbers, digits=6):
    """Numbers at a precision that the tests need, in fewer characters."""
    return [float(f"{number:.{digits}g}") for number in numbers]
