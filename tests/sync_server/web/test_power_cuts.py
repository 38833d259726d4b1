"""The machine stops at any step while a sealed file is destroyed, handed over or looked into: over
either database, what was begun is done to its end or never was, and fsck holds.

Of all steps one is drawn (SEED replays). ``POWERCUTS=all`` tries each.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import select

from protocol.errors import FujieError
from protocol.statements import FileRetrieved, FileTransferred, RecordDestroyed
from protocol.vocabulary import StaffRole
from sync_server import demo
from sync_server.cases import destroying as cases
from sync_server.cases import retrieving, transferring
from sync_server.commands import checking
from sync_server.devices import stored
from sync_server.devices.codes import BadCode
from sync_server.keys.accounts import WrongSignIn
from sync_server.log import sequencer
from sync_server.office.retrieving import Wanted
from sync_server.people import staffing, waiting
from sync_server.services import Services, writing
from sync_server.settings import Settings
from sync_server.store import blobs
from sync_server.store.waitingtables import StaffWaitingRow
from sync_server.upkeep import destroying
from sync_server.web.site import Site
from tests.sync_server.conftest import BOTH
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import PASSWORDS, Clock

STORES = BOTH
AFTER = int(datetime(2057, 1, 4, 2, tzinfo=UTC).timestamp() * 1000)
AGENCY = demo.AGENCY.id
STEPS = (
    (sequencer, "sign_checkpoint"),
    (blobs, "write_durably"),
    (blobs.BlobStore, "forget"),
    (destroying, "write_durably"),
    (destroying, "_delete"),
    (destroying, "_named"),
    (destroying, "_drop_bags"),
    (destroying.Projections, "refold"),
    (transferring, "write_package"),
    (transferring, "sync_file"),
    (transferring, "settle"),
)
"""What changes a disk, or says that it may be changed."""

pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnhandledThreadExceptionWarning"  # the writer's thread ends as well
)
Act = Callable[[Services, County], object]


class PowerCut(BaseException):
    """The machine stopped here."""


@pytest.fixture
def opened(
    tmp_path: Path, copy_data: Callable[[Path, Path], str], sealed: County
) -> Callable[[], Settings]:
    """A copy of the county with the sealed file, over the database that is tried."""
    made: list[Settings] = []

    def copy() -> Settings:
        folder = tmp_path / f"data{len(made)}"
        made.append(Settings(folder, port=1, database_url=copy_data(sealed.folder, folder)))
        return made[-1]

    return copy


@contextmanager
def running(settings: Settings) -> Iterator[Services]:
    """As ``fujie-server serve`` begins, without its pages."""
    with writing(settings, Clock(AFTER)) as services:
        stored.forget_strays(services)
        stored.resume(services)
        destroying.carry_out(services)
        yield services


def cut_short(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, run: Callable[[Services], object], at: int
) -> int:
    """Do it until the step ``at`` (0 for none); how many steps there were."""
    count = 0

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def step(*args: object, **more: object) -> object:
            nonlocal count
            count += 1
            if count == at:
                raise PowerCut
            return real(*args, **more)

        return step

    # The writer's thread was the first: then the others hear that nothing was saved.
    ended = suppress(PowerCut, FujieError)
    with ended, running(settings) as services, monkeypatch.context() as watched:
        for owner, name in STEPS:
            watched.setattr(owner, name, counted(getattr(owner, name)))
        run(services)
    return count


def people(site: Site, *accounts: str) -> list[transferring.Signatory]:
    return [site.accounts.signer(one, PASSWORDS[one]) for one in accounts]


def destroy(services: Services, sealed: County) -> object:
    """By archivist and head, with the report."""
    site, case = Site(services), sealed.case.opened.hash
    both = people(site, "xuwen", "gumingyuan")
    version = site.facts.case_version(case)
    return cases.destroy(services, site, case, b"%PDF-1.7 report", "期满", both, version)


def hand_over(services: Services, sealed: County) -> object:
    """To the county's archive."""
    site = Site(services)
    site.projections.catch_up()
    (archivist,) = people(site, "xuwen")
    chosen = [sealed.case.opened.hash]
    return transferring.transfer(services, site, chosen, "云溪县档案馆", "2057-1", archivist)


