"""Where this tablet's history and the centre's part, and what shows it.

    other_history(session, answer)   the head that an answer names is no link of ours
    expect_proof(session, refusal)   a fork is refused with the link that ours contradicts

A tablet that was restored from a copy goes on from where the copy was made; what it had sent after
that is at the centre, and its next links take the same places. The office closes the journal then
(``reopening.py``).
"""

from __future__ import annotations

from contextlib import suppress

from sqlmodel import Session, select

from field_client.contact.inventory import open_journal
from field_client.contact.wire import unclear
from field_client.errors import OtherHistory
from field_client.store.tables import LinkRow
from protocol import chain
from protocol.errors import Malformed, NoFork
from protocol.messages import PushAnswer, Refusal


def other_history(session: Session, answer: PushAnswer) -> OtherHistory | None:
    """What to say if the centre's head of our journal is no link of ours."""
    journal = open_journal(session)
    ours = _link_at(session, journal.id, answer.length - 1)
    if answer.length == 0 or (ours is not None and ours.link_hash == answer.head):
        return None
    return OtherHistory(
        "The centre holds {theirs} records of this tablet and here are {ours}, and they are not "
        "the same: the tablet was restored from a copy. Nothing is lost. Ask the office to close "
        "this tablet's journal.",
        theirs=answer.length,
        ours=journal.length,
    )


def expect_proof(session: Session, refusal: Refusal) -> None:
    """A refusal that names the link which the centre holds has to contradict ours. Raises
    ServerUnclear."""
    if not refusal.held:
        return
    try:
        held = bytes.fromhex(refusal.held)
        place = chain.decode_link(held).sequence
    except (ValueError, Malformed):
        raise unclear("a link in no known form") from None
    for at in (place, place + 1):
        ours = _link_at(session, bytes.fromhex(refusal.journal), at)
        if ours is None:
            continue
        with suppress(NoFork):
            chain.check_fork(held, ours.link)
            return
    raise unclear("a fork at {place}, where the centre's link is ours", place=place)


def _link_at(session: Session, journal: bytes, sequence: int) -> LinkRow | None:
    return session.exec(
        select(LinkRow).where(LinkRow.journal == journal, LinkRow.sequence == sequence)
    ).first()
