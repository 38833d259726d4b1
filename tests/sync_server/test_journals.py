"""A journal that forked is closed, and another one is opened; nothing of either is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import chain
from protocol.calendar import local_day
from protocol.chain import EMPTY, Link, decode_link
from protocol.errors import Refused
from protocol.messages import PushItem
from protocol.statements import JournalClosed
from sync_server import demo
from sync_server.clock import system_clock
from sync_server.commands.evidence import close_journal
from sync_server.log.intake import Checked, admit
from sync_server.projections.comparing import differences
from sync_server.projections.runner import Projections
from sync_server.projections.tables import CASE
from sync_server.services import writing
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet

REASON = "从副本恢复"
PASSWORDS = {person.account: person.password for person in demo.STAFF}


class Forked:
    """YX-T07 with six links in the log, and a copy of it that goes on from the third."""

    def __init__(self, tablet: Tablet) -> None:
        self.tablet = tablet
        self.items = tablet.links(tablet.world.inspection())
        self.held, self.rest = self.items[:6], self.items[6:]
        tablet.push(self.held)
        self.branch = relinked(self.items[5:8], self.journal, head_of(self.held[:3]))

    @property
    def journal(self) -> bytes:
        return self.tablet.world.device.journal

    def collide(self) -> str:
        """The copy pushes; what the server says of it."""
        return self.tablet.refusal(self.tablet.push(self.branch)).reason

    def open(self, journal: bytes) -> None:
        """The tablet goes on in another journal."""
        self.tablet.world.device = replace(self.tablet.world.device, journal=journal)


def head_of(items: list[PushItem]) -> chain.Head:
    return chain.follow(map(link_of, items))


def link_of(item: PushItem) -> Link:
    return decode_link(item.link)


def relinked(items: list[PushItem], journal: bytes, head: chain.Head = EMPTY) -> list[PushItem]:
    """The same records in another place."""
    links = chain.relink(journal, map(link_of, items), head)
    return [
        PushItem(link=link.encode(), statement=item.statement)
        for link, item in zip(links, items, strict=True)
    ]


@pytest.fixture
def forked(tablet: Tablet) -> Forked:
    return Forked(tablet)


def close(server: Server, account: str = "tangyining") -> str:
    """The office closes the journal, its server stopped for a moment."""
    said: list[str] = []
    server.stop()
    close_journal(server.settings, demo.DEVICE, REASON, account, PASSWORDS.__getitem__, said.append)
    server.start()
    return said[0]


def closing_told(tablet: Tablet) -> JournalClosed:
    """What the tablet's pull says of its journal."""
    _, told = tablet.pull()
    (said,) = [one for one in told if isinstance(one, JournalClosed)]
    return said


def test_a_refused_branch_comes_with_the_link_that_it_contradicts(forked: Forked) -> None:
    """The two prove the fork to the tablet, and to anybody."""
    refusal = forked.tablet.refusal(forked.tablet.push(forked.branch))
    held = bytes.fromhex(refusal.held)
    assert held == forked.held[3].link
    assert chain.check_fork(held, forked.branch[0].link) == 3


def test_a_closed_journal_ends_where_the_log_ends_it(server: Server, forked: Forked) -> None:
    """The tablet hears it at its next pull, with the successor; fsck agrees."""
    assert forked.collide() == "rewrite"
    assert "唐一宁" in close(server)
    said = closing_told(forked.tablet)
    head = head_of(forked.held)
    assert (said.length, said.head) == (head.length, head.hash.hex())
    assert said.journal == forked.journal.hex()
    assert server.fsck()[-1].endswith("entries hold")


