"""What one person signed and a second is to sign: kept until it is confirmed, returned or replaced.

    drafts.save(db, draft, instead)   by the first person, in place of the one that was seen
    drafts.find(db, issued)           what waits for a decision
    drafts.of_agency(db, agency)      what waits in an office, the oldest first
    drafts.give_back(db, read, why, account)
    drafts.take(connection, read)     by the writer, which states it in the same transaction
    cosigned(draft, signer)           the same statements with the second signature

A draft is private state: whatever it says becomes a fact when the second person's signature and
the first one's go into the log together, over the same bytes. Whoever replaces, returns or
confirms one says which one was read: of two who do so at once the second sees what the first did.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection
from sqlmodel import Session, col, select

from protocol import envelope as dsse
from protocol import statements
from protocol.envelope import STATEMENT_TYPE, Envelope
from protocol.keys import Ed25519Signer
from protocol.statements import (
    DisclosureCorrected,
    DisclosurePublished,
    DisclosureWithheld,
    RuleOverridden,
    Statement,
    WithholdingLifted,
)
from sync_server.log.journal import Changed
from sync_server.store.db import Database
from sync_server.store.desktables import DRAFT, DraftRow

Proposed = DisclosurePublished | DisclosureCorrected | DisclosureWithheld | WithholdingLifted
PURPOSES = {
    DisclosurePublished: "published",
    DisclosureCorrected: "corrected",
    DisclosureWithheld: "withheld",
    WithholdingLifted: "lifted",
}

_envelopes = msgspec.msgpack.Decoder(list[bytes])


@dataclass(frozen=True)
class Draft:
    """A saved draft. ``told`` are its statements, the act itself first; ``by`` is the account that
    signed them, ``returned`` why a second person sent it back, empty while it waits."""

    issued: bytes
    case: bytes
    agency: str
    by: str
    saved_at: int
    envelopes: tuple[Envelope, ...]
    returned: str = ""
    returned_by: str = ""

    @property
    def told(self) -> list[Statement]:
        """What is to be stated."""
        read = [statements.decode(one.body) for one in self.envelopes]
        return [one for one in read if isinstance(one, Statement)]

    @property
    def act(self) -> Proposed:
        """What the draft is of."""
        act = self.told[0]
        assert isinstance(act, Proposed)
        return act

    @property
    def purpose(self) -> str:
        """What the draft is of, in a word: published, corrected, withheld or lifted."""
        return PURPOSES[type(self.act)]

    @property
    def digest(self) -> str:
        """What tells this draft from another of the same decision, and from itself sent back."""
        signed = b"".join(dsse.encode(one) for one in self.envelopes)
        return hashlib.sha256(signed + self.returned.encode()).hexdigest()

    @property
    def late_reason(self) -> str:
        """Why it is late, where it is."""
        return next((x.reason for x in self.told if isinstance(x, RuleOverridden)), "")

    @property
    def signers(self) -> tuple[bytes, ...]:
        """The keys that signed it."""
        return tuple(one.key_id for one in self.envelopes[0].signatures)


def signed(told: Sequence[Statement], signer: Ed25519Signer) -> tuple[Envelope, ...]:
    """The statements with the first signature."""
    return tuple(dsse.sign(STATEMENT_TYPE, statements.encode(one), [signer]) for one in told)


def cosigned(draft: Draft, signer: Ed25519Signer) -> list[Envelope]:
    """The same bytes with a second signature."""
    made = []
    for one in draft.envelopes:
        (second,) = dsse.sign(one.payload_type, one.body, [signer]).signatures
        both = tuple(sorted((*one.signatures, second)))
        made.append(msgspec.structs.replace(one, signatures=both))
    return made


def save(db: Database, draft: Draft, instead: str) -> None:
    """Keep a draft in place of the one with the digest ``instead``; empty: of none. Raises
    Changed."""
    with db.private() as session:
        if _digest(session, draft.issued) != instead:
            raise Changed(
                "another draft of this decision was saved, sent back or signed while you wrote "
                "yours; read it, then decide again"
            )
        session.merge(
            DraftRow(
                issued=draft.issued,
                case_id=draft.case,
                agency=draft.agency,
                account=draft.by,
                saved_at=draft.saved_at,
                envelopes=msgspec.msgpack.encode([dsse.encode(one) for one in draft.envelopes]),
            )
        )


def find(db: Database, issued: bytes) -> Draft | None:
    """The draft of a decision."""
    with db.reading() as session:
        row = session.get(DraftRow, issued)
        return _read(row) if row else None


def of_agency(db: Database, agency: str) -> list[Draft]:
    """Every draft of an agency, the oldest first."""
    with db.reading() as session:
        query = select(DraftRow).where(DraftRow.agency == agency)
        return [_read(one) for one in session.exec(query.order_by(col(DraftRow.saved_at)))]


def give_back(db: Database, read: Draft, why: str, account: str) -> None:
    """Say why a draft is not confirmed; it stays until it is saved again. Raises Changed."""
    with db.private() as session:
        expect_same(_digest(session, read.issued), read.digest)
        row = session.get_one(DraftRow, read.issued)
        row.returned, row.returned_by = why, account
        session.add(row)


def take(connection: Connection, read: Draft) -> None:
    """Forget a draft, in the transaction that states it. Raises Changed."""
    mine = DRAFT.c.issued == read.issued
    held = connection.execute(DRAFT.select().where(mine)).mappings().first()
    expect_same(_read(DraftRow(**held)).digest if held else "", read.digest)
    connection.execute(DRAFT.delete().where(mine))


def expect_same(found: str, read: str) -> None:
    """Raises Changed unless the draft that waits is the one that was read."""
    if found != read:
        raise Changed("another draft was saved while you read this one; read it, then sign")


def _digest(session: Session, issued: bytes) -> str:
    row = session.get(DraftRow, issued)
    return _read(row).digest if row else ""


def _read(row: DraftRow) -> Draft:
    return Draft(
        row.issued,
        row.case_id,
        row.agency,
        row.account,
        row.saved_at,
        tuple(dsse.decode(one) for one in _envelopes.decode(row.envelopes)),
        row.returned,
        row.returned_by,
    )
