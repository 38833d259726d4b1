"""The one writer: whole jobs or none, answers after the commit, one history for ever."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import event, insert
from sqlalchemy.exc import IntegrityError

from protocol import envelope as dsse
from protocol import statements
from protocol.checkpoint import VerifierKey, open_checkpoint
from protocol.envelope import STATEMENT_TYPE
from protocol.errors import Malformed, Refused
from protocol.keys import Ed25519Signer
from protocol.messages import PushItem
from protocol.registry.registry import Device
from protocol.statements import DisclosureWithdrawn, Statement
from sync_server.clock import system_clock
from sync_server.devices.contacts import Contacts
from sync_server.log import line
from sync_server.log.append import Append
from sync_server.log.intake import BadLink, Checked, verify
from sync_server.log.inventory import read_inventory
from sync_server.log.journal import Changed
from sync_server.log.push import Pushed, PushJob
from sync_server.log.sequencer import NotDurable
from sync_server.services import Services, writing
from sync_server.store.tables import METADATA
from tests.cast import AGENCY
from tests.sync_server.conftest import BOTH, Server
from tests.sync_server.tablet import Tablet, item
from tests.worlds import World

STORES = BOTH


@pytest.fixture
def services(inspected_county: Path, copy_server: Callable[..., Server]) -> Iterator[Services]:
    """The running parts over a county with one inspection."""
    with writing(copy_server(inspected_county).settings, system_clock()) as running:
        yield running


def withdrawn(services: Services, case: str | None = None) -> Statement:
    """Some statement of the office."""
    return DisclosureWithdrawn(
        agency=AGENCY,
        at=services.clock.now(),
        salt=secrets.token_hex(16),
        case=case,
        issued="00" * 32,
        reason="复议变更",
        clause="APL 48",
    )


def test_statements_that_belong_together_are_appended_together(services: Services) -> None:
    """If one of two does not verify, neither is in the log."""
    before = services.facts.head.size
    issuer, stranger = services.keyring.issuer(AGENCY), Ed25519Signer(bytes(32))
    told = [(withdrawn(services), [issuer]), (withdrawn(services), [stranger])]
    with pytest.raises(Refused, match="unknown signer"):
        services.office.state_all(told)
    assert services.facts.head.size == before
    assert services.office.state(*told[0]).index == before


def test_the_second_of_two_editors_is_told_what_changed(services: Services) -> None:
    """A decision is appended only to the state that it was made on."""
    (case,) = services.facts.cases()
    seen = services.facts.case_version(case)
    issuer = [services.keyring.issuer(AGENCY)]
    services.office.state(withdrawn(services, case.hex()), issuer, {case: seen})
    with pytest.raises(Changed, match="changed while you looked"):
        services.office.state(withdrawn(services, case.hex()), issuer, {case: seen})
    assert services.facts.case_version(case) == seen + 1


def test_two_decisions_on_one_state_in_one_commit_are_told_apart(services: Services) -> None:
    """Waiting side by side for the same commit, only the first one is appended."""
    (case,) = services.facts.cases()
    seen = services.facts.case_version(case)
    issuer = [services.keyring.issuer(AGENCY)]
    gate = held_up(services)
    both = [
        services.office.submit(
            [dsse.sign(STATEMENT_TYPE, statements.encode(withdrawn(services, case.hex())), issuer)],
            {case: seen},
        )
        for _ in range(2)
    ]
    gate.set()
    wait(both)
    assert [isinstance(one.exception(), Changed) for one in both] == [False, True]


@dataclass(frozen=True)
class Held:
    """A job that holds the writer up."""

    begun: threading.Event
    gate: threading.Event

    def run(self, append: Append) -> None:
        """Wait."""
        self.begun.set()
        self.gate.wait(60)


def held_up(services: Services) -> threading.Event:
    """The writer is held up from now on, until what is returned is set."""
    held = Held(threading.Event(), threading.Event())
    services.sequencer.submit(held)
    assert held.begun.wait(60)
    return held.gate


@dataclass(frozen=True)
class Nothing:
    """A job that adds nothing."""

    def run(self, append: Append) -> None:
        """Do nothing."""


def test_in_a_crowd_the_writer_waits_for_who_is_on_the_way(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While more are on their way than have come, nobody is committed by himself; once half of them
    are there, they are."""
    monkeypatch.setattr(line, "LINGER_S", 60.0)
    with ExitStack() as coming:
        for _ in range(3):
            coming.enter_context(services.sequencer.expecting())
        first = services.sequencer.submit(Nothing())
        with pytest.raises(TimeoutError):
            first.result(0.05)
        second, third = services.sequencer.submit_both(Nothing(), Nothing())
        with pytest.raises(TimeoutError):
            first.result(0.05)
        wait([first, second, third, services.sequencer.submit(Nothing())])
        monkeypatch.setattr(line, "LINGER_S", 0.0)
        wait([services.sequencer.submit(Nothing())])
    monkeypatch.setattr(line, "LINGER_S", 60.0)
    wait([services.sequencer.submit(Nothing())])


