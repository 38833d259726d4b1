"""What an answer of the server proves, before anything of it is saved. No I/O.

    receipts(sent, answer, log)       the log admitted exactly these links of these records
    refusal(data, keys, journal, …)   the office's own signed no, for this journal, not an old one
    office_record(record, log, …)     a statement of the office that the log accepted

Each raises when the proof is broken (``Unverified``, ``Malformed``) or the answer contradicts
itself (``ServerUnclear``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from field_client.contact.wire import unclear
from protocol import chain, envelope, merkle, paths, statements
from protocol.checkpoint import open_checkpoint
from protocol.credential import IssuerClaims, issuer_of, open_device
from protocol.errors import UnknownSigner
from protocol.keys import Verifier
from protocol.messages import REFUSAL_TYPE, OfficeRecord, PushAnswer, Refusal
from protocol.receipt import Entry, Receipt, Verdict, verify_receipt
from protocol.reference import Reference
from protocol.statements import BlobStored, JournalClosed, NumbersGranted, Statement, Unknown
from protocol.trust import TrustedLog

OFFICE = "office"

Sent = tuple[bytes, bytes | None]
"""A link and its statement's envelope, as they were pushed; a damaged one was not."""


@dataclass(frozen=True)
class Proved:
    """An office's record: its statement, hash, place in the log, and when it was received."""

    statement: Statement | Unknown
    record: bytes
    receipt: Receipt
    link: bytes
    envelope: bytes

    @property
    def place(self) -> int:
        """Its place in the log."""
        return self.receipt.index


def receipts(
    sent: Sequence[Sent], answer: PushAnswer, log: TrustedLog
) -> list[tuple[bytes, Receipt]]:
    """The verified receipts of the first of the ``sent`` links, by link hash."""
    if answer.runs:
        return _together(sent, answer, log)
    if len(answer.admitted) > len(sent):
        raise unclear(
            "{receipts} receipts for {links} links", receipts=len(answer.admitted), links=len(sent)
        )
    proved = []
    for (data, _), admitted in zip(sent, answer.admitted, strict=False):
        receipt = Receipt(admitted.entry, admitted.index, tuple(admitted.proof), answer.checkpoint)
        link = chain.decode_link(data)
        verify_receipt(receipt, link.hash(), link.record, log.verifiers, log.origin, log.policy)
        proved.append((link.hash(), receipt))
    return proved


def _together(
    sent: Sequence[Sent], answer: PushAnswer, log: TrustedLog
) -> list[tuple[bytes, Receipt]]:
    """The same from runs: each entry is put together from the link itself, and all are proved by
    what they share."""
    places = [
        (run.first + place, run.at, tuple(run.flags.get(place, b"")))
        for run in answer.runs
        for place in range(run.count)
    ]
    if len(places) > len(sent):
        raise unclear(
            "{receipts} receipts for {links} links", receipts=len(places), links=len(sent)
        )
    entries: dict[int, tuple[bytes, bytes]] = {}
    for (data, _), (index, at, reasons) in zip(sent, places, strict=False):
        verdict = Verdict.FLAGGED if reasons else Verdict.ACCEPTED
        link = chain.decode_link(data)
        entry = Entry(link.hash(), link.record, at, verdict, reasons)
        entries[index] = link.hash(), entry.encode()
    if len(entries) < len(places):
        raise unclear("one place for several links")
    head = open_checkpoint(answer.checkpoint, log.verifiers, log.origin, log.policy)
    leaves = {index: merkle.leaf_hash(entry) for index, (_, entry) in entries.items()}
    found = paths.paths(leaves, head.size, answer.beside, head.root)
    return [
        (link_hash, Receipt(entry, index, tuple(found[index]), answer.checkpoint))
        for index, (link_hash, entry) in entries.items()
    ]


def refusal(
    data: bytes, keys: Mapping[bytes, Verifier], journal: bytes, not_before: int
) -> Refusal:
    """The signed refusal of a push of ``journal``. One from before ``not_before`` (ms) is an old
    one that somebody plays again."""
    signed = envelope.decode(data)
    envelope.verify(signed, keys.get)
    if signed.payload_type != REFUSAL_TYPE:
        raise unclear("a refusal of the type {type}", type=signed.payload_type[:80])
    try:
        told = msgspec.json.decode(signed.body, type=Refusal)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise unclear("a refusal in no known form") from None
    if told.journal != journal.hex() or told.at < not_before:
        raise unclear("a refusal of something else")
    return told


def office_record(
    record: OfficeRecord,
    log: TrustedLog,
    issuers: Sequence[IssuerClaims],
    office: Mapping[bytes, Verifier],
) -> Proved:
    """A record of the office that the log accepted. Numbers are an issuer's to grant, a journal
    is closed under its signature, and that a blob is stored is the office device's to say;
    staff's keys are not known here, and the log's verdict stands for their signatures."""
    signed = envelope.decode(record.statement)
    record_hash = envelope.record_hash(signed)
    receipt = Receipt.decode(record.receipt)
    link = chain.decode_link(record.link)
    verify_receipt(receipt, link.hash(), record_hash, log.verifiers, log.origin, log.policy)
    if receipt.entry.verdict is not Verdict.ACCEPTED:
        raise unclear("a record of the office that its own log does not accept")
    if signed.payload_type != envelope.STATEMENT_TYPE:
        raise unclear("a record of the type {type}", type=signed.payload_type[:80])
    statement = statements.decode(signed.body)
    if isinstance(statement, NumbersGranted):
        envelope.verify(signed, {one.key_id: one.verifier for one in issuers}.get)
    if isinstance(statement, JournalClosed):
        _expect_signer(signed, {one.key_id: one.verifier for one in issuers})
    if isinstance(statement, BlobStored):
        envelope.verify(signed, office.get)
    if statement.agency != issuers[0].agency:
        raise UnknownSigner(
            "expected records of agency {agency}, got one of {got}; ask the office",
            agency=issuers[0].agency,
            got=statement.agency,
        )
    return Proved(statement, record_hash, receipt, record.link, record.statement)


def _expect_signer(signed: envelope.Envelope, keys: Mapping[bytes, Verifier]) -> None:
    """One of these is among those that signed; the others may be a person's, not known here."""
    its = [made for made in signed.signatures if made.key_id in keys]
    if not its:
        raise UnknownSigner("expected the signature of the agency's issuer; ask the office")
    envelope.verify(msgspec.structs.replace(signed, signatures=tuple(its)), keys.get)


def office_keys(reference: Reference, issuers: Sequence[IssuerClaims]) -> dict[bytes, Verifier]:
    """The keys of the office's own devices, as the roster certifies them; former ones too, whose
    records may still be on their way."""
    return _office_keys(reference, issuers, former=True)


def answering_keys(reference: Reference, issuers: Sequence[IssuerClaims]) -> dict[bytes, Verifier]:
    """The keys by which the office answers now: those in force alone."""
    return _office_keys(reference, issuers, former=False)


def _office_keys(
    reference: Reference, issuers: Sequence[IssuerClaims], *, former: bool
) -> dict[bytes, Verifier]:
    offices = [device for device in reference.devices if device.name == OFFICE]
    certificates = [one.certificate for one in offices]
    if former:
        certificates += [data for one in offices for data in one.former]
    claims = [open_device(data, issuer_of(data, issuers)) for data in certificates]
    return {one.key_id: one.verifier for one in claims}
