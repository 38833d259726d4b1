"""The tablet's view of the office's log: one history, which only moves forward.

    history.advance(note, proof)     the head that an answer to a push brought
    history.confirm(note)            an earlier or later head, such as that of an office's receipt
    history.heed(reference)          the log's keys and witnesses, as the agency names them
    history.keep(session)            the view, saved in the caller's transaction

Two signed heads that cannot both be true are an alarm for good, with both kept. A head that is
only not proved to continue what was seen may be an answer that was altered on its way: it is
asked for again, and is an alarm when it stays like that.
"""

from __future__ import annotations

import base64
import binascii
import logging
import operator
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec
from sqlmodel import Session

from field_client.contact.wire import Wire, unclear
from field_client.device_clock import Clock
from field_client.errors import ServerUnclear
from field_client.store import stages
from field_client.store.stages import ALARM, CHECKPOINT, FORMER, HALTED, LOG
from field_client.store.tables import StateRow
from field_client.store.vault import Vault
from protocol.checkpoint import VerifierKey, open_checkpoint
from protocol.errors import Alarm, FujieError, UnknownSigner, Unwitnessed
from protocol.reference import Reference
from protocol.trust import TrustedLog
from protocol.witness import NOBODY, Policy, WitnessKey

log = logging.getLogger(__name__)

PATIENCE = 2
"""Answers in a row whose proof fails before that is an alarm."""


class FollowedLog(msgspec.Struct):
    """The log that this tablet follows now (``LOG`` in the vault)."""

    origin: str
    keys: list[str]


class FormerKeys(msgspec.Struct):
    """Keys that signed what this tablet saw, and sign nothing new (``FORMER`` in the vault)."""

    former: list[str]
    lost: list[str]