@dataclass(frozen=True)
class Broken:
    """A job with a fault of ours."""

    def run(self, append: Append) -> None:
        """Fail."""
        raise ZeroDivisionError


def test_the_writer_outlives_a_fault_and_a_client_that_left(services: Services) -> None:
    """A job that breaks fails alone; one whose client stopped waiting is not done."""
    size = services.facts.head.size
    with pytest.raises(NotDurable):
        services.sequencer.submit(Broken()).result()
    gate = held_up(services)
    issuer = [services.keyring.issuer(AGENCY)]
    left = services.office.submit(
        [dsse.sign(STATEMENT_TYPE, statements.encode(withdrawn(services)), issuer)]
    )
    assert left.cancel()
    gate.set()
    assert services.office.state(withdrawn(services), issuer).index == size


def test_who_waits_beside_a_job_that_breaks_is_done(services: Services) -> None:
    """Before it or behind it in the same commit: a fault of one push is not told to others."""
    issuer = [services.keyring.issuer(AGENCY)]
    size = services.facts.head.size
    gate = held_up(services)
    made = [
        dsse.sign(STATEMENT_TYPE, statements.encode(withdrawn(services)), issuer) for _ in range(2)
    ]
    before = services.office.submit(made[:1])
    broken = services.sequencer.submit(Broken())
    behind = services.office.submit(made[1:])
    gate.set()
    assert [one.result(60).commit.size for one in (before, behind)] == [size + 2] * 2
    with pytest.raises(NotDurable):
        broken.result(60)


class Ended(BaseException):
    """What ends a thread: nothing that a job may catch."""


@dataclass(frozen=True)
class Deadly:
    """A job that takes the writer with it."""

    def run(self, append: Append) -> None:
        """End it."""
        raise Ended


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_nobody_waits_for_a_writer_that_has_ended(services: Services) -> None:
    """Neither who was with it, nor who stood behind, nor who comes later."""
    gate = held_up(services)
    deadly, behind = (services.sequencer.submit(one) for one in (Deadly(), Broken()))
    gate.set()
    for waiting in (deadly, behind, services.sequencer.submit(Broken())):
        with pytest.raises(NotDurable):
            waiting.result(60)
    services.sequencer._thread.join(60)
    with pytest.raises(NotDurable, match="writer has ended"):
        services.sequencer.submit(Broken()).result(60)


def test_a_watcher_with_a_fault_takes_no_answer_back(services: Services) -> None:
    """It is called when the commit is durable and told; the next ones go on as before."""

    def broken() -> None:
        raise ZeroDivisionError

    issuer = [services.keyring.issuer(AGENCY)]
    size = services.facts.head.size
    services.sequencer.watchers.append(broken)
    assert services.office.state(withdrawn(services), issuer).index == size
    assert services.office.state(withdrawn(services), issuer).index == size + 1


def test_a_failed_commit_is_answered_as_unknown_and_leaves_one_history(
    services: Services,
) -> None:
    """When the disk refuses, nobody gets a receipt, and the log goes on from what is durable."""
    issuer = [services.keyring.issuer(AGENCY)]
    before = services.facts.head

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    event.listen(services.db.writer, "commit", full)
    with pytest.raises(NotDurable, match="send again"):
        services.office.state(withdrawn(services), issuer)
    event.remove(services.db.writer, "commit", full)
    assert services.facts.head == before
    assert services.office.state(withdrawn(services), issuer).index == before.size
    key = VerifierKey.parse(services.log_key)
    assert open_checkpoint(services.facts.head.note, [key], key.name).size == before.size + 1


