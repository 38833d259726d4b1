"""The server's own log: one line an event on standard output, which service managers keep.

    2026-07-07 09:12:04 [error    ] commit failed   fault=OperationalError

A traceback names lines of code and no values: what stood in variables may be keys, tokens and what
people said. A log that cannot be written, on a full disk say, stops nothing: its lines are lost,
and the server goes on.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TextIO

import structlog


class Lines:
    """Where lines go. Writing one never raises."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def msg(self, line: str) -> None:
        """Write a line, if that can be done."""
        with contextlib.suppress(OSError, ValueError):
            self._out.write(line + "\n")
            self._out.flush()

    debug = info = warning = warn = error = exception = critical = fatal = log = msg


def configure(out: TextIO | None = None) -> None:
    """Log to ``out``, standard output if there is none given."""
    lines = out or sys.stdout
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.TimeStamper("%Y-%m-%d %H:%M:%S", utc=False),
            structlog.dev.ConsoleRenderer(
                colors=lines.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        logger_factory=lambda *_: Lines(lines),
    )
