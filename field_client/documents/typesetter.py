"""Typesetting in a process of its own, kept warm, killed when it takes too long.

A template is data from the office, and Typst is a language: an endless loop, a download or a
file from this tablet must not happen however the template is written. So what could load
anything is refused before compiling, the worker runs in an empty folder with no network
settings that lead anywhere, and the time is limited.

    with Typesetter() as typesetter:
        made = typesetter.typeset("notice", "Hello, #json(bytes(sys.inputs.data)).name", '{…}')
"""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from field_client.documents import worker
from field_client.errors import (
    FontMissing,
    GlyphMissing,
    TemplateBroken,
    TemplateUnsafe,
    TypesettingFailed,
    TypesettingTooSlow,
)
from protocol.printed import loader_in

SYSTEM_FONTS = Path("/usr/share/fonts/opentype/noto")
OWN_FONTS = Path(__file__).parent.parent / "ui" / "assets" / "fonts"

_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed')


@dataclass(frozen=True, slots=True)
class Typeset:
    """A PDF and its pages as PNG images."""

    pdf: bytes
    images: tuple[bytes, ...]


class Typesetter:
    """One worker process, started when first needed and again after it was killed.

    ``limit_s`` is the time that one document may take; ``fonts`` are folders.
    """

    def __init__(
        self, *, limit_s: float = 20.0, fonts: tuple[Path, ...] = (SYSTEM_FONTS, OWN_FONTS)
    ) -> None:
        self.limit_s = limit_s
        self.fonts = fonts
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._root: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Typesetter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def typeset(
        self,
        template: str,
        source: str,
        data: str,
        *,
        at: int = 0,
        ppi: int = 144,
        pdf: bool = True,
    ) -> Typeset:
        """PDF/A and page images of ``source`` with ``data`` (JSON) in ``sys.inputs.data``.

        ``template`` is the name that errors give; ``at`` is the time in ms that the PDF bears;
        without ``pdf`` only the pages are made.
        Same arguments, same bytes. Raises the DocumentErrors that are imported above.
        """
        check_source(template, source)
        self._check_fonts()
        request = {
            "source": source,
            "data": data,
            "at": at // 1000,
            "ppi": ppi,
            "pdf": pdf,
            "fonts": [str(folder) for folder in self.fonts if folder.is_dir()],
            "limit": self.limit_s + 5,
        }
        with self._lock:
            error, parts = self._ask(template, request)
        if error:
            raise _diagnosed(template, error)
        return Typeset(pdf=parts[0], images=tuple(parts[1:]))

    def close(self) -> None:
        """End the worker and remove its empty folder."""
        with self._lock:
            self._end()
            if self._root is not None:
                self._root.cleanup()
                self._root = None

    def _check_fonts(self) -> None:
        if not any(next(folder.glob("NotoSerif*"), None) for folder in self.fonts):
            raise FontMissing(
                "expected the font Noto Serif CJK SC in {folders}, found none; "
                "install the package fonts-noto-cjk",
                folders=", ".join(str(folder) for folder in self.fonts),
            )

    def _ask(self, template: str, request: dict[str, Any]) -> tuple[str, list[bytes]]:
        process = self._started()
        overdue = threading.Event()

        def stop() -> None:
            overdue.set()
            process.kill()

        timer = threading.Timer(self.limit_s, stop)
        timer.start()
        try:
            return _exchange(process, json.dumps(request).encode())
        except (EOFError, OSError):
            self._end()
            if overdue.is_set():
                raise TypesettingTooSlow(
                    "expected template {template} to be typeset within {limit} s; it was stopped. "
                    "What was typed is saved; tell the office, which sends another template",
                    template=template,
                    limit=f"{self.limit_s:g}",
                ) from None
            raise TypesettingFailed(
                "the typesetter stopped at template {template}; what was typed is saved. Try "
                "again, and if it stops again, tell the office",
                template=template,
            ) from None
        finally:
            timer.cancel()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            if self._root is None:
                self._root = tempfile.TemporaryDirectory(prefix="fujie-typeset-")
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(worker.__file__), self._root.name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._root.name,
                env=_bare_environment(self._root.name),
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # a request that nobody will read any more


def check_source(template: str, source: str) -> None:
    """Refuse what could load anything from outside. Raises TemplateUnsafe."""
    found = loader_in(source)
    if found:
        raise TemplateUnsafe(
            "template {template} contains {word}, which could load something from outside; it is "
            "not used. What was typed is saved; tell the office, which sends another template",
            template=template,
            word=found,
        )


def _bare_environment(home: str) -> dict[str, str]:
    """Nothing of ours but where Python is; a proxy that is not there stops every download."""
    nowhere = "http://127.0.0.1:9"
    # Address space is limited: each thread and each arena of the allocator reserves some.
    few = {"RAYON_NUM_THREADS": "2", "MALLOC_ARENA_MAX": "2"}
    proxies = {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "ALL_PROXY": nowhere}
    names = ("PATH", "PYTHONPATH", "PYTHONHOME", "SYSTEMROOT")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return kept | few | proxies | {"HOME": home}


def _exchange(process: subprocess.Popen[bytes], request: bytes) -> tuple[str, list[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise EOFError
    process.stdin.write(struct.pack(">I", len(request)) + request)
    process.stdin.flush()
    error = str(json.loads(_part(process.stdout))["error"])
    count = struct.unpack(">I", _exactly(process.stdout, 4))[0]
    return error, [_part(process.stdout) for _ in range(count)]


def _part(stream: IO[bytes]) -> bytes:
    return _exactly(stream, struct.unpack(">I", _exactly(stream, 4))[0])


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError
    return data


def _diagnosed(template: str, diagnostic: str) -> TemplateBroken | GlyphMissing:
    characters = "".join(dict.fromkeys("".join(_GLYPH.findall(diagnostic))))
    if characters:
        return GlyphMissing(
            "no font on this tablet can print {characters} (template {template}); write it in "
            "another way, and note the right writing in the remarks",
            template=template,
            characters=characters,
        )
    return TemplateBroken(
        "template {template} cannot be typeset: {reason}. What was typed is saved; tell the "
        "office, which sends another template",
        template=template,
        reason=diagnostic.splitlines()[0].removeprefix("error: "),
    )
