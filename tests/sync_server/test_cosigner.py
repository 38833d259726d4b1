"""Whoever asks a witness goes on asking until its line is kept, whatever happens on the way."""

from __future__ import annotations

import io
import shutil
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from sync_server import logs
from sync_server.clock import system_clock
from sync_server.log import cosigner
from sync_server.log.cosigner import Asker, asking
from sync_server.log.cosigning import Cosigned
from sync_server.log.sequencer import Committed
from sync_server.services import Services, writing
from sync_server.settings import ORIGIN, Settings
from tests.sync_server.witnesses import RunningWitness, settings_file

MOST_S = 20


@pytest.fixture
def witness(county: Path, tmp_path: Path) -> Iterator[RunningWitness]:
    """A running witness of the county's log."""
    shutil.copytree(county, tmp_path / "data")
    with writing(Settings(tmp_path / "data"), system_clock()) as services:
        keys = services.log_keys
    made = RunningWitness(tmp_path / "w1", "w1.example", ORIGIN, keys)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def services(witness: RunningWitness, tmp_path: Path) -> Iterator[Services]:
    """The county's parts, which want that witness's cosignature."""
    path = settings_file(tmp_path / "witnesses.json", [witness], 1)
    settings = Settings(tmp_path / "data", witnesses=path)
    with writing(settings, system_clock()) as made:
        yield made


def test_a_line_that_was_lost_is_asked_for_until_it_is_here(
    services: Services, witness: RunningWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The witness cosigned the head, and its answer did not come; nor does the one after it."""

    def asker() -> Asker:
        made = services.cosigned
        return Asker(witness.url, witness.key, made, services.facts, services.log_keys)

    head, real, answers = services.facts.head, Asker._post, 0

    def post(self: Asker, asked: Committed) -> tuple[int, str]:
        nonlocal answers
        answers += 1
        status, body = real(self, asked)
        if answers in (1, 3):
            raise OSError("timed out")
        return status, body

    monkeypatch.setattr(Asker, "_post", post)
    one = asker()
    for _ in range(2):
        with pytest.raises(OSError, match="timed out"):
            one.ask(head)
    assert services.cosigned.newest().size == 0
    one.ask(head)
    assert services.cosigned.newest().size == head.size
    before = answers
    one.ask(head)
    asker().ask(head)
    assert answers == before


def test_a_database_that_is_locked_once_does_not_end_the_asking(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cosigner, "SHORTEST_S", 0.01)
    real, failures = Cosigned.keep, 1

    def keep(self: Cosigned, *told: object) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise OperationalError("INSERT", {}, Exception("database is locked"))
        real(self, *told)  # type: ignore[arg-type]

    monkeypatch.setattr(Cosigned, "keep", keep)
    head = services.facts.head
    reached = services.cosigned.reaching(head.size)
    with asking(
        services.cosigned,
        services.sequencer,
        services.facts,
        services.log_keys,
    ):
        assert reached.result(MOST_S).size >= head.size
    assert failures == 0


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((403, "林晚晴 is not asked for here"), "it answered 403"),
        ((200, "林晚晴"), "did not cosign"),
        (urllib.error.URLError(ConnectionRefusedError(111, "林晚晴")), "Connection refused"),
    ],
)
def test_what_a_witness_answers_is_not_in_the_log(
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    answer: tuple[int, str] | Exception,
    told: str,
) -> None:
    """Its status is, and what the system says of the line to it."""

    def post(_self: Asker, _asked: Committed) -> tuple[int, str]:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(Asker, "_post", post)
    out = io.StringIO()
    logs.configure(out)
    try:
        with asking(services.cosigned, services.sequencer, services.facts, services.log_keys):
            until = time.monotonic() + MOST_S
            while "did not cosign" not in out.getvalue() and time.monotonic() < until:
                time.sleep(0.01)
    finally:
        structlog.reset_defaults()
    assert told in out.getvalue()
    assert "林晚晴" not in out.getvalue()
