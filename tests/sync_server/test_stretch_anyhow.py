"""Whatever is pushed in whatever order, a stretch comes to what its items come to one by one.

Two tablets and the office share commits. Each commit is made twice, in two transactions over equal
databases: once from pushes as they are read, once with each item by itself. Answers and rows must
be the same, of every table; what follows one another may lie in one row here and in several there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, create_engine, select

from protocol import envelope, messages, statements
from protocol.chain import Link
from protocol.envelope import STATEMENT_TYPE
from protocol.messages import Push, PushItem
from protocol.registry.registry import Registry
from sync_server.log import leaves, lookup, nodes, rows
from sync_server.log.append import Append
from sync_server.log.intake import Checked, verify
from sync_server.log.push import Pushed, PushJob
from sync_server.log.reading import Opened, decoded, opened
from sync_server.log.standing import CLOSED, Standing
from sync_server.store.tables import (
    BLOB,
    EVIDENCE,
    JOURNAL,
    LATE,
    LOOKUP,
    METADATA,
    STRETCH,
    STRETCH_CASE,
    STRETCH_KIND,
    TREE,
)
from tests.cast import AGENCY, seeded
from tests.simulation.records import OFFICER, Sample, bad, good, photos
from tests.simulation.store import OFFICE, founded
from tests.simulation.world import START

TABLES = (LOOKUP, TREE, JOURNAL, BLOB, EVIDENCE, LATE)
STEP, MOST = 8, 3
KEYS = [seeded(f"tablet {number}").verifier for number in range(2)]
JOURNALS = [bytes([number + 1]) * 16 for number in range(2)]
LONG = 14
FORKS_AT = 4
WAYS = (
    "as it is",
    "a word late",
    "a bad link",
    "another's link",
    "another's",
    "in disorder",
    "an older roster",
)


class Said(NamedTuple):
    """A push: whose, from ``back`` links before the server's head on, of which history."""

    whose: int
    back: int
    many: int
    branch: int = 0
    way: str = WAYS[0]


class Heard(NamedTuple):
    """What is heard of between two pushes: of a blob, of a tablet, of a journal."""

    what: str
    which: int


def chain_of(journal: bytes, samples: list[Sample], branch: int) -> list[PushItem]:
    """A history of a journal; the second one leaves the first on the way."""
    items, before = list[PushItem](), bytes(32)
    for number, sample in enumerate(samples):
        salt = bytes([branch if number >= FORKS_AT else 0]) * 16
        link = Link(journal, number, before, sample.record, bytes(16), 0, START, salt, 0, 0)
        items.append(PushItem(link=link.encode(), statement=sample.sent))
        before = link.hash()
    return items


def histories() -> list[list[list[PushItem]]]:
    """Of each journal two. Records are repeated within it and in the other; blobs too."""
    plain, photo = good()[:3], photos()[:3]
    samples = [plain[0], photo[0], plain[1], plain[0], photo[1], photo[0], plain[2], bad()[0]]
    samples = (samples * 2)[:LONG]
    both = (samples, [*samples[2:], *samples[:2]])
    return [
        [chain_of(journal, said, branch) for branch in range(2)]
        for journal, said in zip(JOURNALS, both, strict=True)
    ]


HISTORIES = histories()
STORE, REGISTRY = founded(KEYS, JOURNALS)
NOW = replace(REGISTRY, version=2)
EARLIER = Registry(version=1)


@pytest.fixture(scope="module")
def engines() -> Iterator[list[Engine]]:
    """Two empty databases, in which few entries are many."""
    made = [create_engine("sqlite://") for _ in range(2)]
    for engine in made:
        METADATA.create_all(engine)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookup, "STEP", STEP)
        patch.setattr(rows, "MOST", MOST)
        yield made
    for engine in made:
        engine.dispose()


def items_of(said: Said, length: int) -> list[PushItem]:
    """What a tablet sends."""
    first = max(0, min(length - said.back, LONG))
    items = HISTORIES[said.whose][said.branch][first : first + said.many]
    match said.way:
        case "a word late":
            items[1:2] = [PushItem(link=one.link) for one in items[1:2]]
        case "a bad link":
            items[2:3] = [PushItem(link=b"\0") for _ in items[2:3]]
        case "another's link":
            items += HISTORIES[1 - said.whose][0][first + said.many :][:1]
        case "another's":
            items = HISTORIES[1 - said.whose][0][first : first + said.many]
        case "in disorder":
            items.reverse()
    return items