def test_a_push_out_of_order_is_no_fork(services: Services) -> None:
    """The same new link twice in one push is a mistake, not two histories."""
    journal, items = next_items(services)
    pushed = push(services, journal, [items[0], items[0], items[1]])
    assert pushed.stopped is not None
    assert (pushed.stopped.reason, len(pushed.indexes)) == ("malformed", 1)
    again = push(services, journal, items)
    assert (again.stopped, len(again.indexes)) == (None, len(items))


def test_another_device_may_not_write_a_journal(services: Services) -> None:
    """A journal belongs to the device that opened it, whoever's its links say they are."""
    journal, items = next_items(services)
    office, key = services.office.journal, services.office_key.verifier.key_id
    before = services.facts.head.size
    for foreign in (push(services, office, items), push(services, journal, items, key)):
        assert foreign.stopped is not None
        assert foreign.stopped.reason == "foreign_journal"
    assert services.facts.head.size == before
    unknown = push(services, bytes(16), items)
    assert unknown.stopped is not None
    assert unknown.stopped.reason == "unknown_device"


def next_items(services: Services) -> tuple[bytes, list[PushItem]]:
    """The tablet's journal, and a second inspection that continues it."""
    world, journal = World(services.clock.now()), World().device.journal
    held = services.sequencer.journal(journal)
    assert held is not None
    world.heads[journal] = held.head
    tablet = Tablet("http://127.0.0.1", world)
    return journal, tablet.links(world.inspection())


def push(
    services: Services, journal: bytes, items: list[PushItem], device: bytes | None = None
) -> Pushed:
    """What the writer makes of a push by the tablet, or by the device with another key."""
    checked = [verify(one, services.sequencer.registry) for one in items]
    device = device or World().device.signer.verifier.key_id
    return services.sequencer.submit(PushJob(device, journal, checked)).result().result


def test_verify_names_what_is_wrong_with_an_item(services: Services) -> None:
    """Bytes that are no link are no item; a statement is checked against its link."""
    registry = services.sequencer.registry
    world = World()
    record = world.inspection().opened
    good = verify(item(record), registry)
    assert isinstance(good, Checked)
    assert (good.reasons, len(good.signers)) == ((), 2)
    assert isinstance(verify(PushItem(link=b""), registry), BadLink)


def test_an_inventory_is_a_statement() -> None:
    """What the device signed under another type is not its word for what it holds."""
    world = World()
    stated = dsse.decode(Tablet("http://127.0.0.1", world).inventory())
    device = Device(AGENCY, "YX-T07", world.device.signer.verifier, world.device.journal, b"", 0)
    other = dsse.sign("text/plain", stated.body, [world.device.signer])
    with pytest.raises(Malformed):
        read_inventory(dsse.encode(other), device.key)


def test_a_contact_is_news_once() -> None:
    """The same inventory again within minutes is not stated again; a changed one is."""
    world = World()
    tablet = Tablet("http://127.0.0.1", world)
    contacts, office = Contacts(), world.office.signer
    device = Device(AGENCY, "YX-T07", world.device.signer.verifier, world.device.journal, b"", 0)
    first = tablet.inventory()
    said = read_inventory(first, device.key)
    assert contacts.news(device, said, first, office, 1_000) is not None
    assert contacts.news(device, said, first, office, 2_000) is None
    assert contacts.news(device, said, first, office, 2_000 + 6 * 60_000) is not None
    world.inspection()
    changed = tablet.inventory()
    now = 2_000 + 6 * 60_000
    assert (
        contacts.news(device, read_inventory(changed, device.key), changed, office, now) is not None
    )


def test_an_error_of_the_database_quotes_no_row(services: Services) -> None:
    """Its words reach the program's log and the answers to clients."""
    row = {"account": "xuwen", "agency": AGENCY, "name": "许文", "role": "archivist"}
    with pytest.raises(IntegrityError) as fault, services.db.private() as session:
        session.execute(insert(METADATA.tables["account"]), row | {"password": "x"})
    assert "account" in str(fault.value)
    assert "许文" not in str(fault.value)
