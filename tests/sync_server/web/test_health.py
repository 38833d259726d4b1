"""Who watches the server learns whether it lives, can work, and how much it does; no names."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
import structlog
from sqlalchemy import event

from protocol.statements import DeviceSuspended
from sync_server import logs
from sync_server.log.sequencer import NotDurable
from sync_server.web import health
from tests.cast import AGENCY
from tests.sync_server.conftest import BOTH
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import Office

STORES = BOTH
TOKEN = "a token of the one who watches"
PEOPLE = re.compile("沈知远|陆清和|周明禾|何敬亭|hejingting|禾穗|0799|00992304117")


@pytest.fixture
def watched(open_office: Callable[[County], Office], inspected: County) -> Office:
    """A server with an inspection, whose metrics are asked for."""
    office = open_office(inspected)
    office.stop()
    office.settings = replace(office.settings, metrics_token=TOKEN)
    office.start()
    return office


def metrics(office: Office, token: str = TOKEN) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return office.client().get("/metrics", headers=headers)


def values(office: Office) -> dict[str, float]:
    """Every sample by its name and labels."""
    lines = [line for line in metrics(office).text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_a_server_that_works_says_so(watched: Office) -> None:
    client = watched.client()
    assert client.get("/health").text == "ok\n"
    answer = client.get("/ready")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": True, "writer": True, "disk": True}
    assert answer.headers["cache-control"] == "no-store"


def test_a_server_that_cannot_work_says_what_stands_in_the_way(
    watched: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that is shorter than what was signed, a full disk, a writer that ended."""
    client = watched.client()
    usage = shutil.disk_usage(watched.folder)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: usage._replace(free=1))
    assert client.get("/ready").json()["disk"] is False
    monkeypatch.undo()
    watched.sql("DELETE FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint)")
    assert client.get("/ready").json()["database"] is False
    assert watched.services is not None
    watched.services.sequencer.stop()
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": False, "writer": False, "disk": True}
    assert client.get("/health").status_code == 200


def test_a_server_whose_commits_fail_is_not_ready_until_one_is_taken(watched: Office) -> None:
    """A disk that can be read and not written to; nobody has to push for it to be seen."""
    client, services = watched.client(), watched.services
    assert services is not None

    def refused(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    event.listen(services.db.writer, "commit", refused)
    with pytest.raises(NotDurable):
        services.office.state(
            DeviceSuspended(
                agency=AGENCY,
                at=services.clock.now(),
                salt="5a" * 16,
                device="YX-T07",
                reason="送修",
                effective_at=services.clock.now(),
            ),
            [services.keyring.issuer(AGENCY)],
        )
    for _ in range(2):
        answer = client.get("/ready")
        assert answer.status_code == 503
        assert answer.json() == {"ready": False, "database": True, "writer": False, "disk": True}
    event.remove(services.db.writer, "commit", refused)
    assert client.get("/ready").json()["ready"] is True


def test_metrics_count_what_happens(watched: Office) -> None:
    """Answers by part and class, how long they took, commits, and how far everything is."""
    assert watched.services is not None
    before = values(watched)
    client = watched.client()
    for path in ("/decisions", "/decisions", "/no such page", "/log/checkpoint", "/office"):
        client.get(path, follow_redirects=False)
    watched.services.publish_reference("11990123MB0000001A")
    after = values(watched)
    grown = {name: after[name] - before.get(name, 0) for name in after}
    assert grown['fujie_http_requests_total{part="public",status="2xx"}'] == 2
    assert grown['fujie_http_requests_total{part="public",status="4xx"}'] == 1
    assert grown['fujie_http_requests_total{part="log",status="2xx"}'] == 1
    assert grown['fujie_http_seconds_count{part="public"}'] == 3
    assert grown['fujie_http_seconds_bucket{part="public",le="+Inf"}'] == 3
    assert grown["fujie_log_commits_total"] == 1
    assert grown["fujie_log_entries"] == 1
    assert after["fujie_log_entries"] == watched.services.sequencer.head.size
    assert after["fujie_blobs_wanted"] == 0
    assert not PEOPLE.search(metrics(watched).text)


def test_metrics_are_for_who_knows_the_token(watched: Office, office: Office) -> None:
    """Nobody else learns that there are any; without a token there are none."""
    for answer in (metrics(watched, "another"), metrics(office), metrics(office, "")):
        assert answer.status_code == 404
    assert metrics(watched).headers["content-type"].startswith("text/plain; version=0.0.4")


def test_a_json_line_names_nobody() -> None:
    """Words that were not thought of, and what an exception quotes, stay out."""
    out = io.StringIO()
    logs.configure(out, as_json=True)
    try:
        raise ValueError("周明禾 0799-5550128")
    except ValueError as fault:
        told = structlog.get_logger("test")
        told.error("fault", path="/v1/push", party="禾穗", exc_info=fault)
        told.exception("again", device="YX-T07")
    finally:
        structlog.reset_defaults()
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["event"], first["level"], first["path"]) == ("fault", "error", "/v1/push")
    assert first["exception"][0] == second["exception"][0] == "ValueError"
    assert "test_health.py" in first["exception"][1]
    assert second["device"] == "YX-T07"
    assert not PEOPLE.search(out.getvalue())
