"""Why a journal stops is written down once: what the server gives is what the protocol names, and
each reason has its way out, the same for the command, the page and the tablet."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from field_client.contact.reopening import LIFTED
from field_client.flow import losing
from sync_server import words
from sync_server.devices import importing
from sync_server.log import intake, push
from sync_server.log.intake import Stopped

DOCS = Path(__file__).parents[2] / "docs"
OTHERS = {"malformed", "unknown_device", "foreign_journal"}
"""For the operator to look at: no way out that holds for all of them."""


def given() -> set[str]:
    """The reasons in the code that stops a push."""
    found = set()
    for module in (intake, push):
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == Stopped.__name__:
                reason = node.args[0]
                assert isinstance(reason, ast.Constant)
                found.add(reason.value)
    return found


def test_the_protocol_names_every_reason_and_no_other() -> None:
    text = (DOCS / "protocol.md").read_text(encoding="utf-8")
    (named,) = re.findall(r"sign a refusal \(([^)]*)\)", text)
    assert set(re.findall(r"`(\w+)`", named)) == given()


def test_each_reason_has_one_way_out_in_both_languages() -> None:
    assert set(importing.WAYS_OUT) | OTHERS == given()
    assert not OTHERS & importing.WAYS_OUT.keys()
    for reason in given():
        said = importing.way_out(reason)
        assert words.translate(said, "zh_CN") != said


def test_what_the_tablet_waits_for_is_among_them() -> None:
    """Reasons that another journal lifts, and the one that asks why at once."""
    assert {*LIFTED, losing.REVOKED} <= given()


@pytest.mark.parametrize("reason", ["gap", "closed", "malformed"])
def test_the_command_says_what_the_page_says(reason: str) -> None:
    stopped = Stopped(reason, "because")
    page = importing.Page(0, push.Pushed((), intake.Head(0, b""), {}, stopped))
    told = [*importing.tell([importing.Brought(b"\1" * 16, (page,))])]
    assert told[-1].endswith(importing.way_out(reason))
