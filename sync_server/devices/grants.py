"""Number blocks: which numbers a device may give to documents, and which come next. Pure.

Numbers run per agency, kind and year without a gap in what is granted: each block begins where
the last one of its kind ended, whichever device that was for. Numbers that were used on paper
before this system began are one block, granted to the office.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from protocol.calendar import local_day
from protocol.registry.registry import Registry
from protocol.statements import NumbersGranted
from protocol.vocabulary import DocumentKind

BLOCK = 50
SEAL_MS = 90 * 24 * 3_600_000

WORDS = {
    DocumentKind.INSPECTION_NOTICE: "检",
    DocumentKind.SITE_INSPECTION_RECORD: "检录",
    DocumentKind.CORRECTION_ORDER: "责改",
    DocumentKind.SPOT_DECISION: "当罚",
    DocumentKind.PRIOR_NOTICE: "罚告",
    DocumentKind.HEARING_RIGHT_NOTICE: "听告",
    DocumentKind.PRESERVATION_NOTICE: "登保",
    DocumentKind.SEAL_SEIZE_DECISION: "强制",
    DocumentKind.PENALTY_DECISION: "罚",
    DocumentKind.RESULT_NOTICE: "检告",
}
"""The word in the number of each kind that a tablet issues."""

SEALED = frozenset(
    {
        DocumentKind.INSPECTION_NOTICE,
        DocumentKind.CORRECTION_ORDER,
        DocumentKind.SPOT_DECISION,
        DocumentKind.PRESERVATION_NOTICE,
        DocumentKind.SEAL_SEIZE_DECISION,
        DocumentKind.RESULT_NOTICE,
    }
)
"""Kinds that are handed over on the spot and bear the agency's seal; the block delegates it for as
long. Notices before a penalty and decisions of the ordinary procedure are sealed at the office."""


def first_free(registry: Registry, agency: str, document: DocumentKind, year: int) -> int:
    """The first number of this kind and year that no block holds."""
    held = (
        grant.record.last
        for grant in registry.grants
        if (grant.record.agency, grant.record.document, grant.record.year)
        == (agency, document, year)
    )
    return max(held, default=0) + 1


def pattern(short_name: str, document: DocumentKind, year: int) -> str:
    """How numbers of this kind are written, ``{n}`` standing for the number."""
    return f"{short_name}{WORDS[document]}〔{year}〕{{n}}号"


def next_block(
    registry: Registry,
    agency: str,
    device: str,
    document: DocumentKind,
    now: int,
    salt: str,
    year: int = 0,
) -> NumbersGranted:
    """The next block of a kind for a device, of this year or of the one that is named."""
    year = year or local_day(now).year
    first = first_free(registry, agency, document, year)
    return NumbersGranted(
        agency=agency,
        at=now,
        salt=salt,
        device=device,
        document=document,
        year=year,
        first=first,
        last=first + BLOCK - 1,
        pattern=pattern(registry.agencies[agency].record.short_name, document, year),
        sealed_until=now + SEAL_MS if document in SEALED else None,
    )


def grants_for(
    registry: Registry, agency: str, device: str, now: int, salt: Callable[[], str]
) -> Iterable[NumbersGranted]:
    """The blocks that a new device starts with: one of each kind that it issues."""
    for document in WORDS:
        yield next_block(registry, agency, device, document, now, salt())