def test_what_the_closed_journal_lacks_goes_into_its_successor(
    server: Server, forked: Forked
) -> None:
    """All records of both branches are in the log or kept as evidence; the chain of each journal
    holds."""
    forked.collide()
    close(server)
    successor = bytes.fromhex(closing_told(forked.tablet).successor or "")
    again = relinked(forked.rest, successor)
    forked.open(successor)
    answer = forked.tablet.push(again)
    assert (answer.length, answer.refusal) == (len(again), None)
    assert server.fsck()[-1].endswith("entries hold")
    server.stop()
    with writing(server.settings, system_clock()) as services:
        evidence = [one.link for one in services.facts.evidence(demo.DEVICE)]
    assert evidence == [item.link for item in forked.branch]


def test_a_closed_journal_takes_nothing_more(server: Server, forked: Forked) -> None:
    """Not even what would have followed; it is kept, and the answer says where to go on."""
    close(server)
    answer = forked.tablet.push(forked.rest)
    assert forked.tablet.refusal(answer).reason == "closed"
    assert answer.length == len(forked.held)
    assert forked.tablet.push(forked.held).refusal is None
    server.stop()
    with writing(server.settings, system_clock()) as services:
        assert len(services.facts.evidence(demo.DEVICE)) == len(forked.rest)


def test_a_closure_survives_a_restart(server: Server, forked: Forked) -> None:
    """States and successors are read again from the log and its rows."""
    close(server)
    server.stop()
    server.start()
    assert forked.tablet.refusal(forked.tablet.push(forked.rest)).reason == "closed"


def test_only_a_registrar_closes_a_journal_in_person(server: Server, forked: Forked) -> None:
    with pytest.raises(Refused, match="registrar"):
        close(server, "hejingting")
    server.start()
    assert forked.tablet.push(forked.rest).refusal is None


def test_the_issuer_alone_may_close_a_journal(server: Server, forked: Forked) -> None:
    """For an agency without a registrar."""
    assert "issuer" in close(server, "")
    assert closing_told(forked.tablet).reason == REASON


def test_a_journal_is_closed_once(server: Server, forked: Forked) -> None:
    """The second time it is the successor that ends, with no link in it."""
    close(server)
    first = closing_told(forked.tablet)
    close(server)
    _, told = forked.tablet.pull()
    closed = [one for one in told if isinstance(one, JournalClosed)]
    assert [one.journal for one in closed] == [first.journal, first.successor]
    assert closed[1].length == 0
    assert server.fsck()[-1].endswith("entries hold")


def test_a_closure_that_the_database_denies_is_found(server: Server, forked: Forked) -> None:
    """Opened again by hand, the journal is not what the log says."""
    close(server)
    server.stop()
    server.sql("UPDATE journal SET state = 'open' WHERE state = 'closed'")
    assert any(line.startswith("closings: ") for line in server.fsck())


def test_the_offices_own_journal_is_not_closed_this_way(server: Server) -> None:
    server.stop()
    with pytest.raises(Refused, match="tablet"):
        close_journal(server.settings, "office", REASON, "", PASSWORDS.__getitem__, print)


# ── any two branches, pushed in any order ────────────────────────────────────────────────────


record = st.binary(min_size=32, max_size=32)
branch = st.lists(record, min_size=1, max_size=6)
turns = st.lists(st.booleans(), max_size=12)


def chained(records: list[bytes]) -> list[Checked]:
    """Links over these records, as they look when they arrive."""
    links, head = [], EMPTY
    for number, one in enumerate(records):
        link = Link(
            journal=bytes(16),
            sequence=number,
            previous=head.hash,
            record=one,
            case_tag=bytes(16),
            reference_version=1,
            wall_at=1,
            boot=bytes(16),
            monotonic=1,
            server_at=0,
        )
        head = chain.advance(head, link)
        links.append(Checked(link, link.encode(), link.hash()))
    return links


