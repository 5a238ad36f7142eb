#!/usr/bin/env python3
"""Fetches the two language models, pinned by version and SHA-256, into $ALMANAC_MODELS."""

import sys

import fetch

if __name__ == "__main__":
    sys.exit(fetch.main(["models"]))
