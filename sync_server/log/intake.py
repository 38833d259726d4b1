"""Intake: what a pushed item is worth, and whether its link follows.

    verify   beside the writer: form and signatures → accepted, or flagged with reasons; of a push
             of which nothing needs to be said, ``stretch.together`` says the same at once
    admit    in the writer, pure: the order of the links → places old and new, or one refusal

Admission is not judgement: whether an act was lawful is for findings. Nothing that an enrolled
device states is dropped. A statement that is absent, altered or not understood gets a flagged
entry and the chain goes on behind it; only a link that does not follow stops a push, because
nothing after it can be placed. What such a link shows is kept as evidence.

    reason of a refusal     the push           the journal          the bytes
    malformed               stops there        unchanged            not kept: no link names them
    gap                     stops there        unchanged            sent again by the device
    fork, rewrite           stops there        ends                 kept as evidence
    closed                  stops there        has ended            kept as evidence
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import msgspec

from protocol import envelope as dsse
from protocol import statements
from protocol.blobnames import blobs_wanted
from protocol.chain import Head, Held, Link, decode_link, expect_next
from protocol.envelope import STATEMENT_TYPE, Envelope
from protocol.errors import (
    BadSignature,
    BrokenChain,
    Fork,
    Gap,
    Malformed,
    Rewrite,
    UnknownSigner,
)
from protocol.messages import PushItem
from protocol.receipt import Reason, Verdict
from protocol.registry.registry import KINDS, Registry
from protocol.statements import BlobRef, Statement, Unknown, case_of, kind_of

BELIEVED = frozenset(KINDS) | {"blob_stored"}
"""Kinds that change what the server knows of people, keys and blobs, if those say so who may."""

_DISORDER = "expected the links of one push in ascending order; send them again in order"


class Said(msgspec.Struct, frozen=True, array_like=True):
    """What is written down of a statement that was read: by what it is looked up, and the blobs
    that it names. ``case`` is its case's id."""

    kind: str
    agency: str
    at: int
    case: bytes | None
    blobs: tuple[BlobRef, ...]

    @classmethod
    def of(cls, read: Statement | Unknown, body: bytes, record: bytes) -> Said:
        """That of the record that was read from ``body``."""
        blobs = tuple(blobs_wanted(read, body))
        return cls(kind_of(read), read.agency, read.at, case_of(read, record), blobs)


class Checked(msgspec.Struct, frozen=True, array_like=True, tag="checked"):
    """One item after ``verify``. ``statement`` is the envelope's bytes if they are the linked
    record's; ``stray`` are bytes that came in their place and are not. ``registry`` is the version
    of what was known of keys."""

    link: Link
    link_bytes: bytes
    link_hash: bytes
    statement: bytes | None = None
    stray: bytes | None = None
    said: Said | None = None
    signers: tuple[bytes, ...] = ()
    reasons: tuple[Reason, ...] = ()
    registry: int = 0

    @property
    def verdict(self) -> Verdict:
        """Accepted if there is nothing to say against it."""
        return Verdict.FLAGGED if self.reasons else Verdict.ACCEPTED


class BadLink(msgspec.Struct, frozen=True, array_like=True, tag="bad_link"):
    """Bytes where a link should be."""

    explanation: str


@dataclass(frozen=True)
class Stopped:
    """Why a push stopped. ``evidence`` are the items kept because of what they show; ``held`` is
    the link that the first of them contradicts, so that the two prove a fork to anybody."""

    reason: str
    explanation: str
    evidence: tuple[Checked, ...] = ()
    held: bytes | None = None

    @property
    def ends_journal(self) -> bool:
        """Whether the journal takes nothing more after this."""
        return self.reason in ("fork", "rewrite", "closed")


@dataclass(frozen=True)
class Admission:
    """What becomes of a push: items in their order with the place of those that are held
    already, the head afterwards, and what stopped it."""

    items: tuple[tuple[Checked, int | None], ...]
    head: Head
    stopped: Stopped | None = None


def verify(item: PushItem, registry: Registry) -> Checked | BadLink:
    """Check one item's form and signatures against what is known of keys."""
    try:
        link = decode_link(item.link)
    except Malformed as fault:
        return BadLink(str(fault))
    link_hash = hashlib.sha256(item.link).digest()
    bare = (link, item.link, link_hash)
    if item.statement is None:
        return _flagged(bare, registry, Reason.STATEMENT_ABSENT)
    try:
        envelope = dsse.decode(item.statement)
    except Malformed:
        return _flagged(bare, registry, Reason.MALFORMED, item.statement)
    if dsse.record_hash(envelope) != link.record:
        return _flagged(bare, registry, Reason.STATEMENT_ABSENT, item.statement)
    return check_statement(*bare, envelope, item.statement, registry)


