"""The tablet's view of the office's log: one history, which only moves forward.

    history.advance(note, proof)     the head that an answer to a push brought
    history.confirm(note)            an earlier or later head, such as that of an office's receipt
    history.keep(session)            the view, saved in the caller's transaction

Two signed heads that cannot both be true are an alarm for good, with both kept. A head that is
only not proved to continue what was seen may be an answer that was altered on its way: it is
asked for again, and is an alarm when it stays like that.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
from sqlmodel import Session

from field_client import stages
from field_client.device_clock import Clock
from field_client.stages import ALARM, CHECKPOINT
from field_client.vault import Vault
from field_client.wire import Wire, unclear
from protocol.checkpoint import open_checkpoint
from protocol.errors import Alarm
from protocol.trust import TrustedLog

PATIENCE = 2
"""Answers in a row whose proof fails before that is an alarm."""


@dataclass
class History:
    """One log as this tablet has seen it, and what to do when it is shown another."""

    log: TrustedLog
    vault: Vault
    wire: Wire
    clock: Clock
    doubts: int = field(default=0, init=False)

    def confirm(self, note: bytes) -> None:
        """Check that a named head lies on the history that was seen here, or lead the view to
        it. Raises what ``advance`` raises."""
        named = open_checkpoint(note, self.log.verifiers, self.log.origin).size
        old, new = sorted((named, self.log.size))
        proof = self._consistency(old, new) if 0 < old < new else []
        self.advance(note, proof, earlier=named < self.log.size)

    def advance(self, note: bytes, proof: Sequence[bytes], *, earlier: bool = False) -> None:
        """Move the view of the log forward, or keep the alarm and its evidence for good."""
        try:
            (self.log.confirm if earlier else self.log.advance)(note, proof)
        except Alarm as alarm:
            self.doubts += 1
            if not getattr(alarm, "conclusive", False) and self.doubts <= PATIENCE:
                raise unclear(str(alarm)) from alarm
            self.vault.set_state(ALARM, _evidence(alarm, self.clock.wall_ms()))
            raise
        self.doubts = 0

    def keep(self, session: Session) -> None:
        """Save the head of the view together with what it proves."""
        if self.log.checkpoint_bytes is not None:
            stages.put(session, CHECKPOINT, self.log.checkpoint_bytes)

    def _consistency(self, old: int, new: int) -> list[bytes]:
        told = self.wire.get_text("/log/consistency", f"old={old}&new={new}")
        lines = told.partition("\n\n")[0].split("\n")
        try:
            return [base64.b64decode(line, validate=True) for line in lines if line]
        except binascii.Error as fault:
            raise unclear(str(fault)) from None


def _evidence(alarm: Alarm, at: int) -> bytes:
    return msgspec.json.encode(
        {
            "template": alarm.template,
            "facts": {key: str(value) for key, value in alarm.facts.items()},
            "evidence": [note.decode(errors="replace") for note in alarm.evidence],
            "at": at,
        }
    )