def look_into(services: Services, sealed: County) -> object:
    """The decision's PDF, for a review of files."""
    site, case = Site(services), sealed.case.opened.hash
    pdf = sealed.case.decision.statement.pdf.sha256  # type: ignore[attr-defined]
    wanted = Wanted("方砚秋", "云溪县司法局", "案卷评查", None, (pdf,))
    version = site.facts.case_version(case)
    return retrieving.retrieve(site, case, wanted, people(site, "xuwen"), version)


ACTS: dict[str, tuple[Act, type]] = {
    "record_destroyed": (destroy, RecordDestroyed),
    "file_transferred": (hand_over, FileTransferred),
    "file_retrieved": (look_into, FileRetrieved),
}


@pytest.mark.parametrize("kind", ACTS)
def test_a_power_cut_at_any_step_leaves_nothing_half_done(
    opened: Callable[[], Settings], sealed: County, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """After the next start it stands on record with all that follows, or can be done as if nothing
    had been."""
    seed = int(os.environ.get("SEED") or random.randrange(1 << 32))
    act, said = ACTS[kind]
    run = partial(act, sealed=sealed)
    steps = cut_short(monkeypatch, opened(), run, 0)
    every = range(1, steps + 1)
    drawn = random.Random(seed).sample(every, 1)
    for at in every if os.environ.get("POWERCUTS") == "all" else drawn:
        settings = opened()
        cut_short(monkeypatch, settings, run, at)
        with running(settings) as services:
            if not _records(services, kind, said):
                act(services, sealed)
            found = _records(services, kind, said)
            assert len(found) == 1, f"SEED={seed}, step {at} of {steps}"
            _expect_whole(services, sealed, found[0])
            assert not any(services.settings.uploads.glob("*"))
        lines: list[str] = []
        checking.fsck(settings, lines.append, lambda _: None)
        assert len(lines) == 1, f"SEED={seed}, step {at} of {steps}: {lines}"


@pytest.mark.parametrize("after", [False, True], ids=["before the log", "after the log"])
def test_a_person_whose_key_was_cut_off_signs_in_or_chooses_again(
    opened: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    """What the log says of a key is done at the next start; of the rest the code is good again."""
    settings, password = opened(), "yunxi-xinren-2057"
    with running(settings) as services:
        site = Site(services)
        (registrar,) = people(site, "tangyining")
        asked = ("linwanqing", "林晚晴", StaffRole.ARCHIVIST)
        code = staffing.invite(services, registrar, *asked)
    with suppress(PowerCut, FujieError), running(settings) as services, monkeypatch.context() as it:
        it.setattr(*((waiting, "_finish") if after else STEPS[0]), _stops)
        staffing.accept(services, "linwanqing", code, password)
    with running(settings) as services:
        accounts = Site(services).accounts
        with pytest.raises(WrongSignIn):
            accounts.sign_in("linwanqing", password)
        with services.db.reading() as session:
            waited = session.exec(select(StaffWaitingRow)).all()
        assert len(waited) == after
        waiting.settle(services, 0)
        if not after:
            staffing.accept(services, "linwanqing", code, password)
        signed_in = accounts.sign_in("linwanqing", password)
        for row in waited:  # another sign-in, which looked before
            waiting._finish(services, row)
        assert accounts.session(signed_in) is not None
        person, signer = accounts.signer("linwanqing", password)
        assert person.role is StaffRole.ARCHIVIST
        assert services.facts.registry.staff[AGENCY, "linwanqing"].key == signer.verifier
        with pytest.raises(BadCode):
            staffing.accept(services, "linwanqing", code, password)
        with services.db.reading() as session:
            assert session.exec(select(StaffWaitingRow)).all() == []


def _stops(*_: object, **__: object) -> None:
    raise PowerCut


def _records(services: Services, kind: str, said: type) -> list[object]:
    found = [one.statement for one in services.facts.of_kind(kind)]
    assert all(isinstance(one, said) for one in found)
    return list(found)


def _expect_whole(services: Services, sealed: County, said: object) -> None:
    if isinstance(said, RecordDestroyed):
        left = {one for one in said.blobs if services.blobs.has(bytes.fromhex(one))}
        assert left <= {said.appraisal.sha256}
        assert services.facts.record(sealed.case.opened.hash) is None
    if isinstance(said, FileTransferred):
        assert transferring.bag_of(services, said.package).is_file()
    if isinstance(said, FileRetrieved):
        pdf = sealed.case.decision.statement.pdf.sha256  # type: ignore[attr-defined]
        assert said.opened == [pdf]
