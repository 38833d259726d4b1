"""The registry from records as they lie in a log: who is who after all of them.

    fold(records, offices)          records: ``Admitted``, in the order of the log

Only accepted records of the office count, and those of a lower level's server about its own people
(``lower.py``). Signatures are checked against what the records before made known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from protocol import envelope as dsse
from protocol import statements
from protocol.chain import Link
from protocol.envelope import STATEMENT_TYPE
from protocol.errors import Malformed, Unverified
from protocol.registry import lower
from protocol.registry.registry import Registry, Told, apply


@dataclass(frozen=True)
class Admitted:
    """A record as it was admitted at ``index``: its link, whether the entry says accepted, its
    envelope (msgpack form)."""

    link: Link
    index: int
    accepted: bool
    envelope: bytes


def fold(records: Iterable[Admitted], offices: Sequence[bytes]) -> Registry:
    """The registry after all of them. What cannot be read, or is signed by nobody who is known,
    changes nothing."""
    registry = Registry()
    for one in records:
        told = _told(one, registry) if one.accepted else None
        if told is not None and (
            one.link.journal in offices or lower.counts(registry, one.link.journal, told.statement)
        ):
            registry = apply(registry, told)
    return registry


def _told(one: Admitted, registry: Registry) -> Told | None:
    try:
        envelope = dsse.decode(one.envelope)
        read = statements.decode(envelope.body)
    except Malformed:
        return None
    if envelope.payload_type != STATEMENT_TYPE:
        return None
    try:
        signed = dsse.check(envelope, registry.lookup_for(read))
    except Unverified:
        signers: tuple[bytes, ...] = ()
    else:
        signers = tuple(key.key_id for key in signed.verified)
    return Told(read, signers, one.link.record, one.index, one.link.journal)
