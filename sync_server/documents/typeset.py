"""Template and data → PDF/A, in a process of its own that is killed when it takes too long.

    pdf = typeset("casefile", {"sheet": "cover", "title": "…"})
    first, second = typeset_all([("casefile", {…}), ("casefile", {…})])     one process for both

A template is a file of this folder, with ``common.typ`` before it; it finds its data as ``data``.
The same template, data and time give the same bytes.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from protocol.errors import FujieError, Refused
from sync_server.documents import worker

FOLDER = Path(__file__).parent
FONTS = (Path("/usr/share/fonts/opentype/noto"), Path("/usr/share/fonts/noto-cjk"))
LIMIT_S = 60.0
PDF_A = "a-2b"
STOPPED = "the typesetter stopped"


class FontMissing(Refused):
    """No font on this machine prints Chinese."""


class NotTypeset(FujieError):
    """A template, or the data in it, that cannot be printed."""


def typeset(
    template: str, data: Mapping[str, Any], pdf_standard: str = PDF_A, at: int = 0
) -> bytes:
    """The PDF of a template's ``data``, bearing the time ``at`` (ms). Raises FontMissing,
    NotTypeset."""
    return typeset_all([(template, data)], pdf_standard, at)[0]


def typeset_all(
    jobs: Sequence[tuple[str, Mapping[str, Any]]], pdf_standard: str = PDF_A, at: int = 0
) -> list[bytes]:
    """The same for several, by one process. All of them, or an error."""
    request = {
        "fonts": fonts(),
        "jobs": [
            {
                "source": _source(template),
                "data": json.dumps(data, ensure_ascii=False, sort_keys=True),
                "standard": pdf_standard,
                "at": at // 1000,
            }
            for template, data in jobs
        ],
    }
    names = ", ".join(dict.fromkeys(template for template, _ in jobs))
    try:
        error, made = ask(request, LIMIT_S)
    except subprocess.TimeoutExpired:
        raise NotTypeset(
            "expected {names} typeset within {limit} s, it was stopped; tell the operator",
            names=names,
            limit=f"{LIMIT_S:g}",
        ) from None
    if error:
        raise NotTypeset(
            "{names} cannot be typeset: {reason}; tell the operator",
            names=names,
            reason=error.splitlines()[0].removeprefix("error: "),
        )
    return made


def fonts() -> list[str]:
    """The folders of fonts. Raises FontMissing."""
    found = [str(folder) for folder in FONTS if next(folder.glob("NotoSerif*"), None)]
    if not found:
        raise FontMissing(
            "expected the font Noto Serif CJK SC in {folder}, found none; install the package "
            "fonts-noto-cjk",
            folder=str(FONTS[0]),
        )
    return found


def ask(request: Mapping[str, Any], limit_s: float) -> tuple[str, list[bytes]]:
    """The diagnostic, and the PDFs, of a process of its own (``worker.py``). Raises
    TimeoutExpired for one that was killed."""
    data = json.dumps(request).encode()
    with tempfile.TemporaryDirectory(prefix="fujie-typeset-") as root:
        done = subprocess.run(
            [sys.executable, "-P", str(worker.__file__), root],
            input=struct.pack(">I", len(data)) + data,
            capture_output=True,
            cwd=root,
            env=_bare_environment(root),
            timeout=limit_s,
            check=False,
        )
    answer = BytesIO(done.stdout)
    said = _part(answer)
    error = str(json.loads(said)["error"]) if said else STOPPED
    made = []
    while pdf := _part(answer):
        made.append(pdf)
    return error, made


def _source(template: str) -> str:
    common = (FOLDER / "common.typ").read_text("utf-8")
    return common + (FOLDER / f"{template}.typ").read_text("utf-8")


def _part(stream: BytesIO) -> bytes:
    head = stream.read(4)
    return stream.read(struct.unpack(">I", head)[0]) if len(head) == 4 else b""


def _bare_environment(home: str) -> dict[str, str]:
    """Nothing of ours but where Python is; a proxy that is not there stops every download."""
    nowhere = "http://127.0.0.1:9"
    few = {"RAYON_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    proxies = {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "ALL_PROXY": nowhere}
    names = ("PATH", "PYTHONPATH", "PYTHONHOME", "SYSTEMROOT")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return kept | few | proxies | {"HOME": home}
