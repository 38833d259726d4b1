"""The server's own log tells no secrets, and stops nothing when it cannot be written."""

from __future__ import annotations

import contextlib
import io
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from protocol.errors import Refused
from sync_server import logs
from sync_server.log import rows
from tests.sync_server.conftest import Server, tablet_of


@pytest.fixture(autouse=True)
def unchanged() -> Iterator[None]:
    """Other tests log as they did."""
    yield
    structlog.reset_defaults()


def test_a_traceback_names_no_value_of_a_variable() -> None:
    out = io.StringIO()
    logs.configure(out)
    key = "vault key " + os.urandom(4).hex()
    try:
        raise OSError(5, "Input/output error")
    except OSError:
        structlog.get_logger("test").exception("fault", path="/v1/push")
    said = out.getvalue()
    assert "OSError: [Errno 5]" in said
    assert "/v1/push" in said
    assert key not in said


@pytest.mark.parametrize("as_json", [False, True])
def test_no_line_quotes_a_person(as_json: bool) -> None:
    """Neither what an error says of its values nor a word that nobody listed."""
    out = io.StringIO()
    logs.configure(out, as_json=as_json)
    log = structlog.get_logger("test")
    for fault in (Refused("no account {name} is here", name="林晚晴"), ValueError("林晚晴")):
        try:
            raise fault
        except Exception:
            log.exception("fault", path="/office", person="林晚晴")
        log.warning("in vain", reason=logs.words_of(fault))
    said = out.getvalue()
    assert "no account {name} is here" in said
    assert "ValueError" in said
    assert "test_no_line_quotes_a_person" in said
    assert "林晚晴" not in said


def test_a_log_on_a_full_disk_does_not_stop_the_writer(
    start_server: Callable[..., Server], enrolled_county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit fails and so does the line that says so: the next push is admitted all the same."""
    server = start_server(enrolled_county)
    tablet = tablet_of(server)
    items = tablet.links(tablet.world.inspection())

    def fails(*_: object) -> None:
        raise OperationalError("COMMIT", {}, OSError(28, "No space left on device"))

    full = Path("/dev/full").open("w")  # noqa: SIM115  (closing it fails too)
    with contextlib.suppress(OSError), full, monkeypatch.context() as patch:
        logs.configure(full)
        patch.setattr(rows, "write_heads", fails)
        assert tablet.push_response(items).status_code == 503
        patch.undo()
        said = tablet.push_response(items).status_code
    assert said == 200


def test_a_program_in_the_same_process_that_hid_warnings_hides_them_no_more() -> None:
    """Whoever configures the log gets all of it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    out = io.StringIO()
    logs.configure(out)
    structlog.get_logger("x").warning("a witness did not cosign", witness="w1.example")
    assert "a witness did not cosign" in out.getvalue()
