"""Faults to plant in the simulated county, each with what the report must then claim, and no more.

    truth = play(county, random.Random(7))       {("YX-T03", "link_missing"), …}

Every tablet gets one fault of the list, or none. Those that are about what tablets do come first
(their clocks, officers, silence), those that are done to the server's store by hand come last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

from protocol import envelope, messages, statements
from protocol.messages import Push, PushItem
from protocol.statements import DeviceSuspended, OfficerKeyRetired, RuleOverridden
from protocol.vocabulary import Standing
from sync_server.devices import exchange
from sync_server.log import leaves, lookup
from tests.cast import AGENCY, START
from tests.sync_server.reports.simulated import (
    DAY,
    HOUR,
    REGISTRAR,
    County,
    Tablet,
    staff_key,
)
from tests.sync_server.rotting import alter_in

Truth = set[tuple[str, str]]
Plant = Callable[[County, Tablet, Random], set[str]]

END = START + 4 * DAY
"""When the report is made."""


# ── what tablets and officers do ─────────────────────────────────────────────────────────


def fast_clock(county: County, tablet: Tablet, random: Random) -> set[str]:
    tablet.skew = 4 * HOUR + random.randrange(HOUR)
    return {"clock_skew"}


def suspended(county: County, tablet: Tablet, random: Random) -> set[str]:
    county.standing(random.choice(tablet.officers), Standing.SUSPENDED, START - 2 * HOUR)
    return {"invalid_holder"}


def suspended_meanwhile(county: County, tablet: Tablet, random: Random) -> set[str]:
    county.standing(random.choice(tablet.officers), Standing.SUSPENDED, START + 2 * HOUR)
    return {"uncertain_standing"}


def retired_key(county: County, tablet: Tablet, random: Random) -> set[str]:
    officer = random.choice(tablet.officers)
    county.state(
        OfficerKeyRetired(
            agency=AGENCY,
            at=county.clock.now(),
            salt=tablet.scribe.salt(),
            cert_no=officer.cert_no,
            key=officer.signer.verifier.key_id.hex(),
            reason="平板遗失",
            effective_at=START - 2 * HOUR,
        )
    )
    return {"retired_key"}


def device_suspended(county: County, tablet: Tablet, random: Random) -> set[str]:
    """It was suspended before; its officers go on with it, in contact or not."""
    in_contact = random.random() < 0.5
    rest(county, tablet, START - (2 * HOUR if in_contact else HOUR // 2))
    return {"suspended_device" if in_contact else "uncertain_device"}


def rest(county: County, tablet: Tablet, at: int) -> None:
    """A registrar suspends a tablet from a time on."""
    said = tablet.scribe.said() | {"at": county.clock.now()}
    told = DeviceSuspended(**said, device=tablet.name, reason="屏幕损坏", effective_at=at)
    county.services.office.state(told, [staff_key(county.services, *REGISTRAR)])


def overridden(county: County, tablet: Tablet, random: Random) -> set[str]:
    said = tablet.scribe.said()
    tablet.act(RuleOverridden(**said, rule=random.choice(["AV-2", "RT-3"]), reason="停电"))
    return {"overridden"}


def counter_back(county: County, tablet: Tablet, random: Random) -> set[str]:
    said = tablet.scribe.said()
    tablet.act(RuleOverridden(**said, rule="AV-2", reason="停电"))
    said = tablet.scribe.said()
    tablet.act(RuleOverridden(**said, rule="AV-2", reason="还没来电"), link={"monotonic": 1})
    return {"impossible_time", "overridden"}


def bad_signature(county: County, tablet: Tablet, random: Random) -> set[str]:
    tablet.forge = random.randrange(1, 5)
    return {"flagged"}


def silent(county: County, tablet: Tablet, random: Random) -> set[str]:
    tablet.silent = True
    return {"silent_device"}


def late(county: County, tablet: Tablet, random: Random) -> set[str]:
    tablet.late = True
    return {"late_arrival"}


def stale(county: County, tablet: Tablet, random: Random) -> set[str]:
    tablet.stale = True
    return {"stale_catalogue"}


def keeps_records(county: County, tablet: Tablet, random: Random) -> set[str]:
    """It says that it holds more than it sent."""
    tablet.more = {"length": tablet.head.length + 6 + random.randrange(1, 9), "unsent": 20}
    return {"unsent"}


def keeps_a_file(county: County, tablet: Tablet, random: Random) -> set[str]:
    tablet.keeps_file = True
    tablet.more = {"blobs_outstanding": 1}
    return {"unsent"}


def forks(county: County, tablet: Tablet, random: Random) -> set[str]:
    """A copy of the tablet goes on from an earlier link."""
    tablet.forks = True
    return {"forked", "head_mismatch"}


# ── what is done to the store by hand ────────────────────────────────────────────────────


def link_removed(county: County, tablet: Tablet, random: Random) -> set[str]:
    place = random.randrange(1, len(tablet.records) - 1)
    alter(county, tablet.records[place].hash, link=None)
    return {"link_missing"}


def last_link_removed(county: County, tablet: Tablet, random: Random) -> set[str]:
    alter(county, tablet.records[-1].hash, link=None)
    return {"link_missing"}


def statement_removed(county: County, tablet: Tablet, random: Random) -> set[str]:
    remove(county, random.choice(tablet.records).hash)
    return {"statement_missing"}


def statement_altered(county: County, tablet: Tablet, random: Random) -> set[str]:
    record = random.choice(tablet.records)
    made = envelope.decode(record.envelope)
    earlier = made.body.replace(b'"at":17', b'"at":16')
    other = envelope.Envelope(made.payload_type, earlier, made.signatures)
    alter(county, record.hash, statement=envelope.encode(other))
    return {"statement_damaged"}


def file_removed(county: County, tablet: Tablet, random: Random) -> set[str]:
    county.services.blobs.path(bytes.fromhex(_file(tablet, random))).unlink()
    return {"blob_missing"}


def file_altered(county: County, tablet: Tablet, random: Random) -> set[str]:
    path = county.services.blobs.path(bytes.fromhex(_file(tablet, random)))
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    return {"blob_damaged"}


BEFORE: tuple[Plant, ...] = (
    fast_clock, suspended, suspended_meanwhile, retired_key, device_suspended, overridden,
    counter_back, bad_signature, silent, late, stale, keeps_records, keeps_a_file, forks,
)  # fmt: skip
AFTER: tuple[Plant, ...] = (
    link_removed, last_link_removed, statement_removed, statement_altered, file_removed,
    file_altered,
)  # fmt: skip


def play(county: County, random: Random, *, rewritten: bool = False) -> Truth:
    """Plant faults, let some days pass, and tell what is true. With ``rewritten`` an entry of the
    log is altered as well. Each fault once at least where there are tablets enough."""
    tablets = list(county.tablets)
    random.shuffle(tablets)
    planted: list[tuple[Tablet, Plant]] = list(zip(tablets, (*BEFORE, *AFTER), strict=False))
    rest = tablets[len(planted) :]
    planted += [(one, random.choice((*BEFORE, *AFTER))) for one in rest[: len(rest) // 2]]
    truth: Truth = set()
    for tablet, plant in planted:
        if plant in BEFORE:
            truth |= {(tablet.name, code) for code in plant(county, tablet, random)}
    days(county)
    for tablet, plant in planted:
        if plant in AFTER:
            truth |= {(tablet.name, code) for code in plant(county, tablet, random)}
    if rewritten:
        _rewrite(county, random)
        truth.add(("", "log_inconsistent"))
    return truth


def days(county: County) -> None:
    """Everybody works; at noon who can sends; three days later the rest."""
    for tablet in county.tablets:
        tablet.scribe.now = max(START, tablet.scribe.now)
        tablet.server_at = START - HOUR
        tablet.inspection()
    county.clock.set(START + 3 * HOUR)
    for tablet in county.tablets:
        if not (tablet.silent or tablet.late):
            _send(county, tablet)
    county.clock.set(START + 4 * HOUR)
    county.services.publish_reference(AGENCY)
    county.clock.set(START + 2 * DAY)
    for tablet in county.tablets:
        if tablet.stale:
            tablet.scribe.now = START + 2 * DAY - 2 * HOUR
            tablet.inspection()
            county.send(tablet)
    county.clock.set(START + 3 * DAY)
    for tablet in county.tablets:
        if tablet.late:
            county.send(tablet)
    county.clock.set(END)


def _send(county: County, tablet: Tablet) -> None:
    if tablet.keeps_file:
        tablet.lost.add(next(iter(tablet.scribe.blobs)))
    county.send(tablet, **tablet.more)
    if tablet.forks:
        fork(county, tablet)


def fork(county: County, tablet: Tablet) -> None:
    """Another branch from the last link but one, and its word of it."""
    before, last = tablet.records[-2], tablet.records[-1]
    other = last.link._replace(record=before.hash, previous=before.link.hash())
    now = county.clock.now() + 1
    said = tablet.inventory(
        now, length=other.sequence + 1, head=other.hash().hex(), monotonic=1 << 40
    )
    push = Push(inventory=said, items=[PushItem(link=other.encode(), statement=before.envelope)])
    county.clock.set(now)
    sent = messages.encode(push)
    asyncio.run(exchange.push(county.services, county.contacts, county.device(tablet), sent))


def _rewrite(county: County, random: Random) -> None:
    """An entry in the middle of the log says another time of reception."""
    index = random.randrange(county.services.facts.head.size)
    with county.services.db.writer.begin() as connection:
        entry = leaves.entries_at(connection, [index])[index]
        other = entry[:72] + bytes([entry[72] ^ 1]) + entry[73:]
        alter_in(connection, index, entry=other)


def remove(county: County, record: bytes) -> None:
    """Take a statement out of the store, with what it was filed under."""
    alter(county, record, filed=None, statement=None)


def alter(county: County, of: bytes, **parts: Any) -> None:
    """Something else, or nothing, in the place of what the store has of a record."""
    with county.services.db.writer.begin() as connection:
        (place,) = lookup.find(connection, [of])
        alter_in(connection, place, **parts)


def _file(tablet: Tablet, random: Random) -> str:
    """A file that the tablet's records name."""
    named = [ref.sha256 for one in tablet.records for ref in statements.blobs_of(one.statement)]
    return random.choice(named)
