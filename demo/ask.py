#!/usr/bin/env python3
"""Asks a running Almanac questions over HTTP and prints the answers with their citations.

    ask.py [--url URL] [--model NAME] QUESTION...
    ask.py [--url URL] --wait SECONDS --pid PID     until the server is ready, or its process has ended
    ask.py --port-owner PORT                        says who listens on a port of 127.0.0.1, if anyone does

The exit code is 0 if every question got a grounded answer with citations, and 1 otherwise.
"""

import argparse
import json
import os
import shutil
import socket
import sys
import textwrap
import time
import urllib.error
import urllib.request
from pathlib import Path


def call(url, path, body=None, timeout=120):
    """One request; returns the decoded JSON, or raises with what the server said."""
    headers = {"Content-Type": "application/json"}
    if os.environ.get("ALMANAC_KEY"):
        headers["Authorization"] = "Bearer " + os.environ["ALMANAC_KEY"]
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url.rstrip("/") + path, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"HTTP {error.code}: {error.read(2000).decode(errors='replace')}") from error


def wrapped(text, first, rest):
    """Lines no wider than the terminal."""
    width = max(40, min(100, shutil.get_terminal_size().columns))
    return textwrap.fill(text, width, initial_indent=first, subsequent_indent=rest, break_long_words=False)


def show(question, completion, seconds):
    """Prints one answer; returns whether it is grounded and cited."""
    message = completion["choices"][0]["message"]
    grounding = message.get("grounding") or {}
    citations = grounding.get("citations") or []
    print()
    print(wrapped(question, "▸ ", "  "))
    print(wrapped(message["content"] or "(no answer)", "  ", "  "))
    for citation in citations:
        mark = f"    [{citation['id']}] "
        print(wrapped(citation["text"], mark, " " * len(mark)))
        if citation["kind"] == "fact":
            print(" " * len(mark) + citation["subject"]["value"])
        elif citation.get("url"):
            print(" " * len(mark) + citation["url"])
    status = grounding.get("status", "no grounding")
    print(f"  {status}, revision {grounding.get('revision')}, {seconds * 1000:.0f} ms", flush=True)
    return status == "grounded" and bool(citations)


def ask(url, model, questions):
    """Asks all questions; returns an exit code."""
    good = True
    for question in questions:
        started = time.monotonic()
        try:
            body = {"model": model, "messages": [{"role": "user", "content": question}]}
            completion = call(url, "/v1/chat/completions", body)
            good &= show(question, completion, time.monotonic() - started)
        except (OSError, RuntimeError, KeyError, ValueError) as error:
            print(f"\n▸ {question}\n  failed: {error}", flush=True)
            good = False
    return 0 if good else 1


def wait(url, seconds, pid):
    """Waits until the server is ready; returns an exit code."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url.rstrip("/") + "/readyz", timeout=5) as response:
                if response.status == 200:
                    return 0
        except (OSError, ValueError):
            pass
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return 1
        time.sleep(0.05)
    return 1


def port_owner(port):
    """Prints who listens on a port; returns 1 if somebody does."""
    with socket.socket() as probe:
        # As the server does: a port whose last connections are only fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return 0
        except OSError as error:
            reason = error.strerror
    print(listener(port) or f"another program ({reason})")
    return 1


def listener(port):
    """The process that listens on a port, as far as this user may see."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(handle) in inodes:
                pid = handle.parts[2]
                name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
                return f"{name} (process {pid})"
        except OSError:
            continue
    return None


def main(arguments):
    """The command: an exit code."""
    parser = argparse.ArgumentParser(description="Asks a running Almanac questions over HTTP.")
    parser.add_argument("--url", default=os.environ.get("ALMANAC_URL", "http://127.0.0.1:8080"))
    parser.add_argument("--model", default="world", help="the knowledge base to ask")
    parser.add_argument("--wait", type=float, metavar="SECONDS", help="wait until the server is ready")
    parser.add_argument("--pid", type=int, help="with --wait: give up when this process ends")
    parser.add_argument("--port-owner", type=int, metavar="PORT", help="say who listens on a port")
    parser.add_argument("questions", nargs="*")
    options = parser.parse_args(arguments)
    if options.port_owner is not None:
        return port_owner(options.port_owner)
    if options.wait is not None:
        return wait(options.url, options.wait, options.pid or os.getpid())
    if not options.questions:
        parser.error("nothing to ask")
    return ask(options.url, options.model, options.questions)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
