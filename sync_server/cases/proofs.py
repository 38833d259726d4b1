"""Whether a published text is what was signed: computed anew, each time somebody looks.

    1  the issuing statement's hash is the one that the publication names, its signatures hold,
       two officers are among the signers
    2  its link names it, and the log has the link (receipt to the newest signed head)
    3  the same for the publication, which two persons of the staff signed
    4  every opened piece opens its commitment, in order, and the commitments are under the
       root that was signed by hand

What a reader downloads (``bundle``) is all that he needs to do the same with ``fujie-verify``'s
library, or by hand: nothing in it has to be believed.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from protocol import envelope as dsse
from protocol import redaction, statements
from protocol.case import Record
from protocol.errors import FujieError, Unverified
from protocol.note import VerifierKey
from protocol.receipt import verify_receipt
from protocol.registry import authority
from protocol.statements import DisclosureCorrected, DisclosurePublished, DocumentIssued, Statement
from sync_server.log.factrows import Linked
from sync_server.log.facts import Facts
from sync_server.projections import disclosure
from sync_server.projections.tables import DisclosureRow

T = TypeVar("T", bound=Statement)


@dataclass(frozen=True)
class Step:
    """One check: what it is (a msgid), and what is wrong, None if it holds."""

    name: str
    fault: FujieError | None = None


@dataclass(frozen=True)
class Proof:
    """The checks of one publication and, if they could be read, the statements."""

    steps: tuple[Step, ...]
    issued: DocumentIssued | None = None

    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return all(step.fault is None for step in self.steps)


STEPS = (
    "The decision's record is signed by the officers and unchanged",
    "The log holds the decision's record",
    "The publication is signed by two persons and in the log",
    "Every word shown is a word that was signed",
)


def prove(facts: Facts, log_key: str, row: DisclosureRow) -> Proof:
    """Check a publication from the facts, trusting no column of the row."""
    held: dict[str, DocumentIssued] = {}

    def signed() -> None:
        record = _record(facts, row.issued, DocumentIssued)
        if len(authority.officers_of(facts.registry, record)) < 2:
            raise Unverified("expected a decision that two officers signed")
        held["issued"] = record.statement

    def logged() -> None:
        _logged(facts, log_key, row.issued)

    def published() -> None:
        record = _shown(facts, row.publication)
        if not authority.stands(facts.registry, record):
            raise Unverified("expected a publication that two persons of the staff signed")
        said = record.statement
        _logged(facts, log_key, row.publication)
        names = [one.name for one in disclosure.opened_of(row)]
        if said.issued != row.issued.hex() or said.shown != names:
            raise Unverified("expected the pieces that were published, got others")

    def words() -> None:
        if "issued" not in held:
            raise Unverified("expected the decision's record to compare with, found none")
        redaction.check_root(held["issued"].segments, held["issued"].root)
        redaction.check(held["issued"].segments, disclosure.opened_of(row))

    done = [
        _step(name, run)
        for name, run in zip(STEPS, (signed, logged, published, words), strict=True)
    ]
    return Proof(tuple(done), held.get("issued"))


def bundle(facts: Facts, log_key: str, row: DisclosureRow) -> bytes:
    """What one needs to check the publication without this server: JSON."""
    opened = [
        {"name": one.name, "salt": one.salt, "text": one.text} for one in disclosure.opened_of(row)
    ]
    made = {
        "format": "fujie/public-proof/v1",
        "log": log_key,
        "decision": _evidence(facts, row.issued),
        "publication": _evidence(facts, row.publication),
        "opened": opened,
    }
    return msgspec.json.format(msgspec.json.encode(made), indent=1)


def _step(name: str, run: Callable[[], None]) -> Step:
    try:
        run()
    except FujieError as fault:
        return Step(name, fault)
    return Step(name)


def _shown(facts: Facts, record: bytes) -> Record[disclosure.Showing]:
    """The publication, or its last correction."""
    made = _record(facts, record, Statement)
    if isinstance(made.statement, DisclosurePublished | DisclosureCorrected):
        return Record(made.hash, made.statement, made.signers, made.link, made.index)
    raise Unverified("expected another kind of record; run fujie-server rebuild")


def _record(facts: Facts, record: bytes, kind: type[T]) -> Record[T]:
    """A record read from its bytes, every signature verified again."""
    data = facts.envelope(record)
    if data is None:
        raise Unverified("expected record {record} in the store, found none", record=record.hex())
    envelope = dsse.decode(data)
    if dsse.record_hash(envelope) != record:
        raise Unverified("expected record {record}, its bytes are another", record=record.hex())
    keys = tuple(key.key_id for key in dsse.verify(envelope, facts.registry.verifier))
    read = statements.decode(envelope.body)
    if not isinstance(read, kind):
        raise Unverified("expected another kind of record; run fujie-server rebuild")
    linked = _linked(facts, record)
    return Record(record, read, keys, linked.link, linked.index)


def _linked(facts: Facts, record: bytes) -> Linked:
    found = facts.links_of([record])
    if not found or found[0].link.record != record or found[0].link.hash() != found[0].link_hash:
        raise Unverified("expected a link of record {record}, found none", record=record.hex())
    return found[0]


def _logged(facts: Facts, log_key: str, record: bytes) -> None:
    linked = _linked(facts, record)
    key = VerifierKey.parse(log_key)
    receipt = facts.receipt(linked.link_hash)
    verify_receipt(receipt, linked.link_hash, record, [key], key.name)


def _evidence(facts: Facts, record: bytes) -> dict[str, object]:
    linked = _linked(facts, record)
    signed = dsse.decode(linked.envelope or b"")
    return {
        "record": record.hex(),
        "statement": msgspec.Raw(dsse.encode_json(signed)),
        "link": base64.b64encode(linked.link_bytes).decode(),
        "receipt": facts.receipt(linked.link_hash).encode().decode(),
    }