@given(st.lists(record, max_size=4), branch, branch, turns, st.data())
def test_of_two_branches_one_is_admitted_and_the_other_is_proved(
    shared: list[bytes],
    one: list[bytes],
    other: list[bytes],
    turns: list[bool],
    data: st.DataObject,
) -> None:
    """However their pushes interleave: the journal holds one branch whole and in order, each
    refused link is evidence together with the held one that it contradicts, and what is linked
    again in a successor brings every record of both in."""
    branches = {True: chained(shared + one), False: chained(shared + other)}
    held: dict[int, tuple[Checked, int]] = {}
    head, state, evidence = EMPTY, "open", []
    for turn in [*turns, True, False]:
        sent = branches[turn]
        first = data.draw(st.integers(0, len(sent) - 1))
        admission = admit(
            head,
            state,
            sent[first:],
            lambda at: (held[at][0].link_hash, held[at][1]) if at in held else None,
            lambda at: held[at][0].link_bytes if at in held else None,
        )
        for item, index in admission.items:
            held.setdefault(item.link.sequence, (item, index or len(held)))
        head = admission.head
        stopped = admission.stopped
        if stopped is not None and stopped.ends_journal:
            state = "forked"
            evidence += stopped.evidence
            if stopped.held is not None:
                assert chain.check_fork(stopped.held, stopped.evidence[0].link_bytes) >= 0
    assert chain.follow(held[at][0].link for at in sorted(held)) == head
    records = {item.link.record for item, _ in held.values()}
    for sent in branches.values():
        lacking = [item.link for item in sent if item.link.record not in records]
        again = list(chain.relink(b"\1" * 16, lacking))
        assert chain.follow(again).length == len(lacking)
        records |= {link.record for link in again}
    assert records >= {*shared, *one, *other}
    assert {item.link_hash for item in evidence}.isdisjoint(
        item.link_hash for item, _ in held.values()
    )


def test_a_record_that_is_linked_again_without_its_words_has_them(
    server: Server, tablet: Tablet
) -> None:
    """They are here once, whichever of its links brought them."""
    items, journal = tablet.links(tablet.world.inspection()), tablet.world.device.journal
    bare = [PushItem(link=one.link) for one in items]
    again = [PushItem(link=one.link) for one in relinked(items, journal, head_of(items))]
    whole = relinked(items, journal, head_of([*items, *again]))
    for sent in ([*items[:4], *bare[4:]], again, whole):
        assert len(tablet.push(sent).admitted) == len(items)
    server.stop()
    with writing(server.settings, system_clock()) as services:
        facts, words = services.facts, [one.statement for one in items]
        assert [one.envelope for one in facts.journal(journal)] == 3 * words
        assert [one.envelope for one in facts.journal(journal, 9, 11)] == (3 * words)[9:12]
        for item in items:
            found = facts.links_of([link_of(item).record])
            assert [one.envelope for one in found] == 3 * [item.statement]
            assert [facts.link_at(one.index) for one in found] == found
    assert server.fsck()[-1].endswith("entries hold")


def test_a_case_is_folded_as_it_stands_whatever_is_linked_again(
    server: Server, tablet: Tablet
) -> None:
    """By links that bring its records once more, alone, or behind a link that lacked them; each
    look folds what came since the one before."""
    items, journal = tablet.links(tablet.world.inspection()), tablet.world.device.journal
    bare = [PushItem(link=one.link) for one in items]
    pushed = [*items[:4], *bare[4:]]
    tablet.push(pushed)
    for some in (bare[:6], items[:6], bare, items[6:], items):
        folded(server)
        again = relinked(some, journal, head_of(pushed))
        pushed += again
        assert len(tablet.push(again).admitted) == len(some)
    assert folded(server) == 1


def folded(server: Server) -> int:
    """How many cases are shown, all of them as their records give them."""
    server.stop()
    with writing(server.settings, system_clock()) as services:
        projections = Projections(services.db, services.facts)
        projections.catch_up()
        today = local_day(services.clock.now()).isoformat()
        assert list(differences(services.db, projections, today)) == []
        with services.db.engine.connect() as connection:
            found = connection.execute(CASE.select()).all()
    server.start()
    return len(found)
