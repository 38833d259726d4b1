"""The server's own log: one line an event on standard output, which service managers keep.

    2026-07-07 09:12:04 [error    ] commit failed   fault=OperationalError

    {"event":"commit failed","fault":"OperationalError","level":"error","timestamp":"2026-…Z"}

The second is what ``FUJIE_LOG=json`` makes of it, for programs that collect logs. No line names a
person: an event says what broke, and at most a device, an agency or an address. A line leaves out
every other word, and what an exception quotes: its kind and its lines of code stay, and of the
disk's and the network's errors what the system calls them.

What stood in variables may be keys, tokens and what people said: no traceback shows it. A log that
cannot be written, on a full disk say, stops nothing: its lines are lost, and the server goes on.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from pathlib import Path
from typing import TextIO

import structlog
from structlog.typing import EventDict

from protocol.errors import FujieError


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


SAID = frozenset(
    "event level timestamp fault kind path reason device agency witness job outcome origin file "
    "sha256 exception".split()
)
"""The words of an event that a line keeps."""


def words_of(fault: BaseException) -> str:
    """What a fault says, but for the values in it."""
    if isinstance(fault, FujieError):
        return fault.template
    if isinstance(
        cause := getattr(fault, "reason", None), OSError
    ):  # urllib's, around the system's
        return words_of(cause)
    if isinstance(fault, OSError) and fault.errno:
        return f"{type(fault).__name__}: [Errno {fault.errno}] {os.strerror(fault.errno)}"
    return type(fault).__name__


def configure(out: TextIO | None = None, *, as_json: bool = False) -> None:
    """Log to ``out``, standard output if there is none given; nothing stays of what was set."""
    structlog.reset_defaults()
    lines = out or sys.stdout
    if as_json:
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper("iso", utc=True),
                _without_quotes,
                structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True),
            ],
            logger_factory=lambda *_: Lines(lines),
        )
        return
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("%Y-%m-%d %H:%M:%S", utc=False),
            _without_quotes,
            _for_people,
            structlog.dev.ConsoleRenderer(colors=lines.isatty()),
        ],
        logger_factory=lambda *_: Lines(lines),
    )


def _without_quotes(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Only words that are known to name nobody; an exception by its kind and its lines."""
    fault = event.pop("exc_info", None)
    if fault is True:
        fault = sys.exc_info()[1]
    if isinstance(fault, BaseException):
        at = traceback.extract_tb(fault.__traceback__)
        places = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in at]
        event["exception"] = [words_of(fault), *places]
    return {name: value for name, value in event.items() if name in SAID}


def _for_people(_logger: object, _method: str, event: EventDict) -> EventDict:
    """An exception in lines, the innermost last."""
    if "exception" in event:
        words, *places = event["exception"]
        event["exception"] = "\n".join([words, *(f"  {place}" for place in places)])
    return event
