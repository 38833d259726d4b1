"""Paper from a document's PDF, through the system's own printing (CUPS).

    printers()                              ['Canon_LBP2900', 'Office']
    print_pdf(pdf, "Canon_LBP2900", 2)      'Canon_LBP2900-41', the job's name

The programs ``lpstat`` and ``lp`` are asked, with a limit of time; what they say against it is told
in words. A document that was not printed is issued all the same: its PDF is what counts. What is
printed leaves the vault and lies in the printing system's queue until it is done.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence

from field_client.errors import PrintFailed

LIMIT_S = 30.0
MOST_COPIES = 20

_JOB = re.compile(r"request id is (\S+)")
# What the programs say in the C locale, and what it means to an officer.
_NO_SERVICE = re.compile(
    r"scheduler|refused|not responding|bad file descriptor|unable to connect", re.I
)
_NO_PRINTER = re.compile(r"no (default )?destination|no default|does not exist|unknown dest", re.I)


def printers() -> list[str]:
    """The printers that the system knows, by name; none is no error. Raises PrintFailed when
    there is no printing system."""
    ran = _run(["lpstat", "-e"])
    if ran.returncode and _NO_SERVICE.search(_said(ran)):
        raise _no_service()
    return [
        name for line in ran.stdout.decode(errors="replace").splitlines() if (name := line.strip())
    ]


def print_pdf(pdf: bytes, printer: str = "", copies: int = 1, title: str = "") -> str:
    """Send a PDF to a printer (the system's own choice when empty); the name of the job.
    Raises PrintFailed."""
    if not 1 <= copies <= MOST_COPIES:
        raise PrintFailed(
            "expected 1 to {most} copies, got {copies}; choose fewer",
            most=MOST_COPIES,
            copies=copies,
        )
    asked = ["lp", "-n", str(copies), "-o", "media=A4"]
    asked += ["-d", printer] if printer else []
    asked += ["-t", title] if title else []
    ran = _run([*asked, "--", "-"], pdf)
    if not ran.returncode:
        found = _JOB.search(ran.stdout.decode(errors="replace"))
        return found[1] if found else ""
    raise _refused(printer, _said(ran))


def _refused(printer: str, said: str) -> PrintFailed:
    if _NO_PRINTER.search(said):
        if printer:
            return PrintFailed(
                "the printer {printer} is not there any more; choose another, or hand the document "
                "over by its code",
                printer=printer,
            )
        return PrintFailed(
            "no printer is set up on this tablet; set one up, or hand the document over by its code"
        )
    if _NO_SERVICE.search(said):
        return _no_service()
    return PrintFailed(
        "the printer did not take the document: {reason}; look at the printer and print again",
        reason=said[:200],
    )


def _no_service() -> PrintFailed:
    return PrintFailed(
        "the printing system does not answer; start it, or hand the document over by its code"
    )


def _run(command: Sequence[str], given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command,
            input=given,
            capture_output=True,
            timeout=LIMIT_S,
            env=os.environ | {"LC_ALL": "C"},
            check=False,
        )
    except FileNotFoundError:
        raise PrintFailed(
            "this tablet has no printing system; install the package cups-client, or hand the "
            "document over by its code"
        ) from None
    except subprocess.TimeoutExpired:
        raise PrintFailed(
            "the printer took no document within {limit} s; look at the printer and print again",
            limit=f"{LIMIT_S:g}",
        ) from None
    except OSError as error:
        raise PrintFailed(
            "printing cannot be started: {reason}; tell the office", reason=error.strerror or ""
        ) from None


def _said(ran: subprocess.CompletedProcess[bytes]) -> str:
    """The last line that a program said against what was asked, without its name."""
    lines = (ran.stderr or ran.stdout).decode(errors="replace").strip().splitlines()
    return lines[-1].partition(": ")[2] or lines[-1] if lines else ""
