"""The process that typesets: one request after the other, from stdin to stdout.

It is started as a script, imports nothing of ours, stands in an empty folder that is also the
root of every template, may write no file and opens no connection. Who started it kills it when
a template takes too long; should that process be gone, the alarm does.

Request: u32 length, then JSON ``{"source", "data", "at", "ppi", "fonts": [folder…], "limit",
"pdf": true}``. Answer: u32 length, JSON ``{"error": ""}`` or a diagnostic, then u32 count, and as
many times u32 length and bytes: the PDF (empty where only pages are asked for), then each page as
PNG. Numbers are big-endian.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

import typst

BEHIND = 10  # steps of niceness: what people touch comes before what they wait for
PDF_STANDARDS: list[typst.PDFStandard] = ["a-2a"]  # with the tagged text that readers-aloud need
MEMORY = 2 << 30  # of address space; a document needs about a quarter


def confine() -> None:
    """No file may grow and memory has an end; it runs on every core, but behind the window. The
    system has no such limits on Windows."""
    if sys.platform != "win32":
        os.nice(BEHIND)
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def serve(requests: BinaryIO, answers: BinaryIO, root: Path) -> None:
    """Answer until the requests end."""
    compilers: dict[tuple[str, ...], typst.Compiler] = {}
    while head := requests.read(4):
        request = json.loads(requests.read(struct.unpack(">I", head)[0]))
        folders = tuple(request["fonts"])
        if folders not in compilers:
            compilers[folders] = compiler(folders, root)
        alarm(request["limit"])
        error, parts = typeset(compilers[folders], request)
        alarm(0)
        send(answers, error, parts)


def alarm(seconds: float) -> None:
    """End this process after ``seconds``, even inside the compiler; 0 calls it off."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def compiler(folders: tuple[str, ...], root: Path) -> typst.Compiler:
    """A compiler that knows the fonts of these folders and no others."""
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=list(folders)
    )
    return typst.Compiler(
        root=root,
        font_paths=fonts,
        ignore_system_fonts=True,
        package_path=root,
        package_cache_path=root,
    )


def typeset(compiler: typst.Compiler, request: dict[str, Any]) -> tuple[str, list[bytes]]:
    """PDF and pages, or the compiler's diagnostic."""
    source = request["source"].encode()
    inputs = {"data": request["data"]}
    try:
        pdf: bytes | list[bytes] | None = b""
        if request["pdf"]:
            pdf = compiler.compile(
                input=source,
                format="pdf",
                pdf_standards=PDF_STANDARDS,
                timestamp=request["at"],
                sys_inputs=inputs,
            )
        pages = compiler.compile(input=source, format="png", ppi=request["ppi"], sys_inputs=inputs)
    except typst.TypstError as fault:
        return fault.diagnostic or fault.message, []
    return "", [*as_list(pdf), *as_list(pages)]


def as_list(made: bytes | list[bytes] | None) -> list[bytes]:
    """One page comes bare, several in a list."""
    return made if isinstance(made, list) else [made or b""]


def send(answers: BinaryIO, error: str, parts: list[bytes]) -> None:
    """One answer, whole."""
    said = json.dumps({"error": error}).encode()
    answers.write(struct.pack(">I", len(said)) + said + struct.pack(">I", len(parts)))
    for part in parts:
        answers.write(struct.pack(">I", len(part)) + part)
    answers.flush()


if __name__ == "__main__":
    confine()
    serve(sys.stdin.buffer, sys.stdout.buffer, Path(sys.argv[1]))
