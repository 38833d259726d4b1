"""The process that typesets for the server: requests on stdin, PDFs on stdout, then it ends.

It is started as a script, imports nothing of ours, and stands in an empty folder that is the root
of every template, so that a template reads no file of the server. Whoever started it kills it when
it takes too long.

Request: u32 length, then JSON ``{"fonts": [folder…], "jobs": [{"source", "data", "standard",
"at"}…], "limit"}``; ``limit`` are seconds, absent for the server's own templates. Answer: u32
length, JSON ``{"error": ""}`` or the diagnostic; then for each job u32 length and the PDF. Numbers
are big-endian.
"""

from __future__ import annotations

import json
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

import typst

MEMORY = 1 << 30  # of address space; a document needs less than half
MOST = 32 << 20  # bytes of all PDFs together


def serve(requests: BinaryIO, answers: BinaryIO, root: Path) -> None:
    """Answer the one request; under limits, if it says so."""
    request = json.loads(requests.read(struct.unpack(">I", requests.read(4))[0]))
    if request.get("limit"):
        confine(request["limit"])
    error, made = typeset(request, root)
    if request.get("limit") and sum(map(len, made)) > MOST:
        error, made = "the documents are larger than 32 MB together", []
    answers.write(part(json.dumps({"error": error}).encode()) + b"".join(map(part, made)))
    answers.flush()


def confine(seconds: float) -> None:
    """For templates that strangers wrote: no file may grow, memory has an end, and so has time,
    should the one be gone who ends this process."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.setitimer(signal.ITIMER_REAL, seconds)


def typeset(request: dict[str, Any], root: Path) -> tuple[str, list[bytes]]:
    """A PDF for each job, or the compiler's diagnostic of the first that fails."""
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=request["fonts"]
    )
    compiler = typst.Compiler(
        root=root,
        font_paths=fonts,
        ignore_system_fonts=True,
        package_path=root,
        package_cache_path=root,
    )
    made = []
    for job in request["jobs"]:
        try:
            pdf = compiler.compile(
                input=job["source"].encode(),
                format="pdf",
                pdf_standards=[job["standard"]],
                timestamp=job["at"],
                sys_inputs={"data": job["data"]},
            )
        except typst.TypstError as fault:
            return fault.diagnostic or fault.message, []
        if not isinstance(pdf, bytes):
            return "the compiler gave no single PDF", []
        made.append(pdf)
    return "", made


def part(data: bytes) -> bytes:
    """Bytes with their length before them."""
    return struct.pack(">I", len(data)) + data


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, Path(sys.argv[1]))
