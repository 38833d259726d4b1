"""What the registry's fold is told: a statement, who signed it, where it stands in the log. Pure.

>>> "staff_registered" in KINDS
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.statements import Statement, Unknown

KINDS = (
    "agency_registered",
    "agency_rerooted",
    "agency_described",
    "device_enrolled",
    "staff_registered",
    "staff_role_changed",
    "staff_ended",
    "officer_registered",
    "officer_credentialed",
    "numbers_granted",
    "device_revoked",
    "device_suspended",
    "device_reinstated",
    "device_key_asked",
    "device_rekeyed",
    "officer_key_retired",
    "journal_closed",
    "evidence_adopted",
    "catalogue_changed",
    "reference_published",
    "succession_opened",
)
"""The kinds that change anything here."""


@dataclass(frozen=True)
class Told:
    """A statement as the fold sees it: who signed it, and where it stands in the log."""

    statement: Statement | Unknown
    signers: Sequence[bytes]
    record_hash: bytes
    index: int
    journal: bytes = b""