@dataclass
class History:
    """One log as this tablet has seen it, and what to do when it is shown another."""

    log: TrustedLog
    vault: Vault
    wire: Wire
    clock: Clock
    doubts: int = field(default=0, init=False)
    heeded: tuple[Reference, TrustedLog] | None = field(default=None, init=False)
    noted: Alarm | None = field(default=None, init=False)

    @classmethod
    def opened(
        cls,
        origin: str,
        keys: Sequence[VerifierKey],
        vault: Vault,
        wire: Wire,
        clock: Clock,
        reference: Reference | None = None,
    ) -> History:
        """The view as it was saved: of the log of the enrolment, with this name and these keys,
        or of the successor that was followed; with the keys that ``reference`` names now."""
        told = vault.state(LOG)
        if told is not None:
            now = msgspec.json.decode(told, type=FollowedLog)
            origin, keys = now.origin, [VerifierKey.parse(text) for text in now.keys]
        known = TrustedLog(origin, keys)
        told = vault.state(FORMER)
        if told is not None:
            kept = msgspec.json.decode(told, type=FormerKeys)
            known.former = tuple(map(VerifierKey.parse, kept.former))
            known.lost = tuple(map(VerifierKey.parse, kept.lost))
        view = cls(known, vault, wire, clock)
        if reference is not None:
            view.heed(reference)
        view.log = TrustedLog(
            origin,
            known.verifiers,
            vault.state(CHECKPOINT),
            policy=known.policy,
            former=known.former,
            lost=known.lost,
        )
        return view

    def heed(self, reference: Reference) -> None:
        """Go on with the keys and witnesses that the agency names. Former keys are saved first:
        what they signed is the beginning of this view."""
        if self.heeded is not None and all(map(operator.is_, self.heeded, (reference, self.log))):
            return
        before = (self.log.verifiers, self.log.former, self.log.lost)
        keys, lost = readable(reference.log_keys), readable(reference.log_keys_lost)
        self.log.trust(keys, self._policy(reference), lost)
        self.heeded = (reference, self.log)
        if (self.log.verifiers, self.log.former, self.log.lost) != before:
            kept = FormerKeys(*([key.text() for key in some] for some in self._passed()))
            self.vault.set_state(FORMER, msgspec.json.encode(kept))

    def _passed(self) -> tuple[Sequence[VerifierKey], Sequence[VerifierKey]]:
        """Those in force too: newer reference data may be saved, and replace them, before they
        are heeded."""
        return (*self.log.former, *self.log.verifiers), self.log.lost

    def _policy(self, reference: Reference) -> Policy:
        try:
            return Policy.parse(reference.witnesses, reference.witness_quorum)
        except FujieError as error:
            log.warning("witnesses that this program cannot read: %s", error)
            # Nobody can satisfy it: what was asked for must not become nothing at all.
            nobody = WitnessKey("unreadable.invalid", self.log.verifiers[0].public_key)
            return Policy((nobody,), 1) if reference.witness_quorum else NOBODY

    def is_known(self, note: bytes) -> bool:
        """Whether a head is signed by a key that is known here, and witnessed as the policy asks;
        if it is not, newer reference data may say more."""
        try:
            open_checkpoint(note, self.log.verifiers, self.log.origin, self.log.policy)
        except (UnknownSigner, Unwitnessed):
            return False
        return True

    def is_foreign(self, note: bytes) -> bool:
        """Whether a head bears another log's name. Nothing is verified."""
        return note.partition(b"\n")[0] != self.log.origin.encode()

    def confirm(self, note: bytes) -> None:
        """Check that a named head lies on the history that was seen here, or lead the view to
        it. Raises what ``advance`` raises."""
        keys = (*self.log.verifiers, *self.log.former, *self.log.lost)
        named = open_checkpoint(note, keys, self.log.origin).size
        old, new = sorted((named, self.log.size))
        proof = self.proof(old, new)[0] if 0 < old < new else []
        # Nobody signed that proof: one that fails shows an answer that was altered, and no more.
        self.advance(note, proof, earlier=named < self.log.size, patience=None)

    def advance(
        self,
        note: bytes,
        proof: Sequence[bytes],
        *,
        earlier: bool = False,
        patience: int | None = PATIENCE,
    ) -> None:
        """Move the view of the log forward, or keep the alarm and its evidence for good. A proof
        that fails is an alarm after so many in a row; without ``patience`` it never is."""
        try:
            (self.log.confirm if earlier else self.log.advance)(note, proof)
        except Alarm as alarm:
            waits = patience is None or self.doubts < patience
            if waits and not getattr(alarm, "conclusive", False):
                self.doubts += patience is not None
                raise _doubted(alarm) from alarm
            self.keep_alarm(alarm)
            raise
        if patience is not None:
            self.doubts = 0

    def keep_alarm(self, alarm: Alarm) -> None:
        """Save an alarm's evidence, and at once that nothing is sent any more; the evidence of one
        that stands already stays. A disk that is too full for it takes no alarm back."""
        try:
            with self.vault.transaction() as session:
                if session.get(StateRow, ALARM) is None:
                    stages.put(session, ALARM, _evidence(alarm, self.clock.wall_ms()))
                stages.put(session, HALTED, ALARM.encode())
        except FujieError as error:
            log.error("an alarm could not be kept: %s", error)
            return
        self.noted = alarm

    def keep(self, session: Session) -> None:
        """Save the head of the view together with what it proves."""
        if self.log.checkpoint_bytes is not None:
            stages.put(session, CHECKPOINT, self.log.checkpoint_bytes)

    def proof(self, old: int, new: int | None = None) -> tuple[list[bytes], bytes]:
        """The hashes that lead from ``old`` entries to ``new`` or to the newest head, and that
        head; as the server says, with nothing verified."""
        to = "" if new is None else f"&new={new}"
        left = self.wire.get_text("/log/consistency", f"old={old}{to}")
        lines: list[str] = []
        while left and not left.startswith("\n"):
            line, _, left = left.partition("\n")
            lines.append(line)
        try:
            return [base64.b64decode(line, validate=True) for line in lines], left[1:].encode()
        except binascii.Error:
            raise unclear("a proof in no known form") from None


def readable(texts: Sequence[str]) -> list[VerifierKey]:
    """The keys among these that this program can read; a later version may name others too."""
    keys = []
    for text in texts:
        with suppress(FujieError):
            keys.append(VerifierKey.parse(text))
    return keys


def _doubted(alarm: Alarm) -> ServerUnclear:
    return ServerUnclear(
        "What the centre's log shows does not fit what this tablet saw of it ({fault}). Nothing "
        "was changed; it is asked again, and if it stays like that, it is an alarm.",
        fault=alarm,
    )


def _evidence(alarm: Alarm, at: int) -> bytes:
    return msgspec.json.encode(
        {
            "template": alarm.template,
            "facts": {key: str(value) for key, value in alarm.facts.items()},
            "evidence": [note.decode(errors="replace") for note in alarm.evidence],
            "at": at,
        }
    )