class Log:
    """One of the two."""

    def __init__(self, connection: Connection) -> None:
        journals = {journal: STORE.journals[journal] for journal in (OFFICE, *JOURNALS)}
        self.connection = connection
        self.standing = Standing(journals=journals, registry=NOW, offices=(OFFICE,))
        self.begin()

    def begin(self) -> None:
        self.append = Append(self.standing, self.connection, START)

    def hear(self, heard: Heard) -> None:
        """Something that changes what is known, in the same commit."""
        append = self.append
        if heard.what == "stored":
            stated = verify(self.stored(heard.which), NOW)
            assert isinstance(stated, Checked)
            append.add(stated)
        elif heard.what == "closed":
            append._mark(JOURNALS[heard.which], CLOSED)
        else:
            device = append.registry.device_of_journal(JOURNALS[heard.which])
            assert device is not None
            gone = replace(device, revoked_at=START)
            devices = {**append.registry.devices, (device.agency, device.name): gone}
            append.registry = replace(append.registry, devices=devices, version=3)

    def stored(self, number: int) -> PushItem:
        """The office's word on a blob."""
        sample, head = photos()[number], self.append.journals[OFFICE].head
        assert sample.blob is not None
        said = statements.BlobStored(
            agency=AGENCY,
            at=START,
            salt=f"{head.length:032x}",
            sha256=sample.blob.hex(),
            size=sample.size,
        )
        signed = envelope.sign(STATEMENT_TYPE, statements.encode(said), [OFFICER])
        record = envelope.record_hash(signed)
        link = Link(OFFICE, head.length, head.hash, record, bytes(16), 0, START, bytes(16), 0, 0)
        return PushItem(link=link.encode(), statement=envelope.encode(signed))

    def commit(self) -> None:
        append, before = self.append, self.standing.tree.size
        append.rows.write(self.connection)
        rows.write_heads(self.connection, (append.journals[one] for one in append.touched))
        nodes.write(self.connection, append.tree.new())
        lookup.write(self.connection, before, append.tree.size)
        self.standing = append.standing()
        self.begin()

    def held(self) -> list[Any]:
        """All leaves, and all rows of the other tables."""
        self.expect_filed()
        others = [sorted(self.connection.execute(select(table)), key=repr) for table in TABLES]
        return [list(leaves.between(self.connection, 0)), others]

    def expect_filed(self) -> None:
        """Each row is found under what stands in it, and under nothing else."""
        kinds, cases = set[Any](), set[Any]()
        for first, count in self.connection.execute(select(STRETCH.c.first, STRETCH.c.length)):
            for leaf in leaves.filed(self.connection, first, first + count):
                if leaf.filed is not None:
                    kinds.add((leaf.filed.kind, leaf.filed.agency, first))
                    cases.add((leaf.filed.case, first))
        assert set(map(tuple, self.connection.execute(select(STRETCH_KIND)))) == kinds
        found = set(map(tuple, self.connection.execute(select(STRETCH_CASE))))
        assert found == {one for one in cases if one[0] is not None}

    def known(self) -> tuple[Any, ...]:
        """What the next commit begins with."""
        return self.standing.journals, self.standing.registry, self.standing.tree.root()


pushes = st.builds(
    Said,
    whose=st.integers(0, 1),
    back=st.sampled_from([0, 0, 0, 1, 3, -1]),
    many=st.integers(0, 4),
    branch=st.sampled_from([0, 0, 0, 1]),
    way=st.sampled_from([*WAYS[:1] * 3, *WAYS]),
)
events = st.builds(
    Heard, st.sampled_from(["stored", "stored", "closed", "revoked"]), st.integers(0, 1)
)
commits = st.lists(st.lists(pushes | pushes | pushes | events, max_size=4), max_size=5)


@settings(max_examples=50)
@given(commits)
@example([[Said(0, 0, 3), Said(1, 0, 4), Said(0, 3, 3), Said(0, 0, 2)], [Said(0, 3, 4)]])
@example([[Said(0, 0, 2), Heard("stored", 0), Said(1, 0, 4)], [Heard("revoked", 0), Said(0, 0, 2)]])
@example([[Said(0, 0, 3), Said(0, 0, 3), Said(0, 0, 1, 1)], [Said(1, 0, 3, way="another's")]])
@example([[Said(0, 0, 6)], [Said(0, 1, 3, 1), Said(0, 0, 2)], [Heard("closed", 1), Said(1, 0, 2)]])
def test_stretches_and_items_come_to_the_same_in_any_history(
    engines: list[Engine], said: list[list[Said | Heard]]
) -> None:
    with ExitStack() as stack:
        connections = [stack.enter_context(engine.connect()) for engine in engines]
        together, alone = (Log(connection) for connection in connections)
        for commit in said:
            for one in commit:
                if isinstance(one, Heard):
                    together.hear(one)
                    alone.hear(one)
                    continue
                items = items_of(one, alone.append.journals[JOURNALS[one.whose]].head.length)
                known = EARLIER if one.way == "an older roster" else NOW
                read = as_read(items, known)
                by_itself = [verify(item, known) for item in items]
                device, journal = KEYS[one.whose].key_id, JOURNALS[one.whose]
                job = PushJob(device, journal, read.items, read.stretch)
                event("a stretch" if read.stretch else "no stretch")
                other = PushJob(device, journal, by_itself)
                assert told(job.run(together.append)) == told(other.run(alone.append))
            together.commit()
            alone.commit()
            assert together.held() == alone.held()
            assert together.known() == alone.known()


def told(pushed: Pushed) -> Pushed:
    """The answer. Who signed is not told again of what was joined, and nobody asks for it."""
    if pushed.stopped is None:
        return pushed
    kept = tuple(msgspec.structs.replace(one, signers=()) for one in pushed.stopped.evidence)
    return replace(pushed, stopped=replace(pushed.stopped, evidence=kept))


def as_read(items: list[PushItem], registry: Registry) -> Opened:
    """A push as it comes from a process that reads."""
    body = messages.encode(Push(inventory=b"", items=items))
    sent = msgspec.msgpack.encode(opened(decoded(body, ""), registry))
    return msgspec.msgpack.decode(sent, type=Opened)
