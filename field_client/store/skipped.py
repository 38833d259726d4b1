"""Why a blob stays on this tablet: the server's refusal, or what is wrong with its file.

    note(session, sha256, error)     it was skipped; the others go on
    forget(session, sha256)          it is on its way after all
    skipped(session)                 the reason of each, in words that can be translated

Kept in the vault, so that a person who looks, or an export, finds it also after a restart.

>>> str(restored(b'{"template": "{left} attempts left", "facts": {"left": 4}}'))
'4 attempts left'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from sqlmodel import Session, select

from field_client.store.tables import BlobRow, SkippedRow, Stage
from protocol.errors import FujieError


@dataclass(frozen=True)
class Reason:
    """What an error said: ``template`` is the gettext msgid, ``facts`` fill it in."""

    template: str
    facts: Mapping[str, str | int]

    def __str__(self) -> str:
        return self.template.format(**self.facts)


def note(session: Session, name: bytes, error: FujieError) -> None:
    """Keep why a blob was skipped; a newer reason takes the place of an older one."""
    facts = {
        key: value if isinstance(value, str | int) else str(value)
        for key, value in error.facts.items()
    }
    told = msgspec.json.encode({"template": error.template, "facts": facts})
    session.merge(SkippedRow(sha256=name, reason=told))


def forget(session: Session, name: bytes) -> None:
    """Nothing keeps this blob any more."""
    row = session.get(SkippedRow, name)
    if row is not None:
        session.delete(row)


def skipped(session: Session) -> Mapping[bytes, Reason]:
    """The blobs that are still to be sent and were skipped when they were tried last, with why."""
    rows = session.exec(
        select(SkippedRow, BlobRow).where(SkippedRow.sha256 == BlobRow.sha256)
    ).all()
    waiting = Stage.RECEIPTED.rank
    return {
        row.sha256: restored(row.reason) for row, blob in rows if Stage(blob.stage).rank < waiting
    }


def restored(reason: bytes) -> Reason:
    """A reason as it was kept."""
    told = msgspec.json.decode(reason)
    return Reason(told["template"], told["facts"])
