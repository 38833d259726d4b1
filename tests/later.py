"""A reader two editions on: it knows a kind, a field and a word that nobody knows today.

with later(): statements.decode(…)          HearingHeld, where today's reader says Unknown
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

import msgspec

from protocol import statements
from protocol.parts import BlobRef, Long, Short, Statement
from protocol.statements import InspectionClosed

EDITIONS = 2


class LaterOutcome(StrEnum):
    """The list of outcomes with a word more."""

    NO_PROBLEM = "no_problem"
    CORRECTED = "corrected"
    PENALISED_ON_SPOT = "penalised_on_spot"
    CASE_TO_OPEN = "case_to_open"
    MEDIATED = "mediated"


class HearingHeld(Statement, frozen=True, kw_only=True, tag="hearing_held"):
    """A kind that comes later; it names a blob."""

    where: Short
    minutes: BlobRef | None = None
    told: Long = ""


class LaterClosed(InspectionClosed, frozen=True, kw_only=True, tag="inspection_closed"):
    """A known kind with a field and a word more."""

    outcome: LaterOutcome  # type: ignore[assignment]
    light: Short = ""


@contextmanager
def later() -> Iterator[None]:
    """Everything in this process reads with a program two editions on."""
    readers, edition = dict(statements.READERS), statements.EDITION
    statements.EDITION = edition + EDITIONS
    statements.READERS["hearing_held"] = msgspec.json.Decoder(HearingHeld)
    statements.READERS["inspection_closed"] = msgspec.json.Decoder(LaterClosed)
    try:
        yield
    finally:
        statements.EDITION = edition
        statements.READERS.clear()
        statements.READERS.update(readers)
