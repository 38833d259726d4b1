"""All readers, in the order in which ``make interop`` runs them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from tests.interop import bags, codes, envelopes, repository, requests, sumdb, trees, uploads
from tests.interop.served import Served


@dataclass(frozen=True)
class Reader:
    """A program by others: what it reads of ours, and the Debian package that it may miss."""

    program: str
    what: str
    read: Callable[[Served], str]
    package: str = ""
    here: Callable[[], bool] = lambda: True
    needs_exchange: bool = False


def _command(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


PYTHON = (
    Reader(f"securesystemslib {version('securesystemslib')}", "envelopes", envelopes.read),
    Reader(
        f"http-message-signatures {version('http-message-signatures')}",
        "a signed request and its answer",
        requests.read,
        needs_exchange=True,
    ),
    Reader(f"bagit {version('bagit')}", "the case file as a bag", bags.read),
    Reader(f"pycose {version('pycose')}", "credentials", codes.read),
    Reader(f"pymerkle {version('pymerkle')}", "the log's tree", trees.read),
    Reader(f"tuf {version('tuf')}", "reference data", repository.read),
)
OTHERS = (
    Reader("unzip", "the case file as a zip", bags.unzip, "unzip", _command("unzip")),
    Reader("7z", "the case file as a zip", bags.seven_zip, "p7zip-full", _command("7z")),
    Reader(f"tuspy {version('tuspy')}", "an upload, killed and cut", uploads.tuspy),
    Reader(uploads.TUS_JS, "an upload, killed and cut", uploads.tus_js, "nodejs npm", uploads.here),
    Reader(
        "golang.org/x/mod note, tlog",
        "checkpoint, tiles, receipts",
        sumdb.read,
        "golang-go golang-golang-x-mod-dev",
        lambda: _command("go")() and sumdb.here(),
    ),
)
READERS = PYTHON + OTHERS