class Judged(NamedTuple):
    """A statement, read, and what its signatures are worth."""

    read: Statement | Unknown | None
    signers: tuple[bytes, ...]
    reasons: tuple[Reason, ...]


def judge(envelope: Envelope, registry: Registry) -> Judged:
    """Read a statement and verify its signatures."""
    read, reason = _read(envelope)
    signers, other = _signers(envelope, registry.lookup_for(read))
    if reason is None and other is None:
        return Judged(read, signers, ())
    return Judged(read, signers, tuple(sorted({one for one in (reason, other) if one})))


def _signers(envelope: Envelope, lookup: dsse.Lookup) -> tuple[tuple[bytes, ...], Reason | None]:
    try:
        verified = dsse.check(envelope, lookup).verified
    except UnknownSigner:
        return (), Reason.UNKNOWN_SIGNER
    except BadSignature:
        return (), Reason.BAD_SIGNATURE
    # By keys of a suite that this server lacks, and by no other: that cannot be told yet.
    return tuple([key.key_id for key in verified]), None if verified else Reason.UNREADABLE_YET


def check_statement(
    link: Link,
    link_bytes: bytes,
    link_hash: bytes,
    envelope: Envelope,
    data: bytes,
    registry: Registry,
) -> Checked:
    """A link whose record is this statement, read and with its signatures verified."""
    read, signers, reasons = judge(envelope, registry)
    said = None if read is None else Said.of(read, envelope.body, link.record)
    version = registry.version
    return Checked(link, link_bytes, link_hash, data, None, said, signers, reasons, version)


def verify_again(checked: Checked, registry: Registry) -> Checked:
    """The same item in the light of a newer registry, if that could change anything."""
    if checked.registry == registry.version or Reason.UNKNOWN_SIGNER not in checked.reasons:
        return checked
    again = verify(PushItem(link=checked.link_bytes, statement=checked.statement), registry)
    return again if isinstance(again, Checked) else checked


def admit(
    head: Head,
    state: str,
    items: Iterable[Checked | BadLink],
    held: Callable[[int], tuple[bytes, int] | None],
    link_at: Held = lambda _sequence: None,
) -> Admission:
    """Place items after ``head``. ``held(sequence)`` gives the hash and index of an admitted
    link of this journal, ``link_at(sequence)`` its bytes. Only an open journal takes what is
    new."""
    placed: list[tuple[Checked, int | None]] = []
    rest = list(items)
    last = -1
    for number, item in enumerate(rest):
        if isinstance(item, BadLink):
            return Admission(tuple(placed), head, Stopped("malformed", item.explanation))
        if item.link.sequence <= last:
            return Admission(tuple(placed), head, Stopped("malformed", _DISORDER))
        last = item.link.sequence
        known = held(item.link.sequence) if item.link.sequence < head.length else None
        if known is not None and known[0] == item.link_hash:
            placed.append((item, known[1]))
            continue
        stopped = _follow(head, item, state, link_at)
        if stopped is not None:
            return Admission(tuple(placed), head, _with_evidence(stopped, rest[number:]))
        head = Head(item.link.sequence + 1, item.link_hash)
        placed.append((item, None))
    return Admission(tuple(placed), head)


def _follow(head: Head, item: Checked, state: str, link_at: Held) -> Stopped | None:
    if state == "closed":
        return Stopped("closed", "this journal is closed; pull, and go on in its successor")
    try:
        expect_next(head, item.link, link_at)
    except Gap as fault:
        return Stopped("gap", str(fault))
    except Rewrite as fault:
        return Stopped("rewrite", str(fault), held=_second(fault))
    except Fork as fault:
        return Stopped("fork", str(fault), held=_second(fault))
    if state != "open":
        return Stopped("fork", "this journal has forked; the office closes it and opens another")
    return None


def _second(fault: BrokenChain) -> bytes | None:
    return fault.evidence[1] if len(fault.evidence) > 1 else None


def _with_evidence(stopped: Stopped, rest: Sequence[Checked | BadLink]) -> Stopped:
    if not stopped.ends_journal:
        return stopped
    kept = tuple(item for item in rest if isinstance(item, Checked))
    return replace(stopped, evidence=kept)


def _read(envelope: Envelope) -> tuple[Statement | Unknown | None, Reason | None]:
    if envelope.payload_type != STATEMENT_TYPE:
        return None, Reason.UNREADABLE_YET
    try:
        read = statements.decode(envelope.body)
    except Malformed:
        return None, Reason.MALFORMED
    return read, Reason.UNREADABLE_YET if isinstance(read, Unknown) else None


def _flagged(
    bare: tuple[Link, bytes, bytes], registry: Registry, reason: Reason, stray: bytes | None = None
) -> Checked:
    return Checked(*bare, stray=stray, reasons=(reason,), registry=registry.version)
